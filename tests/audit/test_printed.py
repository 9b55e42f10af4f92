"""A report is checked for consistency; values that were not read give no findings."""

from typing import Any

import pytest

CHECKS = ("printed_scores", "printed_average", "printed_percentage", "wrong_summit_year")


def test_a_report_that_fits_has_no_such_finding(report: Any) -> None:
    assert report.found(*CHECKS) == {}


def test_three_printed_scores_must_be_one(report: Any) -> None:
    report.members[0]["stated_score"] = -1
    assert report.found(*CHECKS) == {
        "printed_scores:2024-19/ITA": "the table says 0, the heading says 0, the closing line says -1. Expected the "
        "same score everywhere."
    }


def test_printed_scores_that_differ_lead_the_findings(report: Any) -> None:
    report.members[0]["stated_score"] = -1
    report.claims[0]["claimed"] = "weak"
    severe = report.audited().findings.query("severity == 'high'")
    assert severe["check"].tolist()[0] == "printed_scores"
    assert len(severe) > 1


def test_average_and_percentage_are_recomputed(report: Any) -> None:
    report.commitments[0] |= {"printed_average": 0.38, "printed_percent": 69.0}
    assert report.found(*CHECKS) == {
        "printed_average:2024-19": "the printed average is 0.38, but the 2 published scores give 0.",
        "printed_percentage:2024-19": "the printed percentage is 69, but the 2 published scores give 50.",
    }


@pytest.mark.parametrize("unread", ["average", "table"])
def test_what_was_not_read_is_not_called_wrong(report: Any, unread: str) -> None:
    if unread == "average":
        report.commitments[0] |= {"printed_average": None, "printed_percent": None}
    else:
        report.members[0]["table_score"] = None
    assert report.found(*CHECKS) == {}


def test_the_summit_under_another_year_is_found_and_other_summits_are_not(report: Any) -> None:
    report.documents[0]["text"] += "\nAt the 2022 Apulia Summit and the 2023 Hiroshima Summit, leaders met."
    assert report.found(*CHECKS) == {
        "wrong_summit_year:2024-19": "the Apulia Summit is dated 2022 (1 time), but the title says 2024."
    }


def test_what_nobody_sees_is_not_held_against_the_report(report: Any) -> None:
    start = len(report.documents[0]["text"])
    report.documents[0]["text"] += "\nAt the 2022 Apulia Summit, leaders met."
    report.documents[0]["hidden"] = f'[[{start}, {len(report.documents[0]["text"])}, "white"]]'
    assert report.found(*CHECKS) == {}


def test_what_a_scanned_page_shows_is_held_against_it(report: Any) -> None:
    start = len(report.documents[0]["text"])
    report.documents[0]["text"] += "\nAt the 2022 Apulia Summit, leaders met."
    report.documents[0]["hidden"] = f'[[{start}, {len(report.documents[0]["text"])}, "OCR text behind an image"]]'
    assert list(report.found(*CHECKS)) == ["wrong_summit_year:2024-19"]
