"""What a random sample proves, compared with manual calculations, other implementations and simulated truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, hypergeom

from g7tag.statistics import (
    alternative_annotator_test,
    corrected_share,
    error_bound,
    jaccard,
    prediction_powered_share,
    sample_needed,
)


def population(n: int, share: float, error: float) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and true labels: `share` of n are yes, and `error` of the yes and of the no are predicted wrongly."""
    true = np.arange(n) < round(n * share)
    yes, no = np.flatnonzero(true), np.flatnonzero(~true)
    predicted = true.copy()
    predicted[yes[: round(error * len(yes))]] = False
    predicted[no[: round(error * len(no))]] = True
    return predicted, true


def draw(rng: np.random.Generator, population: int, n: int) -> np.ndarray:
    """Which of the population a simple random sample of n contains."""
    drawn = np.zeros(population, dtype=bool)
    drawn[rng.choice(population, n, replace=False)] = True
    return drawn


def test_the_bound_for_a_small_population_is_counted_by_hand() -> None:
    # 5 of 10 labels are drawn and none is wrong. With K wrong of 10, P(none) = C(10 - K, 5) / C(10, 5) of 252:
    # K = 1: 126 / 252 = 0.5; K = 2: 56 / 252 = 0.222; K = 3: 21 / 252 = 0.083; K = 4: 6 / 252 = 0.0238; K = 5: 1 / 252
    # above 0.05 up to K = 3, above 0.025 up to K = 3 (0.0238 is below)
    found = error_bound(0, 5, population=10)
    assert (found.share, found.low, found.high, found.at_most) == (0, 0, 0.3, 0.3)
    assert error_bound(0, 5, population=10, confidence=0.97).at_most == 0.3  # 0.083 > 0.03 >= 0.0238
    assert error_bound(0, 5, population=10, confidence=0.98).at_most == 0.4  # 0.0238 > 0.02


def test_the_lower_bound_for_a_small_population_is_counted_by_hand() -> None:
    # 2 of 5 drawn from 10 are wrong. K = 2: P(2) = C(8, 3) / C(10, 5) = 56 / 252 > 0.025, so the least K is 2.
    # K = 7: P(at most 2) = P(2) = C(7, 2) C(3, 3) / 252 = 21 / 252 = 0.083; K = 8 is impossible: only 3 are right
    found = error_bound(2, 5, population=10)
    assert (found.share, found.low, found.high, found.at_most) == (0.4, 0.2, 0.7, 0.7)


def test_a_census_knows_the_share_and_an_empty_sample_proves_nothing() -> None:
    assert error_bound(3, 40, population=40)[2:6] == (0.075, 0.075, 0.075, 0.075)
    found = error_bound(0, 0, population=10)
    assert all(math.isnan(value) for value in found[2:6])
    assert found.reason == "no label is in the sample"


@pytest.mark.parametrize(("wrong", "n", "total"), [(2, 1, 5), (-1, 1, 5), (1, 6, 5)])
def test_contradicting_numbers_are_refused(wrong: int, n: int, total: int) -> None:
    with pytest.raises(ValueError, match=rf"{wrong} wrong of {n} of {total}: expected 0 <= wrong <= n <= population"):
        error_bound(wrong, n, population=total)


@given(st.data())
def test_bounds_are_ordered_possible_and_mirrored(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 60))
    wrong = data.draw(st.integers(0, n))
    total = n + data.draw(st.integers(0, 200))
    found = error_bound(wrong, n, population=total)
    assert 0 <= found.low <= found.share + 1 / total
    assert found.share - 1 / total <= found.at_most <= found.high <= 1
    assert wrong / total <= found.low
    assert found.high <= (total - n + wrong) / total
    mirrored = error_bound(n - wrong, n, population=total)
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - found.high, 1 - found.low))


@pytest.mark.parametrize("total", [40, 300])
@pytest.mark.parametrize("n", [10, 30])
def test_every_bound_covers_at_least_as_often_as_it_says(total: int, n: int) -> None:
    bounds = [error_bound(wrong, n, population=total) for wrong in range(n + 1)]
    for errors in range(total + 1):
        chances = hypergeom.pmf(np.arange(n + 1), total, errors, n)
        share = errors / total
        two_sided = sum(chance for chance, each in zip(chances, bounds, strict=True) if each.low <= share <= each.high)
        one_sided = sum(chance for chance, each in zip(chances, bounds, strict=True) if share <= each.at_most)
        assert min(two_sided, one_sided) >= 0.95 - 1e-9


