"""Set a manuscript as a PDF: pages with running heads and numbers, notes at the foot of the page of their mark."""

import re
from collections import deque
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

import matplotlib
from manuscript import Manuscript
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from g7tag.sources.marks import SUPERSCRIPTS, superscript
from g7tag.sources.numerals import roman

WIDTH, HEIGHT, MARGIN = 612.0, 792.0, 72.0
SERIF = "DejaVuSerif"  # has letters that standard PDF fonts lack
_MARK = re.compile(f"[{SUPERSCRIPTS}]+")
_TO_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")


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
    gutter: float = 24.0
    number_size: float = 8
    number_below: float = MARGIN / 2  # the text: the page number
    mark: Literal["raised", "roman", "[raised]", "[flat]", "flat"] = "raised"
    number: Literal["marked", "plain", "dotted", "roman", "roman."] = "marked"  # of a note: as the marks, or otherwise
    endnotes: str = ""  # heading of the notes, if they are listed at the end of the document

    @property
    def measure(self) -> float:
        return (WIDTH - 2 * MARGIN - (self.columns - 1) * self.gutter) / self.columns


class Set(NamedTuple):
    """A line: its words, its size, the notes marked in it, the space above it, and whether it is stretched."""

    words: list[str]
    size: float
    notes: list[int]
    above: float
    full: bool
    indent: float = 0.0
    stops: tuple[float, ...] = ()  # starts of the cells of a table row


