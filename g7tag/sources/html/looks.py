"""Tell from the declarations for an element whether its text is hidden; one that is not understood is a doubt."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from tinycss2 import color3

Color = tuple[float, ...]
"""Red, green, blue and opacity, from 0 to 1."""
Style = dict[str, Any]
"""Values of properties, or the `Unread` rule that sets them."""
Tokens = Sequence[Any]
"""Tokens of tinycss2, which has no types."""

NOT_HIDING = frozenset({"white-space", "vertical-align", "list-style-type"})
"""Properties that hide nothing, but say how text is read."""
_WHITE, _BLACK, _CLEAR = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0, 0.0)
_LEAST_SIZE = 2.0  # points; smaller text is unreadable
_NEAREST = 0.06  # colors that differ less in each of red, green and blue look the same
_FAINTEST = 0.05  # opacity
_FAR, _TINY = "off the page", "zero size"
_FAR_LEFT = -500.0  # pixels to the left or up; hanging indents are smaller
_FAR_RIGHT = 5000.0  # pixels to the right; windows are narrower
_PIXELS = {
    "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "em": 16.0, "rem": 16.0, "ex": 8.0,
    "ch": 8.0, "%": 10.0, "vw": 12.8, "vh": 7.2,
}  # fmt: skip
"""Pixels in a unit; percentages refer to 1,000 pixels."""
_RELATIVE = {"em": 1.0, "%": 0.01, "ex": 0.5, "ch": 0.5}
"""Sizes of the parent's text in a unit."""
_DISPLAYS = frozenset({
    "none", "block", "inline", "inline-block", "flow-root", "flex", "inline-flex", "grid", "inline-grid", "table",
    "inline-table", "table-row", "table-cell", "table-row-group", "table-caption", "table-header-group",
    "table-footer-group", "list-item", "contents", "-webkit-box", "initial", "unset",
})  # fmt: skip
_OVERFLOWS = ("overflow", "overflow-x", "overflow-y")
_EXTENT = re.compile(r"(?:max-)?(?:width|height|inline-size|block-size)")
_ONLY_HIDE = re.compile(r"(?:-webkit-)?(?:clip|clip-path|mask|mask-image|filter)")
_CAN_HIDE = re.compile(
    rf"{_ONLY_HIDE.pattern}|(?:-webkit-)?(?:transform|background-clip|animation|animation-name|text-fill-color)"
    r"|translate|scale|zoom|content-visibility|mix-blend-mode|all"
)
"""Properties that can hide text and are not read, except for values that hide nothing."""
_HARMLESS = frozenset({
    "none", "normal", "auto", "visible", "border-box", "padding-box", "content-box", "currentcolor", "1",
})  # fmt: skip


class Unread(str):
    """The rule that sets a property to a value that is not understood, or that may not apply."""


class Look(NamedTuple):
    """What an element passes on to its text; `doubt` is a rule that may hide or show it."""

    gone: str = ""
    invisible: bool = False
    opacity: float = 1.0
    color: Color = _BLACK
    paper: Color | None = _WHITE  # None for an image
    size: float = 12.0
    doubt: str = ""

    @property
    def why(self) -> str:
        """The first reason why the text is hidden, or "" if it is visible."""
        same = self.paper is not None and _look_same(self.color, self.paper)
        reasons = {
            "visibility:hidden": self.invisible,
            "opacity 0": self.opacity < _FAINTEST,
            "under 2 pt": self.size < _LEAST_SIZE,
            "transparent text": self.color[3] < _FAINTEST,
            "white text": same and self.paper == _WHITE,
            "same color as its background": same,
        }
        return self.gone or next((reason for reason, holds in reasons.items() if holds), "")


def look_of(declared: Style, parent: Look) -> Look:
    """Return the look of an element's text, given its declared style and the look of its parent."""
    style = {name: value for name, value in declared.items() if value != "inherit" and not isinstance(value, Unread)}
    factor, points = style.get("font-size", (1.0, 0.0))
    look = Look(
        gone=parent.gone or _why_gone(style),
        invisible=style["visibility"] != "visible" if "visibility" in style else parent.invisible,
        opacity=parent.opacity * style.get("opacity", 1.0),
        color=style.get("color", parent.color),
        paper=None if style.get("background-image") else _over(style.get("background-color", _CLEAR), parent.paper),
        size=factor * parent.size + points,
        doubt=parent.doubt,
    )
    if parent.gone or parent.doubt:
        return look
    return look._replace(doubt=_doubt_about(declared, is_hidden=bool(look.why)))


