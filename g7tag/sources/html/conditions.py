"""Decide whether the conditions of style sheets hold: `@media` and `@supports`.

An answer is 1 (it holds), 0 (it does not) or 0.5 (unknown), so that `and` is the least and `or` the greatest answer.
"""

import re
from collections.abc import Callable
from typing import Any

import tinycss2

from g7tag.sources.html.values import PIXELS, Tokens, length, split, tokens_of

UNKNOWN = 0.5
_FEATURES: dict[str, float | str] = {
    "width": 1280.0, "device-width": 1280.0, "height": 720.0, "device-height": 720.0, "resolution": 1.0,
    "device-pixel-ratio": 1.0, "color": 8.0, "color-index": 0.0, "monochrome": 0.0, "grid": 0.0,
    "orientation": "landscape", "hover": "hover", "any-hover": "hover", "pointer": "fine", "any-pointer": "fine",
    "update": "fast", "prefers-color-scheme": "light", "prefers-reduced-motion": "no-preference",
    "prefers-reduced-transparency": "no-preference", "prefers-reduced-data": "no-preference",
    "prefers-contrast": "no-preference", "forced-colors": "none", "inverted-colors": "none", "display-mode": "browser",
    "scripting": "enabled",
}  # fmt: skip
"""A window of a computer; style sheets for narrow screens do not apply."""
_MEDIA = {"all": 1.0, "screen": 1.0} | dict.fromkeys(("print", "speech", "aural", "braille", "tv", "tty"), 0.0)
_FEATURE = re.compile(r"(?:-webkit-)?(min-|max-)?([a-z-]+)(?:\s*(:|[<>]=?|=)\s*(.+))?")
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "=": lambda one, other: one == other,
    ":": lambda one, other: one == other,
}
_FOREIGN = re.compile(r"(?:^|:\s*)-(?:ms|moz|o|khtml)-")
_SUPPORTED = re.compile(
    r"display:\s*(?:(?:inline-)?(?:grid|flex|block)|contents|flow-root)|position:\s*(?:sticky|fixed|absolute|relative)"
)
_MOST_NESTED = 20


def media_apply(tokens: Tokens) -> float:
    """Return whether a list of media queries applies to a window of 1,280 by 720 pixels; an empty one does."""
    queries = split(tokens)
    return max(_query(query) for query in queries) if any(queries) else 1.0


def supports_apply(tokens: Tokens) -> float:
    """Return whether a browser of today supports something; few features are known."""
    return _holds(tokens, _supported, 0)


def _query(tokens: Tokens) -> float:
    if tokens and tokens[0].type == "ident" and tokens[0].lower_value == "not":  # negates all of the query
        return 1 - _holds(tokens[1:], _feature, 0)
    return _holds(tokens, _feature, 0)


def _holds(tokens: Tokens, test: Callable[[str], float], depth: int) -> float:
    """Return whether terms joined by `and`, `or` and `not` hold."""
    answers: list[float] = []
    negated, join = False, min
    for token in tokens:
        word = token.lower_value if token.type == "ident" else ""
        if word == "not":
            negated = True
        elif word == "or":
            join = max
        elif word not in {"and", "only"} and token.type not in {"whitespace", "comment"}:
            answer = _MEDIA.get(word, UNKNOWN) if word else _term(token, test, depth)
            answers.append(1 - answer if negated else answer)
            negated = False
    return join(answers, default=UNKNOWN)


def _term(token: Any, test: Callable[[str], float], depth: int) -> float:
    if token.type != "() block" or depth > _MOST_NESTED:
        return UNKNOWN
    text = tinycss2.serialize(token.content).strip().lower()
    return _holds(token.content, test, depth + 1) if text.startswith(("(", "not ")) else test(text)


def _feature(text: str) -> float:
    """Return whether one feature of a media query holds, as in `min-width: 40em` and `width >= 40em`."""
    match = _FEATURE.fullmatch(text)
    known = _FEATURES.get(match[2]) if match else None
    if match is None or known is None:
        return 0.0 if match and _FOREIGN.match(match[2]) else UNKNOWN
    bound, _, sign, value = match.groups()
    if sign is None:
        return float(known not in {0.0, "none", "no-preference"})
    if isinstance(known, str):
        return float(known == value)
    number = length(tokens_of(value), PIXELS | {"dppx": 1.0, "x": 1.0})
    if number is None:
        return UNKNOWN
    return float(_SIGNS[{"min-": ">=", "max-": "<="}.get(bound, sign)](known, number))


def _supported(text: str) -> float:
    return 0.0 if _FOREIGN.search(text) else 1.0 if _SUPPORTED.fullmatch(text) else UNKNOWN
