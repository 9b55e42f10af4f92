"""Group the items that describe one act of several members, with the members it counts for and its labels."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from g7tag import tagger
from g7tag.audit.evidence import members_named, name_patterns
from g7tag.audit.notes import plain_url
from g7tag.codebook import Codebook
from g7tag.frames import JOINT_ACTIONS, build

SOURCE_DAYS = 10
"""Maximum number of days between two items from one source that describe one act."""
ACT_DAYS = 1
"""Maximum number of days between items with similar wording on one act: the act and its publication."""
ALIKE, MUTUAL = 0.17, 0.08
"""Minimum cosine of two items that describe one act; the second applies if each names the other's member."""
REPEATED = 0.25
"""Minimum cosine of two items of one member from one source, which may be two acts of one announcement."""
PERHAPS = 0.2
"""Minimum cosine of two items of one member and one day, from any sources, that may describe one act."""
_SAME_TITLE = 0.8
COLUMNS = ["item_1", "item_2", "days", "cosine", "same_source", "mutual", "same_member", "act"]


_TOGETHER = re.compile(
    r"\b(?:sign(?:ed|ing|s)?|agree(?:d|ment|ments)|joint(?:ly)?|alongside|co-host\w*|together with|communiqu[ée])\b",
    re.I,
)


class Texts(NamedTuple):
    """Features by which items are compared: days since 1970 (NaN if unread), words, source and members named."""

    days: npt.NDArray[np.float64]
    words: sparse.csr_matrix
    urls: list[str]
    titles: list[frozenset[str]]
    members: list[str]
    named: list[frozenset[str]]


def pair_items(items: pd.DataFrame, noted: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the pairs of items of one commitment that are close in time and similar."""
    parts = [
        _pairs_of(group.reset_index(drop=True), noted, codebook)
        for _, group in items[items["date"].notna()].groupby("commitment_id", sort=False)
        if len(group) > 1
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _pairs_of(items: pd.DataFrame, noted: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    texts = _texts(items, noted, codebook)
    order = np.argsort(texts.days, kind="stable")
    rows = []
    for place, one in enumerate(order):
        end = np.searchsorted(texts.days[order], texts.days[one] + SOURCE_DAYS, side="right")
        others = order[place + 1 : end]
        if len(others):
            cosines = (texts.words[others] @ texts.words[one].T).toarray().ravel()
            rows += [
                _pair(texts, *sorted((int(one), int(other))), cosine=float(cosine))
                for other, cosine in zip(others, cosines, strict=True)
            ]
    ids = items["item_id"].to_numpy()
    found = sorted((row for row in rows if row["act"]), key=lambda row: (row["one"], row["other"]))
    named = [{"item_1": ids[row["one"]], "item_2": ids[row["other"]]} | row for row in found]
    return pd.DataFrame(named, columns=COLUMNS)


def _pair(texts: Texts, one: int, other: int, *, cosine: float) -> dict[str, Any]:
    days = abs(texts.days[one] - texts.days[other])
    same_member = texts.members[one] == texts.members[other]
    same_source = texts.urls[one] == texts.urls[other] != "" or _same_title(texts.titles[one], texts.titles[other])
    mutual = texts.members[other] in texts.named[one] and texts.members[one] in texts.named[other]
    if same_member:
        same = same_source and cosine >= REPEATED
        act = "same" if same and days <= ACT_DAYS else "perhaps" if days == 0 and cosine >= PERHAPS else ""
    else:
        similar = days <= ACT_DAYS and cosine >= (MUTUAL if mutual else ALIKE)
        act = "same" if same_source or similar else ""
    return {
        "one": one, "other": other, "days": int(days), "cosine": cosine, "same_source": same_source, "mutual": mutual,
        "same_member": same_member, "act": act,
    }  # fmt: skip


def _texts(items: pd.DataFrame, noted: pd.DataFrame, codebook: Codebook) -> Texts:
    first = noted.drop_duplicates("item_id").set_index("item_id").reindex(items["item_id"])
    patterns = name_patterns(codebook)
    titles = [frozenset(_words_of(title)) for title in first["title"].fillna("")]
    return Texts(
        np.asarray((items["date"] - pd.Timestamp("1970-01-01")).dt.days, dtype=np.float64),
        tagger.make_words().fit_transform(items["text"]).tocsr(),
        [plain_url(url) for url in first["url"].fillna("")],
        titles,
        items["member"].tolist(),
        [frozenset(members_named(text, patterns)) for text in items["text"]],
    )


def _same_title(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two titles share nearly all their words and have enough words."""
    return min(len(one), len(other)) > 4 and len(one & other) / len(one | other) >= _SAME_TITLE


def _words_of(title: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in title.lower()).split()


def joint_actions(
    pairs: pd.DataFrame, items: pd.DataFrame, sentences: pd.DataFrame, labels: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return the acts that several members took part in, with the items that describe each act."""
    labels_of = item_labels(sentences, labels)
    patterns = name_patterns(codebook)
    by_id = items.set_index("item_id")
    clusters = _clusters(pairs[pairs["act"] == "same"], items["item_id"])
    rows = [row for ids in clusters if (row := _row(ids, by_id, labels_of, patterns)) is not None]
    return build(JOINT_ACTIONS, rows)


def item_labels(sentences: pd.DataFrame, labels: pd.DataFrame) -> dict[str, str]:
    """Return the label of each labelled item: its dimensions with their strength, or "none"."""
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
    """Groups of items that pairs connect, in reading order; an item in no pair is a group."""
    places = pd.Series(range(len(item_ids)), index=item_ids.to_numpy())
    ends = places.reindex(pairs["item_1"]).to_numpy(), places.reindex(pairs["item_2"]).to_numpy()
    graph = sparse.coo_matrix(([True] * len(pairs), ends), shape=(len(item_ids), len(item_ids)))
    _, found = connected_components(graph, directed=False)
    return [list(group) for _, group in item_ids.groupby(found, sort=False)]


def _row(
    ids: Iterable[str], items: pd.DataFrame, labels_of: Mapping[str, str], patterns: Mapping[str, re.Pattern[str]]
) -> dict[str, Any] | None:
    group = items.loc[list(ids)]
    members = list(dict.fromkeys(group["member"]))
    alone = len(members) == 1
    if alone and not any(_TOGETHER.search(text) for text in group["text"]):
        return None
    named = {member for text in group["text"] for member in members_named(text, patterns)}
    named_only = [member for member in patterns if member in named and member not in members]
    if alone and not named_only:
        return None
    labels = [labels_of.get(item, "not labelled") for item in group.index]
    return {
        "joint_id": group.index[0], "commitment_id": group["commitment_id"].iloc[0], "date": group["date"].min(),
        "members": ";".join(members), "item_ids": ";".join(group.index), "named_only": ";".join(named_only),
        "alike": len(set(labels)) == 1, "labels": " | ".join(labels),
        "reason": "mentions joint action" if alone else "same source, or same day and similar wording",
    }  # fmt: skip