def set_pdf(manuscript: Manuscript, style: Style | None = None) -> bytes:
    """The bytes of a PDF."""
    style = style or Style()
    if style.font == SERIF:
        registerFont(TTFont(SERIF, Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"))
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=True)
    body: deque[Set] = deque()
    for is_table, group in groupby(manuscript.paragraphs, key=lambda paragraph: "\t" in paragraph):
        if is_table:
            body.extend(_table(list(group), style))
        else:
            body.extend(line for paragraph in group for line in _paragraph(paragraph, style, {} if style.endnotes else manuscript.notes))
    texts = {} if style.endnotes else manuscript.notes
    if style.endnotes:
        body.extend(_paragraph(style.endnotes, style, {}))
        body.extend(line for note in manuscript.notes for line in _note(note, manuscript.notes[note], style))
    notes: deque[Set] = deque()
    number = 0
    while body or notes:
        number += 1
        canvas.setFont("Helvetica", 8)
        canvas.drawString(MARGIN, HEIGHT - MARGIN / 2, style.head)
        canvas.setFont("Helvetica", style.number_size)
        canvas.drawCentredString(WIDTH / 2, MARGIN - style.number_below, str(number))
        for column in range(style.columns):
            _fill_column(canvas, MARGIN + column * (style.measure + style.gutter), body, notes, style, texts)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _fill_column(canvas: Canvas, left: float, body: deque, notes: deque, style: Style, texts: dict[int, str]) -> None:
    """Set lines while they and their notes fit; a note that does not fit continues in the next column."""
    room, own, started = HEIGHT - 2 * MARGIN - 20, [], False
    while notes and room > notes[0].size * 1.2:
        own.append(notes.popleft())
        room -= own[-1].size * 1.2
    y = HEIGHT - MARGIN
    while body and not notes:
        line = body[0]
        height = line.size * 1.2 + (line.above if started else 0.0)
        if room < height + (style.note_size * 1.2 if line.notes else 0.0):
            break
        body.popleft()
        room, y, started = room - height, y - height, True
        _draw(canvas, left, y, line, style)
        for note in line.notes:
            notes.extend(_note(note, texts[note], style))
        while notes and room > notes[0].size * 1.2:
            own.append(notes.popleft())
            room -= own[-1].size * 1.2
    if own:
        y = MARGIN + sum(line.size * 1.2 for line in own)
        canvas.line(left, y + 4, left + style.measure / 3, y + 4)
        for line in own:
            y -= line.size * 1.2
            _draw(canvas, left, y + 3, line, style)


def _paragraph(text: str, style: Style, notes: dict[int, str]) -> list[Set]:
    return _break(text, style.size, style, notes, above=style.gap, indent=style.indent)


def _table(rows: list[str], style: Style) -> list[Set]:
    """Set rows in equal columns if all cells fit, otherwise as wide as their cells, in smaller type if necessary."""
    cells = [row.split("\t") for row in rows]
    count = max(map(len, cells))
    widest = [max(_width(row[at], style.size, style) for row in cells if at < len(row)) for at in range(count)]
    gap = 2.2 * style.size
    widths, size = [style.measure / count] * count, style.size
    if any(width > style.measure / count for width in widest):
        size *= min(1.0, style.measure / (sum(widest) + gap * (count - 1)))
        widths = [(width + gap) * size / style.size for width in widest]
    stops = tuple(sum(widths[:at]) for at in range(count))
    return [Set([row], size, [], style.gap, full=False, stops=stops) for row in rows]


def _note(number: int, text: str, style: Style) -> list[Set]:
    numbers = {
        "marked": superscript(str(number)), "plain": str(number), "dotted": f"{number}.", "roman": roman(number),
        "roman.": f"{roman(number)}.",
    }  # fmt: skip
    return _break(f"{numbers[style.number]} {text}", style.note_size, style, {}, above=style.gap * bool(style.endnotes))


def _break(
    text: str, size: float, style: Style, notes: dict[int, str], *, above: float = 0.0, indent: float = 0.0
) -> list[Set]:
    """Break a paragraph into lines: at spaces and after hyphens, anywhere in URLs, and perhaps by hyphenation."""
    lines: list[Set] = []
    line: list[str] = []
    pieces = deque(re.findall(r"\s*[^\s-]*-?", text.strip()))
    while pieces:
        piece = pieces.popleft()
        room = style.measure - (indent if not lines else 0.0)
        candidate = "".join([*line, piece])
        if _width(candidate.strip(), size, style) <= room:
            line.append(piece)
            continue
        cut = _cut("".join(line), piece, size, style, room)
        if cut:
            line.append(piece[:cut] + ("-" if piece.strip().isalpha() else ""))
            piece = piece[cut:]
        elif not line:
            msg = f"no room for {piece!r}"
            raise ValueError(msg)
        lines.append(_line(line, size, notes, above if not lines else 0.0, style, indent if not lines else 0.0))
        line = []
        pieces.appendleft(piece.lstrip())
    lines.append(_line(line, size, notes, above if not lines else 0.0, style, indent if not lines else 0.0))
    return [*lines[:-1], lines[-1]._replace(full=False)]


def _line(line: list[str], size: float, notes: dict[int, str], above: float, style: Style, indent: float) -> Set:
    text = "".join(line).strip()
    marked = [int(mark.translate(_TO_DIGITS)) for mark in _MARK.findall(text)]
    return Set(text.split(" "), size, [note for note in marked if note in notes], above, style.justified, indent)


def _cut(before: str, piece: str, size: float, style: Style, room: float) -> int:
    """Return the number of characters of a piece that fit at the end of a line."""
    word = piece.strip()
    long = _width(word, size, style) > style.measure
    url = "://" in before.rpartition(" ")[2]
    if not long and (url or not (style.cuts and word.isalpha() and len(word) > 6)):
        return 0
    lead = len(piece) - len(piece.lstrip())
    fitting = [
        place for place in range(lead + 3, len(piece) - 2)
        if _width(before + piece[:place] + "-", size, style) <= room
    ]  # fmt: skip
    return fitting[-1] if fitting else 0


def _width(text: str, size: float, style: Style) -> float:
    marks = [_printed(mark, style) for mark in _MARK.findall(text)]
    rest = stringWidth(_MARK.sub("", text), style.font, size)
    return rest + sum(stringWidth(mark, style.font, size * scale) for mark, scale, _ in marks)


def _printed(mark: str, style: Style) -> tuple[str, float, float]:
    """Return how a mark is printed, and its size and height as shares of the line's size."""
    digits = mark.translate(_TO_DIGITS)
    return {
        "raised": (digits, 0.6, 0.35),
        "roman": (roman(int(digits)), 0.6, 0.35),
        "[raised]": (f"[{digits}]", 1.0, 0.35),
        "[flat]": (f"[{digits}]", 1.0, 0.0),
        "flat": (digits, 1.0, 0.0),
    }[style.mark]


def _draw(canvas: Canvas, left: float, y: float, line: Set, style: Style) -> None:
    if line.stops:
        for stop, cell in zip(line.stops, line.words[0].split("\t"), strict=False):
            _draw_words(canvas, left + stop, y, cell, line.size, style, 0.0)
        return
    text = " ".join(line.words)
    spare = style.measure - line.indent - _width(text, line.size, style)
    spread = spare / text.count(" ") if line.full and " " in text else 0.0
    _draw_words(canvas, left + line.indent, y, text, line.size, style, spread)


def _draw_words(canvas: Canvas, x: float, y: float, text: str, size: float, style: Style, spread: float) -> None:
    """Draw text with its marks raised, `spread` points added to each space."""
    for place, part in enumerate(re.split(f"([{SUPERSCRIPTS}]+)", text)):
        if place % 2 == 0 or style.superscript_letters:
            for word in re.split("( )", part) if spread and style.font == SERIF else [part]:
                canvas.setFont(style.font, size)
                canvas.drawString(x, y, word, wordSpace=spread if style.font != SERIF else 0)
                x += stringWidth(word, style.font, size) + word.count(" ") * spread
        else:
            mark, scale, rise = _printed(part, style)
            canvas.setFont(style.font, size * scale)
            canvas.drawString(x, y + size * rise, mark)
            x += stringWidth(mark, style.font, size * scale)
