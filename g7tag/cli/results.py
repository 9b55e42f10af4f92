"""Commands that show runs to readers: report and compare."""

from pathlib import Path
from typing import Annotated

import typer

from g7tag.cli.options import CodebookOption, JsonOption, QuietOption, write, write_json
from g7tag.cli.runs import run_codebook


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

    book = run_codebook(directory, codebook, quiet=quiet)
    with report.progress(quiet=quiet) as announce:
        targets = jobs.Targets(xlsx=xlsx, csv=csv, docx=docx)
        done = jobs.report_run(directory, targets, book, force=force, announce=announce)
    for path in done.files:
        write(str(path))
    for note in done.notes:
        write(note, err=True)


def compare(
    first: Annotated[Path, typer.Argument(help="Run directory.")],
    second: Annotated[Path, typer.Argument(help="Run directory to compare it with.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Page (.html) to write. If omitted, tables are printed.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the page if it exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show two runs side by side: scores, levels, labels and findings that differ, and why.

    Example: g7tag compare run ../from-bo/run

    The runs may be by two analysts, two taggers or two codebooks, on two versions of a report, or on two commitments.
    Neither is changed. The exit code is 0 whether or not they differ. --json prints all rows, also the equal ones.
    """
    from g7tag import jobs, report
    from g7tag.store import check_output

    if output is not None:
        check_output(output, force=force, types=jobs.PAGE_TYPES)
    found = jobs.compare_runs(first, second)
    if as_json:
        write_json(report.comparison_values(found.frames, names=found.names))
    elif output is None:
        for place, (name, part) in enumerate(
            report.comparison_parts(found.frames, names=found.names, labels=found.labels).items()
        ):
            write(f"{'' if not place else chr(10)}{name}")
            for line in part.lines:
                write(line)
            if len(part.table):
                report.print_table(part.table)
            for line in part.closing:
                write(line)
    if output is not None:
        found.write_page(output, force=force)
        write(f"Saved in {output}. Read it in a browser.", err=True)
