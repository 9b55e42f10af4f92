"""Fit the classifiers of a tagger: heads, their scales, and the decisions made with sentences left out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from scipy.special import expit
from sklearn.base import TransformerMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import file_weights
from g7tag.errors import FrameError
from g7tag.frames.labels import has_key, label_of_act
from g7tag.store import package_version, text_sha256
from g7tag.tagger.decide import EXCLUDED, STRONG, decided_acts, decided_strengths, right_shares, set_dimensions
from g7tag.tagger.features import COLUMNS, make_features
from g7tag.tagger.model import (
    EXCLUSION,
    Floats,
    Scale,
    Tagger,
    classifier_odds,
    log_odds,
    odds_to_shares,
    rescaled,
)

FEWEST = 5
"""Minimum number of sentences with and without a label for scaling its probabilities."""
FOLDS = 5
VOTE = 0.2
"""Share of each of the two coders' labels in what a tagger learns; the rest is the corpus's own label. A sentence on
which the coders differ so counts as a doubtful example."""
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


class Fitted(NamedTuple):
    """A fast tagger, and the log-odds that it gives sentences left out of training, with the labels and weights."""

    tagger: Tagger
    odds: pd.DataFrame
    targets: pd.DataFrame
    weights: Weights


def fit_tagger(corpus: pd.DataFrame, codebook: Codebook, corpus_name: str, features: TransformerMixin | None) -> Fitted:
    """Return a fast tagger trained on a corpus, with what it gives sentences left out; see `train_tagger`."""
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
    return Fitted(Tagger(fitted, heads, **decided, about=about), odds, targets, weights)


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


def corpus_items(corpus: pd.DataFrame) -> dict[str, int]:
    """Return the number of items by the first part of their ids: a commitment, or a collection."""
    items = corpus["item_id"].drop_duplicates()
    return {str(name): int(n) for name, n in items.groupby(items.str.split("/").str[0]).count().items()}


def about_corpus(corpus: pd.DataFrame, codebook: Codebook) -> dict[str, Any]:
    """Return the codebook, corpus and versions behind a model or its evaluation, as saved in a manifest."""
    labels = corpus.reindex(columns=MADE_FROM, fill_value="")
    return {
        "codebook": codebook.id,
        "codebook_version": codebook.version,
        "codebook_sha256": codebook.sha256,
        "dimensions": codebook.dimension_keys,
        "exclusions": codebook.exclusion_keys,
        "corpus_rows": len(corpus),
        "corpus_items": corpus_items(corpus),
        "corpus_sha256": text_sha256(labels.to_json(orient="values")),
        "g7tag": package_version(),
        "scikit-learn": sklearn.__version__,
    }


def platt_scale(shares: pd.Series, labels: pd.Series, weights: Floats) -> Scale | None:
    """Return the slope and intercept that fit the probabilities of left-out sentences to their labels."""
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
    """Return what the heads learn: a boolean column for each dimension, act and strong, and the exclusion."""
    dimensions = {key: has_key(sentences["dimensions"], key) for key in codebook.dimension_keys}
    acts = sentences["act"] if "act" in sentences else pd.Series("", index=sentences.index)
    each = {act: acts == act for act in ACTS}
    return pd.DataFrame(
        {**dimensions, STRONG: sentences["strength"] == STRONG, EXCLUSION: sentences["exclusion"], **each}
    )


def voters_of(sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook) -> list[pd.DataFrame]:
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
    voters = voters_of(sentences, targets, codebook)
    with threadpool_limits(limits=1):  # the features are sparse: several threads would mostly wait for each other
        heads = {
            name: _fit_head(matrix, name, targets, voters, weights, rows)
            for name, rows in rows_of_heads(sentences, targets, codebook).items()
            if name not in ACTS or rows.any()
        }
    return features, heads


def rows_of_heads(
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
    return head.fit(matrix[np.concatenate(places)], answers, sample_weight=weight)


def _scales(
    odds: pd.DataFrame, targets: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook, weights: Weights
) -> dict[str, Scale]:
    """Return the scale of each label's log-odds; for strong, fitted on sentences with a dimension."""
    fitted = {}
    for name, rows in rows_of_heads(sentences, targets, codebook).items():
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


def best_threshold(
    truth: pd.Series, shares: pd.Series, weights: Weights, ends: tuple[float, float] = (0.20, 0.61)
) -> float:
    """Return the threshold with the greatest F1, in steps of 0.05, or the middle one if several are equal."""
    grid = np.round(np.arange(*ends, 0.05), 2)
    has, got = truth.to_numpy(dtype=bool), shares.to_numpy()[:, None] >= grid
    both = weights[has].sum() + weights @ got  # with the label, plus tagged with it
    scores = np.divide(2 * (weights[has] @ got[has]), both, out=np.zeros(len(grid)), where=both > 0)
    best = grid[scores >= scores.max() - 1e-9]
    return float(best[len(best) // 2])
