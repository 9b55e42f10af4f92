"""Commands that read, tag and score reports: run, ingest, tag and score."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Exit, Option

from g7tag import batch, jobs, report, store
from g7tag import tagger as taggers
from g7tag.cli import options
from g7tag.cli.options import UNFINISHED, print_or_json, refuse, write, write_json
from g7tag.errors import InputError
from g7tag.text import counted, quoted

if TYPE_CHECKING:
    import pandas as pd

    from g7tag.codebook import Codebook
    from g7tag.jobs import Run


def run(
    reports: Annotated[list[Path] | None, Argument(help="PDF, DOCX, HTML or text. Default: evidence of g7tag.")] = None,
    output: Annotated[
        Path | None, Option("-o", "--output", help="Run directory to save to. If omitted, nothing is saved.")
    ] = None,
    codebook: options.Codebook = None,
    codebooks: Annotated[
        Path | None,
        Option(
            help="Folder of codebooks: each chapter on which there is one gets a run directory in the folder -o. The "
            "tagger of FOLDER/my.toml is FOLDER/my.npz."
        ),
    ] = None,
    draft: Annotated[
        bool, Option("--draft", help="With --codebooks: draft a codebook there for each chapter without one.")
    ] = False,
    model: options.Model = None,
    tagger: options.Tagger = "encoder",
    policy: Annotated[
        str, Option(help="Whose labels count. With the bundled evidence also `adjudicated`: the corpus's own labels.")
    ] = "people-then-classifier",
    commitment: options.Commitments = None,
    year: options.Year = None,
    keep_hidden: options.KeepHidden = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Analyse reports: tag the evidence, suggest scores, list findings, and write a page.

    Example: g7tag run data/examples/invented-report.txt -o run

    A whole report, with a codebook for each commitment: g7tag run report.pdf --codebooks codebooks -o project
    """
    read: dict[str, Any] = {"commitments": set(commitment or []), "year": year, "keep_hidden": keep_hidden}
    read |= {"fast": tagger == "fast", "policy": policy, "force": force}
    if codebooks is not None:
        if codebook is not None or model is not None:
            refuse("--codebook, --model", "are for one chapter; --codebooks has a codebook and a tagger for each.")
        if output is None:
            refuse("-o", "missing. Give a project folder: each chapter is saved in a directory of its own in it.")
        if not reports:
            refuse("REPORTS", "missing. Give the report whose chapters --codebooks is for.")
        _run_chapters(reports, codebooks, output, read | {"draft": draft}, quiet=quiet, as_json=as_json)
        return
    if draft:
        refuse("--draft", "needs --codebooks. To draft one codebook: g7tag codebook new.")
    book = jobs.open_codebook(codebook, output)
    replaced = "" if output is None else jobs.replaced_words(store.RunDirectory(output), book)
    warn_of_drafts(book, codebook, output)
    _warn_of_wording(model, book)
    with report.progress(quiet=quiet) as announce:
        result = jobs.run_report(reports or [], output=output, codebook=book, model=model, **read, announce=announce)
    print_scores(result, as_json=as_json)
    own = report.own_frames(result.frames, book)
    write(
        *filter(None, [replaced]), report.counts_text(own), *report.deciding_lines(result.sentences_behind()), err=True
    )
    write(*(f"  {line}" for line in _lines_of(own["findings"].head(5).to_dict("records"))), err=True)
    if output is not None:
        given = quoted(output)
        write(f"Saved in {output}. Read {output / 'report.html'} in a browser.", err=True)
        write(f"Next: `g7tag audit {given}` explains each score; `g7tag label {given}` lets you label.", err=True)
    end_reading(result.documents, result.gaps, keep_hidden=keep_hidden)


