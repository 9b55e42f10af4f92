"""The evidence matrix and suggested scores, also for other numbers of strong items that make a level strong."""

from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import EVIDENCE_MATRIX, ITEMS, LABELS, MEMBERS, SCORES_FRAME, SENTENCES, THRESHOLDS, build, validate
from g7tag.scoring.rules import apply_reading, reached_level, score_if_contradicted, scores_of

MOST_ITEMS = 5
"""Highest number of strong items that `threshold_scores` tries."""


class Scored(NamedTuple):
    """The evidence matrix and the scores computed from it."""

    evidence_matrix: pd.DataFrame
    scores: pd.DataFrame


def score_members(
    labels: pd.DataFrame,
    *,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    members: pd.DataFrame,
    codebook: Codebook,
    min_strong_items: int | None = None,
) -> Scored:
    """Return the evidence matrix and the suggested scores of the codebook's commitment.

    An item is strong in a dimension if one of its sentences is strong in it, and weak if one is weak and none is
    strong. A member is `strong` in a dimension with at least `min_strong_items` strong items, `weak` with at least one
    strong or weak item, and otherwise `none`. Items dated outside the codebook's period are not counted
    (`score_all_dates` is the score with them). Items with an unread date are counted.

    Parameters
    ----------
    labels, sentences, items, members
        Frames of one run. Members of other commitments get no rows.
    codebook
        Dimensions, period and rules.
    min_strong_items
        Number of strong items that make strong action. If omitted, the codebook's.

    Returns
    -------
    Scored
        Rows in the order of the members. A member without items has level `none` in every dimension. A score is NA if
        no rule applies, or if rules with different scores apply. The probabilities of the scores are NaN; compute them
        with `score_distribution`.
    """
    for frame, model in ((labels, LABELS), (sentences, SENTENCES), (items, ITEMS), (members, MEMBERS)):
        validate(frame, model, source="scoring")
    threshold = codebook.min_strong_items if min_strong_items is None else min_strong_items
    facts = item_levels(labels, sentences=sentences, items=items, codebook=codebook)
    own_items = items[items["commitment_id"] == codebook.commitment.id]
    counted = own_items.loc[in_period(own_items, codebook), "item_id"]
    contrary = sentences["sentence_id"].isin(labels.loc[labels["contradicts"], "sentence_id"])  # with any dimensions
    contradicted = set(sentences.loc[contrary & sentences["item_id"].isin(counted), "member"])
    matrix, scores = [], []
    for member in members[members["commitment_id"] == codebook.commitment.id].to_dict("records"):
        keys = {"commitment_id": member["commitment_id"], "member": member["member"]}
        own = facts[facts["member"] == member["member"]]
        cells, all_cells = (_cells(rows, codebook, threshold) for rows in (own[own["in_period"]], own))
        matrix += [keys | cell for cell in cells]
        levels, every = ({cell["dimension"]: cell["level"] for cell in each} for each in (cells, all_cells))
        contrary_action = member["member"] in contradicted
        for reading in codebook.readings:
            verdict, published = apply_reading(levels, reading), member["published_score"]
            unknown = verdict.score is None or pd.isna(published)
            scores.append(
                keys
                | {
                    "reading": reading.name, "suggested_score": verdict.score, "rule": verdict.rule,
                    "published_score": published, "agrees": None if unknown else verdict.score == published,
                    "score_all_dates": apply_reading(every, reading).score,
                    "score_if_contradicted": score_if_contradicted(verdict, reading, contradicted=contrary_action),
                }
            )  # fmt: skip
    return Scored(build(EVIDENCE_MATRIX, matrix), build(SCORES_FRAME, scores))


def in_period(items: pd.DataFrame, codebook: Codebook) -> pd.Series:
    """Return whether each item counts: its date is in the codebook's period (ends included) or unread."""
    start, end = pd.Timestamp(codebook.commitment.period_start), pd.Timestamp(codebook.commitment.period_end)
    return items["date"].isna() | items["date"].between(start, end)


def label_facts(labels: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each sentence and labelled dimension: ids, dimension and strength."""
    joined = sentences[["sentence_id", "item_id", "member"]].merge(labels, on="sentence_id", validate="one_to_one")
    split = joined.assign(dimension=joined["dimensions"].str.split(";")).explode("dimension")
    columns = ["sentence_id", "item_id", "member", "dimension", "strength"]
    return split.loc[split["dimension"].fillna("") != "", columns].reset_index(drop=True)


def item_levels(
    labels: pd.DataFrame, *, sentences: pd.DataFrame, items: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return one row for each item and labelled dimension: whether it is strong, and in the period."""
    facts = label_facts(labels, sentences)
    groups = facts.assign(strong=facts["strength"] == "strong").groupby(["item_id", "member", "dimension"], sort=False)
    levels = groups["strong"].any().reset_index().astype({"strong": "bool"})  # also without rows
    dated = items.loc[items["commitment_id"] == codebook.commitment.id, ["item_id", "date"]]
    dated = dated.assign(in_period=in_period(dated, codebook))
    return dated.merge(levels, on="item_id", validate="one_to_many")


def threshold_scores(evidence_matrix: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return each member's suggested score for 1 to `MOST_ITEMS` strong items that make a level strong.

    `changes` is True if the score differs from the score at the codebook's threshold.
    """
    numbers = sorted({*range(1, MOST_ITEMS + 1), codebook.min_strong_items})
    rows = []
    for (commitment, member), cells in evidence_matrix.groupby(["commitment_id", "member"], sort=False):
        counts = cells.set_index("dimension")[["n_strong", "n_weak"]].to_dict("index")
        scores = {}
        for least in numbers:
            levels = {
                key: reached_level(n["n_strong"], n["n_weak"], min_strong_items=least) for key, n in counts.items()
            }
            scores[least] = scores_of(levels, codebook.readings)
        rows += [
            {
                "commitment_id": commitment, "member": member, "reading": reading, "min_strong_items": least,
                "suggested_score": scores[least][reading], "changes": scores[least][reading] != own,
            }
            for reading, own in scores[codebook.min_strong_items].items()
            for least in numbers
        ]  # fmt: skip
    return build(THRESHOLDS, rows)


def threshold_table(thresholds: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return the number of published scores that are suggested at each threshold of strong items."""
    keys = ["commitment_id", "member"]
    joined = thresholds.merge(members[[*keys, "published_score"]], on=keys, how="left", validate="many_to_one")
    joined["agrees"] = (joined["suggested_score"] == joined["published_score"]).fillna(value=False).astype("int64")
    table = joined.pivot_table(index="min_strong_items", columns="reading", values="agrees", aggfunc="sum", sort=False)
    published = joined.drop_duplicates(keys)["published_score"]
    counts = {"always_0": int((published == 0).sum()), "n": int(published.notna().sum())}
    return table.reset_index().rename_axis(columns=None).assign(**counts)


def _cells(levels: pd.DataFrame, codebook: Codebook, threshold: int) -> list[dict[str, Any]]:
    """The numbers of items and the level of one member in each dimension."""
    cells = []
    for key in codebook.dimension_keys:
        own = levels[levels["dimension"] == key]
        n_strong = int(own["strong"].sum())
        n_weak = len(own) - n_strong
        level = reached_level(n_strong, n_weak, min_strong_items=threshold)
        ids = ";".join(own["item_id"])
        cells.append({"dimension": key, "n_strong": n_strong, "n_weak": n_weak, "level": level, "item_ids": ids})
    return cells
