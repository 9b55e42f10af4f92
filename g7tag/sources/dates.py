"""Read dates as reports print them."""

import re
from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MONTH = "|".join(MONTHS)
"""Regular expression for any month."""
_ANY_DAY = rf"\d{{1,2}} (?:{MONTH})|(?:{MONTH}) \d|n\.d"
_NAMED_ACCESS = r"\bAccess(?:ed)? [Dd]ate|\b[Dd]ate (?:of [Aa]ccess|[Aa]ccessed)\b"
_SAID_ACCESS = rf"\b(?:[Ll]ast )?(?:[Aa]ccessed|[Rr]etrieved)(?: on)?(?=:|,? (?:{_ANY_DAY}))"
ACCESSED = rf"(?:(?:{_NAMED_ACCESS}|{_SAID_ACCESS})(?: on)?)"
"""Regular expression for the words before a source's access date."""
ACCESS_SIGN = rf"(?:{_NAMED_ACCESS}|(?:^|[(\[.,;])\s*{_SAID_ACCESS})"
"""The same for text that may be a sentence of the report, which may mention that something was accessed."""
DAY = rf"(?:\d{{1,2}} (?:{MONTH}),? \d{{4}}|(?:{MONTH}) \d{{1,2}},? \d{{4}})"
"""Regular expression for a date in either order."""


def read_date(words: str) -> date | None:
    """Read a printed date. Return None for a month alone, "n.d." or an invalid date."""
    names = [word for word in words.replace(",", " ").split() if word in MONTHS]
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    if len(names) != 1 or len(numbers) != 2:
        return None
    try:
        return date(numbers[1], MONTHS.index(names[0]) + 1, numbers[0])
    except ValueError:
        return None


def read_days(text: str) -> list[date]:
    """Return the dates that a text mentions, in order of appearance."""
    found = [read_date(match[0]) for match in re.finditer(DAY, text)]
    return [day for day in found if day is not None]
