"""Build the prompts of the LLM review: instructions from the codebook, and the sentence to judge as JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import pandas as pd

from g7tag import corpus, tagger
from g7tag.codebook import Category, Codebook
from g7tag.store import data_path, text_sha256

PROMPT_VERSION = "review-2"
"""Name of the prompt's text file; a changed text gets a new name."""
ATTACKS_VERSION = "attacks-2"
"""Version of the attacks in a trial; a verdict based on another version does not count."""
REWORDED = "review-2-reworded"
"""The prompt in different wording, used only in trials."""
MOST_CONTEXT = 6000
"""Maximum characters of an item sent with a sentence; from a longer item, only the nearest sentences are sent."""
_UNSEEN = re.compile(
    r"[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


MOST_NEIGHBOURS = 4
_SHOWN = ["text", "item_id", "cluster", "dimensions", "strength", "act", "exclusion"]


class Prompt(NamedTuple):
    """System message, user message, and the sentence that the answer must quote."""

    system: str
    user: str
    sentence: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the system message, which contains the prompt's text and the codebook."""
        return text_sha256(self.system)


def render_system(codebook: Codebook, version: str = PROMPT_VERSION) -> str:
    """Return the system message: the instructions and the label definitions of the codebook."""
    text = data_path(f"prompts/{version}.txt").read_text(encoding="utf-8")
    commitment = codebook.commitment
    return Template(text).substitute(
        commitment=commitment.id, title=commitment.title, text=commitment.text,
        start=commitment.period_start, end=commitment.period_end,
        dimensions=_listed(codebook.dimensions), strengths=_listed(codebook.strengths),
        exclusions=_listed(codebook.exclusions) or "- there are none",
        acts=_listed(codebook.acts), act_keys=_either(_keys(codebook.acts)),
        notes="\n".join(f"- {note.case}: {note.decision}" for note in codebook.notes) or "- there are none",
        keys=json.dumps(codebook.dimension_keys), strength_keys=_either([*_keys(codebook.strengths), "none"]),
        exclusion_keys=_either([*codebook.exclusion_keys, ""]),
    )  # fmt: skip


def render_user(sentence: str, item: Sequence[str], place: int, neighbours: Sequence[Mapping[str, Any]]) -> str:
    """Return the user message: one line of JSON that no text can break out of."""
    shown = [
        {
            "sentence": row["text"], "dimensions": [key for key in row["dimensions"].split(";") if key],
            "strength": row["strength"], **({"act": row["act"]} if row["act"] else {}), "exclusion": row["exclusion"],
        }
        for row in neighbours
    ]  # fmt: skip
    values = {"neighbours": shown, "item": " ".join(_near(item, place)), "sentence": sentence}
    return quoted_json(values)


def quoted_json(values: Mapping[str, Any]) -> str:
    """Return text of documents as one line of JSON, with control characters and invisible characters escaped."""
    return _UNSEEN.sub(lambda found: _escaped(found[0]), json.dumps(values, ensure_ascii=False))


def answer_schema(codebook: Codebook) -> dict[str, Any]:
    """Return the JSON schema of an answer; endpoints may enforce it, and g7tag always checks it."""
    choice = {"type": "string", "enum": codebook.dimension_keys}
    fields = {
        "quote": {"type": "string"},
        "reason": {"type": "string"},
        "dimensions": {"type": "array", "items": choice},
        "strength": {"type": "string", "enum": [*_keys(codebook.strengths), "none"]},
        "act": {"type": "string", "enum": _keys(codebook.acts)},
        "exclusion": {"type": "string", "enum": ["", *codebook.exclusion_keys]},
        "contradicts": {"type": "boolean"},
        "confidence": {"type": "number"},
    }
    return {"type": "object", "additionalProperties": False, "required": list(fields), "properties": fields}


def _near(item: Sequence[str], place: int) -> list[str]:
    """Return the sentences of an item nearest to one of them, in order, within `MOST_CONTEXT` characters."""
    room, taken = MOST_CONTEXT, set()
    for at in sorted(range(len(item)), key=lambda other: abs(other - place)):
        room -= len(item[at]) + 1
        if room < 0:
            break
        taken.add(at)
    return [item[at] for at in sorted(taken)]


def _listed(categories: Sequence[Category]) -> str:
    lines = []
    for category in categories:
        examples = "".join(f' Example: "{text}"' for text in category.examples)
        lines.append(f"- {category.key} ({category.label}): {category.definition}{examples}")
    return "\n".join(lines)


def _keys(categories: Sequence[Category]) -> list[str]:
    return [category.key for category in categories]


def _either(keys: Sequence[str]) -> str:
    return " or ".join(json.dumps(key) for key in keys)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]


class Context(NamedTuple):
    """Context of a sentence: the sentences of its item, its index among them, and its labelled neighbors."""

    sentence_id: str
    item: list[str]
    place: int
    neighbours: pd.DataFrame


def labelled_examples(paths: Sequence[Path], codebook: Codebook) -> pd.DataFrame:
    """Return the labelled sentences that may be shown as neighbors: those in the train part or in no part.

    Parameters
    ----------
    paths
        Corpus files. If empty, those that come with g7tag for the codebook are used, if any.
    codebook
        Codebook of the labels.
    """
    files = list(paths) or corpus.own_corpus(codebook)
    if not files:
        return pd.DataFrame(columns=_SHOWN, dtype="str")
    labelled = corpus.read_corpus(files, codebook)
    return labelled[labelled["part"].isin(["", "train"])].reset_index(drop=True)


def contexts_of(sentence_ids: Sequence[str], sentences: pd.DataFrame, examples: pd.DataFrame) -> list[Context]:
    """Return the context of each sentence, in the order of the ids.

    Parameters
    ----------
    sentence_ids
        Ids of some of `sentences`.
    sentences
        sentence_id, item_id, position, text and optionally cluster, for all sentences of the items concerned.
    examples
        Output of `labelled_examples`.
    """
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
        Context(str(sentence_id), [texts[other] for other in items[item]], items[item].index(sentence_id), near)
        for sentence_id, item, near in zip(chosen.index, chosen["item_id"], found, strict=True)
    ]


def make_prompts(contexts: Sequence[Context], codebook: Codebook, *, version: str = PROMPT_VERSION) -> list[Prompt]:
    """Return a prompt for each sentence, in order; `version` is the version of the prompt's text."""
    system = render_system(codebook, version)
    shown: dict[int, list[dict[str, Any]]] = {}  # by id of the neighbors, which an attacked item shares with its own
    prompts = []
    for one in contexts:
        if id(one.neighbours) not in shown:
            rows = one.neighbours.to_dict("records")
            shown[id(one.neighbours)] = [{str(name): value for name, value in row.items()} for row in rows]
        sentence = one.item[one.place]
        user = render_user(sentence, one.item, one.place, shown[id(one.neighbours)])
        prompts.append(Prompt(system, user, sentence))
    return prompts
