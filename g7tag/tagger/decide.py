"""Turn probabilities into tags, margins and the probability that a tag is right."""

from collections.abc import Mapping, Sequence
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import ACTS, NO_DIMENSION

STRONG, EXCLUDED = "strong", "excluded"
"""Columns of the probabilities: strong, given any dimension; excluded, for any reason."""


def set_dimensions(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return which dimensions are set, as a boolean column for each."""
    keys = list(thresholds)
    reached = shares[keys] >= pd.Series(thresholds)
    excluded = (shares[EXCLUDED] >= 0.5) & (shares[EXCLUDED] > shares[keys].max(axis=1))
    return reached & ~(excluded | decided_acts(shares).isin(NO_DIMENSION)).to_numpy()[:, None]


def decided_acts(shares: pd.DataFrame) -> pd.Series:
    """Return the most likely act of each sentence; "" if the probabilities of the acts are not known."""
    if not set(ACTS) <= set(shares) or shares.empty:
        return pd.Series("", index=shares.index, dtype="str", name="act")
    known = shares[list(ACTS)].notna().all(axis=1)
    most_likely = shares[list(ACTS)].fillna(0.0).idxmax(axis=1).astype("str")
    return most_likely.where(known, "").astype("str").rename("act")


def decided_strengths(shares: pd.DataFrame, is_set: pd.DataFrame) -> pd.Series:
    """Return the strength of each sentence: none without a dimension, weak for a planned act."""
    weak = (shares[STRONG] < 0.5) | (decided_acts(shares) == "planned")
    strength = np.where(is_set.any(axis=1), np.where(weak, "weak", "strong"), "none")
    return pd.Series(strength, index=shares.index, dtype="str")


def decided_tags(
    shares: pd.DataFrame, thresholds: Mapping[str, float], exclusions: Sequence[str], usable: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the tags for probabilities: columns dimensions (keys joined by ";"), strength, act and exclusion."""
    is_set = set_dimensions(shares, thresholds) & usable[:, None]
    tagged = is_set.any(axis=1)
    left = usable & ~tagged & (shares[EXCLUDED] >= 0.5)
    most_likely = shares[list(exclusions)].idxmax(axis=1).astype("str") if exclusions else ""
    return pd.DataFrame(
        {
            "dimensions": _joined_keys(is_set),
            "strength": decided_strengths(shares, is_set),
            "act": decided_acts(shares).where(usable, ""),
            "exclusion": np.where(left, most_likely, ""),
        },
        index=shares.index,
    )


def _joined_keys(is_set: pd.DataFrame) -> pd.Series:
    """Return the names of the true columns of each row, joined by ";"."""
    kinds, places = np.unique(is_set.to_numpy(dtype=bool), axis=0, return_inverse=True)
    names = np.asarray([";".join(compress(is_set.columns, kind)) for kind in kinds], dtype=object)
    return pd.Series(names[places.ravel()], index=is_set.index, dtype="str")


def margins(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.Series:
    """Return the smallest distance of a probability from its threshold, from 0 to 1."""
    distances = (shares[list(thresholds)] - pd.Series(thresholds)).abs()
    tagged = set_dimensions(shares, thresholds).any(axis=1)
    strength = (shares[STRONG] - 0.5).abs().where(tagged, np.inf)
    return distances.min(axis=1).clip(upper=strength).rename("margin")


def right_shares(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.Series:
    """Return the probability that the dimensions, strength and act of a tag are right, assuming independence."""
    is_set = set_dimensions(shares, thresholds)
    dimensions = shares[list(thresholds)]
    dimensions_right = dimensions.where(is_set, 1 - dimensions).prod(axis=1)
    strong = decided_strengths(shares, is_set) == STRONG
    strength_right = shares[STRONG].where(strong, 1 - shares[STRONG]).where(is_set.any(axis=1), 1.0)
    act_right = shares[list(ACTS)].max(axis=1).fillna(1.0) if set(ACTS) <= set(shares) else 1.0
    return (dimensions_right * strength_right * act_right).rename("p_right")
