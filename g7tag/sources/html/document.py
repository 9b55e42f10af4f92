"""Parse an HTML page without loading or expanding anything, and read its visible and hidden text as blocks."""

import codecs
import re
from itertools import chain, groupby, islice
from string import ascii_lowercase
from typing import Any, NamedTuple

from lxml import etree

from g7tag.errors import SourceError
from g7tag.sources.blocks import HEADING, NOTE, PARAGRAPH, ROW, Block, Run
from g7tag.sources.headings import ITEM_START, MEMBER_HEADING
from g7tag.sources.html.notes import Notes, Piece, paragraphs, seen_in, target_of
from g7tag.sources.html.styles import Element, Look, Styles, look_of
from g7tag.sources.marks import SUPERSCRIPTS, roman, superscript, superscript_number

_SKIPPED = frozenset({
    "head", "title", "style", "script", "template", "noscript", "noframes", "noembed", "iframe", "object", "applet",
    "embed", "audio", "video", "canvas", "svg", "map", "select", "datalist", "button", "input", "textarea",
    "progress", "meter", "rp", "annotation", "annotation-xml", "mphantom",
})  # fmt: skip
"""Elements whose text is skipped. `nav`, `header` and `footer` are kept because they are visible on the page."""
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = (
    "html", "body", "address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "header", "hgroup",
    "hr", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup", "p", "plaintext", "pre", "search",
    "section", "summary", "table", "tbody", "tfoot", "thead", "ul", "xmp", *_HEADINGS,
)  # fmt: skip
_DISPLAYS = dict.fromkeys(_BLOCKS, "block") | {"tr": "table-row", "td": "table-cell", "th": "table-cell"}
"""How browsers display elements that are not part of a line."""
_PARTS = frozenset({"table-row", "table-cell"})
_ENDING = _PARTS | {"block", "list-item", "flex", "grid", "table", "table-caption", "flow-root"}
"""Displays that end a line of text."""
_TYPES = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
_BULLETS = frozenset({"none", "disc", "circle", "square"})
_SPACES = re.compile(r"[ \t\n\r\f\x0b\x1c-\x1f\x85\u2028\u2029]+")
_SPACES_OF_PRE = re.compile(r"[ \r\f\x0b\x1c-\x1f\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})")
_NO_CELL = re.compile(rf"{ITEM_START.pattern}|{MEMBER_HEADING.pattern}")
"""Lines that must be separate blocks even in a table: the start of an item, a member's heading."""
_OWN_NUMBER = re.compile(rf"\s*[\[(]?(?:(\d+)[\])]?[.:]?(?:\s+|$)|([{SUPERSCRIPTS}]+)[\])]?\s*)")
"""The number at the start of a note."""
_NO_TEXT = (
    "contains no visible text. Expected the text of a report; if scripts create the text, the page must be saved "
    "from the browser as text or PDF."
)
_UNREAD = (
    "The page's style sheet has rules that g7tag does not read, or is another file, so text that it hides may be read "
    "as visible. Print the page to PDF (chromium --headless --print-to-pdf=report.pdf page.html) to be sure."
)
MOST_DEPTH = 2000
"""Limit of nesting; below 2,048 levels, the parser silently drops content, even for huge trees."""
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_FRONT = 4096  # bytes in which a page declares its encoding; the standard says 1,024, old pages need more
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,500}?\b(?:charset|encoding)\s*=\s*[\"']?\s*(utf-?8|(?:windows-|cp)125[0-8]|"
    rb"iso-?8859-(?:[1-9]|1[013-6])|latin-?1|(?:us-)?ascii|koi8-[ru]|gbk|gb2312|gb18030|big5(?:-hkscs)?|euc-(?:jp|kr)|shift[-_]jis|"
    rb"iso-2022-jp|macintosh)(?![\w-])",
    re.I,
)
"""A declaration of an encoding that browsers support. Python has others, which are slow or not text encodings."""
_AS_BROWSERS_DO = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk"}
_TOO_DEEP = (
    f"nests elements more than {MOST_DEPTH:,} deep, so its end cannot be read. Expected a page with closed tags; open "
    "it in a browser and save its text."
)
_CLOSED_BY_BLOCKS = re.compile(r"<(/?)(big|strike|small|tt|[bisu])(?=[\s/>])", re.I)
_KEPT_OPEN = "g7tag-"
_END_OF_PAGE = re.compile(r"</(html|body)(?=[\s/>])", re.I)


class Page(NamedTuple):
    """The blocks of a page, in the order of its text, and gaps (kind, reason): what may be hidden or visible."""

    blocks: list[Block]
    doubts: list[tuple[str, str]]


def read_page(content: bytes) -> Page:
    """Read an HTML page into blocks and doubts."""
    root = parse_page(content)
    reader = _Reader(root)
    blocks = reader.read(root)
    if not any(run.text.strip() for block in blocks for run in block.runs):
        raise SourceError(_NO_TEXT)
    kind = "unread" if reader.doubt else "assumed"  # most pages have a style sheet in another file
    return Page(blocks, [(kind, _UNREAD)] if reader.doubt or reader.styles.elsewhere else [])


