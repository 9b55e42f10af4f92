"""Summary tables are checked against the chapters, or against themselves if chapters are missing."""

from typing import Any

import pandas as pd
import pytest

from g7tag.audit import summary_findings
from g7tag.frames import MEMBERS, SUMMARY, build


def members(**scores: tuple[int, ...]) -> pd.DataFrame:
    """Published scores of Italy and Japan by commitment."""
    rows = [
        {"commitment_id": commitment.replace("c", "2024-"), "member": member, "code": member[:3].upper()}
        | dict.fromkeys(("table_score", "heading_score", "stated_score", "published_score"), score)
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


def test_a_report_without_tables_gives_no_findings(report: Any) -> None:
    assert report.found("summary_score", "summary_average", "summary_percentage") == {}


def test_an_audit_takes_the_tables_in(report: Any) -> None:
    report.summary.append(
        {"document_id": "d", "table": "scores", "commitment_id": "2024-19", "member": "Italy", "value": 1.0}
        | {"percent": None}
    )
    assert list(report.found("summary_score")) == ["summary_score:2024-19/ITA"]
