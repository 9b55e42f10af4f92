"""Commands on codebooks, labelled sentences and taggers: train, evaluate, codebook new and show, corpus check."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from g7tag.cli import models
from g7tag.cli.options import (
    UNFINISHED,
    CodebookOption,
    HiddenOption,
    JsonOption,
    OcrOption,
    PagesOption,
    QuietOption,
    YearOption,
    write,
    write_json,
)
from g7tag.cli.runs import reading_codebook
from g7tag.sources.limits import MAX_PAGES
from g7tag.text import counted, quoted

if TYPE_CHECKING:
    import pandas as pd

    from g7tag.jobs import DraftedCodebook

ANSWERS = ".requests.sqlite"
"""Ending of the file beside a draft that keeps the answers of a model."""


def train(
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write the tagger to; must end in .skops.")],
    corpus: Annotated[
        list[Path] | None,
        typer.Option("--corpus", help="Labelled file; repeat for several. Default: those that come with g7tag."),
    ] = None,
    exclude_member: Annotated[
        list[str] | None, typer.Option("--exclude-member", help="Do not train on this member; repeat for several.")
    ] = None,
    encoder: Annotated[
        bool, typer.Option("--encoder", help="Also train an encoder: under an hour, and needs the extra `train`.")
    ] = False,
    with_labels: Annotated[
        list[Path] | None,
        typer.Option("--with-labels", help="Run directory whose labels by people are added; repeat for several."),
    ] = None,
    codebook: CodebookOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Train a tagger on labelled sentences. Those of the part test are left out, so that they can measure it.

    Example: g7tag train -o my.skops

    With a codebook of your own: --codebook my.toml --corpus labelled.csv
    """
    from g7tag import report
    from g7tag.jobs import train_file

    runs = with_labels or []
    book = reading_codebook(runs, codebook)
    with report.progress(quiet=quiet) as announce:
        tagger = train_file(
            output, book, corpus or [], exclude_member or [], announce,
            force=force, encoder=encoder, with_labels=runs,
        )  # fmt: skip
    write(f"{output}: tagger {tagger.model_id}, trained on {_trained_on(tagger.about)}.", err=True)
    for line in report.wanted_lines(tagger.about, book):
        write(line, err=True)
    model = quoted(output)
    own = f" --codebook {quoted(codebook)}" if codebook else ""
    for run in map(quoted, runs):
        write(f"Next: g7tag tag {run} --model {model}{own} --force, then g7tag score {run}", err=True)
    if not runs:
        write(f"Next: g7tag run REPORT --model {model}{own} -o run", err=True)


def _trained_on(about: "Mapping[str, Any]") -> str:
    """Return the number of sentences that a tagger was trained on, and the files that they are from."""
    return f"{counted(about['corpus_rows'], 'sentence')} ({about['corpus']})" if about["corpus_rows"] else "0 sentences"


