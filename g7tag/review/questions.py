"""Sentences to prompts: each with its item and a few labelled neighbours."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag import tagging
from g7tag.codebook import Codebook
from g7tag.review.prompt import PROMPT_VERSION, Prompt, render_system, render_user
from g7tag.store import data_path

MOST_NEIGHBOURS = 4
_SHOWN = ["text", "item_id", "cluster", "dimensions", "strength", "exclusion"]


class Context(NamedTuple):
    """A sentence in its item: the item's sentences, the place of the one in question, and labelled neighbours of it."""

    sentence_id: str
    item: list[str]
    place: int
    neighbours: pd.DataFrame


def labelled_examples(paths: Sequence[Path], codebook: Codebook) -> pd.DataFrame:
    """Return the labelled sentences that may be shown as neighbours: those of the train part, or of no part.

    Parameters
    ----------
    paths
        Corpus files; none take those that come with g7tag, where these are of the codebook.
    codebook
        Owns the labels.
    """
    own = data_path(f"published/{codebook.id}.csv").is_file()
    files = list(paths) or (tagging.bundled_corpus() if own else [])
    if not files:
        return pd.DataFrame(columns=_SHOWN, dtype="str")
    corpus = tagging.read_corpus(files, codebook)
    return corpus[corpus["part"].isin(["", "train"])].reset_index(drop=True)


def contexts_of(sentence_ids: Sequence[str], sentences: pd.DataFrame, examples: pd.DataFrame) -> list[Context]:
    """Return what surrounds each sentence, in the order of the ids.

    Parameters
    ----------
    sentence_ids
        Some of `sentences`.
    sentences
        sentence_id, item_id, position, text and by choice cluster: all sentences of the items in question.
    examples
        What `labelled_examples` gives.
    """
    ordered = sentences.sort_values("position", kind="stable")
    items = {item: list(rows) for item, rows in ordered.groupby("item_id")["sentence_id"]}
    table = sentences.set_index("sentence_id")
    texts = dict(zip(table.index, table["text"], strict=True))
    chosen = table.loc[list(sentence_ids)]
    clusters = list(chosen["cluster"]) if "cluster" in chosen else [""] * len(chosen)
    found = tagging.Neighbours(examples[_SHOWN]).nearest(
        list(chosen["text"]), items=list(chosen["item_id"]), clusters=clusters, most=MOST_NEIGHBOURS
    )
    return [
        Context(str(sentence_id), [texts[other] for other in items[item]], items[item].index(sentence_id), near)
        for sentence_id, item, near in zip(chosen.index, chosen["item_id"], found, strict=True)
    ]


def make_prompts(contexts: Sequence[Context], codebook: Codebook, *, version: str = PROMPT_VERSION) -> list[Prompt]:
    """Return a prompt for each sentence, in their order; `version` is that of the prompt's text."""
    system = render_system(codebook, version)
    prompts = []
    for one in contexts:
        told = [{str(name): value for name, value in row.items()} for row in one.neighbours.to_dict("records")]
        sentence = one.item[one.place]
        prompts.append(Prompt(system, render_user(sentence, one.item, one.place, told), sentence))
    return prompts
