"""Average compliance of members with its interval, and their ranks under all weightings of the commitments.

A weighting is (1 - t) times equal weights plus t times weights by ambition, for a t from 0 to 1. The average of a
member is (1 - t) times its plain mean plus t times its mean weighted by ambition; both are over the commitments for
which it has a score.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.errors import InputError
from g7tag.frames import AVERAGED, PANEL_STANDINGS, build, require_columns
from g7tag.scoring import P_COLUMNS, compliance_percent
from g7tag.statistics import CONFIDENCE, Interval, mean_interval
from g7tag.store import read_table
from g7tag.text import counted, listed, shortened

DRAWS = 10_000
_GREATEST, _LONGEST = 1_000_000, 40
_ENDS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
Numbers: TypeAlias = npt.NDArray[Any]
Ambition: TypeAlias = Mapping[str, Fraction]
"""The ambition of each commitment, a positive number; empty if unknown, and then all weights are equal."""


class Standing(NamedTuple):
    """Number of scores, their mean from -1 to 1 with both ends of its interval, and the best and worst rank, from 1."""

    n: int
    mean: float
    low: float
    high: float
    best: int
    worst: int


def read_ambition(given: Mapping[str, Any] | Path | str | None, commitments: Sequence[str]) -> Ambition:
    """Return the ambition of each commitment from a mapping or a table, exactly as it is written; None gives none."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        source, pairs = "ambition", [*given.items()]
    else:
        source, table = str(given), read_table(Path(given))
        require_columns(table, ("commitment_id", "ambition"), source=source)
        pairs = [*zip(table["commitment_id"], table["ambition"], strict=True)]
    known: dict[str, Fraction] = {}
    advice = "Give each commitment one positive number."
    for row, (name, value) in enumerate(pairs, start=1):
        commitment, number = str(name).strip(), float(pd.to_numeric(str(value).strip(), errors="coerce"))
        wrong = "is a second one" if commitment in known else ""
        if not 1 / _GREATEST <= number <= _GREATEST:  # not for NaN either
            wrong = f"is not a number from {1 / _GREATEST:f} to {_GREATEST:,}"
        if wrong:
            of, found = (repr(shortened(str(each), most=_LONGEST)) for each in (commitment, value))
            msg = f"{source}, row {row}: the ambition {found} of {of} {wrong}. {advice}"
            raise InputError(msg)
        known[commitment] = Fraction(repr(number))
    missing = sorted(set(commitments) - known.keys())
    if missing:
        msg = f"{source}: has no ambition for {listed(missing)}; found {listed(known)}. {advice}"
        raise InputError(msg)
    return {commitment: known[commitment] for commitment in commitments}


def standings(scores: pd.DataFrame, members: Sequence[str], ambition: Ambition) -> pd.DataFrame:
    """Return the average compliance and the ranks of members, by published and by suggested scores.

    Parameters
    ----------
    scores
        Rows of the frame `panel_scores`, one for each commitment and member.
    members
        The members, in the order of the result.
    ambition
        Weights of the commitments; may be empty.

    Returns
    -------
    pandas.DataFrame
        The frame `panel_standings`: a row for each member and kind of scores. An interval of one commitment, or with
        equal ends, is left out.
    """
    published: dict[str, dict[str, int]] = {}
    chances: dict[str, dict[str, list[float]]] = {}
    for row in scores.to_dict("records"):
        member, commitment = row["member"], row["commitment_id"]
        shares = [row[name] for name in P_COLUMNS.values()]
        if not pd.isna(row["published_score"]):
            published.setdefault(member, {})[commitment] = int(row["published_score"])
        if sum(shares) > 0:  # not if one is NaN
            chances.setdefault(member, {})[commitment] = shares
    found = published_standings(published, ambition), suggested_standings(chances, ambition)
    rows = []
    for member in members:
        for name, own in zip(AVERAGED, found, strict=True):
            cells: dict[str, Any] = {"member": member, "scores": name, "n": 0, "reason": "no score"}
            if member in own:
                n, mean, low, high, best, worst = own[member]
                ends = known_ends(compliance_percent(low), compliance_percent(high), n, "commitment")._asdict()
                cells |= {"n": n, "percent": compliance_percent(mean), "best": best, "worst": worst} | ends
            rows.append(cells)
    return build(PANEL_STANDINGS, rows)


