"""Train a tagger on labelled sentences, and predict probabilities."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from scipy.special import expit, logit
from sklearn.base import TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from g7tag.codebook import Codebook
from g7tag.corpus.reading import file_weights
from g7tag.errors import FrameError
from g7tag.frames.labels import has_key
from g7tag.store import package_version, text_sha256
from g7tag.tagger.decide import EXCLUDED, STRONG, right_shares
from g7tag.tagger.features import COLUMNS, make_features

FEWEST = 5
"""Minimum number of sentences with and without a label for scaling its probabilities."""
Scale: TypeAlias = tuple[float, float]
"""Slope and intercept of the logit."""
Floats: TypeAlias = npt.NDArray[np.float64]


Weights = npt.NDArray[np.float64]
EXCLUSION = "exclusion"
FOLDS = 5
REVIEW_SHARE = 0.25
"""Share of sentences that need review, measured on sentences left out of training."""
FEWEST_FOR_THRESHOLD = 5
"""Minimum number of sentences of a dimension for choosing its threshold; below that it is one half."""
MADE_FROM = [
    "file", "sentence_id", "item_id", "member", "cluster", "part", "text", "dimensions", "strength", "exclusion",
]  # fmt: skip
"""Columns of a corpus that a tagger or its evaluation depends on."""


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
    fit = LogisticRegression(C=1e6).fit(_logits(shares).reshape(-1, 1), truth, sample_weight=weights)
    return (float(fit.coef_[0, 0]), float(fit.intercept_[0])) if fit.coef_[0, 0] > 0 else None


def rescaled(shares: pd.Series, scale: Scale) -> Floats:
    """Return probabilities with scaled logits.

    Examples
    --------
    >>> rescaled(pd.Series([0.5, 0.2]), (1.0, 0.0)).round(2).tolist()
    [0.5, 0.2]
    """
    return np.asarray(expit(scale[0] * _logits(shares) + scale[1]), dtype=np.float64)


def rescale_head(head: Any, scale: Scale) -> None:
    """Apply a scale to the weights of a two-class logistic regression, where "" or False means absent."""
    sign = 1.0 if head.classes_[1] != "" else -1.0
    head.coef_ = head.coef_ * scale[0]
    head.intercept_ = head.intercept_ * scale[0] + sign * scale[1]


def _logits(shares: pd.Series) -> Floats:
    return np.asarray(logit(shares.clip(1e-6, 1 - 1e-6).to_numpy(dtype=np.float64)), dtype=np.float64)


@dataclass(frozen=True)
class Tagger:
    """A trained tagger: features, classifiers, and the thresholds that turn probabilities into tags.

    `heads` has a classifier for each dimension, one for "strong" (given a dimension) and one for "exclusion". `about`
    has the codebook, corpus and versions for the manifest of the model file.
    """

    features: ColumnTransformer
    heads: dict[str, Any]
    thresholds: dict[str, float]
    review_below: float
    about: dict[str, Any]

    @property
    def model_id(self) -> str:
        """Return the id of the tagger; equal for equal corpus, corpus name, codebook and versions."""
        return f"{self.about['codebook']}-{text_sha256(json.dumps(self.about, sort_keys=True))[:12]}"


def train_tagger(
    corpus: pd.DataFrame,
    codebook: Codebook,
    *,
    corpus_name: str = "corpus",
    features: TransformerMixin | None = None,
) -> Tagger:
    """Return a tagger trained on a labelled corpus.

    The classifiers are logistic regressions on shared features. All files of the corpus have equal total weight. Three
    things are fitted on items left out of training, with `GroupKFold` over items: the scale of the probabilities (Platt
    1999), the thresholds (greatest F1), and the probability of being right below which a tag needs review (for a share
    of `REVIEW_SHARE`).

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
    targets = _targets(corpus, codebook)
    _check_examples(targets, corpus, codebook)
    weights = file_weights(corpus)
    untrained = make_features(codebook) if features is None else features
    shares = _left_out(untrained, corpus, targets, codebook, weights)
    scales = _scales(shares, targets, corpus, weights)
    for name, scale in scales.items():
        column = EXCLUDED if name == EXCLUSION else name
        shares[column] = rescaled(shares[column], scale)
    thresholds = {
        key: _threshold(targets[key], shares[key]) if targets[key].sum() >= FEWEST_FOR_THRESHOLD else 0.5
        for key in codebook.dimension_keys
    }
    review_below = float(np.quantile(right_shares(shares, thresholds), REVIEW_SHARE))
    fitted, heads = _fit(untrained, corpus, targets, codebook, weights)
    for name, scale in scales.items():
        rescale_head(heads[name], scale)
    about = about_corpus(corpus, codebook) | {"corpus": corpus_name}
    return Tagger(fitted, heads, thresholds, review_below, about)


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
        "corpus_items": {name: int(n) for name, n in items.groupby(items.str.partition("/")[0]).count().items()},
        "corpus_sha256": text_sha256(labels.to_json(orient="values")),
        "g7tag": package_version(),
        "scikit-learn": sklearn.__version__,
    }