def _run_chapters(
    reports: Sequence[Path], codebooks: Path, output: Path, given: dict[str, Any], *, quiet: bool, as_json: bool
) -> None:
    """Run each chapter of whole reports; print what was done with it, and on stderr why it is not complete."""
    import pandas as pd

    with report.progress(quiet=quiet) as announce:
        found = jobs.run_chapters(reports, codebooks, output=output, **given, announce=announce)
    shown = found[["commitment_id", "title", "codebook", "status", "n_items", "n_sentences"]]
    print_or_json(found if as_json else shown.astype("object").fillna(""), as_json=as_json, frame="chapters")
    named = found["commitment_id"].where(found["commitment_id"] != "", found["codebook"] + found["title"])
    write(*(f"{name}: {why}" for name, why in zip(named, found["reason"], strict=True) if why), err=True)
    counts = found["status"].value_counts()
    if "no_codebook" in counts and not given["draft"]:
        write(f"{counted(int(counts['no_codebook']), 'chapter')} without a codebook; --draft drafts them.", err=True)
    if "draft" in counts:
        write("`g7tag codebook check FILE` lists the questions of a draft.", err=True)
    done = found.loc[found["status"].isin(["read", "no_tagger"]), "directory"]
    read = [jobs.Run.at(path).read("documents", "gaps") for path in done]
    if read:
        write(f"Next: g7tag status {quoted(output)}", err=True)
        gaps = pd.concat([frames["gaps"] for frames in read]).drop_duplicates()
        end_reading(read[0]["documents"], gaps, keep_hidden=given["keep_hidden"])
    if found["status"].isin(["failed", "no_tagger"]).any():
        raise Exit(UNFINISHED)


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
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Read reports into items, sentences and citations, without tagging them.

    Example: g7tag ingest data/examples/invented-report.txt -o evidence

    Next: g7tag tag DIR, then g7tag score DIR; or, before there is a tagger for its commitment, g7tag label DIR.
    """
    from g7tag.audit import summary_findings
    from g7tag.sources import blocks_table, read_documents

    if blocks:
        with report.progress(quiet=quiet) as announce:
            read = read_documents(reports, keep_hidden=keep_hidden, announce=announce)
        (write_json if as_json else _print_blocks)(blocks_table(read))
        end_reading(read.documents, read.gaps, keep_hidden=keep_hidden)
        return
    if output is None:
        refuse("-o", "missing. Give a run directory to write to, or --blocks to print what is read.")
    result = jobs.Run.at(output, codebook, force=force)
    book, numbers = result.codebook, set(commitment or [])
    replaced = jobs.replaced_words(result.saved, book)
    with report.progress(quiet=quiet) as announce:
        evidence = jobs.read_reports(
            reports, book, commitments=numbers, year=year, keep_hidden=keep_hidden, announce=announce
        )
        result = jobs.ingest(result, evidence, commitments=numbers, year=year, keep_hidden=keep_hidden)
    print_or_json(report.ingested_table(result.members, result.items, result.sentences), as_json=as_json)
    write(*filter(None, [replaced, report.others_text(result.commitments, book)]), err=True)
    write(*_lines_of(summary_findings(result.summary, result.members)), err=True)
    if as_json:
        then = []
    elif book.commitment.id in set(result.commitments["commitment_id"]):
        then = ["Next:", *jobs.next_of_run(output, output)]
    else:
        draft = f"g7tag codebook new {quoted(reports[0])} -o my.toml"
        then = ["Next:", f"  {draft}    draft a codebook, then use --codebook my.toml"]
    end_reading(result.documents, result.gaps, keep_hidden=keep_hidden, then=then)


def _print_blocks(table: "pd.DataFrame") -> None:
    """Print each document's name, then each of its blocks in a line: its kind, its note and page, and its text."""
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
    processes: Annotated[int | None, Option(min=1, help="For a table: processes. Default: one per processor.")] = None,
    scheduler: Annotated[str, Option(help="For a table: address of a Dask scheduler that tags it, or `local`.")] = "",
    explain: Annotated[bool, Option("--explain", help="For a table: add `why`, the words behind each tag.")] = False,
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
                    target, output or sys.stdout.buffer, book, path, processes=processes or _processors(),
                    scheduler=scheduler, explain=explain, fast=fast, force=force, announce=announce,
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
    if output is not None or processes is not None or scheduler or explain:
        refuse("-o, --processes, --scheduler, --explain", "apply to tables only, not to a run directory.")
    tagged = jobs.Run.at(target, book, force=force)
    with report.progress(quiet=quiet) as announce:
        tagged.read("sentences")
        loaded = taggers.load_tagger(path, book, fast=fast)
        replaced = jobs.replace_codebook(tagged.saved, book)
        tags = (tagged.reopened(force=True) if replaced else tagged).tag(loaded, announce=announce).tags
    write(
        *filter(None, [replaced]), f"{counted(len(tags), 'sentence')} tagged, {report.doubtful_text(tags)}.", err=True
    )
    write(f"Next: g7tag score {quoted(target)}", err=True)


