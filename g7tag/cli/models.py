"""Commands that ask language models: review the sentences of a run, and test a model in a trial."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from g7tag.cli.options import (
    BUDGET,
    ENDPOINT,
    INTERRUPTED,
    UNFINISHED,
    CodebookOption,
    JsonOption,
    QuietOption,
    SeedOption,
    SelectOption,
    write,
    write_json,
)
from g7tag.cli.runs import reading_codebook
from g7tag.text import quoted

if TYPE_CHECKING:
    import pandas as pd

    from g7tag.llm import Asked, Endpoint, Limits, Price

NameOption = Annotated[str, typer.Option("--model", help="Name of the model at the endpoint.")]
UrlOption = Annotated[
    str | None, typer.Option("--base-url", help="URL of the endpoint, up to /v1. Default: OPENAI_BASE_URL, or OpenAI.")
]
KeyOption = Annotated[
    str | None, typer.Option("--key-variable", help="Environment variable that holds the key. Default: OPENAI_API_KEY.")
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter", help="NAME=VALUE to send with each request; null omits a default one. Repeat for several."
    ),
]
PriceOption = Annotated[
    str | None, typer.Option("--price", help="IN,OUT: USD per million tokens; 0,0 is free. Default: from --prices.")
]
PricesOption = Annotated[
    Path | None,
    typer.Option("--prices", help="Table of prices (model, input, output). Default: the one that comes with g7tag."),
]
CostOption = Annotated[float | None, typer.Option("--max-cost", min=0, help="Maximum cost in USD.")]
RequestsOption = Annotated[int | None, typer.Option("--max-requests", min=0, help="Maximum number of calls.")]
ConcurrencyOption = Annotated[
    int, typer.Option("--concurrency", min=1, max=256, help="Number of calls at the same time.")
]
DeadlineOption = Annotated[float, typer.Option("--deadline", min=0.1, help="Maximum number of seconds per call.")]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be sent and its maximum cost; send nothing.")
]


def review(
    directory: Annotated[Path, typer.Argument(help="Run directory with scores.")],
    model: NameOption = "",
    base_url: UrlOption = None,
    key_variable: KeyOption = None,
    parameter: ParameterOption = None,
    select: SelectOption = None,
    audit_share: Annotated[
        float, typer.Option("--audit-share", help="Also draw every other sentence with this probability, from 0 to 1.")
    ] = 0.0,
    seed: SeedOption = 0,
    corpus: Annotated[
        list[Path] | None,
        typer.Option("--corpus", help="Labelled file with examples to show. Default: those that come with g7tag."),
    ] = None,
    price: PriceOption = None,
    prices: PricesOption = None,
    max_cost: CostOption = None,
    max_requests: RequestsOption = None,
    concurrency: ConcurrencyOption = 8,
    deadline: DeadlineOption = 60.0,
    dry_run: DryOption = False,
    export_batch: Annotated[
        Path | None, typer.Option("--export-batch", help="Write the requests to a batch file (.jsonl); send nothing.")
    ] = None,
    import_batch: Annotated[
        list[Path] | None, typer.Option("--import-batch", help="Read the answer file of a batch; repeat for several.")
    ] = None,
    trial: Annotated[
        Path | None, typer.Option("--trial", help="Copy the verdicts of this trial directory into the run.")
    ] = None,
    codebook: CodebookOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing batch file.")] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask a language model about doubtful sentences. It proposes labels; it does not change any.

    Example: g7tag review run --model gpt-5-mini --dry-run
    """
    from g7tag import jobs, report
    from g7tag.text import counted

    book = reading_codebook([directory], codebook)
    if sum(map(bool, (dry_run, export_batch, import_batch, trial))) > 1:
        msg = "--dry-run, --export-batch, --import-batch and --trial exclude each other. Give one of them."
        raise typer.BadParameter(msg)
    if trial is not None:
        for line in jobs.take_verdicts(trial, directory):
            write(line, err=True)
        return
    if import_batch:
        _print_imported(jobs.import_batch(directory, import_batch, codebook=book), as_json=as_json)
        return
    endpoint = endpoint_of(model, base_url, key_variable, parameter, needs_key=not dry_run and export_batch is None)
    chosen = tuple(select) if select else jobs.DEFAULT_SELECT
    plan = jobs.plan_review(
        directory, endpoint, codebook=book, price=price_of(model, price, prices),
        selection=jobs.Selection(chosen, audit_share, seed, corpus or []),
    )  # fmt: skip
    if export_batch is not None:
        n_requests = jobs.export_batch(plan, export_batch, force=force)
        write(f"{counted(n_requests, 'request')} written to {export_batch}.", err=True)
        return
    write(f"{report.selection_text(plan.selected)}.", err=True)
    write(report.quote_text(plan.quote, endpoint), err=True)
    if dry_run:
        if as_json:
            write_json(plan.quote._asdict())
        return
    with report.progress(quiet=quiet) as announce:
        done = jobs.review_sentences(
            plan, limits=limits_of(max_cost, max_requests, concurrency, deadline), announce=announce
        )
    _print_proposals(done.proposals, as_json=as_json)
    write(report.asked_text(done.asked), err=True)
    write(
        f"Proposals do not change labels. Next: `g7tag label {quoted(directory)}` shows them next to the sentences.",
        err=True,
    )
    _exit(done.asked)


