"""Level the sizes of recognized text (OCR), which are estimates: a line with a raised mark measures larger."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from g7tag.sources.pdf.lines import Piece, extent, rows_of

_LONG = 35  # letters of a row whose width tells its size
_SAME = 0.12  # of a usual width: rows whose letters differ by less have one size


def level_sizes(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the visible, upright pieces of a page with equal sizes for rows whose letters are equally wide."""
    rows = rows_of([piece for piece in pieces if not piece.hidden and piece.turn == 0 and piece.text.strip()])
    widths = [_letter_width(row) for row in rows]
    usual: list[float] = []
    for width, _ in Counter(round(width, 1) for width in widths if width).most_common():
        if all(abs(width - each) > _SAME * each for each in usual):
            usual.append(width)
    groups: dict[float, list[Piece]] = {}
    kind = 0.0
    for row, width in zip(rows, widths, strict=True):
        kind = min(usual, key=lambda each: abs(each - width)) if width else kind  # a short row is like the one before
        groups.setdefault(kind, []).extend(row)
    leveled: list[Piece] = []
    for group in groups.values():
        size = median(piece.size for piece in group)
        leveled += [piece._replace(size=size) for piece in group]
    return leveled


def _letter_width(row: Sequence[Piece]) -> float:
    """Return the width of a usual letter of a row in points, or 0 for a short row."""
    if sum(len(piece.text.strip()) for piece in row) < _LONG:
        return 0.0
    return sum(piece.x1 - piece.x0 for piece in row) / sum(max(extent(piece.text), 1.0) for piece in row)
