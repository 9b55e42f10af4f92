"""Check what a report prints against itself: its scores, its average, and the dates of its items."""

import math
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import COMMITMENTS, FINDINGS, ITEMS, MEMBERS, SCORES_FRAME, build, validate
from g7tag.scoring import compliance_percent, in_period, signed

Row = dict[str, Any]
_PRINTED = {"table_score": "the table", "heading_score": "the heading", "stated_score": "the closing line"}


def audit_evidence(
    *,
    commitments: pd.DataFrame,
    members: pd.DataFrame,
    items: pd.DataFrame,
    scores: pd.DataFrame,
    codebook: Codebook,
    seen: int = 0,
) -> pd.DataFrame:
    """Return the findings of a run, by check and in reading order.

    Four checks: the tagger was not trained on the commitment's items; the scores that a report prints for a member in
    its table, heading and closing line are one score; the printed average is the mean of the headings' scores; every
    item is dated in the codebook's period.

    Parameters
    ----------
    commitments, members, items, scores
        Frames of one run; those of commitments without a codebook are checked for printed scores and average alone.
    codebook
        The commitment's period.
    seen
        Items of the commitment that the tagger was trained on.

    Returns
    -------
    pandas.DataFrame
        The findings frame. Nothing wrong gives no rows.
    """
    frames = ((commitments, COMMITMENTS), (members, MEMBERS), (items, ITEMS), (scores, SCORES_FRAME))
    for frame, model in frames:
        validate(frame, model, source="audit")
    printed = [*_printed_scores(members), *_printed_average(commitments, members)]
    return build(FINDINGS, [*_seen(codebook, seen), *printed, *_period(items, scores, codebook)])


def printed_like(value: float, printed: float, *, decimals: int) -> bool:
    """Return whether a number rounds to the printed one; a half may be rounded either way.

    Examples
    --------
    >>> printed_like(0.375, 0.38, decimals=2), printed_like(0.25, 0.38, decimals=2)
    (True, False)
    """
    return math.isclose(value, printed, abs_tol=0.5 * 10.0**-decimals + 1e-9)


def _seen(codebook: Codebook, seen: int) -> list[Row]:
    if not seen:
        return []
    message = (
        f"the tagger was trained on restatements of {seen} items of this commitment, so it doubts and errs less here "
        "than on a report it has not seen; `g7tag evaluate` says how much."
    )
    return [_finding("seen_in_training", "medium", "", codebook.commitment.id, message)]


def _printed_scores(members: pd.DataFrame) -> list[Row]:
    rows = []
    for member in members.to_dict("records"):
        found = {where: member[name] for name, where in _PRINTED.items() if not pd.isna(member[name])}
        if len(set(found.values())) > 1:
            said = ", ".join(f"{where} says {signed(score)}" for where, score in found.items())
            name, subject = str(member["member"]), f"{member['commitment_id']}/{member['code']}"
            rows.append(_finding("printed_scores", "high", name, subject, f"{said}; expected one score."))
    return rows


def _printed_average(commitments: pd.DataFrame, members: pd.DataFrame) -> list[Row]:
    rows = []
    for commitment in commitments.to_dict("records"):
        its = members.loc[members["commitment_id"] == commitment["commitment_id"], "published_score"]
        mean = float(its.mean()) if its.notna().all() and len(its) else math.nan
        average, percent = float(str(commitment["printed_average"])), float(str(commitment["printed_percent"]))
        for name, value, shown, decimals in (
            ("average", mean, average, 2),
            ("percentage", compliance_percent(mean), percent, 0),
        ):
            if not math.isnan(value + shown) and not printed_like(value, shown, decimals=decimals):
                message = f"the printed {name} is {shown:g}, the {len(its)} published scores give {value:.4g}."
                rows.append(_finding(f"printed_{name}", "high", "", str(commitment["commitment_id"]), message))
    return rows


def _period(items: pd.DataFrame, scores: pd.DataFrame, codebook: Codebook) -> list[Row]:
    commitment = codebook.commitment
    start, end = pd.Timestamp(commitment.period_start), pd.Timestamp(commitment.period_end)
    own = items[items["commitment_id"] == commitment.id]
    rows = []
    for item in own[~in_period(own, codebook)].to_dict("records"):
        its = scores[scores["member"] == item["member"]]
        same = its["suggested_score"].equals(its["score_all_dates"])
        effect = "Counting such items would not change the member's suggested score."
        if not same:
            changes = zip(its["reading"], its["suggested_score"], its["score_all_dates"], strict=True)
            worded = ", ".join(f"{name} {signed(before)} to {signed(after)}" for name, before, after in changes)
            effect = f"Counting such items would change it: {worded}."
        message = (
            f"dated {item['date']:%d %B %Y}, outside the period {start:%d %B %Y} to {end:%d %B %Y}, so not counted. "
            f"{effect}"
        )
        rows.append(_finding("period", "low" if same else "high", str(item["member"]), str(item["item_id"]), message))
    return rows


def _finding(check: str, severity: str, member: str, subject: str, message: str) -> Row:
    """One row; its id is the check and what it is about, so that it stays the same over reruns."""
    return {
        "finding_id": f"{check}:{subject}", "check": check, "severity": severity, "member": member, "subject": subject,
        "message": message, "proof": subject,
    }  # fmt: skip
