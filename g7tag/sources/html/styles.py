"""Find what the style sheets and attributes of a page hide; a rule that is not understood is a doubt."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

import cssselect
import tinycss2
from cssselect.parser import CombinedSelector
from lxml import etree
from tinycss2 import color3

from g7tag.sources.html.pages import Element

Color = tuple[float, ...]
"""Red, green, blue and opacity, from 0 to 1."""
Style = dict[str, Any]
"""Values of properties: a word, number or color, None for that of the parent, or an `Unread` rule."""
Tokens = Sequence[Any]
"""Tokens of tinycss2, which has no types."""

_WHITE, _BLACK, _LINK, _YELLOW = (1, 1, 1, 1), (0, 0, 0, 1), (0, 0, 0.93, 1), (1, 1, 0, 1)
_LEAST_SIZE = 2.0  # points; smaller text is unreadable
_FAR = 500.0  # pixels; text moved this much to the left or up is off the page (hanging indents are smaller)
_FAR_RIGHT = 5000.0  # pixels to the right; windows are narrower
_WHITEST = 0.94  # of red, green and blue; lighter text is not visible on white
_NEAREST = 0.032  # colors that differ less in each of red, green and blue look the same
_FAINTEST = 0.05  # opacity
_WINDOW = 1280  # pixels
_PIXELS = {
    "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "em": 16.0, "rem": 16.0, "ex": 8.0,
    "ch": 8.0, "%": 10.0, "vw": 12.8, "vh": 7.2,
}  # fmt: skip
"""Pixels in a unit; percentages refer to 1,000 pixels."""
_RELATIVE = {"em": 1.0, "%": 0.01, "ex": 0.5, "ch": 0.5}
"""Sizes of the parent's text in a unit."""

_WORDS = {
    "display": {
        "none", "block", "inline", "inline-block", "flow-root", "flex", "inline-flex", "grid", "inline-grid", "table",
        "inline-table", "table-row", "table-cell", "table-row-group", "table-caption", "table-header-group",
        "table-footer-group", "list-item", "contents", "-webkit-box", "initial", "unset",
    },
    "visibility": {"visible", "hidden", "collapse"},
    "position": {"static", "relative", "absolute", "fixed", "sticky"},
    "overflow": {"visible", "hidden", "clip", "scroll", "auto"},
}  # fmt: skip
_EXTENTS = ("width", "height", "max-width", "max-height")
_EXTENT_WORDS = {"auto", "none", "min-content", "max-content", "fit-content"}
_BACKGROUND_WORDS = {
    "none", "inherit", "initial", "unset", "repeat", "no-repeat", "repeat-x", "repeat-y", "scroll", "fixed", "left",
    "right", "top", "bottom", "center", "cover", "contain",
}  # fmt: skip
_INHERITED = {"color", "visibility", "font-size", "text-indent"}
_SIDES = ("top", "right", "bottom", "left")
_MORE_NAMES = {
    "background": ("background-color", "background-image"),
    "font": ("font-size",),
    "inset": _SIDES,
    "margin": tuple(f"margin-{side}" for side in _SIDES),
}
"""Properties that a shorthand sets."""
_OTHER_NAMES = {
    "overflow-x": "overflow", "overflow-y": "overflow", "-webkit-opacity": "opacity", "list-style": "list-style-type",
    "margin-inline-start": "margin-left", "margin-block-start": "margin-top", "inset-inline-start": "left",
    "inset-inline-end": "right", "inset-block-start": "top", "inset-block-end": "bottom", "inline-size": "width",
    "block-size": "height", "max-inline-size": "max-width", "max-block-size": "max-height",
}  # fmt: skip
_WORDED = {"white-space", "vertical-align", "list-style-type"}
"""Properties that hide nothing, but say how text is read."""
_ONLY_HIDE = re.compile(r"(?:-webkit-)?(?:clip|clip-path|mask|mask-image|filter)")
_CAN_HIDE = re.compile(
    rf"{_ONLY_HIDE.pattern}|(?:-webkit-)?(?:transform|background-clip|animation|animation-name|text-fill-color)"
    r"|translate|scale|zoom|content-visibility|mix-blend-mode|all|(?:margin|inset)-(?:inline|block)"
)
"""Properties that can hide text and are not read, except for values that hide nothing."""
_HARMLESS = {"none", "normal", "auto", "visible", "border-box", "padding-box", "content-box", "currentcolor", "1"}

