"""Ask a language model: review sentences of a run, and describe the dimensions of a drafted codebook."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from g7tag import llm, report
from g7tag.codebook import Note
from g7tag.errors import Announce
from g7tag.labels import select_sentences
from g7tag.store import REVIEWS_FILE, inside, request_log, reviewing, text_sha256

if TYPE_CHECKING:
    from g7tag.jobs import DraftedCodebook, Run

DEFAULT_SELECT = ("doubtful", "flips")
DEFAULT_LIMITS = llm.Limits()


class ReviewPlan(NamedTuple):
    """Plan of a review: the model, the price, the selected sentences, one prompt for each, and the maximum cost."""

    endpoint: llm.Endpoint
    price: llm.Price
    selected: pd.DataFrame
    prompts: list[llm.Prompt]
    quote: llm.Quote
    random_state: int = 0

    def __str__(self) -> str:
        return f"{report.selection_text(self.selected)}.\n{report.quote_text(self.quote, self.endpoint)}"


class Review(NamedTuple):
    """The proposals for the selected sentences, and a summary of the requests."""

    proposals: pd.DataFrame
    asked: llm.Asked


def plan_review(
    run: "Run",
    endpoint: llm.Endpoint,
    *,
    select: Sequence[str] | str = DEFAULT_SELECT,
    audit_share: float = 0.0,
    random_state: int = 0,
    corpus: Sequence[Path | str] = (),
    price: llm.Price | None = None,
) -> ReviewPlan:
    """Return what a model would be asked about the run's sentences, and its maximum cost; nothing is sent.

    Parameters
    ----------
    endpoint
        The model; see `g7tag.llm.open_endpoint`.
    select
        Any of "doubtful", "flips", "deciding", "disagreements", "all", or "audit" (only the random share).
    audit_share, random_state
        Probability in [0, 1] with which every other sentence is drawn as well, and the seed of the draw.
    corpus
        Labelled files from which examples are shown; default: those that come with g7tag.
    price
        USD per million tokens; default: from the table that comes with g7tag.

    Raises
    ------
    InputError
        The run is not saved, or a selection or the price of the model is unknown.
    """
    known, files = price or llm.read_price(endpoint.model), [Path(path) for path in corpus]
    selected = select_sentences(
        run.tags, flips=run.flips, sentences=run.sentences, annotations=run.annotations,
        select=(select,) if isinstance(select, str) else tuple(select),
        deciding=set(run.sentences_behind()["sentence_id"]), audit_share=audit_share, random_state=random_state,
    )  # fmt: skip
    own = run.sentences[run.sentences["commitment_id"] == run.codebook.commitment.id]
    contexts = llm.contexts_of(list(selected["sentence_id"]), own, llm.labelled_examples(files, run.codebook))
    prompts = llm.make_prompts(contexts, run.codebook)
    quote = llm.quote_price(prompts, endpoint, known, inside(run.saved.path, REVIEWS_FILE))
    return ReviewPlan(endpoint, known, selected, prompts, quote, random_state)


async def areview(
    run: "Run",
    plan: ReviewPlan,
    *,
    limits: llm.Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
    stopper: llm.Stopper | None = None,
) -> Review:
    """Ask a model as `review` does; await it."""
    held, directory = stopper or llm.Stopper(), run.saved.path
    file = inside(directory, REVIEWS_FILE)
    with reviewing(directory), request_log(file) as log:
        requests = llm.requests_of(plan.prompts, plan.endpoint)
        llm.log_requests(log, requests)
        asked_for = [
            {
                "sentence_id": row["sentence_id"], "text_sha256": text_sha256(one.prompt.sentence),
                "request_key": one.key, "why": row["why"], "probability": row["probability"],
                "random_state": plan.random_state,
            }
            for row, one in zip(plan.selected.to_dict("records"), requests, strict=True)
        ]  # fmt: skip
        log.add(("asked", " ".join(map(str, row.values())), row) for row in asked_for)
        asked = await llm.ask(
            plan.prompts, plan.endpoint, log=log, price=plan.price, limits=limits, announce=announce, stopper=held
        )
    llm.raise_if_stopped(asked, plan.endpoint)
    own = pd.DataFrame(asked_for, columns=["sentence_id", "text_sha256", "request_key"], dtype="str")
    return Review(llm.read_proposals(file).merge(own), asked)


def review(
    run: "Run", plan: ReviewPlan, *, limits: llm.Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> Review:
    """Ask a model the questions of a plan, and save its proposals; labels do not change. In Jupyter: `areview`.

    Parameters
    ----------
    plan
        The result of `plan_review`.
    limits
        Budget, deadline and number of simultaneous calls; see `g7tag.llm.Limits`.
    announce
        Called with the progress after each answer.

    Returns
    -------
    Review
        The proposals for the selected sentences, those without an answer included, and a summary of the requests.

    Raises
    ------
    EndpointError
        The endpoint cannot be used; earlier answers are kept, and are not asked for again.
    InputError
        The run is not saved, or a limit is not in its range.
    RunError
        Another g7tag process uses this directory, or an answer cannot be written.
    """
    return llm.run_interruptible(lambda stopper: areview(run, plan, limits=limits, announce=announce, stopper=stopper))


def take_verdicts(run: "Run", trial: Path | str) -> list[str]:
    """Copy the verdicts of a trial into the run directory, and return one line for each."""
    return llm.adopt_verdicts(Path(trial), inside(run.saved.path, REVIEWS_FILE))


def bars_of_counted(frames: Mapping[str, pd.DataFrame], directory: Path) -> list[str]:
    """Return one line for each model whose labels count in a scored directory: the bars that its trial passed."""
    chosen = frames["annotations"]["annotation_id"].isin(frames["labels"]["annotation_id"])
    models = frames["annotations"][chosen & (frames["annotations"]["kind"] == "llm")]
    return llm.bars_reached(inside(directory, REVIEWS_FILE), models["annotator"])


class DescribePlan(NamedTuple):
    """Plan of asking: the draft, one prompt for each dimension, the price, and the file that keeps the answers."""

    draft: "DraftedCodebook"
    endpoint: llm.Endpoint
    price: llm.Price
    prompts: list[llm.Prompt]
    quote: llm.Quote
    file: Path


class DescribedCodebook(NamedTuple):
    """The draft with what a model proposed, a summary of the requests, and one line for each unusable answer."""

    draft: "DraftedCodebook"
    asked: llm.Asked
    problems: list[str]


def plan_describing(draft: "DraftedCodebook", endpoint: llm.Endpoint, *, price: llm.Price, file: Path) -> DescribePlan:
    """Return what would be asked about a draft, and its maximum cost; nothing is sent or written."""
    prompts = llm.draft_prompts(draft.commitment.text, draft.guidelines, draft.dimensions)
    return DescribePlan(draft, endpoint, price, prompts, llm.quote_price(prompts, endpoint, price, file), file)


def describe_draft(
    plan: DescribePlan, *, limits: llm.Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> DescribedCodebook:
    """Ask a model for definitions, examples and settled cases."""

    async def ask(stopper: llm.Stopper) -> llm.Asked:
        with request_log(plan.file) as log:
            return await llm.ask(
                plan.prompts, plan.endpoint, log=log, price=plan.price, limits=limits, announce=announce,
                stopper=stopper,
            )  # fmt: skip

    asked = llm.run_interruptible(ask)
    model, rows = f"proposed by {plan.endpoint.model}", llm.last_answers(plan.file)
    dimensions, notes, problems = [], list(plan.draft.notes), []
    for dimension, request in zip(plan.draft.dimensions, llm.requests_of(plan.prompts, plan.endpoint), strict=True):
        row = rows.get(request.key, {"problem": "not asked"})
        if row.get("outcome") != "ok":
            problems.append(f"{dimension.label}: {row['problem']}")
            dimensions.append(dimension)
            continue
        answer = llm.Described.model_validate(llm.answer_of(llm.read_response(row["raw"]), llm.Described))
        words = {
            "definition": answer.definition, "examples": [*dimension.examples, *answer.examples],
            "taken_from": f"{dimension.taken_from} [definition and examples {model}]",
        }  # fmt: skip
        dimensions.append(dimension.model_copy(update=words))
        notes += [Note(case=note.case, decision=note.decision, draft=True, taken_from=model) for note in answer.notes]
    return DescribedCodebook(plan.draft._replace(dimensions=dimensions, notes=notes), asked, problems)
