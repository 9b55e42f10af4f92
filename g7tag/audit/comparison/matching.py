"""Match the items, sentences and findings of two runs."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit.notes import named_notes
from g7tag.frames import Frames

SAME, CHANGED, ONLY_FIRST, ONLY_SECOND = "same text", "changed text", "only first", "only second"
"""How a text of one run matches the other run."""
TWO_COMMITMENTS = "the runs are on two commitments"
"""Why nothing matches, and no level has a reason."""
RUNS = ("first", "second")
SIMILAR = 0.5
"""Least similarity of two texts of the same day that match."""
SIMILAR_ON_ANOTHER_DAY = 0.8
"""Least similarity if the days differ: then the words alone must show that it is the same item."""
FINDINGS = [
    "finding_id", "second_id", "check", "member", "subject", "first_severity", "second_severity", "first_message",
    "second_message", "differs",
]  # fmt: skip
_PAIR = {"first_id": "str", "second_id": "str", "match": "str", "similarity": "float64"}
_ID = re.compile(r"(?:\d{4}-\d{2,}/)?[A-Z]{3}-\d{2,}(?:\.\d+)?(?!\w)")
"""An item or a sentence, with or without its commitment."""
_NOTE = re.compile(r"\bnote \d+(?!\d)")
_NO_MATCH = "?"


class Part(NamedTuple):
    """An item or a sentence: its id, its day (NaT if unread, "" for a sentence) and its text."""

    id: str
    day: Any
    text: str

    @property
    def content(self) -> tuple[str, str]:
        """Day and text, without differences of spaces."""
        return str(self.day), " ".join(self.text.split())


class Pair(NamedTuple):
    """Two ids that match, "" for the run that has no match; how they match, and the similarity of their texts."""

    first_id: str
    second_id: str
    match: str
    similarity: float = float("nan")


class Pairs(NamedTuple):
    """Matched items and sentences of two runs: frames with the columns of `Pair`."""

    items: pd.DataFrame
    sentences: pd.DataFrame


def match_runs(first: Frames, second: Frames, *, comparable: bool) -> Pairs:
    """Return the matched items and sentences of two runs; every item and sentence is in exactly one row."""
    one, other = (run["items"] for run in (first, second))
    if comparable:
        codes = dict.fromkeys([*one["code"], *other["code"]])
        groups = [
            match_texts(*(_parts(rows[rows["code"] == code], "item_id") for rows in (one, other))) for code in codes
        ]
    else:
        groups = [match_texts(_parts(one, "item_id"), []), match_texts([], _parts(other, "item_id"))]
    items = _frame(groups)
    sentences = [
        {item: _parts(rows, "sentence_id") for item, rows in run["sentences"].groupby("item_id", sort=False)}
        for run in (first, second)
    ]
    ids = zip(items["first_id"], items["second_id"], strict=True)
    return Pairs(items, _frame(match_texts(sentences[0].get(a, []), sentences[1].get(b, [])) for a, b in ids))


def match_texts(first: Sequence[Part], second: Sequence[Part]) -> list[Pair]:
    """Return the matches of two lists of texts, each text once: those of the first in order, then the others."""
    found: dict[str, Pair] = {}
    waiting: dict[tuple[str, str], list[str]] = {}
    for part in second:
        waiting.setdefault(part.content, []).append(part.id)
    for part in first:
        equal = waiting.get(part.content)
        if equal:
            found[part.id] = Pair(part.id, equal.pop(0), SAME, 1.0)
    taken = {pair.second_id for pair in found.values()}
    rest = [part for part in first if part.id not in found], [part for part in second if part.id not in taken]
    for pair in _similar(*rest):
        if pair.first_id not in found and pair.second_id not in taken:
            found[pair.first_id] = pair
            taken.add(pair.second_id)
    return [
        *(found.get(part.id, Pair(part.id, "", ONLY_FIRST)) for part in first),
        *(Pair("", part.id, ONLY_SECOND) for part in second if part.id not in taken),
    ]


def _similar(first: Sequence[Part], second: Sequence[Part]) -> list[Pair]:
    """All pairs that are similar enough (twice the shared words by the words of both), the most similar first."""
    words, others = ([(part, set(re.findall(r"\w+", part.text.lower()))) for part in each] for each in (first, second))
    pairs = []
    for part, own in words:
        for other, theirs in others:
            share = 2 * len(own & theirs) / max(len(own) + len(theirs), 1)
            if share >= (SIMILAR if str(part.day) == str(other.day) else SIMILAR_ON_ANOTHER_DAY):
                pairs.append(Pair(part.id, other.id, CHANGED, share))
    return sorted(pairs, key=lambda pair: -pair.similarity)  # stable: ties stay in reading order


def _parts(rows: pd.DataFrame, key: str) -> list[Part]:
    days = rows.get("date", [""] * len(rows))
    return [Part(*each) for each in zip(rows[key], days, rows["text"], strict=True)]


def _frame(groups: Iterable[Iterable[Pair]]) -> pd.DataFrame:
    return pd.DataFrame([pair for group in groups for pair in group], columns=list(_PAIR)).astype(_PAIR)


def compare_findings(first: Frames, second: Frames, pairs: Pairs) -> pd.DataFrame:
    """Return the findings of two runs; ids and messages of the second are compared in the names of the first."""
    renamed = _renaming(first, second, pairs)
    columns = {"finding_id": "second_id", "severity": "second_severity", "message": "second_message"}
    theirs = second["findings"].rename(columns=columns)
    theirs = theirs.assign(key=theirs["second_id"].map(renamed).astype("str"))
    own = first["findings"].rename(columns={"severity": "first_severity", "message": "first_message"})
    matched = theirs[~theirs["key"].duplicated() & theirs["key"].isin(own["finding_id"])]
    both = own.merge(matched[["key", *columns.values()]], left_on="finding_id", right_on="key", how="left").fillna("")
    differs = []
    for row in both.to_dict("records"):
        parts = {
            "severity": row["first_severity"] != row["second_severity"],
            "message": row["first_message"] != renamed(row["second_message"]),
        }
        differs.append(";".join(name for name, is_so in parts.items() if is_so) if row["second_id"] else ONLY_FIRST)
    rest = theirs[~theirs["second_id"].isin(matched["second_id"])].assign(differs=ONLY_SECOND)
    found = pd.concat([both.assign(differs=differs), rest], ignore_index=True)
    return found.reindex(columns=FINDINGS).fillna("").astype("str")


def _renaming(first: Frames, second: Frames, pairs: Pairs) -> Callable[[str], str]:
    """A function that gives items, sentences, notes and the document in a text of the second run their first names."""
    both = pd.concat([pairs.items, pairs.sentences])
    both = both[both["second_id"] != ""]
    ids = dict(zip(both["second_id"], both["first_id"].replace("", _NO_MATCH), strict=True))
    ids |= {each.rpartition("/")[2]: known.rpartition("/")[2] for each, known in ids.items()}
    notes = _matched_notes(first["citations"], second["citations"])
    own, theirs = (run["documents"]["document_id"].tolist() for run in (first, second))

    def renamed(text: str) -> str:
        text = _ID.sub(lambda found: ids.get(found[0], found[0]), text)
        text = _NOTE.sub(lambda found: notes.get(found[0], found[0]), text)
        return text.replace(f"{theirs[0]} note", f"{own[0]} note") if len(own) == len(theirs) == 1 else text

    return renamed


def _matched_notes(first: pd.DataFrame, second: pd.DataFrame) -> Mapping[str, str]:
    """The first name of each note of the second run: that of the note with its title and URL, if there is only one."""
    if any(len(set(run["document_id"])) > 1 for run in (first, second)):
        return {}
    own, theirs = (named_notes(run)[["name", "title", "url"]] for run in (first, second))
    known: dict[tuple[str, str], list[str]] = {}
    for name, *source in own.itertuples(index=False):
        known.setdefault((source[0], source[1]), []).append(name)
    found = {name: known.get((title, url), [_NO_MATCH]) for name, title, url in theirs.itertuples(index=False)}
    return {name: names[0] if len(names) == 1 else name for name, names in found.items()}
