"""Commands on codebooks, corpora and models: train, evaluate, codebook show, corpus check."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from g7tag.cli.options import UNFINISHED, CodebookOption, JsonOption, QuietOption, write, write_json

if TYPE_CHECKING:
    import pandas as pd


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
    from g7tag import jobs, report
    from g7tag.jobs import train_file

    book = jobs.open_codebook(codebook)
    with report.progress(quiet=quiet) as announce:
        tagger = train_file(output, book, corpus or [], exclude_member or [], announce, force=force)
    write(f"{output}: model {tagger.model_id}, trained on {tagger.about['corpus_rows']} sentences.", err=True)


def evaluate(
    corpus: Annotated[list[Path] | None, typer.Option("--corpus", help="Labelled file; repeat for several.")] = None,
    learning_curve: Annotated[
        bool,
        typer.Option("--learning-curve", help="Macro-F1 on the dev part by number of training sentences, by file."),
    ] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the learning curve into this file (.svg, .png, .pdf).")
    ] = None,
    test_part: Annotated[
        bool, typer.Option("--test-part", help="Also tag the test part, which is kept for a release's figures.")
    ] = False,
    codebook: CodebookOption = None,
    as_json: JsonOption = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a plot that is there.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Say how well a tagger trained on the corpus tags members that it was not trained on.

    Example: g7tag evaluate --learning-curve --plot curve.svg
    """
    from g7tag import jobs, report
    from g7tag.evaluation import find_peers
    from g7tag.report.plots import IMAGE_TYPES, learning_curve_image
    from g7tag.store import check_output, write_atomic

    if plot is not None and not learning_curve:
        msg = "it draws the learning curve: add --learning-curve."
        raise typer.BadParameter(msg, param_hint="--plot")
    if test_part and learning_curve:
        msg = "the learning curve is measured on the dev part: leave one of both out."
        raise typer.BadParameter(msg, param_hint="--test-part")
    if plot is not None:
        check_output(plot, force=force, types=IMAGE_TYPES)
    book = jobs.open_codebook(codebook)
    about: dict[str, Any] = {}
    with report.progress(quiet=quiet) as announce:
        if learning_curve:
            tables = {"learning_curve": jobs.curve_of_files(corpus or [], book, announce)}
        else:
            about, evaluation = jobs.evaluate_files(corpus or [], book, announce, test_part=test_part)
            tables = evaluation._asdict()
    for name, packages in find_peers().missing.items() if about else ():
        write(f"Not compared with {name}: pip install {' '.join(packages)}", err=True)
    _print_measured(about, tables, as_json=as_json)
    if plot is not None:
        write_atomic(plot, learning_curve_image(tables["learning_curve"], plot.suffix.lower()))


def _print_measured(about: Mapping[str, Any], tables: Mapping[str, "pd.DataFrame"], *, as_json: bool) -> None:
    from g7tag import report

    if as_json:
        records = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
        write_json(({"about": about} if about else {}) | records)
        return
    for name in [each for each in tables if each in report.EVALUATION_HEADINGS]:
        for heading, shown in report.evaluation_tables(name, tables[name]).items():
            write(heading)
            report.print_table(shown)


def codebook_show(
    codebook: CodebookOption = None,
    as_json: JsonOption = False,
    as_toml: Annotated[bool, typer.Option("--toml", help="Print the file itself, to start one of your own.")] = False,
) -> None:
    """Print a codebook: its dimensions, rules and settled cases.

    Example: g7tag codebook show --toml > my.toml
    """
    from g7tag import jobs, report

    book = jobs.open_codebook(codebook)
    if as_json or as_toml:
        typer.echo(
            jobs.codebook_file(codebook).read_text(encoding="utf-8").rstrip()
            if as_toml
            else book.model_dump_json(indent=1)
        )
        return
    it = book.commitment
    write(f"{book.id}, version {book.version}: commitment {it.id}, {it.title}")
    write(f"Period {it.period_start} to {it.period_end}; {book.min_strong_items} strong items make a level strong.")
    for name, table in report.codebook_tables(book).items():
        write(f"\n{name}")
        report.print_table(table)


def corpus_check(
    files: Annotated[list[Path] | None, typer.Argument(help="Corpus files; none: those that come with g7tag.")] = None,
    report: Annotated[
        list[Path] | None, typer.Option("--report", help="Text from which nothing may be copied.")
    ] = None,
    codebook: CodebookOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on a weakness of the whole, too.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Check labelled files, and print their labels by part and the coders' agreement.

    Example: g7tag corpus check --report report.txt
    """
    from g7tag import jobs
    from g7tag import report as reporting
    from g7tag.jobs import check_corpus_files

    book = jobs.open_codebook(codebook)
    with reporting.progress(quiet=quiet) as announce:
        checked = check_corpus_files(files or [], report or [], book, announce)
    for failure in [*checked.failures, *checked.weaknesses]:
        write(str(failure), err=True)
    for name, table in checked.tables.items():
        write(name)
        reporting.print_table(table)
    if checked.failures or (strict and checked.weaknesses):
        write(f"{len(checked.failures) or len(checked.weaknesses)} checks failed.", err=True)
        raise typer.Exit(UNFINISHED)
    write("All checks of files and rows passed.", err=True)
