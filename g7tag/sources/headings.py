"""Patterns of lines that start a part of a report, such as headings and items; every reader keeps them separate."""

import re

SCORE = "[+−–—‑-]?[01]"
"""Regular expression of a printed score."""
CHAPTER_HEADING = re.compile(
    r"(?:Commitment )?(?P<number>\d{1,3})[.:] (?P<title>\S.*)|Commitment (\d{1,3}) [–—-] (\S.*)"
)
CONTENTS = re.compile(r"(?:Table of )?Contents", re.IGNORECASE)
ITEM_START = re.compile(r"\s*On (?:\d{1,2} [A-Z][a-z]+,? \d{4}|[A-Z][a-z]+ \d{1,2},? \d{4})\b")
MEMBER_HEADING = re.compile(rf"\s*([A-Z][A-Za-z .'’-]{{1,40}}?)\s*:\s*({SCORE})(?:\.0+)?\s*$")
CONCLUSION_START = re.compile(r"\s*(?:The )?[A-Z][\w .'’-]{1,40}? (?:has|have|did) (?:\w+ ){0,3}compl(?:ied|y) with\b")
CLOSING_LINE = re.compile(r"\s*(?:Thus, |Therefore, |(?:Lead |Compliance )?Analysts?: |Compliance Director: )")
OPENS = re.compile("|".join(each.pattern for each in (ITEM_START, CONCLUSION_START, CLOSING_LINE, MEMBER_HEADING)))
"""Start of a line that begins a paragraph, whatever is before it."""
ASSESSMENT, GUIDELINES, SCORING = HEADINGS = ("Assessment", "General Interpretive Guidelines", "Scoring Guidelines")
"""Headings of the parts at the start of a chapter; every chapter of a report has them."""
_BY_LETTERS = {heading.casefold(): heading for heading in HEADINGS}


def part_heading(line: str) -> str:
    """Return which of `HEADINGS` a line is, ignoring case and a final colon, or "" if none.

    Examples
    --------
    >>> [part_heading(line) for line in ("Assessment", " ASSESSMENT: ", "An Assessment")]
    ['Assessment', 'Assessment', '']
    """
    return _BY_LETTERS.get(line.strip().removesuffix(":").rstrip().casefold(), "")
