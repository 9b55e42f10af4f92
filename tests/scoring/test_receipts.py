"""Receipts: the same bytes again, and every change in one is named."""

import json

import pytest

import g7tag
from g7tag.errors import InputError
from g7tag.scoring import Receipt, make_receipts, read_receipt, receipt_differences
from g7tag.steps import Run


@pytest.fixture(scope="module")
def run() -> Run:
    return g7tag.run_report()


@pytest.fixture(scope="module")
def canada(run: Run) -> Receipt:
    return make_receipts(run._asdict(), g7tag.open_codebook())[0]


def changed(receipt: Receipt, old: str, new: str) -> Receipt:
    content = receipt.content.decode("utf-8")
    assert old in content
    return read_receipt(content.replace(old, new, 1).encode("utf-8"), name="r.json")


def test_every_member_has_one_and_it_holds(run: Run) -> None:
    receipts = make_receipts(run._asdict(), g7tag.open_codebook())
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


def test_the_same_run_gives_the_same_bytes(canada: Receipt) -> None:
    again = make_receipts(g7tag.run_report()._asdict(), g7tag.open_codebook())[0]
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
