"""Join the lines of pages, without running heads and page numbers, to paragraphs, table rows and notes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise, zip_longest
from typing import NamedTuple

from g7tag.sources.blocks import NOTE, PARAGRAPH, ROW, Block, Run
from g7tag.sources.headings import ITEM_START, OPENS, SCORE
from g7tag.sources.marks import RAISED_ROMANS, SUPERSCRIPTS, plain_roman, roman_number
from g7tag.sources.pdf.lines import Line, ends_early, ends_sentence, fits_behind, usual_size
from g7tag.sources.pdf.notes import part_notes
from g7tag.sources.text import looks_like_url

_NEW_PARAGRAPH = 1.35  # times the usual line distance: a wider gap separates paragraphs
_USUAL = 0.2  # quantile of the distances that is the distance of lines in a paragraph
_FEWEST_GAPS = 0.08  # share of lines after such a gap, in a document that separates paragraphs by gaps
_INDENT = 0.9  # times the size: least indent of the first line of a paragraph
_DEEPEST = 6.0  # times the size: text with a larger indent is centered or right-aligned
_SAME_EDGE = 6.0  # points
_RESIZED = 0.5  # points: a heading differs from the text by more
_MOSTLY = 0.7  # share of the items of a document that separates them
_MUCH = 0.3  # of the line: only the last line of a paragraph leaves more room at its end
_URL_START = re.compile(r"\bhttps?(?::|$)|\bwww\.")
_SCHEME = re.compile(r"\bhttps?://")
_URL_PIECE = re.compile(r"[^\s-]*-?")  # unbreakable start of the next line of a URL
_HYPHENS = ("-", "\u2010", "\u00ad")
_CUT = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_OPEN_END = re.compile(r"\w[-\u2010\u00ad–—/]$")  # the word continues after it
_LISTING = ("and", "or", "to")  # short- and long-term: the hyphen replaces the rest of the word
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SPACE, _NOTHING, _HYPHEN = range(3)  # what is between two lines; the hyphen of a cut word goes
_FEW = 100  # characters at both ends of a word that are looked at
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


class Page(NamedTuple):
    """What was read of a page: its lines, and other texts with the reason why they are hidden ("" if rotated)."""

    lines: list[Line]
    aside: list[tuple[str, str]]


def flow_pages(pages: Sequence[Page]) -> tuple[list[Block], str]:
    """Return the blocks of a document, and what is doubtful about the numbers of its notes, or "".

    Its paragraphs, with a form feed where a page ends, come before its notes.
    """
    columns = [
        column
        for number, lines in enumerate(without_furniture([page.lines for page in pages]))
        for column in _columns_of([line._replace(page=number) for line in lines])
    ]
    parted = part_notes(columns)
    spacing = _spacing_of(parted.texts)
    vocabulary = _read_vocabulary(line.text for column in columns for line in column)
    paragraph: list[Line] = []
    begun: list[list[list[Line]]] = [[] for _ in pages]  # the paragraphs that begin on each page
    for text in parted.texts:
        for line, after in zip_longest(text, text[1:]):
            if not paragraph or not _goes_on(paragraph, line, after, spacing):
                paragraph = []
                begun[line.page].append(paragraph)
            paragraph.append(line)
    blocks: list[Block] = []
    ended = 0  # pages before the last line
    for page, paragraphs in zip(pages, begun, strict=True):
        for paragraph in paragraphs:
            cells = ("\f" * (paragraph[0].page - ended) + _join_lines(paragraph, vocabulary)).split("\t")
            runs = tuple(run for cell, text in enumerate(cells) for run in parted.marked(text, cell) if run.text)
            blocks.append(Block(runs, ROW if len(cells) > 1 else PARAGRAPH))
            ended = paragraph[-1].page
        blocks += [Block((Run(text, why),)) for text, why in page.aside]
    for number, lines in parted.notes:
        joined = _join_lines([line._replace(text=line.text.replace("\t", " "), page=0) for line in lines], vocabulary)
        blocks.append(Block((Run(plain_roman(joined)),), NOTE, number))
    return blocks, parted.doubt


def _columns_of(page: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Split the lines of a page into columns."""
    ends = [place for place in range(1, len(page)) if page[place].y >= page[place - 1].y]
    for first, end in pairwise([0, *ends, len(page)] if page else []):
        yield page[first:end]


