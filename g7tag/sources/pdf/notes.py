"""Separate a document's notes from its text: they start with numbers in sequence, which marks in the text show."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from g7tag.sources.blocks import Run
from g7tag.sources.headings import ITEM_START, MEMBER_HEADING, OPENS
from g7tag.sources.marks import RAISED_ROMANS, SUPERSCRIPTS, plain_roman, roman_number, superscript_number
from g7tag.sources.pdf.lines import Line, ends_sentence, first_word, fits_behind, usual_size

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
_NOTE_END = re.compile(r"://\S+$|[.!?]['\"”’)\]]*$")
_SIGN = re.compile(
    rf"https?:|www\.|\b[Aa]ccess|\bn\.d\.|\bIbid|\b\d{{1,2}} {_MONTH},? \d{{4}}|\b{_MONTH} \d{{1,2}}, \d{{4}}"
)
_SIGN_LINES = 8  # lines of a note within which it shows signs of a citation
_IN_TEXT, _PARTED, _PLACED, _SIGNED = 1, 2, 4, 8  # reasons for a start of a note, by weight
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


Columns = Sequence[tuple[int, Sequence[Line]]]
"""The page and the lines of each column of a document."""


class _Way(NamedTuple):
    """A way to number notes: its name, and the patterns of a note's start and of a mark in the text."""

    name: str
    start: re.Pattern[str]
    mark: re.Pattern[str]


_WAYS = (
    _Way("digits", _RAISED_START, _DIGIT_MARK),
    _Way("digits", _DIGIT_START, _DIGIT_MARK),
    _Way("digits", _DIGIT_START, _FLAT_MARK),
    _Way("Roman numerals", _RAISED_ROMAN_START, _ROMAN_MARK),
    _Way("Roman numerals", _ROMAN_START, _ROMAN_MARK),
    _Way("numbers in brackets", _BRACKET_START, _BRACKET_MARK),
    _Way("numbers in brackets", _DIGIT_START, _BRACKET_MARK),
)


class _Marks(NamedTuple):
    """The numbers that are marked in a text, and the usual size of lines with marks, or of all lines."""

    numbers: set[int]
    size: float


class _Start(NamedTuple):
    """A line that may start a note: its column and place, its number, where its text begins, and the reasons for it."""

    column: int
    place: int
    number: int
    begin: int
    weight: int


class Zone(NamedTuple):
    """The lines of a column's text, and those of its notes with the number of the note that starts there, or 0."""

    text: list[Line]
    notes: list[tuple[int, Line]]


class Notes(NamedTuple):
    """The text and notes of each column, the notes' numbers, the way they are marked, and what is doubtful, or ""."""

    zones: list[Zone]
    numbers: frozenset[int]
    way: _Way
    doubt: str

    def marked(self, text: str, cell: int) -> Iterator[Run]:
        """Yield the runs of a text; marks of notes that were found have their numbers."""
        end = 0
        for match in self.way.mark.finditer(text):
            numbers = _numbers_of(match)
            if self.numbers.issuperset(numbers):
                yield Run(plain_roman(text[end : match.start()]), cell=cell)
                yield Run(",".join(map(str, numbers)), notes=numbers, cell=cell)
                end = match.end()
        yield Run(plain_roman(text[end:]), cell=cell)


def part_notes(columns: Columns) -> Notes:
    """Separate the notes of a document from its text; notes are numbered in the way that most lines follow."""
    marks = {mark: _marks_of(columns, mark) for mark in dict.fromkeys(way.mark for way in _WAYS)}
    found = [(way, *_starts_of(columns, way, marks[way.mark])) for way in _WAYS]
    shown = {mark: 0 if mark is _FLAT_MARK else len(each.numbers) for mark, each in marks.items()}
    way, starts, aside = max(found, key=lambda each: (len(each[1]), shown[each[0].mark]))
    numbers = frozenset(start.number for start in starts)
    least = 1 if starts else _FEWEST
    missing = marks[way.mark].numbers - numbers if shown[way.mark] >= least else set()
    places = {(start.column, start.place): start for start in starts}
    doubt = _doubt(way, len(starts), missing, aside)
    return Notes(_zones(columns, places, marks[way.mark].size), numbers, way, doubt)


