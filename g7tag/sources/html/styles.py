"""Tell which text the styles of a page hide; a rule that is not read and may hide text is a doubt."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import cssselect
import tinycss2
from cssselect import parser
from lxml import etree
from tinycss2.color3 import parse_color

Element = Any
"""An element of lxml, which has no types."""
Color = tuple[float, ...]
"""Red, green, blue and opacity, from 0 to 1."""
Style = dict[str, str | None]
"""Values of properties; None if it is not understood, or if the rule that sets it may not apply."""
_BROWSER = """
    [hidden], [popover], dialog:not([open]) { display: none }
    details:not([open]), details:not([open]) details summary { visibility: hidden }
    details > summary { visibility: visible }
    a[href] { color: #0000ee }
    mark { color: black; background-color: yellow }
    sup { vertical-align: super }
    pre, listing, xmp, plaintext { white-space: pre }
"""
"""How browsers show a page without styles, as far as it matters here."""
_OF_BROWSER, _OF_ATTRIBUTES, _OF_SHEET, _INLINE, _IMPORTANT, _IMPORTANT_INLINE, _UNSURE = range(7)
"""Ranks of declarations; a later one wins. It is not known whether those of the last apply."""

_PIXELS = {
    "px": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 37.8, "mm": 3.78, "em": 16.0, "rem": 16.0, "ch": 8.0, "%": 10.0,
    "vw": 12.8, "vh": 7.2, "": 0.0,
}  # fmt: skip
"""Pixels in a unit; percentages refer to 1,000 pixels."""
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"
_LENGTH = re.compile(rf"({_NUMBER})({'|'.join(_PIXELS)})")
_SIZE = rf"{_NUMBER}(?:{'|'.join(filter(None, _PIXELS))})|0"
_FONT_SIZE = rf"{_SIZE}|(?:xx?-)?small|(?:x{{1,3}}-)?large|medium|smaller|larger"
_NOT_HIDING = "white-space|vertical-align|list-style-type"
_PLACES = "left|top|right|text-indent|(?:margin|inset)(?:-left|-top|-inline|-block)?(?:-start|-end)?"
_EXTENTS = "(?:max-)?(?:width|height|inline-size|block-size)"
_ONLY_HIDE = "(?:-webkit-)?(?:clip|clip-path|mask|mask-image|filter|line-clamp)"
_VALUES = {
    _NOT_HIDING: ".*",
    "display": "none|contents|list-item|flow-root|inline|(?:inline-)?(?:block|flex|grid|table)|-webkit-box|initial"
    "|table-(?:row|cell|row-group|caption|header-group|footer-group)",
    "visibility": "visible|hidden|collapse",
    "overflow(?:-[xy])?": "(?:(?:visible|hidden|clip|scroll|auto) ?)+",
    "opacity": r"[01]|0?\.\d+",
    "font-size": _FONT_SIZE,
    "color": "currentcolor",
    "background-color": "none|initial",
    "background-image": r"(?:[^(]|(?<=url|rgb|hsl)\(|(?<=rgba|hsla)\(|(?<=gradient)\()*",
    _PLACES: f"(?:(?:{_SIZE}|auto)(?: |$))+",
    _EXTENTS: f"{_SIZE}|auto|none|(?:min|max|fit)-content",
    f"{_ONLY_HIDE}|(?:-webkit-)?(?:transform|background-clip|animation|animation-name|text-fill-color)|translate|rotate"
    "|scale|zoom|content-visibility|mix-blend-mode": "none|normal|auto|visible|[a-z]+-box|1",
}
"""Properties that may hide text or say how it is read, and their values that are understood, besides colors."""
_PROPERTY = re.compile("|".join([*_VALUES, "all"]))
_UNDERSTOOD = re.compile("|".join(f"(?:{names}):(?:{values}|inherit|unset)" for names, values in _VALUES.items()))
_OF_TEXT = {"", "first-line", "first-letter", "details-content"}
"""Pseudo-elements that hold text of the page; "" is the element itself."""
_LONG_NUMBER = re.compile(r"\d{300,}")  # Python refuses very long ones
_path_of = cssselect.HTMLTranslator().selector_to_xpath
_WIDTH = re.compile(r"\((min|max)-width:(\d{1,9}(?:\.\d{1,9})?)(px|em|rem)\)")
_NEVER = {"print", "speech", "(prefers-color-scheme:dark)", "(prefers-reduced-motion:reduce)"}
_ALWAYS = {"", "all", "screen", "(prefers-color-scheme:light)"}

_WINDOW = 1280  # pixels
_WHITE, _BLACK = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)
_LEAST_SIZE = 2.0  # points; smaller text is unreadable
_NEAREST = 0.06  # colors that differ less in each of red, green and blue look the same
_FAINTEST = 0.05  # opacity
_FAR_LEFT = -500.0  # pixels to the left or up; hanging indents are smaller
_FAR_RIGHT = 5000.0  # pixels to the right; windows are narrower


class Look(NamedTuple):
    """What an element passes on to its text; `doubt` says that a rule that is not read may hide or show it."""

    gone: str = ""
    visibility: str = "visible"
    opacity: float = 1.0
    color: Color = _BLACK
    paper: Color | None = _WHITE  # None for an image
    size: float = 12.0
    doubt: bool = False

    @property
    def why(self) -> str:
        """The first reason why the text is hidden, or "" if it is visible."""
        differences = (abs(a - b) * self.color[3] for a, b in zip(self.color[:3], self.paper or (), strict=False))
        same = self.paper is not None and max(differences) < _NEAREST
        reasons = {
            "visibility:hidden": self.visibility != "visible",
            "opacity 0": self.opacity < _FAINTEST,
            "under 2 pt": self.size < _LEAST_SIZE,
            "transparent text": self.color[3] < _FAINTEST,
            "white text": same and self.paper == _WHITE,
            "same color as its background": same,
        }
        return self.gone or next((reason for reason, holds in reasons.items() if holds), "")


def look_of(declared: Style, parent: Look) -> Look:
    """Return the look of an element's text, given its declared style and the look of its parent."""
    style = {name: value for name, value in declared.items() if value is not None and value not in {"inherit", "unset"}}
    is_cut = any(name.startswith("overflow") and value != "visible" for name, value in style.items())
    has_image = re.search(r"(?:url|gradient)\(", style.get("background-image", ""))
    look = parent._replace(
        gone=parent.gone or _why_gone(style, is_cut=is_cut),
        visibility=style.get("visibility", parent.visibility),
        opacity=parent.opacity * float(style.get("opacity", 1)),
        color=_color(style.get("color", "")) or parent.color,
        paper=None if has_image else _over(_color(style.get("background-color", "")), parent.paper),
        size=_points(style["font-size"], parent.size) if "font-size" in style else parent.size,
    )
    if parent.gone or parent.doubt:
        return look
    harmless = f"{_ONLY_HIDE if look.why else ''}|{'' if is_cut else _EXTENTS}"
    unread = (name for name, value in declared.items() if value is None)
    return look._replace(doubt=any(not re.fullmatch(harmless, name) for name in unread))


def _why_gone(style: dict[str, str], *, is_cut: bool) -> str:
    """Return why an element and all that it contains is hidden, or ""."""
    if style.get("display") == "none":
        return "display:none"
    for name, value in style.items():
        lengths = [float(number) * _PIXELS[unit] for number, unit in _LENGTH.findall(value)]
        if is_cut and lengths and re.fullmatch(_EXTENTS, name) and lengths[0] <= 1:
            return "zero size"
        far = -_FAR_LEFT if name == "text-indent" else _FAR_RIGHT
        if re.fullmatch(_PLACES, name) and any(length <= _FAR_LEFT or length >= far for length in lengths):
            return "off the page"
    return "aria-hidden" if "aria-hidden" in style else ""


def _points(value: str, of_parent: float) -> float:
    """Return the size of text in points, 12 for a word."""
    size = _LENGTH.fullmatch(value)
    number, unit = (float(size[1]), size[2]) if size else (1.0, "rem")
    relative = {"em": 1.0, "%": 0.01}.get(unit)
    return number * (relative * of_parent if relative else 0.75 * _PIXELS[unit])


@lru_cache(maxsize=1000)
def _color(value: str) -> Color | None:
    """Return a color, or None if it is not understood or is that of the parent's text."""
    color: Color | str | None = parse_color("black" if value == "windowtext" else value)  # as Word writes it
    return None if isinstance(color, str) else color


def _over(color: Color | None, below: Color | None) -> Color | None:
    """Return the color that one color gives over another; None below is an image."""
    if color is None or below is None or color[3] < _FAINTEST:
        return color if color and color[3] >= _FAINTEST else below
    return (*(a * color[3] + b * (1 - color[3]) for a, b in zip(color[:3], below[:3], strict=True)), 1.0)


class Styles:
    """The styles `of` the elements of a page; `doubt` says that a rule is not read and may hide any text."""

    def __init__(self, root: Element) -> None:
        self.doubt = self.elsewhere = False  # rules that are not read; style sheets in other files
        self._root = root
        self._elements = list(root.iter(etree.Element))  # which keeps them the same objects
        self._ignores_case = not root.getroottree().docinfo.doctype  # of classes and ids
        for element in self._elements if self._ignores_case else ():
            for key in {"class", "id"} & set(element.keys()):
                element.set(key, element.get(key).lower())
        self._classes = {name for each in self._elements for name in each.get("class", "").split()}
        self._found: list[tuple[tuple[int, ...], Iterable[Element], Style]] = []
        self._read_rules(tinycss2.parse_stylesheet(_BROWSER), _OF_BROWSER)
        self._read_sheets()
        for element in self._elements:
            self._read_attributes(element)
        self.of: dict[Element, Style] = defaultdict(dict)
        for _, elements, style in sorted(self._found, key=itemgetter(0)):
            for element in elements:
                self.of[element] |= style

    def _read_sheets(self) -> None:
        for element in self._root.xpath(
            "//*[(self::style or self::link) and not(ancestor::noscript or ancestor::template)]"
        ):
            rank = _rank_in(element.get("media") or "", _OF_SHEET)
            kind, words = element.get("type") or "text/css", (element.get("rel") or "").lower().split()
            if element.tag == "link":
                self.elsewhere |= rank is not None and "stylesheet" in words and "alternate" not in words
            elif rank is not None and kind.strip().lower() == "text/css":
                try:
                    self._read_rules(
                        tinycss2.parse_stylesheet(_LONG_NUMBER.sub("x", "".join(element.itertext()))), rank
                    )
                except RecursionError:  # rules are nested too deep
                    self.doubt = True

    def _read_rules(self, nodes: Iterable[Any], rank: int) -> None:
        for node in nodes:
            if node.type == "qualified-rule":
                self._read_rule(tinycss2.serialize(node.prelude), node.content, rank)
            elif node.type == "at-rule":
                name = node.lower_at_keyword
                within = _rank_in(tinycss2.serialize(node.prelude), rank) if name == "media" else _UNSURE
                self.elsewhere |= name == "import"
                if node.content and within is not None and not name.endswith("keyframes"):
                    self._read_rules(tinycss2.parse_blocks_contents(node.content), within)

    def _read_rule(self, selectors: str, content: Any, rank: int) -> None:
        """Collect the declarations of a rule with the elements that it is for."""
        nodes = tinycss2.parse_blocks_contents(content)
        normal, important = _read_declarations(nodes)
        unread: Style = dict.fromkeys(name for name in normal | important if not re.fullmatch(_NOT_HIDING, name))
        self.doubt |= any(node.type in {"qualified-rule", "at-rule"} for node in nodes)
        text = re.sub(":focus-(?:visible|within)", ":focus", selectors)
        text = text.lower() if self._ignores_case and "[" not in text else text
        try:
            for selector in cssselect.parse(text) if normal or important else ():
                pseudo, specificity = str(selector.pseudo_element or ""), selector.specificity()
                if pseudo not in _OF_TEXT or not self._classes.issuperset(_classes_in(selector.parsed_tree)):
                    continue
                elements = self._root.xpath(_path_of(selector))
                if rank == _UNSURE or pseudo:
                    self._found.append(((_UNSURE, *specificity), elements, unread))
                else:
                    self._found.append(((rank, *specificity), elements, normal))
                    self._found.append(((_IMPORTANT, *specificity), elements, important))
        except (cssselect.SelectorError, etree.XPathError):
            self.doubt |= bool(unread)

    def _read_attributes(self, element: Element) -> None:
        """Collect what the attributes of an element declare; browsers still know those of old pages."""
        ink = element.get("color") if element.tag == "font" else element.get("text") if element.tag == "body" else ""
        values = (("color", ink or ""), ("background-color", element.get("bgcolor") or ""))
        colors = ((name, each) for name, value in values for each in (f"#{value.strip()}", value))
        style: Style = {name: each for name, each in colors if _color(each)}
        if element.get("background"):
            style["background-image"] = "url()"
        if (element.get("aria-hidden") or "").strip().lower() == "true":
            style["aria-hidden"] = ""
        normal, important = _inline(element.get("style") or "")
        for rank, declared in ((_OF_ATTRIBUTES, style), (_INLINE, normal), (_IMPORTANT_INLINE, important)):
            if declared:
                self._found.append(((rank,), (element,), declared))


def _classes_in(tree: Any) -> Iterator[str]:
    """Yield classes without which a selector matches nothing."""
    while not isinstance(tree, parser.Element):
        if isinstance(tree, parser.CombinedSelector):
            yield from _classes_in(tree.subselector)
        elif isinstance(tree, parser.Class):
            yield tree.class_name
        tree = tree.selector


def _rank_in(media: str, rank: int) -> int | None:
    """Return the rank of rules for media: None if they are not for a screen, or unsure if that is not understood."""
    text = re.sub(r"\s*([:,])\s*", r"\1", " ".join(media.lower().replace("only ", "").split()))
    text = _WIDTH.sub(lambda width: "screen" if _is_window(*width.groups()) else "print", text)
    queries = [set(query.split(" and ")) for query in text.split(",")]
    if any(query <= _ALWAYS for query in queries):
        return rank
    return None if all(query & _NEVER for query in queries) else _UNSURE


def _is_window(bound: str, number: str, unit: str) -> bool:
    pixels = float(number) * _PIXELS[unit]
    return pixels <= _WINDOW if bound == "min" else pixels >= _WINDOW


@lru_cache(maxsize=10_000)  # pages repeat their styles
def _inline(text: str) -> tuple[Style, Style]:
    return _read_declarations(tinycss2.parse_blocks_contents(_LONG_NUMBER.sub("x", text))) if text else ({}, {})


def _read_declarations(nodes: Iterable[Any]) -> tuple[Style, Style]:
    """Return what a rule declares, and what it declares as important."""
    styles: tuple[Style, Style] = ({}, {})
    for node in nodes:
        if node.type == "declaration":
            tokens = [token for token in node.value if token.type != "comment"]
            for name, value in _longhands(node.lower_name, tokens).items():
                if _PROPERTY.fullmatch(name):
                    is_read = _UNDERSTOOD.fullmatch(f"{name}:{value}") or (name.endswith("color") and _color(value))
                    styles[node.important][name] = value if is_read else None
    return styles


def _longhands(name: str, tokens: list[Any]) -> dict[str, str]:
    """Return the properties that a property sets, with their values."""
    value = " ".join(tinycss2.serialize(tokens).lower().split())
    if name == "background":
        colors = [token.serialize().lower() for token in tokens if parse_color(token)]
        return {"background-color": colors[-1] if colors else "none", "background-image": value}
    if name == "font":
        size = re.search(rf"(?<![^ ])(?:{_FONT_SIZE})(?![^ /])", value)
        return {"font-size": size[0] if size else value}
    return {"list-style-type" if name == "list-style" else name: value}
