"""Read plain text: its paragraphs and notes, in any order that text extraction left them."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from g7tag.sources.blocks import NOTE, PARAGRAPH, ROW, Block, Run
from g7tag.sources.dates import ACCESS_SIGN, MONTH
from g7tag.sources.headings import (
    ASSESSMENT,
    AVERAGE,
    CHAPTER_HEADING,
    CLOSING_LINE,
    CONCLUSION_START,
    CREDIT,
    ITEM_START,
    MEMBER_HEADING,
    part_heading,
)
from g7tag.sources.marks import SUPERSCRIPTS, superscript_number

_DAY = rf"(?:[012]?\d|3[01])[ \t](?:{MONTH}),? \d{{4}}"
_NOTE_START = re.compile(
    rf"(?:(?<=\s)|^)(?:[{SUPERSCRIPTS}]{{1,5}}(?=\s{{0,2}}[^\s{SUPERSCRIPTS}])|(?!{_DAY})\d{{1,5}}(?=[ \t]\S))",
    re.M,
)
_CITATION_SIGN = re.compile(rf"{ACCESS_SIGN}|https?://|\bn\.d\.")
_OPENS_PARAGRAPH = re.compile(r"(?:\A|\n\n|\f\n?)\Z")
_MARK = re.compile(rf"(?<=[^\s{SUPERSCRIPTS}])[{SUPERSCRIPTS}]{{1,5}}")  # after a word, or after another mark's comma
_NOTE_NUMBER = re.compile(rf"[{SUPERSCRIPTS}]+\s*|\d+\s*")
_NUMBER = re.compile(rf"(?:(?<=\s)|^)[{SUPERSCRIPTS}]")
_SIGN_WITHIN = 700  # characters within which a note shows signs of a citation
_LINE_WITHIN = 2_000  # characters searched in the line before a note
_SAME_WORDS = 40  # characters compared to decide whether two notes of the same number differ
_ENDED = re.compile(r"[.!?]['\"”’)]*$")
_GREATEST_GAP = 10  # between the numbers of adjacent notes
BULLET = re.compile(r"\s*[•▪◦‣·*–—-]\s+")
_FEWEST_WRAPPED = 20  # lines in wrapped text
_WIDTH = 0.95  # quantile of the lengths of lines that is the width; addresses may be longer
_FULL = 0.8  # of the width: most lines of wrapped text are longer
_LINE = re.compile(r"[^\n\f]+")
_PAGE_NUMBER = re.compile(r"\s*(?:[Pp]age )?(?!0\s*$)\d{1,4}\s*$")  # a 0 is a score
_LONGEST_FURNITURE = 80  # characters of a running head
_FEWEST_REPEATS = 3
_OPENER = re.compile(r"On|In|From|Between|Since|During|By|As of")  # the first words of an item that notes cut
_AVERAGE = re.compile(rf"{AVERAGE}\b")  # several chapters may print the same average
_HEADED = 3_000  # characters within which the assessment follows a chapter's heading, but not a running head
_CLOSES = re.compile(rf"\s*(?:Thus|Therefore)\b|{CREDIT.pattern}")
_PLAIN_MARK = r"(?<=\w[.!?\"”])['\"”’)]*\d{3,5}"  # after a sentence; the parts of a version have fewer digits
_LINKED = re.compile(r"[/_\-\\$]")
_ACCESSED = re.compile(ACCESS_SIGN)
_URL = re.compile(r"ttps?://")
_OPEN_URL = re.compile(r"(?:[-_.]|//)$")


class _Starts(NamedTuple):
    """Number -> position of notes with signs of a citation, and of those without; numbers that two notes share."""

    sourced: dict[int, int]
    bare: dict[int, int]
    repeated: set[int]


def _note_starts(text: str) -> _Starts:
    """Return where the notes of a text start."""
    found: dict[str, dict[int, int]] = {"line": {}, "loose": {}, "plain": {}, "later": {}, "bare": {}}
    repeated: set[int] = set()
    for match in _NOTE_START.finditer(text):
        number, before = superscript_number(match[0]), _before_in_line(text, match.start())
        opens_line, superscript = not before, match[0][0] in SUPERSCRIPTS
        sign = _CITATION_SIGN.search(text, match.end(), match.end() + _SIGN_WITHIN)
        if sign and (superscript or not _is_counted(text, match, sign.start(), before)):
            own = "\n\n" not in text[match.end() : sign.start()]
            kind = "later" if not opens_line else "plain" if not superscript else "line" if own else "loose"
            first = found[kind].setdefault(number, match.start())
            if kind == "line" and not _same_words(text, first + len(match[0]), match.end()):
                repeated.add(number)
        elif superscript and opens_line and _opens_bare_note(text, match):
            found["bare"].setdefault(number, match.start())
    main = found["loose"] | found["line"] or _dense(found["plain"])
    if not main:
        return _Starts({}, {}, set())
    others = found["later"] | found["plain"]
    least, most = min(main), max(main)
    while most + 1 in others:  # the last notes of a block may have plain digits
        most += 1
    within = {number: place for number, place in others.items() if least <= number <= most and number not in main}
    sourced = main | within
    near = range(least - _GREATEST_GAP, most + _GREATEST_GAP + 1)
    marks = {superscript_number(mark[0]) for mark in _MARK.finditer(text)} if found["bare"] else set()
    wanted = marks & set(near) - set(sourced)
    return _Starts(sourced, {number: place for number, place in found["bare"].items() if number in wanted}, repeated)


def _opens_bare_note(text: str, match: re.Match[str]) -> bool:
    """Return whether digits start a paragraph that may be a note without a source, and is not an item."""
    before = text[max(match.start() - 2, 0) : match.start()]
    return bool(_OPENS_PARAGRAPH.search(before)) and not ITEM_START.match(text, match.end())


def _same_words(text: str, first: int, other: int) -> bool:
    """Whether the same words stand at two positions."""
    return text[first : first + _SAME_WORDS].split() == text[other : other + _SAME_WORDS].split()


def _before_in_line(text: str, place: int) -> str:
    """Return the text before a position in its line, at most `_LINE_WITHIN` characters."""
    least = max(place - _LINE_WITHIN, 0)
    return text[max(text.rfind("\n", least, place) + 1, least) : place].strip()


def _is_counted(text: str, digits: re.Match[str], sign: int, before: str) -> bool:
    """Whether plain digits are a number in the text or a title rather than the start of a note."""
    if before and not (_CITATION_SIGN.search(before) or looks_like_url(before)):
        return True
    if _NUMBER.search(text, digits.end(), sign):
        return True
    opened = [line.start() for line in _NUMBER.finditer(text, max(digits.start() - _SIGN_WITHIN, 0), digits.start())]
    note = text[opened[-1] : digits.start()] if opened else "\n\n"
    return "\n\n" not in note and not _CITATION_SIGN.search(note)


def _dense(places: dict[int, int]) -> dict[int, int]:
    """Return the longest run of numbers with small gaps (notes may be out of order), or nothing for a single number."""
    best: list[int] = []
    run: list[int] = []
    for number in sorted(places):
        run = [*run, number] if run and number - run[-1] <= _GREATEST_GAP else [number]
        best = run if len(run) > len(best) else best
    return {number: places[number] for number in best} if len(best) > 1 else {}


class _Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of the text."""

    start: int
    end: int


