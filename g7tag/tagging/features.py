"""What the tagger sees of a sentence: its words, and the codebook's cues in it and in its item's earlier sentences."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer

from g7tag.codebook import Codebook

COLUMNS = ["text", "context"]
"""Columns of the frame that the features are made from."""


class CueCounter(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Say for each text which groups of cues it holds.

    Parameters
    ----------
    cues
        Group -> regular expression of its cues, matched on the lower-cased text.
    """

    def __init__(self, cues: dict[str, str]) -> None:
        self.cues = cues

    def fit(self, texts: Iterable[str], labels: object = None) -> Self:
        """Learn nothing: the cues are the codebook's."""
        self.n_groups_ = len(self.cues)
        return self

    def transform(self, texts: Iterable[str]) -> npt.NDArray[np.float64]:
        r"""Return an array of shape (n_texts, n_groups): 1.0 where a group has a cue in the text, else 0.0.

        Examples
        --------
        >>> counter = CueCounter({"arrests": r"arrest\w*", "money": "fund|bank"}).fit([])
        >>> counter.transform(["They were arrested.", "A bank and a fund."]).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
        """
        patterns = [re.compile(pattern) for pattern in self.cues.values()]
        found = [[pattern.search(text) is not None for pattern in patterns] for text in map(str.lower, texts)]
        return np.asarray(found, dtype=np.float64).reshape(len(found), len(patterns))

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[Any]:
        """Return the names of the groups."""
        return np.asarray(list(self.cues), dtype=object)


def codebook_cues(codebook: Codebook) -> dict[str, str]:
    """Return the regular expression of each group of a codebook's cues, by "category.group", in its order.

    Groups of no category are "setting.group" and stand last.

    Examples
    --------
    >>> from g7tag.codebook import load_codebook
    >>> from g7tag.store import data_path
    >>> list(codebook_cues(load_codebook(data_path("codebooks/2024-apulia-19.toml"))))[:2]
    ['prevent.awareness', 'prevent.causes']
    """
    categories = (*codebook.dimensions, *codebook.strengths, *codebook.exclusions)
    named = [(category.key, category.cues) for category in categories] + [("setting", codebook.cues)]
    return {f"{key}.{group}": cue_pattern(cues) for key, groups in named for group, cues in groups.items() if cues}


def cue_pattern(cues: Sequence[str]) -> str:
    r"""Return the regular expression of a group of cues: whole words, `*` for any ending, `?` for any one letter.

    Examples
    --------
    >>> re.findall(cue_pattern(["arrest*", "jail"]), "arrests, rearrested, jail, jailed")
    ['arrests', 'jail']
    >>> re.findall(cue_pattern(["organi?ation"]), "an organisation, an organization")
    ['organisation', 'organization']
    """
    bodies = [
        re.escape(cue.lower()).replace(r"\*", r"\w*").replace(r"\?", r"\w").replace(r"\ ", r"\s+") for cue in cues
    ]
    return rf"(?<!\w)(?:{'|'.join(bodies)})(?!\w)"


def make_features(codebook: Codebook) -> ColumnTransformer:
    """Return the untrained features of a frame with the columns `text` and `context`.

    Words and pairs of words by TF-IDF (the text), and the codebook's groups of cues (the text, and half as heavy the
    context). Names of people and places weigh little since TF-IDF spreads over them.
    """
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode", dtype=np.float64)
    cues = codebook_cues(codebook)
    parts: list[tuple[str, object, str]] = [("words", words, "text")]
    if cues:
        parts += [("cues", CueCounter(cues), "text"), ("earlier", CueCounter(cues), "context")]
    return ColumnTransformer(parts, transformer_weights={"words": 1.0, "cues": 0.5, "earlier": 0.25})