_MOST_WORK = 50_000_000
"""Elements that all selectors of a page may visit; a usual page needs a tenth of a percent."""
_COST_OF_STYLE = 12
"""Elements that a selector visits in the time in which one gets its style."""
_SIBLINGS_AT_ONCE = 20
"""Siblings that lxml counts in the time in which a selector visits an element."""
_LONGEST_SELECTOR = 400  # characters, which limits recursion
_MOST_NESTED = 20
_LONGEST_LABEL = 80  # characters of a rule in a message
_GROUPS = {"supports", "layer", "container", "starting-style", "document", "-moz-document"}
"""Rules around others whose conditions are not read."""
_NOT_ABOUT_TEXT = {
    "font-face", "page", "keyframes", "-webkit-keyframes", "-moz-keyframes", "-o-keyframes", "charset", "namespace",
    "counter-style", "font-feature-values", "font-palette-values", "property", "viewport", "-ms-viewport",
    "view-transition",
}  # fmt: skip
_NOT_ON_PAGE = re.compile(
    r"before|after|selection|placeholder|marker|backdrop|file-selector-button|-(?:webkit|moz|ms)-.*"
)
"""Pseudo-elements that hold no text of the page."""
_AMONG_SIBLINGS = re.compile(r"~|:nth-|:first-|:last-|:only-")
_NOT_READ = re.compile(r":(?:has|contains|matches)\(|!=", re.IGNORECASE)
"""Parts of selectors that take much time, or that cssselect knows and browsers do not."""
_MEDIA = {"": True, "all": True, "screen": True, "(prefers-color-scheme:light)": True} | dict.fromkeys(
    ("print", "speech", "(prefers-color-scheme:dark)", "(prefers-reduced-motion:reduce)"), False
)
_WIDTH = re.compile(r"\((min|max)-width:(\d{1,9}(?:\.\d{1,9})?)(px|em|rem)\)")


class Unread(str):
    """The rule that sets a property to a value that is not understood."""


class Look(NamedTuple):
    """Properties that an element passes on to its text; `doubt` is a rule that may hide or show it."""

    gone: str = ""
    invisible: bool = False
    opacity: float = 1.0
    color: Color = _BLACK
    paper: Color | None = _WHITE  # None for an image
    size: float = 12.0
    indent: float = 0.0
    doubt: str = ""

    @property
    def why(self) -> str:
        """The first reason why the text is hidden, or "" if it is visible."""
        color = _blend(self.color, self.paper)
        reasons = {
            "visibility:hidden": self.invisible,
            "opacity 0": self.opacity < _FAINTEST,
            "under 2 pt": self.size < _LEAST_SIZE,
            "transparent text": self.color[3] < _FAINTEST,
            "white text": min(*color, *self.paper) >= _WHITEST if color and self.paper else False,
            "same color as its background": _look_same(color, self.paper),
            "off the page": self.indent <= -_FAR,
        }
        return self.gone or next((reason for reason, holds in reasons.items() if holds), "")


def look_of(element: Element, declared: Style, parent: Look) -> Look:
    """Return the look of an element's text, given its declared style and the look of its parent."""
    style = _by_attributes(element) | {name: value for name, value in declared.items() if not isinstance(value, Unread)}
    color = style.get("color") or parent.color
    paper = color if style.get("background-color") == "currentcolor" else style.get("background-color")
    factor, points = style.get("font-size") or (1.0, 0.0)
    visibility, indent = style.get("visibility"), style.get("text-indent")
    look = Look(
        gone=parent.gone or _why_gone(element, style),
        invisible=visibility != "visible" if visibility else parent.invisible,
        opacity=parent.opacity * style.get("opacity", 1.0),
        color=color,
        paper=None if style.get("background-image") else _blend(paper, parent.paper),
        size=factor * parent.size + points,
        indent=parent.indent if indent is None else indent,
        doubt=parent.doubt,
    )
    return (
        look if parent.gone or parent.doubt else look._replace(doubt=_doubt_about(declared, is_hidden=bool(look.why)))
    )


