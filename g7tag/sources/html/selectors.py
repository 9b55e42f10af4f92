"""Find the elements of a page that a CSS selector matches, in time that grows with the page and not with its nesting.

`cssselect` parses what stands between the functions of a selector. Functions with selectors of their own (`:is()`,
`:not()`, `:has()`) and `&` are evaluated first; each is replaced by an attribute that stands for its elements. A set
of elements is an array of booleans, so each step visits each element once.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tinycss2
from cssselect import parser as css
from lxml import etree
from tinycss2.nth import parse_nth

from g7tag.sources.html.pages import Element, name_of
from g7tag.sources.html.values import Tokens, split

Mask = npt.NDArray[np.bool_]
Rank = tuple[int, int, int]

_MOST_WORK = 100_000_000
"""Elements that all selectors of a page may visit in total; a usual page needs a tenth of a percent."""
_LOOP = 40
"""Elements that a step of numpy visits in the time of a turn of a loop."""
_MOST_TOKENS = 400
"""Limit of a selector's length, which limits recursion."""
_MOST_NESTED = 20
"""Limit of functions in functions."""
_OUTER = "&"
_BELOW_OUTER = tinycss2.parse_component_value_list("& ")
_STANDS_FOR = "g7tag-"
_LISTS = {"is", "where", "matches", "any", "-webkit-any", "-moz-any", "not", "has"}
_NEVER = {
    "hover", "active", "focus", "focus-visible", "focus-within", "target", "target-within", "visited", "popover-open",
    "modal", "fullscreen", "picture-in-picture", "current", "past", "user-valid", "user-invalid", "autofill", "host",
    "indeterminate", "-webkit-autofill", "-webkit-full-screen", "-moz-full-screen", "-ms-fullscreen",
}  # fmt: skip
"""States of a page that nobody has touched."""
_STATES = {
    "link": ("href", {"a", "area"}), "any-link": ("href", {"a", "area"}), "-webkit-any-link": ("href", {"a", "area"}),
    "checked": ("checked", {"input"}), "open": ("open", {"details", "dialog"}),
    "disabled": ("disabled", {"button", "input", "select", "textarea", "optgroup", "option", "fieldset"}),
}  # fmt: skip
"""States of the elements that have an attribute and one of some names."""
_FIRST_OF = {
    "first-child": ("nth-child",), "last-child": ("nth-last-child",), "only-child": ("nth-child", "nth-last-child"),
    "first-of-type": ("nth-of-type",), "last-of-type": ("nth-last-of-type",),
    "only-of-type": ("nth-of-type", "nth-last-of-type"),
}  # fmt: skip
"""States of the elements that are the first by some ways of counting."""
_COUNTED = {way for ways in _FIRST_OF.values() for way in ways}
_PARTS = {"first-line", "first-letter"}
"""Pseudo-elements with text of the page; the others have text of their own or none."""
_CASELESS = {"type", "dir", "lang", "rel", "media", "align", "valign", "method", "checked", "disabled", "hidden"}
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


class Match(NamedTuple):
    """Elements that a selector may match, whether it matches them for sure, and its specificity."""

    mask: Mask
    sure: bool = True
    rank: Rank = (0, 0, 0)


