"""Numbers that Word puts before list items and numbered headings."""

import re
from typing import NamedTuple

from g7tag.sources.docx.elements import Element, child, is_on, kind, number, value
from g7tag.sources.marks import roman

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_LETTERS = 780  # zz...: like Word, at most 30 repeated letters
_LONGEST_TEXT = 255  # characters, as in Word
_LEVELS = range(9)  # Word has no more
_WITHOUT_NUMBER = {"bullet", "none"}


class Level(NamedTuple):
    """Numbering of a list level; `restart` is a level counted from 1, 0 for never, -1 for after any higher level."""

    start: int
    format: str
    text: str
    restart: int
    space: str
    style: str
    legal: bool


class List(NamedTuple):
    """A list: `counter` names its counter, which lists may share; `starts` maps levels that restart to their start."""

    counter: str
    levels: dict[int, Level]
    starts: dict[int, int]


class Lists:
    """The lists of a document and their current counts; paragraphs must be passed in reading order."""

    def __init__(self, part: Element | None, linked: dict[str, str]) -> None:
        """Read a document's lists; `linked` maps a list style to its list."""
        abstracts: dict[str, Element] = {}
        self._lists: dict[str, List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        numbered = [each for each in part if kind(each) == "w:num"] if part is not None else []
        for each in part if part is not None else ():
            if kind(each) == "w:abstractNum":
                abstracts.setdefault(value(each, "abstractNumId"), each)
        names = {value(each, "numId"): value(child(each, "w:abstractNumId")) for each in numbered}
        for each in numbered:
            counter = names[value(each, "numId")]
            style = value(child(abstracts.get(counter), "w:numStyleLink"))
            counter = names.get(linked.get(style, ""), counter) if style else counter
            if counter in abstracts:
                self._lists.setdefault(value(each, "numId"), _read_list(counter, abstracts[counter], each))

    def next_number(self, named: dict[str, str], *, style: str) -> str:
        """Return the number that Word prints before the next paragraph of a list, including the following space."""
        name = named.get("numId", "")
        found = self._lists.get(name) if name else None
        if found is None:
            return ""
        by_style = next((at for at, level in found.levels.items() if style and level.style == style), 0)
        at = number(named.get("ilvl", ""), by_style)
        if at not in found.levels:
            return ""
        level = found.levels[at]
        counts = self._count(name, found, at)
        if level.format == "bullet":
            return ""
        values = {place: counts.get(place, each.start) for place, each in found.levels.items()}
        text = re.sub(
            r"%([1-9])", lambda match: _print(found, values, int(match[1]) - 1, legal=level.legal), level.text
        )
        return text + level.space if text.strip() else ""

    def _count(self, name: str, found: List, at: int) -> dict[int, int]:
        """Increase the count of a level, and restart the levels below it."""
        counts = self._counts.setdefault(found.counter, {})
        if at in found.starts and (name, at) not in self._begun:
            counts[at] = found.starts[at]
        else:
            counts[at] = counts.get(at, found.levels[at].start - 1) + 1
        self._begun.add((name, at))
        for above in [place for place in found.levels if place < at]:  # skipped levels count as started
            counts.setdefault(above, found.levels[above].start)
        for below in [place for place in counts if place > at]:
            restart = found.levels[below].restart if below in found.levels else -1
            if restart < 0 or at < restart:
                del counts[below]
        return counts


def print_number(count: int, style: str) -> str:
    """Return a number as a list prints it; unusual formats are printed in digits."""
    if style in _WITHOUT_NUMBER:
        return ""
    if style.endswith("Letter") and 0 < count <= _MOST_LETTERS:
        letters = _LETTERS[(count - 1) % 26] * ((count - 1) // 26 + 1)
        return letters.upper() if style == "upperLetter" else letters
    if style.endswith("Roman") and roman(count):
        return roman(count).upper() if style == "upperRoman" else roman(count)
    return f"{count:02d}" if style == "decimalZero" else str(count)


def _print(found: List, values: dict[int, int], at: int, *, legal: bool) -> str:
    """Return the number of one level in the text of another; legal numbering uses only digits."""
    if at not in found.levels:
        return ""
    style = found.levels[at].format
    return print_number(values[at], "decimal" if legal and style not in _WITHOUT_NUMBER else style)


def _read_list(counter: str, abstract: Element, numbered: Element) -> List:
    """Read a list: its levels and its overrides of them."""
    levels = _read_levels(abstract)
    starts: dict[int, int] = {}
    for change in numbered:
        if kind(change) == "w:lvlOverride":
            at = number(value(change, "ilvl"), 0)
            levels |= _read_levels(change)
            if child(change, "w:startOverride") is not None:
                starts[at] = number(value(child(change, "w:startOverride")), 1)
    return List(counter, levels, starts)


def _read_levels(element: Element) -> dict[int, Level]:
    return {
        number(value(each, "ilvl"), 0): Level(
            start=number(value(child(each, "w:start")), 0),
            format=value(child(each, "w:numFmt")) or "decimal",
            text=value(child(each, "w:lvlText"))[:_LONGEST_TEXT],
            restart=number(value(child(each, "w:lvlRestart")), -1),
            space="" if value(child(each, "w:suff")) == "nothing" else " ",
            style=value(child(each, "w:pStyle")),
            legal=is_on(child(each, "w:isLgl")),
        )
        for each in element
        if kind(each) == "w:lvl" and number(value(each, "ilvl"), 0) in _LEVELS
    }
