"""Apply a codebook's scoring rules to the levels that a member reached."""

from collections.abc import Mapping
from typing import NamedTuple

from g7tag.codebook import Reading, Rule

NO_RULE = "no rule covers this"


class Verdict(NamedTuple):
    """A score, None where no rule or several of different scores hold, and the names of the rules that hold."""

    score: int | None
    rule: str


def apply_reading(levels: Mapping[str, str], reading: Reading) -> Verdict:
    """Return the score of a member under one reading, contradictory action left aside.

    Parameters
    ----------
    levels
        Level (strong, weak, none) of each dimension.
    reading
        Named rules of a codebook.

    Examples
    --------
    >>> from g7tag.codebook import Reading
    >>> rules = [{"name": "all", "score": 1, "strong": [2, 2]}, {"name": "some", "score": 0, "strong": [1, 1]}]
    >>> reading = Reading(name="table", label="Table", source="a table", rules=rules)
    >>> apply_reading({"a": "strong", "b": "weak"}, reading)
    Verdict(score=0, rule='some')
    >>> apply_reading({"a": "weak", "b": "weak"}, reading)
    Verdict(score=None, rule='no rule covers this')
    """
    holding = [rule for rule in reading.rules if not rule.contradicted and _holds(rule, levels)]
    scores = {rule.score for rule in holding}
    if len(scores) == 1:
        return Verdict(holding[0].score, "; ".join(rule.name for rule in holding))
    if not holding:
        return Verdict(None, NO_RULE)
    return Verdict(None, "rules overlap: " + "; ".join(f"{rule.name} ({rule.score:+d})" for rule in holding))


def reached_level(n_strong: int, n_weak: int, *, min_strong_items: int) -> str:
    """Return the level of a member in a dimension.

    Examples
    --------
    >>> [reached_level(n, 1, min_strong_items=2) for n in (2, 1, 0)], reached_level(0, 0, min_strong_items=2)
    (['strong', 'weak', 'weak'], 'none')
    """
    if n_strong >= min_strong_items:
        return "strong"
    return "weak" if n_strong + n_weak else "none"


def score_if_contradicted(verdict: Verdict, reading: Reading, *, contradicted: bool) -> int | None:
    """Return the score were contradictory action to come before all other rules."""
    rules = [rule for rule in reading.rules if rule.contradicted]
    return rules[0].score if contradicted and rules else verdict.score


def _holds(rule: Rule, levels: Mapping[str, str]) -> bool:
    counted = [levels[key] for key in (rule.dimensions or levels)]
    bounds = {"strong": rule.strong, "weak": rule.weak}
    return all(limits is None or limits[0] <= counted.count(level) <= limits[1] for level, limits in bounds.items())
