"""Jobs on a scored run: audit it, update its ledger, apply decisions, write and verify receipts."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.audit import Audited, keep_ledger, ledger_rows
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, RunError, listed
from g7tag.frames import SCORES
from g7tag.jobs.opening import RUN_FRAMES, open_codebook, read_run, with_current_ids
from g7tag.jobs.sharing import gone_notes
from g7tag.jobs.steps import audit, refuse_lost_labels, reviews_state
from g7tag.report import run_page
from g7tag.scoring import (
    SCORE_ROW,
    add_sources,
    carrying_sentences,
    final_scores,
    make_receipts,
    read_receipt,
    receipt_differences,
    score_row,
)
from g7tag.store import (
    PAGES,
    Frames,
    Ledger,
    RunDirectory,
    current_id,
    ledger_path,
    locked,
    read_ledger,
    write_ledger,
)

_RECEIPT_FRAMES = (
    "documents", "members", "items", "sentences", "annotations", "labels", "evidence_matrix", "scores",
)  # fmt: skip


class Checked(NamedTuple):
    """An audited run: its frames, its current ledger, the ids of stale decisions, and notes on the ledger."""

    frames: Frames
    ledger: Ledger
    stale: frozenset[str]
    notes: list[str]


def audit_run(
    path: Path | str, codebook: Codebook | None = None, *, force: bool = False, announce: Announce = lambda _: None
) -> Checked:
    """Audit a run directory, and update its ledger.

    Parameters
    ----------
    path
        A scored run directory.
    codebook
        The codebook of the run; None reads the copy in the directory.
    force
        Audit again if the previous audit used other settings.
    announce
        Called with the name of each part when it starts.

    Returns
    -------
    Checked
        All frames of the run, and the ledger after the audit. The page of the directory is written again, and
        `ledger.csv` is created or updated.

    Raises
    ------
    RunError
        The directory contains no scored run, or one of its files was changed since.
    InputError
        The ledger cannot be read; it is not changed.
    """
    book = codebook or open_codebook(directory=path)
    directory = RunDirectory(Path(path), force=force)
    before = findings_before(directory, book)
    frames = read_run(directory, [name for name in RUN_FRAMES if name not in Audited._fields], book)
    frames |= with_current_ids(audit(frames, directory, book, announce, directory.setting("tag", "seen", 0)))
    write_page(frames, directory, book)
    kept = update_ledger(frames, directory, book, before)
    return Checked(
        frames,
        kept.ledger,
        kept.stale,
        [*kept.notes, *_unscored(directory), *gone_notes(directory.path, frames["sentences"])],
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
    book, run_directory = codebook or open_codebook(directory=directory), RunDirectory(Path(directory))
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
    return decided_scores(run_directory, book)[0]


def _row_id(finding_id: str, members: pd.DataFrame, codebook: Codebook) -> str:
    """Return the id of a ledger row; "score:Germany" and "score:DEU" are also accepted."""
    own = members[members["commitment_id"] == codebook.commitment.id]
    finding_id = current_id(finding_id)
    ids = {
        name: f"{SCORE_ROW}{codebook.commitment.id}/{row.code}"
        for row in own.itertuples()
        for name in (row.member, row.code)
    }
    return ids.get(finding_id.removeprefix(SCORE_ROW), finding_id) if finding_id.startswith(SCORE_ROW) else finding_id


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
    """Return the final scores of a run directory, and the problems of its ledger.

    Raises
    ------
    RunError
        The directory contains no scored run.
    InputError
        The ledger cannot be read.
    """
    ledger = read_ledger(ledger_path(directory.path))
    frames = read_run(directory, _RECEIPT_FRAMES, codebook)
    evidence = {score_row(receipt): receipt.evidence_sha256 for receipt in make_receipts(frames, codebook)}
    final = final_scores(frames["scores"], frames["members"], ledger.rows, evidence=evidence)
    unusable = set(ledger.cells["finding_id"]) - set(ledger.rows["finding_id"])  # named among the problems
    codes = dict(zip(frames["members"]["member"], frames["members"]["code"], strict=True))
    rows = SCORE_ROW + final["commitment_id"] + "/" + final["member"].map(codes)
    wrong = rows.isin(unusable)
    final = final.assign(
        final_score=final["final_score"].mask(wrong), basis=final["basis"].mask(wrong, "open"),
        why=final["why"].mask(wrong, "row " + rows + " cannot be used; see the messages"),
    )  # fmt: skip
    return final, [*ledger.problems, *_unscored(directory)]


def verify_receipt(path: Path, directory: RunDirectory | None, codebook: Codebook) -> list[str]:
    """Return how a receipt file differs from the result of its labels and rules and, if given, from a run.

    Raises
    ------
    InputError
        The file is not a receipt, or the run does not score its member.
    RunError
        The directory contains no scored run.
    """
    try:
        receipt = read_receipt(path.read_bytes(), name=str(path))
    except OSError as error:
        msg = f"{path}: cannot read the receipt ({error.strerror}). Expected a file in DIR/receipts; check the path."
        raise InputError(msg) from error
    if directory is None:
        return receipt_differences(receipt)
    receipts = make_receipts(read_run(directory, _RECEIPT_FRAMES, codebook), codebook)
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


def write_page(frames: Frames, directory: RunDirectory, codebook: Codebook) -> Path:
    """Write the page of a run, and return its path."""
    page = run_page(frames, sentences_behind(frames, codebook), codebook)
    return directory.write_file(PAGES[0], page.encode("utf-8"))


def write_receipts(frames: Frames, directory: RunDirectory, codebook: Codebook) -> None:
    """Write the receipt of each member into a run directory."""
    for receipt in make_receipts(frames, codebook):
        directory.write_file(receipt.file_name, receipt.content)


def update_ledger(frames: Frames, directory: RunDirectory, codebook: Codebook, before: Iterable[str]) -> KeptLedger:
    """Update the ledger file of a run directory.

    Parameters
    ----------
    frames
        Frames of an audited run.
    directory, codebook
        Directory and codebook of the run.
    before
        The result of `findings_before` before the audit.
    """
    path = ledger_path(directory.path)
    rows = ledger_rows(frames, make_receipts(frames, codebook))
    with locked(directory.path):
        kept = keep_ledger(read_ledger(path), rows, before=before)
        write_ledger(path, kept.cells)
        return KeptLedger(read_ledger(path), kept.stale, kept.notes)


def findings_before(directory: RunDirectory, codebook: Codebook) -> list[str]:
    """Return the ids of the findings of the previous audit; empty if there is no ledger or no previous audit.

    Raises
    ------
    InputError
        The ledger cannot be read; this is checked before the audit starts.
    """
    path = ledger_path(directory.path)
    if not path.exists():
        return []
    read_ledger(path)
    try:
        return list(read_run(directory, ["findings"], codebook)["findings"]["finding_id"])
    except RunError:
        return []


def sentences_behind(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the sentences that carry each level, with their sources; see `Run.sentences_behind`."""
    sentences, items = frames["sentences"], frames["items"]
    carrying = carrying_sentences(
        frames["labels"], sentences=sentences, items=items, evidence_matrix=frames["evidence_matrix"], codebook=codebook
    )
    return add_sources(carrying, sentences=sentences, items=items, tags=frames["tags"], citations=frames["citations"])
