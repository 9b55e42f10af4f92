"""Final scores: what people decided in the ledger, else what suggestion and report have in common."""

from collections.abc import Mapping

import pandas as pd

from g7tag.frames import LEDGER, MEMBERS, SCORES_FRAME, validate
from g7tag.scoring.receipts import Receipt

SCORE_ROW = "score:"
"""How the id of the ledger row that decides a member's score begins; the member's id follows."""
COLUMNS = ["commitment_id", "member", "published_score", "suggested", "final_score", "basis", "decided_by", "why"]


def score_row(receipt: Receipt) -> str:
    """Return the id of the ledger row that decides a member's score."""
    return f"{SCORE_ROW}{receipt.commitment_id}/{receipt.code}"


def final_scores(
    scores: pd.DataFrame, members: pd.DataFrame, ledger: pd.DataFrame, *, evidence: Mapping[str, str]
) -> pd.DataFrame:
    """Return the final score of each member, who decided it, and why.

    A row of the ledger that is `decided` and gives a score counts, unless the evidence changed since. Without one, a
    score that the report prints and that is suggested under every reading is final; any other case stays open, and so
    does a row with a score that is not marked decided, or the reverse.

    Parameters
    ----------
    scores, members
        Frames of one run.
    ledger
        The ledger frame; no rows leave all to agreement.
    evidence
        Hash of the evidence as it is, by the id of the row that decides a member's score. A row with another hash is
        stale; one without a hash is taken to be decided on the evidence as it is.

    Returns
    -------
    pandas.DataFrame
        Columns commitment_id, member, published_score, suggested (the score under every reading, NA where they
        differ or one has none), final_score (NA where open), basis (`decided`, `agreed`, `stale` or `open`), decided_by
        and why. One row a member; no members give no rows.
    """
    for frame, model in ((scores, SCORES_FRAME), (members, MEMBERS), (ledger, LEDGER)):
        validate(frame, model, source="final scores")
    codes = dict(zip(zip(members["commitment_id"], members["member"], strict=True), members["code"], strict=True))
    decisions = ledger[(ledger["status"] == "decided") & ledger["decision"].notna()].set_index("finding_id")
    unfinished = ledger[(ledger["status"] == "decided") != ledger["decision"].notna()].set_index("finding_id")["status"]
    rows = []
    for (commitment, member), its in scores.groupby(["commitment_id", "member"], sort=False):
        row_id = f"{SCORE_ROW}{commitment}/{codes[commitment, member]}"
        suggested = set(its["suggested_score"])
        agreed = suggested.pop() if len(suggested) == 1 else pd.NA
        published = its["published_score"].iloc[0]
        row = {"commitment_id": commitment, "member": member, "published_score": published, "suggested": agreed}
        decision = decisions.loc[row_id] if row_id in decisions.index else None
        if decision is not None and decision["evidence_sha256"] in {"", evidence[row_id]}:
            row |= {"final_score": decision["decision"], "basis": "decided"}
            row |= {"decided_by": decision["owner"], "why": decision["note"]}
        elif decision is not None:
            row |= {"final_score": pd.NA, "basis": "stale", "decided_by": decision["owner"]}
            row |= {"why": "the evidence changed since this was decided; decide again"}
        elif row_id in unfinished.index:
            lacks = (
                "no score under decision" if unfinished[row_id] == "decided" else f"its status is {unfinished[row_id]}"
            )
            row |= {"final_score": pd.NA, "basis": "open", "decided_by": ""}
            row |= {"why": f"row {row_id} is filled in by half: {lacks}"}
        elif not pd.isna(agreed) and not pd.isna(published) and agreed == published:
            row |= {"final_score": agreed, "basis": "agreed", "decided_by": "", "why": _rules(its)}
        else:
            row |= {"final_score": pd.NA, "basis": "open", "decided_by": "", "why": f"decide it in row {row_id}"}
        rows.append(row)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(["published_score", "suggested", "final_score"], "Int64"))


def _rules(its: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(its["rule"]))
