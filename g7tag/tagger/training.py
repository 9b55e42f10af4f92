"""Train a tagger on labelled sentences."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from scipy.special import expit
from sklearn.base import TransformerMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import file_weights
from g7tag.errors import Announce, FrameError
from g7tag.frames.labels import has_key, label_of_act
from g7tag.store import package_version, text_sha256
from g7tag.tagger.decide import EXCLUDED, STRONG, decided_acts, decided_strengths, right_shares, set_dimensions
from g7tag.tagger.encoder import Encoder
from g7tag.tagger.encoder_training import require_training, train_encoder
from g7tag.tagger.features import COLUMNS, make_features
from g7tag.tagger.model import (
    EXCLUSION,
    Floats,
    Mix,
    Scale,
    Tagger,
    classifier_odds,
    log_odds,
    mixed_odds,
    odds_to_shares,
    rescaled,
)

FEWEST = 5
"""Minimum number of sentences with and without a label for scaling its probabilities."""
FOLDS = 5
VOTE = 0.2
"""Share of each of the two coders' labels in what a tagger learns; the rest is the corpus's own label. A sentence on
which the coders differ so counts as a doubtful example."""
FILE_WEIGHT = 0.3
"""The encoder weighs a sentence by the size of its file to the power of minus this."""
HELD_OUT = 8
"""If a corpus has no part dev, the encoder is trained without one item in this many."""
FEWEST_ITEMS = 2
REVIEW_SHARE = 0.25
"""Share of sentences that need review, measured on sentences left out of training."""
FEWEST_FOR_THRESHOLD = 5
"""Minimum number of sentences of a dimension for choosing its threshold; below that it is one half."""
MADE_FROM = [
    "file", "sentence_id", "item_id", "member", "cluster", "part", "text", "dimensions", "strength", "act", "exclusion",
    *(f"{coder}_{label}" for coder in ("c1", "c2") for label in ("dimensions", "strength", "act", "exclusion")),
]  # fmt: skip
"""Columns of a corpus that a tagger or its evaluation depends on."""
Weights = npt.NDArray[np.float64]


def train_tagger(
    corpus: pd.DataFrame,
    codebook: Codebook,
    *,
    corpus_name: str = "corpus",
    features: TransformerMixin | None = None,
) -> Tagger:
    """Return a fast tagger, without an encoder, trained on a labelled corpus.

    The classifiers are logistic regressions on shared features. A file has the square root of its size as total
    weight. A sentence on which the two coders differ counts with both labels; see `VOTE`. Three things are fitted on
    items left out of training, with `GroupKFold` over items: the scale of the probabilities (Platt 1999), the
    thresholds (greatest F1), and the probability of being right below which a tag needs review (for a share of
    `REVIEW_SHARE`).

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
    return _trained(corpus, codebook, corpus_name, features).tagger


def train_with_encoder(
    corpus: pd.DataFrame,
    codebook: Codebook,
    contrast: pd.DataFrame,
    announce: Announce,
    *,
    corpus_name: str = "corpus",
) -> Tagger:
    """Return a tagger with an encoder, trained on a labelled corpus, and a fast tagger beside it.

    The classifiers are those of `train_tagger`. The encoder is trained on all sentences but those of the part dev (or,
    if there is no such part, one item in eight). On these it is joined with the classifiers: a logistic regression of
    each label on both log-odds. The thresholds are chosen on the same sentences, with `GroupKFold` over items.

    Parameters
    ----------
    corpus, codebook, corpus_name
        As for `train_tagger`.
    contrast
        More sentences for the encoder, as returned by `read_contrast`. May be empty.
    announce
        Called with the name of each step.

    Raises
    ------
    FrameError
        See `train_tagger`, or fewer than two items are left out of training or in it.
    InputError
        The packages for training an encoder are not installed.
    """
    require_training()
    held_out = _held_out(corpus)
    announce("training the classifiers")
    fast, odds, targets, weights = _trained(corpus, codebook, corpus_name, None)
    taught = pd.concat([corpus[~held_out], contrast[contrast["of"].isin(corpus.loc[~held_out, "sentence_id"])]])
    labels = list(odds.columns)
    trained = train_encoder(*_encoder_data(taught.fillna(""), codebook, labels), announce)
    announce("joining the encoder with the classifiers")
    encoder = Encoder(trained.model, trained.tokenizer, labels, where="the new encoder")
    own = corpus[held_out].reset_index(drop=True)
    theirs, truth = odds[held_out].reset_index(drop=True), targets[held_out].reset_index(drop=True)
    read = encoder.logits(own)
    rows, own_weights = _rows_of_heads(own, truth, codebook), weights[held_out]
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


