"""Train a tagger on labelled sentences."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from g7tag.codebook import Codebook
from g7tag.errors import Announce, FrameError
from g7tag.tagger.decide import EXCLUDED
from g7tag.tagger.encoder import Encoder
from g7tag.tagger.encoder_training import require_training, train_encoder
from g7tag.tagger.few_labels import train_few_labels
from g7tag.tagger.fitting import (
    FEWEST,
    FOLDS,
    VOTE,
    Weights,
    decision,
    fit_tagger,
    rows_of_heads,
    targets_of,
    voters_of,
)
from g7tag.tagger.model import (
    EXCLUSION,
    Mix,
    Tagger,
    mixed_odds,
)

FILE_WEIGHT = 0.3
"""The encoder weighs a sentence by the size of its file to the power of minus this."""
HELD_OUT = 8
"""If a corpus has no part dev, the encoder is trained without one item in this many."""
FEWEST_ITEMS = 2


def train_tagger(
    corpus: pd.DataFrame,
    codebook: Codebook,
    *,
    corpus_name: str = "corpus",
    features: TransformerMixin | None = None,
) -> Tagger:
    """Return a fast tagger, without an encoder, trained on a labelled corpus.

    For a codebook that borrows from others this is `train_few_labels`. Otherwise the classifiers are logistic
    regressions on shared features. A file has the square root of its size as total weight. A sentence on which the two
    coders differ counts with both labels; see `VOTE`. Three things are fitted on items left out of training, with
    `GroupKFold` over items: the scale of the probabilities (Platt 1999), the thresholds (greatest F1), and the
    probability of being right below which a tag needs review (for a share of `REVIEW_SHARE`).

    Parameters
    ----------
    corpus
        Labelled sentences, as returned by `read_corpus`.
    codebook
        Defines the labels.
    corpus_name
        Name of the corpus in the manifest.
    features
        Untrained features of a frame with the columns of `COLUMNS`, for comparisons (default: the tagger's own, which
        `tag_sentences` requires).

    Raises
    ------
    FrameError
        A dimension or strength has no example, no text has a word, or there are fewer than two items.
    """
    if codebook.borrows and features is None:
        return train_few_labels(corpus, codebook, corpus_name=corpus_name)
    return fit_tagger(corpus, codebook, corpus_name, features).tagger


def train_with_encoder(
    corpus: pd.DataFrame,
    codebook: Codebook,
    contrast: pd.DataFrame,
    announce: Announce,
    *,
    corpus_name: str = "corpus",
) -> Tagger:
    """Return a tagger with an encoder, trained on a labelled corpus, and a fast tagger beside it."""
    require_training()
    held_out = _held_out(corpus)
    announce("training the classifiers")
    fast, odds, targets, weights = fit_tagger(corpus, codebook, corpus_name, None)
    taught = pd.concat([corpus[~held_out], contrast[contrast["of"].isin(corpus.loc[~held_out, "sentence_id"])]])
    labels = list(odds.columns)
    trained = train_encoder(*_encoder_data(taught.fillna(""), codebook, labels), announce)
    announce("joining the encoder with the classifiers")
    encoder = Encoder(trained.model, trained.tokenizer, labels, where="the new encoder")
    own = corpus[held_out].reset_index(drop=True)
    theirs, truth = odds[held_out].reset_index(drop=True), targets[held_out].reset_index(drop=True)
    read = encoder.logits(own)
    rows, own_weights = rows_of_heads(own, truth, codebook), weights[held_out]
    folds = list(GroupKFold(n_splits=min(FOLDS, own["item_id"].nunique())).split(own, groups=own["item_id"]))
    joined = theirs.copy()
    for train, test in folds:
        kept = {name: chosen[train] for name, chosen in rows.items()}
        mix = _fit_mix(theirs.iloc[train], read.iloc[train], truth.iloc[train], kept, own_weights[train])
        joined.iloc[test] = mixed_odds(theirs.iloc[test], read.iloc[test], mix)
    decided = decision(joined, truth, own, codebook, own_weights)
    about = fast.about | {"encoder": sha256(trained.model).hexdigest()}
    mix = _fit_mix(theirs, read, truth, rows, own_weights)
    return replace(fast, **decided, about=about, encoder=encoder, mix=mix, fast=fast)


def _held_out(corpus: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return the sentences that the encoder is not trained on: the part dev or, without one, one item in eight."""
    held_out = (corpus["part"] == "dev").to_numpy(dtype=bool)
    items = corpus["item_id"]
    if not held_out.any() and items.nunique() >= 2 * FEWEST_ITEMS:
        folds = GroupKFold(n_splits=min(HELD_OUT, items.nunique() // FEWEST_ITEMS))
        held_out[next(folds.split(corpus, groups=items))[1]] = True
    if min(items[held_out].nunique(), items[~held_out].nunique()) < FEWEST_ITEMS:
        msg = (
            f"corpus: {items[~held_out].nunique()} items to train an encoder on and {items[held_out].nunique()} (part "
            f"'dev') to join it with the classifiers. Expected at least {FEWEST_ITEMS} of each. Add sentences, or "
            "train without --encoder."
        )
        raise FrameError(msg)
    return held_out


def _encoder_data(
    taught: pd.DataFrame, codebook: Codebook, labels: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, Weights]:
    """Return sentences, probabilities of their labels by the votes, which of these count, and weights."""
    taught = taught.reset_index(drop=True)
    targets = targets_of(taught, codebook)
    votes = [targets, *voters_of(taught, targets, codebook)]
    shares = [1 - VOTE * (len(votes) - 1), *[VOTE] * (len(votes) - 1)]
    rows = rows_of_heads(taught, targets, codebook)
    names = {EXCLUDED if name == EXCLUSION else name: name for name in rows}
    shares_of = {
        label: sum(
            share * ((vote[name] != "") if name == EXCLUSION else vote[name]).astype("float64")
            for share, vote in zip(shares, votes, strict=True)
        )
        for label, name in names.items()
    }
    each = pd.DataFrame(shares_of).reindex(columns=labels, fill_value=0.0)
    known = pd.DataFrame({label: rows[name] for label, name in names.items()}).reindex(columns=labels, fill_value=False)
    sizes = taught.groupby("file")["file"].transform("size").to_numpy(dtype=np.float64)
    weights = sizes**-FILE_WEIGHT
    return taught, each, known, weights / weights.mean()


def _fit_mix(
    odds: pd.DataFrame, read: pd.DataFrame, targets: pd.DataFrame, rows: Mapping[str, npt.NDArray[np.bool_]],
    weights: Weights,
) -> dict[str, Mix]:  # fmt: skip
    """Return how to join the log-odds of classifiers and encoder; labels with too few examples are left out."""
    mixes = {}
    for name, own in rows.items():
        label = EXCLUDED if name == EXCLUSION else name
        chosen = own & odds[label].notna().to_numpy() if label in odds else np.zeros(len(odds), dtype=bool)
        truth = ((targets[name] != "") if name == EXCLUSION else targets[name]).to_numpy(dtype=bool)[chosen]
        if min(truth.sum(), (~truth).sum()) >= FEWEST:
            both = np.column_stack([odds[label], read[label]])[chosen]
            fit = LogisticRegression(C=1.0).fit(both, truth, sample_weight=weights[chosen])
            mixes[label] = Mix(float(fit.coef_[0][0]), float(fit.coef_[0][1]), float(fit.intercept_[0]))
    return mixes
