"""Group the items that describe one act of several members, with the members it counts for and its labels."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

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
SAME_TITLE, LEAST_WORDS = 0.8, 5
"""Minimum share of words that two titles of one source have in common, and of words that each must have."""
_AT_ONCE = 256
"""Items that are compared with all later ones at a time."""
_TOGETHER = re.compile(
    r"\b(?:sign(?:ed|ing|s)?|agree(?:d|ment|ments)|joint(?:ly)?|alongside|co-host\w*|together with|communiqu[ée])\b",
    re.I,
)
Mentioned = Mapping[str, Sequence[str]]
"""The members that each item mentions, by item_id."""


def pair_items(items: pd.DataFrame, noted: pd.DataFrame, mentioned: Mentioned) -> pd.DataFrame:
    """Return the pairs of items of one commitment that describe the same act, or that perhaps do."""
    dated = items[items["date"].notna()].groupby("commitment_id", sort=False)
    parts = [_pairs_of(group, noted, mentioned) for _, group in dated]
    return pd.concat([pd.DataFrame(columns=["item_1", "item_2", "same_member", "act"]), *parts], ignore_index=True)


def _pairs_of(items: pd.DataFrame, noted: pd.DataFrame, mentioned: Mentioned) -> pd.DataFrame:
    """Compare each item with the later ones of the next `SOURCE_DAYS`, a block of items at a time."""
    places = np.argsort(items["date"].to_numpy(), kind="stable")
    items = items.iloc[places]
    first = noted.drop_duplicates("item_id").set_index("item_id").reindex(items["item_id"])
    urls = pd.factorize(first["url"].fillna("").map(plain_url).replace("", None))[0]  # -1 without a URL
    titles = _word_sets(first["title"].fillna("").map(title_words))
    n_words = np.asarray(titles.sum(axis=1)).ravel()
    terms, idf = vocabulary_of(items["text"])
    words = word_matrix(items["text"].tolist(), {term: place for place, term in enumerate(terms)}, idf)
    days = (items["date"] - pd.Timestamp("1970-01-01")).dt.days.to_numpy()
    members, names = pd.factorize(items["member"])
    says = np.array([[name in mentioned[item] for name in names] for item in items["item_id"]])
    found = []
    for start in range(0, len(items), _AT_ONCE):
        one = slice(start, start + _AT_ONCE)
        other = slice(start, np.searchsorted(days, days[one][-1] + SOURCE_DAYS, side="right"))
        apart = days[other] - days[one, None]
        cosines, shared = ((each[one] @ each[other].T).toarray() for each in (words, titles))
        same_title = shared >= SAME_TITLE * (n_words[one, None] + n_words[other] - shared)
        same_title &= np.minimum(n_words[one, None], n_words[other]) >= LEAST_WORDS
        same_source = ((urls[one, None] == urls[other]) & (urls[other] >= 0)) | same_title
        own = members[one, None] == members[other]
        mutual = says[one][:, members[other]] & says[other][:, members[one]].T
        soon = apart <= ACT_DAYS
        across = same_source | (soon & (cosines >= np.where(mutual, MUTUAL, ALIKE)))
        same = np.where(own, same_source & soon & (cosines >= REPEATED), across)
        perhaps = own & (apart == 0) & (cosines >= PERHAPS)
        later = np.triu(np.ones(apart.shape, dtype=bool), 1) & (apart <= SOURCE_DAYS)  # each pair once
        for row, column in np.argwhere(later & (same | perhaps)):
            ends = sorted((places[start + row], places[start + column]))
            found.append((*ends, own[row, column], "same" if same[row, column] else "perhaps"))
    ids = items["item_id"].to_numpy()[np.argsort(places)]
    rows = [(ids[first], ids[second], *how) for first, second, *how in sorted(found)]
    return pd.DataFrame(rows, columns=["item_1", "item_2", "same_member", "act"])


def _word_sets(texts: pd.Series) -> sparse.csr_matrix:
    """Return 1 for each word of each text: shape (n_texts, n_words)."""
    sets = [set(text.split()) for text in texts]
    rows = np.repeat(np.arange(len(sets)), [len(words) for words in sets])
    columns, known = pd.factorize(np.array([word for words in sets for word in words], dtype=object))
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(sets), len(known)))


def joint_actions(
    pairs: pd.DataFrame, items: pd.DataFrame, labels_of: Mapping[str, str], mentioned: Mentioned, codebook: Codebook
) -> pd.DataFrame:
    """Return the acts that several members took part in, with the items that describe each act."""
    same = pairs[pairs["act"] == "same"]
    places = pd.Series(range(len(items)), index=items["item_id"].to_numpy())
    ends = places.reindex(same["item_1"]).to_numpy(), places.reindex(same["item_2"]).to_numpy()
    graph = sparse.coo_matrix(([True] * len(same), ends), shape=(len(items), len(items)))
    acts: dict[int, list[dict[Any, Any]]] = {}
    for act, item in zip(connected_components(graph, directed=False)[1], items.to_dict("records"), strict=True):
        acts.setdefault(act, []).append(item)
    rows = []
    for group in acts.values():
        ids = [item["item_id"] for item in group]
        members = list(dict.fromkeys(item["member"] for item in group))
        named = {name for item in ids for name in mentioned[item]} - set(members)
        alone = len(members) == 1
        if alone and not (named and any(_TOGETHER.search(item["text"]) for item in group)):
            continue
        its = [labels_of.get(item, "not labelled") for item in ids]
        rows.append(
            {
                "joint_id": ids[0], "commitment_id": group[0]["commitment_id"],
                "date": min(item["date"] for item in group), "members": ";".join(members), "item_ids": ";".join(ids),
                "named_only": ";".join(name for name in codebook.codes if name in named),
                "alike": len(set(its)) == 1, "labels": " | ".join(its),
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
