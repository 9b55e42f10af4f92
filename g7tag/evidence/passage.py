"""Clean text with the document offset of each character, and its sentences."""

from typing import NamedTuple

import sentencex

from g7tag.sources import Block

_INVISIBLE = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}  # soft hyphen, zero-width marks
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_PLAIN = str.maketrans(dict.fromkeys(_INVISIBLE, "") | _LIGATURES)


class Passage(NamedTuple):
    """Clean text, the document offset of each character, and the removed note numbers in order."""

    text: str
    places: list[int]
    notes: list[int]
    interrupted: bool = False  # whether notes stand directly before it


def plain_letters(text: str) -> str:
    """Return text without invisible characters and with ligatures expanded."""
    return text.translate(_PLAIN)


def clean_passage(block: Block) -> Passage:
    """Return the text of a block without note marks, hidden text, line breaks and invisible characters."""
    characters: list[str] = []
    places: list[int] = []
    notes: list[int] = []

    def add(text: str, start: int) -> None:
        for place, letter in enumerate(text, start):
            character = " " if letter.isspace() else letter
            if character == " " and (not characters or characters[-1] == " "):
                continue
            letters = plain_letters(character)  # empty for an invisible character, several for a ligature
            characters.extend(letters)
            places.extend([place] * len(letters))

    end = None
    for run in block.runs:
        if end not in {None, run.start}:
            add(" ", end)
        if run.notes and not run.hidden:
            notes += run.notes
        elif not run.hidden:
            add(run.text, run.start)
        end = run.end
    while characters and characters[-1] == " ":
        characters.pop()
        places.pop()
    return Passage("".join(characters), places, notes, block.interrupted)


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
