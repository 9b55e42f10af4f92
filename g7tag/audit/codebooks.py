"""Compare two codebooks: what differs, which labels may be outdated by it, and which scores it changes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Category, Codebook
from g7tag.frames import Frames, label_words
from g7tag.labels import current_annotations
from g7tag.scoring import score_members
from g7tag.store import PEOPLE

_NAMES = ("key", "name", "code", "case")
"""Keys that name an entry of a list; the first that it has does."""
_UNUSED = ("draft", "taken_from", "borrows")


class CodebookChanges(NamedTuple):
    """What differs between two codebooks, and what follows for a run.

    Attributes
    ----------
    parts
        part (its place in the file), old, new: "" where one of them lacks it. Of lists of words, what only one has.
    labels
        Labels of people that may be outdated: sentence_id, annotator, kind, label (in words), at, text, reason. No rows
        without a run.
    scores
        Each member of the run under each reading, with its labels: old_score, new_score, old_rule, new_rule. No rows
        without a run.
    """

    parts: pd.DataFrame
    labels: pd.DataFrame
    scores: pd.DataFrame


def codebook_changes(old: Codebook, new: Codebook, run: Frames | None = None) -> CodebookChanges:
    """Return what differs between two codebooks of one commitment, and what follows for the frames of a run."""
    labels = pd.DataFrame(columns=["sentence_id", "annotator", "kind", "label", "at", "text", "reason"], dtype="str")
    keys = ["member", "reading"]
    sides = [
        pd.DataFrame(columns=[*keys, "suggested_score", "rule"]) if run is None else _scores(run, book)
        for book in (old, new)
    ]
    named = [
        side[[*keys, "suggested_score", "rule"]].set_axis([*keys, f"{which}_score", f"{which}_rule"], axis=1)
        for which, side in zip(("old", "new"), sides, strict=True)
    ]
    scores = named[0].merge(named[1], on=keys, how="outer", sort=False)
    if run is not None:
        labels = _outdated(old, new, run)[list(labels)]
    columns = [*keys, "old_score", "new_score", "old_rule", "new_rule"]
    scores = scores[columns].astype({"old_score": "Int64", "new_score": "Int64"})
    return CodebookChanges(_differing(old, new), labels, scores)


def _scores(run: Frames, codebook: Codebook) -> pd.DataFrame:
    about: dict[str, Any] = {name: run[name] for name in ("sentences", "items", "members")}
    return score_members(run["labels"], **about, codebook=codebook).scores


def _differing(old: Codebook, new: Codebook) -> pd.DataFrame:
    one, other = (dict(_parts(book.model_dump(mode="json"))) for book in (old, new))
    rows = []
    for part in dict.fromkeys([*one, *other]):
        before, after = one.get(part, ""), other.get(part, "")
        if isinstance(before or after, list):
            before, after = (
                "; ".join(each for each in own if each not in others)
                for own, others in ((before, after), (after, before))
            )
        if before != after:
            rows.append((part, before, after))
    return pd.DataFrame(rows, columns=["part", "old", "new"], dtype="str")


def _parts(value: Any, path: str = "") -> Iterator[tuple[str, str | list[str]]]:
    """Yield the places of a codebook with what is there: a text, or a list of words."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _UNUSED:
                yield from _parts(each, f"{path} {key}".strip())
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for each in value:
            key = next(key for key in _NAMES if key in each)
            yield from _parts({name: part for name, part in each.items() if name != key}, f"{path} {each[key]!r}")
    elif isinstance(value, list) and value and isinstance(value[0], int):
        yield path, " to ".join(map(str, value))
    elif value not in (None, [], ""):
        yield path, value if isinstance(value, list) else str(value)


def _outdated(old: Codebook, new: Codebook, run: Frames) -> pd.DataFrame:
    """The labels of people that use a part whose definition changed, or that the new codebook lacks."""
    reasons: dict[tuple[str, str], str] = {}
    groups = {"dimensions": "dimensions", "strengths": "strength", "exclusions": "exclusion", "acts": "act"}
    for group, column in groups.items():
        known: dict[str, Category] = {part.key: part for part in getattr(new, group)}
        for part in getattr(old, group):
            now = known.get(part.key)
            if now is None:
                reasons[column, part.key] = f"{part.key} is gone"
            elif (now.definition, now.label) != (part.definition, part.label):
                reasons[column, part.key] = f"the definition of {part.key} changed"
    rows = current_annotations(run["annotations"], run["sentences"])
    rows = rows[rows["kind"].isin(PEOPLE)]
    texts = dict(zip(run["sentences"]["sentence_id"], run["sentences"]["text"], strict=True))
    why = [
        "; ".join(
            reasons[column, key]
            for column in groups.values()
            for key in row[column].split(";")
            if (column, key) in reasons
        )
        for row in rows.to_dict("records")
    ]
    rows = rows.assign(label=label_words(rows), text=rows["sentence_id"].map(texts), reason=why)
    return rows[rows["reason"] != ""].reset_index(drop=True)
