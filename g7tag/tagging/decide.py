"""From probabilities to a tag: which dimensions are set, how near another tag is, and how likely the tag is right."""

from collections.abc import Mapping
from itertools import compress

import numpy as np
import pandas as pd

STRONG, EXCLUDED = "strong", "excluded"
"""Columns of the probabilities: strong, given any dimension; excluded for any reason."""


def set_dimensions(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return which dimensions are set: a column of booleans for each.

    Those at or above their threshold, unless the exclusion is both likely and likelier than each of them.

    Parameters
    ----------
    shares
        Probabilities: a column for each dimension, and `EXCLUDED`; no rows give no rows.
    thresholds
        Dimension -> the least probability at which it is set.

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


def joined_keys(is_set: pd.DataFrame) -> pd.Series:
    """Return the names of the columns that hold in each row, joined by ";".

    Examples
    --------
    >>> joined_keys(pd.DataFrame({"a": [True, False], "b": [True, False]})).tolist()
    ['a;b', '']
    """
    kinds, places = np.unique(is_set.to_numpy(dtype=bool), axis=0, return_inverse=True)
    names = np.asarray([";".join(compress(is_set.columns, kind)) for kind in kinds], dtype=object)
    return pd.Series(names[places.ravel()], index=is_set.index, dtype="str")


def margins(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.Series:
    """Return the least distance of a probability from its threshold, from 0 to 1.

    The distances of all dimensions, and that of `STRONG` from one half if any dimension is set.

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
    """Return the probability that all dimensions and the strength of a tag are right, were they independent.

    The product of the probabilities of what the tag says: that a set dimension is there, that another is not, and that
    the strength is the likelier one if any dimension is set. Low means doubtful.

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
