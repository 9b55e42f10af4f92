"""Receipts have reproducible bytes, and every change in a receipt is reported."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import g7tag
from g7tag.errors import InputError
from g7tag.jobs import Run
from g7tag.scoring import Receipt, make_receipts, read_receipt, receipt_differences, score_members

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(bundled_run: Path) -> Run:
    return g7tag.open_run(bundled_run)


@pytest.fixture(scope="module")
def canada(run: Run) -> Receipt:
    return make_receipts(run.frames, g7tag.open_codebook())[0]


def changed(receipt: Receipt, old: str, new: str) -> Receipt:
    content = receipt.content.decode("utf-8")
    assert old in content
    return read_receipt(content.replace(old, new, 1).encode("utf-8"), name="r.json")


def contradicted_on(run: Run, date: str | None) -> Receipt:
    """Return Canada's receipt with its fourth item contradictory and on this date (None: unread)."""
    fourth = "2024-19/CAN-04"
    items = run.items.assign(date=run.items["date"].where(run.items["item_id"] != fourth, pd.Timestamp(date)))
    labels = run.labels.assign(contradicts=run.labels["sentence_id"].str.startswith(f"{fourth}."))
    its = {"items": items, "labels": labels, "sentences": run.sentences, "members": run.members}
    scored = score_members(**its, codebook=g7tag.open_codebook())
    return make_receipts(run.frames | its | scored._asdict(), g7tag.open_codebook())[0]


def relabelled(receipt: Receipt, **changes: Any) -> Receipt:
    """Return the receipt with changes in its first sentence."""
    first, *items = receipt.items
    sentence, *sentences = first.sentences
    changed = first.model_copy(update={"sentences": [sentence.model_copy(update=changes), *sentences]})
    return receipt.model_copy(update={"items": [changed, *items]})


def test_every_member_has_one_and_it_holds(run: Run) -> None:
    receipts = make_receipts(run.frames, g7tag.open_codebook())
    assert [receipt.member for receipt in receipts] == run.members["member"].tolist()
    assert [line for receipt in receipts for line in receipt_differences(receipt, receipt)] == []
    assert receipts[0].file_name == "receipts/2024-19-CAN.json"


def test_it_holds_all_labels_the_rules_and_the_versions(run: Run, canada: Receipt) -> None:
    plain = json.loads(canada.content)
    its = run.sentences[run.sentences["member"] == "Canada"]
    listed = [sentence["sentence_id"] for item in plain["items"] for sentence in item["sentences"]]
    assert listed == its["sentence_id"].tolist()
    assert {sentence["kind"] for item in plain["items"] for sentence in item["sentences"]} == {"classifier"}
    assert plain["codebook"]["version"] == g7tag.open_codebook().version
    assert [reading["name"] for reading in plain["rules"]["readings"]] == ["scoring-table", "interpretive-guidelines"]
    assert plain["documents"][0]["sha256"] == run.documents["sha256"].iloc[0]


def test_it_holds_the_published_score_where_there_is_one_and_the_policy(run: Run) -> None:
    missing = run.members.assign(published_score=run.members["published_score"].where(run.members["code"] != "CAN"))
    receipts = make_receipts(run.frames | {"members": missing}, g7tag.open_codebook())
    given = [receipt.published_score for receipt in receipts]
    assert given == [None, *run.members["published_score"].tolist()[1:]]
    assert {receipt.policy for receipt in receipts} == {"people-then-classifier"}


def test_a_score_that_no_rule_gives_is_kept_as_none(run: Run) -> None:
    scores = run.scores.assign(suggested_score=pd.NA).astype({"suggested_score": "Int64"})
    receipt = make_receipts(run.frames | {"scores": scores}, g7tag.open_codebook())[0]
    assert [score.suggested_score for score in receipt.scores] == [None, None]
    assert "scores.scoring-table.suggested_score: the receipt says null, recomputed gives 0" in (
        receipt_differences(receipt)
    )


