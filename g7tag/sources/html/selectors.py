"""Find the elements of a page that a CSS selector matches, in time that grows with the page and not with its nesting.

`cssselect` parses what stands between the functions of a selector. Functions with selectors of their own (`:is()`,
`:not()`, `:has()`, `:nth-child()`) and `&` are evaluated first; each is replaced by an attribute that stands for the
elements that it matches. A set of elements is an array of booleans, so each step visits each element once.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tinycss2
from cssselect import parser as css
from lxml import etree
from tinycss2.nth import parse_nth

from g7tag.sources.html.pages import Element, name_of
from g7tag.sources.html.values import Tokens

Mask = npt.NDArray[np.bool_]
_OUTER = "&"

_MOST_WORK = 100_000_000
"""Elements that all selectors of a page may visit in total; a usual page needs a tenth of a percent."""
_LOOP = 40
"""Elements that a step of numpy visits in the time of a turn of a loop."""
_MOST_TOKENS = 400
"""Limit of a selector's length, which limits recursion."""
_MOST_NESTED = 20
"""Limit of functions in functions."""
_STANDS_FOR = "g7tag-"
_IS, _HAS = {"is", "where", "matches", "any", "-webkit-any", "-moz-any"}, "has"
_NTH = {"nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"}
_NEVER = {
    "hover", "active", "focus", "focus-visible", "focus-within", "target", "target-within", "visited", "popover-open",
    "modal", "fullscreen", "picture-in-picture", "current", "past", "user-valid", "user-invalid", "autofill", "host",
    "indeterminate", "-webkit-autofill", "-webkit-full-screen", "-moz-full-screen", "-ms-fullscreen",
}  # fmt: skip
"""States of a page that nobody has touched."""
_FORM = {"button", "input", "select", "textarea", "optgroup", "option", "fieldset"}
_PARTS = {"first-line", "first-letter"}
"""Pseudo-elements with text of the page; the others have text of their own or none."""


class Match(NamedTuple):
    """Elements that a selector matches for sure, those that it may match, and its specificity."""

    sure: Mask
    possible: Mask
    rank: tuple[int, int, int] = (0, 0, 0)


class CannotTell(Exception):  # noqa: N818 - caught in this module
    """The selector is not understood or too costly."""


