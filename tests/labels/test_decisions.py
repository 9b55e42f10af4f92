"""What people fill in is read as they mean it; each cell that cannot be used is named, and the other rows are read."""

import pandas as pd
import pytest

from g7tag.errors import InputError
from g7tag.labels import columns_to_fill, read_decisions

THREE = {"dimensions": "prevent;counter;disrupt", "strength": "weak"}
BOTH = {"dimensions": "prevent;counter", "strength": "weak"}
SENTENCES = pd.DataFrame({"sentence_id": ["i.1", "i.2", "i.3"], "text": ["text 1", "text 2", "text 3"]})

TICK, WEAK = {"counter": "x"}, {"counter": "x", "strength": "weak"}


@pytest.fixture
def read(codebook):
    def read(*rows):
        given = [{"sentence_id": "i.1", "strength": "", **row} for row in rows]
        return read_decisions(pd.DataFrame(given), SENTENCES, codebook)

    return read


def label_of(decisions):
    assert decisions.problems == []
    (row,) = decisions.rows.to_dict("records")
    return {name: value for name, value in row.items() if value not in ("", False) and name != "sentence_id"}


@pytest.mark.parametrize(("cells", "label"), [
    ({"counter": "x", "strength": "strong"}, {"dimensions": "counter", "strength": "strong"}),
    ({"Counter": "X", "prevent": "ja", "strength": " Weak "}, BOTH),
    ({"Disrupt business models": "✓", "strength": "STRONG"}, {"dimensions": "disrupt", "strength": "strong"}),
    ({"disrupt": "disrupt", "prevent": "no", "strength": "weak"}, {"dimensions": "disrupt", "strength": "weak"}),
    ({"counter": "1", "prevent": "0", "strength": "weak"}, {"dimensions": "counter", "strength": "weak"}),
    ({"dimensions": "disrupt;counter", "strength": "weak"}, {"dimensions": "counter;disrupt", "strength": "weak"}),
    ({"dimensions": "Counter / Prevent", "strength": "weak"}, BOTH),
    ({"dimensions": "counter and prevent", "strength": "weak"}, BOTH),
    ({"dimensions": "disrupt business models | prevent|counter", "strength": "weak"}, THREE),
    ({"dimensions": "none"}, {"strength": "none"}),
    ({"dimensions": "counter", "prevent": "x", "strength": "weak"}, BOTH),
    ({"act": "Not done"}, {"strength": "none", "act": "not_done"}),
    ({"act": "background", "Comment": "why"}, {"strength": "none", "act": "background", "note": "why"}),
    ({"exclusion": "Border"}, {"strength": "none", "exclusion": "border"}),
    ({"contradicts": "Yes", "strength": "none"}, {"strength": "none", "contradicts": True}),
    ({"act": "done", "unsure": "x"}, {"strength": "none", "act": "done", "unsure": True}),
    ({"Sentence": "text  1", "strength": "none"}, {"strength": "none"}),
], ids=str)  # fmt: skip
def test_a_row_is_read_as_people_fill_it_in(read, cells, label):
    assert label_of(read(cells)) == label


@pytest.mark.parametrize("cells", [
    {}, {"dimensions": None, "strength": None}, {"contradicts": "no"}, {"counter": "-", "prevent": "False"},
], ids=str)  # fmt: skip
def test_a_row_in_which_nothing_is_decided_is_skipped(read, cells):
    decisions = read(cells)
    assert decisions.rows.empty
    assert decisions.problems == []


@pytest.mark.parametrize(("cells", "column", "cause"), [
    (TICK | {"strength": "stong"}, "strength", "'stong' is not one of strong, weak, none. Did you mean 'strong'?"),
    ({"counter": "perhaps", "strength": "weak"}, "counter", "'perhaps' is not known. Enter x for yes"),
    ({"dimensions": "counter;dismantel"}, "dimensions", "'dismantel' is not one of prevent, counter, "),
    (TICK, "strength", "is empty, but there are dimensions (counter). Expected strong or weak"),
    (TICK | {"strength": "none"}, "strength", "is 'none', but there are dimensions (counter). Expected"),
    ({"strength": "weak"}, "strength", "is 'weak', but no dimension is ticked. Tick one, or set it to none"),
    (WEAK | {"exclusion": "border"}, "exclusion", "is 'border', but there are dimensions (counter). Empty this or"),
    ({"exclusion": "sea"}, "exclusion", "'sea' is not one of border."),
    (WEAK | {"act": "reversed"}, "act", "is 'reversed', but there are dimensions (counter). Only acts done"),
    (TICK | {"strength": "strong", "act": "planned"}, "strength", "is 'strong', but the act is planned."),
    ({"act": "doen"}, "act", "'doen' is not one of done, planned, not_done, reversed, "),
    ({"strength": "none", "contradicts": "maybe"}, "contradicts", "'maybe' is not known. Enter x for yes"),
    ({"note": "later"}, "note", "the row has no label; fill in strength or act, or empty it"),
    ({"unsure": "x"}, "unsure", "the row has no label; fill in strength or act, or empty it"),
    ({"sentence_id": "i.11", "strength": "none"}, "sentence_id", "'i.11' is not a sentence of this run's"),
    ({"sentence_id": "", "strength": "none"}, "sentence_id", "'' is not a sentence of this run's commitment."),
    ({"strength": "none", "text": "other"}, "text", "the text of 'i.1' differs in this run"),
    ({"strength": "none", "note": "x" * 5001}, "note", "the comment has 5,001 characters, expected at most 5,000"),
], ids=str)  # fmt: skip
def test_a_cell_that_cannot_be_used_is_named_and_the_other_rows_are_read(read, cells, column, cause):
    good = {"sentence_id": "i.2", "counter": "x", "strength": "weak"}
    decisions = read(good, cells)
    assert [(problem.row, problem.column) for problem in decisions.problems] == [(1, column)]
    assert decisions.problems[0].cause.startswith(cause)
    assert decisions.rows["sentence_id"].tolist() == ["i.2"]


