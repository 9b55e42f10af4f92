"""Final scores: those that a person decided in the ledger."""

from collections.abc import Mapping

import pandas as pd

from g7tag.frames import LEDGER, MEMBERS, SCORES_FRAME, validate
from g7tag.scoring.receipts import Receipt

SCORE_ROW = "score:"
"""Prefix of the id of the ledger row for a member's score; the member's id follows."""
COLUMNS = ["commitment_id", "member", "published_score", "suggested", "final_score", "basis", "decided_by", "why"]


def score_row(receipt: Receipt) -> str:
    """Return the id of the ledger row for a member's score."""
    return f"{SCORE_ROW}{receipt.commitment_id}/{receipt.code}"


def final_scores(
    scores: pd.DataFrame, members: pd.DataFrame, ledger: pd.DataFrame, *, evidence: Mapping[str, str]
) -> pd.DataFrame:
    """Return the final score of each member, who decided it and why.

    A ledger row with status `decided` and a score counts unless the evidence has changed since. Without such a row,
    nobody has decided: the basis is `agreed` if the published score is the suggested score under every reading. All
    other cases are open, including rows with a score but not status `decided`, and rows with status `decided` but no
    score.

    Parameters
    ----------
    scores, members
        Frames of one run.
    ledger
        The ledger frame. With no rows, nobody has decided.
    evidence
        Hash of the current evidence, by the id of the ledger row for a member's score. A row with a different hash is
        stale. A row without a hash counts as decided on the current evidence.

    Returns
    -------
    pandas.DataFrame
        Columns commitment_id, member, published_score, suggested (the score under every reading, NA if readings differ
        or a score is missing), final_score (NA unless decided), basis (`decided`, `agreed`, `stale` or `open`),
        decided_by and why. One row per member. No members give no rows.
    """
    for frame, model in ((scores, SCORES_FRAME), (members, MEMBERS), (ledger, LEDGER)):
        validate(frame, model, source="final scores")
    codes = dict(zip(zip(members["commitment_id"], members["member"], strict=True), members["code"], strict=True))
    decisions = ledger[(ledger["status"] == "decided") & ledger["decision"].notna()].set_index("finding_id")
    unfinished = ledger[(ledger["status"] == "decided") != ledger["decision"].notna()].set_index("finding_id")["status"]
    rows = []
    for (commitment, member), group in scores.groupby(["commitment_id", "member"], sort=False):
        row_id = f"{SCORE_ROW}{commitment}/{codes[commitment, member]}"
        suggested = set(group["suggested_score"])
        agreed = suggested.pop() if len(suggested) == 1 else pd.NA
        published = group["published_score"].iloc[0]
        row = {"commitment_id": commitment, "member": member, "published_score": published, "suggested": agreed}
        decision = decisions.loc[row_id] if row_id in decisions.index else None
        if decision is not None and decision["evidence_sha256"] in {"", evidence[row_id]}:
            row |= {"final_score": decision["decision"], "basis": "decided"}
            row |= {"decided_by": decision["owner"], "why": decision["note"]}
        elif decision is not None:
            row |= {"final_score": pd.NA, "basis": "stale", "decided_by": decision["owner"]}
            row |= {"why": "the evidence has changed since this decision; decide again"}
        elif row_id in unfinished.index:
            problem = (
                "the decision has no score"
                if unfinished[row_id] == "decided"
                else f"its status is {unfinished[row_id]}"
            )
            row |= {"final_score": pd.NA, "basis": "open", "decided_by": ""}
            row |= {"why": f"row {row_id} is incomplete: {problem}"}
        elif not pd.isna(agreed) and not pd.isna(published) and agreed == published:
            row |= {"final_score": pd.NA, "basis": "agreed", "decided_by": "", "why": _rules(group)}
        else:
            row |= {
                "final_score": pd.NA,
                "basis": "open",
                "decided_by": "",
                "why": f"not decided; decide it in row {row_id}",
            }
        rows.append(row)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(["published_score", "suggested", "final_score"], "Int64"))


def _rules(scores: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(scores["rule"]))
