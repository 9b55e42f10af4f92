"""Let a language model describe the dimensions of a drafted codebook: plan it with its maximum cost, and ask."""

from pathlib import Path
from typing import NamedTuple

from g7tag.codebook import Category, Note
from g7tag.errors import Announce
from g7tag.jobs.drafting import DraftedCodebook
from g7tag.jobs.reviewing import DEFAULT_LIMITS
from g7tag.llm import (
    RUNGS,
    Asked,
    Described,
    Endpoint,
    Limits,
    Price,
    Prompt,
    Quote,
    Stopper,
    ask_descriptions,
    await_shielded,
    draft_prompts,
    draft_requests,
    known_rung,
    quote_requests,
    run_interruptible,
)
from g7tag.store import request_log


class DescribePlan(NamedTuple):
    """Plan of asking: the draft, one prompt for each dimension, the price, and the file that keeps the answers."""

    draft: DraftedCodebook
    endpoint: Endpoint
    price: Price
    prompts: list[Prompt]
    quote: Quote
    file: Path


class DescribedCodebook(NamedTuple):
    """The draft with what a model proposed, a summary of the requests, and one line for each unusable answer."""

    draft: DraftedCodebook
    asked: Asked
    problems: list[str]


def plan_describing(draft: DraftedCodebook, endpoint: Endpoint, *, price: Price, file: Path) -> DescribePlan:
    """Return what would be asked about a draft, and its maximum cost; nothing is sent or written."""
    prompts = draft_prompts(draft.commitment.text, draft.guidelines, draft.dimensions)
    requests = draft_requests(prompts, endpoint, known_rung(file, endpoint) or RUNGS[0])
    return DescribePlan(draft, endpoint, price, prompts, quote_requests(requests, endpoint, price, file), file)


def describe_draft(
    plan: DescribePlan, *, limits: Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> DescribedCodebook:
    """Ask a model for definitions, examples and settled cases."""

    async def run(stopper: Stopper) -> DescribedCodebook:
        with request_log(plan.file) as log:
            done = await await_shielded(
                ask_descriptions(
                    plan.prompts, plan.endpoint,
                    log=log, price=plan.price, limits=limits, announce=announce, stopper=stopper,
                ),
                stopper,
            )  # fmt: skip
        labels = [dimension.label for dimension in plan.draft.dimensions]
        problems = [f"{label}: {why}" for label, why in zip(labels, done.problems, strict=True) if why]
        return DescribedCodebook(_with_answers(plan, done.answers), done.asked, problems)

    return run_interruptible(run)


def _with_answers(plan: DescribePlan, answers: list[Described | None]) -> DraftedCodebook:
    model = f"proposed by {plan.endpoint.model}"
    pairs = list(zip(plan.draft.dimensions, answers, strict=True))
    notes = [
        Note(case=note.case, decision=note.decision, draft=True, taken_from=model)
        for _, answer in pairs
        for note in (answer.notes if answer else ())
    ]
    return plan.draft._replace(
        dimensions=[_described(dimension, answer, model) for dimension, answer in pairs],
        notes=[*plan.draft.notes, *notes],
    )


def _described(dimension: Category, answer: Described | None, model: str) -> Category:
    if answer is None:
        return dimension
    words = {
        "definition": answer.definition, "examples": [*dimension.examples, *answer.examples],
        "taken_from": f"{dimension.taken_from} [definition and examples {model}]",
    }  # fmt: skip
    return dimension.model_copy(update=words)
