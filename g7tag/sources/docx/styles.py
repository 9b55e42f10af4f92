"""Determine from properties and styles whether a run is hidden and whether it is superscript."""

from typing import NamedTuple

from g7tag.sources.docx.elements import Element, child, is_on, kind, number, value

_LEAST_SIZE = 4
"""Size in half-points; text smaller than 2 pt is unreadable."""
_LEAST_WHITE = 0xF5
"""Of 255, in red, green and blue; lighter text is not visible on a white page."""
_WHITE_NAMES = {"", "none", "auto", "nil", "white", "fff", "window", "bg1", "lt1"}
"""Names of white and of no color; the last two are theme colors."""
_FILLS = {"a:noFill", "a:solidFill", "a:gradFill", "a:pattFill", "a:blipFill", "a:grpFill"}
_MOST_BASES = 50
"""Limit of a chain of styles, which may be circular; Word allows 11."""


class Look(NamedTuple):
    """`hidden` is the reason why a run is hidden, or "" if it is visible; `raised` is True if it is superscript."""

    hidden: str
    raised: bool


class Style(NamedTuple):
    """Merged properties of a style and its base styles: of runs, its list ("numId", "ilvl"), and a background color."""

    run: dict[str, str]
    numbering: dict[str, str]
    colored: bool


_PLAIN = Style({}, {}, colored=False)


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

    def look(self, properties: Element | None, *, paragraph: Style, colored: bool) -> Look:
        """Return how a run looks.

        Parameters
        ----------
        properties
            The run's own properties, or None.
        paragraph
            Style of its paragraph.
        colored
            Whether the table cell, text box or page behind it has a color.
        """
        own = _run_properties(properties)
        named = self.style(value(child(properties, "w:rStyle"))).run
        merged = {**self._base, **paragraph.run, **named, **own}
        background = colored or paragraph.colored or shows_white_text(merged.get("highlight", ""))
        hidden = ""
        if _vanishes(self._base, paragraph.run, named, own):
            hidden = "hidden by Word"
        elif _is_white(merged.get("color", "")) and not (background or shows_white_text(merged.get("shd", ""))):
            hidden = "white text"
        elif number(merged.get("sz", ""), _LEAST_SIZE) < _LEAST_SIZE:
            hidden = "under 2 pt"
        return Look(hidden, merged.get("vertAlign") == "superscript")


def has_color(properties: Element | None) -> bool:
    """Return whether the properties of a paragraph or a cell set a background color."""
    return shows_white_text(_fill(child(properties, "w:shd")))


def shows_white_text(color: str) -> bool:
    """Return whether white text is readable on a color.

    Examples
    --------
    >>> shows_white_text("1F3864"), shows_white_text("FFFFFF"), shows_white_text("auto")
    (True, False, False)
    """
    return color.lower() not in _WHITE_NAMES and not _is_white(color)


def box_has_color(box: Element) -> bool:
    """Return whether the shape around a text box fills it with a color."""
    for shape in box.iterancestors():
        name = kind(shape)
        if name == "wps:wsp":
            properties = child(shape, "wps:spPr")
            own = [each for each in properties if kind(each) in _FILLS] if properties is not None else []
            return _fills(own[0] if own else child(shape, "wps:style", "a:fillRef"))
        if name.startswith("v:") and name != "v:textbox":
            color = shape.get("fillcolor", "").partition(" ")[0].removeprefix("#")
            return shape.get("filled", "t") not in {"f", "false"} and shows_white_text(color)
    return False


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
        elif name in {"w:color", "w:sz", "w:vertAlign", "w:highlight"}:
            found[name[2:]] = value(each)
    return found


def _merge(chain: list[Element]) -> Style:
    """Merge a chain of styles, the base first."""
    run: dict[str, str] = {}
    numbering: dict[str, str] = {}
    colored = False
    for style in chain:
        run |= _run_properties(child(style, "w:rPr"))
        numbering |= list_of(child(style, "w:pPr"))
        if value(style, "type") == "table":
            colored = colored or any(shows_white_text(_fill(each)) for each in style.iter("*") if kind(each) == "w:shd")
        elif child(style, "w:pPr", "w:shd") is not None:
            colored = has_color(child(style, "w:pPr"))
    return Style(run, numbering, colored) if chain else _PLAIN


def _vanishes(base: dict[str, str], paragraph: dict[str, str], named: dict[str, str], own: dict[str, str]) -> bool:
    """Whether a run is hidden; as in Word, paragraph and character styles toggle each other."""
    if "vanish" in own:
        return bool(own["vanish"])
    return bool(paragraph.get("vanish")) != bool(named.get("vanish")) or bool(base.get("vanish"))


def _fill(shading: Element | None) -> str:
    """Return the fill color of a shading, or "pattern"."""
    pattern = value(shading) not in {"", "clear", "nil"}
    return "pattern" if pattern else value(shading, "fill")


def _fills(fill: Element | None) -> bool:
    """Whether a shape is filled with a color; darker shades of white (`bg1`) count."""
    if fill is None or kind(fill) == "a:noFill" or fill.get("idx") == "0":
        return False
    if kind(fill) not in {"a:solidFill", "a:fillRef"}:
        return True
    color = next(iter(fill), None)
    return color is not None and (len(color) > 0 or shows_white_text(color.get("val", "")))


def _is_white(color: str) -> bool:
    try:
        return len(color) == len("FFFFFF") and min(bytes.fromhex(color)) >= _LEAST_WHITE
    except ValueError:  # a name, or nothing
        return False
