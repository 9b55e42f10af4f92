"""Select the sentences that a model is asked about or people label, with the reasons and the probabilities."""

import hashlib
from collections.abc import Collection, Sequence

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import has_key
from g7tag.labels.policies import current_annotations, disputed_sentences
from g7tag.store import PEOPLE
from g7tag.text import listed

AUDIT = "audit"
REASONS = ("doubtful", "flips", "deciding", "disagreements", "all", AUDIT)
"""Doubtful tags; sentences of items in the most likely smallest flip; these and those that scores and levels are based
on; sentences on which analysts disagree; all sentences; only randomly drawn sentences."""
_EMPTY = "empty"  # status of a tag
_NEARLY = 0.25


def select_sentences(
    tags: pd.DataFrame,
    *,
    flips: pd.DataFrame,
    sentences: pd.DataFrame,
    annotations: pd.DataFrame,
    select: Sequence[str],
    deciding: Collection[str] = (),
    annotator: str = "",
    audit_share: float = 0.0,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the selected sentences, in the order of the tags."""
    unknown = set(select) - set(REASONS)
    if unknown:
        msg = f"select {listed(unknown)}: expected some of {listed(REASONS, most=len(REASONS))}."
        raise InputError(msg)
    if not 0 <= audit_share <= 1:
        msg = f"audit share {audit_share}: expected a number from 0 to 1."
        raise InputError(msg)
    rows = tags.loc[tags["status"] != _EMPTY, ["sentence_id", "needs_review"]].merge(
        sentences[["sentence_id", "item_id", "text"]], on="sentence_id", validate="one_to_one"
    )
    ids = rows["sentence_id"]
    disputed = disputed_sentences(annotations, sentences)["sentence_id"]
    by_people = current_annotations(annotations, sentences)
    by_people = by_people[by_people["kind"].isin(PEOPLE)]
    own = set(by_people.loc[by_people["annotator"] == annotator, "sentence_id"])
    settled = ids.isin(own if annotator else set(by_people["sentence_id"]) - set(disputed))
    turning = {item for joined in flips["item_ids"] for item in joined.split(";")}
    drawn = ids.map(lambda sentence_id: draw(sentence_id, random_state) < audit_share)
    asked = {
        "all": pd.Series(True, index=rows.index),
        "doubtful": rows["needs_review"] & ~settled,
        "flips": rows["item_id"].isin(turning) & ~settled,
        "deciding": (ids.isin(set(deciding)) | rows["item_id"].isin(turning)) & ~settled,
        "disagreements": ids.isin(disputed),
    }
    chosen = {name: so & (name in select) for name, so in asked.items()}
    sure = pd.concat(chosen, axis=1).any(axis=1)
    why = pd.concat(chosen | {AUDIT: drawn.astype("bool")}, axis=1)
    words = [";".join(name for name, so in zip(why.columns, row, strict=True) if so) for row in why.to_numpy()]
    shares = sure.map({True: 1.0, False: audit_share}).astype("float64")
    found = rows[["sentence_id"]].assign(why=words, probability=shares)
    return found[found["why"] != ""].reset_index(drop=True)


def within(
    tags: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook, *, member: str = "", dimension: str = ""
) -> set[str]:
    """Return the ids of the tagged sentences of a member (name or code) and a dimension; "" means any."""
    if dimension and dimension not in codebook.dimension_keys:
        msg = f"dimension {dimension!r}: not in the codebook. Expected one of {listed(codebook.dimension_keys)}."
        raise InputError(msg)
    kept = pd.Series(True, index=tags.index)
    if member:
        kept &= tags["sentence_id"].isin(
            sentences.loc[sentences["member"] == codebook.member_named(member), "sentence_id"]
        )
    if dimension:
        kept &= has_key(tags["dimensions"], dimension) | (tags[f"p_{dimension}"] >= _NEARLY)
    return set(tags.loc[kept, "sentence_id"])


def draw(sentence_id: str, random_state: int) -> float:
    """Return a number in [0, 1) that depends only on the sentence and the seed, not on other sentences."""
    digest = hashlib.sha256(f"{random_state} {sentence_id}".encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56
