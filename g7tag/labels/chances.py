"""Probability of each label of each sentence: from the tagger or a trial, or certain if people labelled it."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import NO_DIMENSION, Codebook
from g7tag.frames import ANNOTATIONS, LABELS, tags_model, validate

TrialChances: TypeAlias = Mapping[str, Mapping[str, Sequence[float]]]
"""Results of trials of models, by annotator and label; see `label_chances`."""


def label_chances(
    labels: pd.DataFrame,
    *,
    tags: pd.DataFrame,
    annotations: pd.DataFrame,
    codebook: Codebook,
    trials: TrialChances | None = None,
) -> pd.DataFrame:
    """Return the probabilities of each dimension and of strong action for each row of the labels frame."""
    for frame, model in ((labels, LABELS), (tags, tags_model(codebook)), (annotations, ANNOTATIONS)):
        validate(frame, model, source="chances")
    about = annotations.set_index("annotation_id")[["kind", "annotator"]].reindex(labels["annotation_id"])
    kind = about["kind"].reset_index(drop=True)
    results = [(trials or {}).get(str(name), {}) for name in about["annotator"]]
    shares = tags.set_index("sentence_id").reindex(labels["sentence_id"])
    guessed = (kind == "classifier").to_numpy() & (shares["status"] == "ok").to_numpy()
    acts = shares[[f"p_{act}" for act in NO_DIMENSION]].sum(axis=1)
    most = 1 - acts.clip(lower=shares["p_excluded"]).to_numpy(dtype=float)  # neither kind has a dimension
    columns = {"sentence_id": labels["sentence_id"].to_numpy()}
    given = labels["dimensions"].str.split(";")
    for key in codebook.dimension_keys:
        certain = _by_trial(key, np.asarray([key in keys for keys in given]), results)
        columns[key] = np.where(guessed, np.fmin(shares[f"p_{key}"].to_numpy(dtype=float), most), certain)
    strong = _by_trial("strength", (labels["strength"] == "strong").to_numpy(), results)
    strong = np.where(labels["strength"] == "none", 0.0, strong)
    columns["strong"] = np.where(guessed, shares["p_strong"].to_numpy(dtype=float), strong)
    return pd.DataFrame(columns)


def _by_trial(
    label: str, given: npt.NDArray[np.bool_], results: Sequence[Mapping[str, Sequence[float]]]
) -> npt.NDArray[np.float64]:
    """Probability that each row has a label: from the trial for tested models, otherwise certain."""
    certain = (1.0, 0.0)
    pairs = [trial.get(label, certain) for trial in results]
    return np.asarray([pair[0] if has else pair[1] for has, pair in zip(given, pairs, strict=True)], dtype=np.float64)
