"""The levels and scores of two runs side by side, and what makes the difference."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from g7tag.audit.comparison.matching import ONLY_FIRST, ONLY_SECOND, RUNS, TWO_COMMITMENTS, Pairs
from g7tag.audit.findings import named, score_text
from g7tag.codebook import Codebook, Reading
from g7tag.frames import Frames, value_word
from g7tag.scoring import MOST_DIMENSIONS, apply_reading, in_period, item_levels, label_facts, signed, suggested_chances
from g7tag.text import counted

Row = Mapping[Any, Any]
Codebooks = tuple[Codebook, Codebook]
OUTSIDE, ABSENT, NONE = "outside the period", "not in the run", "none"
"""How an item counts that is neither strong nor weak in a dimension."""
LEVELS = [
    "code", "member", "dimension", "first_level", "second_level", "first_strong", "first_weak", "second_strong",
    "second_weak", "differs", "item_ids", "changes", "sentence_ids", "why",
]  # fmt: skip
SCORES = [
    "code", "member", "reading", "second_reading", "first_suggested", "second_suggested", "first_chance",
    "second_chance", "first_published", "second_published", "first_final", "second_final", "first_basis",
    "second_basis", "differs", "dimensions", "enough", "sentence_ids", "why",
]  # fmt: skip
_WHOLE = ("suggested", "published", "final")
_NO_SCORE: Row = dict.fromkeys(_WHOLE, pd.NA) | {"chance": float("nan"), "basis": ""}


class Changed(NamedTuple):
    """An item that counts differently: its id, how it counts in each run, and its sentences that count differently."""

    id: str
    states: tuple[str, str]
    sentence_ids: tuple[str, ...]


class ReadingPair(NamedTuple):
    """A reading of each codebook."""

    first: Reading
    second: Reading


def member_names(runs: Sequence[Frames]) -> dict[str, str]:
    """Return the name of each member by its code, those of the first run first."""
    members = pd.concat([run["members"] for run in runs]).drop_duplicates("code")
    return dict(zip(members["code"], members["member"], strict=True))


def pair_readings(first: Codebook, second: Codebook) -> list[ReadingPair]:
    """Return the readings to compare: those with the same name or, if there are none, the first of each codebook."""
    known = {reading.name: reading for reading in second.readings}
    same = [ReadingPair(reading, known[reading.name]) for reading in first.readings if reading.name in known]
    return same or [ReadingPair(first.readings[0], second.readings[0])]


def compare_levels(
    runs: tuple[Frames, Frames], pairs: Pairs, *, codebooks: Codebooks, comparable: bool
) -> pd.DataFrame:
    """Return the level of each member in each dimension in two runs, and the items that make the difference."""
    names = member_names(runs)
    keys = dict.fromkeys([*codebooks[0].dimension_keys, *codebooks[1].dimension_keys])
    sides = []
    for run, name in zip(runs, RUNS, strict=True):
        matrix = run["evidence_matrix"].merge(run["members"][["member", "code"]], on="member")
        matrix = matrix.astype({"n_strong": "float64", "n_weak": "float64"})
        cells = matrix.set_index(["code", "dimension"])[["level", "n_strong", "n_weak"]]
        sides.append(cells.set_axis([f"{name}_level", f"{name}_strong", f"{name}_weak"], axis=1))
    order = pd.MultiIndex.from_product([list(names), list(keys)], names=["code", "dimension"])
    table = pd.concat([side.reindex(order) for side in sides], axis=1).dropna(how="all").reset_index()
    levels, strong, weak = ([table[f"{run}_{name}"] for run in RUNS] for name in ("level", "strong", "weak"))
    conditions = {
        ONLY_SECOND: levels[0].isna(), ONLY_FIRST: levels[1].isna(), "level": levels[0] != levels[1],
        "numbers": (strong[0] != strong[1]) | (weak[0] != weak[1]),
    }  # fmt: skip
    differs = np.select(list(conditions.values()), list(conditions), "")
    changed = _changed_items(runs, pairs, codebooks) if comparable else {}
    items = [changed.get(key, []) for key in zip(table["code"], table["dimension"], strict=True)]
    table = table.fillna({"first_level": "", "second_level": ""}).assign(
        member=table["code"].map(names), differs=differs,
        item_ids=[";".join(item.id for item in own) for own in items],
        changes=["; ".join(f"{named([item.id])}: {' / '.join(item.states)}" for item in own) for own in items],
        sentence_ids=[";".join(each for item in own for each in item.sentence_ids) for own in items],
        why=[
            _why(how, own, codebooks, comparable=comparable) if how in ("level", "numbers") else ""
            for how, own in zip(differs, items, strict=True)
        ],
    )  # fmt: skip
    numbers = dict.fromkeys((f"{run}_{name}" for run in RUNS for name in ("strong", "weak")), "Int64")
    return table[LEVELS].astype({name: numbers.get(name, "str") for name in LEVELS})


def _changed_items(
    runs: tuple[Frames, Frames], pairs: Pairs, codebooks: Codebooks
) -> dict[tuple[str, str], list[Changed]]:
    """The items that count differently, by the code of the member and the dimension."""
    keys = [key for key in codebooks[0].dimension_keys if key in codebooks[1].dimension_keys]
    codes = [dict(zip(run["items"]["item_id"], run["items"]["code"], strict=True)) for run in runs]
    ids, sentence_ids = ([frame["first_id"].tolist(), frame["second_id"].tolist()] for frame in pairs)
    states = [_states(run, book, own, keys) for run, book, own in zip(runs, codebooks, ids, strict=True)]
    strengths = []
    for run, own in zip(runs, sentence_ids, strict=True):
        facts = label_facts(run["labels"], run["sentences"])
        strength = facts.pivot(index="sentence_id", columns="dimension", values="strength")
        strengths.append(strength.reindex(index=own, columns=keys).astype("object").fillna(NONE))
    places = _places(runs, ids, sentence_ids)
    changed: dict[tuple[str, str], list[Changed]] = {}
    for key in keys:
        counts = [state[key].where(state[key].isin(["strong", "weak"]), NONE).to_numpy() for state in states]
        moved = strengths[0][key].to_numpy() != strengths[1][key].to_numpy()
        for place in np.flatnonzero(counts[0] != counts[1]):
            one, other = ids[0][place], ids[1][place]
            its = np.flatnonzero(moved & (places == place))
            carrying = tuple(sentence_ids[0][each] or sentence_ids[1][each] for each in its)
            here = states[0][key].iloc[place], states[1][key].iloc[place]
            code = codes[0].get(one) or codes[1][other]
            changed.setdefault((code, key), []).append(Changed(one or other, here, carrying))
    return changed


def _states(run: Frames, codebook: Codebook, ids: list[str], keys: list[str]) -> pd.DataFrame:
    """How items count in each dimension; "" is an item that the run does not have."""
    levels = item_levels(run["labels"], sentences=run["sentences"], items=run["items"], codebook=codebook)
    levels = levels.assign(state=levels["strong"].map({True: "strong", False: "weak"}))
    states = levels.pivot(index="item_id", columns="dimension", values="state")
    states = states.reindex(index=run["items"]["item_id"], columns=keys).astype("object").fillna(NONE)
    states[~in_period(run["items"], codebook).to_numpy()] = OUTSIDE
    return states.reindex(ids).fillna(ABSENT)


def _places(
    runs: Sequence[Frames], ids: Sequence[list[str]], sentence_ids: Sequence[list[str]]
) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The row of the pair of items that each pair of sentences belongs to."""
    item_of = [dict(zip(run["sentences"]["sentence_id"], run["sentences"]["item_id"], strict=True)) for run in runs]
    rows = [{item: row for row, item in enumerate(own)} for own in ids]
    pairs = zip(*sentence_ids, strict=True)
    return np.asarray([rows[0][item_of[0][a]] if a else rows[1][item_of[1][b]] for a, b in pairs], dtype=np.int64)


