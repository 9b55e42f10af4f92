"""Jobs on a run that was scored: audit it, keep its ledger, apply what was decided, issue and verify receipts."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.audit import INPUTS, keep_ledger, ledger_rows
from g7tag.codebook import Codebook
from g7tag.errors import InputError, RunError
from g7tag.scoring import final_scores, make_receipts, read_receipt, receipt_differences, score_row
from g7tag.steps.opening import open_codebook, read_run
from g7tag.steps.parts import audit
from g7tag.store import LEDGER_FILE, Frames, Ledger, RunDirectory, read_ledger, write_ledger
from g7tag.tagging import Announce

_RECEIPT_FRAMES = (
    "documents", "members", "items", "sentences", "annotations", "labels", "evidence_matrix", "scores",
)  # fmt: skip


class Checked(NamedTuple):
    """An audited run: its frames, the ledger as it is now, the ids that are stale, and what to say of the ledger."""

    frames: Frames
    ledger: Ledger
    stale: frozenset[str]
    notes: list[str]


def audit_run(
    path: Path | str, codebook: Codebook | None = None, *, force: bool = False, announce: Announce = lambda _: None
) -> Checked:
    """Audit a run directory, and bring its ledger up to date.

    Parameters
    ----------
    path
        A run directory that was scored.
    codebook
        The run's; None takes the one that comes with g7tag.
    force, announce
        Audit again where it was done with other settings; called with the name of each part as it begins.

    Returns
    -------
    Checked
        The frames, findings, joint_actions and equal_evidence among them; `ledger.csv` in the directory is written.

    Raises
    ------
    RunError
        The directory holds no scored run, or one of its files was changed since.
    InputError
        The ledger cannot be read; it is left as it is.
    """
    book = codebook or open_codebook()
    directory = RunDirectory(Path(path), force=force)
    file = directory.path / LEDGER_FILE
    ledger = read_ledger(file)
    frames = read_run(directory, [*INPUTS, "tags"], book)
    before = _found_before(directory, book) if file.exists() else []
    frames |= audit(frames, directory, book, announce, int(directory.settings("tag").get("seen", 0)))
    rows = ledger_rows(frames["findings"], make_receipts(frames, book), frames)
    kept = keep_ledger(ledger, rows, before=before)
    write_ledger(file, kept.cells)
    return Checked(frames, read_ledger(file), kept.stale, kept.notes)


def decided_scores(directory: RunDirectory, codebook: Codebook) -> tuple[pd.DataFrame, list[str]]:
    """Return the final scores of a run directory, and what is wrong with its ledger.

    Raises
    ------
    RunError
        The directory holds no scored run.
    InputError
        The ledger cannot be read.
    """
    ledger = read_ledger(directory.path / LEDGER_FILE)
    frames = read_run(directory, _RECEIPT_FRAMES, codebook)
    evidence = {score_row(receipt): receipt.evidence_sha256 for receipt in make_receipts(frames, codebook)}
    return final_scores(frames["scores"], frames["members"], ledger.rows, evidence=evidence), ledger.problems


def verify_receipt(path: Path, directory: RunDirectory | None, codebook: Codebook) -> list[str]:
    """Return how a receipt's file differs from what its labels and rules give and, where one is named, from a run.

    Raises
    ------
    InputError
        The file is no receipt, or its member is none of the run's.
    RunError
        The directory holds no scored run.
    """
    try:
        receipt = read_receipt(path.read_bytes(), name=str(path))
    except OSError as error:
        msg = f"{path}: cannot read the receipt ({error.strerror}). Expected a file in DIR/receipts; check the path."
        raise InputError(msg) from error
    if directory is None:
        return receipt_differences(receipt)
    made = make_receipts(read_run(directory, _RECEIPT_FRAMES, codebook), codebook)
    same = [each for each in made if (each.commitment_id, each.code) == (receipt.commitment_id, receipt.code)]
    if not same:
        msg = f"{path}: is of {receipt.commitment_id}/{receipt.code}, which {directory.path} does not score."
        raise InputError(msg)
    return receipt_differences(receipt, same[0])


def write_receipts(frames: Frames, directory: RunDirectory, codebook: Codebook) -> None:
    """Write the receipt of each member into a run directory."""
    for receipt in make_receipts(frames, codebook):
        directory.write_file(receipt.file_name, receipt.content)


def _found_before(directory: RunDirectory, codebook: Codebook) -> list[str]:
    """Ids of the findings of the last audit, none where there was none or its file is gone."""
    try:
        return list(read_run(directory, ["findings"], codebook)["findings"]["finding_id"])
    except RunError:
        return []