@pytest.mark.parametrize(("wrong", "n"), [(0, 10), (2, 100), (3, 100)])
def test_the_labels_needed_just_reach_the_target(wrong: int, n: int) -> None:
    def bound(more: int) -> float:
        expected = math.ceil(round(wrong * (n + more) / n, 9))
        return error_bound(expected, n + more, population=400).at_most

    more = sample_needed(0.05, wrong=wrong, n=n, population=400).more
    assert more is not None
    assert bound(more) <= 0.05
    assert min(bound(fewer) for fewer in range(more)) > 0.05


@pytest.mark.parametrize(
    ("wrong", "n", "target", "expected"),
    [
        (0, 100, 0.05, (0, "")),
        (400, 400, 1.0, (0, "")),
        (5, 100, 0.05, (300, "")),  # 20 of 400 are 5%: the bound is 5% only if all 400 are labelled and 20 are wrong
        (0, 0, 0.05, (None, "no label is in the sample, so no share of errors can be expected")),
        (10, 100, 0.05, (None, "the share of errors is 10.0%, above the target of 5.0%")),
        (1, 30, 0.0334, (None, "all 400 labels would not bring the bound down to 3.3%")),  # 14 of 400 are 3.5%
    ],
    ids=["reached", "any", "at the last label", "empty", "above", "never"],
)
def test_the_labels_needed_have_an_end_or_a_reason(wrong: int, n: int, target: float, expected: object) -> None:
    assert sample_needed(target, wrong=wrong, n=n, population=400) == expected


def test_the_estimate_is_predictions_plus_mean_difference() -> None:
    # 100 sentences, 30 predicted yes. Of the 20 sampled (10 predicted yes, 10 no), 3 yes are wrong and 1 no is wrong:
    # 0.30 + (1 - 3) / 20 = 0.20
    predicted = [True] * 30 + [False] * 70
    sampled = [i < 10 or 30 <= i < 40 for i in range(100)]
    labelled = [3 <= i < 10 or i == 30 for i in range(100)]
    found = corrected_share(predicted, sampled, labelled)
    assert (found.raw, found.n, found.n_differ, found.reason) == (0.3, 20, 4, "")
    assert found.share == pytest.approx(0.2)
    # the sample has 8 yes, and 80 sentences are open: from 8% to 88%
    assert 0.08 <= found.low < found.share < found.high <= 0.88


def test_the_limits_are_those_of_the_score_test() -> None:
    # No label of 20 differs. The score test rejects D if D² > z² k (D - D²) / n for the least q, 0 (then p_+ = D):
    # so D = z² k / (n + z² k), with z² = 3.8415 and k = (200 - 20) / 199; and one sentence of 200 is added
    predicted = np.arange(200) < 100
    sampled = np.arange(200) % 10 == 0
    found = corrected_share(predicted, sampled, predicted)
    z2k = 1.959964**2 * 180 / 199
    assert found.share == 0.5
    assert found.high - 0.5 == pytest.approx(z2k / (20 + z2k) + 1 / 200, abs=1e-6)
    assert 0.5 - found.low == pytest.approx(z2k / (20 + z2k) + 1 / 200, abs=1e-6)


def test_the_limits_agree_with_a_direct_search_for_the_likelihood() -> None:
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


def test_a_census_gives_the_true_share_and_small_samples_none() -> None:
    predicted, true = population(100, 0.2, 0.1)
    found = corrected_share(predicted, np.ones(100, dtype=bool), true)
    assert (found.share, found.low, found.high, found.n) == (0.2, 0.2, 0.2, 100)
    for n, reason in ((0, "0 sampled, at least 20 needed"), (19, "19 sampled, at least 20 needed")):
        found = corrected_share(predicted, np.arange(100) < n, true)
        assert all(math.isnan(value) for value in (found.share, found.low, found.high))
        assert (found.raw, found.reason) == (pytest.approx(0.26), reason)  # 18 of 20 yes and 8 of 80 no
    assert corrected_share([], [], []).reason == "0 sampled, at least 20 needed"


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="columns of 2, 1, 2 values, expected one per sentence"):
        corrected_share([True, False], [True], [True, False])


def test_labels_outside_the_sample_are_ignored() -> None:
    predicted, true = population(100, 0.3, 0.1)
    sampled = np.arange(100) % 4 == 0
    assert corrected_share(predicted, sampled, true & sampled) == corrected_share(predicted, sampled, true | ~sampled)


@given(st.integers(0, 2**31), st.integers(20, 120), st.floats(0, 1), st.floats(0, 1))
def test_the_interval_holds_the_estimate_and_what_is_possible(seed: int, n: int, share: float, error: float) -> None:
    rng = np.random.default_rng(seed)
    true = rng.random(120) < share
    predicted = true ^ (rng.random(120) < error)
    sampled = draw(rng, 120, n)
    found = corrected_share(predicted, sampled, true)
    assert found.low <= found.share <= found.high
    assert found.low >= (true & sampled).mean() - 1e-9
    assert found.high <= 1 - (~true & sampled).mean() + 1e-9
    opposite = corrected_share(~predicted, sampled, ~true)
    assert (opposite.low, opposite.high) == pytest.approx((1 - found.high, 1 - found.low))


