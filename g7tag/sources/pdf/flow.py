"""Join the lines of pages to paragraphs across lines and pages, and to notes across pages."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, zip_longest
from typing import NamedTuple

from g7tag.sources.blocks import Block, Run
from g7tag.sources.headings import ITEM_START, OPENS
from g7tag.sources.marks import superscript, superscript_number
from g7tag.sources.pdf.lines import Line, ends_early, fits_behind, is_justified
from g7tag.sources.pdf.numbering import NOTE_END, NOTE_START, PLAIN_NOTE_START
from g7tag.sources.pdf.wording import Joined, Vocabulary, ends_sentence, first_word, read_vocabulary
from g7tag.sources.pdf.zones import numbered_pages, part_numbered

_NEW_PARAGRAPH = 1.35  # times the usual line distance: a wider gap separates paragraphs
_USUAL = 0.2  # quantile of the distances that is the distance of lines in a paragraph
_FEWEST_GAPS = 0.08  # share of lines after such a gap, in a document that separates paragraphs by gaps
_INDENT = 0.9  # times the size: least indent of the first line of a paragraph
_DEEPEST = 6.0  # times the size: text with a larger indent is centered or right-aligned
_AT_LEFT = 0.15  # share of a column's lines that start at its left edge
_SAME_EDGE = 6.0  # points
_RESIZED = 0.5  # points: a heading differs from the text by more
_MUCH = 0.3  # of the line: only the last line of a paragraph leaves more room at its end
_MOSTLY = 0.7  # share of the items of a document that separates them
_MOST_MISSING = 10  # numbers between two notes


class Spacing(NamedTuple):
    """How a document separates its paragraphs."""

    leading: dict[float, float]
    lefts: dict[int, float]
    apart: bool  # by gaps
    indented: bool  # by indented first lines
    justified: bool

    def widest(self, line: Line) -> float:
        """Return the largest distance of a line from the line before it in its paragraph."""
        return _NEW_PARAGRAPH * self.leading.get(line.size, line.size * _NEW_PARAGRAPH)

    def indent(self, line: Line) -> float:
        """Return the indent of a line, or 0."""
        indent = line.x0 - self.lefts.get(round(line.right / _SAME_EDGE), line.x0)
        return indent if _INDENT * line.size < indent < _DEEPEST * line.size else 0.0


def spacing_of(pages: Sequence[Sequence[Line]]) -> Spacing:
    """Return the spacing of the body of a document."""
    pairs = [(a, b) for page in pages for a, b in pairwise(page) if a.y > b.y and abs(a.size - b.size) < _RESIZED]
    distances: dict[float, list[float]] = {}
    for before, line in pairs:
        distances.setdefault(line.size, []).append(before.y - line.y)
    leading = {size: sorted(group)[int(_USUAL * len(group))] for size, group in distances.items()}
    gaps = sum(before.y - line.y > _NEW_PARAGRAPH * leading[line.size] for before, line in pairs)
    lines = [line for page in pages for line in page]
    spacing = Spacing(leading, _lefts_of(lines), gaps > _FEWEST_GAPS * len(pairs), False, is_justified(lines))
    set_in = [is_short(before, line, spacing) for before, line in pairs if spacing.indent(line)]
    return spacing._replace(indented=bool(set_in) and sum(set_in) * 2 >= len(set_in))


def continues(before: Line, line: Line, spacing: Spacing, *, turns: int = 0) -> bool:
    """Return whether a line continues the paragraph of the line before it, after `turns` page ends."""
    if "\t" in line.text or abs(before.size - line.size) > _RESIZED:
        return False
    overleaf = is_overleaf(before, line, turns)
    if not overleaf and before.y - line.y > spacing.widest(line):
        return False
    if "\t" in before.text:  # the rest of a cell is below its start
        return not overleaf and abs(line.x0 - before.cell) < _INDENT * line.size
    short = is_short(before, line, spacing)
    indent = spacing.indent(line) if spacing.indented else 0.0
    quoted = abs(indent - spacing.indent(before)) < _RESIZED and not ends_sentence(before.text)  # a block of lines
    if indent and (short or not quoted):
        return False
    room = before.right - before.x1 > _MUCH * (before.right - before.x0)
    return not short or (spacing.apart and not overleaf and not room)


def is_heading(line: Line, after: Line | None, spacing: Spacing) -> bool:
    """Return whether a line is a separate paragraph that does not end a sentence."""
    alone = after is None or not continues(line, after, spacing)
    return alone and not ends_sentence(line.text)


def is_overleaf(before: Line, line: Line, turns: int) -> bool:
    """Return whether a line is on a different page or in a different column from the line before it."""
    return turns > 0 or line.y >= before.y


def is_short(before: Line, line: Line, spacing: Spacing) -> bool:
    """Return whether a line ends before the edge although the start of the next line would fit in it."""
    if spacing.justified:
        return ends_early(before)
    head = first_word(line)
    return fits_behind(before, line, head[: head.find("-", 1) + 1] or head)


def _lefts_of(lines: Sequence[Line]) -> dict[int, float]:
    """Map the right edge of each column to its left edge, the leftmost position at which many lines start."""
    begins: dict[int, Counter[float]] = {}
    for line in lines:
        begins.setdefault(round(line.right / _SAME_EDGE), Counter())[round(line.x0, 1)] += 1
    return {
        right: min(x for x, count in starts.items() if count >= min(_AT_LEFT * starts.total(), max(starts.values())))
        for right, starts in begins.items()
    }


class Page(NamedTuple):
    """What was read of a page: its lines, and other texts with the reason why they are hidden ("" if rotated)."""

    lines: list[Line]
    aside: list[tuple[str, str]]


class Flow(NamedTuple):
    """The blocks of a document, and what is doubtful about the numbers of its notes, or ""."""

    blocks: list[Block]
    doubt: str


def flow_pages(pages: Sequence[Page]) -> Flow:
    """Return the blocks of a document: its paragraphs, with a form feed where a page ends, then its notes."""
    numbered = numbered_pages([page.lines for page in pages])
    zones = part_numbered(numbered)
    spacing = spacing_of([zone.body for zone in zones])
    apart = _sets_items_apart([zone.body for zone in zones], spacing)
    raised = any(NOTE_START.match(line.text) for zone in zones for line in zone.notes)
    flow = _Flow(read_vocabulary(line for page in pages for line in page.lines), raised=raised)
    for page, zone in zip(pages, zones, strict=True):
        for line, after in zip_longest(zone.body, zone.body[1:]):
            rest = flow.last is not None and continues(flow.last, line, spacing, turns=flow.turns)
            overleaf = flow.last is not None and is_overleaf(flow.last, line, flow.turns)
            within = apart and not overleaf and ITEM_START.match(line.text)  # a dated sentence within an item
            opens = ends_sentence(flow.open.end) and (
                (OPENS.match(line.text) and not within) or (overleaf and is_heading(line, after, spacing))
            )
            flow.take_body(line, continued=rest and not opens)
        for line in zone.notes:
            flow.take_note(line)
        flow.aside += [Block((Run(text, why),)) for text, why in page.aside]
        flow.turns += 1
    return Flow(flow.finish(), numbered.doubt)


def _sets_items_apart(pages: Sequence[Sequence[Line]], spacing: Spacing) -> bool:
    """Return whether space or indents separate most of the lines that start with a date from the line before."""
    pairs = [pair for page in pages for pair in pairwise(page)]
    starts = [(a, b) for a, b in pairs if ITEM_START.match(b.text) and ends_sentence(a.text)]
    apart = sum(before.y - line.y > spacing.widest(line) or spacing.indent(line) > 0 for before, line in starts)
    return apart > _MOSTLY * len(starts)


class _Flow:
    """The document so far: `open` is the paragraph that may continue; `aside` comes after it, `notes` at the end."""

    def __init__(self, vocabulary: Vocabulary, *, raised: bool) -> None:
        self.vocabulary = vocabulary
        self.raised = raised  # whether note numbers are superscript digits
        self.blocks: list[Block] = []
        self.open = Joined("")
        self.last: Line | None = None
        self.notes: list[Joined] = []
        self.last_note: Line | None = None
        self.number: int | None = None  # of the last note
        self.aside: list[Block] = []
        self.turns = 0  # page ends that are not written yet

    def take_body(self, line: Line, *, continued: bool) -> None:
        """Add a line to the open paragraph, or start another one."""
        if continued and self.last is not None:
            self.open.add(line, before=self.last, vocabulary=self.vocabulary, turns=self.turns)
        else:
            self.close()
            self.open = Joined("\f" * self.turns + line.text)
        row = continued and self.last is not None and "\t" in self.last.text
        self.last, self.turns = (line._replace(text="\t", cell=line.x0) if row else line), 0

    def take_note(self, line: Line) -> None:
        """Start a note at its number, or continue the last note; tabs in notes are only wide spaces."""
        line = line._replace(text=line.text.replace("\t", " "))
        mark = NOTE_START.match(line.text)
        plain = None if self.raised else PLAIN_NOTE_START.match(line.text)
        if mark:
            self.number = superscript_number(mark[0].strip())
            self.notes.append(Joined(f"{mark[0].strip()} {line.text[mark.end() :]}"))
        elif plain and self._follows(int(plain[1]), line):
            self.number = int(plain[1])
            self.notes.append(Joined(f"{superscript(plain[1])} {line.text[plain.end() :]}"))
        elif self.notes and self.last_note is not None:
            self.notes[-1].add(line, before=self.last_note, vocabulary=self.vocabulary)
        else:
            self.notes.append(Joined(line.text))
        self.last_note = line

    def close(self) -> None:
        """End the open paragraph, and add the texts aside after it."""
        self.blocks += ([Block((Run(self.open.whole()),))] if self.open.end else []) + self.aside
        self.open, self.last, self.aside = Joined(""), None, []

    def finish(self) -> list[Block]:
        """End the document with its notes."""
        self.close()
        return self.blocks + [Block((Run(note.whole()),)) for note in self.notes]

    def _follows(self, number: int, line: Line) -> bool:
        """Whether the number at the start of a line is a next note's number, not a number in the last note."""
        if self.number is None or self.last_note is None:
            return True
        ended = NOTE_END.search(self.last_note.text) or fits_behind(self.last_note, line, first_word(line))
        return bool(ended) and self.number < number <= self.number + _MOST_MISSING
