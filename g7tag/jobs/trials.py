"""Trial of a model: test it on labelled sentences with plain prompts, varied prompts, and attacks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag import llm
from g7tag.codebook import Codebook
from g7tag.corpus import files_to_read, read_corpus
from g7tag.errors import Announce, InputError
from g7tag.jobs.opening import has_tagger, open_codebook
from g7tag.jobs.reviewing import DEFAULT_LIMITS
from g7tag.llm import trial
from g7tag.store import REVIEWS_FILE, inside, request_log, reviewing

DEFAULT_SIZE, DEFAULT_BARS = trial.TrialSize(), trial.TrialBars()


class TrialPlan(NamedTuple):
    """Plan of a trial: the directory, the model, the sample, the first questions, and the cost."""

    directory: Path
    codebook: Codebook
    endpoint: llm.Endpoint
    price: llm.Price
    sample: pd.DataFrame
    examples: pd.DataFrame
    questions: list[trial.Tried]
    size: trial.TrialSize
    quote: llm.Quote


class Trial(NamedTuple):
    """The result of a trial (None if it is incomplete), and summaries of the requests."""

    result: trial.TrialResult | None
    asked: list[llm.Asked]


def plan_trial(
    directory: Path | str,
    endpoint: llm.Endpoint,
    *,
    size: trial.TrialSize = DEFAULT_SIZE,
    corpus: Sequence[Path | str] = (),
    price: llm.Price | None = None,
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
    files = [Path(path) for path in corpus]
    sample = trial.draw_sample(read_corpus(files_to_read(files, book), book), size)
    if sample.empty:
        msg = "trial: the corpus has no sentences in the dev part. Name a labelled file with --corpus."
        raise InputError(msg)
    examples, known = llm.labelled_examples(files, book), price or llm.read_price(endpoint.model)
    first = trial.first_questions(sample, examples, book, size)
    attacks = trial.attack_questions(sample, examples, sample, book, size)  # the model's labels are not known yet
    prompts, file = [one.prompt for one in first + attacks], inside(Path(directory), REVIEWS_FILE)
    quote = llm.quote_price(prompts, endpoint, known, file, own_answers=True)
    return TrialPlan(Path(directory), book, endpoint, known, sample, examples, first, size, quote)


async def arun_trial(
    plan: TrialPlan,
    *,
    bars: trial.TrialBars = DEFAULT_BARS,
    limits: llm.Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
    stopper: llm.Stopper | None = None,
) -> Trial:
    """Test a model as `run_trial` does; await it."""
    if not (all(0 <= share <= 1 for share in (bars.alpha, bars.answered, bars.changed)) and bars.flips >= 0):
        found = ", ".join(f"{name} {value}" for name, value in bars._asdict().items())
        msg = f"bars: found {found}. Expected alpha, answered and changed from 0 to 1, and flips from 0."
        raise InputError(msg)
    held, endpoint, asked = stopper or llm.Stopper(), plan.endpoint, list[llm.Asked]()
    with reviewing(plan.directory), request_log(inside(plan.directory, REVIEWS_FILE)) as log:

        async def ask(tried: list[trial.Tried]) -> pd.DataFrame | None:
            """Ask questions with the rest of the budget; return the answers, None if some are missing."""
            prompts = [one.prompt for one in tried]
            rest = limits.without(sum(one.cost for one in asked), sum(one.calls for one in asked))
            done = await llm.ask(
                prompts, endpoint,
                log=log, price=plan.price, limits=rest, announce=announce, stopper=held, own_answers=True,
            )  # fmt: skip
            asked.append(done)
            llm.raise_if_stopped(done, endpoint)
            if done.stopped or done.failed:
                return None
            keys = [one.key for one in llm.requests_of(prompts, endpoint)]
            return trial.answers_of(tried, keys, llm.last_answers(log.path, endpoint.origin), plan.codebook)

        if (given := await ask(plan.questions)) is None:
            return Trial(None, asked)
        plain = given[given["ok"] & (given["part"] == trial.PLAIN)]
        attacks = trial.attack_questions(plan.sample, plan.examples, plain, plan.codebook, plan.size)
        if (under_attack := await ask(attacks)) is None:
            return Trial(None, asked)
        both = pd.concat([given, under_attack], ignore_index=True)
        result = trial.judge_trial(plan.questions + attacks, both, plan.sample, plan.codebook, bars)
        prompt = plan.questions[0].prompt.sha256
        row = result.values() | {
            "chances": result.chances, "bars": bars._asdict(), "model": endpoint.model, "endpoint": endpoint.origin,
            "prompt_sha256": prompt, "parameters": dict(endpoint.parameters), "attacks_version": llm.ATTACKS_VERSION,
            "codebook": f"{plan.codebook.id} {plan.codebook.version}", "size": plan.size._asdict(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        log.add([("verdict", llm.annotator_name(endpoint.model, prompt, endpoint.parameters, endpoint.origin), row)])
    return Trial(result, asked)


def run_trial(
    plan: TrialPlan,
    *,
    bars: trial.TrialBars = DEFAULT_BARS,
    limits: llm.Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
) -> Trial:
    """Test a model, and save the verdict. In Jupyter: `arun_trial`.

    Parameters
    ----------
    plan
        The result of `plan_trial`.
    bars
        Minimum alpha and maximum number of flips to pass.
    limits, announce
        As in `Run.review`; a budget is for the whole trial.

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
    return llm.run_interruptible(
        lambda stopper: arun_trial(plan, bars=bars, limits=limits, announce=announce, stopper=stopper)
    )