class _Linear(NamedTuple):
    """A fast tagger, and the log-odds that it gives sentences left out of training, with the labels and weights."""

    tagger: Tagger
    odds: pd.DataFrame
    targets: pd.DataFrame
    weights: Weights


def _trained(corpus: pd.DataFrame, codebook: Codebook, corpus_name: str, features: TransformerMixin | None) -> _Linear:
    targets = targets_of(corpus, codebook)
    _check_examples(targets, corpus, codebook)
    weights = file_weights(corpus) ** 0.5
    untrained = make_features(codebook) if features is None else features
    odds = _left_out(untrained, corpus, targets, codebook, weights)
    fitted, heads = _fit(untrained, corpus, targets, codebook, weights)
    scales = _scales(odds, targets, corpus, codebook, weights)
    if len(heads[EXCLUSION].classes_) > 2:
        scales.pop(EXCLUDED, None)  # more classes would need more than one slope and intercept
    odds = odds.assign(**{name: slope * odds[name] + base for name, (slope, base) in scales.items()})
    for name, scale in scales.items():
        rescale_head(heads[EXCLUSION if name == EXCLUDED else name], scale)
    about = about_corpus(corpus, codebook) | {"corpus": corpus_name, "encoder": ""}
    decided = decision(odds, targets, corpus, codebook, weights)
    return _Linear(Tagger(fitted, heads, **decided, about=about), odds, targets, weights)


def decision(
    odds: pd.DataFrame, targets: pd.DataFrame, corpus: pd.DataFrame, codebook: Codebook, weights: Weights
) -> dict[str, Any]:
    """Return the thresholds, the scale of `p_right` and the limit of `needs_review`, from sentences left out."""
    shares = odds_to_shares(odds, pd.DataFrame(index=odds.index))
    thresholds = {
        key: best_threshold(targets[key], shares[key], weights) if targets[key].sum() >= FEWEST_FOR_THRESHOLD else 0.5
        for key in codebook.dimension_keys
    }
    products = right_shares(shares, thresholds)
    scale = platt_scale(products, is_right(shares, thresholds, targets, corpus), weights)
    right = products if scale is None else pd.Series(rescaled(products, scale))
    review_below = float(np.quantile(right, REVIEW_SHARE))
    return {"thresholds": thresholds, "review_below": review_below, "right_scale": scale}


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
    votes = [targets, *_voters(taught, targets, codebook)]
    shares = [1 - VOTE * (len(votes) - 1), *[VOTE] * (len(votes) - 1)]
    rows = _rows_of_heads(taught, targets, codebook)
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


def about_corpus(corpus: pd.DataFrame, codebook: Codebook) -> dict[str, Any]:
    """Return the codebook, corpus and versions behind a model or its evaluation, as saved in a manifest."""
    labels = corpus.reindex(columns=MADE_FROM, fill_value="")
    items = corpus["item_id"].drop_duplicates()
    return {
        "codebook": codebook.id,
        "codebook_version": codebook.version,
        "codebook_sha256": codebook.sha256,
        "dimensions": codebook.dimension_keys,
        "exclusions": codebook.exclusion_keys,
        "corpus_rows": len(corpus),
        "corpus_items": {name: int(n) for name, n in items.groupby(items.str.split("/").str[0]).count().items()},
        "corpus_sha256": text_sha256(labels.to_json(orient="values")),
        "g7tag": package_version(),
        "scikit-learn": sklearn.__version__,
    }


