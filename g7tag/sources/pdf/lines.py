"""Join a page's pieces of text to lines in reading order, on pages with one or two columns."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from g7tag.sources.headings import SIGN
from g7tag.sources.marks import RAISED_ROMANS, SUPERSCRIPTS, raised_roman, superscript

_SAME_LINE = 0.45  # of the larger size: baselines closer than this are one line, so marks stay with their word
_HIGHEST = 0.7  # of the larger size: largest distance of a mark above its line
_RAISED = 0.15  # of the line's size: least distance of a mark's baseline above it
_SMALL = 0.85  # of the line's size: largest size of a mark
_WORD_GAP = 0.12  # of the size: a wider gap separates words
_CELL_GAP = 1.8  # of the size: a wider gap separates the cells of a row
_WIDEST = 2.5  # of the size: widest gap in a justified line
_EVEN = 0.2  # of the size: widths that differ by less are equal
_NUMBER = re.compile(rf"{SIGN}?[\d.,]*\d%?|[ivxlc]+")
_GUTTER = 0.5  # of the size: the least width between two columns
_STEPS = 200  # places across the text at which a gutter may be; the narrowest gutter has one
_FEWEST_ROWS = 6  # of full text on both sides of a gutter, or on one side with few others
_FULL = 0.8  # of a column's width
_FULL_ROWS = 0.15  # of the rows on each side of a gutter: the cells of a table are rarely full
_SHARE_OF_ROWS = 0.7  # least share of rows that do not cross a gutter
_NARROWEST = 0.25  # of the width of the page's text: least width of a column
_SAME_START = 2.0  # points: the lines of a column start closer together
_FEWEST_BESIDE = 2  # rows that show a column known from the pages before
_BLANKS = re.compile(r"[ \u00a0\r\n]+")
_LEADER = re.compile(r"(?: ?\.){4,} ?")  # dots that lead from a heading to its page
_WITHIN = 0.95  # share of a column's lines that end at its edge or before
_AT_EDGE = 0.5  # of the size
_MOST = 0.5  # of the lines of justified text
_SLACK = 0.2  # of the size: room at the end of a line that is not short
_UNSURE = 0.15  # of a word's estimated width
_EXTENTS = {
    **dict.fromkeys("iIjlt.,:;'’‘|!()[]/f ⁰¹²³⁴⁵⁶⁷⁸⁹-" + RAISED_ROMANS, 0.6),
    **dict.fromkeys("mwMW@%—", 1.6),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ&", 1.35),
}  # widths of characters, relative to a usual lower-case letter
_DIGITS = re.compile(rf"[\d{SUPERSCRIPTS}][\d{SUPERSCRIPTS},;\s]*")
_ROMANS = re.compile(r"[ivxlc]+(?:[,;]\s*[ivxlc]+)*")


class Piece(NamedTuple):
    """Text on one baseline, in points, rotated so that most of the page's text runs from left to right."""

    x0: float
    x1: float
    y: float
    size: float
    text: str
    hidden: str = ""
    turn: int = 0


class Line(NamedTuple):
    """A line of text in points from the page's lower left corner."""

    x0: float
    x1: float
    y: float
    size: float
    cell: float
    right: float
    text: str


def read_lines(pieces: Sequence[Piece], column: float | None = None) -> list[Line]:
    """Return the lines of a page's visible, upright text in reading order."""
    rows = rows_of([piece for piece in pieces if not piece.hidden and piece.turn == 0 and piece.text.strip()])
    gutter = _find_gutter(rows)
    gutter = _known_gutter(rows, column) if gutter is None and column is not None else gutter
    if gutter is None:
        return _set_lines(rows)
    lines: list[Line] = []
    for parted, group in groupby(rows, key=lambda row: not any(piece.x0 < gutter < piece.x1 for piece in row)):
        members = [piece for row in group for piece in row]
        sides = [[piece for piece in members if (piece.x0 < gutter) == left] for left in (True, False)]
        lines += [line for side in (sides if parted else [members]) for line in _set_lines(rows_of(side))]
    return lines


