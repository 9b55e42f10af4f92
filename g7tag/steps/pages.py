"""What is written beside the frames of a run: its page, its receipts, and the ledger that people edit."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.audit import keep_ledger, ledger_rows
from g7tag.codebook import Codebook
from g7tag.errors import RunError
from g7tag.report import run_page
from g7tag.scoring import add_sources, carrying_sentences, make_receipts
from g7tag.steps.opening import Run, codebook_of, read_run
from g7tag.store import LEDGER_FILE, PAGES, Frames, Ledger, RunDirectory, locked, read_ledger, write_ledger


class KeptLedger(NamedTuple):
    """The ledger as it is now, the ids that are stale, and what to say of it."""

    ledger: Ledger
    stale: frozenset[str]
    notes: list[str]


def write_page(frames: Frames, directory: RunDirectory, codebook: Codebook) -> Path:
    """Write the page of a run, and return its path."""
    page = run_page(frames, sentences_behind(Run(**frames), codebook), codebook)
    return directory.write_file(PAGES[0], page.encode("utf-8"))


def write_receipts(frames: Frames, directory: RunDirectory, codebook: Codebook) -> None:
    """Write the receipt of each member into a run directory."""
    for receipt in make_receipts(frames, codebook):
        directory.write_file(receipt.file_name, receipt.content)


def update_ledger(frames: Frames, directory: RunDirectory, codebook: Codebook, before: Iterable[str]) -> KeptLedger:
    """Bring the ledger of a run directory up to date, as it stands in the file at this moment.

    Parameters
    ----------
    frames
        Those of an audited run.
    directory, codebook
        Of the run.
    before
        What `findings_before` gave before the audit.
    """
    path = directory.path / LEDGER_FILE
    rows = ledger_rows(frames, make_receipts(frames, codebook))
    with locked(directory.path):
        kept = keep_ledger(read_ledger(path), rows, before=before)
        write_ledger(path, kept.cells)
        return KeptLedger(read_ledger(path), kept.stale, kept.notes)


def findings_before(directory: RunDirectory, codebook: Codebook) -> list[str]:
    """Return the ids of the findings that a directory's ledger was last brought up to date with.

    Raises
    ------
    InputError
        The ledger cannot be read: better said before the work than after it.
    """
    path = directory.path / LEDGER_FILE
    if not path.exists():
        return []
    read_ledger(path)
    try:
        return list(read_run(directory, ["findings"], codebook)["findings"]["finding_id"])
    except RunError:
        return []


def sentences_behind(run: Run, codebook: Codebook | None = None) -> pd.DataFrame:
    """Return the sentences that carry each member's level in each dimension, with the source behind each.

    Parameters
    ----------
    run
        A run; see `run_report` and `open_run`.
    codebook
        The run's; None takes the one that comes with g7tag.

    Returns
    -------
    pandas.DataFrame
        What `g7tag.carrying_sentences` gives, with needs_review of the tag and, of the item's first note, note (NA if
        it has none), publisher, published, url and url_status.
    """
    book = codebook_of(run, codebook)
    carrying = carrying_sentences(
        run.labels, sentences=run.sentences, items=run.items, evidence_matrix=run.evidence_matrix, codebook=book
    )
    return add_sources(carrying, sentences=run.sentences, items=run.items, tags=run.tags, citations=run.citations)
