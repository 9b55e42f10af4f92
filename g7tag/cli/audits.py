"""Commands that check: the audit of a run, the comparison of two, and the rules of a codebook."""

import json
from pathlib import Path
from typing import Annotated

import typer

from g7tag.cli.options import (
    UNFINISHED,
    CodebookOption,
    ForceOption,
    JsonOption,
    QuietOption,
    write,
    write_json,
)
from g7tag.cli.runs import run_codebook
from g7tag.text import quoted

SEVERITIES = ("high", "medium", "low")


def audit(
    directory: Annotated[Path, typer.Argument(help="Run directory with scores.")],
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            help="Exit with code 4 if a finding that is not dismissed is at least this severe: high, medium or low.",
        ),
    ] = None,
    codebook: CodebookOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Explain each score, show what would change it, and list everything that is inconsistent.

    Example: g7tag audit run

    Also creates or updates DIR/ledger.csv, the table in which people decide scores and findings: enter `decided` or
    `dismissed` under status, your name under owner and the reason under note; in a row score:..., also the score under
    decision. Then: g7tag score DIR --final
    """
    from g7tag import jobs, report
    from g7tag.store import ledger_path
    from g7tag.text import counted

    if fail_on is not None and fail_on not in SEVERITIES:
        msg = f"{fail_on!r} is not a severity. Expected one of {', '.join(SEVERITIES)}."
        raise typer.BadParameter(msg, param_hint="--fail-on")
    book = run_codebook(directory, codebook, quiet=quiet)
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
            report.print_table(table, frame="findings", labels=book.labels)
    write(report.ledger_text(checked.ledger.cells, checked.ledger.rows, checked.stale), err=True)
    for note in checked.notes:
        write(f"  {note}", err=True)
    write(f"Next: decide scores and findings in {ledger_path(directory)}.", err=True)
    write(f"Then: g7tag score {quoted(directory)} --final", err=True)
    severe = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on else ()
    rows = checked.ledger.rows
    dismissed = set(rows.loc[rows["status"] == "dismissed", "finding_id"]) - checked.stale
    n_severe = int((findings["severity"].isin(severe) & ~findings["finding_id"].isin(dismissed)).sum())
    if n_severe:
        kind = f"{' or '.join(severe)} finding"
        write(f"--fail-on {fail_on}: {counted(n_severe, kind)}, not dismissed.", err=True)
        raise typer.Exit(UNFINISHED)


def codebook_check(
    file: Annotated[
        Path | None, typer.Argument(help="Codebook file (TOML). Default: commitment 19 of the 2024 Apulia Summit.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with code 4 if any problem is found.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Try every combination of levels under the scoring rules, and list gaps, overlaps and contradictions.

    Example: g7tag codebook check data/examples/harbours.toml

    A codebook with unchecked drafts or open questions (see g7tag codebook new) fails with exit code 4.
    """
    from g7tag import jobs, report
    from g7tag.codebook import unchecked_drafts
    from g7tag.scoring import check_codebook
    from g7tag.text import counted

    book = jobs.open_codebook(file)
    found = check_codebook(book)
    drafts = unchecked_drafts(book)
    if as_json:
        rows = json.loads(found.to_json(orient="records", force_ascii=False))
        questions = [{"problem": "open question", "question": question} for question in book.questions]
        write_json([*rows, *questions, *({"problem": "unchecked draft", **draft._asdict()} for draft in drafts)])
    else:
        for line in [*report.rubric_lines(found), *report.draft_lines(book)]:
            write(line)
    write(f"{book.id}, version {book.version}: {counted(len(found), 'problem')} in the scoring rules.", err=True)
    if drafts or book.questions:
        counts = f"{counted(len(drafts), 'unchecked draft')} and {counted(len(book.questions), 'open question')}"
        write(f"Not accepted: {counts}. Scores depend on them.", err=True)
    if drafts or book.questions or (len(found) and strict):
        raise typer.Exit(UNFINISHED)