class _Spacing(NamedTuple):
    """How a document separates its paragraphs."""

    leading: dict[float, float]
    lefts: dict[int, float]
    apart: bool  # by gaps
    dated: bool  # by gaps or indents before most lines that start with a date
    indented: bool  # by indented first lines
    justified: bool

    def widest(self, line: Line) -> float:
        """Return the largest distance of a line from the line before it in its paragraph."""
        return _NEW_PARAGRAPH * self.leading.get(line.size, line.size * _NEW_PARAGRAPH)

    def indent(self, line: Line) -> float:
        """Return the indent of a line, or 0."""
        indent = line.x0 - self.lefts.get(round(line.right / _SAME_EDGE), line.x0)
        return indent if _INDENT * line.size < indent < _DEEPEST * line.size else 0.0

    def is_short(self, before: Line, line: Line) -> bool:
        """Whether a line ends before the edge although the start of the next line would fit in it."""
        if self.justified:
            return ends_early(before)
        return fits_behind(before, line)


def _spacing_of(pages: Sequence[Sequence[Line]]) -> _Spacing:
    """Return the spacing of the text of a document."""
    pairs = [(a, b) for page in pages for a, b in pairwise(page) if a.y > b.y and abs(a.size - b.size) < _RESIZED]
    distances: dict[float, list[float]] = {}
    for before, line in pairs:
        distances.setdefault(line.size, []).append(before.y - line.y)
    leading = {size: sorted(group)[int(_USUAL * len(group))] for size, group in distances.items()}
    gaps = sum(before.y - line.y > _NEW_PARAGRAPH * leading[line.size] for before, line in pairs)
    lines = [line for page in pages for line in page]
    justified = 2 * sum(not ends_early(line) for line in lines) > len(lines)
    spacing = _Spacing(leading, _lefts_of(lines), gaps > _FEWEST_GAPS * len(pairs), False, False, justified)
    set_in = [spacing.is_short(before, line) for before, line in pairs if spacing.indent(line)]
    dated = [
        before.y - line.y > spacing.widest(line) or spacing.indent(line) > 0
        for before, line in pairs
        if ITEM_START.match(line.text) and ends_sentence(before.text)
    ]
    return spacing._replace(dated=sum(dated) > _MOSTLY * len(dated), indented=2 * sum(set_in) >= len(set_in) > 0)


def _lefts_of(lines: Sequence[Line]) -> dict[int, float]:
    """Map the right edge of each column to the left edge of most of its lines."""
    begins: dict[int, Counter[float]] = {}
    for line in lines:
        begins.setdefault(round(line.right / _SAME_EDGE), Counter())[round(line.x0, 1)] += 1
    return {right: max(starts, key=lambda x: starts[x]) for right, starts in begins.items()}


def _goes_on(paragraph: Sequence[Line], line: Line, after: Line | None, spacing: _Spacing) -> bool:
    """Whether a line belongs to the paragraph before it; `after` is the next line of its column."""
    before = paragraph[-1]
    overleaf = _is_overleaf(before, line)
    if not _continues(paragraph[0], before, line, spacing) or (overleaf and looks_like_url(line.text)):  # of a note
        return False
    if not ends_sentence(before.text):
        return True
    if OPENS.match(line.text):
        return spacing.dated and not overleaf and ITEM_START.match(line.text) is not None  # a sentence within an item
    heading = (after is None or not _continues(line, line, after, spacing)) and not ends_sentence(line.text)
    return not (overleaf and heading)


def _is_overleaf(before: Line, line: Line) -> bool:
    """Whether a line is in another column or on another page than the one before it."""
    return before.page < line.page or line.y >= before.y


