"""Join a page's pieces of text to lines in reading order, on pages with one or two columns."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from g7tag.sources.headings import SIGN
from g7tag.sources.marks import RAISED_ROMANS, SUPERSCRIPTS, raised_roman, superscript

# Distances are shares of a size of type unless another unit is given.
_SAME_LINE = 0.45  # baselines closer than this are one line, so marks stay with their word
_HIGHEST = 0.7  # largest distance of a mark above its line
_RAISED = 0.15  # least distance of a mark's baseline above its line
_SMALL = 0.85  # largest size of a mark
_WORD_GAP = 0.12  # a wider gap separates words
_CELL_GAP = 1.8  # a wider gap separates the cells of a row
_WIDEST = 2.5  # widest gap in a justified line
_EVEN = 0.2  # gaps that differ by less are equal
_GUTTER = 0.5  # least gap between two columns
_MIDDLE = (0.3, 0.72)  # of the width of the text: where a second column starts
_SAME_START = 2.0  # points: the lines of a column start closer together
_FEWEST_ROWS = 6  # with text in a column; fewer if it is known from the pages before
_MOSTLY = 0.7  # least share of rows with a gap between the columns
_FULL = 0.8  # of a column's width
_NARROWEST = 0.25  # of the width of the text: least width of a column
_WITHIN = 0.95  # share of a column's lines that end at its edge or before
_AT_EDGE = 0.5
_SLACK = 0.2  # room at the end of a line that is not short
_UNSURE = 0.15  # of a word's estimated width
_SAME_SIZE = 0.15  # of a size: recognized letters that differ by less have one size
_EXTENTS = {
    **dict.fromkeys("iIjlt.,:;'’‘|!()[]/f ⁰¹²³⁴⁵⁶⁷⁸⁹-" + RAISED_ROMANS, 0.6),
    **dict.fromkeys("mwMW@%—", 1.6),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ&", 1.35),
}  # widths of characters, relative to a usual lower-case letter
_NUMBER = re.compile(rf"{SIGN}?[\d.,]*\d%?|[ivxlc]+")
_RAISED_MARK = re.compile(rf"[\d{SUPERSCRIPTS}][\d{SUPERSCRIPTS},;\s]*|[ivxlc]+(?:[,;]\s*[ivxlc]+)*")
_MARKS = rf"(?:[{SUPERSCRIPTS}{RAISED_ROMANS},\s]*|\s?\[[\d,;\s]+\])$"
_SENTENCE_END = re.compile(rf"[.!?…:;]['\"”’)\]]*{_MARKS}|[^\W\d_][.!?]['\"”’)\]]*\d{{1,5}}$")
_FEW = 100  # characters: ends of sentences with note marks are shorter
_BLANKS = re.compile(r"[ \u00a0\r\n]+")
_LEADER = re.compile(r"(?: ?\.){4,} ?")  # dots that lead from a heading to its page


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
    cell: float  # start of its last cell
    right: float  # edge of its column
    text: str
    page: int = 0


def rows_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Group pieces by baseline, from top to bottom, each row from left to right."""
    rows: list[list[Piece]] = []
    largest = Piece(0, 0, 0, 0, "")
    for piece in sorted((piece for piece in pieces if piece.text.strip()), key=lambda piece: -piece.y):
        is_mark = largest.size < _SMALL * piece.size
        if rows and largest.y - piece.y < (_HIGHEST if is_mark else _SAME_LINE) * max(piece.size, largest.size):
            rows[-1].append(piece)
            largest = max(largest, piece, key=lambda each: each.size)
        else:
            rows.append([piece])
            largest = piece
    return [sorted(row, key=lambda piece: piece.x0) for row in rows]


def find_column(rows: Sequence[Sequence[Piece]], known: float | None) -> float | None:
    """Return where the second of two columns of prose starts: where many pieces behind a gap start, and few cross.

    `known` is where it started on the pages before.
    """
    if not rows:
        return None
    left, right = min(row[0].x0 for row in rows), max(map(_end, rows))
    least, most = (left + share * (right - left) for share in _MIDDLE)
    starts = Counter(round(piece.x0, 1) for row in rows for piece in row if least < piece.x0 < most)
    start, count = max(starts.items(), key=lambda each: (each[1], -each[0]), default=(0.0, 0))
    pairs = [sides for row in rows if (sides := _sides(row, start))]
    if count >= _FEWEST_ROWS and len(pairs) >= _MOSTLY * len(rows):
        narrowest = _NARROWEST * (right - left)
        if all(_count_full(side, narrowest) >= _FEWEST_ROWS for side in zip(*pairs, strict=True)):
            return start
    if known is None:
        return None
    beside = [row for row in rows if row[0].x0 < known - _SAME_START < row[-1].x0]
    here = sum(any(abs(piece.x0 - known) < _SAME_START for piece in row) for row in beside)
    return known if here > _MOSTLY * len(beside) else None


def set_rows(rows: Sequence[Sequence[Piece]], column: float | None = None) -> list[Line]:
    """Return the lines of a page in reading order; `column` is where its second column starts."""
    if column is None:
        return _set_column(rows)
    lines: list[Line] = []
    for parted, group in groupby(rows, key=lambda row: _sides(row, column) is not None):
        pieces = [piece for row in group for piece in row]
        sides = [[piece for piece in pieces if (piece.x0 < column - _SAME_START) == left] for left in (True, False)]
        lines += [line for side in (sides if parted else [pieces]) for line in _set_column(rows_of(side))]
    return lines


