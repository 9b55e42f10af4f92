"""Commands on run directories and tables of sentences: tag and score."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from g7tag.cli.options import (
    UNFINISHED,
    CodebookOption,
    ForceOption,
    JsonOption,
    ModelOption,
    QuietOption,
    TaggerKind,
    TaggerOption,
    warn_of_drafts,
    write,
    write_json,
)
from g7tag.text import quoted

if TYPE_CHECKING:
    from g7tag.codebook import Codebook
    from g7tag.store import Frames


def tag(
    target: Annotated[
        Path,
        typer.Argument(
            help="Run directory, or a .csv, .parquet or .jsonl file with a column `text`, or a folder of .parquet."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="For a table: file or folder to write the tags to. Default: CSV to stdout."
        ),
    ] = None,
    codebook: CodebookOption = None,
    model: ModelOption = None,
    tagger: TaggerOption = TaggerKind.ENCODER,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects", help="For a table: CSV file for rows that cannot be tagged. Default: next to the output."
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option("--processes", min=1, help="For a table: number of processes. Default: one per processor."),
    ] = None,
    scheduler: Annotated[
        str,
        typer.Option(
            "--scheduler", help="For a folder: tag it on a Dask cluster. The scheduler's address, or `local`."
        ),
    ] = "",
    explain: Annotated[
        bool,
        typer.Option("--explain", help="For a table: add a column `why` with the words that supported each tag most."),
    ] = False,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tag the sentences of a run directory, or of a table of any size.

    Example: g7tag tag data/corpus/2024-apulia-19/earlier-actions.csv -o tags.csv
    """
    from g7tag import jobs, report
    from g7tag.batch import tag_file
    from g7tag.errors import InputError
    from g7tag.store import MANIFEST, RunDirectory, dialect_note
    from g7tag.tagger import default_model, load_tagger
    from g7tag.text import counted

    is_table = not target.is_dir() or (output is not None and not (target / MANIFEST).exists())
    book = jobs.open_codebook(codebook, None if is_table else target)
    if not is_table and model is None and not jobs.has_tagger(book):
        raise InputError(jobs.first_labels(target, book))
    path = model or default_model(book)
    warn_of_wording(path, book)
    if is_table:
        out = output or sys.stdout.buffer
        silent = quiet or (output is None and sys.stdout.isatty())  # else progress is drawn over the rows
        with report.progress(quiet=silent) as announce, _interruptible(output):
            done = tag_file(
                target, out, book, path,
                rejects=rejects, processes=processes or _processors(), scheduler=scheduler, explain=explain,
                fast=tagger is TaggerKind.FAST, force=force, announce=announce,
            )  # fmt: skip
        for line in filter(None, [dialect_note(target), *report.tagged_lines(done)]):
            write(line, err=True)
        if done.rejected:
            raise typer.Exit(UNFINISHED)
        return
    if output is not None or rejects is not None or processes is not None or scheduler or explain:
        msg = "-o, --rejects, --processes, --scheduler and --explain apply to tables only, not to a run directory."
        raise typer.BadParameter(msg)
    with report.progress(quiet=quiet) as announce:
        frames = jobs.read_run(RunDirectory(target), ["sentences"], book)
        loaded = load_tagger(path, book, fast=tagger is TaggerKind.FAST)
        replaced = jobs.replace_codebook(target, book)
        directory = RunDirectory(target, force=force or bool(replaced))
        tags = jobs.tag(frames, directory, book, loaded, announce)["tags"]
    if replaced:
        write(replaced, err=True)
    write(f"{counted(len(tags), 'sentence')} tagged, {report.doubtful_text(tags)}.", err=True)
    write(f"Next: g7tag score {quoted(target)}", err=True)


