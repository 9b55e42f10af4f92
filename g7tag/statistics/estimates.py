"""What a random sample of labels says about all sentences: errors, corrected shares, who can replace an annotator."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, binom, hypergeom, norm, t, ttest_1samp, wilcoxon

Flags: TypeAlias = Sequence[bool] | npt.NDArray[np.bool_]
"""One yes or no per sentence."""
MIN_SAMPLED = 20
"""Fewest sampled sentences for a corrected share: below, the interval spans more than 30 points if no label differs."""
MIN_WEIGHTED, MIN_DIFFER = 30, 10
"""Fewest sampled sentences, and of them with a label that differs, for intervals from a normal distribution."""
MIN_ITEMS = 30
"""Fewest items per annotator for the alternative annotator test."""
MOST_NEEDED = 100_000
"""Largest sample that `sample_needed` considers if there is no population."""
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


def error_bound(wrong: int, n: int, *, population: int | None, confidence: float = 0.95) -> ErrorBound:
    """Return the share of wrong labels with its exact interval and its exact upper bound.

    With a population of N labels, `wrong` of a sample of n without replacement is hypergeometric. With K wrong labels
    in the population, and alpha = 1 - `confidence`::

        low     = least K with P(X >= wrong | N, K, n) > alpha / 2, divided by N
        high    = greatest K with P(X <= wrong | N, K, n) > alpha / 2, divided by N
        at_most = greatest K with P(X <= wrong | N, K, n) > alpha, divided by N

    (Wright 1991, Exact Confidence Bounds When Sampling from Small Finite Universes). Without a population the bounds
    are those of Clopper and Pearson (1934). Both cover at least `confidence`, and more if errors are rare.

    Parameters
    ----------
    wrong, n
        Number of wrong labels, and of labels in a simple random sample.
    population
        Number of labels that the sample was drawn from, n included. None: no end to them.
    confidence
        Of the interval (two-sided) and of the bound (one-sided).

    Returns
    -------
    ErrorBound
        Shares of the population, from 0 to 1; `at_most` reads "at most x % are wrong". NaN if n is 0.

    Raises
    ------
    ValueError
        The numbers contradict each other.

    Examples
    --------
    >>> bound = error_bound(2, 100, population=400)
    >>> bound.share, bound.low, bound.high, bound.at_most
    (0.02, 0.005, 0.0625, 0.055)
    >>> error_bound(0, 0, population=400).reason
    'no label is in the sample'
    """
    _require_counts(wrong, n, population)
    if n == 0:
        return ErrorBound(0, 0, math.nan, math.nan, math.nan, math.nan, "no label is in the sample")
    alpha = 1 - confidence
    if population is None:
        low = float(_beta_end(wrong, n, alpha / 2, upper=False))
        high, at_most = (float(_beta_end(wrong, n, each, upper=True)) for each in (alpha / 2, alpha))
        return ErrorBound(wrong, n, wrong / n, low, high, at_most, "")
    numbers = np.arange(wrong, population - (n - wrong) + 1)  # errors in the population that the sample allows
    as_many = hypergeom.sf(wrong - 1, population, numbers, n)
    as_few = hypergeom.cdf(wrong, population, numbers, n)
    low = float(numbers[as_many > alpha / 2][0]) / population
    high, at_most = (float(numbers[as_few > each][-1]) / population for each in (alpha / 2, alpha))
    return ErrorBound(wrong, n, wrong / n, low, high, at_most, "")


def sample_needed(
    target: float,
    *,
    wrong: int,
    n: int,
    population: int | None,
    expected_error: float | None = None,
    confidence: float = 0.95,
) -> SampleNeeded:
    """Return how many more labels bring the upper bound of `error_bound` down to a target.

    It is the least m for which the bound of w wrong in n + m labels is at most the target, where w is the number that
    the expected share of errors gives for n + m labels, rounded up, and at least `wrong`.

    Parameters
    ----------
    target
        Greatest acceptable share of wrong labels, from 0 to 1.
    wrong, n, population, confidence
        As in `error_bound`.
    expected_error
        Share of errors to expect among further labels. Default: as in the sample so far.

    Returns
    -------
    SampleNeeded
        0 if the bound is reached. None, with a reason, if errors are expected more often than the target allows, if
        nothing is sampled and no share is expected, or if more than `MOST_NEEDED` are needed without a population.

    Examples
    --------
    >>> sample_needed(0.05, wrong=0, n=0, expected_error=0.0, population=None)
    SampleNeeded(more=59, reason='')
    >>> sample_needed(0.05, wrong=2, n=100, population=400)
    SampleNeeded(more=30, reason='')
    >>> sample_needed(0.05, wrong=10, n=100, population=400).reason
    'the share of errors is 10.0%, above the target of 5.0%'
    """
    _require_counts(wrong, n, population)
    if n and error_bound(wrong, n, population=population, confidence=confidence).at_most <= target:
        return SampleNeeded(0, "")
    if n == 0 and expected_error is None:
        return SampleNeeded(None, "no label is in the sample, so no share of errors can be expected")
    rate = wrong / n if expected_error is None else expected_error
    if rate > target:
        return SampleNeeded(None, f"the share of errors is {rate:.1%}, above the target of {target:.1%}")
    last = MOST_NEEDED if population is None else population
    sizes = np.arange(max(n, 1), last + 1)
    errors = np.ceil(np.round(wrong + rate * (sizes - n), 9))
    alpha = 1 - confidence
    if population is None:
        reached = binom.cdf(errors, sizes, target) <= alpha
    else:
        above = math.floor(round(target * population, 9)) + 1  # the least number of errors that misses the target
        reached = hypergeom.cdf(errors, population, min(above, population), sizes) <= alpha
        reached |= above > population
    if not reached.any():
        whole = f"{last:,} labels" if population is None else f"all {last:,} labels"
        return SampleNeeded(None, f"{whole} would not bring the bound down to {target:.1%}")
    return SampleNeeded(int(sizes[reached][0]) - n, "")


def corrected_share(
    predicted: Flags,
    sampled: Flags,
    labelled: Flags,
    *,
    probabilities: Sequence[float] | npt.NDArray[np.float64] | None = None,
    confidence: float = 0.95,
) -> CorrectedShare:
    """Return the share of yes among all sentences: the predicted share, corrected by a random sample of labels.

    The estimate is that of design-based supervised learning::

        share = 1/N sum over all i of [ f_i + R_i / pi_i (y_i - f_i) ]

    for predictions f, labels y, R = 1 for the sampled and pi their inclusion probability (Egami, Hinck, Stewart and Wei
    2023, Using Imperfect Surrogates for Downstream Inference). It is unbiased however wrong the predictions are. In
    survey sampling this is the difference estimator (Särndal, Swensson and Wretman 1992). The sentences, labels and
    predictions are held fixed; only the sample is drawn. So it does not matter that sentences of an item are similar:
    the variance is right for a simple random sample of sentences.

    **Simple random sample** of n of N (no `probabilities`; pi = n / N). Let b and c be the sampled sentences with label
    yes and prediction no, and the reverse. Then share = mean f + (b - c) / n, with variance
    (1 - n/N) s² / n. An interval from this variance covers far too little if few labels differ (46% at n = 30 and 2%
    differing), so the limits are those D that Tango's (1998) score test does not reject::

        (D - (b - c) / n)² <= z² (N - n) / (N - 1) (2 q + D - D²) / n

    where q, the share of "prediction yes, label no", is the maximum likelihood estimate given D, and (N - n) / (N - 1)
    is the finite population correction. Both limits move out by one sentence, 1 / N, because the true number is whole,
    and then in to what the sampled labels leave possible.

    **Unequal probabilities** (Poisson sampling: every sentence is drawn independently): the variance is
    1/N² sum over the sampled of (1 - pi) (y - f)² / pi², and the interval uses quantiles of t with n - 1 degrees.

    Parameters
    ----------
    predicted, sampled, labelled
        One value per sentence of the population. Labels of sentences that are not sampled are ignored.
    probabilities
        Inclusion probability of each sentence, in (0, 1], if they are unequal. Default: a simple random sample.
    confidence
        Of the interval.

    Returns
    -------
    CorrectedShare
        Shares, cut to the range that the sampled labels leave possible. NaN if fewer than `MIN_SAMPLED` are
        sampled; with `probabilities` if fewer than `MIN_WEIGHTED`, or if fewer than `MIN_DIFFER` labels differ from the
        predictions. A sample of all sentences gives the true share, with no width.

    Notes
    -----
    Exact coverage of the 95% interval (all samples counted) for N = 300 and 3,000, n = 30, 60, 100 and 200, true shares
    of 2% to 50%, and 2% to 20% of predictions wrong, in both directions or one: never below 93.6%. If at least 3 labels
    of the sample are expected to differ, it is 93.6% to 99.7%: above 97% in 4 of 10 cases, mostly for n = 30, and for
    200 of 300, where one sentence is much of the width. If fewer are expected to differ, it is 97.8% to 100%: the
    interval is wider than it need be. Few differing labels are no reason to refuse: that would select samples. If 3 are
    expected (N = 3,000, n = 60, 5% wrong, all in one direction), the samples with at least 5 would cover 84%.

    Examples
    --------
    >>> predicted = [True] * 60 + [False] * 140
    >>> labelled = [True] * 50 + [False] * 150       # 10 of the 60 are wrong
    >>> sampled = [i % 2 == 0 for i in range(200)]   # every other one, 5 of the wrong ones
    >>> found = corrected_share(predicted, sampled, labelled)
    >>> round(found.raw, 3), round(found.share, 3), round(found.low, 3), round(found.high, 3)
    (0.3, 0.25, 0.205, 0.278)
    >>> corrected_share(predicted[:60], sampled[:60], labelled[:60], confidence=0.9).n
    30
    >>> corrected_share(predicted[:30], sampled[:30], labelled[:30]).reason
    '15 sampled, at least 20 needed'
    """
    said, drawn, true = _as_flags(predicted, sampled, labelled)
    total, n = len(said), int(drawn.sum())
    gained, lost = int((drawn & true & ~said).sum()), int((drawn & ~true & said).sum())
    if probabilities is not None:
        return _weighted_share(said, drawn, true, np.asarray(probabilities, dtype=np.float64), confidence)
    raw = float(said.mean()) if total else math.nan
    if n == total > 0:
        share = float(true.mean())
        return CorrectedShare(raw, share, share, share, n, gained + lost, "")
    if n < MIN_SAMPLED:
        return _no_share(raw, n, gained + lost, f"{n} sampled, at least {MIN_SAMPLED} needed")
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
    from an endless supply of the kind, so the interval is wider than that of `corrected_share` for large samples.

    Parameters
    ----------
    predicted, sampled, labelled, confidence
        As in `corrected_share`.

    Returns
    -------
    CorrectedShare
        NaN if fewer than `MIN_WEIGHTED` are sampled or fewer than `MIN_DIFFER` labels differ from the predictions (the
        normal interval needs them), or if all sentences are sampled.

    Examples
    --------
    >>> predicted = [True] * 60 + [False] * 140
    >>> labelled = [True] * 36 + [False] * 164
    >>> sampled = [i % 2 == 0 for i in range(200)]
    >>> found = prediction_powered_share(predicted, sampled, labelled)
    >>> round(found.share, 3), round(found.low, 3), round(found.high, 3)
    (0.18, 0.07, 0.29)
    """
    said, drawn, true = _as_flags(predicted, sampled, labelled)
    n, others = int(drawn.sum()), int((~drawn).sum())
    raw = float(said.mean()) if len(said) else math.nan
    differences = true[drawn].astype(np.float64) - said[drawn]
    n_differ = int(np.count_nonzero(differences))
    reason = _too_few(n, n_differ)
    if reason or others == 0:
        return _no_share(raw, n, n_differ, reason or "all sentences are labelled, so nothing is predicted")
    share = float(said[~drawn].mean() + differences.mean())
    width = norm.ppf((1 + confidence) / 2) * math.sqrt(said[~drawn].var() / others + differences.var() / n)
    low, high = np.clip([share - width, share + width], 0, 1)
    return CorrectedShare(raw, min(max(share, 0.0), 1.0), float(low), float(high), n, n_differ, "")


