"""Final scores: decided, agreed, stale or open."""

from typing import Any

import pandas as pd
import pytest

from g7tag.frames import LEDGER, MEMBERS, SCORES_FRAME, build
from g7tag.scoring import final_scores

ROW = "score:2024-19/ITA"


def final(
    *,
    suggested: tuple[int | None, int | None] = (0, 0),
    rules: tuple[str, str] = ("r", "r"),
    published: int | None = 0,
    **decision: Any,
) -> dict[str, Any]:
    """Return the final score of Italy, with one ledger row if a decision is given."""
    keys = {"commitment_id": "2024-19", "member": "Italy"}
    scores = [
        {**keys, "reading": reading, "suggested_score": score, "rule": rule, "published_score": published}
        for reading, score, rule in zip(("a", "b"), suggested, rules, strict=True)
    ]
    printed = dict.fromkeys(("table_score", "heading_score", "stated_score", "published_score"), published)
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


def test_without_a_decision_no_score_is_final_even_if_all_agree() -> None:
    found = final()
    assert (found["final_score"], found["basis"], found["decided_by"], found["why"]) == (None, "agreed", "", "r")


@pytest.mark.parametrize(
    ("suggested", "published", "expected"),
    [((1, 1), 0, 1), ((0, 1), 0, None), ((None, 0), 0, None), ((None, None), 0, None), ((0, 0), None, 0)],
    ids=["differs", "by reading", "gap", "no score", "not printed"],
)
def test_anything_else_is_open_and_says_where_to_decide(
    suggested: tuple[int | None, int | None], published: int | None, expected: int | None
) -> None:
    found = final(suggested=suggested, published=published)
    assert found["suggested"] == expected
    assert (found["final_score"], found["basis"], found["why"]) == (
        None,
        "open",
        f"not decided; decide it in row {ROW}",
    )


def test_the_rules_of_an_agreed_score_are_its_reason_each_once() -> None:
    assert final(rules=("two strong", "one strong"))["why"] == "two strong; one strong"


def test_members_keep_their_order_and_have_their_own_rows() -> None:
    names = {"Japan": "JPN", "Italy": "ITA"}
    printed = dict.fromkeys(("table_score", "heading_score", "stated_score", "published_score"), 0)
    keys = [{"commitment_id": "2024-19", "member": name} for name in names]
    common = {"reading": "a", "suggested_score": 1, "rule": "r", "published_score": 0}
    table = final_scores(
        build(SCORES_FRAME, [each | common for each in keys]),
        build(MEMBERS, [each | {"code": names[each["member"]]} | printed for each in keys]),
        build(LEDGER, []),
        evidence={},
    )
    assert table["member"].tolist() == ["Japan", "Italy"]
    assert table["why"].tolist() == [f"not decided; decide it in row score:2024-19/{code}" for code in names.values()]
    assert table["decided_by"].tolist() == ["", ""]


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
        ({"decision": None, "status": "decided"}, "the decision has no score"),
    ],
    ids=["open", "dismissed", "no score"],
)
def test_a_row_that_is_filled_in_by_half_leaves_the_score_open(row: dict[str, Any], lacks: str) -> None:
    found = final(**row)
    assert (found["final_score"], found["basis"]) == (None, "open")
    assert found["why"] == f"row {ROW} is incomplete: {lacks}"
