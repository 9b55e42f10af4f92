"""Clean text with the document offset of each character, and its sentences."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import sentencex

from g7tag.sources import SUPERSCRIPTS, superscript_number

_WITHIN_NUMBER = r"(?<!\d[,:])(?!(?<=\d\.)\d{1,3}(?!\d))"  # no marks in 15,200 or 10:30 or 3.2
_MARK = re.compile(rf"[{SUPERSCRIPTS}]+|(?<=[.,;:!?\"”’')\]]){_WITHIN_NUMBER}\d{{1,5}}(?!\d)")
_LEAST_ALONE = 3  # superscript digits that are a mark even if the text has no notes; fewer may be a power
_MOST_DIGITS = 200  # in the joined marks of several notes; more digits are not a mark
_SPACE = re.compile(r"\s")
_INVISIBLE = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}  # soft hyphen, zero-width marks
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_PLAIN = str.maketrans(dict.fromkeys(_INVISIBLE, "") | _LIGATURES)
_UNIT = re.compile(r"(?:^|[\s\d])(?:[kcm]?m|ft|mi)$")  # a square or cubic unit if ² or ³ follows
_BETWEEN_MARKS = re.compile(r"[,;]?\s*")


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a document's text."""

    start: int
    end: int


class Passage(NamedTuple):
    """Clean text, the document offset of each character, and the removed note numbers in order."""

    text: str
    places: list[int]
    notes: list[int]


def plain_letters(text: str) -> str:
    """Return text without invisible characters and with ligatures expanded."""
    return text.translate(_PLAIN)


def clean_passage(text: str, spans: Sequence[Span], notes: frozenset[int]) -> Passage:
    """Join spans of a document and remove note marks, line breaks and invisible characters."""
    characters: list[str] = []
    places: list[int] = []
    found: list[int] = []
    for span in spans:
        marks = _marks(text, span, notes, found)
        for place in (*range(span.start, span.end), span.end):
            character = " " if place == span.end or _SPACE.match(text, place) else text[place]
            if place in marks or (character == " " and (not characters or characters[-1] == " ")):
                continue
            letters = plain_letters(character)  # empty for an invisible character, several for a ligature
            characters += letters
            places += [place] * len(letters)
    while characters and characters[-1] == " ":
        characters.pop()
        places.pop()
    return Passage("".join(characters), places, found)


def _marks(text: str, span: Span, notes: frozenset[int], found: list[int]) -> set[int]:
    """Return the positions of note marks and the commas between them; append their numbers to `found`."""
    places: set[int] = set()
    end_of_last = -1
    for mark in _MARK.finditer(text, span.start, span.end):
        squared = mark[0] in "²³" and _UNIT.search(text, max(mark.start() - 4, 0), mark.start())
        numbers = [] if squared else _note_numbers(mark[0], notes)
        power = notes and not notes.issuperset(numbers) and text[mark.start() - 1 : mark.start()].isdecimal()
        if numbers and not power:  # 10¹² is a power if there is no note 12
            found += numbers
            listed = end_of_last >= 0 and _BETWEEN_MARKS.fullmatch(text, end_of_last, mark.start())
            places |= set(range(end_of_last if listed else mark.start(), mark.end()))
            end_of_last = mark.end()
    return places


def _note_numbers(mark: str, notes: frozenset[int]) -> list[int]:
    """Return the note numbers in a mark: one, several written together, or none (a power or another number)."""
    superscript = mark[0] in SUPERSCRIPTS
    if len(mark) > _MOST_DIGITS:
        return []
    number = superscript_number(mark)
    if number in notes or (superscript and not notes and len(mark) >= _LEAST_ALONE):
        return [number]
    width = len(str(max(notes))) if notes else 0
    if not superscript or not width:
        return []
    if width > 1 and len(mark) % width == 0:
        numbers = [superscript_number(mark[place : place + width]) for place in range(0, len(mark), width)]
        if all(number in notes for number in numbers):
            return numbers
    return [number] if len(mark) > 1 and len(mark) - width in {0, 1} else []  # a mark whose note is missing


class Sentence(NamedTuple):
    """A sentence and its span in the document's text (in characters, `end` exclusive)."""

    text: str
    start: int
    end: int


def split_sentences(passage: Passage) -> list[Sentence]:
    """Return the sentences of a passage; an empty passage has none."""
    sentences = []
    for found in sentencex.get_sentence_boundaries("en", passage.text):
        first, last = found["start_index"], found["end_index"]
        text = passage.text[first:last]
        if text.strip():
            first += len(text) - len(text.lstrip())
            last -= len(text) - len(text.rstrip())
            sentences.append(Sentence(passage.text[first:last], passage.places[first], passage.places[last - 1] + 1))
    return sentences