def _continues(first: Line, before: Line, line: Line, spacing: _Spacing) -> bool:
    """Whether a line continues a paragraph, judged by its position."""
    overleaf = _is_overleaf(before, line)
    if "\t" in line.text or abs(before.size - line.size) > _RESIZED:
        return False
    if not overleaf and before.y - line.y > spacing.widest(line):
        return False
    if "\t" in first.text:  # the rest of a cell is below its start
        return not overleaf and abs(line.x0 - first.cell) < _INDENT * line.size
    if spacing.indented and spacing.indent(line):
        return False
    room = before.right - before.x1 > _MUCH * (before.right - before.x0)
    return not spacing.is_short(before, line) or (spacing.apart and not overleaf and not room)


class _Vocabulary(NamedTuple):
    """Words inside lines, and whether most words split at a hyphen have none elsewhere."""

    words: set[str]
    cut: bool


def _read_vocabulary(lines: Iterable[str]) -> _Vocabulary:
    """Return the vocabulary of a document's lines."""
    words: set[str] = set()
    cuts: list[tuple[str, str]] = []
    before = ""
    for line in lines:
        text = line.lower()
        found = _WORD.findall(text)
        cut = _CUT.search(before[-_FEW:])
        if cut and found:
            cuts.append((cut[1] + found[0], f"{cut[1]}-{found[0]}"))
        words.update(found[bool(cut) : -1 if text.endswith(_HYPHENS) else None])
        before = text
    wholes, compounds = (sum(word in words for word in each) for each in zip(*cuts, strict=True)) if cuts else (0, 0)
    return _Vocabulary(words, wholes > compounds)


def _join_lines(lines: Sequence[Line], vocabulary: _Vocabulary) -> str:
    """Return the text of lines; a form feed is the end of a page."""
    parts = [lines[0].text]
    word = _last_word(parts[0])
    for before, line in pairwise(lines):
        head, space, rest = line.text.partition(" ")
        seam = _seam(word, head, before, line, vocabulary)
        ends = "\f" * (line.page - before.page)
        if seam == _HYPHEN:
            parts[-1] = parts[-1][:-1]
        parts.append(f"{ends or ' '}{line.text}" if seam == _SPACE else f"{head}{ends or space}{rest}")
        word = _last_word(line.text if seam == _SPACE or rest else word + head)
    return "".join(parts)


def _seam(word: str, head: str, before: Line, line: Line, vocabulary: _Vocabulary) -> int:
    """Return what is between the last word of a text and the first of the next line: space, nothing, or a hyphen."""
    if head[0] in SUPERSCRIPTS + RAISED_ROMANS:
        return _NOTHING
    if _URL_START.search(word) or ("/" in word and word.endswith("-")):
        piece = _URL_PIECE.match(line.text)
        return _SPACE if piece is None or fits_behind(before, line, piece[0]) else _NOTHING
    if _SCHEME.match(f"{word}{head}"[:_FEW]) and not _SCHEME.match(head):
        return _NOTHING
    cut = _CUT.search(word)
    if cut and not _keeps_hyphen(cut[1], word[-1], head, vocabulary):
        return _HYPHEN
    return _NOTHING if _OPEN_END.search(word) and not (cut and head in _LISTING) else _SPACE


def _last_word(text: str) -> str:
    """Return the last word of a text; a long one without its middle, so that joining lines costs the same for each."""
    word = text.rsplit(maxsplit=1)[-1]
    return word if len(word) <= 2 * _FEW else word[:_FEW] + word[-_FEW:]


def _keeps_hyphen(first: str, hyphen: str, head: str, vocabulary: _Vocabulary) -> bool:
    """Whether the hyphen at a line end belongs to the word."""
    second = _WORD.match(head)
    if hyphen == "\u00ad" or second is None:
        return hyphen != "\u00ad"
    compound, joined = (f"{first}{between}{second[0]}".lower() in vocabulary.words for between in ("-", ""))
    if compound != joined:
        return compound
    named = first.isupper() or second[0][0].isupper()  # UK-led, US-Canada
    return named or not vocabulary.cut


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
