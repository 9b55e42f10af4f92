"""Tell from a run's properties and styles whether it is seen, and whether it is raised."""

from typing import NamedTuple

from g7tag.sources.docx.elements import Element, child, is_on, kind, number, value

_LEAST_SIZE = 4
"""Half-points: what is smaller than 2 pt nobody reads."""
_LEAST_WHITE = 0xF5
"""Of 255, in red, green and blue: nothing lighter can be told from the page."""
_NO_GROUND = {"", "none", "auto", "nil", "white", "fff", "window", "bg1", "lt1"}
"""Names of no colour and of white; the last two are those of a theme."""
_FILLS = {"a:noFill", "a:solidFill", "a:gradFill", "a:pattFill", "a:blipFill", "a:grpFill"}
_MOST_BASES = 50
"""Styles in a chain; Word itself allows 11, and a chain may be a circle."""


class Look(NamedTuple):
    """`hidden` says why nobody sees a run, "" where it is seen; `raised` that it is superscript."""

    hidden: str
    raised: bool


class Style(NamedTuple):
    """What a style and those it is based on say: properties of runs, its list ("numId", "ilvl"), colour behind."""

    run: dict[str, str]
    numbering: dict[str, str]
    coloured: bool


_PLAIN = Style({}, {}, coloured=False)


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
        """Return what a style says, a plain one where the document does not hold it."""
        if name not in self._read:
            chain: list[Element] = []
            base = name
            while base in self._elements and len(chain) < _MOST_BASES:
                chain.insert(0, self._elements[base])
                base = value(child(chain[0], "w:basedOn"))
            self._read[name] = _merge(chain)
        return self._read[name]

    def paragraph_style(self, properties: Element | None) -> Style:
        """Return the style of a paragraph, the document's usual one where it names none."""
        return self.style(value(child(properties, "w:pStyle")) or self._default)

    def lists(self) -> dict[str, str]:
        """Return style -> the list ("numId") that it stands for."""
        return {name: self.style(name).numbering.get("numId", "") for name in self._elements}

    def look(self, properties: Element | None, *, paragraph: Style, coloured: bool) -> Look:
        """Return how a run looks.

        Parameters
        ----------
        properties
            The run's own properties, None where it has none.
        paragraph
            Style of its paragraph.
        coloured
            Whether the table's cell, text box or page behind it has a colour.
        """
        own = _run_properties(properties)
        named = self.style(value(child(properties, "w:rStyle"))).run
        merged = {**self._base, **paragraph.run, **named, **own}
        ground = coloured or paragraph.coloured or is_ground(merged.get("highlight", ""))
        hidden = ""
        if _vanishes(self._base, paragraph.run, named, own):
            hidden = "hidden by Word"
        elif _is_white(merged.get("color", "")) and not (ground or is_ground(merged.get("shd", ""))):
            hidden = "white text"
        elif number(merged.get("sz", ""), _LEAST_SIZE) < _LEAST_SIZE:
            hidden = "under 2 pt"
        return Look(hidden, merged.get("vertAlign") == "superscript")


def has_colour(properties: Element | None) -> bool:
    """Return whether properties of a paragraph or a cell put a colour behind it."""
    return is_ground(_fill(child(properties, "w:shd")))


def is_ground(colour: str) -> bool:
    """Return whether white text could be read on a colour.

    Examples
    --------
    >>> is_ground("1F3864"), is_ground("FFFFFF"), is_ground("auto")
    (True, False, False)
    """
    return colour.lower() not in _NO_GROUND and not _is_white(colour)


def box_has_colour(box: Element) -> bool:
    """Return whether the shape around a text box fills it with a colour."""
    for shape in box.iterancestors():
        name = kind(shape)
        if name == "wps:wsp":
            properties = child(shape, "wps:spPr")
            own = [each for each in properties if kind(each) in _FILLS] if properties is not None else []
            return _fills(own[0] if own else child(shape, "wps:style", "a:fillRef"))
        if name.startswith("v:") and name != "v:textbox":
            colour = shape.get("fillcolor", "").partition(" ")[0].removeprefix("#")
            return shape.get("filled", "t") not in {"f", "false"} and is_ground(colour)
    return False


def list_of(properties: Element | None) -> dict[str, str]:
    """Return the list ("numId") and the level ("ilvl") that a paragraph's properties name."""
    found = child(properties, "w:numPr")
    named = {name: value(child(found, f"w:{name}")) for name in ("numId", "ilvl")}
    return {name: text for name, text in named.items() if text}


def _run_properties(properties: Element | None) -> dict[str, str]:
    """The properties that decide whether a run is seen or raised, by name."""
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
    """A style of a chain of styles, the base first."""
    run: dict[str, str] = {}
    numbering: dict[str, str] = {}
    coloured = False
    for style in chain:
        run |= _run_properties(child(style, "w:rPr"))
        numbering |= list_of(child(style, "w:pPr"))
        if value(style, "type") == "table":
            coloured = coloured or any(is_ground(_fill(each)) for each in style.iter("*") if kind(each) == "w:shd")
        elif child(style, "w:pPr", "w:shd") is not None:
            coloured = has_colour(child(style, "w:pPr"))
    return Style(run, numbering, coloured) if chain else _PLAIN


def _vanishes(base: dict[str, str], paragraph: dict[str, str], named: dict[str, str], own: dict[str, str]) -> bool:
    """Whether a run is hidden: styles of a paragraph and of characters undo each other, as Word's rules have it."""
    if "vanish" in own:
        return bool(own["vanish"])
    return bool(paragraph.get("vanish")) != bool(named.get("vanish")) or bool(base.get("vanish"))


def _fill(shading: Element | None) -> str:
    """The colour of a shading: a pattern's own, or that of the ground."""
    pattern = value(shading) not in {"", "clear", "nil"}
    return "pattern" if pattern else value(shading, "fill")


def _fills(fill: Element | None) -> bool:
    """Whether a shape's fill is a colour; shades of white (`bg1` made darker) are."""
    if fill is None or kind(fill) == "a:noFill" or fill.get("idx") == "0":
        return False
    if kind(fill) not in {"a:solidFill", "a:fillRef"}:
        return True
    colour = next(iter(fill), None)
    return colour is not None and (len(colour) > 0 or is_ground(colour.get("val", "")))


def _is_white(colour: str) -> bool:
    try:
        return len(colour) == len("FFFFFF") and min(bytes.fromhex(colour)) >= _LEAST_WHITE
    except ValueError:  # a name, or nothing
        return False
