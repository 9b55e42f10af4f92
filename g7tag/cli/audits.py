"""Commands that check: audit of a run, and of a codebook's rules."""

import json
from pathlib import Path
from typing import Annotated

import typer

from g7tag.cli.options import UNFINISHED, CodebookOption, ForceOption, JsonOption, QuietOption, write, write_json

SEVERITIES = ("high", "medium", "low")


def audit(
    directory: Annotated[Path, typer.Argument(help="A run directory that was scored.")],
    fail_on: Annotated[
        str | None, typer.Option("--fail-on", help="Exit with 4 on a finding of this severity or a graver one.")
    ] = None,
    codebook: CodebookOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check a report and its scoring: why each score is what it is, what would change it, and what does not fit.

    Keeps what people decide in DIR/ledger.csv. Example: g7tag audit run --fail-on high
    """
    from g7tag import jobs, report
    from g7tag.store import LEDGER_FILE

    if fail_on is not None and fail_on not in SEVERITIES:
        msg = f"{fail_on!r} is no severity: give one of {', '.join(SEVERITIES)}."
        raise typer.BadParameter(msg, param_hint="--fail-on")
    book = jobs.open_codebook(codebook, directory)
    with report.progress(quiet=quiet) as announce:
        checked = jobs.audit_run(directory, book, force=force, announce=announce)
    findings = checked.frames["findings"]
    if as_json:
        write_json(report.audit_values(checked.frames, checked.notes))
    else:
        write(report.headline(findings))
        write("")
        for line in report.preface(checked.frames, book):
            write(line)
        for member, lines in report.member_reasons(checked.frames, book).items():
            write(f"\n{member}")
            for line in lines:
                write(f"  {line}")
        for name, table in report.findings_tables(findings).items():
            write(f"\n{name}")
            report.print_table(table)
    write(report.ledger_words(checked.ledger.cells, checked.ledger.rows, checked.stale), err=True)
    for note in checked.notes:
        write(f"  {note}", err=True)
    write(
        f"To decide scores and findings, edit {directory / LEDGER_FILE}; then `g7tag score {directory} --final`.",
        err=True,
    )
    grave = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on else ()
    n_grave = int(findings["severity"].isin(grave).sum())
    if n_grave:
        write(f"{n_grave} findings are {' or '.join(grave)}: failed, as asked.", err=True)
        raise typer.Exit(UNFINISHED)


def codebook_check(
    file: Annotated[Path | None, typer.Argument(help="Codebook (TOML); none: 2024 Apulia commitment 19.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail (exit 4) where anything is found.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Try every state of the dimensions under the scoring rules: gaps, overlaps, less for more, readings that disagree.

    Example: g7tag codebook check my.toml --strict
    """
    from g7tag import jobs, report
    from g7tag.scoring import check_codebook

    book = jobs.open_codebook(file)
    found = check_codebook(book)
    if as_json:
        write_json(json.loads(found.to_json(orient="records", force_ascii=False)))
    else:
        for line in report.rubric_lines(found):
            write(line)
    write(f"{book.id}, version {book.version}: {len(found)} problems in the scoring rules.", err=True)
    if len(found) and strict:
        raise typer.Exit(UNFINISHED)
