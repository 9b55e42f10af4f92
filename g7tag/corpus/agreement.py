"""Agreement between the corpus's two coders, by label, before adjudication."""

import pandas as pd

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import CODERS
from g7tag.frames.labels import has_key
from g7tag.statistics import alpha_interval, gwet_ac1, krippendorff_alpha, percent_agreement

STRENGTH_ORDER = ("none", "weak", "strong")


def coding_agreement(corpus: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return what `coders_agreement` returns, for rows of one file that both coders coded."""
    has_acts = {"c1_act", "c2_act"} <= set(corpus)
    acts = corpus[(corpus[["c1_act", "c2_act"]] != "").all(axis=1)] if has_acts else corpus.head(0)
    both = [
        {
            **{key: has_key(corpus[f"{coder}_dimensions"], key) for key in codebook.dimension_keys},
            "strength": corpus[f"{coder}_strength"].map(STRENGTH_ORDER.index),
            **{key: corpus[f"{coder}_exclusion"] == key for key in codebook.exclusion_keys},
            **({act: acts[f"{coder}_act"] == act for act in ACTS} if len(acts) else {}),
        }
        for coder in CODERS
    ]
    rows = []
    for label in both[0]:
        coded = pd.concat([coding[label] for coding in both], axis=1)
        codes, ordinal = coded.astype("int64").to_numpy(), label == "strength"
        order = range(3) if ordinal else None
        found = krippendorff_alpha(codes, order=order)
        interval = alpha_interval(codes, corpus["item_id"][coded.index].to_numpy(), order=order)
        one, other = (codes == (STRENGTH_ORDER.index("strong") if ordinal else 1)).sum(axis=0).tolist()
        rows.append(
            {"label": label, "n": found.n_units, "coder_1": one, "coder_2": other,
             "percent": 100 * percent_agreement(codes).value, "alpha": found.value, "low": interval.low,
             "high": interval.high, "ac1": gwet_ac1(codes).value, "reason": found.reason}
        )  # fmt: skip
    return pd.DataFrame(rows)


def coders_agreement(corpus: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return how far the two coders of labelled files agreed, as first made.

    Parameters
    ----------
    corpus
        Labelled sentences, as returned by `read_corpus`; those that both coders coded count.
    codebook
        Names the dimensions and exclusions.

    Returns
    -------
    pandas.DataFrame
        One row for each file and label: dimensions, strength (ordinal), exclusions and, on sentences whose act both
        coded, acts. Columns: file, label, n (sentences), coder_1 and coder_2 (sentences with the label; for strength,
        strong ones), percent, alpha (Krippendorff), low and high (its 95 % bootstrap interval over items), ac1 (Gwet)
        and reason (why alpha is NaN). No sentences give no rows.
    """
    coded = corpus[(corpus[["c1_strength", "c2_strength"]] != "").all(axis=1)]
    measured = [pd.DataFrame(columns=["file", "label"])]
    for name, rows in coded.groupby("file", sort=False):
        measured.append(coding_agreement(rows, codebook))
        measured[-1].insert(0, "file", name)
    return pd.concat(measured[1:] or measured, ignore_index=True)
