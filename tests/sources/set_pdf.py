"""Set a manuscript as a PDF: pages with running heads and numbers, notes at the foot of their page or at the end."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, groupby, zip_longest
from pathlib import Path
from typing import Literal, NamedTuple

import matplotlib
from manuscript import MARKS, Manuscript
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from g7tag.sources.marks import SUPERSCRIPTS, roman, superscript

SERIF = "DejaVuSerif"  # has letters that standard PDF fonts lack
_TO_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")
_HEIGHTS = {
    "raised": (0.6, 0.35), "roman": (0.6, 0.35), "brackets": (1.0, 0.0), "raised brackets": (1.0, 0.35),
    "digits": (1.0, 0.0),
}  # fmt: skip
"""Size of marks, and their distance above the line, as shares of the size of the text."""


@dataclass(frozen=True)
class Style:
    """Style of a document; sizes in points."""

    font: str = "Times-Roman"
    size: float = 11.0
    note_size: float = 9.0
    gap: float = 6.0  # between paragraphs
    indent: float = 0.0  # of a paragraph's first line
    columns: int = 1
    justified: bool = False
    cuts: bool = False  # words at the ends of lines
    head: str = "2024 G7 Apulia Summit Final Compliance Report"
    superscript_letters: bool = False  # marks as superscript characters, not as raised digits
    page: tuple[float, float] = (612.0, 792.0)
    margin: float = 72.0
    gutter: float = 24.0
    number: str = "{}"  # of a page, at the foot, or "{roman}"
    number_size: float = 8.0
    number_at: float = 36.0  # height of the page number; the last line of notes is at the margin
    mark: Literal["raised", "roman", "brackets", "raised brackets", "digits"] = "raised"
    note_start: str = ""  # such as "{number}. "; "" for the mark itself
    endnotes: str = ""  # heading of notes that are listed at the end; "" for notes at the foot of the page

    @property
    def measure(self) -> float:
        return (self.page[0] - 2 * self.margin - (self.columns - 1) * self.gutter) / self.columns


class Set(NamedTuple):
    """A line: its text, its size, the notes marked in it, the space above it, and whether it is stretched."""

    text: str
    size: float
    notes: list[int]
    above: float
    full: bool
    indent: float = 0.0
    stops: tuple[float, ...] = ()  # starts of the cells of a table row

    @property
    def height(self) -> float:
        return self.size * 1.2


def set_pdf(manuscript: Manuscript, style: Style | None = None) -> bytes:
    style = style or Style()
    if style.font == SERIF:
        registerFont(TTFont(SERIF, Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"))
    buffer = BytesIO()
    width, height = style.page
    canvas = Canvas(buffer, pagesize=style.page, invariant=True)
    texts = {number: _note(number, text, style) for number, text in manuscript.notes.items()}
    body = deque(_body(manuscript, style))
    if style.endnotes:
        body = deque([line._replace(notes=[]) for line in body] + _paragraph(style.endnotes, style, {}))
        body.extend(line for lines in texts.values() for line in lines)
    notes: deque[Set] = deque()
    number = 0
    while body or notes:
        number += 1
        canvas.setFont("Helvetica", 8)
        canvas.drawString(style.margin, height - min(style.margin / 2, 36), style.head)
        canvas.setFont("Helvetica", style.number_size)
        canvas.drawCentredString(width / 2, style.number_at, style.number.format(number, roman=roman(number)))
        for column in range(style.columns):
            _fill_column(canvas, style.margin + column * (style.measure + style.gutter), body, notes, style, texts)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _body(manuscript: Manuscript, style: Style) -> Iterator[Set]:
    for is_table, group in groupby(manuscript.paragraphs, key=lambda paragraph: "\t" in paragraph):
        for lines in (
            [_table(list(group), style)] if is_table else (_paragraph(text, style, manuscript.notes) for text in group)
        ):
            yield from lines


def _fill_column(
    canvas: Canvas, left: float, body: deque[Set], notes: deque[Set], style: Style, texts: dict[int, list[Set]]
) -> None:
    """Set lines while they and their notes fit; a note that does not fit continues in the next column."""
    y = style.page[1] - style.margin
    room, own, started = y - style.margin - 20, [], False
    while True:
        while notes and room > notes[0].height:
            own.append(notes.popleft())
            room -= own[-1].height
        if notes or not body:
            break
        line = body[0]
        height = line.height + (line.above if started else 0.0)
        if room < height + (style.note_size * 1.2 if line.notes else 0.0):
            break
        room, y, started = room - height, y - height, True
        _draw(canvas, left, y, body.popleft(), style)
        notes.extend(each for note in line.notes for each in texts[note])
    if own:
        y = style.margin + sum(line.height for line in own)
        canvas.line(left, y + 4, left + style.measure / 3, y + 4)
        for line in own:
            y -= line.height
            _draw(canvas, left, y + 3, line, style)


def _table(rows: list[str], style: Style) -> list[Set]:
    """Set rows in equal columns if all cells fit, otherwise as wide as their cells, in smaller type if necessary."""
    columns = [*zip_longest(*(row.split("\t") for row in rows), fillvalue="")]
    widest = [max(width_of(cell, style.size, style) for cell in cells) for cells in columns]
    gap = 2.2 * style.size
    widths, size = [style.measure / len(columns)] * len(columns), style.size
    if max(widest) > widths[0]:
        size *= min(1.0, style.measure / (sum(widest) + gap * (len(columns) - 1)))
        widths = [(width + gap) * size / style.size for width in widest]
    stops = tuple(accumulate(widths[:-1], initial=0.0))
    return [Set(row, size, [], style.gap, full=False, stops=stops) for row in rows]


def _paragraph(text: str, style: Style, notes: dict[int, str]) -> list[Set]:
    return break_lines(text, style.size, style, notes, above=style.gap, indent=style.indent)


def _note(number: int, text: str, style: Style) -> list[Set]:
    start = style.note_start.format(number=number, roman=roman(number)) or f"{superscript(str(number))} "
    return break_lines(f"{start}{text}", style.note_size, style, {})


def break_lines(
    text: str, size: float, style: Style, notes: dict[int, str], *, above: float = 0.0, indent: float = 0.0
) -> list[Set]:
    """Break a paragraph into lines: at spaces and after hyphens, anywhere in URLs, and perhaps by hyphenation."""
    texts = [""]
    pieces = deque(re.findall(r"\s*[^\s-]*-?", text.strip()))
    while pieces:
        piece = pieces.popleft()
        room = style.measure - (indent if len(texts) == 1 else 0.0)
        if width_of((texts[-1] + piece).strip(), size, style) <= room:
            texts[-1] += piece
            continue
        cut = _cut(texts[-1], piece, size, style, room)
        assert cut or texts[-1], f"no room for {piece!r}"
        if cut:
            texts[-1] += piece[:cut] + ("-" if piece.strip().isalpha() else "")
        texts.append("")
        pieces.appendleft(piece[cut:].lstrip())
    lines = []
    for place, line in enumerate(map(str.strip, texts)):
        marked = [int(mark.translate(_TO_DIGITS)) for mark in MARKS.findall(line)]
        first, last = place == 0, place == len(texts) - 1
        lines.append(Set(
            line, size, [note for note in marked if note in notes], above * first, style.justified and not last,
            indent * first,
        ))  # fmt: skip
    return lines


def _cut(before: str, piece: str, size: float, style: Style, room: float) -> int:
    """Return the number of characters of a piece that fit at the end of a line."""
    word = piece.strip()
    long = width_of(word, size, style) > style.measure
    url = "://" in before.rpartition(" ")[2]
    if not long and (url or not (style.cuts and word.isalpha() and len(word) > 6)):
        return 0
    lead = len(piece) - len(piece.lstrip())
    fits = [n for n in range(lead + 3, len(piece) - 2) if width_of(before + piece[:n] + "-", size, style) <= room]
    return fits[-1] if fits else 0


def width_of(text: str, size: float, style: Style) -> float:
    marks = "".join(_shown(mark, style) for mark in MARKS.findall(text))
    rest = stringWidth(MARKS.sub("", text), style.font, size)
    return rest + stringWidth(marks, style.font, size * _HEIGHTS[style.mark][0])


def _shown(mark: str, style: Style) -> str:
    """Return a mark of superscript digits as it is drawn."""
    digits = mark.translate(_TO_DIGITS)
    if style.mark == "roman":
        return roman(int(digits))
    return f"[{digits}]" if "brackets" in style.mark else digits


def _draw(canvas: Canvas, left: float, y: float, line: Set, style: Style) -> None:
    if line.stops:
        for stop, cell in zip(line.stops, line.text.split("\t"), strict=False):
            draw_words(canvas, left + stop, y, cell, line.size, style, 0.0)
        return
    spare = style.measure - line.indent - width_of(line.text, line.size, style)
    spread = spare / line.text.count(" ") if line.full and " " in line.text else 0.0
    draw_words(canvas, left + line.indent, y, line.text, line.size, style, spread)


def draw_words(canvas: Canvas, x: float, y: float, text: str, size: float, style: Style, spread: float) -> None:
    """Draw text with its marks raised, `spread` points added to each space."""
    for place, part in enumerate(re.split(f"([{SUPERSCRIPTS}]+)", text)):
        if place % 2 == 0 or style.superscript_letters:
            for word in re.split("( )", part) if spread and style.font == SERIF else [part]:
                canvas.setFont(style.font, size)
                canvas.drawString(x, y, word, wordSpace=spread if style.font != SERIF else 0)
                x += stringWidth(word, style.font, size) + word.count(" ") * spread
        else:
            scale, rise = _HEIGHTS[style.mark]
            shown, its = _shown(part, style), size * scale
            canvas.setFont(style.font, its)
            canvas.drawString(x, y + size * rise, shown)
            x += stringWidth(shown, style.font, its)
