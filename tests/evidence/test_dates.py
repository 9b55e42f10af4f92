"""Find dates in text, in either order, and nothing else."""

from datetime import date

import pytest

from g7tag.evidence import read_days

FIFTH = date(2024, 7, 5)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Talks of 5 July 2024 and July 4, 2024.", [FIFTH, date(2024, 7, 4)]),
        ("Talks of 5 July, 2024", [FIFTH]),
        ("1 January 2024 to December 31 2024", [date(2024, 1, 1), date(2024, 12, 31)]),
        ("31 June 2024, then 5 July 2024", [FIFTH]),
        ("July 2024", []),
        ("5 Juli 2024", []),
        ("5 July 24", []),
        ("", []),
    ],
    ids=["either order", "a comma", "ends of the year", "no such day", "a month", "no month", "no year", "nothing"],
)
def test_the_days_that_a_text_names_are_read_in_its_order(text: str, days: list[date]) -> None:
    assert read_days(text) == days