def _why(differs: str, items: Sequence[Changed], codebooks: Codebooks, *, comparable: bool) -> str:
    """Why a level or its numbers differ."""
    if not comparable:
        return TWO_COMMITMENTS
    causes = []
    least = [book.min_strong_items for book in codebooks]
    if least[0] != least[1] and differs == "level":
        causes.append(f"{least[0]} strong items make it strong in the first run, {least[1]} in the second")
    for place, run in enumerate(RUNS):
        absent = [item.id for item in items if item.states[1 - place] == ABSENT]
        outside = [item.id for item in items if item.states[place] == OUTSIDE and item.states[1 - place] != ABSENT]
        if absent:
            causes.append(f"{counted(len(absent), 'item')} only in the {run} run: {named(absent)}")
        if outside:
            causes.append(f"{counted(len(outside), 'item')} outside the period of the {run} run: {named(outside)}")
    ids = [each for item in items if not {ABSENT, OUTSIDE} & {*item.states} for each in item.sentence_ids]
    if ids:
        causes.append(f"{counted(len(ids), 'sentence')} labelled differently: {named(ids)}")
    return "; ".join(causes)


def compare_scores(
    runs: tuple[Frames, Frames], levels: pd.DataFrame, *, codebooks: Codebooks, comparable: bool
) -> pd.DataFrame:
    """Return the scores of each member in two runs, and why they differ."""
    sides = [_score_rows(run) for run in runs]
    same_keys = set(codebooks[0].dimension_keys) == set(codebooks[1].dimension_keys)
    rows = []
    for code in member_names(runs):
        own = levels[levels["code"] == code]
        for pair in pair_readings(*codebooks):
            found = sides[0].get((code, pair.first.name)), sides[1].get((code, pair.second.name))
            if found == (None, None):
                continue
            row: dict[str, Any] = {"code": code, "reading": pair.first.name, "second_reading": pair.second.name}
            for run, its in zip(RUNS, found, strict=True):
                row |= {f"{run}_{name}": value for name, value in (its or _NO_SCORE).items() if name != "member"}
            row["member"] = (found[0] or found[1] or _NO_SCORE)["member"]
            if found[0] is None or found[1] is None:
                other, differs = ("first", ONLY_SECOND) if found[0] is None else ("second", ONLY_FIRST)
                row |= dict.fromkeys(("dimensions", "enough", "sentence_ids"), "")
                row |= {"differs": differs, "why": f"the {other} run does not have this member"}
            else:
                row["differs"] = ";".join(name for name in _WHOLE if not _equal(row, name))
                row |= _reasons(row, own, pair, same_keys=same_keys, comparable=comparable)
            rows.append(row)
    types = {f"{run}_{name}": "Int64" for run in RUNS for name in _WHOLE}
    types |= {f"{run}_chance": "float64" for run in RUNS}
    return pd.DataFrame(rows, columns=SCORES).astype({name: types.get(name, "str") for name in SCORES})


