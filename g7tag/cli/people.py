"""The command for people's labels: a sheet of doubtful sentences out, decisions in."""

import json
from pathlib import Path
from typing import Annotated

import typer

from g7tag.cli.options import CodebookOption, JsonOption, QuietOption, write, write_json

SHEET = "doubtful.csv"


def label(
    directory: Annotated[Path, typer.Argument(help="A run directory that was scored.")],
    sheet: Annotated[
        Path | None,
        typer.Argument(help=f"Sheet that was filled in; none: write the doubtful sentences to DIRECTORY/{SHEET}."),
    ] = None,
    annotator: Annotated[
        str, typer.Option("--annotator", help="Who decided: a name, the same every time. Needed with a sheet.")
    ] = "",
    adjudicator: Annotated[
        bool, typer.Option("--adjudicator", help="These labels count before those of analysts.")
    ] = False,
    codebook: CodebookOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring doubtful sentences to people: write them to a sheet, or keep what a sheet decides and score by it.

    Nothing is overwritten: who decides again supersedes. Example: g7tag label run run/doubtful.csv --annotator "Ada L."
    """
    from g7tag import jobs, report
    from g7tag.audit import counted
    from g7tag.labels import disputed_sentences, label_changes
    from g7tag.scoring import score_changes, signed
    from g7tag.store import dialect_note

    book = jobs.open_codebook(codebook, directory)
    with report.progress(quiet=quiet) as announce:  # with what models proposed since it was last scored
        run = jobs.score_run(directory, book, announce=announce)
    if sheet is None:
        path = directory / SHEET
        for line in report.disputed_words(disputed_sentences(run.annotations, run.sentences)):
            write(line, err=True)
        waiting = counted(len(jobs.write_review_sheet(run, path, book)), "sentence")
        write(str(path))
        told = f"Fill in dimensions and strength, then `g7tag label {directory} {path} --annotator NAME`."
        write(f"{waiting}. {told}", err=True)
        return
    if not annotator.strip():
        msg = "say who decided: --annotator NAME."
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
        f"{counted(len(added), 'new decision')} by {annotator.strip()}; {counted(len(labels), 'label')} and "
        f"{counted(len(scores), 'score')} changed; still doubtful: "
        f"{counted(len(jobs.review_queue(decided, book)), 'sentence')}.",
        err=True,
    )
    for line in report.disputed_words(disputed_sentences(decided.annotations, decided.sentences)):
        write(line, err=True)