def test_every_wrong_cell_of_a_row_is_named_with_a_word_that_is_nearly_right(read):
    decisions = read(
        {"sentence_id": "i.9", "dimensions": "dismantel", "strength": "stong", "act": "zzz", "counter": "?"}
    )
    assert [(problem.column, problem.cause.split(". ")[0]) for problem in decisions.problems] == [
        ("counter", "'?' is not known"),
        ("dimensions", "'dismantel' is not one of prevent, counter, dismantle, disrupt"),
        ("strength", "'stong' is not one of strong, weak, none"),
        ("act", "'zzz' is not one of done, planned, not_done, reversed, background."),
        ("sentence_id", "'i.9' is not a sentence of this run's commitment"),
    ]
    assert decisions.problems[1].cause.endswith("Did you mean 'dismantle'?")


def test_the_same_label_twice_is_one_and_different_labels_of_a_sentence_are_named(read):
    same = read({"act": "done"}, {"act": "Done"})
    assert same.problems == []
    assert len(same.rows) == 1
    different = read({"act": "done"}, {"sentence_id": "i.2", "act": "done"}, {"act": "background"})
    assert [tuple(problem) for problem in different.problems] == [
        (0, "", "'i.1' has different labels in rows 0 and 2."),
        (2, "", "'i.1' has different labels in rows 0 and 2."),
    ]
    assert different.rows["sentence_id"].tolist() == ["i.2"]


@pytest.mark.parametrize(("columns", "match"), [
    (["strength"], r"column 'sentence_id' is missing, found 'strength'\. Add it\."),
    (["sentence_id", "mine"], r"no column for labels, found 'mine', 'sentence_id'\. Expected strength, act and"),
    (["sentence_id", "Act", "act"], r"column 'act' appears twice\. Remove one"),
    (["sentence_id", "counter", "Counter"], r"column 'counter' appears twice\. Remove one"),
], ids=["no id", "no label", "act twice", "dimension twice"])  # fmt: skip
def test_a_table_without_the_columns_is_refused(codebook, columns, match):
    with pytest.raises(InputError, match=match):
        read_decisions(pd.DataFrame([["x"] * len(columns)], columns=columns), SENTENCES, codebook)


def test_additional_columns_are_ignored_even_twice_and_an_own_comment_stands_beside_the_note(codebook):
    columns = ["sentence_id", "strength", "mine", "mine", "note", "Comments"]
    rows = pd.DataFrame([["i.1", "none", "a", "b", "c", "d"]], columns=columns)
    decided = read_decisions(rows, SENTENCES, codebook).rows
    assert decided[["strength", "note"]].to_numpy().tolist() == [["none", "c"]]


def test_a_dimension_whose_label_is_that_of_a_column_is_ticked_by_its_key(codebook):
    named = codebook.dimensions[0].model_copy(update={"label": "Note"})
    book = codebook.model_copy(update={"dimensions": [named, *codebook.dimensions[1:]]})
    rows = pd.DataFrame([["i.1", "x", "weak", "why"]], columns=["sentence_id", "prevent", "strength", "note"])
    decided = read_decisions(rows, SENTENCES, book).rows
    assert decided[["dimensions", "note"]].to_numpy().tolist() == [["prevent", "why"]]


FILLED = {"dismantle": "x", "strength": "strong", "act": "done"}


@pytest.fixture
def sheet(codebook):
    """Return a sheet as g7tag writes it, in which the first sentence is labelled as counter, too."""
    blank = dict.fromkeys([*columns_to_fill(codebook), "source"], "")
    return pd.DataFrame([{**SENTENCES.iloc[0], **blank, **FILLED, "counter": "x"}, {**SENTENCES.iloc[1], **blank}])


def test_a_column_of_a_sheet_that_is_deleted_or_renamed_must_come_back(codebook, sheet):
    lost = sheet.rename(columns={"counter": "counter (crime)"}).drop(columns="note")
    with pytest.raises(
        InputError, match=r"no column 'counter', 'note', found .*'sentence_id'.*\. A sheet must have all"
    ):
        read_decisions(lost, SENTENCES, codebook, is_file=True)


def test_a_whole_sheet_is_read_with_columns_in_any_order_and_with_labels_as_headings(codebook, sheet):
    turned = sheet[sheet.columns[::-1]].rename(columns={"disrupt": "Disrupt business models", "note": "Comments"})
    decided = read_decisions(turned.drop(columns="source"), SENTENCES, codebook, is_file=True)
    assert label_of(decided) == {"dimensions": "counter;dismantle", "strength": "strong", "act": "done"}


def test_an_empty_act_in_a_sheet_is_named_as_the_desk_refuses_it(codebook, sheet):
    decided = read_decisions(sheet.assign(act=""), SENTENCES, codebook, is_file=True)
    assert decided.rows.empty
    (problem,) = decided.problems
    assert problem == (0, "act", "is empty. Expected one of done, planned, not_done, reversed, background.")


def test_a_file_that_names_its_dimensions_in_one_column_may_have_few_columns(codebook):
    rows = pd.DataFrame([["i.1", "counter", "weak"]], columns=["sentence_id", "dimensions", "strength"])
    assert len(read_decisions(rows, SENTENCES, codebook, is_file=True).rows) == 1
    with pytest.raises(
        InputError, match="no column 'act', 'contradicts', 'counter'"
    ):  # ticks, too: other ticks may be lost
        read_decisions(rows.assign(dismantle="x"), SENTENCES, codebook, is_file=True)
