"""Tell headings and items from running text, and put together the paragraphs that a page's end cut in two."""

import re
from typing import NamedTuple

from g7tag.evidence.passage import SUPERSCRIPTS, Span

ITEM_START = re.compile(r"\s*On \d{1,2} [A-Z][a-z]+ \d{4}\b")
MEMBER_HEADING = re.compile(r"\s*([A-Z][A-Za-z .'’-]{2,40}): ([+−–-]?[01])\s*$")
CLOSING_LINE = re.compile(r"\s*(?:Thus, |Analysts?: |Compliance Director: )")
_FINISHED = re.compile(r"[.!?…:;]['\"”’)\]]*$")


class Paragraph(NamedTuple):
    """Body text in one piece or several; `interrupted` says that notes stood right before its first piece."""

    spans: tuple[Span, ...]
    interrupted: bool


def join_paragraphs(text: str, paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Put together again what a block of notes or the end of a page cut in two."""
    joined: list[Paragraph] = []
    for paragraph in paragraphs:
        if joined and _goes_on(text, joined[-1], paragraph):
            joined[-1] = joined[-1]._replace(spans=joined[-1].spans + paragraph.spans)
        else:
            joined.append(paragraph)
    return joined


def stands_alone(content: str, *, item: bool = True) -> bool:
    """Whether a line is a heading, a table row or a closing line, or (with `item`) opens an item."""
    alone = MEMBER_HEADING.match(content) or CLOSING_LINE.match(content) or "\t" in content
    return bool(alone or (item and ITEM_START.match(content)))


def _goes_on(text: str, before: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph is the rest of the one before it."""
    head = text[before.spans[-1].start : before.spans[-1].end]
    tail = text[after.spans[0].start : after.spans[0].end]
    if stands_alone(tail) or stands_alone(head, item=False):
        return False
    finished = _FINISHED.search(re.sub(rf"[{SUPERSCRIPTS}]+|(?<=[.\"”])\d+$", "", head).rstrip())
    lower = tail.lstrip()[:1].islower()
    return lower if finished or not after.interrupted else True
