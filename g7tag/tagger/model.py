"""A trained tagger, and the probabilities that it gives sentences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from sklearn.compose import ColumnTransformer

from g7tag.codebook import ACTS
from g7tag.store import text_sha256
from g7tag.tagger.decide import EXCLUDED, STRONG
from g7tag.tagger.encoder import Encoder
from g7tag.tagger.features import COLUMNS

Scale: TypeAlias = tuple[float, float]
"""Slope and intercept of the log-odds."""
Floats: TypeAlias = npt.NDArray[np.float64]
EXCLUSION = "exclusion"
SMALLEST = 1e-6
"""Smallest distance of a probability from 0 and 1 when its log-odds are computed."""


class Mix(NamedTuple):
    """How the log-odds of a label follow from those of the classifiers and of the encoder."""

    classifiers: float
    encoder: float
    base: float


@dataclass(frozen=True)
class Tagger:
    """A trained tagger: features, classifiers, encoder, and the thresholds that turn probabilities into tags."""

    features: ColumnTransformer
    heads: dict[str, Any]
    thresholds: dict[str, float]
    review_below: float
    right_scale: Scale | None
    about: dict[str, Any]
    encoder: Encoder | None = None
    mix: Mapping[str, Mix] = field(default_factory=dict)
    fast: "Tagger | None" = None

    @property
    def review_limit(self) -> float:
        """`review_below` as a whole percentage: the number that people see is the one that is compared."""
        return round(self.review_below, 2)

    @property
    def model_id(self) -> str:
        """Return the id of the tagger; equal for equal corpus, corpus name, codebook, encoder and versions."""
        return f"{self.about['codebook']}-{text_sha256(json.dumps(self.about, sort_keys=True))[:12]}"


def predict_shares(tagger: Tagger, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return probabilities, one row per sentence: of dimensions, `strong`, `excluded`, exclusions and acts."""
    keys, exclusions = tagger.about["dimensions"], tagger.about["exclusions"]
    if sentences.empty:
        columns = [*keys, STRONG, EXCLUDED, *exclusions, *ACTS]
        return pd.DataFrame(columns=columns, dtype="float64", index=sentences.index)
    rows = sentences[COLUMNS].astype("object")  # faster to iterate than "str"
    matrix = tagger.features.transform(rows)
    odds = classifier_odds(matrix, tagger.heads)
    if tagger.encoder is not None:
        odds = mixed_odds(odds, tagger.encoder.logits(rows.reset_index(drop=True)), tagger.mix)
    return odds_to_shares(odds, exclusion_parts(matrix, tagger.heads, exclusions)).set_index(sentences.index)


def classifier_odds(matrix: Any, heads: Mapping[str, Any]) -> pd.DataFrame:
    """Return the log-odds of each label by the classifiers: dimensions, acts, strong and, in one column, excluded."""
    odds = {}
    for name, head in heads.items():
        if name == EXCLUSION:
            odds[EXCLUDED] = log_odds(pd.Series(1.0 - _share_of(head, matrix, "")))
        else:
            odds[name] = log_odds(pd.Series(_share_of(head, matrix, True)))
    return pd.DataFrame(odds)


def exclusion_parts(matrix: Any, heads: Mapping[str, Any], exclusions: list[str]) -> pd.DataFrame:
    """Return the probability of each exclusion, given that the sentence is excluded."""
    each = pd.DataFrame({key: _share_of(heads[EXCLUSION], matrix, key) for key in exclusions})
    return each.div(each.sum(axis=1).clip(lower=1e-300), axis=0)


def mixed_odds(odds: pd.DataFrame, encoder: pd.DataFrame, mix: Mapping[str, Mix]) -> pd.DataFrame:
    """Return the log-odds of classifiers and encoder together; labels without a mix keep those of the classifiers."""
    return odds.assign(
        **{name: each.classifiers * odds[name] + each.encoder * encoder[name] + each.base for name, each in mix.items()}
    )


def odds_to_shares(odds: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return probabilities from log-odds. Those of the acts are divided by their sum."""
    shares = pd.DataFrame(expit(odds.to_numpy()), columns=odds.columns, index=odds.index)
    known = [act for act in ACTS if act in shares]
    total = shares[known].sum(axis=1).clip(lower=SMALLEST)
    acts = {act: (shares[act] / total).clip(upper=1.0) if known else np.nan for act in ACTS}
    return shares.assign(**{str(key): shares[EXCLUDED] * parts[key] for key in parts}, **acts)


def rescaled(shares: pd.Series, scale: Scale) -> Floats:
    """Return probabilities with scaled log-odds."""
    return np.asarray(expit(scale[0] * log_odds(shares) + scale[1]), dtype=np.float64)


def log_odds(shares: pd.Series) -> Floats:
    """Return the log-odds of probabilities, which are kept `SMALLEST` away from 0 and 1."""
    return np.asarray(logit(shares.clip(SMALLEST, 1 - SMALLEST).to_numpy(dtype=np.float64)), dtype=np.float64)


def _share_of(head: Any, matrix: Any, label: object) -> Floats:
    """Return the probability of one label, or 0 if the classifier was not trained on it."""
    places = np.flatnonzero(head.classes_ == label)
    shares = head.predict_proba(matrix)
    return np.asarray(shares[:, places[0]] if len(places) else np.zeros(len(shares)), dtype=np.float64)
