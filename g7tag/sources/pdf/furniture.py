"""Leave out what a page repeats around its text: running heads and page numbers."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from g7tag.sources.pdf.lines import Line

_NUMBER = r"(?:#|[ivxlc]{1,7}|[IVXLC]{1,7})"
_PAGE_NUMBER = re.compile(rf"[-–—|·•\[( ]*(?:[Pp]age |[Pp]\. ?)?{_NUMBER}(?:(?: of | ?/ ?)#)?[-–—|·•\]) ]*")
_SCORED = re.compile(r".*: ?[+−–‑-]?[01]")  # a member's heading, at the top of its pages in a row perhaps
_EDGE = 2  # rows at the top and the foot of a page that may be its furniture
_RUN = 3  # pages in a row, or every other page, that repeat it
_WIDEST = 2.0  # of the usual size: distance of lines, on a page of few
_APART = 1.3  # of the usual distance of lines: furniture stands farther from the text
_SMALLER = 0.9  # of the usual size: furniture that stands near the text is set smaller
_LARGER = 1.2  # of the usual size: no page's number is
_SAME_HEIGHT = 3.0  # points
_NEAR = 2  # points


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
            edges[row[0]] = _Edge(says, places, first, its_apart, first.size < _SMALLER * size)
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
