"""Errors in the text of items, and the members that items mention."""

from typing import Any

import pytest

from g7tag.audit.evidence import members_named, name_patterns
from g7tag.codebook import Codebook

CHECKS = ("cut_off", "no_full_stop", "repeated_words", "stray_letter", "member_not_named")
FIRST = "2024-19/ITA-01"


def test_a_report_that_fits_has_no_such_finding(report: Any) -> None:
    assert report.found(*CHECKS) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("On 1 July 2024, On 1 July 2024, Italy paid.", "repeated_words"),
        ("On 1 July 2024, Italy paid for for it.", "repeated_words"),
        ("On 1 July 2024, Italy said that that was enough.", ""),
        ("On 1 July 2024, Italy had had enough.", ""),
        ("On 1 July 2024, Italy had had enough and paid for for it.", "repeated_words"),
        ("On 1 July 2024, Italy paid EUR1,000,000.", ""),
        ("On 1 July 2024, Italy paid. E The rest followed.", "stray_letter"),
        ("On 1 July 2024, Italy paid. A ship followed.", ""),
        ("On 1 July 2024, Italy paid. I was there.", ""),
        ("On 1 July 2024, Italy paid for it", "no_full_stop"),
        ("On 1 July 2024, Italy said: “We pay.”", ""),
        ("On 1 July 2024, the ministry paid.", "member_not_named"),
        ("On 1 July 2024, the G7 ministers paid.", ""),
        ("On 1 July 2024, Tokyo paid.", "member_not_named"),
    ],
    ids=[
        "a date twice", "a word twice", "that that", "had had", "behind it",
        "a number", "stray letter", "article", "pronoun", "no full stop",
        "closing quote", "no member", "all members", "another member",
    ],
)  # fmt: skip
def test_slips_are_found_and_english_is_not(report: Any, text: str, found: str) -> None:
    report.items[0]["text"] = text
    assert list(report.found(*CHECKS)) == ([f"{found}:{FIRST}"] if found else [])


def test_an_item_that_stops_is_shown_by_its_end(report: Any) -> None:
    report.items[0] |= {"text": "On 1 July 2024, Italy sent small", "status": "cut_off"}
    assert report.found(*CHECKS) == {f"cut_off:{FIRST}": "stops in mid-sentence: 'On 1 July 2024, Italy sent small'."}


def test_members_are_known_by_other_names_as_whole_words(codebook: Codebook) -> None:
    patterns = name_patterns(codebook)
    assert members_named("The UK and U.S. officers met Europol in Rome.", patterns) == [
        "Italy", "United Kingdom", "United States", "European Union",
    ]  # fmt: skip
    assert members_named("Nobody trusts the museum.", patterns) == []  # "US" and "UK" are no part of a word