def score(
    directory: Annotated[Path | None, typer.Argument(help="Run directory with tags. Optional with --verify.")] = None,
    final: Annotated[
        bool,
        typer.Option(
            "--final", help="Print the final scores: what the ledger (see g7tag audit) decides, who decided, and why."
        ),
    ] = False,
    verify: Annotated[
        Path | None,
        typer.Option("--verify", help="Recompute a receipt (DIR/receipts/*.json), and print every difference."),
    ] = None,
    policy: Annotated[
        str,
        typer.Option(
            "--policy",
            help="Whose labels count: people-then-classifier, agreement, llm-reviewed or adjudicated.",
        ),
    ] = "",
    codebook: CodebookOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Suggest scores from the labels of a run directory, next to the published scores.

    Example: g7tag score run

    After decisions in DIR/ledger.csv: g7tag score run --final

    Policies: people-then-classifier takes people's labels, otherwise the tagger's. agreement and llm-reviewed also
    count the labels of a model that passed a trial. adjudicated takes the labels of the corpus (bundled evidence only).
    """
    from g7tag import jobs, report
    from g7tag.labels import disputed_sentences, label_changes, party_decisions
    from g7tag.scoring import score_changes
    from g7tag.store import RunDirectory

    if verify is not None:
        run_directory = None if directory is None else RunDirectory(directory, force=force)
        book = jobs.open_codebook(codebook, directory)
        _print_differences(verify, jobs.verify_receipt(verify, run_directory, book))
        return
    if directory is None:
        msg = "required without --verify. Give a run directory."
        raise typer.BadParameter(msg, param_hint="DIRECTORY")
    before = jobs.scored_before(RunDirectory(directory), jobs.open_codebook(codebook, directory))
    book = run_codebook(directory, codebook, quiet=quiet)
    run_directory = RunDirectory(directory, force=force)
    if final:
        table, problems = jobs.decided_scores(run_directory, book)
        if as_json:
            write_json(json.loads(table.to_json(orient="records", force_ascii=False)))
        else:
            report.print_table(report.final_table(table))
        for problem in problems:
            write(problem, err=True)
        return
    warn_of_drafts(book, codebook, directory)
    frames = jobs.read_run(run_directory, ["documents", "sentences", "items", "members", "tags"], book)
    with report.progress(quiet=quiet) as announce:
        frames |= jobs.score(frames, run_directory, book, announce, policy=policy)
        jobs.write_receipts(frames, run_directory, book)
    print_scores(frames, book, as_json=as_json)
    for line in jobs.bars_of_counted(frames, run_directory.path):
        write(f"Model labels counted: {line}", err=True)
    known = frames["annotations"], frames["sentences"]
    for line in (*report.disagreement_lines(disputed_sentences(*known)), *report.party_lines(party_decisions(*known))):
        write(line, err=True)
    if before is not None:
        changed = label_changes(before["labels"], frames["labels"]), score_changes(before["scores"], frames["scores"])
        for line in report.changes_lines(*changed):
            write(line, err=True)


def run_codebook(directory: Path, given: Path | None, *, quiet: bool) -> "Codebook":
    """Return the codebook of a run directory. One that is given replaces the directory's; stderr says so."""
    from g7tag import jobs, report

    book = jobs.open_codebook(given, directory)
    if given is None:
        return book
    scored, replaced = jobs.is_scored(directory), jobs.replace_codebook(directory, book)
    if replaced:
        write(replaced, err=True)
        if scored:
            with report.progress(quiet=quiet) as announce:
                jobs.rescore(directory, book, announce=announce)
    return book


def reading_codebook(directories: Sequence[Path], given: Path | None) -> "Codebook":
    """Return the codebook to read run directories with, without changing them; stderr says if it is not their own.

    Raises
    ------
    RunError
        The labels of a directory could mean something else under the codebook.
    """
    from g7tag import jobs
    from g7tag.store import RunDirectory

    book = jobs.open_codebook(given, directories[0] if directories else None)
    for run_directory in map(RunDirectory, directories if given is not None else ()):
        jobs.require_same_labels(run_directory, book)
        for line in filter(None, [jobs.override_words(run_directory, book)]):
            write(line, err=True)
    return book


def _print_differences(receipt: Path, differences: list[str]) -> None:
    """Print how a receipt differs, and exit with code 4 if it does."""
    from g7tag.text import counted

    for line in differences:
        write(line)
    if differences:
        write(f"{receipt}: {counted(len(differences), 'difference')}.", err=True)
        raise typer.Exit(UNFINISHED)
    write(f"{receipt}: verified.", err=True)


@contextmanager
def _interruptible(output: Path | None) -> Iterator[None]:
    """Print after an interrupt whether finished work is kept."""
    try:
        yield
    except SystemExit:
        if output is not None:
            kept = f"Finished parts are in {output}; run the same command to continue." if output.is_dir() else ""
            write(f"Interrupted. {kept or 'Nothing was written.'}", err=True)
        raise


def _processors() -> int:
    """Number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def print_scores(frames: "Frames", book: "Codebook", *, as_json: bool) -> None:
    """Print the score table, whose labels it is based on, and the scores at other thresholds."""
    from g7tag import report

    if as_json:
        write_json(report.run_values(frames, book))
        return
    write(report.heading(frames["documents"], book))
    scores, items = report.narrow_tables(report.run_table(frames, book), book)
    report.print_table(scores, labels=book.labels, apart=book.dimension_keys[0])
    write(report.legend(book))
    write("\nItems behind each level, by strength:")
    report.print_table(items, labels=book.labels)
    others = frames["annotations"].loc[frames["annotations"]["kind"] != "classifier", "annotation_id"]
    if frames["labels"]["annotation_id"].isin(others).any():
        write(f"Based on {report.labels_text(frames['labels'], frames['annotations'])}.")
    if "thresholds" in frames:
        write(
            "\nSuggested scores by the number of strong items that make a level strong. * differs from the score above."
        )
        report.print_table(report.run_thresholds(frames, book))


def warn_of_wording(model: Path | None, book: "Codebook") -> None:
    """Say on stderr if a tagger knows other definitions than the codebook."""
    from g7tag.jobs.training import wording_differs

    if model is not None and wording_differs(model, book):
        write(
            f"{model}: was trained with other definitions, examples or cues than those of {book.id!r} now. "
            "Train it again: g7tag train.",
            err=True,
        )
