"""Separate a document's notes from its text: they start with numbers in sequence, which marks in the text show."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from g7tag.sources.blocks import Run
from g7tag.sources.headings import CREDIT, OPENS, part_heading
from g7tag.sources.marks import RAISED_ROMANS, SUPERSCRIPTS, plain_roman, roman_number, superscript_number
from g7tag.sources.pdf.lines import Line, ends_sentence, fits_behind, usual_size

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:[a-z]{3,6})?\b"
_DAY = rf"(?:[12]?\d|3[01])[.)]?\s+{_MONTH}"
_DIGIT_START = re.compile(rf"(?!{_DAY})(\d{{1,5}})[.)]?\s+(?:\^ )?(?=\S)")  # an encyclopedia links back
_RAISED_START = re.compile(rf"([{SUPERSCRIPTS}]{{1,5}})\s*(?=[^\s,;{SUPERSCRIPTS}])")
_ROMAN_START = re.compile(r"([ivxlc]{1,9})[.)]?\s+(?=\S)")
_RAISED_ROMAN_START = re.compile(rf"([{RAISED_ROMANS}]{{1,9}})\s*(?=\S)")
_BRACKET_START = re.compile(r"\[(\d{1,5})\]\s*(?=\S)")
_DIGIT_MARK = re.compile(rf"(?<=[^\s{SUPERSCRIPTS}])(?<!\bm)(?<!\b[kc]m)([{SUPERSCRIPTS}]{{1,5}})(?![{SUPERSCRIPTS}])")
_FLAT_MARK = re.compile(r"(?:(?<=[^\W\d_][.,;:!?\"”’')\]])|(?<=[.,!?][\"”’)]))(\d{1,5})(?=\s|$)")
_ROMAN_MARK = re.compile(rf"(?<=[^\s{RAISED_ROMANS}])([{RAISED_ROMANS}]{{1,9}})")
_BRACKET_MARK = re.compile(r"(?<=\S)\s?\[(\d{1,5}(?:[,;]\s?\d{1,5})*)\]")
_LISTED = re.compile(
    r"(?:End ?notes?|Foot ?notes?|Notes|References|Sources|Bibliography|Works Cited)\s*:?", re.IGNORECASE
)
_SIGN = re.compile(
    rf"https?:|www\.|\b[Aa]ccess|\bn\.d\.|\bIbid|\b\d{{1,2}} {_MONTH},? \d{{4}}|\b{_MONTH} \d{{1,2}}, \d{{4}}"
)
_SIGN_LINES = 8  # lines of a note within which it shows signs of a citation
_IN_TEXT, _PARTED, _PLACED, _SIGNED = 1, 2, 4, 8  # reasons for a start of a note, by weight
_ALL_REASONS = _IN_TEXT + _PARTED + _PLACED + _SIGNED
_UNSEEN = 4  # numbers from that of the last mark on; marks at the start of a line are not seen
_SMALLER = 0.94  # of the size of the text: smaller lines may be notes
_GAP = 1.5  # of the size: a larger distance separates paragraphs
_WIDER = 1.25  # times the usual line distance: the same in a document with widely spaced lines
_FEWEST = 3  # different marks that show how a document marks its notes
_SHOWN = 5  # numbers of notes in a message
_TRY = (
    "Text of notes may be in other notes or in items. Compare them with the report, or try another format of it "
    "(PDF, Word, HTML, text)."
)


class _Way(NamedTuple):
    """A way to number notes: its name, the pattern of a mark in the text, and those of a note's start."""

    name: str
    mark: re.Pattern[str]
    starts: tuple[re.Pattern[str], ...]


_WAYS = (
    _Way("digits", _DIGIT_MARK, (_RAISED_START, _DIGIT_START)),
    _Way("digits", _FLAT_MARK, (_DIGIT_START,)),
    _Way("Roman numerals", _ROMAN_MARK, (_RAISED_ROMAN_START, _ROMAN_START)),
    _Way("numbers in brackets", _BRACKET_MARK, (_BRACKET_START, _DIGIT_START)),
)


class _Start(NamedTuple):
    """A line that may start a note: its column and place, its number, where its text begins, and the reasons for it."""

    at: tuple[int, int]
    number: int
    begin: int
    weight: int


class _Found(NamedTuple):
    """What a way to number notes finds: marked numbers, the size of the text, starts, and starts out of sequence."""

    way: _Way
    marked: set[int]
    size: float
    starts: list[_Start]
    aside: int


