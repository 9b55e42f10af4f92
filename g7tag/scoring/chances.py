"""How likely each sentence carries each label: the tagger's probabilities, or certainty where people labelled it."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, LABELS, tags_model, validate


def label_chances(
    labels: pd.DataFrame,
    *,
    tags: pd.DataFrame,
    annotations: pd.DataFrame,
    codebook: Codebook,
    reliability: Mapping[str, Mapping[str, float]] | None = None,
) -> pd.DataFrame:
    """Return the probability of each dimension and of strength for each sentence that has a label.

    Parameters
    ----------
    labels, tags, annotations
        Frames of one run.
    codebook
        Names the dimensions.
    reliability
        For each model whose proposals count, by the annotator's name, the share of a trial's sentences in which it was
        right on each dimension and on `strength`, in [0, 1].

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
    right = _trial_shares(about["annotator"].reset_index(drop=True), codebook, reliability or {})
    shares = tags.set_index("sentence_id").reindex(labels["sentence_id"])
    guessed = (kind == "classifier").to_numpy() & (shares["status"] == "ok").to_numpy()
    most = 1 - shares["p_excluded"].to_numpy(dtype=float)  # what is excluded has no dimension
    columns = {"sentence_id": labels["sentence_id"].to_numpy()}
    given = labels["dimensions"].str.split(";")
    for key in codebook.dimension_keys:
        has = np.asarray([key in keys for keys in given], dtype=float)
        certain = np.where(has > 0, right[key], 1 - right[key])
        columns[key] = np.where(guessed, np.fmin(shares[f"p_{key}"].to_numpy(dtype=float), most), certain)
    is_strong = (labels["strength"] == "strong").to_numpy()
    strong = np.where(is_strong, right["strength"], np.where(labels["strength"] == "weak", 1 - right["strength"], 0.0))
    columns["strong"] = np.where(guessed, shares["p_strong"].to_numpy(dtype=float), strong)
    return pd.DataFrame(columns)


def _trial_shares(
    annotators: pd.Series, codebook: Codebook, reliability: Mapping[str, Mapping[str, float]]
) -> dict[str, npt.NDArray[np.float64]]:
    """For each label the share of right ones of each row's annotator; 1 for whom no trial was made."""
    return {
        label: np.asarray([reliability.get(str(name), {}).get(label, 1.0) for name in annotators], dtype=np.float64)
        for label in (*codebook.dimension_keys, "strength")
    }
