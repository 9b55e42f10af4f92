"""Commands that read reports: run and ingest."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from g7tag.cli.options import (
    UNFINISHED,
    CodebookOption,
    DirectoryOption,
    ForceOption,
    HiddenOption,
    JsonOption,
    ModelOption,
    NumberOption,
    OcrOption,
    PagesOption,
    QuietOption,
    TaggerKind,
    TaggerOption,
    YearOption,
    warn_of_drafts,
    write,
    write_json,
)
from g7tag.cli.runs import print_scores, warn_of_wording
from g7tag.sources.limits import MAX_PAGES, limits_note
from g7tag.text import quoted

if TYPE_CHECKING:
    from g7tag.codebook import Codebook
    from g7tag.store import Frames


def run(
    reports: Annotated[
        list[Path] | None,
        typer.Argument(
            help="PDF, DOCX, HTML, EPUB, ODT, RTF or text files. Default: the evidence that comes with g7tag."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Run directory to save to. If omitted, nothing is saved.")
    ] = None,
    codebook: CodebookOption = None,
    model: ModelOption = None,
    tagger: TaggerOption = TaggerKind.ENCODER,
    policy: Annotated[
        str,
        typer.Option(
            "--policy",
            help="Whose labels count. With the bundled evidence also `adjudicated`: the corpus's own labels.",
        ),
    ] = "people-then-classifier",
    commitment: NumberOption = None,
    year: YearOption = None,
    keep_hidden: HiddenOption = False,
    max_pages: PagesOption = MAX_PAGES,
    ocr: OcrOption = False,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Analyse reports: tag the evidence, suggest scores, list findings, and write a page.

    Example: g7tag run data/examples/invented-report.txt -o run
    """
    from g7tag import jobs, report

    book = jobs.open_codebook(codebook, output)
    before = _codebook_before(output, codebook)
    warn_of_drafts(book, codebook, output)
    warn_of_wording(model, book)
    with report.progress(quiet=quiet) as announce:
        result = jobs.run_report(
            reports or [], output=output, codebook=book, model=model, fast=tagger is TaggerKind.FAST,
            policy=policy, commitments=set(commitment or []),
            year=year, keep_hidden=keep_hidden, max_pages=max_pages, ocr=ocr, force=force,
            announce=announce,
        )  # fmt: skip
    print_scores(result.frames, book, as_json=as_json)
    _tell_replaced(output, before, book)
    own = report.own_frames(result.frames, book)
    write(report.counts_text(own), err=True)
    for line in report.deciding_lines(result.sentences_behind()):
        write(line, err=True)
    for finding in own["findings"].head(5).to_dict("records"):
        write(f"  {finding['severity']}: {finding['subject']}: {finding['message']}", err=True)
    if output is not None:
        write(f"Saved in {output}. Read {output / 'report.html'} in a browser.", err=True)
        write(
            f"Next: `g7tag audit {quoted(output)}` explains each score; `g7tag label {quoted(output)}` lets you label.",
            err=True,
        )
    _tell_reading(result.frames, keep_hidden=keep_hidden)


def ingest(
    reports: Annotated[list[Path], typer.Argument(help="PDF, DOCX, HTML, EPUB, ODT, RTF or text files.")],
    output: DirectoryOption,
    codebook: CodebookOption = None,
    commitment: NumberOption = None,
    year: YearOption = None,
    keep_hidden: HiddenOption = False,
    max_pages: PagesOption = MAX_PAGES,
    ocr: OcrOption = False,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read reports into items, sentences and citations, without tagging them.

    Example: g7tag ingest data/examples/invented-report.txt -o evidence

    Next: g7tag tag DIR, then g7tag score DIR; or, before there is a tagger for its commitment, g7tag label DIR.
    """
    from g7tag import jobs, report
    from g7tag.store import RunDirectory

    book = jobs.open_codebook(codebook, output)
    before = _codebook_before(output, codebook)
    with report.progress(quiet=quiet) as announce:
        numbers = set(commitment or [])
        evidence = jobs.read_reports(
            reports, book, commitments=numbers, year=year, keep_hidden=keep_hidden, max_pages=max_pages, ocr=ocr,
            announce=announce,
        )  # fmt: skip
        directory = RunDirectory(output, force=force)
        frames = jobs.ingest(
            evidence, directory, book, commitments=numbers, year=year, keep_hidden=keep_hidden, ocr=ocr
        )
    table = report.ingested_table(frames["members"], frames["items"], frames["sentences"])
    if as_json:
        write_json(json.loads(table.to_json(orient="records", force_ascii=False)))
    else:
        report.print_table(table)
    _tell_replaced(output, before, book)
    if others := report.others_text(frames["commitments"], book):
        write(others, err=True)
    for line in jobs.summary_words(frames):
        write(line, err=True)
    own = book.commitment.id in set(frames["commitments"]["commitment_id"])
    draft = f"  g7tag codebook new {quoted(reports[0])} -o my.toml    draft a codebook, then use --codebook my.toml"
    then = () if as_json else ("Next:", *(jobs.next_of_run(output, output) if own else [draft]))
    _tell_reading(frames, keep_hidden=keep_hidden, then=then)


def _codebook_before(output: Path | None, given: Path | None) -> "Codebook | None":
    """Return the codebook that a given one may replace in a run directory."""
    from g7tag import jobs
    from g7tag.store import RunDirectory

    return None if output is None or given is None else jobs.kept_codebook(RunDirectory(output))


def _tell_replaced(output: Path | None, before: "Codebook | None", book: "Codebook") -> None:
    """Print which codebook of a run directory was replaced."""
    from g7tag import jobs
    from g7tag.store import RunDirectory

    if output is not None and before is not None and before.sha256 != book.sha256:
        write(jobs.replaced_words(RunDirectory(output), before, book), err=True)


def _tell_reading(frames: "Frames", *, keep_hidden: bool, then: Iterable[str] = ()) -> None:
    """Print what could not be read and what is hidden, then more lines; exit with code 4 if something was left out."""
    from g7tag import report

    if limits_note():
        write(limits_note(), err=True)
    for line in (*report.reading_lines(frames["documents"], frames["gaps"], keep_hidden=keep_hidden), *then):
        write(line, err=True)
    if (frames["gaps"]["kind"] == "unread").any():
        raise typer.Exit(UNFINISHED)
