"""A trained tagger: the probabilities that it gives sentences, and the tags that follow from them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from sklearn.compose import ColumnTransformer

from g7tag.codebook import ACTS, NO_DIMENSION
from g7tag.store import text_sha256
from g7tag.tagger.encoder import Encoder
from g7tag.tagger.features import COLUMNS

Scale: TypeAlias = tuple[float, float]
"""Slope and intercept of the log-odds."""
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
STRONG, EXCLUDED = "strong", "excluded"
"""Columns of the probabilities: strong, given any dimension; excluded, for any reason."""
EXCLUSION = "exclusion"
"""Head of the exclusions, whose classes are "" and the exclusions of the codebook."""
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
    rows = sentences[COLUMNS].astype("object").reset_index(drop=True)  # faster to iterate than "str"
    matrix = tagger.features.transform(rows)
    each = pd.DataFrame({key: _share_of(tagger.heads[EXCLUSION], matrix, key) for key in tagger.about["exclusions"]})
    parts = each.div(each.sum(axis=1).clip(lower=1e-300), axis=0)  # of each exclusion, given that there is one
    return odds_to_shares(tagger_odds(tagger, rows, matrix), parts).set_index(sentences.index)


def tagger_odds(tagger: Tagger, rows: pd.DataFrame, matrix: Any) -> pd.DataFrame:
    """Return the log-odds of each label, for rows and their features."""
    odds = classifier_odds(matrix, tagger.heads)
    return odds if tagger.encoder is None else mixed_odds(odds, tagger.encoder.logits(rows), tagger.mix)


def classifier_odds(matrix: Any, heads: Mapping[str, Any]) -> pd.DataFrame:
    """Return the log-odds of each label by the classifiers: dimensions, acts, strong and, in one column, excluded."""
    shares = {
        label_of(name): 1.0 - _share_of(head, matrix, "") if name == EXCLUSION else _share_of(head, matrix, True)
        for name, head in heads.items()
    }
    return pd.DataFrame({label: log_odds(share) for label, share in shares.items()})


def label_of(head: str) -> str:
    """Return the label that a head gives log-odds of."""
    return EXCLUDED if head == EXCLUSION else head


def mixed_odds(odds: pd.DataFrame, encoder: pd.DataFrame, mix: Mapping[str, Mix]) -> pd.DataFrame:
    """Return the log-odds of classifiers and encoder together; labels without a mix keep those of the classifiers."""
    return odds.assign(
        **{name: each.classifiers * odds[name] + each.encoder * encoder[name] + each.base for name, each in mix.items()}
    )


def odds_to_shares(odds: pd.DataFrame, parts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return probabilities from log-odds. Those of the acts are divided by their sum, or NaN if none is known."""
    shares = pd.DataFrame(expit(odds.to_numpy()), columns=odds.columns, index=odds.index)
    known = [act for act in ACTS if act in shares]
    total = shares[known].sum(axis=1).clip(lower=SMALLEST)
    acts = {act: (shares[act] / total).clip(upper=1.0) if known else np.nan for act in ACTS}
    exclusions = {} if parts is None else {str(key): shares[EXCLUDED] * parts[key] for key in parts}
    return shares.assign(**exclusions, **acts)


def rescaled(shares: pd.Series, scale: Scale | None) -> pd.Series:
    """Return probabilities with scaled log-odds; without a scale, as they are."""
    return shares if scale is None else pd.Series(expit(scale[0] * log_odds(shares) + scale[1]), index=shares.index)


def log_odds(shares: pd.Series | Floats) -> Floats:
    """Return the log-odds of probabilities, which are kept `SMALLEST` away from 0 and 1."""
    return np.asarray(logit(np.clip(np.asarray(shares, dtype=np.float64), SMALLEST, 1 - SMALLEST)))


def _share_of(head: Any, matrix: Any, label: object) -> Floats:
    """Return the probability of one label, or 0 if the classifier was not trained on it."""
    places = np.flatnonzero(head.classes_ == label)
    shares = head.predict_proba(matrix)
    return np.asarray(shares[:, places[0]] if len(places) else np.zeros(len(shares)), dtype=np.float64)


def decided_tags(
    shares: pd.DataFrame, thresholds: Mapping[str, float], exclusions: Sequence[str], usable: Flags
) -> pd.DataFrame:
    """Return the tags for probabilities: columns dimensions (keys joined by ";"), strength, act and exclusion."""
    is_set = set_dimensions(shares, thresholds) & usable[:, None]
    kinds, places = np.unique(is_set.to_numpy(dtype=bool), axis=0, return_inverse=True)
    names = np.asarray([";".join(compress(is_set.columns, kind)) for kind in kinds], dtype=object)
    excluded = usable & ~is_set.any(axis=1) & (shares[EXCLUDED] >= 0.5)
    most_likely = shares[list(exclusions)].idxmax(axis=1).astype("str") if exclusions else ""
    return pd.DataFrame(
        {
            "dimensions": pd.Series(names[places.ravel()], index=shares.index, dtype="str"),
            "strength": decided_strengths(shares, is_set),
            "act": decided_acts(shares).where(usable, ""),
            "exclusion": np.where(excluded, most_likely, ""),
        },
        index=shares.index,
    )


def set_dimensions(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return which dimensions are set, as a boolean column for each."""
    keys = list(thresholds)
    reached = shares[keys] >= pd.Series(thresholds)
    excluded = (shares[EXCLUDED] >= 0.5) & (shares[EXCLUDED] > shares[keys].max(axis=1))
    return reached & ~(excluded | decided_acts(shares).isin(NO_DIMENSION)).to_numpy()[:, None]


def decided_acts(shares: pd.DataFrame) -> pd.Series:
    """Return the most likely act of each sentence; "" if the probabilities of the acts are not known."""
    acts = shares[list(ACTS)]
    return acts.fillna(0.0).idxmax(axis=1).astype("str").where(acts.notna().all(axis=1), "")


def decided_strengths(shares: pd.DataFrame, is_set: pd.DataFrame) -> pd.Series:
    """Return the strength of each sentence: none without a dimension, weak for a planned act."""
    weak = (shares[STRONG] < 0.5) | (decided_acts(shares) == "planned")
    strength = np.where(is_set.any(axis=1), np.where(weak, "weak", "strong"), "none")
    return pd.Series(strength, index=shares.index, dtype="str")


def margins(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.Series:
    """Return the smallest distance of a probability from its threshold, from 0 to 1."""
    distances = (shares[list(thresholds)] - pd.Series(thresholds)).abs()
    tagged = set_dimensions(shares, thresholds).any(axis=1)
    return distances.min(axis=1).clip(upper=(shares[STRONG] - 0.5).abs().where(tagged, np.inf))


def right_shares(shares: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.Series:
    """Return the probability that the dimensions, strength and act of a tag are right, assuming independence."""
    is_set = set_dimensions(shares, thresholds)
    dimensions = shares[list(thresholds)]
    dimensions_right = dimensions.where(is_set, 1 - dimensions).prod(axis=1)
    strong = decided_strengths(shares, is_set) == STRONG
    strength_right = shares[STRONG].where(strong, 1 - shares[STRONG]).where(is_set.any(axis=1), 1.0)
    return dimensions_right * strength_right * shares[list(ACTS)].max(axis=1).fillna(1.0)