def _score_rows(run: Frames) -> dict[tuple[str, str], Row]:
    """The scores of a run with their final scores, by the code of the member and the reading."""
    rows = run["scores"].assign(chance=suggested_chances(run["scores"]))
    rows = rows.merge(run["final"][["member", "final_score", "basis"]], on="member", how="left", validate="many_to_one")
    rows = rows.assign(basis=rows["basis"].fillna("").astype("str")).merge(run["members"][["member", "code"]])
    names = {"suggested_score": "suggested", "published_score": "published", "final_score": "final"}
    keys = zip(rows["code"], rows["reading"], strict=True)
    columns = rows.rename(columns=names)[[*_WHOLE, "chance", "basis", "member"]]
    return dict(zip(keys, columns.to_dict("records"), strict=True))


def _equal(row: Row, name: str) -> bool:
    return score_text(row[f"first_{name}"]) == score_text(row[f"second_{name}"])


def _reasons(row: Row, levels: pd.DataFrame, pair: ReadingPair, *, same_keys: bool, comparable: bool) -> dict[str, str]:
    """The levels and sentences that make a score differ, and the reason in a sentence."""
    different = levels[levels["differs"] == "level"]
    enough = [] if _equal(row, "suggested") or not same_keys else _smallest_sets(row, levels, pair.first)
    carrying = different[different["dimension"].isin({key for each in enough for key in each})] if enough else different
    ids = dict.fromkeys(each for joined in carrying["sentence_ids"] for each in joined.split(";") if each)
    return {
        "dimensions": ";".join(different["dimension"]),
        "enough": ";".join("+".join(each) for each in enough),
        "sentence_ids": "" if _equal(row, "suggested") else ";".join(ids),
        "why": _sentence(row, different, levels, enough, pair, comparable=comparable),
    }


def _smallest_sets(row: Row, levels: pd.DataFrame, reading: Reading) -> list[tuple[str, ...]]:
    """The smallest sets of levels of the second run that, in the first run, would give the score of the second."""
    keys = levels.loc[levels["differs"] == "level", "dimension"].tolist()
    first, second = (dict(zip(levels["dimension"], levels[f"{run}_level"], strict=True)) for run in RUNS)
    wanted = score_text(row["second_suggested"])
    for size in range(1, len(keys) + 1 if len(keys) <= MOST_DIMENSIONS else 1):
        found = [
            chosen
            for chosen in combinations(keys, size)
            if score_text(apply_reading(first | {key: second[key] for key in chosen}, reading).score) == wanted
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
    """Why the scores of a member differ, or which levels do; "" if nothing differs."""
    described = "; ".join(_level_texts(different, comparable=comparable))
    if _equal(row, "suggested"):
        parts = [f"the suggested score is the same, but the levels differ: {described}"] if described else []
    else:
        parts = [*_rules(row, levels, enough, pair), *([described] if described else [])]
    values = {
        "published": [signed(row[f"{run}_published"]) for run in RUNS],
        "final": [_final(row, run) for run in RUNS],
    }
    parts += [
        f"the {name} score is {one} in the first run and {other} in the second"
        for name, (one, other) in values.items()
        if not _equal(row, name)
    ]
    return "; ".join(parts)


def _rules(row: Row, levels: pd.DataFrame, enough: Sequence[Sequence[str]], pair: ReadingPair) -> list[str]:
    """What the rules and the dimensions contribute to a different score."""
    alone = {run: levels.loc[levels["differs"] == f"only {run}", "dimension"].tolist() for run in RUNS}
    only = [f"only the {run} codebook has {', '.join(keys)}" for run, keys in alone.items() if keys]
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


def _final(row: Row, run: str) -> str:
    score, basis = row[f"{run}_final"], value_word("basis", row[f"{run}_basis"]).name.lower()
    return f"{signed(score)} ({basis})" if not pd.isna(score) else basis or "missing"


def _level_texts(levels: pd.DataFrame, *, comparable: bool) -> list[str]:
    """The levels that differ, one text for each pair of levels."""
    texts = []
    for pair, rows in levels.groupby(["first_level", "second_level"], sort=False):
        first, second = map(str, pair)
        parts = [
            " and ".join(group["dimension"]) + (f" ({why!s})" if why and comparable else "")
            for why, group in rows.groupby("why", sort=False)
        ]
        texts.append(f"{first} in the first run and {second} in the second: {', '.join(parts)}")
    return texts
