"""Find the labelled sentences most similar to a text, as examples for people and models."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

_AT_ONCE = 500  # sentences compared at a time


class Neighbours:
    """Search the labelled sentences of a corpus by similarity (cosine of TF-IDF)."""

    def __init__(self, corpus: pd.DataFrame) -> None:
        self._corpus = corpus.reset_index(drop=True)
        self._words = TfidfVectorizer(sublinear_tf=True)
        self._known = self._words.fit_transform(self._corpus["text"]) if len(corpus) else None

    def nearest(
        self, texts: Sequence[str], *, items: Sequence[str], clusters: Sequence[str], most: int
    ) -> list[pd.DataFrame]:
        """Return the rows most similar to each text, most similar first; equally similar rows keep their order."""
        if self._known is None:
            return [self._corpus for _ in texts]
        found = []
        for start in range(0, len(texts), _AT_ONCE):
            likeness = (self._words.transform(texts[start : start + _AT_ONCE]) @ self._known.T).toarray()
            for place, row in enumerate(likeness, start=start):
                same = (self._corpus["item_id"] == items[place]).to_numpy()
                if clusters[place]:
                    same = same | (self._corpus["cluster"] == clusters[place]).to_numpy()
                shares = np.where(same, 0.0, row)
                best = np.argsort(-shares, kind="stable")[:most]
                found.append(self._corpus.loc[best[shares[best] > 0]])
        return found
