"""Review of sentences by a model: plan it with its maximum cost, run it, and save the proposals."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.jobs.opening import open_codebook, read_run
from g7tag.jobs.pages import sentences_behind
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
    await_shielded,
    bars_reached,
    contexts_of,
    known_rung,
    labelled_examples,
    llm_annotations,
    log_asked,
    log_requests,
    make_prompts,
    quote_price,
    raise_if_stopped,
    read_price,
    read_proposals,
    requests_of,
    run_interruptible,
)
from g7tag.report import quote_text, selection_text
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


_NEEDED = (
    "sentences", "items", "citations", "tags", "flips", "annotations", "labels", "evidence_matrix",
)  # fmt: skip


class Selection(NamedTuple):
    """Which sentences a model is asked about."""

    select: Sequence[str] = DEFAULT_SELECT
    audit_share: float = 0.0
    random_state: int = 0
    corpus: Sequence[Path | str] = ()


DEFAULT_SELECTION = Selection()


class ReviewPlan(NamedTuple):
    """Plan of a review: the directory, the selected sentences, one question for each, and the price."""

    directory: Path
    codebook: Codebook
    endpoint: Endpoint
    price: Price
    selected: pd.DataFrame
    questions: list[Question]
    quote: Quote
    random_state: int = 0

    def __str__(self) -> str:
        return f"{selection_text(self.selected)}.\n{quote_text(self.quote, self.endpoint)}"


def plan_review(
    directory: Path | str,
    endpoint: Endpoint,
    *,
    selection: Selection = DEFAULT_SELECTION,
    price: Price | None = None,
    codebook: Codebook | None = None,
) -> ReviewPlan:
    """Return what a review would ask, and its maximum cost; nothing is sent or written."""
    book = open_codebook(codebook, directory)
    run_directory = RunDirectory(Path(directory))
    frames = read_run(run_directory, _NEEDED, book)
    known = price or known_price(endpoint.model)
    selected = select_sentences(
        frames["tags"], flips=frames["flips"], sentences=frames["sentences"], annotations=frames["annotations"],
        select=selection.select, deciding=set(sentences_behind(frames, book)["sentence_id"]),
        audit_share=selection.audit_share, random_state=selection.random_state,
    )  # fmt: skip
    own = frames["sentences"][frames["sentences"]["commitment_id"] == book.commitment.id]
    examples = labelled_examples([Path(path) for path in selection.corpus], book)
    prompts = make_prompts(contexts_of(list(selected["sentence_id"]), own, examples), book)
    questions = [Question(prompt, book) for prompt in prompts]
    quote = quote_price(questions, endpoint, known, inside(run_directory.path, REVIEWS_FILE))
    return ReviewPlan(run_directory.path, book, endpoint, known, selected, questions, quote, selection.random_state)


def log_plan(log: RequestLog, plan: ReviewPlan) -> None:
    """Log the questions of a plan with their reasons; those without an answer become waiting proposals."""
    requests = requests_of(plan.questions, plan.endpoint, known_rung(log.path, plan.endpoint) or RUNGS[0])
    log_requests(log, requests, {one.prompt.sha256: one.codebook for one in plan.questions})
    texts = [text_sha256(one.prompt.sentence) for one in requests]
    rows = zip(plan.selected.to_dict("records"), texts, requests, strict=True)
    log_asked(
        log,
        [
            (row["sentence_id"], text, one.key, row["why"], row["probability"], plan.random_state)
            for row, text, one in rows
        ],
    )


def known_price(model: str, prices: Path | str | None = None) -> Price:
    """Return the price of a model from a table (default: the one that comes with g7tag)."""
    price = read_price(model, None if prices is None else Path(prices))
    if price is None:
        msg = (
            f"price of {model!r}: not found. Give it with --price IN,OUT (USD per million input and output tokens; 0,0 "
            "is free), or name a table of prices with --prices."
        )
        raise InputError(msg)
    return price


class Review(NamedTuple):
    """The proposals for the selected sentences, and a summary of the requests."""

    proposals: pd.DataFrame
    asked: Asked


async def areview_sentences(
    plan: ReviewPlan,
    *,
    limits: Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
    stopper: Stopper | None = None,
) -> Review:
    """Ask a model about sentences, and save its proposals; must be awaited, as in Jupyter."""
    held = stopper or Stopper()
    file = inside(plan.directory, REVIEWS_FILE)
    with reviewing(plan.directory), request_log(file) as log:
        log_plan(log, plan)
        try:
            asked, _ = await await_shielded(
                ask_questions(
                    plan.questions, plan.endpoint,
                    log=log, price=plan.price, limits=limits, announce=announce, stopper=held,
                ),
                held,
            )  # fmt: skip
        except asyncio.CancelledError:  # requests in progress have finished
            keep_proposals(plan.directory)
            raise
        proposals = keep_proposals(plan.directory)
    raise_if_stopped(asked, plan.endpoint)
    return Review(_of_plan(proposals, plan), asked)


def review_sentences(
    plan: ReviewPlan, *, limits: Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> Review:
    """Ask a model about sentences, and save its proposals; see `areview_sentences`."""
    return run_interruptible(lambda stopper: areview_sentences(plan, limits=limits, announce=announce, stopper=stopper))


def take_verdicts(trial: Path | str, directory: Path | str) -> list[str]:
    """Copy the verdicts of a trial directory into a run directory, and return one line for each."""
    run_directory = RunDirectory(Path(directory))
    return adopt_verdicts(Path(trial), inside(run_directory.path, REVIEWS_FILE))


def bars_of_counted(frames: Mapping[str, pd.DataFrame], directory: Path) -> list[str]:
    """Return one line for each model whose labels count in a scored directory: the bars that its trial passed."""
    chosen = frames["annotations"]["annotation_id"].isin(frames["labels"]["annotation_id"])
    models = frames["annotations"][chosen & (frames["annotations"]["kind"] == "llm")]
    return bars_reached(inside(directory, REVIEWS_FILE), models["annotator"])


def keep_proposals(directory: Path) -> pd.DataFrame:
    """Save new proposals as annotations in a directory, and return all its proposals."""
    file = inside(directory, REVIEWS_FILE)
    proposals = read_proposals(file)
    annotations = llm_annotations(proposals, known=set(read_reviews(file)["annotation_id"]))
    if len(annotations):
        add_reviews(file, annotations)
    return proposals


def _of_plan(proposals: pd.DataFrame, plan: ReviewPlan) -> pd.DataFrame:
    """Return the proposals for the plan's sentences with their current text, from its model and prompts."""
    texts = {
        (sentence_id, text_sha256(one.prompt.sentence))
        for sentence_id, one in zip(plan.selected["sentence_id"], plan.questions, strict=True)
    }
    prompts = {one.prompt.sha256 for one in plan.questions}
    own = [pair in texts for pair in zip(proposals["sentence_id"], proposals["text_sha256"], strict=True)]
    same = (proposals["model"] == plan.endpoint.model) & proposals["prompt_sha256"].isin(prompts)
    return proposals[pd.Series(own, index=proposals.index, dtype="bool") & same].reset_index(drop=True)
