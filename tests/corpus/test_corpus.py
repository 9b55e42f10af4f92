"""The bundled corpus follows its rules, and files that break them are reported."""

from pathlib import Path

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.corpus import bundled_corpus, read_corpus, without_members
from g7tag.errors import FrameError
from g7tag.evidence import Evidence
from g7tag.frames.labels import label_of_act
from g7tag.store import data_path


@pytest.fixture(scope="session")
def bundled(codebook: Codebook) -> pd.DataFrame:
    return read_corpus(bundled_corpus(), codebook)


LABEL = ["dimensions", "strength", "act", "exclusion"]


def write(path: Path, *rows: str, header: str = "text,dimensions,strength,exclusion,item_id,sentence_id") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_the_bundled_corpus_has_at_least_18_sentences_of_each_member(bundled: pd.DataFrame, codebook: Codebook) -> None:
    counts = bundled["member"].value_counts()
    assert set(counts.index) == set(codebook.codes)
    assert counts.min() >= 18


def test_every_label_of_the_bundled_corpus_occurs(bundled: pd.DataFrame, codebook: Codebook) -> None:
    labelled = set(";".join(bundled["dimensions"]).split(";")) - {""}
    assert labelled == set(codebook.dimension_keys)
    assert set(bundled["strength"]) == {"strong", "weak", "none"}
    assert set(bundled["exclusion"]) == {"", "border"}


def test_the_bundled_corpus_keeps_both_coders_labels(codebook: Codebook) -> None:
    raw = pd.read_csv(bundled_corpus()[0], keep_default_na=False)
    agreed = (raw["c1_dimensions"] == raw["c2_dimensions"]) & (raw["c1_strength"] == raw["c2_strength"])
    agreed &= (raw["c1_exclusion"] == raw["c2_exclusion"]) & (raw["c1_act"] == raw["c2_act"])
    common = label_of_act(raw[[f"c1_{name}" for name in LABEL]].set_axis(LABEL, axis=1))
    assert (raw.loc[agreed, LABEL] == common[agreed]).all(axis=None)
    assert (raw.loc[~agreed, "note"] != "").all()  # an adjudication states its reason


@pytest.mark.chapter
def test_the_bundled_items_are_items_of_the_chapter(bundled: pd.DataFrame, chapter: Evidence) -> None:
    items = chapter.items.set_index("item_id")
    restated = bundled[bundled["file"] == "apulia-2024.csv"]
    assert set(restated["item_id"]) <= set(items.index)
    dates = items.loc[restated["item_id"], "date"].dt.strftime("%Y-%m-%d").to_list()
    assert restated["date"].to_list() == dates


def test_the_earlier_actions_are_many_and_end_before_the_chapter(bundled: pd.DataFrame, codebook: Codebook) -> None:
    earlier = bundled[bundled["file"] == "earlier-actions.csv"]
    assert len(earlier) >= 1000
    assert earlier["item_id"].nunique() >= 400
    assert earlier["member"].value_counts().reindex(codebook.codes).min() >= 80
    assert earlier["date"].min() >= "2013-01-01"
    assert earlier["date"].max() <= "2024-05-31"  # later events are kept for evaluation from the outside
    assert earlier["url"].str.startswith("http").all()
    assert not earlier["item_id"].str.startswith(f"{codebook.commitment.id}/").any()


def test_the_earlier_actions_hold_what_is_rare(bundled: pd.DataFrame, codebook: Codebook) -> None:
    earlier = bundled[bundled["file"] == "earlier-actions.csv"]
    counts = earlier["dimensions"].str.split(";").explode().value_counts()
    assert counts[codebook.dimension_keys].min() >= 150
    assert (earlier["strength"] == "weak").sum() >= 200
    assert (earlier["dimensions"] == "").sum() >= 250
    assert (earlier["exclusion"] == "border").sum() >= 80
    words = earlier["text"].str.split().str.len()
    assert words.between(5, 62).all()


