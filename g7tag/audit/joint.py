"""Put together the items that tell of one act of several members, and say for whom it counts and how it is labelled."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from g7tag.audit.texts import members_named, name_patterns
from g7tag.codebook import Codebook
from g7tag.frames import JOINT_ACTIONS, build

_TOGETHER = re.compile(
    r"\b(?:sign(?:ed|ing|s)?|agree(?:d|ment|ments)|joint(?:ly)?|alongside|co-host\w*|together with|communiqu[ée])\b",
    re.I,
)


def joint_actions(
    pairs: pd.DataFrame, items: pd.DataFrame, sentences: pd.DataFrame, labels: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return the acts that several members took part in, by the items that tell of each.

    Parameters
    ----------
    pairs
        What `pair_items` gives.
    items, sentences, labels
        Frames of one run; items of other commitments are told of without labels.
    codebook
        Names the members.

    Returns
    -------
    pandas.DataFrame
        The joint_actions frame, in reading order; `joint_id` is that of the act's first item. An act that only one
        member's item tells of is there where the item speaks of acting together and names another member.
    """
    told = item_labels(sentences, labels)
    patterns = name_patterns(codebook)
    by_id = items.set_index("item_id")
    clusters = _clusters(pairs[pairs["act"] == "same"], items["item_id"])
    rows = [row for ids in clusters if (row := _row(ids, by_id, told, patterns)) is not None]
    return build(JOINT_ACTIONS, rows)


def item_labels(sentences: pd.DataFrame, labels: pd.DataFrame) -> dict[str, str]:
    """Return what each labelled item shows: its dimensions with their strength, "none" where it shows nothing.

    Examples
    --------
    >>> sentences = pd.DataFrame({"sentence_id": ["i.1", "i.2"], "item_id": ["i", "i"]})
    >>> labels = {"sentence_id": ["i.1", "i.2"], "dimensions": ["a;b", "a"], "strength": ["weak", "strong"]}
    >>> item_labels(sentences, pd.DataFrame(labels))
    {'i': 'a strong, b weak'}
    """
    joined = sentences[["sentence_id", "item_id"]].merge(labels, on="sentence_id")
    shown: dict[str, dict[str, str]] = {}
    for item_id, keys, strength in zip(joined["item_id"], joined["dimensions"], joined["strength"], strict=True):
        levels = shown.setdefault(item_id, {})
        for key in filter(None, keys.split(";")):
            levels[key] = "strong" if "strong" in {strength, levels.get(key)} else "weak"
    return {
        item: ", ".join(f"{key} {level}" for key, level in sorted(levels.items())) or "none"
        for item, levels in shown.items()
    }


def _clusters(pairs: pd.DataFrame, item_ids: pd.Series) -> list[list[str]]:
    """Items that pairs connect, and every item alone that none does, in reading order."""
    places = pd.Series(range(len(item_ids)), index=item_ids.to_numpy())
    ends = places.reindex(pairs["item_1"]).to_numpy(), places.reindex(pairs["item_2"]).to_numpy()
    graph = sparse.coo_matrix(([True] * len(pairs), ends), shape=(len(item_ids), len(item_ids)))
    _, found = connected_components(graph, directed=False)
    return [list(its) for _, its in item_ids.groupby(found, sort=False)]


def _row(
    ids: Iterable[str], items: pd.DataFrame, told: Mapping[str, str], patterns: Mapping[str, re.Pattern[str]]
) -> dict[str, Any] | None:
    its = items.loc[list(ids)]
    members = list(dict.fromkeys(its["member"]))
    alone = len(members) == 1
    if alone and not any(_TOGETHER.search(text) for text in its["text"]):
        return None
    named = {member for text in its["text"] for member in members_named(text, patterns)}
    named_only = [member for member in patterns if member in named and member not in members]
    if alone and not named_only:
        return None
    labels = [told.get(item, "not labelled") for item in its.index]
    return {
        "joint_id": its.index[0], "commitment_id": its["commitment_id"].iloc[0], "date": its["date"].min(),
        "members": ";".join(members), "item_ids": ";".join(its.index), "named_only": ";".join(named_only),
        "alike": len(set(labels)) == 1, "labels": " | ".join(labels),
        "reason": "speaks of acting together" if alone else "same source, or one day and alike wording",
    }  # fmt: skip
