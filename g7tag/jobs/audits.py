"""Jobs on a scored run: audit it, update its ledger, apply decisions, write and verify receipts."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from g7tag.audit import Audited, keep_ledger, ledger_rows
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, RunError
from g7tag.jobs.opening import RUN_FRAMES, open_codebook, read_run, with_current_ids
from g7tag.jobs.pages import RECEIPT_FRAMES, write_page
from g7tag.jobs.sharing import gone_notes
from g7tag.jobs.steps import audit, refuse_lost_labels, reviews_state
from g7tag.scoring import (
    make_receipts,
    read_receipt,
    receipt_differences,
)
from g7tag.store import (
    Frames,
    Ledger,
    RunDirectory,
    ledger_path,
    locked,
    read_ledger,
    write_ledger,
)


class Checked(NamedTuple):
    """An audited run: its frames, its current ledger, the ids of stale decisions, and notes on the ledger."""

    frames: Frames
    ledger: Ledger
    stale: frozenset[str]
    notes: list[str]


def audit_run(
    path: Path | str, codebook: Codebook | None = None, *, force: bool = False, announce: Announce = lambda _: None
) -> Checked:
    """Audit a run directory, and update its ledger."""
    book = open_codebook(codebook, path)
    directory = RunDirectory(Path(path), force=force)
    before = findings_before(directory, book)
    frames = read_run(directory, [name for name in RUN_FRAMES if name not in Audited._fields], book)
    frames |= with_current_ids(audit(frames, directory, book, announce, directory.setting("tag", "seen", 0)))
    kept = update_ledger(frames, directory, book, before)
    write_page(frames, directory, book)
    return Checked(
        frames,
        kept.ledger,
        kept.stale,
        [*kept.notes, *_unscored(directory), *gone_notes(directory.path, frames["sentences"], book)],
    )


def stale_notes(stale: Iterable[str]) -> list[str]:
    """Return one line for each decision whose evidence changed."""
    return [f"{each}: the decision is stale because its evidence changed. Decide again." for each in sorted(stale)]


def unscored_notes(path: Path | None) -> list[str]:
    """Return a note if labels were recorded in a run directory after scoring; an unsaved run has none."""
    return [] if path is None else _unscored(RunDirectory(path))


def _unscored(directory: RunDirectory) -> list[str]:
    """Return a note if labels were recorded after scoring."""
    refuse_lost_labels(directory)
    now = reviews_state(directory)
    if all(state == directory.setting("review", name, "") for name, state in now.items()):
        return []
    return [f"some recorded labels are not scored yet: run `g7tag score {directory.path}`, then audit again."]


def verify_receipt(path: Path, directory: RunDirectory | None, codebook: Codebook) -> list[str]:
    """Return how a receipt file differs from the result of its labels and rules and, if given, from a run."""
    try:
        receipt = read_receipt(path.read_bytes(), name=str(path))
    except OSError as error:
        msg = f"{path}: cannot read the receipt ({error.strerror}). Expected a file in DIR/receipts; check the path."
        raise InputError(msg) from error
    if directory is None:
        return receipt_differences(receipt)
    receipts = make_receipts(read_run(directory, RECEIPT_FRAMES, codebook), codebook)
    same = [each for each in receipts if (each.commitment_id, each.code) == (receipt.commitment_id, receipt.code)]
    if not same:
        msg = (
            f"{path}: is the receipt of {receipt.commitment_id}/{receipt.code}, which {directory.path} does not score."
        )
        raise InputError(msg)
    return receipt_differences(receipt, same[0])


class KeptLedger(NamedTuple):
    """The current ledger, the ids of stale decisions, and notes."""

    ledger: Ledger
    stale: frozenset[str]
    notes: list[str]


def write_receipts(frames: Frames, directory: RunDirectory, codebook: Codebook) -> None:
    """Write the receipt of each member into a run directory."""
    for receipt in make_receipts(frames, codebook):
        directory.write_file(receipt.file_name, receipt.content)


def update_ledger(frames: Frames, directory: RunDirectory, codebook: Codebook, before: Iterable[str]) -> KeptLedger:
    """Update the ledger file of a run directory."""
    path = ledger_path(directory.path)
    rows = ledger_rows(frames, make_receipts(frames, codebook))
    with locked(directory.path):
        kept = keep_ledger(read_ledger(path), rows, before=before)
        write_ledger(path, kept.cells)
        return KeptLedger(read_ledger(path), kept.stale, kept.notes)


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