def score(
    directory: Annotated[Path | None, Argument(help="Run directory with tags. Optional with --verify.")] = None,
    final: Annotated[
        bool,
        Option(
            "--final", help="Print the final scores: what the ledger (see g7tag audit) decides, who decided, and why."
        ),
    ] = False,
    verify: Annotated[Path | None, Option(help="Recompute a receipt (DIR/receipts/*.json); print differences.")] = None,
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
        differences = jobs.verify_receipt(verify, jobs.Run.at(directory, codebook) if directory else None)
        write(*differences)
        write(f"{verify}: {counted(len(differences), 'difference') if differences else 'verified'}.", err=True)
        raise Exit(UNFINISHED if differences else 0)
    if directory is None:
        refuse("DIRECTORY", "required without --verify. Give a run directory.")
    earlier = jobs.Run.at(directory, codebook)
    before = jobs.scored_before(earlier.saved, earlier.codebook)
    scored = opened_run(directory, codebook, force=force, quiet=quiet)
    if final:
        table = scored.final_scores()
        print_or_json(table if as_json else report.final_table(table), as_json=as_json)
        write(*jobs.ledger_notes(scored), err=True)
        return
    warn_of_drafts(scored.codebook, codebook, directory)
    with report.progress(quiet=quiet) as announce:
        scored = scored.score(policy=policy, announce=announce)
    print_scores(scored, as_json=as_json)
    for line in jobs.bars_of_counted(scored.read("annotations", "labels"), directory):
        write(f"Model labels counted: {line}", err=True)
    warn_of_disputes(scored)
    if before is not None:
        changes = label_changes(before["labels"], scored.labels), score_changes(before["scores"], scored.scores)
        write(*report.changes_lines(*changes), err=True)


def print_scores(run: "Run", *, as_json: bool) -> None:
    """Print the score table, whose labels it is based on, and the scores at other thresholds."""
    frames, book = run.read("documents", "members", "scores", "evidence_matrix", "thresholds"), run.codebook
    if as_json:
        write_json(report.run_values(frames, book))
        return
    write(report.heading(run.documents, book))
    scores, items = report.narrow_tables(report.run_table(frames, book), book)
    report.print_table(scores, labels=book.labels, apart=book.dimension_keys[0])
    write(report.legend(book), "\nItems behind each level, by strength:")
    report.print_table(items, labels=book.labels)
    others = run.annotations.loc[run.annotations["kind"] != "classifier", "annotation_id"]
    if run.labels["annotation_id"].isin(others).any():
        write(f"Based on {report.labels_text(run.labels, run.annotations)}.")
    write("\nSuggested scores by the number of strong items that make a level strong. * differs from the score above.")
    report.print_table(report.run_thresholds(frames, book))


def opened_run(directory: Path, codebook: Path | None, *, force: bool = False, quiet: bool = False) -> "Run":
    """Return the run of a directory. A codebook that is given replaces the directory's; stderr says so."""
    run = jobs.Run.at(directory, codebook, force=force)
    scored = run.saved.has("scores")
    if codebook is not None and (replaced := jobs.replace_codebook(run.saved, run.codebook)):
        write(replaced, err=True)
        run = rescored(run, quiet=quiet) if scored else run
    return run.reopened(force=force)


def rescored(run: "Run", *, quiet: bool) -> "Run":
    """Return a run that is scored and audited with its current labels; stderr shows the progress."""
    with report.progress(quiet=quiet) as announce:
        return run.rescore(announce=announce)


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


def warn_of_disputes(run: "Run", *, briefly: bool = False) -> None:
    """Say on stderr on which sentences analysts disagree, and which of these a party to it decided."""
    from g7tag.labels import disputed_sentences, party_decisions

    known = run.annotations, run.sentences
    lines = report.disputed_lines if briefly else report.disagreement_lines
    write(*lines(disputed_sentences(*known)), *report.party_lines(party_decisions(*known)), err=True)


def _warn_of_wording(model: Path | None, book: "Codebook") -> None:
    """Say on stderr if a tagger knows other definitions than the codebook."""
    from g7tag.tagger.persist import wording_differs

    if model is not None and wording_differs(model, book):
        old = f"{model}: was trained with other definitions, examples or cues than those of {book.id!r} now."
        write(f"{old} Train it again: g7tag train.", err=True)


def _lines_of(findings: Iterable[Mapping[Any, Any]]) -> list[str]:
    return [f"{finding['severity']}: {finding['subject']}: {finding['message']}" for finding in findings]


def end_reading(
    documents: "pd.DataFrame", gaps: "pd.DataFrame", *, keep_hidden: bool, then: Iterable[str] = ()
) -> None:
    """Print what could not be read and what is hidden, then more lines; exit with code 4 if something was left out."""
    from g7tag.sources.limits import limits_note

    read = report.reading_lines(documents, gaps, keep_hidden=keep_hidden)
    write(*filter(None, [limits_note()]), *read, *then, err=True)
    if (gaps["kind"] == "unread").any():
        raise Exit(UNFINISHED)


def _processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
