"""Fit the classifiers of a tagger: heads, their scales, and the decisions made with sentences left out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import sklearn
from scipy.special import expit
from sklearn.base import TransformerMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import LABEL, file_weights
from g7tag.errors import FrameError
from g7tag.frames.labels import has_key, label_of_act
from g7tag.store import package_version, text_sha256
from g7tag.tagger.features import COLUMNS, make_features
from g7tag.tagger.model import (
    EXCLUDED,
    EXCLUSION,
    STRONG,
    Flags,
    Floats,
    Scale,
    Tagger,
    classifier_odds,
    decided_acts,
    decided_strengths,
    log_odds,
    odds_to_shares,
    rescaled,
    right_shares,
    set_dimensions,
)

FEWEST = 5
"""Minimum number of sentences with and without a label for scaling its probabilities, or choosing its threshold."""
FOLDS = 5
VOTE = 0.2
"""Share of each of the two coders' labels in what a tagger learns; the rest is the corpus's own label. A sentence on
which the coders differ so counts as a doubtful example."""
REVIEW_SHARE = 0.25
"""Share of sentences that need review, measured on sentences left out of training."""
MADE_FROM = [
    "file", "sentence_id", "item_id", "member", "cluster", "part", "text", *LABEL,
    *(f"{coder}_{label}" for coder in ("c1", "c2") for label in LABEL),
]  # fmt: skip
"""Columns of a corpus that a tagger or its evaluation depends on."""


class Fitted(NamedTuple):
    """A fast tagger, and the log-odds that it gives sentences left out of training, with the labels and weights."""

    tagger: Tagger
    odds: pd.DataFrame
    targets: pd.DataFrame
    weights: Floats


def fit_tagger(corpus: pd.DataFrame, codebook: Codebook, corpus_name: str, features: TransformerMixin | None) -> Fitted:
    """Return a fast tagger trained on a corpus, with what it gives sentences left out; see `train_tagger`."""
    targets = targets_of(corpus, codebook)
    _check_examples(targets, corpus, codebook)
    weights = file_weights(corpus) ** 0.5
    untrained = make_features(codebook) if features is None else features
    odds = _left_out(untrained, corpus, targets, codebook, weights)
    fitted, heads = _fit(untrained, corpus, targets, codebook, weights)
    for label, rows in rows_of_labels(targets, codebook).items():
        head = heads[EXCLUSION if label == EXCLUDED else label]
        kept = rows & odds[label].notna().to_numpy()  # acts of few items are missing from some folds
        scale = platt_scale(pd.Series(expit(odds.loc[kept, label])), targets.loc[kept, label], weights[kept])
        if scale is not None and len(head.classes_) == 2:  # more classes would need more than one slope and intercept
            odds[label] = scale[0] * odds[label] + scale[1]
            rescale_head(head, scale)
    about = about_corpus(corpus, codebook) | {"corpus": corpus_name, "encoder": ""}
    decided = decision(odds, targets, corpus, codebook, weights)
    return Fitted(Tagger(fitted, heads, **decided, about=about), odds, targets, weights)


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


def targets_of(sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return what is learned: a boolean column for each dimension, strong, excluded and each act, and the exclusion."""
    dimensions = {key: has_key(sentences["dimensions"], key) for key in codebook.dimension_keys}
    acts = {act: sentences["act"] == act for act in ACTS}
    exclusion = sentences["exclusion"]
    return pd.DataFrame(
        {**dimensions, STRONG: sentences["strength"] == STRONG, EXCLUDED: exclusion != "", EXCLUSION: exclusion, **acts}
    )


def rows_of_labels(targets: pd.DataFrame, codebook: Codebook) -> dict[str, Flags]:
    """Return the rows that each label is learned from: with a dimension for strong, with an act for acts."""
    every, keys = np.ones(len(targets), dtype=bool), codebook.dimension_keys
    tagged, coded = (targets[names].any(axis=1).to_numpy(dtype=bool) for names in (keys, list(ACTS)))
    rows = {**dict.fromkeys(keys, every), STRONG: tagged, EXCLUDED: every}
    return rows | (dict.fromkeys(ACTS, coded) if coded.any() else {})


