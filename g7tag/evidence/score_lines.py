"""Read the lines that give a member's score, in any of the forms that reports print, and join rows that wrap."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from g7tag.sources.headings import DASHES, MEMBER_HEADING, NUMBER, SCORE, plain_name

_WORDS = rf"(?:\s*[,({DASHES}]?\s*(?:[A-Za-z]+[ -]){{0,4}}(?i:compliance|progress)\)?)?\.?"  # behind a score
_SCORED = re.compile(rf"\s*(?::\s*|[{DASHES}]\s+)(?P<score>{NUMBER}){_WORDS}|\s*[(\[]\s?(?P<within>{NUMBER})\s?[)\]]")
"""What follows the member's name if it is a score."""
_UNREAD = re.compile(
    rf"\s*[:{DASHES}]\s*\S{{0,12}}|\s+{SCORE}|\s*[(\[][\W\dNnAa/]{{1,12}}[)\]]"
    rf"|\s*[:{DASHES}][^.]{{0,40}}?(?i:complian|progress|score)[^.]{{0,30}}"
    rf"|[\s(\[][^.]{{0,40}}?[:(\[{DASHES}]\s*{SCORE}[)\]]?"
)
"""What follows it if it is a heading without a clear score."""
_YEAR = re.compile(r"\W*\d{4}\W*")
_CELL = re.compile(rf"[+＋(\d{DASHES}]")  # of a table of scores


class ScoreLine(NamedTuple):
    """A line that heads a member's section. The score is None if the line gives none, or another number."""

    member: str
    score: int | None
    alone: bool = False  # whether the line is only the name


def read_score_line(text: str, names: Mapping[str, str], *, strict: bool = False) -> ScoreLine | None:
    """Return the member and the score of a line, or None if it is another line, such as a sentence."""
    known = _named(frozenset(names)).fullmatch(text)
    if known:
        member, rest = names[plain_name(known["name"])], (known["rest"] or "").rstrip()
        if found := _SCORED.fullmatch(rest):
            number = found["score"] or found["within"]
            doubtful = number == "1" and rest.lstrip()[0] not in ":("  # a minus 1, or a note
            return ScoreLine(member, None if doubtful else _whole(number))
        return ScoreLine(member, None, alone=not rest) if not rest or _UNREAD.fullmatch(rest) else None
    if not strict and MEMBER_HEADING.fullmatch(text):
        name, _, printed = text.rpartition(":")
        return ScoreLine(names.get(plain_name(name), name.strip()), _whole(printed))
    return None


def join_wrapped_names(lines: Sequence[str], names: Collection[str]) -> list[str]:
    """Return the lines of a table; two lines in which members' names wrap, one or several, are one."""
    firsts = {name.partition(" ")[0] for name in names if " " in name}
    joined: list[str] = []
    for line in lines:
        whole = _join_names(joined[-1], line, firsts, names) if joined else ""
        joined[-1:] = [whole] if whole else [*joined[-1:], line]
    return joined


def _join_names(before: str, after: str, firsts: Collection[str], names: Collection[str]) -> str:
    """Return two lines as one if all names that start in the first end in the second, else ""."""
    words, following = before.split(), after.split()
    waiting = [place for place, word in enumerate(words) if plain_name(word) in firsts]
    if waiting[-1:] == [len(words) - 1] and re.fullmatch(NUMBER, after):
        return f"{before} {after}"  # a figure between the two lines of a name
    start = next((place for place, word in enumerate(following) if _CELL.match(word)), len(following))
    ends = [" ".join(following[:start])] if len(waiting) == 1 else following[:start]
    has_cells = bool(waiting) and any(map(_CELL.match, words[waiting[0] :]))
    if not waiting or len(waiting) != len(ends) or (has_cells and start < len(following)):
        return ""
    for place, end in zip(waiting, ends, strict=True):
        words[place] += f" {end}"
    known = all(plain_name(words[place]) in names for place in waiting)
    return " ".join([*words, *following[start:]]) if known else ""


def names_a_year(text: str) -> bool:
    """Return whether the figure of a line is a year, such as on a title page."""
    return bool(_YEAR.search(text))


def read_score(number: str) -> int:
    """Return a printed score; any dash counts as minus."""
    return int(float(plain_sign(number)))


def plain_sign(number: str) -> str:
    """Return a printed number with a plain sign, without spaces, and with a decimal point."""
    return re.sub(f"[{DASHES}]", "-", "".join(number.split())).replace("＋", "+").replace(",", ".")


def _whole(number: str) -> int | None:
    """Return a printed number if it is a score of the guidelines; other numbers are never rounded."""
    value = float(plain_sign(number))
    return int(value) if value in {-1, 0, 1} else None


@lru_cache(maxsize=64)
def _named(names: frozenset[str]) -> re.Pattern[str]:
    """Return the pattern of a name, with or without a number before it, and the rest of its line."""
    longest = sorted(names, key=len, reverse=True)
    dotted = [
        r"\.?".join([*map(re.escape, name), ""]) if len(name) <= len("usa") else re.escape(name) for name in longest
    ]
    name = rf"(?=[^\W\d_a-zà-ÿ])(?i:(?:the )?(?:{'|'.join(dotted) or '(?!)'}))"
    initials = rf"(?:\s\([A-Z]{{2,4}}\)(?=\s*[:(\[{DASHES}]))?"
    return re.compile(rf"(?:\d{{1,2}}[.)]\s*)?(?P<name>{name}){initials}(?P<rest>[\s:(\[{DASHES}].*)?", re.DOTALL)
