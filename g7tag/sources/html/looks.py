"""Determine from styles and attributes why the text of an element is hidden."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from g7tag.sources.html.pages import Element, name_of

Color = tuple[int, int, int]
WHITE: Color = (255, 255, 255)
LINK: Color = (0, 0, 238)
_LEAST_SIZE = 2.0  # points; smaller text is unreadable
_FAR = 500.0  # pixels; text moved this much to the left or up is off the page (hanging indents are smaller)
_FAR_RIGHT = 5000.0  # pixels to the right; windows are narrower
_WHITEST = 240  # of 255, in each of red, green and blue; lighter text is not visible on white
_FAINTEST = 0.05  # opacity
_POINTS = {"pt": 1.0, "px": 0.75, "": 0.75, "pc": 12.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "q": 0.709}
_PIXELS = 4 / 3  # in a point
_LENGTH = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(px|pt|pc|in|cm|mm|q|r?em|ex|ch|%|v[wh])?")
_NUMBER = re.compile(r"[+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})")
_HEX = re.compile(r"#?([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_FONT_SIZE = re.compile(r"(?:^|\s)([\d.]{1,9}(?:px|pt|r?em|%)?)(?:\s*/|\s)")
_PALE = {
    "white", "snow", "ivory", "ghostwhite", "floralwhite", "mintcream", "azure", "aliceblue", "seashell",
    "honeydew", "whitesmoke",
}  # fmt: skip
_NO_COLOR = {"inherit", "initial", "unset", "currentcolor", "revert"}


class Look(NamedTuple):
    """Properties that an element passes on to its text; `why` is the reason why it is hidden, or ""."""

    gone: str = ""
    invisible: bool = False
    transparent: bool = False
    color: Color | None = None  # None if not set or unknown
    paper: Color | None = WHITE  # None if an image or unknown
    size: float = 12.0
    indent: float = 0.0

    @property
    def why(self) -> str:
        """The first reason that applies, or "" if the text is visible."""
        reasons = {
            "visibility:hidden": self.invisible,
            "under 2 pt": self.size < _LEAST_SIZE,
            "transparent text": self.transparent,
            "white text": _is_white(self.color) and _is_white(self.paper),
            "same color as its background": self.color is not None and self.color == self.paper,
            "off the page": self.indent <= -_FAR,
        }
        return self.gone or next((reason for reason, holds in reasons.items() if holds), "")


def look_of(element: Element, style: Mapping[str, str], parent: Look) -> Look:
    """Return the look of an element's text, given its declared style and the look of its parent."""
    gone = parent.gone or next((why for why, holds in _REASONS.items() if holds(element, style)), "")
    visibility = style.get("visibility", "")
    color, transparent = _text_color(element, style, parent)
    indent = style.get("text-indent", "")
    return Look(
        gone=gone,
        invisible=visibility in {"hidden", "collapse"} or (parent.invisible and visibility != "visible"),
        transparent=transparent,
        color=color,
        paper=_paper(element, style, parent),
        size=_size(style, parent.size),
        indent=_pixels(indent) or 0.0 if indent and indent != "inherit" else parent.indent,
    )


def _is_undisplayed(element: Element, style: Mapping[str, str]) -> bool:
    return style.get("display") == "none" or style.get("content-visibility") == "hidden"


def _has_hidden(element: Element, style: Mapping[str, str]) -> bool:
    """Whether the attribute `hidden` is set, unless the style sets `display`."""
    return element.get("hidden") is not None and "display" not in style


def _is_aria_hidden(element: Element, style: Mapping[str, str]) -> bool:
    """Whether text is hidden from screen readers; it is mostly decoration and may be visible."""
    return (element.get("aria-hidden") or "").strip().lower() == "true"


def _is_closed(element: Element, style: Mapping[str, str]) -> bool:
    return name_of(element) == "dialog" and element.get("open") is None and "display" not in style


def _is_clear(element: Element, style: Mapping[str, str]) -> bool:
    value = style.get("opacity", "")
    number = _NUMBER.match(value)
    return number is not None and float(number[0]) / (100 if value.endswith("%") else 1) < _FAINTEST


