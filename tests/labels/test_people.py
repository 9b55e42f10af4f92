"""People's decisions become annotations, which supersede the person's own earlier ones and nothing else."""

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest

from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, build
from g7tag.labels import current_annotations, people_annotations, withdrawal
from g7tag.store import add_labels, label_id, read_labels, text_sha256

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NONE_BEFORE = build(ANNOTATIONS, [])
DECISION = {
    "sentence_id": "s1", "dimensions": "counter", "strength": "weak", "act": "", "exclusion": "", "contradicts": False,
    "unsure": False, "note": "", "source_check": "", "archived_url": "",
}  # fmt: skip


@pytest.fixture
def texts(sentences):
    return sentences(["s1", "s2", "s3"])


@pytest.fixture
def annotate(codebook, texts):
    """Return the annotations of one decision, by Ada unless something else is said."""

    def annotate(decision=None, **changes):
        given = {"annotator": "Ada", "at": AT, "earlier": NONE_BEFORE} | changes
        return people_annotations(pd.DataFrame([DECISION | (decision or {})]), texts, codebook, **given)

    return annotate


def joined(*rows):
    return pd.concat(rows, ignore_index=True)


def test_a_decision_becomes_an_annotation_named_by_its_content(annotate, codebook):
    rome = AT.astimezone(timezone(timedelta(hours=2)))
    decision = {"strength": "strong", "contradicts": True, "note": "n", "unsure": True}
    (made,) = annotate(decision, blind=True, annotator=" Ada ", at=rome).to_dict("records")
    assert made == {
        "annotation_id": label_id(made), "sentence_id": "s1", "text_sha256": text_sha256("Text of s1."),
        "annotator": "Ada", "kind": "analyst", "dimensions": "counter", "strength": "strong", "act": "",
        "exclusion": "", "contradicts": True, "confidence": 0.5, "note": "n", "blind": True, "occasion": "label",
        "codebook_version": codebook.version, "at": "2026-01-02T03:04:05.000+00:00", "supersedes": "",
        "source_check": "", "archived_url": "",
    }  # fmt: skip
    assert made["annotation_id"].startswith("s1#Ada#")


@pytest.mark.parametrize("change", [
    {"strength": "strong"}, {"dimensions": "disrupt"}, {"contradicts": True}, {"note": "sure"}, {"unsure": True},
    {"act": "done"}, {"dimensions": "", "strength": "none", "exclusion": "border"},
], ids=str)  # fmt: skip
def test_a_decision_that_differs_in_any_part_supersedes_the_own_last_one_alone(annotate, change):
    first = annotate()
    other = annotate(annotator="Bo", earlier=first)
    assert other["supersedes"].tolist() == [""]
    assert annotate(earlier=joined(first, other)).empty  # already decided this way
    made = annotate(change, earlier=joined(first, other))
    assert made["supersedes"].tolist() == first["annotation_id"].tolist()
    back = annotate(earlier=joined(first, other, made))
    assert back["supersedes"].tolist() == made["annotation_id"].tolist()
    assert len({*first["annotation_id"], *made["annotation_id"], *back["annotation_id"]}) == 3


def test_the_same_decision_in_another_role_on_another_text_or_as_a_repeat_is_a_new_one(annotate):
    first = annotate()
    ruled = annotate(kind="adjudicator", earlier=first)
    assert ruled[["kind", "supersedes"]].to_numpy().tolist() == [["adjudicator", ""]]
    assert len(annotate(earlier=first.assign(text_sha256=text_sha256("before")))) == 1
    again = annotate(occasion="repeat", earlier=first, at=AT + timedelta(days=1))
    assert again["occasion"].tolist() == ["repeat"]
    assert again["supersedes"].tolist() == first["annotation_id"].tolist()


def test_a_clock_that_was_set_back_does_not_change_the_order(annotate, tmp_path):
    rows = [annotate()]
    for place in range(3):
        change = {"strength": ("strong", "weak")[place % 2], "note": str(place)}
        rows.append(annotate(change, earlier=joined(*rows), at=AT - timedelta(hours=place)))
    add_labels(tmp_path, joined(*rows))
    assert read_labels(tmp_path)["note"].tolist() == ["", "0", "1", "2"]


def test_a_withdrawn_label_does_not_count_and_the_one_before_counts_again(annotate, codebook, texts):
    def after(*rows):
        return current_annotations(joined(*rows), texts)["annotation_id"].tolist()

    def taken_back(*rows, **given):
        return withdrawal("s1", codebook, annotator="Ada", at=AT + timedelta(days=1), earlier=joined(*rows), **given)

    first = annotate(blind=True)
    second = annotate({"strength": "strong"}, earlier=first, at=AT + timedelta(seconds=1), blind=True)
    one = taken_back(first, second)
    assert one["supersedes"].tolist() == second["annotation_id"].tolist()
    assert after(first, second, one) == first["annotation_id"].tolist()
    two = taken_back(first, second, one, blind=False)
    assert two["supersedes"].tolist() == first["annotation_id"].tolist()
    assert after(first, second, one, two) == []
    assert taken_back(first, second, one, two).empty
    again = annotate(earlier=joined(first, second, one, two), at=AT + timedelta(days=2), blind=True)
    assert after(first, second, one, two, again) == again["annotation_id"].tolist()
    assert again["blind"].tolist() == [False]  # what was seen with the withdrawn label stays seen


def test_a_label_is_not_blind_if_an_earlier_one_was_not(annotate):
    first = annotate(blind=False)
    assert annotate({"note": "x"}, earlier=first, blind=True)["blind"].tolist() == [False]
    assert annotate({"sentence_id": "s2"}, earlier=first, blind=True)["blind"].tolist() == [True]


def test_labels_of_one_person_from_two_machines_count_once_the_last_one(annotate, texts):
    first = annotate()
    here = annotate({"strength": "strong"}, earlier=first, at=AT + timedelta(seconds=1))
    there = annotate({"note": "sure"}, earlier=first, at=AT + timedelta(seconds=2))
    current = current_annotations(joined(first, here, there), texts)
    assert current["annotation_id"].tolist() == there["annotation_id"].tolist()


@pytest.mark.parametrize(("given", "match"), [
    ({"annotator": None}, "annotator None: not a name"),
    ({"annotator": "  "}, r"annotator '  ': not a name\. Give the name of the person"),
    ({"annotator": "a\x1b[31m"}, r"not a name"),
    ({"annotator": "x" * 81}, r"not a name"),
    *(({"annotator": name}, r"labels by 'Ada' exist\. Use that name, or one that") for name in ("ÀDA", "A da.")),
    ({"kind": "classifier"}, "kind 'classifier': expected one of 'adjudicator', 'analyst'"),
    ({"at": datetime(2026, 1, 2)}, r"at 2026-01-02T00:00:00: has no time zone"),  # noqa: DTZ001
], ids=["no name", "spaces", "escape code", "long", "accent", "space", "kind", "no zone"])  # fmt: skip
def test_who_decides_and_when_must_be_known(annotate, given, match):
    with pytest.raises(InputError, match=match):
        annotate({"sentence_id": "s2"}, earlier=annotate(), **given)
