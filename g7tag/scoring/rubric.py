"""Check a codebook's scoring rules for gaps, overlaps and disagreements in all states of the dimensions."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import CodebookError
from g7tag.scoring.rules import LEVELS, Verdict, holding_rules, signed, verdict_of
from g7tag.scoring.rules import OVERLAP as RULES_OVERLAP
from g7tag.text import enumerated

GAP, OVERLAP, LESS, DISAGREE = "gap", "overlap", "less for more", "readings disagree"
PROBLEMS = {
    GAP: "no rule covers the state",
    OVERLAP: "rules with different scores cover the state",
    LESS: "more action scores lower",
    DISAGREE: "two readings give different scores",
}
COLUMNS = ["problem", "reading", "n_states", "of", "states", "witness"]
MOST_DIMENSIONS = 8


class State(NamedTuple):
    """A level for each dimension, in the codebook's order, and whether there was contradictory action."""

    levels: tuple[str, ...]
    contradicted: bool


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
    states = [State(levels, contrary) for contrary in (False, True) for levels in product(LEVELS, repeat=len(keys))]
    verdicts = {
        reading.name: {
            state: verdict_of(
                holding_rules(dict(zip(keys, state.levels, strict=True)), reading, contradicted=state.contradicted)
            )
            for state in states
        }
        for reading in codebook.readings
    }
    rows = []
    for name, verdict_in in verdicts.items():
        found: dict[str, dict[State, str]] = {GAP: {}, OVERLAP: {}, LESS: {}}
        for state, verdict in verdict_in.items():
            if verdict.score is None:
                found[OVERLAP if verdict.rule.startswith(RULES_OVERLAP) else GAP][state] = verdict.rule
            elif not state.contradicted and (more := _lower_after(state, verdict_in)):
                scores = f"{signed(verdict.score)} for it, {signed(verdict_in[more].score)}"
                found[LESS][state] = f"{scores} for {state_text(more.levels, keys)}"
        rows += [_row(problem, name, texts, keys) for problem, texts in found.items() if texts]
    for one, other in combinations(verdicts, 2):
        texts = {
            state: f"{one}: {_verdict_text(verdict)}; {other}: {_verdict_text(verdicts[other][state])}"
            for state, verdict in verdicts[one].items()
            if not state.contradicted and verdict.score != verdicts[other][state].score
        }
        rows += [_row(DISAGREE, f"{one}+{other}", texts, keys)] if texts else []
    return pd.DataFrame(rows, columns=COLUMNS)


def state_text(levels: Sequence[str], keys: Sequence[str]) -> str:
    """Return a state as text, from strong to none."""
    parts = []
    for level in reversed(LEVELS):
        same = [key for key, found in zip(keys, levels, strict=True) if found == level]
        if same:
            names = enumerated(same)
            parts.append(f"none in {names}" if level == "none" else f"{level} action in {names}")
    return ", ".join(parts)


def _lower_after(state: State, verdicts: Mapping[State, Verdict]) -> State | None:
    """The first state with a lower score although one dimension is one level higher."""
    score = verdicts[state].score
    for place, level in enumerate(state.levels):
        if level != "strong":
            higher = LEVELS[LEVELS.index(level) + 1]
            more = state._replace(levels=(*state.levels[:place], higher, *state.levels[place + 1 :]))
            after = verdicts[more].score
            if score is not None and after is not None and after < score:
                return more
    return None


def _row(problem: str, reading: str, texts: Mapping[State, str], keys: Sequence[str]) -> dict[str, Any]:
    """A problem with its states (those without contradictory action if there are any) and the smallest of them."""
    found = [state for state in texts if not state.contradicted] or list(texts)
    size = {state: sum(map(LEVELS.index, state.levels)) for state in found}
    smallest = min(found, key=lambda state: (size[state], state.levels != tuple(sorted(state.levels, reverse=True))))
    patterns = sorted(
        {
            (size[state], f"{state.levels.count('strong')} strong and {state.levels.count('weak')} weak")
            for state in found
        }
    )
    shown = [pattern for _, pattern in patterns]
    rest = f" and {len(shown) - 4} more" if len(shown) > 4 else ""
    prefix, also = ("with contradictory action: ", ", and contradictory action") if smallest.contradicted else ("", "")
    return {
        "problem": problem, "reading": reading, "n_states": len(found), "of": len(LEVELS) ** len(keys),
        "states": prefix + "; ".join(shown[:4]) + rest,
        "witness": f"{state_text(smallest.levels, keys)}{also}: {texts[smallest]}",
    }  # fmt: skip


def _verdict_text(verdict: Verdict) -> str:
    return f"{'no score' if verdict.score is None else signed(verdict.score)} ({verdict.rule})"
