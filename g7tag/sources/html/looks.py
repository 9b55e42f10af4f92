"""Determine from styles and attributes why the text of an element is hidden."""

import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import NamedTuple

from g7tag.sources.html.pages import Element, name_of
from g7tag.sources.html.values import PIXELS, Color, blend, functions, length, tokens_of
from g7tag.sources.html.values import color as read_color

WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)
LINK: Color = (0, 0, 238)
MARKED: Color = (255, 255, 0)
_LEAST_SIZE = 2.0  # points; smaller text is unreadable
_FAR = 500.0  # pixels; text moved this much to the left or up is off the page (hanging indents are smaller)
_FAR_RIGHT = 5000.0  # pixels to the right; windows are narrower
_WHITEST = 240  # of 255, in each of red, green and blue; lighter text is not visible on white
_NEAREST = 8  # of 255; colors that differ less in each of red, green and blue look the same
_FAINTEST = 0.05  # opacity
_SMALLEST = 0.02  # of the size
_IN_POINTS = {unit: factor * 0.75 for unit, factor in PIXELS.items()}
_SHARES = {unit: factor / 10 for unit, factor in PIXELS.items()} | {"%": 1.0}
"""Percent of a box that is 1,000 pixels wide and high."""
_BY_SELF = PIXELS | {"%": 5.0}
"""Pixels by which a transform moves a box that is 500 pixels wide."""
_DOWN = PIXELS | {"%": 0.0}
_SCALES = {"scale", "scalex", "scaley", "scale3d"}
_NO_COLOR = {"inherit", "currentcolor"}
_CUT = {"hidden", "clip", "auto", "scroll", "overlay"}
_UNDISPLAYED = {"rp", "annotation", "annotation-xml"}
_NO_BOX = {"none", "table-column", "table-column-group"}


class Look(NamedTuple):
    """Properties that an element passes on to its text; `why` is the reason why it is hidden, or ""."""

    gone: str = ""
    folded: bool = False  # in closed details
    outside: bool = False  # whether the closed details themselves are
    invisible: bool = False
    opacity: float = 1.0
    color: Color | None = BLACK  # None if unknown
    clear: float = 1.0  # opacity of the color
    fill: tuple[Color | None, float] | None = None  # `-webkit-text-fill-color`, which is stronger
    shows_paper: bool = False  # `background-clip: text`: transparent text has the color of its background
    paper: Color | None = WHITE  # None if an image or unknown
    size: float = 12.0
    indent: float = 0.0

    @property
    def why(self) -> str:
        """The first reason that applies, or "" if the text is visible."""
        color, clear = self.fill or (self.color, self.clear)
        if color is not None and self.paper is not None and clear < 1:
            color = blend(color, self.paper, clear)
        reasons = {
            "closed details": self.folded,
            "visibility:hidden": self.invisible,
            "opacity 0": self.opacity < _FAINTEST,
            "under 2 pt": self.size < _LEAST_SIZE,
            "transparent text": clear < _FAINTEST and not self.shows_paper,
            "white text": _is_white(color) and _is_white(self.paper) and not self.shows_paper,
            "same color as its background": _look_same(color, self.paper) and not self.shows_paper,
            "off the page": self.indent <= -_FAR,
        }
        return self.gone or next((reason for reason, holds in reasons.items() if holds), "")


PLAIN = Look()
"""The look of a page's text before any style."""


def look_of(element: Element, style: Mapping[str, str], parent: Look) -> Look:
    """Return the look of an element's text, given its declared style and the look of its parent."""
    gone = parent.gone or next((why for why, holds in _REASONS.items() if holds(element, style)), "")
    visibility = style.get("visibility", "hidden" if name_of(element) == "mphantom" else "")
    color, clear = _text_color(element, style, parent)
    fill = style.get("-webkit-text-fill-color", "")
    folded, outside = _folding(element, parent)
    return Look(
        gone=gone,
        folded=folded,
        outside=outside,
        invisible=visibility in {"hidden", "collapse"} or (parent.invisible and visibility != "visible"),
        opacity=parent.opacity * _opacity(style),
        color=color,
        clear=clear,
        fill=parent.fill if not fill else None if fill == "currentcolor" else (read_color(fill) or (None, 1.0)),
        shows_paper=style.get("background-clip") == "text" or (parent.shows_paper and "background-clip" not in style),
        paper=_paper(element, style, parent),
        size=_size(style, parent.size),
        indent=(_pixels(style["text-indent"]) or 0.0) if "text-indent" in style else parent.indent,
    )


