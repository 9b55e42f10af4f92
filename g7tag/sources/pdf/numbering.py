"""Write the numbers of notes and their marks as superscript digits, in whatever way a document prints them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from g7tag.sources.headings import ITEM_START, MEMBER_HEADING, OPENS
from g7tag.sources.marks import RAISED_ROMANS, SUPERSCRIPTS, plain_roman, roman_number, superscript, superscript_number
from g7tag.sources.pdf.lines import Line, fits_behind
from g7tag.sources.pdf.wording import first_word

NOTE_START = re.compile(rf"[{SUPERSCRIPTS}]{{1,5}}\s*(?=[^\s,;{SUPERSCRIPTS}])")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:[a-z]{3,6})?\b"
PLAIN_NOTE_START = re.compile(rf"(?!(?:[12]?\d|3[01])[.)]?\s+{_MONTH})(\d{{1,5}})[.)]?\s+(?=\S)")
NOTE_END = re.compile(r"://\S+$|[.!?]['\"”’)\]]*$")
_ROMAN_START = re.compile(rf"([{RAISED_ROMANS}]{{1,9}})\s*(?=\S)")
_PLAIN_ROMAN_START = re.compile(r"([ivxlc]{1,9})[.)]?\s+(?=\S)")
_BRACKET_START = re.compile(r"\[(\d{1,5})\]\s*(?=\S)")
_DIGIT_MARK = re.compile(rf"(?<=[^\s{SUPERSCRIPTS}])[{SUPERSCRIPTS}]{{1,5}}(?![{SUPERSCRIPTS}])")
_FLAT_MARK = re.compile(r"(?<=[^\W\d_][.,;:!?\"”’')\]])(\d{1,5})(?!\d)(?=\s|$)|(?<=[.,!?][\"”’)])(\d{1,5})(?=\s|$)")
_ROMAN_MARK = re.compile(rf"(?<=[^\s{RAISED_ROMANS}])[{RAISED_ROMANS}]{{1,9}}")
_BRACKET_MARK = re.compile(r"(?<=\S)\s?\[(\d{1,5}(?:[,;]\s?\d{1,5})*)\]")
LISTED = re.compile(
    r"(?:End ?notes?|Foot ?notes?|Notes|References|Sources|Bibliography|Works Cited)\s*:?", re.IGNORECASE
)
_SIGN = re.compile(
    rf"https?:|www\.|\b[Aa]ccess|\bn\.d\.|\bIbid|\b\d{{1,2}} {_MONTH},? \d{{4}}|\b{_MONTH} \d{{1,2}}, \d{{4}}"
)
_SIGN_LINES = 8  # lines of a note within which it shows signs of a citation
_SMALLER = 0.94  # of the size of lines with marks
_POWER = re.compile(rf"m[²³](?![{SUPERSCRIPTS}])")
_FEWEST = 3  # different marks that show how a document marks its notes
_IN_TEXT, _PARTED, _PLACED, _SIGNED = 1, 2, 4, 8  # reasons for a start of a note, by weight
_SHOWN = 5  # numbers of notes in a message
_TRY = (
    "Text of notes may be in other notes or in items. Compare them with the report, or try another format of it "
    "(PDF, Word, HTML, text)."
)


class Numbered(NamedTuple):
    """The lines of each page, the numbers of the notes that were rewritten, and what is doubtful about them, or ""."""

    pages: list[list[Line]]
    notes: frozenset[int]
    doubt: str


class _Way(NamedTuple):
    """A way to number notes: its name, the patterns of a note's start and of a mark in the text."""

    name: str
    start: re.Pattern[str]
    mark: re.Pattern[str]


_WAYS = (
    _Way("digits", PLAIN_NOTE_START, _DIGIT_MARK),
    _Way("digits", PLAIN_NOTE_START, _FLAT_MARK),
    _Way("Roman numerals", _ROMAN_START, _ROMAN_MARK),
    _Way("Roman numerals", _PLAIN_ROMAN_START, _ROMAN_MARK),
    _Way("numbers in brackets", _BRACKET_START, _BRACKET_MARK),
)


class _Start(NamedTuple):
    """A line that may start a note: its page, its place on the page, its number, and the reasons for it, counted."""

    page: int
    place: int
    number: int
    weight: int


