"""Ranks of members under all weightings of commitments between equal weights and weights by ambition."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

import numpy as np

from g7tag.errors import InputError
from g7tag.statistics import CONFIDENCE
from g7tag.text import listed

DRAWS = 10_000
_GREATEST, _LONGEST = 1_000_000, 40
Ambition = Mapping[str, Fraction]
"""The ambition of each commitment, a positive number; empty if unknown, and then all weights are equal."""


class Ranks(NamedTuple):
    """The best and the worst rank of a member, from 1."""

    best: int
    worst: int


def ambition_of(given: Iterable[tuple[Hashable, object]], commitments: Iterable[str], *, source: str) -> Ambition:
    """Return the ambition of each commitment from pairs of an id and a number, exactly as it is written."""
    known: dict[str, Fraction] = {}
    advice = "Give each commitment one positive number."
    for row, (name, value) in enumerate(given, start=1):
        commitment, text = str(name).strip(), str(value).strip()
        try:
            number = float(text) if len(text) <= _LONGEST else 0.0
        except ValueError:
            number = 0.0
        if not 1 / _GREATEST <= number <= _GREATEST:  # not for NaN either
            expected = f"expected a number from {1 / _GREATEST:f} to {_GREATEST:,}"
            msg = (
                f"{source}, row {row}: ambition {text[:_LONGEST]!r} of {commitment[:_LONGEST]!r}: {expected}. {advice}"
            )
            raise InputError(msg)
        if commitment in known:
            msg = f"{source}, row {row}: commitment {commitment[:_LONGEST]!r} is in an earlier row, too. {advice}"
            raise InputError(msg)
        known[commitment] = Fraction(text)
    missing = sorted(set(commitments) - known.keys())
    if missing:
        msg = f"{source}: has no ambition for {listed(missing)}; found {listed(known)}. {advice}"
        raise InputError(msg)
    return {commitment: known[commitment] for commitment in sorted(commitments)}


def published_ranks(scores: Mapping[str, Mapping[str, int]], ambition: Ambition) -> dict[str, Ranks]:
    """Return the best and the worst rank of each member's average over all weightings, by member and commitment.

    The average of a member is (1 - t) times its plain mean plus t times its mean weighted by ambition, for t from 0 to
    1 (without ambition, 0); both means are over the commitments for which it has a score. The averages are lines in t,
    so ranks change only where two lines cross. There, as many members or more are at least as high as beside it, and
    as few or fewer are higher: so the ends and the crossings have all best and worst ranks. The arithmetic is exact. In
    a tie, members share the better rank in `best` and the worse one in `worst`. Members without a score have no rank.
    """
    lines = {
        member: (
            Fraction(sum(own.values()), len(own)),
            _weighted(own, ambition) if ambition else Fraction(0),
        )
        for member, own in scores.items()
        if own
    }
    places = {Fraction(0)}
    if ambition:
        places.add(Fraction(1))
        for (start, end), (other_start, other_end) in combinations(set(lines.values()), 2):
            slope = (start - end) - (other_start - other_end)
            if slope and 0 < (start - other_start) / slope < 1:
                places.add((start - other_start) / slope)
    found: dict[str, list[Ranks]] = {member: [] for member in lines}
    for place in places:
        heights = {member: (1 - place) * start + place * end for member, (start, end) in lines.items()}
        ordered = sorted(heights.values())
        for member, height in heights.items():
            n_higher, n_lower = len(ordered) - bisect_right(ordered, height), bisect_left(ordered, height)
            found[member].append(Ranks(n_higher + 1, len(ordered) - n_lower))
    return {
        member: Ranks(min(each.best for each in ranks), max(each.worst for each in ranks))
        for member, ranks in found.items()
    }


def _weighted(scores: Mapping[str, int], ambition: Ambition) -> Fraction:
    """Return the mean of scores weighted by ambition."""
    return sum((ambition[name] * score for name, score in scores.items()), Fraction(0)) / sum(
        ambition[name] for name in scores
    )


def drawn_ranks(
    chances: Mapping[str, Mapping[str, tuple[float, float, float]]], ambition: Ambition, *, draws: int = DRAWS
) -> dict[str, Ranks]:
    """Return the 95% range of the rank of each member over draws of its scores from their probabilities.

    `chances` has the probabilities of -1, 0 and +1 by member and commitment, with a positive sum; they are divided by
    it. In each draw, every score is drawn independently and t uniformly from 0 to 1 (without ambition it is 0); the
    average is that of `published_ranks`. In a tie, the better rank counts for `best` and the worse one for `worst`.
    """
    members = sorted(member for member, own in chances.items() if own)
    if not members:
        return {}
    random = np.random.default_rng(0)
    share = random.random(draws) if ambition else np.zeros(draws)
    heights = np.empty((draws, len(members)))
    for place, member in enumerate(members):
        plain, weighted, weights = np.zeros(draws), np.zeros(draws), 0.0
        for commitment, shares in sorted(chances[member].items()):
            ends = np.cumsum(shares) / np.sum(shares)
            drawn = np.searchsorted(ends[:2], random.random(draws), side="right") - 1
            weight = float(ambition.get(commitment, 1))
            plain, weighted, weights = plain + drawn, weighted + weight * drawn, weights + weight
        heights[:, place] = (1 - share) * plain / len(chances[member]) + share * weighted / weights
    heights = heights.round(9)  # sums in another order differ in the last digits
    found = {}
    for place, member in enumerate(members):
        best = 1 + (heights > heights[:, [place]]).sum(axis=1)
        worst = (heights >= heights[:, [place]]).sum(axis=1)
        low, high = (
            np.quantile(ranks, level, method="inverted_cdf")
            for ranks, level in ((best, (1 - CONFIDENCE) / 2), (worst, (1 + CONFIDENCE) / 2))
        )
        found[member] = Ranks(int(low), int(high))
    return found
