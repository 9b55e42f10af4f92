"""Measures that compare tags with known labels."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import ACTS, Codebook
from g7tag.evaluation.quality import MACRO, Estimate, item_counts, label_quality, macro_f1, mean_over_items
from g7tag.frames import STRENGTHS
from g7tag.frames.labels import has_key
from g7tag.tagger.model import STRONG

REPLACED = (0.1, 0.25, 0.5)
"""Shares of the sentences whose tags people correct, for the routing table."""
RANDOM_ORDERS = 20
MACRO_OF_ACTS = "macro of acts"
"""Name of the row with the mean F1 over the acts."""


BINS = 10
SIMULATIONS = 1000
Floats = npt.NDArray[np.float64]


class _Probability(NamedTuple):
    """A probability of the tags: its name and, per sentence, its value, whether it came true, and the item."""

    name: str
    shares: npt.NDArray[np.float64]
    is_so: npt.NDArray[np.bool_]
    items: list[str]


def dimension_columns(joined: pd.Series, codebook: Codebook) -> pd.DataFrame:
    """Return a boolean column for each dimension, from keys joined by ";"."""
    return pd.DataFrame({key: has_key(joined, key) for key in codebook.dimension_keys})


def by_label(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return `label_quality` for the dimensions, their mean, the strengths, the exclusions, the acts and their mean."""
    items = rows["item_id"].tolist()
    truth, found = (dimension_columns(frame["dimensions"], codebook) for frame in (rows, tags))
    others = [("strength", key) for key in STRENGTHS] + [("exclusion", key) for key in codebook.exclusion_keys]
    known = (rows["act"] != "").to_numpy()
    each = [
        label_quality(pd.DataFrame({key: rows[column] == key}), pd.DataFrame({key: tags[column] == key}), items).head(1)
        for column, key in others
    ]
    if known.any():
        is_so, is_found = (pd.DataFrame({act: frame["act"] == act for act in ACTS})[known] for frame in (rows, tags))
        acts = label_quality(is_so, is_found, rows.loc[known, "item_id"].tolist())
        each.append(acts.replace({"label": {MACRO: MACRO_OF_ACTS}}))
    return pd.concat([label_quality(truth, found, items), *each], ignore_index=True)