@dataclass
class _Note:
    """A note and its pieces of text, without its number. `sure` is False if a piece may belong to another note."""

    number: int
    spans: list[_Span] = field(default_factory=list)
    sure: bool = True
    has_url: bool = False
    is_dated: bool = False  # has an access date

    def add(self, text: str, span: _Span) -> None:
        """Add a piece of the text."""
        piece = text[span.start : span.end]
        self.spans.append(span)
        self.has_url = self.has_url or bool(_URL.search(piece))
        self.is_dated = self.is_dated or bool(_ACCESSED.search(piece))

    def is_open(self, text: str) -> bool:
        """Return whether the note ends within a URL."""
        ends = (text[span.start : span.end].rstrip(" \t\n$\\") for span in reversed(self.spans))
        return self.has_url and bool(_OPEN_URL.search(next(filter(None, ends), "")))


class _Paragraph(NamedTuple):
    """Body text in one or more pieces. `interrupted` is True if notes come directly before the first piece."""

    spans: list[_Span]
    interrupted: bool


class Lines(NamedTuple):
    """The blocks of a text, pieces of URLs that match no note, and numbers that two different notes share."""

    blocks: list[Block]
    strays: list[str]
    repeated: list[int]


def read_lines(text: str, *, pages: bool = True) -> Lines:
    """Return the paragraphs of a text, then its notes by number; `pages` leaves out page numbers and running heads."""
    starts = _note_starts(text)
    reader = _Reader(text, starts, _page_furniture(text) if pages else set())
    for line in _lines_of(text):
        bullet = BULLET.match(text, line.start, line.end)
        dated = bullet and ITEM_START.match(text, bullet.end(), line.end)
        reader.take(_Span(bullet.end(), line.end) if bullet and dated else line)
    reader.end_block()
    body = [_block(text, each.spans)._replace(interrupted=each.interrupted) for each in reader.paragraphs]
    notes = [
        _block(text, note.spans)._replace(kind=NOTE, note=note.number, sure=note.sure)
        for note in sorted(reader.notes, key=lambda note: note.number)
    ]
    return Lines(body + notes, [text[span.start : span.end] for span in reader.strays], sorted(starts.repeated))


