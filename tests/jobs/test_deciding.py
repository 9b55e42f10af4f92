"""Decisions written into the ledger from Python refer to the current evidence, or are refused as a whole."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import g7tag
from g7tag import jobs
from g7tag.codebook import Codebook
from g7tag.errors import InputError, RunError
from g7tag.store import RunDirectory, locked, read_ledger, read_table, write_ledger

pytestmark = pytest.mark.slow

REPORT, DECISIONS = g7tag.example_path("invented-report.txt"), g7tag.example_path("invented-decisions.csv")
WHY = {"owner": "Ada", "note": "read it all"}


@pytest.mark.parametrize(
    ("finding_id", "given", "match"),
    [
        (
            "score:x",
            {},
            r"ledger\.csv: no row with id 'score:x'\. Expected one row .*\. Audit the run, and name one row\.",
        ),
        ("score:2024-19/CAN", {"decision": 2}, r"decision 2 of 'score:2024-19/CAN': expected -1, 0 or 1 in a row of a"),
        ("score:2024-19/CAN", {"decision": True}, r"decision True of 'score:2024-19/CAN': expected -1, 0 or 1"),
        (
            "score_differs:2024-19/CAN",
            {"decision": 1},
            r"expected -1, 0 or 1 in a row of a score, and None in other rows",
        ),
        ("score:2024-19/CAN", {"decision": 1, "owner": " "}, r"owner ' ': the name is empty\. Give the name"),
    ],
    ids=["unknown", "no score", "truth", "finding", "nobody"],
)
def test_a_decision_that_cannot_be_is_refused_and_the_ledger_left(
    folder: Path, finding_id: str, given: dict[str, Any], match: str
) -> None:
    jobs.audit_run(folder)
    before = (folder / "ledger.csv").read_bytes()
    with pytest.raises(InputError, match=match):
        jobs.decide(folder, finding_id, **(WHY | given))
    assert (folder / "ledger.csv").read_bytes() == before


def test_an_id_that_stands_twice_and_another_codebook_are_refused(folder: Path, codebook: Codebook) -> None:
    jobs.audit_run(folder)
    ledger = folder / "ledger.csv"
    other = codebook.model_copy(update={"version": "0"})
    before = ledger.read_bytes()
    with pytest.raises(RunError, match=r"version 2\.0\.0 .*, not version 0 .* Replace it and score again"):
        jobs.decide(folder, "score:2024-19/CAN", codebook=other, **WHY)
    assert ledger.read_bytes() == before
    rows = read_table(ledger)
    pd.concat([rows, rows.head(1)]).to_csv(ledger, index=False)
    with pytest.raises(InputError, match=f"2 rows with id '{rows['finding_id'][0]}'"):
        jobs.decide(folder, rows["finding_id"][0], **WHY)


def test_a_decision_on_a_score_is_final_and_is_made_again_when_the_evidence_changed(folder: Path) -> None:
    jobs.audit_run(folder)
    final = jobs.decide(folder, "score:2024-19/CAN", decision=-1, **WHY).set_index("member")
    assert final.loc["Canada", ["final_score", "basis", "decided_by", "why"]].tolist() == [-1, "decided", *WHY.values()]
    jobs.decide(folder, "score_differs:2024-19/CAN", dismissed=True, **WHY)
    rows = read_table(folder / "ledger.csv").set_index("finding_id")
    assert rows.loc["score_differs:2024-19/CAN", "status"] == "dismissed"
    jobs.record_labels(folder, DECISIONS, annotator="Ada")
    told: list[str] = []
    jobs.score_run(folder, announce=told.append)
    stale = jobs.decided_scores(RunDirectory(folder), g7tag.open_codebook())[0].set_index("member")
    assert stale.loc["Canada", "basis"] == "stale"
    again = jobs.decide(folder, "score:2024-19/CAN", decision=1, owner="Bo", note="now").set_index("member")
    assert again.loc["Canada", ["final_score", "basis", "decided_by"]].tolist() == [1, "decided", "Bo"]


def test_two_processes_cannot_write_the_ledger_at_once(folder: Path) -> None:
    jobs.audit_run(folder)
    with locked(folder), pytest.raises(RunError, match=r"another g7tag is writing there\. Wait until it has finished"):
        jobs.decide(folder, "score:2024-19/CAN", decision=0, **WHY)
    with locked(folder), pytest.raises(RunError, match="another g7tag is writing there"):
        jobs.audit_run(folder)
    jobs.decide(folder, "score:2024-19/CAN", decision=0, **WHY)


def test_a_ledger_saved_as_a_workbook_is_used_and_updated(folder: Path) -> None:
    run = g7tag.open_run(folder)
    run.decide("score:Canada", decision=1, **WHY)
    cells = read_ledger(folder / "ledger.csv").cells
    (folder / "ledger.csv").unlink()
    write_ledger(folder / "ledger.xlsx", cells)
    assert run.final_scores().set_index("member").loc["Canada", "final_score"] == 1
    run.decide("score:Canada", decision=0, **WHY)
    jobs.audit_run(folder)
    assert not (folder / "ledger.csv").exists()
    assert run.final_scores().set_index("member").loc["Canada", "final_score"] == 0
