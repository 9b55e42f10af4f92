"""What every reader makes of its format: blocks of text, each a paragraph, a heading, a list item, a row or a note."""

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