def trial(
    directory: Annotated[
        Path, typer.Argument(help="Directory for the answers and the verdict; may be a run directory.")
    ],
    model: NameOption = "",
    base_url: UrlOption = None,
    key_variable: KeyOption = None,
    parameter: ParameterOption = None,
    sentences: Annotated[
        int, typer.Option("--sentences", min=1, help="Number of labelled sentences to ask about.")
    ] = 100,
    varied: Annotated[
        int, typer.Option("--varied", min=0, help="Number of these that are also asked in other ways.")
    ] = 20,
    attacks: Annotated[
        int | None,
        typer.Option("--attacks", min=0, help="Number of attacks. Default: all of them, with every dimension."),
    ] = None,
    alpha: Annotated[
        float, typer.Option("--alpha", min=0, max=1, help="Minimum agreement (Krippendorff's alpha) for every label.")
    ] = 0.80,
    flips: Annotated[int, typer.Option("--flips", min=0, help="Maximum number of labels that attacks may change.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the random draw.")] = 0,
    corpus: Annotated[
        list[Path] | None, typer.Option("--corpus", help="Labelled file. Default: those that come with g7tag.")
    ] = None,
    price: PriceOption = None,
    prices: PricesOption = None,
    max_cost: CostOption = None,
    max_requests: RequestsOption = None,
    concurrency: ConcurrencyOption = 8,
    deadline: DeadlineOption = 60.0,
    dry_run: DryOption = False,
    codebook: CodebookOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Test whether a language model agrees with labelled sentences, is consistent, and resists attacks in the text.

    Example: g7tag trial trial --model gpt-5-mini --dry-run

    Only a model that passes may be counted by a policy. Copy its verdict into a run: g7tag review DIR --trial TRIAL
    """
    from g7tag import jobs, report
    from g7tag.llm.trial import TrialBars, TrialSize

    endpoint = endpoint_of(model, base_url, key_variable, parameter, needs_key=not dry_run)
    plan = jobs.plan_trial(
        directory, endpoint, codebook=jobs.open_codebook(codebook, directory), price=price_of(model, price, prices),
        size=TrialSize(sentences, varied, attacks, seed), corpus=corpus or [],
    )  # fmt: skip
    write(report.quote_text(plan.quote, endpoint), err=True)
    if dry_run:
        if as_json:
            write_json(plan.quote._asdict())
        return
    with report.progress(quiet=quiet) as announce:
        done = jobs.run_trial(
            plan, bars=TrialBars(alpha, flips), limits=limits_of(max_cost, max_requests, concurrency, deadline),
            announce=announce,
        )  # fmt: skip
    for asked in done.asked:
        write(report.asked_text(asked), err=True)
    if done.result is None:
        write("No verdict: some questions have no answer. Run the same command to ask them again.", err=True)
        _exit(done.asked[-1])
        raise typer.Exit(UNFINISHED)
    if as_json:
        write_json(report.trial_values(done.result))
        return
    for heading, table in report.trial_tables(done.result).items():
        write(heading)
        report.print_table(table)
    for line in report.verdict_lines(done.result):
        write(line)


def endpoint_of(
    model: str, base_url: str | None, key_variable: str | None, parameter: list[str] | None, *, needs_key: bool
) -> "Endpoint":
    """Return the endpoint that the options of a command name."""
    from g7tag.llm import open_endpoint, read_parameters

    if not model:
        msg = "required. Give the name of the model: --model NAME."
        raise typer.BadParameter(msg, param_hint="--model")
    parameters = read_parameters(parameter or [])
    return open_endpoint(
        model, base_url=base_url, key_variable=key_variable, parameters=parameters, needs_key=needs_key
    )


def price_of(model: str, price: str | None, prices: Path | None) -> "Price":
    """Return the price that the options of a command name, or that the table of prices has."""
    from g7tag import jobs
    from g7tag.llm import parse_price

    return parse_price(price, where="--price") if price is not None else jobs.known_price(model, prices)


def limits_of(max_cost: float | None, max_requests: int | None, concurrency: int, deadline: float) -> "Limits":
    """Return the limits that the options of a command name."""
    from g7tag.llm import Limits

    return Limits(concurrency=concurrency, deadline=deadline, max_cost=max_cost, max_requests=max_requests)


def _print_proposals(proposals: "pd.DataFrame", *, as_json: bool) -> None:
    from g7tag import report

    if as_json:
        write_json(json.loads(proposals.to_json(orient="records", force_ascii=False)))
        return
    if len(proposals):
        report.print_table(report.proposals_table(proposals), frame="proposals")
    write(report.outcomes_text(proposals))


def _print_imported(done: Any, *, as_json: bool) -> None:
    from g7tag.text import counted

    _print_proposals(done.proposals, as_json=as_json)
    counts = {
        "new": done.taken, "failed": done.failed, "already known": done.known, "without a known request": done.unknown,
    }  # fmt: skip
    write("Answers: " + ", ".join(f"{n} {what}" for what, n in counts.items()) + ".", err=True)
    waiting = int(done.proposals["outcome"].isin(["waiting", "failed"]).sum())
    if done.failed or done.unknown or waiting:
        write(f"{counted(waiting, 'request')} without an answer.", err=True)
        raise typer.Exit(UNFINISHED)


def exit_after(asked: "Asked", *, n_unusable: int) -> None:
    """Exit as after a review: with code 6 if the endpoint cannot be used, 5, 130 or 4 if something was left out."""
    if asked.stopped == "endpoint":
        raise typer.Exit(ENDPOINT)
    _exit(asked)
    if n_unusable:
        raise typer.Exit(UNFINISHED)


def _exit(asked: "Asked") -> None:
    """Exit with code 5, 130 or 4 if asking stopped at a budget, was interrupted, or failed in part."""
    codes = {"budget": BUDGET, "interrupted": INTERRUPTED}
    if asked.stopped in codes:
        raise typer.Exit(codes[asked.stopped])
    if asked.failed:
        raise typer.Exit(UNFINISHED)
