"""Running text that remembers where each character stood: pieces of a document joined, and split into sentences."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import sentencex

from g7tag.sources import SUPERSCRIPTS, superscript_number

_WITHIN_NUMBER = r"(?<!\d[,:])(?!(?<=\d\.)\d{1,3}(?!\d))"  # 15,200 and 10:30 and 3.2 hold no mark
_MARK = re.compile(rf"[{SUPERSCRIPTS}]+|(?<=[.,;:!?\"”’')\]]){_WITHIN_NUMBER}\d{{1,5}}(?!\d)")
_LEAST_ALONE = 3  # superscript digits that are a mark even where the text has no notes; fewer may be a power
_MOST_DIGITS = 200  # of the marks of several notes written together; more are no mark
_SPACE = re.compile(r"\s")
_INVISIBLE = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}  # soft hyphen, zero-width marks
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_PLAIN = str.maketrans(dict.fromkeys(_INVISIBLE, "") | _LIGATURES)
_UNIT = re.compile(r"(?:^|[\s\d])(?:[kcm]?m|ft|mi)$")  # a square or a cubic one, when ² or ³ follows
_BETWEEN_MARKS = re.compile(r"[,;]?\s*")


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a document's text."""

    start: int
    end: int


class Passage(NamedTuple):
    """Clean text, the document offset of each of its characters, and the note numbers taken out, in order."""

    text: str
    places: list[int]
    notes: list[int]


def plain_letters(text: str) -> str:
    """Return text without invisible characters and with ligatures spelt out.

    Examples
    --------
    >>> plain_letters("traf\u00adﬁc")
    'traffic'
    """
    return text.translate(_PLAIN)


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
        marks = _marks(text, span, notes, found)
        for place in (*range(span.start, span.end), span.end):
            character = " " if place == span.end or _SPACE.match(text, place) else text[place]
            if place in marks or (character == " " and (not characters or characters[-1] == " ")):
                continue
            letters = plain_letters(character)  # none of an invisible character, several of a ligature
            characters += letters
            places += [place] * len(letters)
    while characters and characters[-1] == " ":
        characters.pop()
        places.pop()
    return Passage("".join(characters), places, found)


def _marks(text: str, span: Span, notes: frozenset[int], found: list[int]) -> set[int]:
    """Places of a span that note marks take, with the comma between two of them; their numbers are added to `found`."""
    places: set[int] = set()
    end_of_last = -1
    for mark in _MARK.finditer(text, span.start, span.end):
        squared = mark[0] in "²³" and _UNIT.search(text, max(mark.start() - 4, 0), mark.start())
        numbers = [] if squared else _note_numbers(mark[0], notes)
        if numbers:
            found += numbers
            listed = end_of_last >= 0 and _BETWEEN_MARKS.fullmatch(text, end_of_last, mark.start())
            places |= set(range(end_of_last if listed else mark.start(), mark.end()))
            end_of_last = mark.end()
    return places


def _note_numbers(mark: str, notes: frozenset[int]) -> list[int]:
    """Numbers that a mark stands for: one, several written together, or none (a power, a number of the text)."""
    superscript = mark[0] in SUPERSCRIPTS
    if len(mark) > _MOST_DIGITS:
        return []
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


class Sentence(NamedTuple):
    """A sentence, and the span of the document's text that it came from (in characters, `end` exclusive)."""

    text: str
    start: int
    end: int


def split_sentences(passage: Passage) -> list[Sentence]:
    """Return the sentences of a passage; the empty passage has none.

    Examples
    --------
    >>> passage = Passage("Mr. Miller met the U.S. envoy. They talked.", list(range(43)), [])
    >>> [sentence.text for sentence in split_sentences(passage)]
    ['Mr. Miller met the U.S. envoy.', 'They talked.']
    """
    sentences = []
    for found in sentencex.get_sentence_boundaries("en", passage.text):
        first, last = found["start_index"], found["end_index"]
        text = passage.text[first:last]
        if text.strip():
            first += len(text) - len(text.lstrip())
            last -= len(text) - len(text.rstrip())
            sentences.append(Sentence(passage.text[first:last], passage.places[first], passage.places[last - 1] + 1))
    return sentences