def same_label(one: object, other: object) -> float:
    """Return 1 for equal labels, otherwise 0."""
    return float(one == other)


def jaccard(one: AbstractSet[Any], other: AbstractSet[Any]) -> float:
    """Return the share of the labels of either set that are in both; 1 if both are empty.

    Examples
    --------
    >>> jaccard({"prevent", "counter"}, {"counter"})
    0.5
    """
    return len(one & other) / len(one | other) if one or other else 1.0


def alternative_annotator_test(
    machine: Mapping[Hashable, Any],
    people: Mapping[str, Mapping[Hashable, Any]],
    *,
    epsilon: float = 0.15,
    alignment: Callable[[Any, Any], float] = same_label,
    q: float = 0.05,
    below: Literal["skip", "wilcoxon"] = "skip",
) -> AlternativeAnnotator:
    """Return whether a machine can stand in for an annotator: the alternative annotator test.

    For each annotator j and each item that j, another annotator and the machine labelled: the alignment of a label with
    the labels of the remaining annotators is its mean `alignment` with each of them. W_m is 1 if the machine's is at
    least that of j, W_j is 1 if that of j is at least the machine's (a tie gives both 1). Then::

        advantage of j  = mean of W_m
        H0              : mean of (W_j - W_m) >= epsilon      one-sided paired t-test
        winning rate    = share of annotators with H0 rejected, Benjamini-Yekutieli at q
        passed          : winning rate >= 0.5

    (Calderon, Reichart and Dror 2025, The Alternative Annotator Test for LLM-as-a-Judge; details as in the authors'
    published code.) If W_j - W_m is the same on all items, the p-value is 0 if it is below epsilon, otherwise 1.

    Parameters
    ----------
    machine
        Label of each item.
    people
        Label of each item, by annotator. Items with one annotator, or without a label by the machine, are left out.
    epsilon
        How much worse the machine may be, in return for its lower cost, as a difference of shares of items. The authors
        recommend 0.2 if the annotators are experts, 0.15 if they are skilled (trained students), and 0.1 if they are
        crowd workers; less if the annotators agree little.
    alignment
        Similarity of two labels: `same_label` (the paper's accuracy), or `jaccard` for sets of labels.
    q
        Greatest expected share of false rejections.
    below
        What to do with annotators of fewer than `MIN_ITEMS` items: "skip" them, as the authors' code does, or use the
        Wilcoxon signed-rank test that the paper names.

    Returns
    -------
    AlternativeAnnotator
        `winning_rate` and `advantage` (the mean over annotators) from 0 to 1. NaN and None if fewer than two annotators
        can be compared. The paper asks for three; with two, each is the other's only reference, and `reason` says so.

    Notes
    -----
    **Wilcoxon.** Do not rely on it: its hypothesis is about the median, but W_j - W_m is -1, 0 or 1 and mostly 0. With
    10 to 29 items and a difference of exactly epsilon it rejected a true H0 in 14% to 93% of 1,000 simulated runs,
    where 5% are allowed. The t-test did so in 4% to 18% at 30 items and 4% to 12% at 100; more if all differences go
    one way.

    Examples
    --------
    >>> items = range(40)
    >>> people = {"Ada": dict.fromkeys(items, "a"), "Bo": {i: "b" if i < 8 else "a" for i in items}}
    >>> found = alternative_annotator_test(dict.fromkeys(items, "a"), people)
    >>> found.winning_rate, found.advantage, found.passed, found.reason
    (1.0, 1.0, True, '2 annotators, the authors ask for 3')
    >>> alternative_annotator_test({1: "a"}, {"Ada": {1: "a"}, "Bo": {1: "b"}}).reason
    'fewer than two annotators have 30 items'
    """
    who = {item: [name for name in people if item in people[name]] for item in dict.fromkeys(_items(people, machine))}
    shared = [item for item, names in who.items() if len(names) >= 2]
    tested = []
    for name in people:
        pairs = [
            (
                _alignment(machine[item], [people[each][item] for each in who[item] if each != name], alignment),
                _alignment(people[name][item], [people[each][item] for each in who[item] if each != name], alignment),
            )
            for item in shared
            if name in who[item]
        ]
        tested.append(_compare(name, np.asarray(pairs, dtype=np.float64).reshape(-1, 2), epsilon, below))
    usable = [each for each in tested if not each.reason]
    rejected = _benjamini_yekutieli([each.p_value for each in usable], q)
    better = {each.annotator for each, is_better in zip(usable, rejected, strict=True) if is_better}
    comparisons = tuple(each._replace(better=each.annotator in better) for each in tested)
    if len(usable) < 2:
        reason = f"fewer than two annotators have {MIN_ITEMS if below == 'skip' else 2} items"
        return AlternativeAnnotator(math.nan, math.nan, None, len(shared), comparisons, reason)
    rate = len(better) / len(usable)
    advantage = float(np.mean([each.advantage for each in usable]))
    few = f"{len(usable)} annotators, the authors ask for 3" if len(usable) < 3 else ""
    return AlternativeAnnotator(rate, advantage, rate >= 0.5, len(shared), comparisons, few)


