"""Whole jobs: a run from report to page, and what is read of one again."""

import atexit
import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from g7tag import corpus, tagger
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.evidence import Evidence, extract_evidence, read_part_limited, require_commitment
from g7tag.jobs.audits import audit_run, findings_before, update_ledger, write_page, write_receipts
from g7tag.jobs.opening import Run, open_codebook, open_run
from g7tag.jobs.steps import audit, ingest, items_seen, score, tag
from g7tag.labels import ADJUDICATED, POLICY
from g7tag.sources import MOST_PAGES, read_documents
from g7tag.store import LEDGER_FILE, RunDirectory

FIRST_YEAR, LAST_YEAR = 1975, 2999
"""Years that a summit may be of; the first was in 1975."""


def read_reports(
    reports: Sequence[Path | str] = (),
    codebook: Codebook | None = None,
    *,
    commitments: Collection[int] = (),
    year: int | None = None,
    keep_hidden: bool = False,
    most_pages: int = MOST_PAGES,
    announce: Announce = lambda _: None,
) -> Evidence:
    """Read reports into the evidence frames; no reports give the bundled evidence.

    Parameters
    ----------
    reports, codebook
        PDF, Word (DOCX), HTML or text files, and the codebook that names the members (None: the bundled one).
    commitments
        Numbers of those to keep; none keep all. A single one is also the number of a commitment without a heading.
    year
        Of the summit, whatever the reports' titles say; None takes each title's. Where neither gives it the evidence is
        read and not scored.
    keep_hidden
        Take text that nobody sees on the page (white, tiny, not painted) for evidence.
    most_pages
        That a PDF may have.
    announce
        Called with what is being read.

    Returns
    -------
    Evidence
        `gaps` says what of the reports could not be read or used, and why; `documents.hidden` where text is hidden.

    Raises
    ------
    SourceError
        None of the reports can be read, or none holds a member's section.
    """
    book = codebook or open_codebook()
    if not reports:
        return corpus.bundled_evidence(book)
    read = read_documents(map(Path, reports), most_pages=most_pages, announce=announce)
    announce("reading the evidence")
    return extract_evidence(
        read.documents, book, gaps=read.gaps, numbers=set(commitments), keep_hidden=keep_hidden,
        year=_year_word(year), read=read_part_limited,
    )  # fmt: skip


def run_report(  # noqa: PLR0913 - a job with its settings, all of them named
    reports: Sequence[Path | str] = (),
    *,
    output: Path | str | None = None,
    codebook: Codebook | None = None,
    model: "tagger.Tagger | Path | str | None" = None,
    policy: str = POLICY,
    commitments: Collection[int] = (),
    year: int | None = None,
    keep_hidden: bool = False,
    most_pages: int = MOST_PAGES,
    force: bool = False,
    announce: Announce = lambda _: None,
) -> Run:
    """Take reports all the way: evidence, tags, labels, scores, findings, and a page.

    Parameters
    ----------
    reports
        PDF, Word (DOCX), HTML or text files; none take the bundled evidence.
    output
        Run directory; None writes nothing. One of the same inputs and settings is continued.
    codebook
        None takes the one that comes with g7tag.
    model
        A tagger or a .skops file; None takes the model that comes with g7tag for the codebook.
    policy
        Whose labels count; "adjudicated" takes the corpus's own, on the bundled evidence alone.
    commitments, year, keep_hidden, most_pages
        As for `read_reports`.
    force, announce
        Replace the frames of other inputs or settings; called with the name of each step as it begins.

    Raises
    ------
    G7TagError
        An input cannot be used.

    Examples
    --------
    >>> run = run_report()
    >>> run.scores.loc[run.scores["member"] == "Japan", ["reading", "suggested_score"]].values.tolist()
    [['scoring-table', 0], ['interpretive-guidelines', 0]]
    """
    book = codebook or open_codebook(directory=output)
    directory = RunDirectory(Path(output), force=force) if output is not None else None
    chosen = model or tagger.default_model(book)
    loaded = chosen if isinstance(chosen, tagger.Tagger) else tagger.load_tagger(chosen, book)
    before = [] if directory is None else findings_before(directory, book)
    announce("reading the report" if reports else "reading the bundled evidence")
    evidence = read_reports(
        reports, book, commitments=commitments, year=year, keep_hidden=keep_hidden, most_pages=most_pages,
        announce=announce,
    )  # fmt: skip
    require_commitment(evidence, book)
    if reports and policy == ADJUDICATED:
        msg = (
            f"policy {policy!r}: nobody has adjudicated labels of {reports[0]}. Use it with the bundled evidence alone."
        )
        raise InputError(msg)
    frames = ingest(evidence, directory, book, commitments=commitments, year=year, keep_hidden=keep_hidden)
    frames |= tag(frames, directory, book, loaded, announce)
    frames |= score(frames, directory, book, announce, policy=policy)
    frames |= audit(frames, directory, book, announce, items_seen(loaded, book))
    if directory is not None:
        announce("writing receipts and the page")
        write_receipts(frames, directory, book)
        write_page(frames, directory, book)
        if (directory.path / LEDGER_FILE).exists():
            update_ledger(frames, directory, book, before)
    return Run(**frames)


def _year_word(year: int | None) -> str:
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        msg = f"year {year}: expected the year of a summit, from {FIRST_YEAR} to {LAST_YEAR}."
        raise InputError(msg)
    return "" if year is None else str(year)


def scratch_directory() -> Path:
    """Return a new, empty directory for a run that is gone when Python ends."""
    path = Path(tempfile.mkdtemp(prefix="g7tag-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def working_copy(run: Path | str | None = None, codebook: Codebook | None = None) -> Path:
    """Return a new run directory to try decisions in, gone when Python ends: what is there stays as it is.

    Parameters
    ----------
    run
        The run directory to copy; None runs the bundled evidence.
    codebook
        Its codebook; None takes the one that comes with g7tag.

    Raises
    ------
    RunError
        The directory holds no whole run of the codebook.
    """
    copy = scratch_directory() / "run"
    if run is None:
        run_report(output=copy, codebook=codebook)
    else:
        open_run(run, codebook)  # refused before anything is copied
        shutil.copytree(run, copy)
    audit_run(copy, codebook)
    return copy
