"""Say what g7tag knows of each CSS property that determines whether text is visible and how it looks."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from g7tag.sources.html.values import SUMS, color, length, tokens_of

GLOBAL = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})
"""Values that each property can have."""
_SIZES = ("small", "medium", "large", "smaller", "larger", "math")
"""Ends of the words for sizes of a font."""
_FUNCTION = re.compile(r"([\w-]+)\(")
_RELATIVE_COLOR = re.compile(r"\(\s*from\s")


def _accepts_all(value: str) -> bool:
    return True


def _words(words: str) -> Callable[[str], bool]:
    return lambda value: bool(value) and set(value.split()) <= set(words.split())


def _is_color(value: str) -> bool:
    return value == "currentcolor" or color(value) is not None


def _is_length(value: str) -> bool:
    tokens = tokens_of(value)
    return bool(tokens) and (tokens[0].type == "ident" or length(tokens) is not None)


def _is_extent(value: str) -> bool:
    number = length(tokens_of(value))
    return _is_length(value) and (number is None or number >= 0)


def _is_font_size(value: str) -> bool:
    number = length(tokens_of(value))
    return value.endswith(_SIZES) if number is None else number >= 0


def _are_functions(value: str) -> bool:
    return value == "none" or all(token.type == "function" for token in tokens_of(value))


class Property(NamedTuple):
    """What is known of a property."""

    accepts: Callable[[str], bool] = _accepts_all
    functions: str = "*"
    worst: Mapping[str, str] = {}
    inherited: bool = False
    initial: str = ""


_COLORS = "rgb rgba hsl hsla hwb lab lch oklab oklch light-dark"
_CUTS = _words("visible hidden clip scroll auto overlay")
_CLEAR = {"opacity": "0"}
PROPERTIES: Mapping[str, Property] = {
    "display": Property(_words(
        "none block inline inline-block flow-root flow flex inline-flex grid inline-grid list-item contents table "
        "inline-table table-row table-cell table-row-group table-caption table-header-group table-footer-group "
        "table-column table-column-group ruby ruby-text math -webkit-box -webkit-inline-box -webkit-flex "
        "-webkit-inline-flex run-in"
    ), "", {"display": "none"}, initial="inline"),
    "visibility": Property(_words("visible hidden collapse"), "", {"visibility": "hidden"}, True, "visible"),
    "opacity": Property(lambda value: length(tokens_of(value)) is not None, "", _CLEAR),
    "color": Property(_is_color, _COLORS, {"color": "transparent"}, True, "canvastext"),
    "-webkit-text-fill-color": Property(_is_color, _COLORS, {"-webkit-text-fill-color": "transparent"}, True),
    "background-color": Property(_is_color, _COLORS),
    "font-size": Property(_is_font_size, "", {"font-size": "0"}, True, "medium"),
    "text-indent": Property(bool, "", {"text-indent": "-9999px"}, True, "0"),
    "clip": Property(_accepts_all, "rect", _CLEAR),
    "clip-path": Property(_accepts_all, "inset circle ellipse", _CLEAR),
    "filter": Property(
        _are_functions, "opacity blur drop-shadow grayscale saturate sepia hue-rotate alpha", _CLEAR
    ),
    "transform": Property(
        _are_functions,
        "translate translatex translatey translatez translate3d scale scalex scaley scalez scale3d rotate rotatez skew "
        "skewx skewy perspective",
        _CLEAR,
    ),
    "position": Property(_words("static relative absolute fixed sticky -webkit-sticky")),
    "content-visibility": Property(_words("visible auto hidden")),
    "overflow-x": Property(_CUTS),
    "overflow-y": Property(_CUTS),
    "white-space": Property(inherited=True, initial="normal"),
    "list-style-type": Property(inherited=True, initial="disc"),
    **dict.fromkeys(("left", "right", "top", "bottom"), Property(_is_length, "")),
    **dict.fromkeys(("margin-left", "margin-right", "margin-top", "margin-bottom"), Property(_is_length, "")),
    **dict.fromkeys(("width", "height", "max-width", "max-height"), Property(_is_extent, "")),
    **dict.fromkeys(("background-image", "background-clip", "vertical-align"), Property()),
    **dict.fromkeys(("translate", "scale", "mask", "mix-blend-mode"), Property(functions="none", worst=_CLEAR)),
}  # fmt: skip
"""Others are ignored."""
_SIDES = ("top", "right", "bottom", "left")
SHORTHANDS: Mapping[str, tuple[str, ...]] = {
    "all": tuple(PROPERTIES),
    "background": ("background-color", "background-image", "background-clip"),
    "font": ("font-size",),
    "margin": tuple(f"margin-{side}" for side in _SIDES),
    "margin-inline": ("margin-left", "margin-right"),
    "margin-block": ("margin-top", "margin-bottom"),
    "inset": _SIDES,
    "inset-inline": ("left", "right"),
    "inset-block": ("top", "bottom"),
    "overflow": ("overflow-x", "overflow-y"),
}
OTHER_NAMES: Mapping[str, str] = {
    "inset-inline-start": "left", "inset-inline-end": "right", "inset-block-start": "top", "inset-block-end": "bottom",
    "margin-inline-start": "margin-left", "margin-block-start": "margin-top", "inline-size": "width",
    "block-size": "height", "max-inline-size": "max-width", "max-block-size": "max-height", "-webkit-mask": "mask",
    "-webkit-mask-image": "mask", "mask-image": "mask", "-webkit-transform": "transform", "-webkit-filter": "filter",
    "-webkit-clip-path": "clip-path", "-webkit-opacity": "opacity", "-webkit-background-clip": "background-clip",
    "overflow-inline": "overflow-x", "overflow-block": "overflow-y", "list-style": "list-style-type",
}  # fmt: skip


def is_known(name: str, value: str) -> bool:
    """Return whether the effect of a property's value on visibility is known."""
    known = PROPERTIES[name].functions
    if known == "none" or value == "revert-layer":
        return value != "revert-layer" and value in {"none", "normal", *GLOBAL}
    functions = set(_FUNCTION.findall(value))
    return known == "*" or (functions <= {*known.split(), *SUMS} and not _RELATIVE_COLOR.search(value))


