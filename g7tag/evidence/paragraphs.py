"""Tell headings, items and page furniture from running text, and join the paragraphs that a page's end cut in two."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from g7tag.evidence.dates import MONTH
from g7tag.evidence.passage import Span
from g7tag.evidence.urls import ends_sentence, looks_like_url
from g7tag.sources import SUPERSCRIPTS
from g7tag.sources.headings import (
    ASSESSMENT,
    CHAPTER_HEADING,
    CLOSING_LINE,
    CONCLUSION_START,
    ITEM_START,
    MEMBER_HEADING,
    part_heading,
)

UNDATED_START = re.compile(rf"\s*(?:On|In|From|Between|Since|During|By|As of)\b[^.]{{0,40}}?\b(?:{MONTH}|\d{{4}})\b")
"""How an item may open whose day cannot be read: In July 2024; On 5 July; Between 5 and 30 July."""
_LINE = re.compile(r"[^\n\f]+")
_PAGE_NUMBER = re.compile(r"\s*(?:[Pp]age )?\d{1,4}\s*$")
_LONGEST_FURNITURE = 80  # characters of a running head
_FEWEST_REPEATS = 3
_AVERAGE = re.compile(r"Average\b")  # several chapters may print the same
_ASSESSMENT = re.compile(rf"^\s*{ASSESSMENT}\s*:?\s*$", re.MULTILINE | re.IGNORECASE)
_HEADED = 3_000  # characters within which a chapter's heading, unlike a running head, is followed by its assessment
_FINISHED = re.compile(r"[.!?…:;]['\"”’)\]]*$")


class Paragraph(NamedTuple):
    """Body text in one piece or several; `interrupted` says that notes stood right before its first piece."""

    spans: list[Span]
    interrupted: bool


def join_paragraphs(text: str, paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Put together again what a block of notes or the end of a page cut in two."""
    joined: list[Paragraph] = []
    for paragraph in paragraphs:
        if joined and _goes_on(text, joined[-1], paragraph):
            joined[-1].spans.extend(paragraph.spans)
        else:
            joined.append(Paragraph(list(paragraph.spans), paragraph.interrupted))
    return joined


def lines_of(text: str) -> Iterator[Span]:
    """Return the spans of a text's lines."""
    return (Span(*match.span()) for match in _LINE.finditer(text))


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
        if _PAGE_NUMBER.match(content) or (len(lines) >= _FEWEST_REPEATS and not ends_sentence(content))
        for line in lines
    }


def stands_alone(content: str, *, item: bool = True) -> bool:
    """Whether a line is a heading, a table row or a closing line, or (with `item`) opens an item or a conclusion."""
    alone = MEMBER_HEADING.match(content) or CLOSING_LINE.match(content) or "\t" in content
    return bool(alone or (item and (ITEM_START.match(content) or CONCLUSION_START.match(content))))


def _goes_on(text: str, before: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph is the rest of the one before it."""
    head = text[before.spans[-1].start : before.spans[-1].end]
    tail = text[after.spans[0].start : after.spans[0].end]
    if stands_alone(tail) or stands_alone(head, item=False):
        return False
    finished = _FINISHED.search(re.sub(rf"[{SUPERSCRIPTS}]+|(?<=[.\"”])\d+$", "", head).rstrip())
    lower = tail.lstrip()[:1].islower()
    return lower if finished or not after.interrupted else True
