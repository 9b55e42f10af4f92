"""Compute the evidence matrix and each member's suggested score under each reading."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import EVIDENCE_MATRIX, ITEMS, LABELS, MEMBERS, SCORES_FRAME, SENTENCES, build, validate
from g7tag.scoring.rules import apply_reading, reached_level, score_if_contradicted, scores_of

Row = dict[str, Any]


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
    own = members[members["commitment_id"] == codebook.commitment.id]
    facts = item_levels(labels, sentences=sentences, items=items, codebook=codebook)
    contradicting = _contradicting_members(labels, sentences, items, codebook)
    matrix, scores = [], []
    for member in own.to_dict("records"):
        own_facts = facts[facts["member"] == member["member"]]
        counted = own_facts[own_facts["in_period"]]
        rows = _matrix_rows(counted, member, codebook, threshold)
        every = _matrix_rows(own_facts, member, codebook, threshold)
        matrix += rows
        contradicted = member["member"] in contradicting
        for reading in codebook.readings:
            verdict = apply_reading(_levels(rows), reading)
            suggested, published = verdict.score, member["published_score"]
            unknown = suggested is None or pd.isna(published)
            scores.append(
                {
                    "commitment_id": member["commitment_id"], "member": member["member"], "reading": reading.name,
                    "suggested_score": suggested, "rule": verdict.rule, "published_score": published,
                    "agrees": None if unknown else suggested == published,
                    "score_all_dates": apply_reading(_levels(every), reading).score,
                    "score_if_contradicted": score_if_contradicted(verdict, reading, contradicted=contradicted),
                    "p_minus1": None, "p_0": None, "p_plus1": None,
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
    """Return one row for each item and labelled dimension."""
    facts = label_facts(labels, sentences)
    levels = (
        facts.assign(strong=facts["strength"] == "strong")
        .groupby(["item_id", "member", "dimension"], sort=False)["strong"]
        .any()
        .reset_index()
    )
    dated = items.loc[items["commitment_id"] == codebook.commitment.id, ["item_id", "date"]].assign(
        in_period=in_period(items, codebook)
    )
    levels = levels.astype({"strong": "bool"})  # set the dtype if there are no rows
    return dated.merge(levels, on="item_id", validate="one_to_many")


def score_items(levels: pd.DataFrame, codebook: Codebook) -> dict[str, int | None]:
    """Return the score under each reading from items of one member, of any date."""
    n_strong = levels.loc[levels["strong"], "dimension"].value_counts()
    n_weak = levels.loc[~levels["strong"], "dimension"].value_counts()
    reached = {
        key: reached_level(n_strong.get(key, 0), n_weak.get(key, 0), min_strong_items=codebook.min_strong_items)
        for key in codebook.dimension_keys
    }
    return scores_of(reached, codebook.readings)


def _contradicting_members(
    labels: pd.DataFrame, sentences: pd.DataFrame, items: pd.DataFrame, codebook: Codebook
) -> set[str]:
    """Members with a counted item that has a sentence labelled contradictory, with or without dimensions."""
    counted = items.loc[(items["commitment_id"] == codebook.commitment.id) & in_period(items, codebook), "item_id"]
    contradicting = sentences.merge(labels.loc[labels["contradicts"], ["sentence_id"]], on="sentence_id")
    return set(contradicting.loc[contradicting["item_id"].isin(counted), "member"])


def _matrix_rows(facts: pd.DataFrame, member: Mapping[Any, Any], codebook: Codebook, threshold: int) -> list[Row]:
    rows: list[Row] = []
    for key in codebook.dimension_keys:
        of_key = facts[facts["dimension"] == key]
        n_strong, n_items = int(of_key["strong"].sum()), len(of_key)
        level = reached_level(n_strong, n_items - n_strong, min_strong_items=threshold)
        rows.append(
            {
                "commitment_id": member["commitment_id"], "member": member["member"], "dimension": key,
                "n_strong": n_strong, "n_weak": n_items - n_strong, "level": level,
                "item_ids": ";".join(of_key["item_id"]),
            }
        )  # fmt: skip
    return rows


def _levels(rows: list[Row]) -> dict[str, str]:
    return {str(row["dimension"]): str(row["level"]) for row in rows}
