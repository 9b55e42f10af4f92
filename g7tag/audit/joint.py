"""Group the items that describe one act of several members, with the members it counts for and its labels."""

import re

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from g7tag.audit.evidence import members_named, name_patterns
from g7tag.audit.notes import plain_url, title_words
from g7tag.codebook import Codebook
from g7tag.frames import JOINT_ACTIONS, build
from g7tag.tagger.words import vocabulary_of, word_matrix

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


def pair_items(items: pd.DataFrame, noted: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the pairs of items of one commitment that are close in time and similar."""
    parts = [
        _pairs_of(group.reset_index(drop=True), noted, codebook)
        for _, group in items[items["date"].notna()].groupby("commitment_id", sort=False)
        if len(group) > 1
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _pairs_of(items: pd.DataFrame, noted: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    first = noted.drop_duplicates("item_id").set_index("item_id").reindex(items["item_id"])
    urls = [plain_url(url) for url in first["url"].fillna("")]
    titles = [set(title_words(title).split()) for title in first["title"].fillna("")]
    patterns = name_patterns(codebook)
    mentioned = [members_named(text, patterns) for text in items["text"]]
    members, ids = items["member"].tolist(), items["item_id"].tolist()
    terms, idf = vocabulary_of(items["text"])
    words = word_matrix(items["text"].tolist(), {term: place for place, term in enumerate(terms)}, idf)
    days = (items["date"] - pd.Timestamp("1970-01-01")).dt.days.to_numpy()
    order = np.argsort(days, kind="stable")
    rows = []
    for place, early in enumerate(order):
        near = order[place + 1 : np.searchsorted(days[order], days[early] + SOURCE_DAYS, side="right")]
        cosines = (words[near] @ words[early].T).toarray().ravel() if len(near) else []
        for late, cosine in zip(near, cosines, strict=True):
            one, other = sorted((int(early), int(late)))
            apart = int(abs(days[one] - days[other]))
            same_member = members[one] == members[other]
            same_source = urls[one] == urls[other] != "" or _same_title(titles[one], titles[other])
            mutual = members[other] in mentioned[one] and members[one] in mentioned[other]
            if same_member:
                same = same_source and cosine >= REPEATED and apart <= ACT_DAYS
                act = "same" if same else "perhaps" if apart == 0 and cosine >= PERHAPS else ""
            else:
                similar = apart <= ACT_DAYS and cosine >= (MUTUAL if mutual else ALIKE)
                act = "same" if same_source or similar else ""
            if act:
                how = (apart, float(cosine), same_source, mutual, same_member, act)
                rows.append((one, other, ids[one], ids[other], *how))
    return pd.DataFrame([row[2:] for row in sorted(rows)], columns=COLUMNS)


def _same_title(one: set[str], other: set[str]) -> bool:
    """Whether two titles share nearly all their words and have enough words."""
    return min(len(one), len(other)) > 4 and len(one & other) / len(one | other) >= _SAME_TITLE


def joint_actions(
    pairs: pd.DataFrame, items: pd.DataFrame, sentences: pd.DataFrame, labels: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return the acts that several members took part in, with the items that describe each act."""
    labels_of = item_labels(sentences, labels)
    patterns = name_patterns(codebook)
    same = pairs[pairs["act"] == "same"]
    places = pd.Series(range(len(items)), index=items["item_id"].to_numpy())
    ends = places.reindex(same["item_1"]).to_numpy(), places.reindex(same["item_2"]).to_numpy()
    graph = sparse.coo_matrix(([True] * len(same), ends), shape=(len(items), len(items)))
    rows = []
    for _, group in items.groupby(connected_components(graph, directed=False)[1], sort=False):
        members = list(dict.fromkeys(group["member"]))
        alone = len(members) == 1
        mentioned = {member for text in group["text"] for member in members_named(text, patterns)}
        named_only = [member for member in patterns if member in mentioned and member not in members]
        if alone and not (named_only and any(_TOGETHER.search(text) for text in group["text"])):
            continue
        its = [labels_of.get(item, "not labelled") for item in group["item_id"]]
        rows.append(
            {
                "joint_id": group["item_id"].iloc[0], "commitment_id": group["commitment_id"].iloc[0],
                "date": group["date"].min(), "members": ";".join(members), "item_ids": ";".join(group["item_id"]),
                "named_only": ";".join(named_only), "alike": len(set(its)) == 1, "labels": " | ".join(its),
                "reason": "mentions joint action" if alone else "same source, or same day and similar wording",
            }
        )  # fmt: skip
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
