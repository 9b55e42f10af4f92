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
    start: int = 0  # its place in the document's text

    @property
    def end(self) -> int:
        """The place behind its last character in the document's text."""
        return self.start + len(self.text)


class Block(NamedTuple):
    """A heading, paragraph, table row or note, as every reader produces them; `note` is a note's number, else 0."""

    runs: tuple[Run, ...]
    kind: str = PARAGRAPH
    note: int = 0
    interrupted: bool = False  # whether notes stand directly before it
    sure: bool = True  # whether all pieces of a note belong to it

    def revealed(self) -> "Block":
        """Return it with hidden text as visible."""
        return self._replace(runs=tuple(run._replace(hidden="") for run in self.runs))

    def pieces(self) -> list[str]:
        """Return its visible text in pieces, such as lines or cells, that do not adjoin in the document's text."""
        texts: list[str] = []
        end = -1
        for run in self.runs:
            if run.start != end:
                texts.append("")
            texts[-1] += "" if run.hidden else run.text
            end = run.end
        return texts

    def shown(self) -> str:
        """Return its text for people: marks in brackets, bars between cells, hidden text with the reason."""
        text, end, cell = "", -1, 0
        for run in self.runs:
            text += " | " if run.cell > cell else "" if run.start == end else " "
            own = f"[{','.join(map(str, run.notes))}]" if run.notes else re.sub(r"\t+", " | ", run.text.strip("\t"))
            text += f" [hidden, {run.hidden}: {own}] " if run.hidden and own.strip() else own
            end, cell = run.end, run.cell
        return " ".join(text.replace(_FILLER, "").split())

    def printed(self) -> Iterator[tuple[str, Run]]:
        """Yield its runs as the document's text shows them, each with what is printed before it: a number or tabs."""
        before, cell = f"{superscript(str(self.note))} " if self.note else "", 0
        for run in self.runs:
            shown = run._replace(text=superscript(run.text)) if run.notes else run
            yield before or "\t" * max(run.cell - cell, 0), shown
            before, cell = "", run.cell


def block_of(message: Sequence[Any]) -> Block:
    """Return a block that a process sent as lists."""
    runs, *rest = message
    return Block(tuple(Run(text, hidden, tuple(notes), *place) for text, hidden, notes, *place in runs), *rest)


class HiddenSpan(NamedTuple):
    """Hidden characters `start` to `end` (exclusive) of a document's text, and the reason."""

    start: int
    end: int
    why: str


class Printed(NamedTuple):
    """The text of a document with an empty line between blocks, its hidden spans, and its blocks with their places."""

    text: str
    hidden: list[HiddenSpan]
    blocks: list[Block]


def set_blocks(blocks: Iterable[Block]) -> Printed:
    """Return the text of a document."""
    pieces: list[str] = []
    hidden: list[HiddenSpan] = []
    placed: list[Block] = []
    length = 0
    for block in blocks:
        runs: list[Run] = []
        between = "\n\n" if placed else ""
        for before, run in block.printed():
            pieces += [between, before, run.text]
            start = length + len(between) + len(before)
            length, between = start + len(run.text), ""
            runs.append(run._replace(start=start))
            if run.hidden and run.text.strip():
                if hidden and hidden[-1].end == start and hidden[-1].why == run.hidden:
                    start = hidden.pop().start
                hidden.append(HiddenSpan(start, length, run.hidden))
        placed.append(block._replace(runs=tuple(runs)))
    return Printed("".join(pieces), hidden, placed)


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
