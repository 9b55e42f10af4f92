"""Tell the body of each page from its notes and its furniture (running heads and page numbers)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from itertools import groupby, pairwise
from typing import NamedTuple

from g7tag.sources.marks import SUPERSCRIPTS
from g7tag.sources.pdf.lines import Line, fits_behind, is_justified
from g7tag.sources.pdf.wording import ends_sentence, first_word

NOTE_START = re.compile(rf"[{SUPERSCRIPTS}]{{1,5}}\s*(?=[^\s,;{SUPERSCRIPTS}])")
PLAIN_NOTE_START = re.compile(r"(\d{1,5})[.)]?(?!\s+[A-Z][a-z]+\.? \d{4})\s+(?=\S)")
_INNER_MARK = re.compile(rf"(?<=\S)[{SUPERSCRIPTS}]+")
_SMALLER = 0.94  # of the body's size: what is set smaller may be a note
_GAP = 1.5  # of the size: lines farther from each other are of two paragraphs
_SAME_EDGE = 6.0  # points
_USUAL_EDGE = 0.1  # of the letters stand in columns that end there


_NUMBER = r"(?:#|[ivxlc]{1,7}|[IVXLC]{1,7})"
_PAGE_NUMBER = re.compile(rf"[-–—|·•\[( ]*(?:[Pp]age |[Pp]\. ?)?{_NUMBER}(?:(?: of | ?/ ?)#)?[-–—|·•\]) ]*")
_SCORED = re.compile(r".*: ?[+−–‑-]?[01]")  # a member's heading, at the top of its pages in a row perhaps
_EDGE = 2  # rows at the top and the foot of a page that may be its furniture
_RUN = 3  # pages in a row, or every other page, that repeat it
_WIDEST = 2.0  # of the usual size: distance of lines, on a page of few
_APART = 1.3  # of the usual distance of lines: furniture stands farther from the text
_SET_SMALL = 0.9  # of the usual size: furniture that stands near the text is set smaller
_LARGER = 1.2  # of the usual size: no page's number is
_SAME_HEIGHT = 3.0  # points
_NEAR = 2  # points


class Zones(NamedTuple):
    """The lines of a page's body and of its notes, in the order of reading."""

    body: list[Line]
    notes: list[Line]


class _Sizes(NamedTuple):
    """Sizes of the body and of the notes; `small` says that the notes can be told by theirs."""

    body: float
    notes: float

    @property
    def small(self) -> bool:
        return self.notes < _SMALLER * self.body

    def may_be_note(self, line: Line) -> bool:
        """Whether a line is set as notes are."""
        if self.small:
            return line.size < _SMALLER * self.body
        return _SMALLER * self.notes <= line.size <= self.notes / _SMALLER


def part_pages(pages: Sequence[Sequence[Line]]) -> list[Zones]:
    """Return the zones of each page, its furniture left out; a page without lines has empty ones.

    Notes are the lines set as notes are, from the first that begins with a number to the foot of the page or column;
    if notes stood at the foot of the page before, also those above that number which go on with the last of them.
    Where notes are set as large as the body, a number in superscript digits begins one if it stands as a mark inside
    another line; of such a note, a second paragraph and what goes on overleaf above no other note are taken for body.
    """
    kept = _with_edges(without_furniture(pages))
    sizes = _sizes_of(kept)
    inner = {mark for page in kept for line in page for mark in _INNER_MARK.findall(line.text)}
    zones: list[Zones] = []
    body: Line | None = None
    note: Line | None = None  # the last of the notes at the foot before
    for page in kept:
        parted = Zones([], [])
        for group, at_foot in _groups(page, sizes):
            first = _first_note(group, sizes, inner, at_foot=at_foot) if sizes.may_be_note(group[0]) else None
            if at_foot and note is not None and sizes.may_be_note(group[0]):
                first = _rest_of_note(group, first, note, None if sizes.small or parted.body else body, sizes)
            parted.body.extend(group[:first])
            parted.notes.extend([] if first is None else group[first:])
            body = parted.body[-1] if parted.body else body
            note = parted.notes[-1] if parted.notes else note
        note = parted.notes[-1] if parted.notes else None
        zones.append(parted)
    return zones


