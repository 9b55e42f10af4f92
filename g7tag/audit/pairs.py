"""Find pairs of items that tell of one act, by day, source and wording."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from g7tag import tagger
from g7tag.audit.notes import plain_url
from g7tag.audit.texts import members_named, name_patterns
from g7tag.codebook import Codebook

SOURCE_DAYS = 10
"""Days within which two items from one source tell of one act."""
ACT_DAYS = 1
"""Days within which alike wording may mean one act: the act, and the day of its publication."""
ALIKE, MUTUAL = 0.17, 0.08
"""Cosine of two items' words from which on they tell of one act; the second where each names the other's member."""
REPEATED = 0.25
"""The same for two items of one member from one source, which may well be two acts of one announcement."""
PERHAPS = 0.2
"""Cosine from which on two items of one member and one day, of any sources, may be one act."""
_SAME_TITLE = 0.8
COLUMNS = ["item_1", "item_2", "days", "cosine", "same_source", "mutual", "same_member", "act"]


class Texts(NamedTuple):
    """What items are compared by, a row an item: days since 1970 (NaN where unread), words, source, members named."""

    days: npt.NDArray[np.float64]
    words: sparse.csr_matrix
    urls: list[str]
    titles: list[frozenset[str]]
    members: list[str]
    named: list[frozenset[str]]


def pair_items(items: pd.DataFrame, noted: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the pairs of items of one commitment that are near in time and alike.

    Words are weighed as the tagger weighs them (words and pairs of words, TF-IDF), by how rare they are in these items.

    Parameters
    ----------
    items
        The items frame. Those without a day, or alone in their commitment, are in no pair.
    noted
        What `noted_items` gives; an item's first source counts.
    codebook
        Names the members.

    Returns
    -------
    pandas.DataFrame
        Columns item_1, item_2, days (apart), cosine in [0, 1], same_source, mutual (each names the other's member),
        same_member, and `act`: "same" (one act), "perhaps" (of one member: one act, or two of one announcement) or "".
        Pairs of several members with `act` "" are left out, and so are those of one member.
    """
    parts = [
        _pairs_of(its.reset_index(drop=True), noted, codebook)
        for _, its in items[items["date"].notna()].groupby("commitment_id", sort=False)
        if len(its) > 1
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
        worded = days <= ACT_DAYS and cosine >= (MUTUAL if mutual else ALIKE)
        act = "same" if same_source or worded else ""
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
    """Whether two titles share nearly all their words, and have enough of them."""
    return min(len(one), len(other)) > 4 and len(one & other) / len(one | other) >= _SAME_TITLE


def _words_of(title: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in title.lower()).split()
