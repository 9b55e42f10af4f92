"""Train a tagger on few labels, or none, with what other codebooks lend.

The tagger starts from heads that were trained on the labelled sentences of other codebooks: one for each act, one for
strength, and one for "this sentence is on this dimension", which knows a dimension by its definition, examples and cues
alone. Labels of the new commitment then move each head away from its start as far as they support it: a head is a
logistic regression with a Gaussian prior around its start.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from g7tag.codebook import ACTS, Codebook
from g7tag.frames.labels import has_key
from g7tag.store import text_sha256
from g7tag.tagger.borrowing import LENT, Borrowed, Lender, open_lenders
from g7tag.tagger.features import COLUMNS, make_words
from g7tag.tagger.fitting import (
    FOLDS,
    REVIEW_SHARE,
    about_corpus,
    best_threshold,
    is_right,
    platt_scale,
    rows_of_labels,
    targets_of,
)
from g7tag.tagger.likeness import MEASURES, SHA256, TOPIC, Meaning, make_likeness
from g7tag.tagger.model import (
    EXCLUDED,
    EXCLUSION,
    Flags,
    Floats,
    Tagger,
    classifier_odds,
    odds_to_shares,
    rescaled,
    right_shares,
)

ENOUGH = 200
"""Labelled sentences from which a tagger may say that a tag needs no review."""
ENOUGH_OF_EACH = 40
"""The same for the sentences of each dimension."""
WEIGHT_OF_LENDER = 600.0
"""All sentences of one other codebook together weigh as much as so many labelled sentences."""
STIFFNESS = 10.0
"""Penalty on the (standardized) weights of the start."""
SCALE, MEANING, WORDS, LEVEL = 30.0, 0.25, 1.0, 4.0
"""Penalties on how far labels move a head from its start: its scale, weights of vector and words, its level."""
WEIGHT_OF_JUDGED = 100.0
"""All lenders together weigh as much as so many labelled sentences when threshold and scale are set."""
THRESHOLDS = (0.1, 0.61)
"""Least and greatest threshold."""
SURE = 0.8
"""Probability of being right below which every tag needs review."""
NOT_EXCLUDED = 8.0
"""So many sentences without an exclusion and without any word count before the labels."""
N_MEASURES, N_TOPIC = 2 * len(MEASURES), len(TOPIC)
Places = Mapping[str, slice]
"""The columns of each block of features."""


class _Head(NamedTuple):
    """A linear head on all features: its weights and its level."""

    weights: Floats
    level: float


class _Judged(NamedTuple):
    """Labelled sentences, their probabilities by heads that did not learn from them, and their weights."""

    codebook: Codebook
    rows: pd.DataFrame
    shares: pd.DataFrame
    weights: Floats


def train_few_labels(corpus: pd.DataFrame, codebook: Codebook, *, corpus_name: str = "corpus") -> Tagger:
    """Return a tagger for a codebook that borrows from others, trained on any number of labelled sentences."""
    borrowed, lenders = open_lenders(codebook)
    rows = corpus.reset_index(drop=True)
    features = _fitted_features(rows, codebook, borrowed, lenders)
    places: Places = features.output_indices_
    start = _start(lenders, codebook.dimension_keys, places)
    transformed = features.transform(rows[COLUMNS]) if len(rows) else (0, places["lent"].stop)
    matrix = sparse.csr_matrix(transformed)
    heads = _heads(matrix, rows, codebook, start, places)
    judged = [_judged_lender(lender, lenders) for lender in lenders]
    if rows["item_id"].nunique() >= FOLDS:
        judged.append(_judged_rows(matrix, rows, codebook, start, places))
    about = about_corpus(rows, codebook) | {"corpus": corpus_name, "encoder": ""}
    about |= {"borrowed": [*codebook.borrows, borrowed.model], "wanted": wanted(rows, codebook)}
    about |= {"wanted_sentences": max(ENOUGH - len(rows), 0), "vectors_sha256": SHA256}
    borrowed_items = {name: n for lender in lenders for name, n in lender.items.items()}
    about |= {"corpus_items": about["corpus_items"] | borrowed_items, "wording_sha256": wording_sha256(codebook)}
    tagger = Tagger(features, heads, **_decision(judged, codebook.dimension_keys), about=about)
    return replace(tagger, review_below=1.0) if any(about["wanted"].values()) or about["wanted_sentences"] else tagger


def wanted(corpus: pd.DataFrame, codebook: Codebook) -> dict[str, int]:
    """Return how many more labelled sentences of each dimension are wanted, at least 0."""
    counts = {key: int(has_key(corpus["dimensions"], key).sum()) for key in codebook.dimension_keys}
    return {key: max(ENOUGH_OF_EACH - count, 0) for key, count in counts.items()}


def wording_sha256(codebook: Codebook) -> str:
    """Return a hash of what a tagger for few labels takes from a codebook: its text, definitions, examples and cues."""
    return text_sha256(json.dumps(make_likeness(codebook).get_params(), sort_keys=True))


def _fitted_features(
    rows: pd.DataFrame, codebook: Codebook, borrowed: Borrowed, lenders: Sequence[Lender]
) -> ColumnTransformer:
    """Return the features; the words are those of the labelled sentences and of all that the lenders have."""
    parts = [("words", make_words(), "text"), ("meaning", Meaning(), COLUMNS)]
    parts += [("likeness", make_likeness(codebook), COLUMNS), ("lent", borrowed, COLUMNS)]
    known = pd.concat([rows[COLUMNS], *(lender.rows[COLUMNS] for lender in lenders)], ignore_index=True)
    features = ColumnTransformer(parts, sparse_threshold=1.0)
    mean = np.asarray(sparse.csr_matrix(features.fit_transform(known)).mean(axis=0)).ravel()
    for block in ("likeness", "lent"):
        features.named_transformers_[block].typical_ = mean[features.output_indices_[block]]
    return features


def _start(lenders: Sequence[Lender], dimensions: Sequence[str], places: Places) -> dict[str, _Head]:
    """Return the heads before any label, for features with these columns."""
    topic = slice(places["likeness"].stop - N_TOPIC, places["likeness"].stop)
    lent = places["lent"]
    targets = [targets_of(lender.rows, lender.codebook) for lender in lenders]
    heads = {}
    pooled = [
        (_pairs(lender), truth[lender.codebook.dimension_keys].to_numpy(bool).ravel(),
         np.repeat(_weights(lender), len(lender.codebook.dimensions)))
        for lender, truth in zip(lenders, targets, strict=True)
    ]  # fmt: skip
    found, level = _pooled(pooled)
    for number, key in enumerate(dimensions):
        own = places["likeness"].start + N_MEASURES * number
        heads[key] = _Head(np.zeros(lent.stop), level)
        heads[key].weights[own : own + N_MEASURES] = found[:N_MEASURES]
        heads[key].weights[topic] = found[N_MEASURES : N_MEASURES + N_TOPIC]
        heads[key].weights[lent.start : lent.start + len(ACTS)] = found[N_MEASURES + N_TOPIC :]
    for name in LENT:
        pooled = []
        for lender, truth in zip(lenders, targets, strict=True):
            kept = rows_of_labels(truth, lender.codebook)[name]
            matrix = np.column_stack([lender.likeness[:, -N_TOPIC:], lender.lent])
            pooled.append((matrix[kept], truth[name].to_numpy(bool)[kept], _weights(lender)[kept]))
        found, level = _pooled(pooled)
        heads[name] = _Head(np.zeros(lent.stop), level)
        heads[name].weights[topic], heads[name].weights[lent] = found[:N_TOPIC], found[N_TOPIC:]
    return heads


def _pairs(lender: Lender) -> Floats:
    """Return one row for each sentence and dimension: its measures, the topic, and the acts that are lent."""
    n = len(lender.codebook.dimensions)
    measures = lender.likeness[:, :-N_TOPIC].reshape(len(lender.rows), n, N_MEASURES)
    shared = np.column_stack([lender.likeness[:, -N_TOPIC:], lender.lent[:, : len(ACTS)]])
    both = np.concatenate([measures, np.repeat(shared[:, None], n, axis=1)], axis=2)
    return both.reshape(-1, both.shape[2])


def _weights(lender: Lender) -> Floats:
    """Return the weights of a lender's sentences; a file weighs as much as the square root of its size."""
    roots = lender.rows.groupby("file")["file"].transform("size").to_numpy(dtype=np.float64) ** -0.5
    return np.asarray(WEIGHT_OF_LENDER * roots / roots.sum(), dtype=np.float64)


