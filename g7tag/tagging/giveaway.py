"""Whether labels can be told from what must not tell them: member, month, publisher, its type, and length."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import OneHotEncoder

from g7tag.codebook import Codebook
from g7tag.tagging.labels import has_key

FOLDS = 5
GREATEST_GAIN = 0.05
"""Macro-F1 over the class prior from which on a feature gives labels away."""
CIRCUMSTANCES = ("member", "month", "publisher", "source type", "length")
_CUTS = np.round(np.arange(0.05, 1.0, 0.05), 2)


class GiveAway(NamedTuple):
    """Macro-F1 of a classifier on some circumstances, and of the best constant answer (the class prior)."""

    features: str
    macro_f1: float
    prior_f1: float

    @property
    def gain(self) -> float:
        """How much better than the prior; NaN where it could not be measured."""
        return self.macro_f1 - self.prior_f1


def give_aways(corpus: pd.DataFrame, codebook: Codebook) -> list[GiveAway]:
    """Measure all circumstances together, and then each alone.

    Logistic regression on one-hot circumstances, by `GroupKFold` over clusters; for each dimension the threshold with
    the greatest F1 on the training folds. The prior is the better of always yes and always no on the same folds. The
    test part is left out.

    Parameters
    ----------
    corpus
        Rows with text, member, date, publisher, source_type, cluster, part and dimensions.
    codebook
        Names the dimensions.

    Returns
    -------
    list of GiveAway
        Fewer than two clusters give NaN.
    """
    rows = corpus[corpus["part"] != "test"].reset_index(drop=True)
    facts = _circumstances(rows)
    truth = pd.DataFrame({key: has_key(rows["dimensions"], key) for key in codebook.dimension_keys})
    sets = [list(CIRCUMSTANCES), *([name] for name in CIRCUMSTANCES)]
    return [_measure(facts[names], truth, rows["cluster"]) for names in sets]


def _circumstances(rows: pd.DataFrame) -> pd.DataFrame:
    length = rows["text"].map(lambda text: len(text.split()) // 10)  # tens of words
    parts = {"member": rows["member"], "month": rows["date"].str[:7], "publisher": rows["publisher"],
             "source type": rows["source_type"], "length": length}  # fmt: skip
    return pd.DataFrame(parts).astype("str")


def _measure(facts: pd.DataFrame, truth: pd.DataFrame, clusters: pd.Series) -> GiveAway:
    name = ", ".join(facts.columns)
    if clusters.nunique() < 2:
        return GiveAway(name, float("nan"), float("nan"))
    found, prior = np.zeros(truth.shape, dtype=bool), np.zeros(truth.shape, dtype=bool)
    folds = GroupKFold(n_splits=min(FOLDS, clusters.nunique()))
    for train, test in folds.split(facts, groups=clusters):
        encoder = OneHotEncoder(handle_unknown="ignore").fit(facts.iloc[train])
        seen, unseen = encoder.transform(facts.iloc[train]), encoder.transform(facts.iloc[test])
        for place, key in enumerate(truth.columns):
            labels = truth[key].to_numpy()[train]
            found[test, place] = _answers(seen, labels, unseen)
            prior[test, place] = labels.any()  # always yes has the greater F1 wherever there is a yes
    return GiveAway(name, _macro_f1(truth, found), _macro_f1(truth, prior))


def _answers(seen: Any, labels: npt.NDArray[np.bool_], unseen: Any) -> npt.NDArray[np.bool_]:
    if labels.all() or not labels.any():
        return np.full(unseen.shape[0], labels.all())
    model = LogisticRegression(max_iter=1000).fit(seen, labels)
    shares = model.predict_proba(seen)[:, 1]
    best = max(_CUTS, key=lambda cut: f1_score(labels, shares >= cut, zero_division=0.0))
    return np.asarray(model.predict_proba(unseen)[:, 1] >= best)


def _macro_f1(truth: pd.DataFrame, found: npt.NDArray[np.bool_]) -> float:
    return float(f1_score(truth.to_numpy(), found, average="macro", zero_division=0.0))
