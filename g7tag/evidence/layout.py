"""Take a report's lines apart into paragraphs of body text and notes, whatever order the extraction left them in."""

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise

from g7tag.evidence.dates import ACCESS_SIGN
from g7tag.evidence.paragraphs import Paragraph, join_paragraphs, lines_of, page_furniture, stands_alone
from g7tag.evidence.passage import Span
from g7tag.evidence.urls import ends_sentence, looks_like_url
from g7tag.sources import SUPERSCRIPTS, superscript_number
from g7tag.sources.headings import CLOSING_LINE, ITEM_START, MEMBER_HEADING

_MONTH_AHEAD = r"(?=[ \t])(?![ \t](?:[A-Z][a-z]{2,8}) \d{4})"  # digits before it are the day of a date
_NOTE_START = re.compile(
    rf"(?:(?<=\s)|^)(?:[{SUPERSCRIPTS}]{{1,5}}(?=\s{{0,2}}[^\s{SUPERSCRIPTS}])|\d{{1,5}}{_MONTH_AHEAD}(?=[ \t]\S))",
    re.M,
)
_CITATION_SIGN = re.compile(rf"{ACCESS_SIGN}|https?://|\bn\.d\.")
_OPENS_PARAGRAPH = re.compile(r"(?:\A|\n\n|\f\n?)\Z")
_MARK = re.compile(rf"(?<=[^\s{SUPERSCRIPTS}])[{SUPERSCRIPTS}]{{1,5}}")  # behind a word, or another mark's comma
_NUMBER = re.compile(rf"(?:(?<=\s)|^)[{SUPERSCRIPTS}]")
_SIGN_WITHIN = 700  # characters within which a note shows a citation's signs
_LINE_WITHIN = 2_000  # characters of a line before a note that are looked at
_SAME_WORDS = 40  # characters by which two notes of one number are told apart
_GREATEST_GAP = 10  # between the numbers of neighbouring notes


_ACCESSED = re.compile(ACCESS_SIGN)
_URL = re.compile(r"ttps?://")
_OPEN_URL = re.compile(r"(?:[-_.]|//)$")


def note_starts(text: str) -> dict[int, int]:
    """Return place -> number of each note: digits that open a line or follow a space, signs of a citation behind.

    The numbers of notes that superscript digits open at a line's start tell the range; plain digits, and digits inside
    a line, open a note only if their number is in the range, or follows it, and no line opens with it. Where no
    superscript digits do, plain digits at a line's start are notes if their numbers follow one another. Where a number
    could open a note at two places, the one with a citation in its own paragraph does. A paragraph without signs
    ("Ibid.") is a note if it opens with superscript digits that are a mark elsewhere, and no other note has the number.
    """
    found: dict[str, dict[int, int]] = {"line": {}, "loose": {}, "plain": {}, "later": {}, "bare": {}}
    for match in _NOTE_START.finditer(text):
        number, before = superscript_number(match[0]), _before_in_line(text, match.start())
        opens_line, superscript = not before, match[0][0] in SUPERSCRIPTS
        sign = _CITATION_SIGN.search(text, match.end(), match.end() + _SIGN_WITHIN)
        if sign and (superscript or not _is_counted(text, match, sign.start(), before)):
            own = "\n\n" not in text[match.end() : sign.start()]
            kind = "later" if not opens_line else "plain" if not superscript else "line" if own else "loose"
            found[kind].setdefault(number, match.start())
        elif superscript and opens_line and _OPENS_PARAGRAPH.search(text, max(match.start() - 2, 0), match.start()):
            found["bare"].setdefault(number, match.start())
    first = found["loose"] | found["line"] or _dense(found["plain"])
    if not first:
        return {}
    others = found["later"] | found["plain"]
    least, most = min(first), max(first)
    while most + 1 in others:  # the last notes of a block may be those with plain digits
        most += 1
    within = {number: place for number, place in others.items() if least <= number <= most and number not in first}
    sourced = first | within
    near = range(least - _GREATEST_GAP, most + _GREATEST_GAP + 1)
    marks = {superscript_number(mark[0]) for mark in _MARK.finditer(text)} if found["bare"] else set()
    bare = {number: place for number, place in found["bare"].items() if number in marks and number in near}
    return {place: number for number, place in sorted((bare | sourced).items(), key=lambda pair: pair[1])}


