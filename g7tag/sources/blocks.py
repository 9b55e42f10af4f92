"""What every reader makes of its format: blocks of text, each a paragraph, a heading, a list item, a row or a note."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

Kind = Literal["paragraph", "heading", "list", "row", "note"]
"""What a block may be; a row is one of a table, a list an item of one."""


class Run(NamedTuple):
    """A piece of text; `hidden` says why nobody sees it on the page, "" where it is seen."""

    text: str
    hidden: str = ""


class Block(NamedTuple):
    """A part of a document that its format tells from others.

    A newline in it is the end of a line that its author set, a tab parts the cells of a row, and a form feed is the end
    of a page. A note begins with its number in superscript digits; `number` is None where it is not known.
    """

    runs: tuple[Run, ...]
    kind: Kind = "paragraph"
    number: int | None = None


class HiddenSpan(NamedTuple):
    """Characters `start` to `end` (exclusive) of a document's text that nobody sees, and why."""

    start: int
    end: int
    why: str


class BlockSpan(NamedTuple):
    """Characters `start` to `end` (exclusive) of a document's text that a block takes, and what it is."""

    start: int
    end: int
    kind: Kind
    number: int | None = None


class SetText(NamedTuple):
    """The text of a document, what of it nobody sees, and its blocks."""

    text: str
    hidden: list[HiddenSpan]
    blocks: list[BlockSpan]


def set_blocks(blocks: Iterable[Block]) -> SetText:
    r"""Return the text of a document, an empty line between two blocks, its hidden spans, and where each block stands.

    Neighbouring runs that are hidden for the same reason are one span. No blocks give no text.

    Examples
    --------
    >>> found = set_blocks([Block((Run("Canada: 0"),), "heading"), Block((Run("Seen."), Run(" Unseen.", "white")))])
    >>> found.text, found.hidden
    ('Canada: 0\n\nSeen. Unseen.', [HiddenSpan(start=16, end=24, why='white')])
    >>> found.blocks[0]
    BlockSpan(start=0, end=9, kind='heading', number=None)
    """
    pieces: list[str] = []
    hidden: list[HiddenSpan] = []
    spans: list[BlockSpan] = []
    length = 0
    for block in blocks:
        if spans:
            pieces.append("\n\n")
            length += 2
        begin = length
        for run in block.runs:
            start, length = length, length + len(run.text)
            pieces.append(run.text)
            if run.hidden and run.text.strip():
                if hidden and hidden[-1].end == start and hidden[-1].why == run.hidden:
                    start = hidden.pop().start
                hidden.append(HiddenSpan(start, length, run.hidden))
        spans.append(BlockSpan(begin, length, block.kind, block.number))
    return SetText("".join(pieces), hidden, spans)


ZERO_WIDTH = "zero width"
_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f"
_RUN = re.compile(f"[{_INVISIBLE}]+")
_FILLER = "\u200b"  # what stands for a hidden character, so that all others keep their places


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
