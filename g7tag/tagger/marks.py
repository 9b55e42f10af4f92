"""Mark the words that carry each dimension of a tag."""

import re
from collections.abc import Iterator

import pandas as pd

from g7tag.frames import MARKS, build
from g7tag.tagger.explain import CUE, LIKENESS, WORD, explain_tags
from g7tag.tagger.model import Tagger

LEAST = 0.15
"""Minimum contribution to the log-odds of a marked word: about a sixth more odds."""


def mark_words(sentences: pd.DataFrame, tags: pd.DataFrame, tagger: Tagger) -> pd.DataFrame:
    """Return the words that most support each dimension of each tag."""
    chosen = tags[tags["dimensions"] != ""]
    items = sentences.loc[sentences["sentence_id"].isin(chosen["sentence_id"]), "item_id"]
    whole = sentences[sentences["item_id"].isin(items)]
    dimensions = {key for keys in chosen["dimensions"] for key in keys.split(";")}
    explained = explain_tags(whole, tagger, labels=dimensions)
    of_tag = {
        (sentence_id, key)
        for sentence_id, keys in zip(chosen["sentence_id"], chosen["dimensions"], strict=True)
        for key in keys.split(";")
    }
    kept = explained[(explained["contribution"] >= LEAST) & explained["kind"].isin([CUE, WORD, LIKENESS])]
    texts = dict(zip(whole["sentence_id"], whole["text"], strict=True))
    rows = [
        {"sentence_id": sentence_id, "dimension": label, **mark}
        for (sentence_id, label), features in kept.groupby(["sentence_id", "label"], sort=False)
        if (sentence_id, label) in of_tag
        for mark in _marks(str(texts[sentence_id]), features)
    ]
    return build(MARKS, rows)


def _marks(text: str, features: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the places of features in a text; overlapping ones are one mark with the greatest contribution."""
    found = sorted(
        (*place.span(), float(feature["contribution"]))
        for feature in features.to_dict("records")
        for pattern in _patterns(feature)
        for place in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
        if place.end() > place.start()
    )
    merged: list[tuple[int, int, float]] = []
    for mark in found:
        if merged and mark[0] < merged[-1][1]:
            before = merged.pop()
            merged.append((before[0], max(before[1], mark[1]), max(before[2], mark[2])))
        else:
            merged.append(mark)
    for start, end, contribution in merged:
        yield {"start": start, "end": end, "words": text[start:end], "contribution": contribution}


def _patterns(feature: dict[object, object]) -> list[str]:
    """Return patterns of the words of a feature; like the tagger, a word pair skips a one-letter word in between."""
    if feature["kind"] in (CUE, LIKENESS):
        return [re.escape(words) for words in str(feature["found"]).split(";") if words]
    return [r"\W+(?:\w\W+)?".join(map(re.escape, str(feature["feature"]).split()))]
