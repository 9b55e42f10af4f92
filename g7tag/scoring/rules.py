"""Apply a codebook's scoring rules to a member's levels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import Reading, Rule

LEVELS = ("none", "weak", "strong")
"""Levels of a member in a dimension, from lowest to highest."""
Numbers: TypeAlias = npt.NDArray[np.int64]
NO_RULE = "no rule covers this"
OVERLAP = "rules overlap: "
"""Prefix of the rule of a missing score if rules with different scores apply."""


class Verdict(NamedTuple):
    """A score (None if no rule or rules with different scores apply) and the names of the rules that apply."""

    score: int | None
    rule: str


def apply_reading(levels: Mapping[str, str], reading: Reading) -> Verdict:
    """Return the score under one reading, ignoring contradictory action."""
    return verdict_of(holding_rules(levels, reading))


def holding_rules(levels: Mapping[str, str], reading: Reading, *, contradicted: bool = False) -> list[Rule]:
    """Return the rules that apply, including those on contradictory action if there was any."""
    return [rule for rule in reading.rules if (contradicted or not rule.contradicted) and _holds(rule, levels)]


def verdict_of(holding: Sequence[Rule]) -> Verdict:
    """Return the score of the rules that apply; None if there is no rule or their scores differ."""
    scores = {rule.score for rule in holding}
    if len(scores) == 1:
        return Verdict(holding[0].score, "; ".join(rule.name for rule in holding))
    if not holding:
        return Verdict(None, NO_RULE)
    return Verdict(None, OVERLAP + "; ".join(f"{rule.name} ({signed(rule.score)})" for rule in holding))


def states_of(n_strong: Numbers, n_any: Numbers, min_strong_items: int) -> Numbers:
    """Return indices into `LEVELS` from the numbers of strong items and of all items, in the same shape."""
    return np.where(n_strong >= min_strong_items, 2, np.where(n_any > 0, 1, 0))


def reached_level(n_strong: int, n_weak: int, *, min_strong_items: int) -> str:
    """Return the level of a member in a dimension; `states_of` is the same for arrays."""
    return "strong" if n_strong >= min_strong_items else "weak" if n_strong + n_weak else "none"


def scores_of(levels: Mapping[Any, str], readings: Iterable[Reading]) -> dict[str, int | None]:
    """Return the score under each reading, ignoring contradictory action; None if there is no score."""
    return {reading.name: apply_reading(levels, reading).score for reading in readings}


def signed(score: Any) -> str:
    """Return a score as reports print it, or "none" if it is missing."""
    if pd.isna(score):
        return "none"
    number = int(score)
    return f"{number:+d}" if number else "0"


def score_if_contradicted(verdict: Verdict, reading: Reading, *, contradicted: bool) -> int | None:
    """Return the score if the rule on contradictory action takes precedence over all other rules."""
    rules = [rule for rule in reading.rules if rule.contradicted]
    return rules[0].score if contradicted and rules else verdict.score


def _holds(rule: Rule, levels: Mapping[str, str]) -> bool:
    counted = [levels[key] for key in (rule.dimensions or levels)]
    bounds = {"strong": rule.strong, "weak": rule.weak}
    return all(limits is None or limits[0] <= counted.count(level) <= limits[1] for level, limits in bounds.items())
