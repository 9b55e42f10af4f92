"""Tell the body of each page from its notes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from itertools import groupby
from typing import NamedTuple

from g7tag.sources.marks import SUPERSCRIPTS, ends_sentence
from g7tag.sources.pdf.furniture import without_furniture
from g7tag.sources.pdf.lines import Line, fits_behind, is_justified
from g7tag.sources.pdf.wording import first_word

NOTE_START = re.compile(rf"[{SUPERSCRIPTS}]{{1,5}}\s*(?=[^\s,;{SUPERSCRIPTS}])")
PLAIN_NOTE_START = re.compile(r"(\d{1,5})[.)]?(?!\s+[A-Z][a-z]+\.? \d{4})\s+(?=\S)")
_INNER_MARK = re.compile(rf"(?<=\S)[{SUPERSCRIPTS}]+")
_SMALLER = 0.94  # of the body's size: what is set smaller may be a note
_GAP = 1.5  # of the size: lines farther from each other are of two paragraphs
_SAME_EDGE = 6.0  # points
_USUAL_EDGE = 0.1  # of the letters stand in columns that end there


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
