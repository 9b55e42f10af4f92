"""Reruns keep what people wrote, mark changed rows as stale and restore deleted rows."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from g7tag.audit import Kept, keep_ledger, ledger_rows
from g7tag.scoring import make_receipts
from g7tag.store import read_ledger, write_ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.csv"


def rows(report: Any) -> pd.DataFrame:
    frames = report.frames()
    receipts = make_receipts(frames, report.codebook)
    return ledger_rows(frames | {"findings": report.audited().findings}, receipts)


def kept(report: Any, path: Path, *, before: list[str] | None = None) -> Kept:
    """Update the ledger of a report and write it."""
    done = keep_ledger(read_ledger(path), rows(report), before=before or [])
    write_ledger(path, done.cells)
    return done


def edit(path: Path, finding_id: str, **cells: str) -> None:
    """Edit a row as a person would, who signs what is decided."""
    if cells.get("status") in {"decided", "dismissed", "decidd"}:
        cells.setdefault("owner", "Ada")
    ledger = read_ledger(path).cells.set_index("finding_id")
    for name, cell in cells.items():
        ledger.loc[finding_id, name] = cell
    write_ledger(path, ledger.reset_index())


def test_a_new_ledger_has_a_row_to_decide_each_member_and_one_for_each_finding(report: Any, path: Path) -> None:
    cells = kept(report, path).cells
    assert cells["finding_id"].tolist()[:2] == ["score:2024-19/ITA", "score:2024-19/JPN"]
    assert set(cells["finding_id"][2:]) == set(report.audited().findings["finding_id"])
    assert set(cells["status"]) == {"open"}
    assert cells.loc[0, "message"].startswith("published 0; suggested scoring-table 0, interpretive-guidelines 0.")


def test_a_rerun_writes_the_same_bytes(report: Any, path: Path) -> None:
    kept(report, path)
    first = path.read_bytes()
    assert (kept(report, path).notes, path.read_bytes()) == ([], first)


def test_what_people_wrote_is_kept_over_reruns(report: Any, path: Path) -> None:
    kept(report, path)
    edit(path, "score:2024-19/ITA", status="decided", owner="Ada", note="read again", decision="+1")
    done = kept(report, path)
    row = done.cells.set_index("finding_id").loc["score:2024-19/ITA"]
    assert row[["status", "owner", "note", "decision"]].tolist() == ["decided", "Ada", "read again", "+1"]
    assert done.stale == frozenset()


def test_a_decision_is_stale_when_the_evidence_changed_until_it_is_made_again(report: Any, path: Path) -> None:
    kept(report, path)
    edit(path, "score:2024-19/ITA", status="decided", decision="+1")
    report.labels["2024-19/ITA-01"] = ("counter", "strong", "")
    assert kept(report, path).stale == {"score:2024-19/ITA"}
    assert kept(report, path).stale == {"score:2024-19/ITA"}  # still
    edit(path, "score:2024-19/ITA", evidence_sha256="")  # on the evidence as it is
    assert kept(report, path).stale == frozenset()


def test_a_note_on_a_finding_is_stale_when_what_proves_it_changed(report: Any, path: Path) -> None:
    report.items[0]["text"] = "On 1 July 2024, Italy paid for for it."
    kept(report, path)
    edit(path, "repeated_words:2024-19/ITA-01", status="dismissed", note="a slip")
    assert kept(report, path).stale == frozenset()
    report.items[0]["text"] = "On 1 July 2024, Italy paid paid for it."
    assert kept(report, path).stale == {"repeated_words:2024-19/ITA-01"}


def test_an_open_row_follows_the_evidence(report: Any, path: Path) -> None:
    kept(report, path)
    report.labels["2024-19/ITA-01"] = ("counter", "strong", "")
    assert kept(report, path).stale == frozenset()


def test_a_finding_that_is_gone_keeps_its_row_and_says_so(report: Any, path: Path) -> None:
    report.items[0]["text"] = "On 1 July 2024, Italy paid for for it."
    kept(report, path)
    edit(path, "repeated_words:2024-19/ITA-01", status="dismissed", note="a slip")
    report.items[0]["text"] = "On 1 July 2024, Italy paid for it."
    for _ in range(2):
        done = kept(report, path)
    row = done.cells.set_index("finding_id").loc["repeated_words:2024-19/ITA-01"]
    assert row["note"] == "a slip"
    assert row["message"].startswith("no longer found. repeats words")
    assert done.stale == {"repeated_words:2024-19/ITA-01"}


def test_a_deleted_row_is_named_and_put_back(report: Any, path: Path) -> None:
    first = kept(report, path)
    write_ledger(path, first.cells[first.cells["finding_id"] != "depends_on_threshold:2024-19"])
    done = kept(report, path, before=first.cells["finding_id"].tolist())
    assert done.notes == ["row depends_on_threshold:2024-19 was deleted and is restored as open."]
    assert "depends_on_threshold:2024-19" in set(done.cells["finding_id"])


def test_rows_that_cannot_be_used_are_named_and_nothing_in_them_is_lost(report: Any, path: Path) -> None:
    kept(report, path)
    edit(path, "depends_on_threshold:2024-19", status="done", note="my words")
    for _ in range(2):
        done = kept(report, path)
    row = done.cells.set_index("finding_id").loc["depends_on_threshold:2024-19"]
    assert row[["status", "note"]].tolist() == ["done", "my words"]
    assert len(done.notes) == 1
    assert "status 'done' is unknown" in done.notes[0]


def test_a_row_that_stands_twice_is_kept_twice(report: Any, path: Path) -> None:
    first = kept(report, path)
    write_ledger(path, pd.concat([first.cells, first.cells.head(1).assign(note="again")]))
    for _ in range(2):
        done = kept(report, path)
    assert done.cells.loc[done.cells["finding_id"] == "score:2024-19/ITA", "note"].tolist() == ["", "again"]


def test_columns_of_ones_own_are_kept(report: Any, path: Path) -> None:
    first = kept(report, path)
    write_ledger(path, first.cells.assign(seen_on="Monday"))
    assert set(kept(report, path).cells["seen_on"]) == {"Monday"}


def test_a_row_that_could_not_be_used_is_stale_once_it_is_mended_on_other_evidence(report: Any, path: Path) -> None:
    kept(report, path)
    edit(path, "score:2024-19/ITA", status="decidd", decision="+1")
    report.labels["2024-19/ITA-01"] = ("counter", "strong", "")
    kept(report, path)
    edit(path, "score:2024-19/ITA", status="decided")
    assert kept(report, path).stale == {"score:2024-19/ITA"}


def test_the_evidence_is_the_same_whoever_labelled_it(report: Any) -> None:
    frames = report.frames() | {"findings": report.audited().findings}
    named = frames["annotations"].assign(annotator="another", annotation_id=frames["annotations"]["sentence_id"])
    labels = frames["labels"].assign(annotation_id=frames["labels"]["sentence_id"])
    hashes = [
        ledger_rows(each, make_receipts(each, report.codebook))["evidence_sha256"].tolist()
        for each in (frames, frames | {"annotations": named, "labels": labels})
    ]
    assert hashes[0] == hashes[1]


def test_a_note_on_a_members_claims_is_stale_when_the_claims_change(report: Any, path: Path) -> None:
    report.members[0]["published_score"] = 1
    kept(report, path)
    edit(path, "claims_contradict_score:2024-19/ITA", status="dismissed")
    report.claims[1]["claimed"] = "weak"
    assert "claims_contradict_score:2024-19/ITA" in kept(report, path).stale


def test_another_tagger_with_the_same_labels_leaves_decisions_fresh(report: Any, path: Path) -> None:
    kept(report, path)
    edit(path, "score:2024-19/ITA", status="decided", decision="+1")
    frames = report.frames()
    frames["annotations"]["annotator"] = "another"
    again = ledger_rows(frames | {"findings": report.audited().findings}, make_receipts(frames, report.codebook))
    assert keep_ledger(read_ledger(path), again).stale == frozenset()