class Tree:
    """The elements of a page in document order, and what selectors ask of them."""

    def __init__(self, root: Element) -> None:
        self.elements = list(root.iter(etree.Element))
        self.places = {element: place for place, element in enumerate(self.elements)}
        self.work = 0
        self.counted: dict[str, npt.NDArray[np.int64]] = {}
        n = len(self.elements)
        self.none, self.all = np.zeros(n, bool), np.ones(n, bool)
        self.quirks = not root.getroottree().docinfo.doctype
        self.parents = np.full(n, -1, np.int32)
        self.before = np.full(n, -1, np.int32)  # the element before it with the same parent
        for place, element in enumerate(self.elements):
            last = -1
            for child in element:
                at = self.places.get(child)
                if at is not None:
                    self.parents[at], self.before[at], last = place, last, at

    @cached_property
    def ends(self) -> npt.NDArray[np.int32]:
        """For each element, the place after its last descendant."""
        ends = np.arange(1, len(self.elements) + 1, dtype=np.int32)
        for place in range(len(ends) - 1, 0, -1):
            parent = self.parents[place]
            ends[parent] = max(ends[parent], ends[place])
        return ends

    @cached_property
    def names(self) -> dict[str, list[int]]:
        """Places of the elements with each name."""
        return _index((name_of(element),) for element in self.elements)

    @cached_property
    def classes(self) -> dict[str, list[int]]:
        """Places of the elements with each class."""
        return _index(set((element.get("class") or "").split()) for element in self.elements)

    @cached_property
    def ids(self) -> dict[str, list[int]]:
        """Places of the elements with each id."""
        return _index((element.get("id"),) if element.get("id") else () for element in self.elements)

    @cached_property
    def loose_classes(self) -> dict[str, list[int]]:
        """The same by class in lower case; a page without a DOCTYPE ignores case."""
        return _fold(self.classes) if self.quirks else self.classes

    @cached_property
    def loose_ids(self) -> dict[str, list[int]]:
        """The same by id."""
        return _fold(self.ids) if self.quirks else self.ids

    @cached_property
    def attributes(self) -> dict[str, list[int]]:
        """Places of the elements with each attribute."""
        return _index({key.lower() for key in element.keys()} for element in self.elements)  # noqa: SIM118 - lxml

    @cached_property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The number of each element among its siblings, from 1."""
        numbers = np.ones(len(self.elements), np.int64)
        for place, before in enumerate(self.before):
            if before >= 0:
                numbers[place] = numbers[before] + 1
        return numbers

    def find(self, places: Iterable[int]) -> Match:
        """Return the match of some places."""
        found = self.none.copy()
        found[list(places)] = True
        return Match(found, found)

    def spend(self, steps: int = 1) -> None:
        """Count the visits of a step; raise `CannotTell` if all of them are too many."""
        self.work += steps * len(self.elements)
        if self.work > _MOST_WORK:
            msg = "too costly"
            raise CannotTell(msg)

    def spend_loop(self, turns: int) -> None:
        """Count the turns of a loop of Python, which takes longer than a step of numpy."""
        self.work += _LOOP * turns
        self.spend(0)


def match_selectors(tree: Tree, prelude: Tokens, outer: Match | None, *, nested: bool) -> list[Match]:
    """Return a match for each selector of a rule's prelude.

    `outer` is what `&` stands for: the match of the rule or scope around it. A selector that is `nested` in a rule is
    below it, unless it says `&`.

    A selector that cannot be parsed or costs too much may match every element. A selector that matches no element is
    left out.
    """
    found = []
    for selector in _split(prelude):
        try:
            match = _match(tree, _nested(selector) if nested else selector, outer, depth=0)
        except (CannotTell, css.SelectorError, RecursionError):
            match = Match(tree.none, tree.all)
        if match.possible.any():
            found.append(match)
    return found


def settle(sure: Mask, possible: Mask, rank: tuple[int, int, int] = (0, 0, 0)) -> Match:
    """Return a match, with one array if nothing is unsure."""
    return Match(sure, sure if np.array_equal(sure, possible) else possible, rank)


def union(tree: Tree, matches: Sequence[Match]) -> Match:
    """Return what any of some matches has, with the highest rank; without matches, nothing."""
    tree.spend(len(matches))
    sure, possible = tree.none, tree.none
    for match in matches:
        sure, possible = sure | match.sure, possible | match.possible
    return settle(sure, possible, max((match.rank for match in matches), default=(0, 0, 0)))


def inside(tree: Tree, match: Match, scope: Match | None) -> Match:
    """Return the part of a match that is in a scope, roots included."""
    if scope is None:
        return match
    below = _step(tree, scope, _descendants)
    sure, possible = match.sure & (below.sure | scope.sure), match.possible & (below.possible | scope.possible)
    return settle(sure, possible, match.rank)


def _index(words: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, each in enumerate(words):
        for word in each:
            found.setdefault(word, []).append(place)
    return found


def _fold(index: dict[str, list[int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for word, places in index.items():
        found.setdefault(word.lower(), []).extend(places)
    return found


def _split(tokens: Tokens, separator: str = ",") -> list[list[Any]]:
    """Split tokens at a sign, and strip space."""
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


def _nested(selector: Tokens) -> Tokens:
    """Return a nested selector that names its outer one: `p` is `& p`."""
    return selector if _names_outer(selector) else tinycss2.parse_component_value_list("& ") + list(selector)


def _names_outer(tokens: Tokens) -> bool:
    return any(token == _OUTER or _names_outer(getattr(token, "arguments", None) or ()) for token in tokens)


def _match(tree: Tree, selector: Tokens, outer: Match | None, *, depth: int) -> Match:
    """Return what one selector matches."""
    if depth == 0 and not _can_match(tree, selector):
        return Match(tree.none, tree.none)
    tree.spend()
    parsed, signs, added = _parse(tree, selector, outer, depth=depth)
    found = _evaluate(tree, parsed.parsed_tree, signs)
    ids, classes, names = parsed.specificity()
    rank = (ids + added[0], classes + added[1] - len(signs), names + added[2])
    part = parsed.pseudo_element
    if part is not None:
        text = found.possible if part in _PARTS else tree.none
        return Match(tree.none, text, rank)
    return Match(*found[:2], rank)


def _can_match(tree: Tree, selector: Tokens) -> bool:
    """Whether the page has each class and id that a selector needs; most selectors of a site need one that it lacks."""
    for before, token in zip([None, *selector], selector, strict=False):
        if token.type == "hash" and _loose(tree, token.value) not in tree.loose_ids:
            return False
        if token.type == "ident" and before == "." and _loose(tree, token.value) not in tree.loose_classes:
            return False
    return True


def _loose(tree: Tree, word: str) -> str:
    return word.lower() if tree.quirks else word


def _parse(
    tree: Tree, selector: Tokens, outer: Match | None, *, depth: int
) -> tuple[css.Selector, dict[str, Match], tuple[int, int, int]]:
    """Parse a selector; return also what stands for its functions, and the specificity that these add."""
    if len(selector) > _MOST_TOKENS or depth > _MOST_NESTED:
        msg = "too long"
        raise CannotTell(msg)
    text: list[str] = []
    signs: dict[str, Match] = {}
    for token in selector:
        match = None
        scope = token.type == "ident" and token.lower_value == "scope" and text[-1:] == [":"]
        if token == _OUTER or scope:
            match = outer or _evaluate_root(tree)
        elif token.type == "function" and text[-1:] == [":"] and text[-2:] != [":", ":"]:
            match = _function(tree, token, outer, depth=depth)
        if match is None:
            text.append(token.serialize())
            continue
        if token != _OUTER:
            text.pop()
        sign = f"{_STANDS_FOR}{len(signs)}"
        signs[sign] = match
        text.append(f"[{sign}]")
    parsed = css.parse("".join(text))
    if len(parsed) != 1:
        msg = "several selectors"
        raise CannotTell(msg)
    a, b, c = (sum(match.rank[place] for match in signs.values()) for place in range(3))
    return parsed[0], signs, (a, b, c)


def _function(tree: Tree, token: Any, outer: Match | None, *, depth: int) -> Match | None:
    """Return what a function matches; a function that is not known may match anything."""
    name = token.lower_name
    if name in _NTH:
        return _nth(tree, token, outer, depth=depth)
    if name == "host":
        return Match(tree.none, tree.none, (0, 1, 0))
    if name not in {*_IS, "not", _HAS}:
        return Match(tree.none, tree.all, (0, 1, 0))
    find = _match_relative if name == _HAS else _match
    parts = [part for part in _split(token.arguments) if part]
    if not parts:
        return Match(tree.none, tree.none)
    found = [_match_or_all(tree, part, outer, find, depth=depth + 1) for part in parts]
    sure, possible, rank = union(tree, found)
    rank = (0, 0, 0) if name == "where" else rank
    return settle(~possible, ~sure, rank) if name == "not" else settle(sure, possible, rank)


def _match_or_all(
    tree: Tree, selector: Tokens, outer: Match | None, find: Callable[..., Match], *, depth: int
) -> Match:
    """Return a match; a part of a list that is not understood may match anything."""
    try:
        return find(tree, selector, outer, depth=depth)
    except css.SelectorError:
        return Match(tree.none, tree.all)


def _match_relative(tree: Tree, selector: Tokens, outer: Match | None, *, depth: int) -> Match:
    """Return the elements from which a relative selector finds one, as in `:has(> p)`."""
    combinator = selector[0].value if selector and selector[0] in (">", "+", "~") else " "
    parsed, signs, added = _parse(tree, selector[1:] if combinator != " " else selector, outer, depth=depth)
    steps: list[tuple[str, Any]] = []
    node = parsed.parsed_tree
    while isinstance(node, css.CombinedSelector):
        steps.append((node.combinator, node.subselector))
        node = node.selector
    steps.append((combinator, node))
    found: Match | None = None
    for sign, compound in steps:
        here = _evaluate(tree, compound, signs)
        found = here if found is None else _both(tree, found, here)
        found = _step(tree, found, _BACKWARD[sign])
    ids, classes, names = parsed.specificity()
    rank = (ids + added[0], classes + added[1] - len(signs), names + added[2])
    return Match(*(found or here)[:2], rank)


def _nth(tree: Tree, token: Any, outer: Match | None, *, depth: int) -> Match:
    """Return the elements with certain numbers among their siblings."""
    arguments = list(token.arguments)
    of = next((at for at, each in enumerate(arguments) if each.type == "ident" and each.lower_value == "of"), None)
    counted = parse_nth(arguments[:of])
    if counted is None:
        msg = "no numbers"
        raise CannotTell(msg)
    match = Match(tree.all, tree.all)
    if of is not None:
        parts = [_match(tree, part, outer, depth=depth + 1) for part in _split(arguments[of + 1 :])]
        match = union(tree, parts)
    found = _with_numbers(tree, counted, match.sure, name=token.lower_name)
    rank = (match.rank[0], match.rank[1] + 1, match.rank[2])
    if not (match.possible & ~match.sure).any():
        return Match(found, found, rank)
    return Match(tree.none, match.possible, rank)


def _with_numbers(tree: Tree, counted: tuple[int, int], among: Mask, *, name: str) -> Mask:
    """Return the elements whose number is one of `a n + b`, counted among some."""
    step, first = counted
    if among is not tree.all:
        numbers = _count(tree, among, name)
    elif name in tree.counted:
        numbers = tree.counted[name]
    else:
        numbers = tree.counted[name] = _count(tree, among, name)
    tree.spend(3)
    if step == 0:
        found: Mask = numbers == first
    else:
        found = ((numbers - first) % step == 0) & ((numbers - first) // step >= 0)
    return found & among


def _count(tree: Tree, among: Mask, name: str) -> npt.NDArray[np.int64]:
    """Return the number of each element among its siblings of some kind, from 1."""
    places = np.flatnonzero(among)
    tree.spend_loop(len(places))
    seen: dict[tuple[int, str], int] = {}
    numbers = np.zeros(len(among), np.int64)
    for place in (places[::-1] if "last" in name else places).tolist():
        key = (int(tree.parents[place]), name_of(tree.elements[place]) if name.endswith("type") else "")
        numbers[place] = seen[key] = seen.get(key, 0) + 1
    return numbers


def _evaluate(tree: Tree, node: Any, signs: dict[str, Match]) -> Match:
    """Return what a parsed selector matches."""
    if isinstance(node, css.Element):
        if node.element is None:
            return Match(tree.all, tree.all)
        found = tree.find(tree.names.get(node.element.lower(), ()))
        return found if node.namespace in {None, "*"} else Match(tree.none, found.possible)
    inner = _evaluate(tree, node.selector, signs)
    if not inner.possible.any():
        return inner
    if isinstance(node, css.CombinedSelector):
        reached = _step(tree, inner, _FORWARD[node.combinator])
        return _both(tree, reached, _evaluate(tree, node.subselector, signs))
    return _both(tree, inner, _simple(tree, node, signs))


def _simple(tree: Tree, node: Any, signs: dict[str, Match]) -> Match:
    """Return what a class, an id, an attribute or a state matches."""
    if isinstance(node, css.Class):
        return _word(tree, node.class_name, tree.classes, tree.loose_classes)
    if isinstance(node, css.Hash):
        return _word(tree, node.id, tree.ids, tree.loose_ids)
    if isinstance(node, css.Attrib):
        return signs[node.attrib] if node.attrib in signs else _attribute(tree, node)
    if isinstance(node, css.Pseudo):
        return _state(tree, node.ident)
    return Match(tree.none, tree.all)


def _word(tree: Tree, word: str, exact: dict[str, list[int]], loose: dict[str, list[int]]) -> Match:
    """Return the elements with a class or an id; in a page without a DOCTYPE, another case may match too."""
    tree.spend()
    found = tree.find(exact.get(word, ()))
    return Match(found.sure, tree.find(loose.get(word.lower(), ())).sure) if tree.quirks else found


def _attribute(tree: Tree, node: css.Attrib) -> Match:
    """Return the elements with an attribute, or with some value of it."""
    name = node.attrib.lower()
    places = tree.attributes.get(name, [])
    tree.spend_loop(len(places))
    if node.operator == "exists" or node.value is None:
        return tree.find(places)
    wanted = str(node.value.value)
    fold = node.flag == "i" or (node.flag != "s" and name in _CASELESS)
    test = _VALUES[node.operator]
    wanted = wanted.lower() if fold else wanted
    values = ((place, tree.elements[place].get(name) or "") for place in places)
    return tree.find(place for place, value in values if test(value.lower() if fold else value, wanted))


_CASELESS = {
    "type",
    "dir",
    "lang",
    "rel",
    "media",
    "align",
    "valign",
    "method",
    "checked",
    "disabled",
    "hidden",
    "shape",
}
"""Attributes whose values ignore case in HTML."""
_VALUES: dict[str, Callable[[str, str], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "~=": lambda value, wanted: wanted in value.split(),
    "|=": lambda value, wanted: value == wanted or value.startswith(wanted + "-"),
    "^=": lambda value, wanted: bool(wanted) and value.startswith(wanted),
    "$=": lambda value, wanted: bool(wanted) and value.endswith(wanted),
    "*=": lambda value, wanted: bool(wanted) and wanted in value,
    "!=": lambda value, wanted: False,  # no CSS
}


def _state(tree: Tree, name: str) -> Match:
    """Return the elements in a state; a state that is not known may hold for any."""
    if name in _NEVER:
        return Match(tree.none, tree.none)
    if name in {"root", "scope"}:
        return _evaluate_root(tree)
    if name in _NUMBERED:
        tree.spend()
        return _number_state(tree, name)
    test = _STATES.get(name)
    if test is None:
        return Match(tree.none, tree.all)
    tree.spend_loop(len(tree.elements))
    answers = [test(element) for element in tree.elements]
    return settle(np.array([each is True for each in answers]), np.array([each is not False for each in answers]))


def _evaluate_root(tree: Tree) -> Match:
    return tree.find([0])


def _number_state(tree: Tree, name: str) -> Match:
    first, last = ((_with_numbers(tree, (0, 1), tree.all, name=each)) for each in _NUMBERED[name])
    return Match(first & last, first & last)


_NUMBERED = {
    "first-child": ("nth-child", "nth-child"),
    "last-child": ("nth-last-child", "nth-last-child"),
    "only-child": ("nth-child", "nth-last-child"),
    "first-of-type": ("nth-of-type", "nth-of-type"),
    "last-of-type": ("nth-last-of-type", "nth-last-of-type"),
    "only-of-type": ("nth-of-type", "nth-last-of-type"),
}


def _is_link(element: Element) -> bool:
    return name_of(element) in {"a", "area"} and element.get("href") is not None


def _is_disabled(element: Element) -> bool:
    return name_of(element) in _FORM and element.get("disabled") is not None


_STATES: dict[str, Callable[[Element], bool | None]] = {
    "link": _is_link,
    "any-link": _is_link,
    "-webkit-any-link": _is_link,
    "checked": lambda element: (
        (name_of(element) == "input" and element.get("checked") is not None)
        or (name_of(element) == "option" and element.get("selected") is not None)
    ),
    "disabled": _is_disabled,
    "enabled": lambda element: name_of(element) in _FORM and not _is_disabled(element),
    "open": lambda element: name_of(element) in {"details", "dialog"} and element.get("open") is not None,
    "empty": lambda element: len(element) == 0 and not element.text,
    "defined": lambda element: None if "-" in name_of(element) else True,
}
"""Whether an element is in a state; None if scripts decide."""


def _both(tree: Tree, one: Match, other: Match) -> Match:
    tree.spend()
    sure = one.sure & other.sure
    same = one.sure is one.possible and other.sure is other.possible
    return Match(sure, sure if same else one.possible & other.possible)


def _step(tree: Tree, match: Match, step: Callable[[Tree, Mask], Mask]) -> Match:
    """Follow a combinator from each element of a match."""
    tree.spend(5)
    sure = step(tree, match.sure)
    return Match(sure, sure if match.sure is match.possible else step(tree, match.possible))


def _descendants(tree: Tree, mask: Mask) -> Mask:
    turns = np.zeros(len(mask) + 1, np.int32)
    places = np.flatnonzero(mask)
    np.add.at(turns, places + 1, 1)
    np.add.at(turns, tree.ends[places], -1)
    return np.cumsum(turns[:-1]) > 0


def _ancestors(tree: Tree, mask: Mask) -> Mask:
    counts = np.concatenate([[0], np.cumsum(mask)])
    found: Mask = counts[tree.ends] - counts[1:] > 0
    return found


def _children(tree: Tree, mask: Mask) -> Mask:
    return np.append(mask, False)[tree.parents]  # the root's parent is -1, which is the last


def _parents(tree: Tree, mask: Mask) -> Mask:
    return _at(tree, tree.parents[mask])


def _next(tree: Tree, mask: Mask) -> Mask:
    return np.append(mask, False)[tree.before]


def _previous(tree: Tree, mask: Mask) -> Mask:
    return _at(tree, tree.before[mask])


def _later(tree: Tree, mask: Mask) -> Mask:
    first = np.full(len(mask) + 1, len(mask) + 1, np.int64)
    np.minimum.at(first, tree.parents[mask], tree.numbers[mask])
    return tree.numbers > first[tree.parents]


def _earlier(tree: Tree, mask: Mask) -> Mask:
    last = np.zeros(len(mask) + 1, np.int64)
    np.maximum.at(last, tree.parents[mask], tree.numbers[mask])
    return tree.numbers < last[tree.parents]


def _at(tree: Tree, places: npt.NDArray[np.int32]) -> Mask:
    found = tree.none.copy()
    found[places[places >= 0]] = True
    return found


_FORWARD = {" ": _descendants, ">": _children, "+": _next, "~": _later}
_BACKWARD = {" ": _ancestors, ">": _parents, "+": _previous, "~": _earlier}