def _end_of_number(text: str, start: int, end: int) -> int:
    number = _NOTE_NUMBER.match(text, start, end)
    return number.end() if number else start


def _block(text: str, spans: Sequence[_Span]) -> Block:
    runs = tuple(Run(text[span.start : span.end], start=span.start) for span in spans)
    return Block(runs, ROW if any("\t" in run.text.strip() for run in runs) else PARAGRAPH)


def _wrapped_at(text: str) -> int:
    """Return the width in characters at which the lines of a text are wrapped, or 0 if they are not."""
    lengths = [len(line.rstrip()) for line, after in pairwise(text.splitlines()) if line.strip() and after.strip()]
    if len(lengths) < _FEWEST_WRAPPED:
        return 0
    width = sorted(lengths)[int(_WIDTH * len(lengths))]
    return width if sum(length >= _FULL * width for length in lengths) > len(lengths) / 2 else 0


def _sets_items_apart(text: str) -> bool:
    """Whether half of the lines that start with a date follow an empty line or a page end."""
    starts = [line.start for line in _lines_of(text) if ITEM_START.match(text, line.start, line.end)]
    apart = sum(bool(_OPENS_PARAGRAPH.search(text[max(start - 2, 0) : start])) for start in starts)
    return 2 * apart >= len(starts)