def _folding(element: Element, parent: Look) -> tuple[bool, bool]:
    """Return whether text is in closed details; only their first summary is seen."""
    above = element.getparent()
    if name_of(element) == "details" and element.get("open") is None:
        return True, parent.folded
    if name_of(element) == "summary" and above is not None and name_of(above) == "details":
        first = next(child for child in above if name_of(child) == "summary")
        return (parent.outside if first is element and above.get("open") is None else parent.folded), False
    return parent.folded, False


def _is_undisplayed(element: Element, style: Mapping[str, str]) -> bool:
    name, parent = name_of(element), element.getparent()
    is_second = parent is not None and name_of(parent) == "semantics" and parent[0] is not element  # form of a formula
    usual = "none" if name in _UNDISPLAYED or is_second else ""
    return style.get("display", usual) in _NO_BOX or style.get("content-visibility") == "hidden"


def _has_hidden(element: Element, style: Mapping[str, str]) -> bool:
    """Whether the attribute `hidden` is set, unless the style sets the property that the attribute sets."""
    value = element.get("hidden")
    if value is None:
        return False
    return ("content-visibility" if value.strip().lower() == "until-found" else "display") not in style


def _is_aria_hidden(element: Element, style: Mapping[str, str]) -> bool:
    """Whether text is hidden from screen readers; it is mostly decoration and may be visible."""
    return (element.get("aria-hidden") or "").strip().lower() == "true"


def _is_closed(element: Element, style: Mapping[str, str]) -> bool:
    return name_of(element) == "dialog" and element.get("open") is None and "display" not in style


def _is_popover(element: Element, style: Mapping[str, str]) -> bool:
    is_open = name_of(element) == "dialog" and element.get("open") is not None
    return element.get("popover") is not None and not is_open and "display" not in style


def _opacity(style: Mapping[str, str]) -> float:
    """Return the opacity of an element, from the property and its filters."""
    own = length(tokens_of(style.get("opacity", "1")), {"%": 0.01})
    opacity = 1.0 if own is None else max(0.0, min(own, 1.0))
    for name, arguments in functions(style.get("filter", "")):
        share = length(arguments[0], {"%": 0.01}) if name in {"opacity", "alpha"} else None
        opacity *= 1.0 if share is None else max(0.0, min(share, 1.0))
    return opacity


def _has_no_size(element: Element, style: Mapping[str, str]) -> bool:
    """Whether an element shows at most one pixel of its content."""
    if not style:
        return False
    if _is_scaled_away(style) or _is_clipped_away(style.get("clip-path", "")):
        return True
    if style.get("position") in {"absolute", "fixed"} and style.get("clip", "").startswith("rect("):
        edges = [_pixels(edge) for edge in re.findall(r"[^\s,()]+", style["clip"][len("rect") :])]
        if len(edges) == 4 and None not in edges:
            top, right, bottom, left = (edge or 0.0 for edge in edges)
            return right - left <= 1 or bottom - top <= 1
    sizes = [_pixels(style.get(name, "")) for name in ("width", "height", "max-width", "max-height")]
    return _is_cut(style) and any(size is not None and size <= 1 for size in sizes)


def _is_cut(style: Mapping[str, str]) -> bool:
    return any(style.get(name) in _CUT for name in ("overflow-x", "overflow-y"))


def _is_scaled_away(style: Mapping[str, str]) -> bool:
    scales = [arguments[:2] for name, arguments in functions(style.get("transform", "")) if name in _SCALES]
    numbers = [length(part, {"%": 0.01}) for parts in scales for part in parts]
    return any(number is not None and abs(number) < _SMALLEST for number in numbers)


def _is_clipped_away(clip: str) -> bool:
    """Whether a clip path leaves nothing of a box."""
    for name, arguments in functions(clip):
        sizes = takewhile(lambda token: token.type != "ident", arguments[0])  # before the place of a circle
        shares = [share for share in (length([token], _SHARES) for token in sizes) if share is not None]
        if name == "inset" and shares:
            top, right, bottom, left = (shares * 4)[:4] if len(shares) != 3 else (*shares, shares[1])
            return top + bottom >= 100 or left + right >= 100
        return bool(shares) and min(shares) <= _SMALLEST
    return False


