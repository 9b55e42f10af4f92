"""The corpus check passes valid files and reports each kind of fault with its place and fix."""

import pandas as pd
import pytest

from g7tag.codebook import load_codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.corpus.checks import check_corpus, coverage_failures, leakage_failures, measure_leakage
from g7tag.corpus.reading import COLUMNS, OPTIONAL, REQUIRED
from g7tag.errors import FrameError
from g7tag.store import data_path, read_table


@pytest.fixture(scope="module")
def table():
    """The first sentences of a file with all columns, of more than one part."""
    whole = read_table(bundled_corpus()[0])
    kept = whole["item_id"].isin(whole["item_id"].unique()[:8]) | whole["sentence_id"].isin(
        whole.loc[whole["part"] == "test", "sentence_id"].head(1)
    )
    return whole[kept & (whole["position"].astype("int64") == 1)].head(9).reset_index(drop=True)


def failures(tmp_path, table, codebook, *, reports=()):
    table.to_csv(tmp_path / "c.csv", index=False)
    complete = set(COLUMNS) <= set(table)
    return [str(one) for one in check_corpus([tmp_path / "c.csv"], codebook, reports=reports, complete=complete)]


def changed(table, row, **cells):
    copy = table.copy()
    for name, cell in cells.items():
        copy.loc[row - 1, name] = cell
    return copy