def _require_counts(wrong: int, n: int, population: int | None) -> None:
    if not 0 <= wrong <= n or (population is not None and n > population):
        msg = f"{wrong} wrong of {n} of {population}: expected 0 <= wrong <= n <= population"
        raise ValueError(msg)


def _beta_end(wrong: int, n: int, alpha: float, *, upper: bool) -> float:
    """The limit of Clopper and Pearson, by the quantile of a beta distribution; 0 or 1 at the ends."""
    if wrong == (n if upper else 0):
        return 1.0 if upper else 0.0
    return float(beta.ppf(1 - alpha, wrong + 1, n - wrong) if upper else beta.ppf(alpha, wrong, n - wrong + 1))


def _as_flags(*columns: Flags) -> list[npt.NDArray[np.bool_]]:
    """The columns as arrays of yes and no, of one length."""
    if len({len(column) for column in columns}) > 1:
        msg = f"columns of {', '.join(str(len(column)) for column in columns)} values, expected one per sentence"
        raise ValueError(msg)
    return [np.asarray(column, dtype=np.bool_) for column in columns]


def _no_share(raw: float, n: int, n_differ: int, reason: str) -> CorrectedShare:
    return CorrectedShare(raw, math.nan, math.nan, math.nan, n, n_differ, reason)


