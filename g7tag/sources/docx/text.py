"""Read a Word document's paragraphs, tables and notes as blocks."""

import re
from collections.abc import Iterable, Iterator

from g7tag.sources.blocks import Block, Run
from g7tag.sources.docx.elements import Element, child, is_on, kind, number, seen_children, text_of, value, within
from g7tag.sources.docx.lines import is_member_heading, join_runs, plain, set_lines, set_row, tidy
from g7tag.sources.docx.lists import Lists
from g7tag.sources.docx.notes import REFERENCES, Note, NumberedNotes, is_typed_number
from g7tag.sources.docx.styles import Look, Style, Styles, fill_of, list_of, why_row_hidden
from g7tag.sources.marks import superscript

CHARACTERS = {
    "w:t": "",
    "m:t": "",
    "a:t": "",
    "w:sym": "",
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:br": "\n",
    "w:cr": "\n",
    "w:noBreakHyphen": "-",
    "w:softHyphen": "\u00ad",
}
"""Text of an element; "" means its content. `Reader` handles page breaks."""

UNKNOWN = "\ufffd"
"""Replaces a sign that cannot be converted to a character."""

_PRIVATE = range(0xF000, 0xF100)  # private code points of symbol fonts: 0xF000 plus the code in the font
_SYMBOL = {
    0x20: " ", 0x2D: "−", 0xA2: "′", 0xA3: "≤", 0xA5: "∞", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°",
    0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xBC: "…", 0xD7: "⋅",
    0xE2: "®", 0xE3: "©", 0xE4: "™",
}  # fmt: skip
_WINGDINGS = {0x6C: "●", 0x6E: "■", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢", 0xE0: "→", 0xFB: "✗", 0xFC: "✓"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}
_ASCII_OF_SYMBOL = frozenset("!%()+,./0123456789:;<=>?[]_{|}")  # same codes in the font Symbol as in ASCII


_MARK = re.compile(r"[0-9][0-9\s,;–-]*")
_LINE_ENDS = re.compile(r"[\r\n]")  # line ends in the XML, shown as a space
_PARAGRAPHS = ("w:p", "w:tbl")
_LONG = 200  # characters of a paragraph of running text; a cell of a score table has at most one
_MOST_COLUMNS = 63  # columns of a table in Word


def symbol(code: str, *, font: str) -> str:
    """Return the character of a sign, or `UNKNOWN`."""
    if not re.fullmatch(r"[0-9A-Fa-f]{1,5}", code):
        return UNKNOWN
    place = int(code, 16)
    signs = _FONTS.get(font.lower())
    if place in _PRIVATE or (signs and place < 0x100):
        place -= _PRIVATE.start if place in _PRIVATE else 0
        known = chr(place) if font.lower() == "symbol" and chr(place) in _ASCII_OF_SYMBOL else UNKNOWN
        return (signs or {}).get(place, known)
    return chr(place) if chr(place).isprintable() else UNKNOWN


class Reader:
    """Reader of the parts of a document, in order: lists are counted and fields may span paragraphs."""

    def __init__(self, styles: Styles, lists: Lists, notes: NumberedNotes, *, follow_fields: bool) -> None:
        self._styles, self._lists, self._notes = styles, lists, notes
        self._follow_fields = follow_fields  # False if a field has no end, which would swallow the rest
        self.boxes: list[str] = []  # texts of text boxes, which are skipped
        self._fields: list[str] = []  # "begin" or "separate" for each open field

    def blocks(self, container: Element, *, paper: str) -> Iterator[Block]:
        """Yield the blocks of a body or a cell; `paper` is the color behind it ("" for white)."""
        pending: list[Run] = []
        for element in _paragraphs(container):
            if kind(element) == "w:tbl":
                yield from set_lines(pending)
                pending = []
                yield from self._table(element, paper=paper)
                continue
            nested: list[Element] = []
            properties = child(element, "w:pPr")
            mark = child(properties, "w:rPr")
            pending += self._runs(element, nested, paper=paper)
            if child(mark, "w:del") is None and child(mark, "w:moveFrom") is None:  # otherwise, the next continues it
                prefix = self._list_number(properties, paper=paper)
                if is_on(child(mark, "w:specVanish")):  # a run-in heading
                    pending.insert(0, prefix)
                else:
                    yield from set_lines(pending, prefix=prefix.text, prefix_hidden=prefix.hidden)
                    pending = []
            for each in nested:
                yield from self.blocks(each, paper=paper)
        yield from set_lines(pending)

    def note(self, note: Note) -> Block:
        """Return a note as one block that starts with its number."""
        mark = superscript(str(note.number))
        found = [block.runs for block in self.blocks(note.element, paper="")]
        runs = tidy(join_runs(found, " "))
        if runs and re.match(rf"{mark}(?:\s|$)", runs[0].text):  # number typed by the author
            runs = (runs[0]._replace(text=runs[0].text[len(mark) :]), *runs[1:])
        return Block(tidy([Run(f"{mark} "), *runs]))

    def _list_number(self, properties: Element | None, *, paper: str) -> Run:
        """Return the number that Word prints before a paragraph; it has the look of the paragraph mark."""
        style = self._styles.paragraph_style(properties)
        named = {**style.numbering, **list_of(properties)}
        text = self._lists.next_number(named, style=value(child(properties, "w:pStyle")))
        if not text:
            return Run("")
        paper = fill_of(properties) or style.paper or paper
        look = self._styles.look(child(properties, "w:rPr"), paragraph=style, paper=paper)
        return Run(text, look.hidden)

    def _runs(self, paragraph: Element, nested: list[Element], *, paper: str) -> list[Run]:
        """Return the runs of a paragraph; add the paragraphs and tables in it to `nested`."""
        properties = child(paragraph, "w:pPr")
        style = self._styles.paragraph_style(properties)
        paper = fill_of(properties) or style.paper or paper
        usual = self._styles.look(None, paragraph=style, paper=paper)
        return list(self._pieces(paragraph, usual, style, nested, paper=paper))

    def _pieces(
        self, element: Element, look: Look, style: Style, nested: list[Element], *, paper: str
    ) -> Iterator[Run]:
        """Yield the runs in an element, in order."""
        for each in seen_children(element):
            name = kind(each)
            if name == "w:txbxContent":
                text = "".join(map(text_of, within(each, "w:t"))).strip()
                self.boxes += [text] if text else []
            elif name in _PARAGRAPHS:
                nested.append(each)
            elif name == "w:r":
                own = self._styles.look(child(each, "w:rPr"), paragraph=style, paper=paper)
                own = own._replace(raised=True) if any(map(is_typed_number, each)) else own
                yield from self._pieces(each, own, style, nested, paper=paper)
            elif name == "w:fldChar":
                self._turn_field(value(each, "fldCharType"))
            elif name in REFERENCES or name in CHARACTERS:
                if "begin" not in self._fields:
                    yield Run(self._characters(each, name, look), look.hidden)
            else:
                yield from self._pieces(each, look, style, nested, paper=paper)

    def _characters(self, element: Element, name: str, look: Look) -> str:
        """Return the text of one element."""
        if name in REFERENCES:
            number_typed = is_typed_number(element)  # then the following text is the number
            return "" if number_typed else superscript(str(self._notes.numbers[REFERENCES[name], value(element, "id")]))
        if name == "w:sym":
            return symbol(value(element, "char"), font=value(element, "font"))
        text = CHARACTERS[name] or _LINE_ENDS.sub(" ", text_of(element))
        if name == "w:br" and value(element, "type") == "page":
            return "\f"
        return superscript(text) if look.raised and _MARK.fullmatch(text.strip()) else text

    def _turn_field(self, turn: str) -> None:
        """Record the start of a field, the start of its result, or its end."""
        if not self._follow_fields:
            return
        if turn == "begin":
            self._fields.append("begin")
        elif self._fields and turn in {"separate", "end"}:
            self._fields.pop()
            self._fields += ["separate"] if turn == "separate" else []

    def _table(self, table: Element, *, paper: str) -> Iterator[Block]:
        """Yield a block for each row, or the blocks of the cells if the table is only used for layout."""
        paper = self._styles.style(value(child(table, "w:tblPr", "w:tblStyle"))).paper or paper
        rows = [(row, _cells_of(row)) for row in within(table, "w:tr") if child(row, "w:trPr", "w:del") is None]
        single = all(len(cells) == 1 for _, cells in rows)
        for row, cells in rows:
            why = why_row_hidden(child(row, "w:trPr"))
            if single or any(_is_layout(cell) for cell in cells):
                for cell in cells:
                    yield from hide(self.blocks(cell, paper=fill_of(child(cell, "w:tcPr")) or paper), why)
            else:
                yield from hide(self._row(row, cells, paper=paper), why)

    def _row(self, row: Element, cells: list[Element], *, paper: str) -> Iterator[Block]:
        """Yield a row as a block, then the paragraphs in those of its cells."""
        columns: list[list[Run]] = [[] for _ in range(_columns(child(row, "w:trPr", "w:gridBefore"), usual=0))]
        nested: list[Element] = []
        for cell in cells:
            properties = child(cell, "w:tcPr")
            behind = fill_of(properties) or paper
            found: list[list[Run]] = []
            for paragraph in within(cell, "w:p"):
                prefix = self._list_number(child(paragraph, "w:pPr"), paper=behind)
                found.append([prefix, *self._runs(paragraph, nested, paper=behind)])
            columns.append(join_runs(found, " "))
            columns += [[] for _ in range(_columns(child(properties, "w:gridSpan"), usual=1) - 1)]
        columns += [[] for _ in range(_columns(child(row, "w:trPr", "w:gridAfter"), usual=0))]
        block = set_row(columns)
        yield from [block] if block else []
        for each in nested:
            yield from self.blocks(each, paper=paper)


def hide(blocks: Iterable[Block], why: str) -> Iterator[Block]:
    """Yield blocks whose visible text is hidden for a reason; without one, they stay as they are."""
    for block in blocks:
        yield Block(tuple(run._replace(hidden=run.hidden or why) for run in block.runs)) if why else block


def _paragraphs(container: Element) -> Iterable[Element]:
    """Return the paragraphs and tables of a container, or the container if it is one."""
    return [container] if kind(container) in _PARAGRAPHS else within(container, *_PARAGRAPHS)


def _cells_of(row: Element) -> list[Element]:
    """Return the cells of a row that are not deleted."""
    return [cell for cell in within(row, "w:tc") if child(cell, "w:tcPr", "w:cellDel") is None]


def _columns(element: Element | None, *, usual: int) -> int:
    """Return how many columns a property spans or skips."""
    return min(max(number(value(element), usual), usual), _MOST_COLUMNS)


def _is_layout(cell: Element) -> bool:
    """Whether a cell contains running text: a table, several long paragraphs, or a member's heading and more."""
    paragraphs = list(within(cell, *_PARAGRAPHS))
    texts = [plain(_raw(paragraph)) for paragraph in paragraphs if kind(paragraph) == "w:p"]
    texts = [text for text in texts if text.strip()]
    if any(kind(each) == "w:tbl" for each in paragraphs):
        return True
    return len(texts) > 1 and (sum(len(text) > _LONG for text in texts) > 1 or any(map(is_member_heading, texts)))


def _raw(paragraph: Element) -> Iterator[Run]:
    """Yield the text of a paragraph without its text boxes."""
    for each in within(paragraph, "w:t", "w:txbxContent"):
        if kind(each) == "w:t":
            yield Run(text_of(each))