def _by_attributes(element: Element) -> Style:
    """Return the style that the name and the attributes of an element give it."""
    name, style = element.tag, Style()
    if name == "a" and element.get("href"):
        style["color"] = _LINK  # links are blue, even in a white paragraph
    elif name == "mark":
        style |= {"color": _BLACK, "background-color": _YELLOW}
    elif name == "mphantom":
        style["visibility"] = "hidden"
    text = element.get("color") if name == "font" else element.get("text") if name == "body" else ""
    for key, value in (("color", text or ""), ("background-color", element.get("bgcolor") or "")):
        color = color3.parse_color(value) or color3.parse_color(f"#{value.strip()}")
        if color and color != "currentColor":
            style[key] = color
    if element.get("background"):
        style["background-image"] = True
    return style


def _why_gone(element: Element, style: Style) -> str:
    """Return why an element and all that it contains is hidden, or ""."""
    name, display = element.tag, style.get("display")
    moved = [style.get("margin-left", 0), style.get("margin-top", 0)]
    across = away = 0
    if style.get("position") in {"absolute", "fixed", "relative"}:
        across, away = style.get("left", 0), style.get("right", 0)
        moved += [across, away, style.get("top", 0)]
    is_cut = style.get("overflow", "visible") != "visible"
    reasons = {
        "display:none": display == "none" or (not display and name in {"rp", "annotation", "annotation-xml"}),
        "hidden attribute": not display and element.get("hidden") is not None,
        "aria-hidden": (element.get("aria-hidden") or "").strip().lower() == "true",
        "closed dialog": not display and name == "dialog" and element.get("open") is None,
        "closed popover": not display and name != "dialog" and element.get("popover") is not None,
        "closed details": name == "details" and element.get("open") is None,
        "zero size": is_cut and min(style.get(each, math.inf) for each in _EXTENTS) <= 1,
        "off the page": min(moved) <= -_FAR or max(across, away) >= _FAR_RIGHT,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _doubt_about(declared: Style, *, is_hidden: bool) -> str:
    """Return the first rule that may hide or show an element and is not understood."""
    for name, value in declared.items():
        is_extent = name in _EXTENTS and declared.get("overflow", "visible") == "visible"
        if isinstance(value, Unread) and not is_extent and not (is_hidden and _ONLY_HIDE.fullmatch(name)):
            return value
    return ""


def _blend(over: Color | None, under: Color | None) -> Color | None:
    """Return the color that one color gives over another; None is an image below, and nothing above."""
    if over is None or over[3] < _FAINTEST:
        return under
    if under is None:
        return over
    return (*(a * over[3] + b * (1 - over[3]) for a, b in zip(over[:3], under[:3], strict=True)), 1)


def _look_same(one: Color | None, other: Color | None) -> bool:
    if one is None or other is None:
        return False
    return all(abs(a - b) <= _NEAREST for a, b in zip(one[:3], other[:3], strict=True))


class _Rule(NamedTuple):
    """A rule for the elements of a selector; `applies` is False if it is not known whether it applies to them."""

    specificity: tuple[int, int, int]
    selector: cssselect.Selector
    normal: Style
    important: Style
    applies: bool
    cost: int
    label: str


class _Translator(cssselect.HTMLTranslator):
    """Add states that a page nobody has touched does not have."""

    xpath_focus_visible_pseudo = xpath_focus_within_pseudo = cssselect.HTMLTranslator.pseudo_never_matches


_TRANSLATOR = _Translator()


class Styles:
    """The declared styles of a page; `doubt` is the first rule that is not read, `linked` a file with more rules."""

    def __init__(self, root: Element) -> None:
        self.doubt = self.linked = ""
        self._root = root
        self._ignores_case = not root.getroottree().docinfo.doctype  # of classes and ids
        self._elements = list(root.iter(etree.Element))
        self._siblings = sum(len(each) ** 2 for each in self._elements) // _SIBLINGS_AT_ONCE
        depths: dict[Element, int] = {}
        for each in self._elements:
            depths[each] = depths.get(each.getparent(), 0) + 1
        self._deepest = max(depths.values())
        self._work = 0
        self._rules: list[_Rule] = []
        self._normal: dict[Element, Style] = defaultdict(dict)
        self._important: dict[Element, Style] = defaultdict(dict)
        self._unsure: dict[Element, Style] = defaultdict(dict)
        self._read_sheets()
        for rule in sorted(self._rules, key=itemgetter(0)):
            self._apply(rule)

    def of(self, element: Element) -> Style:
        """Return the read properties of an element."""
        normal, important = _inline(element.get("style") or "")
        return {
            **self._normal.get(element, {}),
            **normal,
            **self._important.get(element, {}),
            **important,
            **self._unsure.get(element, {}),
        }

    def _read_sheets(self) -> None:
        for element in self._root.iter("style", "link"):
            applies = media_applies(element.get("media") or "")
            if applies is False or any(each.tag in {"noscript", "template"} for each in element.iterancestors()):
                continue
            if element.tag == "style" and (element.get("type") or "text/css").strip().lower() == "text/css":
                nodes = tinycss2.parse_stylesheet("".join(element.itertext()), skip_comments=True, skip_whitespace=True)
                self._read(nodes, is_sure=applies is True)
            elif element.tag == "link" and _is_sheet(element):
                self.linked = self.linked or _label(element.get("href") or "a file")

    def _read(self, nodes: Iterable[Any], *, is_sure: bool, depth: int = 0) -> None:
        """Collect the rules of a style sheet or of a block in it."""
        for node in nodes:
            if node.type == "qualified-rule":
                self._read_rule(node, is_sure=is_sure)
            elif node.type == "at-rule":
                self._read_at_rule(node, is_sure=is_sure, depth=depth)

    def _read_at_rule(self, node: Any, *, is_sure: bool, depth: int) -> None:
        keyword, label = node.lower_at_keyword, f"@{node.lower_at_keyword} {_text(node.prelude)}"
        applies = media_applies(_text(node.prelude)) if keyword == "media" else None
        if keyword == "import":
            self._doubt(label)
        elif node.content is None or applies is False or keyword in _NOT_ABOUT_TEXT:
            return
        elif (keyword == "media" or keyword in _GROUPS) and depth < _MOST_NESTED:
            nodes = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            self._read(nodes, is_sure=is_sure and applies is True, depth=depth + 1)
        elif _mentions_text(node.content):
            self._doubt(label)

    def _read_rule(self, node: Any, *, is_sure: bool) -> None:
        contents = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        text = _text(node.prelude)
        label = _label(f"{text} {{ {_text(node.content)} }}")
        if any(each.type in {"qualified-rule", "at-rule"} and _mentions_text(each.content) for each in contents):
            self._doubt(label)
        normal, important = _declarations(contents, label)
        if _WORDED.issuperset((*normal, *important)):
            label = ""  # it may be left out
        if self._ignores_case and "[" not in text:
            text = text.lower()
        cost = len(self._elements) + (self._siblings if _AMONG_SIBLINGS.search(text) else 0)
        for selector in self._parse(text, label) if normal or important else ():
            if not _NOT_ON_PAGE.fullmatch(str(selector.pseudo_element or "")):
                applies = is_sure and not selector.pseudo_element
                self._rules.append(_Rule(selector.specificity(), selector, normal, important, applies, cost, label))

    def _parse(self, text: str, label: str) -> Sequence[cssselect.Selector]:
        """Return the selectors of a rule; there are none, and a doubt, if they are not understood."""
        try:
            if len(text) <= _LONGEST_SELECTOR and not _NOT_READ.search(text):
                return cssselect.parse(text)
        except (cssselect.SelectorError, RecursionError):
            pass
        self._doubt(label)
        return ()

    def _apply(self, rule: _Rule) -> None:
        """Declare the properties of a rule for its elements."""
        self._work += rule.cost
        try:
            found = self._find(rule.selector.parsed_tree) if self._work < _MOST_WORK else None
        except (cssselect.SelectorError, etree.XPathError, RecursionError):
            found = None
        if found is None:
            self._doubt(rule.label)
            return
        self._work += _COST_OF_STYLE * len(found)
        for element in found:
            if rule.applies:
                self._normal[element] |= rule.normal
                self._important[element] |= rule.important
            else:
                names = {*rule.normal, *rule.important} - _WORDED
                self._unsure[element] |= dict.fromkeys(names, Unread(rule.label))

    def _find(self, tree: Any) -> set[Element]:
        """Return the elements that a selector matches; lxml looks for each of its parts, which takes little time."""
        if not isinstance(tree, CombinedSelector):
            return set(self._root.xpath(f"descendant-or-self::{_TRANSLATOR.xpath(tree)}"))
        outer, found = self._find(tree.selector), self._find(tree.subselector)
        self._work += len(found) * (self._deepest if tree.combinator == " " and outer else 1)
        if tree.combinator == ">":
            return {each for each in found if each.getparent() in outer}
        if tree.combinator == "+":
            return {each for each in found if each.getprevious() in outer}
        if tree.combinator == "~":
            return {each for each in found if any(other in outer for other in each.itersiblings(preceding=True))}
        return {each for each in found if outer and any(above in outer for above in each.iterancestors())}

    def _doubt(self, label: str) -> None:
        self.doubt = self.doubt or _label(label)


def media_applies(text: str) -> bool | None:
    """Return whether media queries apply to a window of 1,280 pixels, or None if they are not understood."""
    queries = re.sub(r"\s*([:,])\s*", r"\1", " ".join(text.lower().split())).split(",")
    answers = {_query_applies(query) for query in queries}
    return True if True in answers else None if None in answers else False


def _query_applies(query: str) -> bool | None:
    answers = {_condition_holds(part) for part in query.removeprefix("only ").split(" and ")}
    return False if False in answers else None if None in answers else True


def _condition_holds(part: str) -> bool | None:
    width = _WIDTH.fullmatch(part)
    if width is None:
        return _MEDIA.get(part)
    pixels = float(width[2]) * (1 if width[3] == "px" else 16)
    return pixels <= _WINDOW if width[1] == "min" else pixels >= _WINDOW


def _is_sheet(link: Element) -> bool:
    words = (link.get("rel") or "").lower().split()
    return "stylesheet" in words and "alternate" not in words


def _mentions_text(content: Sequence[Any] | None, depth: int = 0) -> bool:
    """Whether a block declares a property that can hide text, in it or in blocks in it."""
    nodes = tinycss2.parse_blocks_contents(content or (), skip_comments=True, skip_whitespace=True)
    if not _WORDED.issuperset(chain(*_declarations(nodes, ""))) or depth > _MOST_NESTED:
        return True
    return any(_mentions_text(node.content, depth + 1) for node in nodes if hasattr(node, "content"))


def _text(tokens: Iterable[Any]) -> str:
    """Return tokens on one line; "::", which is nowhere understood, for those too deep to be written."""
    try:
        return " ".join(tinycss2.serialize([token for token in tokens if token.type != "comment"]).split())
    except RecursionError:
        return "::"


def _label(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


@lru_cache(maxsize=10_000)  # pages repeat their styles
def _inline(text: str) -> tuple[Style, Style]:
    contents = tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True)
    return _declarations(contents, _label(f'style="{text}"'))


def _declarations(contents: Iterable[Any], rule: str) -> tuple[Style, Style]:
    """Return what a block of a rule declares, and what it declares as important."""
    normal: Style = {}
    important: Style = {}
    for each in contents:
        if each.type == "declaration":
            name = _OTHER_NAMES.get(each.lower_name, each.lower_name)
            tokens = [token for token in each.value if token.type not in {"whitespace", "comment"}]
            (important if each.important else normal).update(_read(name, tokens, rule))
    return normal, important


def _read(name: str, tokens: Tokens, rule: str) -> Style:
    """Return the properties that a declaration sets."""
    reader = _READERS.get(name, _read_harmless if _CAN_HIDE.fullmatch(name) else None)
    if reader is None:
        return {}
    if name in _INHERITED and _words(tokens) in (["inherit"], ["unset"]):
        return {name: None}
    found = reader(name, tokens)
    return dict.fromkeys(_MORE_NAMES.get(name, (name,)), Unread(rule)) if found is None else found


def _words(tokens: Tokens) -> list[str]:
    return [_text([token]).lower() for token in tokens]


def _read_text(name: str, tokens: Tokens) -> Style | None:
    return {name: " ".join(_words(tokens))}


def _read_word(name: str, tokens: Tokens) -> Style | None:
    word = " ".join(_words(tokens))
    return {name: word} if word in _WORDS[name] else None


def _read_opacity(name: str, tokens: Tokens) -> Style | None:
    if len(tokens) != 1 or tokens[0].type not in {"number", "percentage"}:
        return None
    return {name: min(max(tokens[0].value / (100 if tokens[0].type == "percentage" else 1), 0.0), 1.0)}


def _read_length(name: str, tokens: Tokens) -> Style | None:
    pixels = _pixels(tokens[0]) if len(tokens) == 1 else None
    return None if pixels is None or (name == "text-indent" and pixels >= _FAR) else {name: pixels}


def _read_extent(name: str, tokens: Tokens) -> Style | None:
    if " ".join(_words(tokens)) in _EXTENT_WORDS:
        return {name: math.inf}
    pixels = _pixels(tokens[0]) if len(tokens) == 1 else None
    return None if pixels is None or pixels < 0 else {name: pixels}


def _read_sides(name: str, tokens: Tokens) -> Style | None:
    """Read a margin or inset: of top, right, bottom and left, of which the later may be left out."""
    sides = [pixels for pixels in map(_pixels, tokens) if pixels is not None]
    if not 0 < len(sides) == len(tokens) <= len(_SIDES):
        return None
    for at in range(len(sides), len(_SIDES)):
        sides.append(sides[max(at - 2, 0)])
    return dict(zip(_MORE_NAMES[name], sides, strict=True))


def _read_font(name: str, tokens: Tokens) -> Style | None:
    """Read the size of text, as a share of the parent's and points to add."""
    sizes = [size for size in map(_size, tokens) if size]
    return {"font-size": sizes[0]} if sizes and (name == "font" or len(tokens) == 1) else None


def _read_color(name: str, tokens: Tokens) -> Style | None:
    color = color3.parse_color(tokens[0]) if len(tokens) == 1 else None
    if color == "currentColor":
        return {name: None if name == "color" else "currentcolor"}
    return {name: color} if color else None


def _read_background(name: str, tokens: Tokens) -> Style | None:
    found: Style = {"background-color": None, "background-image": False}
    for token in tokens:
        color = _read_color("background-color", [token])
        if color:
            found |= color
        elif token.type == "url" or (token.type == "function" and token.lower_name.endswith(("url", "gradient"))):
            found["background-image"] = True
        elif token.type == "function" or (token.type == "ident" and token.lower_value not in _BACKGROUND_WORDS):
            return None
    return found if name == "background" else {name: found[name]}


def _read_harmless(name: str, tokens: Tokens) -> Style | None:
    if name.startswith(("margin", "inset")) and all(-_FAR < (_pixels(token) or 0) < _FAR for token in tokens):
        return {}
    return {} if _HARMLESS.issuperset(_words(tokens)) else None


def _pixels(token: Any) -> float | None:
    """Return a length in pixels, or None if it is not understood."""
    if token.type == "ident":
        return 0.0 if token.lower_value == "auto" else None
    if token.type == "number":
        return 0.0 if token.value == 0 else None
    unit = "%" if token.type == "percentage" else getattr(token, "lower_unit", "")
    return token.value * _PIXELS[unit] if unit in _PIXELS else None


def _size(token: Any) -> tuple[float, float] | None:
    if token.type == "ident":
        is_size = token.lower_value in {"smaller", "larger"} or token.lower_value.endswith(("small", "medium", "large"))
        return (0.0, 12.0) if is_size else None
    unit = "%" if token.type == "percentage" else getattr(token, "lower_unit", "")
    pixels = _pixels(token)
    if pixels is None or pixels < 0:
        return None
    return (token.value * _RELATIVE[unit], 0.0) if unit in _RELATIVE else (0.0, pixels * 0.75)


_READERS: dict[str, Callable[[str, Tokens], Style | None]] = {
    **dict.fromkeys(_WORDED, _read_text),
    **dict.fromkeys(_WORDS, _read_word),
    **dict.fromkeys(_EXTENTS, _read_extent),
    **dict.fromkeys((*_SIDES, "margin-left", "margin-top", "text-indent"), _read_length),
    **dict.fromkeys(("margin", "inset"), _read_sides),
    **dict.fromkeys(("font", "font-size"), _read_font),
    **dict.fromkeys(("color", "background-color"), _read_color),
    **dict.fromkeys(("background", "background-image"), _read_background),
    "opacity": _read_opacity,
}
