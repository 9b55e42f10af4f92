"""Whether a tagger knows the words of a sentence: what it never saw it can only guess."""

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

FEW, SOME = 0.4, 0.6
"""Shares of a sentence's different words: below `FEW` known it is hardly known, below `SOME` it needs common words."""
COMMON, LEAST_COMMON = 0.05, 0.1
"""Common words stand in this share of the training sentences; of a text in their language they are at least this
share."""


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
