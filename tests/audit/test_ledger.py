"""Reruns keep what people wrote, mark changed rows as stale and restore deleted rows."""

import pandas as pd
import pytest

from g7tag.audit import keep_ledger, ledger_rows
from g7tag.frames import FINDINGS, LEDGER, build
from g7tag.scoring import make_receipts
from g7tag.store import read_ledger, write_ledger

SCORE, SLIP = "score:2024-19/ITA", "repeated_words:2024-19/ITA-01"
BLANK = {"severity": "", "member": "Italy", "status": "open", "owner": "", "note": "", "decision": None}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.csv"


def kept(path, *, score="a", slip="b", before=()):
    """Update the ledger with the row of a score and of a finding, whose evidence has these hashes, and write it."""
    hashes = {SCORE: score} | ({SLIP: slip} if slip else {})
    rows = [
        BLANK | {"finding_id": name, "message": f"about {name}", "evidence_sha256": sha256}
        for name, sha256 in hashes.items()
    ]
    new = build(LEDGER, rows).assign(decision="")
    done = keep_ledger(read_ledger(path), new, before=before)
    write_ledger(path, done.cells)
    return done


def edit(path, finding_id, **cells):
    """Edit a row as a person would, who signs what is decided."""
    ledger = read_ledger(path).cells.set_index("finding_id")
    for name, cell in ({"owner": "Ada"} | cells).items():
        ledger.loc[finding_id, name] = cell
    write_ledger(path, ledger.reset_index())


def test_a_rerun_writes_the_same_bytes_and_keeps_what_people_wrote(path):
    kept(path)
    first = path.read_bytes()
    assert (kept(path).notes, path.read_bytes()) == ([], first)
    write_ledger(path, kept(path).cells.assign(seen_on="Monday"))  # a column of their own
    edit(path, SCORE, status="decided", note="read again", decision="+1")
    done = kept(path)
    row = done.cells.set_index("finding_id").loc[SCORE]
    names = ["status", "owner", "note", "decision", "seen_on"]
    assert row[names].tolist() == ["decided", "Ada", "read again", "+1", "Monday"]
    assert done.stale == frozenset()


@pytest.mark.parametrize(
    ("row", "cells"), [(SCORE, {"status": "decided", "decision": "+1"}), (SLIP, {"status": "dismissed"})]
)
def test_what_is_settled_is_stale_when_the_evidence_changed_until_it_is_settled_again(path, row, cells):
    now = {"score" if row == SCORE else "slip": "new"}
    kept(path, **now)
    assert kept(path).stale == frozenset()  # an open row follows the evidence
    edit(path, row, **cells)
    assert kept(path).stale == frozenset()
    assert [kept(path, **now).stale for _ in range(2)] == [{row}, {row}]  # still
    edit(path, row, evidence_sha256="")  # on the evidence as it is
    assert kept(path, **now).stale == frozenset()
    assert kept(path).stale == {row}


def test_a_finding_that_is_gone_keeps_its_row_and_says_so(path):
    kept(path)
    edit(path, SLIP, status="dismissed", note="a slip")
    for _ in range(2):
        done = kept(path, slip=None)
    row = done.cells.set_index("finding_id").loc[SLIP]
    assert (row["note"], row["message"]) == ("a slip", f"no longer found. about {SLIP}")
    assert done.stale == {SLIP}


def test_a_deleted_row_is_named_and_put_back(path):
    write_ledger(path, kept(path).cells.head(1))
    done = kept(path, before=(SCORE, SLIP))
    assert done.notes == [f"row {SLIP} was deleted and is restored as open."]
    assert done.cells["finding_id"].tolist() == [SCORE, SLIP]


def test_rows_that_cannot_be_used_are_named_and_nothing_in_them_is_lost(path):
    kept(path)
    edit(path, SCORE, status="decidd", decision="+1", note="my words")
    for _ in range(2):
        done = kept(path, score="new")
    row = done.cells.set_index("finding_id").loc[SCORE]
    assert row[["status", "note", "evidence_sha256"]].tolist() == ["decidd", "my words", "a"]
    assert len(done.notes) == 1
    assert "status 'decidd' is unknown" in done.notes[0]
    edit(path, SCORE, status="decided")
    assert kept(path, score="new").stale == {SCORE}  # mended, but decided on other evidence


def test_a_row_that_stands_twice_is_kept_twice(path):
    first = kept(path)
    write_ledger(path, pd.concat([first.cells, first.cells.head(1).assign(note="again")]))
    for _ in range(2):
        done = kept(path)
    assert done.cells.loc[done.cells["finding_id"] == SCORE, "note"].tolist() == ["", "again"]


def rows(report, frames=None):
    """The rows of the report's scores and of three findings, by finding_id."""
    proofs = {"item": "2024-19/ITA-01", "member": "2024-19/ITA", "note": "note 1", "sentence": "2024-19/ITA-01.1"}
    blank = {"severity": "low", "member": "Italy", "subject": "s", "message": "m"}
    found = [blank | {"finding_id": name, "check": name, "proof": proof} for name, proof in proofs.items()]
    frames = (frames or report.frames()) | {"findings": build(FINDINGS, found)}
    return ledger_rows(frames, make_receipts(frames, report.codebook)).set_index("finding_id")


def test_a_new_ledger_has_a_row_to_decide_each_member_and_one_for_each_finding(report):
    table = rows(report)
    assert table.index.tolist() == [SCORE, "score:2024-19/JPN", "item", "member", "note", "sentence"]
    assert table.loc[SCORE, "message"] == (
        "published 0; suggested scoring-table 0, interpretive-guidelines 0. To decide the final score, enter it in "
        "decision, your name in owner, the reason in note and decided in status."
    )
    assert set(table["status"]) == {"open"}


def test_evidence_is_another_where_what_it_proves_changed_and_the_same_whoever_labelled_it(report):
    frames = report.frames()
    named = frames["annotations"].assign(annotator="another", annotation_id=frames["annotations"]["sentence_id"])
    labels = frames["labels"].assign(annotation_id=frames["labels"]["sentence_id"])
    pd.testing.assert_frame_equal(rows(report), rows(report, frames | {"annotations": named, "labels": labels}))
    before = rows(report)["evidence_sha256"]

    def changed():
        return sorted(before.index[before != rows(report)["evidence_sha256"]])

    report.citations[0]["url"] = "https://b.example"
    assert changed() == ["note"]
    report.claims[1]["claimed"] = "weak"  # Italy's
    assert changed() == ["member", "note"]
    report.items[0]["citations"] = "2"
    assert changed() == ["item", "member", "note"]
    report.labels["2024-19/ITA-01"] = ("counter", "strong", "")
    assert changed() == ["item", "member", "note", SCORE, "sentence"]