def evaluate(
    corpus: Annotated[
        list[Path] | None,
        typer.Option("--corpus", help="Labelled file; repeat for several. Default: those that come with g7tag."),
    ] = None,
    learning_curve: Annotated[
        bool,
        typer.Option(
            "--learning-curve", help="Measure macro-F1 by number of training sentences instead, from 0 if possible."
        ),
    ] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Also plot the learning curve to this file (.svg, .png or .pdf).")
    ] = None,
    test_part: Annotated[
        bool,
        typer.Option(
            "--test-part", help="Also evaluate on the test part, which is reserved for the figures of a release."
        ),
    ] = False,
    encoder: Annotated[
        bool, typer.Option("--encoder", help="Also train an encoder for each part left out: hours, extra `train`.")
    ] = False,
    codebook: CodebookOption = None,
    as_json: JsonOption = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing plot.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Measure how well a tagger tags members and files that it was not trained on.

    \b
    Example: g7tag evaluate --corpus data/examples/harbours-labelled.csv \\
        --codebook data/examples/harbours.toml
    """  # noqa: D301 - \b keeps the lines of the example
    from g7tag import jobs, report
    from g7tag.evaluation import find_peers
    from g7tag.report.plots import IMAGE_TYPES, learning_curve_image
    from g7tag.store import check_output, write_atomic

    if plot is not None and not learning_curve:
        msg = "needs --learning-curve, because it plots the learning curve."
        raise typer.BadParameter(msg, param_hint="--plot")
    if test_part and learning_curve:
        msg = "the learning curve is measured on the dev part. Leave out one of the two options."
        raise typer.BadParameter(msg, param_hint="--test-part")
    if plot is not None:
        check_output(plot, force=force, types=IMAGE_TYPES)
    book = jobs.open_codebook(codebook)
    about: dict[str, Any] = {}
    with report.progress(quiet=quiet) as announce:
        if learning_curve:
            tables = {"learning_curve": jobs.curve_of_files(corpus or [], book, announce)}
        else:
            about, evaluation = jobs.evaluate_files(corpus or [], book, announce, test_part=test_part, encoder=encoder)
            tables = evaluation._asdict()
    for name, packages in find_peers().missing.items() if about else ():
        write(f"Not compared with {name}. To compare, run: pip install {' '.join(packages)}", err=True)
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
            report.print_table(shown, frame=f"evaluation_{name}")


def codebook_new(
    chapter: Annotated[Path, typer.Argument(help="Report or chapter: PDF, DOCX, HTML, EPUB, ODT, RTF or text.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Codebook file to write; must end in .toml.")],
    commitment: Annotated[
        int | None,
        typer.Option("--commitment", min=1, help="Number of the commitment, if the report has several or prints none."),
    ] = None,
    year: YearOption = None,
    period_start: Annotated[
        datetime | None,
        typer.Option("--period-start", formats=["%Y-%m-%d"], help="First day. Default: printed on the cover."),
    ] = None,
    period_end: Annotated[
        datetime | None,
        typer.Option("--period-end", formats=["%Y-%m-%d"], help="Last day. Default: printed on the cover."),
    ] = None,
    keep_hidden: HiddenOption = False,
    max_pages: PagesOption = MAX_PAGES,
    ocr: OcrOption = False,
    model: Annotated[
        str, typer.Option("--model", help="Also ask this language model for definitions, examples and settled cases.")
    ] = "",
    base_url: models.UrlOption = None,
    key_variable: models.KeyOption = None,
    parameter: models.ParameterOption = None,
    price: models.PriceOption = None,
    prices: models.PricesOption = None,
    max_cost: models.CostOption = None,
    max_requests: models.RequestsOption = None,
    deadline: models.DeadlineOption = 60.0,
    dry_run: models.DryOption = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Draft a codebook from a report: commitment, members, dimensions, and the scoring guidelines as rules.

    Example: g7tag codebook new data/examples/harbours-report.txt -o draft.toml

    Each part keeps the sentence that it was taken from, and is a draft until you delete its line `draft = true`. What
    the chapter leaves open is a question in the file. If no rule can be read, the file is written without rules and the
    exit code is 4. Without --model nothing is sent. A model describes the dimensions; it never writes rules. Its
    answers are kept beside the file, and are not paid for twice.
    """
    from g7tag import jobs, report
    from g7tag.errors import InputError
    from g7tag.store import check_output, write_atomic

    if dry_run and not model:
        msg = "needs --model, because without a model nothing is sent."
        raise typer.BadParameter(msg, param_hint="--dry-run")
    check_output(output, force=force or dry_run, types=(".toml",))
    if output.exists() and chapter.exists() and output.samefile(chapter):
        msg = f"{output}: is the report itself. Choose another file for the codebook."
        raise InputError(msg)
    endpoint = models.endpoint_of(model, base_url, key_variable, parameter, needs_key=not dry_run) if model else None
    cost = models.price_of(model, price, prices) if model else None
    with report.progress(quiet=quiet) as announce:
        draft = jobs.draft_codebook(
            chapter, commitment=commitment, year=year,
            period_start=period_start and period_start.date(), period_end=period_end and period_end.date(),
            keep_hidden=keep_hidden, max_pages=max_pages, ocr=ocr, announce=announce,
        )  # fmt: skip
    described = None
    if endpoint is not None and cost is not None:
        plan = jobs.plan_describing(draft, endpoint, price=cost, file=output.with_suffix(ANSWERS))
        write(report.quote_text(plan.quote, endpoint), err=True)
        if dry_run:
            return
        with report.progress(quiet=quiet) as announce:
            limits = models.limits_of(max_cost, max_requests, 4, deadline)
            described = jobs.describe_draft(plan, limits=limits, announce=announce)
        draft = described.draft
    write_atomic(output, draft.text.encode("utf-8"))
    _print_draft(draft, output)
    if described is not None:
        for problem in described.problems:
            write(f"  No description by the model: {problem}", err=True)
        write(report.asked_text(described.asked), err=True)
        models.exit_after(described.asked, n_unusable=len(described.problems))
    if draft.codebook is None:
        raise typer.Exit(UNFINISHED)


