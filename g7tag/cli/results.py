"""Commands that explain runs to readers: audit, report, exhibit, compare and panel."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Exit, Option

from g7tag import jobs, report, store
from g7tag.cli import options
from g7tag.cli.options import UNFINISHED, write, write_json, write_parts, write_wrapped
from g7tag.cli.runs import end_reading, opened_run
from g7tag.text import counted, quoted

if TYPE_CHECKING:
    import pandas as pd

SEVERITIES = ("high", "medium", "low")


def audit(
    directory: Annotated[Path, Argument(help="Run directory with scores.")],
    fail_on: Annotated[
        Literal["high", "medium", "low"] | None,
        Option(help="Exit with code 4 if a finding that is not dismissed is at least this severe."),
    ] = None,
    member: Annotated[str | None, Option(help="Explain the scores of this member (name or code).")] = None,
    check: Annotated[str | None, Option(help="Print all findings of this check.")] = None,
    everything: Annotated[bool, Option("--all", help="Print all members and all findings.")] = False,
    codebook: options.Codebook = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Explain each score, show what would change it, and list everything that is inconsistent.

    Example: g7tag audit run

    The most severe findings that nobody decided come first, those of the same check in one line. See more: --member,
    --check, --all.

    Also creates or updates DIR/ledger.csv, the table in which people decide scores and findings: enter `decided` or
    `dismissed` under status, your name under owner and the reason under note; in a row score:..., also the score under
    decision. Then: g7tag score DIR --final
    """
    run = opened_run(directory, codebook, force=force, quiet=quiet)
    with report.progress(quiet=quiet) as announce:
        checked = jobs.audit_run(run, announce=announce)
    frames, book = checked.run.frames, run.codebook
    findings, rows = frames["findings"], checked.ledger.rows
    done = set(rows.loc[rows["status"] != "open", "finding_id"]) - checked.stale
    if as_json:
        write_json(report.audit_values(frames, checked.notes))
    else:
        names = list(book.codes) if everything else [book.member_named(member)] if member else []
        if everything:
            write(report.headline(findings), "", *report.preface(frames, book))
        else:
            n_done = int(findings["finding_id"].isin(done).sum())
            write(f"{report.severity_counts(findings)}, {n_done} decided or dismissed.")
        shown = findings[findings["member"].isin(names)] if member else findings
        _write_findings(shown, checked.run, names, check=check or "", done=done)
    write(report.ledger_text(checked.ledger.cells, rows, checked.stale), err=True)
    write(*(f"  {note}" for note in checked.notes), err=True)
    write(f"Next: decide scores and findings in {store.ledger_path(directory)}.", err=True)
    write(f"Then: g7tag score {quoted(directory)} --final", err=True)
    severe = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on else ()
    dismissed = set(rows.loc[rows["status"] == "dismissed", "finding_id"]) - checked.stale
    n_severe = int((findings["severity"].isin(severe) & ~findings["finding_id"].isin(dismissed)).sum())
    if n_severe:
        kind = f"{' or '.join(severe)} finding"
        write(f"--fail-on {fail_on}: {counted(n_severe, kind)}, not dismissed.", err=True)
        raise Exit(UNFINISHED)


def _write_findings(shown: "pd.DataFrame", run: "jobs.Run", names: list[str], *, check: str, done: set[str]) -> None:
    """Write the reasons and findings of members, the findings of a check with their proof, or the most severe."""
    frames, book = run.frames, run.codebook
    if not names and not check:
        write("")
        write_wrapped(report.first_findings(shown[~shown["finding_id"].isin(done)]))
        write("", "More: --member NAME, --check NAME (in parentheses above), or --all.")
        return
    shown = report.findings_of_check(shown, check) if check else shown
    for head, lines in (report.member_reasons(frames, book) if names else {}).items():
        if head.partition(":")[0] in names:
            write(f"\n{head}", *(f"  {line}" for line in lines))
    for severity, table in report.findings_tables(shown).items():
        write(f"\n{severity}")
        report.print_table(table, frame="findings", labels=book.labels)
    for finding in shown.to_dict("records") if check else ():
        proof = report.proof_lines(finding, frames["sentences"])
        write(*(["", finding["finding_id"]] if proof else []))
        write_wrapped(proof, indent="  ")


def report_run(
    directory: Annotated[Path, Argument(help="Run directory with tags.")],
    xlsx: Annotated[Path | None, Option(help="Workbook to write, with a sheet for each table.")] = None,
    csv: Annotated[Path | None, Option(help="Folder to write the same tables to, as CSV files.")] = None,
    docx: Annotated[Path | None, Option(help="Brief to write, one page for each member.")] = None,
    qdpx: Annotated[Path | None, Option(help="Project to write for QDA programs, with the labels of people.")] = None,
    force: Annotated[bool, Option("--force", help="Replace files that exist.")] = False,
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
) -> None:
    """Write the page again, with people's labels and decisions, and other files for readers.

    Example: g7tag report run --xlsx run.xlsx

    The page is DIR/report.html: one file that needs no network, to read in a browser, to send, and to print. The
    workbook and the CSV files have all scores, labels, findings and decisions; their first sheet explains every column.
    The brief (--docx) is for an editor to change. The project (--qdpx, in the format REFI-QDA) has the texts, the
    codebook and people's labels, for ATLAS.ti, MAXQDA, NVivo or QualCoder; it needs no tags.
    """
    run = opened_run(directory, codebook, quiet=quiet)
    jobs.check_targets(xlsx=xlsx, csv=csv, docx=docx, qdpx=qdpx, force=force)
    if qdpx is not None:
        n = counted(run.write_project(qdpx, force=force), "label")
        write(str(qdpx))
        write(f"{n} of people written. When coded: g7tag label {quoted(directory)} {quoted(qdpx)}", err=True)
        if not run.saved.has("tags"):
            return
    with report.progress(quiet=quiet) as announce:
        run = run.rescore(announce=announce)
        files = run.write_report(xlsx=xlsx, csv=csv, docx=docx, force=force, announce=announce)
    write(str(directory / "report.html"), *map(str, files))
    write(*jobs.ledger_notes(run), err=True)


