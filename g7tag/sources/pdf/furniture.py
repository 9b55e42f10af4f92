"""Leave out what pages repeat at their head and foot: running heads and page numbers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from g7tag.sources.headings import SCORE
from g7tag.sources.marks import roman_number
from g7tag.sources.pdf.lines import Line, usual_size

_EDGE = 2  # rows at the head and at the foot of a page that may be furniture
_PAGES = 3  # that repeat furniture, of the pages around
_AROUND = 4  # pages before and after; left and right pages may differ
_NEAR = 3.0  # points: rows at the same height
_APART = 1.6  # of the usual size: furniture has a larger distance from the text
_SMALL = 0.9  # of the usual size: furniture close to the text is smaller
_LARGE = 1.2  # of the usual size: a title is larger than a page number
_MOST_NUMBERS = 10  # of a row that are looked at
_NUMBER = re.compile(r"\d{1,6}|\b[ivxlc]{1,7}\b")
_ANY = r"(?:\d+|[ivxlc]{1,7}|[IVXLC]{1,7})"
_PAGE_NUMBER = re.compile(rf"[-–—|·•\[( ]*(?:[Pp]age |[Pp]\. ?)?{_ANY}(?:(?: of | ?/ ?)\d+)?[-–—|·•\]) ]*")
_SCORED = re.compile(rf".*: ?{SCORE}")  # a member's heading, perhaps at the top of several pages


class _Edge(NamedTuple):
    """A row at the head or the foot of a page, the places of its lines, and whether a space separates it from text."""

    text: str
    forms: frozenset[str]  # in which pages may repeat it
    places: list[int]
    y: float
    size: float
    apart: bool


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines of each page without its furniture."""
    size = usual_size(line for page in pages for line in page)
    edges = [_edges_of(page, number, size) for number, page in enumerate(pages)]
    shown: dict[tuple[str, int], list[float]] = {}  # form and page -> heights
    for number, rows in enumerate(edges):
        for edge in rows:
            for form in edge.forms:
                shown.setdefault((form, number), []).append(edge.y)
    least = min(_PAGES, max(len(pages), 2))

    def is_repeated(edge: _Edge, number: int) -> bool:
        around = range(number - _AROUND, number + _AROUND + 1)
        levels = ([shown.get((form, page), []) for page in around] for form in edge.forms)
        return any(sum(any(abs(y - edge.y) < _NEAR for y in ys) for ys in level) >= least for level in levels)

    repeated = [[edge for edge in rows if is_repeated(edge, number)] for number, rows in enumerate(edges)]
    heights = Counter(round(edge.y) for rows in repeated for edge in rows)
    kept: list[list[Line]] = []
    for page, rows, left_out in zip(pages, edges, repeated, strict=True):
        for edge in rows:
            is_usual = sum(heights[round(edge.y) + step] for step in range(-2, 3)) >= _PAGES
            if edge.apart and edge.size < _LARGE * size and (is_usual or _PAGE_NUMBER.fullmatch(edge.text)):
                left_out.append(edge)
        places = {place for edge in left_out for place in edge.places}
        kept.append([line for place, line in enumerate(page) if place not in places])
    return kept


def _edges_of(page: Sequence[Line], number: int, size: float) -> list[_Edge]:
    """Return the rows at the head and the foot of a page that may be furniture."""
    rows: list[list[int]] = []
    for place in sorted(range(len(page)), key=lambda place: -page[place].y):
        if rows and page[rows[-1][0]].y - page[place].y < _NEAR:
            rows[-1].append(place)
        else:
            rows.append([place])
    wide = [page[above[0]].y - page[row[0]].y > _APART * size for above, row in pairwise(rows)]
    edges: list[_Edge] = []
    for at, row in enumerate(rows):
        below = len(rows) - 1 - at
        if min(at, below) >= _EDGE:
            continue
        apart = len(rows) == 1 or any(wide[at:_EDGE]) or any(wide[max(len(wide) - _EDGE, 0) : at])
        text = "\t".join(page[place].text for place in sorted(row, key=lambda place: page[place].x0))
        if not _SCORED.fullmatch(text):
            first = page[row[0]]
            forms = frozenset(_forms(text, number, separate=apart or first.size < _SMALL * size))
            edges.append(_Edge(text, forms, row, first.y, first.size, apart))
    return edges


def _forms(text: str, number: int, *, separate: bool) -> Iterator[str]:
    """Yield a row's text, and its text with each number as its distance from the page's: equal if it counts pages.

    A row close to the text is furniture only if it counts pages.
    """
    yield from (text,) if separate else ()
    for match in islice(_NUMBER.finditer(text), _MOST_NUMBERS):
        value = int(match[0]) if match[0][0].isdecimal() else roman_number(match[0])
        if value:
            yield f"{text[: match.start()]}\0{value - number}\0{text[match.end() :]}"
