"""Identify headings, items and page furniture, and join paragraphs that were split by notes or page breaks."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from g7tag.evidence.dates import MONTH
from g7tag.evidence.passage import Span
from g7tag.evidence.urls import ends_sentence, looks_like_url
from g7tag.sources import SUPERSCRIPTS
from g7tag.sources.headings import (
    ASSESSMENT,
    AVERAGE,
    CHAPTER_HEADING,
    CLOSING_LINE,
    CONCLUSION_START,
    CREDIT,
    ITEM_START,
    MEMBER_HEADING,
    part_heading,
)

UNDATED_START = re.compile(rf"\s*(?:On|In|From|Between|Since|During|By|As of)\b[^.]{{0,40}}?\b(?:{MONTH}|\d{{4}})\b")
"""Start of an item without a readable date: In July 2024; On 5 July; Between 5 and 30 July."""
_LINE = re.compile(r"[^\n\f]+")
_PAGE_NUMBER = re.compile(r"\s*(?:[Pp]age )?(?!0\s*$)\d{1,4}\s*$")  # a 0 is a score
_LONGEST_FURNITURE = 80  # characters of a running head
_FEWEST_REPEATS = 3
_OPENER = re.compile(r"On|In|From|Between|Since|During|By|As of")  # the first words of an item that notes cut
_AVERAGE = re.compile(rf"{AVERAGE}\b")  # several chapters may print the same average
_HEADED = 3_000  # characters within which the assessment follows a chapter's heading, but not a running head
_CLOSES = re.compile(rf"\s*(?:Thus|Therefore)\b|{CREDIT.pattern}")
_FINISHED = re.compile(r"[.!?…:;]['\"”’)\]]*$")


class Paragraph(NamedTuple):
    """Body text in one or more pieces. `interrupted` is True if notes come directly before the first piece."""

    spans: list[Span]
    interrupted: bool


def join_paragraphs(text: str, paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Join paragraphs that a block of notes or a page break split."""
    joined: list[Paragraph] = []
    for paragraph in paragraphs:
        if joined and _continues(text, joined[-1], paragraph):
            joined[-1].spans.extend(paragraph.spans)
        else:
            joined.append(Paragraph(list(paragraph.spans), paragraph.interrupted))
    return joined


def lines_of(text: str) -> Iterator[Span]:
    """Return the spans of the lines of a text."""
    return (Span(*match.span()) for match in _LINE.finditer(text))


def page_furniture(text: str) -> set[Span]:
    """Return page numbers and running heads: isolated numbers, and short isolated lines that repeat."""
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
            and not is_separate_line(content)
            and not looks_like_url(content)
            and not _AVERAGE.match(content)
            and not _OPENER.fullmatch(content)
            and not (CHAPTER_HEADING.fullmatch(content) and _heads_assessment(text, line.end))
        ):
            alone.setdefault(content, []).append(line)
    return {
        line
        for content, lines in alone.items()
        if _PAGE_NUMBER.match(content) or (len(lines) >= _FEWEST_REPEATS and not ends_sentence(content))
        for line in lines
    }


def _heads_assessment(text: str, start: int) -> bool:
    """Whether the heading of an assessment follows soon."""
    return any(part_heading(line) == ASSESSMENT for line in text[start : start + _HEADED].splitlines())


def is_separate_line(content: str, *, item: bool = True) -> bool:
    """Return whether a line is a heading, table row or closing line, or (with `item`) starts an item or conclusion."""
    alone = MEMBER_HEADING.match(content) or CLOSING_LINE.match(content) or "\t" in content or _has_leaders(content)
    return bool(alone or (item and (ITEM_START.match(content) or CONCLUSION_START.match(content))))


def separates_lines(before: str, content: str) -> bool:
    """Return whether a line of a text is apart from the line before it; otherwise they are one paragraph."""
    comma = before.rstrip().endswith(",") and not _CLOSES.match(content)
    if is_separate_line(content) and not (comma and _is_worded(content)):
        return True
    return is_separate_line(before, item=False) and not (_is_worded(before) and content.lstrip()[:1].islower())


def _is_worded(content: str) -> bool:
    """Whether a line is no heading, row or start of an item: it is a conclusion, a closing or other text."""
    return not (MEMBER_HEADING.match(content) or ITEM_START.match(content) or "\t" in content or _has_leaders(content))


def _has_leaders(content: str) -> bool:
    """Whether a line ends with dots and a page number."""
    line = content.rstrip()
    head = line.rstrip("0123456789")
    return head != line and head.rstrip().endswith(("...", ". . ."))


def _continues(text: str, before: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph continues the one before it."""
    head = text[before.spans[-1].start : before.spans[-1].end]
    tail = text[after.spans[0].start : after.spans[0].end]
    if is_separate_line(tail) or is_separate_line(head, item=False):
        return False
    finished = _FINISHED.search(re.sub(rf"[{SUPERSCRIPTS}]+|(?<=[.\"”])\d+$", "", head).rstrip())
    lower = tail.lstrip()[:1].islower()
    return lower if finished or not after.interrupted else True
