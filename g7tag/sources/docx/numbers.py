"""Numbers that Word counts and does not write: those of list items, numbered headings and notes."""

import re
from itertools import chain
from typing import NamedTuple

from lxml import etree

from g7tag.sources.docx.parts import NAMES, ON, Element, P, Parts, T, W, child, number, value
from g7tag.sources.marks import roman

REFERENCES = (f"{W}footnoteReference", f"{W}endnoteReference")
"""The elements that refer to notes in the text."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_REPEATED = 30  # letters, as in Word: a to z, aa to zz, aaa
_FORMATS = {"decimal", "lowerLetter", "upperLetter", "lowerRoman", "upperRoman", "bullet", "none", ""}
_TYPED = re.compile(r"\s*[1-9][0-9]{0,8}\s*")
_SECTIONS = etree.XPath("//w:pPr/w:sectPr | //w:body/w:sectPr", namespaces=NAMES)
Key = tuple[str, str]
"""A note: the tag of its marks and its id in Word."""


class _List(NamedTuple):
    """A list: its counts by level, which lists may share; its levels; and the starts of those that restart once."""

    counts: dict[int, int]
    levels: dict[int, Element]
    restarts: dict[int, int]


class Lists:
    """The lists of a document and their current counts; paragraphs must be passed in reading order.

    `unread` is the first number that may differ from what Word prints.
    """

    def __init__(self, part: Element) -> None:
        self.unread = ""
        self._lists: dict[str, _List] = {}
        abstracts = {value(each, "abstractNumId"): each for each in part.iterfind("w:abstractNum", NAMES)}
        styles = {value(child(each, "w:styleLink")): name for name, each in abstracts.items()}
        counts: dict[str, dict[int, int]] = {name: {} for name in abstracts}
        for each in part.iterfind("w:num", NAMES):
            name = value(child(each, "w:abstractNumId"))
            link = value(child(abstracts.get(name), "w:numStyleLink"))
            name = styles.get(link, name) if link else name
            if name in abstracts:
                levels = [*abstracts[name].iterfind("w:lvl", NAMES), *each.iterfind("w:lvlOverride/w:lvl", NAMES)]
                starts = each.iterfind("w:lvlOverride/w:startOverride", NAMES)
                self._lists[value(each, "numId")] = _List(
                    counts[name],
                    {number(value(level, "ilvl"), 0): level for level in levels},
                    {number(value(start.getparent(), "ilvl"), 0): number(value(start), 1) for start in starts},
                )

    def next_number(self, name: str, at: int) -> str:
        """Return what Word prints before the next paragraph of a list at a level, including the following space."""
        counts, levels, restarts = self._lists.get(name, _List({}, {}, {}))
        if at not in levels:
            return ""
        for place, level in levels.items():
            start = number(value(child(level, "w:start")), 0)
            if place < at:
                counts.setdefault(place, start)  # passed over
            elif place == at:
                counts[at] = restarts.pop(at, counts.get(at, start - 1) + 1)
            else:
                counts.pop(place, None)

        def printed(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            return _print_number(counts[place], levels[place]) if place in counts and place in levels else ""

        style, text = _format(levels[at]), value(child(levels[at], "w:lvlText"))
        text = re.sub(r"%([1-9])", printed, text if style != "bullet" else "")
        if style not in _FORMATS or levels[at].xpath("w:isLgl | w:lvlRestart", namespaces=NAMES):
            self.unread = self.unread or text
        return f"{text} " if text.strip() else ""


def number_notes(parts: Parts) -> tuple[dict[Key, int], list[tuple[int, Element]]]:
    """Return the number of each note that the text cites, and these notes by number."""
    numbers: dict[Key, int] = {}
    cited: list[tuple[int, Element]] = []
    for reference, part in zip(REFERENCES, (parts.footnotes, parts.endnotes), strict=True):
        counted = _count_marks(parts, reference)
        shift = max(numbers.values()) if set(counted.values()) & set(numbers.values()) else 0
        numbers |= {key: count + shift for key, count in counted.items()}
        notes = {(reference, value(each, "id")): each for each in part}
        cited += [(numbers[key], note) for key, note in notes.items() if key in numbers]
    return numbers, sorted(cited, key=lambda note: note[0])


def typed_number(mark: Element) -> Element | None:
    """Return the text in which the author typed a note's number, or None if Word counts."""
    following = mark.getnext() if value(mark, "customMarkFollows") in ON else None
    text = following.text if following is not None and following.tag == T else None
    return following if _TYPED.fullmatch(text or "") else None


def _count_marks(parts: Parts, reference: str) -> dict[Key, int]:
    """Return the numbers of the notes of one kind; those with another mark than a number are counted last."""
    path = f"w:{reference.removeprefix(W).removesuffix('Reference')}Pr/w:numStart"

    def first(section: Element | None) -> int:
        return max(number(value(child(section, path)) or value(child(parts.settings, path)), 1), 1)

    sections = iter(_SECTIONS(parts.document))
    following = first(next(sections, None))
    numbers: dict[Key, int] = {}
    signed: dict[Key, int] = {}
    for paragraph in chain.from_iterable(part.iter(P) for part in parts[:3]):
        for mark in paragraph.iter(reference):
            key, typed = (reference, value(mark, "id")), typed_number(mark)
            if typed is not None:
                numbers.setdefault(key, int(typed.text or ""))
            elif value(mark, "customMarkFollows") in ON:
                signed.setdefault(key, len(signed))
            elif key not in numbers:
                numbers[key], following = following, following + 1
        if child(paragraph, "w:pPr/w:sectPr") is not None:  # the section ends
            following = max(following, first(next(sections, None)))
    return {key: following + place for key, place in signed.items()} | numbers


def _print_number(count: int, level: Element) -> str:
    """Return a number as a level prints it; unusual formats are printed in digits."""
    style = _format(level)
    if style in {"bullet", "none"}:
        return ""
    letters = _LETTERS[(count - 1) % 26] * min((count - 1) // 26 + 1, _MOST_REPEATED)
    text = {"Letter": letters, "Roman": roman(count)}.get(style[len("upper") :]) or str(count)
    return text.upper() if style.startswith("upper") else text


def _format(level: Element) -> str:
    return value(child(level, "w:numFmt"))
