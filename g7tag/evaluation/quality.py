"""Precision, recall and F1 of tags, with intervals from resampling whole items."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Rate: TypeAlias = Callable[[npt.NDArray[Any]], npt.NDArray[np.float64]]
MACRO = "macro"
"""Name of the row with the mean F1 over the labels."""
RESAMPLES = 2000
CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A value with its 95 % interval over items, and the reason if it is missing (otherwise "")."""

    value: float
    low: float
    high: float
    reason: str


def item_counts(truth: pd.DataFrame, found: pd.DataFrame, items: Sequence[object]) -> npt.NDArray[np.int64]:
    """Return the hits, false alarms and misses of each item and label."""
    is_so, is_found = truth.to_numpy(dtype=bool), found.to_numpy(dtype=bool)
    each = np.stack([is_so & is_found, ~is_so & is_found, is_so & ~is_found], axis=2).astype(np.int64)
    codes, names = pd.factorize(np.asarray(items, dtype=object))
    counts = np.zeros((len(names), truth.shape[1], 3), dtype=np.int64)
    np.add.at(counts, codes, each)
    return counts


def macro_f1(counts: npt.NDArray[np.int64], *, n_resamples: int = RESAMPLES, random_state: int = 0) -> Estimate:
    """Return the mean F1 over labels and over draws of training data, with its interval over items."""
    return _estimate(counts, _f1, n_resamples=n_resamples, random_state=random_state)


def label_quality(truth: pd.DataFrame, found: pd.DataFrame, items: Sequence[object]) -> pd.DataFrame:
    """Return precision, recall and F1 of each label, and the mean F1 over all labels."""
    counts = item_counts(truth, found, items)[None]
    places: list[tuple[str, Any]] = [(str(label), [place]) for place, label in enumerate(truth.columns)]
    rows = []
    for label, place in [*places, (MACRO, slice(None))]:
        row: dict[str, object] = {"label": label, "n_items": counts.shape[1]}
        row |= {
            name: int(sentences.iloc[:, place].any(axis=1).sum())
            for name, sentences in (("n", truth), ("found", found))
        }
        for name, rate in RATES.items():
            measured = name == "f1" or label != MACRO
            found_rate = _estimate(counts[:, :, place], rate) if measured else Estimate(np.nan, np.nan, np.nan, "")
            row |= {name: found_rate.value, f"{name}_low": found_rate.low, f"{name}_high": found_rate.high}
        rows.append(row | {"reason": found_rate.reason})
    return pd.DataFrame(rows)


def mean_over_items(values: npt.NDArray[Any], items: Sequence[object]) -> Estimate:
    """Return the mean of a value per sentence, with its 95 % interval over items."""
    codes, names = pd.factorize(np.asarray(items, dtype=object))
    sums = np.zeros((1, len(names), 1, 2))
    np.add.at(sums[0, :, 0, :], codes, np.column_stack([values, np.ones(len(values))]))
    return _estimate(sums, lambda counted: _ratio(counted[..., 0], counted[..., 1]))


def _estimate(counts: npt.NDArray[Any], rate: Rate, *, n_resamples: int = RESAMPLES, random_state: int = 0) -> Estimate:
    n_draws, n_items = counts.shape[:2]
    if not n_draws or not n_items:
        return Estimate(np.nan, np.nan, np.nan, "nothing to measure")
    value = float(rate(counts.sum(axis=1)).mean())
    if np.isnan(value):
        return Estimate(np.nan, np.nan, np.nan, "a label has neither an example nor a tag")
    if n_items < 2:
        return Estimate(value, np.nan, np.nan, "one item: no interval")
    weights = _resamples(n_items, n_resamples, random_state)
    means = rate(np.tensordot(weights, counts, axes=(1, 1))).mean(axis=(1, 2))
    undefined = int(np.isnan(means).sum())
    reason = f"{undefined} of {n_resamples} resamples lack a label" if undefined else ""
    if undefined > n_resamples / 2:
        return Estimate(value, np.nan, np.nan, reason)
    low, high = np.nanquantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    if low == high:
        return Estimate(value, np.nan, np.nan, "no spread over resamples")
    return Estimate(value, float(low), float(high), reason)


@lru_cache(maxsize=2)  # the measures of one evaluation are over the same items
def _resamples(n_items: int, n_resamples: int, random_state: int) -> npt.NDArray[np.int64]:
    """Return how often each resample has each item, of shape (n_resamples, n_items); not to be changed."""
    shares = np.full(n_items, 1 / n_items)
    return np.random.default_rng(random_state).multinomial(n_items, shares, size=n_resamples)


def _f1(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    hits, alarms, misses = np.moveaxis(counts.astype(np.float64), -1, 0)
    return _ratio(2 * hits, 2 * hits + alarms + misses)


def _precision(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    hits, alarms, _ = np.moveaxis(counts.astype(np.float64), -1, 0)
    return _ratio(hits, hits + alarms)


def _recall(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    hits, _, misses = np.moveaxis(counts.astype(np.float64), -1, 0)
    return _ratio(hits, hits + misses)


def _ratio(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


RATES: dict[str, Rate] = {"precision": _precision, "recall": _recall, "f1": _f1}
"""Functions from counts of shape (..., n_labels, 3) to rates of shape (..., n_labels)."""
