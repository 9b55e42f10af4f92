"""Agreement between coders, and what a random sample of labels says about all sentences."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy  # loads scipy.stats when it is first used

Codes: TypeAlias = Sequence[Sequence[object]] | npt.NDArray[Any]
"""Shape (n_units, n_coders): one row per unit, one column per coder; None or NaN where a coder skipped a unit."""
Numbers: TypeAlias = npt.NDArray[Any]
Flags: TypeAlias = Sequence[bool] | npt.NDArray[np.bool_]
"""One yes or no per sentence."""

NO_PAIR = "no unit was coded twice"
ONE_CODE = "all codes are equal, so chance agreement is 1"
CONFIDENCE, RESAMPLES = 0.95, 2000
_ERROR = 1 - CONFIDENCE
MIN_SAMPLED = 20
"""Fewest sampled sentences for a corrected share: below, the interval spans more than 30 points if no label differs."""
MIN_ITEMS = 30
"""Fewest items per annotator for the alternative annotator test."""


class Agreement(NamedTuple):
    """An agreement, the number of units coded at least twice, and the reason if the value is NaN (otherwise "")."""

    value: float
    n_units: int
    reason: str


class Interval(NamedTuple):
    """Both ends, and why they are NaN or how many resamples were skipped (otherwise "")."""

    low: float
    high: float
    reason: str


class ErrorBound(NamedTuple):
    """The share of errors in a sample, its interval and upper bound, the labels still needed, and what is not known."""

    share: float
    low: float
    high: float
    at_most: float
    more_needed: int | None
    reason: str


class CorrectedShare(NamedTuple):
    """A share by the predictions alone, corrected by a sample, with its interval, and why it is NaN (otherwise "")."""

    raw: float
    share: float
    low: float
    high: float
    n: int
    n_differ: int
    reason: str


class AlternativeAnnotator(NamedTuple):
    """Winning rate, average advantage, verdict (None: unknown), p-values by annotator, and what limits the test."""

    winning_rate: float
    advantage: float
    passed: bool | None
    n_items: int
    p_values: Mapping[str, float]
    reason: str


def percent_agreement(codes: Codes) -> Agreement:
    """Return the share of equal pairs of codes, averaged over the units coded at least twice; NaN without such a unit.

    The agreement of a unit with m codes, n_k of them k, is sum_k n_k (n_k - 1) / (m (m - 1)): with two coders, 1 or 0.

    >>> percent_agreement([["a", "a"], ["a", "b"], ["b", "b"], ["b", "b"], ["b", None]])
    Agreement(value=0.75, n_units=4, reason='')
    """
    counts = _count_codes(codes)
    paired = counts[counts.sum(axis=1) >= 2]
    if not len(paired):
        return Agreement(math.nan, 0, NO_PAIR)
    n = paired.sum(axis=1)
    return Agreement(float(((paired * (paired - 1)).sum(axis=1) / (n * (n - 1))).mean()), len(paired), "")


def gwet_ac1(codes: Codes) -> Agreement:
    """Return Gwet's AC1, (p_a - p_e) / (1 - p_e), which is stable when one category dominates.

    p_a is `percent_agreement`; p_e = sum_k pi_k (1 - pi_k) / (q - 1), where pi_k is the mean over units of the share
    of k among a unit's codes and q the number of categories that occur (Gwet 2008, Computing Inter-Rater Reliability
    and Its Variance in the Presence of High Agreement). As in Gwet's irrCAC, units coded once count in pi_k but not in
    p_a. NaN if no unit was coded twice or all codes are equal.
    """
    counts, observed = _count_codes(codes), percent_agreement(codes)
    if observed.reason:
        return observed
    if counts.shape[1] == 1:
        return Agreement(math.nan, observed.n_units, "all codes are equal")
    coded = counts[counts.sum(axis=1) >= 1]
    shares = (coded / coded.sum(axis=1, keepdims=True)).mean(axis=0)
    by_chance = float((shares * (1 - shares)).sum()) / (counts.shape[1] - 1)
    return Agreement((observed.value - by_chance) / (1 - by_chance), observed.n_units, "")


def krippendorff_alpha(codes: Codes, *, order: Sequence[object] | None = None) -> Agreement:
    """Return Krippendorff's alpha, 1 - D_o / D_e = 1 - (n - 1) sum o_ck d_ck / sum n_c n_k d_ck.

    A unit with m > 1 codes adds 1 / (m - 1) to o_ck for each ordered pair of its codes; n_c are the row sums of o, n
    their sum. d_ck is 1 for different codes; if `order` is given, all values from low to high, alpha is ordinal and
    d_ck the square of n_c / 2 + n_k / 2 plus all n between (Krippendorff 2011, Computing Krippendorff's
    Alpha-Reliability). Units coded once are ignored. NaN if no unit was coded twice or all codes are equal.

    >>> krippendorff_alpha([[-1, -1], [0, 1], [1, 1]], order=[-1, 0, 1])
    Agreement(value=0.7777777777777778, n_units=3, reason='')
    """
    counts = _count_codes(codes, order)
    n_units = int((counts.sum(axis=1) >= 2).sum())
    if not n_units:
        return Agreement(math.nan, 0, NO_PAIR)
    value = float(_alphas(counts, lambda values: values.sum(axis=0, keepdims=True), ordinal=order is not None)[0])
    return Agreement(value, n_units, ONE_CODE if math.isnan(value) else "")


def alpha_interval(
    codes: Codes, groups: Sequence[object] | Numbers, *, order: Sequence[object] | None = None
) -> Interval:
    """Return the interval of `krippendorff_alpha` as `mean_interval` does; resamples without alpha are skipped.

    NaN if more than half of the resamples have no alpha. `reason` counts them.
    """
    counts = _count_codes(codes, order)
    return _interval(lambda total: _alphas(counts, total, ordinal=order is not None), len(counts), groups)


def mean_interval(values: Sequence[float] | Numbers, groups: Sequence[object] | Numbers) -> Interval:
    """Return the 95% percentile interval of a mean over resamples of whole groups (Efron and Tibshirani 1993).

    Each resample draws as many groups as there are, with all their units: units of one group are similar, so drawing
    units would make the interval too narrow. `groups` has one value per unit. NaN if there are fewer than two.

    >>> mean_interval([1, 0, 1, 1], ["one", "one", "two", "three"])
    Interval(low=0.5, high=1.0, reason='')
    """
    table = np.column_stack([np.asarray(values, dtype=np.float64), np.ones(len(values))])
    return _interval(lambda total: np.divide(*total(table).T), len(table), groups)


def _interval(
    statistic: Callable[[Callable[[Numbers], Numbers]], Numbers], n_units: int, groups: Sequence[object] | Numbers
) -> Interval:
    """The interval of a statistic that is computed from sums over units, one row per resample."""
    if len(groups) != n_units:
        msg = f"{len(groups)} groups for {n_units} units, expected one per unit"
        raise ValueError(msg)
    names, group_of_unit = np.unique(np.asarray(groups), return_inverse=True)
    n = len(names)
    if n < 2:
        return Interval(math.nan, math.nan, "fewer than two groups to resample")
    draws = np.random.default_rng(0).integers(n, size=(RESAMPLES, n))
    times = np.stack([np.bincount(draw, minlength=n) for draw in draws])

    def total(values: Numbers) -> Numbers:
        by_group = np.zeros((n, values.shape[1]))
        np.add.at(by_group, group_of_unit, values)
        return times @ by_group

    found = statistic(total)
    n_undefined = int(np.isnan(found).sum())
    reason = f"{n_undefined} of {RESAMPLES} resamples are undefined" if n_undefined else ""
    if n_undefined > RESAMPLES / 2:
        return Interval(math.nan, math.nan, reason)
    low, high = np.nanquantile(found, [_ERROR / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high), reason)


def _alphas(counts: Numbers, total: Callable[[Numbers], Numbers], *, ordinal: bool) -> Numbers:
    """Alpha for each row of sums over units that `total` returns; NaN where all codes are equal."""
    counts = np.where(counts.sum(axis=1, keepdims=True) >= 2, counts, 0)
    others = np.maximum(counts.sum(axis=1, keepdims=True) - 1, 1)
    totals = total(counts)
    n = totals.sum(axis=1)
    if ordinal:
        k = counts.shape[1]
        pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(k)
        coincidences = total((pairs / others[:, :, None]).reshape(-1, k * k)).reshape(-1, k, k)
        middles = np.cumsum(totals, axis=1) - totals / 2  # mid-ranks: their differences are the ordinal distances
        distances = (middles[:, :, None] - middles[:, None, :]) ** 2
        observed = (coincidences * distances).sum(axis=(1, 2))
        by_chance = (totals[:, :, None] * totals[:, None, :] * distances).sum(axis=(1, 2))
    else:
        observed = total(counts * (others + 1 - counts) / others).sum(axis=1)
        by_chance = n**2 - (totals**2).sum(axis=1)
    ratio = np.divide(observed, by_chance, out=np.full(len(n), math.nan), where=by_chance > 0)
    return np.asarray(1 - (n - 1) * ratio)


def _count_codes(codes: Codes, order: Sequence[object] | None = None) -> Numbers:
    """Return how often each unit has each code that occurs, shape (n_units, n_codes)."""
    table = np.asarray(codes, dtype=object)
    found, seen = pd.factorize(table.ravel())
    places: Numbers = found
    if order is not None:
        if len(set(order)) < len(order) or not set(seen) <= set(order):
            msg = f"order is {order!r}, expected each value once, low to high, with all of {sorted(map(repr, seen))}"
            raise ValueError(msg)
        rank = np.argsort(np.argsort([list(order).index(code) for code in seen]))
        places = np.append(rank, -1)[places]  # -1 is a missing code
    places = places.reshape(table.shape if table.size else (len(table), 0))
    return np.asarray((places[:, :, None] == np.arange(len(seen))).sum(axis=1))


def error_bound(wrong: int, n: int, *, population: int, target: float = 0.05) -> ErrorBound:
    """Return the share of wrong labels with its exact interval and its exact upper bound ("at most x % are wrong").

    `wrong` of a simple random sample of n from N labels is hypergeometric. With K wrong of N, and alpha = 0.05::

        low     = least K with P(X >= wrong | N, K, n) > alpha / 2, divided by N
        high    = greatest K with P(X <= wrong | N, K, n) > alpha / 2, divided by N
        at_most = greatest K with P(X <= wrong | N, K, n) > alpha, divided by N

    (Wright 1991, Exact Confidence Bounds When Sampling from Small Finite Universes). They cover at least 95%. NaN if n
    is 0. `more_needed` is the least number of further labels, with errors at the same rate, rounded up, for which
    `at_most` is at most `target`.

    >>> error_bound(2, 100, population=400)
    ErrorBound(share=0.02, low=0.005, high=0.0625, at_most=0.055, more_needed=30, reason='')
    """
    if not 0 <= wrong <= n <= population:
        msg = f"{wrong} wrong of {n} of {population}: expected 0 <= wrong <= n <= population"
        raise ValueError(msg)
    if n == 0:
        return ErrorBound(math.nan, math.nan, math.nan, math.nan, None, "no label is in the sample")
    numbers = np.arange(wrong, population - (n - wrong) + 1)  # errors in the population that the sample allows
    as_many = scipy.stats.hypergeom.sf(wrong - 1, population, numbers, n)
    as_few = scipy.stats.hypergeom.cdf(wrong, population, numbers, n)
    low = float(numbers[as_many > _ERROR / 2][0]) / population
    high, at_most = (float(numbers[as_few > each][-1]) / population for each in (_ERROR / 2, _ERROR))
    found = ErrorBound(wrong / n, low, high, at_most, 0, "")
    if at_most <= target:
        return found
    if found.share > target:
        reason = f"the share of errors is {found.share:.1%}, above the target of {target:.1%}"
        return found._replace(more_needed=None, reason=reason)
    sizes = np.arange(n, population + 1)
    errors = np.ceil(np.round(wrong + found.share * (sizes - n), 9))
    above = math.floor(round(target * population, 9)) + 1  # the least number of errors that misses the target
    reached = scipy.stats.hypergeom.cdf(errors, population, above, sizes) <= _ERROR
    if not reached.any():
        reason = f"all {population:,} labels would not bring the bound down to {target:.1%}"
        return found._replace(more_needed=None, reason=reason)
    return found._replace(more_needed=int(sizes[reached][0]) - n)


def corrected_share(predicted: Flags, sampled: Flags, labelled: Flags) -> CorrectedShare:
    """Return the share of yes among all sentences: the predicted share, corrected by a simple random sample of labels.

    The estimate is that of design-based supervised learning, mean f + (b - c) / n for predictions f, and b and c the
    sampled sentences with label yes and prediction no, and the reverse (Egami, Hinck, Stewart and Wei 2023, Using
    Imperfect Surrogates for Downstream Inference). It is unbiased however wrong the predictions are.

    An interval from the variance covers far too little if few labels differ (46% at n = 30 and 2% differing), so the
    limits are those D that Tango's (1998) score test does not reject, with the correction for a finite population::

        (D - (b - c) / n)² <= z² (N - n) / (N - 1) (2 q + D - D²) / n

    where q, the share of "prediction yes, label no", is the maximum likelihood estimate given D. Both move out by one
    sentence, 1 / N, because the true number is whole, and then in to what the sampled labels leave possible. Exact
    coverage was never below 93.6% (N = 300 and 3,000, n = 30 to 200, shares of 2% to 50%, 2% to 20% wrong).

    NaN if fewer than `MIN_SAMPLED` are sampled. A sample of all sentences gives the true share, with no width.
    """
    said, drawn, true = (np.asarray(column, dtype=np.bool_) for column in (predicted, sampled, labelled))
    total, n = len(said), int(drawn.sum())
    gained, lost = int((drawn & true & ~said).sum()), int((drawn & ~true & said).sum())
    raw = float(said.mean()) if total else math.nan
    if n == total > 0:
        share = float(true.mean())
        return CorrectedShare(raw, share, share, share, n, gained + lost, "")
    if n < MIN_SAMPLED:
        reason = f"{n} sampled, at least {MIN_SAMPLED} needed"
        return CorrectedShare(raw, math.nan, math.nan, math.nan, n, gained + lost, reason)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    low, high = _score_limits(gained, lost, n, z * z * (total - n) / (total - 1))
    least = int((drawn & true).sum()) / total
    ends = [raw + low - 1 / total, raw + (gained - lost) / n, raw + high + 1 / total]
    low, share, high = np.clip(ends, least, least + (total - n) / total).tolist()
    return CorrectedShare(raw, share, low, high, n, gained + lost, "")


def _score_limits(gained: int, lost: int, n: int, z_squared: float) -> tuple[float, float]:
    """The least and greatest difference of shares that Tango's score test does not reject, by bisection."""
    found = (gained - lost) / n

    def rejected(difference: float) -> bool:
        first = (2 * n - gained + lost) * difference - gained - lost
        root = math.sqrt(max(first**2 + 8 * n * lost * difference * (1 - difference), 0.0))
        variance = max((root - first) / (2 * n) + difference * (1 - difference), 0.0) / n
        return (found - difference) ** 2 > z_squared * variance

    limits = []
    for end in (-1.0, 1.0):
        inside, outside = found, end
        for _ in range(50):  # halves the distance to below 1e-15
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
        limits.append(inside)
    return limits[0], limits[1]


