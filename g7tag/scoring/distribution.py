"""Probabilities of the scores, computed from the probabilities of the labels."""

import zlib
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import Codebook, Reading
from g7tag.frames import ITEMS, MEMBERS, SENTENCES, validate
from g7tag.scoring.rules import LEVELS, apply_reading, states_of
from g7tag.scoring.scores import in_period

DRAWS = 10_000
"""Number of draws. The Monte Carlo error is at most 0.005 (one standard error of a probability of one half)."""
CORRELATION = 0.5
"""Correlation of one label's normal variables within an item: 0 draws sentences independently, 1 jointly."""
CLEAR = 0.8
"""Minimum probability of a clear score. A less probable score is too close to call."""
P_COLUMNS = {-1: "p_minus1", 0: "p_0", 1: "p_plus1"}
_AT_ONCE = 500
_Numbers = npt.NDArray[np.int64]


def score_distribution(
    chances: pd.DataFrame,
    *,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    members: pd.DataFrame,
    codebook: Codebook,
    draws: int = DRAWS,
    correlation: float = CORRELATION,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the probability of each score, by member and reading.

    In each draw, every counted sentence gets each dimension, and strength, with its probability. The draws of one label
    (a dimension or strength) in the sentences of one item are correlated through a shared normal variable (a Gaussian
    copula); those of different labels are independent. Levels and scores follow as in `score_members`. Only the
    uncertainty of the labels is included, not that of the rules or of missing evidence.

    Parameters
    ----------
    chances
        Result of `label_chances`.
    sentences, items, members
        Frames of one run.
    codebook
        Dimensions, period and rules.
    draws, correlation, random_state
        Number of draws, correlation in [0, 1] and random seed. The draws of a member do not depend on other members.

    Returns
    -------
    pandas.DataFrame
        Columns commitment_id, member, reading, p_minus1, p_0, p_plus1, in [0, 1]. If they add up to less than 1, the
        remaining draws have no score. A member without items has the score for no action with probability 1. No
        members give no rows.
    """
    for frame, model in ((sentences, SENTENCES), (items, ITEMS), (members, MEMBERS)):
        validate(frame, model, source="distribution")
    keys = codebook.dimension_keys
    counted = set(items.loc[in_period(items, codebook), "item_id"])
    rows = sentences[["sentence_id", "item_id", "member"]].merge(chances, on="sentence_id", validate="one_to_one")
    rows = rows[rows["item_id"].isin(counted)].sort_values(["item_id", "sentence_id"], kind="stable")
    found: list[dict[str, Any]] = []
    for member in members[members["commitment_id"] == codebook.commitment.id].to_dict("records"):
        own = rows[rows["member"] == member["member"]]
        states = _drawn_states(
            own[[*keys, "strong"]].to_numpy(dtype=float), own["item_id"].to_numpy(), codebook.min_strong_items,
            draws=draws, correlation=correlation, random_state=[random_state, zlib.crc32(str(member["code"]).encode())],
        )  # fmt: skip
        for reading in codebook.readings:
            scores = scores_of_states(states, keys, reading)
            shares = {column: float((scores == score).mean()) for score, column in P_COLUMNS.items()}
            names = {"commitment_id": member["commitment_id"], "member": member["member"], "reading": reading.name}
            found.append(names | shares)
    return pd.DataFrame(found, columns=["commitment_id", "member", "reading", *P_COLUMNS.values()])


def suggested_chances(scores: pd.DataFrame) -> pd.Series:
    """Return the probability of each suggested score; NaN if it is unknown or there is no score."""
    shares = [scores[column].where(scores["suggested_score"] == score) for score, column in P_COLUMNS.items()]
    return pd.concat(shares, axis=1).max(axis=1)


def scores_of_states(states: _Numbers, keys: Sequence[str], reading: Reading) -> npt.NDArray[np.float64]:
    """Return the score of each row of levels, NaN if no rule applies or rules with different scores apply."""
    unique, places = np.unique(states, axis=0, return_inverse=True)
    levels = (dict(zip(keys, (LEVELS[level] for level in row), strict=True)) for row in unique)
    scores = [apply_reading(each, reading).score for each in levels]
    return np.asarray([np.nan if score is None else score for score in scores], dtype=float)[places.ravel()]


def _drawn_states(
    shares: npt.NDArray[np.float64], item_ids: npt.NDArray[Any], min_strong_items: int,
    *, draws: int, correlation: float, random_state: list[int],
) -> _Numbers:  # fmt: skip
    """Levels of each dimension in each draw, of shape (draws, n_dimensions)."""
    if not len(shares):
        return np.zeros((draws, shares.shape[1] - 1), dtype=np.int64)
    rng = np.random.default_rng(random_state)
    starts = np.flatnonzero(np.r_[True, item_ids[1:] != item_ids[:-1]])
    item_of = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(item_ids)]))
    normal, edges = NormalDist(), {0.0: -np.inf, 1.0: np.inf}
    quantiles = [edges[share] if share in edges else normal.inv_cdf(share) for share in shares.ravel().tolist()]
    limits = np.asarray(quantiles).reshape(shares.shape)
    common, own = np.sqrt(correlation), np.sqrt(1 - correlation)
    parts = []
    for first in range(0, draws, _AT_ONCE):
        many = min(_AT_ONCE, draws - first)
        of_items = rng.standard_normal((many, len(starts), shares.shape[1]), dtype=np.float32)
        of_sentences = rng.standard_normal((many, *shares.shape), dtype=np.float32)
        hit = (common * of_items)[:, item_of] + own * of_sentences < limits
        given, strong = hit[..., :-1], hit[..., :-1] & hit[..., -1:]
        n_any = np.logical_or.reduceat(given, starts, axis=1).sum(axis=1)
        n_strong = np.logical_or.reduceat(strong, starts, axis=1).sum(axis=1)
        parts.append(states_of(n_strong, n_any, min_strong_items))
    return np.concatenate(parts)
