"""Read the values of CSS properties: lengths, numbers, colors and custom properties."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Any

import tinycss2
from tinycss2 import color5

Color = tuple[int, int, int]
Tokens = Sequence[Any]
"""Tokens of tinycss2, which has no types."""

PIXELS: dict[str, float] = {
    "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945, "em": 16.0, "rem": 16.0,
    "ex": 8.0, "ch": 8.0, "lh": 19.2, "rlh": 19.2, "cap": 11.0, "ic": 16.0, "%": 10.0,
    **dict.fromkeys(("vw", "svw", "lvw", "dvw", "vi", "cqw", "cqi", "vmax"), 12.8),
    **dict.fromkeys(("vh", "svh", "lvh", "dvh", "vb", "cqh", "cqb", "vmin"), 7.2),
}  # fmt: skip
"""Pixels in a unit, in a window of 1,280 by 720 pixels; percentages refer to 1,000 pixels."""
CUSTOM = re.compile(r"var\(\s*(--[^\s,()]+)")
"""A reference to a custom property."""
_MOST_NESTED = 20
_LONGEST = 2_000  # characters of a value after its custom properties are filled in
SUMS: dict[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    "clamp": lambda terms: max(terms[0], min(terms[1:], default=terms[0])),
    "abs": lambda terms: abs(terms[0]),
    "calc": lambda terms: terms[0],
    "-webkit-calc": lambda terms: terms[0],
}
_SYSTEM = dict.fromkeys(("canvas", "field", "window", "buttonface", "background", "-moz-default-color"), "white")
_SYSTEM |= dict.fromkeys(("canvastext", "fieldtext", "windowtext", "buttontext", "text"), "black")
_SYSTEM |= {"linktext": "#0000ee", "-webkit-link": "#0000ee", "visitedtext": "#551a8b", "graytext": "#808080"}


@lru_cache(maxsize=2_000)  # pages repeat their styles
def tokens_of(value: str) -> tuple[Any, ...]:
    """Return the tokens of a value without space and comments."""
    return tuple(
        token for token in tinycss2.parse_component_value_list(value) if token.type not in {"whitespace", "comment"}
    )


def length(tokens: Tokens, units: Mapping[str, float] = PIXELS, depth: int = 0) -> float | None:
    """Return a length or number in a list of tokens, or None if it is not one; `units` gives the factors."""
    total, product, sign = 0.0, None, "+"  # the sum so far, the product that is being read, the sign before the next
    for token in tokens:
        if token.type in {"whitespace", "comment"}:
            continue
        if token.type == "literal" and token.value in {"+", "-", "*", "/"}:
            sign = token.value
            continue
        number = _term(token, units, depth)
        if number is None or not sign or (sign == "/" and not number):
            return None
        if sign in {"+", "-"}:
            total, product = total + (product or 0.0), number if sign == "+" else -number
        else:
            product = (product or 0.0) * (number if sign == "*" else 1 / number)
        sign = ""
    return None if product is None or sign else total + product


def _term(token: Any, units: Mapping[str, float], depth: int) -> float | None:
    if token.type == "number":
        return float(token.value)
    if token.type in {"percentage", "dimension"}:
        unit = "%" if token.type == "percentage" else token.lower_unit
        return float(token.value) * units[unit] if unit in units else None
    if depth > _MOST_NESTED:
        return None
    if token.type == "() block":
        return length(token.content, units, depth + 1)
    if token.type == "function" and token.lower_name in SUMS:
        terms = [length(part, units, depth + 1) for part in split(token.arguments)]
        numbers = [term for term in terms if term is not None]
        return SUMS[token.lower_name](numbers) if numbers and len(numbers) == len(terms) else None
    return None


def split(tokens: Tokens, separator: str = ",") -> list[list[Any]]:
    """Split tokens at a sign; comments, and space around the parts, are left out."""
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token == separator:
            parts.append([])
        elif token.type != "comment" and (parts[-1] or token.type != "whitespace"):
            parts[-1].append(token)
    for part in parts:
        while part and part[-1].type == "whitespace":
            part.pop()
    return parts


def functions(value: str) -> list[tuple[str, list[list[Any]]]]:
    """Return the functions in a value with their arguments, such as those of a transform."""
    return [(token.lower_name, split(token.arguments)) for token in tokens_of(value) if token.type == "function"]


@lru_cache(maxsize=2_000)  # pages repeat their styles
def color(value: str) -> tuple[Color, float] | None:
    """Return red, green and blue of a color (0 to 255) and its opacity (0 to 1), or None if it is unknown."""
    tokens = tokens_of(_SYSTEM.get(value, value))
    try:
        found = color5.parse_color(tokens[0]) if len(tokens) == 1 else None
    except (ValueError, TypeError, IndexError, AttributeError):  # of a broken function
        return None
    return _srgb(found) if isinstance(found, color5.color4.Color) else None


def blend(over: Color, under: Color, opacity: float) -> Color:
    """Return the color that one color gives over another."""
    red, green, blue = (round(a * opacity + b * (1 - opacity)) for a, b in zip(over, under, strict=True))
    return red, green, blue


def _srgb(found: Any) -> tuple[Color, float] | None:
    if found.space in {"lab", "lch", "oklab", "oklch"}:
        channels = _from_xyz(found.to("lab").to("xyz-d50").coordinates)
    elif found.space in {"srgb", "hsl", "hwb"}:
        channels = found.to("srgb").coordinates
    else:
        return None
    red, green, blue = (round(255 * min(max(channel, 0.0), 1.0)) for channel in channels)
    return (red, green, blue), found.alpha


def _from_xyz(xyz: Sequence[float]) -> tuple[float, ...]:
    """Return sRGB of a color in XYZ (D50); the matrix is of the CSS Color Module Level 4."""
    rows = ((3.1341, -1.6174, -0.4907), (-0.9788, 1.9162, 0.0334), (0.0719, -0.2290, 1.4052))
    linear = [sum(a * b for a, b in zip(row, xyz, strict=True)) for row in rows]
    return tuple(1.055 * max(c, 0) ** (1 / 2.4) - 0.055 if c > 0.0031308 else 12.92 * c for c in linear)


def fill_in(value: str, custom: Mapping[str, str]) -> str | None:
    """Return a value with its custom properties filled in, or None if one is missing."""
    return _filled(tinycss2.parse_component_value_list(value), custom, 0) if "var(" in value else value


def _filled(tokens: Tokens, custom: Mapping[str, str], depth: int) -> str | None:
    text = ""
    for token in tokens:
        name = token.lower_name if token.type == "function" else ""
        piece: str | None = None
        if name == "var":
            before = list(takewhile(lambda each: each != ",", token.arguments))
            piece = custom.get(tinycss2.serialize(before).strip())
            if piece is None and len(before) < len(token.arguments) and depth < _MOST_NESTED:
                piece = _filled(token.arguments[len(before) + 1 :], custom, depth + 1)
        elif token.type not in {"function", "() block"}:
            piece = token.serialize()
        elif depth < _MOST_NESTED:
            inner = _filled(token.arguments if name else token.content, custom, depth + 1)
            piece = None if inner is None else f"{name}({inner})"
        if piece is None or len(text) + len(piece) > _LONGEST:
            return None
        text += piece
    return text.strip()
