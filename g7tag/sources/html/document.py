"""Read the visible and the hidden text of an HTML page."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from g7tag.errors import SourceError
from g7tag.sources.blocks import Block
from g7tag.sources.html.lines import Lines
from g7tag.sources.html.notes import holds_notes, is_link_back, is_mark, link_of, read_notes
from g7tag.sources.html.pages import Element, parse_page
from g7tag.sources.html.styles import Look, Style, Styles, look_of
from g7tag.sources.marks import roman

BULLETS = frozenset({"none", "disc", "circle", "square"})
"""List styles without numbers."""
_TYPES = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman", "1": "decimal"}
_LETTERS = frozenset({"lower-alpha", "upper-alpha", "lower-latin", "upper-latin"})
_ROMAN = frozenset({"lower-roman", "upper-roman"})
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})")


_SKIPPED = frozenset({
    "head", "title", "style", "script", "template", "noscript", "noframes", "noembed", "iframe", "object", "applet",
    "embed", "audio", "video", "canvas", "svg", "map", "select", "datalist", "button", "input", "textarea",
    "progress", "meter",
})  # fmt: skip
"""Elements whose text is skipped. `nav`, `header` and `footer` are kept because they are visible on the page."""
_BLOCKS = frozenset({
    "html", "body", "address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup",
    "p", "plaintext", "pre", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "ul", "xmp",
})  # fmt: skip
_KINDS = dict.fromkeys(_BLOCKS, "block") | {"tr": "row", "td": "cell", "th": "cell", "br": "line"}
_DISPLAYS = dict.fromkeys(("block", "list-item", "flex", "grid", "table", "table-caption", "flow-root"), "block") | {
    "table-row": "row",
    "table-cell": "cell",
}
"""How the `display` property treats elements that are not parts of a table."""
_STYLED = frozenset({
    "sup", "dialog", "details", "summary", "mark", "rp", "annotation", "annotation-xml", "mphantom", "ol", "pre",
    "listing", "xmp", "plaintext",
})  # fmt: skip
"""Elements that affect their text without an attribute."""
_RAISED = frozenset({"super", "text-top"})
_PRINT = "Print the page to PDF (chromium --headless --print-to-pdf=report.pdf page.html) to be sure."
_UNREAD = f"The page's style sheet has rules that g7tag does not read and that may hide text, such as {{!r}}. {_PRINT}"
_LINKED = f"The page's style sheet is another file ({{!r}}), so text that it hides is read as visible. {_PRINT}"
_PREFORMATTED = frozenset({"pre", "listing", "xmp", "plaintext"})


@dataclass
class Counter:
    """Number of the next list item."""

    next: int = 1
    step: int = 1

    def count(self, item: Element) -> int:
        """Return the number of an item, which may set its own value."""
        value = _integer(item.get("value"))
        number = self.next if value is None else value
        self.next = number + self.step
        return number


def counter_of(element: Element) -> Counter:
    """Return the initial counter of a numbered list."""
    start = _integer(element.get("start"))
    if element.get("reversed") is None:
        return Counter(1 if start is None else start)
    items = sum(child.tag == "li" for child in element)
    return Counter(items if start is None else start, -1)


def counted_as(element: Element, style: Style, outer: str) -> str:
    """Return the CSS list style of an element's items; `outer` is the list style of its parent."""
    name = element.tag
    declared = style.get("list-style-type")
    if declared:
        known = BULLETS | _LETTERS | _ROMAN
        return next((word for word in declared.split() if word in known), "decimal")
    if name == "ol" or (name == "li" and element.get("type")):
        return _TYPES.get(element.get("type") or "1", "decimal")
    return outer


def written(number: int, counted: str) -> str:
    """Return a number as a list prints it; numbers without letters or Roman numerals are printed in decimal."""
    letters, rest = "", number
    if counted in _LETTERS and number > 0:
        while rest:
            rest, place = divmod(rest - 1, 26)
            letters = chr(ord("a") + place) + letters
    elif counted in _ROMAN:
        letters = roman(number)
    return (letters.upper() if counted.startswith("upper") else letters) or str(number)


def _integer(value: str | None) -> int | None:
    match = _INTEGER.match(value or "")
    return int(match[1]) if match else None


class _Place(NamedTuple):
    """State of an open element, which applies to its text."""

    look: Look = Look()
    why: str = ""  # the reason why it is hidden, from its look
    kind: str = ""
    in_row: bool = False  # whether the innermost row or cell is a row
    preformatted: bool = False
    in_mark: bool = False
    link: str = ""
    in_notes: bool = False
    counter: Counter | None = None
    counted: str = "decimal"


class Page(NamedTuple):
    """The blocks of a page, in the order of its text, and gaps (kind, reason): what may be hidden or visible."""

    blocks: list[Block]
    doubts: list[tuple[str, str]]


def read_page(content: bytes) -> Page:
    """Read an HTML page into blocks and doubts."""
    root = parse_page(content)
    if root is None:
        raise SourceError(_no_visible_text(set()))
    reader = _Reader(root)
    reader.read(root)
    reasons = {run.hidden for block in reader.lines.blocks for run in block.runs if run.text.strip()}
    if "" not in reasons:
        raise SourceError(_no_visible_text(reasons))
    unread = [("unread", _UNREAD.format(reader.doubt))] if reader.doubt else []
    linked = [("assumed", _LINKED.format(reader.styles.linked))] if reader.styles.linked and not unread else []
    return Page(reader.lines.blocks, unread + linked)