@pytest.mark.parametrize(
    ("n", "n_differ", "reason"),
    [(29, 12, "29 sampled, at least 30 needed"), (40, 9, "9 labels differ from the predictions, at least 10 needed")],
)
def test_intervals_from_a_normal_distribution_need_more(n: int, n_differ: int, reason: str) -> None:
    predicted, sampled, true = np.zeros(80, dtype=bool), np.arange(80) < n, np.arange(80) < n_differ
    assert prediction_powered_share(predicted, sampled, true).reason == reason


def test_prediction_powered_inference_by_hand() -> None:
    # 40 labelled, 10 of them label yes and prediction no; 60 others, 15 predicted yes.
    # share = 15/60 + 10/40 = 0.5; variance = (1/4 * 3/4) / 60 + (1/4 * 3/4) / 40 = 0.003125 + 0.0046875
    predicted, sampled = np.arange(100) >= 85, np.arange(100) < 40
    found = prediction_powered_share(predicted, sampled, np.arange(100) < 10)
    assert found.share == pytest.approx(0.5)
    assert found.high - 0.5 == pytest.approx(1.959964 * math.sqrt(0.0078125))
    assert prediction_powered_share(predicted, np.ones(100, dtype=bool), ~predicted).reason == (
        "all sentences are labelled, so nothing is predicted"
    )


@pytest.mark.parametrize(
    ("total", "n", "share", "error"),
    [(300, 60, 0.25, 0.1), (3000, 60, 0.1, 0.1), (3000, 100, 0.5, 0.2), (40, 20, 0.1, 0.05), (300, 200, 0.1, 0.02),
     (3000, 30, 0.1, 0.02)],
)  # fmt: skip
def test_the_corrected_interval_covers_the_truth(total: int, n: int, share: float, error: float) -> None:
    predicted, true = population(total, share, error)
    rng = np.random.default_rng(0)
    found = [corrected_share(predicted, draw(rng, total, n), true) for _ in range(1000)]
    covered = np.mean([each.low <= true.mean() <= each.high for each in found])
    assert covered >= 0.93  # 1.5% is two standard errors of 1,000 runs
    if error * n >= 6:  # neither rareness nor the size of the sample widens the interval
        assert covered <= 0.98
    assert np.mean([each.share for each in found]) == pytest.approx(true.mean(), abs=0.01)  # unbiased


def labels(*runs: tuple[str, int]) -> dict[int, str]:
    """Labels of items 0, 1, ... from runs of equal labels."""
    return dict(enumerate([label for label, n in runs for _ in range(n)]))


def test_a_machine_that_agrees_with_the_majority_passes_against_the_odd_one() -> None:
    # 40 items, all "a" but: Bo says "b" on 0-9, Cy on 10-29. The machine always says "a".
    # Against Ada: others are Bo, Cy; machine and Ada are equal everywhere: advantage 1, difference 0 everywhere: p = 0.
    # Against Bo: others are Ada ("a") and Cy: on 0-9 the machine agrees with both, Bo with none: the machine is better.
    #   On 10-29 Bo says "a" too: equal. Advantage 1, all differences 0 or -1: better.
    # Against Cy: same, on 10-29. Winning rate 3/3, advantage 1.
    people = {
        "Ada": labels(("a", 40)),
        "Bo": labels(("b", 10), ("a", 30)),
        "Cy": labels(("a", 10), ("b", 20), ("a", 10)),
    }
    found = alternative_annotator_test(labels(("a", 40)), people, epsilon=0.2)
    assert (found.winning_rate, found.advantage, found.passed, found.n_items, found.reason) == (1, 1, True, 40, "")


def test_a_winning_rate_of_one_third_fails() -> None:
    # 40 items. Ada and Bo always say "a", Cy "b" on 0-19, the machine "b" on 0-19 as well.
    # Against Ada: on 0-19 the others are Bo "a", Cy "b": machine 1/2, Ada 1/2: equal. On 20-39 equal. p = 0: better.
    # Against Bo: the same. Against Cy: machine and Cy always equal: better. So all three are won.
    # If the machine says "c" on 0-19: against Ada 0 < 1/2, W_m = 0 on 20 of 40, mean difference 0.5 > 0.2: not better.
    # Bo: the same. Cy: others both say "a"; the machine and Cy have 0 each, equal: better. Rate 1/3,
    # advantage (0.5 + 0.5 + 1) / 3 = 2/3
    people = {"Ada": labels(("a", 40)), "Bo": labels(("a", 40)), "Cy": labels(("b", 20), ("a", 20))}
    assert alternative_annotator_test(labels(("b", 20), ("a", 20)), people, epsilon=0.2).winning_rate == 1
    found = alternative_annotator_test(labels(("c", 20), ("a", 20)), people, epsilon=0.2)
    assert (found.winning_rate, found.advantage) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert found.passed is False
    assert [each.better for each in found.comparisons] == [False, False, True]


