"""How likely each sentence carries each label: the tagger's probabilities, or certainty where people labelled it."""

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, LABELS, tags_model, validate


def label_chances(
    labels: pd.DataFrame, *, tags: pd.DataFrame, annotations: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return the probability of each dimension and of strength for each sentence that has a label.

    Parameters
    ----------
    labels, tags, annotations
        Frames of one run.
    codebook
        Names the dimensions.

    Returns
    -------
    pandas.DataFrame
        Columns sentence_id, one for each dimension and `strong` (given any dimension), in [0, 1]; rows as in labels. A
        label by the classifier has its tag's probabilities, none above that of not being excluded; a label by anybody
        else is certain, and a sentence without a label, or that the tagger could not judge, is certain to have none.
    """
    for frame, model in ((labels, LABELS), (tags, tags_model(codebook)), (annotations, ANNOTATIONS)):
        validate(frame, model, source="chances")
    kind = labels["annotation_id"].map(annotations.set_index("annotation_id")["kind"])
    shares = tags.set_index("sentence_id").reindex(labels["sentence_id"])
    guessed = (kind == "classifier").to_numpy() & (shares["status"] == "ok").to_numpy()
    most = 1 - shares["p_excluded"].to_numpy(dtype=float)  # what is excluded has no dimension
    columns = {"sentence_id": labels["sentence_id"].to_numpy()}
    given = labels["dimensions"].str.split(";")
    for key in codebook.dimension_keys:
        certain = np.asarray([key in keys for keys in given], dtype=float)
        columns[key] = np.where(guessed, np.fmin(shares[f"p_{key}"].to_numpy(dtype=float), most), certain)
    is_strong = (labels["strength"] == "strong").to_numpy(dtype=float)
    columns["strong"] = np.where(guessed, shares["p_strong"].to_numpy(dtype=float), is_strong)
    return pd.DataFrame(columns)
