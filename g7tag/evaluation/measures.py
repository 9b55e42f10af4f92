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
from g7tag.tagger.arrays import Floats
from g7tag.tagger.model import EXCLUDED, STRONG, Flags
from g7tag.tagger.training import is_right

Rate: TypeAlias = Callable[[Floats], Floats]
MACRO, MACRO_OF_ACTS = "macro", "macro of acts"
"""Names of the rows with the mean F1 over the dimensions, and over the acts."""
RESAMPLES, SIMULATIONS, BINS, CONFIDENCE = 2000, 1000, 10, 0.95
REPLACED = (0.1, 0.25, 0.5)
"""Shares of the sentences whose tags people correct, for the routing table."""


class Estimate(NamedTuple):
    """A value with its 95 % interval over items, and the reason if it is missing (otherwise "")."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    reason: str = ""


def columns_of(**estimates: Estimate) -> dict[str, object]:
    """Return values and their intervals as columns of a table."""
    ends = ("", "_low", "_high")
    return {f"{name}{end}": value for name, each in estimates.items() for end, value in zip(ends, each, strict=False)}


def compared(
    rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook, of: str = "dimensions"
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Return boolean columns of the keys of a part of the label, true and tagged, and items; of acts, known ones."""
    parts = {"strength": STRENGTHS, "exclusion": codebook.exclusion_keys, "act": ACTS}
    known = ((rows[of] != "") | (of != "act")).to_numpy()
    keys = parts.get(of, codebook.dimension_keys)
    truth, found = (
        pd.DataFrame({key: has_key(frame.loc[known, of], key) for key in keys}, frame.index[known])
        for frame in (rows, tags)
    )
    return truth, found, rows.loc[known, "item_id"].tolist()


def macro_of(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook, of: str = "dimensions") -> Estimate:
    """Return the macro-F1 over a part of the label."""
    return macro_f1(item_counts(*compared(rows, tags, codebook, of)))


