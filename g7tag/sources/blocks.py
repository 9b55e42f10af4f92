"""What every reader makes of its format: blocks of text, each a paragraph, a heading, a row of a table or a note."""

from collections.abc import Iterable
from typing import NamedTuple


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