def _why_gone(style: Style) -> str:
    """Return why an element and all that it contains is hidden, or ""."""
    reasons = {
        "display:none": style.get("display") == "none",
        "aria-hidden": style.get("aria-hidden", False),
        _TINY: _is_cut(style) and _TINY in style.values(),
        _FAR: _FAR in style.values(),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _is_cut(style: Style) -> bool:
    """Whether text that does not fit into an element is not shown."""
    return any(style.get(name, "visible") != "visible" for name in _OVERFLOWS)


def _doubt_about(declared: Style, *, is_hidden: bool) -> str:
    """Return the first rule that may hide or show an element and is not understood."""
    for name, value in declared.items():
        is_harmless = (is_hidden and _ONLY_HIDE.fullmatch(name)) or (_EXTENT.fullmatch(name) and not _is_cut(declared))
        if isinstance(value, Unread) and not is_harmless:
            return value
    return ""


def _over(color: Color, below: Color | None) -> Color | None:
    """Return the color that one color gives over another; None below is an image."""
    if below is None or color[3] < _FAINTEST:
        return below if color[3] < _FAINTEST else color
    return (*(a * color[3] + b * (1 - color[3]) for a, b in zip(color[:3], below[:3], strict=True)), 1.0)


def _look_same(color: Color, paper: Color) -> bool:
    return all(abs(a - b) * color[3] < _NEAREST for a, b in zip(color[:3], paper[:3], strict=True))


def read_declarations(nodes: Iterable[Any], rule: str) -> tuple[Style, Style]:
    """Return what a rule declares, and what it declares as important."""
    normal: Style = {}
    important: Style = {}
    for node in nodes:
        if node.type == "declaration":
            tokens = [token for token in node.value if token.type not in {"whitespace", "comment"}]
            for name, part in _longhands(node.lower_name, tokens).items():
                read = _reader_of(name)
                if read:
                    value = read(part)
                    (important if node.important else normal)[name] = Unread(rule) if value is None else value
    return normal, important


def read_color(value: Any) -> Color | str | None:
    """Return a color; "inherit" for that of the parent's text, and None if it is not understood."""
    color: Color | str | None = color3.parse_color(value)
    return "inherit" if color == "currentColor" else color


def _longhands(name: str, tokens: Tokens) -> dict[str, Tokens]:
    """Return the properties that a property sets, with the tokens for each."""
    if name == "background":
        colors = [token for token in tokens if color3.parse_color(token)]
        return {"background-color": colors, "background-image": tokens}
    if name == "font":
        return {"font-size": [token for token in tokens if _size(token)][:1] or tokens}
    return {"list-style-type" if name == "list-style" else name: tokens}


@cache
def _reader_of(name: str) -> Callable[[Tokens], Any] | None:
    return next((reader for pattern, reader in _READERS.items() if re.fullmatch(pattern, name)), None)


def _words(tokens: Tokens) -> str:
    return " ".join(getattr(token, "lower_value", getattr(token, "representation", "?")) for token in tokens)


def _read_word(words: frozenset[str], tokens: Tokens) -> str | None:
    return _words(tokens) if _words(tokens) in words else None


def _opacity(token: Any) -> float | None:
    if token.type not in {"number", "percentage"}:
        return None
    value: float = token.value / (100 if token.type == "percentage" else 1)
    return min(max(value, 0.0), 1.0)


def _read_place(far_right: float, tokens: Tokens) -> str | None:
    places = [_pixels(token) for token in tokens]
    if not places or None in places:
        return None
    return _FAR if any(place <= _FAR_LEFT or place >= far_right for place in places if place) else ""


def _read_extent(tokens: Tokens) -> str | None:
    if _words(tokens) in {"auto", "none", "min-content", "max-content", "fit-content"}:
        return ""
    pixels = _pixels(tokens[0]) if len(tokens) == 1 else None
    return None if pixels is None else _TINY if pixels <= 1 else ""


def _read_one(read: Callable[[Any], Any], tokens: Tokens) -> Any:
    """Read a property of one token, which may be that of the parent."""
    return "inherit" if _words(tokens) in {"inherit", "unset"} else read(tokens[0]) if len(tokens) == 1 else None


def _read_paper(tokens: Tokens) -> Color | None:
    if _words(tokens) in {"", "none", "inherit", "initial", "unset"}:
        return _CLEAR
    color = read_color(tokens[0]) if len(tokens) == 1 else None
    return None if isinstance(color, str) else color


def _read_image(tokens: Tokens) -> bool | None:
    """Return whether a background has an image, or None if it has something that is not understood."""
    parts = [token for token in tokens if token.type in {"url", "function"} and not color3.parse_color(token)]
    images = [token.type == "url" or token.lower_name.endswith(("url", "gradient")) for token in parts]
    return bool(images) if all(images) else None


def _pixels(token: Any) -> float | None:
    """Return a length in pixels, or None if it is not understood."""
    if token.type == "ident":
        return 0.0 if token.lower_value == "auto" else None
    if token.type == "number":
        return 0.0 if token.value == 0 else None
    unit = "%" if token.type == "percentage" else getattr(token, "lower_unit", "")
    return token.value * _PIXELS[unit] if unit in _PIXELS else None


def _size(token: Any) -> tuple[float, float] | None:
    """Return the size of text, as a share of the parent's and points to add."""
    if token.type == "ident":
        is_size = token.lower_value in {"smaller", "larger"} or token.lower_value.endswith(("small", "medium", "large"))
        return (0.0, 12.0) if is_size else None
    unit = "%" if token.type == "percentage" else getattr(token, "lower_unit", "")
    pixels = _pixels(token)
    if pixels is None or pixels < 0:
        return None
    return (token.value * _RELATIVE[unit], 0.0) if unit in _RELATIVE else (0.0, pixels * 0.75)


_READERS: dict[str, Callable[[Tokens], Any]] = {
    "|".join(NOT_HIDING): _words,
    "display": partial(_read_word, _DISPLAYS),
    "visibility": partial(_read_word, frozenset({"visible", "hidden", "collapse", "inherit"})),
    "|".join(_OVERFLOWS): partial(_read_word, frozenset({"visible", "hidden", "clip", "scroll", "auto"})),
    r"left|top|right|(?:margin|inset)(?:-left|-top|-inline|-block)?(?:-start|-end)?": partial(_read_place, _FAR_RIGHT),
    "text-indent": partial(_read_place, -_FAR_LEFT),
    _EXTENT.pattern: _read_extent,
    "opacity": partial(_read_one, _opacity),
    "font-size": partial(_read_one, _size),
    "color": partial(_read_one, read_color),
    "background-color": _read_paper,
    "background-image": _read_image,
    _CAN_HIDE.pattern: partial(_read_word, _HARMLESS),
}
"""Readers of values, by a pattern of the names of properties."""
