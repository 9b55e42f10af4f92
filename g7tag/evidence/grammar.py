"""Lines of a report that stand alone or open something, however they are set."""

import re

from g7tag.sources import SUPERSCRIPTS

SCORE = "[+−–—‑-]?[01]"
"""A printed score, for a regular expression."""
CHAPTER_HEADING = re.compile(
    r"(?:Commitment )?(?P<number>\d{1,3})[.:] (?P<title>\S.*)|Commitment (\d{1,3}) [–—-] (\S.*)"
)
CONTENTS = re.compile(r"(?:Table of )?Contents", re.IGNORECASE)
ITEM_START = re.compile(r"\s*On (?:\d{1,2} [A-Z][a-z]+,? \d{4}|[A-Z][a-z]+ \d{1,2},? \d{4})\b")
MEMBER_HEADING = re.compile(rf"\s*([A-Z][A-Za-z .'’-]{{1,40}}?)\s*:\s*({SCORE})(?:\.0+)?\s*$")
CONCLUSION_START = re.compile(r"\s*(?:The )?[A-Z][\w .'’-]{1,40}? (?:has|have|did) (?:\w+ ){0,3}compl(?:ied|y) with\b")
CLOSING_LINE = re.compile(r"\s*(?:Thus, |Therefore, |(?:Lead |Compliance )?Analysts?: |Compliance Director: )")
ASSESSMENT, GUIDELINES, SCORING = HEADINGS = ("Assessment", "General Interpretive Guidelines", "Scoring Guidelines")
"""Headings that tell the parts of a chapter's front; every chapter of a report repeats them."""
_SCORED = re.compile(rf"[A-Z][A-Za-z .'’-]{{1,40}}:? *{SCORE}(?:\.0+)?")
_COUNTED = re.compile(rf"\s*(?:[{SUPERSCRIPTS}]|\d{{1,3}}[.)] |[•·] ?)")
_BY_LETTERS = {heading.casefold(): heading for heading in HEADINGS}


def part_heading(line: str) -> str:
    """Return which of `HEADINGS` a line is, with a colon or without, in letters of any case; "" if none.

    Examples
    --------
    >>> [part_heading(line) for line in ("Assessment", " ASSESSMENT: ", "An Assessment")]
    ['Assessment', 'Assessment', '']
    """
    return _BY_LETTERS.get(line.strip().removesuffix(":").rstrip().casefold(), "")


def stands_alone(line: str, *, item: bool = True) -> bool:
    """Return whether a line is a heading, a row or a closing line, or (with `item`) opens an item or a conclusion.

    Examples
    --------
    >>> stands_alone("Canada: 0"), stands_alone("On 5 July 2024, Canada acted."), stands_alone("It acted again.")
    (True, True, False)
    """
    alone = MEMBER_HEADING.match(line) or CLOSING_LINE.match(line) or "\t" in line
    return bool(alone or (item and (ITEM_START.match(line) or CONCLUSION_START.match(line))))


def is_whole_line(line: str) -> bool:
    """Return whether a line that its author ended is a whole paragraph: a heading of a part, a member with its score.

    Examples
    --------
    >>> is_whole_line("Scoring Guidelines"), is_whole_line("Canada 0"), is_whole_line("Canada acted.")
    (True, True, False)
    """
    text = line.strip().rstrip(SUPERSCRIPTS)
    return bool(_SCORED.fullmatch(text) or part_heading(text))


def opens_line(line: str) -> bool:
    """Return whether a line that its author began opens a note, or a numbered or marked paragraph.

    Examples
    --------
    >>> opens_line("19. Migration"), opens_line("• a point"), opens_line("2024 was a year.")
    (True, True, False)
    """
    return bool(_COUNTED.match(line))


def lays_out_page(cell: str) -> bool:
    """Return whether a cell of a table holds what must stand alone to be read: the page is laid out by the table.

    Examples
    --------
    >>> lays_out_page("Canada: 0"), lays_out_page("Canada")
    (True, False)
    """
    return bool(ITEM_START.match(cell) or MEMBER_HEADING.match(cell))
