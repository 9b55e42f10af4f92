"""Members and headings as reports print them; every reader keeps lines that start a part separate."""

import csv
import re
from collections.abc import Sequence
from functools import cache
from itertools import chain, count
from typing import TYPE_CHECKING

from g7tag.store import data_path


@cache
def member_names() -> dict[str, tuple[str, ...]]:
    """Return the names of each member of the three groups by its code, starting with the name in reports."""
    with data_path("summits/members.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: tuple(filter(None, [row["member"], *row["other_names"].split(";")]))
            for row in csv.DictReader(file)
        }


DASHES = "−–—‑‒―－﹣-"
"""Dashes that count as minus, for a character class; the last is the hyphen."""
SIGN = f"[+＋{DASHES}]"
SCORE = f"{SIGN}?[01]"
NUMBER = rf"(?:{SIGN}\s?)?\d+(?:[.,]\d+)?"
"""Regular expressions of a printed sign, of a score, and of any number that is printed as a score."""
_SPACED_SCORE = rf"(?:{SIGN}\s?)?[01](?:[.,]0+)?"  # in a line of its own: `- 1`, `0.00`
NAME = r"[A-ZÀ-ÖØ-Þ](?:[^\W\d_]|[ .'’-]){1,40}?"
"""Regular expression of a name that may be a member's."""

CHAPTER_HEADING = re.compile(
    r"(?:Commitment )?(?P<number>\d{1,3})[.:] (?P<title>\S.*)|Commitment (\d{1,3}) [–—-] (\S.*)"
)
CONTENTS = re.compile(r"(?:Table of )?Contents", re.IGNORECASE)
ITEM_START = re.compile(r"\s*On (?:\d{1,2} [A-Z][a-z]+,? \d{4}|[A-Z][a-z]+ \d{1,2},? \d{4})\b")
_MEMBERS = {form for names in member_names().values() for name in names for form in (name, name.upper())}
_MEMBER = "|".join(map(re.escape, sorted(_MEMBERS, key=lambda name: (-len(name), name))))
MEMBER_HEADING = re.compile(
    rf"\s*(?:{NAME}\s*:\s*{_SPACED_SCORE}|(?:\d{{1,2}}[.)]\s*)?(?:The )?(?:{_MEMBER})\s*"
    rf"(?:(?::\s*|[{DASHES}]\s+){_SPACED_SCORE}|\(\s?{_SPACED_SCORE}\s?\)|\[\s?{_SPACED_SCORE}\s?\]))\s*$"
)
"""A member's heading. Names of the three groups may have a number before them, and a dash or brackets behind them."""
APPENDIX = re.compile(
    r"(?:Appendix|Appendices|Annex|Annexes|Bibliography|References|Works Cited|Endnotes|Footnotes|Glossary)"
    r"(?: (?:[A-Z]|\d{1,2}|[IVX]{1,5}))?(?:\s*[:.–—-]\s*.{0,100})?",
    re.IGNORECASE,
)
"""A heading of text that belongs to no member."""
AVERAGE = (
    r"(?i:(?:(?:Country|Member|Overall|Group|Total|G\d{1,2}) )?Average(?: (?:Compliance )?Scores?)?"
    r"|Overall(?: (?:Compliance )?Scores?)?)"
)
"""Regular expression of the label of an average over all members."""

