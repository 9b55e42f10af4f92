"""Commands that ask language models: review the sentences of a run, and test a model in a trial."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from g7tag import jobs, llm, report
from g7tag.cli import options
from g7tag.cli.options import BUDGET, ENDPOINT, INTERRUPTED, UNFINISHED, refuse, write, write_json, write_tables
from g7tag.cli.runs import reading_codebook
from g7tag.text import quoted


@dataclass(frozen=True)
class Asking:
    """Which language model is asked, and within which limits."""

    model: Annotated[str, Option(help="Name of the model at the endpoint.")] = ""
    base_url: Annotated[
        str | None, Option(help="URL of the endpoint, up to /v1. Default: OPENAI_BASE_URL, or that of OpenAI.")
    ] = None
    key_variable: Annotated[str | None, Option(help="Environment variable of the key. Default: OPENAI_API_KEY.")] = None
    parameter: Annotated[
        list[str] | None, Option(help="NAME=VALUE sent with each request; null omits a default. Repeat.")
    ] = None
    price: Annotated[
        str | None, Option(help="IN,OUT: USD per million tokens; 0,0 is free. Default: the list that comes with g7tag.")
    ] = None
    max_cost: Annotated[float | None, Option(min=0, help="Maximum cost in USD.")] = None
    max_requests: Annotated[int | None, Option(min=0, help="Maximum number of calls.")] = None
    concurrency: Annotated[int, Option(min=1, max=256, help="Number of calls at the same time.")] = 8
    deadline: Annotated[float, Option(min=0.1, help="Maximum number of seconds per call.")] = 60.0
    dry_run: Annotated[
        bool, Option("--dry-run", help="Print what would be sent and its maximum cost; send nothing.")
    ] = False

    @property
    def endpoint(self) -> "llm.Endpoint":
        """The endpoint of the model."""
        if not self.model:
            refuse("--model", "required. Give the name of the model: --model NAME.")
        return llm.open_endpoint(
            self.model, base_url=self.base_url, key_variable=self.key_variable,
            parameters=llm.read_parameters(self.parameter or []), needs_key=not self.dry_run,
        )  # fmt: skip

    @property
    def cost(self) -> "llm.Price":
        """The price that --price names, or that comes with g7tag."""
        return llm.read_price(self.model) if self.price is None else llm.parse_price(self.price)

    @property
    def limits(self) -> "llm.Limits":
        """The limits of cost, calls and time."""
        return limits_of(self.max_cost, self.max_requests, self.concurrency, self.deadline)


def review(
    directory: Annotated[Path, Argument(help="Run directory with scores.")],
    asking: Asking,
    select: options.Select = None,
    audit_share: Annotated[float, Option(help="Also draw every other sentence with this probability (0 to 1).")] = 0.0,
    corpus: options.Corpus = None,
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
        if asking.dry_run:
            refuse("--dry-run, --trial", "exclude each other. Give one of them.")
        write(*run.take_verdicts(trial), err=True)
        return
    endpoint = asking.endpoint
    plan = run.plan_review(
        endpoint, select=select or jobs.DEFAULT_SELECT, audit_share=audit_share,
        corpus=corpus or [], price=asking.cost,
    )  # fmt: skip
    write(*str(plan).splitlines(), err=True)
    if asking.dry_run:
        if as_json:
            write_json(plan.quote._asdict())
        return
    with report.progress(quiet=quiet) as announce:
        done = run.review(plan, limits=asking.limits, announce=announce)
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
    asking: Asking,
    sentences: Annotated[int, Option(min=1, help="Number of labelled sentences to ask about.")] = 100,
    varied: Annotated[int, Option(min=0, help="Number of these that are also asked in other ways.")] = 20,
    attacks: Annotated[int | None, Option(min=0, help="Number of attacks. Default: all, with every dimension.")] = None,
    alpha: Annotated[float, Option(min=0, max=1, help="Minimum agreement (Krippendorff) for every label.")] = 0.80,
    flips: Annotated[int, Option(min=0, help="Maximum number of labels that attacks may change.")] = 0,
    corpus: options.Corpus = None,
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Test whether a language model agrees with labelled sentences, is consistent, and resists attacks in the text.

    Example: g7tag trial trial --model gpt-5-mini --dry-run

    Only a model that passes may be counted by a policy. Copy its verdict into a run: g7tag review DIR --trial TRIAL
    """
    from g7tag.llm.trial import TrialBars, TrialSize

    endpoint = asking.endpoint
    plan = jobs.plan_trial(
        directory, endpoint, codebook=jobs.open_codebook(codebook, directory), price=asking.cost,
        size=TrialSize(sentences, varied, attacks), corpus=corpus or [],
    )  # fmt: skip
    write(report.quote_text(plan.quote, endpoint), err=True)
    if asking.dry_run:
        if as_json:
            write_json(plan.quote._asdict())
        return
    with report.progress(quiet=quiet) as announce:
        done = jobs.run_trial(plan, bars=TrialBars(alpha, flips), limits=asking.limits, announce=announce)
    write(*map(report.asked_text, done.asked), err=True)
    if done.result is None:
        write("No verdict: some questions have no answer. Run the same command to ask them again.", err=True)
        exit_after(done.asked[-1])
        raise Exit(UNFINISHED)
    if as_json:
        write_json(done.result.values())
        return
    write_tables(report.trial_tables(done.result))
    write(*report.verdict_lines(done.result))


def limits_of(max_cost: float | None, max_requests: int | None, concurrency: int, deadline: float) -> "llm.Limits":
    """Return the limits that the options of a command name."""
    return llm.Limits(concurrency=concurrency, deadline=deadline, max_cost=max_cost, max_requests=max_requests)


def exit_after(asked: "llm.Asked", *, n_unusable: int = 0) -> None:
    """Exit with code 5, 130 or 6 if asking stopped early, and with code 4 if an answer is missing or unusable."""
    if asked.stopped:
        raise Exit({"budget": BUDGET, "interrupted": INTERRUPTED, "endpoint": ENDPOINT}[asked.stopped])
    if asked.failed or n_unusable:
        raise Exit(UNFINISHED)
