"""Give each footnote and endnote of a Word document the number that stands for it in the text."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from g7tag.errors import SourceError, listed
from g7tag.sources.docx.archives import shorten
from g7tag.sources.docx.elements import Element, child, kind, number, seen_children, text_of, value
from g7tag.sources.docx.parts import Parts

REFERENCES = {"w:footnoteReference": "footnote", "w:endnoteReference": "endnote"}
"""The elements that mark notes in the text."""
_SEPARATORS = {"separator", "continuationSeparator", "continuationNotice"}


class Note(NamedTuple):
    """A note and its number."""

    number: int
    element: Element


class NumberedNotes(NamedTuple):
    """The number of each note that the text marks, by its kind and Word's own id; and all notes, by number."""

    numbers: dict[tuple[str, str], int]
    listed: list[Note]


def number_notes(parts: Parts) -> NumberedNotes:
    """Return the notes of a document with their numbers.

    Footnotes are counted through the document from the number that it or its first section starts with; a later section
    that starts with a higher one goes on from there. Where Word would begin anew on each page or in each section,
    numbers would repeat: they go on. They are digits, also where Word prints i or a. A mark that the author typed is
    the note's number where it is digits. Endnotes are counted so too, but go on behind the last footnote where a number
    would be both's. Notes that no number was found for (never marked, or marked by a sign) follow behind the last.
    Notes whose only mark is deleted are left out.

    Parameters
    ----------
    parts
        The document's parts.

    Returns
    -------
    NumberedNotes
        Both are empty for a document without notes.

    Raises
    ------
    SourceError
        The text marks a note that the document does not hold.
    """
    marks = [mark for part in (parts.document, parts.footnotes, parts.endnotes) for mark in _marks(part)]
    deleted = _all_marks(parts.document) - set(map(_key, marks))
    numbers: dict[tuple[str, str], int] = {}
    notes: list[tuple[tuple[str, str], Element]] = []
    for each, part in (("footnote", parts.footnotes), ("endnote", parts.endnotes)):
        held = _read_notes(part)
        own = [mark for mark in marks if REFERENCES.get(kind(mark), each) == each]  # its marks, and ends of sections
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
    return NumberedNotes(numbers, sorted((Note(numbers[key], element) for key, element in notes), key=_by_number))


def typed_mark(reference: Element) -> str:
    """Return the mark that an author typed in place of Word's number, "" where Word counts."""
    following = reference.getnext()
    if value(reference, "customMarkFollows").lower() not in {"1", "true", "on"} or following is None:
        return ""
    return text_of(following).strip() if kind(following) == "w:t" else ""


def is_typed_number(reference: Element) -> bool:
    """Return whether an author typed a note's number."""
    typed = typed_mark(reference)
    return typed.isascii() and typed.isdecimal()


def _marks(element: Element | None) -> Iterator[Element]:
    """The marks of notes and the ends of sections, in order."""
    for seen in seen_children(element) if element is not None else ():
        if kind(seen) in REFERENCES:
            yield seen
        else:
            yield from _marks(seen)
            section = child(seen, "w:pPr", "w:sectPr") if kind(seen) == "w:p" else None
            if section is not None:
                yield section


def _all_marks(document: Element) -> set[tuple[str, str]]:
    """Keys of all marks of the document, deleted or not."""
    return {_key(each) for each in document.iter("*") if kind(each) in REFERENCES}


def _key(mark: Element) -> tuple[str, str]:
    """What tells a note from all others: its kind and Word's own id."""
    return REFERENCES.get(kind(mark), kind(mark)[2:]), value(mark, "id")


def _read_notes(part: Element | None) -> list[tuple[tuple[str, str], Element]]:
    """Key and element of each note; the lines that part notes from the text are none."""
    notes = [each for each in part if kind(each)[2:] in REFERENCES.values()] if part is not None else []
    return [(_key(each), each) for each in notes if value(each, "type") not in _SEPARATORS]


def _check_marks(marks: Iterable[Element], held: set[tuple[str, str]], each: str) -> None:
    missing = {value(mark, "id") for mark in marks if kind(mark) in REFERENCES and _key(mark) not in held}
    if missing:
        msg = (
            f"marks {len(missing):,} {each}s that it does not hold (Word's ids {listed(map(shorten, missing))}). "
            "Expected the text of each; open it in Word, mend them and save it again."
        )
        raise SourceError(msg)


def _starts(marks: Iterable[Element], parts: Parts, each: str) -> list[int]:
    """The number that notes start with in each section."""
    usual = value(child(parts.settings, f"w:{each}Pr", "w:numStart"))
    sections = [mark for mark in marks if kind(mark) == "w:sectPr"]
    last = child(parts.document, "w:body", "w:sectPr")
    own = [value(child(section, f"w:{each}Pr", "w:numStart")) for section in (*sections, last) if section is not None]
    return [max(number(start or usual, 1), 0) for start in own or [""]]


def _count_marks(marks: Iterable[Element], starts: list[int]) -> dict[tuple[str, str], int]:
    """Key -> number of each note that is marked; `starts` may have fewer sections than the text."""
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


def _by_number(note: Note) -> int:
    return note.number
