"""Agreement between people is measured on what each said on their own, with the arithmetic in view."""

from typing import Any

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, SENTENCES, build
from g7tag.labels import people_agreement
from g7tag.report import agreement_lines, agreement_tables
from g7tag.report.agreement import part_table
from g7tag.store import label_id, text_sha256

IDS = [f"i{item}.{place}" for item in (1, 2) for place in (1, 2)]
SENTENCES_FRAME = build(
    SENTENCES,
    [
        {
            "sentence_id": name, "item_id": name[:2], "document_id": "d", "commitment_id": "c", "member": "Japan",
            "position": int(name[-1]), "text": name, "start": 0, "end": 1,
        }
        for name in IDS
    ],
)  # fmt: skip
STRONG, WEAK, NONE = ("counter", "strong"), ("counter", "weak"), ("", "none")


def label(who: str, name: str, what: tuple[str, str], **changes: Any) -> dict[str, Any]:
    row = {
        "sentence_id": name, "text_sha256": text_sha256(name), "annotator": who, "kind": "analyst",
        "dimensions": what[0], "strength": what[1], "act": "done", "exclusion": "", "contradicts": False,
        "confidence": None, "note": "", "blind": True, "occasion": "label", "codebook_version": "1",
        "at": "2026-01-01T00:00:00.000+00:00", "supersedes": "",
    } | changes  # fmt: skip
    return {"annotation_id": label_id(row), **row}


def measured(codebook: Codebook, *rows: dict[str, Any]) -> Any:
    return people_agreement(build(ANNOTATIONS, rows), SENTENCES_FRAME, codebook)


ADA = [label("Ada", name, what) for name, what in zip(IDS, (STRONG, STRONG, NONE, NONE), strict=True)]
BO = [label("Bo", name, what) for name, what in zip(IDS, (STRONG, WEAK, NONE, STRONG), strict=True)]


def test_agreement_by_part_is_krippendorffs_with_an_interval(codebook: Codebook) -> None:
    parts = measured(codebook, *ADA, *BO).parts.set_index("part")
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


def test_pairs_say_what_each_person_answered(codebook: Codebook) -> None:
    pairs = measured(codebook, *ADA, *BO).pairs
    strength = pairs[pairs["part"] == "strength"].drop(columns="part").to_numpy().tolist()
    assert strength == [
        ["Ada", "Bo", "none", "none", 1], ["Ada", "Bo", "none", "strong", 1], ["Ada", "Bo", "strong", "strong", 1],
        ["Ada", "Bo", "strong", "weak", 1],
    ]  # fmt: skip


def test_who_is_lenient_is_compared_on_the_same_sentences(codebook: Codebook) -> None:
    more = [label("Bo", "i1.1", STRONG), label("Cy", "i1.1", NONE)]
    people = measured(codebook, *ADA, *BO[1:], *more).annotators.set_index("annotator")
    assert people["n"].to_dict() == {"Ada": 4, "Bo": 4, "Cy": 1}
    # Ada 2 2 0 0; the others: mean(2, 0) = 1, 1, 0, 2: differences 1 1 0 -2, mean 0
    assert people.loc["Ada", "lenient"] == 0
    # Cy 0; the others 2: -2; one item gives no interval
    assert people.loc["Cy", "lenient"] == -2
    assert pd.isna(people.loc["Cy", "low"])
    assert people.loc["Ada", "strong"] == 0.5
    # others' shares of strong: (1 of 2, 0, 0, 1) / 4 = 0.375
    assert people.loc["Ada", "others_strong"] == pytest.approx(0.375)


def test_a_change_after_seeing_other_labels_and_a_withdrawn_label_do_not_count(codebook: Codebook) -> None:
    later = "2026-01-02T00:00:00.000+00:00"
    change = label("Bo", "i2.2", NONE, occasion="change", blind=False, at=later)
    gone = label("Bo", "i1.1", NONE, occasion="withdrawn", at=later, supersedes=BO[0]["annotation_id"])
    parts = measured(codebook, *ADA, *BO, change, gone).parts.set_index("part")
    assert parts.loc["strength", ["n", "percent"]].tolist() == [3, pytest.approx(100 / 3)]


