"""Features of a sentence: its words, and the codebook's cues in it and in earlier sentences of its item.

Labelled sentences with similar words are examples for people and models.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from g7tag.codebook import Codebook
from g7tag.tagger.cues import SETTING, CueFinder, codebook_cues

COLUMNS = ["item_id", "text"]
"""Input columns of the features. The rows of an item must be in order and adjacent."""
MOST_CONTEXT = 20
"""Number of earlier sentences of an item to use; a typical evidence item has fewer."""
WORDS_WEIGHT = 1.4
"""Weight of the word features relative to the cue features, whose variances add up to 1."""
ABOUT = ("on the topic", "off the topic", "off the topic in this sentence")
"""Topic features: a topic cue so far in the item; an off-topic cue in the sentence with no topic cue so far in the
item; and the same with no topic cue in the sentence."""
FEW, SOME = 0.4, 0.6
"""Shares of known words: a sentence below `FEW` is unknown, one below `SOME` also needs common words."""
COMMON, LEAST_COMMON = 0.05, 0.1
"""Common words occur in the share `COMMON` of the training sentences, and are at least the share `LEAST_COMMON` of a
text in the same language."""
AT_ONCE = 500
"""Texts compared with the labelled sentences at a time."""


class Words(TfidfVectorizer):  # type: ignore[misc]
    """TF-IDF of words and word pairs. The vocabulary is saved as one string, which loads much faster."""

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to save, with the vocabulary in column order, one word per line."""
        state = dict(super().__getstate__())
        if "vocabulary_" in state:
            state["vocabulary_"] = "\n".join(sorted(self.vocabulary_, key=self.vocabulary_.__getitem__))
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Restore the saved state."""
        words = state.get("vocabulary_")
        known = {word: place for place, word in enumerate(words.split("\n"))} if isinstance(words, str) else words
        super().__setstate__({**state, "vocabulary_": known} if words is not None else dict(state))


class CueFlags(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Flag the groups of cues in each sentence and in earlier sentences of its item, and `ABOUT`."""

    def __init__(self, cues: Mapping[str, Sequence[str]]) -> None:
        self.cues = cues

    def fit(self, sentences: pd.DataFrame, labels: object = None) -> Self:
        """Do nothing except count the groups; the cues come from the codebook."""
        self.n_groups_ = len(self.cues)
        return self

    def transform(self, sentences: pd.DataFrame) -> sparse.csr_matrix:
        """Return a matrix of 0.0 and 1.0 of shape (n_sentences, 2 n_groups + 3)."""
        finder, width = finder_of(self.cues), len(self.cues)
        topic, off = (self._of_kind(kind) for kind in ("topic", "off_topic"))
        starts, columns, item = [0], [], None
        context: deque[set[int]] = deque(maxlen=MOST_CONTEXT)
        for item_id, text in zip(sentences["item_id"], sentences["text"], strict=True):
            if item_id != item:
                context.clear()
            item, groups = item_id, finder.groups(text)
            earlier = set().union(*context)
            on_topic, off_topic = bool(topic & (groups | earlier)), bool(off & groups)
            about = (on_topic, off_topic and not on_topic, off_topic and not topic & groups)
            columns += [*sorted(groups), *(width + group for group in sorted(earlier))]
            columns += [2 * width + place for place, is_so in enumerate(about) if is_so]
            starts.append(len(columns))
            context.append(groups)
        shape = (len(sentences), 2 * width + len(ABOUT))
        return sparse.csr_matrix((np.ones(len(columns)), np.asarray(columns, dtype=np.int32), starts), shape=shape)

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[Any]:
        """Return the names of the groups, the same names with the prefix "earlier ", and `ABOUT`."""
        return np.asarray([*self.cues, *(f"earlier {group}" for group in self.cues), *ABOUT], dtype=object)

    def _of_kind(self, kind: str) -> set[int]:
        return {place for place, group in enumerate(self.cues) if group.startswith(f"{SETTING}.{kind}.")}


def make_features(codebook: Codebook) -> ColumnTransformer:
    """Return the untrained features of a frame with the columns of `COLUMNS`."""
    cues = codebook_cues(codebook)
    parts: list[tuple[str, object, object]] = [("words", make_words(), "text")]
    if cues:
        scaled = Pipeline([("flags", CueFlags(cues)), ("scale", StandardScaler(with_mean=False))])
        parts.append(("cues", scaled, COLUMNS))
    weights = {"words": WORDS_WEIGHT, "cues": (2 * len(cues) + len(ABOUT)) ** -0.5}
    return ColumnTransformer(parts, transformer_weights=weights, sparse_threshold=1.0)


def make_words() -> Words:
    """Return the untrained features of words and word pairs."""
    return Words(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode", dtype=np.float64)


def finder_of(cues: Mapping[str, Sequence[str]]) -> CueFinder:
    """Return the cached finder of some cues. It is not part of a transformer, so model files contain only cues."""
    return _finder(tuple((group, tuple(members)) for group, members in cues.items()))


@lru_cache(maxsize=8)
def _finder(cues: tuple[tuple[str, tuple[str, ...]], ...]) -> CueFinder:
    return CueFinder(dict(cues))


def hardly_known(words: TfidfVectorizer, texts: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Return which texts a tagger should not tag because it knows too few of their words."""
    seen, tokens, prepare = words.vocabulary_, words.build_tokenizer(), words.build_preprocessor()
    rarest = math.log(1 / COMMON) + 1  # inverse document frequency of a word in the share `COMMON` of the sentences
    common = {word for word, place in seen.items() if words.idf_[place] <= rarest}
    found = []
    for text in texts:
        distinct = set(tokens(prepare(text)))
        known = len(distinct & seen.keys()) / max(len(distinct), 1)
        usual = len(distinct & common) / max(len(distinct), 1)
        found.append(known < FEW or (known < SOME and usual < LEAST_COMMON))
    return np.asarray(found, dtype=bool)


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
        for start in range(0, len(texts), AT_ONCE):
            likeness = (self._words.transform(texts[start : start + AT_ONCE]) @ self._known.T).toarray()
            for place, row in enumerate(likeness, start=start):
                same = self._corpus["item_id"] == items[place]
                if clusters[place]:
                    same |= self._corpus["cluster"] == clusters[place]
                shares = np.where(same, 0.0, row)
                best = np.argsort(-shares, kind="stable")[:most]
                found.append(self._corpus.loc[best[shares[best] > 0]])
        return found
