"""Jobs of models on sentences: asking them, and keeping what they propose."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.errors import Announce
from g7tag.review import adopt_verdicts, bars_reached, llm_annotations, read_proposals
from g7tag.review.asking import Asked, Limits, Stopper, ask_questions, patiently, require_end, wait_for
from g7tag.steps.planning import ReviewPlan, log_plan
from g7tag.store import (
    REVIEWS_FILE,
    RunDirectory,
    add_reviews,
    inside,
    read_reviews,
    request_log,
    reviewing,
    text_sha256,
)

DEFAULT_LIMITS = Limits()


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