def _with_edges(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Lines with the edge of a column of the document: a page of few lines, or with a wide table, shows another."""
    letters: Counter[int] = Counter()
    edges: dict[int, float] = {}
    for line in (line for page in pages for line in page):
        step = round(line.right / _SAME_EDGE)
        letters[step] += len(line.text)
        edges[step] = max(edges.get(step, 0.0), line.right)
    usual = sorted(edges[step] for step, count in letters.items() if count > _USUAL_EDGE * letters.total())
    sharp = is_justified([line for page in pages for line in page])
    return [[line._replace(right=_edge_of(line, usual, sharp=sharp)) for line in page] for page in pages]


def _edge_of(line: Line, usual: Sequence[float], *, sharp: bool) -> float:
    """The edge of a line's column: that of its page if it is usual, else the next that is."""
    near = [edge for edge in usual if abs(edge - line.right) <= _SAME_EDGE]
    if near and sharp:
        return line.right
    return next((edge for edge in near or usual if edge >= line.x1 - _SAME_EDGE), line.right)


def _sizes_of(pages: Sequence[Sequence[Line]]) -> _Sizes:
    """The size that most notes begin in, and that of most text above the notes."""
    letters: Counter[float] = Counter()
    noted: Counter[float] = Counter()
    for column in (column for page in pages for column in _columns(page)):
        below: set[float] = set()
        for line in column:
            if NOTE_START.match(line.text):
                below.add(line.size)
                noted[line.size] += 1
            letters[line.size] += len(line.text) * (line.size not in below)
    return _Sizes(
        max(letters, key=lambda each: letters[each], default=0.0),
        max(noted, key=lambda each: noted[each], default=0.0),
    )


def _columns(page: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines of a page that stand below one another."""
    column: list[Line] = []
    for line in page:
        if column and line.y >= column[-1].y:
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def _groups(page: Sequence[Line], sizes: _Sizes) -> Iterator[tuple[list[Line], bool]]:
    """Neighbouring lines of a column that may all be of notes, or that may not, and whether they end the column."""
    for column in _columns(page):
        groups = [list(its) for _, its in groupby(column, key=sizes.may_be_note)]
        if not sizes.small:
            groups = [part for group in groups for part in _until_notes_end(group)]
        yield from ((group, place == len(groups) - 1) for place, group in enumerate(groups))


def _until_notes_end(group: Sequence[Line]) -> Iterator[list[Line]]:
    """Parts of a group: a paragraph behind notes that begins with no number is of the body again."""
    part: list[Line] = []
    noted = False
    for line in group:
        starts = NOTE_START.match(line.text) is not None
        if noted and not starts and part[-1].y - line.y > _GAP * line.size:
            yield part
            part, noted = [], False
        part.append(line)
        noted = noted or starts
    yield part


def _first_note(group: Sequence[Line], sizes: _Sizes, inner: Set[str], *, at_foot: bool) -> int | None:
    """Place of the first line of a group that begins a note."""
    if sizes.notes:
        starts = ((place, NOTE_START.match(line.text)) for place, line in enumerate(group))
        return next((place for place, start in starts if start and (sizes.small or start[0].strip() in inner)), None)
    plain = (place for place, line in enumerate(group) if PLAIN_NOTE_START.match(line.text))
    return next(plain, None) if at_foot else None


def _rest_of_note(group: Sequence[Line], first: int | None, note: Line, body: Line | None, sizes: _Sizes) -> int | None:
    """Place of the first line at the foot that is of a note, if the last note of the page before goes on here.

    `body` is the last line of a body that may go on here just as well.
    """
    end = len(group) if first is None else first
    start = end - 1
    while start > 0 and _distance(group, start) <= _GAP * group[start].size:
        start -= 1
    if end == 0 or not _goes_on(note, group[start]):
        return first
    if body is not None and start == 0 and _goes_on(body, group[0]) and not ends_sentence(body.text):
        return first
    widest = max((_distance(group, place) for place in range(1, end)), default=0.0)
    sure = sizes.small or (first is not None and start == 0) or (start > 0 and _distance(group, start) >= widest)
    return start if sure else first


def _distance(group: Sequence[Line], place: int) -> float:
    return group[place - 1].y - group[place].y


def _goes_on(before: Line, after: Line) -> bool:
    """Whether the first word of a line would have had no room in the one before it."""
    return not fits_behind(before, after, first_word(after))


class _Edge(NamedTuple):
    """A row at the top or the foot of a page: what it says, its numbers masked, and the places of its lines.

    It is `apart` if it stands farther from the text than lines do, `small` if it is set smaller.
    """

    says: str
    places: tuple[int, ...]
    first: Line
    apart: bool
    small: bool


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines of each page without its furniture.

    A row at the edge that stands apart or is set small is furniture if it is a page number, or if three pages in a
    row, or every other page, have it at the same height (a document of two pages: both), whatever its numbers; also if
    it stands apart where other pages have such a row. A member's heading with its score is none.
    """
    letters: Counter[float] = Counter()
    for line in (line for page in pages for line in page):
        letters[line.size] += len(line.text)
    size = max(letters, key=lambda each: letters[each], default=0.0)
    edges = [_edges_of(page, size) for page in pages]
    shown: dict[str, dict[int, list[_Edge]]] = {}
    for number, its in enumerate(edges):
        for edge in its:
            shown.setdefault(edge.says, {}).setdefault(number, []).append(edge)
    repeated = [
        [edge for edge in its if _is_repeated(edge, number, shown[edge.says], len(pages))]
        for number, its in enumerate(edges)
    ]
    heights = Counter(round(edge.first.y) for its in repeated for edge in its)
    kept: list[list[Line]] = []
    for page, its, left_out in zip(pages, edges, repeated, strict=True):
        others = [edge for edge in its if edge.apart and edge.first.size < _LARGER * size]
        left_out += [edge for edge in others if _PAGE_NUMBER.fullmatch(edge.says) or _stands_where(edge, heights)]
        places = {place for edge in left_out for place in edge.places}
        kept.append([line for place, line in enumerate(page) if place not in places])
    return kept


def _edges_of(page: Sequence[Line], size: float) -> list[_Edge]:
    """The rows at the top and the foot of a page."""
    rows: list[list[int]] = []
    for place in sorted(range(len(page)), key=lambda place: -page[place].y):
        if rows and page[rows[-1][0]].y - page[place].y < _SAME_HEIGHT:
            rows[-1].append(place)
        else:
            rows.append([place])
    downward = sorted(before.y - line.y for before, line in pairwise(page) if before.y - line.y >= _SAME_HEIGHT)
    usual = min(downward[len(downward) // 2], _WIDEST * size) if downward else 0.0
    edges: dict[int, _Edge] = {}
    for ordered in (rows, rows[::-1]):
        apart = [abs(page[a[0]].y - page[b[0]].y) > _APART * usual for a, b in pairwise(ordered[: _EDGE + 1])]
        for depth, row in enumerate(ordered[:_EDGE]):
            first, places = page[row[0]], tuple(sorted(row, key=lambda place: page[place].x0))
            says = re.sub(r"\d+", "#", "\t".join(page[place].text for place in places))
            its_apart = any(apart[depth:]) or len(rows) == 1 or (row[0] in edges and edges[row[0]].apart)
            edges[row[0]] = _Edge(says, places, first, its_apart, first.size < _SET_SMALL * size)
    return list(edges.values())


def _is_repeated(edge: _Edge, number: int, shown: dict[int, list[_Edge]], pages: int) -> bool:
    """Whether the pages around have a row at the same height that says the same."""
    if _SCORED.fullmatch(edge.first.text):
        return False
    around = range(number - 2 * (_RUN - 1), number + 2 * (_RUN - 1) + 1)
    level = {
        page: other.apart or other.small
        for page in around
        for other in shown.get(page, ())
        if abs(other.first.y - edge.first.y) < _SAME_HEIGHT
    }
    if not (edge.apart or edge.small) and 2 * sum(level.values()) <= len(level):
        return False
    if pages < _RUN:
        return pages > 1 and len(level) == pages
    starts = ((number - back * step, step) for step in (1, 2) for back in range(_RUN))
    return any(level.keys() >= set(range(start, start + _RUN * step, step)) for start, step in starts)


def _stands_where(edge: _Edge, heights: Counter[int]) -> bool:
    """Whether a row stands at a height at which several pages repeat theirs."""
    near = sum(heights[round(edge.first.y) + step] for step in range(-_NEAR, _NEAR + 1))
    return near >= _RUN and not _SCORED.fullmatch(edge.first.text)
