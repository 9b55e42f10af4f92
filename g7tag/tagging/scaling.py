"""Scale probabilities so that they are as high as labels are frequent (Platt 1999)."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

FEWEST = 5
"""Sentences with a label, and without it, below which its probabilities are left as they are."""
Scale: TypeAlias = tuple[float, float]
"""Slope and intercept of the logit."""
Floats: TypeAlias = npt.NDArray[np.float64]


def platt_scale(shares: pd.Series, labels: pd.Series, weights: Floats) -> Scale | None:
    """Return the slope and intercept that fit probabilities of sentences left out of training to their labels.

    Parameters
    ----------
    shares, labels, weights
        Of each sentence the probability of a label, whether it has it, and what it weighs.

    Returns
    -------
    tuple or None
        None where there are too few labels, or where the probabilities do not rise with them.

    Examples
    --------
    >>> shares, labels = pd.Series([0.1, 0.9] * 50), pd.Series(([False, True] * 4 + [True, False]) * 10)
    >>> slope, intercept = platt_scale(shares, labels, np.ones(100))
    >>> rescaled(pd.Series([0.1, 0.9]), (slope, intercept)).round(2).tolist()
    [0.2, 0.8]
    """
    truth = labels.to_numpy(dtype=bool)
    if min(truth.sum(), (~truth).sum()) < FEWEST:
        return None
    fit = LogisticRegression(C=1e6).fit(_logits(shares).reshape(-1, 1), truth, sample_weight=weights)
    return (float(fit.coef_[0, 0]), float(fit.intercept_[0])) if fit.coef_[0, 0] > 0 else None


def rescaled(shares: pd.Series, scale: Scale) -> Floats:
    """Return probabilities whose logits are scaled.

    Examples
    --------
    >>> rescaled(pd.Series([0.5, 0.2]), (1.0, 0.0)).round(2).tolist()
    [0.5, 0.2]
    """
    return np.asarray(expit(scale[0] * _logits(shares) + scale[1]), dtype=np.float64)


def rescale_head(head: Any, scale: Scale) -> None:
    """Put a scale into the weights of a logistic regression of two classes, of which "" or False is the absence."""
    sign = 1.0 if head.classes_[1] != "" else -1.0
    head.coef_ = head.coef_ * scale[0]
    head.intercept_ = head.intercept_ * scale[0] + sign * scale[1]


def _logits(shares: pd.Series) -> Floats:
    return np.asarray(logit(shares.clip(1e-6, 1 - 1e-6).to_numpy(dtype=np.float64)), dtype=np.float64)
