"""Decisions of people: write one into the ledger, and read the final scores."""

from pathlib import Path

import pandas as pd

from g7tag.audit import ledger_rows
from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import SCORES
from g7tag.jobs.audits import audit_run, unscored_notes
from g7tag.jobs.opening import RUN_FRAMES, open_codebook, read_run
from g7tag.jobs.pages import RECEIPT_FRAMES, final_of, write_page
from g7tag.scoring import SCORE_ROW, make_receipts
from g7tag.store import RunDirectory, current_id, ledger_path, locked, read_ledger, write_ledger
from g7tag.text import listed


def decide(
    directory: Path | str,
    finding_id: str,
    *,
    owner: str,
    note: str,
    decision: int | None = None,
    dismissed: bool = False,
    codebook: Codebook | None = None,
) -> pd.DataFrame:
    """Write one decision into the ledger of an audited run directory, and return the final scores; see `Run.decide`."""
    book, run_directory = open_codebook(codebook, directory), RunDirectory(Path(directory))
    frames = read_run(run_directory, RUN_FRAMES, book)
    finding_id = _row_id(finding_id, frames["members"], book)
    evidence = ledger_rows(frames, make_receipts(frames, book)).set_index("finding_id")["evidence_sha256"]
    path = ledger_path(run_directory.path)
    _require_decision(finding_id, owner, decision)
    if not path.exists():
        audit_run(directory, book)
    changes = {
        "status": "dismissed" if dismissed else "decided", "owner": owner, "note": note,
        "decision": "" if decision is None else f"{decision:d}", "evidence_sha256": str(evidence.get(finding_id, "")),
    }  # fmt: skip
    with locked(run_directory.path):
        cells = read_ledger(path).cells
        row = cells["finding_id"] == finding_id
        if row.sum() != 1:
            found = f"{row.sum()} rows" if row.any() else "no row"
            msg = (
                f"{path}: {found} with id {finding_id!r}. Expected one row with one of the ids "
                f"{listed(cells['finding_id'])}. Audit the run, and name one row."
            )
            raise InputError(msg)
        write_ledger(path, cells.assign(**{name: cells[name].mask(row, value) for name, value in changes.items()}))
    write_page(frames, run_directory, book)
    return decided_scores(run_directory, book)[0]


def _row_id(finding_id: str, members: pd.DataFrame, codebook: Codebook) -> str:
    """Return the id of a ledger row; "score:Germany" and "score:DEU" are also accepted."""
    own = members[members["commitment_id"] == codebook.commitment.id]
    finding_id = current_id(finding_id)
    ids = {
        str(name).casefold(): f"{SCORE_ROW}{codebook.commitment.id}/{row.code}"
        for row in own.itertuples()
        for name in (row.member, row.code)
    }
    member = finding_id.removeprefix(SCORE_ROW).casefold()
    return ids.get(member, finding_id) if finding_id.startswith(SCORE_ROW) else finding_id


def _require_decision(finding_id: str, owner: str, decision: int | None) -> None:
    """Raise an error if the owner is empty, or the decision is not a score or not in a row of a score."""
    if not str(owner or "").strip():
        msg = f"owner {owner!r}: the name is empty. Give the name of the person who decides."
        raise InputError(msg)
    is_score = isinstance(decision, int) and not isinstance(decision, bool) and decision in SCORES
    if decision is not None and not (is_score and finding_id.startswith(SCORE_ROW)):
        msg = (
            f"decision {decision!r} of {finding_id!r}: expected -1, 0 or 1 in a row of a score, and None in other rows."
        )
        raise InputError(msg)


def decided_scores(directory: RunDirectory, codebook: Codebook) -> tuple[pd.DataFrame, list[str]]:
    """Return the final scores of a run directory, and the problems of its ledger."""
    ledger = read_ledger(ledger_path(directory.path))
    frames = read_run(directory, RECEIPT_FRAMES, codebook)
    return final_of(frames, ledger, codebook), [*ledger.problems, *unscored_notes(directory.path)]
