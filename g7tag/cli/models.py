"""Commands that ask models: review of a run's sentences, and the trial that a model has to stand first."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from g7tag.cli.options import (
    BUDGET,
    INTERRUPTED,
    UNFINISHED,
    CodebookOption,
    JsonOption,
    QuietOption,
    write,
    write_json,
)

if TYPE_CHECKING:
    import pandas as pd

    from g7tag.llm import Asked, Endpoint, Limits, Price

NameOption = Annotated[str, typer.Option("--model", help="The model's name at the endpoint.")]
UrlOption = Annotated[
    str | None, typer.Option("--base-url", help="Address up to /v1; else OPENAI_BASE_URL, else OpenAI's.")
]
KeyOption = Annotated[
    str | None, typer.Option("--key-variable", help="Environment variable with the key; else OPENAI_API_KEY.")
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("--parameter", help="NAME=VALUE sent with each request; null leaves one out. Repeat for several."),
]
PriceOption = Annotated[
    str | None, typer.Option("--price", help="IN,OUT: USD for a million tokens. 0,0 is free; else from --prices.")
]
PricesOption = Annotated[
    Path | None, typer.Option("--prices", help="Table of prices (model, input, output); else the one of g7tag.")
]
CostOption = Annotated[float | None, typer.Option("--max-cost", min=0, help="Stop before this run costs more USD.")]
RequestsOption = Annotated[int | None, typer.Option("--max-requests", min=0, help="Stop after this many calls.")]
ConcurrencyOption = Annotated[int, typer.Option("--concurrency", min=1, max=256, help="Calls at once.")]
DeadlineOption = Annotated[float, typer.Option("--deadline", min=0.1, help="Seconds for a call.")]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be sent and what it would cost; send nothing.")
]


def review(
    directory: Annotated[Path, typer.Argument(help="A run directory that was scored.")],
    model: NameOption = "",
    base_url: UrlOption = None,
    key_variable: KeyOption = None,
    parameter: ParameterOption = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select", help="doubtful, flips, all, or audit (the share alone); repeat. Else doubtful and flips."
        ),
    ] = None,
    audit_share: Annotated[
        float, typer.Option("--audit-share", help="Draw each sentence besides with this probability, 0 to 1.")
    ] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Another number draws other sentences.")] = 0,
    corpus: Annotated[
        list[Path] | None, typer.Option("--corpus", help="Labelled sentences to show as examples; else g7tag's.")
    ] = None,
    price: PriceOption = None,
    prices: PricesOption = None,
    max_cost: CostOption = None,
    max_requests: RequestsOption = None,
    concurrency: ConcurrencyOption = 8,
    deadline: DeadlineOption = 60.0,
    dry_run: DryOption = False,
    export_batch: Annotated[
        Path | None, typer.Option("--export-batch", help="Write the requests to a batch file (JSONL); send nothing.")
    ] = None,
    import_batch: Annotated[
        list[Path] | None, typer.Option("--import-batch", help="Take in the answers of a batch; repeat for several.")
    ] = None,
    trial: Annotated[
        Path | None, typer.Option("--trial", help="Take in the verdicts of this trial's directory.")
    ] = None,
    codebook: CodebookOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a batch file that is there.")] = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask a model about doubtful sentences; it proposes, and changes no label.

    Example: g7tag review run --model gpt-5-mini --max-cost 1
    """
    from g7tag import jobs, report

    book = jobs.open_codebook(codebook, directory)
    if sum(map(bool, (dry_run, export_batch, import_batch, trial))) > 1:
        msg = "--dry-run, --export-batch, --import-batch and --trial each do one thing: give one of them."
        raise typer.BadParameter(msg)
    if trial is not None:
        for line in jobs.take_verdicts(trial, directory):
            write(line, err=True)
        return
    if import_batch:
        _print_imported(jobs.import_batch(directory, import_batch, codebook=book), as_json=as_json)
        return
    endpoint = _endpoint(model, base_url, key_variable, parameter, needs_key=not dry_run and export_batch is None)
    chosen = tuple(select) if select else jobs.DEFAULT_SELECT
    plan = jobs.plan_review(
        directory, endpoint, codebook=book, price=_price(model, price, prices),
        selection=jobs.Selection(chosen, audit_share, seed, corpus or []),
    )  # fmt: skip
    if export_batch is not None:
        write(f"{jobs.export_batch(plan, export_batch, force=force)} requests are in {export_batch}.", err=True)
        return
    write(f"{report.selected_words(plan.selected)}.", err=True)
    write(report.quote_words(plan.quote, endpoint), err=True)
    if dry_run:
        if as_json:
            write_json(plan.quote._asdict())
        return
    with report.progress(quiet=quiet) as announce:
        done = jobs.review_sentences(
            plan, limits=_limits(max_cost, max_requests, concurrency, deadline), announce=announce
        )
    _print_proposals(done.proposals, as_json=as_json)
    write(report.asked_words(done.asked), err=True)
    write(
        f"Proposals change no label. See them: `g7tag label {directory}`; score: `g7tag score {directory}`.", err=True
    )
    _exit(done.asked)


