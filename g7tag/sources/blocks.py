"""Blocks of text, which every reader produces, and hidden characters in a text."""

import re
from collections.abc import Iterable
from typing import NamedTuple

ZERO_WIDTH = "zero width"
_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f"
_RUN = re.compile(f"[{_INVISIBLE}]+")
_FILLER = "\u200b"  # replaces a hidden character so that all others keep their positions


class Run(NamedTuple):
    """A piece of text; `hidden` is the reason why it is not visible on the page, or "" if it is visible."""

    text: str
    hidden: str = ""


class Block(NamedTuple):
    """A paragraph, heading, note (starts with its number in superscript digits) or table row (tab-separated cells)."""

    runs: tuple[Run, ...]


class HiddenSpan(NamedTuple):
    """Hidden characters `start` to `end` (exclusive) of a document's text, and the reason."""

    start: int
    end: int
    why: str


def set_blocks(blocks: Iterable[Block]) -> tuple[str, list[HiddenSpan]]:
    """Return the text of a document, with an empty line between blocks, and its hidden spans."""
    pieces: list[str] = []
    hidden: list[HiddenSpan] = []
    length = 0
    for place, block in enumerate(blocks):
        for run in (Run("\n\n" if place else ""), *block.runs):
            start, length = length, length + len(run.text)
            pieces.append(run.text)
            if run.hidden and run.text.strip():
                if hidden and hidden[-1].end == start and hidden[-1].why == run.hidden:
                    start = hidden.pop().start
                hidden.append(HiddenSpan(start, length, run.hidden))
    return "".join(pieces), hidden


def invisible_spans(text: str) -> list[HiddenSpan]:
    """Return the spans of zero-width characters: spaces, direction marks and tag characters."""
    return [HiddenSpan(*match.span(), ZERO_WIDTH) for match in _RUN.finditer(text)]


def blank_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with spans blanked; its length, line ends and page ends stay the same."""
    characters = list(text)
    for start, end in spans:
        characters[start:end] = [each if each in "\n\f" else _FILLER for each in characters[start:end]]
    lines = re.split(r"([\n\f])", "".join(characters))
    return "".join(_blank_edges(line) if _FILLER in line else line for line in lines)


def _blank_edges(line: str) -> str:
    """Replace the fillers and tabs at the start and the end of a line by spaces."""
    head = len(line) - len(line.lstrip(f"{_FILLER} \t"))
    inner = line[head:].rstrip(f"{_FILLER} \t")
    return f"{' ' * head}{inner}{' ' * (len(line) - head - len(inner))}"
