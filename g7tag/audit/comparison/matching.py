"""Match the items and sentences of two runs by their texts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

SAME, CHANGED, ONLY_FIRST, ONLY_SECOND = "same text", "changed text", "only first", "only second"
"""How a text of one run matches the other run."""
TWO_COMMITMENTS = "the runs are on two commitments"
"""Why nothing matches, and no level has a reason."""
SIMILAR = 0.5
"""Least similarity of two texts of the same day that match."""
SIMILAR_ON_ANOTHER_DAY = 0.8
"""Least similarity if the days differ: then the words alone must show that it is the same item."""
_PAIR = ["first_id", "second_id", "match", "similarity"]


class Part(NamedTuple):
    """An item or a sentence: its id, its day (NaT if unread) and its text."""

    id: str
    day: Any
    text: str


class Pair(NamedTuple):
    """Two ids that match, "" for the run that has no match; how they match, and the similarity of their texts."""

    first_id: str
    second_id: str
    match: str
    similarity: float


class Pairs(NamedTuple):
    """Matched items and sentences of two runs; each row has first_id, second_id, match and similarity."""

    items: pd.DataFrame
    sentences: pd.DataFrame


def match_runs(first: Mapping[str, pd.DataFrame], second: Mapping[str, pd.DataFrame], *, comparable: bool) -> Pairs:
    """Return the matched items and sentences of two runs; every item and sentence is in exactly one row."""
    codes = dict.fromkeys([*first["items"]["code"], *second["items"]["code"]])
    groups = [
        match_texts(*(_parts(run["items"][run["items"]["code"] == code], "item_id", "date") for run in (first, second)))
        for code in codes
        if comparable
    ]
    items = _frame(groups) if comparable else _unmatched(first["items"]["item_id"], second["items"]["item_id"])
    parts = [
        {item: _parts(rows, "sentence_id") for item, rows in run["sentences"].groupby("item_id", sort=False)}
        for run in (first, second)
    ]
    ids = zip(items["first_id"], items["second_id"], strict=True)
    return Pairs(items, _frame([match_texts(parts[0].get(one, []), parts[1].get(other, [])) for one, other in ids]))


def match_texts(first: Sequence[Part], second: Sequence[Part]) -> list[Pair]:
    """Return the matches of two lists of texts, each text once: those of the first in order, then the others."""
    found: dict[str, Pair] = {}
    waiting: dict[tuple[str, str], list[Part]] = {}
    for part in second:
        waiting.setdefault(_content(part), []).append(part)
    for part in first:
        equal = waiting.get(_content(part))
        if equal:
            found[part.id] = Pair(part.id, equal.pop(0).id, SAME, 1.0)
    taken = {pair.second_id for pair in found.values()}
    rest = [part for part in first if part.id not in found], [part for part in second if part.id not in taken]
    for pair in _similar(*rest):
        if pair.first_id not in found and pair.second_id not in taken:
            found[pair.first_id] = pair
            taken.add(pair.second_id)
    nan = float("nan")
    return [
        *(found.get(part.id, Pair(part.id, "", ONLY_FIRST, nan)) for part in first),
        *(Pair("", part.id, ONLY_SECOND, nan) for part in second if part.id not in taken),
    ]


def similarity(one: str, other: str) -> float:
    """Return how many words two texts share: twice the shared words by the words of both, each word once; 0 without."""
    return _overlap(_words(one), _words(other))


def _similar(first: Sequence[Part], second: Sequence[Part]) -> list[Pair]:
    """Return all pairs that are similar enough, the most similar first."""
    words = [(part, _words(part.text)) for part in second]
    pairs = []
    for part in first:
        own = _words(part.text)
        for other, theirs in words:
            share = _overlap(own, theirs)
            if share >= (SIMILAR if _same_day(part, other) else SIMILAR_ON_ANOTHER_DAY):
                pairs.append(Pair(part.id, other.id, CHANGED, share))
    return sorted(pairs, key=lambda pair: -pair.similarity)  # stable: ties stay in reading order


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def _content(part: Part) -> tuple[str, str]:
    return str(part.day), " ".join(part.text.split())


def _same_day(one: Part, other: Part) -> bool:
    return str(one.day) == str(other.day)


def _parts(rows: pd.DataFrame, key: str, day: str | None = None) -> list[Part]:
    days = rows[day] if day else [""] * len(rows)
    return [Part(*each) for each in zip(rows[key], days, rows["text"], strict=True)]


def _unmatched(first: Iterable[str], second: Iterable[str]) -> pd.DataFrame:
    nan = float("nan")
    return _frame(
        [[Pair(each, "", ONLY_FIRST, nan) for each in first], [Pair("", each, ONLY_SECOND, nan) for each in second]]
    )


def _frame(groups: Iterable[Iterable[Pair]]) -> pd.DataFrame:
    types = {"first_id": "str", "second_id": "str", "match": "str", "similarity": "float64"}
    return pd.DataFrame([pair for group in groups for pair in group], columns=_PAIR).astype(types)
