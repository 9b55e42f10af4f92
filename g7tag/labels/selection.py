"""Select the sentences to ask a model about, with the reasons and the selection probabilities."""

import hashlib
from collections.abc import Sequence

import pandas as pd

from g7tag.errors import InputError, listed
from g7tag.labels.annotations import PEOPLE
from g7tag.store import text_sha256

AUDIT = "audit"
REASONS = ("doubtful", "flips", "all", AUDIT)
"""Doubtful tags; sentences of items in the most likely smallest flip; all sentences; only randomly drawn sentences."""
_EMPTY = "empty"  # status of a tag


def select_sentences(
    tags: pd.DataFrame,
    *,
    flips: pd.DataFrame,
    sentences: pd.DataFrame,
    annotations: pd.DataFrame,
    select: Sequence[str],
    audit_share: float = 0.0,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the sentences to ask about, in the order of the tags.

    Parameters
    ----------
    tags, flips, sentences, annotations
        Frames of one run.
    select
        One or more of `REASONS`. `doubtful` and `flips` skip sentences that a person has labelled. `audit` adds no
        sentences beyond those drawn with `audit_share`.
    audit_share
        Probability in [0, 1] that each sentence is also drawn, independently and reproducibly. Results on the drawn
        sentences are representative of all sentences.
    random_state
        Seed; a different seed draws different sentences.

    Returns
    -------
    pandas.DataFrame
        Columns sentence_id, why (reasons separated by ";") and probability: 1 if a reason selects the sentence,
        otherwise `audit_share`. Empty sentences are never selected. No selected sentences give no rows.

    Raises
    ------
    InputError
        A reason is unknown, or the share is not in [0, 1].
    """
    unknown = set(select) - set(REASONS)
    if unknown:
        msg = f"select {listed(unknown)}: expected some of {listed(REASONS)}."
        raise InputError(msg)
    if not 0 <= audit_share <= 1:
        msg = f"audit share {audit_share}: expected a number from 0 to 1."
        raise InputError(msg)
    rows = tags.loc[tags["status"] != _EMPTY, ["sentence_id", "needs_review"]].merge(
        sentences[["sentence_id", "item_id", "text"]], on="sentence_id", validate="one_to_one"
    )
    texts = dict(zip(rows["sentence_id"], rows["text"].map(text_sha256), strict=True))
    by_people = annotations[annotations["kind"].isin(PEOPLE)]
    fresh = by_people["text_sha256"] == by_people["sentence_id"].map(texts)
    settled = rows["sentence_id"].isin(by_people.loc[fresh, "sentence_id"])
    turning = {item for joined in flips["item_ids"] for item in joined.split(";")}
    drawn = rows["sentence_id"].map(lambda sentence_id: _draw(sentence_id, random_state) < audit_share)
    asked = {
        "all": pd.Series("all" in select, index=rows.index),
        "doubtful": rows["needs_review"] & ~settled & ("doubtful" in select),
        "flips": rows["item_id"].isin(turning) & ~settled & ("flips" in select),
    }
    sure = pd.concat(asked, axis=1).any(axis=1)
    why = pd.concat(asked | {AUDIT: drawn.astype("bool")}, axis=1)
    words = [";".join(name for name, so in zip(why.columns, row, strict=True) if so) for row in why.to_numpy()]
    shares = sure.map({True: 1.0, False: audit_share}).astype("float64")
    found = rows[["sentence_id"]].assign(why=words, probability=shares)
    return found[found["why"] != ""].reset_index(drop=True)


def _draw(sentence_id: str, random_state: int) -> float:
    """A number in [0, 1) that depends only on the sentence and the seed, not on other sentences."""
    digest = hashlib.sha256(f"{random_state} {sentence_id}".encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56
