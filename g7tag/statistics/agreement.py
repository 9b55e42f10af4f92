"""Measures of agreement between coders, with intervals that resample whole items."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes: TypeAlias = Sequence[Sequence[object]] | npt.NDArray[Any]
"""Shape (n_units, n_coders): one row per unit, one column per coder; None or NaN where a coder skipped a unit."""

NO_PAIR = "no unit was coded twice"
ONE_CODE = "all codes are equal, so chance agreement is 1"
CONFIDENCE = 0.95


class Agreement(NamedTuple):
    """An agreement, the number of units coded at least twice, and the reason if the value is NaN (otherwise "")."""

    value: float
    n_units: int
    reason: str


class Interval(NamedTuple):
    """Both ends, the number of groups, and why the ends are NaN or how many resamples were skipped (otherwise "")."""

    low: float
    high: float
    n_groups: int
    reason: str


def percent_agreement(codes: Codes) -> Agreement:
    """Return the share of equal pairs of codes, averaged over the units coded at least twice; NaN without such a unit.

    The agreement of a unit with m codes, n_k of them k, is sum_k n_k (n_k - 1) / (m (m - 1)): with two coders, 1 or 0.

    >>> percent_agreement([["a", "a"], ["a", "b"], ["b", "b"], ["b", "b"], ["b", None]])
    Agreement(value=0.75, n_units=4, reason='')
    """
    counts, _ = _count_codes(codes)
    paired = counts[counts.sum(axis=1) >= 2]
    if paired.size == 0:
        return Agreement(math.nan, 0, NO_PAIR)
    n_codes = paired.sum(axis=1)
    shares = (paired * (paired - 1)).sum(axis=1) / (n_codes * (n_codes - 1))
    return Agreement(float(shares.mean()), len(paired), "")


def gwet_ac1(codes: Codes) -> Agreement:
    """Return Gwet's AC1, (p_a - p_e) / (1 - p_e), which is stable when one category dominates.

    p_a is `percent_agreement`; p_e = sum_k pi_k (1 - pi_k) / (q - 1), where pi_k is the mean over units of the share
    of k among a unit's codes and q the number of categories that occur (Gwet 2008, Computing Inter-Rater Reliability
    and Its Variance in the Presence of High Agreement). As in Gwet's irrCAC, units coded once count in pi_k but not in
    p_a. NaN if no unit was coded twice or all codes are equal.

    >>> gwet_ac1([["a", "a"], ["a", "a"], ["a", "b"], ["b", "b"]])
    Agreement(value=0.5294117647058824, n_units=4, reason='')
    """
    counts, seen = _count_codes(codes)
    observed = percent_agreement(codes)
    if observed.reason:
        return observed
    if len(seen) == 1:
        return Agreement(math.nan, observed.n_units, "all codes are equal")
    coded = counts[counts.sum(axis=1) >= 1]
    shares = (coded / coded.sum(axis=1, keepdims=True)).mean(axis=0)
    by_chance = float((shares * (1 - shares)).sum()) / (len(seen) - 1)
    return Agreement((observed.value - by_chance) / (1 - by_chance), observed.n_units, "")


def krippendorff_alpha(
    codes: Codes, *, level: Literal["nominal", "ordinal"] = "nominal", order: Sequence[object] | None = None
) -> Agreement:
    """Return Krippendorff's alpha, 1 - D_o / D_e = 1 - (n - 1) sum o_ck d_ck / sum n_c n_k d_ck.

    A unit with m > 1 codes adds 1 / (m - 1) to o_ck for each ordered pair of its codes; n_c are the row sums of o, n
    their sum. d_ck is 1 for different codes if nominal; if ordinal, the square of n_c / 2 + n_k / 2 plus all n between
    (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability). Ordinal needs `order`, all values from low
    to high. Units coded once are ignored. NaN if no unit was coded twice or all codes are equal.

    >>> krippendorff_alpha([["a", "a"], ["a", "b"], ["b", "b"], ["b", None]])
    Agreement(value=0.4444444444444444, n_units=3, reason='')
    >>> krippendorff_alpha([[-1, -1], [0, 1], [1, 1]], level="ordinal", order=[-1, 0, 1])
    Agreement(value=0.7777777777777778, n_units=3, reason='')
    """
    counts, seen = _count_codes(codes)
    if level == "ordinal":
        if order is None or len(set(order)) < len(order) or not set(seen) <= set(order):
            msg = f"order is {order!r}, expected each value once, low to high, with all of {sorted(map(repr, seen))}"
            raise ValueError(msg)
        counts = counts[:, [seen.index(value) for value in order if value in seen]]
    paired = counts[counts.sum(axis=1) >= 2]
    if paired.size == 0:
        return Agreement(math.nan, 0, NO_PAIR)
    totals = paired.sum(axis=0)
    if totals.max() == totals.sum():
        return Agreement(math.nan, len(paired), ONE_CODE)
    weighted = paired / (paired.sum(axis=1, keepdims=True) - 1)
    coincidences = paired.T @ weighted - np.diag(weighted.sum(axis=0))
    middles = np.cumsum(totals) - totals / 2  # mid-ranks: their differences are the ordinal distances
    distances = np.subtract.outer(middles, middles) ** 2 if level == "ordinal" else 1 - np.eye(len(totals))
    observed, by_chance = (coincidences * distances).sum(), (np.outer(totals, totals) * distances).sum()
    return Agreement(float(1 - (totals.sum() - 1) * observed / by_chance), len(paired), "")


def bootstrap_interval(
    statistic: Callable[[npt.NDArray[Any]], Agreement],
    codes: Codes,
    groups: Sequence[object] | npt.NDArray[Any],
    *,
    n_resamples: int = 2000,
    random_state: int = 0,
) -> Interval:
    """Return the 95% percentile interval of a statistic over resamples of whole groups (Efron and Tibshirani 1993).

    Each resample draws as many groups as there are, with all their units: units of one group are similar, so drawing
    units would make the interval too narrow. `groups` has one value per unit. Undefined resamples are skipped and
    counted in `reason`. NaN if more than half are undefined, or if there are fewer than two groups.

    >>> codes = [["a", "a"], ["a", "b"], ["b", "b"], ["b", "b"]]
    >>> bootstrap_interval(percent_agreement, codes, ["one", "one", "two", "three"])
    Interval(low=0.5, high=1.0, n_groups=3, reason='')
    """
    table = _as_table(codes)
    if len(groups) != len(table):
        msg = f"{len(groups)} groups for {len(table)} units, expected one per unit"
        raise ValueError(msg)
    names, group_of_unit = np.unique(np.asarray(groups), return_inverse=True)
    n = len(names)
    if n < 2:
        return Interval(math.nan, math.nan, n, "fewer than two groups to resample")
    patterns: dict[tuple[object, ...], int] = {}  # units with equal codes are interchangeable, so they are counted
    pattern_of_unit = [patterns.setdefault(tuple(row), len(patterns)) for row in table.tolist()]
    first = np.unique(pattern_of_unit, return_index=True)[1]
    in_group = np.zeros((n, len(patterns)), dtype=np.int64)
    np.add.at(in_group, (group_of_unit, np.asarray(pattern_of_unit)), 1)
    draws = np.random.default_rng(random_state).integers(n, size=(n_resamples, n))
    counts = np.array([np.bincount(draw, minlength=n) @ in_group for draw in draws])
    different, place = np.unique(counts, axis=0, return_inverse=True)  # equal resamples are measured once
    if statistic is krippendorff_alpha:
        values = _alphas(table[first], different)[place]
    else:
        values = np.array([statistic(np.repeat(table[first], count, axis=0)).value for count in different])[place]
    n_undefined = int(np.isnan(values).sum())
    reason = f"{n_undefined} of {n_resamples} resamples are undefined" if n_undefined else ""
    if n_undefined > n_resamples / 2:
        return Interval(math.nan, math.nan, n, reason)
    low, high = np.nanquantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high), n, reason)


def _alphas(table: npt.NDArray[Any], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return nominal alpha for each row of `counts`: how often each unit of `table` was drawn."""
    codes, _ = _count_codes(table)
    paired = codes.sum(axis=1) >= 2
    codes, drawn = codes[paired], counts[:, paired]
    others = codes.sum(axis=1, keepdims=True) - 1
    observed = drawn @ (codes * (others + 1 - codes) / others).sum(axis=1)  # ordered pairs of different codes
    totals = drawn @ codes
    n = totals.sum(axis=1)
    by_chance = n**2 - (totals**2).sum(axis=1)
    values = np.full(len(counts), math.nan)
    defined = by_chance > 0
    values[defined] = 1 - (n[defined] - 1) * observed[defined] / by_chance[defined]
    return values


def _as_table(codes: Codes) -> npt.NDArray[Any]:
    if isinstance(codes, np.ndarray) and codes.dtype.kind in "biu" and codes.size:
        return codes  # whole numbers compare much faster than objects
    table = np.asarray(codes, dtype=object)
    return table if table.size else table.reshape(len(table), 0)


def _codes_seen(table: npt.NDArray[Any]) -> list[object]:
    if table.dtype.kind in "biu":
        return list(pd.unique(table.ravel()).tolist())
    values = dict.fromkeys(table.ravel().tolist())
    return [code for code in values if code is not None and not (isinstance(code, float) and math.isnan(code))]


def _count_codes(codes: Codes) -> tuple[npt.NDArray[np.int64], list[object]]:
    """Return how often each unit has each code, shape (n_units, n_codes), and the codes of the columns."""
    table = _as_table(codes)
    seen = _codes_seen(table)
    counts = np.zeros((len(table), len(seen)), dtype=np.int64)
    for coder in table.T:
        for place, code in enumerate(seen):
            counts[:, place] += coder == code
    return counts, seen