def _marks_of(columns: Columns, mark: re.Pattern[str]) -> _Marks:
    """Return the marks of the text, except powers of units."""
    lines = [line for _, column in columns for line in column]
    found = [(line, matches) for line in lines if (matches := list(mark.finditer(line.text)))]
    numbers = {number for _, matches in found for match in matches for number in _numbers_of(match)}
    return _Marks(numbers - {0}, usual_size([line for line, _ in found] or lines))


def _starts_of(columns: Columns, way: _Way, marks: _Marks) -> tuple[list[_Start], int]:
    """Return the lines that start notes, and how many others look like such lines but are out of sequence."""
    candidates = _candidates(columns, way, marks)
    starts = _sequence(candidates)
    known = {start.number for start in starts} & marks.numbers
    signed = sum(start.weight >= _SIGNED for start in starts)
    enough = 2 * len(known) >= len(marks.numbers) > 0 and (len(known) > 1 or len(marks.numbers) == 1)
    if not (enough and 2 * signed >= len(starts)) and way.start is not _RAISED_START:
        return [], 0
    others = {*candidates} - {*starts}
    return starts, sum(start.weight == _IN_TEXT + _PARTED + _PLACED + _SIGNED for start in others)


def _candidates(columns: Columns, way: _Way, marks: _Marks) -> list[_Start]:
    """Return the lines that may start a note."""
    near = range(min(marks.numbers, default=0), max(marks.numbers, default=-_UNSEEN) + _UNSEEN)
    found: list[_Start] = []
    listed, raised = False, way.start in {_RAISED_START, _RAISED_ROMAN_START}
    for number, (_, column) in enumerate(columns):
        begins = [way.start.match(line.text) for line in column]
        values = [_value_of(match[1]) if match else 0 for match in begins]
        for place, (line, match, value) in enumerate(zip(column, begins, values, strict=True)):
            listed = bool(_LISTED.fullmatch(line.text)) or (
                listed and not (ITEM_START.match(line.text) or MEMBER_HEADING.match(line.text))
            )
            if match is None or not value or not (raised or value in near):
                continue
            if not raised and OPENS.match(line.text, match.end()):
                continue
            head = line.text[match.end() :]
            rest = zip(column[place + 1 : place + _SIGN_LINES], values[place + 1 :], strict=False)
            own = [head, *(each.text for each, _ in takewhile(lambda pair: pair[1] not in near, rest))]
            weight = _IN_TEXT * (value in marks.numbers) + _PARTED * (place == 0 or _is_parted(column[place - 1], line))
            weight += _PLACED * (listed or line.size < _SMALLER * marks.size) + _SIGNED * any(map(_SIGN.search, own))
            if weight & (_IN_TEXT + _PLACED) if raised else weight >= _PLACED and "\t" not in head:
                found.append(_Start(number, place, value, match.end(), weight))
    return found


def _is_parted(before: Line, line: Line) -> bool:
    """Whether the line before ends like a note or a paragraph."""
    return bool(_NOTE_END.search(before.text)) or before.size > line.size or not _continues(before, line)


class _Chain(NamedTuple):
    """The last start of an increasing sequence, its reasons in all, and the sequence before it."""

    start: _Start
    weight: int
    before: "_Chain | None"


def _sequence(starts: Sequence[_Start]) -> list[_Start]:
    """Return the increasing numbers with the most reasons, in reading order; they may start again at 1."""
    keys: list[tuple[int, int]] = []  # increasing, as are the weights of the chains that end with them
    chains: list[_Chain] = []
    run = 0
    for start in starts:
        run += start.number == 1 and bool(start.weight & _PARTED and start.weight & (_PLACED + _SIGNED))
        key = (run, start.number)
        at = bisect_left(keys, key)
        before = chains[at - 1] if at else None
        chain = _Chain(start, start.weight + (before.weight if before else 0), before)
        end = at
        while end < len(chains) and chains[end].weight < chain.weight:
            end += 1
        if keys[at : at + 1] != [key] or end > at:
            keys[at:end], chains[at:end] = [key], [chain]
    last = chains[-1] if chains else None
    chosen: list[_Start] = []
    while last:
        chosen.append(last.start)
        last = last.before
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
    letters = plain_roman(number)
    return (
        superscript_number(letters) if letters[0] in SUPERSCRIPTS or letters[0].isdecimal() else roman_number(letters)
    )


