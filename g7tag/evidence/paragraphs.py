"""Tell headings, items and page furniture from running text, and join the paragraphs that a page's end cut in two."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from g7tag.evidence.dates import MONTH
from g7tag.evidence.grammar import ASSESSMENT, CHAPTER_HEADING, lays_out_page, part_heading, stands_alone
from g7tag.evidence.passage import Span
from g7tag.evidence.urls import ends_as_text, looks_like_url
from g7tag.sources import BlockSpan, ends_sentence

UNDATED_START = re.compile(rf"\s*(?:On|In|From|Between|Since|During|By|As of)\b[^.]{{0,40}}?\b(?:{MONTH}|\d{{4}})\b")
"""How an item may open whose day cannot be read: In July 2024; On 5 July; Between 5 and 30 July."""
_LINE = re.compile(r"[^\n\f]+")
_CELL = re.compile(r"[^\f\t]+")
_PAGE_NUMBER = re.compile(r"\s*(?:[Pp]age )?\d{1,4}\s*$")
_LONGEST_FURNITURE = 80  # characters of a running head
_FEWEST_REPEATS = 3
_AVERAGE = re.compile(r"Average\b")  # several chapters may print the same
_ASSESSMENT = re.compile(rf"^\s*{ASSESSMENT}\s*:?\s*$", re.MULTILINE | re.IGNORECASE)
_HEADED = 3_000  # characters within which a chapter's heading, unlike a running head, is followed by its assessment
_NO_REST = {"heading", "row"}  # of the paragraph before
_NO_BEGINNING = {"heading", "row"}  # of one that goes on behind it
_PLAIN_MARK = re.compile(r"(?<=[.\"”])\d+$")


class Paragraph(NamedTuple):
    """Body text in one piece or several; `interrupted` says that notes stood right before its first piece.

    `kind` is what the document's format says that it is, "" where it says nothing.
    """

    spans: list[Span]
    interrupted: bool
    kind: str = ""


def join_paragraphs(text: str, paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Put together again what a block of notes or the end of a page cut in two."""
    joined: list[Paragraph] = []
    for paragraph in paragraphs:
        if joined and _goes_on(text, joined[-1], paragraph):
            joined[-1].spans.extend(paragraph.spans)
        else:
            joined.append(paragraph._replace(spans=list(paragraph.spans)))
    return joined


def lines_of(text: str) -> Iterator[Span]:
    """Return the spans of a text's lines."""
    return (Span(*match.span()) for match in _LINE.finditer(text))


class BlockLine(NamedTuple):
    """A line of a block, what the block is, and whether the line begins it."""

    span: Span
    kind: str
    first: bool


def lines_of_blocks(text: str, blocks: Iterable[BlockSpan]) -> Iterator[BlockLine]:
    """Return the lines of blocks.

    A note is one, and a table's row, unless its cells lay out the page (one holds a member's heading or an item): then
    each cell has lines, of which the first is of the kind `cell`.
    """
    for block in blocks:
        whole = Span(block.start, block.end)
        if block.kind == "row":
            cells = [Span(*match.span()) for match in _CELL.finditer(text, block.start, block.end)]
            lines = [(line, place) for cell in cells for place, line in enumerate(_lines_within(text, cell))]
            if any(lays_out_page(text[line.start : line.end]) for line, _ in lines):
                yield from (BlockLine(line, "" if place else "cell", not place) for line, place in lines)
                continue
        parts = [whole] if block.kind in {"row", "note"} else list(_lines_within(text, whole))
        yield from (BlockLine(part, block.kind, not place) for place, part in enumerate(parts))


def _lines_within(text: str, span: Span) -> Iterator[Span]:
    return (Span(*match.span()) for match in _LINE.finditer(text, span.start, span.end))


def page_furniture(text: str) -> set[Span]:
    """Return the lines of the page: numbers that stand alone, and short lines that stand alone again and again."""
    alone: dict[str, list[Span]] = {}
    for line in lines_of(text):
        content = text[line.start : line.end].strip()
        before, after = text[max(line.start - 2, 0) : line.start], text[line.end : line.end + 2]
        isolated = before in {"", "\n", "\n\n"} or "\f" in before
        isolated = isolated and (after in {"", "\n", "\n\n"} or "\f" in after)
        if (
            isolated
            and len(content) <= _LONGEST_FURNITURE
            and not part_heading(content)
            and not stands_alone(content)
            and not looks_like_url(content)
            and not _AVERAGE.match(content)
            and not (CHAPTER_HEADING.fullmatch(content) and _ASSESSMENT.search(text, line.end, line.end + _HEADED))
        ):
            alone.setdefault(content, []).append(line)
    return {
        line
        for content, lines in alone.items()
        if _PAGE_NUMBER.match(content) or (len(lines) >= _FEWEST_REPEATS and not ends_as_text(content))
        for line in lines
    }


def _goes_on(text: str, before: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph is the rest of the one before it."""
    head = text[before.spans[-1].start : before.spans[-1].end]
    tail = text[after.spans[0].start : after.spans[0].end]
    if stands_alone(tail) or stands_alone(head, item=False):
        return False
    if after.kind in _NO_REST or before.kind in _NO_BEGINNING:
        return False
    finished = ends_sentence(_PLAIN_MARK.sub("", head))
    lower = tail.lstrip()[:1].islower()
    return lower if finished or not after.interrupted else True