def predict_shares(tagger: Tagger, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return probabilities, one row per sentence, with columns for dimensions, `strong`, `excluded` and exclusions.

    Parameters
    ----------
    tagger
        A trained tagger.
    sentences
        Columns item_id and text. The rows of an item must be in order and adjacent. May be empty.
    """
    keys, exclusions = tagger.about["dimensions"], tagger.about["exclusions"]
    if sentences.empty:
        return pd.DataFrame(columns=[*keys, STRONG, EXCLUDED, *exclusions], dtype="float64", index=sentences.index)
    matrix = tagger.features.transform(sentences[COLUMNS].astype("object"))  # faster to iterate than "str"
    return _shares(matrix, tagger.heads, keys, exclusions).set_index(sentences.index)


def _targets(sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    dimensions = {key: has_key(sentences["dimensions"], key) for key in codebook.dimension_keys}
    return pd.DataFrame({**dimensions, STRONG: sentences["strength"] == STRONG, EXCLUSION: sentences["exclusion"]})


def _check_examples(targets: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> None:
    lacking = [key for key in codebook.dimension_keys if not targets[key].any()]
    lacking += [
        f"strength {level.key}" for level in codebook.strengths if not (sentences["strength"] == level.key).any()
    ]
    if lacking:
        msg = (
            f"corpus: no sentence labelled {lacking[0]!r}. Expected at least one for each dimension and strength. "
            "Add some."
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
    """Return the probabilities of each sentence from a model trained without its item."""
    folds = GroupKFold(n_splits=min(FOLDS, sentences["item_id"].nunique()))
    parts = []
    for train, test in folds.split(sentences, groups=sentences["item_id"]):
        features, heads = _fit(untrained, sentences.iloc[train], targets.iloc[train], codebook, weights[train])
        matrix = features.transform(sentences.iloc[test][COLUMNS])
        shares = _shares(matrix, heads, codebook.dimension_keys, codebook.exclusion_keys)
        parts.append(shares.set_index(sentences.index[test]))
    return pd.concat(parts).loc[sentences.index]


def _fit(
    untrained: TransformerMixin, sentences: pd.DataFrame, targets: pd.DataFrame, codebook: Codebook, weights: Weights
) -> tuple[Any, dict[str, Any]]:
    features = clone(untrained)
    matrix = features.fit_transform(sentences[COLUMNS])
    tagged = (sentences["dimensions"] != "").to_numpy()
    heads = {key: _fit_head(matrix, targets[key], weights) for key in codebook.dimension_keys}
    heads[STRONG] = _fit_head(matrix[tagged], targets.loc[tagged, STRONG], weights[tagged])
    heads[EXCLUSION] = _fit_head(matrix, targets[EXCLUSION], weights)
    return features, heads


def _fit_head(matrix: Any, labels: pd.Series, weights: Weights) -> Any:
    """Return a classifier, or a constant if there is only one label."""
    one = labels.nunique() < 2
    head = (
        DummyClassifier(strategy="prior")
        if one
        else LogisticRegression(C=10.0, solver="newton-cg", tol=1e-8, max_iter=200)
    )
    return head.fit(matrix, labels.to_numpy(), sample_weight=weights)


def _shares(matrix: Any, heads: Mapping[str, Any], keys: list[str], exclusions: list[str]) -> pd.DataFrame:
    columns = {key: _share_of(heads[key], matrix, True) for key in (*keys, STRONG)}
    kept = _share_of(heads[EXCLUSION], matrix, "")
    each = {key: _share_of(heads[EXCLUSION], matrix, key) for key in exclusions}
    return pd.DataFrame({**columns, EXCLUDED: np.clip(1.0 - kept, 0.0, 1.0), **each})


def _share_of(head: Any, matrix: Any, label: object) -> npt.NDArray[np.float64]:
    """Return the probability of one label, or 0 if the classifier was not trained on it."""
    places = np.flatnonzero(head.classes_ == label)
    shares = head.predict_proba(matrix)
    return np.asarray(shares[:, places[0]] if len(places) else np.zeros(len(shares)), dtype=np.float64)


def _scales(shares: pd.DataFrame, targets: pd.DataFrame, sentences: pd.DataFrame, weights: Weights) -> dict[str, Scale]:
    """Return the scale of each head's probabilities; for strong, fitted on sentences with a dimension."""
    tagged = (sentences["dimensions"] != "").to_numpy(dtype=bool)
    every = np.ones(len(sentences), dtype=bool)
    heads = {key: (shares[key], targets[key], every) for key in targets.columns.drop([STRONG, EXCLUSION])}
    heads[STRONG] = (shares[STRONG], targets[STRONG], tagged)
    if targets[EXCLUSION].nunique() == 2:  # more classes would need more than one slope and intercept
        heads[EXCLUSION] = (shares[EXCLUDED], targets[EXCLUSION] != "", every)
    fitted = {
        name: platt_scale(column[rows], labels[rows], weights[rows]) for name, (column, labels, rows) in heads.items()
    }
    return {name: scale for name, scale in fitted.items() if scale is not None}


def _threshold(truth: pd.Series, shares: pd.Series) -> float:
    """Return the threshold with the greatest F1, or the middle one if several are equal."""
    grid = np.round(np.arange(0.20, 0.61, 0.05), 2)
    scores = np.array([f1_score(truth, shares >= cut) for cut in grid])
    best = grid[scores >= scores.max() - 1e-9]
    return float(best[len(best) // 2])
