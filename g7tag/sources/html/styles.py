"""Find the properties that the style sheets of a page declare for an element, by the rules of the CSS cascade.

There are two answers for each element: with the declarations that apply for sure, and with those that may apply too.
They differ where a selector, a condition or a value is not understood.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tinycss2

from g7tag.errors import SourceError
from g7tag.sources.html import properties, values
from g7tag.sources.html.conditions import UNKNOWN, media_apply, supports_apply
from g7tag.sources.html.pages import Element
from g7tag.sources.html.selectors import Match, Tree, match_selectors, union

_MOST_DEEP = 30
_MOST_CELLS = 60_000_000
"""Limit of elements times properties, and of the places that all rules match."""
_LONGEST_LABEL = 120  # characters of a rule in a message
_LAST = 1 << 30  # behind all layers
_NO_ROW = np.zeros(0, np.int32)
_GROUPS: dict[str, Callable[[values.Tokens], float]] = {
    "media": media_apply,
    "supports": supports_apply,
    "layer": lambda prelude: 1.0,
    "container": lambda prelude: UNKNOWN,
    "scope": lambda prelude: UNKNOWN,
}
"""Rules around rules, and whether they apply; others are of fonts, animations and pages."""


class Declared(NamedTuple):
    """A property or shorthand with its value; `label` is the rule for messages."""

    name: str
    value: str
    important: bool
    label: str = ""


_TOO_DEEP = Declared("display", "none", important=True, label="rules in rules")


class Style(NamedTuple):
    """Properties of an element with their values, custom properties, and what declares them."""

    values: Mapping[str, str]
    custom: Mapping[str, str]
    declared: Mapping[str, Declared] = {}
    odd: str = ""


class Found(NamedTuple):
    """The style of an element with what applies for sure, and with what may apply too."""

    sure: Style
    possible: Style

    @property
    def label(self) -> str:
        """The first rule that makes the two differ."""
        differ = (
            each.label
            for name, each in self.possible.declared.items()
            if self.sure.values.get(name) != self.possible.values.get(name)
        )
        return next(differ, self.possible.odd)


class _Place(NamedTuple):
    """What is around a rule; `applies` is 1, 0 or unknown, as in `conditions`."""

    outer: Match | None = None
    applies: float = 1.0
    layer: tuple[int, ...] = ()
    depth: int = 0


class _Entry(NamedTuple):
    """A declaration, its rank in the cascade, the places of the elements, and whether it applies for sure."""

    rank: tuple[Any, ...]
    declared: Declared
    places: npt.NDArray[np.int32]
    sure: bool


class Styles:
    """The styles of a page: for each element and property, the declaration that wins."""

    def __init__(self, root: Element, sheets: Iterable[tuple[str, str]]) -> None:
        """Read style sheets, each with its media ("" for all)."""
        self._layers: dict[tuple[int, ...], dict[str, int]] = {}
        self._entries: list[_Entry] = []
        self._size = 0
        self._start: dict[str, str] = {}  # custom properties with a value everywhere
        self._tree: Tree | None = None
        rules = [(tinycss2.parse_stylesheet(sheet, skip_comments=True), media) for sheet, media in sheets]
        if any(nodes for nodes, _ in rules):
            self._tree = Tree(root)
            for nodes, media in rules:
                applies = media_apply(tinycss2.parse_component_value_list(media))
                self._add(nodes, _Place(applies=applies))
        self._entries.sort(key=lambda entry: entry.rank)
        self._cascades = [_Cascade(self._entries, self._tree, worst=worst) for worst in (False, True)]

    def around(self) -> Found:
        """Return what is declared around the page: the custom properties with a value everywhere."""
        return Found(Style({}, self._start), Style({}, self._start))

    def of(self, element: Element, outer: Found) -> Found:
        """Return what is declared for an element by style sheets and its attribute; `outer` is that of its parent."""
        return Found(*(cascade.of(element, style) for cascade, style in zip(self._cascades, outer, strict=True)))

    def _add(self, nodes: Iterable[Any], place: _Place) -> None:
        """Add the rules of a sheet or of a block in it; rules too deep in others may hide everything."""
        if not place.applies or self._tree is None:
            return
        if place.depth > _MOST_DEEP:
            self._declare([_TOO_DEEP], [self._tree.anything], place)
            return
        for node in nodes:
            if node.type == "at-rule":
                self._add_at_rule(node, place)
            elif node.type == "qualified-rule":
                matches = match_selectors(self._tree, node.prelude, place.outer)
                if matches:
                    self._add_block(node, _text(node.prelude), matches, place)

    def _add_block(self, node: Any, label: str, matches: list[Match], place: _Place) -> None:
        """Add the declarations in a block for the elements that selectors match, and the rules in it."""
        contents = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        self._declare(_declarations(contents, label), matches, place)
        rules = [each for each in contents if each.type != "declaration"]
        if rules:
            outer = union(matches) if matches else None
            self._add(rules, place._replace(outer=outer, depth=place.depth + 1))

    def _declare(self, declared: Sequence[Declared], matches: Iterable[Match], place: _Place) -> None:
        """Add declarations for the elements that selectors match."""
        layer = (*place.layer, _LAST)
        for match in matches if declared else ():
            places = np.flatnonzero(match.mask).astype(np.int32)
            self._size += len(places)
            _limit(self._size)
            for each in declared:
                order = tuple(-step for step in layer) if each.important else layer
                rank = (each.important, order, match.rank, len(self._entries))
                self._entries.append(_Entry(rank, each, places, match.sure and place.applies == 1))

    def _add_at_rule(self, node: Any, place: _Place) -> None:
        """Add the rules in a block such as `@media`, if its condition holds or may hold."""
        keyword = node.lower_at_keyword
        if keyword == "layer" and node.content is None:
            for name in values.split(node.prelude):
                self._layer(place.layer, _text(name))
        if keyword == "property" and node.content is not None:
            self._add_property(node)
        if node.content is None or keyword not in _GROUPS or self._tree is None:
            return
        place = place._replace(applies=min(place.applies, _GROUPS[keyword](node.prelude)))
        if keyword == "layer":
            place = place._replace(layer=self._layer(place.layer, _text(node.prelude)))
        elif keyword == "scope":
            place = place._replace(outer=self._tree.anything)
        self._add_block(node, f"@{keyword} {_text(node.prelude)}", [place.outer] if place.outer else [], place)

    def _layer(self, outer: tuple[int, ...], name: str) -> tuple[int, ...]:
        """Return a layer as its number among its siblings, and those of the layers around it."""
        for part in name.split("."):
            known = self._layers.setdefault(outer, {})
            key = part.strip() or f" {len(known)}"  # a layer without a name is a layer of its own
            outer = (*outer, known.setdefault(key, len(known)))
        return outer

    def _add_property(self, node: Any) -> None:
        name = _text(node.prelude).lower()
        for each in tinycss2.parse_blocks_contents(node.content):
            if each.type == "declaration" and each.lower_name == "initial-value":
                self._start[name] = _text(each.value).lower()


class _Cascade:
    """For each element and property, the declaration that wins; with `worst`, what is unsure applies too."""

    def __init__(self, entries: Sequence[_Entry], tree: Tree | None, *, worst: bool) -> None:
        self._declared = [entry.declared for entry in entries]
        self._worst = worst
        self._tree = tree
        self._cache: dict[tuple[bytes, str, int], tuple[Style, Style]] = {}
        counted = [(name, at) for at, entry in enumerate(entries) for name in _longhands(entry.declared.name)]
        self._names = sorted({name for name, _ in counted})
        columns = {name: column for column, name in enumerate(self._names)}
        size = len(tree.elements) if tree and self._names else 0
        _limit(size * len(columns))
        self._rows = np.full((size, len(columns)), -1, np.int32)
        for name, at in counted:
            if entries[at].sure or worst:
                self._rows[entries[at].places, columns[name]] = at

    def of(self, element: Element, outer: Style) -> Style:
        """Return the style of an element, once for those with the same declarations and custom properties."""
        own = element.get("style") or ""
        if not own and not self._names:
            return Style({}, outer.custom)
        row = self._rows[self._tree.places[element]] if self._tree and self._names else _NO_ROW
        key = (row.tobytes(), own, id(outer.custom))  # `outer` is kept, so no other object can get its id
        if key not in self._cache:
            declared = {self._names[column]: self._declared[row[column]] for column in np.flatnonzero(row >= 0)}
            for name, each in _properties(own):
                if name not in declared or each.important or not declared[name].important:
                    declared[name] = each
            self._cache[key] = (_resolve(declared, outer.custom, worst=self._worst), outer)
        return self._cache[key][0]


def _limit(cells: int) -> None:
    if cells > _MOST_CELLS:
        msg = "has too many style rules for its size. Expected a report; open it in a browser and save its text."
        raise SourceError(msg)


def _text(tokens: Iterable[Any]) -> str:
    """Return tokens as text on one line; a value too deep to be written is one that is not understood."""
    try:
        return " ".join(tinycss2.serialize([token for token in tokens if token.type != "comment"]).split())
    except RecursionError:
        return "too-deep()"


def _longhands(name: str) -> Iterable[str]:
    """Return the properties that a declaration sets."""
    return properties.SHORTHANDS.get(name, (name,))


@lru_cache(maxsize=10_000)  # pages repeat their styles
def _properties(style: str) -> list[tuple[str, Declared]]:
    """Return what the `style` attribute declares, property by property."""
    contents = tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
    found = sorted(_declarations(contents, "style attribute"), key=lambda each: each.important)
    return [(name, each) for each in found for name in _longhands(each.name)]


def _declarations(contents: Iterable[Any], label: str) -> list[Declared]:
    """Return the used and valid declarations of a block."""
    found: list[Declared] = []
    for each in contents:
        if each.type != "declaration":
            continue
        name = properties.OTHER_NAMES.get(each.lower_name, each.lower_name)
        is_custom = name.startswith("--")
        if not (is_custom or name in properties.PROPERTIES or name in properties.SHORTHANDS):
            continue
        value = _text(each.value).lower()
        if is_custom or properties.is_valid(name, value):
            rule = f"{label} {{ {each.lower_name}: {value} }}"
            found.append(Declared(name, value, each.important, rule[:_LONGEST_LABEL]))
    return found


def _resolve(declared: Mapping[str, Declared], outer: Mapping[str, str], *, worst: bool) -> Style:
    """Return the style of an element, given the custom properties of its parent."""
    custom = _custom({name: each.value for name, each in declared.items() if name.startswith("--")}, outer)
    found: dict[str, str] = {}
    odd = ""
    for name, each in declared.items():
        if name.startswith("--"):
            continue
        value = values.fill_in(each.value, custom)
        if value is not None and each.name in properties.SHORTHANDS:
            value = properties.expand(each.name, value).get(name)
        value = "unset" if value is None else value
        if not properties.is_known(name, value) and properties.PROPERTIES[name].worst:
            odd = odd or each.label
            found |= properties.PROPERTIES[name].worst if worst else {}
        elif worst or not properties.lacks_unit(name, value):
            found |= properties.effect_of(name, value)
    return Style(found, custom, declared, odd)


def _custom(own: Mapping[str, str], outer: Mapping[str, str]) -> Mapping[str, str]:
    """Return the custom properties of an element, each filled in; those that refer to themselves are left out."""
    if not own:
        return outer
    found = {name: value for name, value in outer.items() if name not in own}
    waiting = dict(own)
    for _ in range(_MOST_DEEP):
        for name in [name for name, value in waiting.items() if waiting.keys().isdisjoint(_references(value))]:
            value = waiting.pop(name)
            filled = outer.get(name) if value in {"inherit", "unset"} else values.fill_in(value, found)
            if filled is not None and filled != "initial":
                found[name] = filled
    return found


def _references(value: str) -> list[str]:
    return values.CUSTOM.findall(value) if "var(" in value else []
