"""Split each page into body and notes, without its furniture (running heads and page numbers)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from itertools import groupby, pairwise
from typing import NamedTuple

from g7tag.sources.headings import OPENS, SCORE
from g7tag.sources.marks import SUPERSCRIPTS, roman_number, superscript
from g7tag.sources.pdf.lines import Line, fits_behind, is_justified
from g7tag.sources.pdf.numbering import LISTED, NOTE_START, PLAIN_NOTE_START, Numbered, number_notes
from g7tag.sources.pdf.wording import ends_sentence, first_word

_INNER_MARK = re.compile(rf"(?<=\S)[{SUPERSCRIPTS}]+")
_MARKED = re.compile(
    rf"(?<=[.,;:!?\"”’)\]])[{SUPERSCRIPTS}]|(?<=[^\s{SUPERSCRIPTS}])[{SUPERSCRIPTS}]{{2,}}"
)  # no power
_SMALLER = 0.94  # of the body's size: smaller text may be a note
_GAP = 1.5  # of the size: a larger distance separates paragraphs
_WIDER = 1.25  # times the usual line distance: the same in a document with widely spaced lines
_SAME_EDGE = 6.0  # points
_USUAL_EDGE = 0.1  # least share of letters in columns that end at a usual edge
_NUMBER = r"(?:#|[ivxlc]{1,7}|[IVXLC]{1,7})"
_PAGE_NUMBER = re.compile(rf"[-–—|·•\[( ]*(?:[Pp]age |[Pp]\. ?)?{_NUMBER}(?:(?: of | ?/ ?)#)?[-–—|·•\]) ]*")
_WORDED = re.compile(r"[^\W\d_]{3}")
_SCORED = re.compile(rf".*: ?{SCORE}")  # a member's heading, perhaps at the top of several pages
_EDGE = 2  # rows at the top and the foot of a page that may be furniture
_RUN = 3  # consecutive (or every other) pages that repeat furniture
_WIDEST = 2.0  # of the usual size: largest line distance, on a page with few lines
_APART = 1.3  # of the usual line distance: furniture has a larger distance from the text
_SET_SMALL = 0.9  # of the usual size: furniture close to the text is smaller
_LARGER = 1.2  # of the usual size: page numbers are smaller
_SAME_HEIGHT = 3.0  # points
_NEAR = 2  # points


class Zones(NamedTuple):
    """The lines of a page's body and of its notes, in reading order."""

    body: list[Line]
    notes: list[Line]


class _Sizes(NamedTuple):
    """Font sizes of the body and of the notes; `small` is True if notes are smaller than the body."""

    body: float
    notes: float

    @property
    def small(self) -> bool:
        return self.notes < _SMALLER * self.body

    def may_be_note(self, line: Line) -> bool:
        """Whether a line has the size of notes."""
        if self.small:
            return line.size < _SMALLER * self.body
        return _SMALLER * self.notes <= line.size <= self.notes / _SMALLER


def numbered_pages(pages: Sequence[Sequence[Line]]) -> Numbered:
    """Return the lines of each page without furniture, note numbers and marks as superscript digits."""
    return number_notes(_with_edges(without_furniture(pages)))


def part_numbered(numbered: Numbered) -> list[Zones]:
    """Return the zones of each page that `numbered_pages` returned; a page without lines has empty zones."""
    kept = numbered.pages
    sizes = _sizes_of(kept)
    inner = {mark for page in kept for line in page for mark in _INNER_MARK.findall(line.text)}
    inner |= {superscript(str(number)) for number in numbered.notes}
    zones: list[Zones] = []
    body: Line | None = None
    note: Line | None = None  # the last note at the previous foot
    for page in kept:
        parted = Zones([], [])
        for group, at_foot in _groups(page, sizes):
            first = _first_note(group, sizes, inner, at_foot=at_foot) if sizes.may_be_note(group[0]) else None
            if at_foot and note is not None and sizes.may_be_note(group[0]):
                listed = body is not None and LISTED.fullmatch(body.text)
                open_body = None if sizes.small or parted.body or listed else body
                first = _rest_of_note(group, first, note, open_body, sizes)
            parted.body.extend(group[:first])
            parted.notes.extend([] if first is None else group[first:])
            body = parted.body[-1] if parted.body else body
            note = parted.notes[-1] if parted.notes else note
        note = parted.notes[-1] if parted.notes else None
        zones.append(parted)
    return zones


