"""What became another between two runs on the same sentences: labels, and scores."""

import pandas as pd

from g7tag.tagging import label_words


def label_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences whose label is another.

    Parameters
    ----------
    before, after
        Labels frames; sentences that only one of them has are left out.

    Returns
    -------
    pandas.DataFrame
        sentence_id, and before and after in words, in the order of `after`; no rows where no label changed.

    Examples
    --------
    >>> frame = pd.DataFrame({"sentence_id": ["s"], "strength": ["weak"], "exclusion": [""], "contradicts": [False]})
    >>> label_changes(frame.assign(dimensions="prevent"), frame.assign(dimensions="counter"))
      sentence_id        before         after
    0           s  weak prevent  weak counter
    """
    words = [frame[["sentence_id"]].assign(words=label_words(frame)) for frame in (before, after)]
    both = words[1].merge(words[0], on="sentence_id", suffixes=("", "_before"))
    changed = both[both["words"] != both["words_before"]].rename(columns={"words": "after", "words_before": "before"})
    return changed[["sentence_id", "before", "after"]].reset_index(drop=True)


def score_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the members whose suggested score is another.

    Parameters
    ----------
    before, after
        Scores frames of the same members and readings.

    Returns
    -------
    pandas.DataFrame
        member, reading, before and after (NA: no score); no rows where no score changed.
    """
    keys = ["commitment_id", "member", "reading"]
    both = before[[*keys, "suggested_score"]].merge(after[[*keys, "suggested_score"]], on=keys, suffixes=("_old", ""))
    same = both["suggested_score_old"].eq(both["suggested_score"]).fillna(value=False) | (
        both["suggested_score_old"].isna() & both["suggested_score"].isna()
    )
    changed = both[~same].rename(columns={"suggested_score_old": "before", "suggested_score": "after"})
    return changed[["member", "reading", "before", "after"]].reset_index(drop=True)
