"""Determine from properties and styles whether a run is hidden and whether it is superscript."""

from typing import NamedTuple

from g7tag.sources.docx.elements import Element, child, is_on, kind, number, value

_LEAST_SIZE = 4
"""Size in half-points; text smaller than 2 pt is unreadable."""
_LEAST_WHITE = 0xF5
"""Of 255, in red, green and blue; lighter text is not visible on a white page."""
_WHITE_NAMES = {"", "none", "auto", "nil", "white", "fff", "window", "bg1", "lt1"}
"""Names of white and of no color; the last two are theme colors."""
_NEAREST = 8
"""Of 255; colors that differ less in each of red, green and blue look the same."""
_UNKNOWN = "pattern"
"""A background whose color is not known."""
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
    "yellow": "FFFF00", "white": "FFFFFF", "darkblue": "00008B", "darkcyan": "008B8B", "darkgreen": "006400",
    "darkmagenta": "800080", "darkred": "8B0000", "darkyellow": "808000", "darkgray": "A9A9A9", "lightgray": "D3D3D3",
}  # fmt: skip
_CLEAREST = 95_000
"""Of 100,000: text with more transparency is not visible."""
_MOST_BASES = 50
"""Limit of a chain of styles, which may be circular; Word allows 11."""


class Look(NamedTuple):
    """`hidden` is the reason why a run is hidden, or "" if it is visible; `raised` is True if it is superscript."""

    hidden: str
    raised: bool


class Style(NamedTuple):
    """Merged properties of a style and its base styles."""

    run: dict[str, str]
    numbering: dict[str, str]
    paper: str


_PLAIN = Style({}, {}, "")


