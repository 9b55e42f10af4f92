"""Level the sizes of recognized text (OCR), which are estimates: a line with a raised mark measures larger."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from g7tag.sources.pdf.lines import Piece, extent, rows_of

_LONG = 35  # letters of a row whose width tells its size
_SAME = 0.08  # of a width: rows whose letters differ by less have one size
_USUAL = 0.08  # of a page's letters: least share of rows with such a width, and of a usual width
_FAR = 0.25  # of a usual width: a row that differs by more is a title


def level_sizes(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the visible, upright pieces of a page with equal sizes for rows whose letters are equally wide."""
    rows = rows_of([piece for piece in pieces if not piece.hidden and piece.turn == 0 and piece.text.strip()])
    widths = [_letter_width(row) for row in rows]
    kinds = usual_of(widths, [sum(len(piece.text) for piece in row) for row in rows])
    sizes: dict[float, Counter[float]] = {}
    for row, kind, width in zip(rows, kinds, widths, strict=True):
        if width:
            sizes.setdefault(kind, Counter()).update({piece.size: len(piece.text) for piece in row})
    level = {kind: median(counts.elements()) for kind, counts in sizes.items()}
    new = {id(piece): level.get(kind, piece.size) for row, kind in zip(rows, kinds, strict=True) for piece in row}
    return [piece._replace(size=new.get(id(piece), piece.size)) for piece in pieces]


def usual_of(widths: Sequence[float], letters: Sequence[int]) -> list[float]:
    """Return the usual value to which the measured width or height of the letters of each row belongs."""
    counts = Counter[float]()
    for width, count in zip(widths, letters, strict=True):
        counts[width] += count * bool(width)
    usual: list[float] = []
    for width, _ in counts.most_common():
        near = sum(count for each, count in counts.items() if abs(each - width) <= _SAME * width)
        if near > _USUAL * counts.total() and all(abs(width - each) > _SAME * each for each in usual):
            usual.append(width)
    kinds = list(widths)
    for place, width in enumerate(widths):
        nearest = min(usual, key=lambda each: abs(each - width), default=0.0)
        if width and abs(nearest - width) > _FAR * nearest:
            kinds[place] = width  # a title
        else:
            kinds[place] = nearest if width else kinds[place - 1] if place else width
    return kinds


def _letter_width(row: Sequence[Piece]) -> float:
    """Return the width of a usual letter of a row in points, or 0 for a short row."""
    if sum(len(piece.text.strip()) for piece in row) < _LONG:
        return 0.0
    return sum(piece.x1 - piece.x0 for piece in row) / sum(max(extent(piece.text), 1.0) for piece in row)