def repeated_numbers(text: str, starts: dict[int, int]) -> list[int]:
    """Return numbers that open two notes with different words, as where each chapter counts from 1."""
    known = {number: place for place, number in starts.items()}
    repeated: set[int] = set()
    for match in _NOTE_START.finditer(text):
        number = superscript_number(match[0])
        sign = _CITATION_SIGN.search(text, match.end(), match.end() + _SIGN_WITHIN)
        opens = match[0][0] in SUPERSCRIPTS and not _before_in_line(text, match.start())
        if opens and sign and "\n\n" not in text[match.end() : sign.start()] and number in known:
            first = known[number] + len(match[0])
            same = text[first : first + _SAME_WORDS].split() == text[match.end() : match.end() + _SAME_WORDS].split()
            repeated |= set() if same or known[number] == match.start() else {number}
    return sorted(repeated)


def _before_in_line(text: str, place: int) -> str:
    """What stands before a place in its line, the last `_LINE_WITHIN` characters of it."""
    least = max(place - _LINE_WITHIN, 0)
    return text[max(text.rfind("\n", least, place) + 1, least) : place].strip()


def _is_counted(text: str, digits: re.Match[str], sign: int, before: str) -> bool:
    """Whether plain digits count what the text or a title speaks of.

    They do inside a line that shows no signs before them, where the signs behind them are the next note's, and where
    the note that they stand in shows none yet.
    """
    if before and not (_CITATION_SIGN.search(before) or looks_like_url(before)):
        return True
    if _NUMBER.search(text, digits.end(), sign):
        return True
    opened = [line.start() for line in _NUMBER.finditer(text, max(digits.start() - _SIGN_WITHIN, 0), digits.start())]
    note = text[opened[-1] : digits.start()] if opened else "\n\n"
    return "\n\n" not in note and not _CITATION_SIGN.search(note)


def _dense(places: dict[int, int]) -> dict[int, int]:
    """The longest run of numbers with small gaps (notes stand out of order); a single one is no run."""
    best: list[int] = []
    run: list[int] = []
    for number in sorted(places):
        run = [*run, number] if run and number - run[-1] <= _GREATEST_GAP else [number]
        best = run if len(run) > len(best) else best
    return {number: places[number] for number in best} if len(best) > 1 else {}


@dataclass
class Note:
    """A numbered note as the pieces it was found in; `placed` is False where a piece of it may belong elsewhere."""

    number: int
    spans: list[Span] = field(default_factory=list)
    placed: bool = True
    has_url: bool = False
    is_dated: bool = False  # says when its source was read

    def add(self, text: str, span: Span) -> None:
        """Add a piece of the document's text."""
        piece = text[span.start : span.end]
        self.spans.append(span)
        self.has_url = self.has_url or bool(_URL.search(piece))
        self.is_dated = self.is_dated or bool(_ACCESSED.search(piece))

    def is_open(self, text: str) -> bool:
        """Whether the note ends within a URL."""
        ends = (text[span.start : span.end].rstrip(" \t\n$\\") for span in reversed(self.spans))
        return self.has_url and bool(_OPEN_URL.search(next(filter(None, ends), "")))


