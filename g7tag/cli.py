"""The command line: parses, calls `steps`, words the outcome. Results go to stdout, everything else to stderr."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from g7tag.errors import G7TagError
from g7tag.store import package_version

if TYPE_CHECKING:
    from g7tag.codebook import Codebook
    from g7tag.store import Frames

INTERRUPTED = 130

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
codebook_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at a codebook.")
app.add_typer(codebook_app, name="codebook")

CodebookOption = Annotated[
    Path | None, typer.Option("--codebook", help="Codebook file (TOML); else 2024 Apulia commitment 19.")
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="Model file (M.skops); else the one that comes with g7tag.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace frames made from other inputs or settings.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the table as JSON.")]
DirectoryOption = Annotated[Path, typer.Option("-o", "--output", help="Run directory.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"g7tag {package_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Tag the evidence of a G7 compliance report, suggest scores, and reconcile them with the analysts'."""


@app.command()
def run(
    reports: Annotated[
        list[Path] | None, typer.Argument(help="Reports as text; none: the bundled sample evidence.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Run directory; without it nothing is written.")
    ] = None,
    codebook: CodebookOption = None,
    model: ModelOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take reports all the way to suggested scores, findings and a page.

    Example: g7tag run report.txt -o run
    """
    from g7tag import report, steps

    book = steps.open_codebook(codebook)
    with report.progress(quiet=quiet) as announce:
        result = steps.run_report(
            reports or [], output=output, codebook=book, model=model, force=force, announce=announce
        )
    _print_scores(result._asdict(), book, as_json=as_json)
    _write(report.counted_words(result.documents, result.items, result.tags, result.findings), err=True)
    for line in report.turning_words(steps.sentences_behind(result, book)):
        _write(line, err=True)
    for finding in result.findings.head(5).to_dict("records"):
        _write(f"  {finding['severity']}: {finding['subject']}: {finding['message']}", err=True)
    if output is not None:
        _write(f"Frames and report.html are in {output}.", err=True)


@app.command()
def ingest(
    reports: Annotated[list[Path], typer.Argument(help="Reports as text.")],
    output: DirectoryOption,
    codebook: CodebookOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read reports into items, sentences and citations.

    Example: g7tag ingest report.txt -o run
    """
    from g7tag import report, steps
    from g7tag.store import RunDirectory

    book = steps.open_codebook(codebook)
    with report.progress(quiet=quiet) as announce:
        announce("reading the report")
        frames = steps.ingest(steps.read_reports(reports, book), RunDirectory(output, force=force), book)
    table = report.ingested_table(frames["members"], frames["items"], frames["sentences"])
    if as_json:
        typer.echo(table.to_json(orient="records", indent=1, force_ascii=False))
    else:
        report.print_table(table)


@app.command()
def tag(
    target: Annotated[
        Path, typer.Argument(help="A run directory, or a .csv, .parquet or .jsonl with a column `text`.")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File for a table's tags; else CSV to stdout.")
    ] = None,
    codebook: CodebookOption = None,
    model: ModelOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tag the sentences of a run directory, or of a table.

    Example: g7tag tag sentences.csv -o tags.csv
    """
    from g7tag import report, steps
    from g7tag.store import RunDirectory, table_bytes
    from g7tag.tagging import default_model, load_tagger, tag_file

    book = steps.open_codebook(codebook)
    if target.is_dir() and output is not None:
        msg = "a run directory keeps its own tags; -o is for a table."
        raise typer.BadParameter(msg)
    tagger = load_tagger(model or default_model(book), book)
    with report.progress(quiet=quiet) as announce:
        if target.is_dir():
            directory = RunDirectory(target, force=force)
            frames = steps.read_run(directory, ["sentences"], book)
            tags = steps.tag(frames, directory, book, tagger, announce)["tags"]
        else:
            tags = tag_file(target, output, book, tagger, announce, force=force)
    if output is None and not target.is_dir():
        sys.stdout.buffer.write(table_bytes(tags, ".csv"))
    _write(f"{len(tags)} sentences tagged, {int(tags['needs_review'].sum())} of them doubtful.", err=True)


@app.command()
def train(
    output: Annotated[Path, typer.Option("-o", "--output", help="Model file to write; must end in .skops.")],
    corpus: Annotated[list[Path] | None, typer.Option("--corpus", help="Labelled file; repeat for several.")] = None,
    exclude_member: Annotated[list[str] | None, typer.Option("--exclude-member", help="Leave this member out.")] = None,
    codebook: CodebookOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a model file that is there.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Train a tagger on labelled sentences.

    Example: g7tag train -o my.skops --corpus labelled.csv --codebook my.toml
    """
    from g7tag import report, steps
    from g7tag.tagging import train_file

    book = steps.open_codebook(codebook)
    with report.progress(quiet=quiet) as announce:
        tagger = train_file(output, book, corpus or [], exclude_member or [], announce, force=force)
    _write(f"{output}: model {tagger.model_id}, trained on {tagger.about['corpus_rows']} sentences.", err=True)


@app.command()
def score(
    directory: Annotated[Path, typer.Argument(help="A run directory that was tagged.")],
    codebook: CodebookOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Suggest scores from the tags of a run directory, beside the published ones.

    Example: g7tag score run
    """
    from g7tag import report, steps
    from g7tag.store import RunDirectory

    book = steps.open_codebook(codebook)
    run_directory = RunDirectory(directory, force=force)
    frames = steps.read_run(run_directory, ["documents", "sentences", "items", "members", "tags"], book)
    with report.progress(quiet=quiet) as announce:
        frames |= steps.score(frames, run_directory, book, announce)
    _print_scores(frames, book, as_json=as_json)


@codebook_app.command("show")
def codebook_show(
    codebook: CodebookOption = None,
    as_json: JsonOption = False,
    as_toml: Annotated[bool, typer.Option("--toml", help="Print the file itself, to start one of your own.")] = False,
) -> None:
    """Print a codebook: its dimensions, rules and settled cases.

    Example: g7tag codebook show --toml > my.toml
    """
    from g7tag import report, steps

    book = steps.open_codebook(codebook)
    if as_json or as_toml:
        typer.echo(steps.codebook_text(codebook).rstrip() if as_toml else book.model_dump_json(indent=1))
        return
    it = book.commitment
    _write(f"{book.id}, version {book.version}: commitment {it.id}, {it.title}")
    _write(f"Period {it.period_start} to {it.period_end}; {book.min_strong_items} strong items make a level strong.")
    for name, table in report.codebook_tables(book).items():
        _write(f"\n{name}")
        report.print_table(table)


def main() -> None:
    """Run the command line; the one place where an error stops."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(INTERRUPTED))
    try:
        app()
    except G7TagError as error:
        _write(f"g7tag: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of stdout, a pager perhaps, had enough
        os._exit(0)
    except OSError as error:
        _write(f"g7tag: cannot write the result ({error.strerror}). Make room, or name another place.", err=True)
        sys.exit(3)


def _print_scores(frames: "Frames", book: "Codebook", *, as_json: bool) -> None:
    from g7tag import report

    if as_json:
        typer.echo(json.dumps(report.run_values(frames, book), indent=1, ensure_ascii=False))
        return
    _write(report.heading(frames["documents"], book))
    report.print_table(report.run_table(frames, book))
    _write(report.legend(book))


def _write(text: str, *, err: bool = False) -> None:
    from g7tag.report.terminal import printable

    typer.echo(printable(text), err=err)
