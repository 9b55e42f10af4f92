"""What styles say of a run: hidden, superscript or in doubt; and the numbers of lists and notes, which Word counts."""

import re
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from lxml import etree

from g7tag.sources.docx.parts import NAMES, ON, Element, P, Parts, T, W, child, number, value
from g7tag.sources.marks import roman

Colors = frozenset[bytes]
"""Colors that may be behind a text, as red, green and blue; empty if nothing is known about them."""
Properties = dict[str, Element]
"""Properties by tag."""

_LEAST_SIZE = 4  # half-points; text smaller than 2 pt is unreadable
_LEAST_WHITE = 0xF5  # of 255, in red, green and blue
_NEAREST = 10  # of 255; colors that differ by at most this in each of red, green and blue look the same
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
    "yellow": "FFFF00", "white": "FFFFFF", "darkBlue": "00008B", "darkCyan": "008B8B", "darkGreen": "006400",
    "darkMagenta": "800080", "darkRed": "8B0000", "darkYellow": "808000", "darkGray": "A9A9A9", "lightGray": "D3D3D3",
}  # fmt: skip
_OFF = {"0", "false", "off"}
_MOST_BASES = 50  # in a chain of styles, which may be circular; Word allows 11
_HEADING = re.compile(r"heading|title", re.IGNORECASE)
_COLOR = re.compile(r"[0-9A-Fa-f]{6}")
_BODY = 9  # the outline level of text that is no heading
_DEFAULT = etree.XPath(
    "string(w:style[@w:type = 'paragraph'][@w:default = '1' or @w:default = 'true']/@w:styleId)", namespaces=NAMES
)
_MAY_HIDE = etree.XPath(
    "(//w14:textFill[w14:noFill or .//w14:alpha[@w14:val > 90000] or .//@w14:val[.='FFFFFF' or .='bg1' or .='lt1']]"
    " | //w:rPr/w:w[@w:val < 20]"
    " | //w:tr[.//w:t][w:trPr/w:hidden or w:trPr/w:trHeight[@w:hRule = 'exact' and @w:val < 40]])[1]",
    namespaces=NAMES,
)
"""The first rare property that may hide text: text effects, narrow letters, low and hidden rows."""
REFERENCES = (f"{W}footnoteReference", f"{W}endnoteReference")
"""The elements that refer to notes in the text."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_REPEATED = 30  # letters, as in Word: a to z, aa to zz, aaa
_FORMATS = {"decimal", "lowerLetter", "upperLetter", "lowerRoman", "upperRoman", "bullet", "none", ""}
_TYPED = re.compile(r"\s*[1-9][0-9]{0,8}\s*")
_SECTIONS = etree.XPath("//w:pPr/w:sectPr | //w:body/w:sectPr", namespaces=NAMES)
Key = tuple[str, str]
"""A note: the tag of its marks and its id in Word."""


class Look(NamedTuple):
    """How a run looks: why it is hidden, or ""; whether it may be hidden; whether it is superscript."""

    hidden: str
    may_hide: bool
    raised: bool


class Style(NamedTuple):
    """The properties that a style and its base styles give to runs and paragraphs, and the colors of their fills."""

    run: Properties
    paragraph: Properties
    fills: Colors
    is_heading: bool


class Styles:
    """The styles of a document."""

    def __init__(self, part: Element) -> None:
        self._elements = {value(each, "styleId"): each for each in part.iterfind("w:style", NAMES)}
        self._styles: dict[str, Style] = {}
        self._default = str(_DEFAULT(part))
        self._base = _properties(child(part, "w:docDefaults/w:rPrDefault/w:rPr"))

    def style(self, name: str) -> Style:
        """Return a style by name, or a plain style if the document does not contain it."""
        if name not in self._styles:
            chain: list[Element] = []
            base = name
            while base in self._elements and len(chain) < _MOST_BASES:
                chain.insert(0, self._elements[base])
                base = value(child(chain[0], "w:basedOn"))
            self._styles[name] = Style(
                _merged(_properties(child(each, "w:rPr")) for each in chain),
                _merged(_properties(child(each, "w:pPr")) for each in chain),
                frozenset[bytes]().union(*(shaded(fill) for each in chain for fill in each.iter(f"{W}shd"))),
                any(_HEADING.match(value(child(each, "w:name"))) for each in chain),
            )
        return self._styles[name]

    def of_paragraph(self, paragraph: Element) -> Style:
        """Return the style of a paragraph together with its own properties."""
        own = child(paragraph, "w:pPr")
        style = self.style(value(child(own, "w:pStyle")) or self._default)
        merged = style.paragraph | _properties(own)
        level = number(value(merged.get(f"{W}outlineLvl")), _BODY)
        return style._replace(paragraph=merged, is_heading=style.is_heading or level < _BODY)

    def look(self, own: Element | None, style: Style, behind: Colors) -> Look:
        """Return how a run looks in a paragraph of some style."""
        character = self.style(value(child(own, "w:rStyle")))
        merged = _merged([self._base, style.run, character.run, _properties(own)])
        vanish, size = merged.get(f"{W}vanish"), number(value(merged.get(f"{W}sz")), _LEAST_SIZE)
        marked = colors(_HIGHLIGHTS.get(value(merged.get(f"{W}highlight")), ""))
        behind = marked or shaded(merged.get(f"{W}shd"), shaded(style.paragraph.get(f"{W}shd"), behind))
        inks = colors(value(merged.get(f"{W}color")))
        same = [_look_same(ink, color) for ink in inks for color in behind]
        hidden = ""
        if vanish is not None and value(vanish).lower() not in _OFF:
            hidden = "hidden by Word"
        elif same and all(same):
            hidden = "white text" if min(map(min, inks)) >= _LEAST_WHITE else "same color as its background"
        elif size < _LEAST_SIZE:
            hidden = "under 2 pt"
        return Look(hidden, any(same) and not hidden, value(merged.get(f"{W}vertAlign")) == "superscript")


def shaded(shading: Element | None, behind: Colors = frozenset()) -> Colors:
    """Return the colors behind a text after a shading."""
    pattern, fill = value(shading).lower(), value(shading, "fill").lower()
    if pattern == "solid":
        return colors(value(shading, "color"))
    if pattern not in {"", "clear", "nil"}:
        return frozenset()  # no text has the color of a pattern
    return behind if fill in {"", "auto"} else colors(fill)


def colors(digits: str) -> Colors:
    """Return the color that six digits stand for, or nothing for a name."""
    return frozenset([bytes.fromhex(digits)] if _COLOR.fullmatch(digits) else [])


def what_may_hide(part: Element) -> str:
    """Return the text, or the name, of the first element with a property that is not read and may hide text."""
    for found in _MAY_HIDE(part):
        around = next(found.iterancestors(P), found)
        return "".join(around.itertext()).strip() or etree.QName(found).localname
    return ""


def _properties(element: Element | None) -> Properties:
    """Return the properties of a run or paragraph by tag; those of its list are among them."""
    own = () if element is None else (*element, *element.iterfind("w:numPr/*", NAMES))
    return {str(each.tag): each for each in own}


def _merged(levels: Iterable[Properties]) -> Properties:
    """Return the properties of several levels; the last one that has a property decides."""
    return {tag: each for level in levels for tag, each in level.items()}


def _look_same(one: bytes, other: bytes) -> bool:
    return max(abs(first - second) for first, second in zip(one, other, strict=True)) <= _NEAREST


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
