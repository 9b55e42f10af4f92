"""Build prompts: instructions from the codebook, and the text of a report as JSON."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Annotated, Any, NamedTuple

import pandas as pd
from pydantic import AfterValidator, BaseModel, Field

from g7tag import corpus, tagger
from g7tag.codebook import Category, Codebook
from g7tag.llm.answers import answer_model
from g7tag.store import data_path, text_sha256

PROMPT_VERSION, REWORDED, DRAFT_VERSION = "review-2", "review-2-reworded", "draft-1"
"""Names of the prompts' text files; a changed text gets a new name. The reworded one is used only in trials."""
ATTACKS_VERSION = "attacks-2"
"""Version of the attacks in a trial; a verdict based on another version does not count."""
MOST_CONTEXT = 6000
"""Maximum characters of an item sent with a sentence; from a longer item, only the nearest sentences are sent."""
MOST_NEIGHBOURS = 4
_MOST_GUIDELINES = 12_000  # characters of the guidelines that are sent; real ones have fewer than 5,000
_UNSEEN = re.compile(
    r"[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SHOWN = ["text", "item_id", "cluster", "dimensions", "strength", "act", "exclusion"]


class Prompt(NamedTuple):
    """System message, user message, the sentence that the answer must quote, and the fields of the answer.

    `repeat` is the index of a repeat of the same prompt, from 0: each has an answer of its own.
    """

    system: str
    user: str
    sentence: str
    answer: Any  # a pydantic model
    codebook_version: str = ""
    repeat: int = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of the system message, which contains the prompt's text and the codebook."""
        return text_sha256(self.system)


class Context(NamedTuple):
    """Context of a sentence: the sentences of its item, its index among them, and its labelled neighbors."""

    sentence_id: str
    item: list[str]
    place: int
    neighbours: list[dict[str, Any]]


def render_system(codebook: Codebook, version: str = PROMPT_VERSION) -> str:
    """Return the system message: the instructions and the label definitions of the codebook."""
    text = data_path(f"prompts/{version}.txt").read_text(encoding="utf-8")
    commitment = codebook.commitment
    return Template(text).substitute(
        commitment=commitment.id, title=commitment.title, text=commitment.text,
        start=commitment.period_start, end=commitment.period_end,
        dimensions=_listed(codebook.dimensions), strengths=_listed(codebook.strengths),
        exclusions=_listed(codebook.exclusions) or "- there are none",
        acts=_listed(codebook.acts), act_keys=_either(act.key for act in codebook.acts),
        notes="\n".join(f"- {note.case}: {note.decision}" for note in codebook.notes) or "- there are none",
        keys=json.dumps(codebook.dimension_keys),
        strength_keys=_either([*(level.key for level in codebook.strengths), "none"]),
        exclusion_keys=_either([*codebook.exclusion_keys, ""]),
    )  # fmt: skip


def _listed(categories: Sequence[Category]) -> str:
    lines = []
    for category in categories:
        examples = "".join(f' Example: "{text}"' for text in category.examples)
        lines.append(f"- {category.key} ({category.label}): {category.definition}{examples}")
    return "\n".join(lines)


def _either(keys: Iterable[str]) -> str:
    return " or ".join(json.dumps(key) for key in keys)


def render_user(item: Sequence[str], place: int, neighbours: Sequence[Mapping[str, Any]]) -> str:
    """Return the user message on a sentence of an item: one line of JSON that no text can break out of."""
    shown = [
        {
            "sentence": row["text"], "dimensions": [key for key in row["dimensions"].split(";") if key],
            "strength": row["strength"], **({"act": row["act"]} if row["act"] else {}), "exclusion": row["exclusion"],
        }
        for row in neighbours
    ]  # fmt: skip
    return quoted_json({"neighbours": shown, "item": " ".join(_near(item, place)), "sentence": item[place]})


def quoted_json(values: Mapping[str, Any]) -> str:
    """Return text of documents as one line of JSON, with control characters and invisible characters escaped."""
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], json.dumps(values, ensure_ascii=False))


def _near(item: Sequence[str], place: int) -> list[str]:
    """Return the sentences of an item nearest to one of them, in order, within `MOST_CONTEXT` characters."""
    room, taken = MOST_CONTEXT, set()
    for at in sorted(range(len(item)), key=lambda other: abs(other - place)):
        room -= len(item[at]) + 1
        if room < 0:
            break
        taken.add(at)
    return [item[at] for at in sorted(taken)]


def labelled_examples(paths: Sequence[Path], codebook: Codebook) -> pd.DataFrame:
    """Return the sentences of corpus files (default: the bundled ones) that may be shown as neighbors.

    These are the sentences in the train part or in no part.
    """
    files = list(paths) or corpus.own_corpus(codebook)
    if not files:
        return pd.DataFrame(columns=_SHOWN, dtype="str")
    labelled = corpus.read_corpus(files, codebook)
    return labelled[labelled["part"].isin(["", "train"])].reset_index(drop=True)


def contexts_of(sentence_ids: Sequence[str], sentences: pd.DataFrame, examples: pd.DataFrame) -> list[Context]:
    """Return the context of each sentence, in order; `sentences` must have all sentences of the items concerned."""
    ordered = sentences.sort_values("position", kind="stable")
    items = {item: list(rows) for item, rows in ordered.groupby("item_id")["sentence_id"]}
    table = sentences.set_index("sentence_id")
    texts = dict(zip(table.index, table["text"], strict=True))
    chosen = table.loc[list(sentence_ids)]
    clusters = list(chosen["cluster"]) if "cluster" in chosen else [""] * len(chosen)
    found = tagger.Neighbours(examples[_SHOWN]).nearest(
        list(chosen["text"]), items=list(chosen["item_id"]), clusters=clusters, most=MOST_NEIGHBOURS
    )
    return [
        Context(
            str(sentence_id), [texts[other] for other in items[item]], items[item].index(sentence_id),
            near.to_dict("records"),  # type: ignore[arg-type]
        )
        for sentence_id, item, near in zip(chosen.index, chosen["item_id"], found, strict=True)
    ]  # fmt: skip


def make_prompts(
    contexts: Sequence[Context], codebook: Codebook, *, version: str = PROMPT_VERSION, repeat: int = 0
) -> list[Prompt]:
    """Return a prompt for each sentence, in order; `version` is the version of the prompt's text."""
    system, answer = render_system(codebook, version), answer_model(codebook)
    return [
        Prompt(
            system, render_user(one.item, one.place, one.neighbours), one.item[one.place], answer,
            codebook.version, repeat,
        )
        for one in contexts
    ]  # fmt: skip


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
    """Return one prompt for each dimension of a draft, on its definition, examples and settled cases; never on rules.

    All text of the report is in the user message, as JSON.
    """
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
