"""Simple taggers for comparison, trained on the same sentences as g7tag's own."""

from typing import Any

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames.labels import has_key
from g7tag.tagger.heads import fit_heads
from g7tag.tagger.model import STRONG, Floats, log_odds
from g7tag.tagger.training import decided_by, shared_decision, targets_of
from g7tag.tagger.words import vocabulary_of, word_matrix

PRIOR, WORDS, VECTORS = "class prior", "words alone", "encoder vectors"
PENALTY = 0.1
"""Penalty of the logistic regressions: C = 10 in scikit-learn, with which they find more than with 1."""


def tag_by_peers(
    train: pd.DataFrame, test: pd.DataFrame, vectors: Floats, codebook: Codebook
) -> dict[str, pd.DataFrame]:
    """Return the tags of each simple tagger; `vectors` are those of the encoder, for all rows.

    `PRIOR` gives each label its share in training as probability, and always tags every dimension, which maximizes F1.
    `WORDS` and `VECTORS` are logistic regressions on TF-IDF and on the vectors. They decide as g7tag does without
    labels.
    """
    shares = {f"p_{key}": has_key(train["dimensions"], key).mean() for key in codebook.dimension_keys}
    n_strong, n_tagged = (train["strength"] == STRONG).sum(), (train["dimensions"] != "").sum()
    strength = STRONG if 2 * n_strong >= n_tagged else "weak"
    always = {"dimensions": ";".join(codebook.dimension_keys), "strength": strength, "act": "done"}
    terms, idf = vocabulary_of(train["text"])
    places = {term: place for place, term in enumerate(terms)}
    seen, unseen = (word_matrix(rows["text"].tolist(), places, idf) for rows in (train, test))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return {
        PRIOR: pd.DataFrame({**shares, **always}, index=test.index),
        WORDS: _by_regressions(seen, unseen, train, test, codebook),
        VECTORS: _by_regressions(unit[train.index], unit[test.index], train, test, codebook),
    }


def _by_regressions(
    known: Any, asked: Any, train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return the tags by a regression for each label, which starts from the label's share in training."""
    targets = np.where(np.isnan(found := targets_of(train, codebook)), np.nan, found > 0.5)
    start = log_odds((np.nansum(targets, axis=0) + 0.5) / ((~np.isnan(targets)).sum(axis=0) + 1))
    before, after = (np.broadcast_to(start, (len(rows), len(start))) for rows in (train, test))
    heads = fit_heads(known, before, targets, np.ones(len(train)), penalty=PENALTY, wrong=0.0)
    decided = decided_by(heads.odds(asked, after), codebook, shared_decision()[0])
    shares = decided.shares.add_prefix("p_").assign(p_right=decided.right)
    return pd.concat([shares, decided.tags], axis=1).set_index(test.index)
