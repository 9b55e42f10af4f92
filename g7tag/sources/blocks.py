"""What every reader makes of its format: blocks of text; and characters of a text that nobody sees."""

import re
from collections.abc import Iterable
from typing import NamedTuple

ZERO_WIDTH = "zero width"
_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f"
_RUN = re.compile(f"[{_INVISIBLE}]+")
_FILLER = "\u200b"  # what stands for a hidden character, so that all others keep their places


class Run(NamedTuple):
    """A piece of text; `hidden` says why nobody sees it on the page, "" where it is seen."""

    text: str
    hidden: str = ""


class Block(NamedTuple):
    """A paragraph, a heading, a note (its number in superscript digits first) or a table's row (tabs part its cells).

    A form feed in it is the end of a page.
    """

    runs: tuple[Run, ...]


class HiddenSpan(NamedTuple):
    """Characters `start` to `end` (exclusive) of a document's text that nobody sees, and why."""

    start: int
    end: int
    why: str


def set_blocks(blocks: Iterable[Block]) -> tuple[str, list[HiddenSpan]]:
    r"""Return the text of a document, an empty line between two blocks, and the spans of it that are hidden.

    Neighbouring runs that are hidden for the same reason are one span. No blocks give no text.

    Examples
    --------
    >>> set_blocks([Block((Run("Canada: 0"),)), Block((Run("Seen."), Run(" Unseen.", "white")))])
    ('Canada: 0\n\nSeen. Unseen.', [HiddenSpan(start=16, end=24, why='white')])
    """
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
    r"""Return the spans of characters without width: spaces, marks of direction, and tags that spell out text.

    Soft hyphens and the joiners that some scripts need are not among them.

    Examples
    --------
    >>> invisible_spans("traf\u200bficking")
    [HiddenSpan(start=4, end=5, why='zero width')]
    """
    return [HiddenSpan(*match.span(), ZERO_WIDTH) for match in _RUN.finditer(text)]


def blank_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    r"""Return text of the same length in which spans cannot be read; ends of lines and pages stay.

    Within a line a span leaves a zero-width mark for each character, so that a word with hidden letters inside is one
    word; at the start and the end of a line it leaves spaces.

    Examples
    --------
    >>> blank_spans("one two\nthree", [(3, 7), (8, 10)])
    'one    \n  ree'
    """
    characters = list(text)
    for start, end in spans:
        characters[start:end] = [each if each in "\n\f" else _FILLER for each in characters[start:end]]
    lines = re.split(r"([\n\f])", "".join(characters))
    return "".join(_blank_edges(line) if _FILLER in line else line for line in lines)


def _blank_edges(line: str) -> str:
    """A line with spaces in place of the fillers, spaces and tabs at its start and its end."""
    head = len(line) - len(line.lstrip(f"{_FILLER} \t"))
    inner = line[head:].rstrip(f"{_FILLER} \t")
    return f"{' ' * head}{inner}{' ' * (len(line) - head - len(inner))}"
