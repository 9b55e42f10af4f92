"""Find the declarations for each element in the style sheets and attributes of a page."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import cssselect
import tinycss2
from cssselect import parser
from lxml import etree

from g7tag.sources.html.looks import NOT_HIDING, Style, Unread, read_color, read_declarations
from g7tag.sources.html.pages import Element, ignores_case

Rank = tuple[int, ...]
"""The rank of a declaration and its specificity; a later one wins."""
_BROWSER = """
    [hidden], [popover], dialog:not([open]) { display: none }
    details:not([open]), details:not([open]) details summary { visibility: hidden }
    details > summary { visibility: visible }
    a[href] { color: #0000ee }
    mark { color: black; background-color: yellow }
    sup { vertical-align: super }
    pre, listing, xmp, plaintext { white-space: pre }
    ol, li[type="1"] { list-style-type: decimal }
    ul, menu, dir { list-style-type: disc }
    ol[type=a], li[type=a] { list-style-type: lower-alpha }
    ol[type=A], li[type=A] { list-style-type: upper-alpha }
    ol[type=i], li[type=i] { list-style-type: lower-roman }
    ol[type=I], li[type=I] { list-style-type: upper-roman }
"""
"""How browsers show a page without styles, as far as it matters here."""
_OF_BROWSER, _OF_ATTRIBUTES, _OF_SHEET, _INLINE, _IMPORTANT, _IMPORTANT_INLINE, _UNSURE = range(7)
"""Ranks of declarations; a later one wins. It is not known whether those of the last apply."""

_WINDOW = 1280  # pixels
_LONGEST_LABEL = 80  # characters of a rule in a message
_OF_TEXT = frozenset({"", "first-line", "first-letter", "part", "slotted", "details-content"})
"""Pseudo-elements that hold text of the page; "" is the element itself."""
_NOT_READ = re.compile(r":(?:has|contains|matches)\(|!=", re.IGNORECASE)
"""Parts of selectors that take much time, or that cssselect knows and browsers do not."""

_NO, _UNKNOWN, _YES = range(3)
_MEDIA = {"": _YES, "all": _YES, "screen": _YES, "(prefers-color-scheme:light)": _YES} | dict.fromkeys(
    ("print", "speech", "(prefers-color-scheme:dark)", "(prefers-reduced-motion:reduce)"), _NO
)
_WIDTH = re.compile(r"\((min|max)-width:(\d{1,9}(?:\.\d{1,9})?)(px|em|rem)\)")


class _Translator(cssselect.HTMLTranslator):
    """Add states that a page nobody has touched does not have."""

    xpath_focus_visible_pseudo = xpath_focus_within_pseudo = cssselect.HTMLTranslator.pseudo_never_matches


_TRANSLATOR = _Translator()


class Styles:
    """The declared styles of a page; `doubt` is the first rule that is not read, `linked` a file with more rules."""

    def __init__(self, root: Element) -> None:
        self.doubt = self.linked = ""
        self._root = root
        self._elements = list(root.iter(etree.Element))  # which keeps them the same objects
        self._classes = {name for each in self._elements for name in each.get("class", "").split()}
        self._matching: dict[str, set[Element]] = {}
        self._found: list[tuple[Rank, Iterable[Element], Style]] = []
        self._read_sheet(_BROWSER, _OF_BROWSER)
        self._read_sheets()
        for element in self._elements:
            self._read_attributes(element)
        self._declared: dict[Element, Style] = defaultdict(dict)
        for _, elements, style in sorted(self._found, key=itemgetter(0)):
            for element in elements:
                self._declared[element] |= style

    def of(self, element: Element) -> Style:
        """Return the read properties of an element."""
        return self._declared.get(element, {})

    def _read_sheets(self) -> None:
        for element in self._root.iter("style", "link"):
            applies = media_applies(element.get("media") or "")
            if applies == _NO or any(each.tag in {"noscript", "template"} for each in element.iterancestors()):
                continue
            if element.tag == "style" and (element.get("type") or "text/css").strip().lower() == "text/css":
                self._read_sheet("".join(element.itertext()), _OF_SHEET if applies == _YES else _UNSURE)
            elif element.tag == "link" and _is_sheet(element):
                self.linked = self.linked or _label(element.get("href") or "a file")

    def _read_sheet(self, text: str, rank: int) -> None:
        try:
            self._read_block(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), "", rank)
        except RecursionError:
            self._doubt("a rule that is nested too deep")

    def _read_block(self, nodes: Sequence[Any], selector: str, rank: int) -> None:
        """Collect the declarations of a block and of the blocks in it."""
        self._read_rule(selector, [node for node in nodes if node.type == "declaration"], rank)
        for node in nodes:
            if node.type not in {"qualified-rule", "at-rule"}:
                continue
            prelude = " ".join(tinycss2.serialize(node.prelude).split())
            content = _parse(node.content or ())
            if node.type == "qualified-rule":
                self._read_block(content, prelude, _UNSURE if selector else rank)
            elif node.lower_at_keyword == "import":
                self._doubt(f"@import {prelude}")
            elif not node.lower_at_keyword.endswith("keyframes"):
                applies = media_applies(prelude) if node.lower_at_keyword == "media" else _UNKNOWN
                if applies != _NO:
                    self._read_block(content, selector, rank if applies == _YES else _UNSURE)

    def _read_rule(self, selector: str, declarations: Sequence[Any], rank: int) -> None:
        """Collect the declarations of a rule with the elements that it is for."""
        text = " ".join(tinycss2.serialize(declarations).split())
        label = _label(f"{selector} {{ {text.rstrip('; ')} }}")
        normal, important = read_declarations(declarations, label)
        if not selector or not (normal or important):
            return
        names = {*normal, *important} - NOT_HIDING
        for pseudo, specificity, elements in self._matches(selector, label if names else ""):
            if rank == _UNSURE or pseudo:
                self._found.append(((_UNSURE, *specificity), elements, dict.fromkeys(names, Unread(label))))
            else:
                self._found.append(((rank, *specificity), elements, normal))
                self._found.append(((_IMPORTANT, *specificity), elements, important))

    def _matches(self, text: str, label: str) -> Iterator[tuple[str, Rank, set[Element]]]:
        """Yield pseudo-element, specificity and elements of each selector of a rule; a doubt if it is not read."""
        if ignores_case(self._root) and "[" not in text:
            text = text.lower()
        try:
            if _NOT_READ.search(text):
                self._doubt(label)
                return
            for selector in cssselect.parse(text):
                pseudo = str(selector.pseudo_element or "")
                if pseudo in _OF_TEXT:
                    yield pseudo, selector.specificity(), self._find(selector.parsed_tree)
        except (cssselect.SelectorError, etree.XPathError):
            self._doubt(label)

    def _find(self, tree: Any) -> set[Element]:
        """Return the elements that a selector matches; lxml looks for each of its parts, which takes little time."""
        if not isinstance(tree, parser.CombinedSelector):
            path = str(_TRANSLATOR.xpath(tree))
            if path not in self._matching:
                is_known = self._classes.issuperset(_classes_in(tree))
                self._matching[path] = set(self._root.xpath(f"descendant-or-self::{path}")) if is_known else set()
            return self._matching[path]
        outer, found = self._find(tree.selector), self._find(tree.subselector)
        if tree.combinator == ">":
            return {each for each in found if each.getparent() in outer}
        if tree.combinator == "+":
            return {each for each in found if each.getprevious() in outer}
        if tree.combinator == "~":
            return {each for each in found if any(other in outer for other in each.itersiblings(preceding=True))}
        return {each for each in found if any(above in outer for above in each.iterancestors())} if outer else set()

    def _read_attributes(self, element: Element) -> None:
        """Collect what the attributes of an element declare."""
        style = _by_attributes(element) if element.attrib else {}
        normal, important = _inline(element.get("style") or "")
        for rank, declared in ((_OF_ATTRIBUTES, style), (_INLINE, normal), (_IMPORTANT_INLINE, important)):
            if declared:
                self._found.append(((rank,), (element,), declared))

    def _doubt(self, label: str) -> None:
        self.doubt = self.doubt or _label(label)


def _classes_in(tree: Any) -> Iterator[str]:
    """Yield the classes that an element must have to match a part of a selector."""
    while not isinstance(tree, parser.Element):
        if isinstance(tree, parser.Class):
            yield tree.class_name
        tree = tree.selector


def media_applies(text: str) -> int:
    """Return whether media queries apply to a window of 1,280 pixels, or `_UNKNOWN` if they are not understood."""
    queries = re.sub(r"\s*([:,])\s*", r"\1", " ".join(text.lower().split())).split(",")
    return max(min(map(_holds, query.removeprefix("only ").split(" and "))) for query in queries)


def _holds(condition: str) -> int:
    width = _WIDTH.fullmatch(condition)
    if width is None:
        return _MEDIA.get(condition, _UNKNOWN)
    pixels = float(width[2]) * (1 if width[3] == "px" else 16)
    return _YES if (pixels <= _WINDOW if width[1] == "min" else pixels >= _WINDOW) else _NO


def _is_sheet(link: Element) -> bool:
    words = (link.get("rel") or "").lower().split()
    return "stylesheet" in words and "alternate" not in words


def _label(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def _parse(content: Any) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    return nodes


def _by_attributes(element: Element) -> Style:
    """Return the style that attributes of old pages give."""
    style = Style()
    text = element.get("color") if element.tag == "font" else element.get("text") if element.tag == "body" else ""
    for name, value in (("color", text or ""), ("background-color", element.get("bgcolor") or "")):
        color = read_color(value) or read_color(f"#{value.strip()}")
        if color and not isinstance(color, str):
            style[name] = color
    if element.get("background"):
        style["background-image"] = True
    if (element.get("aria-hidden") or "").strip().lower() == "true":
        style["aria-hidden"] = True
    return style


@lru_cache(maxsize=10_000)  # pages repeat their styles
def _inline(text: str) -> tuple[Style, Style]:
    return read_declarations(_parse(text), _label(f'style="{text}"')) if text else ({}, {})
