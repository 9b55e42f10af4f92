"""Set a manuscript as plain text, like extracted text: blocks of notes interrupt paragraphs between two words."""

import re
from collections.abc import Iterator
from itertools import groupby

from manuscript import Manuscript

from g7tag.sources.marks import SUPERSCRIPTS, superscript

ROOM = 3000
"""Characters of a page, including its notes."""
_SENTENCE_END = re.compile(rf"[.!?:]['\"”’)]*[{SUPERSCRIPTS}]*$")
_SHORTEST = 120
"""Least characters of an interrupted paragraph; headings and closing lines are shorter."""


def set_text(manuscript: Manuscript, *, room: int = ROOM) -> bytes:
    """Return the bytes of a text: an empty line between paragraphs and notes, each table row on a separate line.

    When a page is full, its notes follow. An item may be cut between any two words, other paragraphs only within a
    sentence because a cut between sentences cannot be detected. Notes without a mark come last.
    """
    blocks: list[str] = []
    waiting: list[int] = []
    left = room
    for paragraph in _paragraphs(manuscript.paragraphs):
        rest = paragraph
        while place := _place_to_cut(rest, left):
            blocks.append(rest[:place])
            waiting += manuscript.numbers_of(rest[:place])
            blocks += _set_notes(waiting, manuscript)
            rest, waiting, left = rest[place + 1 :], [], room
        blocks.append(rest)
        waiting += manuscript.numbers_of(rest)
        left -= len(rest) + sum(len(manuscript.notes[number]) for number in manuscript.numbers_of(rest))
        if left <= 0 and _SENTENCE_END.search(rest):
            blocks += _set_notes(waiting, manuscript)
            waiting, left = [], room
    marked = {number for paragraph in manuscript.paragraphs for number in manuscript.numbers_of(paragraph)}
    blocks += _set_notes([*waiting, *(number for number in manuscript.notes if number not in marked)], manuscript)
    return ("\n\n".join(blocks) + "\n").encode()


def _paragraphs(paragraphs: list[str]) -> Iterator[str]:
    """Paragraphs, the rows of a table as one."""
    for is_table, group in groupby(paragraphs, key=lambda paragraph: "\t" in paragraph):
        its = list(group)
        yield from ["\n".join(its)] if is_table else its


def _place_to_cut(paragraph: str, left: int) -> int:
    """Return the last space before which the words fit on the page, or 0 if the paragraph is not cut."""
    if "\t" in paragraph or len(paragraph) < max(_SHORTEST, left) or left <= 0:
        return 0
    item = paragraph.startswith("On ")
    spaces = [space.start() for space in re.finditer(" ", paragraph[:left])]
    return next((place for place in reversed(spaces) if item or not _SENTENCE_END.search(paragraph[:place])), 0)


def _set_notes(numbers: list[int], manuscript: Manuscript) -> list[str]:
    return [f"{superscript(str(number))} {manuscript.notes[number]}" for number in numbers]
