"""What a review would ask, of whom, and what it would cost at most."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.review import contexts_of, labelled_examples, log_asked, make_prompts, select_sentences
from g7tag.review.asking import (
    RUNGS,
    Endpoint,
    Price,
    Question,
    Quote,
    known_rung,
    log_requests,
    make_endpoint,
    quote_price,
    read_price,
    requests_of,
)
from g7tag.steps.opening import open_codebook, read_run
from g7tag.store import REVIEWS_FILE, RequestLog, RunDirectory, inside, text_sha256

DEFAULT_SELECT = ("doubtful", "flips")


class Selection(NamedTuple):
    """Which sentences a model is asked about.

    `select`: some of doubtful, flips, all, audit (the share alone); `audit_share`: the probability in [0, 1] with which
    each sentence is drawn besides, as `random_state` says; `corpus`: files of labelled sentences to show as neighbours,
    in place of those that come with g7tag.
    """

    select: Sequence[str] = DEFAULT_SELECT
    audit_share: float = 0.0
    random_state: int = 0
    corpus: Sequence[Path | str] = ()


DEFAULT_SELECTION = Selection()


class ReviewPlan(NamedTuple):
    """What a review would ask: the directory, the sentences, a question on each, and the price."""

    directory: Path
    codebook: Codebook
    endpoint: Endpoint
    price: Price
    selected: pd.DataFrame
    questions: list[Question]
    quote: Quote
    random_state: int = 0


def open_endpoint(
    model: str,
    *,
    base_url: str | None = None,
    key_variable: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    needs_key: bool = True,
) -> Endpoint:
    """Return a model at an OpenAI-compatible endpoint; its key is read from the environment, and goes there alone.

    Parameters
    ----------
    model
        The model's name at the endpoint.
    base_url
        Address up to /v1; None takes the variable OPENAI_BASE_URL, else OpenAI's own.
    key_variable
        Name of the environment variable that holds the key; None takes OPENAI_API_KEY, and no key at all for an
        endpoint on this machine.
    parameters
        Sent with each request, beside temperature 0 and a limit of 600 tokens (max_completion_tokens; on this machine
        max_tokens); None as a value leaves one out.
    needs_key
        False to plan without a key.

    Raises
    ------
    EndpointError
        The key is missing, or the address is plain http and not on this machine, or holds a password.
    InputError
        A parameter cannot be set.
    """
    return make_endpoint(
        model, base_url=base_url, key_variable=key_variable, parameters=parameters, environ=os.environ,
        needs_key=needs_key,
    )  # fmt: skip


def plan_review(
    directory: Path | str,
    endpoint: Endpoint,
    *,
    selection: Selection = DEFAULT_SELECTION,
    price: Price | None = None,
    codebook: Codebook | None = None,
) -> ReviewPlan:
    """Return what a review would ask and what it would cost at most; nothing is sent or written.

    Parameters
    ----------
    directory
        A run directory that was scored.
    endpoint
        Who would be asked; see `open_endpoint`.
    selection
        Which sentences.
    price
        US dollars for a million tokens in and out; None takes the table that comes with g7tag.
    codebook
        The run's; None takes the one that comes with g7tag.

    Raises
    ------
    RunError
        The directory holds no scored run.
    InputError
        The selection is none, or the model's price is unknown.
    """
    book = codebook or open_codebook(directory=directory)
    run_directory = RunDirectory(Path(directory))
    frames = read_run(run_directory, ["sentences", "tags", "flips", "annotations"], book)
    known = price or known_price(endpoint.model)
    selected = select_sentences(
        frames["tags"], flips=frames["flips"], sentences=frames["sentences"], annotations=frames["annotations"],
        select=selection.select, audit_share=selection.audit_share, random_state=selection.random_state,
    )  # fmt: skip
    own = frames["sentences"][frames["sentences"]["commitment_id"] == book.commitment.id]
    examples = labelled_examples([Path(path) for path in selection.corpus], book)
    prompts = make_prompts(contexts_of(list(selected["sentence_id"]), own, examples), book)
    questions = [Question(prompt, book) for prompt in prompts]
    quote = quote_price(questions, endpoint, known, inside(run_directory.path, REVIEWS_FILE))
    return ReviewPlan(run_directory.path, book, endpoint, known, selected, questions, quote, selection.random_state)


def log_plan(log: RequestLog, plan: ReviewPlan) -> None:
    """Write down what a plan asks, and why: also what has no answer yet is then a proposal, one that waits."""
    requests = requests_of(plan.questions, plan.endpoint, known_rung(log.path, plan.endpoint) or RUNGS[0])
    log_requests(log, requests, {one.prompt.sha256: one.codebook for one in plan.questions})
    texts = [text_sha256(one.prompt.sentence) for one in requests]
    told = zip(plan.selected.to_dict("records"), texts, requests, strict=True)
    log_asked(
        log,
        [
            (row["sentence_id"], text, one.key, row["why"], row["probability"], plan.random_state)
            for row, text, one in told
        ],
    )


def known_price(model: str, prices: Path | str | None = None) -> Price:
    """Return a model's price from a table; None takes the one that comes with g7tag.

    Raises
    ------
    InputError
        The table cannot be read, or does not know the model.
    """
    price = read_price(model, None if prices is None else Path(prices))
    if price is None:
        msg = (
            f"price of {model!r}: is not known. Give it with --price IN,OUT (USD for a million tokens in and out; 0,0 "
            "is free), or name a table of prices with --prices."
        )
        raise InputError(msg)
    return price
