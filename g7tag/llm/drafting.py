"""Ask a model for better definitions, examples and settled cases of a drafted codebook; never for rules."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from g7tag.codebook import Category
from g7tag.llm.prompt import Prompt, quoted_json
from g7tag.store import data_path

DRAFT_VERSION = "draft-1"
"""Name of the prompt's text file; a changed text gets a new name."""
_MOST_GUIDELINES = 12_000
"""Characters of the guidelines that are sent; real ones have fewer than 5,000."""


def _text(least: int, most: int) -> AfterValidator:
    """Return the check of a text's length and characters; not all endpoints know lengths in a schema."""

    def check(text: str) -> str:
        if not (least <= len(text) <= most and text.isprintable()):
            msg = f"found {text[:40]!r}, expected {least} to {most} characters, none of them a line break"
            raise ValueError(msg)
        return text

    return AfterValidator(check)


class Case(BaseModel, extra="forbid", frozen=True, strict=True):
    """A borderline case and how to code it."""

    case: Annotated[str, _text(3, 400)]
    decision: Annotated[str, _text(3, 400)]


class Described(BaseModel, extra="forbid", frozen=True, strict=True):
    """Fields that a model must return for a dimension; anything else makes its answer invalid."""

    definition: Annotated[str, _text(20, 1_000)]
    examples: Annotated[list[Annotated[str, _text(10, 400)]], Field(max_length=3)]
    notes: Annotated[list[Case], Field(max_length=3)]


def draft_prompts(commitment: str, guidelines: str, dimensions: Sequence[Category]) -> list[Prompt]:
    """Return one prompt for each dimension. All text of the report is in the user message, as JSON."""
    system = data_path(f"prompts/{DRAFT_VERSION}.txt").read_text(encoding="utf-8")
    prompts = []
    for one in dimensions:
        quoted = {
            "commitment": commitment, "guidelines": guidelines[:_MOST_GUIDELINES],
            "dimension": {"label": one.label, "definition": one.definition, "taken_from": one.taken_from},
            "others": [other.label for other in dimensions if other.key != one.key],
        }  # fmt: skip
        prompts.append(Prompt(system, quoted_json(quoted), one.definition, Described))
    return prompts
