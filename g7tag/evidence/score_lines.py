"""Read the lines that head a member's section with a score, in any of the forms that reports print."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from g7tag.sources.headings import DASHES, MEMBER_HEADING, NUMBER, SCORE
from g7tag.sources.members import plain_name

_WORDS = rf"(?:\s*[,({DASHES}]?\s*(?:[A-Za-z]+[ -]){{0,4}}(?i:compliance|progress)\)?)?\.?"  # behind a score
_FORMS = (
    (re.compile(rf"\s*:\s*(?P<score>{NUMBER}){_WORDS}"), False),
    (re.compile(rf"\s*[{DASHES}]\s+(?P<score>{NUMBER}){_WORDS}"), True),
    (re.compile(rf"\s*\(\s?(?P<score>{NUMBER})\s?\)"), False),
    (re.compile(rf"\s*\[\s?(?P<score>{NUMBER})\s?\]"), True),
)
"""What follows a member's name, and whether a 1 without a sign may mean something else: a minus 1, or a note."""
_UNREAD = re.compile(
    rf"\s*[:{DASHES}]\s*\S{{1,12}}|\s+{SCORE}|\s*[(\[][\W\dNnAa/]{{1,12}}[)\]]"
    rf"|\s*[:{DASHES}][^.]{{0,40}}?(?i:complian|progress|score)[^.]{{0,30}}"
    rf"|[\s(\[][^.]{{0,40}}?[:(\[{DASHES}]\s*{SCORE}[)\]]?|\s*[:{DASHES}]"
)
_YEAR = re.compile(r"\W*\d{4}\W*")


class ScoreLine(NamedTuple):
    """A line that heads a member's section. The score is None if the line gives none, or another number."""

    member: str
    score: int | None
    alone: bool = False  # whether the line is only the name


def read_score_line(text: str, names: Mapping[str, str], *, strict: bool = False) -> ScoreLine | None:
    """Return the member and the score of a line, or None if it is another line, such as a sentence."""
    known = _named(frozenset(names)).fullmatch(text)
    if known:
        member = names[plain_name(known["name"])]
        rest = (known["rest"] or "").rstrip()
        for form, doubtful in _FORMS:
            if found := form.fullmatch(rest):
                score = _whole(found["score"])
                return ScoreLine(member, None if doubtful and found["score"] == "1" else score)
        return ScoreLine(member, None, alone=not rest) if not rest or _UNREAD.fullmatch(rest) else None
    if not strict and MEMBER_HEADING.fullmatch(text):
        name, _, printed = text.rpartition(":")
        return ScoreLine(names.get(plain_name(name), name.strip()), _whole(printed))
    return None


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
    either = "|".join(_dotted(name) if len(name) <= len("usa") else re.escape(name) for name in longest) or r"(?!)"
    name = rf"(?=[^\W\d_a-zà-ÿ])(?i:(?:the )?(?:{either}))"
    initials = rf"(?:\s\([A-Z]{{2,4}}\)(?=\s*[:(\[{DASHES}]))?"
    return re.compile(rf"(?:\d{{1,2}}[.)]\s*)?(?P<name>{name}){initials}(?P<rest>[\s:(\[{DASHES}].*)?", re.DOTALL)


def _dotted(name: str) -> str:
    """Return the pattern of initials with or without full stops: US, U.S."""
    return "".join(rf"{re.escape(letter)}\.?" for letter in name)
