"""The corpus check passes valid files and reports each kind of fault with its place and fix."""

import json
import runpy
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package, system

from g7tag.codebook import ACTS, Codebook, load_codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.corpus.agreement import coding_agreement
from g7tag.corpus.checks import Leakage, check_corpus, leakage_failures, measure_leakage
from g7tag.corpus.reading import COLUMNS, OPTIONAL, REQUIRED
from g7tag.errors import FrameError, InputError
from g7tag.evidence import Evidence
from g7tag.store import data_path, read_table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return read_table(bundled_corpus()[0])


def failures(tmp_path: Path, table: pd.DataFrame, codebook: Codebook, *, reports: tuple[str, ...] = ()) -> list[str]:
    table.to_csv(tmp_path / "c.csv", index=False)
    columns = COLUMNS if set(COLUMNS) <= set(table) else REQUIRED
    found = check_corpus([tmp_path / "c.csv"], codebook, reports=reports, columns=columns)
    return [str(failure) for failure in found]


def changed(table: pd.DataFrame, row: int, **cells: str) -> pd.DataFrame:
    copy = table.copy()
    for name, cell in cells.items():
        copy.loc[row - 1, name] = cell
    return copy


def test_the_bundled_corpus_passes(codebook: Codebook) -> None:
    assert check_corpus(bundled_corpus(), codebook) == []


@pytest.mark.chapter
def test_the_corpus_has_exactly_the_chapters_items_and_copies_nothing(
    table: pd.DataFrame, codebook: Codebook, chapter: Evidence
) -> None:
    assert set(table["item_id"]) == set(chapter.items["item_id"])
    assert table["sentence_id"].tolist() == chapter.sentences["sentence_id"].tolist()
    assert check_corpus(bundled_corpus(), codebook, reports=chapter.documents["text"]) == []


def test_a_broken_copy_is_refused_with_a_message_for_each_fault(
    tmp_path: Path, table: pd.DataFrame, codebook: Codebook
) -> None:
    copied = "The ministers of twelve small islands agreed to count their goats on every second Monday of May."
    broken = changed(table, 3, date="2024-02-30")
    broken = changed(broken, 5, dimensions="praise")
    broken = changed(broken, 8, text=table["text"].iloc[6])
    broken = changed(broken, 10, text=copied)
    found = failures(tmp_path, broken, codebook, reports=(f"In short: {copied}",))
    assert found == [
        "c.csv, row 5: dimension is not one of prevent, counter, dismantle, disrupt. Label it with the codebook again.",
        "c.csv, row 3: date is not a date: '2024-02-30'. Write it as 2024-07-05.",
        "c.csv, row 8: is a duplicate. Remove one of the two.",
        "c.csv, row 10: shares 12 words with a report: 'the ministers of twelve small islands agreed to count their "
        "goats on'. Rephrase it in your own words.",
    ]


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
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_fault_of_a_row_is_named(
    tmp_path: Path, table: pd.DataFrame, codebook: Codebook, cells: dict[str, str], problem: str
) -> None:
    assert any(problem in line for line in failures(tmp_path, changed(table, 1, **cells), codebook))


def test_a_missing_and_an_unknown_column_are_named(tmp_path: Path, table: pd.DataFrame, codebook: Codebook) -> None:
    table.drop(columns="part").assign(colour="red").to_csv(tmp_path / "c.csv", index=False)
    found = [str(each) for each in check_corpus([tmp_path / "c.csv"], codebook, columns=COLUMNS)]
    assert found == ["c.csv: column 'part' is missing. Add it.", "c.csv: column 'colour' is unknown. Remove it."]
    found = failures(tmp_path, table.drop(columns=["part", "text"]), codebook)
    assert found == ["c.csv: column 'text' is missing. Add it."]


SAID = {
    "act": "done", "part": "train", "cluster": "a", "date": "2030-01-02", "position": "1",
    "url": "https://a.example/1", "note": "n", "contradicts": "false", "publisher": "The Buoy",
}  # fmt: skip
OWN = [f"{coder}_{name}" for coder in ("c1", "c2") for name in ("dimensions", "strength", "exclusion")]


def accepted(path: Path, codebook: Codebook) -> tuple[bool, bool]:
    """Whether a file can be trained on, and whether the check passes it."""
    try:
        read_corpus([path], codebook)
    except FrameError:
        trains = False
    else:
        trains = True
    return trains, not [one for one in check_corpus([path], codebook) if not one.weak]


