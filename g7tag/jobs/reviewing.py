"""A review by a model: what it would ask of whom, what it would cost at most, and asking it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.jobs.opening import open_codebook, read_run
from g7tag.labels import select_sentences
from g7tag.llm import (
    RUNGS,
    Asked,
    Endpoint,
    Limits,
    Price,
    Question,
    Quote,
    Stopper,
    adopt_verdicts,
    ask_questions,
    bars_reached,
    contexts_of,
    known_rung,
    labelled_examples,
    llm_annotations,
    log_asked,
    log_requests,
    make_prompts,
    patiently,
    quote_price,
    read_price,
    read_proposals,
    requests_of,
    require_end,
    wait_for,
)
from g7tag.report import quote_words, selected_words
from g7tag.store import (
    REVIEWS_FILE,
    RequestLog,
    RunDirectory,
    add_reviews,
    inside,
    read_reviews,
    request_log,
    reviewing,
    text_sha256,
)

DEFAULT_SELECT = ("doubtful", "flips")


DEFAULT_LIMITS = Limits()


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

    def __str__(self) -> str:
        return f"{selected_words(self.selected)}.\n{quote_words(self.quote, self.endpoint)}"


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
        Who would be asked; see `g7tag.llm.open_endpoint`.
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


class Review(NamedTuple):
    """The proposals on the selected sentences, and what was sent for them."""

    proposals: pd.DataFrame
    asked: Asked


async def areview_sentences(
    plan: ReviewPlan,
    *,
    limits: Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
    stopper: Stopper | None = None,
) -> Review:
    """Ask a model about sentences, and keep what it proposes; awaited, as in Jupyter.

    Parameters
    ----------
    plan
        What `plan_review` gives.
    limits
        How hard to ask, and when to stop.
    announce
        Called with how far it is.
    stopper
        Through which it can be interrupted.

    Returns
    -------
    Review
        Proposals are kept as annotations in the directory and change no label by themselves; whether scoring counts
        them is for its policy. Answers that are no label, and requests without an answer, are in the frame with why.

    Raises
    ------
    EndpointError
        The endpoint cannot be used; what was answered before is kept.
    RunError
        Another g7tag asks for this directory, or an answer cannot be written.
    """
    held = stopper or Stopper()
    file = inside(plan.directory, REVIEWS_FILE)
    with reviewing(plan.directory), request_log(file) as log:
        log_plan(log, plan)
        try:
            asked, _ = await patiently(
                ask_questions(
                    plan.questions, plan.endpoint,
                    log=log, price=plan.price, limits=limits, announce=announce, stopper=held,
                ),
                held,
            )  # fmt: skip
        except asyncio.CancelledError:  # once all that was under way has come to its end
            keep_proposals(plan.directory)
            raise
        proposals = keep_proposals(plan.directory)
    require_end(asked, plan.endpoint)
    return Review(_of_plan(proposals, plan), asked)


def review_sentences(
    plan: ReviewPlan, *, limits: Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> Review:
    """Ask a model about sentences, and keep what it proposes; see `areview_sentences`.

    Ctrl-C stops sending and waits for what is under way, which is kept; a second one ends at once.
    """
    return wait_for(lambda stopper: areview_sentences(plan, limits=limits, announce=announce, stopper=stopper))


def take_verdicts(trial: Path | str, directory: Path | str) -> list[str]:
    """Take the verdicts of a trial's directory into a run directory, and return a line on each as it stands there.

    Raises
    ------
    InputError
        The trial's directory holds no verdict.
    RunError
        One of the directories cannot be used.
    """
    run_directory = RunDirectory(Path(directory))
    return adopt_verdicts(Path(trial), inside(run_directory.path, REVIEWS_FILE))


def bars_of_counted(frames: Mapping[str, pd.DataFrame], directory: Path) -> list[str]:
    """Return a line on each model whose label counts in a scored directory: which bars its trial reached."""
    chosen = frames["annotations"]["annotation_id"].isin(frames["labels"]["annotation_id"])
    models = frames["annotations"][chosen & (frames["annotations"]["kind"] == "llm")]
    return bars_reached(inside(directory, REVIEWS_FILE), models["annotator"])


def keep_proposals(directory: Path) -> pd.DataFrame:
    """Add the annotations of new proposals to a directory, and return all proposals there."""
    file = inside(directory, REVIEWS_FILE)
    proposals = read_proposals(file)
    annotations = llm_annotations(proposals, known=set(read_reviews(file)["annotation_id"]))
    if len(annotations):
        add_reviews(file, annotations)
    return proposals


def _of_plan(proposals: pd.DataFrame, plan: ReviewPlan) -> pd.DataFrame:
    """The proposals of the plan's model and prompt on its sentences as they are, in their order."""
    texts = {
        (sentence_id, text_sha256(one.prompt.sentence))
        for sentence_id, one in zip(plan.selected["sentence_id"], plan.questions, strict=True)
    }
    prompts = {one.prompt.sha256 for one in plan.questions}
    own = [pair in texts for pair in zip(proposals["sentence_id"], proposals["text_sha256"], strict=True)]
    same = (proposals["model"] == plan.endpoint.model) & proposals["prompt_sha256"].isin(prompts)
    return proposals[pd.Series(own, index=proposals.index, dtype="bool") & same].reset_index(drop=True)