class Notes(NamedTuple):
    """The text of each column, the notes with their numbers, the pattern of marks, and what is doubtful, or ""."""

    texts: list[list[Line]]
    notes: list[tuple[int, list[Line]]]
    numbers: frozenset[int]
    mark: re.Pattern[str]
    doubt: str

    def marked(self, text: str, cell: int) -> Iterator[Run]:
        """Yield the runs of a text; marks of notes that were found have their numbers."""
        end = 0
        for match in self.mark.finditer(text):
            numbers = _numbers_of(match)
            if self.numbers.issuperset(numbers):
                yield Run(plain_roman(text[end : match.start()]), cell=cell)
                yield Run(",".join(map(str, numbers)), notes=numbers, cell=cell)
                end = match.end()
        yield Run(plain_roman(text[end:]), cell=cell)


def part_notes(columns: Sequence[Sequence[Line]]) -> Notes:
    """Separate the notes of a document from its text; notes are numbered in the way that most lines follow."""
    every = [found for way in _WAYS for found in _find_in(columns, way)]
    best = max(every, key=lambda found: (len(found.starts), found.way.mark is not _FLAT_MARK, len(found.marked)))
    numbers = frozenset(start.number for start in best.starts)
    shown = best.way.mark is not _FLAT_MARK and (numbers or len(best.marked) >= _FEWEST)
    missing = best.marked - numbers if shown else set()
    doubt = _doubt(best.way, len(best.starts), missing, best.aside)
    return Notes(*_part(columns, best), numbers, best.way.mark, doubt)


def _find_in(columns: Sequence[Sequence[Line]], way: _Way) -> Iterator[_Found]:
    """Yield what is found with each pattern of a note's start."""
    lines = [line for column in columns for line in column]
    found = [(line, matches) for line in lines if (matches := list(way.mark.finditer(line.text)))]
    marked = {number for _, matches in found for match in matches for number in _numbers_of(match)} - {0}
    size = usual_size([line for line, _ in found] or lines)
    for pattern in way.starts:
        candidates = _candidates(columns, pattern, marked, size)
        starts = _sequence(candidates)
        known = len(marked & {start.number for start in starts})
        if pattern is not _RAISED_START and not (2 * known >= len(marked) > 0 and known >= min(len(marked), 2)):
            candidates = starts = []
        aside = sum(start.weight == _ALL_REASONS for start in {*candidates} - {*starts})
        yield _Found(way, marked, size, starts, aside)


def _candidates(
    columns: Sequence[Sequence[Line]], pattern: re.Pattern[str], marked: set[int], size: float
) -> list[_Start]:
    """Return the lines that may start a note."""
    near = range(min(marked, default=0), max(marked, default=-_UNSEEN) + _UNSEEN)
    raised = pattern in {_RAISED_START, _RAISED_ROMAN_START}
    found: list[_Start] = []
    listed = False
    for number, column in enumerate(columns):
        begins = [pattern.match(line.text) for line in column]
        values = [_value_of(match[1]) if match else 0 for match in begins]
        for place, (line, match, value) in enumerate(zip(column, begins, values, strict=True)):
            listed = bool(_LISTED.fullmatch(line.text)) or (listed and not OPENS.match(line.text))
            if match is None or not value:
                continue
            if not raised and (value not in near or OPENS.match(line.text, match.end())):
                continue
            own = [line.text[match.end() :]]
            for after, other in zip(column[place + 1 : place + _SIGN_LINES], values[place + 1 :], strict=False):
                if other in near:
                    break
                own.append(after.text)
            before = column[place - 1] if place else None
            parted = before is None or ends_sentence(before.text) or fits_behind(before, line)
            weight = _IN_TEXT * (value in marked) + _PARTED * parted + _SIGNED * any(map(_SIGN.search, own))
            weight += _PLACED * (listed or line.size < _SMALLER * size)
            if weight & (_IN_TEXT + _PLACED) if raised else weight >= _PLACED and "\t" not in own[0]:
                found.append(_Start((number, place), value, match.end(), weight))
    return found


def _sequence(starts: Sequence[_Start]) -> list[_Start]:
    """Return the increasing numbers with the most reasons, in reading order; they may start again at 1."""
    keys: list[tuple[int, int]] = []  # increasing, as are the weights of the chains that end with them
    ends: list[int] = []  # the starts with these keys
    weights: list[int] = []
    before: list[int | None] = []  # for each start, the one before it in its chain; its weight includes all before
    run = 0
    for place, start in enumerate(starts):
        run += start.number == 1 and bool(start.weight & _PARTED and start.weight & (_PLACED + _SIGNED))
        key = (run, start.number)
        at = end = bisect_left(keys, key)
        before.append(ends[at - 1] if at else None)
        weights.append(start.weight + (weights[ends[at - 1]] if at else 0))
        while end < len(ends) and weights[ends[end]] < weights[place]:
            end += 1
        if keys[at : at + 1] != [key] or end > at:
            keys[at:end], ends[at:end] = [key], [place]
    chosen: list[_Start] = []
    last = ends[-1] if ends else None
    while last is not None:
        chosen.append(starts[last])
        last = before[last]
    return chosen[::-1]


