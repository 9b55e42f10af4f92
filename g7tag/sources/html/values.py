"""Read the values of CSS properties: lengths, numbers, colors, shorthands and custom properties."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import tinycss2
from tinycss2 import color5

Color = tuple[int, int, int]
Tokens = Sequence[Any]
"""Tokens of tinycss2, which has no types."""
COMMA = ","

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
_SUMS: dict[str, Callable[[list[float]], float]] = {
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
_COLORS = frozenset({
    "rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "light-dark", "color-mix",
})  # fmt: skip
_KNOWN = _COLORS | frozenset(_SUMS) | frozenset({
    "url", "var", "inset", "circle", "ellipse", "polygon", "rect", "xywh", "translate", "translatex", "translatey",
    "translatez", "translate3d", "scale", "scalex", "scaley", "scalez", "scale3d", "rotate", "rotatez", "skew", "skewx",
    "skewy", "perspective", "opacity", "blur", "drop-shadow", "grayscale", "saturate", "sepia", "hue-rotate",
    "fit-content", "minmax", "linear-gradient", "radial-gradient", "conic-gradient", "repeating-linear-gradient",
    "repeating-radial-gradient", "repeating-conic-gradient", "image-set", "-webkit-gradient", "cross-fade", "image",
    "-webkit-linear-gradient", "-webkit-radial-gradient", "-webkit-image-set", "alpha", "progid",
})  # fmt: skip
"""Functions whose effect on visibility is known."""


@lru_cache(maxsize=2_000)  # pages repeat their styles
def tokens_of(value: str) -> tuple[Any, ...]:
    """Return the tokens of a value without space and comments."""
    return tuple(
        token for token in tinycss2.parse_component_value_list(value) if token.type not in {"whitespace", "comment"}
    )


@lru_cache(maxsize=2_000)  # pages repeat their styles
def is_known(value: str) -> bool:
    """Return whether all functions in a value are known.

    Examples
    --------
    >>> is_known("translate(calc(1px + 2em))"), is_known("matrix(0, 0, 0, 0, 0, 0)")
    (True, False)
    """
    names = re.findall(r"([\w-]+)\(", value)
    return all(name in _KNOWN for name in names) and not re.search(r"\(\s*from\s", value)


def length(tokens: Tokens, units: Mapping[str, float] = PIXELS, depth: int = 0) -> float | None:
    """Return a length or number in a list of tokens, or None if it is not one; `units` gives the factors.

    Examples
    --------
    >>> length(tokens_of("calc(2em - min(10px, 1in) * 3)")), length(tokens_of("auto"))
    (2.0, None)
    """
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
    if token.type == "function" and token.lower_name in _SUMS:
        terms = [length(part, units, depth + 1) for part in split(token.arguments)]
        numbers = [term for term in terms if term is not None]
        return _SUMS[token.lower_name](numbers) if numbers and len(numbers) == len(terms) else None
    return None


def split(tokens: Tokens, separator: str = COMMA) -> list[list[Any]]:
    """Split tokens at a sign; space and comments are left out."""
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token == separator:
            parts.append([])
        elif token.type not in {"whitespace", "comment"}:
            parts[-1].append(token)
    return parts


def functions(value: str) -> list[tuple[str, list[list[Any]]]]:
    """Return the functions in a value with their arguments, such as those of a transform."""
    return [(token.lower_name, split(token.arguments)) for token in tokens_of(value) if token.type == "function"]


@lru_cache(maxsize=2_000)  # pages repeat their styles
def color(value: str) -> tuple[Color, float] | None:
    """Return red, green and blue of a color (0 to 255) and its opacity (0 to 1), or None if it is unknown.

    Examples
    --------
    >>> color("#fff"), color("rgb(1 2 3 / 50%)"), color("oklch(100% 0 0)"), color("inherit")
    (((255, 255, 255), 1.0), ((1, 2, 3), 0.5), ((255, 255, 255), 1.0), None)
    """
    tokens = tokens_of(_SYSTEM.get(value, value))
    return _color(tokens[0], 0) if len(tokens) == 1 else None


def _color(token: Any, depth: int) -> tuple[Color, float] | None:
    if depth > _MOST_NESTED:
        return None
    if token.type == "function" and token.lower_name == "color-mix":
        return _mixed(token, depth)
    try:
        found = color5.parse_color(token)
    except (ValueError, TypeError, IndexError, AttributeError):  # of a broken function
        return None
    return _srgb(found) if isinstance(found, color5.color4.Color) else None


def _mixed(token: Any, depth: int) -> tuple[Color, float] | None:
    """Return the mix of two colors, always in sRGB: near enough to see whether text is visible."""
    colors: list[tuple[Color, float]] = []
    shares: list[float | None] = []
    for part in split(token.arguments)[1:]:
        share = next((each.value / 100 for each in part if each.type == "percentage"), None)
        found = [_color(each, depth + 1) for each in part if each.type != "percentage"]
        if len(found) != 1 or found[0] is None:
            return None
        colors.append(found[0])
        shares.append(share)
    if len(colors) != 2:
        return None
    first = shares[0] if shares[0] is not None else 1 - shares[1] if shares[1] is not None else 0.5
    (one, clear_one), (other, clear_other) = colors
    opacity = clear_one * first + clear_other * (1 - first)
    weight = clear_one * first / opacity if opacity else 0.0
    return blend(one, other, weight), opacity


def blend(over: Color, under: Color, opacity: float) -> Color:
    """Return the color that one color gives over another."""
    red, green, blue = (round(a * opacity + b * (1 - opacity)) for a, b in zip(over, under, strict=True))
    return red, green, blue


def _srgb(found: Any) -> tuple[Color, float] | None:
    if found.space in {"lab", "lch", "oklab", "oklch"}:
        channels = _from_xyz(found.to("lab").to("xyz-d50").coordinates)
    elif found.space in {"hsl", "hwb"}:
        channels = found.to("srgb").coordinates
    elif found.space in {"srgb", "display-p3", "a98-rgb", "prophoto-rgb", "rec2020"}:
        channels = tuple(channel or 0.0 for channel in found.coordinates)
    else:
        return None
    red, green, blue = (round(255 * min(max(channel, 0.0), 1.0)) for channel in channels)
    return (red, green, blue), found.alpha


def _from_xyz(xyz: Sequence[float]) -> tuple[float, ...]:
    """Return sRGB of a color in XYZ (D50); the matrix is of the CSS Color Module Level 4."""
    rows = ((3.1341, -1.6174, -0.4907), (-0.9788, 1.9162, 0.0334), (0.0719, -0.2290, 1.4052))
    linear = [sum(a * b for a, b in zip(row, xyz, strict=True)) for row in rows]
    return tuple(1.055 * max(c, 0) ** (1 / 2.4) - 0.055 if c > 0.0031308 else 12.92 * c for c in linear)


_SIDES = ("top", "right", "bottom", "left")
SHORTHANDS: Mapping[str, tuple[str, ...]] = {
    "background": ("background-color", "background-image", "background-clip"),
    "font": ("font-size",),
    "margin": ("margin-top", "margin-left"),
    "inset": _SIDES,
    "inset-inline": ("left", "right"),
    "inset-block": ("top", "bottom"),
    "margin-inline": ("margin-left",),
    "margin-block": ("margin-top",),
    "overflow": ("overflow-x", "overflow-y"),
    "list-style": ("list-style-type",),
}
_SYSTEM_FONTS = {"caption", "icon", "menu", "message-box", "small-caption", "status-bar"}
OTHER_NAMES: Mapping[str, str] = {
    "inset-inline-start": "left", "inset-inline-end": "right", "inset-block-start": "top", "inset-block-end": "bottom",
    "margin-inline-start": "margin-left", "margin-block-start": "margin-top", "inline-size": "width",
    "block-size": "height", "max-inline-size": "max-width", "max-block-size": "max-height", "-webkit-mask": "mask",
    "-webkit-mask-image": "mask", "mask-image": "mask", "-webkit-transform": "transform", "-webkit-filter": "filter",
    "-webkit-clip-path": "clip-path", "-webkit-opacity": "opacity", "-webkit-background-clip": "background-clip",
    "overflow-inline": "overflow-x", "overflow-block": "overflow-y",
}  # fmt: skip


@lru_cache(maxsize=2_000)  # pages repeat their styles
def expand(name: str, value: str) -> Mapping[str, str]:  # noqa: PLR0911 - a table of shorthands
    """Return the properties that a shorthand sets.

    Examples
    --------
    >>> expand("inset", "1px -9px"), expand("font", "bold 0/1 serif")
    ({'top': '1px', 'right': '-9px', 'bottom': '1px', 'left': '-9px'}, {'font-size': '0'})
    """
    if value in {"inherit", "initial", "unset", "revert", "revert-layer"}:
        return dict.fromkeys(SHORTHANDS[name], value)
    tokens = tokens_of(value)
    parts = [token.serialize() for token in tokens]
    if name == "background":
        shade = next((part for part in parts if color(part) is not None), "transparent")
        image = value if any(sign in value for sign in ("url(", "gradient(", "image-set(", "image(")) else "none"
        clip = "text" if "text" in parts else "border-box"
        return {"background-color": shade, "background-image": image, "background-clip": clip}
    if name == "font":
        sizes = [part for part, token in zip(parts, tokens, strict=True) if _is_size(token)]
        return {"font-size": sizes[0]} if sizes else {"font-size": "medium"} if value in _SYSTEM_FONTS else {}
    if name == "list-style":
        return {"list-style-type": value}
    if not parts or len(parts) > len(_SIDES):
        return {}
    if name in {"overflow", "inset-inline", "inset-block"}:
        return dict(zip(SHORTHANDS[name], (parts[0], parts[-1]), strict=True))
    if name in {"margin-inline", "margin-block"}:
        return {SHORTHANDS[name][0]: parts[0]}
    each = [parts[0], parts[1 % len(parts)], parts[2 % len(parts)] if len(parts) > 2 else parts[0], parts[-1]]
    each[3] = parts[3] if len(parts) == len(_SIDES) else each[1]
    sides = dict(zip(_SIDES, each, strict=True))
    return sides if name == "inset" else {"margin-top": sides["top"], "margin-left": sides["left"]}


def _is_size(token: Any) -> bool:
    keywords = {"small", "medium", "large", "x-small", "xx-small", "x-large", "xx-large", "smaller", "larger"}
    if token.type in {"dimension", "percentage", "function"}:
        return True
    return (token.type == "number" and token.value == 0) or (token.type == "ident" and token.lower_value in keywords)


def fill_in(value: str, custom: Mapping[str, str], depth: int = 0) -> str | None:
    """Return a value with its custom properties filled in, or None if one is missing.

    Examples
    --------
    >>> fill_in("var(--x)", {"--x": "none"}), fill_in("var(--y, 0)", {}), fill_in("var(--y)", {})
    ('none', '0', None)
    """
    if "var(" not in value:
        return value
    filled = _filled(tinycss2.parse_component_value_list(value), custom, depth)
    return filled if filled is None or len(filled) <= _LONGEST else None


def _filled(tokens: Tokens, custom: Mapping[str, str], depth: int) -> str | None:
    if depth > _MOST_NESTED:
        return None
    text: list[str] = []
    for token in tokens:
        piece: str | None = None
        if token.type == "function" and token.lower_name == "var":
            name, *fallback = split(token.arguments)
            piece = custom.get(name[0].value) if len(name) == 1 and name[0].type == "ident" else None
            if piece is None and fallback:
                rest = list(token.arguments)
                piece = _filled(
                    rest[next(at for at, each in enumerate(rest) if each == COMMA) + 1 :], custom, depth + 1
                )
        elif token.type in {"function", "() block"}:
            inner = _filled(
                getattr(token, "arguments", None) or getattr(token, "content", None) or (), custom, depth + 1
            )
            piece = None if inner is None else f"{getattr(token, 'name', '')}({inner})"
        else:
            piece = token.serialize()
        if piece is None or len(piece) > _LONGEST:
            return None
        text.append(piece)
    return "".join(text).strip()
