"""Read the style sheets of an HTML page, and find their declarations for an element."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from g7tag.sources.html.pages import Element, name_of

USED = frozenset({
    "display", "visibility", "opacity", "color", "background", "background-color", "background-image", "font",
    "font-size", "position", "left", "right", "top", "bottom", "text-indent", "margin-left", "margin-top", "clip",
    "clip-path", "width", "height", "max-width", "max-height", "overflow", "overflow-x", "overflow-y", "transform",
    "content-visibility", "list-style", "list-style-type", "vertical-align", "white-space",
})  # fmt: skip
"""Properties that determine whether text is visible and how it looks; others are ignored."""
_WINDOW = 1280.0  # pixels; style sheets for narrow screens do not apply
_TOKEN = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[{}]")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.S)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.S)
_FEATURE = re.compile(r"\(\s*(min|max)-(?:device-)?width\s*:\s*([\d.]{1,9})(px|r?em)\s*\)")
_COMPOUND = re.compile(r"(?:[*]|[\w-]+)?(?:[.#][\w-]+|:root)*")
_SIMPLE = re.compile(r"([.#:]?)([*]|[\w-]+)")
_TRANSPARENT_BLOCKS = ("@supports", "@layer", "@container", "@scope")

Compound = frozenset[str]
"""Simple selectors that an element must match, such as `p`, `.note`, `#top`; empty for `*`."""


class Rule(NamedTuple):
    """Declarations, the compounds that an element and its ancestors must match, and the rank in the cascade."""

    own: Compound
    above: tuple[Compound, ...]
    rank: tuple[int, int, int, int]
    declared: dict[str, tuple[str, bool]]


class Styles:
    """Rules, indexed by a word of their last compound so that few are tried for an element."""

    def __init__(self, sheets: Iterable[tuple[str, str]]) -> None:
        """Read style sheets, each with its media ("" for all)."""
        self._rules: dict[str, list[Rule]] = {}
        order = 0
        for sheet, media in sheets:
            for selectors, declared in _rules_of(sheet) if _media_apply(media) else ():
                for selector in selectors.split(","):
                    compounds = _compounds(selector)
                    if compounds:
                        order += 1
                        rule = Rule(compounds[-1], tuple(compounds[:-1]), (*_specificity(compounds), order), declared)
                        self._rules.setdefault(min(rule.own, default="*"), []).append(rule)

    def of(self, element: Element) -> dict[str, str]:
        """Return the properties that style sheets and the `style` attribute declare for an element."""
        own = element.get("style")
        if not own and not self._rules:
            return {}
        features = _features(element)
        found = [rule for word in ("*", *features) for rule in self._rules.get(word, ()) if rule.own <= features]
        rules = sorted((rule for rule in found if _is_below(element, rule.above)), key=lambda rule: rule.rank)
        layers = [rule.declared for rule in rules]
        if own:
            layers.append(_declarations(own))
        return {
            name: value
            for urgent in (False, True)
            for layer in layers
            for name, (value, important) in layer.items()
            if important == urgent
        }


def _rules_of(sheet: str) -> Iterator[tuple[str, dict[str, tuple[str, bool]]]]:
    """Yield the selectors and declarations of a style sheet's rules that apply on a screen.

    Media queries about anything but the width of the window do not apply, so text is rather taken as visible.
    """
    sheet = _COMMENT.sub(" ", sheet)
    blocks: list[tuple[str, bool]] = []  # the prelude of each block, and whether its rules apply
    start = 0
    for token in _TOKEN.finditer(sheet):
        if token[0] == "{":
            prelude = sheet[start : token.start()].rpartition(";")[2].strip()
            blocks.append((prelude, all(applies for _, applies in blocks[-1:]) and _block_applies(prelude)))
        elif token[0] == "}":
            prelude, applies = blocks.pop() if blocks else ("", False)
            declared = _declarations(sheet[start : token.start()]) if applies and not prelude.startswith("@") else {}
            if declared:
                yield prelude, declared
        if token[0] in "{}":
            start = token.end()
    if blocks and blocks[-1][1] and not blocks[-1][0].startswith("@"):  # the sheet ends inside a rule
        yield blocks[-1][0], _declarations(sheet[start:])


def _block_applies(prelude: str) -> bool:
    if prelude.lower().startswith("@media"):
        return _media_apply(prelude[len("@media") :])
    return not prelude.startswith("@") or prelude.lower().startswith(_TRANSPARENT_BLOCKS)


def _media_apply(media: str) -> bool:
    return any(_query_applies(query.strip().lower()) for query in media.split(",")) if media.strip() else True


def _query_applies(query: str) -> bool:
    """Whether a media query matches a screen as wide as `_WINDOW`."""
    rest = query
    for feature in _FEATURE.finditer(query):
        number = float(feature[2]) if feature[2].replace(".", "", 1).isdecimal() else 0.0
        width = number * (1.0 if feature[3] == "px" else 16.0)
        if width > _WINDOW if feature[1] == "min" else width < _WINDOW:
            return False
        rest = rest.replace(feature[0], "")
    return set(rest.split()) <= {"all", "screen", "only", "and"}


@lru_cache(maxsize=1000)  # pages repeat their styles
def _declarations(text: str) -> dict[str, tuple[str, bool]]:
    """Return the used properties that a block declares: value in lower case, and whether it is important."""
    declared: dict[str, tuple[str, bool]] = {}
    for part in _ESCAPE.sub(_unescape, _COMMENT.sub(" ", text)).split(";"):
        name, _, value = part.partition(":")
        name = name.strip().lower()
        if name in USED:
            value, _, important = value.lower().partition("!")
            declared[name] = (" ".join(value.split()), important.strip() == "important")
    return declared


def _unescape(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2]
    code = int(escape[1], 16)
    return chr(code) if 0 < code < 0xD800 else "\ufffd"


def _compounds(selector: str) -> list[Compound]:
    """Return the compounds of a selector, or none if it is not supported.

    Selectors with siblings, attributes, states (`:hover`) or pseudo-elements (`::before`) never match, so text is
    rather taken as visible. A child selector (`>`) matches any descendant.
    """
    words = _ESCAPE.sub(_unescape, selector).replace(">", " ").split()
    if not words or not all(_COMPOUND.fullmatch(word) for word in words):
        return []
    return [frozenset(_word(sign, name) for sign, name in _SIMPLE.findall(word) if name != "*") for word in words]


def _word(sign: str, name: str) -> str:
    """Return a simple selector in the form of `_features`; element names are in lower case."""
    return ("html" if sign == ":" else name.lower()) if sign in {"", ":"} else sign + name


def _specificity(compounds: list[Compound]) -> tuple[int, int, int]:
    words = [word for compound in compounds for word in compound]
    ids, classes = (sum(word.startswith(sign) for word in words) for sign in "#.")
    return ids, classes, len(words) - ids - classes


def _features(element: Element) -> set[str]:
    """Return the simple selectors that an element matches."""
    features = {name_of(element), *("." + name for name in (element.get("class") or "").split())}
    return features | {"#" + element.get("id")} if element.get("id") else features


def _is_below(element: Element, above: tuple[Compound, ...]) -> bool:
    """Whether ancestors match the compounds, of which the last is the nearest."""
    wanted = list(above)
    parent = element.getparent() if wanted else None
    while wanted and parent is not None:
        if wanted[-1] <= _features(parent):
            wanted.pop()
        parent = parent.getparent()
    return not wanted
