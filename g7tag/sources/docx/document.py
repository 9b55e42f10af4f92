"""Read a Word document (.docx) into blocks of text."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from g7tag.errors import SourceError
from g7tag.sources.blocks import HEADING, NOTE, PARAGRAPH, Block, Run
from g7tag.sources.docx.lines import join_runs, set_lines, set_row, tidy
from g7tag.sources.docx.numbers import REFERENCES, Lists, number_notes, typed_number
from g7tag.sources.docx.parts import Element, M, Parts, W, child, number, read_parts, value, within
from g7tag.sources.docx.styles import Colors, Styles, colors, shaded, what_may_hide
from g7tag.sources.headings import MEMBER_HEADING
from g7tag.sources.kinds import OCR
from g7tag.sources.marks import superscript

_CHARACTERS = {
    f"{W}t": "", f"{M}t": "", f"{W}sym": "", f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-", f"{W}softHyphen": "\u00ad",
}  # fmt: skip
"""Text of an element; "" means its content."""
_RUNS = (f"{W}r", f"{M}r")
_UNKNOWN = "\ufffd"
"""Replaces a sign that cannot be converted to a character."""
_SIGNS = {"F02B": "+", "F02D": "−", "F0B1": "±", "F0B7": "•"}
"""Signs of the font Symbol that scores and lists may have; others are not known."""
_MARK = re.compile(r"[0-9][0-9\s,;–-]*")
_LINE_ENDS = re.compile(r"[\r\n]")  # line ends in the XML, shown as a space
_LONG = 200  # characters of a paragraph of running text; a cell of a score table has at most one
_MOST_COLUMNS = 63  # columns of a table in Word
_LONGEST_SAMPLE = 40  # characters
_WHITE = colors("FFFFFF")
_DRAWN = (
    "the text of text boxes and drawings is not read ({}, the first with {!r}). Move it into paragraphs if it is "
    "evidence."
)
_MAY_HIDE = (
    "some formatting is not read and may hide text, such as that of {!r}. Convert the document to PDF to be sure: "
    "soffice --headless --convert-to pdf FILE"
)
_ONLY_PICTURES = f"contains images but no text, like a scan. Expected text; export it as PDF, and recognize it: {OCR}"
_NO_TEXT = "contains no text. Expected the text of a compliance report; check that it is the right file."


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
    unread = _DRAWN.format(len(parts.drawn), _sample(parts.drawn[0])) if parts.drawn else ""
    may_hide = _MAY_HIDE.format(_sample(reader.may_hide)) if reader.may_hide else ""
    if not any(run.text.strip() for block in blocks for run in block.runs):
        none = f"has no paragraphs with text: {unread}" if unread else ""
        raise SourceError(none or (_ONLY_PICTURES if parts.has_pictures else _NO_TEXT))
    return Word(blocks, [("unread", reason) for reason in (unread, may_hide) if reason])


def _sample(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_SAMPLE]


class _Reader:
    """Reader of the texts of a document, in order, as lists are counted; `may_hide` is an example of a doubt."""

    def __init__(self, parts: Parts) -> None:
        self._styles = Styles(parts.styles)
        self._lists = Lists(parts.numbering)
        self._numbers, self._notes = number_notes(parts)
        self.may_hide = next(filter(None, map(what_may_hide, (*parts[:3], parts.styles))), "")

    def blocks(self, container: Element, behind: Colors) -> Iterator[Block]:
        """Yield the blocks of a body or a cell; `behind` are the colors that may be behind its text."""
        pending: list[Run] = []
        for element in within(container, "p", "tbl"):
            if element.tag == f"{W}tbl":
                yield from set_lines(pending)
                yield from self._table(element, behind)
                pending = []
                continue
            runs = self._runs(element, behind)
            mark = child(element, "w:pPr/w:rPr")
            if child(mark, "w:del") is None and child(mark, "w:moveFrom") is None:
                is_heading = self._styles.of_paragraph(element).is_heading
                numbered = [*self._list_number(element, behind), *pending, *runs]
                yield from set_lines(numbered, HEADING if is_heading else PARAGRAPH)
                pending = []
            else:  # the next paragraph continues it
                pending += runs
        yield from set_lines(pending)

    def notes(self) -> Iterator[Block]:
        """Yield the notes by number."""
        for count, note in self._notes:
            runs = tidy(self._joined(note, _WHITE))
            typed = superscript(str(count))
            if runs and re.match(rf"{typed}(?:\s|$)", runs[0].text):  # number typed by the author
                runs = tidy((runs[0]._replace(text=runs[0].text[len(typed) :]), *runs[1:]))
            yield Block(runs, NOTE, count)

    def _joined(self, container: Element, behind: Colors) -> list[Run]:
        """Return the runs of all paragraphs of a cell or a note."""
        paragraphs = within(container, "p")
        return join_runs([*self._list_number(each, behind), *self._runs(each, behind)] for each in paragraphs)

    def _list_number(self, paragraph: Element, behind: Colors) -> list[Run]:
        """Return the number that Word prints before a paragraph; it has the look of the paragraph mark."""
        style = self._styles.of_paragraph(paragraph)
        name, level = (value(style.paragraph.get(f"{W}{each}")) for each in ("numId", "ilvl"))
        text = self._lists.next_number(name, number(level, 0))
        behind = shaded(style.paragraph.get(f"{W}shd"), behind)
        look = self._styles.look(child(paragraph, "w:pPr/w:rPr"), style=style, behind=behind)
        return [Run(text, look.hidden)] if text else []

    def _runs(self, paragraph: Element, behind: Colors) -> Iterator[Run]:
        """Yield the runs of a paragraph, in order."""
        style = self._styles.of_paragraph(paragraph)
        behind = shaded(style.paragraph.get(f"{W}shd"), behind)
        typed: Element | None = None
        for each in paragraph.iter(*_CHARACTERS, *REFERENCES):
            around = next(each.iterancestors(*_RUNS, f"{W}tabs"), None)
            if each is typed or (around is not None and around.tag == f"{W}tabs"):
                continue  # a note's number, which was read before, or a tab stop
            look = self._styles.look(child(around, "w:rPr"), style=style, behind=behind)
            if each.tag in REFERENCES:
                count = self._numbers[REFERENCES[str(each.tag)], value(each, "id")]
                typed = typed_number(each)
                yield Run(str(count), look.hidden, (count,))
                continue
            text = _text_of(each)
            if look.may_hide and text.strip():
                self.may_hide = self.may_hide or text
            yield Run(superscript(text) if look.raised and _MARK.fullmatch(text.strip()) else text, look.hidden)

    def _table(self, table: Element, behind: Colors) -> Iterator[Block]:
        """Yield a block for each row, or the blocks of the cells if the table is only used for layout."""
        style = self._styles.style(value(child(table, "w:tblPr/w:tblStyle")))
        behind |= style.fills  # which cells have them is not known
        rows = [(row, list(within(row, "tc"))) for row in within(table, "tr")]
        single = all(len(cells) == 1 for _, cells in rows)
        for row, cells in rows:
            shades = [shaded(child(cell, "w:tcPr/w:shd"), behind) for cell in cells]
            if single or any(map(_is_layout, cells)):
                for cell, shade in zip(cells, shades, strict=True):
                    yield from self.blocks(cell, shade)
                continue
            columns: list[Iterable[Run]] = [[]] * _columns(child(row, "w:trPr/w:gridBefore"), usual=0)
            for cell, shade in zip(cells, shades, strict=True):
                columns.append(self._joined(cell, shade))
                columns += [[]] * (_columns(child(cell, "w:tcPr/w:gridSpan"), usual=1) - 1)
            yield from set_row(columns)


def _text_of(element: Element) -> str:
    """Return the text of one element."""
    if element.tag == f"{W}sym":
        known = _SIGNS if value(element, "font") == "Symbol" else {}
        return known.get(value(element, "char").upper(), _UNKNOWN)
    return _CHARACTERS[str(element.tag)] or _LINE_ENDS.sub(" ", element.text or "")


def _columns(element: Element | None, *, usual: int) -> int:
    """Return how many columns a property spans or skips."""
    return min(max(number(value(element), usual), usual), _MOST_COLUMNS)


def _is_layout(cell: Element) -> bool:
    """Whether a cell contains running text: a table, several long paragraphs, or a member's heading and more."""
    texts = ["".join(each.itertext(f"{W}t", with_tail=False)) for each in within(cell, "p")]
    texts = [text for text in texts if text.strip()]
    runs_on = sum(len(text) > _LONG for text in texts) > 1 or any(MEMBER_HEADING.match(text) for text in texts)
    return child(cell, ".//w:tbl") is not None or (len(texts) > 1 and runs_on)