def test_the_rules_are_those_of_the_codebook_and_the_members_those_of_its_commitment(run: Run) -> None:
    codebook = g7tag.open_codebook().model_copy(update={"min_strong_items": 3})
    other = run.members.head(1).assign(commitment_id="2024-20", member="Atlantis", code="ATL")
    receipts = make_receipts(run.frames | {"members": pd.concat([run.members, other])}, codebook)
    assert [receipt.code for receipt in receipts] == run.members["code"].tolist()
    assert {receipt.rules.min_strong_items for receipt in receipts} == {3}


def test_a_receipt_with_anything_else_in_it_is_refused(canada: Receipt) -> None:
    content = canada.content.replace(b'"format": 1', b'"format": 1, "odd": 2', 1)
    with pytest.raises(InputError, match=r"r\.json: not a receipt \(odd: Extra inputs are not permitted\)"):
        read_receipt(content, name="r.json")


def test_the_same_run_gives_the_same_bytes(canada: Receipt) -> None:
    again = make_receipts(g7tag.run_report().frames, g7tag.open_codebook())[0]
    assert again.content == canada.content
    assert read_receipt(canada.content, name="r.json") == canada


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"n_strong": 2', '"n_strong": 3', "matrix.prevent.n_strong: the receipt says 3, recomputed gives 2"),
        (
            '"suggested_score": 0', '"suggested_score": 1',
            "scores.scoring-table.suggested_score: the receipt says 1, recomputed gives 0",
        ),
        (
            '"min_strong_items": 2', '"min_strong_items": 3',
            'matrix.prevent.level: the receipt says "strong", recomputed gives "weak"',
        ),
        (
            '"counted": true', '"counted": false',
            "items.2024-19/CAN-01.counted: the receipt says false, recomputed gives true",
        ),
    ],
    ids=["a count", "the score", "a rule", "an exclusion"],
)  # fmt: skip
def test_a_change_is_named_with_what_its_own_labels_give(canada: Receipt, old: str, new: str, line: str) -> None:
    lines = receipt_differences(changed(canada, old, new))
    assert lines[0] == "sha256: the receipt was changed after it was written"
    assert line in lines


def test_a_label_that_was_changed_is_named_beside_the_run(canada: Receipt) -> None:
    other = changed(canada, '"kind": "classifier"', '"kind": "analyst"')
    assert receipt_differences(other) == ["sha256: the receipt was changed after it was written"]
    assert (
        'items.2024-19/CAN-01.sentences.2024-19/CAN-01.1.kind: the receipt says "analyst", the run gives "classifier"'
        in (receipt_differences(other, canada))
    )


@pytest.mark.parametrize(
    ("date", "counted"),
    [("2024-06-14", False), ("2024-06-15", True), ("2025-05-15", True), ("2025-05-16", False), (None, True)],
    ids=["the day before", "the first day", "the last day", "the day after", "unread"],
)
def test_items_and_contradictions_count_from_the_first_day_to_the_last_and_on_an_unread_one(
    run: Run, date: str | None, counted: bool
) -> None:
    receipt = contradicted_on(run, date)
    assert receipt_differences(receipt) == []
    item = receipt.items[3]
    assert (None if item.date is None else item.date.isoformat(), item.counted) == (date, counted)
    assert receipt.matrix["prevent"].n_strong == (2 if counted else 1)  # it is one of two
    # 0 by two dimensions that are strong without it; -1 if contradictory action comes first
    assert [score.score_if_contradicted for score in receipt.scores] == [-1 if counted else 0] * 2


@pytest.mark.parametrize(
    ("date", "said"),
    [("2024-06-14", True), ("2024-06-15", False), ("2025-05-15", False), ("2025-05-16", True), (None, False)],
    ids=["the day before", "the first day", "the last day", "the day after", "unread"],
)
def test_a_receipt_is_checked_by_its_own_period(canada: Receipt, date: str | None, said: bool) -> None:
    plain = json.loads(canada.content)
    plain["items"][4]["date"] = date  # of no dimension: nothing else follows from its day
    lines = receipt_differences(read_receipt(json.dumps(plain).encode(), name="r.json").signed_off())
    line = "items.2024-19/CAN-05.counted: the receipt says true, recomputed gives false"
    assert lines == ([line] if said else [])


