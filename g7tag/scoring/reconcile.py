"""Compare published, suggested and final scores."""

import math
from collections.abc import Mapping

import pandas as pd

from g7tag.frames import LEDGER, MEMBERS, SCORES_FRAME, require_columns, validate
from g7tag.scoring.distribution import suggested_chances
from g7tag.scoring.receipts import Receipt
from g7tag.scoring.rules import signed

SCORE_ROW = "score:"
"""Prefix of the id of the ledger row for a member's score; the member's id follows."""
_FINAL = ["commitment_id", "member", "published_score", "suggested", "final_score", "basis", "decided_by", "why"]


def compliance_percent(score: float) -> float:
    """Return a score, or a mean of scores, as the percentage in G7 compliance reports: 50 * (score + 1)."""
    return 50.0 * (score + 1.0)


def reconcile(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row per member with the published score and the suggested score under each reading.

    Parameters
    ----------
    scores
        The scores frame. No rows give no rows.

    Returns
    -------
    pandas.DataFrame
        Columns commitment_id, member, published_score, one column per reading (Int64), verdict and chance. `verdict` is
        `agrees` or `differs` under every reading, `depends on the reading`, or `no score` if a score is missing.
        `chance` is the lowest probability of the suggested score over the readings, in [0, 1], NaN if unknown.

    Examples
    --------
    >>> row = {"commitment_id": "2024-19", "member": "Italy", "suggested_score": 1, "rule": "r", "published_score": 0}
    >>> from g7tag.frames import build
    >>> frame = build(SCORES_FRAME, [{**row, "reading": "table", "agrees": False, "p_plus1": 0.9}])
    >>> reconcile(frame)[["member", "published_score", "table", "verdict"]].values.tolist()
    [['Italy', 0, 1, 'differs']]
    """
    validate(scores, SCORES_FRAME, source="scores")
    keys = ["commitment_id", "member"]
    table = scores.drop_duplicates(keys)[[*keys, "published_score"]].reset_index(drop=True)
    for reading in scores["reading"].unique():
        rows = scores.loc[scores["reading"] == reading, [*keys, "suggested_score"]]
        table = table.merge(rows.rename(columns={"suggested_score": reading}), on=keys, how="left")
    if scores.empty:
        return table.assign(verdict=pd.Series(dtype="str"), chance=pd.Series(dtype="float64"))
    groups = scores.assign(chance=suggested_chances(scores)).groupby(keys, sort=False)
    return table.merge(groups.agg(verdict=("agrees", _verdict), chance=("chance", "min")).reset_index(), on=keys)


def averages(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the mean published score and the mean suggested score under each reading; NaN if a score is missing."""
    columns = {"published": scores.drop_duplicates(["commitment_id", "member"])["published_score"]}
    columns |= {str(name): rows["suggested_score"] for name, rows in scores.groupby("reading", sort=False)}
    rows = []
    for name, column in columns.items():
        mean = float(column.mean()) if len(column) and column.notna().all() else math.nan
        rows.append({"scores": name, "n": int(column.notna().sum()), "mean": mean, "percent": compliance_percent(mean)})
    return pd.DataFrame(rows)


def _verdict(agrees: pd.Series) -> str:
    if agrees.isna().any():
        return "no score"
    if agrees.all():
        return "agrees"
    return "depends on the reading" if agrees.any() else "differs"


def add_sources(
    rows: pd.DataFrame, *, sentences: pd.DataFrame, items: pd.DataFrame, tags: pd.DataFrame, citations: pd.DataFrame
) -> pd.DataFrame:
    """Return rows of sentences with the doubt of their tag and the first note of their item."""
    first = pd.to_numeric(items["citations"].str.split(";").str[0]).astype("Int64")
    noted = items[["item_id", "document_id"]].assign(note=first)
    cited = noted.merge(citations, on=["document_id", "note"], how="left")
    tagged = sentences[["sentence_id", "item_id"]].merge(
        tags[["sentence_id", "needs_review", "review_reason"]], on="sentence_id"
    )
    columns = ["item_id", "note", "publisher", "published", "url", "url_status"]
    sources = tagged.merge(cited[columns], on="item_id", how="left").drop(columns="item_id")
    return rows.merge(sources, on="sentence_id", how="left", validate="many_to_one")


def score_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the members whose suggested score changed.

    Parameters
    ----------
    before, after
        Scores frames of the same members and readings.

    Returns
    -------
    pandas.DataFrame
        Columns member, reading, before and after (NA for no score). No rows if no score changed.
    """
    keys = ["commitment_id", "member", "reading"]
    for frame in (before, after):
        require_columns(frame, (*keys, "suggested_score"), source="score_changes")
    old, new = (
        frame[[*keys, "suggested_score"]].rename(columns={"suggested_score": name})
        for frame, name in ((before, "before"), (after, "after"))
    )
    both = old.merge(new, on=keys)
    changed = both["before"].map(signed) != both["after"].map(signed)  # no score differs from any score
    return both.loc[changed, ["member", "reading", "before", "after"]].reset_index(drop=True)


def score_row(receipt: Receipt) -> str:
    """Return the id of the ledger row for a member's score."""
    return f"{SCORE_ROW}{receipt.commitment_id}/{receipt.code}"


def final_scores(
    scores: pd.DataFrame, members: pd.DataFrame, ledger: pd.DataFrame, *, evidence: Mapping[str, str]
) -> pd.DataFrame:
    """Return the final score of each member, who decided it and why.

    A ledger row with status `decided` and a score counts unless the evidence has changed since. Without such a row,
    the basis is `agreed` if the published score is the suggested score under every reading; otherwise it is open.

    Parameters
    ----------
    scores, members
        Frames of one run.
    ledger
        The ledger frame. With no rows, nobody has decided.
    evidence
        Hash of the current evidence, by the id of the ledger row for a member's score. A row with a different hash is
        stale; one without a hash counts as decided on the current evidence.

    Returns
    -------
    pandas.DataFrame
        Columns commitment_id, member, published_score, suggested (the score under every reading, NA if readings differ
        or a score is missing), final_score (NA unless decided), basis (`decided`, `agreed`, `stale` or `open`),
        decided_by and why. One row per member. No members give no rows.
    """
    for frame, model in ((scores, SCORES_FRAME), (members, MEMBERS), (ledger, LEDGER)):
        validate(frame, model, source="final scores")
    codes = {(row["commitment_id"], row["member"]): row["code"] for row in members.to_dict("records")}
    decided, scored = ledger["status"] == "decided", ledger["decision"].notna()
    decisions = ledger[decided & scored].set_index("finding_id").to_dict("index")
    unfinished = dict(ledger.loc[decided != scored, ["finding_id", "status"]].itertuples(index=False, name=None))
    rows = []
    for (commitment, member), group in scores.groupby(["commitment_id", "member"], sort=False):
        row_id = f"{SCORE_ROW}{commitment}/{codes[commitment, member]}"
        published, different = group["published_score"].iloc[0], set(group["suggested_score"])
        suggested = different.pop() if len(different) == 1 else pd.NA
        final, basis, decided_by, why = pd.NA, "open", "", f"not decided; decide it in row {row_id}"
        if row_id in decisions:
            decision = decisions[row_id]
            decided_by = decision["owner"]
            if decision["evidence_sha256"] in {"", evidence[row_id]}:
                final, basis, why = decision["decision"], "decided", decision["note"]
            else:
                basis, why = "stale", "the evidence has changed since this decision; decide again"
        elif row_id in unfinished:
            status = unfinished[row_id]
            problem = "the decision has no score" if status == "decided" else f"its status is {status}"
            why = f"row {row_id} is incomplete: {problem}"
        elif not pd.isna(suggested) and not pd.isna(published) and suggested == published:
            basis, why = "agreed", "; ".join(dict.fromkeys(group["rule"]))
        rows.append((commitment, member, published, suggested, final, basis, decided_by, why))
    table = pd.DataFrame(rows, columns=_FINAL)
    return table.astype(dict.fromkeys(["published_score", "suggested", "final_score"], "Int64"))
