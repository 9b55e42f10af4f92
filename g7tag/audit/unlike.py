"""Check acts whose items are labelled in several ways, and whether a score rests on the difference."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

import pandas as pd

from g7tag.audit.findings import HIGH, MEDIUM, Row, day, finding, named, scores_worded
from g7tag.codebook import Codebook
from g7tag.scoring import score_items

MOST_CHANGED = 3
"""Items of one member that are labelled anew together; beyond, the trials grow too many."""
Alternatives = Mapping[str, list[str]]


def unlike_findings(shared: pd.DataFrame, levels: pd.DataFrame, members: pd.DataFrame, codebook: Codebook) -> list[Row]:
    """Return acts labelled unlike, each with what it does to a score, and members whose score rests on several.

    Parameters
    ----------
    shared
        Rows of `joint_actions` on acts of several members.
    levels
        What `item_levels` gives.
    members
        The members frame.
    codebook
        Dimensions and rules.
    """
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
            mine = {item: others[item] for its in groups.values() for item in its}
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
            rows += _several(member, levels, others, codebook)
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
    levels: pd.DataFrame, member: str, others: Alternatives, codebook: Codebook, *, sizes: Any
) -> Iterator[str]:
    """Changes of a member's score where some of its items take another item's label: those of the least size."""
    its = levels[(levels["member"] == member) & levels["in_period"]]
    mine = sorted(set(others) & set(its["item_id"]))
    before = score_items(its, codebook)
    for size in sizes:
        found: dict[str, str] = {}
        for items in combinations(mine, size):
            for taken in product(*(others[item] for item in items)):
                after = score_items(_relabelled(its, levels, dict(zip(items, taken, strict=True))), codebook)
                worded = scores_worded(after, before=before)
                if worded:
                    pairs = ", ".join(
                        f"{named([one])} as {named([other])}" for one, other in zip(items, taken, strict=True)
                    )
                    found.setdefault(worded, f"{worded} ({pairs})")
        if found:
            yield from found.values()
            return


def _relabelled(its: pd.DataFrame, levels: pd.DataFrame, taken: Mapping[str, str]) -> pd.DataFrame:
    parts = [its[~its["item_id"].isin(list(taken))]]
    parts += [levels[levels["item_id"] == other].assign(item_id=item) for item, other in taken.items()]
    return pd.concat(parts, ignore_index=True)
