"""A report is checked for consistency, and its summary tables; values that were not read give no findings."""

from typing import Any

import pandas as pd
import pytest

from g7tag.audit import summary_findings
from g7tag.audit.printed import printed_findings
from g7tag.frames import COMMITMENTS, DOCUMENTS, MEMBERS, SUMMARY, build

SCORES = ("table_score", "heading_score", "stated_score", "published_score")


def found(report: Any) -> dict[str, str]:
    frames = ((DOCUMENTS, report.documents), (COMMITMENTS, report.commitments), (MEMBERS, report.members))
    return report.messages(printed_findings(*(build(*parts) for parts in frames)))


def test_three_printed_scores_must_be_one(report: Any) -> None:
    assert found(report) == {}
    report.members[0]["stated_score"] = -1
    assert found(report) == {
        "printed_scores:2024-19/ITA": "the table says 0, the heading says 0, the closing line says -1. Expected the "
        "same score everywhere."
    }


def test_average_and_percentage_are_recomputed(report: Any) -> None:
    report.commitments[0] |= {"printed_average": 0.38, "printed_percent": 69.0}
    assert found(report) == {
        "printed_average:2024-19": "the printed average is 0.38, but the 2 published scores give 0.",
        "printed_percentage:2024-19": "the printed percentage is 69, but the 2 published scores give 50.",
    }


def test_averages_are_rounded_either_way_and_what_was_not_read_is_not_called_wrong(report: Any) -> None:
    for average in (0.12, 0.13):  # of eight members, one +1: 0.125
        report.members = [
            report.members[0]
            | {"member": f"M{place}", "code": f"M{place:02d}"}
            | dict.fromkeys(SCORES, int(place == 0))
            for place in range(8)
        ]
        report.commitments[0] |= {"printed_average": average, "printed_percent": 56.0}
        assert found(report) == {}
    report.commitments[0] |= {"printed_average": None, "printed_percent": None}
    report.members[0]["table_score"] = None
    assert found(report) == {}


def test_the_summit_under_another_year_is_found_and_other_summits_are_not(report: Any) -> None:
    report.documents[0]["text"] += "\nAt the 2022 Apulia Summit and the 2023 Hiroshima Summit, leaders met."
    assert found(report) == {
        "wrong_summit_year:2024-19": "the Apulia Summit is dated 2022 (1 time), but the title says 2024."
    }


def members(**scores: tuple[int, ...]) -> pd.DataFrame:
    """Published scores of Italy and Japan by commitment."""
    rows = [
        {"commitment_id": commitment.replace("c", "2024-"), "member": member, "code": member[:3].upper()}
        | dict.fromkeys(SCORES, score)
        for commitment, its in scores.items()
        for member, score in zip(("Italy", "Japan"), its, strict=False)
    ]
    return build(MEMBERS, rows)


def summary(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of table, commitment, member, value, percent."""
    names = ("table", "commitment_id", "member", "value", "percent")
    return build(SUMMARY, [{"document_id": "d", **dict(zip(names, row, strict=True))} for row in rows])


def messages(*rows: tuple[Any, ...], **scores: tuple[int, ...]) -> dict[str, str]:
    return {row["finding_id"]: row["message"] for row in summary_findings(summary(*rows), members(**scores))}


ALL = [
    ("scores", "2024-01", "Italy", 1, None), ("scores", "2024-01", "Japan", 0, None),
    ("scores", "2024-02", "Italy", 0, None), ("scores", "2024-02", "Japan", 0, None),
]  # fmt: skip


def test_tables_that_fit_give_no_findings() -> None:
    averages = [
        ("scores", "2024-01", "", 0.5, 75), ("by_member", "", "Italy", 0.5, 75),
        ("by_commitment", "2024-02", "", 0, 50),
        ("scores", "", "", 0.25, 63),
    ]  # fmt: skip
    assert messages(*ALL, *averages, c01=(1, 0), c02=(0, 0)) == {}


def test_a_score_that_is_another_than_the_chapters_is_found() -> None:
    assert messages(*ALL, c01=(0, 0), c02=(0, 0)) == {
        "summary_score:2024-01/ITA": "the summary table says +1, but the chapter's heading says 0."
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("by_member", "", "Italy", 0.6, 80), "the table by member gives the average 0.6, but the scores give 0.5."),
        (
            ("by_commitment", "2024-01", "", 1.0, 75),
            "the table by commitment gives the average 1, but the scores give 0.5.",
        ),
        (("scores", "", "", 0.5, None), "the table of scores gives the average 0.5, but the scores give 0.25."),
    ],
    ids=["member", "commitment", "all"],
)
def test_an_average_that_the_chapters_do_not_give_is_found(row: tuple[Any, ...], expected: str) -> None:
    assert expected in messages(*ALL, row, c01=(1, 0), c02=(0, 0)).values()


def test_without_the_chapters_the_table_of_scores_is_what_averages_are_checked_against() -> None:
    found = messages(*ALL, ("by_member", "", "Japan", 0.5, 75))
    assert found["summary_average:Japan"] == "the table by member gives the average 0.5, but the scores give 0."


def test_an_average_over_scores_that_were_not_all_read_is_not_called_wrong() -> None:
    rows = [*ALL[:2], ("by_commitment", "2024-02", "", 0, 50), ("by_member", "", "Italy", 0.5, 75)]
    assert messages(*rows, c01=(1, 0)) == {}


def test_the_mean_of_all_may_be_that_of_scores_or_of_commitments() -> None:
    # four scores 1 0 1 -> commitments 0.5 and 1: the mean of the scores is 2/3, that of the commitments 0.75
    rows = [*ALL[:2], ("scores", "2024-02", "Italy", 1, None)]
    for value in (0.67, 0.75):
        assert messages(*rows, ("scores", "", "", value, None), c01=(1, 0), c02=(1,)) == {}
