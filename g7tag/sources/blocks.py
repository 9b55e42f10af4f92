"""Blocks of text, which every reader produces, and hidden characters in a text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from g7tag.sources.marks import superscript

ZERO_WIDTH = "zero width"
_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f"
_RUN = re.compile(f"[{_INVISIBLE}]+")
_FILLER = "\u200b"  # replaces a hidden character so that all others keep their positions


HEADING, PARAGRAPH, NOTE, ROW = "heading", "paragraph", "note", "row"
"""Kinds of blocks."""


class Run(NamedTuple):
    """A piece of text; `hidden` is why it is not visible on the page, or "". A mark has the numbers of its notes."""

    text: str
    hidden: str = ""
    notes: tuple[int, ...] = ()
    cell: int = 0  # its place in a row, from 0


class Block(NamedTuple):
    """A heading, paragraph, table row or note, as every reader produces them; `note` is a note's number, else 0."""

    runs: tuple[Run, ...]
    kind: str = PARAGRAPH
    note: int = 0

    def printed(self) -> Iterator[Run]:
        """Yield its runs as a document's text shows them: numbers of notes as superscripts, tabs between cells."""
        yield from (Run(f"{superscript(str(self.note))} "),) if self.note else ()
        cell = 0
        for run in self.runs:
            yield from (Run("\t" * (run.cell - cell)),) if run.cell > cell else ()
            yield run._replace(text=superscript(run.text)) if run.notes else run
            cell = run.cell


def block_of(message: Sequence[Any]) -> Block:
    """Return a block that a process sent as lists."""
    runs, kind, note = message
    return Block(
        tuple(Run(text, hidden, tuple(notes), cell) for text, hidden, notes, cell in runs), str(kind), int(note)
    )


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
        for run in (Run("\n\n" if place else ""), *block.printed()):
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
