"""Pieces of a document joined into running text that remembers where each character stood."""

import re
from collections.abc import Sequence
from typing import NamedTuple

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TO_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")
_WITHIN_NUMBER = r"(?<!\d[,:])(?!(?<=\d\.)\d{1,3}(?!\d))"  # 15,200 and 10:30 and 3.2 hold no mark
_MARK = re.compile(rf"[{SUPERSCRIPTS}]+|(?<=[.,;:!?\"”’')\]]){_WITHIN_NUMBER}\d{{1,5}}(?!\d)")
_LEAST_ALONE = 3  # superscript digits that are a mark even where the text has no notes; fewer may be a power
_SPACE = re.compile(r"\s")
_INVISIBLE = {"\u00ad", "\u200b", "\ufeff"}  # soft hyphen, zero-width space, byte-order mark


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a document's text."""

    start: int
    end: int


class Passage(NamedTuple):
    """Clean text, the document offset of each of its characters, and the note numbers taken out, in order."""

    text: str
    places: list[int]
    notes: list[int]


def superscript_number(digits: str) -> int:
    """Return the number that superscript or plain digits write.

    Examples
    --------
    >>> superscript_number("⁴⁴¹⁴")
    4414
    """
    return int(digits.translate(_TO_DIGITS))


def clean_passage(text: str, spans: Sequence[Span], notes: frozenset[int]) -> Passage:
    r"""Join spans of a document, taking out note marks, line joins and invisible characters.

    Parameters
    ----------
    text
        The document's text.
    spans
        The pieces, in order; a space joins them. None give an empty passage.
    notes
        Numbers of the document's notes: plain digits after closing punctuation are a mark if they are one of these.

    Examples
    --------
    >>> clean_passage("They met.⁴⁴¹⁴ He left\nearly.", [Span(0, 28)], frozenset({4414}))[::2]
    ('They met. He left early.', [4414])
    """
    characters: list[str] = []
    places: list[int] = []
    found: list[int] = []
    for span in spans:
        marks: set[int] = set()
        for mark in _MARK.finditer(text, span.start, span.end):
            numbers = _note_numbers(mark[0], notes)
            if numbers:
                found += numbers
                marks |= set(range(mark.start(), mark.end()))
        for place in (*range(span.start, span.end), span.end):
            character = " " if place == span.end or _SPACE.match(text, place) else text[place]
            skipped = place in marks or character in _INVISIBLE
            if skipped or (character == " " and (not characters or characters[-1] == " ")):
                continue
            characters.append(character)
            places.append(place)
    while characters and characters[-1] == " ":
        characters.pop()
        places.pop()
    return Passage("".join(characters), places, found)


def _note_numbers(mark: str, notes: frozenset[int]) -> list[int]:
    """Numbers that a mark stands for: one, several written together, or none (a power, a number of the text)."""
    superscript = mark[0] in SUPERSCRIPTS
    number = superscript_number(mark)
    if number in notes or (superscript and not notes and len(mark) >= _LEAST_ALONE):
        return [number]
    width = len(str(max(notes))) if notes else 0
    if superscript and width and len(mark) % width == 0:
        numbers = [superscript_number(mark[place : place + width]) for place in range(0, len(mark), width)]
        known = all(number in notes for number in numbers)
        if known or (len(numbers) == 1 and width > 1):  # a mark whose note is missing is a mark all the same
            return numbers
    return []
