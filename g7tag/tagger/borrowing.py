"""What a tagger borrows from other codebooks: labelled sentences, and what a trained tagger says of acts."""

from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logsumexp
from sklearn.base import BaseEstimator, TransformerMixin

from g7tag.codebook import ACTS, Codebook, load_codebook
from g7tag.corpus.reading import bundled_codebooks, bundled_corpus, read_corpus
from g7tag.errors import ModelError
from g7tag.tagger.features import COLUMNS
from g7tag.tagger.fitting import corpus_items
from g7tag.tagger.likeness import make_likeness
from g7tag.tagger.model import STRONG, Floats, Tagger, tagger_odds
from g7tag.tagger.persist import bundled_model, default_model, load_tagger
from g7tag.text import listed

MOST_ODDS = 8.0
"""Log-odds of the borrowed tagger beyond this count as this."""
LENT = (*ACTS, STRONG)
"""What the borrowed tagger says of a sentence."""
N_DONE = 4
"""Number of acts of a member, the first of `ACTS`; the last is background."""
UNSEEN = "test"
"""Part of a corpus on which its bundled tagger was not trained."""


class Borrowed(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What the bundled tagger of another codebook says of the act and strength of each sentence."""

    def __init__(self, codebook: str, model: str) -> None:
        self.codebook = codebook
        self.model = model

    def fit(self, sentences: pd.DataFrame, labels: object = None) -> Self:
        """Do nothing: the other tagger is trained already."""
        self.n_features_ = len(LENT)
        return self

    def transform(self, sentences: pd.DataFrame) -> Floats:
        """Return log-odds of shape (n_sentences, 6)."""
        tagger = lent_tagger(self.codebook)
        if tagger.model_id != self.model:
            msg = (
                f"the tagger was trained with {self.model}, but g7tag now comes with {tagger.model_id}. "
                "Train it again: `g7tag train`."
            )
            raise ModelError(msg)
        if sentences.empty:
            return np.zeros((0, len(LENT)))
        rows = sentences[COLUMNS].astype("object").reset_index(drop=True)
        odds = tagger_odds(tagger, rows, tagger.features.transform(rows))
        limited = odds[list(LENT)].clip(-MOST_ODDS, MOST_ODDS).to_numpy()
        acts = limited[:, :N_DONE]
        others = [logsumexp(np.delete(acts, place, axis=1), axis=1) for place in range(N_DONE)]
        return np.column_stack([acts - np.column_stack(others), limited[:, N_DONE:]])

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Return names such as "done elsewhere"."""
        return np.asarray([f"{name} elsewhere" for name in LENT], dtype=object)


class Lender(NamedTuple):
    """The labelled sentences of another codebook, their likeness to its definitions, and what is lent of them."""

    codebook: Codebook
    rows: pd.DataFrame
    likeness: Floats
    lent: Floats
    items: dict[str, int]


def open_lenders(codebook: Codebook) -> tuple[Borrowed, list[Lender]]:
    """Return the borrowed tagger, and the labelled sentences of the codebooks that a codebook may borrow from."""
    books = [bundled_codebook(name) for name in dict.fromkeys(codebook.borrows)]
    source = next((book.id for book in books if not book.borrows and bundled_model(book) is not None), None)
    if source is None:
        msg = (
            f"codebook {codebook.id!r}: borrows from {listed(codebook.borrows, most=9)}. Expected at least "
            "one codebook that comes with g7tag and has a tagger of its own: 2024-apulia-19."
        )
        raise ModelError(msg)
    return Borrowed(source, lent_tagger(source).model_id), [_lender(book.id, source) for book in books]


@lru_cache(maxsize=8)
def _lender(codebook_id: str, source: str) -> Lender:
    book = bundled_codebook(codebook_id)
    rows = read_corpus(bundled_corpus(codebook_id), book)
    items = corpus_items(rows)
    if codebook_id == source:
        rows = rows[rows["part"] == UNSEEN].reset_index(drop=True)
    lent = Borrowed(source, lent_tagger(source).model_id).transform(rows)
    return Lender(book, rows, make_likeness(book).transform(rows), lent, items)


@lru_cache(maxsize=2)
def lent_tagger(codebook_id: str) -> Tagger:
    """Return the bundled tagger of a codebook that comes with g7tag."""
    book = bundled_codebook(codebook_id)
    return load_tagger(default_model(book), book)


def bundled_codebook(codebook_id: str) -> Codebook:
    """Return a codebook that comes with g7tag."""
    known = bundled_codebooks()
    if codebook_id not in known:
        msg = (
            f"codebook {codebook_id!r}: does not come with g7tag, so nothing can be borrowed from it. "
            f"Expected one of {listed(known, most=9)} under 'borrows'."
        )
        raise ModelError(msg)
    return load_codebook(known[codebook_id])
