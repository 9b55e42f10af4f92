"""Scores for different numbers of strong items that make a level strong."""

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import EVIDENCE_MATRIX, MEMBERS, THRESHOLDS, build, validate
from g7tag.scoring.rules import reached_level, scores_of

MOST_ITEMS = 5


def threshold_scores(evidence_matrix: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return each member's suggested score for 1 to `MOST_ITEMS` strong items that make a level strong.

    Parameters
    ----------
    evidence_matrix
        The evidence_matrix frame of one run; its counts do not depend on the threshold.
    codebook
        Readings and the threshold that the run was scored with.

    Returns
    -------
    pandas.DataFrame
        The thresholds frame. `changes` is True if the score differs from the score at the codebook's threshold. An
        empty matrix gives no rows.
    """
    validate(evidence_matrix, EVIDENCE_MATRIX, source="evidence_matrix")
    rows = []
    for (commitment, member), cells in evidence_matrix.groupby(["commitment_id", "member"], sort=False):
        numbers = sorted({*range(1, MOST_ITEMS + 1), codebook.min_strong_items})
        scores = {least: scores_of(_levels(cells, least), codebook.readings) for least in numbers}
        own = scores[codebook.min_strong_items]
        rows += [
            {
                "commitment_id": commitment, "member": member, "reading": reading.name, "min_strong_items": least,
                "suggested_score": scores[least][reading.name],
                "changes": scores[least][reading.name] != own[reading.name],
            }
            for reading in codebook.readings
            for least in numbers
        ]  # fmt: skip
    return build(THRESHOLDS, rows)


def threshold_table(thresholds: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return the number of published scores that are suggested at each threshold of strong items."""
    validate(thresholds, THRESHOLDS, source="thresholds")
    validate(members, MEMBERS, source="members")
    keys = ["commitment_id", "member"]
    joined = thresholds.merge(members[[*keys, "published_score"]], on=keys, how="left", validate="many_to_one")
    joined["agrees"] = (joined["suggested_score"] == joined["published_score"]).fillna(value=False).astype("int64")
    table = joined.pivot_table(index="min_strong_items", columns="reading", values="agrees", aggfunc="sum", sort=False)
    published = joined.drop_duplicates(keys)["published_score"]
    counts = {"always_0": int((published == 0).sum()), "n": int(published.notna().sum())}
    return table.reset_index().rename_axis(columns=None).assign(**counts)


def _levels(cells: pd.DataFrame, least: int) -> dict[str, str]:
    return {
        cell["dimension"]: reached_level(cell["n_strong"], cell["n_weak"], min_strong_items=least)
        for cell in cells.to_dict("records")
    }
