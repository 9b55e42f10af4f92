"""Commands that ask language models: review the sentences of a run, and test a model in a trial."""

from pathlib import Path
from typing import Annotated

from typer import Argument, BadParameter, Exit, Option

from g7tag import jobs, llm, report
from g7tag.cli import options
from g7tag.cli.options import BUDGET, ENDPOINT, INTERRUPTED, UNFINISHED, write, write_json
from g7tag.cli.runs import reading_codebook
from g7tag.text import quoted


def review(
    directory: Annotated[Path, Argument(help="Run directory with scores.")],
    model: options.ModelName = "",
    base_url: options.BaseUrl = None,
    key_variable: options.KeyVariable = None,
    parameter: options.Parameters = None,
    select: options.Select = None,
    audit_share: Annotated[
        float, Option(help="Also draw every other sentence with this probability, from 0 to 1.")
    ] = 0.0,
    seed: options.Seed = 0,
    corpus: Annotated[
        list[Path] | None, Option(help="Labelled file with examples to show. Default: those that come with g7tag.")
    ] = None,
    price: options.Price = None,
    prices: options.Prices = None,
    max_cost: options.MaxCost = None,
    max_requests: options.MaxRequests = None,
    concurrency: options.Concurrency = 8,
    deadline: options.Deadline = 60.0,
    dry_run: options.DryRun = False,
    trial: Annotated[Path | None, Option(help="Copy the verdicts of this trial directory into the run.")] = None,
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Ask a language model about doubtful sentences. It proposes labels; it does not change any.

    Example: g7tag review run --model gpt-5-mini --dry-run
    """
    run = jobs.Run.at(directory, reading_codebook([directory], codebook))
    if trial is not None:
        if dry_run:
            msg = "--dry-run and --trial exclude each other. Give one of them."
            raise BadParameter(msg)
        write(*run.take_verdicts(trial), err=True)
        return
    endpoint = endpoint_of(model, base_url, key_variable, parameter, needs_key=not dry_run)
    plan = run.plan_review(
        endpoint, select=select or jobs.DEFAULT_SELECT, audit_share=audit_share, random_state=seed,
        corpus=corpus or [], price=price_of(model, price, prices),
    )  # fmt: skip
    write(*str(plan).splitlines(), err=True)
    if dry_run:
        if as_json:
            write_json(plan.quote._asdict())
        return
    limits = limits_of(max_cost, max_requests, concurrency, deadline)
    with report.progress(quiet=quiet) as announce:
        done = run.review(plan, limits=limits, announce=announce)
    if as_json:
        write_json(done.proposals)
    else:
        if len(done.proposals):
            report.print_table(report.proposals_table(done.proposals), frame="proposals")
        write(report.outcomes_text(done.proposals))
    write(report.asked_text(done.asked), err=True)
    shows = f"`g7tag label {quoted(directory)}` shows them next to the sentences."
    write(f"Proposals do not change labels. Next: {shows}", err=True)
    exit_after(done.asked)


def trial(
    directory: Annotated[Path, Argument(help="Directory for the answers and the verdict; may be a run directory.")],
    model: options.ModelName = "",
    base_url: options.BaseUrl = None,
    key_variable: options.KeyVariable = None,
    parameter: options.Parameters = None,
    sentences: Annotated[int, Option(min=1, help="Number of labelled sentences to ask about.")] = 100,
    varied: Annotated[int, Option(min=0, help="Number of these that are also asked in other ways.")] = 20,
    attacks: Annotated[
        int | None, Option(min=0, help="Number of attacks. Default: all of them, with every dimension.")
    ] = None,
    alpha: Annotated[
        float, Option(min=0, max=1, help="Minimum agreement (Krippendorff's alpha) for every label.")
    ] = 0.80,
    flips: Annotated[int, Option(min=0, help="Maximum number of labels that attacks may change.")] = 0,
    seed: Annotated[int, Option(min=0, help="Seed of the random draw.")] = 0,
    corpus: Annotated[list[Path] | None, Option(help="Labelled file. Default: those that come with g7tag.")] = None,
    price: options.Price = None,
    prices: options.Prices = None,
    max_cost: options.MaxCost = None,
    max_requests: options.MaxRequests = None,
    concurrency: options.Concurrency = 8,
    deadline: options.Deadline = 60.0,
    dry_run: options.DryRun = False,
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Test whether a language model agrees with labelled sentences, is consistent, and resists attacks in the text.

    Example: g7tag trial trial --model gpt-5-mini --dry-run

    Only a model that passes may be counted by a policy. Copy its verdict into a run: g7tag review DIR --trial TRIAL
    """
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
    limits = limits_of(max_cost, max_requests, concurrency, deadline)
    with report.progress(quiet=quiet) as announce:
        done = jobs.run_trial(plan, bars=TrialBars(alpha, flips), limits=limits, announce=announce)
    write(*map(report.asked_text, done.asked), err=True)
    if done.result is None:
        write("No verdict: some questions have no answer. Run the same command to ask them again.", err=True)
        exit_after(done.asked[-1])
        raise Exit(UNFINISHED)
    if as_json:
        write_json(done.result.values())
        return
    for heading, table in report.trial_tables(done.result).items():
        write(heading)
        report.print_table(table)
    write(*report.verdict_lines(done.result))


def endpoint_of(
    model: str, base_url: str | None, key_variable: str | None, parameter: list[str] | None, *, needs_key: bool
) -> "llm.Endpoint":
    """Return the endpoint that the options of a command name."""
    if not model:
        msg = "required. Give the name of the model: --model NAME."
        raise BadParameter(msg, param_hint="--model")
    parameters = llm.read_parameters(parameter or [])
    return llm.open_endpoint(
        model, base_url=base_url, key_variable=key_variable, parameters=parameters, needs_key=needs_key
    )


def price_of(model: str, price: str | None, prices: Path | None) -> "llm.Price":
    """Return the price that the options of a command name, or that the table of prices has."""
    return llm.parse_price(price, where="--price") if price is not None else llm.read_price(model, prices)


def limits_of(max_cost: float | None, max_requests: int | None, concurrency: int, deadline: float) -> "llm.Limits":
    """Return the limits that the options of a command name."""
    return llm.Limits(concurrency=concurrency, deadline=deadline, max_cost=max_cost, max_requests=max_requests)


def exit_after(asked: "llm.Asked", *, n_unusable: int = 0) -> None:
    """Exit with code 5, 130 or 6 if asking stopped early, and with code 4 if an answer is missing or unusable."""
    codes = {"budget": BUDGET, "interrupted": INTERRUPTED, "endpoint": ENDPOINT}
    if asked.stopped:
        raise Exit(codes[asked.stopped])
    if asked.failed or n_unusable:
        raise Exit(UNFINISHED)
