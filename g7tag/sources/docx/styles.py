"""Styles of a Word document, and whether a run with some properties is hidden, superscript or in doubt."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from lxml import etree

from g7tag.sources.docx.parts import NAMES, Element, P, W, child, number, value

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
