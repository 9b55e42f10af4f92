"""How many published scores come out when strong action takes one item, two, or more."""

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.scoring.scores import score_members

MOST_ITEMS = 5


def threshold_table(
    labels: pd.DataFrame, *, sentences: pd.DataFrame, items: pd.DataFrame, members: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return, for 1 to `MOST_ITEMS` strong items that make a level strong, how many published scores are suggested.

    A description, never a rule for choosing: with eight members, some threshold fits by chance.

    Parameters
    ----------
    labels, sentences, items, members
        Frames of one run.
    codebook
        Its readings head the columns.

    Returns
    -------
    pandas.DataFrame
        Columns min_strong_items, one a reading (members whose suggested score is the published one), always_0 (members
        whose published score is 0) and n (members with a published score).
    """
    rows = []
    for least in range(1, MOST_ITEMS + 1):
        scored = score_members(
            labels, sentences=sentences, items=items, members=members, codebook=codebook, min_strong_items=least
        )
        scores = scored.scores
        agreeing = scores["agrees"].fillna(value=False).groupby(scores["reading"], sort=False).sum()
        published = scores.drop_duplicates("member")["published_score"]
        zero = int((published == 0).sum())
        rows.append(
            {"min_strong_items": least, **agreeing.to_dict(), "always_0": zero, "n": int(published.notna().sum())}
        )
    return pd.DataFrame(rows)