_COMMITMENT = r"(?:its|the|their|this) (?:[\w'’-]+ ){0,4}?commitments?\b"
COMPLIANCE = rf"\b(?:full|partial|complete|non|no|limited|some)[ -]?compliance\b(?: with {_COMMITMENT}|(?! with))"
"""Regular expression of words such as `full compliance`, but not with anything other than a commitment."""
COMPLIED = rf"\bcompl(?:ied|y|iance|iant)\b(?: \w+)? with {_COMMITMENT}"
"""Regular expression of words such as `complied with its commitment`."""
THUS = (
    r"(?:Thus|Therefore|Hence|As such|Accordingly|Consequently|As a (?:result|consequence)|To (?:conclude|sum up)"
    r"|In (?:sum|summary|conclusion|short|total)|For (?:these|this|those|that) reasons?|Overall|Finally"
    r"|(?:On|Given|Based on|Because of) (?:this|these|that|those) \w+)"
)
"""Regular expression of words that start the sentence with the score."""
VERDICT = (
    r"(?:['’]s?)?(?: (?:has|have|had|did|does|is|are|was|been|not|yet|only|also|thus|therefore|hence|overall|failed to"
    rf"|\w+ly)){{0,6}} (?:(?:(?:is|are|was|been) in )?{COMPLIED}|fulfilled {_COMMITMENT}"
    r"|compl(?:ied|ies)(?=[.;,]| (?:fully|partially|partly|only|in part)\b)"
    r"|(?:is|are|was|been|remains?|regist\w+|achiev\w+|attain\w+|demonstrat\w+|show\w*|display\w*|exhibit\w*|reach\w*"
    rf"|receiv\w+|earn\w*|award\w+|maintain\w*)(?: [\w'’-]+){{0,5}}? {COMPLIANCE})"
)
"""Regular expression of what follows a member's name in a conclusion."""
CONCLUSION_START = re.compile(
    rf"\s*(?:{THUS},? )?(?:The )?[A-Z][\w .'’-]{{1,40}}?"
    rf"(?: (?:has|have|did) (?:\w+ ){{0,3}}compl(?:ied|y) with\b|(?! compl){VERDICT})"
)
AWARDED = (
    r"\b(?:receiv\w+|award\w+|assign\w+|given|gives|earn\w*|result\w* in|merit\w*|gets?|warrant\w*|register\w*"
    r"|attain\w*|achiev\w+|obtain\w*)\b"
)
"""Regular expression of verbs that give a score."""
_CREDIT = r"(?=[A-Z])(?i:Team Leaders?|Compliance (?:Director|Coordinator)s?|Coordinators?|Editors?|Authors?)\s?: "
_PERSON = r"(?:(?:al|bin|da|de|del|della|den|der|di|dos|el|la|le|ten|van|von) ){0,3}[^\W\d_a-zà-ÿ][\w.'’-]*"
_PEOPLE = rf"{_PERSON}(?:,?\s+(?:(?:and|&)\s+)?{_PERSON})*,?(?:\s+and)?\s*$"
_ANALYSTS = (
    r"(?=[A-Z])(?:(?i:(?:(?:Lead|Senior|Country|Compliance) )?Analysts?)\s?"
    rf"(?:: |[–—] (?={_PEOPLE}))|(?:Compiled|Prepared|Written) by:? (?={_PEOPLE}))"
)  # behind a dash or `Written by`, only names may follow
ANALYSTS = re.compile(rf"\s*{_ANALYSTS}(?P<names>.+)")
"""The names of the analysts of a section."""
CREDIT = re.compile(rf"\s*(?:{_CREDIT}|{_ANALYSTS})")
"""A line with the names of those who wrote a part."""
CLOSING_LINE = re.compile(
    rf"\s*(?:Thus, |Therefore, |{THUS},? .{{0,120}}?\bscore of |{_ANALYSTS}|{_CREDIT}"
    rf"|(?:The )?[A-Z][\w .'’-]{{1,40}}? (?:(?:has|is|was|have|therefore|thus|been) ){{0,4}}{AWARDED}"
    rf" (?:an? |the )?(?:\w+ ){{0,2}}?score of {_SPACED_SCORE}(?!\d|[.,]\d))"
)
OPENS = re.compile("|".join(each.pattern for each in (ITEM_START, CONCLUSION_START, CLOSING_LINE, MEMBER_HEADING)))
"""Start of a line that begins a paragraph, whatever is before it."""

ASSESSMENT, GUIDELINES, SCORING = HEADINGS = ("Assessment", "General Interpretive Guidelines", "Scoring Guidelines")
"""Headings of the parts at the start of a chapter; every chapter of a report has them."""
_BY_LETTERS = {heading.casefold(): heading for heading in HEADINGS} | {
    "score": ASSESSMENT, "scores": ASSESSMENT, "final assessment": ASSESSMENT, "interim assessment": ASSESSMENT,
    "compliance assessment": ASSESSMENT, "interpretive guidelines": GUIDELINES, "interpretative guidelines": GUIDELINES,
}  # fmt: skip
OTHER_PARTS = frozenset({
    "background", "commitment features", "definitions and concepts", "definitions", "commitment",
    "individual country compliance breakdown", "individual member compliance breakdown",
})  # fmt: skip
"""Headings, in lower case, of parts that are not read."""


def part_heading(line: str) -> str:
    """Return which of `HEADINGS` a line is, ignoring case and a final colon, or "" if none."""
    return _BY_LETTERS.get(plain_heading(line), "")


def plain_heading(line: str) -> str:
    """Return a line in lower case without a final colon."""
    return line.strip().removesuffix(":").rstrip().casefold()


if TYPE_CHECKING:  # a process that reads one document needs no codebook
    from g7tag.codebook import Codebook


def plain_name(name: str) -> str:
    """Return a printed name in the form in which names are compared: no case, no full stops, no "the"."""
    letters = name.casefold().replace(".", "").replace("\u0307", "")  # U+0307: the dot of the Turkish capital I
    return " ".join(letters.split()).removeprefix("the ")


def names_of(codebook: "Codebook") -> dict[str, str]:
    """Return the name of a member of the codebook or of the three groups, by the plain form of each of its names."""
    ours = {member.code: member.name for member in codebook.members}
    known = {
        plain_name(name): ours.get(code, names[0]) for code, names in member_names().items() for name in (*names, code)
    }
    return known | {
        plain_name(name): member.name
        for member in codebook.members
        for name in (member.code, *member.names, member.name)
    }


def member_codes(members: Sequence[str], codebook: "Codebook") -> dict[str, str]:
    """Return the code of each member of a chapter: the codebook's, a known one, or one made for an unknown name."""
    known = {name: code for code, names in member_names().items() for name in names} | codebook.codes
    codes = {name: known[name] for name in members if name in known}
    for name in members:
        letters = "".join(filter(str.isalpha, name.upper()))[:3].ljust(3, "X")
        made = chain([letters], (f"X{number:02d}" for number in count(1)))
        codes.setdefault(name, next(code for code in made if code not in {*codes.values(), *known.values()}))
    return {name: codes[name] for name in members}