class _Reader:
    """Reads lines in order. `block` holds the notes since the last line of body text."""

    def __init__(self, text: str, starts: _Starts, furniture: set[_Span]) -> None:
        self.text = text
        self.furniture = furniture
        self.bare = starts.bare
        self.starts = {place: number for number, place in (starts.bare | starts.sourced).items()}
        self.order = sorted(self.starts)
        self.width = _wrapped_at(text) if _sets_items_apart(text) else 0
        self.paragraphs: list[_Paragraph] = []
        self.notes: list[_Note] = []
        self.strays: list[_Span] = []
        self.block: list[_Note] = []
        self.orphans: list[_Span] = []  # URL pieces of the block not yet assigned to a note
        self.after_notes = False
        self.end_of_last = -1
        self.last_is_note = False

    def take(self, line: _Span) -> None:
        """Assign one line to the body, to a note, or to the URLs that wait for the end of the block."""
        content = self.text[line.start : line.end]
        if not content.strip():
            return
        adjacent = self._is_next(line)
        starts = self._starts_in(line)
        before = self.text[line.start : starts[0] if starts else line.end]
        starts_note = bool(starts) and not before.strip()
        continues = self.last_is_note and self._continues(content, adjacent=adjacent and not self._turns_page(line))
        if starts_note or continues or looks_like_url(before):
            self._take_notes(line, continues=continues and not starts_note)
            self.last_is_note = True
        elif line in self.furniture:
            return
        else:
            self._take_body(line, adjacent=adjacent)
            self.last_is_note = False
        self.end_of_last = line.end

    def end_block(self) -> None:
        """Assign each orphaned URL piece of the block to a note without a URL, if the match is unique."""
        whole = [span for span in self.orphans if self._is_whole_url(span)]
        lacking = [note for note in self.block if not note.has_url]
        if len(whole) == len(lacking):
            for span, note in zip(whole, lacking, strict=True):
                note.add(self.text, span)
                note.sure = len(whole) == 1
            whole = []
        parts = [span for span in self.orphans if not self._is_whole_url(span)]
        waiting = [note for note in self.block if note.is_open(self.text)]
        if len(parts) == len(waiting) == 1:
            for span in parts:
                waiting[0].add(self.text, span)
            parts = []
        self.strays += sorted(whole + parts)
        self.block, self.orphans = [], []

    def _take_notes(self, line: _Span, *, continues: bool) -> None:
        """Split a line at the notes that start in it. Text before the first goes to the last note or waits."""
        places = [line.start, *self._starts_in(line), line.end]
        if self.text[places[0] : places[1]].strip():
            self._take_url(_Span(places[0], places[1]), continues=continues)
        for start, end in pairwise(places[1:]):
            self.block.append(_Note(self.starts[start]))
            self.block[-1].add(self.text, _Span(_end_of_number(self.text, start, end), end))
            self.notes.append(self.block[-1])
        self.after_notes = True

    def _take_url(self, piece: _Span, *, continues: bool) -> None:
        last = self.block[-1] if self.block else None
        whole = self._is_whole_url(piece)
        fits = last is not None and (not last.has_url if whole else last.is_open(self.text) or continues)
        if last is not None and fits:
            last.add(self.text, piece)
        else:
            self.orphans.append(piece)

    def _take_body(self, line: _Span, *, adjacent: bool) -> None:
        self.end_block()
        content = self.text[line.start : line.end]
        paragraphs = self.paragraphs
        if adjacent and not self.after_notes and paragraphs:
            last = paragraphs[-1].spans[-1]
            before = self.text[last.start : last.end]
            if self._is_within(before, content) or not _separates_lines(before, content):
                paragraphs[-1].spans.append(line)
                return
        paragraphs.append(_Paragraph([line], self.after_notes))
        self.after_notes = False

    def _is_within(self, before: str, content: str) -> bool:
        """Whether a line that starts with a date is in a paragraph: after a full line, where empty lines part items."""
        is_full = bool(self.width) and len(before.rstrip()) + len(" On") > self.width
        return is_full and bool(ITEM_START.match(content)) and not is_separate_line(before, item=False)

    def _is_next(self, line: _Span) -> bool:
        """Whether at most one line end separates a line from the last assigned line."""
        first = self.text.find("\n", max(self.end_of_last, 0), line.start)
        return first < 0 or self.text.find("\n", first + 1, line.start) < 0

    def _turns_page(self, line: _Span) -> bool:
        return self.text.find("\f", max(self.end_of_last, 0), line.start) >= 0

    def _continues(self, content: str, *, adjacent: bool) -> bool:
        """Whether a line continues the note before it."""
        if not self.block or ITEM_START.match(content) or MEMBER_HEADING.match(content) or CLOSING_LINE.match(content):
            return False
        note = self.block[-1]
        if note.number in self.bare:  # it ends with its sentence: what follows may be evidence
            return adjacent and not _ENDED.search(self._text_of(note))
        single = len(content.split()) == 1 and not _is_punctuated(content)
        if note.has_url and not (adjacent and _CITATION_SIGN.search(content)):  # otherwise, it names a second source
            return (looks_like_url(content) or single) and (adjacent or note.is_open(self.text))
        return adjacent or bool((not note.is_dated and _ACCESSED.search(content)) or _URL.search(content))

    def _text_of(self, note: _Note) -> str:
        return self.text[note.spans[-1].start : note.spans[-1].end].rstrip()

    def _starts_in(self, line: _Span) -> list[int]:
        """Positions in a line at which a note starts."""
        return self.order[bisect_left(self.order, line.start) : bisect_left(self.order, line.end)]

    def _is_whole_url(self, span: _Span) -> bool:
        return bool(re.match(r"[\s$]*(?:h?ttps?://|www\.)", self.text[span.start : span.end]))


