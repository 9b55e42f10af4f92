"""Jobs on a scored run: score it again, audit it, update its ledger, apply decisions, write and verify receipts."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.audit import Audited, keep_ledger, ledger_rows
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, RunError
from g7tag.frames import SCORES
from g7tag.jobs.opening import RUN_FRAMES, open_codebook, read_run, require_same_labels
from g7tag.jobs.pages import RECEIPT_FRAMES, final_of, write_page
from g7tag.jobs.sharing import gone_notes
from g7tag.jobs.steps import audit, refuse_lost_labels, reviews_state, score
from g7tag.scoring import SCORE_ROW, make_receipts, read_receipt, receipt_differences
from g7tag.store import Frames, Ledger, RunDirectory, ledger_path, locked, read_ledger, write_ledger
from g7tag.text import listed


class Checked(NamedTuple):
    """An audited run: its frames, its current ledger, the ids of stale decisions, and notes on the ledger."""

    frames: Frames
    ledger: Ledger
    stale: frozenset[str]
    notes: list[str]


def audit_run(
    path: Path | str, codebook: Codebook | None = None, *, force: bool = False, announce: Announce = lambda _: None
) -> Checked:
    """Audit a run directory, and update its ledger and its page."""
    book = open_codebook(codebook, path)
    directory = RunDirectory(Path(path), force=force)
    before = findings_before(directory, book)
    frames = read_run(directory, [name for name in RUN_FRAMES if name not in Audited._fields], book)
    frames |= audit(frames, directory, book, announce, directory.setting("tag", "seen", 0))
    ledger, stale, notes = update_ledger(frames, directory, book, before)
    write_page(frames, directory, book)
    others = [*unscored_notes(directory), *gone_notes(directory.path, frames["sentences"], book)]
    return Checked(frames, ledger, stale, [*notes, *others])


def rescore(directory: Path | str, codebook: Codebook, *, announce: Announce = lambda _: None) -> Frames:
    """Score and audit a run directory with its current labels, and return its frames; see `score_run`."""
    run_directory = RunDirectory(Path(directory))
    require_same_labels(run_directory, codebook, scored=True)
    frames = read_run(run_directory, ["documents", "sentences", "items", "members", "tags"], codebook)
    frames |= score(frames, run_directory, codebook, announce)
    write_receipts(frames, run_directory, codebook)
    checked = audit_run(directory, codebook, announce=announce)
    for note in checked.notes + stale_notes(checked.stale):
        announce(note)
    return checked.frames


def stale_notes(stale: Iterable[str]) -> list[str]:
    """Return one line for each decision whose evidence changed."""
    return [f"{each}: the decision is stale because its evidence changed. Decide again." for each in sorted(stale)]


def unscored_notes(directory: RunDirectory) -> list[str]:
    """Return a note if labels were recorded after scoring."""
    refuse_lost_labels(directory)
    if all(state == directory.setting("review", name, "") for name, state in reviews_state(directory).items()):
        return []
    return [f"some recorded labels are not scored yet: run `g7tag score {directory.path}`, then audit again."]


def write_receipts(frames: Frames, directory: RunDirectory, codebook: Codebook) -> None:
    """Write the receipt of each member into a run directory."""
    for receipt in make_receipts(frames, codebook):
        directory.write_file(receipt.file_name, receipt.content)


def verify_receipt(path: Path, directory: RunDirectory | None, codebook: Codebook) -> list[str]:
    """Return how a receipt file differs from the result of its labels and rules and, if given, from a run."""
    try:
        receipt = read_receipt(path.read_bytes(), name=str(path))
    except OSError as error:
        msg = f"{path}: cannot read the receipt ({error.strerror}). Expected a file in DIR/receipts; check the path."
        raise InputError(msg) from error
    if directory is None:
        return receipt_differences(receipt)
    for own in make_receipts(read_run(directory, RECEIPT_FRAMES, codebook), codebook):
        if (own.commitment_id, own.code) == (receipt.commitment_id, receipt.code):
            return receipt_differences(receipt, own)
    msg = f"{path}: is the receipt of {receipt.commitment_id}/{receipt.code}, which {directory.path} does not score."
    raise InputError(msg)


def update_ledger(
    frames: Frames, directory: RunDirectory, codebook: Codebook, before: Iterable[str]
) -> tuple[Ledger, frozenset[str], list[str]]:
    """Update the ledger file of a run directory; return it, the ids of stale decisions, and notes."""
    path = ledger_path(directory.path)
    rows = ledger_rows(frames, make_receipts(frames, codebook))
    with locked(directory.path):
        kept = keep_ledger(read_ledger(path), rows, before=before)
        write_ledger(path, kept.cells)
        return read_ledger(path), kept.stale, kept.notes


def findings_before(directory: RunDirectory, codebook: Codebook) -> list[str]:
    """Return the ids of the findings of the previous audit; empty if there is no ledger or no previous audit."""
    path = ledger_path(directory.path)
    if not path.exists():
        return []
    read_ledger(path)
    try:
        return list(read_run(directory, ["findings"], codebook)["findings"]["finding_id"])
    except RunError:
        return []


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
    row_id = _row_id(finding_id, frames["members"], book)
    evidence = ledger_rows(frames, make_receipts(frames, book)).set_index("finding_id")["evidence_sha256"]
    if not owner.strip():
        msg = f"owner {owner!r}: the name is empty. Give the name of the person who decides."
        raise InputError(msg)
    if decision is not None and not (decision in SCORES and row_id.startswith(SCORE_ROW)):
        msg = f"decision {decision!r} of {row_id!r}: expected -1, 0 or 1 in a row of a score, and None in other rows."
        raise InputError(msg)
    path = ledger_path(run_directory.path)
    if not path.exists():
        audit_run(directory, book)
    changes = {
        "status": "dismissed" if dismissed else "decided", "owner": owner, "note": note,
        "decision": "" if decision is None else f"{decision:d}", "evidence_sha256": str(evidence.get(row_id, "")),
    }  # fmt: skip
    with locked(run_directory.path):
        cells = read_ledger(path).cells
        row = cells["finding_id"] == row_id
        if row.sum() != 1:
            found = f"{row.sum()} rows" if row.any() else "no row"
            msg = (
                f"{path}: {found} with id {row_id!r}. Expected one row with one of the ids "
                f"{listed(cells['finding_id'])}. Audit the run, and name one row."
            )
            raise InputError(msg)
        write_ledger(path, cells.assign(**{name: cells[name].mask(row, value) for name, value in changes.items()}))
    write_page(frames, run_directory, book)
    return decided_scores(run_directory, book)[0]


def _row_id(finding_id: str, members: pd.DataFrame, codebook: Codebook) -> str:
    """Return the id of a ledger row; "score:Germany" and "score:DEU" are also accepted."""
    finding_id = finding_id.strip()
    if not finding_id.startswith(SCORE_ROW):
        return finding_id
    given = finding_id.removeprefix(SCORE_ROW).casefold()
    own = members[members["commitment_id"] == codebook.commitment.id]
    codes = own.loc[(own["member"].str.casefold() == given) | (own["code"].str.casefold() == given), "code"]
    return f"{SCORE_ROW}{codebook.commitment.id}/{codes.iloc[-1]}" if len(codes) else finding_id


def decided_scores(directory: RunDirectory, codebook: Codebook) -> tuple[pd.DataFrame, list[str]]:
    """Return the final scores of a run directory, and the problems of its ledger."""
    ledger = read_ledger(ledger_path(directory.path))
    frames = read_run(directory, RECEIPT_FRAMES, codebook)
    return final_of(frames, ledger, codebook), [*ledger.problems, *unscored_notes(directory)]
