"""Tell whether a line goes on with the paragraph of the line before it, by how the whole document is spaced."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from g7tag.sources.marks import ends_sentence
from g7tag.sources.pdf.lines import Line, ends_early, fits_behind, is_justified
from g7tag.sources.pdf.wording import first_word

_NEW_PARAGRAPH = 1.35  # of the usual distance of lines: a wider gap parts paragraphs
_USUAL = 0.2  # of the distances are smaller than that of the lines of a paragraph; many gaps of one may be larger
_FEWEST_GAPS = 0.08  # of a document's lines that stand behind such a gap, if its paragraphs are set apart
_INDENT = 0.9  # of the size that the first line of a paragraph is set in by
_DEEPEST = 6.0  # of the size: what is set in by more is set in the middle, or at the right
_AT_LEFT = 0.15  # of a column's lines, that begin at its left edge
_SAME_EDGE = 6.0  # points
_RESIZED = 0.5  # points: a heading differs from the text by more
_MUCH = 0.3  # of the line: room at its end that only a line has behind which a new paragraph begins


class Spacing(NamedTuple):
    """How a document parts its paragraphs.

    `leading` is the usual distance of lines by their size, `lefts` the left edge of columns by their right one.
    """

    leading: dict[float, float]
    lefts: dict[int, float]
    apart: bool  # by gaps
    indented: bool  # by first lines that are set in
    justified: bool

    def indent(self, line: Line) -> float:
        """How far a line is set in, 0 where it is not."""
        indent = line.x0 - self.lefts.get(round(line.right / _SAME_EDGE), line.x0)
        return indent if _INDENT * line.size < indent < _DEEPEST * line.size else 0.0


def spacing_of(pages: Sequence[Sequence[Line]]) -> Spacing:
    """Return how the body of a document is spaced; no lines are spaced by nothing."""
    pairs = [(a, b) for page in pages for a, b in pairwise(page) if a.y > b.y and abs(a.size - b.size) < _RESIZED]
    distances: dict[float, list[float]] = {}
    for before, line in pairs:
        distances.setdefault(line.size, []).append(before.y - line.y)
    leading = {size: sorted(its)[int(_USUAL * len(its))] for size, its in distances.items()}
    gaps = sum(before.y - line.y > _NEW_PARAGRAPH * leading[line.size] for before, line in pairs)
    lines = [line for page in pages for line in page]
    spacing = Spacing(leading, _lefts_of(lines), gaps > _FEWEST_GAPS * len(pairs), False, is_justified(lines))
    set_in = [is_short(before, line, spacing) for before, line in pairs if spacing.indent(line)]
    return spacing._replace(indented=bool(set_in) and sum(set_in) * 2 >= len(set_in))


def goes_on(before: Line, line: Line, spacing: Spacing, *, turns: int = 0) -> bool:
    """Return whether a line belongs to the paragraph of the one before it, ends of pages between the two."""
    if "\t" in line.text or abs(before.size - line.size) > _RESIZED:
        return False
    overleaf = is_overleaf(before, line, turns)
    leading = spacing.leading.get(line.size, line.size * _NEW_PARAGRAPH)
    if not overleaf and before.y - line.y > _NEW_PARAGRAPH * leading:
        return False
    if "\t" in before.text:  # the rest of a cell stands below its beginning
        return not overleaf and abs(line.x0 - before.cell) < _INDENT * line.size
    short = is_short(before, line, spacing)
    indent = spacing.indent(line) if spacing.indented else 0.0
    quoted = abs(indent - spacing.indent(before)) < _RESIZED and not ends_sentence(before.text)  # a block of lines
    if indent and (short or not quoted):
        return False
    room = before.right - before.x1 > _MUCH * (before.right - before.x0)
    return not short or (spacing.apart and not overleaf and not room)


def is_heading(line: Line, after: Line | None, spacing: Spacing) -> bool:
    """Return whether a line is a paragraph of its own that ends no sentence."""
    alone = after is None or not goes_on(line, after, spacing)
    return alone and not ends_sentence(line.text)


def is_overleaf(before: Line, line: Line, turns: int) -> bool:
    """Return whether a line stands on another page than the one before it, or in another column."""
    return turns > 0 or line.y >= before.y


def is_short(before: Line, line: Line, spacing: Spacing) -> bool:
    """Return whether a line ends before the edge though what begins the next one would have had room in it."""
    if spacing.justified:
        return ends_early(before)
    head = first_word(line)
    return fits_behind(before, line, head[: head.find("-", 1) + 1] or head)


def _lefts_of(lines: Sequence[Line]) -> dict[int, float]:
    """The left edge of each column, by its right one: the leftmost place at which many of its lines begin."""
    begins: dict[int, Counter[float]] = {}
    for line in lines:
        begins.setdefault(round(line.right / _SAME_EDGE), Counter())[round(line.x0, 1)] += 1
    return {
        right: min(place for place, count in its.items() if count >= min(_AT_LEFT * its.total(), max(its.values())))
        for right, its in begins.items()
    }
