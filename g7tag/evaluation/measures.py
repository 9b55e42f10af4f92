"""Measures that compare tags with known labels, with intervals from resampling whole items."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import ACTS, Codebook
from g7tag.frames import STRENGTHS
from g7tag.frames.labels import has_key
from g7tag.tagger.model import EXCLUDED, STRONG
from g7tag.tagger.training import is_right

Floats = npt.NDArray[np.float64]
Rate: TypeAlias = Callable[[npt.NDArray[Any]], Floats]
MACRO, MACRO_OF_ACTS = "macro", "macro of acts"
"""Names of the rows with the mean F1 over the labels, and over the acts."""
RESAMPLES = 2000
CONFIDENCE = 0.95
REPLACED = (0.1, 0.25, 0.5)
"""Shares of the sentences whose tags people correct, for the routing table."""
RANDOM_ORDERS = 20
BINS = 10
SIMULATIONS = 1000


class Estimate(NamedTuple):
    """A value with its 95 % interval over items, and the reason if it is missing (otherwise "")."""

    value: float
    low: float
    high: float
    reason: str

    def columns(self, name: str) -> dict[str, object]:
        """Return the value and its interval as columns of a table."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


NOTHING = Estimate(np.nan, np.nan, np.nan, "nothing to measure")


def dimension_columns(joined: pd.Series, codebook: Codebook) -> pd.DataFrame:
    """Return a boolean column for each dimension, from keys joined by ";"."""
    return pd.DataFrame({key: has_key(joined, key) for key in codebook.dimension_keys})