class Tree:
    """The elements of a page in document order, and what selectors ask of them."""

    def __init__(self, root: Element) -> None:
        self.elements = list(root.iter(etree.Element))
        self.places = {element: place for place, element in enumerate(self.elements)}
        self.work = 0
        size = len(self.elements)
        self.none, self.all = np.zeros(size, bool), np.ones(size, bool)
        self.anything = Match(self.all, sure=False)
        self.quirks = not root.getroottree().docinfo.doctype  # names of classes and ids ignore case
        self.parents = np.full(size, -1, np.int32)
        self.before = np.full(size, -1, np.int32)  # the element before it with the same parent
        for place, element in enumerate(self.elements):
            last = -1
            for child in element:
                at = self.places.get(child)
                if at is not None:
                    self.parents[at], self.before[at], last = place, last, at
        self._numbers: dict[str, npt.NDArray[np.int32]] = {}

    @cached_property
    def ends(self) -> npt.NDArray[np.int32]:
        """For each element, the place after its last descendant."""
        ends = np.arange(1, len(self.elements) + 1, dtype=np.int32)
        for place in range(len(ends) - 1, 0, -1):
            parent = self.parents[place]
            ends[parent] = max(ends[parent], ends[place])
        return ends

    @cached_property
    def index(self) -> dict[str, list[int]]:
        """Places of the elements with a name (`p`), class (`.x`), id (`#y`) or attribute (`[href`)."""
        found: dict[str, list[int]] = {}
        for place, element in enumerate(self.elements):
            words = {f".{word}" for word in (element.get("class") or "").split()}
            words |= {f"#{element.get('id')}"} if element.get("id") else set()
            words |= {_loose(word) for word in words} if self.quirks else set()
            for key in (name_of(element), *words, *{f"[{key.lower()}" for key in element.keys()}):  # noqa: SIM118 - lxml
                found.setdefault(key, []).append(place)
        return found

    def numbers(self, way: str) -> npt.NDArray[np.int32]:
        """Return the number of each element among its siblings, from 1, by a way of counting such as `nth-child`."""
        if way not in self._numbers:
            self.spend(_LOOP * len(self.elements))
            seen: dict[tuple[int, str], int] = {}
            found = self._numbers[way] = np.zeros(len(self.elements), np.int32)
            places = range(len(found))
            for place in reversed(places) if "last" in way else places:
                key = (int(self.parents[place]), name_of(self.elements[place]) if way.endswith("type") else "")
                found[place] = seen[key] = seen.get(key, 0) + 1
        return self._numbers[way]

    def find(self, places: Iterable[int]) -> Match:
        """Return the match of some places."""
        found = self.none.copy()
        found[list(places)] = True
        return Match(found)

    def spend(self, visits: int | None = None) -> None:
        """Count visits of elements (default: one of each); raise `SelectorError` if all of them are too many."""
        self.work += len(self.elements) if visits is None else visits
        if self.work > _MOST_WORK:
            msg = "too costly"
            raise css.SelectorError(msg)


def match_selectors(tree: Tree, prelude: Tokens, outer: Match | None) -> list[Match]:
    """Return a match for each selector of a rule's prelude that may match an element."""
    found = []
    for selector in split(prelude):
        nested = _BELOW_OUTER + selector if outer and not _names_outer(selector) else selector
        try:
            match = _match(tree, nested, outer, depth=0)
        except (css.SelectorError, ValueError, RecursionError):
            match = tree.anything
        if match.mask.any():
            found.append(match)
    return found


def union(matches: Sequence[Match]) -> Match:
    """Return what any of some matches has, with the highest rank; there must be a match."""
    mask = np.logical_or.reduce([match.mask for match in matches])
    return Match(mask, all(match.sure for match in matches), max(match.rank for match in matches))


def _loose(word: str) -> str:
    """Return a class or an id in the form for pages that ignore case."""
    return f"{word.lower()} "


def _names_outer(tokens: Tokens) -> bool:
    return any(token == _OUTER or _names_outer(getattr(token, "arguments", None) or ()) for token in tokens)


