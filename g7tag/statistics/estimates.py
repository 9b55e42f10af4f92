"""What a random sample of labels says about all sentences: errors, corrected shares, who can replace an annotator."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.stats import hypergeom, norm, ttest_1samp

Flags: TypeAlias = Sequence[bool] | npt.NDArray[np.bool_]
"""One yes or no per sentence."""
MIN_SAMPLED = 20
"""Fewest sampled sentences for a corrected share: below, the interval spans more than 30 points if no label differs."""
MIN_NORMAL, MIN_DIFFER = 30, 10
"""Fewest sampled sentences, and of them with a label that differs, for an interval from a normal distribution."""
MIN_ITEMS = 30
"""Fewest items per annotator for the alternative annotator test."""
_FALSE_REJECTIONS = 0.05  # greatest expected share of false rejections
_EQUAL = 1e-9  # alignments closer than this are equal: means of thirds differ in their last digits


class ErrorBound(NamedTuple):
    """The errors in a sample, their share with its interval and upper bound, and why these are NaN (otherwise "")."""

    wrong: int
    n: int
    share: float
    low: float
    high: float
    at_most: float
    reason: str


class SampleNeeded(NamedTuple):
    """How many more labels are needed, and why there is no number (otherwise "")."""

    more: int | None
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


class Comparison(NamedTuple):
    """A machine against one annotator: items, share of items on which it is at least as good, p-value, verdict."""

    annotator: str
    n_items: int
    advantage: float
    p_value: float
    better: bool
    reason: str


class AlternativeAnnotator(NamedTuple):
    """The winning rate, the average advantage, the verdict (None: no test was possible), and what limits it."""

    winning_rate: float
    advantage: float
    passed: bool | None
    n_items: int
    comparisons: tuple[Comparison, ...]
    reason: str


def error_bound(wrong: int, n: int, *, population: int, confidence: float = 0.95) -> ErrorBound:
    """Return the share of wrong labels with its exact interval and its exact upper bound ("at most x % are wrong").

    `wrong` of a simple random sample of n from a population of N labels is hypergeometric. With K wrong labels in the
    population, and alpha = 1 - `confidence`::

        low     = least K with P(X >= wrong | N, K, n) > alpha / 2, divided by N
        high    = greatest K with P(X <= wrong | N, K, n) > alpha / 2, divided by N
        at_most = greatest K with P(X <= wrong | N, K, n) > alpha, divided by N

    (Wright 1991, Exact Confidence Bounds When Sampling from Small Finite Universes). They cover at least `confidence`,
    and more if errors are rare. NaN if n is 0.

    >>> bound = error_bound(2, 100, population=400)
    >>> bound.share, bound.low, bound.high, bound.at_most
    (0.02, 0.005, 0.0625, 0.055)
    """
    if not 0 <= wrong <= n <= population:
        msg = f"{wrong} wrong of {n} of {population}: expected 0 <= wrong <= n <= population"
        raise ValueError(msg)
    if n == 0:
        return ErrorBound(0, 0, math.nan, math.nan, math.nan, math.nan, "no label is in the sample")
    alpha = 1 - confidence
    numbers = np.arange(wrong, population - (n - wrong) + 1)  # errors in the population that the sample allows
    as_many = hypergeom.sf(wrong - 1, population, numbers, n)
    as_few = hypergeom.cdf(wrong, population, numbers, n)
    low = float(numbers[as_many > alpha / 2][0]) / population
    high, at_most = (float(numbers[as_few > each][-1]) / population for each in (alpha / 2, alpha))
    return ErrorBound(wrong, n, wrong / n, low, high, at_most, "")


def sample_needed(target: float, *, wrong: int, n: int, population: int, confidence: float = 0.95) -> SampleNeeded:
    """Return how many more labels bring the upper bound of `error_bound` down to a target.

    It is the least m for which the bound of w wrong in n + m labels is at most the target, where w is the number that
    the share of errors so far gives for n + m labels, rounded up.

    >>> sample_needed(0.05, wrong=2, n=100, population=400)
    SampleNeeded(more=30, reason='')
    >>> sample_needed(0.05, wrong=10, n=100, population=400).reason
    'the share of errors is 10.0%, above the target of 5.0%'
    """
    bound = error_bound(wrong, n, population=population, confidence=confidence)
    if n == 0:
        return SampleNeeded(None, "no label is in the sample, so no share of errors can be expected")
    if bound.at_most <= target:
        return SampleNeeded(0, "")
    if bound.share > target:
        return SampleNeeded(None, f"the share of errors is {bound.share:.1%}, above the target of {target:.1%}")
    sizes = np.arange(n, population + 1)
    errors = np.ceil(np.round(wrong + bound.share * (sizes - n), 9))
    above = math.floor(round(target * population, 9)) + 1  # the least number of errors that misses the target
    reached = hypergeom.cdf(errors, population, min(above, population), sizes) <= 1 - confidence
    if above > population:
        reached[:] = True
    if not reached.any():
        return SampleNeeded(None, f"all {population:,} labels would not bring the bound down to {target:.1%}")
    return SampleNeeded(int(sizes[reached][0]) - n, "")


def corrected_share(predicted: Flags, sampled: Flags, labelled: Flags, *, confidence: float = 0.95) -> CorrectedShare:
    """Return the share of yes among all sentences: the predicted share, corrected by a simple random sample of labels.

    The estimate is that of design-based supervised learning::

        share = 1/N sum over all i of [ f_i + R_i / pi (y_i - f_i) ] = mean f + (b - c) / n

    for predictions f, labels y, R = 1 for the n sampled of N, pi = n / N, and b and c the sampled sentences with label
    yes and prediction no, and the reverse (Egami, Hinck, Stewart and Wei 2023, Using Imperfect Surrogates for
    Downstream Inference; in survey sampling the difference estimator: Särndal, Swensson and Wretman 1992). It is
    unbiased however wrong the predictions are. Sentences, labels and predictions are held fixed and only the sample is
    drawn, so it does not matter that sentences of an item are similar.

    An interval from the variance (1 - n/N) s² / n covers far too little if few labels differ (46% at n = 30 and 2%
    differing), so the limits are those D that Tango's (1998) score test does not reject::

        (D - (b - c) / n)² <= z² (N - n) / (N - 1) (2 q + D - D²) / n

    where q, the share of "prediction yes, label no", is the maximum likelihood estimate given D, and (N - n) / (N - 1)
    is the finite population correction. Both limits move out by one sentence, 1 / N, because the true number is whole,
    and then in to what the sampled labels leave possible. Exact coverage of the 95% interval, all samples counted, was
    never below 93.6% (N = 300 and 3,000, n = 30 to 200, shares of 2% to 50%, 2% to 20% wrong); it is 97.8% to 100% if
    fewer than 3 differing labels are expected. Few differing labels are no reason to refuse: that would select samples.

    Labels of sentences that are not sampled are ignored. NaN if fewer than `MIN_SAMPLED` are sampled. A sample of all
    sentences gives the true share, with no width.

    >>> predicted = [True] * 60 + [False] * 140
    >>> labelled = [True] * 50 + [False] * 150       # 10 of the 60 are wrong
    >>> sampled = [i % 2 == 0 for i in range(200)]   # every other one, 5 of the wrong ones
    >>> found = corrected_share(predicted, sampled, labelled)
    >>> round(found.raw, 3), round(found.share, 3), round(found.low, 3), round(found.high, 3)
    (0.3, 0.25, 0.205, 0.278)
    """
    said, drawn, true = _as_flags(predicted, sampled, labelled)
    total, n = len(said), int(drawn.sum())
    gained, lost = int((drawn & true & ~said).sum()), int((drawn & ~true & said).sum())
    raw = float(said.mean()) if total else math.nan
    if n == total > 0:
        share = float(true.mean())
        return CorrectedShare(raw, share, share, share, n, gained + lost, "")
    if n < MIN_SAMPLED:
        reason = f"{n} sampled, at least {MIN_SAMPLED} needed"
        return CorrectedShare(raw, math.nan, math.nan, math.nan, n, gained + lost, reason)
    change = (gained - lost) / n
    z = float(norm.ppf((1 + confidence) / 2))
    low, high = _score_limits(gained, lost, n, z * z * (total - n) / (total - 1))
    least = int((drawn & true).sum()) / total
    most = least + (total - n) / total
    ends = np.clip([raw + low - 1 / total, raw + change, raw + high + 1 / total], least, most).tolist()
    return CorrectedShare(raw, ends[1], ends[0], ends[2], n, gained + lost, "")


def prediction_powered_share(
    predicted: Flags, sampled: Flags, labelled: Flags, *, confidence: float = 0.95
) -> CorrectedShare:
    """Return the share of yes by prediction-powered inference, as a check of `corrected_share`.

    With n labelled and N - n other sentences, predictions f and labels y::

        share    = mean of f over the others + mean of (y - f) over the labelled
        variance = var(f over the others) / (N - n) + var(y - f over the labelled) / n

    and a normal interval (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023, Prediction-Powered Inference, without
    the power tuning of PPI++). Variances divide by the number, as in the authors' ppi_py. Sentences count as drawn
    from an endless supply of the kind, so the interval is wider than that of `corrected_share` for large samples. NaN
    if fewer than `MIN_NORMAL` are sampled, fewer than `MIN_DIFFER` labels differ, or all sentences are sampled.
    """
    said, drawn, true = _as_flags(predicted, sampled, labelled)
    n, others = int(drawn.sum()), int((~drawn).sum())
    raw = float(said.mean()) if len(said) else math.nan
    differences = true[drawn].astype(np.float64) - said[drawn]
    n_differ = int(np.count_nonzero(differences))
    reason = ""
    if n < MIN_NORMAL:
        reason = f"{n} sampled, at least {MIN_NORMAL} needed"
    elif n_differ < MIN_DIFFER:
        reason = f"{n_differ} labels differ from the predictions, at least {MIN_DIFFER} needed"
    elif others == 0:
        reason = "all sentences are labelled, so nothing is predicted"
    if reason:
        return CorrectedShare(raw, math.nan, math.nan, math.nan, n, n_differ, reason)
    share = float(said[~drawn].mean() + differences.mean())
    width = norm.ppf((1 + confidence) / 2) * math.sqrt(said[~drawn].var() / others + differences.var() / n)
    low, high = np.clip([share - width, share + width], 0, 1)
    return CorrectedShare(raw, min(max(share, 0.0), 1.0), float(low), float(high), n, n_differ, "")


def same_label(one: object, other: object) -> float:
    """Return 1 for equal labels, otherwise 0."""
    return float(one == other)


def jaccard(one: AbstractSet[Any], other: AbstractSet[Any]) -> float:
    """Return the share of the labels of either set that are in both; 1 if both are empty."""
    return len(one & other) / len(one | other) if one or other else 1.0


def alternative_annotator_test(
    machine: Mapping[Hashable, Any],
    people: Mapping[str, Mapping[Hashable, Any]],
    *,
    epsilon: float = 0.15,
    alignment: Callable[[Any, Any], float] = same_label,
) -> AlternativeAnnotator:
    """Return whether a machine can stand in for an annotator: the alternative annotator test.

    For each annotator j and each item that j, another annotator and the machine labelled: the alignment of a label with
    the labels of the remaining annotators is its mean `alignment` with each of them. W_m is 1 if the machine's is at
    least that of j, W_j is 1 if that of j is at least the machine's (a tie gives both 1). Then::

        advantage of j  = mean of W_m
        H0              : mean of (W_j - W_m) >= epsilon      one-sided paired t-test
        winning rate    = share of annotators with H0 rejected, Benjamini-Yekutieli at 0.05
        passed          : winning rate >= 0.5

    (Calderon, Reichart and Dror 2025, The Alternative Annotator Test for LLM-as-a-Judge; details as in the authors'
    published code.) If W_j - W_m is the same on all items, the p-value is 0 if it is below epsilon, otherwise 1.

    `epsilon` is how much worse the machine may be, in return for its lower cost, as a difference of shares of items.
    The authors recommend 0.2 if the annotators are experts, 0.15 if they are skilled (trained students), and 0.1 if
    they are crowd workers; less if the annotators agree little. Annotators of fewer than `MIN_ITEMS` items are skipped.
    NaN and None if fewer than two annotators can be compared. The paper asks for three; with two, each is the other's
    only reference, and `reason` says so.

    >>> items = range(40)
    >>> people = {"Ada": dict.fromkeys(items, "a"), "Bo": {i: "b" if i < 8 else "a" for i in items}}
    >>> found = alternative_annotator_test(dict.fromkeys(items, "a"), people)
    >>> found.winning_rate, found.advantage, found.passed, found.reason
    (1.0, 1.0, True, '2 annotators, the authors ask for 3')
    """
    items = dict.fromkeys(item for labels in people.values() for item in labels if item in machine)
    who = {item: names for item in items if len(names := [name for name in people if item in people[name]]) >= 2}
    tested = []
    for name, labels in people.items():
        pairs = []
        for item, names in who.items():
            if name in names:
                others = [people[each][item] for each in names if each != name]
                sums = [math.fsum(alignment(label, each) for each in others) for label in (machine[item], labels[item])]
                pairs.append([each / len(others) for each in sums])
        tested.append(_compare(name, np.asarray(pairs, dtype=np.float64).reshape(-1, 2), epsilon))
    usable = [each for each in tested if not each.reason]
    better = _benjamini_yekutieli({each.annotator: each.p_value for each in usable})
    comparisons = tuple(each._replace(better=each.annotator in better) for each in tested)
    if len(usable) < 2:
        reason = f"fewer than two annotators have {MIN_ITEMS} items"
        return AlternativeAnnotator(math.nan, math.nan, None, len(who), comparisons, reason)
    rate = len(better) / len(usable)
    advantage = float(np.mean([each.advantage for each in usable]))
    few = f"{len(usable)} annotators, the authors ask for 3" if len(usable) < 3 else ""
    return AlternativeAnnotator(rate, advantage, rate >= 0.5, len(who), comparisons, few)


def _as_flags(*columns: Flags) -> list[npt.NDArray[np.bool_]]:
    if len({len(column) for column in columns}) > 1:
        msg = f"columns of {', '.join(str(len(column)) for column in columns)} values, expected one per sentence"
        raise ValueError(msg)
    return [np.asarray(column, dtype=np.bool_) for column in columns]


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


def _compare(name: str, alignments: npt.NDArray[np.float64], epsilon: float) -> Comparison:
    """The test against one annotator, from the alignments of the machine (first column) and the annotator."""
    n = len(alignments)
    machine, person = alignments.T
    wins, losses = machine >= person - _EQUAL, person >= machine - _EQUAL
    advantage = float(wins.mean()) if n else math.nan
    if n < MIN_ITEMS:
        return Comparison(name, n, advantage, math.nan, better=False, reason=f"{n} items, at least {MIN_ITEMS} needed")
    differences = losses.astype(np.float64) - wins
    if np.ptp(differences) == 0:
        p_value = 0.0 if differences[0] < epsilon else 1.0
    else:
        p_value = float(ttest_1samp(differences, epsilon, alternative="less").pvalue)
    return Comparison(name, n, advantage, p_value, better=False, reason="")


def _benjamini_yekutieli(p_values: Mapping[str, float]) -> list[str]:
    """The rejected hypotheses: the i smallest, for the greatest i with p_(i) <= i q / (m sum 1/k)."""
    m = len(p_values)
    names = sorted(p_values, key=p_values.__getitem__)
    limits = [i * _FALSE_REJECTIONS / (m * sum(1 / k for k in range(1, m + 1))) for i in range(1, m + 1)]
    passed = [i for i, (name, limit) in enumerate(zip(names, limits, strict=True), 1) if p_values[name] <= limit]
    return names[: max(passed, default=0)]