def exhibit(
    directory: Annotated[Path, Argument(help="Run directory with tags.")],
    output: Annotated[Path | None, Option("-o", "--output", help="Folder to write. Default: DIR/exhibits.")] = None,
    force: Annotated[bool, Option("--force", help="Replace the exhibits of a folder; other files stay.")] = False,
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
) -> None:
    """Write numbered figures and tables for print, with captions, notes and how to cite them.

    Example: g7tag exhibit run -o exhibits

    Each figure is an SVG, a PDF and a PNG with 300 dpi, 16 cm wide. The tables are CSV files and one workbook.
    exhibits.docx has all of them with their captions, captions.md the captions alone.
    """
    run, folder = opened_run(directory, codebook, quiet=quiet), output or directory / "exhibits"
    if output or directory.is_dir():
        jobs.check_targets(csv=folder, force=force)
    with report.progress(quiet=quiet) as announce:
        run = run.rescore(announce=announce)
        files = run.write_exhibits(folder, force=force, announce=announce)
    write(*map(str, files))
    write(*jobs.ledger_notes(run), err=True)


def compare(
    first: Annotated[Path, Argument(help="Run directory.")],
    second: Annotated[Path, Argument(help="Run directory to compare it with.")],
    output: Annotated[
        Path | None, Option("-o", "--output", help="Page (.html) to write. If omitted, tables are printed.")
    ] = None,
    force: Annotated[bool, Option("--force", help="Replace the page if it exists.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show two runs side by side: scores, levels, labels and findings that differ, and why.

    Example: g7tag compare run ../from-bo/run

    The runs are on one commitment with one codebook: by two analysts, two taggers, or on two versions of a report.
    Neither is changed. The exit code is 0 whether or not they differ. --json prints all rows, also the equal ones.
    """
    found = jobs.compare_runs(first, second)
    if as_json:
        write_json({"runs": found.names, **found.frames._asdict()})
    elif output is None:
        parts = report.comparison_parts(
            found.frames, names=found.names, notes=found.notes, labels=found.codebook.labels
        )
        write_parts(parts)
    if output is not None:
        found.write_page(output, force=force)
        write(f"Saved in {output}. Read it in a browser.", err=True)


def panel(
    folders: Annotated[list[Path], Argument(help="Run directories, or folders of run directories.")],
    output: Annotated[
        Path | None, Option("-o", "--output", help="Page (.html) to write. If omitted, tables are printed.")
    ] = None,
    ambition: Annotated[
        Path | None,
        Option(
            help="Table with the columns commitment_id and ambition (a positive number): ranks under other weights."
        ),
    ] = None,
    reading: Annotated[
        str | None, Option(help="Reading whose suggested scores count. Default: the first one of each codebook.")
    ] = None,
    force: Annotated[bool, Option("--force", help="Replace the page if it exists.")] = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Compare members over commitments: scores, averages, ranks, and what differs between chapters.

    Example: g7tag panel run

    Each run is on another commitment. Ranks are given with all weightings of the commitments between equal weights and
    weights by ambition. Items of one member in two chapters that perhaps describe one act are listed.
    """
    if output is not None:
        store.check_output(output, force=force, types=(".html",))
    with report.progress(quiet=quiet) as announce:
        found = jobs.open_panel(folders, ambition=ambition, reading=reading, announce=announce)
    if as_json:
        write_json({"runs": found.names, "notes": found.notes, **found.frames._asdict()})
    elif output is None:
        write_parts(report.panel_parts(found.frames, notes=found.notes))
    if output is not None:
        found.write_page(output, force=force)
        write(f"Saved in {output}. Read it in a browser.", err=True)


def update(
    directory: Annotated[Path, Argument(help="Run directory of the version before; it is not changed.")],
    reports: Annotated[list[Path], Argument(help="The new version: PDF, DOCX, HTML or text.")],
    output: Annotated[Path, Option("-o", "--output", help="Run directory of the new version.")],
    model: options.Model = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Analyse a new version of a report with people's labels and decisions, and show what moves scores.

    Example: g7tag update run data/examples/invented-report.txt -o updated

    Codebook, tagger and settings are those of DIRECTORY. Labels of unchanged sentences are carried; those of edited
    ones are written to a sheet for each person to confirm. Tables of all changes are in OUTPUT/update.
    """
    with report.progress(quiet=quiet) as announce:
        found = jobs.update_run(directory, reports, output, model=model, force=force, announce=announce)
    if as_json:
        write_json(found.frames)
    else:
        write_parts(report.version_parts(found.frames))
    write(*found.notes, err=True)
    for annotator, kind, sheet in found.sheets:
        flags = " --adjudicator" if kind == "adjudicator" else ""
        name = f"--annotator {quoted(annotator)}{flags}"
        write(f"Next: look at {sheet}, then: g7tag label {quoted(output)} {quoted(sheet)} {name}", err=True)
    pages = f"{output / 'report.html'} and, on what changed, {output / 'update' / 'changes.html'}"
    write(f"Saved in {output}. Read {pages} in a browser.", err=True)
    keep_hidden = found.run.saved.setting("ingest", "keep_hidden", default=False)
    end_reading(found.run.documents, found.run.gaps, keep_hidden=keep_hidden)
