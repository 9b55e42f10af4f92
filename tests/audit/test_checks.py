"""Each check finds what is wrong, and nothing where nothing is."""

from typing import Any

import pandas as pd
import pytest

from g7tag.audit import audit_evidence
from g7tag.codebook import Codebook
from g7tag.frames import COMMITMENTS, ITEMS, MEMBERS, SCORES_FRAME, build

MEMBERS_ROWS = [
    {"commitment_id": "2024-19", "member": name, "code": name[:3].upper(), "published_score": score}
    | dict.fromkeys(("table_score", "heading_score", "stated_score"), score)
    for name, score in (("Italy", 0), ("Japan", 1))
]  # mean 0.5, 75 %


def audit(
    codebook: Codebook,
    *,
    average: float | None = 0.5,
    percent: float | None = 75,
    italy: dict[str, Any] | None = None,
    date: str = "2024-07-01",
    all_dates: int = 0,
    seen: int = 0,
) -> pd.DataFrame:
    words = {"title": "", "text": "", "guidelines": "", "scoring_table": "", "codebook": codebook.id}
    commitment = {"commitment_id": "2024-19", "document_id": "d", "number": 19, **words}
    item = {
        "item_id": "2024-19/ITA-01", "document_id": "d", "commitment_id": "2024-19", "member": "Italy", "position": 1,
        "date": pd.Timestamp(date), "date_text": date, "text": "x", "citations": "", "pages": "", "status": "ok",
    }  # fmt: skip
    score = {
        "commitment_id": "2024-19", "member": "Italy", "reading": "scoring-table", "suggested_score": 0, "rule": "r",
        "published_score": 0, "agrees": True, "score_all_dates": all_dates, "score_if_contradicted": 0,
    }  # fmt: skip
    return audit_evidence(
        commitments=build(COMMITMENTS, [commitment | {"printed_average": average, "printed_percent": percent}]),
        members=build(MEMBERS, [MEMBERS_ROWS[0] | (italy or {}), MEMBERS_ROWS[1]]),
        items=build(ITEMS, [item]),
        scores=build(SCORES_FRAME, [score]),
        codebook=codebook,
        seen=seen,
    )


def test_a_tagger_that_was_trained_on_the_commitment_is_named(codebook: Codebook) -> None:
    (found,) = audit(codebook, seen=200).to_dict("records")
    assert (found["finding_id"], found["severity"]) == ("seen_in_training:2024-19", "medium")
    assert found["message"].startswith("the tagger was trained on restatements of 200 items of this commitment, so it ")


def test_a_report_that_fits_has_no_findings(codebook: Codebook) -> None:
    assert len(audit(codebook)) == 0


@pytest.mark.parametrize(
    ("change", "finding_id", "severity", "message"),
    [
        (
            {"italy": {"stated_score": -1}}, "printed_scores:2024-19/ITA", "high",
            "the table says 0, the heading says 0, the closing line says -1; expected one score.",
        ),
        (
            {"average": 0.38}, "printed_average:2024-19", "high",
            "the printed average is 0.38, the 2 published scores give 0.5.",
        ),
        (
            {"percent": 69}, "printed_percentage:2024-19", "high",
            "the printed percentage is 69, the 2 published scores give 75.",
        ),
        (
            {"date": "2023-03-16"}, "period:2024-19/ITA-01", "low",
            "dated 16 March 2023, outside the period 15 June 2024 to 15 May 2025, so not counted. "
            "Counting such items would not change the member's suggested score.",
        ),
        (
            {"date": "2025-05-16", "all_dates": 1}, "period:2024-19/ITA-01", "high",
            "dated 16 May 2025, outside the period 15 June 2024 to 15 May 2025, so not counted. "
            "Counting such items would change it: scoring-table 0 to +1.",
        ),
    ],
    ids=["printed-scores", "average", "percentage", "before-the-period", "after-it-and-it-matters"],
)  # fmt: skip
def test_what_does_not_fit_is_found(
    codebook: Codebook, change: dict[str, Any], finding_id: str, severity: str, message: str
) -> None:
    found = audit(codebook, **change)
    assert found[["finding_id", "severity", "message"]].to_numpy().tolist() == [[finding_id, severity, message]]


@pytest.mark.parametrize("date", ["2024-06-15", "2025-05-15"])
def test_both_ends_of_the_period_count(codebook: Codebook, date: str) -> None:
    assert len(audit(codebook, date=date)) == 0


@pytest.mark.parametrize(
    "unread", [{"average": None, "percent": None}, {"italy": {"table_score": None}}], ids=["average", "table"]
)
def test_what_was_not_read_is_not_called_wrong(codebook: Codebook, unread: dict[str, Any]) -> None:
    assert len(audit(codebook, **unread)) == 0