def _no_visible_text(reasons: set[str]) -> str:
    hidden = f"; all of it is hidden ({', '.join(sorted(reasons))})" if reasons else ""
    return (
        f"contains no visible text{hidden}. Expected the text of a report; if scripts create the text, the page must "
        "be saved from the browser as text or PDF."
    )


class _Reader:
    """Pass the text of elements to lines; `open` are the currently open elements."""

    def __init__(self, root: Element) -> None:
        self.lines = Lines()
        self.notes = read_notes(root)
        self.styles = Styles(root)
        self.doubt = self.styles.doubt  # the first rule that may hide or show text
        self.open = [_Place()]
        self.mark_link = ""  # link target of the last mark

    def read(self, root: Element) -> None:
        """Read a page with its style sheets."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self.leave(element)
            elif self.enter(element):
                self.add(element.text)
            else:
                walk.skip_subtree()
        self.lines.end_block()

    def enter(self, element: Element) -> bool:
        """Open an element, and return whether its text is read."""
        name, outer = element.tag, self.open[-1]
        if name in _SKIPPED or (name == "a" and is_link_back(element)):
            self.open.append(outer._replace(kind=""))
            return False
        style = self.styles.of(element)
        kind = _KINDS.get(name, "")
        if kind in {"", "block"}:
            kind = _DISPLAYS.get(style.get("display", ""), kind)
        place = outer._replace(kind=kind, in_row=kind == "row" or (outer.in_row and kind != "cell"))
        if style or element.keys() or name in _STYLED:  # others look like their parent
            look = look_of(element, style, self._unfolded(element, outer.look))
            place = place._replace(
                look=look,
                why=look.why,
                preformatted=_is_preformatted(name, style, outer),
                in_mark=outer.in_mark or is_mark(element, raised=style.get("vertical-align") in _RAISED),
                link=link_of(element) or outer.link,
                in_notes=outer.in_notes or holds_notes(element),
                counted=counted_as(element, style, outer.counted),
            )
        if name in {"ol", "ul", "menu", "dir"}:
            place = place._replace(counter=counter_of(element) if name == "ol" else None)
        self.open.append(place)
        self._begin(element, place)
        return True

    def _unfolded(self, element: Element, outer: Look) -> Look:
        """Return the look around an element; the first summary of closed details is seen, unlike the rest."""
        above = element.getparent() if element.tag == "summary" else None
        is_first = above is not None and next(above.iterchildren("summary")) is element
        is_closed = above is not None and above.tag == "details" and above.get("open") is None
        return self.open[-2].look if is_first and is_closed else outer

    def add(self, text: str | None) -> None:
        """Add a piece of text to the innermost open element."""
        if not text:
            return
        place = self.open[-1]
        if place.look.doubt and text.strip():
            self.doubt = self.doubt or place.look.doubt
        if place.in_mark:
            apart = place.link != self.mark_link
            self.lines.add_mark(text, place.why, apart=apart)
            self.mark_link = place.link
        elif place.preformatted:
            first, *rest = text.split("\n")
            self.lines.add(first, place.why, tabs=True)
            for line in rest:
                self.lines.end_line()
                self.lines.add(line, place.why, tabs=True)
        else:
            self.lines.add(text, place.why)

    def leave(self, element: Element) -> None:
        """Close an element and add the text after it."""
        name, place = element.tag, self.open.pop()
        if name == "q":
            self.lines.add("”", place.why)
        if place.kind == "row":
            self.lines.close_row()
        elif place.kind == "cell":
            self.lines.close_cell(in_row=self.open[-1].in_row)
        elif place.kind == "block":
            self.lines.end_block()
        if name == "li":
            self.lines.forget_number()
        self.add(element.tail)

    def _begin(self, element: Element, place: _Place) -> None:
        """Update the lines at the start of an element."""
        name = element.tag
        if place.kind == "row":
            self.lines.open_row()
        elif place.kind == "cell":
            self.lines.open_cell()
        elif place.kind == "block":
            self.lines.end_block()
        elif place.kind == "line":
            self._break_line(place)
        if name == "q":
            self.lines.add("“", place.why)
        note = self.notes.number_at(element)
        if note:
            self.lines.number(note, is_note=True)
        elif name == "li" and place.counter:
            self._count(element, place, place.counter)

    def _break_line(self, place: _Place) -> None:
        if place.look.gone:
            self.lines.add(" ", place.why)
        else:
            self.lines.end_line()

    def _count(self, element: Element, place: _Place, counter: Counter) -> None:
        """Add the number of a list item."""
        number = counter.count(element)
        if place.in_notes and number > 0:
            self.lines.number(str(number), is_note=True)
        elif place.counted not in BULLETS:
            self.lines.number(f"{written(number, place.counted)}.", is_note=False)


def _is_preformatted(name: str, style: Style, outer: _Place) -> bool:
    """Whether line ends in an element's text are kept."""
    if "white-space" in style:
        return str(style["white-space"]).startswith(("pre", "break-spaces"))
    return name in _PREFORMATTED or outer.preformatted
