"""Word what of reports was not read, and where text is hidden."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from g7tag.sources import ZERO_WIDTH

_MOST_PAGES = 5  # of one document that are named
_SPELLS = 4  # characters without width in a row that may spell something; single ones come with text from web pages
_LONGEST = 60  # characters of hidden text that are shown


def reading_words(documents: pd.DataFrame, gaps: pd.DataFrame, *, keep_hidden: bool = False) -> list[str]:
    """Return what to say of reports as files, one thing a line; nothing where all was read and nothing is hidden.

    Parameters
    ----------
    documents, gaps
        The frames of those names.
    keep_hidden
        Whether hidden text was taken for evidence.
    """
    lines = [line for name, its in gaps.groupby("name", sort=False) for line in _gap_words(str(name), its)]
    return lines + [line for row in documents.to_dict("records") for line in _hidden_words(row, keep_hidden)]


def _gap_words(name: str, gaps: pd.DataFrame) -> Iterator[str]:
    pages = gaps[gaps["part"].str.startswith("page ")]
    for gap in gaps.drop(pages.index).to_dict("records"):
        told = f"not read: {gap['reason']}" if gap["kind"] == "unread" else gap["reason"]
        part = "" if gap["part"] == "document" else f", {gap['part']}"
        yield f"{name}{part}: {told}"
    for (kind, reason), its in pages.groupby(["kind", "reason"], sort=False):
        numbers = [part.removeprefix("page ") for part in its["part"]]
        more = f" and {len(numbers) - _MOST_PAGES} more" if len(numbers) > _MOST_PAGES else ""
        named = f"page{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_MOST_PAGES])}{more}"
        yield f"{name}, {named}: {'not read: ' if kind == 'unread' else ''}{reason}."


def _hidden_words(document: Mapping[Any, Any], keep_hidden: bool) -> Iterator[str]:
    text, spans = str(document["text"]), json.loads(str(document["hidden"]))
    for why in dict.fromkeys(why for _, _, why in spans):
        its = [(start, end) for start, end, reason in spans if reason == why]
        if why == ZERO_WIDTH and max(end - start for start, end in its) < _SPELLS:
            continue
        start, end = its[0]
        page = f", page {text.count(chr(12), 0, start) + 1}" if document["pages"] else ""
        shown = " ".join(text[start:end].split())
        shown = repr(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")
        places = f"{len(its)} place{'s' if len(its) > 1 else ''}"
        fate = "taken for evidence" if keep_hidden else "left out"
        first = f"the first at character {start}{page}: {shown}"
        yield f"{document['name']}: hidden text ({why}) in {places}, {fate}; {first}"