def is_valid(name: str, value: str) -> bool:
    """Return whether a browser accepts a value; else an earlier declaration counts."""
    if value in GLOBAL or "var(" in value:
        return True
    if name in SHORTHANDS:
        parts = expand(name, value)
        return bool(parts) and all(is_valid(each, part) for each, part in parts.items())
    return not is_known(name, value) or PROPERTIES[name].accepts(value)


def lacks_unit(name: str, value: str) -> bool:
    """Return whether a length is a bare number; browsers take it for pixels in a page without a DOCTYPE only."""
    tokens = tokens_of(value) if name != "opacity" else ()
    return len(tokens) == 1 and tokens[0].type == "number" and tokens[0].value != 0


def effect_of(name: str, value: str) -> dict[str, str]:
    """Return a property with its value; `inherit`, `initial` and the like become a value or nothing."""
    _, _, _, inherited, initial = PROPERTIES[name]
    if value not in GLOBAL:
        return {name: value}
    if value == "inherit" or (value == "unset" and inherited):
        return {name: "inherit"} if name in {"color", "display"} else {}
    return {name: initial} if value != "revert" and initial else {}


@lru_cache(maxsize=2_000)  # pages repeat their styles
def expand(name: str, value: str) -> Mapping[str, str]:
    """Return the properties that a shorthand sets, none if its value is not valid."""
    names = SHORTHANDS[name]
    tokens = tokens_of(value)
    parts = [token.serialize() for token in tokens]
    if value in GLOBAL:
        return dict.fromkeys(names, value)
    if name == "background":
        shade = next((part for part in parts if color(part) is not None), "transparent")
        has_image = any(token.type in {"function", "url"} and color(token.serialize()) is None for token in tokens)
        clip = "text" if "text" in parts else "border-box"
        return dict(zip(names, (shade, value if has_image else "none", clip), strict=True))
    if name == "font":
        sizes = [part for part, token in zip(parts, tokens, strict=True) if _is_size(token)]
        return {"font-size": sizes[0]} if sizes else {}
    if not parts or len(parts) > len(names):
        return {}
    for at in range(len(parts), len(names)):
        parts.append(parts[max(at - 2, 0)])
    return dict(zip(names, parts, strict=True))


def _is_size(token: Any) -> bool:
    zero = token.type == "number" and token.value == 0
    return zero or token.type in {"dimension", "percentage", "function"} or token.serialize().endswith(_SIZES)
