"""Read a Word document (.docx) into blocks of text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from g7tag.errors import SourceError
from g7tag.sources.blocks import HEADING, NOTE, PARAGRAPH, ROW, Block, Run
from g7tag.sources.docx.parts import Element, M, Parts, W, child, number, read_parts, value, within
from g7tag.sources.docx.styles import (
    REFERENCES,
    Colors,
    Lists,
    Styles,
    colors,
    number_notes,
    shaded,
    typed_number,
    what_may_hide,
)
from g7tag.sources.headings import CLOSING_LINE, ITEM_START, MEMBER_HEADING, SIGN
from g7tag.sources.limits import OCR
from g7tag.sources.marks import SUPERSCRIPTS, superscript

_CHARACTERS = {
    f"{W}t": "", f"{M}t": "", f"{W}sym": "", f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-", f"{W}softHyphen": "\u00ad",
}  # fmt: skip
"""Text of an element; "" means its content."""
_SIGNS = {"F02B": "+", "F02D": "−", "F0B1": "±", "F0B7": "•"}  # of the font Symbol, as in scores and lists
_MARK = re.compile(r"[0-9][0-9\s,;–-]*")
_BLANKS = re.compile(r"[ \t\n\r\f\v\x85\u2028\u2029]+")
_OPENING = re.compile(rf"{ITEM_START.pattern}|{CLOSING_LINE.pattern}")
_FINISHED = re.compile(rf"[.!?…]['\"”’)\]]*[{SUPERSCRIPTS}]*\s*$")
_LABEL = re.compile(r"\s*(?:\(?[A-Za-z0-9]{1,4}[.)]|[•‣▪◦–—-])\s*$")  # 19. or (a) or a bullet
_FIGURE = re.compile(rf"(?:{SIGN}?\d{{1,4}}(?:\.\d+)?\s*(?:\([\d.]+\s*%\)|%)?|[ivxlc]{{1,6}})$")
"""A score, a share or a page number: +1, 0.38 (69%), 12, iv."""
_LONGEST_CELL = 60  # characters, such as `No Compliance`; running text between tabs is longer
_LONG = 200  # characters of a paragraph of running text; a cell of a score table has at most one
_MOST_COLUMNS = 63  # columns of a table in Word
_LONGEST_SAMPLE = 40  # characters
_WHITE = colors("FFFFFF")
_DRAWN = "the text of {} text boxes or drawings is not read, such as {!r}. Move it into paragraphs if it is evidence."
_MAY_HIDE = (
    "some formatting is not read and may hide text or number it otherwise, such as that of {!r}. Convert the document "
    "to PDF to be sure: soffice --headless --convert-to pdf FILE"
)
_NO_TEXT = f"contains no text. Expected a compliance report; if it is a scan, export it as PDF, and recognize it: {OCR}"


class Word(NamedTuple):
    """The blocks of a document, and gaps (kind, reason): text that was skipped or may be hidden."""

    blocks: list[Block]
    doubts: list[tuple[str, str]]


def read_word(content: bytes) -> Word:
    """Read a Word document into blocks: paragraphs and table rows in order, then the notes by number."""
    parts = read_parts(content)
    reader = _Reader(parts)
    page = _WHITE | colors(value(child(parts.document, "w:background"), "color"))  # settings decide if it is shown
    blocks = [*reader.blocks(parts.document, page), *reader.notes()]
    unread = [_DRAWN.format(len(parts.drawn), _sample(parts.drawn[0]))] if parts.drawn else []
    if not any(run.text.strip() for block in blocks for run in block.runs):
        raise SourceError(f"has no paragraphs with text: {unread[0]}" if unread else _NO_TEXT)
    doubtful = reader.may_hide or reader.lists.unread
    unread += [_MAY_HIDE.format(_sample(doubtful))] if doubtful else []
    return Word(blocks, [("unread", reason) for reason in unread])


class _Reader:
    """Reader of the texts of a document, in order, as lists are counted; `may_hide` is an example of a doubt."""

    def __init__(self, parts: Parts) -> None:
        self.lists = Lists(parts.numbering)
        self.may_hide = next(filter(None, map(what_may_hide, (*parts[:3], parts.styles))), "")
        self._styles = Styles(parts.styles)
        self._numbers, self._notes = number_notes(parts)

    def blocks(self, container: Element, behind: Colors) -> Iterator[Block]:
        """Yield the blocks of a body or a cell; `behind` are the colors that may be behind its text."""
        behind = shaded(child(container, "w:tcPr/w:shd"), behind)
        for element in within(container, "p", "tbl"):
            if element.tag == f"{W}tbl":
                yield from self._table(element, behind)
            else:
                is_heading = self._styles.of_paragraph(element).is_heading
                yield from _set_lines(self._runs(element, behind), HEADING if is_heading else PARAGRAPH)

    def notes(self) -> Iterator[Block]:
        """Yield the notes by number."""
        for count, note in self._notes:
            runs = _tidy(self._joined(note, _WHITE))
            typed = superscript(str(count))
            if runs and re.match(rf"{typed}(?:\s|$)", runs[0].text):  # number typed by the author
                runs = _tidy((runs[0]._replace(text=runs[0].text[len(typed) :]), *runs[1:]))
            yield Block(runs, NOTE, count)

    def _joined(self, container: Element, behind: Colors) -> list[Run]:
        """Return the runs of all paragraphs of a cell or a note, with a space between them."""
        behind = shaded(child(container, "w:tcPr/w:shd"), behind)
        return [run for each in within(container, "p") for run in (*self._runs(each, behind), Run(" "))]

    def _runs(self, paragraph: Element, behind: Colors) -> Iterator[Run]:
        """Yield the runs of a paragraph, in order; the number of a list item looks like the paragraph's mark."""
        style = self._styles.of_paragraph(paragraph)
        name, level = (value(style.paragraph.get(f"{W}{each}")) for each in ("numId", "ilvl"))
        item = self.lists.next_number(name, number(level, 0))
        if item:
            yield Run(item, self._styles.look(child(paragraph, "w:pPr/w:rPr"), style, behind).hidden)
        for run in paragraph.iter(f"{W}r", f"{M}r"):
            look = self._styles.look(child(run, "w:rPr"), style, behind)
            typed: Element | None = None
            for each in run:
                if each.tag in REFERENCES:
                    count = self._numbers[str(each.tag), value(each, "id")]
                    typed = typed_number(each)
                    yield Run(str(count), look.hidden, (count,))
                elif each.tag in _CHARACTERS and each is not typed:
                    text = _text_of(each)
                    if look.may_hide and text.strip():
                        self.may_hide = self.may_hide or text
                    is_mark = look.raised and _MARK.fullmatch(text.strip())
                    yield Run(superscript(text) if is_mark else text, look.hidden)

    def _table(self, table: Element, behind: Colors) -> Iterator[Block]:
        """Yield a block for each row, or the blocks of the cells if the table is only used for layout."""
        style = self._styles.style(value(child(table, "w:tblPr/w:tblStyle")))
        behind |= style.fills  # which cells have them is not known
        rows = [(row, list(within(row, "tc"))) for row in within(table, "tr")]
        single = all(len(cells) == 1 for _, cells in rows)
        for row, cells in rows:
            if single or any(map(_is_layout, cells)):
                for cell in cells:
                    yield from self.blocks(cell, behind)
                continue
            columns: list[Iterable[Run]] = [[]] * _columns(child(row, "w:trPr/w:gridBefore"), 0)
            for cell in cells:
                columns.append(self._joined(cell, behind))
                columns += [[]] * (_columns(child(cell, "w:tcPr/w:gridSpan"), 1) - 1)
            yield from _set_row(columns)


