"""What the tagger sees of a sentence: its words, and the codebook's cues in it and in its item's earlier sentences."""

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
"""Columns of the frame that the features are made from, the rows of an item in order and adjacent."""
MOST_CONTEXT = 20
"""Earlier sentences of an item that are looked at; an evidence item has fewer."""
WORDS_WEIGHT = 1.4
"""Length of a sentence's words beside its cues, whose variances add up to 1."""
ABOUT = ("on the topic", "off the topic", "off the topic in this sentence")
"""What is said of the topic: a cue of it so far in the item; a cue of what it is not, and none of it so far in the
item, or in the sentence."""


FEW, SOME = 0.4, 0.6
"""Shares of a sentence's different words: below `FEW` known it is hardly known, below `SOME` it needs common words."""
COMMON, LEAST_COMMON = 0.05, 0.1
"""Common words stand in this share of the training sentences; of a text in their language they are at least this
share."""


class Words(TfidfVectorizer):  # type: ignore[misc]
    """Words and pairs of words by TF-IDF, kept in a file with one string for all of them: a node each takes seconds."""

    def __getstate__(self) -> dict[str, Any]:
        """Return what is kept: the words in the order of their columns, a line each."""
        state = dict(super().__getstate__())
        if "vocabulary_" in state:
            state["vocabulary_"] = "\n".join(sorted(self.vocabulary_, key=self.vocabulary_.__getitem__))
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take back what was kept."""
        words = state.get("vocabulary_")
        kept = {word: place for place, word in enumerate(words.split("\n"))} if isinstance(words, str) else words
        super().__setstate__({**state, "vocabulary_": kept} if words is not None else dict(state))


class CueFlags(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Say for each sentence which groups of cues it holds, which its item's earlier sentences hold, and `ABOUT`.

    Parameters
    ----------
    cues
        Group -> its cues, by the names that `codebook_cues` gives.
    """

    def __init__(self, cues: Mapping[str, Sequence[str]]) -> None:
        self.cues = cues

    def fit(self, sentences: pd.DataFrame, labels: object = None) -> Self:
        """Learn nothing: the cues are the codebook's."""
        self.n_groups_ = len(self.cues)
        return self

    def transform(self, sentences: pd.DataFrame) -> sparse.csr_matrix:
        r"""Return a matrix of 0.0 and 1.0 of shape (n_sentences, 2 n_groups + 3).

        First the groups with a cue in the sentence, then those with one in the last `MOST_CONTEXT` earlier sentences of
        its item, then `ABOUT`.

        Parameters
        ----------
        sentences
            Columns item_id and text; no rows give a matrix of no rows.

        Examples
        --------
        >>> flags = CueFlags({"counter.arrests": ["arrest*"], "setting.topic.smuggling": ["smuggl*"]})
        >>> told = pd.DataFrame({"item_id": ["a", "a", "b"], "text": ["Smugglers came.", "An arrest.", "It rained."]})
        >>> flags.fit(told).transform(told).toarray().astype(int).tolist()
        [[0, 1, 0, 0, 1, 0, 0], [1, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0]]
        """
        finder, width = finder_of(self.cues), len(self.cues)
        topic, off = (self._of_kind(kind) for kind in ("topic", "off_topic"))
        starts, columns, item = [0], [], None
        said: deque[set[int]] = deque(maxlen=MOST_CONTEXT)
        for item_id, text in zip(sentences["item_id"], sentences["text"], strict=True):
            if item_id != item:
                said.clear()
            item, groups = item_id, finder.groups(text)
            earlier = set().union(*said)
            on_topic, off_topic = bool(topic & (groups | earlier)), bool(off & groups)
            about = (on_topic, off_topic and not on_topic, off_topic and not topic & groups)
            columns += [*sorted(groups), *(width + group for group in sorted(earlier))]
            columns += [2 * width + place for place, is_so in enumerate(about) if is_so]
            starts.append(len(columns))
            said.append(groups)
        shape = (len(sentences), 2 * width + len(ABOUT))
        return sparse.csr_matrix((np.ones(len(columns)), np.asarray(columns, dtype=np.int32), starts), shape=shape)

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[Any]:
        """Return the names of the groups, then the same with "earlier ", then `ABOUT`."""
        return np.asarray([*self.cues, *(f"earlier {group}" for group in self.cues), *ABOUT], dtype=object)

    def _of_kind(self, kind: str) -> set[int]:
        return {place for place, group in enumerate(self.cues) if group.startswith(f"{SETTING}.{kind}.")}


def make_features(codebook: Codebook) -> ColumnTransformer:
    """Return the untrained features of a frame with the columns of `COLUMNS`.

    Words and pairs of words by TF-IDF, and what `CueFlags` says, each flag divided by its standard deviation: a rare
    cue weighs more. Names of people and places weigh little since TF-IDF spreads over them.
    """
    parts: list[tuple[str, object, object]] = [("words", make_words(), "text")]
    cues = codebook_cues(codebook)
    if cues:
        scaled = Pipeline([("flags", CueFlags(cues)), ("scale", StandardScaler(with_mean=False))])
        parts.append(("cues", scaled, COLUMNS))
    weights = {"words": WORDS_WEIGHT, "cues": (2 * len(cues) + len(ABOUT)) ** -0.5}
    return ColumnTransformer(parts, transformer_weights=weights, sparse_threshold=1.0, verbose_feature_names_out=True)


def make_words() -> Words:
    """Return the untrained part of the features that stands for words and pairs of words."""
    return Words(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode", dtype=np.float64)


def finder_of(cues: Mapping[str, Sequence[str]]) -> CueFinder:
    """Return the finder of some cues; it is not kept in a transformer, so that a model file holds the cues alone."""
    return _finder(tuple((group, tuple(its)) for group, its in cues.items()))


@lru_cache(maxsize=4)
def _finder(cues: tuple[tuple[str, tuple[str, ...]], ...]) -> CueFinder:
    return CueFinder(dict(cues))


def hardly_known(words: TfidfVectorizer, texts: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Return which texts a tagger should not judge, since it hardly knows their words.

    Those with fewer than `FEW` of their different words seen in training, and those with fewer than `SOME` that also
    lack the words common in it: text in another language shares names and loan words, but not "the" and "of".

    Parameters
    ----------
    words
        The trained vectorizer of words.
    texts
        Any; one without a word is hardly known.

    Examples
    --------
    >>> words = TfidfVectorizer().fit(["The police arrested the smugglers in Paris.", "The minister met the police."])
    >>> hardly_known(words, ["The police arrested him in Rome.", "La police a arrêté un homme.", ""]).tolist()
    [False, True, True]
    """
    seen, tokens = words.vocabulary_, words.build_tokenizer()
    prepare = words.build_preprocessor()
    rarest = math.log(1 / COMMON) + 1  # the inverse document frequency of a word in that share of the sentences
    common = {word for word, place in seen.items() if words.idf_[place] <= rarest}
    found = []
    for text in texts:
        different = set(tokens(prepare(text)))
        known = len(different & seen.keys()) / max(len(different), 1)
        usual = len(different & common) / max(len(different), 1)
        found.append(known < FEW or (known < SOME and usual < LEAST_COMMON))
    return np.asarray(found, dtype=bool)
