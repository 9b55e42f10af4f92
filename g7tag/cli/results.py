"""Commands that show a run to readers: report."""

from pathlib import Path
from typing import Annotated

import typer

from g7tag.cli.options import CodebookOption, QuietOption, write


def report_run(
    directory: Annotated[Path, typer.Argument(help="Run directory with tags.")],
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Workbook to write, with a sheet for each table.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Folder to write the same tables to, as CSV files.")] = None,
    docx: Annotated[Path | None, typer.Option("--docx", help="Brief to write, one page for each member.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    codebook: CodebookOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write the page again, with people's labels and decisions, and other files for readers.

    Example: g7tag report run --xlsx run.xlsx

    The page is DIR/report.html: one file that needs no network, to read in a browser, to send, and to print. The
    workbook and the CSV files have all scores, labels, findings and decisions; their first sheet explains every column.
    The brief (--docx) is for an editor to change.
    """
    from g7tag import jobs, report

    book = jobs.open_codebook(codebook, directory)
    with report.progress(quiet=quiet) as announce:
        targets = jobs.Targets(xlsx=xlsx, csv=csv, docx=docx)
        written = jobs.report_run(directory, targets, book, force=force, announce=announce)
    for path in written:
        write(str(path))