def _lines_of(text: str) -> Iterator[_Span]:
    """Return the spans of the lines of a text."""
    return (_Span(*match.span()) for match in _LINE.finditer(text))


def _page_furniture(text: str) -> set[_Span]:
    """Return page numbers and running heads: isolated numbers, and short isolated lines that repeat."""
    alone: dict[str, list[_Span]] = {}
    for line in _lines_of(text):
        content = text[line.start : line.end].strip()
        before, after = text[max(line.start - 2, 0) : line.start], text[line.end : line.end + 2]
        isolated = before in {"", "\n", "\n\n"} or "\f" in before
        isolated = isolated and (after in {"", "\n", "\n\n"} or "\f" in after)
        if (
            isolated
            and len(content) <= _LONGEST_FURNITURE
            and not part_heading(content)
            and not is_separate_line(content)
            and not looks_like_url(content)
            and not _AVERAGE.match(content)
            and not _OPENER.fullmatch(content)
            and not (CHAPTER_HEADING.fullmatch(content) and _heads_assessment(text, line.end))
        ):
            alone.setdefault(content, []).append(line)
    return {
        line
        for content, lines in alone.items()
        if _PAGE_NUMBER.match(content) or (len(lines) >= _FEWEST_REPEATS and not _is_punctuated(content))
        for line in lines
    }


def _heads_assessment(text: str, start: int) -> bool:
    """Whether the heading of an assessment follows soon."""
    return any(part_heading(line) == ASSESSMENT for line in text[start : start + _HEADED].splitlines())


def is_separate_line(content: str, *, item: bool = True) -> bool:
    """Return whether a line is a heading, table row or closing line, or (with `item`) starts an item or conclusion."""
    alone = MEMBER_HEADING.match(content) or CLOSING_LINE.match(content) or "\t" in content or _has_leaders(content)
    return bool(alone or (item and (ITEM_START.match(content) or CONCLUSION_START.match(content))))


def _separates_lines(before: str, content: str) -> bool:
    """Return whether a line of a text is apart from the line before it; otherwise they are one paragraph."""
    comma = before.rstrip().endswith(",") and not _CLOSES.match(content)
    if is_separate_line(content) and not (comma and _is_worded(content)):
        return True
    return is_separate_line(before, item=False) and not (_is_worded(before) and content.lstrip()[:1].islower())


def _is_worded(content: str) -> bool:
    """Whether a line is no heading, row or start of an item: it is a conclusion, a closing or other text."""
    return not (MEMBER_HEADING.match(content) or ITEM_START.match(content) or "\t" in content or _has_leaders(content))


def _has_leaders(content: str) -> bool:
    """Whether a line ends with dots and a page number."""
    line = content.rstrip()
    head = line.rstrip("0123456789")
    return head != line and head.rstrip().endswith(("...", ". . ."))


def _is_punctuated(piece: str) -> bool:
    """Whether text ends with a punctuation mark, perhaps before a note mark; URLs do not."""
    return bool(re.search(rf"[.,;:!?]['\"”’)]*[{SUPERSCRIPTS}]*\s*$|[{SUPERSCRIPTS}]\s*$|{_PLAIN_MARK}\s*$", piece))


def looks_like_url(piece: str) -> bool:
    """Return whether text is a URL or part of one, rather than a sentence."""
    piece = piece.strip(" \t$")
    if re.match(r"(?:h?ttps?://|www\.)\S", piece):
        return True
    tokens = piece.split()
    if _is_punctuated(piece):
        return False
    if len(tokens) == 1:
        return bool(re.search(r"[/_]|\w-\w+-|\.(?:html?|pdf|php|aspx?)$", piece))
    linked = [token for token in tokens if _LINKED.search(token)]
    most = 2 * len(linked) >= len(tokens) and sum(map(len, linked)) > 0.6 * sum(map(len, tokens))
    return bool(re.search(r"/|\w-\w+-\w+-\w", piece)) and most and not piece[0].isupper()
