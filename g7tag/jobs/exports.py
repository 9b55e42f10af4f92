"""Write a run for readers: its page, a workbook, CSV files, and a brief for a word processor."""

from pathlib import Path
from typing import NamedTuple

from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.jobs.audits import rescore, stale_notes
from g7tag.jobs.opening import open_codebook
from g7tag.jobs.pages import decisions_of, page_of
from g7tag.labels import people_agreement
from g7tag.report import member_reasons, own_frames, run_brief, run_csv, run_tables, run_workbook
from g7tag.store import PAGES, Frames, RunDirectory, check_output, ledger_path, read_ledger, write_atomic


class Reported(NamedTuple):
    """The files that were written, and notes on the ledger: rows that cannot be used, and outdated decisions."""

    files: list[Path]
    notes: list[str]


class Targets(NamedTuple):
    """The files to write for readers; None writes none. `csv` is a folder."""

    page: Path | None = None
    xlsx: Path | None = None
    csv: Path | None = None
    docx: Path | None = None


def report_run(
    directory: Path | str,
    targets: Targets,
    codebook: Codebook | None = None,
    *,
    force: bool = False,
    announce: Announce = lambda _: None,
) -> Reported:
    """Score and audit a run directory with its current labels, write its page, and write other files for readers."""
    book = open_codebook(codebook, directory)
    _check(targets, force=force)
    frames = rescore(directory, book, announce=announce)
    run_directory = RunDirectory(Path(directory))
    written = write_targets(frames, run_directory, book, targets, force=force, announce=announce)
    ledger = read_ledger(ledger_path(run_directory.path))
    stale = decisions_of(frames, run_directory, book).stale
    return Reported([run_directory.path / PAGES[0], *written], [*ledger.problems, *stale_notes(stale)])


def write_targets(
    frames: Frames,
    directory: RunDirectory | None,
    codebook: Codebook,
    targets: Targets,
    *,
    force: bool = False,
    announce: Announce = lambda _: None,
) -> list[Path]:
    """Write files for readers from the frames of an audited run, and return their paths; see `Run.write_report`."""
    _check(targets, force=force)
    decided = decisions_of(frames, directory, codebook)
    files: dict[Path, bytes] = {}
    if targets.page is not None:
        announce("writing the page")
        files[targets.page] = page_of(frames, directory, codebook).encode("utf-8")
    if targets.xlsx is not None or targets.csv is not None:
        announce("writing the tables")
        agreement = people_agreement(frames["annotations"], frames["sentences"], codebook)
        tables = run_tables(frames, decided.final, codebook, ledger=decided.ledger, agreement=agreement)
        if targets.xlsx is not None:
            files[targets.xlsx] = run_workbook(tables)
        if targets.csv is not None:
            files |= {targets.csv / name: content for name, content in run_csv(tables).items()}
    if targets.docx is not None:
        announce("writing the brief")
        files[targets.docx] = run_brief(
            frames, decided.final, codebook, reasons=member_reasons(own_frames(frames, codebook), codebook)
        )
    if targets.csv is not None:
        try:
            targets.csv.mkdir(exist_ok=True)
        except OSError as error:
            msg = f"{targets.csv}: cannot create the folder ({error.strerror}). Choose a writable place."
            raise InputError(msg) from error
    for path, content in files.items():
        write_atomic(path, content)
    return list(files)


def _check(targets: Targets, *, force: bool) -> None:
    """Raise an error if a file has another ending, has no folder, or exists and `force` is not set."""
    for path, suffix in ((targets.page, ".html"), (targets.xlsx, ".xlsx"), (targets.docx, ".docx")):
        if path is not None:
            check_output(path, force=force, types=(suffix,))
    paths = [path.absolute() for path in targets if path is not None]
    twice = [path for path in paths if paths.count(path) > 1]
    if twice:
        msg = f"{twice[0]}: is named for two results. Give each a name of its own."
        raise InputError(msg)
    folder = targets.csv
    if folder is None:
        return
    if not folder.parent.is_dir():
        msg = f"{folder}: the folder {folder.parent} does not exist. Create it, or choose another path."
        raise InputError(msg)
    if folder.is_file():
        msg = f"{folder}: is a file. Expected a folder for the CSV files. Choose another name."
        raise InputError(msg)
    if folder.is_dir() and any(folder.iterdir()) and not force:
        msg = f"{folder}: is not empty. Choose another folder, or replace its files with --force."
        raise InputError(msg)
