"""Final scores: decided, agreed, stale or open."""

import pandas as pd
import pytest

from g7tag.frames import LEDGER, MEMBERS, SCORES_FRAME, build
from g7tag.scoring import final_scores

ROW = "score:2024-19/ITA"
OPEN = (None, "open", "", f"not decided; decide it in row {ROW}")
PRINTED = ("table_score", "heading_score", "stated_score", "published_score")


def final(*, suggested=(0, 0), published=0, **decision):
    """Return the final score of Italy by rules "two" and "one", with one ledger row if a decision is given."""
    keys = {"commitment_id": "2024-19", "member": "Italy"}
    scores = [
        {**keys, "reading": rule, "suggested_score": score, "rule": rule, "published_score": published}
        for rule, score in zip(("two", "one"), suggested, strict=True)
    ]
    row = {
        "finding_id": ROW, "severity": "", "member": "Italy", "message": "", "status": "decided", "owner": "Ada",
        "note": "read again", "decision": 1, "evidence_sha256": "now",
    }  # fmt: skip
    table = final_scores(
        build(SCORES_FRAME, scores), build(MEMBERS, [keys | {"code": "ITA"} | dict.fromkeys(PRINTED, published)]),
        build(LEDGER, [row | decision] if decision else []), evidence={ROW: "now"},
    )  # fmt: skip
    (found,) = table.to_dict("records")
    return {name: None if pd.isna(value) else value for name, value in found.items()}


BY_READING, GAP, OTHER = (0, 1), (None, 0), (1, 1)
STALE = (None, "stale", "Ada", "the evidence has changed since this decision; decide again")
HALF = f"row {ROW} is incomplete: "


@pytest.mark.parametrize(("given", "expected"), [
    ({"decision": -1}, (-1, "decided", "Ada", "read again")),
    ({"decision": -1, "suggested": BY_READING}, (-1, "decided", "Ada", "read again")),
    ({"decision": -1, "suggested": GAP}, (-1, "decided", "Ada", "read again")),
    ({"decision": 1, "evidence_sha256": ""}, (1, "decided", "Ada", "read again")),  # on the evidence as it is
    ({"decision": 1, "evidence_sha256": "then"}, STALE),
    ({}, (None, "agreed", "", "two; one")),  # without a decision no score is final
    ({"suggested": OTHER}, OPEN),
    ({"suggested": BY_READING}, OPEN),
    ({"suggested": GAP}, OPEN),
    ({"suggested": (None, None)}, OPEN),
    ({"published": None}, OPEN),
    ({"decision": 1, "status": "open"}, (None, "open", "", f"{HALF}its status is open")),
    ({"decision": 1, "status": "dismissed"}, (None, "open", "", f"{HALF}its status is dismissed")),
    ({"decision": None, "status": "decided"}, (None, "open", "", f"{HALF}the decision has no score")),
], ids=str)  # fmt: skip
def test_a_score_is_final_only_if_a_person_decided_it_on_this_evidence(given, expected):
    found = final(**given)
    assert tuple(found[name] for name in ("final_score", "basis", "decided_by", "why")) == expected
    different = set(given.get("suggested", (0, 0)))
    assert found["suggested"] == (different.pop() if len(different) == 1 else None)


def test_members_keep_their_order_and_have_their_own_rows():
    names = {"Japan": "JPN", "Italy": "ITA"}
    keys = [{"commitment_id": "2024-19", "member": name} for name in names]
    common = {"reading": "a", "suggested_score": 1, "rule": "r", "published_score": 0}
    members = [each | {"code": names[each["member"]]} | dict.fromkeys(PRINTED, 0) for each in keys]
    scores = build(SCORES_FRAME, [each | common for each in keys])
    table = final_scores(scores, build(MEMBERS, members), build(LEDGER, []), evidence={})
    assert table["member"].tolist() == ["Japan", "Italy"]
    assert table["why"].tolist() == [f"not decided; decide it in row score:2024-19/{code}" for code in names.values()]