def _has_no_size(element: Element, style: Mapping[str, str]) -> bool:
    """Whether an element shows at most one pixel of its content."""
    if not style:
        return False
    if re.search(r"\bscale[xy]?\(0(?:\.0*)?[,)]", style.get("transform", "").replace(" ", "")):
        return True
    if re.match(r"inset\((?:[5-9]\d|100)%|circle\(0", style.get("clip-path", "")):
        return True
    if style.get("position") in {"absolute", "fixed"} and style.get("clip", "").startswith("rect("):
        edges = [_pixels(edge) for edge in re.findall(r"[^\s,()]+", style["clip"][len("rect") :])]
        if len(edges) == 4 and None not in edges:
            top, right, bottom, left = (edge or 0.0 for edge in edges)
            return right - left <= 1 or bottom - top <= 1
    cut = any(style.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y"))
    sizes = [_pixels(style.get(name, "")) for name in ("width", "height", "max-width", "max-height")]
    return cut and any(size is not None and size <= 1 for size in sizes)


def _is_off_page(element: Element, style: Mapping[str, str]) -> bool:
    """Whether an element is moved outside any window; far down is still on the page."""
    if not style:
        return False
    moved = [_pixels(style.get(name, "")) for name in ("margin-left", "margin-top")]
    right = None
    if style.get("position") in {"absolute", "fixed", "relative"}:
        moved += [_pixels(style.get(name, "")) for name in ("left", "top")]
        right = _pixels(style.get("left", ""))
        away = _pixels(style.get("right", ""))
        moved.append(-_FAR if away is not None and (away >= _FAR_RIGHT or away <= -_FAR) else None)
    shift = re.search(r"translate[xy]?\(([^,)]*)", style.get("transform", ""))
    moved.append(_pixels(shift[1]) if shift else None)
    return any(far is not None and far <= -_FAR for far in moved) or (right is not None and right >= _FAR_RIGHT)


_REASONS: dict[str, Callable[[Element, Mapping[str, str]], bool]] = {
    "display:none": _is_undisplayed,
    "hidden attribute": _has_hidden,
    "aria-hidden": _is_aria_hidden,
    "closed dialog": _is_closed,
    "opacity 0": _is_clear,
    "zero size": _has_no_size,
    "off the page": _is_off_page,
}
"""Reasons why an element and its content are hidden, in the order of the checks."""


def _text_color(element: Element, style: Mapping[str, str], parent: Look) -> tuple[Color | None, bool]:
    """Return the color of an element's text, and whether it is transparent."""
    name = name_of(element)
    attribute = {"font": "color", "body": "text"}.get(name, "")
    value = style.get("color") or (element.get(attribute) or "").strip().lower() if attribute else style.get("color")
    if not value and name == "a" and element.get("href"):
        return LINK, False  # links are blue, even in a white paragraph
    if not value or value in _NO_COLOR:
        return parent.color, parent.transparent
    return _color(value), _is_transparent(value)


def _paper(element: Element, style: Mapping[str, str], parent: Look) -> Color | None:
    """Return the background color of an element's text, or None for an image or an unknown color."""
    if element.get("background") or "url(" in (image := style.get("background-image", "")) or "gradient(" in image:
        return None
    value = style.get("background-color") or style.get("background") or (element.get("bgcolor") or "").strip().lower()
    if not value or value in _NO_COLOR or value == "none" or _is_transparent(value):
        return parent.paper
    return _color(value) or next((color for word in value.split() if (color := _color(word))), None)


def _color(value: str) -> Color | None:
    """Return red, green and blue of a color, or None if it is unknown; pale named colors are white."""
    if value in _PALE:
        return WHITE
    if value == "black":
        return (0, 0, 0)
    if digits := _HEX.fullmatch(value):
        pairs = digits[1] if len(digits[1]) > 4 else "".join(digit * 2 for digit in digits[1])
        return int(pairs[:2], 16), int(pairs[2:4], 16), int(pairs[4:6], 16)
    function = _FUNCTION.fullmatch(value)
    parts = re.findall(r"[\d.]{1,9}%?", function[2]) if function else []
    if function and function[1] == "hsl":
        return WHITE if len(parts) >= 3 and _share(parts[2]) >= _WHITEST / 255 else None
    if len(parts) < 3:
        return None
    red, green, blue = (
        round(_share(part) * 255) if part.endswith("%") else round(min(_share(part) * 100, 255)) for part in parts[:3]
    )
    return red, green, blue


def _share(part: str) -> float:
    """Return a percentage as a fraction."""
    number = _NUMBER.match(part)
    return float(number[0]) / 100 if number else 0.0


def _is_transparent(value: str) -> bool:
    if value == "transparent":
        return True
    function = _FUNCTION.fullmatch(value)
    parts = re.findall(r"[\d.]{1,9}%?", function[2]) if function else []
    return len(parts) == 4 and (_share(parts[3]) if "%" in parts[3] else _share(parts[3]) * 100) < _FAINTEST


def _is_white(color: Color | None) -> bool:
    return color is not None and min(color) >= _WHITEST


def _size(style: Mapping[str, str], parent: float) -> float:
    """Return the size of an element's text in points (default: the parent's size)."""
    shorthand = _FONT_SIZE.search(style.get("font", ""))
    value = style.get("font-size") or (shorthand[1] if shorthand else "")
    length = _LENGTH.fullmatch(value)
    if not length:
        return 12.0 if value.endswith(("small", "medium", "large")) else parent
    number, unit = float(length[1]), length[2] or ""
    relative = {"em": parent, "%": parent / 100, "rem": 12.0, "ex": parent / 2, "ch": parent / 2, "vw": 9.6, "vh": 5.4}
    return number * (relative[unit] if unit in relative else _POINTS[unit])


def _pixels(value: str) -> float | None:
    """Return a length in pixels (percentages refer to the width of a window), or None if it is not a length."""
    length = _LENGTH.fullmatch(value)
    if not length:
        return None
    number, unit = float(length[1]), length[2] or ""
    relative = {"em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "%": 10.0, "vw": 12.8, "vh": 7.2}
    return number * (relative[unit] if unit in relative else _POINTS[unit] * _PIXELS)
