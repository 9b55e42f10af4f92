"""Doubtful tags in words: how likely a tag is right, why a person has to check it, and how many there are."""

import math

import pandas as pd

from g7tag.frames import value_word


def right_text(share: float) -> str:
    """Return `p_right` as a percentage, rounded down, so that what is shown is below the limit if the share is."""
    if pd.isna(share):
        return ""
    return ">99%" if share > 0.995 else "<1%" if share < 0.01 else f"{math.floor(share * 100 + 1e-9)}%"


def reason_words(reason: str, limit: float) -> str:
    """Return why a tag needs review, in words."""
    return (
        f"under {limit:.0%} likely right" if reason == "unlikely" else value_word("review_reason", reason).name.lower()
    )


def doubts_of(tags: pd.DataFrame) -> pd.Series:
    """Return why each tag needs review, in words, by sentence_id; "" if it does not."""
    pairs = zip(tags["review_reason"], tags["review_below"], strict=True)
    return pd.Series([reason_words(reason, limit) for reason, limit in pairs], index=tags["sentence_id"], dtype="str")


def doubtful_text(tags: pd.DataFrame, verb: str = "") -> str:
    """Return how many tags are doubtful, with the limit and the number for each reason."""
    counts = tags.loc[tags["review_reason"] != "", "review_reason"].value_counts()
    limit = tags["review_below"].max()  # none if nothing is tagged
    numbers = ({} if pd.isna(limit) else {"unlikely": 0}) | {str(reason): int(n) for reason, n in counts.items()}
    words = ", ".join(f"{n} {reason_words(reason, limit)}" for reason, n in numbers.items())
    return " ".join(filter(None, [str(counts.sum()), verb, "doubtful"])) + (f": {words}" if words else "")