def _too_few(n: int, n_differ: int) -> str:
    if n < MIN_WEIGHTED:
        return f"{n} sampled, at least {MIN_WEIGHTED} needed"
    if n_differ < MIN_DIFFER:
        return f"{n_differ} labels differ from the predictions, at least {MIN_DIFFER} needed"
    return ""


def _weighted_share(
    said: npt.NDArray[np.bool_],
    drawn: npt.NDArray[np.bool_],
    true: npt.NDArray[np.bool_],
    probabilities: npt.NDArray[np.float64],
    confidence: float,
) -> CorrectedShare:
    """The corrected share for a Poisson sample with known inclusion probabilities."""
    if len(probabilities) != len(said) or not ((probabilities > 0) & (probabilities <= 1)).all():
        msg = f"expected {len(said)} probabilities above 0 and at most 1"
        raise ValueError(msg)
    raw, n = float(said.mean()) if len(said) else math.nan, int(drawn.sum())
    differences, pi = true[drawn].astype(np.float64) - said[drawn], probabilities[drawn]
    n_differ = int(np.count_nonzero(differences))
    reason = _too_few(n, n_differ)
    if reason:
        return _no_share(raw, n, n_differ, reason)
    share = raw + float((differences / pi).sum()) / len(said)
    error = math.sqrt(((1 - pi) * (differences / pi) ** 2).sum()) / len(said)
    width = t.ppf((1 + confidence) / 2, n - 1) * error
    low, high = np.clip([share - width, share + width], 0, 1)
    return CorrectedShare(raw, min(max(share, 0.0), 1.0), float(low), float(high), n, n_differ, "")


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


