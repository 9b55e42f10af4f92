"""Find the places of a text at which its numbered notes start."""

import re

from g7tag.evidence.dates import ACCESS_SIGN
from g7tag.evidence.urls import looks_like_url
from g7tag.sources import SUPERSCRIPTS, superscript_number

_MONTH_AHEAD = r"(?=[ \t])(?![ \t](?:[A-Z][a-z]{2,8}) \d{4})"  # digits before it are the day of a date
_NOTE_START = re.compile(
    rf"(?:(?<=\s)|^)(?:[{SUPERSCRIPTS}]{{1,5}}(?=\s{{0,2}}[^\s{SUPERSCRIPTS}])|\d{{1,5}}{_MONTH_AHEAD}(?=[ \t]\S))",
    re.M,
)
_CITATION_SIGN = re.compile(rf"{ACCESS_SIGN}|https?://|\bn\.d\.")
_NUMBER = re.compile(rf"(?:(?<=\s)|^)[{SUPERSCRIPTS}]")
_SIGN_WITHIN = 700  # characters within which a note shows a citation's signs
_LINE_WITHIN = 2_000  # characters of a line before a note that are looked at
_SAME_WORDS = 40  # characters by which two notes of one number are told apart
_GREATEST_GAP = 10  # between the numbers of neighbouring notes


def note_starts(text: str) -> dict[int, int]:
    """Return place -> number of each note: digits that open a line or follow a space, signs of a citation behind.

    The numbers of notes that superscript digits open at a line's start tell the range; plain digits, and digits inside
    a line, open a note only if their number is in the range, or follows it, and no line opens with it. Where no
    superscript digits do, plain digits at a line's start are notes if their numbers follow one another. Where a number
    could open a note at two places, the one with a citation in its own paragraph does.
    """
    found: dict[str, dict[int, int]] = {"line": {}, "loose": {}, "plain": {}, "later": {}}
    for match in _NOTE_START.finditer(text):
        number, before = superscript_number(match[0]), _before_in_line(text, match.start())
        opens_line, superscript = not before, match[0][0] in SUPERSCRIPTS
        sign = _CITATION_SIGN.search(text, match.end(), match.end() + _SIGN_WITHIN)
        if sign and (superscript or not _is_counted(text, match, sign.start(), before)):
            own = "\n\n" not in text[match.end() : sign.start()]
            kind = "later" if not opens_line else "plain" if not superscript else "line" if own else "loose"
            found[kind].setdefault(number, match.start())
    first = found["loose"] | found["line"] or _dense(found["plain"])
    if not first:
        return {}
    others = found["later"] | found["plain"]
    least, most = min(first), max(first)
    while most + 1 in others:  # the last notes of a block may be those with plain digits
        most += 1
    within = {number: place for number, place in others.items() if least <= number <= most and number not in first}
    return {place: number for number, place in sorted((first | within).items(), key=lambda pair: pair[1])}


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