def number_notes(pages: Sequence[Sequence[Line]]) -> Numbered:
    """Return the pages with note numbers and marks as superscript digits."""
    raised = _marked(pages, _WAYS[0])
    kept = [value for match in _matches(pages, NOTE_START) if (value := _number_of(match[0])) in raised]
    found = [(way, _marked(pages, way)) for way in _WAYS]
    ways = [_starts_of(pages, way, marked) for way, marked in found]
    (way, marked), (starts, aside) = max(zip(found, ways, strict=True), key=lambda each: len(each[1].starts))
    if len(starts) > len(kept):
        missing = marked - {start.number for start in starts} - set(kept)
        return _rewritten(pages, way, starts, _doubt_of(way, len(starts), missing, aside))
    lost = [pair for pair, its in zip(found, ways, strict=True) if len(pair[1]) >= _FEWEST and not its.starts]
    doubts = (
        f"{len(marked)} {way.name} in the text look like note marks, but notes with them were not found. {_TRY}"
        for way, marked in lost
        if not kept and way.mark is not _FLAT_MARK
    )
    plain = [[line._replace(text=plain_roman(line.text)) for line in page] for page in pages]
    return Numbered(plain, frozenset(), next(doubts, ""))


class _Starts(NamedTuple):
    """The lines that start notes, and how many others look like such lines but are out of sequence."""

    starts: list[_Start]
    aside: int


def _starts_of(pages: Sequence[Sequence[Line]], way: _Way, marked: Set[int]) -> _Starts:
    """Return the lines that start a note in this way."""
    if not marked:
        return _Starts([], 0)
    candidates = _candidates(pages, way, marked)
    starts = [start for run in _runs(candidates) for start in _sequence(run)]
    known = {start.number for start in starts} & marked
    signed = sum(start.weight >= _SIGNED for start in starts)
    enough = 2 * len(known) >= len(marked) and 2 * signed >= len(starts) and (len(known) > 1 or len(marked) == 1)
    sure = sum(start.weight == _IN_TEXT + _PARTED + _PLACED + _SIGNED for start in {*candidates} - {*starts})
    return _Starts(starts, sure) if enough else _Starts([], 0)


def _candidates(pages: Sequence[Sequence[Line]], way: _Way, marked: Set[int]) -> list[_Start]:
    """Return the lines that may start a note."""
    small = _SMALLER * _size_of(line for page in pages for line in page if way.mark.search(line.text))
    least, most = min(marked), max(marked) + 1
    found: list[_Start] = []
    listed = False
    for number, page in enumerate(pages):
        matches = [way.start.match(line.text) for line in page]
        values = [_number_of(match[1]) if match else 0 for match in matches]
        begins = [least <= value <= most for value in values]
        for place, (line, match, value) in enumerate(zip(page, matches, values, strict=True)):
            listed = bool(LISTED.fullmatch(line.text)) or (
                listed and not (ITEM_START.match(line.text) or MEMBER_HEADING.match(line.text))
            )
            if match is None or not begins[place] or OPENS.match(line.text, match.end()):
                continue
            own = [line.text[match.end() :], *_rest_of(page, begins, place)]
            weight = _IN_TEXT * (value in marked) + _PARTED * _is_parted(page, place)
            weight += _PLACED * (listed or line.size < small) + _SIGNED * any(_SIGN.search(text) for text in own)
            if weight >= _SIGNED or (weight >= _PLACED and "\t" not in line.text):
                found.append(_Start(number, place, value, weight))
    return found


def _rest_of(page: Sequence[Line], begins: Sequence[bool], place: int) -> Iterator[str]:
    """Yield the lines that follow a note's first line, until another note may start."""
    for line, another in zip(page[place + 1 : place + _SIGN_LINES], begins[place + 1 :], strict=False):
        if another or line.y >= page[place].y:
            return
        yield line.text


def _is_parted(page: Sequence[Line], place: int) -> bool:
    """Whether the line before ends like a note or a paragraph."""
    if place == 0 or page[place].y >= page[place - 1].y:
        return True
    before, line = page[place - 1], page[place]
    return bool(NOTE_END.search(before.text)) or fits_behind(before, line, first_word(line)) or before.size > line.size


