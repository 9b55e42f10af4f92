"""Days of items against the period and their sources, and days of notes against each other."""

from typing import Any

import pandas as pd
import pytest

CHECKS = (
    "period", "year_misprint", "later_than_source", "earlier_than_source", "accessed_before_item",
    "accessed_before_published", "date_in_title", "date_in_url",
)  # fmt: skip
FIRST = "2024-19/ITA-01"


def ids(report: Any) -> list[str]:
    return sorted(report.found(*CHECKS))


def test_a_report_that_fits_has_no_such_finding(report: Any) -> None:
    assert ids(report) == []


@pytest.mark.parametrize(("date", "outside"), [("2024-06-15", False), ("2025-05-15", False), ("2024-06-14", True)])
def test_both_ends_of_the_period_count(report: Any, date: str, outside: bool) -> None:
    report.items[0]["date"] = report.citations[0]["published"] = pd.Timestamp(date)
    report.citations[0]["accessed"] = pd.Timestamp("2025-06-01")
    assert (f"period:{FIRST}" in ids(report)) is outside


def test_an_item_outside_the_period_says_what_counting_it_would_do(report: Any) -> None:
    report.items[0]["date"] = report.citations[0]["published"] = pd.Timestamp("2024-06-14")
    (message,) = report.found("period").values()
    assert message == (
        "dated 14 June 2024, outside the period 15 June 2024 to 15 May 2025, so not counted. Counting such items would "
        "change it: scoring-table -1 to 0, interpretive-guidelines -1 to 0."  # the second strong item to prevent
    )


def test_a_year_is_called_misprinted_where_the_source_has_the_day_in_the_period(report: Any) -> None:
    report.items[0]["date"] = pd.Timestamp("2023-07-02")
    assert report.found("year_misprint", "earlier_than_source") == {
        f"year_misprint:{FIRST}": "dated 2 July 2023, its source (note 1) 1 July 2024: the year is likely misprinted."
    }
    report.items[0]["date"] = pd.Timestamp("2023-03-02")  # another day: only far from its source
    assert list(report.found("year_misprint", "earlier_than_source")) == [f"earlier_than_source:{FIRST}"]


@pytest.mark.parametrize(
    ("published", "found"),
    [
        ("2024-06-30", [f"later_than_source:{FIRST}"]),
        ("2024-07-08", []),
        ("2024-07-09", [f"earlier_than_source:{FIRST}"]),
        (None, []),
    ],
    ids=["the day before", "a week after", "eight days after", "unread"],
)
def test_a_source_follows_its_item_within_a_week(report: Any, published: str | None, found: list[str]) -> None:
    report.citations[0]["published"] = None if published is None else pd.Timestamp(published)
    assert ids(report) == found


def test_a_source_is_read_after_it_is_published_and_after_the_item(report: Any) -> None:
    report.citations[0]["accessed"] = pd.Timestamp("2024-06-20")
    assert report.found(*CHECKS) == {
        f"accessed_before_item:{FIRST}": "dated 1 July 2024; its source (note 1) was read before, on 20 June 2024.",
        "accessed_before_published:note 1": "read on 20 June 2024, before it was published on 1 July 2024.",
    }


def test_a_day_in_the_title_shortly_before_the_item_is_named_and_one_to_come_is_not(report: Any) -> None:
    report.citations[0]["title"] = "Press release on the talks of 21 June 2024"
    assert report.found("date_in_title") == {
        f"date_in_title:{FIRST}": "dated 1 July 2024; the title of its source (note 1) names 21 June 2024."
    }
    report.citations[0]["title"] = "Checks to start on 16 July 2024"
    assert report.found("date_in_title") == {}


def test_the_day_of_an_address_must_be_the_notes(report: Any) -> None:
    report.citations[0]["url"] = "https://paper.example/news/2024/jun/28/story"
    assert report.found("date_in_url") == {
        "date_in_url:note 1": "published on 1 July 2024 by the note, on 28 June 2024 by its address."
    }
    report.citations[0]["url"] = "https://paper.example/news/2024/13/45/story"  # no day
    assert report.found("date_in_url") == {}


def test_an_item_without_a_day_has_no_day_to_doubt(report: Any) -> None:
    report.items[0] |= {"date": pd.NaT, "status": "date_unread"}
    assert ids(report) == []
    assert list(report.found("date_unread")) == [f"date_unread:{FIRST}"]