class Styles:
    """The styles of a document."""

    def __init__(self, part: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._read: dict[str, Style] = {}
        self._default = ""
        self._base = _run_properties(child(part, "w:docDefaults", "w:rPrDefault", "w:rPr"))
        for style in part if part is not None else ():
            if kind(style) == "w:style":
                self._elements.setdefault(value(style, "styleId"), style)
                if value(style, "type") == "paragraph" and value(style, "default").lower() in {"1", "true", "on"}:
                    self._default = value(style, "styleId")

    def style(self, name: str) -> Style:
        """Return a style by name, or a plain style if the document does not contain it."""
        if name not in self._read:
            chain: list[Element] = []
            base = name
            while base in self._elements and len(chain) < _MOST_BASES:
                chain.insert(0, self._elements[base])
                base = value(child(chain[0], "w:basedOn"))
            self._read[name] = _merge(chain)
        return self._read[name]

    def paragraph_style(self, properties: Element | None) -> Style:
        """Return the style of a paragraph (default: the document's default style)."""
        return self.style(value(child(properties, "w:pStyle")) or self._default)

    def lists(self) -> dict[str, str]:
        """Map each style to its list ("numId")."""
        return {name: self.style(name).numbering.get("numId", "") for name in self._elements}

    def look(self, properties: Element | None, *, paragraph: Style, paper: str) -> Look:
        """Return how a run looks."""
        own = _run_properties(properties)
        named = self.style(value(child(properties, "w:rStyle"))).run
        merged = {**self._base, **paragraph.run, **named, **own}
        behind = _HIGHLIGHTS.get(merged.get("highlight", "").lower(), "") or merged.get("shd", "") or paper
        color = merged.get("fill", "") or merged.get("color", "")
        hidden = ""
        if _vanishes(self._base, paragraph.run, named, own):
            hidden = "hidden by Word"
        elif color == _CLEAR:
            hidden = "transparent text"
        elif _is_white(color) and not shows_white_text(behind):
            hidden = "white text"
        elif _look_same(color, behind):
            hidden = "same color as its background"
        elif number(merged.get("sz", ""), _LEAST_SIZE) < _LEAST_SIZE:
            hidden = "under 2 pt"
        return Look(hidden, merged.get("vertAlign") == "superscript")


def fill_of(properties: Element | None) -> str:
    """Return the background color that the properties of a paragraph or a cell set, or "" if they set none."""
    return _fill(child(properties, "w:shd"))


def shows_white_text(color: str) -> bool:
    """Return whether white text is readable on a color."""
    return color.lower() not in _WHITE_NAMES and not _is_white(color)


def why_row_hidden(properties: Element | None) -> str:
    """Return why a table row is not visible, or ""."""
    return "hidden by Word" if is_on(child(properties, "w:hidden")) else ""


def list_of(properties: Element | None) -> dict[str, str]:
    """Return the list ("numId") and the level ("ilvl") from the properties of a paragraph."""
    found = child(properties, "w:numPr")
    named = {name: value(child(found, f"w:{name}")) for name in ("numId", "ilvl")}
    return {name: text for name, text in named.items() if text}


def _run_properties(properties: Element | None) -> dict[str, str]:
    """Return the properties that determine whether a run is hidden or superscript, by name."""
    found: dict[str, str] = {}
    for each in properties if properties is not None else ():
        name = kind(each)
        if name == "w:vanish":
            found["vanish"] = "on" if is_on(each) else ""
        elif name == "w:shd":
            found["shd"] = _fill(each)
        elif name == "w14:textFill":
            found["fill"] = _text_fill(each)
        elif name in {"w:color", "w:sz", "w:vertAlign", "w:highlight"}:
            found[name[2:]] = value(each)
    return found


def _merge(chain: list[Element]) -> Style:
    """Merge a chain of styles, the base first."""
    run: dict[str, str] = {}
    numbering: dict[str, str] = {}
    paper = ""
    for style in chain:
        run |= _run_properties(child(style, "w:rPr"))
        numbering |= list_of(child(style, "w:pPr"))
        if value(style, "type") == "table":
            fills = [_fill(each) for each in style.iter("*") if kind(each) == "w:shd"]
            paper = _UNKNOWN if any(map(shows_white_text, fills)) else paper  # which cells have it is not known
        elif child(style, "w:pPr", "w:shd") is not None:
            paper = fill_of(child(style, "w:pPr"))
    return Style(run, numbering, paper) if chain else _PLAIN


def _vanishes(base: dict[str, str], paragraph: dict[str, str], named: dict[str, str], own: dict[str, str]) -> bool:
    """Whether a run is hidden; as in Word, paragraph and character styles toggle each other."""
    if "vanish" in own:
        return bool(own["vanish"])
    return bool(paragraph.get("vanish")) != bool(named.get("vanish")) or bool(base.get("vanish"))


def _fill(shading: Element | None) -> str:
    """Return the color of a shading, `_UNKNOWN` for a pattern, or "" for none."""
    pattern = value(shading).lower()
    if pattern == "solid":
        return _known(value(shading, "color") or "000000")
    if pattern not in {"", "clear", "nil"}:
        return _UNKNOWN
    fill = value(shading, "fill")
    return "" if fill.lower() in {"", "auto"} else fill


def _text_fill(fill: Element) -> str:
    """Return the color of a text effect, `_CLEAR` if it shows nothing, or "" if it is not known."""
    if child(fill, "w14:noFill") is not None:
        return _CLEAR
    color = child(fill, "w14:solidFill", "w14:srgbClr")
    clear = child(color, "w14:alpha")
    if clear is not None and number(_val14(clear), 0) >= _CLEAREST:
        return _CLEAR
    return _val14(color) if color is not None else ""


def _val14(element: Element) -> str:
    return next((text for name, text in element.items() if name.endswith("val")), "")


_CLEAR = "clear"


def _known(color: str) -> str:
    """Return a color as six digits, or `_UNKNOWN`; names of white are known."""
    if color.lower() in _WHITE_NAMES:
        return "FFFFFF"
    return color if _channels(color) else _UNKNOWN


def _look_same(one: str, other: str) -> bool:
    """Whether two known colors look the same."""
    first, second = _channels(one), _channels(other)
    return bool(first and second) and max(abs(a - b) for a, b in zip(first, second, strict=True)) <= _NEAREST


def _channels(color: str) -> bytes:
    """Return red, green and blue of six digits, or nothing for a name."""
    try:
        return bytes.fromhex(color) if len(color) == len("FFFFFF") else b""
    except ValueError:
        return b""


def _is_white(color: str) -> bool:
    channels = _channels(color)
    return bool(channels) and min(channels) >= _LEAST_WHITE