def trial(
    directory: Annotated[Path, typer.Argument(help="Where answers and the verdict are kept; a run directory too.")],
    model: NameOption = "",
    base_url: UrlOption = None,
    key_variable: KeyOption = None,
    parameter: ParameterOption = None,
    sentences: Annotated[int, typer.Option("--sentences", min=1, help="Labelled sentences to ask about.")] = 100,
    varied: Annotated[int, typer.Option("--varied", min=0, help="Of these, how many are put in other ways, too.")] = 20,
    attacks: Annotated[
        int | None, typer.Option("--attacks", min=0, help="Draw so many attacks; else all with every dimension.")
    ] = None,
    alpha: Annotated[
        float, typer.Option("--alpha", min=0, max=1, help="Agreement that every label must reach.")
    ] = 0.80,
    flips: Annotated[int, typer.Option("--flips", min=0, help="Labels that attacks may flip.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another number draws others.")] = 0,
    corpus: Annotated[
        list[Path] | None, typer.Option("--corpus", help="Labelled sentences; else those that come with g7tag.")
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
    """Let a model stand trial: whether it agrees with labels, keeps to its answers, and resists orders in the text.

    Example: g7tag trial trial-mini --model gpt-5-mini --max-cost 2
    """
    from g7tag import jobs, report
    from g7tag.llm.trial import TrialBars, TrialSize

    endpoint = _endpoint(model, base_url, key_variable, parameter, needs_key=not dry_run)
    plan = jobs.plan_trial(
        directory, endpoint, codebook=jobs.open_codebook(codebook), price=_price(model, price, prices),
        size=TrialSize(sentences, varied, attacks, seed), corpus=corpus or [],
    )  # fmt: skip
    write(report.quote_words(plan.quote, endpoint), err=True)
    if dry_run:
        if as_json:
            write_json(plan.quote._asdict())
        return
    with report.progress(quiet=quiet) as announce:
        stood = jobs.run_trial(
            plan, bars=TrialBars(alpha, flips), limits=_limits(max_cost, max_requests, concurrency, deadline),
            announce=announce,
        )  # fmt: skip
    for asked in stood.asked:
        write(report.asked_words(asked), err=True)
    if stood.result is None:
        write("No verdict: not every question has an answer. Run again to ask the others.", err=True)
        _exit(stood.asked[-1])
        raise typer.Exit(UNFINISHED)
    if as_json:
        write_json(report.trial_values(stood.result))
        return
    for heading, table in report.trial_tables(stood.result).items():
        write(heading)
        report.print_table(table)
    for line in report.verdict_lines(stood.result):
        write(line)


def _endpoint(
    model: str, base_url: str | None, key_variable: str | None, parameter: list[str] | None, *, needs_key: bool
) -> "Endpoint":
    from g7tag import jobs
    from g7tag.llm import read_parameters

    if not model:
        msg = "say which model to ask: --model NAME."
        raise typer.BadParameter(msg, param_hint="--model")
    parameters = read_parameters(parameter or [])
    return jobs.open_endpoint(
        model, base_url=base_url, key_variable=key_variable, parameters=parameters, needs_key=needs_key
    )


def _price(model: str, price: str | None, prices: Path | None) -> "Price":
    from g7tag import jobs
    from g7tag.llm import parse_price

    return parse_price(price, where="--price") if price is not None else jobs.known_price(model, prices)


def _limits(max_cost: float | None, max_requests: int | None, concurrency: int, deadline: float) -> "Limits":
    from g7tag.llm import Limits

    return Limits(concurrency=concurrency, deadline=deadline, max_cost=max_cost, max_requests=max_requests)


def _print_proposals(proposals: "pd.DataFrame", *, as_json: bool) -> None:
    from g7tag import report

    if as_json:
        write_json(json.loads(proposals.to_json(orient="records", force_ascii=False)))
        return
    if len(proposals):
        report.print_table(report.proposals_table(proposals))
    write(report.outcome_words(proposals))


def _print_imported(done: Any, *, as_json: bool) -> None:
    _print_proposals(done.proposals, as_json=as_json)
    told = {"taken in": done.taken, "failed": done.failed, "answered before": done.known, "of no request": done.unknown}
    write("; ".join(f"{n} {what}" for what, n in told.items()) + ".", err=True)
    waiting = int(done.proposals["outcome"].isin(["waiting", "failed"]).sum())
    if done.failed or done.unknown or waiting:
        write(f"{waiting} requests have no answer yet.", err=True)
        raise typer.Exit(UNFINISHED)


def _exit(asked: "Asked") -> None:
    """End with the code that says how far the asking came."""
    codes = {"budget": BUDGET, "interrupted": INTERRUPTED}
    if asked.stopped in codes:
        raise typer.Exit(codes[asked.stopped])
    if asked.failed:
        raise typer.Exit(UNFINISHED)
