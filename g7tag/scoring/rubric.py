"""Check a codebook's scoring rules for gaps, overlaps and disagreements in all states of the dimensions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, Reading
from g7tag.errors import CodebookError
from g7tag.scoring.rules import OVERLAP as RULES_OVERLAP
from g7tag.scoring.rules import Verdict, holding_rules, signed, verdict_of

GAP, OVERLAP, LESS, DISAGREE = "gap", "overlap", "less for more", "readings disagree"
PROBLEMS = {
    GAP: "no rule covers the state",
    OVERLAP: "rules with different scores cover the state",
    LESS: "more action scores lower",
    DISAGREE: "two readings give different scores",
}
"""Description of each problem."""
COLUMNS = ["problem", "reading", "n_states", "of", "states", "witness"]
MOST_DIMENSIONS = 8
_ORDER = ("none", "weak", "strong")


class State(NamedTuple):
    """A level for each dimension, in the codebook's order, and whether there was contradictory action."""

    levels: tuple[str, ...]
    contradicted: bool

    @property
    def size(self) -> tuple[int, bool]:
        """Amount of action; the smallest state is used as the witness."""
        return sum(_ORDER.index(level) for level in self.levels), self.contradicted

    @property
    def pattern(self) -> str:
        """Text with the numbers of strong and weak dimensions."""
        return f"{self.levels.count('strong')} strong and {self.levels.count('weak')} weak"


def check_codebook(codebook: Codebook) -> pd.DataFrame:
    """Return problems of a codebook's scoring rules, each with its smallest witness.

    Every state of the dimensions (none, weak or strong, with and without contradictory action) is tried under every
    reading. If a problem occurs without contradictory action, only the states without it are reported.

    Parameters
    ----------
    codebook
        Dimensions and readings.

    Returns
    -------
    pandas.DataFrame
        Columns problem (a key of `PROBLEMS`), reading (two, joined by "+", where they disagree), n_states (states with
        the problem), of (number of all states with, or all without, contradictory action), states (their patterns) and
        witness (text of the smallest state). Rules without problems give no rows.

    Raises
    ------
    CodebookError
        There are more than `MOST_DIMENSIONS` dimensions, so there are too many states to try.
    """
    keys = codebook.dimension_keys
    if len(keys) > MOST_DIMENSIONS:
        msg = f"codebook {codebook.id!r}: {len(keys)} dimensions, expected at most {MOST_DIMENSIONS} to try all states."
        raise CodebookError(msg)
    states = [State(levels, contrary) for contrary in (False, True) for levels in product(_ORDER, repeat=len(keys))]
    verdicts = {
        reading.name: {state: _verdict(state, reading, keys) for state in states} for reading in codebook.readings
    }
    rows: list[dict[str, Any]] = []
    for reading in codebook.readings:
        rows += _problems_of(reading.name, verdicts[reading.name], keys)
    for one, other in combinations(codebook.readings, 2):
        rows += _disagreement(one.name, other.name, verdicts, keys)
    return pd.DataFrame(rows, columns=COLUMNS)


def state_text(levels: Sequence[str], keys: Sequence[str]) -> str:
    """Return a state as text."""
    parts = []
    for level in reversed(_ORDER):
        same = [key for key, found in zip(keys, levels, strict=True) if found == level]
        if same:
            names = " and ".join([", ".join(same[:-1]), same[-1]] if len(same) > 1 else same)
            parts.append(f"none in {names}" if level == "none" else f"{level} action in {names}")
    return ", ".join(parts)


def _verdict(state: State, reading: Reading, keys: Sequence[str]) -> Verdict:
    levels = dict(zip(keys, state.levels, strict=True))
    return verdict_of(holding_rules(levels, reading, contradicted=state.contradicted))


def _problems_of(reading: str, verdicts: Mapping[State, Verdict], keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Gaps, overlaps and lower scores for more action under one reading."""
    missing = [state for state, verdict in verdicts.items() if verdict.score is None]
    overlaps = [state for state in missing if verdicts[state].rule.startswith(RULES_OVERLAP)]
    gaps = [state for state in missing if not verdicts[state].rule.startswith(RULES_OVERLAP)]
    lower = [state for state in verdicts if not state.contradicted and _lower_after(state, verdicts)]

    def rule(state: State) -> str:
        return verdicts[state].rule

    def lower_scores(state: State) -> str:
        more = _lower_after(state, verdicts)[0]
        scores = f"{signed(verdicts[state].score)} for it, {signed(verdicts[more].score)}"
        return f"{scores} for {state_text(more.levels, keys)}"

    for problem, found, text in ((GAP, gaps, rule), (OVERLAP, overlaps, rule), (LESS, lower, lower_scores)):
        plain = [state for state in found if not state.contradicted] or found
        if plain:
            yield _row(problem, reading, plain, len(verdicts) // 2, keys, text)


def _disagreement(
    one: str, other: str, verdicts: Mapping[str, Mapping[State, Verdict]], keys: Sequence[str]
) -> Iterator[dict[str, Any]]:
    first, second = verdicts[one], verdicts[other]
    found = [state for state in first if not state.contradicted and first[state].score != second[state].score]
    if found:
        yield _row(
            DISAGREE, f"{one}+{other}", found, len(first) // 2, keys,
            lambda state: f"{one}: {_verdict_text(first[state])}; {other}: {_verdict_text(second[state])}",
        )  # fmt: skip


def _lower_after(state: State, verdicts: Mapping[State, Verdict]) -> list[State]:
    """States with a lower score although one dimension is one level higher."""
    score, raised = verdicts[state].score, []
    for place, level in enumerate(state.levels):
        if score is not None and level != "strong":
            higher = _ORDER[_ORDER.index(level) + 1]
            more = state._replace(levels=(*state.levels[:place], higher, *state.levels[place + 1 :]))
            after = verdicts[more].score
            raised += [more] if after is not None and after < score else []
    return raised


def _row(
    problem: str, reading: str, found: Sequence[State], of: int, keys: Sequence[str], text: Callable[[State], str]
) -> dict[str, Any]:
    smallest = min(found, key=lambda state: (state.size, state.levels != tuple(sorted(state.levels, reverse=True))))
    witness = state_text(smallest.levels, keys) + (", and contradictory action" if smallest.contradicted else "")
    patterns = sorted({(state.size, state.pattern) for state in found})
    shown = list(dict.fromkeys(pattern for _, pattern in patterns))
    rest = f" and {len(shown) - 4} more" if len(shown) > 4 else ""
    prefix = "with contradictory action: " if smallest.contradicted else ""
    return {
        "problem": problem, "reading": reading, "n_states": len(found), "of": of,
        "states": prefix + "; ".join(shown[:4]) + rest, "witness": f"{witness}: {text(smallest)}",
    }  # fmt: skip


def _verdict_text(verdict: Verdict) -> str:
    return f"{'no score' if verdict.score is None else signed(verdict.score)} ({verdict.rule})"
