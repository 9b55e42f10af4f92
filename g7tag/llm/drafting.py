"""Ask a model for better definitions, examples and settled cases of a drafted codebook; never for rules."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from g7tag.codebook import Category
from g7tag.errors import Announce
from g7tag.llm.answers import Judgement, object_schema, parsed_as, read_response, without_answer
from g7tag.llm.asking import Asked, ask
from g7tag.llm.budget import Limits, Price
from g7tag.llm.endpoint import Endpoint
from g7tag.llm.interrupts import Stopper
from g7tag.llm.prompt import Prompt, quoted_json
from g7tag.llm.proposals import last_answers
from g7tag.llm.request import RUNGS, Request, Rung, known_rung, make_request
from g7tag.store import RequestLog, data_path

DRAFT_VERSION = "draft-1"
"""Name of the prompt's text file; a changed text gets a new name."""
_MOST_GUIDELINES = 12_000
"""Characters of the guidelines that are sent; real ones have fewer than 5,000."""
_TEXT: Mapping[str, Any] = {"type": "string"}
_SCHEMA = object_schema(
    {
        "definition": _TEXT,
        "examples": {"type": "array", "items": _TEXT},
        "notes": {"type": "array", "items": object_schema({"case": _TEXT, "decision": _TEXT})},
    }
)
"""Schema of an answer; endpoints may enforce it, and `Described` always checks it."""
_Line = Annotated[str, Field(min_length=10, max_length=400)]
_Words = Annotated[str, Field(min_length=3, max_length=400)]


class Case(BaseModel, extra="forbid", frozen=True, strict=True):
    """A borderline case and how to code it."""

    case: _Words
    decision: _Words


class Described(BaseModel, extra="forbid", frozen=True, strict=True):
    """Fields that a model must return for a dimension; anything else makes its answer invalid."""

    definition: Annotated[str, Field(min_length=20, max_length=1_000)]
    examples: Annotated[list[_Line], Field(max_length=3)]
    notes: Annotated[list[Case], Field(max_length=3)]


def draft_prompts(commitment: str, guidelines: str, dimensions: Sequence[Category]) -> list[Prompt]:
    """Return one prompt for each dimension. All text of the report is in the user message, as JSON."""
    system = data_path(f"prompts/{DRAFT_VERSION}.txt").read_text(encoding="utf-8")
    return [
        Prompt(
            system,
            quoted_json({
                "commitment": commitment, "guidelines": guidelines[:_MOST_GUIDELINES],
                "dimension": {
                    "label": one.label, "definition": one.definition, "taken_from": one.taken_from,
                },
                "others": [other.label for other in dimensions if other.key != one.key],
            }),
            one.definition,
        )
        for one in dimensions
    ]  # fmt: skip


def draft_requests(prompts: Sequence[Prompt], endpoint: Endpoint, rung: Rung) -> list[Request]:
    """Return the request of each prompt, in order."""
    return [make_request(prompt, endpoint, _SCHEMA, rung) for prompt in prompts]


def read_described(raw: str) -> tuple[Described | None, str]:
    """Return the fields of an answer and "", or None and why it is not usable."""
    response = read_response(raw)
    if ended := without_answer(response):
        return None, ended.problem
    try:
        described = parsed_as(Described, response.content)
    except ValueError as error:
        return None, str(error)
    cases = [text for note in described.notes for text in (note.case, note.decision)]
    for text in (described.definition, *described.examples, *cases):
        if not text.isprintable():
            return None, f"a text has line breaks or control characters: {text[:40]!r}"
    return described, ""


async def ask_descriptions(
    prompts: Sequence[Prompt],
    endpoint: Endpoint,
    *,
    log: RequestLog,
    price: Price,
    limits: Limits,
    announce: Announce,
    stopper: Stopper,
) -> tuple[Asked, list[tuple[Described | None, str]]]:
    """Ask all prompts that have no answer yet; return what was asked, and each prompt's answer, or why it has none."""

    def judge(_: Request, raw: str) -> Judgement:
        described, problem = read_described(raw)
        return Judgement("ok" if described else "invalid", problem=problem)

    asked = await ask(
        lambda rung: draft_requests(prompts, endpoint, rung), endpoint,
        log=log, judge=judge, price=price, limits=limits, announce=announce, stopper=stopper,
    )  # fmt: skip
    rows = last_answers(log.path)
    found: list[tuple[Described | None, str]] = []
    for one in draft_requests(prompts, endpoint, known_rung(log.path, endpoint) or RUNGS[0]):
        row = rows.get(one.key, {"outcome": "failed", "problem": "not asked"})
        found.append((None, row["problem"]) if row["outcome"] == "failed" else read_described(row["raw"]))
    return asked, found