def _print_draft(draft: "DraftedCodebook", output: Path) -> None:
    """Print what was drafted, what is open, and what comes next."""
    from g7tag import corpus, jobs

    write(f"{output}: a draft for {jobs.draft_summary(draft)}.", err=True)
    for question in draft.questions:
        write(f"  Open question: {question}", err=True)
    if draft.codebook is None:
        text = "No scoring rule could be read. Write the readings in {}; it has an example in comments."
        write(text.format(output), err=True)
    elif corpus.is_bundled(draft.codebook):
        text = f"g7tag comes with labels and a tagger for {draft.codebook.id}. They are used with this codebook too, "
        write(text + "unless you change its id, or the keys of its dimensions or exclusions.", err=True)
    write(f"Next: check each part in {output}, then: g7tag codebook check {quoted(output)}", err=True)


def codebook_show(
    codebook: CodebookOption = None,
    as_json: JsonOption = False,
    as_toml: Annotated[bool, typer.Option("--toml", help="Print the file itself, as a start for your own.")] = False,
) -> None:
    """Print a codebook: dimensions, strengths, exclusions, rules and settled cases.

    Example: g7tag codebook show
    """
    from g7tag import jobs, report
    from g7tag.text import counted

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
    threshold = counted(book.min_strong_items, "strong item")
    write(f"Period {it.period_start} to {it.period_end}; threshold: {threshold} for a strong level.")
    for name, table in report.codebook_tables(book).items():
        write(f"\n{name}")
        report.print_table(table)


def corpus_add(
    directory: Annotated[Path, typer.Argument(help="Run directory with labels of people.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Labelled file to write (.csv, .parquet or .jsonl).")],
    codebook: CodebookOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write the sentences that people labelled in a run to a labelled file, to check, share or train on.

    Example: g7tag corpus add run -o labelled.csv

    Sentences on which people disagree are left out until an adjudicator decides. The file holds the text of the report:
    check that you may share it.
    """
    from g7tag import jobs
    from g7tag.text import counted

    book = reading_codebook([directory], codebook)
    labelled = jobs.write_people_corpus(directory, output, book, force=force)
    left_out = f"; {counted(labelled.n_disputed, 'disputed sentence')} left out" if labelled.n_disputed else ""
    n_test = int((labelled.rows["part"] == "test").sum())
    test = f"; {n_test} in the part test, which no tagger is trained on" if n_test else ""
    write(f"{output}: {counted(len(labelled.rows), 'labelled sentence')}{left_out}{test}.", err=True)
    write(f"Next: g7tag train -o my.skops --with-labels {quoted(directory)}", err=True)


def corpus_check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Labelled files. Default: those that come with g7tag.")
    ] = None,
    report: Annotated[
        list[Path] | None, typer.Option("--report", help="Report from which no text may be copied; repeat for several.")
    ] = None,
    codebook: CodebookOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Also exit with code 4 on weaknesses of the corpus as a whole.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Check labelled files, and print their label counts and the agreement of the coders.

    Example: g7tag corpus check
    """
    from g7tag import jobs
    from g7tag import report as reporting
    from g7tag.jobs import check_corpus_files
    from g7tag.text import counted

    book = jobs.open_codebook(codebook)
    with reporting.progress(quiet=quiet) as announce:
        checked = check_corpus_files(files or [], report or [], book, announce)
    for failure in [*checked.failures, *checked.weaknesses]:
        write(str(failure), err=True)
    for name, table in checked.tables.items():
        write(name)
        reporting.print_table(table)
    if checked.failures or (strict and checked.weaknesses):
        write(f"{counted(len(checked.failures) or len(checked.weaknesses), 'check')} failed.", err=True)
        raise typer.Exit(UNFINISHED)
    wrong = any(one.weak for one in checked.weaknesses)
    trained = "Training accepts it. --strict makes the weaknesses above fail."
    write(trained if wrong else "All checks passed.", err=True)
