"""People's decisions become annotations, which supersede the person's own earlier ones and nothing else."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, SENTENCES, build
from g7tag.labels import (
    choose_labels,
    current_annotations,
    disputed_sentences,
    people_annotations,
    read_decisions,
    withdrawal,
)
from g7tag.store import add_labels, label_id, read_labels, text_sha256

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NONE_BEFORE = build(ANNOTATIONS, [])
ROW = {"sentence_id": "i.1", "dimensions": "counter", "strength": "weak", "exclusion": ""}


@pytest.fixture
def sentences() -> pd.DataFrame:
    rows = [
        {
            "sentence_id": f"i.{place}", "item_id": "i", "document_id": "d", "commitment_id": "c", "member": "Japan",
            "position": place, "text": f"text {place}", "start": 0, "end": 6,
        }
        for place in (1, 2, 3)
    ]  # fmt: skip
    return build(SENTENCES, rows)


@pytest.fixture
def annotate(codebook: Codebook, sentences: pd.DataFrame) -> Any:
    def annotate(*rows: dict[str, Any], **changes: Any) -> pd.DataFrame:
        given: dict[str, Any] = {"annotator": "Ada", "at": AT, "earlier": NONE_BEFORE} | changes
        table = pd.DataFrame(rows, columns=[*dict.fromkeys([*ROW, *(name for row in rows for name in row)])])
        decisions = read_decisions(table, sentences, codebook)
        assert decisions.problems == []
        return people_annotations(decisions.rows, sentences, codebook, **given)

    return annotate


def test_a_decision_becomes_an_annotation_named_by_its_content(annotate: Any, codebook: Codebook) -> None:
    row = {
        "sentence_id": "i.2", "dimensions": " disrupt ; counter", "strength": "Strong", "contradicts": "Yes",
        "note": " n ",
    }  # fmt: skip
    made = annotate(row, blind=True).iloc[0].to_dict()
    assert made | {"confidence": None} == {
        "annotation_id": label_id(made), "sentence_id": "i.2", "text_sha256": text_sha256("text 2"),
        "annotator": "Ada", "kind": "analyst", "dimensions": "counter;disrupt", "strength": "strong", "act": "",
        "exclusion": "", "contradicts": True, "confidence": None, "note": "n", "blind": True, "occasion": "label",
        "codebook_version": codebook.version, "at": "2026-01-02T03:04:05.000+00:00", "supersedes": "",
    }  # fmt: skip
    assert made["annotation_id"].startswith("i.2#Ada#")


def test_who_decides_again_supersedes_the_own_last_decision_alone(annotate: Any) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "none"}
    first = annotate(row)
    other = annotate(row, annotator="Bo", earlier=first)
    second = annotate(row | {"note": "sure"}, annotator=" Ada ", earlier=pd.concat([first, other]))
    third = annotate(row, earlier=pd.concat([first, other, second]))
    assert annotate(row, earlier=pd.concat([first, other, second, third])).empty  # already decided this way
    assert other["supersedes"].tolist() == [""]
    assert second["supersedes"].tolist() == first["annotation_id"].tolist()
    assert third["supersedes"].tolist() == second["annotation_id"].tolist()
    assert len({*first["annotation_id"], *second["annotation_id"], *third["annotation_id"]}) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"strength": "strong"}, {"dimensions": "disrupt"}, {"contradicts": "yes"}, {"note": "sure"}, {"unsure": "x"},
        {"act": "done"}, {"dimensions": "", "strength": "none", "exclusion": "border"},
    ],
    ids=str,
)  # fmt: skip
def test_a_decision_that_differs_in_any_part_is_a_new_one(annotate: Any, change: dict[str, Any]) -> None:
    first = annotate(ROW)
    assert annotate(ROW, earlier=first).empty
    made = annotate(ROW | change, earlier=first)
    assert made["supersedes"].tolist() == first["annotation_id"].tolist()


def test_an_unsure_label_has_half_the_confidence(annotate: Any) -> None:
    assert annotate(ROW | {"unsure": "yes"})["confidence"].tolist() == [0.5]


def test_the_same_decision_as_adjudicator_or_on_another_text_is_a_new_one(annotate: Any) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "none"}
    first = annotate(row)
    assert annotate(row, kind="adjudicator", earlier=first)["kind"].tolist() == ["adjudicator"]
    assert len(annotate(row, earlier=first.assign(text_sha256=text_sha256("before")))) == 1


def test_a_repeat_is_kept_even_if_it_is_the_same(annotate: Any) -> None:
    first = annotate(ROW)
    again = annotate(ROW, occasion="repeat", earlier=first, at=AT + timedelta(days=1))
    assert again["occasion"].tolist() == ["repeat"]
    assert again["supersedes"].tolist() == first["annotation_id"].tolist()


def test_a_clock_that_was_set_back_does_not_change_the_order(annotate: Any, tmp_path: Path) -> None:
    rows = [annotate(ROW)]
    for place in range(5):
        change = {"strength": ("strong", "weak")[place % 2], "note": str(place)}
        rows.append(annotate(ROW | change, earlier=pd.concat(rows, ignore_index=True), at=AT - timedelta(hours=place)))
    add_labels(tmp_path, pd.concat(rows, ignore_index=True))
    assert read_labels(tmp_path)["note"].tolist() == ["", "0", "1", "2", "3", "4"]


def test_times_are_stored_in_utc(annotate: Any) -> None:
    rome = AT.astimezone(timezone(timedelta(hours=2)))
    assert annotate(ROW, at=rome)["at"].tolist() == ["2026-01-02T03:04:05.000+00:00"]


def test_a_withdrawn_label_does_not_count_and_the_one_before_counts_again(
    annotate: Any, codebook: Codebook, sentences: pd.DataFrame
) -> None:
    def after(*rows: pd.DataFrame) -> list[str]:
        return current_annotations(pd.concat(rows, ignore_index=True), sentences)["annotation_id"].tolist()

    def taken_back(*rows: pd.DataFrame, **given: Any) -> pd.DataFrame:
        earlier = pd.concat(rows, ignore_index=True)
        return withdrawal("i.1", codebook, annotator="Ada", at=AT + timedelta(days=1), earlier=earlier, **given)

    first = annotate(ROW, blind=True)
    second = annotate(ROW | {"strength": "strong"}, earlier=first, at=AT + timedelta(seconds=1), blind=True)
    one = taken_back(first, second)
    assert one["supersedes"].tolist() == second["annotation_id"].tolist()
    assert after(first, second, one) == first["annotation_id"].tolist()
    two = taken_back(first, second, one, blind=False)
    assert two["supersedes"].tolist() == first["annotation_id"].tolist()
    assert after(first, second, one, two) == []
    assert taken_back(first, second, one, two).empty
    again = annotate(ROW, earlier=pd.concat([first, second, one, two]), at=AT + timedelta(days=2), blind=True)
    assert after(first, second, one, two, again) == again["annotation_id"].tolist()


def test_a_label_is_not_blind_if_an_earlier_one_was_not(annotate: Any) -> None:
    first = annotate(ROW, blind=False)
    assert annotate(ROW | {"note": "x"}, earlier=first, blind=True)["blind"].tolist() == [False]
    assert annotate(ROW | {"sentence_id": "i.2"}, earlier=first, blind=True)["blind"].tolist() == [True]


def test_a_person_who_also_adjudicates_has_two_labels(annotate: Any, sentences: pd.DataFrame) -> None:
    own = annotate(ROW)
    ruled = annotate(ROW | {"strength": "strong"}, kind="adjudicator", earlier=own)
    assert ruled["supersedes"].tolist() == [""]
    both = pd.concat([own, ruled], ignore_index=True)
    assert annotate(ROW, earlier=both).empty
    assert len(current_annotations(both, sentences)) == 2
    assert choose_labels(both, sentences)["strength"].tolist()[0] == "strong"


def test_adjudicators_who_differ_are_a_conflict(annotate: Any, sentences: pd.DataFrame) -> None:
    rows = [
        annotate(ROW | {"strength": word}, kind="adjudicator", annotator=who)
        for who, word in (("Cy", "weak"), ("Di", "strong"))
    ]
    both = pd.concat(rows, ignore_index=True)
    assert choose_labels(both, sentences)["status"].tolist()[0] == "conflict"
    said = disputed_sentences(both, sentences)["said"].tolist()
    assert said == ["Cy: weak counter; Di: strong counter"]


def test_labels_of_one_person_from_two_machines_count_once_the_last_one(annotate: Any, sentences: pd.DataFrame) -> None:
    first = annotate(ROW)
    here = annotate(ROW | {"strength": "strong"}, earlier=first, at=AT + timedelta(seconds=1))
    there = annotate(ROW | {"note": "sure"}, earlier=first, at=AT + timedelta(seconds=2))
    current = current_annotations(pd.concat([first, here, there], ignore_index=True), sentences)
    assert current["annotation_id"].tolist() == there["annotation_id"].tolist()


def test_no_decisions_give_no_annotations(annotate: Any) -> None:
    assert annotate().empty


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"annotator": None}, "annotator None: not a name"),
        ({"annotator": "  "}, r"annotator '  ': not a name\. Give the name of the person"),
        ({"annotator": "a\x1b[31m"}, r"not a name"),
        ({"annotator": "x" * 81}, r"not a name"),
        ({"kind": "classifier"}, "kind 'classifier': expected one of 'adjudicator', 'analyst'"),
        ({"at": datetime(2026, 1, 2)}, r"at 2026-01-02T00:00:00: has no time zone"),  # noqa: DTZ001
    ],
    ids=["no name", "spaces", "escape code", "long", "kind", "no zone"],
)
def test_who_decides_and_when_must_be_known(annotate: Any, given: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match):
        annotate(ROW, **given)


@pytest.mark.parametrize("name", ["ada", "ÀDA", "A da", "Ada."])
def test_a_name_that_is_almost_that_of_another_annotator_is_refused(annotate: Any, name: str) -> None:
    with pytest.raises(InputError, match=r"labels by 'Ada' exist\. Use that name, or one that differs more"):
        annotate(ROW, annotator=name, earlier=annotate(ROW))
