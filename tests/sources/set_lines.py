"""Set lines of Times anywhere on the pages of a PDF."""

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

from reading import blocks
from reportlab.pdfgen.canvas import Canvas
from set_pdf import Style, break_lines, draw_words, width_of

LEFT, TOP, MEASURE = 72.0, 700.0, 240.0
LEADING = 1.2  # of the size
TIMES = Style(page=(MEASURE + 2 * LEFT, 792.0))


class Line(NamedTuple):
    """A line: tab-separated cells, 90 points apart; `end` is where a justified line ends."""

    text: str
    y: float = TOP
    x: float = LEFT
    size: float = 10
    end: float = 0


def column(
    paragraphs: Sequence[str], *, y: float = TOP, x: float = LEFT, size: float = 10, gap: float = 6, indent: float = 0,
    justified: bool = True,
) -> list[Line]:  # fmt: skip
    """Return lines of paragraphs, `gap` points between two, with first lines indented by `indent`."""
    lines: list[Line] = []
    for paragraph in paragraphs:
        y -= gap if lines else 0
        texts = [line.text for line in break_lines(paragraph, size, TIMES, {}, indent=indent)]
        for place, text in enumerate(texts):
            stretched = justified and place < len(texts) - 1 and "\t" not in text
            lines.append(Line(text, y, x if place else x + indent, size, x + MEASURE if stretched else 0))
            y -= LEADING * size
    return lines


def at_foot(notes: Sequence[str], *, size: float = 8, foot: float = 80, x: float = LEFT) -> list[Line]:
    return moved(column(notes, size=size, gap=0, x=x), foot)


def moved(lines: Sequence[Line], foot: float = 80) -> list[Line]:
    """Return lines that end at the foot of a page."""
    return [each._replace(y=each.y - lines[-1].y + foot) for each in lines]


def drawn(*pages: Sequence[Line]) -> bytes:
    """A PDF with these lines on its pages; superscript digits are raised."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(612, 792), invariant=True)
    for lines in pages:
        for text, y, left, size, end in lines:
            for place, cell in enumerate(text.split("\t")):
                x = left + 90 * place
                spread = (end - x - width_of(cell, size, TIMES)) / cell.count(" ") if end and " " in cell else 0
                draw_words(canvas, x, y, cell, size, TIMES, spread)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def blocks_of(*pages: Sequence[Line]) -> list[str]:
    """Return the blocks that are read of a PDF with these lines; a form feed is the end of a page."""
    return blocks(drawn(*pages))
