"""How likely each sentence carries each label: the tagger's probabilities, or certainty where people labelled it."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, LABELS, tags_model, validate

TrialChances: TypeAlias = Mapping[str, Mapping[str, Sequence[float]]]
"""What trials found of models, by annotator and label; see `label_chances`."""


def label_chances(
    labels: pd.DataFrame,
    *,
    tags: pd.DataFrame,
    annotations: pd.DataFrame,
    codebook: Codebook,
    trials: TrialChances | None = None,
) -> pd.DataFrame:
    """Return the probability of each dimension and of strength for each sentence that has a label.

    Parameters
    ----------
    labels, tags, annotations
        Frames of one run.
    codebook
        Names the dimensions.
    trials
        For each model whose proposals count, by the annotator's name, what its trial found: for each dimension how
        likely a sentence has it where the model says so and where it does not; for `strength` how likely it is strong
        where the model says strong and where it says weak. In [0, 1].

    Returns
    -------
    pandas.DataFrame
        Columns sentence_id, one for each dimension and `strong` (given any dimension), in [0, 1]; rows as in labels. A
        label by the classifier has its tag's probabilities, none above that of not being excluded; one by a model is
        right with the probability that its trial found; a label by anybody else is certain, and a sentence without a
        label, or that the tagger could not judge, is certain to have none.
    """
    for frame, model in ((labels, LABELS), (tags, tags_model(codebook)), (annotations, ANNOTATIONS)):
        validate(frame, model, source="chances")
    about = annotations.set_index("annotation_id")[["kind", "annotator"]].reindex(labels["annotation_id"])
    kind = about["kind"].reset_index(drop=True)
    told = [(trials or {}).get(str(name), {}) for name in about["annotator"]]
    shares = tags.set_index("sentence_id").reindex(labels["sentence_id"])
    guessed = (kind == "classifier").to_numpy() & (shares["status"] == "ok").to_numpy()
    most = 1 - shares["p_excluded"].to_numpy(dtype=float)  # what is excluded has no dimension
    columns = {"sentence_id": labels["sentence_id"].to_numpy()}
    given = labels["dimensions"].str.split(";")
    for key in codebook.dimension_keys:
        certain = _by_trial(key, np.asarray([key in keys for keys in given]), told)
        columns[key] = np.where(guessed, np.fmin(shares[f"p_{key}"].to_numpy(dtype=float), most), certain)
    strong = _by_trial("strength", (labels["strength"] == "strong").to_numpy(), told)
    strong = np.where(labels["strength"] == "none", 0.0, strong)
    columns["strong"] = np.where(guessed, shares["p_strong"].to_numpy(dtype=float), strong)
    return pd.DataFrame(columns)


def _by_trial(
    label: str, given: npt.NDArray[np.bool_], told: Sequence[Mapping[str, Sequence[float]]]
) -> npt.NDArray[np.float64]:
    """How likely each row has a label by who gave it or not: certain, but for models that stood a trial."""
    certain = (1.0, 0.0)
    pairs = [trial.get(label, certain) for trial in told]
    return np.asarray([pair[0] if has else pair[1] for has, pair in zip(given, pairs, strict=True)], dtype=np.float64)
