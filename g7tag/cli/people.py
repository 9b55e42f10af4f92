"""The command for people's labels: write a sheet of doubtful sentences, and read it back."""

import json
from pathlib import Path
from typing import Annotated

import typer

from g7tag.cli.options import CodebookOption, JsonOption, QuietOption, quoted, write, write_json


def label(
    directory: Annotated[Path, typer.Argument(help="Run directory with scores.")],
    sheet: Annotated[
        Path | None,
        typer.Argument(
            help="Filled-in sheet (CSV). If omitted, the doubtful sentences are written to DIRECTORY/doubtful.csv."
        ),
    ] = None,
    annotator: Annotated[
        str, typer.Option("--annotator", help="Your name, the same every time. Required with a sheet.")
    ] = "",
    adjudicator: Annotated[
        bool,
        typer.Option(
            "--adjudicator", help="These labels count before those of analysts, and settle their disagreements."
        ),
    ] = False,
    codebook: CodebookOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the doubtful sentences to a sheet for you to label, or read a filled-in sheet and score with its labels.

    Example: g7tag label run

    Fill in the sheet, then: g7tag label run run/doubtful.csv --annotator "Ada Lovelace"

    In the sheet, dimensions are keys separated by semicolons (or empty), strength is strong, weak or none, act and
    exclusion are optional, contradicts is yes if the action is contrary to the commitment, and note is your reason. A
    row in which nothing is filled in is not decided yet. `g7tag codebook show` explains all labels. You can add rows of
    other sentences.

    If two analysts disagree on a sentence, the tagger's label counts until they agree or an adjudicator decides
    (--adjudicator). Labels are never overwritten: a later label of the same person supersedes the earlier one.
    """
    from g7tag import jobs, report
    from g7tag.errors import counted
    from g7tag.labels import disputed_sentences, label_changes
    from g7tag.scoring import score_changes, signed
    from g7tag.store import dialect_note

    book = jobs.open_codebook(codebook, directory)
    with report.progress(quiet=quiet) as announce:  # with what models proposed since it was last scored
        run = jobs.score_run(directory, book, announce=announce)
    if sheet is None:
        path = directory / jobs.LABEL_SHEET
        for line in report.disagreement_lines(disputed_sentences(run.annotations, run.sentences)):
            write(line, err=True)
        run.write_label_sheet()
        waiting = counted(len(run.label_queue()), "sentence")
        write(str(path))
        write(f"{waiting} to label. Fill in dimensions and strength in {path}.", err=True)
        write(f'Next: g7tag label {quoted(directory)} {quoted(path)} --annotator "YOUR NAME"', err=True)
        return
    if not annotator.strip():
        msg = "required with a sheet. Give your name: --annotator NAME."
        raise typer.BadParameter(msg, param_hint="--annotator")
    added = jobs.record_labels(
        directory, sheet, annotator=annotator, kind="adjudicator" if adjudicator else "analyst", codebook=book
    )
    if dialect_note(sheet):
        write(dialect_note(sheet), err=True)
    with report.progress(quiet=quiet) as announce:
        decided = jobs.score_run(directory, book, announce=announce)
    labels, scores = label_changes(run.labels, decided.labels), score_changes(run.scores, decided.scores)
    if as_json:
        changes = {"labels": labels, "scores": scores}.items()
        values = {name: json.loads(frame.to_json(orient="records")) for name, frame in changes}
        write_json(values)
    else:
        shown = scores.assign(**{name: scores[name].map(signed) for name in ("before", "after")})
        for table in filter(len, (labels, shown)):
            report.print_table(table)
    write(
        f"{counted(len(added), 'new label')} by {annotator.strip()}. {counted(len(labels), 'sentence label')} and "
        f"{counted(len(scores), 'score')} changed. Still to label: {counted(len(decided.label_queue()), 'sentence')}.",
        err=True,
    )
    for line in report.disagreement_lines(disputed_sentences(decided.annotations, decided.sentences)):
        write(line, err=True)
