"""Weaknesses of labelled files: what makes a tagger look better than it is."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

NEAR = 0.85
"""Cosine similarity of character n-grams from which two sentences count as near-duplicates."""
BLOCK = 500
"""Rows that are compared at once."""


def weaknesses(corpus: pd.DataFrame) -> list[str]:
    """Return a line for each duplicate, each cluster in several parts, and each near-duplicate in another part."""
    lines, rows = list[str](), corpus.to_dict("records")
    plain = corpus["text"].str.lower().str.replace(r"\W+", " ", regex=True).str.strip()
    duplicated = plain.duplicated().to_numpy()
    for row in corpus[duplicated].to_dict("records"):
        lines.append(f"{row['file']}: {row['sentence_id']} is a duplicate. Remove one of the two.")
    parts = corpus.groupby("cluster")["part"].nunique()
    for name in parts.index[(parts > 1) & (parts.index != "")]:
        lines.append(f"cluster {name} is in several parts. Put all its rows into one part.")
    for place, other in _near_pairs(corpus["text"]):
        row, twin = rows[place], rows[other]
        together = row["part"] == twin["part"] or row["cluster"] == twin["cluster"] != ""
        if not duplicated[place] and not together:
            problem = f"is a near-duplicate of {twin['sentence_id']}, which is in another part"
            lines.append(f"{row['file']}: {row['sentence_id']} {problem}. Give both one cluster and part.")
    return lines


def _near_pairs(texts: pd.Series) -> Iterator[tuple[int, int]]:
    """Yield the places of texts whose cosine is at least `NEAR`, the later first."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - needed for this check alone

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), dtype=np.float32).fit_transform(texts)
    for start in range(0, vectors.shape[0], BLOCK):
        cosines = (vectors[start : start + BLOCK] @ vectors[: start + BLOCK].T).tocoo()
        near = (cosines.data >= NEAR) & (cosines.col < cosines.row + start)
        yield from sorted(zip((cosines.row[near] + start).tolist(), cosines.col[near].tolist(), strict=True))