def test_a_person_is_compared_with_the_earlier_self(codebook: Codebook) -> None:
    later = "2026-01-02T00:00:00.000+00:00"
    again = [
        label("Ada", "i1.1", STRONG, occasion="repeat", at=later),
        label("Ada", "i1.2", NONE, occasion="repeat", at=later),
    ]
    repeats = measured(codebook, *ADA, *again).repeats.set_index("part")
    assert repeats.loc["strength", ["annotator", "n", "percent"]].tolist() == ["Ada", 2, 50]
    assert repeats.loc["act", "percent"] == 100


def test_the_whole_label_is_equal_only_if_act_exclusion_and_contradicts_are(codebook: Codebook) -> None:
    ada = [
        label("Ada", "i1.1", STRONG), label("Ada", "i1.2", STRONG), label("Ada", "i2.1", NONE, exclusion="border"),
        label("Ada", "i2.2", NONE, contradicts=True),
    ]  # fmt: skip
    bo = [
        label("Bo", "i1.1", STRONG), label("Bo", "i1.2", STRONG, act="planned"), label("Bo", "i2.1", NONE),
        label("Bo", "i2.2", NONE),
    ]  # fmt: skip
    whole = measured(codebook, *ada, *bo).parts.set_index("part").loc["whole label"]
    # Pairs: aa, ab (the act), cd (the exclusion), ed (contradicts): 1 of 4 agrees
    assert (whole["n"], whole["percent"]) == (4, 25)
    # Codes: a 3, b 1, c 1, d 2, e 1 of 8. D_o = 6 / 8. D_e = (64 - 9 - 1 - 1 - 4 - 1) / (8 * 7) = 48 / 56
    assert whole["alpha"] == pytest.approx(1 - (6 / 8) / (48 / 56))


def test_a_label_with_an_unknown_act_is_left_out_of_acts_and_whole_labels(codebook: Codebook) -> None:
    some = [row | {"act": ""} for row in BO[:2]]
    some = [{**row, "annotation_id": label_id(row)} for row in some]
    parts = measured(codebook, *ADA, *some, *BO[2:]).parts.set_index("part")
    assert parts.loc[["act", "whole label", "strength"], "n"].tolist() == [2, 2, 4]


def test_labels_of_another_text_and_of_adjudicators_do_not_count(codebook: Codebook) -> None:
    other = [label("Bo", "i1.1", STRONG, text_sha256="x"), label("Cy", "i1.2", STRONG, kind="adjudicator")]
    assert measured(codebook, *ADA, *other).parts["n"].max() == 0


def test_nothing_labelled_gives_no_rows_and_words_that_say_so(codebook: Codebook) -> None:
    found = measured(codebook)
    assert [len(frame) for frame in found] == [0, 0, 0, 0, 0]
    assert agreement_lines(found) == ["Nobody has labelled a sentence yet."]
    assert agreement_tables(found) == []
    alone = measured(codebook, *ADA)
    assert agreement_lines(alone) == [
        "Labelled by Ada (4, 4 blind). No sentence was labelled by two people, so agreement is unknown."
    ]
    assert agreement_tables(alone) == []


def test_tables_are_readable(codebook: Codebook) -> None:
    found = measured(codebook, *ADA, *BO)
    assert agreement_lines(found) == ["Labelled by Ada (4, 4 blind), Bo (4, 4 blind); 4 sentences by two or more."]
    parts, people = agreement_tables(found)
    assert parts.loc[parts["part"] == "counter", ["sentences", "agree", "alpha"]].to_numpy().tolist() == [
        ["4", "75%", "0.53"]
    ]
    assert people["annotator"].tolist() == ["Ada", "Bo"]


def test_a_share_below_one_is_never_100_percent(codebook: Codebook) -> None:
    parts = measured(codebook, *ADA, *BO).parts.head(4)
    shown = part_table(parts.assign(percent=[100.0, 99.9, 0.1, 0.0]))
    assert shown["agree"].tolist() == ["100%", ">99%", "<1%", "0%"]
