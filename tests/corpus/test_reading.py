"""Labelled files are read, and rows that break a rule, or make a tagger look better than it is, are named."""

import pandas as pd
import pytest

from g7tag.corpus import read_corpus, without_members
from g7tag.corpus.reading import weaknesses
from g7tag.errors import FrameError, InputError

LABELS = "text,dimensions,strength,exclusion,item_id,sentence_id,part"
CODED = "text,dimensions,strength,exclusion,c1_dimensions,c1_strength,c1_exclusion"


def write(path, *rows, header=LABELS):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("row", "cause"), [
    (" ,counter,strong,,a,1,", "row 1: text is empty (1 row)"),
    ("He spoke.,praise,weak,,a,1,", "row 1: dimension is not one of prevent, counter, dismantle, disrupt (1 row)"),
    ("He spoke.,counter,loud,,a,1,", "row 1: strength is not one of strong, weak, none (1 row)"),
    ("He spoke.,,none,coast,a,1,", "row 1: exclusion is not one of 'border' (1 row)"),
    ("He spoke.,counter,none,,a,1,", "row 1: strength must be none exactly when there is no dimension (1 row)"),
    ("He spoke.,counter,weak,border,a,1,", "row 1: a sentence with a dimension has an exclusion (1 row)"),
    ("He spoke.,counter,weak,,a,1,Test", "row 1: part is not one of train, dev, test (1 row)"),
], ids=["text", "dimension", "strength", "exclusion", "strength-alone", "excluded-and-tagged", "part"])  # fmt: skip
def test_a_row_that_breaks_a_rule_is_named(tmp_path, codebook, row, cause):
    with pytest.raises(FrameError) as caught:
        read_corpus([write(tmp_path / "bad.csv", row)], codebook)
    assert str(caught.value).splitlines()[1].strip() == cause


def test_all_broken_rules_are_named_at_once(tmp_path, codebook):
    rows = ("One.,praise,weak,,a,1", "Two.,,weak,,b,2", "Three.,,none,,a,3", "Four.,,none,,c,3")
    with pytest.raises(FrameError, match=r"row 1: dimension(.|\n)*row 2: strength must be none") as caught:
        read_corpus([write(tmp_path / "bad.csv", *rows)], codebook)
    assert "row 4: sentence_id appears twice (1 row)" in str(caught.value)
    assert "row 3: rows of an item are not adjacent (1 row)" in str(caught.value)


@pytest.mark.parametrize(("row", "problem"), [
    ("They met.,,none,,,none,Border", r"row 2: c1: exclusion is not one of 'border' \(1 row\)"),
    ("They met.,,none,,prevnt,weak,", r"row 2: c1: dimension is not one of prevent, "),
    ("They met.,,none,,counter,,", r"row 2: c1: strength is not one of "),
])  # fmt: skip
def test_the_coders_labels_follow_the_codebook_too(tmp_path, codebook, row, problem):
    uncoded = "Police arrested nine.,counter,strong,,,,"
    with pytest.raises(FrameError, match=problem):
        read_corpus([write(tmp_path / "c.csv", uncoded, row, header=CODED)], codebook)
    assert len(read_corpus([write(tmp_path / "c.csv", uncoded, header=CODED)], codebook)) == 1
    header = "text,dimensions,strength,c1_dimensions,c1_strength"
    some = write(tmp_path / "c.csv", "They met.,,none,,none", header=header)
    with pytest.raises(FrameError, match=r"column 'c1_exclusion' is missing\. Expected c1_dimensions, c1_strength, "):
        read_corpus([some], codebook)


def test_a_file_without_labels_is_no_corpus(tmp_path, codebook):
    message = r"not a corpus, found 'text'\. Expected rows with the columns text, dimensions"
    with pytest.raises(FrameError, match=message):
        read_corpus([write(tmp_path / "plain.csv", "He spoke.", header="text")], codebook)


def test_a_sentence_in_two_files_and_two_files_of_one_name_are_refused(tmp_path, codebook):
    row = "He spoke.,counter,weak,,a,s1"
    with pytest.raises(FrameError, match=r"corpus: sentence_id 's1' appears in two files"):
        read_corpus([write(tmp_path / name, row) for name in ("one.csv", "two.csv")], codebook)
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match=r"one\.csv: 2 files have this name"):
        read_corpus([tmp_path / "one.csv", write(tmp_path / "b" / "one.csv", row)], codebook)


def test_a_member_leaves_with_the_rows_of_its_clusters():
    corpus = pd.DataFrame({"member": ["Japan", "Italy", "Italy", "Canada"], "cluster": ["g7", "g7", "", "visit"]})
    assert without_members(corpus, ["Japan"]).index.tolist() == [2, 3]
    assert without_members(corpus, []).index.tolist() == [0, 1, 2, 3]
    with pytest.raises(FrameError, match=r"no sentences of 'Spain'\. Members are Canada, Italy, Japan"):
        without_members(corpus, ["Spain"])


TEXT = "The port of Arcadia built a lighthouse with two very strong lamps."
NEAR = TEXT.replace("two", "six")
TWIN = "c.csv: b is a near-duplicate of a, which is in another part. Give both one cluster and part."


@pytest.mark.parametrize(("second", "lines"), [
    ({"text": "A queen visited the islands in May."}, []),
    ({"text": TEXT.upper().replace(" ", "  ")}, ["c.csv: b is a duplicate. Remove one of the two."]),
    ({"text": NEAR}, []),
    ({"text": NEAR, "part": "test"}, [TWIN]),
    ({"text": NEAR, "part": "test", "cluster": "y"}, [TWIN]),
    ({"text": "It rained.", "part": "test", "cluster": "x"},
     ["cluster x is in several parts. Put all its rows into one part."]),
], ids=["other", "duplicate", "near, same part", "near, other part", "near, other cluster",
        "split cluster"])  # fmt: skip
@pytest.mark.parametrize("n_between", [0, 600])
def test_a_duplicate_and_what_is_shared_by_parts_are_named(second, lines, n_between):
    about = {"file": "c.csv", "part": "train", "cluster": ""}
    between = [about | {"sentence_id": f"r{n}", "text": f"{n * 7919:x} {n:b}"} for n in range(n_between)]
    first = about | {"sentence_id": "a", "text": TEXT, "cluster": "x" if second.get("cluster") else ""}
    assert weaknesses(pd.DataFrame([first, *between, about | {"sentence_id": "b"} | second])) == lines