def alternative_annotator_test(
    machine: Mapping[Hashable, Any], people: Mapping[str, Mapping[Hashable, Any]], *, epsilon: float = 0.15
) -> AlternativeAnnotator:
    """Return whether a machine can stand in for an annotator: the alternative annotator test.

    For each annotator j and each item that j, another annotator and the machine labelled: the alignment of a label is
    the share of the remaining annotators who gave the same. W_m is 1 if the machine's is at least that of j, W_j is 1
    if that of j is at least the machine's (a tie gives both 1). Then::

        advantage of j  = mean of W_m
        H0              : mean of (W_j - W_m) >= epsilon      one-sided paired t-test
        winning rate    = share of annotators with H0 rejected, Benjamini-Yekutieli at 0.05
        passed          : winning rate >= 0.5

    (Calderon, Reichart and Dror 2025, The Alternative Annotator Test for LLM-as-a-Judge; details as in the authors'
    published code.) If W_j - W_m is the same on all items, the p-value is 0 if it is below epsilon, otherwise 1.

    `epsilon` is how much worse the machine may be, in return for its lower cost: the authors recommend 0.2 if the
    annotators are experts, 0.15 if they are trained students, 0.1 for crowd workers. Annotators of fewer than
    `MIN_ITEMS` items are skipped. NaN and None if fewer than two can be compared.
    """
    items = dict.fromkeys(item for labels in people.values() for item in labels if item in machine)
    given = {item: [labels[item] for labels in people.values() if item in labels] for item in items}
    given = {item: labels for item, labels in given.items() if len(labels) >= 2}
    advantages, p_values = [], {}
    for name, labels in people.items():
        own = [item for item in labels if item in given]
        if len(own) < MIN_ITEMS:
            continue
        # how many of the others agree; the label of the annotator is among those given
        mine = np.array([given[item].count(labels[item]) - 1 for item in own])
        theirs = np.array([given[item].count(machine[item]) - (machine[item] == labels[item]) for item in own])
        advantages.append((theirs >= mine).mean())
        losses = np.sign(mine - theirs).astype(np.float64)  # W_j - W_m
        if np.ptp(losses) == 0:
            p_values[name] = 0.0 if losses[0] < epsilon else 1.0
        else:
            p_values[name] = float(scipy.stats.ttest_1samp(losses, epsilon, alternative="less").pvalue)
    if len(p_values) < 2:
        reason = f"fewer than two annotators have {MIN_ITEMS} items"
        return AlternativeAnnotator(math.nan, math.nan, None, len(given), p_values, reason)
    adjusted = scipy.stats.false_discovery_control([*p_values.values()], method="by")
    rate = float((adjusted <= _ERROR).mean())
    few = f"{len(p_values)} annotators, the authors ask for 3" if len(p_values) < 3 else ""
    return AlternativeAnnotator(rate, float(np.mean(advantages)), rate >= 0.5, len(given), p_values, few)