def platt_scale(shares: pd.Series, labels: pd.Series, weights: Floats) -> Scale | None:
    """Return the slope and intercept that fit the probabilities of left-out sentences to their labels.

    Parameters
    ----------
    shares, labels, weights
        For each sentence, the probability of a label, whether the sentence has it, and its weight.

    Returns
    -------
    tuple or None
        None if there are too few labels, or if the probabilities do not increase with them.

    Examples
    --------
    >>> shares, labels = pd.Series([0.1, 0.9] * 50), pd.Series(([False, True] * 4 + [True, False]) * 10)
    >>> slope, intercept = platt_scale(shares, labels, np.ones(100))
    >>> rescaled(pd.Series([0.1, 0.9]), (slope, intercept)).round(2).tolist()
    [0.2, 0.8]
    """
    truth = labels.to_numpy(dtype=bool)
    if min(truth.sum(), (~truth).sum()) < FEWEST:
        return None
    fit = LogisticRegression(C=1e6).fit(log_odds(shares).reshape(-1, 1), truth, sample_weight=weights)
    return (float(fit.coef_[0, 0]), float(fit.intercept_[0])) if fit.coef_[0, 0] > 0 else None


def rescale_head(head: Any, scale: Scale) -> None:
    """Apply a scale to the weights of a two-class logistic regression, where "" or False means absent."""
    sign = 1.0 if head.classes_[1] != "" else -1.0
    head.coef_ = head.coef_ * scale[0]
    head.intercept_ = head.intercept_ * scale[0] + sign * scale[1]