def test_a_broken_copy_is_refused_with_a_message_for_each_fault(tmp_path, table, codebook):
    assert failures(tmp_path, table, codebook) == []
    copied = "The ministers of twelve small islands agreed to count their goats on every second Monday of May."
    broken = changed(table, 3, date="2024-02-30")
    broken = changed(broken, 5, dimensions="praise", strength="strong", act="done")
    broken = changed(broken, 7, text=table["text"].iloc[5])
    broken = changed(broken, 8, text=copied)
    found = failures(tmp_path, broken, codebook, reports=(f"In short: {copied}",))
    assert [line for line in found if "both coders" not in line] == [
        "c.csv, row 5: dimension is not one of prevent, counter, dismantle, disrupt. Label it with the codebook again.",
        "c.csv, row 3: date is not a date: '2024-02-30'. Write it as 2024-07-05.",
        "c.csv, row 7: is a duplicate. Remove one of the two.",
        "c.csv, row 8: shares 12 words with a report: 'the ministers of twelve small islands agreed to count their "
        "goats on'. Rephrase it in your own words.",
    ]
    for n, message in ((11, ""), (12, "shares 12 words with a report")):
        words = " ".join(copied.split()[-n:])
        assert message in "".join(failures(tmp_path, changed(table, 8, text=words), codebook, reports=(copied,)))
        assert bool(failures(tmp_path, changed(table, 8, text=words), codebook, reports=(copied,))) == (n == 12)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"member": "Spain"}, "row 1: member is not in the codebook"),
        ({"url": "www.example"}, "row 1: url is not a URL"),
        ({"published": "May 2024"}, "row 1: published is not a date: 'May 2024'"),
        ({"position": "0"}, "row 1: position does not increase in its item"),
        ({"sentence_id": "x"}, "row 1: sentence_id is not item_id.position"),
        ({"text": "One came. Two left."}, "row 1: text is not one sentence"),
        ({"contradicts": "maybe"}, "row 1: contradicts is not true or false"),
        ({"part": "exam"}, "row 1: part is not one of train, dev, test"),
        ({"cluster": ""}, "row 1: cluster is empty"),
        ({"c1_strength": "loud"}, "row 1: coder 1: strength is not one of strong, weak, none"),
        ({"rules_version": ""}, "row 1: rules_version is empty"),
        ({"c1_act": "reversed", "note": ""}, "row 1: the coders disagreed and no reason is given"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_fault_of_a_row_is_named(tmp_path, table, codebook, cells, problem):
    assert any(problem in line for line in failures(tmp_path, changed(table, 1, **cells), codebook))


def test_a_missing_and_an_unknown_column_are_named(tmp_path, table, codebook):
    table.drop(columns="part").assign(colour="red").to_csv(tmp_path / "c.csv", index=False)
    found = [str(each) for each in check_corpus([tmp_path / "c.csv"], codebook, complete=True)]
    assert found == ["c.csv: column 'part' is missing. Add it.", "c.csv: column 'colour' is unknown. Remove it."]
    found = failures(tmp_path, table.drop(columns=["part", "text"]), codebook)
    assert found == ["c.csv: column 'text' is missing. Add it."]


def test_what_is_given_is_checked_and_what_is_missing_is_not(tmp_path, table, codebook):
    few = table[["text", "dimensions", "strength", "url"]]
    assert failures(tmp_path, few, codebook) == []
    assert "row 2: weakness: url is not a URL" in failures(tmp_path, changed(few, 2, url="x"), codebook)[0]
    assert "row 2: strength is not one of" in failures(tmp_path, changed(few, 2, strength="x"), codebook)[0]


def test_a_cluster_in_two_parts_and_a_near_duplicate_over_parts_are_named(tmp_path, table, codebook):
    train, test = (table.index[table["part"] == part][0] for part in ("train", "test"))
    twin = table.loc[train, "text"].replace("the", "a", 1)
    found = "\n".join(failures(tmp_path, changed(table, test + 1, text=twin), codebook))
    assert "which is in another cluster and part. Give both one cluster and part." in found
    same = changed(table, test + 1, text=twin, cluster=table.loc[train, "cluster"], part=table.loc[train, "part"])
    assert "near-duplicate" not in "\n".join(failures(tmp_path, same, codebook))
    split = changed(table, train + 1, cluster=table.loc[test, "cluster"])
    assert "is in several parts. Put all its rows into one part." in "\n".join(failures(tmp_path, split, codebook))
    for part in ("train", "test"):
        table[table["part"] == part].assign(cluster="one").to_csv(tmp_path / f"{part}.csv", index=False)
    files = [tmp_path / "train.csv", tmp_path / "test.csv"]
    assert "cluster one is in several parts" in "\n".join(map(str, check_corpus(files, codebook)))


SAID = {
    "act": "done", "part": "train", "cluster": "a", "date": "2030-01-02", "position": "1",
    "url": "https://a.example/1", "note": "n", "contradicts": "false", "publisher": "The Buoy",
}  # fmt: skip
OWN = [f"{coder}_{name}" for coder in ("c1", "c2") for name in ("dimensions", "strength", "exclusion")]


def accepted(path, codebook):
    """Whether a file can be trained on, and whether the check passes it."""
    try:
        read_corpus([path], codebook)
    except FrameError:
        trains = False
    else:
        trains = True
    return trains, not [one for one in check_corpus([path], codebook) if not one.weak]


@pytest.mark.slow
def test_the_check_passes_every_file_that_can_be_trained_on_and_no_other(tmp_path):
    """With and without the optional columns, filled, empty, wrong, and more columns."""
    book = load_codebook(data_path("examples/harbours.toml"))
    table = read_table(data_path("examples/harbours-labelled.csv")).head(8)
    coded = table.assign(**{f"{coder}_{name}": table[name] for coder in ("c1", "c2") for name in table.columns[-2:]})
    coded = coded.assign(c1_exclusion="", c2_exclusion="", exclusion="")
    variants = {
        "as it is": table, "required": table[list(REQUIRED)], "coded": coded, "comment": table.assign(comment="x"),
        "empty": table.iloc[:0], "own ids": table.assign(sentence_id="", item_id=[f"i{n}" for n in table.index]),
        "disagreed": coded.assign(c2_strength=coded["strength"].replace("strong", "weak")),
        "not coded by both": coded.assign(c2_strength="", c2_dimensions=""),
        "sentences": table.assign(text=table["text"] + " Then it rained."), "twice": pd.concat([table, table]),
        **{f"without {name}": table.drop(columns=name) for name in table},
        **{f"without {name}": coded.drop(columns=name) for name in OWN},
        **{f"{name}={cell}": table.assign(**{name: cell}) for name in OPTIONAL for cell in ("", "x")},
        **{f"{name}={cell}": table.assign(**{name: cell}) for name, cell in SAID.items()},
    }  # fmt: skip
    outcomes = {}
    for name, variant in variants.items():
        variant.to_csv(tmp_path / "c.csv", index=False)
        outcomes[name] = accepted(tmp_path / "c.csv", book)
    assert {name: both for name, both in outcomes.items() if both[0] != both[1]} == {}
    assert outcomes["required"] == outcomes["comment"] == outcomes["disagreed"] == (True, True)
    assert outcomes["empty"] == outcomes["without text"] == outcomes["without c1_exclusion"] == (False, False)


def test_labels_told_by_the_publisher_are_called_given_away(codebook):
    rows = [
        {"text": "Some words here.", "member": "Italy", "date": "2024-07-01", "publisher": key, "source_type": "press",
         "cluster": f"c{number}", "part": "train", "dimensions": key}
        for number in range(10) for key in codebook.dimension_keys
    ]  # fmt: skip
    measured = measure_leakage(pd.DataFrame(rows), codebook)
    # Always yes: each dimension holds in a quarter, F1 = 2 * 0.25 / 1.25 = 0.4; the publisher tells all.
    assert measured["prior_f1"].tolist() == pytest.approx([0.4] * 6)
    assert measured.set_index("features")["macro_f1"][["publisher", "month"]].tolist() == pytest.approx([1.0, 0.4])
    assert [str(failure) for failure in leakage_failures(measured)] == [
        "corpus: weakness: member, month, publisher, source type, length alone reach macro-F1 1.00, "
        "the class prior 0.40; "
        "publisher reaches the most (1.00). Add sentences in which it does not predict the label."
    ]
    assert leakage_failures(measured.assign(macro_f1=0.45)) == []


def test_what_a_corpus_has_too_few_of_is_a_weakness(codebook):
    members = [name for name in codebook.codes for _ in range(500)]
    corpus = pd.DataFrame({"member": members}).assign(act="done", exclusion="", part="train", source_type="police")
    acts = ["planned"] * 500 + ["not_done"] * 300 + ["reversed"] * 199 + ["background"] * 500
    corpus.loc[: len(acts) - 1, "act"] = acts
    corpus.loc[:299, "exclusion"], corpus.loc[:899, "part"] = "border", "test"
    found = [str(one) for one in coverage_failures(corpus, codebook)]
    assert found == [
        "corpus: weakness: 499 sentences whose act is not_done or reversed, expected at least 500. Add such sentences."
    ]
    press = corpus.assign(source_type=["press"] * 1640 + ["police"] * 2360)
    assert "41% of the sentences are from the press" in str(coverage_failures(press, codebook)[-1])
