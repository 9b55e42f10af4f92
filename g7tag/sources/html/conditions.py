"""Decide whether the conditions of style sheets hold: `@media`, `@supports` and `@container`.

An answer is True, False or None (unknown).
"""

from collections.abc import Callable, Sequence
from typing import Any

import tinycss2

from g7tag.sources.html import values

Answer = bool | None
Tokens = Sequence[Any]

_FEATURES: dict[str, float | str] = {
    "width": 1280.0, "device-width": 1280.0, "height": 720.0, "device-height": 720.0, "resolution": 1.0,
    "-webkit-device-pixel-ratio": 1.0, "color": 8.0, "color-index": 0.0, "monochrome": 0.0, "grid": 0.0,
    "orientation": "landscape", "hover": "hover", "any-hover": "hover", "pointer": "fine", "any-pointer": "fine",
    "update": "fast", "prefers-color-scheme": "light", "prefers-reduced-motion": "no-preference",
    "prefers-reduced-transparency": "no-preference", "prefers-reduced-data": "no-preference",
    "prefers-contrast": "no-preference", "forced-colors": "none", "inverted-colors": "none", "display-mode": "browser",
    "scripting": "enabled",
}  # fmt: skip
"""A window of a computer; style sheets for narrow screens do not apply."""
_MEDIA = {"all": True, "screen": True} | dict.fromkeys(("print", "speech", "aural", "braille", "tv", "tty"), False)
_FOREIGN = ("-ms-", "-moz-", "-o-", "-khtml-")
_SUPPORTED = {
    "display": {"grid", "inline-grid", "flex", "inline-flex", "block", "inline-block", "contents", "flow-root"},
    "position": {"sticky", "fixed", "absolute", "relative"},
}
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "=": lambda one, other: one == other,
}
_MOST_NESTED = 20


def media_apply(tokens: Tokens) -> Answer:
    """Return whether a list of media queries applies to a window of 1,280 by 720 pixels; an empty one does.

    Examples
    --------
    >>> [media_apply(tinycss2.parse_component_value_list(query)) for query in ("print", "(width > 60em)", "(odd: 1)")]
    [False, True, None]
    """
    queries: list[list[Any]] = [[]]
    for token in tokens:
        if token == values.COMMA:
            queries.append([])
        elif token.type not in {"whitespace", "comment"}:
            queries[-1].append(token)
    return _or([_query(query) for query in queries]) if any(queries) else True


def supports_apply(tokens: Tokens) -> Answer:
    """Return whether a browser of today supports something; few features are known.

    Examples
    --------
    >>> [supports_apply(tinycss2.parse_component_value_list(it)) for it in ("(display: grid)", "(-ms-x: y)", "(a: b)")]
    [True, False, None]
    """
    return _holds(tokens, _supported, 0)


def _query(tokens: Tokens) -> Answer:
    words = [token.lower_value if token.type == "ident" else "" for token in tokens[:2]]
    if words[:1] == ["not"] and any(words[1:]):  # `not screen and (color)` negates all of it
        return _not(_holds(tokens[1:], _feature, 0))
    return _holds(tokens, _feature, 0)


def _holds(tokens: Tokens, test: Callable[[Any], Answer], depth: int) -> Answer:
    """Return whether terms joined by `and`, `or` and `not` hold."""
    answers: list[Answer] = []
    negated = joined_by_or = False
    for token in tokens:
        word = token.lower_value if token.type == "ident" else ""
        if word == "not":
            negated = not negated
        elif word == "or":
            joined_by_or = True
        elif word not in {"and", "only"} and token.type not in {"whitespace", "comment"}:
            answer = _term(token, word, test, depth)
            answers.append(_not(answer) if negated else answer)
            negated = False
    return _or(answers) if joined_by_or else _and(answers)


def _term(token: Any, word: str, test: Callable[[Any], Answer], depth: int) -> Answer:
    if word:
        return _MEDIA.get(word) if test is _feature else None
    if token.type != "() block" or depth > _MOST_NESTED:
        return None
    inner = [each for each in token.content if each.type not in {"whitespace", "comment"}]
    if inner and (inner[0].type == "() block" or (inner[0].type == "ident" and inner[0].lower_value == "not")):
        return _holds(inner, test, depth + 1)
    return test(inner)


def _feature(tokens: Tokens) -> Answer:
    """Return whether one feature of a media query holds."""
    names = [token.lower_value for token in tokens if token.type == "ident"]
    name = next((each for each in names if each.removeprefix("min-").removeprefix("max-") in _FEATURES), "")
    name = name or next((each for each in names if each.startswith(("-webkit-min-", "-webkit-max-"))), "")
    if not name:
        return False if any(each.startswith(_FOREIGN) for each in names) else None
    bound = "min" if "min-" in name else "max" if "max-" in name else ""
    known = _FEATURES.get(name.replace("min-", "").replace("max-", ""))
    if known is None:
        return None
    if len(tokens) == 1:
        return known not in {0.0, "none", "no-preference"}
    if isinstance(known, str):
        return known == names[-1] if len(names) > 1 else None
    parts = _compared(tokens, name)
    if bound and len(parts) == 1:
        return known >= parts[0][1] if bound == "min" else known <= parts[0][1]
    return all(_SIGNS[sign](known, number) for sign, number in parts) if parts else None


def _compared(tokens: Tokens, name: str) -> list[tuple[str, float]]:
    """Return what a feature is compared with, as in `(400px <= width < 60em)`."""
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
    parts: list[tuple[str, float]] = []
    sign, number, seen = "", None, False
    for token in tokens:
        if token.type == "ident" and token.lower_value == name:
            if number is not None and sign:
                parts.append((turned[sign], number))
            sign, seen = "", True
        elif token.type == "literal" and token.value in {"<", ">", "=", ":", "<=", ">="}:
            sign = "=" if token.value == ":" else sign + token.value if sign + token.value in _SIGNS else sign
        else:
            number = (
                token.value
                if token.type == "dimension" and token.lower_unit in {"dppx", "x"}
                else values.length([token])
            )
            if number is None:
                return []
            if seen and sign:
                parts.append((sign, number))
    return parts


def _supported(tokens: Tokens) -> Answer:
    name = tokens[0].lower_value if tokens and tokens[0].type == "ident" else ""
    text = tinycss2.serialize(tokens).lower()
    if name.startswith(_FOREIGN) or any(f":{prefix}" in text.replace(" ", "") for prefix in _FOREIGN):
        return False
    values = [token.lower_value for token in tokens[2:] if token.type == "ident"]
    return True if len(values) == 1 and values[0] in _SUPPORTED.get(name, ()) else None


def _not(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _and(answers: list[Answer]) -> Answer:
    return False if False in answers else None if None in answers or not answers else True


def _or(answers: list[Answer]) -> Answer:
    return True if True in answers else None if None in answers or not answers else False