def targets_of(sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    dimensions = {key: has_key(sentences["dimensions"], key) for key in codebook.dimension_keys}
    acts = sentences["act"] if "act" in sentences else pd.Series("", index=sentences.index)
    each = {act: acts == act for act in ACTS}
    return pd.DataFrame(
        {**dimensions, STRONG: sentences["strength"] == STRONG, EXCLUSION: sentences["exclusion"], **each}
    )


def _voters(sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook) -> list[pd.DataFrame]:
    """Return the targets by the two coders; where a coder's label is not given, the corpus's own."""
    found = []
    for coder in ("c1", "c2"):
        columns = {f"{coder}_{label}": label for label in ("dimensions", "strength", "act", "exclusion")}
        if not set(columns) <= set(sentences):
            continue
        unknown = (sentences[f"{coder}_strength"] == "").to_numpy()
        theirs = targets_of(label_of_act(sentences[list(columns)].rename(columns=columns)), codebook)
        theirs[unknown] = targets[unknown]
        no_act = (sentences[f"{coder}_act"] == "").to_numpy()
        theirs.loc[no_act, list(ACTS)] = targets.loc[no_act, list(ACTS)]
        found.append(theirs)
    return found


def _check_examples(targets: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> None:
    lacking = [key for key in codebook.dimension_keys if not targets[key].any()]
    lacking += [
        f"strength {level.key}" for level in codebook.strengths if not (sentences["strength"] == level.key).any()
    ]
    if lacking:
        msg = (
            f"corpus: no sentence labelled {lacking[0]!r}. Expected at least one for each dimension and strength, "
            "outside the part 'test'. Add some."
        )
        raise FrameError(msg)
    if not sentences["text"].str.contains(r"\w\w", regex=True).any():
        msg = "corpus: no text has a word of two letters. Expected sentences. Check the column 'text'."
        raise FrameError(msg)
    if sentences["item_id"].nunique() < 2:
        msg = "corpus: all sentences are of one item. Expected at least two, to choose thresholds on left-out items."
        raise FrameError(msg)


def _left_out(
    untrained: TransformerMixin, sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook, weights: Weights
) -> pd.DataFrame:
    """Return the log-odds of each sentence from classifiers trained without its item."""
    folds = GroupKFold(n_splits=min(FOLDS, sentences["item_id"].nunique()))
    parts = []
    for train, test in folds.split(sentences, groups=sentences["item_id"]):
        features, heads = _fit(untrained, sentences.iloc[train], targets.iloc[train], codebook, weights[train])
        odds = classifier_odds(features.transform(sentences.iloc[test][COLUMNS]), heads)
        parts.append(odds.set_index(sentences.index[test]))
    return pd.concat(parts).loc[sentences.index]


def _fit(
    untrained: TransformerMixin, sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook, weights: Weights
) -> tuple[Any, dict[str, Any]]:
    features = clone(untrained)
    matrix = features.fit_transform(sentences[COLUMNS])
    voters = _voters(sentences, targets, codebook)
    heads = {
        name: _fit_head(matrix, name, targets, voters, weights, rows)
        for name, rows in _rows_of_heads(sentences, targets, codebook).items()
        if name not in ACTS or rows.any()
    }
    return features, heads


def _rows_of_heads(
    sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook
) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the rows that each classifier is trained on: with a dimension for strong, with an act for acts."""
    every = np.ones(len(sentences), dtype=bool)
    tagged = (sentences["dimensions"] != "").to_numpy(dtype=bool)
    known = targets[list(ACTS)].any(axis=1).to_numpy(dtype=bool)
    rows = {**dict.fromkeys(codebook.dimension_keys, every), STRONG: tagged, EXCLUSION: every}
    return rows | (dict.fromkeys(ACTS, known) if known.any() else {})


def _fit_head(
    matrix: Any, name: str, targets: pd.DataFrame, voters: list[pd.DataFrame], weights: Weights,
    rows: npt.NDArray[np.bool_],
) -> Any:  # fmt: skip
    """Return a classifier, or a constant if there is only one label. Rows of coders who differ are added."""
    labels = targets.loc[rows, name].to_numpy()
    kept, own, places = weights[rows].copy(), [labels], [np.flatnonzero(rows)]
    extra = []
    for theirs in voters:
        differs = theirs.loc[rows, name].to_numpy() != labels
        kept[differs] -= VOTE * weights[rows][differs]
        own.append(theirs.loc[rows, name].to_numpy()[differs])
        places.append(np.flatnonzero(rows)[differs])
        extra.append(VOTE * weights[rows][differs])
    answers, weight = np.concatenate(own), np.concatenate([kept, *extra])
    head = (
        DummyClassifier(strategy="prior")
        if len(np.unique(labels)) < 2
        else LogisticRegression(C=10.0, tol=1e-5, max_iter=500)
    )
    with threadpool_limits(limits=1):  # the features are sparse: several threads would mostly wait for each other
        return head.fit(matrix[np.concatenate(places)], answers, sample_weight=weight)


def _scales(
    odds: pd.DataFrame, targets: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook, weights: Weights
) -> dict[str, Scale]:
    """Return the scale of each label's log-odds; for strong, fitted on sentences with a dimension."""
    fitted = {}
    for name, rows in _rows_of_heads(sentences, targets, codebook).items():
        label = EXCLUDED if name == EXCLUSION else name
        truth = targets[name] != "" if name == EXCLUSION else targets[name]
        kept = rows & odds[label].notna().to_numpy()  # acts of few items are missing from some folds
        fitted[label] = platt_scale(pd.Series(expit(odds.loc[kept, label])), truth[kept], weights[kept])
    return {label: scale for label, scale in fitted.items() if scale is not None}


def is_right(
    shares: pd.DataFrame, thresholds: Mapping[str, float], targets: pd.DataFrame, sentences: pd.DataFrame
) -> pd.Series:
    """Return whether the tag of each left-out sentence has the right dimensions, strength and act."""
    is_set = set_dimensions(shares, thresholds)
    strong = decided_strengths(shares, is_set) == sentences["strength"]
    acts = targets[list(ACTS)]
    act = acts.eq(pd.get_dummies(decided_acts(shares)).reindex(columns=acts.columns, fill_value=False)).all(axis=1)
    known = acts.any(axis=1)
    return (is_set == targets[is_set.columns]).all(axis=1) & strong & (act | ~known)


def best_threshold(truth: pd.Series, shares: pd.Series, weights: Weights) -> float:
    """Return the threshold with the greatest F1, or the middle one if several are equal."""
    grid = np.round(np.arange(0.20, 0.61, 0.05), 2)
    scores = np.array([f1_score(truth, shares >= cut, sample_weight=weights) for cut in grid])
    best = grid[scores >= scores.max() - 1e-9]
    return float(best[len(best) // 2])