def _sample(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_SAMPLE]


def _text_of(element: Element) -> str:
    """Return the text of one element."""
    if element.tag == f"{W}sym":
        known = _SIGNS if value(element, "font") == "Symbol" else {}
        return known.get(value(element, "char").upper(), "\ufffd")
    return _CHARACTERS[str(element.tag)] or (element.text or "").replace("\n", " ")  # no line break


def _columns(element: Element | None, usual: int) -> int:
    """Return how many columns a property spans or skips."""
    return min(number(value(element), usual), _MOST_COLUMNS)


def _is_layout(cell: Element) -> bool:
    """Whether a cell contains running text: a table, several long paragraphs, or a member's heading and more."""
    texts = ["".join(each.itertext(f"{W}t", with_tail=False)) for each in within(cell, "p")]
    texts = [text for text in texts if text.strip()]
    runs_on = sum(len(text) > _LONG for text in texts) > 1 or any(MEMBER_HEADING.match(text) for text in texts)
    return child(cell, ".//w:tbl") is not None or (len(texts) > 1 and runs_on)


def _set_lines(runs: Iterable[Run], kind: str) -> Iterator[Block]:
    """Yield a paragraph as blocks; lines that are apart are blocks of their own, tabs in other lines are spaces."""
    pending: list[Run] = []
    before = ""
    for line in (*_split(runs, "\n"), []):  # ends with an empty line
        text = _printed(line)
        cells = _cells(line)
        is_row = _is_row(cells)
        if pending and (is_row or not text.strip() or _starts_block(before, text)):
            yield Block(_tidy(pending), kind)
            pending = []
        if is_row:
            yield from _set_row(cells)
        elif text.strip():
            pending += [Run(" "), *line]
        before = text