def _match(tree: Tree, selector: Tokens, outer: Match | None, *, depth: int, relative: bool = False) -> Match:
    """Return what one selector matches; for one that is relative, as in `:has(> p)`, where it finds something."""
    if depth == 0 and _lacks_a_word(tree, selector):
        return Match(tree.none)
    if len(selector) > _MOST_TOKENS or depth > _MOST_NESTED:
        msg = "too long"
        raise css.SelectorError(msg)
    tree.spend()
    text = ["* "] if relative else []
    signs: dict[str, Match] = {}  # what stands for functions
    for token in selector:
        is_state = text[-1:] == [":"] and text[-2:] != [":", ":"]
        is_scope = is_state and token.type == "ident" and token.lower_value == "scope"
        if token != _OUTER and not is_scope and not (is_state and token.type == "function"):
            text.append(token.serialize())
            continue
        sign = f"{_STANDS_FOR}{len(signs)}"
        if token == _OUTER or is_scope:
            signs[sign] = outer or tree.find([0])
        else:
            signs[sign] = _function(tree, token, outer, depth=depth + 1)
        text[-1:] = [*text[-1:], f"[{sign}]"] if token == _OUTER else [f"[{sign}]"]
    (parsed,) = css.parse("".join(text))
    found = (_evaluate_backward if relative else _evaluate)(tree, parsed.parsed_tree, signs)
    ids, classes, names = map(sum, zip(parsed.specificity(), *(match.rank for match in signs.values()), strict=True))
    if parsed.pseudo_element is not None:
        found = Match(found.mask if parsed.pseudo_element in _PARTS else tree.none, sure=False)
    return found._replace(rank=(ids, classes - len(signs), names))


def _lacks_a_word(tree: Tree, selector: Tokens) -> bool:
    """Whether the page lacks a class or an id that a selector needs, as for most selectors of a site."""
    words = [f"#{token.value}" for token in selector if token.type == "hash"]
    words += [f".{token.value}" for sign, token in pairwise(selector) if sign == "." and token.type == "ident"]
    return any(word not in tree.index and _loose(word) not in tree.index for word in words)


def _function(tree: Tree, token: Any, outer: Match | None, *, depth: int) -> Match:
    """Return what a function matches; one that is not known may match anything."""
    name = token.lower_name
    series = parse_nth(token.arguments) if name in _COUNTED else None
    if series:
        return Match(_numbered(tree, name, *series), rank=(0, 1, 0))
    if name not in _LISTS:
        return tree.anything._replace(rank=(0, 1, 0))
    parts = [part for part in split(token.arguments) if part]
    found = [_match(tree, part, outer, depth=depth, relative=name == "has") for part in parts]
    match = union(found) if found else Match(tree.none)
    if name == "not":
        match = match._replace(mask=~match.mask if match.sure else tree.all)
    return match._replace(rank=(0, 0, 0)) if name == "where" else match


