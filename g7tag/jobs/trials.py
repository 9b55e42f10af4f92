"""Trial of a model: test it on labelled sentences with plain prompts, varied prompts, and attacks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.corpus import files_to_read, read_corpus
from g7tag.errors import Announce, InputError
from g7tag.jobs.opening import has_tagger, open_codebook
from g7tag.jobs.reviewing import DEFAULT_LIMITS, known_price
from g7tag.llm import (
    ATTACKS_VERSION,
    Asked,
    Endpoint,
    Limits,
    Price,
    Quote,
    Stopper,
    annotator_name,
    ask_questions,
    await_shielded,
    labelled_examples,
    last_answers,
    quote_price,
    raise_if_stopped,
    run_interruptible,
)
from g7tag.llm.trial import (
    PLAIN,
    TrialBars,
    TrialResult,
    TrialSize,
    Tried,
    answers_of,
    attack_questions,
    draw_sample,
    first_questions,
    judge_trial,
    verdict_row,
)
from g7tag.store import REVIEWS_FILE, RequestLog, inside, request_log, reviewing

DEFAULT_SIZE, DEFAULT_BARS = TrialSize(), TrialBars()


class TrialPlan(NamedTuple):
    """Plan of a trial: the directory, the model, the sample, the first questions, and the cost."""

    directory: Path
    codebook: Codebook
    endpoint: Endpoint
    price: Price
    sample: pd.DataFrame
    examples: pd.DataFrame
    questions: list[Tried]
    size: TrialSize
    quote: Quote


class Trial(NamedTuple):
    """The result of a trial (None if it is incomplete), and summaries of the requests."""

    result: TrialResult | None
    asked: list[Asked]


def plan_trial(
    directory: Path | str,
    endpoint: Endpoint,
    *,
    size: TrialSize = DEFAULT_SIZE,
    corpus: Sequence[Path | str] = (),
    price: Price | None = None,
    codebook: Codebook | Path | str | None = None,
) -> TrialPlan:
    """Return what a trial would ask, and its maximum cost; nothing is sent or written.

    Parameters
    ----------
    directory
        Directory for answers and the verdict; it may be a run directory.
    endpoint
        The model; see `open_endpoint`.
    size
        Numbers of sentences and attacks.
    corpus
        Labelled files (default: those that come with g7tag). Questions are about the dev part; examples are from the
        train part.
    price
        US dollars per million input and output tokens; None uses the table that comes with g7tag.
    codebook
        None reads the copy in the directory, or uses the codebook that comes with g7tag.

    Raises
    ------
    InputError
        There are no labelled sentences in the dev part, or the price is unknown.
    """
    if size.sentences < 1 or size.varied < 0 or size.random_state < 0 or (size.attacks or 0) < 0:
        msg = f"{size}: expected at least one sentence, and no negative number."
        raise InputError(msg)
    book = open_codebook(codebook, directory)
    if not corpus and not has_tagger(book):
        msg = (
            f"trial: g7tag has no labelled sentences for codebook {book.id!r}. Name a labelled file with --corpus; "
            "`g7tag corpus add DIR -o FILE` writes the labels of a run."
        )
        raise InputError(msg)
    paths = files_to_read([Path(path) for path in corpus], book)
    sample = draw_sample(read_corpus(paths, book), size)
    if sample.empty:
        msg = "trial: the corpus has no sentences in the dev part. Name a labelled file with --corpus."
        raise InputError(msg)
    examples = labelled_examples([Path(path) for path in corpus], book)
    known = price or known_price(endpoint.model)
    first = first_questions(sample, examples, book, size)
    expected = sample[["sentence_id", "dimensions", "strength", "contradicts"]]  # the answers are not known yet
    second = attack_questions(sample, examples, expected, book, size)
    file = inside(Path(directory), REVIEWS_FILE)
    quote = quote_price([one.question for one in first + second], endpoint, known, file, own_answers=True)
    return TrialPlan(Path(directory), book, endpoint, known, sample, examples, first, size, quote)


async def arun_trial(
    plan: TrialPlan,
    *,
    bars: TrialBars = DEFAULT_BARS,
    limits: Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
    stopper: Stopper | None = None,
) -> Trial:
    """Test a model, and save the verdict; must be awaited, as in Jupyter.

    Parameters
    ----------
    plan
        The result of `plan_trial`.
    bars
        Minimum alpha and maximum number of flips to pass.
    limits, announce, stopper
        As in `areview_sentences`; a budget is for the whole trial.

    Returns
    -------
    Trial
        The result is None if a budget or an interrupt ended it, or if requests have no answer: run again to continue.

    Raises
    ------
    EndpointError
        The endpoint cannot be used; earlier answers are kept.
    InputError
        A bar or a limit is not a number in its range.
    RunError
        Another g7tag process uses this directory, or an answer cannot be written.
    """
    if not (all(0 <= share <= 1 for share in (bars.alpha, bars.answered, bars.changed)) and bars.flips >= 0):
        found = ", ".join(f"{name} {value}" for name, value in bars._asdict().items())
        msg = f"bars: found {found}. Expected alpha, answered and changed from 0 to 1, and flips from 0."
        raise InputError(msg)
    held = stopper or Stopper()
    with reviewing(plan.directory), request_log(inside(plan.directory, REVIEWS_FILE)) as log:
        first, asked, given = await _ask(plan, plan.questions, log, limits, announce, held)
        if asked.stopped or asked.failed:
            return Trial(None, [asked])
        plain = given[given["ok"] & (given["part"] == PLAIN)]
        tried = attack_questions(plan.sample, plan.examples, plain, plan.codebook, plan.size)
        left = _left(limits, asked)
        second, asked_again, under_attack = await _ask(plan, tried, log, left, announce, held)
        if asked_again.stopped or asked_again.failed:
            return Trial(None, [asked, asked_again])
        both = pd.concat([given, under_attack], ignore_index=True)
        result = judge_trial(first + second, both, plan.sample, plan.codebook, bars)
        prompt = plan.questions[0].question.prompt.sha256
        row = verdict_row(result, bars) | {
            "model": plan.endpoint.model, "endpoint": plan.endpoint.origin, "prompt_sha256": prompt,
            "parameters": dict(plan.endpoint.parameters),
            "attacks_version": ATTACKS_VERSION,
            "codebook": f"{plan.codebook.id} {plan.codebook.version}", "size": plan.size._asdict(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        signed = annotator_name(plan.endpoint.model, prompt, plan.endpoint.parameters, plan.endpoint.origin)
        log.add([("verdict", signed, row)])
    return Trial(result, [asked, asked_again])


def run_trial(
    plan: TrialPlan,
    *,
    bars: TrialBars = DEFAULT_BARS,
    limits: Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
) -> Trial:
    """Test a model, and save the verdict; see `arun_trial`."""
    return run_interruptible(
        lambda stopper: arun_trial(plan, bars=bars, limits=limits, announce=announce, stopper=stopper)
    )


async def _ask(
    plan: TrialPlan, tried: list[Tried], log: RequestLog, limits: Limits, announce: Announce, stopper: Stopper
) -> tuple[list[Tried], Asked, pd.DataFrame]:
    """Ask questions; return them with a summary of the requests and the answers."""
    asked, requests = await await_shielded(
        ask_questions(
            [one.question for one in tried], plan.endpoint,
            log=log, price=plan.price, limits=limits, announce=announce, stopper=stopper, own_answers=True,
        ),
        stopper,
    )  # fmt: skip
    raise_if_stopped(asked, plan.endpoint)
    return tried, asked, answers_of(tried, [one.key for one in requests], last_answers(log.path, plan.endpoint.origin))


def _left(limits: Limits, asked: Asked) -> Limits:
    """Return the limits with the rest of the budget."""
    cost = None if limits.max_cost is None else max(limits.max_cost - asked.cost, 0.0)
    calls = None if limits.max_requests is None else max(limits.max_requests - asked.calls, 0)
    return limits._replace(max_cost=cost, max_requests=calls)