def _zones(columns: Columns, found: Mapping[tuple[int, int], _Start], text_size: float) -> list[Zone]:
    """Part each column: notes are the lines from a start on, and at the foot the rest of the note before."""
    size = usual_size(columns[column][1][place] for column, place in found)
    most = _SMALLER * text_size
    small = size < most
    zones: list[Zone] = []
    last: tuple[int, Line] | None = None  # page and line of the text
    note: tuple[int, Line] | None = None  # the same of the notes
    for number, (page, column) in enumerate(columns):
        starts = [found.get((number, place)) for place in range(len(column))]
        fits = [line.size < most if small else _SMALLER * size < line.size < size / _SMALLER for line in column]
        inside = _after_starts(column, starts, fits, small=small)
        rest = range(0)
        if note and page <= note[0] + 1:
            listed = last and _LISTED.fullmatch(last[1].text)
            text = last[1] if last and last[0] < page and not (small or listed) else None
            rest = _rest_of_note(column, inside, fits, note[1], text, small=small)
        zone = Zone([], [])
        for place, (line, start) in enumerate(zip(column, starts, strict=True)):
            if start:
                zone.notes.append((start.number, line._replace(text=line.text[start.begin :])))
            elif inside[place] or place in rest:
                zone.notes.append((0, line))
            else:
                zone.text.append(line)
        last = (page, zone.text[-1]) if zone.text else last
        note = (page, zone.notes[-1][1]) if zone.notes else note
        zones.append(zone)
    return zones


def _after_starts(
    column: Sequence[Line], starts: Sequence[_Start | None], fits: Sequence[bool], *, small: bool
) -> list[bool]:
    """Whether each line belongs to a note that starts in its column; a gap ends notes as large as the text."""
    gap = _gap_of(column)
    inside: list[bool] = []
    for place, start in enumerate(starts):
        goes_on = place > 0 and inside[-1] and fits[place] and (small or column[place - 1].y - column[place].y <= gap)
        inside.append(start is not None or goes_on)
    return inside


def _rest_of_note(
    column: Sequence[Line], inside: Sequence[bool], fits: Sequence[bool], note: Line, text: Line | None, *, small: bool
) -> range:
    """Return the places of the lines at the foot of a column, above its notes, that continue the note before.

    `text` is the last line of the text if these lines may continue it instead.
    """
    top = max((place + 1 for place, fit in enumerate(fits) if not fit), default=0)
    end = inside.index(True) if True in inside else len(column)
    if end <= top or not all(inside[end:]):
        return range(0)
    steps = [before.y - line.y for before, line in pairwise(column[top:end])]
    gap = _gap_of(column[top:])
    start = top + max((place + 1 for place, step in enumerate(steps) if step > gap), default=0)
    lines = column[start:end]
    if not _continues(note, lines[0]) or any(_DIGIT_MARK.search(line.text) for line in lines):
        return range(0)
    if OPENS.match(lines[0].text) or (
        text and start == 0 and _continues(text, lines[0]) and not ends_sentence(text.text)
    ):
        return range(0)
    parted = start > top and steps[start - top - 1] >= max(steps)
    return range(start, end) if small or parted or (start == 0 and end < len(column)) else range(0)


def _continues(before: Line, line: Line) -> bool:
    """Whether the first word of a line does not fit in the line before it."""
    return not fits_behind(before, line, first_word(line.text))


def _gap_of(lines: Sequence[Line]) -> float:
    """Return the distance beyond which lines are different paragraphs."""
    steps = sorted(before.y - line.y for before, line in pairwise(lines))
    return max(_GAP * lines[0].size, _WIDER * steps[len(steps) // 4] if steps else 0.0)