def test_both_coders_of_every_sentence_are_kept_in_the_codings() -> None:
    for path in bundled_corpus():
        corpus = pd.read_csv(path, dtype="str", keep_default_na=False).set_index("sentence_id")
        codings = pd.read_csv(data_path(f"codings/{path.name}"), dtype="str", keep_default_na=False)
        assert set(codings["sentence_id"]) == set(corpus.index)
        labels = [name for name in ("dimensions", "strength", "act", "exclusion") if name in codings]
        made = codings.groupby("sentence_id")[labels].agg(set).loc[corpus.index]
        for name in labels if "apulia" not in path.name else ["exclusion"]:  # the chapter's dismantle was coded again
            coded = zip(corpus[f"c1_{name}"], corpus[f"c2_{name}"], made[name], strict=True)
            assert all({one, other} <= found for one, other, found in coded)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        (" ,counter,strong,,a,1", "row 1: text is empty (1 row)"),
        (
            "He spoke.,praise,strong,,a,1",
            "row 1: dimension is not one of prevent, counter, dismantle, disrupt (1 row)",
        ),
        ("He spoke.,counter,loud,,a,1", "row 1: strength is not one of strong, weak, none (1 row)"),
        ("He spoke.,,none,coast,a,1", "row 1: exclusion is not one of 'border' (1 row)"),
        ("He spoke.,counter,none,,a,1", "row 1: strength must be none exactly when there is no dimension (1 row)"),
        ("He spoke.,counter,weak,border,a,1", "row 1: a sentence with a dimension has an exclusion (1 row)"),
    ],
    ids=["text", "dimension", "strength", "exclusion", "strength-alone", "excluded-and-tagged"],
)
def test_a_row_that_breaks_a_rule_is_named(tmp_path: Path, codebook: Codebook, row: str, cause: str) -> None:
    path = write(tmp_path / "bad.csv", row)
    with pytest.raises(FrameError) as caught:
        read_corpus([path], codebook)
    assert str(caught.value).splitlines()[1].strip() == cause


def test_all_broken_rules_are_named_at_once(tmp_path: Path, codebook: Codebook) -> None:
    path = write(
        tmp_path / "bad.csv", "One.,praise,weak,,a,1", "Two.,,weak,,b,2", "Three.,,none,,a,3", "Four.,,none,,c,3"
    )
    with pytest.raises(FrameError, match=r"row 1: dimension(.|\n)*row 2: strength must be none") as caught:
        read_corpus([path], codebook)
    assert "row 4: sentence_id appears twice (1 row)" in str(caught.value)
    assert "row 3: rows of an item are not adjacent (1 row)" in str(caught.value)


def test_a_file_without_labels_is_no_corpus(tmp_path: Path, codebook: Codebook) -> None:
    path = write(tmp_path / "plain.csv", "He spoke.", header="text")
    with pytest.raises(
        FrameError, match=r"not a corpus, found 'text'\. Expected rows with the columns text, dimensions"
    ):
        read_corpus([path], codebook)


def test_a_sentence_in_two_files_is_refused(tmp_path: Path, codebook: Codebook) -> None:
    row = "He spoke.,counter,weak,,a,s1"
    paths = [write(tmp_path / name, row) for name in ("one.csv", "two.csv")]
    with pytest.raises(FrameError, match=r"corpus: sentence_id 's1' appears in two files"):
        read_corpus(paths, codebook)


def test_a_member_leaves_with_the_rows_of_its_clusters() -> None:
    corpus = pd.DataFrame({"member": ["Japan", "Italy", "Italy", "Canada"], "cluster": ["g7", "g7", "", "visit"]})
    assert without_members(corpus, ["Japan"]).index.tolist() == [2, 3]
    assert without_members(corpus, []).index.tolist() == [0, 1, 2, 3]
    with pytest.raises(FrameError, match=r"no sentences of 'Spain'\. Members are Canada, Italy, Japan"):
        without_members(corpus, ["Spain"])


CODED = "text,dimensions,strength,exclusion,c1_dimensions,c1_strength,c1_exclusion"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("They met.,,none,,,none,Border", r"row 2: c1: exclusion is not one of 'border' \(1 row\)"),
        ("They met.,,none,,prevnt,weak,", r"row 2: c1: dimension is not one of prevent, "),
        ("They met.,,none,,counter,,", r"row 2: c1: strength is not one of "),
    ],
)
def test_the_coders_labels_follow_the_codebook_too(tmp_path: Path, codebook: Codebook, row: str, problem: str) -> None:
    uncoded = "Police arrested nine.,counter,strong,,,,"
    with pytest.raises(FrameError, match=problem):
        read_corpus([write(tmp_path / "c.csv", uncoded, row, header=CODED)], codebook)
    assert len(read_corpus([write(tmp_path / "c.csv", uncoded, header=CODED)], codebook)) == 1


def test_a_coder_has_all_columns_or_none(tmp_path: Path, codebook: Codebook) -> None:
    path = write(
        tmp_path / "c.csv", "They met.,,none,,none", header="text,dimensions,strength,c1_dimensions,c1_strength"
    )
    with pytest.raises(FrameError, match=r"column 'c1_exclusion' is missing\. Expected c1_dimensions, c1_strength, "):
        read_corpus([path], codebook)
