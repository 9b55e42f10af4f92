"""Numbers that Word counts and does not write: those of list items, numbered headings and notes."""

import re
from itertools import chain

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
"""A note: its tag and its id in Word."""


class Lists:
    """The lists of a document and their current counts; paragraphs must be passed in reading order.

    `unread` is the first number that may differ from what Word prints.
    """

    def __init__(self, part: Element) -> None:
        self.unread = ""
        self._counters: dict[str, str] = {}  # lists may share one
        self._levels: dict[tuple[str, int], Element] = {}
        self._restarts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        abstracts = {value(each, "abstractNumId"): each for each in part.iterfind("w:abstractNum", NAMES)}
        styles = {value(child(each, "w:styleLink")): name for name, each in abstracts.items()}
        for each in part.iterfind("w:num", NAMES):
            name, counter = value(each, "numId"), value(child(each, "w:abstractNumId"))
            link = value(child(abstracts.get(counter), "w:numStyleLink"))
            counter = styles.get(link, counter) if link else counter
            usual = abstracts[counter].iterfind("w:lvl", NAMES) if counter in abstracts else ()
            self._counters[name] = counter
            for level in (*usual, *each.iterfind("w:lvlOverride/w:lvl", NAMES)):
                self._levels[name, number(value(level, "ilvl"), 0)] = level
            for start in each.iterfind("w:lvlOverride/w:startOverride", NAMES):
                self._restarts[name, number(value(start.getparent(), "ilvl"), 0)] = number(value(start), 1)

    def next_number(self, name: str, at: int) -> str:
        """Return what Word prints before the next paragraph of a list at a level, including the following space."""
        level = self._levels.get((name, at))
        if level is None:
            return ""
        counts = self._count(name, at)
        if _format(level) == "bullet":
            return ""

        def printed(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            return _print_number(counts[place], _format(self._levels[name, place])) if place in counts else ""

        text = re.sub(r"%([1-9])", printed, value(child(level, "w:lvlText")))
        if _format(level) not in _FORMATS or level.xpath("w:isLgl | w:lvlRestart", namespaces=NAMES):
            self.unread = self.unread or text
        return f"{text} " if text.strip() else ""

    def _count(self, name: str, at: int) -> dict[int, int]:
        """Increase the count of a level, restart those below it, and start those above it that were passed over."""
        before = self._counts.get(self._counters[name], {})
        counts: dict[int, int] = {}
        for place in range(at + 1):
            if (name, place) in self._levels:
                start = number(value(child(self._levels[name, place], "w:start")), 0)
                counts[place] = before.get(place, start if place < at else start - 1)
        counts[at] = self._restarts.pop((name, at), counts[at] + 1)
        self._counts[self._counters[name]] = counts
        return counts


def number_notes(parts: Parts) -> tuple[dict[Key, int], list[tuple[int, Element]]]:
    """Return the number of each note that the text cites, and these notes by number."""
    numbers: dict[Key, int] = {}
    for reference in REFERENCES:
        counted = _count_marks(parts, reference)
        shift = max(numbers.values()) if set(counted.values()) & set(numbers.values()) else 0
        numbers |= {key: count + shift for key, count in counted.items()}
    notes = {(str(each.tag), value(each, "id")): each for part in (parts.footnotes, parts.endnotes) for each in part}
    cited = [(count, notes[key]) for key, count in numbers.items() if key in notes]
    return numbers, sorted(cited, key=lambda note: note[0])


def note_of(mark: Element) -> Key:
    """Return the note that a mark refers to."""
    return str(mark.tag).removesuffix("Reference"), value(mark, "id")


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
            key, typed = note_of(mark), typed_number(mark)
            if typed is not None:
                numbers.setdefault(key, int(typed.text or ""))
            elif value(mark, "customMarkFollows") in ON:
                signed.setdefault(key, len(signed))
            elif key not in numbers:
                numbers[key], following = following, following + 1
        if child(paragraph, "w:pPr/w:sectPr") is not None:  # the section ends
            following = max(following, first(next(sections, None)))
    return {key: following + place for key, place in signed.items()} | numbers


def _print_number(count: int, style: str) -> str:
    """Return a number as a list prints it; unusual formats are printed in digits."""
    if style in {"bullet", "none"}:
        return ""
    letters = _LETTERS[(count - 1) % 26] * min((count - 1) // 26 + 1, _MOST_REPEATED)
    text = {"Letter": letters, "Roman": roman(count)}.get(style[len("upper") :]) or str(count)
    return text.upper() if style.startswith("upper") else text


def _format(level: Element) -> str:
    return value(child(level, "w:numFmt"))
