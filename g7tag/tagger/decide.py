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
    """Return which dimensions are set, as a boolean column for each.

    A dimension is set if its probability reaches its threshold, unless the act carries no dimension, or the probability
    of `EXCLUDED` is at least one half and greater than that of every dimension.

    Parameters
    ----------
    shares
        Probabilities: a column for each dimension, `EXCLUDED` and, optionally, the acts. May be empty.
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
    return reached & ~(excluded | decided_acts(shares).isin(NO_DIMENSION)).to_numpy()[:, None]


def decided_acts(shares: pd.DataFrame) -> pd.Series:
    """Return the most likely act of each sentence; "" if the probabilities of the acts are not known.

    Examples
    --------
    >>> decided_acts(pd.DataFrame({act: [0.1, np.nan] for act in ACTS} | {"reversed": [0.6, np.nan]})).tolist()
    ['reversed', '']
    """
    if not set(ACTS) <= set(shares) or shares.empty:
        return pd.Series("", index=shares.index, dtype="str", name="act")
    known = shares[list(ACTS)].notna().all(axis=1)
    most_likely = shares[list(ACTS)].fillna(0.0).idxmax(axis=1).astype("str")
    return most_likely.where(known, "").astype("str").rename("act")


def decided_strengths(shares: pd.DataFrame, is_set: pd.DataFrame) -> pd.Series:
    """Return the strength of each sentence: none without a dimension, weak for a planned act.

    Parameters
    ----------
    shares
        Probabilities, with `STRONG` and, optionally, the acts.
    is_set
        The result of `set_dimensions`.
    """
    weak = (shares[STRONG] < 0.5) | (decided_acts(shares) == "planned")
    strength = np.where(is_set.any(axis=1), np.where(weak, "weak", "strong"), "none")
    return pd.Series(strength, index=shares.index, dtype="str")


def decided_tags(
    shares: pd.DataFrame, thresholds: Mapping[str, float], exclusions: Sequence[str], usable: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the tags for probabilities: columns dimensions (keys joined by ";"), strength, act and exclusion.

    Parameters
    ----------
    shares, thresholds
        As for `set_dimensions`. The probabilities also have `STRONG` and a column for each exclusion.
    exclusions
        Keys of the exclusions. If no dimension is set and `EXCLUDED` is at least one half, the most likely exclusion is
        set.
    usable
        Which sentences can be tagged. The others get no dimension, strength, act or exclusion.

    Examples
    --------
    >>> shares = pd.DataFrame({"a": [0.9, 0.1], "strong": [0.6, 0.5], "excluded": [0.0, 0.8], "border": [0.0, 0.8]})
    >>> decided_tags(shares, {"a": 0.5}, ["border"], np.array([True, True])).to_numpy().tolist()
    [['a', 'strong', '', ''], ['', 'none', '', 'border']]
    """
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
    """Return the probability that the dimensions, strength and act of a tag are right, assuming independence.

    This is the product of the probabilities that each set dimension applies, that each other dimension does not, that
    the act is right and, if any dimension is set, that the strength is right. Low values are doubtful. The parts are
    not independent, so a tagger rescales the product; see `train_tagger`.

    Examples
    --------
    >>> shares = pd.DataFrame({"a": [0.9, 0.1], "strong": [0.6, 0.5], "excluded": [0.0, 0.0]})
    >>> right_shares(shares, {"a": 0.5}).round(2).tolist()
    [0.54, 0.9]
    """
    is_set = set_dimensions(shares, thresholds)
    dimensions = shares[list(thresholds)]
    dimensions_right = dimensions.where(is_set, 1 - dimensions).prod(axis=1)
    strong = decided_strengths(shares, is_set) == STRONG
    strength_right = shares[STRONG].where(strong, 1 - shares[STRONG]).where(is_set.any(axis=1), 1.0)
    act_right = shares[list(ACTS)].max(axis=1).fillna(1.0) if set(ACTS) <= set(shares) else 1.0
    return (dimensions_right * strength_right * act_right).rename("p_right")