def fits_behind(before: Line, after: Line, word: str = "") -> bool:
    """Return whether a word, or the first word of a line, would fit at the end of the line before it."""
    unit = (after.x1 - after.x0) / max(extent(after.text), 1.0)
    width = unit * extent(f"{word or after.text.split(maxsplit=1)[0]} ")
    return before.x1 + width * (1 + _UNSURE) < before.right - _SLACK * before.size


def ends_sentence(text: str) -> bool:
    """Return whether text ends like a sentence, perhaps with note marks after it."""
    return bool(_SENTENCE_END.search(text[-_FEW:]))


def ends_early(line: Line) -> bool:
    """Return whether a line ends before the edge of its column, as the last line of a justified paragraph does."""
    return line.right - line.x1 > _AT_EDGE * line.size


def extent(text: str) -> float:
    """Return the estimated width of a text, in widths of a usual lower-case letter."""
    return sum(_EXTENTS.get(character, 1.0) for character in text)


def usual_size(lines: Iterable[Line]) -> float:
    """Return the most frequent size of letters, or 0 without lines."""
    return max(_letters_of(lines).items(), key=lambda each: each[1], default=(0.0, 0))[0]


def _sides(row: Sequence[Piece], start: float) -> tuple[Sequence[Piece], Sequence[Piece]] | None:
    """Return the pieces of a row before and after the start of a column, or None if the row has no gap there."""
    before = [piece for piece in row if piece.x0 < start - _SAME_START]
    after = row[len(before) :]
    limit = after[0].x0 - _GUTTER * max(piece.size for piece in row) if after else start
    return (before, after) if not before or _end(before) <= limit else None


def _count_full(rows: Sequence[Sequence[Piece]], narrowest: float) -> int:
    """Return how many rows of a column are full of text; narrow ones are cells of a table."""
    widths = [_end(row) - row[0].x0 for row in rows if row and not _has_cells(row)]
    return sum(width > _FULL * max(narrowest, *widths) for width in widths)


def _set_column(rows: Sequence[Sequence[Piece]]) -> list[Line]:
    """Turn rows into lines; the edge of their column is where almost all rows end."""
    ends = sorted(_end(row) for row in rows if not _has_cells(row)) or sorted(map(_end, rows))
    right = ends[int(_WITHIN * (len(ends) - 1))] if ends else 0.0
    at_edge = [abs(_end(row) - right) < _AT_EDGE * row[0].size for row in rows]
    justified = len(rows) >= _FEWEST_ROWS and 2 * sum(at_edge) > len(rows)
    lines = [
        _set_line(row, right, prose=full and _is_stretched(row, justified=justified))
        for row, full in zip(rows, at_edge, strict=True)
    ]
    return [line for line in lines if line.text]  # skip rows of dots


def _end(row: Sequence[Piece]) -> float:
    return max(piece.x1 for piece in row)


def _has_cells(row: Sequence[Piece]) -> bool:
    return any(after.x0 - before.x1 > _CELL_GAP * before.size for before, after in pairwise(row))


def _is_stretched(row: Sequence[Piece], *, justified: bool) -> bool:
    """Whether a row that ends at the edge is a stretched line of few words; cells are uneven or numbers."""
    size = max(piece.size for piece in row)
    parted = [(gap, after) for before, after in pairwise(row) if (gap := after.x0 - before.x1) > _WORD_GAP * size]
    if not parted or _NUMBER.fullmatch(parted[-1][1].text.strip()):
        return False
    gaps = [gap for gap, _ in parted]
    even = max(gaps) - min(gaps) < _EVEN * size and not any(" " in piece.text.strip() for piece in row)
    return even or (justified and max(gaps) < _WIDEST * size)


def _set_line(row: Sequence[Piece], right: float, *, prose: bool) -> Line:
    """Join the pieces of a row with spaces and tabs at gaps; raised digits and Roman numerals become superscript."""
    letters: Counter[tuple[float, float]] = Counter()
    for piece in row:
        letters[piece.size, piece.y] += len(piece.text)
    size, base = max(letters, key=lambda each: (letters[each], each))
    text, cell = "", row[0].x0
    for before, piece in pairwise([row[0], *row]):
        gap = piece.x0 - before.x1
        parts = gap > _CELL_GAP * size and not prose
        cell = piece.x0 if parts else cell
        text += "\t" if parts else " " if gap > _WORD_GAP * size else ""
        text += _as_set(piece, size, base)
    text = _LEADER.sub("\t", _BLANKS.sub(" ", text))
    text = re.sub(r" *\t[ \t]*", "\t", text).strip()
    return Line(row[0].x0, _end(row), base, size, cell, right, text)


def _as_set(piece: Piece, size: float, base: float) -> str:
    """Return a piece's text; smaller digits and Roman numerals above the line become superscript."""
    raised = piece.size < _SMALL * size and piece.y - base > _RAISED * size
    return (
        raised_roman(superscript(piece.text)) if raised and _RAISED_MARK.fullmatch(piece.text.strip()) else piece.text
    )


def level_sizes(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces of recognized text (OCR), whose sizes are estimates, with the most frequent size near theirs."""
    usual: list[float] = []
    for size, _ in _letters_of(pieces).most_common():
        if all(abs(size - each) > _SAME_SIZE * each for each in usual):
            usual.append(size)
    return [piece._replace(size=min(usual, key=lambda size: abs(size - piece.size))) for piece in pieces]


def _letters_of(texts: Iterable[Piece | Line]) -> Counter[float]:
    """Return the number of characters of each size."""
    letters: Counter[float] = Counter()
    for each in texts:
        letters[each.size] += len(each.text)
    return letters