def _is_off_page(element: Element, style: Mapping[str, str]) -> bool:
    """Whether an element is moved outside any window; far down is still on the page."""
    if not style:
        return False
    across, down = _shifts(style.get("transform", ""))
    moved = [_pixels(style.get("margin-left", "")), _pixels(style.get("margin-top", "")), across, down]
    right = [across]
    if style.get("position") in {"absolute", "fixed", "relative"}:
        left, away = _pixels(style.get("left", "")), _pixels(style.get("right", "")) or 0.0
        moved += [left, _pixels(style.get("top", "")), -_FAR if away >= _FAR_RIGHT or away <= -_FAR else None]
        right.append(left or 0.0)
    if _is_cut(style) and style.get("white-space") == "nowrap":
        right.append((_pixels(style.get("text-indent", "")) or 0.0) * _FAR_RIGHT / 1000)
    return any(far is not None and far <= -_FAR for far in moved) or max(right) >= _FAR_RIGHT


def _shifts(transform: str) -> tuple[float, float]:
    """Return by how many pixels a transform moves an element to the right and down."""
    across = down = 0.0
    for name, arguments in functions(transform):
        if name in {"translate", "translatex", "translate3d"}:
            across += length(arguments[0], _BY_SELF) or 0.0
        if name in {"translate", "translate3d"} and len(arguments) > 1:
            down += length(arguments[1], _DOWN) or 0.0
        if name == "translatey":
            down += length(arguments[0], _DOWN) or 0.0
    return across, down


_REASONS: dict[str, Callable[[Element, Mapping[str, str]], bool]] = {
    "display:none": _is_undisplayed,
    "hidden attribute": _has_hidden,
    "aria-hidden": _is_aria_hidden,
    "closed dialog": _is_closed,
    "closed popover": _is_popover,
    "zero size": _has_no_size,
    "off the page": _is_off_page,
}
"""Reasons why an element and its content are hidden, in the order of the checks."""


def _text_color(element: Element, style: Mapping[str, str], parent: Look) -> tuple[Color | None, float]:
    """Return the color of an element's text (None if unknown), and its opacity."""
    name = name_of(element)
    attribute = {"font": "color", "body": "text"}.get(name, "")
    value = style.get("color", "")
    if not value and attribute and element.get(attribute):
        found = _legacy_color(element.get(attribute))
        return found or (None, 1.0)
    if not value and name == "a" and element.get("href"):
        return LINK, 1.0  # links are blue, even in a white paragraph
    if not value and name == "mark":
        return BLACK, 1.0
    if not value or value in _NO_COLOR:
        return parent.color, parent.clear
    return read_color(value) or (None, 1.0)


def _paper(element: Element, style: Mapping[str, str], parent: Look) -> Color | None:
    """Return the background color of an element's text, or None for an image or an unknown color."""
    if element.get("background") or style.get("background-image", "none") not in {"none", "inherit"}:
        return None
    value = style.get("background-color", "")
    if value in {"", "inherit"}:
        usual = MARKED if name_of(element) == "mark" else None
        legacy = _legacy_color(element.get("bgcolor")) if element.get("bgcolor") and not value else None
        return legacy[0] if legacy else usual or parent.paper
    if value == "currentcolor":
        return _text_color(element, style, parent)[0]
    found = read_color(value)
    if found is None:
        return None
    color, opacity = found
    if opacity < _FAINTEST:
        return parent.paper
    return blend(color, parent.paper, opacity) if parent.paper is not None else color


def _legacy_color(value: str) -> tuple[Color, float] | None:
    """Return the color of an attribute, which may lack its `#` before six digits."""
    value = value.strip().lower()
    return read_color(value) or (read_color(f"#{value}") if len(value) == len("ffffff") else None)


def _is_white(color: Color | None) -> bool:
    return color is not None and min(color) >= _WHITEST


def _look_same(one: Color | None, other: Color | None) -> bool:
    if one is None or other is None:
        return False
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= _NEAREST


def _size(style: Mapping[str, str], parent: float) -> float:
    """Return the size of an element's text in points (default: the parent's size)."""
    value = style.get("font-size", "")
    if value.endswith(("small", "medium", "large")):
        return 12.0
    size = length(tokens_of(value), _IN_POINTS | {"em": parent, "%": parent / 100, "ex": parent / 2, "ch": parent / 2})
    return parent if size is None else size if re.search(r"[a-z%]", value) else size * 0.75


def _pixels(value: str) -> float | None:
    """Return a length in pixels (percentages refer to the width of a window), or None if it is not a length."""
    return length(tokens_of(value)) if value else None
