"""Commands that read, tag and score reports: run, ingest, tag and score."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, BadParameter, Exit, Option

from g7tag import batch, jobs, report, store
from g7tag import tagger as taggers
from g7tag.cli import options
from g7tag.cli.options import UNFINISHED, write, write_json
from g7tag.errors import InputError
from g7tag.sources.limits import MAX_PAGES, limits_note
from g7tag.text import counted, quoted

if TYPE_CHECKING:
    import pandas as pd

    from g7tag.codebook import Codebook
    from g7tag.store import Frames


def run(
    reports: Annotated[
        list[Path] | None,
        Argument(help="PDF, DOCX, HTML or text files. Default: the evidence that comes with g7tag."),
    ] = None,
    output: Annotated[
        Path | None, Option("-o", "--output", help="Run directory to save to. If omitted, nothing is saved.")
    ] = None,
    codebook: options.Codebook = None,
    model: options.Model = None,
    tagger: options.Tagger = "encoder",
    policy: Annotated[
        str, Option(help="Whose labels count. With the bundled evidence also `adjudicated`: the corpus's own labels.")
    ] = "people-then-classifier",
    commitment: options.Commitments = None,
    year: options.Year = None,
    keep_hidden: options.KeepHidden = False,
    max_pages: options.MaxPages = MAX_PAGES,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Analyse reports: tag the evidence, suggest scores, list findings, and write a page.

    Example: g7tag run data/examples/invented-report.txt -o run
    """
    book = jobs.open_codebook(codebook, output)
    replaced = _replaced_words(output, codebook, book)
    warn_of_drafts(book, codebook, output)
    _warn_of_wording(model, book)
    with report.progress(quiet=quiet) as announce:
        result = jobs.run_report(
            reports or [], output=output, codebook=book, model=model, fast=tagger == "fast", policy=policy,
            commitments=set(commitment or []), year=year, keep_hidden=keep_hidden, max_pages=max_pages,
            force=force, announce=announce,
        )  # fmt: skip
    print_scores(result.frames, book, as_json=as_json)
    own = report.own_frames(result.frames, book)
    write(*replaced, report.counts_text(own), *report.deciding_lines(result.sentences_behind()), err=True)
    for finding in own["findings"].head(5).itertuples():
        write(f"  {finding.severity}: {finding.subject}: {finding.message}", err=True)
    if output is not None:
        write(f"Saved in {output}. Read {output / 'report.html'} in a browser.", err=True)
        given = quoted(output)
        write(f"Next: `g7tag audit {given}` explains each score; `g7tag label {given}` lets you label.", err=True)
    _end_reading(result.frames, keep_hidden=keep_hidden)