def _runs(starts: Sequence[_Start]) -> Iterator[list[_Start]]:
    """Split possible starts where the numbering starts again at 1."""
    run: list[_Start] = []
    for start in starts:
        if run and start.number == 1 and start.weight >= _SIGNED + _PARTED:
            yield run
            run = []
        run.append(start)
    if run:
        yield run


def _sequence(starts: Sequence[_Start]) -> list[_Start]:
    """Return the increasing numbers with the most reasons, in reading order."""
    ranks = {number: rank for rank, number in enumerate(sorted({start.number for start in starts}), start=1)}
    best = [(0, -1)] * (len(ranks) + 1)  # reasons of a sequence, and the index of its last start
    before: list[int] = []
    for index, start in enumerate(starts):
        rank, (weight, last) = ranks[start.number] - 1, (0, -1)
        while rank:
            weight, last = max((weight, last), best[rank], key=lambda each: each[0])
            rank -= rank & -rank
        before.append(last)
        rank, reached = ranks[start.number], (weight + start.weight, index)
        while rank < len(best):
            best[rank] = max(best[rank], reached, key=lambda each: each[0])
            rank += rank & -rank
    last = max((entry for entry in best), key=lambda each: each[0])[1]
    chosen: list[_Start] = []
    while last >= 0:
        chosen.append(starts[last])
        last = before[last]
    return chosen[::-1]


def _rewritten(pages: Sequence[Sequence[Line]], way: _Way, starts: Sequence[_Start], doubt: str) -> Numbered:
    """Write the starts of notes, and the marks of these notes, as superscript digits."""
    notes = frozenset(start.number for start in starts)
    begins = {(start.page, start.place): start.number for start in starts}

    def raised(match: re.Match[str]) -> str:
        numbers = [_number_of(number) for number in re.split(r"[,;]\s?", match[match.lastindex or 0])]
        return superscript(",".join(map(str, numbers))) if notes.issuperset(numbers) else match[0]

    rewritten: list[list[Line]] = []
    for number, page in enumerate(pages):
        lines = []
        for place, line in enumerate(page):
            match = way.start.match(line.text) if (number, place) in begins else None
            head = f"{superscript(str(begins[number, place]))} " if match else ""
            rest = line.text[match.end() :] if match else line.text
            rest = rest if way.mark is _FLAT_MARK else way.mark.sub(raised, rest)
            lines.append(line._replace(text=plain_roman(head + rest)))
        rewritten.append(lines)
    return Numbered(rewritten, notes, doubt)


def _doubt_of(way: _Way, count: int, missing: Set[int], aside: int) -> str:
    """Say which marked notes were not found, and how many lines may be notes of another sequence."""
    first = sorted(missing)[:_SHOWN]
    parts = []
    if missing and way.mark is not _FLAT_MARK:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        parts.append(f"none has the number {', '.join(map(str, first))}{more}, which the text seems to mark")
    if aside:
        parts.append(f"{aside} more lines look like notes, but their numbers are out of sequence")
    if not parts:
        return ""
    return f"{count} notes numbered with {way.name} were found; {'; '.join(parts)}. {_TRY}"


def _marked(pages: Sequence[Sequence[Line]], way: _Way) -> set[int]:
    """Return the numbers that are marked in the text, except powers of units."""
    found = (match for page in pages for line in page for match in way.mark.finditer(line.text))
    texts = (match[match.lastindex or 0] for match in found if not _POWER.match(match.string, match.start() - 1))
    return {_number_of(number) for text in texts for number in re.split(r"[,;]\s?", text)} - {0}


def _matches(pages: Sequence[Sequence[Line]], start: re.Pattern[str]) -> Iterator[re.Match[str]]:
    return (match for page in pages for line in page if (match := start.match(line.text)))


def _number_of(number: str) -> int:
    """Return the value of digits, superscript digits or Roman numerals, or 0."""
    letters = plain_roman(number.strip())
    return superscript_number(letters) if letters[:1].isdigit() else roman_number(letters)


def _size_of(lines: Iterator[Line]) -> float:
    """Return the most frequent size, or 0."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    return max(letters, key=lambda size: letters[size], default=0.0)