def _set_row(cells: Sequence[Iterable[Run]]) -> list[Block]:
    """Return the block of a table row; none if all cells are empty."""
    tidied = [_tidy(cell) for cell in cells]
    placed = (run._replace(cell=place) for place, cell in enumerate(tidied) for run in cell or (Run(""),))
    return [Block(tuple(placed), ROW)] if any(tidied) else []


def _tidy(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return runs with single spaces between words and none at the ends; join those of one look, but no marks."""
    tidied = [Run(" ")]
    for (hidden, notes), group in groupby(runs, key=lambda run: (run.hidden, run.notes)):
        texts = [run.text for run in group]
        text = texts[0] if notes else _BLANKS.sub(" ", "".join(texts))
        text = text.removeprefix(" ") if tidied[-1].text.endswith(" ") else text
        tidied += [Run(text, hidden, notes)] if text else []
    last = tidied[-1]._replace(text=tidied[-1].text.rstrip(" "))
    return tuple(run for run in (*tidied[1:-1], last) if run.text)


def _printed(runs: Iterable[Run]) -> str:
    """Return the text of runs, marks as superscripts."""
    return "".join(superscript(run.text) if run.notes else run.text for run in runs)


def _split(runs: Iterable[Run], separator: str) -> list[list[Run]]:
    """Split runs at a separator; without runs, return one empty list."""
    parts: list[list[Run]] = [[]]
    for run in runs:
        first, *others = run.text.split(separator)
        parts[-1].append(run._replace(text=first))
        parts += [[run._replace(text=other)] for other in others]
    return parts


def _starts_block(before: str, after: str) -> bool:
    """Whether a line does not continue the line before it."""
    finished = bool(_FINISHED.search(before) and _OPENING.match(after))
    return finished or any(MEMBER_HEADING.match(each) for each in (before, after))


def _cells(runs: Iterable[Run]) -> list[list[Run]]:
    """Split runs at tabs; a label before the first tab belongs to the next cell."""
    cells = _split(runs, "\t")
    if len(cells) > 1 and _LABEL.match(_printed(cells[0])):
        cells[:2] = [[*cells[0], Run(" "), *cells[1]]]
    return cells


def _is_row(cells: Sequence[Sequence[Run]]) -> bool:
    """Whether a line is a table row: it ends or begins with a figure, or its cells are short."""
    texts = [_printed(cell).strip() for cell in cells]
    if sum(map(bool, texts)) < 2:
        return False
    return any(map(_FIGURE.match, (texts[0], texts[-1]))) or max(map(len, texts)) <= _LONGEST_CELL
