"""Final scores: decided, agreed, stale or open."""

from typing import Any

import pandas as pd
import pytest

from g7tag.frames import LEDGER, MEMBERS, SCORES_FRAME, build
from g7tag.scoring import final_scores

ROW = "score:2024-19/ITA"


def final(*, suggested: tuple[int | None, int | None] = (0, 0), **decision: Any) -> dict[str, Any]:
    """The final score of Italy, published 0, with one row of the ledger if a decision is given."""
    keys = {"commitment_id": "2024-19", "member": "Italy"}
    scores = [
        {**keys, "reading": reading, "suggested_score": score, "rule": "r", "published_score": 0}
        for reading, score in zip(("a", "b"), suggested, strict=True)
    ]
    printed = dict.fromkeys(("table_score", "heading_score", "stated_score", "published_score"), 0)
    row = {
        "finding_id": ROW, "severity": "", "member": "Italy", "message": "", "status": "decided", "owner": "Ada",
        "note": "read again", "decision": 1, "evidence_sha256": "now",
    }  # fmt: skip
    table = final_scores(
        build(SCORES_FRAME, scores), build(MEMBERS, [keys | {"code": "ITA"} | printed]),
        build(LEDGER, [row | decision] if decision else []), evidence={ROW: "now"},
    )  # fmt: skip
    (found,) = table.to_dict("records")
    return {name: None if pd.isna(value) else value for name, value in found.items()}


@pytest.mark.parametrize("suggested", [(0, 0), (1, -1), (None, 0)], ids=["agreed", "by reading", "gap"])
def test_a_decision_counts_whatever_is_suggested(suggested: tuple[int | None, int | None]) -> None:
    found = final(suggested=suggested, decision=-1)
    assert (found["final_score"], found["basis"], found["decided_by"], found["why"]) == (
        -1,
        "decided",
        "Ada",
        "read again",
    )


def test_without_a_decision_what_is_agreed_is_final() -> None:
    found = final()
    assert (found["final_score"], found["basis"], found["decided_by"], found["why"]) == (0, "agreed", "", "r")


@pytest.mark.parametrize("suggested", [(1, 1), (0, 1), (None, None)], ids=["differs", "by reading", "gap"])
def test_anything_else_is_open_and_says_where_to_decide(suggested: tuple[int | None, int | None]) -> None:
    found = final(suggested=suggested)
    assert (found["final_score"], found["basis"], found["why"]) == (None, "open", f"decide it in row {ROW}")


def test_a_decision_on_other_evidence_is_stale_and_does_not_count() -> None:
    found = final(decision=1, evidence_sha256="then")
    assert (found["final_score"], found["basis"], found["decided_by"]) == (None, "stale", "Ada")


def test_an_empty_hash_takes_the_evidence_as_it_is() -> None:
    assert final(decision=1, evidence_sha256="")["basis"] == "decided"


@pytest.mark.parametrize(
    ("row", "lacks"),
    [
        ({"decision": 1, "status": "open"}, "its status is open"),
        ({"decision": 1, "status": "dismissed"}, "its status is dismissed"),
        ({"decision": None, "status": "decided"}, "no score under decision"),
    ],
    ids=["open", "dismissed", "no score"],
)
def test_a_row_that_is_filled_in_by_half_leaves_the_score_open(row: dict[str, Any], lacks: str) -> None:
    found = final(**row)
    assert (found["final_score"], found["basis"]) == (None, "open")
    assert found["why"] == f"row {ROW} is filled in by half: {lacks}"
