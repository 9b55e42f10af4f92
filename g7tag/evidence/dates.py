"""Read the days that reports print."""

import re
from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MONTH = "|".join(MONTHS)
"""Any month, for a regular expression."""
_ANY_DAY = rf"\d{{1,2}} (?:{MONTH})|(?:{MONTH}) \d|n\.d"
_NAMED_ACCESS = r"\bAccess(?:ed)? [Dd]ate|\b[Dd]ate (?:of [Aa]ccess|[Aa]ccessed)\b"
_SAID_ACCESS = rf"\b(?:[Ll]ast )?(?:[Aa]ccessed|[Rr]etrieved)(?: on)?(?=:|,? (?:{_ANY_DAY}))"
ACCESSED = rf"(?:(?:{_NAMED_ACCESS}|{_SAID_ACCESS})(?: on)?)"
"""What stands before the day on which a source was read, for a regular expression."""
ACCESS_SIGN = rf"(?:{_NAMED_ACCESS}|(?:^|[(\[.,;])\s*{_SAID_ACCESS})"
"""The same where the text may be a sentence of the report: one may say that something was accessed on a day."""
DAY = rf"(?:\d{{1,2}} (?:{MONTH}),? \d{{4}}|(?:{MONTH}) \d{{1,2}},? \d{{4}})"
"""A day in either order, for a regular expression."""


def read_date(words: str) -> date | None:
    """Read a printed day; a month alone, "n.d." and a day that does not exist give None.

    Examples
    --------
    >>> read_date("5 July 2024"), read_date("April 10 2025"), read_date("July 2024"), read_date("31 June 2024")
    (datetime.date(2024, 7, 5), datetime.date(2025, 4, 10), None, None)
    """
    names = [word for word in words.replace(",", " ").split() if word in MONTHS]
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    if len(names) != 1 or len(numbers) != 2:
        return None
    try:
        return date(numbers[1], MONTHS.index(names[0]) + 1, numbers[0])
    except ValueError:
        return None


def read_days(text: str) -> list[date]:
    """Return the days that a text names, in its order.

    Examples
    --------
    >>> read_days("Statement of 21 June 2024 on the talks of 20 June 2024")
    [datetime.date(2024, 6, 21), datetime.date(2024, 6, 20)]
    """
    found = [read_date(match[0]) for match in re.finditer(DAY, text)]
    return [day for day in found if day is not None]