def compared(
    rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook, of: str = "dimensions"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return boolean columns of the keys of a part of the label, true and tagged; of acts, where they are known."""
    parts = {"strength": STRENGTHS, "exclusion": codebook.exclusion_keys, "act": ACTS}
    known = (rows[of] != "").to_numpy() if of == "act" else slice(None)
    truth, found = (
        pd.DataFrame({key: has_key(frame[of], key) for key in parts.get(of, codebook.dimension_keys)}, frame.index)
        for frame in (rows[known], tags[known])
    )
    return truth, found


def macro_of(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook, of: str = "dimensions") -> Estimate:
    """Return the macro-F1 over a part of the label."""
    truth, found = compared(rows, tags, codebook, of)
    return macro_f1(item_counts(truth, found, rows.loc[truth.index, "item_id"].tolist())[None])


def by_label(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return `label_quality` for the dimensions, their mean, the strengths, the exclusions, the acts and their mean."""
    measured = []
    for of, mean in (("dimensions", MACRO), ("strength", ""), ("exclusion", ""), ("act", MACRO_OF_ACTS)):
        truth, found = compared(rows, tags, codebook, of)
        if len(truth):
            each = label_quality(truth, found, rows.loc[truth.index, "item_id"].tolist())
            measured.append(each.replace({"label": {MACRO: mean}}))
    every = pd.concat(measured, ignore_index=True)
    return every[every["label"] != ""].reset_index(drop=True)


def by_act(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return how sentences of each kind of statement are tagged: one row for each act of the labels."""
    measured = []
    for name in (act for act in ACTS if (rows["act"] == act).any()):
        own, its = (frame[(rows["act"] == name).to_numpy()] for frame in (rows, tags))
        items, strong = own["item_id"].tolist(), its["strength"] == STRONG
        f1 = macro_of(own, its, codebook) if (own["dimensions"] != "").any() else NOTHING
        shares: dict[str, Any] = {
            "act_right": its["act"] == name,
            "all_right": is_right(its, own),
            "with_dimension": its["dimensions"] != "",
            "tagged_strong": strong,
            "strong_unflagged": strong & ~its["needs_review"],
        }
        row = {"act": name, "n": len(own), "n_items": len(set(items))} | f1.columns("macro_f1")
        for column, is_so in shares.items():
            row |= mean_over_items(is_so, items).columns(column)
        measured.append(row | {"reason": f1.reason})
    return pd.DataFrame(measured)


def overall(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return one row: macro-F1 and mean Brier score of the dimensions, and shares of sentences.

    The shares are of sentences with the right strength, with the right dimensions, with both (label), and with the
    right act too, if it is known (whole).
    """
    items = rows["item_id"].tolist()
    truth, found = compared(rows, tags, codebook)
    shares = tags[[f"p_{key}" for key in codebook.dimension_keys]].to_numpy(dtype=np.float64)
    squares = (np.nan_to_num(shares) - truth.to_numpy(dtype=bool)) ** 2  # a sentence that was not read has no dimension
    values: dict[str, Any] = {
        "brier": squares.mean(axis=1),
        "strength": rows["strength"] == tags["strength"],
        "dimensions": (truth == found).all(axis=1),
        "label": is_right(tags, rows.assign(act="")),
        "whole": is_right(tags, rows),
    }
    measured = {"macro_f1": macro_of(rows, tags, codebook)}
    measured |= {name: mean_over_items(of, items) for name, of in values.items()}
    row: dict[str, object] = {"n": len(rows), "n_items": rows["item_id"].nunique()}
    for name, one in measured.items():
        row |= one.columns(name)
    reason = next((one.reason for one in measured.values() if np.isnan(one.value)), "")
    return pd.DataFrame([row | {"reason": reason}])


def confusion(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Count sentences by true and tagged label: columns of (strength, dimension, ...), truth, found, n.

    A dimension that is missed is counted as tagged as each one that is wrong, or as none.
    """
    kinds = {"strength": list(STRENGTHS), "exclusion": ["none", *codebook.exclusion_keys]}
    kinds |= {"act": ["none", *ACTS]} if (rows["act"] != "").any() else {}
    pairs = list[tuple[str, str, str]]()
    for kind in kinds:
        judged = rows[kind] != "" if kind == "act" else slice(None)  # an act that is not known cannot be confused
        both = (frame.loc[judged, kind].replace("", "none") for frame in (rows, tags))
        pairs += [(kind, *pair) for pair in zip(*both, strict=True)]
    for joined in zip(rows["dimensions"], tags["dimensions"], strict=True):
        has, got = ({key for key in each.split(";") if key} for each in joined)
        pairs += [("dimension", key, key) for key in has & got]
        if has != got or not has:
            pairs += product(["dimension"], has - got or ["none"], got - has or ["none"])
    counted = Counter(pairs)
    kinds["dimension"] = [*codebook.dimension_keys, "none"]
    every = [(kind, truth, found) for kind, keys in kinds.items() for truth in keys for found in keys]
    return pd.DataFrame(every, columns=["of", "truth", "found"]).assign(n=[counted[key] for key in every])


def calibration(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return Brier score and calibration error of each probability; strong only for sentences with a dimension."""
    found = []
    for name, shares, is_so, items in _probabilities(rows, tags, codebook):
        brier = mean_over_items((shares - is_so) ** 2, items)
        error, bound = calibration_error(shares, is_so), calibrated_bound(shares[None])
        judged = {"error": error, "bound": bound, "calibrated": error <= bound, "reason": brier.reason}
        found.append({"probability": name, "n": len(shares)} | brier.columns("brier") | judged)
    return pd.DataFrame(found)


def reliability(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the mean of each probability and its observed frequency, in bins of equal numbers of sentences."""
    found = []
    for name, shares, is_so, items in _probabilities(rows, tags, codebook):
        for number, bin_ in enumerate(_equal_bins(shares), start=1):
            share = mean_over_items(is_so[bin_].astype(np.float64), [items[place] for place in bin_])
            row: dict[str, object] = {"probability": name, "bin": number, "n": len(bin_)}
            row |= {"mean": float(shares[bin_].mean())} | share.columns("share") | {"reason": share.reason}
            found.append(row)
    return pd.DataFrame(found)


def mean_error(
    rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook, names: Collection[str]
) -> tuple[float, float]:
    """Return the mean calibration error of some probabilities, and what calibrated ones exceed 1 time in 20."""
    measured = [(shares, is_so) for name, shares, is_so, _ in _probabilities(rows, tags, codebook) if name in names]
    if not measured:
        return np.nan, np.nan
    error = np.mean([calibration_error(*each) for each in measured])
    return float(error), calibrated_bound(np.stack([shares for shares, _ in measured]))


def _probabilities(
    rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook
) -> Iterator[tuple[str, Floats, npt.NDArray[np.bool_], list[str]]]:
    """Yield each probability of the tags: its name and, by sentence, its value, whether it came true, and the item."""
    every, known = pd.Series(True, index=rows.index), rows["act"] != ""
    judged = {f"p_{key}": (has_key(rows["dimensions"], key), every) for key in codebook.dimension_keys}
    judged |= {
        f"p_{STRONG}": (rows["strength"] == STRONG, rows["dimensions"] != ""),
        f"p_{EXCLUDED}": (rows["exclusion"] != "", every),
        "p_right": (pd.Series(is_right(tags, rows)), every),
    }
    judged |= {f"p_{act}": (rows["act"] == act, known) for act in ACTS if known.any()}
    for name, (truth, of) in judged.items():
        kept = tags[name].notna().to_numpy(dtype=bool) & of.to_numpy(dtype=bool)
        shares, is_so = tags[name].to_numpy(dtype=np.float64)[kept], truth.to_numpy(dtype=bool)[kept]
        yield name, shares, is_so, rows.loc[kept, "item_id"].tolist()


def routing(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the macro-F1 after people correct the most doubtful sentences, or random ones."""
    items = rows["item_id"].tolist()
    truth, found = compared(rows, tags, codebook)
    doubtful = np.argsort(tags["p_right"].fillna(0.0).to_numpy(dtype=np.float64), kind="stable")
    generator = np.random.default_rng(0)
    random = [generator.permutation(len(rows)) for _ in range(RANDOM_ORDERS)]

    def counts_with(order: np.ndarray, share: float) -> np.ndarray:
        corrected, seen = found.copy(), order[: round(share * len(order))]
        corrected.iloc[seen] = truth.iloc[seen]
        return item_counts(truth, corrected, items)

    measured = []
    for share in REPLACED:
        first = macro_f1(counts_with(doubtful, share)[None])
        at_random = macro_f1(np.stack([counts_with(order, share) for order in random]))
        row: dict[str, object] = {"replaced": share, "n": len(rows)} | first.columns("most_doubtful")
        measured.append(row | at_random.columns("random") | {"reason": first.reason})
    return pd.DataFrame(measured)


def calibration_error(shares: Floats, truth: npt.NDArray[np.bool_]) -> float:
    """Return the mean distance between probability and frequency, over `BINS` bins of equal size."""
    return float(_errors(shares, truth[None])[0]) if len(shares) else float("nan")


def calibrated_bound(each: Floats) -> float:
    """Return the mean calibration error that perfectly calibrated models exceed 1 time in 20.

    `each` has the probabilities of each label in a row.
    """
    if not each.shape[1]:
        return float("nan")
    drawn = np.random.default_rng(0).random((SIMULATIONS, *each.shape)) < each
    errors = [_errors(shares, drawn[:, place]) for place, shares in enumerate(each)]
    return float(np.quantile(np.mean(errors, axis=0), 0.95))


def _errors(shares: Floats, truths: npt.NDArray[np.bool_]) -> Floats:
    """Return the calibration error for each row of truths, which has the shape (n_draws, n_sentences)."""
    distances = np.zeros(len(truths))
    for bin_ in _equal_bins(shares):
        distances += abs(shares[bin_].sum() - truths[:, bin_].sum(axis=1))
    return distances / len(shares)


def _equal_bins(shares: Floats) -> list[npt.NDArray[np.intp]]:
    """Return the positions of the sentences in each of `BINS` bins of equal size, by increasing probability."""
    if not len(shares):
        return []
    return np.array_split(np.argsort(shares, kind="stable"), min(BINS, len(shares)))


def item_counts(truth: pd.DataFrame, found: pd.DataFrame, items: Sequence[object]) -> npt.NDArray[np.int64]:
    """Return the hits, false alarms and misses of each item and label."""
    is_so, is_found = truth.to_numpy(dtype=bool), found.to_numpy(dtype=bool)
    each = np.stack([is_so & is_found, ~is_so & is_found, is_so & ~is_found], axis=2).astype(np.int64)
    codes, names = pd.factorize(np.asarray(items, dtype=object))
    counts = np.zeros((len(names), truth.shape[1], 3), dtype=np.int64)
    np.add.at(counts, codes, each)
    return counts


def macro_f1(counts: npt.NDArray[np.int64]) -> Estimate:
    """Return the mean F1 over labels and over draws (the first axis), with its interval over items."""
    return _estimate(counts, RATES["f1"])


def label_quality(truth: pd.DataFrame, found: pd.DataFrame, items: Sequence[object]) -> pd.DataFrame:
    """Return precision, recall and F1 of each label, and the mean F1 over all labels."""
    counts = item_counts(truth, found, items)[None]
    places: list[tuple[str, Any]] = [(str(label), [place]) for place, label in enumerate(truth.columns)]
    rows = []
    for label, place in [*places, (MACRO, slice(None))]:
        row: dict[str, object] = {"label": label, "n_items": counts.shape[1]}
        for name, sentences in (("n", truth), ("found", found)):
            row[name] = int(sentences.iloc[:, place].any(axis=1).sum())
        for name, rate in RATES.items():
            measured = name == "f1" or label != MACRO
            estimate = _estimate(counts[:, :, place], rate) if measured else Estimate(np.nan, np.nan, np.nan, "")
            row |= estimate.columns(name)
        rows.append(row | {"reason": estimate.reason})
    return pd.DataFrame(rows)


def mean_over_items(values: npt.ArrayLike, items: Sequence[object]) -> Estimate:
    """Return the mean of a value per sentence, with its 95 % interval over items."""
    codes, names = pd.factorize(np.asarray(items, dtype=object))
    sums = np.zeros((1, len(names), 1, 2))
    np.add.at(sums[0, :, 0, :], codes, np.column_stack([values, np.ones(len(codes))]))
    return _estimate(sums, lambda counted: _ratio(counted[..., 0], counted[..., 1]))


def _estimate(counts: npt.NDArray[Any], rate: Rate) -> Estimate:
    if not counts.size:
        return NOTHING
    value = float(rate(counts.sum(axis=1)).mean())
    if np.isnan(value):
        return Estimate(np.nan, np.nan, np.nan, "a label has neither an example nor a tag")
    if counts.shape[1] < 2:
        return Estimate(value, np.nan, np.nan, "one item: no interval")
    means = rate(np.tensordot(_resamples(counts.shape[1]), counts, axes=(1, 1))).mean(axis=(1, 2))
    undefined = int(np.isnan(means).sum())
    reason = f"{undefined} of {RESAMPLES} resamples lack a label" if undefined else ""
    if undefined > RESAMPLES / 2:
        return Estimate(value, np.nan, np.nan, reason)
    low, high = np.nanquantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    if low == high:
        return Estimate(value, np.nan, np.nan, "no spread over resamples")
    return Estimate(value, float(low), float(high), reason)


@lru_cache(maxsize=2)  # the measures of one evaluation are over the same items
def _resamples(n_items: int) -> npt.NDArray[np.int64]:
    """Return how often each resample has each item, of shape (n_resamples, n_items); not to be changed."""
    return np.random.default_rng(0).multinomial(n_items, np.full(n_items, 1 / n_items), size=RESAMPLES)


def _ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return ratio


RATES: dict[str, Rate] = {
    "precision": lambda counts: _ratio(counts[..., 0], counts[..., 0] + counts[..., 1]),
    "recall": lambda counts: _ratio(counts[..., 0], counts[..., 0] + counts[..., 2]),
    "f1": lambda counts: _ratio(2 * counts[..., 0], 2 * counts[..., 0] + counts[..., 1] + counts[..., 2]),
}
"""Functions from counts of hits, false alarms and misses (the last axis) to rates."""
