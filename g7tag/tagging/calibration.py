"""Whether probabilities can be taken at their word."""

import numpy as np
import numpy.typing as npt

BINS = 10
SIMULATIONS = 1000

Floats = npt.NDArray[np.float64]


def expected_calibration_error(shares: Floats, truth: npt.NDArray[np.bool_]) -> float:
    """Return the mean distance between probability and frequency, over `BINS` bins of equally many sentences.

    Parameters
    ----------
    shares, truth
        Of each sentence the probability of a label, from 0 to 1, and whether it has it.

    Returns
    -------
    float
        From 0 to 1 (Naeini, Cooper and Hauskrecht 2015, with bins of equal count); NaN for no sentences. Fewer
        sentences than bins give a bin each.

    Examples
    --------
    >>> float(expected_calibration_error(np.array([0.0, 0.5, 0.5, 1.0]), np.array([False, True, True, True])))
    0.25
    """
    if not len(shares):
        return float("nan")
    return float(sum(abs(shares[bin_].sum() - truth[bin_].sum()) for bin_ in equal_bins(shares)) / len(shares))


def equal_bins(shares: Floats) -> list[npt.NDArray[np.intp]]:
    """Return the places of the sentences in each of `BINS` bins of equally many, by rising probability.

    Fewer sentences than bins give a bin each, none give no bins.

    Examples
    --------
    >>> [bin_.tolist() for bin_ in equal_bins(np.array([0.5, 0.0, 1.0]))]
    [[1], [0], [2]]
    """
    if not len(shares):
        return []
    return np.array_split(np.argsort(shares, kind="stable"), min(BINS, len(shares)))


def calibrated_bound(shares: Floats, *, n_simulations: int = SIMULATIONS, random_state: int = 0) -> float:
    """Return the calibration error that a perfectly calibrated model with these probabilities exceeds 1 time in 20.

    The labels are drawn from the probabilities, sentence by sentence: labels of one item are alike, so that a
    well-calibrated model exceeds the bound more often than that.

    Parameters
    ----------
    shares
        Probability of a label of each sentence, from 0 to 1; none give NaN.

    Examples
    --------
    >>> round(calibrated_bound(np.full(100, 0.5)), 2) < round(calibrated_bound(np.full(25, 0.5)), 2)
    True
    """
    if not len(shares):
        return float("nan")
    drawn = np.random.default_rng(random_state).random((n_simulations, len(shares))) < shares
    return float(np.quantile([expected_calibration_error(shares, truth) for truth in drawn], 0.95))