@dataclass
class Layout:
    """What a document's text consists of; `strays` are pieces of URLs that could be given to no note."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    strays: list[Span] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)  # numbers that open two notes

    @property
    def numbers(self) -> frozenset[int]:
        """Numbers of all notes."""
        return frozenset(note.number for note in self.notes)


def read_layout(text: str) -> Layout:
    r"""Return the paragraphs and notes of a document's text.

    Parameters
    ----------
    text
        Text of a report in which blocks of notes may interrupt paragraphs and sentences.

    Returns
    -------
    Layout
        Paragraphs in reading order, those that notes or a page end cut in two joined again; notes by number.

    Examples
    --------
    >>> text = "They agreed to share\n\n⁴⁴¹⁴ A law, Paper (Rome) n.d. https://a.it\n\ntheir data.⁴⁴¹⁴"
    >>> layout = read_layout(text)
    >>> [text[span.start : span.end] for span in layout.paragraphs[0].spans]
    ['They agreed to share', 'their data.⁴⁴¹⁴']
    >>> [note.number for note in layout.notes]
    [4414]
    """
    starts = note_starts(text)
    reader = _Reader(text, starts)
    reader.layout.repeated = repeated_numbers(text, starts)
    for line in lines_of(text):
        reader.take(line)
    reader.end_block()
    reader.layout.notes.sort(key=lambda note: note.number)
    reader.layout.paragraphs = join_paragraphs(text, reader.layout.paragraphs)
    return reader.layout


class _Reader:
    """Reads lines one after the other; `block` is the run of notes and URL pieces since the last line of body text."""

    def __init__(self, text: str, starts: dict[int, int]) -> None:
        self.text = text
        self.starts = starts
        self.order = sorted(starts)
        self.furniture = page_furniture(text)
        self.layout = Layout()
        self.block: list[Note] = []
        self.orphans: list[Span] = []  # URL pieces of the block that went to no note yet
        self.after_notes = False
        self.end_of_last = -1
        self.last_is_note = False

    def take(self, line: Span) -> None:
        """File one line under the body, a note, or a URL whose note is found when the block ends."""
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
        """Give each orphaned URL piece of the block to the one note that lacks it, where there is but one."""
        whole = [span for span in self.orphans if self._is_whole_url(span)]
        lacking = [note for note in self.block if not note.has_url]
        if len(whole) == len(lacking):
            for span, note in zip(whole, lacking, strict=True):
                note.add(self.text, span)
                note.placed = len(whole) == 1
            whole = []
        parts = [span for span in self.orphans if not self._is_whole_url(span)]
        waiting = [note for note in self.block if note.is_open(self.text)]
        if len(parts) == len(waiting) == 1:
            for span in parts:
                waiting[0].add(self.text, span)
            parts = []
        self.layout.strays += sorted(whole + parts)
        self.block, self.orphans = [], []

    def _take_notes(self, line: Span, *, continues: bool) -> None:
        """Split a line at the notes that start in it; what stands before the first goes to the last note or waits."""
        places = [line.start, *self._starts_in(line), line.end]
        if self.text[places[0] : places[1]].strip():
            self._take_url(Span(places[0], places[1]), continues=continues)
        for start, end in pairwise(places[1:]):
            self.block.append(Note(self.starts[start]))
            self.block[-1].add(self.text, Span(start, end))
            self.layout.notes.append(self.block[-1])
        self.after_notes = True

    def _take_url(self, piece: Span, *, continues: bool) -> None:
        last = self.block[-1] if self.block else None
        whole = self._is_whole_url(piece)
        fits = last is not None and (not last.has_url if whole else last.is_open(self.text) or continues)
        if last is not None and fits:
            last.add(self.text, piece)
        else:
            self.orphans.append(piece)

    def _take_body(self, line: Span, *, adjacent: bool) -> None:
        self.end_block()
        content = self.text[line.start : line.end]
        paragraphs = self.layout.paragraphs
        if adjacent and not self.after_notes and paragraphs and not stands_alone(content):
            previous = paragraphs[-1]
            if not stands_alone(self.text[previous.spans[-1].start : previous.spans[-1].end], item=False):
                previous.spans.append(line)
                return
        paragraphs.append(Paragraph([line], self.after_notes))
        self.after_notes = False

    def _is_next(self, line: Span) -> bool:
        """Whether at most the end of one line stands between a line and the last one that was filed."""
        first = self.text.find("\n", max(self.end_of_last, 0), line.start)
        return first < 0 or self.text.find("\n", first + 1, line.start) < 0

    def _turns_page(self, line: Span) -> bool:
        return self.text.find("\f", max(self.end_of_last, 0), line.start) >= 0

    def _continues(self, content: str, *, adjacent: bool) -> bool:
        """Whether a line goes on with the note before it."""
        if not self.block or ITEM_START.match(content) or MEMBER_HEADING.match(content) or CLOSING_LINE.match(content):
            return False
        note = self.block[-1]
        single = len(content.split()) == 1 and not ends_sentence(content)
        if note.has_url:
            return (looks_like_url(content) or single) and (adjacent or note.is_open(self.text))
        return adjacent or (not note.is_dated and bool(_ACCESSED.search(content)))

    def _starts_in(self, line: Span) -> list[int]:
        """Places in a line at which a note starts."""
        return self.order[bisect_left(self.order, line.start) : bisect_left(self.order, line.end)]

    def _is_whole_url(self, span: Span) -> bool:
        return bool(re.match(r"[\s$]*(?:h?ttps?://|www\.)", self.text[span.start : span.end]))