def test_the_score_with_all_dates_is_checked_with_the_items_outside_the_period(canada: Receipt) -> None:
    outside = [
        item.model_copy(update={"date": canada.rules.period_start.replace(year=2000), "counted": False})
        for item in canada.items
    ]
    lines = receipt_differences(canada.model_copy(update={"items": outside}).signed_off())
    assert "scores.scoring-table.suggested_score: the receipt says 0, recomputed gives -1" in lines
    assert [line for line in lines if "score_all_dates" in line] == []  # 0 as before


def test_an_item_that_only_one_of_two_receipts_has_is_named(canada: Receipt) -> None:
    short = canada.model_copy(update={"items": canada.items[:-1]}).signed_off()
    place = "items.2024-19/CAN-10: "
    (line,) = (line for line in receipt_differences(short, canada) if line.startswith(place))
    assert line.startswith(
        f'{place}the receipt says "nothing", the run gives {{"date": "2025-03-14", "counted": true, '
    )
    assert line.endswith("...")
    assert len(line.partition(" gives ")[2]) == 100  # the rest is left out
    (line,) = (line for line in receipt_differences(canada, short) if line.startswith(place))
    assert line.endswith('the run gives "nothing"')


def test_a_name_in_any_script_is_told_as_it_is_written(canada: Receipt) -> None:
    (line,) = receipt_differences(relabelled(canada, annotator="Zoë").signed_off(), canada)
    assert '.annotator: the receipt says "Zoë", the run gives "' in line


@pytest.mark.parametrize("changes", [{"annotator": "Ada"}, {"annotation_id": "other"}, {"kind": "analyst"}], ids=str)
def test_the_hash_of_the_evidence_is_the_same_whoever_labelled(canada: Receipt, changes: dict[str, Any]) -> None:
    other = relabelled(canada, **changes)
    assert other.evidence_sha256 == canada.evidence_sha256
    assert other.signed_off().sha256 != canada.sha256


@pytest.mark.parametrize(
    "changes", [{"g7tag": "9.9"}, {"policy": "adjudicated"}, {"published_score": 1}, {"documents": []}], ids=str
)
def test_the_hash_of_the_evidence_is_of_items_labels_and_rules_alone(canada: Receipt, changes: dict[str, Any]) -> None:
    assert canada.model_copy(update=changes).evidence_sha256 == canada.evidence_sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"dimensions": ["disrupt"]}, {"strength": "strong"}, {"exclusion": "border"}, {"contradicts": True},
        {"text_sha256": "0"},
    ],
    ids=str,
)  # fmt: skip
def test_the_hash_of_the_evidence_is_another_where_the_evidence_is(canada: Receipt, changes: dict[str, Any]) -> None:
    assert relabelled(canada, **changes).evidence_sha256 != canada.evidence_sha256


def test_the_hash_of_the_evidence_is_another_under_other_rules(canada: Receipt) -> None:
    rules = canada.rules.model_copy(update={"min_strong_items": 3})
    assert canada.model_copy(update={"rules": rules}).evidence_sha256 != canada.evidence_sha256


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"r\.json: not a receipt \(file: Expecting value"),
        (b"\xff", r"r\.json: not a receipt \(file: 'utf-8' codec"),
        (b"{}", r"r\.json: not a receipt \(format: Field required\)"),
        (b"[" * 100_000, r"r\.json: not a receipt \(file: maximum recursion depth"),
    ],
    ids=["empty", "no text", "no receipt", "nested"],
)
def test_what_is_no_receipt_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_receipt(content, name="r.json")


def test_a_receipt_of_another_format_says_how_to_write_it_again(canada: Receipt) -> None:
    content = canada.content.replace(b'"format": 1', b'"format": 9', 1)
    with pytest.raises(InputError, match=r"a receipt of format 9, expected 1\. Write it again: `g7tag score DIR`"):
        read_receipt(content, name="r.json")
