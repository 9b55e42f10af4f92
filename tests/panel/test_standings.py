"""Ranks are exact under all weightings, and ranges of ranks and intervals follow from the probabilities."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from g7tag.errors import InputError
from g7tag.panel import read_ambition
from g7tag.panel.standings import published_standings, suggested_standings

NAMES = [f"c{number}" for number in range(9)]
STEPS = 1_000
Scores = Mapping[str, Mapping[str, int]]


def published_ranks(scores: Scores, ambition: Mapping[str, Fraction]) -> dict[str, tuple[int, int]]:
    known = {member: own for member, own in scores.items() if own}
    return {member: each[-2:] for member, each in published_standings(known, ambition).items()}


def drawn_ranks(
    chances: Mapping[str, Mapping[str, tuple[float, float, float]]], ambition: Mapping[str, Fraction]
) -> dict[str, tuple[int, int]]:
    return {member: each[-2:] for member, each in suggested_standings(chances, ambition).items()}


def weighted(scores: Mapping[str, int], ambition: Mapping[str, Fraction]) -> Fraction:
    return sum(Fraction(ambition[name]) * score for name, score in scores.items()) / sum(
        ambition[each] for each in scores
    )


def brute_force(scores: Scores, ambition: Mapping[str, Fraction]) -> dict[str, tuple[int, int]]:
    """Best and worst rank over a grid of 1,001 weightings and all crossings, in whole numbers."""
    lines = {m: (Fraction(sum(own.values()), len(own)), weighted(own, ambition)) for m, own in scores.items() if own}
    whole = np.lcm.reduce([each.denominator for line in lines.values() for each in line])
    numbers = np.array([[int(each * whole) for each in line] for line in lines.values()], dtype=object)
    places = [(step, STEPS) for step in range(STEPS + 1)]
    for (a, b), (c, d) in combinations(lines.values(), 2):
        if a - b != c - d and 0 <= (a - c) / (a - b - c + d) <= 1:
            at = (a - c) / (a - b - c + d)
            places.append((at.numerator, at.denominator))
    tops, bottoms = (np.array(part, dtype=object) for part in zip(*places, strict=True))
    heights = numbers[:, [0]] * (bottoms - tops) + numbers[:, [1]] * tops  # shape (n_members, n_places)
    above = [(heights > own).sum(axis=0) for own in heights]
    level = [(heights >= own).sum(axis=0) for own in heights]
    return {name: (int(1 + a.min()), int(b.max())) for name, a, b in zip(lines, above, level, strict=True)}


@pytest.mark.slow
@settings(max_examples=100)
@drawn(st.integers(0, 2**32), st.integers(1, 9), st.sampled_from([0.0, 0.1, 0.9]))
def test_ranks_are_those_of_a_search_over_a_thousand_weightings_and_all_crossings(
    seed: int, n_members: int, missing: float
) -> None:
    random = Random(seed)
    ambition = {name: Fraction(random.choice([1, 2, 5, 20, 60])) for name in NAMES}
    scores = {
        str(member): {name: random.randint(-1, 1) for name in NAMES if random.random() >= missing}
        for member in range(n_members)
    }
    found = published_ranks(scores, ambition)
    assert set(found) == {member for member, own in scores.items() if own}
    if found:
        assert found == brute_force(scores, ambition)


def test_a_member_may_be_best_only_between_the_ends() -> None:
    ambition = {name: Fraction(weight) for name, weight in zip(NAMES, (1, 1, 4, 2), strict=False)}
    rows = {"A": (-1, -1, 1, -1), "B": (1, 0, -1, 0), "C": (0, -1, 0, 0)}
    scores = {member: dict(zip(NAMES, row, strict=False)) for member, row in rows.items()}
    # A: -1/2 to 0, B: 0 to -3/8, C: -1/4 to -1/8; A and B cross at t = 4/7 at -3/14, where C has -5/28
    assert published_ranks(scores, ambition) == {"A": (1, 3), "B": (1, 3), "C": (1, 2)}
    assert published_ranks(scores, {}) == {"A": (3, 3), "B": (1, 1), "C": (2, 2)}


def test_ties_share_the_better_and_the_worse_rank_and_weights_move_members() -> None:
    scores = {"A": {"c1": 1, "c2": 0}, "B": {"c1": 0, "c2": 1}, "C": {"c1": 0, "c2": 0}, "D": {}}
    assert published_ranks(scores, {}) == {"A": (1, 2), "B": (1, 2), "C": (3, 3)}
    assert published_ranks(scores | {"B": {"c1": -1, "c2": 1}}, {}) == {"A": (1, 1), "B": (2, 3), "C": (2, 3)}
    heavy = {"c1": Fraction(1), "c2": Fraction(3)}  # B: 0 with equal weights, 1/2 at the end; A: 1/2, then 1/4
    moved = published_ranks(scores | {"B": {"c1": -1, "c2": 1}}, heavy)
    assert moved == {"A": (1, 2), "B": (1, 3), "C": (2, 3)}


def test_a_tie_that_floats_would_miss_is_a_tie() -> None:
    thirds = {"c1": Fraction("0.1"), "c2": Fraction("0.2"), "c3": Fraction("0.3")}
    scores = {"A": {"c1": 1, "c2": 1, "c3": 0}, "B": {"c1": 0, "c2": 0, "c3": 1}}
    # equal weights: 2/3 and 1/3; by ambition 0.3 of 0.6 each
    assert published_ranks(scores, thirds) == {"A": (1, 2), "B": (1, 2)}


def test_draws_follow_the_probabilities_and_are_the_same_each_time() -> None:
    sure = {"A": {"c1": (0, 0, 1.0)}, "B": {"c1": (0, 1.0, 0)}, "C": {"c1": (1.0, 0, 0)}}
    assert drawn_ranks(sure, {}) == {"A": (1, 1), "B": (2, 2), "C": (3, 3)}
    for first, expected in ((0.98, (1, 1)), (0.96, (1, 2))):  # A is +1, B 0; in the other draws A is -1
        chances = {"A": {"c1": (1 - first, 0, first)}, "B": {"c1": (0.0, 2.0, 0.0)}}
        assert drawn_ranks(chances, {})["A"] == expected
        assert drawn_ranks(dict(reversed(chances.items())), {}) == drawn_ranks(chances, {})
    even = {member: {"c1": (0.0, 1.0, 0.0)} for member in "AB"}
    assert drawn_ranks(even, {}) == {"A": (1, 2), "B": (1, 2)}
    assert drawn_ranks({}, {}) == {}
    weights = {"c1": Fraction(1), "c2": Fraction(99)}  # A leads for t below 0.34, B above
    crossing = {"A": {"c1": (0, 0, 1.0), "c2": (0, 1.0, 0)}, "B": {"c1": (1.0, 0, 0), "c2": (0, 0, 1.0)}}
    assert drawn_ranks(crossing, weights) == {"A": (1, 2), "B": (1, 2)}
    assert drawn_ranks(crossing, {}) == {"A": (1, 1), "B": (2, 2)}


def test_the_interval_of_suggested_scores_has_the_doubt_of_each_score_and_of_the_commitments() -> None:
    sure, even = (0.0, 0.0, 1.0), (0.5, 0.0, 0.5)
    found = suggested_standings({"A": {"c1": even, "c2": even}, "B": {"c1": sure, "c2": (1.0, 0, 0)}}, {})
    # A: the draws are equal in 1/2, and one of them is taken twice in 1/2 of the others: -1 and 1 in 3/8 each
    # B: there is no doubt, but the commitments differ
    assert {member: each[:4] for member, each in found.items()} == {"A": (2, 0, -1, 1), "B": (2, 0, -1, 1)}
    many = dict.fromkeys(NAMES, (0.1, 0.0, 0.9))
    (n, mean, low, high, *_) = suggested_standings({"A": many}, {})["A"]
    assert (n, mean) == (9, pytest.approx(0.8))
    # variance of the mean of 9 draws, 0.36 / 9, and of a resample of them, 8 / 9 of that: 0.8 - 2 * 0.275 or lower
    assert (low, high) == (pytest.approx(1 / 9), 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"c1": "0"}, r"ambition, row 1: the ambition '0' of 'c1' is not a number from 0\.000001 to 1,000,000\. Give"),
        ({"c1": "nan"}, "the ambition 'nan'"),
        ({"c1": "1e999999999"}, "is not a number"),
        ({"c1": "many"}, "the ambition 'many' of 'c1'"),
        ({"c1": "1/3"}, "the ambition '1/3'"),
        ({"c1": "2", " c1": "3"}, "row 2: the ambition '3' of 'c1' is a second one"),
        ({"c1": "2"}, r"has no ambition for 'c2'; found 'c1'\. Give each commitment one positive number\."),
        ({}, "has no ambition for 'c1', 'c2'; found nothing"),
    ],
)
def test_weights_that_cannot_be_used_are_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_ambition(given, ["c1", "c2"])


def test_weights_are_exact_and_those_of_other_commitments_are_left_out() -> None:
    found = read_ambition({"c2": " 0.1 ", "c1": 3, "c9": "7"}, ["c1", "c2"])
    assert found == {"c1": 3, "c2": Fraction(1, 10)}