def _numbered(tree: Tree, way: str, step: int, first: int) -> Mask:
    """Return the elements whose number is one of `step * n + first`."""
    tree.spend(3 * len(tree.elements))
    steps = tree.numbers(way) - first
    found: Mask = steps == 0 if step == 0 else (steps % step == 0) & (steps // step >= 0)
    return found


def _evaluate(tree: Tree, node: Any, signs: dict[str, Match]) -> Match:
    """Return what a parsed selector matches."""
    if isinstance(node, css.Element):
        found = Match(tree.all) if node.element is None else tree.find(tree.index.get(node.element.lower(), ()))
        return found._replace(sure=node.namespace in {None, "*"})
    inner = _evaluate(tree, node.selector, signs)
    if not inner.mask.any():
        return inner
    if isinstance(node, css.CombinedSelector):
        tree.spend(5 * len(tree.elements))
        inner = inner._replace(mask=_FORWARD[node.combinator](tree, inner.mask))
        return _both(inner, _evaluate(tree, node.subselector, signs))
    tree.spend()
    return _both(inner, _simple(tree, node, signs))


def _evaluate_backward(tree: Tree, node: Any, signs: dict[str, Match]) -> Match:
    """Return the elements from which a parsed selector finds something."""
    found = Match(tree.all)
    while isinstance(node, css.CombinedSelector):
        tree.spend(5 * len(tree.elements))
        found = _both(found, _evaluate(tree, node.subselector, signs))
        found = found._replace(mask=_BACKWARD[node.combinator](tree, found.mask))
        node = node.selector
    return found


def _both(one: Match, other: Match) -> Match:
    return Match(one.mask & other.mask, one.sure and other.sure)


def _simple(tree: Tree, node: Any, signs: dict[str, Match]) -> Match:
    """Return what a class, an id, an attribute or a state matches."""
    if isinstance(node, css.Class):
        return _word(tree, f".{node.class_name}")
    if isinstance(node, css.Hash):
        return _word(tree, f"#{node.id}")
    if isinstance(node, css.Attrib):
        return signs[node.attrib] if node.attrib in signs else _attribute(tree, node)
    return _state(tree, node.ident) if isinstance(node, css.Pseudo) else tree.anything


def _word(tree: Tree, word: str) -> Match:
    """Return the elements with a class or an id; it is unsure whether one in another case matches."""
    exact = tree.index.get(word, [])
    loose = tree.index.get(_loose(word), exact)
    return tree.find(loose)._replace(sure=len(loose) == len(exact))


def _attribute(tree: Tree, node: css.Attrib) -> Match:
    """Return the elements with an attribute, or with some value of it."""
    name = node.attrib.lower()
    places = tree.index.get(f"[{name}", [])
    tree.spend(_LOOP * len(places))
    if node.operator == "exists" or node.value is None:
        return tree.find(places)
    fold = node.flag == "i" or (node.flag != "s" and name in _CASELESS)
    test, wanted = _VALUES[node.operator], str(node.value.value)
    wanted = wanted.lower() if fold else wanted
    values = ((place, tree.elements[place].get(name) or "") for place in places)
    return tree.find(place for place, value in values if test(value.lower() if fold else value, wanted))


def _state(tree: Tree, name: str) -> Match:
    """Return the elements in a state; a state that is not known may hold for any."""
    elements = tree.elements
    if name == "root":
        return tree.find([0])
    if name in _FIRST_OF:
        return Match(np.logical_and.reduce([_numbered(tree, way, 0, 1) for way in _FIRST_OF[name]]))
    if name in _STATES:
        attribute, names = _STATES[name]
        return tree.find(place for place in tree.index.get(f"[{attribute}", ()) if name_of(elements[place]) in names)
    if name == "empty":
        tree.spend(_LOOP * len(elements))
        return tree.find(place for place, each in enumerate(elements) if len(each) == 0 and not each.text)
    if name == "defined":  # scripts define elements whose names have a hyphen
        return Match(tree.all, sure=not any("-" in key and key[0] not in ".#[" for key in tree.index))
    return Match(tree.none) if name in _NEVER else tree.anything


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


def _later(tree: Tree, mask: Mask) -> Mask:
    first = np.full(len(mask) + 1, len(mask), np.int32)  # of the siblings that match, by parent
    np.minimum.at(first, tree.parents[mask], np.flatnonzero(mask))
    found: Mask = np.arange(len(mask)) > first[tree.parents]
    return found


def _earlier(tree: Tree, mask: Mask) -> Mask:
    last = np.full(len(mask) + 1, -1, np.int32)
    np.maximum.at(last, tree.parents[mask], np.flatnonzero(mask))
    found: Mask = np.arange(len(mask)) < last[tree.parents]
    return found


def _those_at(tree: Tree, places: npt.NDArray[np.int32]) -> Mask:
    return tree.find(places[places >= 0].tolist()).mask


_FORWARD: dict[str, Callable[[Tree, Mask], Mask]] = {
    " ": _descendants,
    ">": lambda tree, mask: np.append(mask, False)[tree.parents],  # the root's parent is -1, which is the last
    "+": lambda tree, mask: np.append(mask, False)[tree.before],
    "~": _later,
}
_BACKWARD: dict[str, Callable[[Tree, Mask], Mask]] = {
    " ": _ancestors,
    ">": lambda tree, mask: _those_at(tree, tree.parents[mask]),
    "+": lambda tree, mask: _those_at(tree, tree.before[mask]),
    "~": _earlier,
}
