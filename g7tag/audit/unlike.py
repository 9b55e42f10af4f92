"""Check acts whose items are labelled in several ways, and whether a score rests on the difference."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, islice, product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.audit.findings import HIGH, MEDIUM, Row, day, finding, named, scores_worded
from g7tag.codebook import Codebook
from g7tag.scoring import LEVELS, apply_reading, in_period, states_of

MOST_CHANGED = 3
"""Items of one member that are labelled anew together; beyond, the trials grow too many."""
MOST_TRIALS = 20_000
"""Ways to label items of one member anew that are tried for each number of items."""
Alternatives: TypeAlias = Mapping[str, list[str]]
Counts: TypeAlias = npt.NDArray[np.int64]


def unlike_findings(
    shared: pd.DataFrame, items: pd.DataFrame, levels: pd.DataFrame, members: pd.DataFrame, codebook: Codebook
) -> list[Row]:
    """Return acts labelled unlike, each with what it does to a score, and members whose score rests on several.

    Parameters
    ----------
    shared
        Rows of `joint_actions` on acts of several members.
    levels
        What `item_levels` gives.
    items, members
        Frames of one run; items outside the period are not labelled anew, since they do not count.
    codebook
        Dimensions, period and rules.
    """
    counted = items[in_period(items, codebook)].groupby("member")["item_id"].agg(set).to_dict()
    own = shared[(shared["commitment_id"] == codebook.commitment.id) & ~shared["alike"]]
    rows: list[Row] = []
    others: dict[str, list[str]] = {}
    alone: set[str] = set()
    for act in own.to_dict("records"):
        groups = _groups(act)
        firsts = {label: its[0] for label, its in groups.items()}
        for label, its in groups.items():
            others |= {item: [first for name, first in firsts.items() if name != label] for item in its}
        effects: dict[str, str] = {}
        for member in act["members"].split(";"):
            mine = {item: others[item] for its in groups.values() for item in its if item in counted.get(member, ())}
            effects |= {f"{member} {told}": member for told in _changes(levels, member, mine, codebook, sizes=(1,))}
        alone |= set(effects.values())
        said = "; ".join(f"{label} ({named(its)})" for label, its in groups.items())
        ids = act["item_ids"].split(";")
        told = (
            f"{len(ids)} items seem to tell of one act of {day(act['date'])} and are labelled in {len(groups)} ways: "
            f"{said}. One item labelled as another is, {'; '.join(effects) or 'no score changes'}."
        )
        severity = HIGH if effects else MEDIUM
        rows.append(finding("coded_unlike", severity, act["joint_id"], told, proof=ids))
    for member in members[members["commitment_id"] == codebook.commitment.id].to_dict("records"):
        if member["member"] not in alone:
            mine = {item: given for item, given in others.items() if item in counted.get(member["member"], ())}
            rows += _several(member, levels, mine, codebook)
    return rows


def _groups(act: Mapping[Any, Any]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for item, label in zip(act["item_ids"].split(";"), act["labels"].split(" | "), strict=True):
        groups.setdefault(label, []).append(item)
    return groups


def _several(member: Row, levels: pd.DataFrame, others: Alternatives, codebook: Codebook) -> Iterator[Row]:
    """The fewest items on several acts that, labelled as others are, change a member's score."""
    told = list(_changes(levels, member["member"], others, codebook, sizes=range(2, MOST_CHANGED + 1)))
    if told:
        subject = f"{member['commitment_id']}/{member['code']}"
        message = f"items on several acts labelled as those of others on the same acts: {told[0]}."
        yield finding("coded_unlike", MEDIUM, subject, message, member=member["member"])


def _changes(
    levels: pd.DataFrame, member: str, others: Alternatives, codebook: Codebook, *, sizes: Iterable[int]
) -> Iterator[str]:
    """Changes of a member's score where some of its items take another item's label: those of the least size."""
    its = levels[(levels["member"] == member) & levels["in_period"]]
    mine = sorted(others)
    shows = _shown(levels[levels["item_id"].isin([*mine, *(each for item in mine for each in others[item])])], codebook)
    nothing = _nothing(codebook)
    total = _shown(its.assign(item_id=""), codebook).get("", nothing)
    moves = {
        item: [(other, shows.get(other, nothing) - shows.get(item, nothing)) for other in others[item]] for item in mine
    }
    scored = _Scorer(codebook)
    before = scored(total)
    for size in sizes:
        trials = (
            zip(items, taken, strict=True)
            for items in combinations(mine, size)
            for taken in product(*(moves[each] for each in items))
        )
        found: dict[str, str] = {}
        for trial in islice(trials, MOST_TRIALS):
            pairs = list(trial)
            worded = scores_worded(scored(sum((delta for _, (_, delta) in pairs), total)), before=before)
            if worded and worded not in found:
                named_pairs = ", ".join(f"{named([item])} as {named([other])}" for item, (other, _) in pairs)
                found[worded] = f"{worded} ({named_pairs})"
        if found:
            yield from found.values()
            return


class _Scorer:
    """Scores from counts of strong and of all items by dimension; each row of levels is scored once."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.known: dict[bytes, dict[str, int | None]] = {}

    def __call__(self, counts: Counts) -> dict[str, int | None]:
        states = states_of(counts[0], counts[1], self.codebook.min_strong_items)
        key = states.tobytes()
        if key not in self.known:
            levels = dict(zip(self.codebook.dimension_keys, (LEVELS[state] for state in states), strict=True))
            self.known[key] = {reading.name: apply_reading(levels, reading).score for reading in self.codebook.readings}
        return self.known[key]


def _nothing(codebook: Codebook) -> Counts:
    return np.zeros((2, len(codebook.dimensions)), dtype=np.int64)


def _shown(levels: pd.DataFrame, codebook: Codebook) -> dict[str, Counts]:
    """Numbers of strong items, and of items, by dimension, for each item_id."""
    place = {key: at for at, key in enumerate(codebook.dimension_keys)}
    shown: dict[str, Counts] = {}
    for item, key, strong in zip(levels["item_id"], levels["dimension"], levels["strong"], strict=True):
        counts = shown.setdefault(item, _nothing(codebook))
        counts[:, place[key]] += (int(strong), 1)
    return shown
