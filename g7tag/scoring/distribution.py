"""Probabilities of the scores, computed from the probabilities of the labels."""

import os
import zlib
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from g7tag.codebook import Codebook, Reading
from g7tag.scoring.rules import LEVELS, Numbers, apply_reading, states_of
from g7tag.scoring.scores import in_period

DRAWS = 10_000
"""Number of draws. Chances are printed in whole percent: the standard error is at most half of one, at 50%."""
CORRELATION = 0.5
"""Correlation of one label's normal variables within an item: 0 draws sentences independently, 1 jointly."""
CLEAR = 0.8
"""Minimum probability of a clear score. A less probable score is too close to call."""
P_COLUMNS = {-1: "p_minus1", 0: "p_0", 1: "p_plus1"}
_AT_ONCE = 500


def score_distribution(
    chances: pd.DataFrame,
    *,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    members: pd.DataFrame,
    codebook: Codebook,
    correlation: float = CORRELATION,
) -> pd.DataFrame:
    """Return the probability of each score, by member and reading, from the result of `label_chances`.

    In each draw, every counted sentence gets each dimension, and strength, with its probability. The draws of one label
    (a dimension or strength) in the sentences of one item are correlated through a shared normal variable (a Gaussian
    copula); those of different labels are independent. Levels and scores follow as in `score_members`. If the shares of
    the scores add up to less than 1, the other draws have no score.
    """
    counted = set(items.loc[in_period(items, codebook), "item_id"])
    rows = sentences[["sentence_id", "item_id", "member"]].merge(chances, on="sentence_id", validate="one_to_one")
    rows = rows[rows["item_id"].isin(counted)].sort_values(["item_id", "sentence_id"], kind="stable")
    scored = members[members["commitment_id"] == codebook.commitment.id].to_dict("records")

    def drawn_states(member: dict[Hashable, Any]) -> Numbers:
        own = rows[rows["member"] == member["member"]]
        shares = own[[*codebook.dimension_keys, "strong"]].to_numpy(dtype=float)
        seed = [0, zlib.crc32(str(member["code"]).encode())]  # the draws of a member do not depend on other members
        return _drawn_states(shares, own["item_id"].to_numpy(), codebook.min_strong_items, correlation, seed)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        drawn_by_member = list(threads.map(drawn_states, scored))
    found: list[dict[str, Any]] = []
    for member, states in zip(scored, drawn_by_member, strict=True):
        for reading in codebook.readings:
            scores = scores_of_states(states, codebook.dimension_keys, reading)
            drawn = {column: float((scores == score).mean()) for score, column in P_COLUMNS.items()}
            names = {"commitment_id": member["commitment_id"], "member": member["member"], "reading": reading.name}
            found.append(names | drawn)
    return pd.DataFrame(found, columns=["commitment_id", "member", "reading", *P_COLUMNS.values()])


def suggested_chances(scores: pd.DataFrame) -> pd.Series:
    """Return the probability of each suggested score; NaN if it is unknown or there is no score."""
    shares = [scores[column].where(scores["suggested_score"] == score) for score, column in P_COLUMNS.items()]
    return pd.concat(shares, axis=1).max(axis=1)


def scores_of_states(states: Numbers, keys: Sequence[str], reading: Reading) -> npt.NDArray[np.float64]:
    """Return the score of each row of levels, NaN if no rule applies or rules with different scores apply."""
    numbers = states @ (len(LEVELS) ** np.arange(len(keys)))  # each row as one number: rows would be sorted slowly
    _, firsts, places = np.unique(numbers, return_index=True, return_inverse=True)
    levels = (dict(zip(keys, (LEVELS[level] for level in row), strict=True)) for row in states[firsts])
    scores = [apply_reading(each, reading).score for each in levels]
    return np.asarray([np.nan if score is None else score for score in scores], dtype=float)[places]


def _drawn_states(
    shares: npt.NDArray[np.float64], item_ids: npt.NDArray[Any], least: int, correlation: float, seed: list[int]
) -> Numbers:
    """Levels of each dimension in each draw, of shape (DRAWS, n_dimensions)."""
    if not len(shares):
        return np.zeros((DRAWS, shares.shape[1] - 1), dtype=np.int64)
    rng = np.random.default_rng(seed)
    starts = np.flatnonzero(np.r_[True, item_ids[1:] != item_ids[:-1]])
    lengths = np.diff(np.r_[starts, len(item_ids)])
    limits = ndtri(shares).astype(np.float32)
    common, own = np.float32(correlation**0.5), np.float32((1 - correlation) ** 0.5)
    parts = []
    for _ in range(0, DRAWS, _AT_ONCE):
        of_items = rng.standard_normal((_AT_ONCE, len(starts), shares.shape[1]), dtype=np.float32)
        drawn = rng.standard_normal((_AT_ONCE, *shares.shape), dtype=np.float32)
        drawn *= own
        drawn += np.repeat(common * of_items, lengths, axis=1)
        hit = (drawn < limits).T.copy()  # labels, sentences, draws: items are joined faster
        given, strong = hit[:-1], hit[:-1] & hit[-1]
        n_any, n_strong = (np.logical_or.reduceat(flags, starts, axis=1).sum(axis=1).T for flags in (given, strong))
        parts.append(states_of(n_strong, n_any, least))
    return np.concatenate(parts)