def _items(people: Mapping[str, Mapping[Hashable, Any]], machine: Mapping[Hashable, Any]) -> list[Hashable]:
    return [item for labels in people.values() for item in labels if item in machine]


def _alignment(label: object, others: Sequence[object], alignment: Callable[[Any, Any], float]) -> float:
    return math.fsum(alignment(label, other) for other in others) / len(others)


def _compare(
    name: str, alignments: npt.NDArray[np.float64], epsilon: float, below: Literal["skip", "wilcoxon"]
) -> Comparison:
    """The test against one annotator, from the alignments of the machine (first column) and the annotator."""
    n = len(alignments)
    machine, person = alignments.T
    wins, losses = machine >= person - _EQUAL, person >= machine - _EQUAL
    advantage = float(wins.mean()) if n else math.nan
    if n < (MIN_ITEMS if below == "skip" else 2):
        few = f"{n} items, at least {MIN_ITEMS if below == 'skip' else 2} needed"
        return Comparison(name, n, advantage, math.nan, better=False, reason=few)
    differences = losses.astype(np.float64) - wins
    if np.ptp(differences) == 0:
        p_value = 0.0 if differences[0] < epsilon else 1.0
    elif n < MIN_ITEMS:
        p_value = float(wilcoxon(differences - epsilon, alternative="less", method="approx").pvalue)
    else:
        p_value = float(ttest_1samp(differences, epsilon, alternative="less").pvalue)
    return Comparison(name, n, advantage, p_value, better=False, reason="")


def _benjamini_yekutieli(p_values: Sequence[float], q: float) -> list[bool]:
    """Which hypotheses are rejected: the i smallest, for the greatest i with p_(i) <= i q / (m sum 1/k)."""
    m = len(p_values)
    if m == 0:
        return []
    order = np.argsort(p_values, kind="stable")
    ranks = np.arange(1, m + 1)
    passed = np.flatnonzero(np.asarray(p_values)[order] <= ranks * q / (m * (1 / ranks).sum()))
    rejected = set(order[: passed[-1] + 1].tolist()) if len(passed) else set()
    return [place in rejected for place in range(m)]