def test_the_p_value_is_that_of_the_paired_t_test() -> None:
    # Two annotators always say "a"; the machine says "b" on 4 of 40: difference 1 on 4 items, otherwise 0.
    # mean 0.1, s² = 40/39 * 0.1 * 0.9; t = (0.1 - 0.2) / sqrt(s² / 40) = -0.1 / sqrt(0.09 / 39) = -2.0817
    # P(T_39 < -2.0817) = 0.02199; Benjamini-Yekutieli with m = 2: limits 0.05 / 2 / 1.5 = 0.0167 and 0.0333:
    # the greater p-value, 0.022, is below 0.0333, so both are rejected
    people = {"Ada": labels(("a", 40)), "Bo": labels(("a", 40))}
    found = alternative_annotator_test(labels(("b", 4), ("a", 36)), people, epsilon=0.2)
    assert [each.p_value for each in found.comparisons] == pytest.approx([0.02199] * 2, abs=1e-5)
    assert (found.winning_rate, found.passed, found.advantage) == (1, True, pytest.approx(0.9))
    assert found.reason == "2 annotators, the authors ask for 3"
    assert alternative_annotator_test(labels(("b", 4), ("a", 36)), people, epsilon=0.1).passed is False  # t = 0


def test_rejections_are_those_of_benjamini_and_yekutieli() -> None:
    # each annotator labels other items, each with Zoe; the machine differs on 0 to 8 of 40
    people: dict[str, dict[int, str]] = {"Zoe": {}}
    machine: dict[int, str] = {}
    for place, wrong in enumerate([1, 3, 4, 5, 8]):
        items = range(40 * place, 40 * place + 40)
        people[f"A{place}"] = dict.fromkeys(items, "a")
        people["Zoe"] |= dict.fromkeys(items, "a")
        machine |= {item: "b" if item < 40 * place + wrong else "a" for item in items}
    found = alternative_annotator_test(machine, people, epsilon=0.2)
    adjusted = false_discovery_control([each.p_value for each in found.comparisons], method="by")
    assert [each.better for each in found.comparisons] == (adjusted <= 0.05).tolist()
    assert 0 < sum(each.better for each in found.comparisons) < 6


def test_sets_of_labels_are_compared_by_overlap() -> None:
    # The others said {1, 2}. The machine's {1} has 1/2, the annotator's {1, 2, 3} has 2/3: the annotator is better.
    assert jaccard({1}, {1, 2}) == 1 / 2
    assert jaccard({1, 2, 3}, {1, 2}) == pytest.approx(2 / 3)
    assert jaccard(set(), set()) == 1
    items = range(30)
    one, two, three = frozenset({1}), frozenset({1, 2}), frozenset({1, 2, 3})
    people = {"Ada": dict.fromkeys(items, three), "Bo": dict.fromkeys(items, two)}
    found = alternative_annotator_test(dict.fromkeys(items, one), people, alignment=jaccard)
    # against Bo: the reference is Ada's {1, 2, 3}: machine 1/3, Bo 2/3
    assert [each.advantage for each in found.comparisons] == [0, 0]
    assert found.winning_rate == 0
    equal_by_exact_match = alternative_annotator_test(dict.fromkeys(items, one), people)
    assert equal_by_exact_match.advantage == 1  # nobody has the same label, so all tie


def test_items_that_one_annotator_or_no_machine_labelled_are_left_out() -> None:
    people = {"Ada": labels(("a", 50)), "Bo": labels(("a", 40))}
    machine = {item: "a" for item in range(50) if item != 0}
    assert alternative_annotator_test(machine, people).n_items == 39


def test_too_few_items_or_annotators_give_no_verdict() -> None:
    people = {"Ada": labels(("a", 29)), "Bo": labels(("a", 29))}
    found = alternative_annotator_test(labels(("a", 29)), people)
    assert math.isnan(found.winning_rate)
    assert math.isnan(found.advantage)
    assert (found.passed, found.reason) == (None, "fewer than two annotators have 30 items")
    assert found.comparisons[0].reason == "29 items, at least 30 needed"
    assert alternative_annotator_test({}, {}).passed is None
    assert alternative_annotator_test(labels(("a", 40)), {"Ada": labels(("a", 40))}).passed is None