def _with_edges(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Set the right edge of lines to that of a usual column; pages with few lines or wide tables have other edges."""
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
    """Return the edge of a line's column: its own if it is usual, otherwise the next usual one."""
    near = [edge for edge in usual if abs(edge - line.right) <= _SAME_EDGE]
    if near and sharp:
        return line.right
    return next((edge for edge in near or usual if edge >= line.x1 - _SAME_EDGE), line.right)


def _sizes_of(pages: Sequence[Sequence[Line]]) -> _Sizes:
    """Return the most frequent size of text above the notes, and of note starts."""
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
    """Split the lines of a page into columns."""
    column: list[Line] = []
    for line in page:
        if column and line.y >= column[-1].y:
            yield column
            column = []
        column.append(line)
    if column:
        yield column


def _groups(page: Sequence[Line], sizes: _Sizes) -> Iterator[tuple[list[Line], bool]]:
    """Yield groups of adjacent lines that may or may not be notes, and whether they end the column."""
    for column in _columns(page):
        groups = [list(group) for _, group in groupby(column, key=sizes.may_be_note)]
        if not sizes.small:
            groups = [part for group in groups for part in _until_notes_end(group)]
        yield from ((group, place == len(groups) - 1) for place, group in enumerate(groups))


def _until_notes_end(group: Sequence[Line]) -> Iterator[list[Line]]:
    """Split a group: a paragraph after notes that does not start with a number belongs to the body again."""
    part: list[Line] = []
    noted = False
    gap = _gap_of(group)
    for line in group:
        starts = NOTE_START.match(line.text) is not None
        if noted and not starts and part[-1].y - line.y > gap:
            yield part
            part, noted = [], False
        part.append(line)
        noted = noted or starts
    yield part


def _first_note(group: Sequence[Line], sizes: _Sizes, inner: Set[str], *, at_foot: bool) -> int | None:
    """Return the index of the first line of a group that starts a note."""
    if sizes.notes:
        starts = ((place, NOTE_START.match(line.text)) for place, line in enumerate(group))
        return next((place for place, start in starts if start and (sizes.small or start[0].strip() in inner)), None)
    plain = (place for place, line in enumerate(group) if PLAIN_NOTE_START.match(line.text))
    return next(plain, None) if at_foot else None


def _rest_of_note(group: Sequence[Line], first: int | None, note: Line, body: Line | None, sizes: _Sizes) -> int | None:
    """Return the index of the first note line at the foot, if the last note of the previous page may continue here."""
    end = len(group) if first is None else first
    start, gap = end - 1, _gap_of(group)
    while start > 0 and _distance(group, start) <= gap:
        start -= 1
    if end == 0 or not _continues(note, group[start]) or OPENS.match(group[start].text):
        return first
    if any(_MARKED.search(line.text) for line in group[start:end]):
        return first
    if body is not None and start == 0 and _continues(body, group[0]) and not ends_sentence(body.text):
        return first
    widest = max((_distance(group, place) for place in range(1, end)), default=0.0)
    sure = sizes.small or (first is not None and start == 0) or (start > 0 and _distance(group, start) >= widest)
    return start if sure else first


def _gap_of(group: Sequence[Line]) -> float:
    """Return the distance beyond which lines of a group are different paragraphs."""
    distances = sorted(_distance(group, place) for place in range(1, len(group)))
    usual = distances[len(distances) // 4] if distances else 0.0
    return max(_GAP * group[0].size, _WIDER * usual)


def _distance(group: Sequence[Line], place: int) -> float:
    return group[place - 1].y - group[place].y


def _continues(before: Line, after: Line) -> bool:
    """Whether the first word of a line does not fit in the line before it."""
    return not fits_behind(before, after, first_word(after))


class _Edge(NamedTuple):
    """A row at the top or the foot of a page: its text, also with masked numbers, and the indexes of its lines."""

    whole: str
    text: str
    places: tuple[int, ...]
    first: Line
    apart: bool
    small: bool


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines of each page without its furniture."""
    letters: Counter[float] = Counter()
    for line in (line for page in pages for line in page):
        letters[line.size] += len(line.text)
    size = max(letters, key=lambda each: letters[each], default=0.0)
    edges = [_edges_of(page, size) for page in pages]
    shown: dict[str, dict[int, list[_Edge]]] = {}
    for number, rows in enumerate(edges):
        for edge in rows:
            shown.setdefault(edge.text, {}).setdefault(number, []).append(edge)
    repeated = [
        [edge for edge in rows if _is_repeated(edge, number, shown[edge.text], len(pages))]
        for number, rows in enumerate(edges)
    ]
    heights = Counter(round(edge.first.y) for rows in repeated for edge in rows)
    counted = _counted(edges)
    kept: list[list[Line]] = []
    for number, (page, rows, left_out) in enumerate(zip(pages, edges, repeated, strict=True)):
        left_out += [edge for edge in rows if _counts_pages(edge, number, counted, min(len(pages), _RUN))]
        others = [edge for edge in rows if edge.apart and edge.first.size < _LARGER * size]
        left_out += [edge for edge in others if _PAGE_NUMBER.fullmatch(edge.text) or _has_usual_height(edge, heights)]
        places = {place for edge in left_out for place in edge.places}
        kept.append([line for place, line in enumerate(page) if place not in places])
    return kept


_Count = tuple[str, int, int, int]
"""A row's text with masked numbers, which of its numbers, its distance from the place of the page, and its height."""


def _counted(edges: Sequence[Sequence[_Edge]]) -> Counter[_Count]:
    """Count the pages with each number that may count them."""
    return Counter(each for number, rows in enumerate(edges) for edge in rows for each in set(_counts_of(edge, number)))


def _counts_of(edge: _Edge, number: int) -> Iterator[_Count]:
    digits = [int(each) for each in re.findall(r"\d+", edge.whole)] or [
        roman_number(edge.whole.strip("-–—[]() ").lower())
    ]
    for place, value in enumerate(digits):
        if value:
            yield edge.text if "#" in edge.text else "", place, value - number, round(edge.first.y)


def _counts_pages(edge: _Edge, number: int, counted: Counter[_Count], least: int) -> bool:
    """Whether a number in a row counts the pages; a single page is not enough."""
    if _SCORED.fullmatch(edge.first.text) or not (_PAGE_NUMBER.fullmatch(edge.text) or _WORDED.search(edge.text)):
        return False
    heights = range(-_NEAR, _NEAR + 1)
    return any(
        max(least, 2) <= sum(counted[text, place, distance, height + step] for step in heights)
        for text, place, distance, height in _counts_of(edge, number)
    )


def _edges_of(page: Sequence[Line], size: float) -> list[_Edge]:
    """Return the rows at the top and the foot of a page."""
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
            whole = "\t".join(page[place].text for place in places)
            text = re.sub(r"\d+", "#", whole)
            is_apart = any(apart[depth:]) or len(rows) == 1 or (row[0] in edges and edges[row[0]].apart)
            edges[row[0]] = _Edge(whole, text, places, first, is_apart, first.size < _SET_SMALL * size)
    return list(edges.values())


def _is_repeated(edge: _Edge, number: int, shown: dict[int, list[_Edge]], pages: int) -> bool:
    """Whether nearby pages have a row with the same text at the same height."""
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


def _has_usual_height(edge: _Edge, heights: Counter[int]) -> bool:
    """Whether a row has a height at which several pages repeat their rows."""
    near = sum(heights[round(edge.first.y) + step] for step in range(-_NEAR, _NEAR + 1))
    return near >= _RUN and not _SCORED.fullmatch(edge.first.text)