def _pooled(each: Sequence[tuple[Floats, Flags, Floats]]) -> tuple[Floats, float]:
    """Return the weights and level of a logistic regression on all lenders' features, labels and weights together."""
    matrix, truth, weight = (np.concatenate(parts) for parts in zip(*each, strict=True))
    mean = np.average(matrix, axis=0, weights=weight)
    spread = np.sqrt(np.average((matrix - mean) ** 2, axis=0, weights=weight)) + 1e-6
    fit = LogisticRegression(C=1 / STIFFNESS, max_iter=500)
    fit.fit((matrix - mean) / spread, truth, sample_weight=weight)
    found = fit.coef_[0] / spread
    return found, float(fit.intercept_[0] - found @ mean)


def _heads(
    matrix: sparse.csr_matrix, rows: pd.DataFrame, codebook: Codebook, start: Mapping[str, _Head], places: Places
) -> dict[str, Any]:
    """Return the heads after the labels, as trained classifiers."""
    targets = targets_of(rows, codebook)
    kept = rows_of_labels(targets, codebook)
    heads: dict[str, Any] = {}
    for name, head in start.items():
        own = kept.get(name, np.zeros(len(rows), dtype=bool))
        moved = _moved(matrix[own], targets[name].to_numpy(bool)[own], head, places) if own.any() else head
        classifier = heads[name] = LogisticRegression()
        classifier.classes_ = np.array([False, True])
        classifier.coef_, classifier.intercept_ = moved.weights[None], np.array([moved.level])
        classifier.n_features_in_, classifier.n_iter_ = len(moved.weights), np.array([0])
    heads[EXCLUSION] = _exclusion_head(matrix, rows["exclusion"].to_numpy(dtype=object), places)
    return heads


