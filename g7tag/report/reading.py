"""Lines on what was not read of the reports, and on hidden text."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from g7tag.sources import ZERO_WIDTH
from g7tag.text import counted

_MOST_PAGES = 5  # of one document to list
_LEAST_HIDDEN = 4  # consecutive zero-width characters that may hide text; single ones are common on web pages
_LONGEST = 60  # characters of hidden text to show


def reading_lines(documents: pd.DataFrame, gaps: pd.DataFrame, *, keep_hidden: bool = False) -> list[str]:
    """Return lines on unread parts and hidden text of reports; empty if everything was read and nothing is hidden."""
    lines = [line for name, rows in gaps.groupby("name", sort=False) for line in _gap_words(str(name), rows)]
    return lines + [line for row in documents.to_dict("records") for line in _hidden_words(row, keep_hidden)]


def _gap_words(name: str, gaps: pd.DataFrame) -> Iterator[str]:
    pages = gaps[gaps["part"].str.startswith("page ")]
    for gap in gaps.drop(pages.index).to_dict("records"):
        reason = f"not read: {gap['reason']}" if gap["kind"] == "unread" else gap["reason"]
        part = "" if gap["part"] == "document" else f", {gap['part']}"
        yield f"{name}{part}: {reason}"
    for (kind, reason), rows in pages.groupby(["kind", "reason"], sort=False):
        numbers = [part.removeprefix("page ") for part in rows["part"]]
        more = f" and {len(numbers) - _MOST_PAGES} more" if len(numbers) > _MOST_PAGES else ""
        named = f"page{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_MOST_PAGES])}{more}"
        yield f"{name}, {named}: {'not read: ' if kind == 'unread' else ''}{reason}."


def _hidden_words(document: Mapping[Any, Any], keep_hidden: bool) -> Iterator[str]:
    text, spans = str(document["text"]), json.loads(str(document["hidden"]))
    for why in dict.fromkeys(why for _, _, why in spans):
        places = [(start, end) for start, end, reason in spans if reason == why]
        if why == ZERO_WIDTH and max(end - start for start, end in places) < _LEAST_HIDDEN:
            continue
        start, end = places[0]
        page = f", page {text.count(chr(12), 0, start) + 1}" if document["pages"] else ""
        shown = " ".join(text[start:end].split())
        shown = repr(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")
        used = "used as evidence" if keep_hidden else "ignored"
        first = f"the first at character {start}{page}: {shown}"
        yield f"{document['name']}: hidden text ({why}) in {counted(len(places), 'place')}, {used}; {first}"
