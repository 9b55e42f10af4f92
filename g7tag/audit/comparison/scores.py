"""The scores of two runs side by side, and what makes the difference."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit.comparison.matching import ONLY_FIRST, ONLY_SECOND
from g7tag.audit.findings import score_text
from g7tag.codebook import Codebook, Reading
from g7tag.frames import Frames, value_word
from g7tag.scoring import MOST_DIMENSIONS, P_COLUMNS, apply_reading, signed

Row = Mapping[Any, Any]
SCORES = [
    "code", "member", "reading", "second_reading", "first_suggested", "second_suggested", "first_chance",
    "second_chance", "first_published", "second_published", "first_final", "second_final", "first_basis",
    "second_basis", "differs", "dimensions", "enough", "sentence_ids", "why",
]  # fmt: skip
_WHOLE = ("suggested", "published", "final")
RUNS = ("first", "second")


class ReadingPair(NamedTuple):
    """A reading of each codebook."""

    first: Reading
    second: Reading


def pair_readings(first: Codebook, second: Codebook) -> list[ReadingPair]:
    """Return the readings to compare: those with the same name or, if there are none, the first of each codebook."""
    known = {reading.name: reading for reading in second.readings}
    same = [ReadingPair(reading, known[reading.name]) for reading in first.readings if reading.name in known]
    return same or [ReadingPair(first.readings[0], second.readings[0])]


def compare_scores(
    first: Frames, second: Frames, levels: pd.DataFrame, *, codebooks: tuple[Codebook, Codebook], comparable: bool
) -> pd.DataFrame:
    """Return the scores of each member in two runs, and why they differ."""
    sides = [_score_rows(run) for run in (first, second)]
    codes = dict.fromkeys([*first["members"]["code"], *second["members"]["code"]])
    rows = []
    for code in codes:
        own = levels[levels["code"] == code]
        for pair in pair_readings(*codebooks):
            one, other = sides[0].get((code, pair.first.name)), sides[1].get((code, pair.second.name))
            if one is not None or other is not None:
                row = _values(one, other, code, pair)
                rows.append(row | _reasons(row, own, pair, codebooks, comparable=comparable))
    whole = {f"{run}_{name}": "Int64" for run in RUNS for name in _WHOLE}
    real = {f"{run}_chance": "float64" for run in RUNS}
    types = {name: (whole | real).get(name, "str") for name in SCORES}
    return pd.DataFrame(rows, columns=SCORES).astype(types)


def _score_rows(run: Frames) -> dict[tuple[str, str], Row]:
    """Return the scores of a run with their final scores, by the code of the member and the reading."""
    codes = dict(zip(run["members"]["member"], run["members"]["code"], strict=True))
    final = run["final"][["member", "final_score", "basis"]]
    shares = [
        run["scores"][column].where(run["scores"]["suggested_score"] == score) for score, column in P_COLUMNS.items()
    ]
    chances = pd.concat(shares, axis=1).max(axis=1)
    rows = run["scores"].assign(chance=chances).merge(final, on="member", how="left", validate="many_to_one")
    rows = rows.assign(basis=rows["basis"].fillna("").astype("str"))
    return {(codes[row["member"]], row["reading"]): row for row in rows.to_dict("records")}


def _values(one: Row | None, other: Row | None, code: str, pair: ReadingPair) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": code, "member": (one or other or {})["member"], "reading": pair.first.name,
        "second_reading": pair.second.name,
    }  # fmt: skip
    for run, found in zip(RUNS, (one, other), strict=True):
        row |= {
            f"{run}_suggested": found["suggested_score"] if found else pd.NA,
            f"{run}_published": found["published_score"] if found else pd.NA,
            f"{run}_final": found["final_score"] if found else pd.NA,
            f"{run}_chance": found["chance"] if found else float("nan"),
            f"{run}_basis": found["basis"] if found else "",
        }
    if one is None or other is None:
        return row | {"differs": ONLY_SECOND if one is None else ONLY_FIRST}
    return row | {"differs": ";".join(name for name in _WHOLE if not _equal(row, name))}


def _equal(row: Row, name: str) -> bool:
    return score_text(row[f"first_{name}"]) == score_text(row[f"second_{name}"])


def _reasons(
    row: Row, levels: pd.DataFrame, pair: ReadingPair, codebooks: tuple[Codebook, Codebook], *, comparable: bool
) -> dict[str, str]:
    """Return the levels and sentences that make a score differ, and the reason in a sentence."""
    if row["differs"].startswith("only"):
        other = "second" if row["differs"] == ONLY_FIRST else "first"
        return {"dimensions": "", "enough": "", "sentence_ids": "", "why": f"the {other} run does not have this member"}
    different = levels[levels["differs"] == "level"]
    enough = _smallest_sets(row, levels, pair, codebooks)
    carrying = (
        different if not enough else different[different["dimension"].isin({key for each in enough for key in each})]
    )
    ids = dict.fromkeys(each for joined in carrying["sentence_ids"] for each in joined.split(";") if each)
    suggested = "suggested" in row["differs"].split(";")
    return {
        "dimensions": ";".join(different["dimension"]),
        "enough": ";".join("+".join(each) for each in enough),
        "sentence_ids": ";".join(ids) if suggested else "",
        "why": _sentence(row, different, levels, enough, pair, comparable=comparable),
    }


def _smallest_sets(
    row: Row, levels: pd.DataFrame, pair: ReadingPair, codebooks: tuple[Codebook, Codebook]
) -> list[tuple[str, ...]]:
    """Return the smallest sets of levels that."""
    keys = levels.loc[levels["differs"] == "level", "dimension"].tolist()
    same_keys = set(codebooks[0].dimension_keys) == set(codebooks[1].dimension_keys)
    if _equal(row, "suggested") or not same_keys or len(keys) > MOST_DIMENSIONS:
        return []
    first, second = (dict(zip(levels["dimension"], levels[f"{run}_level"], strict=True)) for run in RUNS)
    wanted = score_text(row["second_suggested"])
    for size in range(1, len(keys) + 1):
        found = [
            chosen
            for chosen in combinations(keys, size)
            if score_text(apply_reading(first | {key: second[key] for key in chosen}, pair.first).score) == wanted
        ]
        if found:
            return found
    return []


def _sentence(
    row: Row,
    different: pd.DataFrame,
    levels: pd.DataFrame,
    enough: Sequence[Sequence[str]],
    pair: ReadingPair,
    *,
    comparable: bool,
) -> str:
    """Return in one sentence why the scores of a member differ, or which levels do; "" if nothing differs."""
    described = "; ".join(_level_texts(different, comparable=comparable))
    if _equal(row, "suggested"):
        parts = [f"the suggested score is the same, but the levels differ: {described}"] if described else []
    else:
        parts = [*_rules(row, levels, enough, pair), *([described] if described else [])]
    if not _equal(row, "published"):
        parts.append(_in_both("the published score", *(signed(row[f"{run}_published"]) for run in RUNS)))
    if not _equal(row, "final"):
        parts.append(_in_both("the final score", *(_final(row, run) for run in RUNS)))
    return "; ".join(parts)


def _rules(row: Row, levels: pd.DataFrame, enough: Sequence[Sequence[str]], pair: ReadingPair) -> list[str]:
    """Return what the rules and the dimensions contribute to a different score."""
    alone = {
        each: levels.loc[levels["differs"] == each, "dimension"].tolist() for each in ("only first", "only second")
    }
    only = [
        f"only the {name.removeprefix('only ')} codebook has {', '.join(keys)}" for name, keys in alone.items() if keys
    ]
    if only:
        return only
    n_different = int((levels["differs"] == "level").sum())
    if enough:
        sets = " or ".join(" and ".join(each) for each in enough)
        return [f"these changes would be enough: {sets}"] if len(enough[0]) < n_different else []
    if not n_different:
        return ["the levels are the same, but the rules differ"] if pair.first != pair.second else []
    second = dict(zip(levels["dimension"], levels["second_level"], strict=True))
    moved = apply_reading(second, pair.first).score
    if score_text(moved) == score_text(row["first_suggested"]):
        return ["the rules differ: those of the first run give its score for the levels of the second run too"]
    return ["the rules and the levels differ"]


def _in_both(what: str, *values: str) -> str:
    return f"{what} is {values[0]} in the first run and {values[1]} in the second"


def _final(row: Row, run: str) -> str:
    score, basis = row[f"{run}_final"], value_word("basis", row[f"{run}_basis"]).name.lower()
    return f"{signed(score)} ({basis})" if not pd.isna(score) else basis or "missing"


def _level_texts(levels: pd.DataFrame, *, comparable: bool) -> list[str]:
    """Return the levels that differ, one text for each pair of levels."""
    texts = []
    for pair, rows in levels.groupby(["first_level", "second_level"], sort=False):
        parts = []
        for why, group in rows.groupby("why", sort=False):
            words = str(why)
            cause = f" ({words})" if words and comparable else ""
            parts.append(" and ".join(group["dimension"]) + cause)
        first, second = map(str, pair)
        texts.append(f"{first} in the first run and {second} in the second: {', '.join(parts)}")
    return texts