def _doubt(way: _Way, count: int, missing: set[int], aside: int) -> str:
    """Say which marked notes were not found, and how many lines may be notes of another sequence."""
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    first = ", ".join(map(str, sorted(missing)[:_SHOWN]))
    doubts = [f"none has the number {first}{more}, which the text seems to mark"] if missing else []
    doubts += [f"{aside} more lines look like notes, but their numbers are out of sequence"] if aside else []
    return f"{count} notes numbered with {way.name} were found; {'; '.join(doubts)}. {_TRY}" if doubts else ""


def _numbers_of(mark: re.Match[str]) -> tuple[int, ...]:
    return tuple(_value_of(number) for number in re.split(r"[,;]\s?", mark[1]))


def _value_of(number: str) -> int:
    """Return the value of digits, superscript digits or Roman numerals, or 0."""
    return roman_number(plain_roman(number)) if number[0] in "ivxlc" + RAISED_ROMANS else superscript_number(number)


def _part(columns: Sequence[Sequence[Line]], found: _Found) -> tuple[list[list[Line]], list[tuple[int, list[Line]]]]:
    """Return the text of each column, and the notes: the lines from a start on, and the rest at the next foot."""
    starts = {start.at: start for start in found.starts}
    size = usual_size(columns[column][place] for column, place in starts)
    small = size < _SMALLER * found.size
    most = _SMALLER * found.size if small else size / _SMALLER
    texts: list[list[Line]] = []
    notes: list[tuple[int, list[Line]]] = []
    last: Line | None = None  # of the text
    for number, column in enumerate(columns):
        fits = [line.size < most for line in column]
        gap = _gap_of(column)
        inside: list[bool] = []  # whether each line belongs to a note that starts in this column
        for place, line in enumerate(column):
            near = place > 0 and (small or column[place - 1].y - line.y <= gap)  # gaps end notes as large as the text
            inside.append((number, place) in starts or (near and inside[-1] and fits[place]))
        rest = range(0)
        if notes and column[0].page <= notes[-1][1][-1].page + 1:
            ended = last is None or _LISTED.fullmatch(last.text) or CREDIT.match(last.text)
            split = last if last and not small and not ended and last.page < column[0].page else None
            rest = _rest_of_note(column, inside, fits, notes[-1][1], split, small=small)
        texts.append([])
        for place, line in enumerate(column):
            start = starts.get((number, place))
            if start:
                notes.append((start.number, [line._replace(text=line.text[start.begin :])]))
            elif inside[place] or place in rest:
                notes[-1][1].append(line)
            else:
                texts[-1].append(line)
        last = texts[-1][-1] if texts[-1] else last
    return texts, notes


def _rest_of_note(
    column: Sequence[Line], inside: Sequence[bool], fits: Sequence[bool], note: Sequence[Line], text: Line | None, *,
    small: bool,
) -> range:  # fmt: skip
    """Return the places of the lines at the foot of a column, above its notes, that continue the note before.

    `text` is the last line of the text if these lines may continue it instead. After its URL, a note as large as the
    text continues only with the rest of the URL, or an access date.
    """
    top = max((place + 1 for place, fit in enumerate(fits) if not fit), default=0)
    end = inside.index(True) if True in inside else len(column)
    if end <= top or not all(inside[end:]):
        return range(0)
    steps = [before.y - line.y for before, line in pairwise(column[top:end])]
    gap = _gap_of(column[top:])
    start = top + max((place + 1 for place, step in enumerate(steps) if step > gap), default=0)
    lines = column[start:end]
    if fits_behind(note[-1], lines[0]) or any(_DIGIT_MARK.search(line.text) for line in lines):
        return range(0)
    if (
        OPENS.match(lines[0].text)
        or part_heading(lines[0].text)
        or (text and start == 0 and not fits_behind(text, lines[0]) and not ends_sentence(text.text))
    ):
        return range(0)
    if (
        not small
        and any("://" in line.text for line in note)
        and " " in lines[0].text.strip()
        and not _SIGN.search(lines[0].text)
    ):
        return range(0)
    parted = start > top and steps[start - top - 1] >= max(steps)
    return range(start, end) if small or parted or (start == 0 and end < len(column)) else range(0)


def _gap_of(lines: Sequence[Line]) -> float:
    """Return the distance beyond which lines are different paragraphs."""
    steps = sorted(before.y - line.y for before, line in pairwise(lines))
    return max(_GAP * lines[0].size, _WIDER * steps[len(steps) // 4] if steps else 0.0)
