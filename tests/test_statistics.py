"""Agreement and intervals, compared with published examples and manual calculations."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from g7tag.statistics import (
    Agreement,
    bootstrap_interval,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from g7tag.statistics.agreement import NO_PAIR, ONE_CODE


def from_table(table: list[list[int]]) -> list[list[int]]:
    """The units behind a cross table: row = the first coder's code, column = the second's."""
    return [[row, column] for row, line in enumerate(table) for column, n in enumerate(line) for _ in range(n)]


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
ABSTRACTORS = from_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]])  # irrCAC, cont3x3abstractors
ordinal_alpha = partial(krippendorff_alpha, level="ordinal", order=[1, 2, 3, 4, 5])
EVERY_STATISTIC = pytest.mark.parametrize(
    "statistic",
    [percent_agreement, gwet_ac1, krippendorff_alpha, ordinal_alpha],
    ids=["percent", "ac1", "alpha", "ordinal-alpha"],
)
Statistic = Callable[..., Agreement]


def test_alpha_is_krippendorffs() -> None:
    # Unit 12 is coded once, so n = 40 codes in 11 units: n_c = 9, 13, 10, 5, 3 and o_cc = 7, 10, 8, 4, 3.
    # (39 * 32 - (9*8 + 13*12 + 10*9 + 5*4 + 3*2)) / (40 * 39 - 344) = 904 / 1216 = 0.743
    assert krippendorff_alpha(FOUR_OBSERVERS) == (pytest.approx(904 / 1216), 11, "")
    found = ordinal_alpha(FOUR_OBSERVERS)
    assert (round(found.value, 3), found.n_units) == (0.815, 11)


@pytest.mark.parametrize(
    ("first", "second", "alpha"),
    [
        # section A: 4 of 10 units unlike; n_c = 14, 6: 1 - 19 * 2 * 4 / (20^2 - 14^2 - 6^2) = 0.095
        ("0100000000", "1110010010", 1 - 19 * 8 / 168),
        # section B: 3 of 12 units unlike; n_c = 4, 6, 6, 6, 2: 1 - 23 * 2 * 3 / (24^2 - 16 - 36 - 36 - 36 - 4) = 0.692
        ("aabbdcccedda", "babbbccceddd", 1 - 23 * 6 / 448),
    ],
    ids=["binary", "five-codes"],
)
def test_alpha_of_two_observers_is_krippendorffs(first: str, second: str, alpha: float) -> None:
    assert krippendorff_alpha(list(zip(first, second, strict=True))) == (pytest.approx(alpha), len(first), "")


def test_two_abstractors_agree_as_irrcac_says() -> None:
    # p_a = 89 / 100; shares of codes (13 + 13, 27 + 24, 60 + 63) / 200 = 0.13, 0.255, 0.615
    # AC1: p_e = (0.13 * 0.87 + 0.255 * 0.745 + 0.615 * 0.385) / 2 = 0.269925, so 0.620075 / 0.730075 = 0.8493305
    assert percent_agreement(ABSTRACTORS) == (pytest.approx(0.89), 100, "")
    assert gwet_ac1(ABSTRACTORS) == (pytest.approx(0.8493305), 100, "")
    assert krippendorff_alpha(ABSTRACTORS).value == pytest.approx(0.7972585)


def test_ac1_counts_units_coded_once_as_irrcac_does() -> None:
    # Of 11 units 8 agree in all pairs, units 2 and 8 in 3 of 6 and unit 6 in none: p_a = (8 + 2 * 3 / 6) / 11 = 9 / 11.
    # irrCAC prints p_a = 0.8181818, p_e = 0.1903212, AC1 = 0.77544
    assert percent_agreement(FOUR_OBSERVERS) == (pytest.approx(9 / 11), 11, "")
    assert gwet_ac1(FOUR_OBSERVERS) == (pytest.approx((9 / 11 - 0.1903212) / (1 - 0.1903212)), 11, "")


@pytest.mark.parametrize(
    ("statistic", "value"),
    [(percent_agreement, 0), (gwet_ac1, -1), (krippendorff_alpha, -0.5)],
    ids=["percent", "ac1", "alpha"],
)
def test_the_lowest_values(statistic: Statistic, value: float) -> None:
    # two units, never alike, each coder each code once; alpha: 1 - 3 * 4 / (4^2 - 2^2 - 2^2) = -0.5
    assert statistic([["a", "b"], ["b", "a"]]) == (pytest.approx(value), 2, "")


@EVERY_STATISTIC
def test_perfect_agreement_is_one_in_any_order_of_units_and_coders(statistic: Statistic) -> None:
    assert statistic([[1, 1], [2, 2], [4, 4]]) == (1, 3, "")
    value, n_units, _ = statistic(FOUR_OBSERVERS)
    assert statistic(FOUR_OBSERVERS[::-1]) == statistic(FOUR_OBSERVERS[:, ::-1]) == (pytest.approx(value), n_units, "")


def test_ordinal_alpha_punishes_far_codes_more() -> None:
    near, far = [[-1, -1], [0, 1], [1, 1], [-1, -1]], [[-1, 1], [0, 0], [1, 1], [-1, -1]]
    by_rank = partial(krippendorff_alpha, level="ordinal", order=[-1, 0, 1, 2])  # 2 does not occur
    assert by_rank(near).value > krippendorff_alpha(near).value
    assert by_rank(far).value < krippendorff_alpha(far).value


@pytest.mark.parametrize("order", [None, ["weak"], ["none", "weak", "none"]], ids=["none", "short", "repeated"])
def test_ordinal_codes_need_a_full_order(order: list[str] | None) -> None:
    with pytest.raises(
        ValueError, match=r"expected each value once, low to high, with all of \[\"'none'\", \"'weak'\"\]"
    ):
        krippendorff_alpha([["none", "weak"]], level="ordinal", order=order)


@EVERY_STATISTIC
@pytest.mark.parametrize(
    "codes", [np.empty((0, 2)), [[1, None], [None, 2]], [[None, None]]], ids=["empty", "coded-once", "uncoded"]
)
def test_nothing_coded_twice_is_undefined(statistic: Statistic, codes: list[list[int | None]]) -> None:
    value, n_units, reason = statistic(codes)
    assert math.isnan(value)
    assert (n_units, reason) == (0, NO_PAIR)


@pytest.mark.parametrize(
    ("statistic", "reason"),
    [(krippendorff_alpha, ONE_CODE), (ordinal_alpha, ONE_CODE), (gwet_ac1, "all codes are equal")],
    ids=["alpha", "ordinal", "ac1"],
)
def test_equal_codes_leave_corrected_agreement_undefined(statistic: Statistic, reason: str) -> None:
    found = statistic([[1, 1], [1, 1], [1, None]])
    assert math.isnan(found.value)
    assert found[1:] == (2, reason)


@EVERY_STATISTIC
def test_nan_is_a_missing_code(statistic: Statistic) -> None:
    with_none = [[1, 1], [1, 2], [2, 2], [1, None], [None, 2]]
    with_nan = np.array([[1, 1], [1, 2], [2, 2], [1, np.nan], [np.nan, 2]])
    assert statistic(with_nan) == statistic(with_none)
    assert statistic(with_none).n_units == 3


def test_whole_groups_are_resampled() -> None:
    # Two groups of 50 units, one all alike, one all unlike: a resample holds (2, 0), (1, 1) or (0, 2) of them and
    # agrees by 1, 0.5 or 0, the ends a quarter of the time each. Resampled units would stay near 0.5 +- 0.1.
    codes = [["a", "a"]] * 50 + [["a", "b"]] * 50
    assert bootstrap_interval(percent_agreement, codes, ["alike"] * 50 + ["unlike"] * 50) == (0, 1, 2, "")
    by_unit = bootstrap_interval(percent_agreement, codes, np.arange(100))
    assert (by_unit.low, by_unit.high) == (pytest.approx(0.4, abs=0.04), pytest.approx(0.6, abs=0.04))


def test_a_resample_draws_as_many_groups_as_there_are_with_all_their_units() -> None:
    sizes: list[int] = []

    def note_size(codes: np.ndarray) -> Agreement:
        sizes.append(len(codes))
        return percent_agreement(codes)

    bootstrap_interval(note_size, [["a", "a"]] * 5, ["big", "big", "small", "big", "big"], n_resamples=50)
    assert set(sizes) == {8, 5, 2}  # big and big, one of each, small and small


@EVERY_STATISTIC
def test_a_seed_gives_the_same_interval(statistic: Statistic) -> None:
    groups = np.arange(100) % 20
    interval = partial(bootstrap_interval, statistic, np.array(ABSTRACTORS) + 1, groups, n_resamples=200)
    assert interval() == interval(random_state=0)
    assert interval() != interval(random_state=1)
    assert interval().low < statistic(np.array(ABSTRACTORS) + 1).value < interval().high


def test_undefined_resamples_are_left_out_and_counted() -> None:
    # One of three groups holds "b": a resample is all "a" in (2 / 3)^3, all "b" in (1 / 3)^3: undefined in a third.
    low, high, n_groups, reason = bootstrap_interval(
        krippendorff_alpha, [["a", "a"], ["a", "a"], ["b", "b"]], [1, 2, 3]
    )
    assert (low, high, n_groups) == (1, 1, 3)
    n_undefined = int(reason.removesuffix(" of 2000 resamples are undefined"))
    assert n_undefined == pytest.approx(2000 / 3, abs=105)  # five standard deviations


def test_mostly_undefined_resamples_give_no_interval() -> None:
    found = bootstrap_interval(krippendorff_alpha, [["a", "a"], ["a", "a"]], [1, 2], n_resamples=40)
    assert np.isnan(found[:2]).all()
    assert found[2:] == (2, "40 of 40 resamples are undefined")


@pytest.mark.parametrize(("codes", "groups"), [([], []), ([["a", "b"]] * 3, ["one"] * 3)], ids=["empty", "one-group"])
def test_fewer_than_two_groups_give_no_interval(codes: list[list[str]], groups: list[str]) -> None:
    found = bootstrap_interval(percent_agreement, codes, groups)
    assert np.isnan(found[:2]).all()
    assert found[2:] == (len(set(groups)), "fewer than two groups to resample")


def test_every_unit_needs_a_group() -> None:
    with pytest.raises(ValueError, match="1 groups for 2 units, expected one per unit"):
        bootstrap_interval(percent_agreement, [["a", "a"], ["a", "b"]], ["one"])


def test_an_interval_of_alpha_is_that_of_each_resample_measured_by_itself():
    dice = np.random.default_rng(3)
    codes = dice.choice(["a", "b", "c", None], size=(60, 3), p=[0.5, 0.2, 0.1, 0.2]).tolist()
    groups = [place // 4 for place in range(60)]
    found = bootstrap_interval(krippendorff_alpha, codes, groups, n_resamples=200)
    assert found == bootstrap_interval(partial(krippendorff_alpha), codes, groups, n_resamples=200)
    few = bootstrap_interval(krippendorff_alpha, [["a", "a"], ["a", "b"], ["a", "a"]], [1, 2, 3], n_resamples=200)
    assert few == bootstrap_interval(
        partial(krippendorff_alpha), [["a", "a"], ["a", "b"], ["a", "a"]], [1, 2, 3], n_resamples=200
    )
    assert "undefined" in few.reason
