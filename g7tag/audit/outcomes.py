"""Check what scores rest on: rules, readings, thresholds, single items, doubtful tags, and the amount of evidence."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, finding, named
from g7tag.codebook import Codebook
from g7tag.scoring import CLEAR, NO_RULE, P_COLUMNS, check_codebook, signed

_RUBRIC = {
    "gap": "rubric_gap", "overlap": "rubric_overlap", "less for more": "rubric_less_for_more",
    "readings disagree": "rubric_disagree",
}  # fmt: skip
_KEPT = 0.5
"""Share of equal draws below which a score rests on the number of items."""


def rubric_findings(codebook: Codebook) -> list[Row]:
    """Return what the rubric linter finds in the scoring rules."""
    return [
        finding(
            _RUBRIC[row["problem"]], MEDIUM, f"{codebook.id}/{row['reading']}",
            f"{row['n_states']} of {row['of']} states ({row['states']}), such as {row['witness']}.",
        )
        for row in check_codebook(codebook).to_dict("records")
    ]  # fmt: skip


def outcome_findings(
    scores: pd.DataFrame,
    thresholds: pd.DataFrame,
    flips: pd.DataFrame,
    equal: pd.DataFrame,
    members: pd.DataFrame,
    codebook: Codebook,
    seen: int,
) -> list[Row]:
    """Return where a score is missing, disputed, or rests on little.

    Parameters
    ----------
    scores, thresholds, flips, members
        Frames of one run.
    equal
        What `equal_evidence` gives.
    codebook
        Readings, and the number of strong items.
    seen
        Items of the commitment that the tagger was trained on.
    """  # fmt: skip
    codes = dict(zip(zip(members["commitment_id"], members["member"], strict=True), members["code"], strict=True))
    rows = list(_seen(codebook, seen))
    for (commitment, member), its in scores.groupby(["commitment_id", "member"], sort=False):
        subject = f"{commitment}/{codes[commitment, member]}"
        for row in (
            *_score(its, subject),
            *_turning(flips[flips["member"] == member], its, subject),
            *_unequal(equal[equal["member"] == member], subject),
        ):
            rows.append(row | {"member": member})
    return rows + list(_threshold(thresholds, codebook))


def _seen(codebook: Codebook, seen: int) -> Iterator[Row]:
    if seen:
        message = (
            f"the tagger was trained on restatements of {seen} items of this commitment, so it doubts and errs less "
            "here than on a report it has not seen; `g7tag evaluate` says how much."
        )
        yield finding("seen_in_training", MEDIUM, codebook.commitment.id, message)


def _score(its: pd.DataFrame, subject: str) -> Iterator[Row]:
    suggested, published = its["suggested_score"], its["published_score"].iloc[0]
    by_reading = ", ".join(f"{name} {signed(score)}" for name, score in zip(its["reading"], suggested, strict=True))
    for row in its[suggested.isna()].to_dict("records"):
        check = "rule_gap" if row["rule"] == NO_RULE else "rule_overlap"
        yield finding(check, HIGH, f"{subject}/{row['reading']}", f"no score under {row['reading']}: {row['rule']}.")
    if suggested.notna().all() and len(set(suggested)) > 1:
        yield finding("depends_on_reading", HIGH, subject, f"the suggested score depends on the reading: {by_reading}.")
    differing = its["agrees"].eq(other=False).fillna(value=False)
    if differing.any():
        told = f"published {signed(published)}, suggested {by_reading}."
        yield finding("score_differs", HIGH, subject, told)
    contradicted = its[its["score_if_contradicted"].ne(suggested).fillna(value=False)]
    for row in contradicted.to_dict("records"):
        told = (
            f"action contrary to the commitment was labelled: {signed(row['suggested_score'])} without it, "
            f"{signed(row['score_if_contradicted'])} if it comes first; the guidelines do not say."
        )
        yield finding("contradictory_action", HIGH, f"{subject}/{row['reading']}", told)
    likeliest = its[list(P_COLUMNS.values())].max(axis=1)
    unclear = its[likeliest < CLEAR]
    if len(unclear):
        first = unclear.iloc[0]
        shares = ", ".join(f"{signed(score)} {first[column]:.0%}" for score, column in P_COLUMNS.items())
        told = f"too close to call by the tags' probabilities under {', '.join(unclear['reading'])}: {shares}."
        yield finding("tagger_doubt", MEDIUM, subject, told)


def _turning(flips: pd.DataFrame, its: pd.DataFrame, subject: str) -> Iterator[Row]:
    """One item's labels would do: named where the score would fall from, or to, the published one."""
    for flip in flips[flips["size"].eq(1).fillna(value=False)].head(1).to_dict("records"):
        now = its.loc[its["reading"] == flip["reading"], "suggested_score"].iloc[0]
        to = "no score" if pd.isna(flip["to_score"]) else signed(flip["to_score"])
        told = (
            f"{signed(now)} becomes {to} if one item is labelled otherwise; {flip['n_sets']} items could do it, the "
            f"likeliest {named([flip['item_ids']])} ({flip['change']})."
        )
        falls = not pd.isna(flip["to_score"]) and not pd.isna(now) and flip["to_score"] < now
        proof = flip["sentence_ids"].split(";")
        yield finding("turns_on_one", HIGH if falls else LOW, subject, told, proof=[flip["item_ids"], *proof])


def _unequal(equal: pd.DataFrame, subject: str) -> Iterator[Row]:
    for row in equal[equal["kept"] < _KEPT].head(1).to_dict("records"):
        told = (
            f"with {row['n_drawn']} items, as the member with the fewest has, and not {row['n_items']}, it keeps its "
            f"score in {row['kept']:.0%} of {row['draws']} draws."
        )
        yield finding("unequal_evidence", MEDIUM, subject, told)


def _threshold(thresholds: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    """Members whose score is another when strong action takes more or fewer items."""
    parts: list[str] = []
    for least, its in thresholds[thresholds["changes"]].groupby("min_strong_items"):
        moved: dict[str, Any] = dict(zip(its["member"], its["suggested_score"], strict=True))
        shown = ", ".join(f"{member} {signed(score)}" for member, score in moved.items())
        parts.append(f"{least}: {shown}")
    if parts:
        told = (
            f"the guidelines do not say how many strong items are strong action; the codebook says "
            f"{codebook.min_strong_items}. Other numbers give other scores. {'; '.join(parts)}."
        )
        yield finding("threshold", MEDIUM, codebook.commitment.id, told)
