"""Agreement between the corpus's two coders, by label, before adjudication."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames.labels import has_key
from g7tag.statistics import bootstrap_interval, gwet_ac1, krippendorff_alpha, percent_agreement

STRENGTH_ORDER = ("none", "weak", "strong")


def coding_agreement(corpus: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the agreement between the two coders of a corpus.

    Parameters
    ----------
    corpus
        Rows with item_id and the coders' labels, `c1_...` and `c2_...`.
    codebook
        Names the dimensions and exclusions.

    Returns
    -------
    pandas.DataFrame
        One row for each dimension, for strength (ordinal: none, weak, strong) and for each exclusion. Columns: n
        (sentences), coder_1 and coder_2 (sentences with the label; for strength, strong sentences), percent (agreement,
        in [0, 100]), alpha (Krippendorff), low and high (its 95 % bootstrap interval over items), ac1 (Gwet) and reason
        (why alpha is NaN).
    """
    codings = [
        {
            **{key: has_key(corpus[f"{coder}_dimensions"], key) for key in codebook.dimension_keys},
            "strength": corpus[f"{coder}_strength"],
            **{key: corpus[f"{coder}_exclusion"] == key for key in codebook.exclusion_keys},
        }
        for coder in ("c1", "c2")
    ]
    return pd.DataFrame([_row(label, codings, corpus["item_id"]) for label in codings[0]])


def _row(label: str, codings: Sequence[Mapping[str, pd.Series]], items: pd.Series) -> dict[str, object]:
    ordinal = label == "strength"
    codes = pd.concat([coding[label] for coding in codings], axis=1).astype("str").to_numpy(dtype="object")
    alpha = partial(krippendorff_alpha, level="ordinal", order=STRENGTH_ORDER) if ordinal else krippendorff_alpha
    found, interval = alpha(codes), bootstrap_interval(alpha, codes, items.to_numpy())
    counts = [int((column == ("strong" if ordinal else "True")).sum()) for column in codes.T]
    return {
        "label": label, "n": found.n_units, "coder_1": counts[0], "coder_2": counts[1],
        "percent": 100 * percent_agreement(codes).value, "alpha": found.value, "low": interval.low,
        "high": interval.high, "ac1": gwet_ac1(codes).value, "reason": found.reason,
    }  # fmt: skip