def test_the_check_passes_every_file_that_can_be_trained_on_and_no_other(tmp_path: Path) -> None:
    """With and without the optional columns, filled, empty, wrong, and more columns."""
    book = load_codebook(data_path("examples/harbours.toml"))
    table = read_table(data_path("examples/harbours-labelled.csv"))
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


def test_what_is_given_is_checked_and_what_is_missing_is_not(
    tmp_path: Path, table: pd.DataFrame, codebook: Codebook
) -> None:
    few = table[["text", "dimensions", "strength", "url"]]
    assert failures(tmp_path, few, codebook) == []
    assert "row 2: weakness: url is not a URL" in failures(tmp_path, changed(few, 2, url="x"), codebook)[0]
    assert "row 2: strength is not one of" in failures(tmp_path, changed(few, 2, strength="x"), codebook)[0]


def test_a_cluster_in_two_parts_and_a_near_duplicate_over_parts_are_named(
    tmp_path: Path, table: pd.DataFrame, codebook: Codebook
) -> None:
    train, test = (table.index[table["part"] == part][0] for part in ("train", "test"))
    twin = table.loc[train, "text"].replace("the", "a", 1)
    found = "\n".join(failures(tmp_path, changed(table, test + 1, text=twin), codebook))
    assert "which is in another cluster and part. Give both one cluster and part." in found
    split = changed(table, train + 1, cluster=table.loc[test, "cluster"])
    assert "cluster can-01 is in several parts. Put all its rows into one part." in "\n".join(
        failures(tmp_path, split, codebook)
    )
    for part in ("train", "test"):
        table[table["part"] == part].assign(cluster="one").to_csv(tmp_path / f"{part}.csv", index=False)
    files = [tmp_path / "train.csv", tmp_path / "test.csv"]
    assert "cluster one is in several parts" in "\n".join(map(str, check_corpus(files, codebook)))


def test_two_files_of_one_name_are_refused(tmp_path: Path, table: pd.DataFrame, codebook: Codebook) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        table.to_csv(tmp_path / folder / "c.csv", index=False)
    for read in (read_corpus, check_corpus):
        with pytest.raises(InputError, match=r"c\.csv: 2 files have this name"):
            read([tmp_path / "a" / "c.csv", tmp_path / "b" / "c.csv"], codebook)


def test_labels_told_by_the_publisher_are_called_given_away(codebook: Codebook) -> None:
    rows = [
        {"text": "Some words here.", "member": "Italy", "date": "2024-07-01", "publisher": key, "source_type": "press",
         "cluster": f"c{number}",
         "part": "train", "dimensions": key}
        for number in range(40) for key in codebook.dimension_keys
    ]  # fmt: skip
    together, *each = measure_leakage(pd.DataFrame(rows), codebook)
    # Always yes: each dimension holds in a quarter, F1 = 2 * 0.25 / 1.25 = 0.4; the publisher tells all.
    assert together.prior_f1 == pytest.approx(0.4)
    assert max(each, key=lambda one: one.macro_f1) == ("publisher", 1.0, pytest.approx(0.4))
    assert [str(failure) for failure in leakage_failures([together, *each])] == [
        "corpus: weakness: member, month, publisher, source type, length alone reach macro-F1 1.00, "
        "the class prior 0.40; "
        "publisher reaches the most (1.00). Add sentences in which it does not predict the label."
    ]
    assert leakage_failures([Leakage("all", 0.45, 0.4), Leakage("month", 0.4, 0.4)]) == []


def test_agreement_has_a_row_for_each_label_with_its_interval(table: pd.DataFrame, codebook: Codebook) -> None:
    found = coding_agreement(table, codebook).set_index("label")
    assert found.index.tolist() == [*codebook.dimension_keys, "strength", "border", *ACTS]
    assert (found["n"] == len(table)).all()
    found = found[found["alpha"].notna()]  # the chapter has no act that was not done or reversed
    assert len(found) == 9
    assert ((found["low"] <= found["alpha"]) & (found["alpha"] <= found["high"])).all()


def test_the_data_package_is_generated_and_sound() -> None:
    path = data_path("datapackage.json")
    command = "python tools/make_datapackage.py"
    books = [load_codebook(file) for file in sorted(data_path("codebooks").glob("*.toml"))]
    describe = runpy.run_path(str(path.parents[1] / "tools/make_datapackage.py"))["describe_package"]
    assert json.loads(path.read_text(encoding="utf-8")) == describe(books), f"generate it again: {command}"
    with system.use_context(trusted=True):
        report = Package(str(path)).validate()
    assert report.valid, report.flatten(["type", "message"])
