"""Headings and values of displayed frames in plain words."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from g7tag.frames import FIXED, LEDGER, PROPOSALS, column_word

_TAGS = frozenset({"p_strong", "p_excluded", "margin", "tagger"})
_FRAMES: Mapping[str, frozenset[str]] = {
    model.name: frozenset(map(str, model.columns)) for model in (*FIXED.values(), LEDGER, PROPOSALS)
}
_RESULTS: Mapping[str, frozenset[str]] = {
    "tags": _TAGS,
    "final_scores": frozenset({"basis", "final_score"}),
    "label_queue": frozenset({"why", "decides"}),
    "sentences_behind": frozenset({"decides", "level"}),
    "rubric": frozenset({"problem", "witness"}),
    "threshold_table": frozenset({"min_strong_items", "always_0"}),
    "averages": frozenset({"scores", "mean"}),
}
"""Columns that only these tables have."""


class Heading(NamedTuple):
    """The text of a heading, and what a tooltip says about the column ("" for nothing)."""

    text: str
    note: str


def frame_of(columns: Iterable[str]) -> str:
    """Return the name of the frame with these columns, "" if there is none or more than one."""
    names = frozenset(columns)
    for frame, own in _RESULTS.items():
        if own <= names:
            return frame
    whole = [frame for frame, own in _FRAMES.items() if own <= names]
    found = whole or [frame for frame, own in _FRAMES.items() if names <= own]
    return found[0] if len(found) == 1 else ""


def headings(columns: Iterable[str], frame: str, *, labels: Mapping[str, str]) -> dict[str, Heading]:
    """Return the heading of each column: its plain name; its raw name if two columns have the same plain name."""
    words = {column: column_word(column, frame, labels=labels) for column in columns}
    names = [word.name for word in words.values()]
    found = {}
    for column, word in words.items():
        text = column if names.count(word.name) > 1 else word.name
        raw = "" if text == column else f"Column: {column}"
        found[column] = Heading(text, f"{word.note} {raw}".strip())
    return found
