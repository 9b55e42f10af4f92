"""Turn probabilities into tags, margins and the probability that a tag is right."""

from collections.abc import Mapping, Sequence
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

STRONG, EXCLUDED = "strong", "excluded"
"""Columns of the probabilities: strong, given any dimension; excluded, for any reason."""


def set_dimensions(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return which dimensions are set, as a boolean column for each.

    A dimension is set if its probability reaches its threshold, unless the probability of `EXCLUDED` is at least one
    half and greater than that of every dimension.

    Parameters
    ----------
    shares
        Probabilities: a column for each dimension, and `EXCLUDED`. May be empty.
    thresholds
        Dimension -> minimum probability at which it is set.

    Examples
    --------
    >>> shares = pd.DataFrame({"a": [0.6, 0.6], "excluded": [0.1, 0.7]})
    >>> set_dimensions(shares, {"a": 0.5})["a"].tolist()
    [True, False]
    """
    keys = list(thresholds)
    reached = shares[keys] >= pd.Series(thresholds)
    excluded = (shares[EXCLUDED] >= 0.5) & (shares[EXCLUDED] > shares[keys].max(axis=1))
    return reached & ~excluded.to_numpy()[:, None]


def decided_tags(
    shares: pd.DataFrame, thresholds: Mapping[str, float], exclusions: Sequence[str], usable: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the tags for probabilities: columns dimensions (keys joined by ";"), strength and exclusion.

    Parameters
    ----------
    shares, thresholds
        As for `set_dimensions`. The probabilities also have `STRONG` and a column for each exclusion.
    exclusions
        Keys of the exclusions. If no dimension is set and `EXCLUDED` is at least one half, the most likely exclusion is
        set.
    usable
        Which sentences can be tagged. The others get no dimension, strength or exclusion.

    Examples
    --------
    >>> shares = pd.DataFrame({"a": [0.9, 0.1], "strong": [0.6, 0.5], "excluded": [0.0, 0.8], "border": [0.0, 0.8]})
    >>> decided_tags(shares, {"a": 0.5}, ["border"], np.array([True, True])).to_numpy().tolist()
    [['a', 'strong', ''], ['', 'none', 'border']]
    """
    is_set = set_dimensions(shares, thresholds) & usable[:, None]
    tagged = is_set.any(axis=1)
    left = usable & ~tagged & (shares[EXCLUDED] >= 0.5)
    most_likely = shares[list(exclusions)].idxmax(axis=1).astype("str") if exclusions else ""
    return pd.DataFrame(
        {
            "dimensions": _joined_keys(is_set),
            "strength": np.where(tagged, np.where(shares[STRONG] >= 0.5, "strong", "weak"), "none"),
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
    """Return the smallest distance of a probability from its threshold, from 0 to 1.

    This includes all dimensions, and the distance of `STRONG` from one half if any dimension is set.

    Examples
    --------
    >>> shares = pd.DataFrame({"a": [0.9, 0.1], "strong": [0.6, 0.5], "excluded": [0.0, 0.0]})
    >>> margins(shares, {"a": 0.5}).round(2).tolist()
    [0.1, 0.4]
    """
    distances = (shares[list(thresholds)] - pd.Series(thresholds)).abs()
    tagged = set_dimensions(shares, thresholds).any(axis=1)
    strength = (shares[STRONG] - 0.5).abs().where(tagged, np.inf)
    return distances.min(axis=1).clip(upper=strength).rename("margin")


def right_shares(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.Series:
    """Return the probability that all dimensions and the strength of a tag are right, assuming independence.

    This is the product of the probabilities that each set dimension applies, that each other dimension does not, and,
    if any dimension is set, that the strength is right. Low values are doubtful.

    Examples
    --------
    >>> shares = pd.DataFrame({"a": [0.9, 0.1], "strong": [0.6, 0.5], "excluded": [0.0, 0.0]})
    >>> right_shares(shares, {"a": 0.5}).round(2).tolist()
    [0.54, 0.9]
    """
    is_set = set_dimensions(shares, thresholds)
    dimensions = shares[list(thresholds)]
    dimensions_right = dimensions.where(is_set, 1 - dimensions).prod(axis=1)
    strength_right = shares[STRONG].clip(lower=1 - shares[STRONG]).where(is_set.any(axis=1), 1.0)
    return (dimensions_right * strength_right).rename("p_right")
