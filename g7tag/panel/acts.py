"""Find items of one member in two chapters that describe one act, and whether they are coded alike and both count."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.audit import item_labels
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
    """Return the items of a chapter with their first source, their label, its strength, and whether they count.

    `names` has the member of each code.
    """
    items, sentences, labels = (frames[name] for name in ("items", "sentences", "labels"))
    ids, shown = items["item_id"], item_labels(sentences, labels)
    sources = noted_items(items, frames["citations"]).drop_duplicates("item_id").set_index("item_id").reindex(ids)
    levels = item_levels(labels, sentences=sentences, items=items, codebook=codebook)
    strong = ids.isin(levels.loc[levels["strong"], "item_id"])
    return pd.DataFrame(
        {
            "item_id": ids, "commitment_id": codebook.commitment.id,
            "member": items["member"].map(codebook.codes).map(names), "date": items["date"], "text": items["text"],
            **{name: sources[name].astype("str").fillna("").to_numpy() for name in ("url", "title")},
            "label": [shown.get(item, "not labelled") for item in ids],
            "strength": np.select([strong, ids.isin(levels["item_id"])], STRENGTHS[:2], STRENGTHS[-1]),
            "counts": ids.isin(levels.loc[levels["in_period"], "item_id"]),
        }
    )  # fmt: skip


def shared_acts(items: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of items of one member in two chapters that perhaps describe one act, by `chapter_items`.

    The items are dated at most `ACT_DAYS` apart, and have one source or some words in common (`RELATED`). It is certain
    only if their texts are equal. They are coded alike if they have the same strength: the dimensions of two codebooks
    are not the same. An act is counted twice if both items count in their chapters. Pairs with equal texts come first,
    then those with one source, then those with most words in common.
    """
    pairs = _near(items)
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


def _near(items: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the places of two items of one member, in two chapters, that are dated at most `ACT_DAYS` apart."""
    dated = items[["member", "commitment_id", "date"]].assign(place=range(len(items))).dropna(subset="date")
    days = pd.to_timedelta(range(-ACT_DAYS, ACT_DAYS + 1), unit="D")
    others = pd.concat([dated.assign(date=dated["date"] + apart) for apart in days])
    pairs = dated.merge(others, on=["member", "date"], suffixes=("", "_2"))
    pairs = pairs[(pairs["place"] < pairs["place_2"]) & (pairs["commitment_id"] != pairs["commitment_id_2"])]
    return pairs.sort_values(["place", "place_2"])[["place", "place_2"]].to_numpy()


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