def voters_of(sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook) -> list[pd.DataFrame]:
    """Return the targets by the two coders; where a coder's label is not given, the corpus's own."""
    found = []
    for coder in ("c1", "c2"):
        coded = sentences[[f"{coder}_{label}" for label in LABEL]].set_axis(LABEL, axis=1)
        theirs = targets_of(label_of_act(coded), codebook)
        uncoded, no_act = ((coded[name] == "").to_numpy() for name in ("strength", "act"))
        theirs[uncoded] = targets[uncoded]
        theirs.loc[no_act, list(ACTS)] = targets.loc[no_act, list(ACTS)]
        found.append(theirs)
    return found


def _left_out(
    untrained: TransformerMixin, sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook, weights: Floats
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
    untrained: TransformerMixin, sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook, weights: Floats
) -> tuple[Any, dict[str, Any]]:
    features = clone(untrained)
    matrix = features.fit_transform(sentences[COLUMNS])
    voters = voters_of(sentences, targets, codebook)
    heads = {}
    with threadpool_limits(limits=1):  # the features are sparse: several threads would mostly wait for each other
        for label, rows in rows_of_labels(targets, codebook).items():
            name = EXCLUSION if label == EXCLUDED else label
            heads[name] = _fit_head(matrix, targets[name], [theirs[name] for theirs in voters], weights, rows)
    return features, heads


def _fit_head(matrix: Any, labels: pd.Series, voted: list[pd.Series], weights: Floats, rows: Flags) -> Any:
    """Return a classifier, or a constant if there is only one label. Rows of coders who differ are added."""
    weight = weights.copy()
    differing = [rows & (theirs != labels).to_numpy(dtype=bool) for theirs in voted]
    for differs in differing:
        weight[differs] -= VOTE * weights[differs]
    places = np.concatenate([np.flatnonzero(rows), *map(np.flatnonzero, differing)])
    own = labels[rows].to_numpy()
    answers = np.concatenate([own, *(theirs[on].to_numpy() for theirs, on in zip(voted, differing, strict=True))])
    weight = np.concatenate([weight[rows], *(VOTE * weights[on] for on in differing)])
    one_label = len(np.unique(own)) < 2
    head = DummyClassifier(strategy="prior") if one_label else LogisticRegression(C=10.0, tol=1e-5, max_iter=500)
    return head.fit(matrix[places], answers, sample_weight=weight)


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


def decision(
    odds: pd.DataFrame, targets: pd.DataFrame, corpus: pd.DataFrame, codebook: Codebook, weights: Floats
) -> dict[str, Any]:
    """Return the thresholds, the scale of `p_right` and the limit of `needs_review`, from sentences left out."""
    shares = odds_to_shares(odds)
    thresholds = {
        key: best_threshold(targets[key].to_numpy(), shares[key].to_numpy(), weights)
        if targets[key].sum() >= FEWEST
        else 0.5
        for key in codebook.dimension_keys
    }
    products = right_shares(shares, thresholds)
    scale = platt_scale(products, is_right(shares, thresholds, targets, corpus), weights)
    review_below = float(np.quantile(rescaled(products, scale), REVIEW_SHARE))
    return {"thresholds": thresholds, "review_below": review_below, "right_scale": scale}


def best_threshold(has: Flags, shares: Floats, weights: Floats, ends: tuple[float, float] = (0.20, 0.61)) -> float:
    """Return the threshold with the greatest F1, in steps of 0.05, or the middle one if several are equal."""
    grid = np.round(np.arange(*ends, 0.05), 2)
    got = shares[:, None] >= grid
    both = weights[has].sum() + weights @ got  # with the label, plus tagged with it
    scores = np.divide(2 * (weights[has] @ got[has]), both, out=np.zeros(len(grid)), where=both > 0)
    best = grid[scores >= scores.max() - 1e-9]
    return float(best[len(best) // 2])


def is_right(
    shares: pd.DataFrame, thresholds: Mapping[str, float], targets: pd.DataFrame, sentences: pd.DataFrame
) -> pd.Series:
    """Return whether the tag of each left-out sentence has the right dimensions, strength and act."""
    is_set = set_dimensions(shares, thresholds)
    strong = decided_strengths(shares, is_set) == sentences["strength"]
    act = (decided_acts(shares) == sentences["act"]) | (sentences["act"] == "")
    return (is_set == targets[is_set.columns]).all(axis=1) & strong & act


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


def corpus_items(corpus: pd.DataFrame) -> dict[str, int]:
    """Return the number of items by the first part of their ids: a commitment, or a collection."""
    items = corpus["item_id"].drop_duplicates()
    return {str(name): int(n) for name, n in items.groupby(items.str.split("/").str[0]).count().items()}
