"""Find items of one member in two chapters that describe one act, and whether they are coded alike and both count."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.audit import item_labels, named_notes
from g7tag.audit.joint import ACT_DAYS, LEAST_WORDS, SAME_TITLE
from g7tag.audit.notes import noted_items, plain_url, title_words
from g7tag.codebook import Codebook
from g7tag.frames import SHARED_ACTS, STRENGTHS, Frames, build
from g7tag.scoring import item_levels
from g7tag.tagger.words import vocabulary_of, word_matrix

YES, PERHAPS = "yes", "perhaps"
RELATED = 0.03
"""Minimum cosine of two items on one act. On the odd rows of data/codings/shared-acts.csv it costs no pair that is
dated at most `ACT_DAYS` apart; two thirds of a member's items on different acts are below it."""


def chapter_items(frames: Frames, codebook: Codebook, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the items of a chapter with their first source, their label, its strength, and whether they count."""
    commitment = codebook.commitment.id
    items = frames["items"][frames["items"]["commitment_id"] == commitment]
    sentences = frames["sentences"][frames["sentences"]["commitment_id"] == commitment]
    labels = frames["labels"][frames["labels"]["sentence_id"].isin(sentences["sentence_id"])]
    sources = noted_items(items, named_notes(frames["citations"])).drop_duplicates("item_id").set_index("item_id")
    levels = item_levels(labels, sentences=sentences, items=items, codebook=codebook)
    strong = set(levels.loc[levels["strong"], "item_id"])
    strengths = {item: "strong" if item in strong else "weak" for item in levels["item_id"]}
    codes = dict(zip(frames["members"]["member"], frames["members"]["code"], strict=True))
    ids, shown = items["item_id"], item_labels(sentences, labels)
    return pd.DataFrame(
        {
            "item_id": ids, "commitment_id": commitment, "member": items["member"].map(codes).map(names),
            "date": items["date"], "text": items["text"],
            **{name: [sources[name].get(item, "") for item in ids] for name in ("url", "title")},
            "label": [shown.get(item, "not labelled") for item in ids],
            "strength": [strengths.get(item, STRENGTHS[-1]) for item in ids],
            "counts": ids.isin(levels.loc[levels["in_period"], "item_id"]),
        }
    ).reset_index(drop=True)  # fmt: skip


def shared_acts(items: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of items of one member in two chapters that perhaps describe one act, by `chapter_items`.

    The items are dated at most `ACT_DAYS` apart, and have one source or some words in common (`RELATED`). It is certain
    only if their texts are equal. They are coded alike if they have the same strength: the dimensions of two codebooks
    are not the same. An act is counted twice if both items count in their chapters. Pairs with equal texts come first,
    then those with one source, then those with most words in common.
    """
    pairs = np.array(list(_near(items)), dtype=np.int64).reshape(-1, 2)
    found = compare_items(items, pairs)
    found, pairs = found[found["related"]].reset_index(drop=True), pairs[found["related"].to_numpy()]
    one, other = (items.iloc[side].reset_index(drop=True) for side in pairs.T)
    rows = pd.DataFrame(
        {
            "item_1": one["item_id"], "item_2": other["item_id"], "member": one["member"],
            "commitment_1": one["commitment_id"], "commitment_2": other["commitment_id"],
            "one_act": np.where(found["same_text"], YES, PERHAPS), "same_source": found["same_source"],
            "similarity": found["similarity"], "labels_1": one["label"], "labels_2": other["label"],
            "alike": one["strength"] == other["strength"], "counted_twice": one["counts"] & other["counts"],
            "text_1": one["text"], "text_2": other["text"],
        }
    )  # fmt: skip
    rows = rows.sort_values(["one_act", "same_source", "similarity"], ascending=False, kind="stable")
    return build(SHARED_ACTS, rows.to_dict("records"))


def _near(items: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Yield the places of two items of one member, in two chapters, that are dated at most `ACT_DAYS` apart."""
    days = (items["date"] - pd.Timestamp("1970-01-01")).dt.days
    for _, own in items.assign(day=days)[items["date"].notna()].groupby("member", sort=False):
        chapters = {
            name: rows["day"].sort_values(kind="stable") for name, rows in own.groupby("commitment_id", sort=False)
        }
        for one, other in combinations(chapters.values(), 2):
            ends = (np.searchsorted(other, one - ACT_DAYS), np.searchsorted(other, one + ACT_DAYS, side="right"))
            for place, start, end in zip(one.index, *ends, strict=True):
                yield from ((place, each) for each in other.index[start:end])


def compare_items(items: pd.DataFrame, pairs: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return whether items dated near each other may describe one act, and what they have in common.

    `pairs` has the places of two items in each row. Columns related, same_text, same_source (URL or title) and
    similarity, the cosine of their words.
    """
    terms, idf = vocabulary_of(dict.fromkeys(items["text"]))
    words = word_matrix(items["text"].tolist(), {term: place for place, term in enumerate(terms)}, idf)
    cosines = np.asarray(words[pairs[:, 0]].multiply(words[pairs[:, 1]]).sum(axis=1)).ravel()
    texts = items["text"].str.split().str.join(" ").to_numpy()
    urls, titles = items["url"].map(plain_url).tolist(), [set(title_words(title).split()) for title in items["title"]]
    table = pd.DataFrame(
        {
            "same_text": texts[pairs[:, 0]] == texts[pairs[:, 1]],
            "same_source": [
                urls[one] == urls[other] != "" or _same_title(titles[one], titles[other]) for one, other in pairs
            ],
            "similarity": cosines.clip(0, 1),
        }
    ).astype({"same_text": "bool", "same_source": "bool"})
    return table.assign(related=table["same_source"] | (table["similarity"] >= RELATED))


def _same_title(words: set[str], others: set[str]) -> bool:
    """Whether two titles share most of their words, as in the joint acts of one chapter."""
    return min(len(words), len(others)) >= LEAST_WORDS and len(words & others) >= SAME_TITLE * len(words | others)
