"""Number the footnotes and endnotes of a Word document."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from g7tag.errors import SourceError
from g7tag.sources.archives import shorten
from g7tag.sources.docx.elements import Element, child, kind, number, seen_children, text_of, value
from g7tag.sources.docx.parts import Parts
from g7tag.text import listed

REFERENCES = {"w:footnoteReference": "footnote", "w:endnoteReference": "endnote"}
"""The elements that refer to notes in the text."""
_SEPARATORS = {"separator", "continuationSeparator", "continuationNotice"}


class Note(NamedTuple):
    """A note and its number."""

    number: int
    element: Element


class NumberedNotes(NamedTuple):
    """The number of each note by its kind and its id in Word; and all notes, sorted by number."""

    numbers: dict[tuple[str, str], int]
    listed: list[Note]


def number_notes(parts: Parts) -> NumberedNotes:
    """Return the notes of a document with their numbers."""
    marks = [mark for part in (parts.document, parts.footnotes, parts.endnotes) for mark in _marks(part)]
    every = {_key(each) for each in parts.document.iter("*") if kind(each) in REFERENCES}
    deleted = every - set(map(_key, marks))
    numbers: dict[tuple[str, str], int] = {}
    notes: list[tuple[tuple[str, str], Element]] = []
    for each, part in (("footnote", parts.footnotes), ("endnote", parts.endnotes)):
        held = _read_notes(part)
        own = [mark for mark in marks if REFERENCES.get(kind(mark), each) == each]  # its marks, and section ends
        _check_marks(own, {key for key, _ in held}, each)
        counted = _count_marks(own, _starts(own, parts, each))
        if set(counted.values()) & set(numbers.values()):
            counted = _count_marks(own, [max(numbers.values()) + 1])
        numbers |= counted
        notes += [(key, element) for key, element in held if key not in deleted]
    following = max(numbers.values(), default=_starts(marks, parts, "footnote")[0] - 1) + 1
    for key, _ in notes:
        if key not in numbers:
            numbers[key], following = following, following + 1
    return NumberedNotes(
        numbers, sorted((Note(numbers[key], each) for key, each in notes), key=lambda note: note.number)
    )


def typed_mark(reference: Element) -> str:
    """Return the mark that the author typed instead of Word's number, or "" if Word counts."""
    following = reference.getnext()
    if value(reference, "customMarkFollows").lower() not in {"1", "true", "on"} or following is None:
        return ""
    return text_of(following).strip() if kind(following) == "w:t" else ""


def is_typed_number(reference: Element) -> bool:
    """Return whether the author typed the number of a note."""
    typed = typed_mark(reference)
    return typed.isascii() and typed.isdecimal()


def _marks(element: Element | None) -> Iterator[Element]:
    """Yield the note marks and the section ends, in order."""
    for seen in seen_children(element) if element is not None else ():
        if kind(seen) in REFERENCES:
            yield seen
        else:
            yield from _marks(seen)
            section = child(seen, "w:pPr", "w:sectPr") if kind(seen) == "w:p" else None
            if section is not None:
                yield section


def _key(mark: Element) -> tuple[str, str]:
    """Return the key of a note: its kind and its id in Word."""
    return REFERENCES.get(kind(mark), kind(mark)[2:]), value(mark, "id")


def _read_notes(part: Element | None) -> list[tuple[tuple[str, str], Element]]:
    """Return the key and the element of each note, without separator lines."""
    notes = [each for each in part if kind(each)[2:] in REFERENCES.values()] if part is not None else []
    return [(_key(each), each) for each in notes if value(each, "type") not in _SEPARATORS]


def _check_marks(marks: Iterable[Element], held: set[tuple[str, str]], each: str) -> None:
    missing = {value(mark, "id") for mark in marks if kind(mark) in REFERENCES and _key(mark) not in held}
    if missing:
        msg = (
            f"refers to {len(missing):,} missing {each}s (Word ids {listed(map(shorten, missing))}). "
            "Expected the text of each; open it in Word, fix the notes and save it again."
        )
        raise SourceError(msg)


def _starts(marks: Iterable[Element], parts: Parts, each: str) -> list[int]:
    """Return the first note number of each section."""
    usual = value(child(parts.settings, f"w:{each}Pr", "w:numStart"))
    sections = [mark for mark in marks if kind(mark) == "w:sectPr"]
    last = child(parts.document, "w:body", "w:sectPr")
    own = [value(child(section, f"w:{each}Pr", "w:numStart")) for section in (*sections, last) if section is not None]
    return [max(number(start or usual, 1), 0) for start in own or [""]]


def _count_marks(marks: Iterable[Element], starts: list[int]) -> dict[tuple[str, str], int]:
    """Map the key of each marked note to its number; `starts` may have fewer sections than the text."""
    numbers: dict[tuple[str, str], int] = {}
    following, section = starts[0], 0
    for mark in marks:
        if kind(mark) == "w:sectPr":
            section += 1
            following = max([following, *starts[section : section + 1]])
        elif _key(mark) not in numbers:
            if is_typed_number(mark):
                numbers[_key(mark)] = number(typed_mark(mark), following)
            elif not typed_mark(mark):
                numbers[_key(mark)], following = following, following + 1
    return numbers
