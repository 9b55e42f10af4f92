"""Agreement and estimates, compared with published examples, manual calculations and simulated truth."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from g7tag import statistics
from g7tag.statistics import (
    NO_PAIR,
    ONE_CODE,
    alpha_interval,
    alternative_annotator_test,
    corrected_share,
    error_bound,
    gwet_ac1,
    krippendorff_alpha,
    mean_interval,
    percent_agreement,
)

# Krippendorff 2011, section C: four observers, twelve units. Gwet's irrCAC has the same codes as cac.raw4raters.
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ],
    dtype=object,
).T
# irrCAC, cont3x3abstractors: row = the first coder's code, column = the second's
TABLE = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
ABSTRACTORS = [[row, column] for row, line in enumerate(TABLE) for column, n in enumerate(line) for _ in range(n)]
ordinal_alpha = partial(krippendorff_alpha, order=[0, 1, 2, 3, 4, 5])
EVERY_STATISTIC = pytest.mark.parametrize(
    "statistic",
    [percent_agreement, gwet_ac1, krippendorff_alpha, ordinal_alpha],
    ids=["percent", "ac1", "alpha", "ordinal-alpha"],
)


@pytest.mark.parametrize(
    ("statistic", "codes", "value", "n_units"),
    [
        # Unit 12 is coded once, so n = 40 codes in 11 units: n_c = 9, 13, 10, 5, 3 and o_cc = 7, 10, 8, 4, 3.
        # (39 * 32 - (9*8 + 13*12 + 10*9 + 5*4 + 3*2)) / (40 * 39 - 344) = 904 / 1216 = 0.743
        (krippendorff_alpha, FOUR_OBSERVERS, 904 / 1216, 11),
        (ordinal_alpha, FOUR_OBSERVERS, 0.815, 11),
        # section A: 4 of 10 units unlike; n_c = 14, 6: 1 - 19 * 2 * 4 / (20^2 - 14^2 - 6^2) = 0.095
        (krippendorff_alpha, list(zip("0100000000", "1110010010", strict=True)), 1 - 19 * 8 / 168, 10),
        # section B: 3 of 12 units unlike; n_c = 4, 6, 6, 6, 2: 1 - 23 * 2 * 3 / (24^2 - 16 - 36 - 36 - 36 - 4) = 0.692
        (krippendorff_alpha, list(zip("aabbdcccedda", "babbbccceddd", strict=True)), 1 - 23 * 6 / 448, 12),
        # p_a = 89 / 100; shares of codes (13 + 13, 27 + 24, 60 + 63) / 200 = 0.13, 0.255, 0.615
        # AC1: p_e = (0.13 * 0.87 + 0.255 * 0.745 + 0.615 * 0.385) / 2 = 0.269925, so 0.620075 / 0.730075 = 0.8493305
        (percent_agreement, ABSTRACTORS, 0.89, 100),
        (gwet_ac1, ABSTRACTORS, 0.8493305, 100),
        (krippendorff_alpha, ABSTRACTORS, 0.7972585, 100),
        # Of 11 units 8 agree in all pairs, units 2 and 8 in 3 of 6 and unit 6 in none: p_a = (8 + 2 * 3 / 6) / 11
        # irrCAC prints p_a = 0.8181818, p_e = 0.1903212, AC1 = 0.77544: units coded once count in p_e
        (percent_agreement, FOUR_OBSERVERS, 9 / 11, 11),
        (gwet_ac1, FOUR_OBSERVERS, (9 / 11 - 0.1903212) / (1 - 0.1903212), 11),
        # two units, never alike, each coder each code once; alpha: 1 - 3 * 4 / (4^2 - 2^2 - 2^2) = -0.5
        (percent_agreement, [["a", "b"], ["b", "a"]], 0, 2),
        (gwet_ac1, [["a", "b"], ["b", "a"]], -1, 2),
        (krippendorff_alpha, [["a", "b"], ["b", "a"]], -0.5, 2),
        # a missing code is None or NaN
        (krippendorff_alpha, np.array([[1, 1], [1, 2], [2, 2], [1, np.nan], [np.nan, 2]]), 4 / 9, 3),
    ],
)
def test_published_and_manual_values(statistic, codes, value, n_units):
    assert statistic(codes) == (pytest.approx(value, abs=5e-4 if statistic is ordinal_alpha else 1e-6), n_units, "")


@EVERY_STATISTIC
def test_perfect_agreement_is_one_in_any_order_and_nothing_coded_twice_is_undefined(statistic):
    assert statistic([[1, 1], [2, 2], [4, 4]]) == (1, 3, "")
    value, n_units, _ = statistic(FOUR_OBSERVERS)
    assert statistic(FOUR_OBSERVERS[::-1]) == statistic(FOUR_OBSERVERS[:, ::-1]) == (pytest.approx(value), n_units, "")
    for codes in ([], np.empty((0, 2)), [[1, None], [None, 2]], [[None, None]]):
        assert statistic(codes)[1:] == (0, NO_PAIR)
        assert math.isnan(statistic(codes).value)
    if statistic is not percent_agreement:
        equal = statistic([[1, 1], [1, 1], [1, None]])
        assert math.isnan(equal.value)
        assert equal[1:] == (2, "all codes are equal" if statistic is gwet_ac1 else ONE_CODE)


def test_ordinal_alpha_punishes_far_codes_more_and_needs_a_full_order():
    near, far = [[-1, -1], [0, 1], [1, 1], [-1, -1]], [[-1, 1], [0, 0], [1, 1], [-1, -1]]
    by_rank = partial(krippendorff_alpha, order=[-1, 0, 1, 2])  # 2 does not occur
    assert by_rank(near).value > krippendorff_alpha(near).value
    assert by_rank(far).value < krippendorff_alpha(far).value
    for order in (["weak"], ["none", "weak", "none"]):
        with pytest.raises(ValueError, match=r"each value once, low to high, with all of \[\"'none'\", \"'weak'\"\]"):
            krippendorff_alpha([["none", "weak"]], order=order)


def test_whole_groups_are_resampled(monkeypatch):
    # Two groups of 50 units, one all alike, one all unlike: a resample holds (2, 0), (1, 1) or (0, 2) of them and
    # agrees by 1, 0.5 or 0, the ends a quarter of the time each. Resampled units would stay near 0.5 +- 0.1.
    equal = [1] * 50 + [0] * 50
    assert mean_interval(equal, ["alike"] * 50 + ["unlike"] * 50) == (0, 1, "")
    by_unit = mean_interval(equal, range(100))
    assert (by_unit.low, by_unit.high) == (pytest.approx(0.4, abs=0.04), pytest.approx(0.6, abs=0.04))
    # two of big, one of each (mean 0.8, of units and not of groups), or two of small
    monkeypatch.setattr(statistics, "RESAMPLES", 1)
    assert mean_interval([1, 1, 0, 1, 1], ["big", "big", "small", "big", "big"]).low in {0, 0.8, 1}


@pytest.mark.parametrize("order", [None, range(4)], ids=["nominal", "ordinal"])
def test_an_interval_of_alpha_is_that_of_each_resample_measured_by_itself(order, monkeypatch):
    dice = np.random.default_rng(3)
    codes = dice.choice([0, 1, 2, None], size=(60, 3), p=[0.5, 0.2, 0.1, 0.2])
    groups = np.arange(60) // 4
    draws = np.random.default_rng(0).integers(15, size=(200, 15))
    units = [np.concatenate([np.flatnonzero(groups == group) for group in draw]) for draw in draws]
    values = [krippendorff_alpha(codes[each], order=order).value for each in units]
    monkeypatch.setattr(statistics, "RESAMPLES", 200)
    found = alpha_interval(codes, groups, order=order)
    assert found[:2] == pytest.approx(np.nanquantile(values, [0.025, 0.975]))
    assert found.low < krippendorff_alpha(codes, order=order).value < found.high


def test_undefined_resamples_are_left_out_and_counted_and_some_give_no_interval():
    # One of three groups holds "b": a resample is all "a" in (2 / 3)^3, all "b" in (1 / 3)^3: undefined in a third.
    low, high, reason = alpha_interval([["a", "a"], ["a", "a"], ["b", "b"]], [1, 2, 3])
    assert (low, high) == (1, 1)
    n_undefined = int(reason.removesuffix(" of 2000 resamples are undefined"))
    assert n_undefined == pytest.approx(2000 / 3, abs=105)  # five standard deviations
    mostly = alpha_interval([["a", "a"], ["a", "a"]], [1, 2])
    assert (math.isnan(mostly.low), mostly.reason) == (True, "2000 of 2000 resamples are undefined")
    for codes, groups in (([], []), ([["a", "b"]] * 3, ["one"] * 3)):
        assert alpha_interval(codes, groups).reason == "fewer than two groups to resample"
    with pytest.raises(ValueError, match="1 groups for 2 units, expected one per unit"):
        mean_interval([0, 1], ["one"])


def test_the_bound_for_a_small_population_is_counted_by_hand():
    # 5 of 10 labels are drawn and none is wrong. With K wrong of 10, P(none) = C(10 - K, 5) / C(10, 5) of 252:
    # K = 1: 126 / 252 = 0.5; K = 2: 56 / 252 = 0.222; K = 3: 21 / 252 = 0.083; K = 4: 6 / 252 = 0.0238; K = 5: 1 / 252
    # above 0.05 up to K = 3, above 0.025 up to K = 3 (0.0238 is below)
    assert error_bound(0, 5, population=10)[:4] == (0, 0, 0.3, 0.3)
    # 2 of 5 drawn from 10 are wrong. K = 2: P(2) = C(8, 3) / C(10, 5) = 56 / 252 > 0.025, so the least K is 2.
    # K = 7: P(at most 2) = P(2) = C(7, 2) C(3, 3) / 252 = 21 / 252 = 0.083; K = 8 is impossible: only 3 are right
    assert error_bound(2, 5, population=10)[:4] == (0.4, 0.2, 0.7, 0.7)
    assert error_bound(3, 40, population=40)[:4] == (0.075, 0.075, 0.075, 0.075)  # all are drawn
    found = error_bound(0, 0, population=10)
    assert all(math.isnan(value) for value in found[:4])
    assert found[4:] == (None, "no label is in the sample")
    for wrong, n, total in ((2, 1, 5), (-1, 1, 5), (1, 6, 5)):
        with pytest.raises(ValueError, match=rf"{wrong} wrong of {n} of {total}: expected 0 <= wrong <= n <= popul"):
            error_bound(wrong, n, population=total)


@pytest.mark.slow
@given(st.data())
def test_bounds_are_ordered_possible_and_mirrored(data):
    n = data.draw(st.integers(1, 60))
    wrong = data.draw(st.integers(0, n))
    total = n + data.draw(st.integers(0, 200))
    found = error_bound(wrong, n, population=total)
    assert wrong / total <= found.low <= found.share + 1 / total
    assert found.share - 1 / total <= found.at_most <= found.high <= (total - n + wrong) / total
    mirrored = error_bound(n - wrong, n, population=total)
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - found.high, 1 - found.low))


@pytest.mark.parametrize(("total", "n"), [(40, 10), (40, 30), (300, 30)])
def test_every_bound_covers_at_least_as_often_as_it_says(total, n):
    bounds = [error_bound(wrong, n, population=total) for wrong in range(n + 1)]
    low, high, at_most = (np.array([getattr(each, name) for each in bounds]) for name in ("low", "high", "at_most"))
    for errors in range(total + 1):
        chances, share = hypergeom.pmf(np.arange(n + 1), total, errors, n), errors / total
        assert chances[(low <= share) & (share <= high)].sum() >= 0.95 - 1e-9
        assert chances[share <= at_most].sum() >= 0.95 - 1e-9


@pytest.mark.parametrize(("wrong", "n"), [(0, 10), (2, 100), (3, 100)])
def test_the_labels_needed_just_reach_the_target(wrong, n):
    def bound(more):
        expected = math.ceil(round(wrong * (n + more) / n, 9))
        return error_bound(expected, n + more, population=400).at_most

    more = error_bound(wrong, n, population=400).more_needed
    assert more is not None
    assert bound(more) <= 0.05
    assert min(bound(fewer) for fewer in range(more)) > 0.05


@pytest.mark.parametrize(
    ("wrong", "n", "target", "expected"),
    [
        (0, 100, 0.05, (0, "")),
        (400, 400, 1.0, (0, "")),
        (5, 100, 0.05, (300, "")),  # 20 of 400 are 5%: the bound is 5% only if all 400 are labelled and 20 are wrong
        (10, 100, 0.05, (None, "the share of errors is 10.0%, above the target of 5.0%")),
        (1, 30, 0.0334, (None, "all 400 labels would not bring the bound down to 3.3%")),  # 14 of 400 are 3.5%
    ],
    ids=["reached", "any", "at the last label", "above", "never"],
)
def test_the_labels_needed_have_an_end_or_a_reason(wrong, n, target, expected):
    assert error_bound(wrong, n, population=400, target=target)[4:] == expected


def population(n, share, error):
    """Predictions and true labels: `share` of n are yes, and `error` of the yes and of the no are predicted wrongly."""
    true = np.arange(n) < round(n * share)
    yes, no = np.flatnonzero(true), np.flatnonzero(~true)
    predicted = true.copy()
    predicted[yes[: round(error * len(yes))]] = False
    predicted[no[: round(error * len(no))]] = True
    return predicted, true


def test_the_estimate_is_predictions_plus_mean_difference():
    # 100 sentences, 30 predicted yes. Of the 20 sampled (10 predicted yes, 10 no), 3 yes are wrong and 1 no is wrong:
    # 0.30 + (1 - 3) / 20 = 0.20
    predicted = [True] * 30 + [False] * 70
    sampled = [i < 10 or 30 <= i < 40 for i in range(100)]
    labelled = np.array([3 <= i < 10 or i == 30 for i in range(100)])
    found = corrected_share(predicted, sampled, labelled)
    assert (found.raw, found.n, found.n_differ, found.reason) == (0.3, 20, 4, "")
    assert found.share == pytest.approx(0.2)
    # the sample has 8 yes, and 80 sentences are open: from 8% to 88%
    assert 0.08 <= found.low < found.share < found.high <= 0.88
    assert corrected_share(predicted, sampled, labelled | ~np.array(sampled)) == found  # only sampled labels count


def test_the_limits_are_those_of_the_score_test():
    # No label of 20 differs. The score test rejects D if D² > z² k (D - D²) / n for the least q, 0 (then p_+ = D):
    # so D = z² k / (n + z² k), with z² = 3.8415 and k = (200 - 20) / 199; and one sentence of 200 is added
    predicted = np.arange(200) < 100
    found = corrected_share(predicted, np.arange(200) % 10 == 0, predicted)
    z2k = 1.959964**2 * 180 / 199
    width = pytest.approx(z2k / (20 + z2k) + 1 / 200, abs=1e-6)
    assert (found.share, found.high - 0.5, 0.5 - found.low) == (0.5, width, width)


def test_the_limits_agree_with_a_direct_search_for_the_likelihood():
    # 12 gained and 2 lost of 50 from a very large population; a limit D has (0.2 - D)² = z² variance / n, where the
    # variance is that of the probabilities with p_gained - p_lost = D that make these counts most likely
    gained, lost, n, total = 12, 2, 50, 1_000_000
    predicted = np.arange(total) % 2 == 0
    labelled = predicted.copy()
    labelled[[*range(1, 2 * gained, 2), 0, 2]] = [True] * gained + [False] * lost
    found = corrected_share(predicted, np.arange(total) < n, labelled)
    for end in (found.low - found.raw, found.high - found.raw):
        p_lost = np.linspace(max(-end, 0), (1 - end) / 2, 40_001)[1:-1]
        p_gained = p_lost + end
        likelihood = (
            gained * np.log(p_gained) + lost * np.log(p_lost) + (n - gained - lost) * np.log(1 - p_gained - p_lost)
        )
        best = likelihood.argmax()
        variance = p_gained[best] + p_lost[best] - end**2
        assert ((gained - lost) / n - end) ** 2 == pytest.approx(1.959964**2 * variance / n, rel=1e-3)


def test_a_census_gives_the_true_share_and_small_samples_none():
    predicted, true = population(100, 0.2, 0.1)
    found = corrected_share(predicted, np.ones(100, dtype=bool), true)
    assert (found.share, found.low, found.high, found.n) == (0.2, 0.2, 0.2, 100)
    for n in (0, 19):
        found = corrected_share(predicted, np.arange(100) < n, true)
        assert all(math.isnan(value) for value in (found.share, found.low, found.high))
        assert found.raw == pytest.approx(0.26)  # 18 of 20 yes and 8 of 80 no
        assert found.reason == f"{n} sampled, at least 20 needed"
    assert corrected_share([], [], []).reason == "0 sampled, at least 20 needed"


@given(st.integers(0, 2**31), st.integers(20, 120), st.floats(0, 1), st.floats(0, 1))
def test_the_interval_holds_the_estimate_and_what_is_possible(seed, n, share, error):
    rng = np.random.default_rng(seed)
    true = rng.random(120) < share
    predicted = true ^ (rng.random(120) < error)
    sampled = rng.permutation(120) < n
    found = corrected_share(predicted, sampled, true)
    assert (true & sampled).mean() - 1e-9 <= found.low <= found.share <= found.high
    assert found.high <= 1 - (~true & sampled).mean() + 1e-9
    opposite = corrected_share(~predicted, sampled, ~true)
    assert (opposite.low, opposite.high) == pytest.approx((1 - found.high, 1 - found.low))


@pytest.mark.parametrize(
    ("total", "n", "share", "error"),
    [(300, 60, 0.25, 0.1), (3000, 100, 0.5, 0.2), (40, 20, 0.1, 0.05), (300, 200, 0.1, 0.02), (3000, 30, 0.1, 0.02)],
)
def test_the_corrected_interval_covers_the_truth(total, n, share, error):
    predicted, true = population(total, share, error)
    rng = np.random.default_rng(0)
    found = [corrected_share(predicted, rng.permutation(total) < n, true) for _ in range(1000)]
    covered = np.mean([each.low <= true.mean() <= each.high for each in found])
    assert covered >= 0.93  # 1.5% is two standard errors of 1,000 runs
    if error * n >= 6:  # neither rareness nor the size of the sample widens the interval
        assert covered <= 0.98
    assert np.mean([each.share for each in found]) == pytest.approx(true.mean(), abs=0.01)  # unbiased


def labels(*runs):
    """Labels of items 0, 1, ... from runs of equal labels."""
    return dict(enumerate([label for label, n in runs for _ in range(n)]))


ALL_A = labels(("a", 40))


@pytest.mark.parametrize(
    ("machine", "people", "expected"),
    [
        # Bo says "b" on 0-9, Cy on 10-29. The machine always says "a".
        # Against Ada: the others are Bo, Cy; machine and Ada are equal everywhere: advantage 1, difference 0: p = 0.
        # Against Bo: the others are Ada ("a") and Cy: on 0-9 the machine agrees with both, Bo with none: better.
        #   On 10-29 Bo says "a" too: equal. Advantage 1, all differences 0 or -1: better. Against Cy: same, on 10-29.
        (ALL_A, {"Ada": ALL_A, "Bo": labels(("b", 10), ("a", 30)), "Cy": labels(("a", 10), ("b", 20), ("a", 10))},
         (1, 1, True)),
        # Cy and the machine say "b" on 0-19. Against Ada: on 0-19 the others are Bo "a", Cy "b": equal. On 20-39 equal:
        # better. Against Bo: the same. Against Cy: machine and Cy always equal: better.
        (labels(("b", 20), ("a", 20)), {"Ada": ALL_A, "Bo": ALL_A, "Cy": labels(("b", 20), ("a", 20))}, (1, 1, True)),
        # The machine says "c" on 0-19: against Ada 0 < 1/2, W_m = 0 on 20 of 40, mean difference 0.5 > 0.2: not better.
        # Bo: the same. Cy: the others both say "a"; the machine and Cy have 0 each, equal: better.
        # Rate 1/3, advantage (0.5 + 0.5 + 1) / 3 = 2/3
        (labels(("c", 20), ("a", 20)), {"Ada": ALL_A, "Bo": ALL_A, "Cy": labels(("b", 20), ("a", 20))},
         (1 / 3, 2 / 3, False)),
    ],
    ids=["the odd one", "all are won", "one third"],
)  # fmt: skip
def test_the_winning_rate_is_counted_by_hand(machine, people, expected):
    found = alternative_annotator_test(machine, people, epsilon=0.2)
    assert found[:2] == pytest.approx(expected[:2])
    assert (found.passed, found.n_items, found.reason) == (expected[2], 40, "")


def test_the_p_value_is_that_of_the_paired_t_test():
    # Two annotators always say "a"; the machine says "b" on 4 of 40: difference 1 on 4 items, otherwise 0.
    # mean 0.1, s² = 40/39 * 0.1 * 0.9; t = (0.1 - 0.2) / sqrt(s² / 40) = -0.1 / sqrt(0.09 / 39) = -2.0817
    # P(T_39 < -2.0817) = 0.02199; Benjamini-Yekutieli with m = 2: limits 0.05 / 2 / 1.5 = 0.0167 and 0.0333:
    # the greater p-value, 0.022, is below 0.0333, so both are rejected
    machine, people = labels(("b", 4), ("a", 36)), {"Ada": ALL_A, "Bo": ALL_A}
    found = alternative_annotator_test(machine, people, epsilon=0.2)
    assert [*found.p_values.values()] == pytest.approx([0.02199] * 2, abs=1e-5)
    assert (found.winning_rate, found.passed, found.advantage) == (1, True, pytest.approx(0.9))
    assert found.reason == "2 annotators, the authors ask for 3"
    assert alternative_annotator_test(machine, people, epsilon=0.1).passed is False  # t = 0


def test_several_tests_are_corrected_as_benjamini_and_yekutieli_do():
    # Against Ada the machine differs on 4 of 43: t = (4/43 - 0.2) / sqrt(4/43 * 39/43 / 42) = -2.387, p = 0.0108, above
    # the limit 0.05 / 3 / (1 + 1/2 + 1/3) = 0.0091 (0.0167 without the last factor); it differs more from Bo and Cy
    people = {"Ada": labels(("a", 43)), "Bo": labels(("a", 83)), "Cy": dict.fromkeys(range(43, 83), "a")}
    found = alternative_annotator_test(labels(("b", 4), ("a", 39), ("b", 40)), people, epsilon=0.2)
    assert found.p_values["Ada"] == pytest.approx(0.0108, abs=1e-4)
    assert (found.winning_rate, found.passed) == (0, False)


def test_too_few_items_or_annotators_give_no_verdict_and_single_labels_are_left_out():
    machine = {item: "a" for item in range(50) if item != 0}
    assert alternative_annotator_test(machine, {"Ada": labels(("a", 50)), "Bo": ALL_A}).n_items == 39
    few = labels(("a", 29))
    found = alternative_annotator_test(few, {"Ada": few, "Bo": few})
    assert math.isnan(found.winning_rate)
    assert (found.passed, found.reason) == (None, "fewer than two annotators have 30 items")
    assert alternative_annotator_test({}, {}).passed is None
    assert alternative_annotator_test(ALL_A, {"Ada": ALL_A}).passed is None
