"""Agreement between people is measured on what each said on their own, with the arithmetic in view."""

import pandas as pd
import pytest

from g7tag.labels import people_agreement
from g7tag.report import agreement_lines, agreement_tables
from g7tag.report.agreement import part_table

IDS = ["a", "b", "c", "d"]  # three of the first item
STRONG, WEAK, NONE = ("counter", "strong"), ("counter", "weak"), ("", "none")
LATER = "2026-01-02T00:00:00.000+00:00"


def label(who, name, what, **changes):
    return {"annotator": who, "sentence_id": name, "dimensions": what[0], "strength": what[1], **changes}


@pytest.fixture
def measured(codebook, sentences, annotations):
    return lambda *rows: people_agreement(annotations(*rows), sentences(IDS), codebook)


ADA = [label("Ada", name, what) for name, what in zip(IDS, (STRONG, STRONG, NONE, NONE), strict=True)]
BO = [label("Bo", name, what) for name, what in zip(IDS, (STRONG, WEAK, NONE, STRONG), strict=True)]


def test_agreement_by_part_is_krippendorffs_with_an_interval(measured):
    parts = measured(*ADA, *BO).parts.set_index("part")
    assert parts["n"].unique().tolist() == [4]
    # counter: 3 of 4 agree (yes yes, yes yes, no no, no yes)
    assert parts.loc["counter", "percent"] == 75
    # alpha: D_o = 2/8; yes 5 times, no 3 times: D_e = 2 * 5 * 3 / (8 * 7); alpha = 1 - (2/8) / (30/56) = 0.5333
    assert parts.loc["counter", "alpha"] == pytest.approx(1 - (2 / 8) / (30 / 56))
    assert parts.loc["strength", "percent"] == 50
    assert parts.loc["whole label", "percent"] == 50
    assert parts.loc["prevent", "reason"] == "all codes are equal, so chance agreement is 1"
    assert pd.isna(parts.loc["prevent", "alpha"])
    assert parts.loc["counter", "low"] <= parts.loc["counter", "alpha"] <= parts.loc["counter", "high"]


def test_pairs_say_what_each_person_answered(measured):
    pairs = measured(*ADA, *BO).pairs
    strength = pairs[pairs["part"] == "strength"].drop(columns="part").to_numpy().tolist()
    assert strength == [
        ["Ada", "Bo", "none", "none", 1], ["Ada", "Bo", "none", "strong", 1], ["Ada", "Bo", "strong", "strong", 1],
        ["Ada", "Bo", "strong", "weak", 1],
    ]  # fmt: skip


def test_who_is_lenient_is_compared_on_the_same_sentences(measured):
    more = [label("Bo", "a", STRONG), label("Cy", "a", NONE)]
    people = measured(*ADA, *BO[1:], *more).annotators.set_index("annotator")
    assert people["n"].to_dict() == {"Ada": 4, "Bo": 4, "Cy": 1}
    # Ada 2 2 0 0; the others: mean(2, 0) = 1, 1, 0, 2: differences 1 1 0 -2, mean 0
    assert people.loc["Ada", "lenient"] == 0
    # Cy 0; the others 2: -2; one item gives no interval
    assert people.loc["Cy", "lenient"] == -2
    assert pd.isna(people.loc["Cy", "low"])
    assert people.loc["Ada", "strong"] == 0.5
    # others' shares of strong: (1 of 2, 0, 0, 1) / 4 = 0.375
    assert people.loc["Ada", "others_strong"] == pytest.approx(0.375)


def test_a_change_after_seeing_other_labels_and_a_withdrawn_label_do_not_count(measured):
    change = label("Bo", "d", NONE, occasion="change", blind=False, at=LATER)
    gone = label("Bo", "a", NONE, occasion="withdrawn", at=LATER)
    parts = measured(*ADA, *BO, change, gone).parts.set_index("part")
    assert parts.loc["strength", ["n", "percent"]].tolist() == [3, pytest.approx(100 / 3)]


def test_a_person_is_compared_with_the_earlier_self(measured):
    again = [
        label("Ada", "a", STRONG, occasion="repeat", at=LATER),
        label("Ada", "b", NONE, occasion="repeat", at=LATER),
    ]
    repeats = measured(*ADA, *again).repeats.set_index("part")
    assert repeats.loc["strength", ["annotator", "n", "percent"]].tolist() == ["Ada", 2, 50]
    assert repeats.loc["act", "percent"] == 100


def test_the_whole_label_is_equal_only_if_act_exclusion_and_contradicts_are(measured):
    ada = [
        label("Ada", "a", STRONG), label("Ada", "b", STRONG), label("Ada", "c", NONE, exclusion="border"),
        label("Ada", "d", NONE, contradicts=True),
    ]  # fmt: skip
    bo = [
        label("Bo", "a", STRONG), label("Bo", "b", STRONG, act="planned"), label("Bo", "c", NONE),
        label("Bo", "d", NONE),
    ]  # fmt: skip
    whole = measured(*ada, *bo).parts.set_index("part").loc["whole label"]
    # Pairs: aa, ab (the act), cd (the exclusion), ed (contradicts): 1 of 4 agrees
    assert (whole["n"], whole["percent"]) == (4, 25)
    # Codes: a 3, b 1, c 1, d 2, e 1 of 8. D_o = 6 / 8. D_e = (64 - 9 - 1 - 1 - 4 - 1) / (8 * 7) = 48 / 56
    assert whole["alpha"] == pytest.approx(1 - (6 / 8) / (48 / 56))


def test_a_label_with_an_unknown_act_is_left_out_of_acts_and_whole_labels(measured):
    some = [row | {"act": ""} for row in BO[:2]]
    parts = measured(*ADA, *some, *BO[2:]).parts.set_index("part")
    assert parts.loc[["act", "whole label", "strength"], "n"].tolist() == [2, 2, 4]


def test_labels_of_another_text_and_of_adjudicators_do_not_count(measured):
    other = [label("Bo", "a", STRONG, text="x"), label("Cy", "b", STRONG, kind="adjudicator")]
    assert measured(*ADA, *other).parts["n"].max() == 0


def test_nothing_labelled_gives_no_rows_and_words_that_say_so(measured):
    found = measured()
    assert [len(frame) for frame in found] == [0, 0, 0, 0, 0]
    assert agreement_lines(found) == ["Nobody has labelled a sentence yet."]
    assert agreement_tables(found) == []
    alone = measured(*ADA)
    assert agreement_lines(alone) == [
        "Labelled by Ada (4, 4 blind). No sentence was labelled by two people, so agreement is unknown."
    ]
    assert agreement_tables(alone) == []


def test_tables_are_readable_and_a_share_below_one_is_never_100_percent(measured):
    found = measured(*ADA, *BO)
    assert agreement_lines(found) == ["Labelled by Ada (4, 4 blind), Bo (4, 4 blind); 4 sentences by two or more."]
    parts, people = agreement_tables(found)
    assert parts.loc[parts["part"] == "counter", ["sentences", "agree", "alpha"]].to_numpy().tolist() == [
        ["4", "75%", "0.53"]
    ]
    assert people["annotator"].tolist() == ["Ada", "Bo"]
    shown = part_table(found.parts.head(4).assign(percent=[100.0, 99.9, 0.1, 0.0]))
    assert shown["agree"].tolist() == ["100%", ">99%", "<1%", "0%"]
