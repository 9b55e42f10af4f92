"""Set text in Times as lines and pieces, as they are read from a PDF page."""

import re
from collections.abc import Sequence

from reportlab.pdfbase.pdfmetrics import stringWidth

from g7tag.sources.blocks import set_blocks
from g7tag.sources.pdf.flow import Page, flow_pages
from g7tag.sources.pdf.lines import Line, Piece

LEFT, TOP, MEASURE = 72.0, 700.0, 240.0
LEADING = 1.2  # of the size


def width_of(text: str, size: float = 10) -> float:
    """Return the width of text in Times."""
    return float(stringWidth(text, "Times-Roman", size))


def piece(text: str, x: float = LEFT, y: float = TOP, *, size: float = 10, **changes: object) -> Piece:
    """Return a piece at a position."""
    return Piece(x, x + width_of(text, size), y, size, text, **changes)


def line(text: str, y: float = TOP, *, x: float = LEFT, size: float = 10, right: float = LEFT + MEASURE) -> Line:
    """Return a line of one column with tab-separated cells, each 90 points after the last."""
    cells = text.split("\t")
    begin = x + 90 * (len(cells) - 1)
    return Line(x, begin + width_of(cells[-1], size), y, size, begin, right, text)


def column(
    paragraphs: Sequence[str], *, y: float = TOP, x: float = LEFT, size: float = 10, gap: float = 6, indent: float = 0,
    justified: bool = False,
) -> list[Line]:  # fmt: skip
    """Return lines of paragraphs, `gap` points between two, with first lines indented by `indent`."""
    lines: list[Line] = []
    for paragraph in paragraphs:
        y -= gap if lines else 0
        texts = wrapped(paragraph, size=size, indent=indent)
        for place, text in enumerate(texts):
            made = line(text, y, x=x + (indent if place == 0 else 0), size=size, right=x + MEASURE)
            stretched = justified and place < len(texts) - 1 and "\t" not in text
            lines.append(made._replace(x1=made.right) if stretched else made)
            y -= LEADING * size
    return lines


def wrapped(text: str, *, size: float = 10, indent: float = 0) -> list[str]:
    """Break a paragraph into lines at spaces and after hyphens; "|" at a line end breaks inside a word."""
    lines = [""]
    for part in re.findall(r"\s*[^\s|-]*[-|]?", text):
        room = MEASURE - (indent if len(lines) == 1 else 0)
        if lines[-1] and width_of((lines[-1] + part).rstrip("|"), size) > room:
            lines.append("")
        lines[-1] += part.rstrip("|") if lines[-1] else part.strip().rstrip("|")
        if part.endswith("|"):
            lines.append("")
    return lines


def paragraphs_of(*pages: Sequence[Line]) -> list[str]:
    """Return the blocks of a document with these lines, notes last; a form feed is the end of a page."""
    blocks = flow_pages([Page(list(lines), []) for lines in pages]).blocks
    return set_blocks(blocks)[0].split("\n\n") if blocks else []
