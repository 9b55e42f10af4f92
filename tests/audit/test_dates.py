"""Dates of items against the period and their sources, and of notes against their URLs."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from g7tag.audit.dates import date_findings, day_in_url, period_findings

FIRST = "2024-19/ITA-01"


def found(report: Any, *checks: str) -> dict[str, str]:
    return report.messages(date_findings(report.noted(), report.codebook), *checks)


def test_a_report_that_fits_has_no_such_finding(report: Any) -> None:
    assert found(report) == {}
    report.citations[0]["accessed"] = report.items[0]["date"]  # read on the very day
    assert found(report) == {}
    report.items[0] |= {"date": pd.NaT, "status": "date_unread"}
    assert found(report) == {}


def test_an_item_outside_the_period_is_grave_where_counting_it_would_change_the_score(report: Any) -> None:
    report.items[0]["date"] = pd.Timestamp("2024-06-14")
    start = (
        "is dated 14 June 2024, outside the period 15 June 2024 to 15 May 2025, so it is not counted. Counting such "
    )
    for label, severity, effect in (
        (("prevent", "strong"), "high", "items would change the member's suggested score: scoring-table from -1 to 0, "
         "interpretive-guidelines from -1 to 0."),  # the second strong item to prevent
        (("", "none"), "low", "items would not change the member's suggested score."),
    ):  # fmt: skip
        report.labels[FIRST] = label
        frames = report.frames()
        (row,) = period_findings(frames["items"], frames["scores"], report.codebook)
        assert (row["finding_id"], row["severity"]) == (f"outside_period:{FIRST}", severity)
        assert row["message"] == start + effect


def test_a_year_is_called_misprinted_where_the_source_has_the_day_in_the_period(report: Any) -> None:
    report.items[0]["date"] = pd.Timestamp("2023-07-02")
    assert found(report) == {
        f"likely_year_misprint:{FIRST}": "is dated 2 July 2023, but its source (note 1) is dated 1 July 2024. The year "
        "is probably misprinted."
    }
    report.items[0]["date"] = pd.Timestamp("2023-03-02")  # another day: only far from its source
    assert list(found(report)) == [f"earlier_than_source:{FIRST}"]
    report.items[0]["date"] = pd.Timestamp("2025-07-01")  # and not also later than it was read, in December 2024
    assert list(found(report)) == [f"likely_year_misprint:{FIRST}"]


@pytest.mark.parametrize(
    ("dated", "published", "misprinted"),
    [
        ("2023-06-24", "2024-07-01", True), ("2023-06-23", "2024-07-01", False), ("2023-07-08", "2024-07-01", True),
        ("2023-07-09", "2024-07-01", False), ("2023-06-15", "2024-06-15", True), ("2023-06-14", "2024-06-14", False),
        ("2026-05-15", "2025-05-15", True), ("2026-05-16", "2025-05-16", False), ("2024-06-14", "2024-06-15", False),
    ],
    ids=[
        "a week before", "eight days before", "a week after", "eight days after", "the first day",
        "before the first day", "the last day", "after the last day", "the same year",
    ],
)  # fmt: skip
def test_a_misprinted_year_is_of_an_item_outside_the_period_about_a_week_from_a_source_inside(
    report: Any, dated: str, published: str, misprinted: bool
) -> None:
    report.items[0]["date"], report.citations[0]["published"] = pd.Timestamp(dated), pd.Timestamp(published)
    assert bool(found(report, "likely_year_misprint")) is misprinted


def test_the_days_of_items_and_notes_are_told_by_how_grave_they_are_with_both(report: Any) -> None:
    notes = report.citations
    notes[0]["published"] = pd.Timestamp("2024-06-30")
    notes[1]["published"] = pd.Timestamp("2024-08-20")
    notes[2]["accessed"] = pd.Timestamp("2024-09-01")
    notes[3] |= {"title": "On 1 October 2024", "url": "https://a.example/2024/10/01/x"}
    rows = date_findings(report.noted(), report.codebook)
    assert [(row["finding_id"], row["severity"], row["member"], row["proof"]) for row in rows] == [
        ("later_than_source:2024-19/ITA-01", "medium", "Italy", "2024-19/ITA-01;note 1"),
        ("earlier_than_source:2024-19/ITA-02", "low", "Italy", "2024-19/ITA-02;note 2"),
        ("accessed_before_item:2024-19/JPN-01", "medium", "Japan", "2024-19/JPN-01;note 3"),
        ("accessed_before_published:note 3", "low", "Japan", "note 3;2024-19/JPN-01"),
        ("date_in_title:2024-19/JPN-02", "low", "Japan", "2024-19/JPN-02;note 4"),
        ("date_in_url:note 4", "low", "Japan", "note 4;2024-19/JPN-02"),
    ]


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2024-06-30", [f"later_than_source:{FIRST}"]),
        ("2024-07-08", []),
        ("2024-07-09", [f"earlier_than_source:{FIRST}"]),
        (None, []),
    ],
    ids=["the day before", "a week after", "eight days after", "unread"],
)
def test_a_source_follows_its_item_within_a_week(report: Any, published: str | None, expected: list[str]) -> None:
    report.citations[0]["published"] = None if published is None else pd.Timestamp(published)
    assert list(found(report)) == expected


def test_a_source_is_read_after_it_is_published_and_after_the_item(report: Any) -> None:
    report.citations[0]["accessed"] = pd.Timestamp("2024-06-20")
    assert found(report) == {
        f"accessed_before_item:{FIRST}": "is dated 1 July 2024, but its source (note 1) was accessed earlier, on 20 "
        "June 2024.",
        "accessed_before_published:note 1": "was accessed on 20 June 2024, before it was published on 1 July 2024.",
    }


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("On 2 May 2024", False), ("On 3 May 2024", True), ("On 30 June 2024", True), ("On 1 July 2024", False),
        ("From 30 May 2024 to 3 June 2024", True), ("From 30 May 2023 to 3 June 2024", False),
    ],
    ids=["60 days before", "59 days before", "the day before", "the same day", "two days", "one of another matter"],
)  # fmt: skip
def test_days_in_the_title_are_of_the_matter_if_all_are_shortly_before(report: Any, title: str, named: bool) -> None:
    report.citations[0]["title"] = title
    messages = [message.rpartition(" (note 1) ")[2] for message in found(report, "date_in_title").values()]
    assert messages == ([f"mentions {title.removeprefix('On ').removeprefix('From ')[:12].strip()}."] if named else [])


def test_the_day_of_an_address_must_be_the_notes(report: Any) -> None:
    report.citations[0]["url"] = "https://paper.example/news/2024/jun/28/story"
    assert found(report, "date_in_url") == {
        "date_in_url:note 1": "was published on 1 July 2024 according to the note, but on 28 June 2024 according to "
        "its URL."
    }
    report.citations[0]["url"] = "https://paper.example/news/2024/13/45/story"  # no day
    assert found(report, "date_in_url") == {}


@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("2024/08/21/people", date(2024, 8, 21)), ("2024/8/1/people", date(2024, 8, 1)),
        ("2024/JAN/21/people", date(2024, 1, 21)), ("2024/dec/21/people", date(2024, 12, 21)),
        ("people-2024-08-21", date(2024, 8, 21)), ("2024-08-21.html", date(2024, 8, 21)),
        ("2024-08-21_people", date(2024, 8, 21)), ("2024-08-21/people", date(2024, 8, 21)),
        ("2024/08/21", None), ("2024/abc/21/people", None), ("2024/02/30/people", None), ("2024-13-01", None),
        ("2024-08-211", None), ("1924/08/21/people", None), ("people", None),
    ],
)  # fmt: skip
def test_the_day_of_an_address_is_read_where_it_is_one(address: str, day: date | None) -> None:
    assert day_in_url(f"https://a.example/{address}") == day
