"""A trained tagger: the probabilities that it gives sentences, and the tags that follow from them."""

import json
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit

from g7tag.codebook import ACTS, NO_DIMENSION, Codebook
from g7tag.store import text_sha256
from g7tag.tagger.arrays import Floats
from g7tag.tagger.heads import MOST_ODDS, Heads
from g7tag.tagger.meaning import Meaning
from g7tag.tagger.words import Words

Scale: TypeAlias = tuple[float, float]
"""Slope and intercept of log-odds."""
Flags: TypeAlias = npt.NDArray[np.bool_]
STRONG, EXCLUDED = "strong", "excluded"
"""Columns of the probabilities: strong, given any dimension; excluded, for any reason."""
N_ON = len(ACTS) - len(NO_DIMENSION)
"""Number of acts that carry dimensions, the first of `ACTS`: done and planned."""
SMALLEST = 1e-6
"""Smallest distance of a probability from 0 and 1 when its log-odds are computed."""
REVIEW_BELOW = 0.5
"""A tag needs review if it is more likely wrong than right."""
Reader: TypeAlias = Meaning | Words
"""Reads features of sentences (columns item_id and text), and the log-odds of their labels before any label."""


@dataclass(frozen=True)
class Tagger:
    """A trained tagger: what it reads in sentences, a head for each label, and how likely its tags are right."""

    reader: Reader
    heads: Heads
    threshold: float
    right_scale: Scale
    about: dict[str, Any]
    fast: "Tagger | None" = field(default=None, repr=False)

    @property
    def labels(self) -> list[str]:
        """Labels with a head, in order: dimensions, exclusions, strong, acts."""
        return [*self.about["dimensions"], *self.about["exclusions"], STRONG, *ACTS]

    @property
    def review_limit(self) -> float:
        """Probability of being right below which a tag needs review."""
        return REVIEW_BELOW

    @property
    def model_id(self) -> str:
        """Return the id of the tagger; equal for equal corpus, corpus name, codebook, encoder and versions."""
        return f"{self.about['codebook']}-{text_sha256(json.dumps(self.about, sort_keys=True))[:12]}"

    def odds(self, sentences: pd.DataFrame) -> Floats:
        """Return the log-odds of each label, one row for each sentence."""
        features, start = self.reader.read(sentences)
        return self.heads.odds(features, start)


class Decided(NamedTuple):
    """Probabilities of every label, the tags that follow from them, and how likely and how clear each tag is."""

    shares: pd.DataFrame
    tags: pd.DataFrame
    right: Floats
    margin: Floats


def decide(odds: Floats, codebook: Codebook, threshold: float) -> Decided:
    """Return probabilities and tags for log-odds in the order of `Tagger.labels`.

    The heads judge each label by itself. Together, only some labels are possible: a sentence has a dimension only if
    its act is done or planned and it is not excluded, and a planned act is weak. The probabilities are those of the
    heads given that the labels are possible, so act and dimensions inform each other. A dimension is set if its
    probability reaches the threshold; act, strength and exclusion are the most likely that go with the dimensions.
    """
    dimensions, exclusions = codebook.dimension_keys, codebook.exclusion_keys
    n_dims, n_out = len(dimensions), len(exclusions)
    each = expit(odds.clip(-MOST_ODDS, MOST_ODDS))
    own, out, strong = each[:, :n_dims], each[:, n_dims : n_dims + n_out], each[:, n_dims + n_out]
    acts = each[:, n_dims + n_out + 1 :] / each[:, n_dims + n_out + 1 :].sum(axis=1, keepdims=True)
    free, none = np.prod(1 - out, axis=1), np.prod(1 - own, axis=1)
    on = acts[:, :N_ON].sum(axis=1) * free
    possible = on + (1 - on) * none
    posterior = own * (on / possible)[:, None]
    excluded = (1 - free) * none / possible
    with_act = acts * np.where(np.arange(len(ACTS)) < N_ON, (free + (1 - free) * none)[:, None], none[:, None])
    with_act /= possible[:, None]
    levels = np.column_stack([acts[:, 0] * strong, acts[:, 0] * (1 - strong), acts[:, 1] * (1 - strong)])
    levels /= levels.sum(axis=1, keepdims=True)  # done and strong, done and weak, planned and weak

    is_set = posterior >= threshold
    tagged = is_set.any(axis=1)
    level, alone = levels.argmax(axis=1), acts.argmax(axis=1)
    act = np.where(tagged, np.where(level == 2, 1, 0), alone)
    left_out = ~tagged & (excluded >= 0.5) if n_out else np.zeros(len(odds), dtype=bool)
    which = out.argmax(axis=1) if n_out else np.zeros(len(odds), dtype=np.intp)
    rows = np.arange(len(odds))
    as_set = np.where(is_set, own, 1 - own).prod(axis=1)
    with_dimensions = as_set * on / possible * levels[rows, level]
    chosen_out = np.where(left_out, out[rows, which] if n_out else 0.0, free)
    without = none * acts[rows, alone] * chosen_out / possible
    keys, outs = (np.asarray([*names, ""], dtype=object) for names in (dimensions, exclusions))
    kinds, places = np.unique(is_set, axis=0, return_inverse=True)
    joined = np.asarray([";".join(compress(keys, kind)) for kind in kinds], dtype=object)
    tags = {
        "dimensions": joined[places.ravel()] if len(odds) else joined,
        "strength": np.where(tagged, np.where(level == 0, "strong", "weak"), "none"),
        "act": np.asarray(ACTS, dtype=object)[act],
        "exclusion": np.where(left_out, outs[which], ""),
    }
    named = {**dict(zip(dimensions, posterior.T, strict=True)), STRONG: levels[:, 0], EXCLUDED: excluded}
    shares = pd.DataFrame({**named, **dict(zip(ACTS, with_act.T, strict=True))}).clip(0.0, 1.0)
    margin = np.abs(posterior - threshold).min(axis=1)
    margin = np.where(tagged, np.minimum(margin, np.abs(levels[:, 0] - 0.5)), margin)
    return Decided(shares, pd.DataFrame(tags, dtype="str"), np.where(tagged, with_dimensions, without), margin)


def rescaled(shares: Floats, scale: Scale) -> Floats:
    """Return probabilities with scaled log-odds."""
    return np.asarray(expit(scale[0] * log_odds(shares) + scale[1]))


def log_odds(shares: Floats) -> Floats:
    """Return the log-odds of probabilities, which are kept `SMALLEST` away from 0 and 1."""
    return np.asarray(logit(np.clip(shares, SMALLEST, 1 - SMALLEST)))
