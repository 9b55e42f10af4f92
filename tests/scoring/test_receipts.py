"""Receipts have reproducible bytes, and every change in a receipt is reported."""

import json

import pandas as pd
import pytest

from g7tag.errors import InputError
from g7tag.scoring import make_receipts, read_receipt, receipt_differences, score_members

DAYS = pytest.mark.parametrize(
    ("date", "counts"),
    [("2024-06-14", False), ("2024-06-15", True), ("2025-05-15", True), ("2025-05-16", False), (None, True)],
    ids=["the day before", "the first day", "the last day", "the day after", "unread"],
)


def evidence(date="2024-09-01"):
    """Italy strong in prevent by two items, the second of this date; one strong item in counter, and one of nothing."""
    strong = [("prevent", "strong")]
    return [
        ("2024-19/ITA-01", "2024-07-01", strong), ("2024-19/ITA-02", date, strong),
        ("2024-19/ITA-03", "2024-10-01", [("counter;disrupt", "strong"), ("counter", "weak")]),
        ("2024-19/ITA-04", "2024-11-01", [("", "none")]),
    ]  # fmt: skip


def scored(frames, codebook, rows, **how):
    made = frames(rows, **how)
    names = ("labels", "sentences", "items", "members")
    return made | score_members(**{name: made[name] for name in names}, codebook=codebook)._asdict()


@pytest.fixture
def run(frames, codebook):
    return scored(frames, codebook, evidence())


@pytest.fixture
def italy(run, codebook):
    return make_receipts(run, codebook)[0]


def relabelled(receipt, **changes):
    """Return the receipt with changes in its first sentence."""
    first, *items = receipt.items
    changed = first.model_copy(update={"sentences": [first.sentences[0].model_copy(update=changes)]})
    return receipt.model_copy(update={"items": [changed, *items]})


def test_every_member_of_the_commitment_has_one_and_it_holds(run, codebook):
    published = run["members"]["published_score"].where(run["members"]["code"] != "ITA")
    other = run["members"].head(1).assign(commitment_id="2024-20", member="Atlantis", code="ATL")
    members = pd.concat([run["members"].assign(published_score=published), other])
    receipts = make_receipts(run | {"members": members}, codebook)
    assert [(receipt.member, receipt.published_score) for receipt in receipts] == [("Italy", None), ("Japan", 0)]
    assert [line for receipt in receipts for line in receipt_differences(receipt, receipt)] == []
    assert receipts[0].file_name == "receipts/2024-19-ITA.json"


def test_it_holds_all_labels_the_rules_and_the_versions(run, italy, codebook):
    plain = json.loads(italy.content)
    listed = [sentence["sentence_id"] for item in plain["items"] for sentence in item["sentences"]]
    assert listed == run["sentences"]["sentence_id"].tolist()
    assert {sentence["kind"] for item in plain["items"] for sentence in item["sentences"]} == {"classifier"}
    assert (plain["codebook"]["version"], plain["policy"]) == (codebook.version, "p")
    assert [reading["name"] for reading in plain["rules"]["readings"]] == ["scoring-table", "interpretive-guidelines"]
    assert plain["rules"]["min_strong_items"] == 2
    assert plain["documents"] == [{"name": "r.txt", "sha256": "abc"}]
    assert plain["matrix"]["counter"] == {"n_strong": 1, "n_weak": 0, "level": "weak", "items": ["2024-19/ITA-03"]}


def test_the_same_run_gives_the_same_bytes_and_they_are_read_again(run, italy, codebook):
    assert make_receipts(run, codebook)[0].content == italy.content
    assert read_receipt(italy.content, name="r.json") == italy


@pytest.mark.parametrize(("old", "new", "line"), [
    ('"n_strong": 2', '"n_strong": 3', "matrix.prevent.n_strong: the receipt says 3, recomputed gives 2"),
    ('"suggested_score": 0', '"suggested_score": 1',
     "scores.scoring-table.suggested_score: the receipt says 1, recomputed gives 0"),
    ('"suggested_score": 0', '"suggested_score": null',
     "scores.scoring-table.suggested_score: the receipt says null, recomputed gives 0"),
    ('"min_strong_items": 2', '"min_strong_items": 3',
     'matrix.prevent.level: the receipt says "strong", recomputed gives "weak"'),
    ('"counted": true', '"counted": false',
     "items.2024-19/ITA-01.counted: the receipt says false, recomputed gives true"),
    ('"annotator": "t"', '"annotator": "Zoë"',
     'items.2024-19/ITA-01.sentences.2024-19/ITA-01.1.annotator: the receipt says "Zoë", the run gives "t"'),
], ids=["a count", "the score", "no score", "a rule", "an exclusion", "a name"])  # fmt: skip
def test_a_change_is_named_with_what_its_own_labels_or_the_run_give(italy, old, new, line):
    content = italy.content.decode("utf-8")
    assert old in content
    lines = receipt_differences(read_receipt(content.replace(old, new, 1).encode("utf-8"), name="r.json"), italy)
    assert lines[0] == "sha256: the receipt was changed after it was written"
    assert line in lines