def _moved(matrix: sparse.csr_matrix, truth: Flags, start: _Head, places: Places) -> _Head:
    """Return the head that the labels support, near its start."""
    words = places["words"].start + np.flatnonzero(matrix[:, places["words"]].getnnz(axis=0))
    meaning = np.arange(places["meaning"].start, places["meaning"].stop)
    before = matrix @ start.weights + start.level
    own = sparse.hstack([before[:, None], matrix[:, words], matrix[:, meaning], np.ones((len(truth), 1))], "csr")
    penalties = np.concatenate([[SCALE], np.full(len(words), WORDS), np.full(len(meaning), MEANING), [LEVEL]])
    first = np.zeros(own.shape[1])
    first[0] = 1.0
    signs = np.where(truth, 1.0, -1.0)

    def loss(values: Floats) -> tuple[float, Floats]:
        agreement, change = signs * (own @ values), values - first
        value = np.logaddexp(0, -agreement).sum() + 0.5 * (penalties * change**2).sum()
        return value, own.T @ (-signs * expit(-agreement)) + penalties * change

    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    weights = found[0] * start.weights
    weights[np.concatenate([words, meaning])] += found[1:-1]
    return _Head(weights, float(found[0] * start.level + found[-1]))


def _exclusion_head(matrix: sparse.csr_matrix, excluded: Any, places: Places) -> Any:
    """Return the head of exclusions, which other codebooks do not teach: it starts from `NOT_EXCLUDED` sentences."""
    if not (excluded != "").any():
        return DummyClassifier(strategy="prior").fit([[0.0]], [""])
    columns = np.r_[places["words"], places["meaning"]]
    started = sparse.vstack([matrix[:, columns], sparse.csr_matrix((1, len(columns)))], "csr")
    weights = np.append(np.ones(len(excluded)), NOT_EXCLUDED)
    head = LogisticRegression(C=1 / MEANING, max_iter=500).fit(started, np.append(excluded, ""), sample_weight=weights)
    whole = np.zeros((len(head.coef_), matrix.shape[1]))
    whole[:, columns] = head.coef_
    head.coef_, head.n_features_in_ = whole, matrix.shape[1]
    return head


def _judged_lender(lender: Lender, lenders: Sequence[Lender]) -> _Judged:
    """Return a lender's sentences with probabilities by heads that learned from the other lenders, if any."""
    width = lender.likeness.shape[1]
    places = {"likeness": slice(0, width), "lent": slice(width, width + len(LENT))}
    others = [each for each in lenders if each is not lender] or [lender]
    heads = _start(others, lender.codebook.dimension_keys, places)
    matrix = np.column_stack([lender.likeness, lender.lent])
    odds = pd.DataFrame({name: matrix @ head.weights + head.level for name, head in heads.items()})
    weights = _weights(lender) * (WEIGHT_OF_JUDGED / WEIGHT_OF_LENDER / len(lenders))
    return _Judged(lender.codebook, lender.rows, odds_to_shares(odds.assign(**{EXCLUDED: -np.inf})), weights)


def _judged_rows(
    matrix: sparse.csr_matrix, rows: pd.DataFrame, codebook: Codebook, start: Mapping[str, _Head], places: Places
) -> _Judged:
    """Return the labelled sentences with probabilities by heads that did not learn from their items."""
    parts = []
    for train, test in GroupKFold(n_splits=FOLDS).split(rows, groups=rows["item_id"]):
        heads = _heads(matrix[train], rows.iloc[train], codebook, start, places)
        parts.append(classifier_odds(matrix[test], heads).set_index(rows.index[test]))
    return _Judged(codebook, rows, odds_to_shares(pd.concat(parts).loc[rows.index]), np.ones(len(rows)))


def _decision(judged: Sequence[_Judged], dimensions: Sequence[str]) -> dict[str, Any]:
    """Return the threshold of all dimensions, the scale of `p_right`, and the limit of `needs_review`."""
    shares, truth, weights = [], [], []
    for each in judged:
        keys = each.codebook.dimension_keys
        shares.append(each.shares[keys].to_numpy().ravel())
        truth.append(targets_of(each.rows, each.codebook)[keys].to_numpy(bool).ravel())
        weights.append(np.repeat(each.weights / len(keys), len(keys)))
    threshold = best_threshold(np.concatenate(truth), np.concatenate(shares), np.concatenate(weights), THRESHOLDS)
    products, right = [], []
    for each in judged:
        thresholds = dict.fromkeys(each.codebook.dimension_keys, threshold)
        products.append(right_shares(each.shares, thresholds))
        right.append(is_right(each.shares, thresholds, targets_of(each.rows, each.codebook), each.rows))
    scale = platt_scale(pd.concat(products), pd.concat(right), np.concatenate([each.weights for each in judged]))
    limit = max(float(np.quantile(rescaled(products[-1], scale), REVIEW_SHARE)), SURE)
    return {"thresholds": dict.fromkeys(dimensions, threshold), "review_below": limit, "right_scale": scale}
