"""Compare suggested scores with published scores, and list the sentences they are based on."""

import math
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import EVIDENCE_MATRIX, SCORES_FRAME, require_columns, validate
from g7tag.scoring.distribution import P_COLUMNS
from g7tag.scoring.rules import reached_level, scores_of
from g7tag.scoring.scores import in_period, label_facts


def compliance_percent(score: float) -> float:
    """Return a score, or a mean of scores, as the percentage in G7 compliance reports: 50 * (score + 1)."""
    return 50.0 * (score + 1.0)


def reconcile(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row per member with the published score and the suggested score under each reading.

    Parameters
    ----------
    scores
        The scores frame.

    Returns
    -------
    pandas.DataFrame
        Columns commitment_id, member, published_score, one column per reading (Int64), verdict and chance. `verdict` is
        `agrees` or `differs` under every reading, `depends on the reading`, or `no score` if a score is missing.
        `chance` is the lowest probability of the suggested score over the readings, in [0, 1], NaN if unknown. No
        scores give no rows.

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
    readings = list(dict.fromkeys(scores["reading"]))
    table = scores.drop_duplicates(keys)[[*keys, "published_score"]].reset_index(drop=True)
    for reading in readings:
        rows = scores.loc[scores["reading"] == reading, [*keys, "suggested_score"]]
        table = table.merge(
            rows.rename(columns={"suggested_score": reading}), on=keys, how="left", validate="one_to_one"
        )
    if scores.empty:
        return table.assign(verdict=pd.Series(dtype="str"), chance=pd.Series(dtype="float64"))
    shares = [scores[column].where(scores["suggested_score"] == score) for score, column in P_COLUMNS.items()]
    groups = scores.assign(chance=pd.concat(shares, axis=1).max(axis=1)).groupby(keys, sort=False)
    verdicts = groups.agg(verdict=("agrees", _verdict), chance=("chance", "min")).reset_index()
    return table.merge(verdicts, on=keys, validate="one_to_one")


def averages(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the mean published score and the mean suggested score under each reading."""
    validate(scores, SCORES_FRAME, source="scores")
    columns = {"published": scores.drop_duplicates(["commitment_id", "member"])["published_score"]}
    columns |= {str(name): rows["suggested_score"] for name, rows in scores.groupby("reading", sort=False)}
    rows = []
    for name, column in columns.items():
        mean = float(column.mean()) if len(column) and column.notna().all() else math.nan
        rows.append({"scores": name, "n": int(column.notna().sum()), "mean": mean, "percent": compliance_percent(mean)})
    return pd.DataFrame(rows)


def carrying_sentences(
    labels: pd.DataFrame,
    *,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    evidence_matrix: pd.DataFrame,
    codebook: Codebook,
    min_strong_items: int | None = None,
) -> pd.DataFrame:
    """Return the sentences that each member's level in each dimension is based on."""
    validate(evidence_matrix, EVIDENCE_MATRIX, source="evidence_matrix")
    threshold = codebook.min_strong_items if min_strong_items is None else min_strong_items
    counted = set(items.loc[in_period(items, codebook), "item_id"])
    facts = label_facts(labels, sentences)
    facts = facts[facts["item_id"].isin(counted)]
    strong = facts["strength"].eq("strong").groupby([facts["item_id"], facts["dimension"]]).transform("any")
    cells = evidence_matrix[["member", "dimension", "n_strong", "n_weak", "level"]]
    joined = cells.merge(facts.assign(strong_item=strong), on=["member", "dimension"])
    levels = {
        member: dict(zip(rows["dimension"], rows["level"], strict=True)) for member, rows in cells.groupby("member")
    }
    joined["decides"] = [_decides(row, levels[row["member"]], codebook, threshold) for row in joined.to_dict("records")]
    columns = ["member", "dimension", "level", "strength", "decides", "sentence_id", "text"]
    return joined.merge(sentences[["sentence_id", "text"]], on="sentence_id", how="left")[columns]


def _decides(row: dict[Any, Any], levels: dict[str, str], codebook: Codebook, min_strong_items: int) -> str:
    """What changes if an item loses its label in a dimension: the score, the level, or nothing."""
    if row["strong_item"] and row["strength"] != "strong":
        return ""  # another sentence of the item is strong
    n_strong, n_weak = row["n_strong"] - row["strong_item"], row["n_weak"] - (not row["strong_item"])
    level = reached_level(n_strong, n_weak, min_strong_items=min_strong_items)
    if level == row["level"]:
        return ""
    after = levels | {row["dimension"]: level}
    changed = scores_of(levels, codebook.readings) != scores_of(after, codebook.readings)
    return "score" if changed else "level"


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
    both = before[[*keys, "suggested_score"]].merge(after[[*keys, "suggested_score"]], on=keys, suffixes=("_old", ""))
    same = both["suggested_score_old"].eq(both["suggested_score"]).fillna(value=False) | (
        both["suggested_score_old"].isna() & both["suggested_score"].isna()
    )
    changed = both[~same].rename(columns={"suggested_score_old": "before", "suggested_score": "after"})
    return changed[["member", "reading", "before", "after"]].reset_index(drop=True)