@DAYS
def test_items_and_contradictions_count_from_the_first_day_to_the_last_and_on_an_unread_one(
    frames, codebook, date, counts
):
    run = scored(frames, codebook, evidence(date), contradicts="2024-19/ITA-02")
    receipt = make_receipts(run, codebook)[0]
    assert receipt_differences(receipt) == []
    item = receipt.items[1]
    assert (None if item.date is None else item.date.isoformat(), item.counted) == (date, counts)
    assert receipt.matrix["prevent"].n_strong == (2 if counts else 1)
    # 0 by strong action in one dimension, or by weak action in three; -1 if contradictory action comes first
    assert [score.score_if_contradicted for score in receipt.scores] == [-1 if counts else 0] * 2


@DAYS
def test_a_receipt_is_checked_by_its_own_period(italy, date, counts):
    plain = json.loads(italy.content)
    plain["items"][3]["date"] = date  # of no dimension: nothing else follows from its day
    lines = receipt_differences(read_receipt(json.dumps(plain).encode(), name="r.json").signed_off())
    line = "items.2024-19/ITA-04.counted: the receipt says true, recomputed gives false"
    assert lines == ([] if counts else [line])


def test_the_score_with_all_dates_is_checked_with_the_items_outside_the_period(italy):
    early = italy.rules.period_start.replace(year=2000)
    outside = [item.model_copy(update={"date": early, "counted": False}) for item in italy.items]
    lines = receipt_differences(italy.model_copy(update={"items": outside}).signed_off())
    assert "scores.scoring-table.suggested_score: the receipt says 0, recomputed gives -1" in lines
    assert [line for line in lines if "score_all_dates" in line] == []  # 0 as before


def test_an_item_that_only_one_of_two_receipts_has_is_named(italy):
    short = italy.model_copy(update={"items": italy.items[:-1]}).signed_off()
    place = "items.2024-19/ITA-04: "
    (line,) = (line for line in receipt_differences(short, italy) if line.startswith(place))
    assert line.startswith(f'{place}the receipt says "nothing", the run gives {{"date": "2024-11-01", "counted": ')
    assert len(line.partition(" gives ")[2]) == 100  # the rest is left out
    (line,) = (line for line in receipt_differences(italy, short) if line.startswith(place))
    assert line.endswith('the run gives "nothing"')


@pytest.mark.parametrize(("changes", "same"), [
    ({"annotator": "Ada", "annotation_id": "other", "kind": "analyst"}, True), ({"dimensions": ["disrupt"]}, False),
    ({"strength": "weak"}, False), ({"exclusion": "border"}, False), ({"contradicts": True}, False),
    ({"text_sha256": "0"}, False),
], ids=str)  # fmt: skip
def test_the_hash_of_the_evidence_is_of_labels_whoever_gave_them(italy, changes, same):
    other = relabelled(italy, **changes)
    assert (other.evidence_sha256 == italy.evidence_sha256) is same
    assert other.signed_off().sha256 != italy.sha256
    unrelated = {"g7tag": "9.9", "policy": "adjudicated", "published_score": 1, "documents": []}
    assert italy.model_copy(update=unrelated).evidence_sha256 == italy.evidence_sha256
    rules = italy.rules.model_copy(update={"min_strong_items": 3})
    assert italy.model_copy(update={"rules": rules}).evidence_sha256 != italy.evidence_sha256


@pytest.mark.parametrize(("content", "message"), [
    (b"", r"r\.json: not a receipt \(file: Expecting value"),
    (b"\xff", r"r\.json: not a receipt \(file: 'utf-8' codec"),
    (b"{}", r"r\.json: not a receipt \(format: Field required\)"),
    (b"[" * 100_000, r"r\.json: not a receipt \(file: maximum recursion depth"),
], ids=["empty", "no text", "no receipt", "nested"])  # fmt: skip
def test_what_is_no_receipt_is_refused(italy, content, message):
    with pytest.raises(InputError, match=message):
        read_receipt(content, name="r.json")
    odd, old = (italy.content.replace(b'"format": 1', new, 1) for new in (b'"format": 1, "odd": 2', b'"format": 9'))
    with pytest.raises(InputError, match=r"r\.json: not a receipt \(odd: Extra inputs are not permitted\)"):
        read_receipt(odd, name="r.json")
    with pytest.raises(InputError, match=r"a receipt of format 9, expected 1\. Write it again: `g7tag score DIR`"):
        read_receipt(old, name="r.json")