class _Place(NamedTuple):
    """What an open element passes on to its text."""

    look: Look = Look()
    display: str = ""  # one of `_ENDING`, or "" in a line
    kind: str = PARAGRAPH
    space: str = ""  # what becomes of spaces and line ends
    mark: str | None = None  # the target of a note's mark, "" without a link
    note: int = 0


class _Reader:
    """Collect the text of a page into blocks; `open` are the currently open elements."""

    def __init__(self, root: Element) -> None:
        self.styles = Styles(root)
        self.doubt = self.styles.doubt  # whether rules that are not read may hide or show text
        self.notes = Notes(root, self.styles)
        self.open = [_Place()]
        self.lines: list[list[Piece]] = [[]]  # of the block
        self.note = 0  # the number of the note that begins with the next block
        self.boxes: list[list[Block]] = [[]]  # the page, then each open cell
        self.rows: list[list[list[Block]]] = []  # the cells of each open row
        for items in reversed(list(root.iter("ol"))):
            self.number(items)

    def read(self, root: Element) -> list[Block]:
        """Return the blocks of a page."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self.leave(element)
            elif self.enter(element):
                self.add(element.text)
            else:
                walk.skip_subtree()
        self.end_block()
        found = {block.note for block in self.boxes[0]}
        return [block._replace(runs=tuple(_with_notes(run, found) for run in block.runs)) for block in self.boxes[0]]

    def enter(self, element: Element) -> bool:
        """Open an element, and return whether its text is read."""
        outer = self.open[-1]
        if element.tag in _SKIPPED or self.notes.leads_back(element):
            self.open.append(outer._replace(display=""))
            self.begin(element)
            return False
        place = self._place(element, outer)
        if place.display:
            self.end_block()
        self.open.append(place)
        if place.display == "table-row":
            self.rows.append([])
        elif place.display == "table-cell":
            self.boxes.append([])
        if element.tag == "br" and not place.look.gone:
            self.lines.append([])
        elif element.tag == "q":
            self.add("“")
        self.begin(element)
        return True

    def _place(self, element: Element, outer: _Place) -> _Place:
        tag, style = element.tag, self.styles.of.get(element, {})
        display, styled = _DISPLAYS.get(tag, ""), style.get("display")
        if display not in _PARTS and styled in _ENDING:
            display = styled
        if display == "table-cell" and outer.display != "table-row":
            display = "block"
        target = target_of(element)
        is_mark = self.notes.is_mark(element) if outer.mark is None else target
        return _Place(
            look=look_of(style, outer.look) if style else outer.look,
            display=display,
            kind=HEADING if tag in _HEADINGS else outer.kind,
            space=style.get("white-space") or outer.space,
            mark=target if is_mark else outer.mark,
            note=self.notes.numbers.get(target, 0) if is_mark else outer.note,
        )

    def leave(self, element: Element) -> None:
        """Close an element, and add the text after it."""
        place = self.open[-1]
        if element.tag == "q":
            self.add("”")
        if place.display:
            self.end_block()
        self.open.pop()
        if place.display == "table-row":
            self.boxes[-1].extend(_row(self.rows.pop()))
        elif place.display == "table-cell":
            self.rows[-1].append(self.boxes.pop())
        if element.tag == "li":
            self.note = 0
        self.add(element.tail)

    def add(self, text: str | None) -> None:
        """Add text to the innermost open element."""
        if not text:
            return
        place = self.open[-1]
        spaces = _SPACES_OF_PRE if place.space.startswith(("pre", "break-spaces")) else _SPACES
        first, *lines = spaces.sub(" ", _CONTROLS.sub("", text)).split("\n")
        why = place.look.why
        self.lines[-1].append(Piece(first, why, place.mark, place.note))
        self.lines += [[Piece(line, why, place.mark, place.note)] for line in lines]
        if not text.isspace():
            self.doubt = self.doubt or place.look.doubt

    def begin(self, element: Element) -> None:
        """Set the number of the note that begins at an element, unless it is inside a block."""
        if not any(piece.text.strip() for piece in chain(*self.lines)):
            self.note = self.notes.number_at(element) or self.note

    def end_block(self) -> None:
        """End the block, which has the number of its note; a note does not begin with its number alone."""
        lines, self.lines = self.lines, [[]]
        for runs in paragraphs(lines):
            if not self.note:
                self.boxes[-1].append(Block(tuple(runs), self.open[-1].kind))
            elif text := _without_number(runs, self.note):
                self.boxes[-1].append(Block(tuple(text), NOTE, self.note))
                self.note = 0

    def number(self, items: Element) -> None:
        """Write the numbers of a list into the tree, except for those of notes."""
        is_reversed = items.get("reversed") is not None
        number = _integer(items.get("start"), len(items.findall("li")) if is_reversed else 1)
        for item in items.findall("li"):
            number = _integer(item.get("value"), number)
            styled = (self.styles.of[each].get("list-style-type") or each.get("type") for each in (item, items))
            numbering = next(filter(None, styled), "")
            is_empty = not any(text.strip() for text in item.itertext())
            if not (is_empty or _BULLETS & set(numbering.split()) or any(map(self.notes.number_at, item.iter()))):
                first = item
                while len(first) and first[0].tag in _DISPLAYS and not (first.text or "").strip():
                    first = first[0]
                first.text = f"{_written(number, numbering)}. {(first.text or '').lstrip()}"
            number += -1 if is_reversed else 1


def _with_notes(run: Run, found: set[int]) -> Run:
    """Return a mark as raised text if its note was not found."""
    return run if found.issuperset(run.notes) else run._replace(text=superscript(run.text), notes=())


def _integer(value: str | None, default: int) -> int:
    match = _INTEGER.match(value or "")
    return int(match[1]) if match else default


def _written(number: int, numbering: str) -> str:
    """Return a number as a list prints it; numbers without letters or Roman numerals are printed in decimal."""
    numbering = _TYPES.get(numbering, numbering)
    letters = ""
    if "roman" in numbering:
        letters = roman(number)
    elif re.search("alpha|latin", numbering) and 0 < number <= len(ascii_lowercase):
        letters = ascii_lowercase[number - 1]
    return (letters.upper() if "upper" in numbering else letters) or str(number)


def _without_number(runs: list[Run], number: int) -> list[Run]:
    """Return the text of a note without its number."""
    first, *rest = runs
    found = _OWN_NUMBER.match(first.text)
    is_own = found is not None and superscript_number(found[1] or found[2]) == number
    text = (first.text[found.end() :] if found and is_own else first.text).lstrip()
    if text:
        return [first._replace(text=text), *rest]
    return [rest[0]._replace(text=rest[0].text.lstrip()), *rest[1:]] if rest else []


def _row(cells: list[list[Block]]) -> list[Block]:
    """Return a row as one block, or the blocks in it where the table lays out the page."""
    if len(cells) < 2 or any(map(_is_layout, cells)):
        return list(chain(*cells))
    rows = [[run for block in cell for run in (Run(" "), *block.runs)][1:] or [Run("")] for cell in cells]
    if len(rows) == 2 and re.fullmatch(f"[{SUPERSCRIPTS}]+", seen_in(rows[0])) and seen_in(rows[1]):  # a typed note
        return [Block((*rows[0], Run(" "), *rows[1]))]
    runs = [run._replace(cell=place) for place, row in enumerate(rows) for run in row]
    return [Block(tuple(runs), ROW)] if any(run.text.strip() for run in runs) else []


def _is_layout(cell: list[Block]) -> bool:
    """Whether a cell contains a note, more than one paragraph, or a line that must be a separate block."""
    seen = list(islice(filter(None, (seen_in(block.runs) for block in cell)), 2))
    return len(seen) > 1 or any(block.kind == NOTE for block in cell) or any(_NO_CELL.match(text) for text in seen)


def parse_page(content: bytes) -> Element:
    """Return the root of a page's tree."""
    # The parser closes <b> at a <p>, but browsers do not; elements with unknown names stay open.
    text = _CLOSED_BY_BLOCKS.sub(rf"<\1{_KEPT_OPEN}\2", _decode(content))
    # It also drops everything after </html>, which browsers show.
    text = _END_OF_PAGE.sub(rf"</{_KEPT_OPEN}\1", text)
    parser: Any = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, default_doctype=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Element = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # there is nothing to parse
        root = None
    root = etree.Element("html") if root is None else root
    _restore(root)
    return root


def _decode(content: bytes) -> str:
    """Decode a page by its byte-order mark, its declared encoding, UTF-8 or Windows-1252, in this order."""
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    declared = _CHARSET.search(_COMMENT.sub(b"", content[:_FRONT]))
    if mark:
        encoding = _MARKS[mark]
    elif declared:
        name = codecs.lookup(declared[1].decode()).name
        encoding = _AS_BROWSERS_DO.get(name, name)
    else:
        is_valid = content.decode("utf-8", "ignore").encode("utf-8") == content
        encoding = "utf-8" if is_valid else "cp1252"
    return content.removeprefix(mark).decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def _restore(root: Element) -> None:
    """Make the tree as browsers do, with their names and rows in table bodies; refuse one that is too deep."""
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:  # the parser may have dropped the end
            raise SourceError(_TOO_DEEP)
        element.tag = element.tag.removeprefix(_KEPT_OPEN)
    for table in list(root.iter("table")):
        for tag, children in groupby(list(table), lambda child: child.tag):
            rows = list(children)
            if tag == "tr":
                body = etree.Element("tbody")
                rows[0].addprevious(body)
                body.extend(rows)