def by_act(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return how sentences of each kind of statement are tagged: one row for each act of the labels."""
    truth, found = (dimension_columns(frame["dimensions"], codebook) for frame in (rows, tags))
    strong = tags["strength"] == STRONG
    act = rows["act"] == tags["act"]
    shares = {
        "act_right": act,
        "all_right": act & (truth == found).all(axis=1) & (rows["strength"] == tags["strength"]),
        "with_dimension": tags["dimensions"] != "",
        "tagged_strong": strong,
        "strong_unflagged": strong & ~tags["needs_review"],
    }
    measured = []
    for name in ACTS:
        kept = (rows["act"] == name).to_numpy()
        if kept.any():
            items = rows.loc[kept, "item_id"].tolist()
            has_any = truth[kept].any(axis=None)
            counts = item_counts(truth[kept], found[kept], items)[None]
            f1 = macro_f1(counts if has_any else counts[:0])
            row: dict[str, object] = {"act": name, "n": int(kept.sum()), "n_items": len(set(items))}
            row |= _columns("macro_f1", f1)
            for column, is_so in shares.items():
                row |= _columns(column, mean_over_items(is_so[kept].to_numpy(), items))
            measured.append(row | {"reason": f1.reason})
    return pd.DataFrame(measured)


def overall(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return one row: macro-F1, mean Brier score, and the shares of sentences with right strength or dimensions."""
    items = rows["item_id"].tolist()
    truth, found = (dimension_columns(frame["dimensions"], codebook) for frame in (rows, tags))
    shares = tags[[f"p_{key}" for key in codebook.dimension_keys]].to_numpy(dtype=np.float64)
    squares = (np.nan_to_num(shares) - truth.to_numpy(dtype=bool)) ** 2  # a sentence that was not read has no dimension
    measured = {
        "macro_f1": macro_f1(item_counts(truth, found, items)[None]),
        "brier": mean_over_items(squares.mean(axis=1), items),
        "strength": mean_over_items((rows["strength"] == tags["strength"]).to_numpy(), items),
        "dimensions": mean_over_items((truth == found).all(axis=1).to_numpy(), items),
    }
    reason = next((one.reason for one in measured.values() if np.isnan(one.value)), "")
    row: dict[str, object] = {"n": len(rows), "n_items": rows["item_id"].nunique()}
    for name, one in measured.items():
        row |= _columns(name, one)
    return pd.DataFrame([row | {"reason": reason}])


def confusion(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Count sentences by true and tagged label: columns of (strength, dimension, ...), truth, found, n."""
    kinds = {"strength": list(STRENGTHS), "exclusion": ["none", *codebook.exclusion_keys]}
    kinds |= {"act": ["none", *ACTS]} if (rows["act"] != "").any() else {}
    both = list(zip(rows.to_dict("records"), tags.to_dict("records"), strict=True))
    pairs = [
        (kind, truth[kind] or "none", found[kind] or "none")
        for truth, found in both
        for kind in kinds
        if truth[kind] or kind != "act"  # an act that is not known cannot be confused
    ]
    pairs += [
        ("dimension", *pair) for truth, found in both for pair in _pairs(truth["dimensions"], found["dimensions"])
    ]
    counted = pd.Series(pairs, dtype="object").value_counts()
    kinds["dimension"] = [*codebook.dimension_keys, "none"]
    every = [(kind, truth, found) for kind, keys in kinds.items() for truth in keys for found in keys]
    return pd.DataFrame(every, columns=["of", "truth", "found"]).assign(n=[int(counted.get(key, 0)) for key in every])


def _pairs(truth: str, found: str) -> Iterator[tuple[str, str]]:
    has, got = ({key for key in joined.split(";") if key} for joined in (truth, found))
    yield from ((key, key) for key in has & got)
    if has != got or not has:
        yield from product((has - got) or {"none"}, (got - has) or {"none"})


def calibration(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return Brier score and calibration error of each probability; strong only for sentences with a dimension."""
    found = []
    for name, shares, is_so, items in _probabilities(rows, tags, codebook):
        brier = mean_over_items((shares - is_so) ** 2, items)
        error, bound = expected_calibration_error(shares, is_so), calibrated_bound(shares)
        judged = {"error": error, "bound": bound, "calibrated": error <= bound, "reason": brier.reason}
        found.append({"probability": name, "n": len(shares)} | _columns("brier", brier) | judged)
    return pd.DataFrame(found)


def reliability(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the mean of each probability and its observed frequency, in bins of equal numbers of sentences."""
    found = []
    for name, shares, is_so, items in _probabilities(rows, tags, codebook):
        for number, bin_ in enumerate(equal_bins(shares), start=1):
            share = mean_over_items(is_so[bin_].astype(np.float64), [items[place] for place in bin_])
            row: dict[str, object] = {"probability": name, "bin": number, "n": len(bin_)}
            row |= {"mean": float(shares[bin_].mean())} | _columns("share", share) | {"reason": share.reason}
            found.append(row)
    return pd.DataFrame(found)


def _probabilities(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> Iterator[_Probability]:
    """Yield each probability of the tags; strong only for sentences with a dimension."""
    tagged = (rows["dimensions"] != "").to_numpy(dtype=bool)
    has, got = (dimension_columns(frame["dimensions"], codebook) for frame in (rows, tags))
    right = (has == got).all(axis=1) & (rows["strength"] == tags["strength"])
    right &= (rows["act"] == tags["act"]) | (rows["act"] == "")
    truths = {f"p_{key}": has_key(rows["dimensions"], key) for key in codebook.dimension_keys}
    truths |= {f"p_{STRONG}": rows["strength"] == STRONG, "p_excluded": rows["exclusion"] != "", "p_right": right}
    known = (rows["act"] != "").to_numpy(dtype=bool)
    of_acts = {f"p_{act}": rows["act"] == act for act in ACTS if known.any()}
    for name, truth in (truths | of_acts).items():
        kept = tags[name].notna().to_numpy(dtype=bool)
        if name in of_acts:
            kept = kept & known
        elif name == f"p_{STRONG}":
            kept = kept & tagged
        shares, is_so = tags[name].to_numpy(dtype=np.float64)[kept], truth.to_numpy(dtype=bool)[kept]
        yield _Probability(name, shares, is_so, rows.loc[kept, "item_id"].tolist())


def routing(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the macro-F1 after people correct the most doubtful sentences, or random ones."""
    items = rows["item_id"].tolist()
    truth, found = (dimension_columns(frame["dimensions"], codebook).to_numpy() for frame in (rows, tags))
    doubtful = np.argsort(tags["p_right"].fillna(0.0).to_numpy(dtype=np.float64), kind="stable")
    generator = np.random.default_rng(0)
    random = [generator.permutation(len(rows)) for _ in range(RANDOM_ORDERS)]

    def f1_with(order: np.ndarray, share: float) -> np.ndarray:
        corrected = found.copy()
        seen = order[: round(share * len(order))]
        corrected[seen] = truth[seen]
        return item_counts(pd.DataFrame(truth), pd.DataFrame(corrected), items)

    measured = []
    for share in REPLACED:
        first = macro_f1(f1_with(doubtful, share)[None])
        at_random = macro_f1(np.stack([f1_with(order, share) for order in random]))
        row: dict[str, object] = {"replaced": share, "n": len(rows)} | _columns("most_doubtful", first)
        measured.append(row | _columns("random", at_random) | {"reason": first.reason})
    return pd.DataFrame(measured)


def _columns(name: str, estimate: Estimate) -> dict[str, object]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def expected_calibration_error(shares: Floats, truth: npt.NDArray[np.bool_]) -> float:
    """Return the mean distance between probability and frequency, over `BINS` bins of equal size."""
    if not len(shares):
        return float("nan")
    return float(_errors(shares, truth[None])[0])


def _errors(shares: Floats, truths: npt.NDArray[np.bool_]) -> Floats:
    """Return the calibration error for each row of truths, which has the shape (n_draws, n_sentences)."""
    distances = np.zeros(len(truths))
    for bin_ in equal_bins(shares):
        distances += abs(shares[bin_].sum() - truths[:, bin_].sum(axis=1))
    return distances / len(shares)


def equal_bins(shares: Floats) -> list[npt.NDArray[np.intp]]:
    """Return the positions of the sentences in each of `BINS` bins of equal size, by increasing probability."""
    if not len(shares):
        return []
    return np.array_split(np.argsort(shares, kind="stable"), min(BINS, len(shares)))


def calibrated_bound(shares: Floats, *, n_simulations: int = SIMULATIONS, random_state: int = 0) -> float:
    """Return the calibration error that a perfectly calibrated model with these probabilities exceeds 1 time in 20."""
    if not len(shares):
        return float("nan")
    drawn = np.random.default_rng(random_state).random((n_simulations, len(shares))) < shares
    return float(np.quantile(_errors(shares, drawn), 0.95))