def by_label(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return `label_quality` of dimensions, strengths, exclusions and acts, and the mean of dimensions and acts."""
    parts = {"dimensions": MACRO, "strength": "", "exclusion": "", "act": MACRO_OF_ACTS}
    each = [label_quality(*compared(rows, tags, codebook, of), mean=mean) for of, mean in parts.items()]
    return pd.concat([quality for quality in each if len(quality)], ignore_index=True)


def by_act(rows: pd.DataFrame, tags: pd.DataFrame, _: Codebook) -> pd.DataFrame:
    """Return how sentences of each kind of statement are tagged: one row for each act of the labels."""
    measured = []
    for name in (act for act in ACTS if (rows["act"] == act).any()):
        own, its = (frame[(rows["act"] == name).to_numpy()] for frame in (rows, tags))
        items, strong = own["item_id"].tolist(), its["strength"] == STRONG
        shares = mean_columns(
            items, act_right=its["act"] == name, all_right=is_right(its, own), with_dimension=its["dimensions"] != "",
            tagged_strong=strong, strong_unflagged=strong & ~its["needs_review"],
        )  # fmt: skip
        measured.append({"act": name, "n": len(own), "n_items": len(set(items))} | shares)
    return pd.DataFrame(measured)


def overall(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return one row: macro-F1 and mean Brier score of the dimensions, and shares of sentences.

    The shares are of sentences with the right strength, with the right dimensions, with both (label), and with the
    right act too, if it is known (whole).
    """
    truth, found, items = compared(rows, tags, codebook)
    shares = tags[[f"p_{key}" for key in codebook.dimension_keys]].to_numpy(dtype=np.float64)
    squares = (np.nan_to_num(shares) - truth.to_numpy(dtype=bool)) ** 2  # a sentence that was not read has no dimension
    macro = macro_of(rows, tags, codebook)
    means = mean_columns(
        items, brier=squares.mean(axis=1), strength=rows["strength"] == tags["strength"],
        dimensions=(truth == found).all(axis=1), label=is_right(tags, rows.assign(act="")), whole=is_right(tags, rows),
    )  # fmt: skip
    row = {"n": len(rows), "n_items": len(set(items))} | columns_of(macro_f1=macro) | means
    return pd.DataFrame([row | {"reason": macro.reason if np.isnan(macro.value) else ""}])


def confusion(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Count sentences by true and tagged label: columns of (strength, dimension, ...), truth, found, n.

    A dimension that is missed is counted as tagged as each one that is wrong, or as none.
    """
    kinds = {"strength": list(STRENGTHS), "exclusion": ["none", *codebook.exclusion_keys]}
    kinds |= {"act": ["none", *ACTS]} if (rows["act"] != "").any() else {}
    pairs = Counter[tuple[str, str, str]]()
    for kind in kinds:
        judged = rows[kind] != "" if kind == "act" else slice(None)  # an act that is not known cannot be confused
        both = (frame.loc[judged, kind].replace("", "none") for frame in (rows, tags))
        pairs.update((kind, *pair) for pair in zip(*both, strict=True))
    for joined in zip(rows["dimensions"], tags["dimensions"], strict=True):
        has, got = ({key for key in each.split(";") if key} for each in joined)
        pairs.update(("dimension", key, key) for key in has & got)
        if has != got or not has:
            pairs.update(product(["dimension"], has - got or ["none"], got - has or ["none"]))
    kinds["dimension"] = [*codebook.dimension_keys, "none"]
    every = [(kind, truth, found) for kind, keys in kinds.items() for truth in keys for found in keys]
    return pd.DataFrame(every, columns=["of", "truth", "found"]).assign(n=[pairs[key] for key in every])


def calibration(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return Brier score and calibration error of each probability; strong only for sentences with a dimension."""
    found = []
    for name, shares, is_so, items in _probabilities(rows, tags, codebook):
        brier = mean_over_items((shares - is_so) ** 2, items)
        error, bound = calibration_error(shares[None], is_so[None])
        judged = {"error": error, "bound": bound, "calibrated": error <= bound, "reason": brier.reason}
        found.append({"probability": name, "n": len(shares)} | columns_of(brier=brier) | judged)
    return pd.DataFrame(found)


def reliability(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the mean of each probability and its observed frequency, in bins of equal numbers of sentences."""
    found = []
    for name, shares, is_so, items in _probabilities(rows, tags, codebook):
        for number, bin_ in enumerate(_equal_bins(shares), start=1):
            share = mean_over_items(is_so[bin_], [items[place] for place in bin_])
            row = {"probability": name, "bin": number, "n": len(bin_), "mean": float(shares[bin_].mean())}
            found.append(row | columns_of(share=share) | {"reason": share.reason})
    return pd.DataFrame(found)


def mean_error(
    rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook, names: Collection[str]
) -> tuple[float, float]:
    """Return `calibration_error` of some probabilities of the same sentences."""
    measured = [(shares, is_so) for name, shares, is_so, _ in _probabilities(rows, tags, codebook) if name in names]
    return calibration_error(*map(np.stack, zip(*measured, strict=True))) if measured else (np.nan, np.nan)


def routing(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the macro-F1 after people correct the most doubtful sentences, or as many at random (expected counts)."""
    truth, found, items = compared(rows, tags, codebook)
    doubtful = np.argsort(tags["p_right"].fillna(0.0).to_numpy(dtype=np.float64), kind="stable")
    counts = item_counts(truth, found, items)
    measured = []
    for share in REPLACED:
        corrected, seen = found.copy(), doubtful[: round(share * len(doubtful))]
        corrected.iloc[seen] = truth.iloc[seen]
        first = macro_f1(item_counts(truth, corrected, items))
        at_random = counts * (1 - share)
        at_random[..., 0] = counts[..., 0] + share * counts[..., 2]
        columns = columns_of(most_doubtful=first, random=macro_f1(at_random))
        measured.append({"replaced": share, "n": len(rows)} | columns | {"reason": first.reason})
    return pd.DataFrame(measured)


def _probabilities(
    rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook
) -> Iterator[tuple[str, Floats, Flags, list[str]]]:
    """Yield each probability of the tags: its name and, by sentence, its value, whether it came true, and the item."""
    every, known = pd.Series(True, index=rows.index), rows["act"] != ""
    judged = {key: (has_key(rows["dimensions"], key), every) for key in codebook.dimension_keys}
    judged |= {STRONG: (rows["strength"] == STRONG, rows["dimensions"] != "")}
    judged |= {EXCLUDED: (rows["exclusion"] != "", every), "right": (pd.Series(is_right(tags, rows)), every)}
    judged |= {act: (rows["act"] == act, known) for act in ACTS if known.any()}
    for key, (truth, of) in judged.items():
        kept = (tags[f"p_{key}"].notna().to_numpy() & of.to_numpy()).astype(bool)
        shares, is_so = tags[f"p_{key}"].to_numpy(dtype=np.float64)[kept], truth.to_numpy(dtype=bool)[kept]
        yield f"p_{key}", shares, is_so, rows.loc[kept, "item_id"].tolist()


def calibration_error(shares: Floats, truth: Flags) -> tuple[float, float]:
    """Return the mean calibration error of labels, and what perfectly calibrated models exceed 1 time in 20.

    Both have the shape (n_labels, n_sentences). The error of a label is the mean distance between probability and
    frequency, over `BINS` bins of equal size.
    """
    if not shares.size:
        return np.nan, np.nan
    drawn = np.random.default_rng(0).random((SIMULATIONS, *shares.shape)) < shares
    errors = np.zeros(1 + SIMULATIONS)
    for place, own in enumerate(shares):
        truths = np.vstack([truth[place], drawn[:, place]])
        errors += sum(abs(own[bin_].sum() - truths[:, bin_].sum(axis=1)) for bin_ in _equal_bins(own)) / own.size
    errors /= len(shares)
    return float(errors[0]), float(np.quantile(errors[1:], 0.95))


def _equal_bins(shares: Floats) -> list[npt.NDArray[np.intp]]:
    """Return the positions of the sentences in each of `BINS` bins of equal size, by increasing probability."""
    return np.array_split(np.argsort(shares, kind="stable"), min(BINS, len(shares))) if len(shares) else []


def item_counts(truth: pd.DataFrame, found: pd.DataFrame, items: Sequence[object]) -> Floats:
    """Return the hits, false alarms and misses of each item and label: shape (n_items, n_labels, 3)."""
    is_so, is_found = truth.to_numpy(dtype=bool), found.to_numpy(dtype=bool)
    return _by_item(np.stack([is_so & is_found, ~is_so & is_found, is_so & ~is_found], axis=2), items)


def _by_item(values: npt.NDArray[Any], items: Sequence[object]) -> Floats:
    """Return the sums of values over the sentences of each item."""
    codes, names = pd.factorize(np.asarray(items, dtype=object))
    sums = np.zeros((len(names), *values.shape[1:]))
    np.add.at(sums, codes, values)
    return sums


def label_quality(
    truth: pd.DataFrame, found: pd.DataFrame, items: Sequence[object], *, mean: str = MACRO
) -> pd.DataFrame:
    """Return precision, recall and F1 of each label and, in a row of the name `mean` if it has one, their mean F1."""
    counts, rows = item_counts(truth, found, items), []
    labels = [(str(label), [place]) for place, label in enumerate(truth)] if len(truth) else []
    for label, places in [*labels, (mean, list(range(truth.shape[1])))] if mean else labels:
        n, n_found = (int(of.iloc[:, places].any(axis=1).sum()) for of in (truth, found))
        rates = {name: estimated(counts[:, places], rate) for name, rate in RATES.items()}
        rates |= {} if label != mean else {"precision": Estimate(), "recall": Estimate()}
        row = {"label": label, "n_items": len(counts), "n": n, "found": n_found} | columns_of(**rates)
        rows.append(row | {"reason": rates["f1"].reason})
    return pd.DataFrame(rows)


def macro_f1(counts: Floats) -> Estimate:
    """Return the mean F1 over labels, with its interval over items."""
    return estimated(counts, RATES["f1"])


def mean_columns(items: Sequence[object], **values: npt.ArrayLike) -> dict[str, object]:
    """Return `mean_over_items` of several values as columns of a table."""
    return columns_of(**{name: mean_over_items(each, items) for name, each in values.items()})


def mean_over_items(values: npt.ArrayLike, items: Sequence[object]) -> Estimate:
    """Return the mean of a value per sentence, with its 95 % interval over items."""
    both = np.column_stack([np.asarray(values, dtype=np.float64), np.ones(len(items))])
    return estimated(_by_item(both[:, None], items), lambda sums: _ratio(sums[..., 0], sums[..., 1]))


def estimated(counts: Floats, rate: Rate) -> Estimate:
    """Return the mean rate over labels; `counts` has the shape (n_items, n_labels, n_counts)."""
    if not counts.size:
        return Estimate(reason="nothing to measure")
    value = float(rate(counts.sum(axis=0)).mean())
    if np.isnan(value):
        return Estimate(reason="a label has neither an example nor a tag")
    means = rate(np.tensordot(_resamples(len(counts)), counts, axes=1)).mean(axis=1)
    undefined = int(np.isnan(means).sum())
    reason = f"{undefined} of {RESAMPLES} resamples lack a label" if undefined else ""
    low, high = np.nanquantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    if low == high or undefined > RESAMPLES / 2:
        return Estimate(value, reason=reason or "no spread over resamples")
    return Estimate(value, float(low), float(high), reason)


@lru_cache(maxsize=2)  # the measures of one evaluation are over the same items
def _resamples(n_items: int) -> Floats:
    """Return how often each resample has each item, of shape (n_resamples, n_items); not to be changed."""
    drawn = np.random.default_rng(0).multinomial(n_items, np.full(n_items, 1 / n_items), size=RESAMPLES)
    return drawn.astype(np.float64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return ratio


RATES: dict[str, Rate] = {
    "precision": lambda counts: _ratio(counts[..., 0], counts[..., 0] + counts[..., 1]),
    "recall": lambda counts: _ratio(counts[..., 0], counts[..., 0] + counts[..., 2]),
    "f1": lambda counts: _ratio(2 * counts[..., 0], 2 * counts[..., 0] + counts[..., 1] + counts[..., 2]),
}
"""Functions from counts of hits, false alarms and misses (the last axis) to rates."""