def known_ends(low: float, high: float, n: int, noun: str) -> Interval:
    """Return the ends of an interval over n resampled units; NaN with the reason if they tell nothing."""
    if n > 1 and low < high:
        return Interval(low, high, "")
    return Interval(math.nan, math.nan, "hardly any resample differs" if n > 1 else f"only {counted(n, noun)}")


def published_standings(scores: Mapping[str, Mapping[str, int]], ambition: Ambition) -> dict[str, Standing]:
    """Return the standing of each member by its published scores, by member and commitment; none without a score.

    The interval of the mean resamples commitments. Ranks are the best and the worst over all weightings: the averages
    are lines in t, so ranks change only where two lines cross. There, as many members or more are at least as high as
    beside it, and as few or fewer are higher: so the ends and the crossings have all best and worst ranks. The
    arithmetic is exact. In a tie, members share the better rank in `best` and the worse one in `worst`.
    """
    lines = {member: (_mean(own, {}), _mean(own, ambition)) for member, own in scores.items()}
    crossings = {(a - c) / (a - b - c + d) for (a, b), (c, d) in combinations(set(lines.values()), 2) if a - b != c - d}
    t = np.array([Fraction(0), Fraction(1), *(place for place in crossings if 0 < place < 1)], dtype=object)
    best, worst = _ranks([(1 - t) * start + t * end for start, end in lines.values()])
    found = {}
    for place, (member, own) in enumerate(scores.items()):
        ends = mean_interval([*own.values()], [*own])
        mean, ranks = float(lines[member][0]), (min(best[place]), max(worst[place]))
        found[member] = Standing(len(own), mean, ends.low, ends.high, *ranks)
    return found


def _mean(scores: Mapping[str, int], weights: Ambition) -> Fraction:
    """Return the exact mean of scores; weights that are not given are equal."""
    each = {name: weights.get(name, Fraction(1)) for name in scores}
    return sum((each[name] * score for name, score in scores.items()), Fraction(0)) / sum(each.values())


def suggested_standings(
    chances: Mapping[str, Mapping[str, Sequence[float]]], ambition: Ambition
) -> dict[str, Standing]:
    """Return the standing of each member by draws of its suggested scores, by member and commitment.

    `chances` has the probabilities of -1, 0 and +1; they are divided by their sum. `DRAWS` times, each score is drawn
    by itself from its probabilities. The mean is the expected one; its interval resamples the commitments, too. Ranks
    are where 95% of the draws are, with t drawn uniformly. In a tie, the better rank counts for `best` and the worse
    one for `worst`.
    """
    random, members = np.random.default_rng(0), sorted(chances)
    t = random.random(DRAWS) if ambition else np.zeros(DRAWS)
    drawn, means, averages = [], [], []
    for member in members:
        names = sorted(chances[member])
        shares = np.array([chances[member][name] for name in names])
        ends = shares.cumsum(axis=1) / shares.sum(axis=1, keepdims=True)
        scores = (random.random((len(names), DRAWS, 1)) >= ends[:, None, :2]).sum(axis=2) - 1
        weights = np.array([float(ambition.get(name, 1)) for name in names])
        averages.append((1 - t) * scores.mean(axis=0) + t * (weights @ scores) / weights.sum())
        means.append(float((1 - ends[:, 0] - ends[:, 1]).mean()))
        drawn.append(scores)
    best, worst = _ranks(np.round(averages, 9))  # sums in another order differ in the last digits
    found = {}
    for place, member in enumerate(members):
        n = len(drawn[place])
        resampled = np.take_along_axis(drawn[place], random.integers(n, size=(n, DRAWS)), axis=0).mean(axis=0)
        ranks = (
            int(np.quantile(own[place], end, method="inverted_cdf"))
            for own, end in zip((best, worst), _ENDS, strict=True)
        )
        found[member] = Standing(n, means[place], *np.quantile(resampled, _ENDS).tolist(), *ranks)
    return found


def _ranks(averages: Sequence[Numbers] | Numbers) -> tuple[list[Numbers], list[Numbers]]:
    """Return the better and the worse ranks of members, of which each has a row, in each column."""
    rows = np.asarray(averages)
    best = [1 + (rows > own).sum(axis=0) for own in rows]
    return best, [(rows >= own).sum(axis=0) for own in rows]
