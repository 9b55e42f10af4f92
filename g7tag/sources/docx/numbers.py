"""Numbers that Word counts and does not write: those of list items, numbered headings and notes."""

import re
from itertools import chain
from typing import NamedTuple

from g7tag.errors import SourceError
from g7tag.sources.archives import shorten
from g7tag.sources.docx.parts import NAMES, ON, Element, P, Parts, T, W, child, is_on, number, value
from g7tag.sources.marks import roman
from g7tag.text import listed

REFERENCES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
"""The elements that refer to notes in the text."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_LETTERS = 780  # zz...: like Word, at most 30 repeated letters
_LONGEST_TEXT = 255  # characters, as in Word
_TYPED = re.compile(r"\s*[1-9][0-9]{0,8}\s*")
_WITHOUT_NUMBER = {"bullet", "none"}
Key = tuple[str, str]
"""A note: its kind and its id in Word."""


class _List(NamedTuple):
    """A list: its counter, which lists may share; its levels; and the levels that restart, with their start."""

    counter: str
    levels: dict[int, Element]
    starts: dict[int, int]


class Lists:
    """The lists of a document and their current counts; paragraphs must be passed in reading order."""

    def __init__(self, part: Element) -> None:
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        abstracts = {value(each, "abstractNumId"): each for each in part.iterfind("w:abstractNum", NAMES)}
        styled = {value(child(each, "w:styleLink")): name for name, each in abstracts.items()}
        for each in part.iterfind("w:num", NAMES):
            counter = value(child(each, "w:abstractNumId"))
            style = value(child(abstracts.get(counter), "w:numStyleLink"))
            counter = styled.get(style, counter) if style else counter
            if counter in abstracts:
                self._lists.setdefault(value(each, "numId"), _read_list(counter, abstracts[counter], each))

    def next_number(self, name: str, at: int) -> str:
        """Return what Word prints before the next paragraph of a list at a level, including the following space."""
        found = self._lists.get(name)
        if found is None or at not in found.levels:
            return ""
        counts = self._count(name, found, at)
        level = found.levels[at]
        if value(child(level, "w:numFmt")) == "bullet":
            return ""
        is_legal = is_on(child(level, "w:isLgl"))

        def printed(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            if place not in found.levels:
                return ""
            style = value(child(found.levels[place], "w:numFmt"))
            count = counts.get(place, _start(found.levels[place]))
            return _print_number(count, "decimal" if is_legal and style not in _WITHOUT_NUMBER else style)

        text = re.sub(r"%([1-9])", printed, value(child(level, "w:lvlText"))[:_LONGEST_TEXT])
        space = "" if value(child(level, "w:suff")) == "nothing" else " "
        return text + space if text.strip() else ""

    def _count(self, name: str, found: _List, at: int) -> dict[int, int]:
        """Increase the count of a level, and restart the levels below it."""
        counts = self._counts.setdefault(found.counter, {})
        if at in found.starts and (name, at) not in self._begun:
            counts[at] = found.starts[at]
        else:
            counts[at] = counts.get(at, _start(found.levels[at]) - 1) + 1
        self._begun.add((name, at))
        for above in [place for place in found.levels if place < at]:  # skipped levels count as started
            counts.setdefault(above, _start(found.levels[above]))
        for below in [place for place in counts if place > at]:
            restart = number(value(child(found.levels.get(below), "w:lvlRestart")), -1)  # -1: after any higher level
            if restart < 0 or at < restart:
                del counts[below]
        return counts


def number_notes(parts: Parts) -> tuple[dict[Key, int], list[tuple[int, Element]]]:
    """Return the number of each note that the text cites, and these notes by number."""
    numbers: dict[Key, int] = {}
    held: dict[Key, Element] = {}
    for kind, part in (("footnote", parts.footnotes), ("endnote", parts.endnotes)):
        held |= {
            (kind, value(each, "id")): each
            for each in part.iterfind(f"w:{kind}", NAMES)
            if value(each, "type") in {"", "normal"}  # others are separator lines
        }
        counted = _count_marks(parts, kind)
        missing = [name for _, name in counted.keys() - held.keys()]
        if missing:
            msg = (
                f"refers to {len(missing):,} missing {kind}s (Word ids {listed(map(shorten, missing))}). "
                "Expected the text of each; open it in Word, fix the notes and save it again."
            )
            raise SourceError(msg)
        shift = max(numbers.values()) if set(counted.values()) & set(numbers.values()) else 0
        numbers |= {key: count + shift for key, count in counted.items()}
    return numbers, sorted(((count, held[key]) for key, count in numbers.items()), key=lambda note: note[0])


def typed_number(mark: Element) -> Element | None:
    """Return the text in which the author typed a note's number, or None if Word counts."""
    following = mark.getnext() if value(mark, "customMarkFollows") in ON else None
    text = following.text if following is not None and following.tag == T else None
    return following if _TYPED.fullmatch(text or "") else None


def _print_number(count: int, style: str) -> str:
    """Return a number as a list prints it; unusual formats are printed in digits."""
    if style in _WITHOUT_NUMBER:
        return ""
    if style.endswith("Letter") and 0 < count <= _MOST_LETTERS:
        letters = _LETTERS[(count - 1) % 26] * ((count - 1) // 26 + 1)
        return letters.upper() if style == "upperLetter" else letters
    if style.endswith("Roman") and roman(count):
        return roman(count).upper() if style == "upperRoman" else roman(count)
    return f"{count:02d}" if style == "decimalZero" else str(count)


def _count_marks(parts: Parts, kind: str) -> dict[Key, int]:
    """Return the numbers of the notes of one kind; a section may set its first number."""
    ends = [child(each, "w:pPr/w:sectPr") for each in parts.document.iter(P)]
    sections = [*(end for end in ends if end is not None), child(parts.document, "w:body/w:sectPr")]
    usual = value(child(parts.settings, f"w:{kind}Pr/w:numStart"))
    starts = [max(number(value(child(each, f"w:{kind}Pr/w:numStart")) or usual, 1), 1) for each in sections]
    numbers: dict[Key, int] = {}
    signed: list[Key] = []  # notes with another mark than a number
    following, section = starts[0], 0
    for paragraph in chain.from_iterable(part.iter(P) for part in parts[:3]):
        for mark in paragraph.iter(f"{W}{kind}Reference"):
            key, typed = (kind, value(mark, "id")), typed_number(mark)
            if key in numbers:
                continue
            if typed is not None:
                numbers[key] = int(typed.text or "")
            elif value(mark, "customMarkFollows") in ON:
                signed.append(key)
            else:
                numbers[key], following = following, following + 1
        if child(paragraph, "w:pPr/w:sectPr") is not None:
            section += 1
            following = max([following, *starts[section : section + 1]])  # notes have no sections
    return {key: following + place for place, key in enumerate(signed)} | numbers


def _start(level: Element) -> int:
    return number(value(child(level, "w:start")), 0)


def _read_list(counter: str, abstract: Element, numbered: Element) -> _List:
    """Read a list: its levels and its overrides of them."""
    levels = [*abstract.iterfind("w:lvl", NAMES), *numbered.iterfind("w:lvlOverride/w:lvl", NAMES)]
    starts = numbered.iterfind("w:lvlOverride/w:startOverride", NAMES)
    return _List(
        counter,
        {number(value(each, "ilvl"), 0): each for each in levels},
        {number(value(each.getparent(), "ilvl"), 0): number(value(each), 1) for each in starts},
    )
