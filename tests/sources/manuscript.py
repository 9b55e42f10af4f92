"""A report as written by its author: paragraphs with note marks, and notes; the tests set documents from it."""

import re
from typing import NamedTuple

from g7tag.evidence.layout import Layout, read_layout
from g7tag.evidence.passage import Span, clean_passage
from g7tag.sources.marks import SUPERSCRIPTS, superscript


class Manuscript(NamedTuple):
    """Paragraphs (tab-separated table cells, superscript digits as marks), and notes by number."""

    paragraphs: list[str]
    notes: dict[int, str]


def manuscript_of(text: str) -> Manuscript:
    """Return the manuscript of a report's text; move the notes out of the paragraphs that they interrupt."""
    layout = read_layout(text)
    paragraphs = [_with_marks(text, paragraph.spans, layout) for paragraph in layout.paragraphs]
    notes: dict[int, str] = {}
    for note in layout.notes:
        whole = " ".join(" ".join(text[span.start : span.end].split()) for span in note.spans)
        notes[note.number] = re.sub(rf"^(?:[{SUPERSCRIPTS}]+|\d+) *", "", whole)
    return Manuscript(paragraphs, notes)


def _with_marks(text: str, spans: tuple, layout: Layout) -> str:
    """Return a paragraph's text with all its marks in superscript digits."""
    raw = text[spans[0].start : spans[-1].end]
    if "\t" in raw:
        return raw  # a row keeps its empty cells
    passage = clean_passage(text, spans, layout.numbers)
    pieces, marks, last = [], list(passage.notes), spans[0].start - 1
    for place, character in zip([*passage.places, spans[-1].end], [*passage.text, ""], strict=True):
        between = "".join(text[s.start : s.end] for s in _within(spans, last + 1, place))
        digits = "".join(c for c in between if c in SUPERSCRIPTS or c.isdecimal())
        while digits:
            number = str(marks.pop(0))
            digits = digits[len(number) :]
            pieces.append(superscript(number))
        pieces.append(character)
        last = place
    return "".join(pieces)


def _within(spans: tuple, start: int, end: int) -> list[Span]:
    """Return the parts of spans between two positions."""
    parts = [Span(max(span.start, start), min(span.end, end)) for span in spans]
    return [part for part in parts if part.start < part.end]