def second_column(lines: Sequence[Line]) -> float | None:
    """Return where the second column of a page starts, or None if the page has one column."""
    starts = Counter(round(line.x0, 1) for line in lines)
    (first, _), (second, count) = [*starts.most_common(2), (0.0, 0), (0.0, 0)][:2]
    apart = abs(first - second) > _NARROWEST * (max((line.x1 for line in lines), default=0.0) - min(first, second))
    return max(first, second) if apart and count >= _FEWEST_ROWS else None


def fits_behind(before: Line, after: Line, word: str) -> bool:
    """Return whether the first word of a line would fit at the end of the line before it."""
    unit = (after.x1 - after.x0) / max(extent(after.text), 1.0)
    width = unit * (extent(word) + extent(" "))
    return before.x1 + width * (1 + _UNSURE) < before.right - _SLACK * before.size


def is_justified(lines: Sequence[Line]) -> bool:
    """Return whether most lines end at the edge of their column; False without lines."""
    return sum(not ends_early(line) for line in lines) > _MOST * len(lines)


def ends_early(line: Line) -> bool:
    """Return whether a line ends before the edge of its column, as the last line of a justified paragraph does."""
    return line.right - line.x1 > _AT_EDGE * line.size


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Group pieces by baseline, from top to bottom, each row from left to right."""
    rows: list[list[Piece]] = []
    largest = Piece(0, 0, 0, 0, "")
    for piece in sorted(pieces, key=lambda piece: -piece.y):
        is_mark = largest.size < _SMALL * piece.size
        if rows and largest.y - piece.y < (_HIGHEST if is_mark else _SAME_LINE) * max(piece.size, largest.size):
            rows[-1].append(piece)
            largest = max(largest, piece, key=lambda each: each.size)
        else:
            rows.append([piece])
            largest = piece
    return [sorted(row, key=lambda piece: piece.x0) for row in rows]


def _find_gutter(rows: Sequence[Sequence[Piece]]) -> float | None:
    """Return the middle of a gap between two columns of prose that few rows cross, or None."""
    if len(rows) < _FEWEST_ROWS:
        return None
    left, right = min(row[0].x0 for row in rows), max(piece.x1 for row in rows for piece in row)
    places = [left + (right - left) * share / _STEPS for share in range(3 * _STEPS // 10, 7 * _STEPS // 10 + 1)]
    sides = {place: [_side_widths(row, place) for row in rows] for place in places}
    best = min(places, key=lambda place: (sides[place].count(None), abs(place - (left + right) / 2)))
    widths = [side for side in sides[best] if side is not None]
    if len(widths) < _SHARE_OF_ROWS * len(rows):
        return None
    filled: list[tuple[int, float]] = []
    for each in zip(*widths, strict=True):
        found = sorted(width for width in each if width)
        whole = found[round(_WITHIN * (len(found) - 1))] if found else 0.0
        full = sum(width > _FULL * whole for width in found)
        if whole < _NARROWEST * (right - left) or full < _FULL_ROWS * len(found):
            return None
        filled.append((full, full / len(found)))
    (fewer, _), (more, share) = sorted(filled)
    prose = more >= _FEWEST_ROWS and (fewer >= _FEWEST_ROWS or share > _MOST)
    return best if prose else None


def _known_gutter(rows: Sequence[Sequence[Piece]], column: float) -> float | None:
    """Return the left edge of a known column if most rows with text on both sides have a piece that starts there."""
    starts = [[abs(piece.x0 - column) < _SAME_START for piece in row] for row in rows]
    both = [any(here) for row, here in zip(rows, starts, strict=True) if row[0].x0 < column - _SAME_START < row[-1].x0]
    return column - _SAME_START if sum(both) >= _FEWEST_BESIDE and sum(both) > _SHARE_OF_ROWS * len(both) else None


def _side_widths(row: Sequence[Piece], place: float) -> tuple[float, float] | None:
    """Return the text widths on each side of a gap: 0 for a table row, None if the row crosses the gap."""
    before = [piece for piece in row if piece.x1 <= place]
    after = [piece for piece in row if piece.x0 >= place]
    gap = _GUTTER * max(piece.size for piece in row)
    near = before and after and after[0].x0 - max(piece.x1 for piece in before) < gap
    if near or len(before) + len(after) < len(row):
        return None
    cell = _CELL_GAP * max(piece.size for piece in row)
    if any(right.x0 - left.x1 > cell for side in (before, after) for left, right in pairwise(side)):
        return 0.0, 0.0
    first, second = ((max(p.x1 for p in side) - side[0].x0) if side else 0.0 for side in (before, after))
    return first, second


def _set_lines(rows: Sequence[Sequence[Piece]]) -> list[Line]:
    """Turn rows into lines; the edge of their column is where almost all rows end."""
    ends = sorted(_end(row) for row in rows if not _has_cells(row)) or sorted(map(_end, rows))
    right = ends[int(_WITHIN * (len(ends) - 1))] if ends else 0.0
    begins = Counter(round(row[0].x0, 1) for row in rows)
    left = max(begins, key=lambda place: (begins[place], -place), default=0.0)
    at_edge = [abs(_end(row) - right) < _AT_EDGE * row[0].size for row in rows]
    justified = len(rows) >= _FEWEST_ROWS and sum(at_edge) > _MOST * len(rows)
    lines = [
        _set_line(row, right, prose=at_right and _is_stretched(row, left, justified=justified))
        for row, at_right in zip(rows, at_edge, strict=True)
    ]
    return [line for line in lines if line.text]  # skip rows of dots


def _end(row: Sequence[Piece]) -> float:
    return max(piece.x1 for piece in row)


def _has_cells(row: Sequence[Piece]) -> bool:
    return any(after.x0 - before.x1 > _CELL_GAP * before.size for before, after in pairwise(row))


def _is_stretched(row: Sequence[Piece], left: float, *, justified: bool) -> bool:
    """Whether a row that ends at the edge is a stretched line of few words; cells are uneven or numbers."""
    size = max(piece.size for piece in row)
    parted = [(gap, after) for before, after in pairwise(row) if (gap := after.x0 - before.x1) > _WORD_GAP * size]
    if not parted or _NUMBER.fullmatch(parted[-1][1].text.strip()):
        return False
    gaps = [gap for gap, _ in parted]
    words = not any(" " in piece.text.strip() for piece in row)
    even = words and max(gaps) - min(gaps) < _EVEN * size and (len(gaps) > 1 or abs(row[0].x0 - left) < _EVEN * size)
    return even or (justified and max(gaps) < _WIDEST * size)


def _set_line(row: Sequence[Piece], right: float, *, prose: bool) -> Line:
    """Join the pieces of a row with spaces and tabs at gaps; raised digits and Roman numerals become superscript."""
    sizes: Counter[float] = Counter()
    bases: Counter[tuple[float, float]] = Counter()
    for piece in row:
        sizes[piece.size] += len(piece.text)
        bases[piece.size, piece.y] += len(piece.text)
    size = max(sizes, key=lambda each: (sizes[each], each))
    base = max((each for each in bases if each[0] == size), key=lambda each: bases[each])[1]
    text, cell = _as_set(row[0], size, base), row[0].x0
    for before, after in pairwise(row):
        gap = after.x0 - before.x1
        parts = gap > _CELL_GAP * size and not prose
        cell = after.x0 if parts else cell
        text += "\t" if parts else " " if gap > _WORD_GAP * size else ""
        text += _as_set(after, size, base)
    text = _LEADER.sub("\t", _BLANKS.sub(" ", text))
    text = re.sub(r" *\t[ \t]*", "\t", text).strip()
    return Line(row[0].x0, _end(row), base, size, cell, right, text)


def _as_set(piece: Piece, size: float, base: float) -> str:
    """Return a piece's text; smaller digits and Roman numerals above the line become superscript."""
    raised = piece.size < _SMALL * size and piece.y - base > _RAISED * size
    if raised and _DIGITS.fullmatch(piece.text.strip()):
        return superscript(piece.text)
    return raised_roman(piece.text) if raised and _ROMANS.fullmatch(piece.text.strip()) else piece.text


def extent(text: str) -> float:
    """Return the estimated width of a text, in widths of a usual lower-case letter."""
    return sum(_EXTENTS.get(character, 1.0) for character in text)