def ingest(
    reports: Annotated[list[Path], Argument(help="PDF, DOCX, HTML or text files.")],
    output: Annotated[Path | None, Option("-o", "--output", help="Run directory.")] = None,
    blocks: Annotated[
        bool, Option("--blocks", help="Print the paragraphs, table rows and notes as they were read; write nothing.")
    ] = False,
    codebook: options.Codebook = None,
    commitment: options.Commitments = None,
    year: options.Year = None,
    keep_hidden: options.KeepHidden = False,
    max_pages: options.MaxPages = MAX_PAGES,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Read reports into items, sentences and citations, without tagging them.

    Example: g7tag ingest data/examples/invented-report.txt -o evidence

    Next: g7tag tag DIR, then g7tag score DIR; or, before there is a tagger for its commitment, g7tag label DIR.
    """
    if blocks:
        with report.progress(quiet=quiet) as announce:
            frames = jobs.read_blocks(reports, keep_hidden=keep_hidden, max_pages=max_pages, announce=announce)
        _print_blocks(frames["blocks"], as_json=as_json)
        _end_reading(frames, keep_hidden=keep_hidden)
        return
    if output is None:
        msg = "missing. Give a run directory to write to, or --blocks to print what is read."
        raise BadParameter(msg, param_hint="-o")
    book, numbers = jobs.open_codebook(codebook, output), set(commitment or [])
    replaced = _replaced_words(output, codebook, book)
    with report.progress(quiet=quiet) as announce:
        evidence = jobs.read_reports(
            reports, book, commitments=numbers, year=year, keep_hidden=keep_hidden, max_pages=max_pages,
            announce=announce,
        )  # fmt: skip
        directory = store.RunDirectory(output, force=force)
        frames = jobs.ingest(evidence, directory, book, commitments=numbers, year=year, keep_hidden=keep_hidden)
    table = report.ingested_table(frames["members"], frames["items"], frames["sentences"])
    if as_json:
        write_json(table)
    else:
        report.print_table(table)
    others = report.others_text(frames["commitments"], book)
    write(*replaced, *filter(None, [others]), *jobs.summary_words(frames), err=True)
    if as_json:
        then = []
    elif book.commitment.id in set(frames["commitments"]["commitment_id"]):
        then = ["Next:", *jobs.next_of_run(output, output)]
    else:
        draft = f"g7tag codebook new {quoted(reports[0])} -o my.toml"
        then = ["Next:", f"  {draft}    draft a codebook, then use --codebook my.toml"]
    _end_reading(frames, keep_hidden=keep_hidden, then=then)


def _print_blocks(table: "pd.DataFrame", *, as_json: bool) -> None:
    """Print each document's name, then each of its blocks in a line: its kind, its note and page, and its text."""
    if as_json:
        write_json(table)
        return
    for place, (name, page, kind, note, text) in enumerate(table.itertuples(index=False, name=None)):
        if not place or name != table["document"].iloc[place - 1]:
            write(str(name))
        write(f"{kind}{f' {note}' if note else ''}{f', page {page}' if page else ''}: {text}")


def tag(
    target: Annotated[
        Path,
        Argument(
            help="Run directory, or a .csv, .parquet or .jsonl file with a column `text`, or a folder of .parquet."
        ),
    ],
    output: Annotated[
        Path | None,
        Option("-o", "--output", help="For a table: file or folder to write the tags to. Default: CSV to stdout."),
    ] = None,
    codebook: options.Codebook = None,
    model: options.Model = None,
    tagger: options.Tagger = "encoder",
    rejects: Annotated[
        Path | None, Option(help="For a table: CSV file for rows that cannot be tagged. Default: next to the output.")
    ] = None,
    processes: Annotated[
        int | None, Option(min=1, help="For a table: number of processes. Default: one per processor.")
    ] = None,
    scheduler: Annotated[
        str, Option(help="For a folder: tag it on a Dask cluster. The scheduler's address, or `local`.")
    ] = "",
    explain: Annotated[
        bool, Option("--explain", help="For a table: add a column `why` with the words that supported each tag most.")
    ] = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Tag the sentences of a run directory, or of a table of any size.

    Example: g7tag tag data/corpus/2024-apulia-19/earlier-actions.csv -o tags.csv
    """
    is_table = not target.is_dir() or (output is not None and not (target / store.MANIFEST).exists())
    book = jobs.open_codebook(codebook, None if is_table else target)
    if not is_table and model is None and not jobs.has_tagger(book):
        raise InputError(jobs.first_labels(target, book))
    path, fast = model or taggers.default_model(book), tagger == "fast"
    _warn_of_wording(path, book)
    if is_table:
        silent = quiet or (output is None and sys.stdout.isatty())  # else progress is drawn over the rows
        try:
            with report.progress(quiet=silent) as announce:
                done = batch.tag_file(
                    target, output or sys.stdout.buffer, book, path, rejects=rejects,
                    processes=processes or _processors(), scheduler=scheduler, explain=explain, fast=fast, force=force,
                    announce=announce,
                )  # fmt: skip
        except SystemExit:
            if output is not None:
                kept = f"Finished parts are in {output}; run the same command to continue." if output.is_dir() else ""
                write(f"Interrupted. {kept or 'Nothing was written.'}", err=True)
            raise
        write(*filter(None, [store.dialect_note(target), *report.tagged_lines(done)]), err=True)
        if done.rejected:
            raise Exit(UNFINISHED)
        return
    if output is not None or rejects is not None or processes is not None or scheduler or explain:
        msg = "-o, --rejects, --processes, --scheduler and --explain apply to tables only, not to a run directory."
        raise BadParameter(msg)
    with report.progress(quiet=quiet) as announce:
        frames = jobs.read_run(store.RunDirectory(target), ["sentences"], book)
        loaded = taggers.load_tagger(path, book, fast=fast)
        replaced = jobs.replace_codebook(target, book)
        directory = store.RunDirectory(target, force=force or bool(replaced))
        tags = jobs.tag(frames, directory, book, loaded, announce)["tags"]
    write(*filter(None, [replaced]), err=True)
    write(f"{counted(len(tags), 'sentence')} tagged, {report.doubtful_text(tags)}.", err=True)
    write(f"Next: g7tag score {quoted(target)}", err=True)


def score(
    directory: Annotated[Path | None, Argument(help="Run directory with tags. Optional with --verify.")] = None,
    final: Annotated[
        bool,
        Option(
            "--final", help="Print the final scores: what the ledger (see g7tag audit) decides, who decided, and why."
        ),
    ] = False,
    verify: Annotated[
        Path | None, Option(help="Recompute a receipt (DIR/receipts/*.json), and print every difference.")
    ] = None,
    policy: Annotated[
        str, Option(help="Whose labels count: people-then-classifier, agreement, llm-reviewed or adjudicated.")
    ] = "",
    codebook: options.Codebook = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Suggest scores from the labels of a run directory, next to the published scores.

    Example: g7tag score run

    After decisions in DIR/ledger.csv: g7tag score run --final

    Policies: people-then-classifier takes people's labels, otherwise the tagger's. agreement and llm-reviewed also
    count the labels of a model that passed a trial. adjudicated takes the labels of the corpus (bundled evidence only).
    """
    from g7tag.labels import label_changes
    from g7tag.scoring import score_changes

    if verify is not None:
        run_directory = None if directory is None else store.RunDirectory(directory, force=force)
        differences = jobs.verify_receipt(verify, run_directory, jobs.open_codebook(codebook, directory))
        write(*differences)
        if differences:
            write(f"{verify}: {counted(len(differences), 'difference')}.", err=True)
            raise Exit(UNFINISHED)
        write(f"{verify}: verified.", err=True)
        return
    if directory is None:
        msg = "required without --verify. Give a run directory."
        raise BadParameter(msg, param_hint="DIRECTORY")
    before = jobs.scored_before(store.RunDirectory(directory), jobs.open_codebook(codebook, directory))
    book = run_codebook(directory, codebook, quiet=quiet)
    run_directory = store.RunDirectory(directory, force=force)
    if final:
        table, problems = jobs.decided_scores(run_directory, book)
        if as_json:
            write_json(table)
        else:
            report.print_table(report.final_table(table))
        write(*problems, err=True)
        return
    warn_of_drafts(book, codebook, directory)
    frames = jobs.read_run(run_directory, ["documents", "sentences", "items", "members", "tags"], book)
    with report.progress(quiet=quiet) as announce:
        frames |= jobs.score(frames, run_directory, book, announce, policy=policy)
        jobs.write_receipts(frames, run_directory, book)
    print_scores(frames, book, as_json=as_json)
    for line in jobs.bars_of_counted(frames, directory):
        write(f"Model labels counted: {line}", err=True)
    warn_of_disputes(frames)
    if before is not None:
        labels, scores = (
            label_changes(before["labels"], frames["labels"]),
            score_changes(before["scores"], frames["scores"]),
        )
        write(*report.changes_lines(labels, scores), err=True)


def print_scores(frames: "Frames", book: "Codebook", *, as_json: bool) -> None:
    """Print the score table, whose labels it is based on, and the scores at other thresholds."""
    if as_json:
        write_json(report.run_values(frames, book))
        return
    write(report.heading(frames["documents"], book))
    scores, items = report.narrow_tables(report.run_table(frames, book), book)
    report.print_table(scores, labels=book.labels, apart=book.dimension_keys[0])
    write(report.legend(book), "\nItems behind each level, by strength:")
    report.print_table(items, labels=book.labels)
    others = frames["annotations"].loc[frames["annotations"]["kind"] != "classifier", "annotation_id"]
    if frames["labels"]["annotation_id"].isin(others).any():
        write(f"Based on {report.labels_text(frames['labels'], frames['annotations'])}.")
    if "thresholds" in frames:
        heading = "Suggested scores by the number of strong items that make a level strong."
        write(f"\n{heading} * differs from the score above.")
        report.print_table(report.run_thresholds(frames, book))


def run_codebook(directory: Path, given: Path | None, *, quiet: bool) -> "Codebook":
    """Return the codebook of a run directory. One that is given replaces the directory's; stderr says so."""
    book = jobs.open_codebook(given, directory)
    scored = given is not None and store.RunDirectory(directory).has("scores")
    replaced = jobs.replace_codebook(directory, book) if given is not None else ""
    if replaced:
        write(replaced, err=True)
        if scored:
            with report.progress(quiet=quiet) as announce:
                jobs.rescore(directory, book, announce=announce)
    return book


def reading_codebook(directories: Sequence[Path], given: Path | None) -> "Codebook":
    """Return the codebook to read run directories with, without changing them; stderr says if it is not their own."""
    book = jobs.open_codebook(given, directories[0] if directories else None)
    for directory in map(store.RunDirectory, directories if given is not None else ()):
        jobs.require_same_labels(directory, book)
        write(*filter(None, [jobs.override_words(directory, book)]), err=True)
    return book


def warn_of_drafts(book: "Codebook", codebook: Path | None, directory: Path | None) -> None:
    """Say on stderr if scores rest on unchecked drafts of a codebook (its file, or its run directory)."""
    warning = report.draft_warning(book, codebook or (directory or Path()) / store.CODEBOOK_FILE)
    write(*filter(None, [warning]), err=True)


def warn_of_disputes(frames: "Frames", *, briefly: bool = False) -> None:
    """Say on stderr on which sentences analysts disagree, and which of these a party to it decided."""
    from g7tag.labels import disputed_sentences, party_decisions

    known = frames["annotations"], frames["sentences"]
    lines = report.disputed_lines if briefly else report.disagreement_lines
    write(*lines(disputed_sentences(*known)), *report.party_lines(party_decisions(*known)), err=True)


def _warn_of_wording(model: Path | None, book: "Codebook") -> None:
    """Say on stderr if a tagger knows other definitions than the codebook."""
    from g7tag.tagger.persist import wording_differs

    if model is not None and wording_differs(model, book):
        old = f"{model}: was trained with other definitions, examples or cues than those of {book.id!r} now."
        write(f"{old} Train it again: g7tag train.", err=True)


def _replaced_words(output: Path | None, given: Path | None, book: "Codebook") -> list[str]:
    """Return a line that says which codebook of a run directory will be replaced by one that is given, if any."""
    if output is None or given is None:
        return []
    directory = store.RunDirectory(output)
    before = jobs.kept_codebook(directory)
    return [] if before is None else list(filter(None, [jobs.replaced_words(directory, before, book)]))


def _end_reading(frames: "Frames", *, keep_hidden: bool, then: Iterable[str] = ()) -> None:
    """Print what could not be read and what is hidden, then more lines; exit with code 4 if something was left out."""
    read = report.reading_lines(frames["documents"], frames["gaps"], keep_hidden=keep_hidden)
    write(*filter(None, [limits_note()]), *read, *then, err=True)
    if (frames["gaps"]["kind"] == "unread").any():
        raise Exit(UNFINISHED)


def _processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
