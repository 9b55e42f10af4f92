"""Checks of labelled evidence."""

from typing import Any


def test_an_excluded_item_is_named_and_one_that_shows_nothing_is_counted(report: Any) -> None:
    report.labels |= {"2024-19/ITA-01": ("", "none", "border"), "2024-19/ITA-02": ("", "none", "")}
    assert report.found("border_evidence", "items_without_dimension") == {
        "border_evidence:2024-19/ITA-01": "shows only excluded action (Border enforcement) but is listed as evidence. "
        "It is not counted.",
        "items_without_dimension:2024-19/ITA": "1 of 2 items show neither action in a dimension nor excluded action: "
        "ITA-02.",
    }


def test_strong_action_told_by_one_publisher_is_named(report: Any) -> None:
    assert report.found("single_source") == {}
    for note in report.citations[:2]:
        note["publisher"] = "Gazette"
    assert report.found("single_source") == {
        "single_source:2024-19/ITA/prevent": "all 2 strong items in prevent come from one publisher, Gazette."
    }


def test_strong_action_told_by_the_members_own_bodies_alone_is_named(report: Any) -> None:
    report.citations[0]["publisher"], report.citations[1]["publisher"] = "Italian Government", "Polizia di Stato"
    assert report.found("single_source") == {
        "single_source:2024-19/ITA/prevent": "all 2 strong items in prevent come from the member's own bodies."
    }
    report.citations[1]["publisher"] = "Gazette"
    assert report.found("single_source") == {}


def test_an_item_without_a_source_leaves_it_open_whether_there_is_one_publisher(report: Any) -> None:
    report.items[0]["citations"] = ""
    assert report.found("single_source") == {}


def test_an_item_excluded_in_part_says_what_the_score_is_without_it(report: Any) -> None:
    labels = report.frames()["labels"]
    assert report.found("border_evidence", labels=labels.assign(exclusion=["border", "", "", ""])) == {
        "border_evidence:2024-19/ITA-01": "is partly excluded (Border enforcement); the rest counts in prevent. "
        "Without the item, the score changes from 0 to -1."
    }
