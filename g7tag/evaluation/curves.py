"""Learning curves: how quality grows with the number of training sentences, by file or next to simpler taggers."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import ACTS, Codebook
from g7tag.errors import Announce, FrameError
from g7tag.evaluation.evaluate import files_of, of_file, require_parts
from g7tag.evaluation.measures import (
    calibrated_bound,
    calibration_error,
    dimension_columns,
    item_counts,
    macro_f1,
    mean_over_items,
)
from g7tag.evaluation.peers import G7TAG, MINILM, PRIOR, WORDS, TagBy, find_peers, tag_by_g7tag

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Shares of the training sentences: the points of the learning curve."""
DRAWS = 3
"""Number of samples of the training sentences at each point except the last."""
SIZES = (0, 25, 50, 100, 200)
"""Numbers of labelled sentences: the points of the curve of few labels."""
FEW_DRAWS = 5
"""Samples of labelled items for each number."""
SIMULATIONS = 200
COMPARED = (PRIOR, WORDS, MINILM)
"""Taggers to compare with, if their packages are installed."""


def learning_curve(corpus: pd.DataFrame, codebook: Codebook, announce: Announce = lambda _: None) -> pd.DataFrame:
    """Return the macro-F1 over the dimensions on the dev part, by number of training sentences.

    Taggers are trained on shares of the train part of each file, and of all files together. Each of `SHARES` is sampled
    `DRAWS` times with a seed, in whole clusters, except the last, which is the whole train part. Rows that share a
    cluster with the dev part are not used for training.

    Parameters
    ----------
    corpus, codebook, announce
        As for `g7tag.evaluate_tagger`.

    Returns
    -------
    pandas.DataFrame
        One row for each training file, number of training sentences and test file. Columns: trained_on, tested_on,
        n_train (mean over the draws), n_draws (draws that could be trained on), n_tested (sentences), n_items, f1
        (macro-F1, mean over the draws), f1_low and f1_high (its 95 % interval over the tested items), least and
        greatest (macro-F1 of a draw) and reason.

    Raises
    ------
    FrameError
        The corpus has no train part or no dev part.
    """
    train, dev = (require_parts(corpus).query("part == @part").reset_index(drop=True) for part in ("train", "dev"))
    if train.empty or dev.empty:
        msg = (
            f"corpus: {len(train)} sentences of part train and {len(dev)} of part dev. Expected a column 'part' with "
            "sentences of both parts."
        )
        raise FrameError(msg)
    train = train[~train["cluster"].isin(set(dev["cluster"]) - {""})].reset_index(drop=True)
    points = [(source, share) for source in files_of(train) for share in SHARES]
    curve = []
    for place, (source, share) in enumerate(points, 1):
        announce(f"training on {share:.0%} of {source} ({place} of {len(points)})")
        rows = of_file(train, source)
        clusters = rows["cluster"].mask(rows["cluster"] == "", rows["item_id"])
        sizes = clusters.value_counts().sort_index()
        samples = list(_samples(rows, clusters, sizes, share * len(rows), DRAWS if share < 1 else 1))
        tagged, reason = _tagged(tag_by_g7tag, samples, dev, codebook)
        trained = [len(sample) for sample, tags in zip(samples, tagged, strict=True) if tags is not None]
        n_train = round(np.mean(trained)) if trained else round(share * len(rows))
        for name in files_of(dev):
            tested = of_file(dev, name)
            tags = [each.loc[tested.index] for each in tagged if each is not None]
            row: dict[str, Any] = {"trained_on": source, "tested_on": name, "n_train": n_train, "n_draws": len(tags)}
            figures, unknown = _macro(tested, tags, codebook)
            curve.append(row | figures | {"reason": unknown if tags else reason})
    return pd.DataFrame(curve)


def few_labels_curve(corpus: pd.DataFrame, codebook: Codebook, announce: Announce = lambda _: None) -> pd.DataFrame:
    """Return how good taggers of a codebook that borrows from others are, by number of labelled sentences.

    Items of the part train are drawn in random order until they have the wanted number of sentences. The taggers are
    tested on all sentences of the part dev or, without one, of the part test.

    Parameters
    ----------
    corpus, codebook, announce
        As for `g7tag.evaluate_tagger`.

    Returns
    -------
    pandas.DataFrame
        One row for each tagger and number of labels. Columns: tagger, tested_on (file), n_train (mean over the draws),
        n_draws (that could be trained on), n_tested (sentences), n_items, f1 (macro-F1 of the dimensions, mean over the
        draws), f1_low and f1_high (its 95 % interval over the tested items), least and greatest (of a draw), act,
        strength and right (share of sentences that have the right one, or everything right, with their intervals;
        of acts, only of sentences whose act is known), brier (mean over the dimensions), error and bound (mean
        calibration error of the dimensions, and the mean that a calibrated tagger exceeds 1 time in 20), the same of
        the acts and of p_right (act_error, right_error, …; g7tag alone) and reason. The other taggers have no row for 0
        labels.

    Raises
    ------
    FrameError
        The corpus has no part train, or neither dev nor test.
    """
    parts = require_parts(corpus)
    train = parts[parts["part"] == "train"].reset_index(drop=True)
    part = "dev" if (parts["part"] == "dev").any() else "test"
    tested = parts[parts["part"] == part].reset_index(drop=True)
    if train.empty or tested.empty:
        msg = f"corpus: {len(train)} sentences of part train and {len(tested)} of part dev or test. Expected both."
        raise FrameError(msg)
    taggers = {G7TAG: tag_by_g7tag} | {name: tag for name, tag in find_peers().taggers.items() if name in COMPARED}
    curve = []
    for size in SIZES:
        items = train["item_id"]
        sizes = train.groupby("item_id", sort=False).size()
        samples = list(_samples(train, items, sizes, size, FEW_DRAWS if size else 1))
        for name, tag_by in taggers.items():
            if not size and name != G7TAG:
                continue  # it needs labels
            announce(f"{name} with {size} labels")
            tagged, reason = _tagged(tag_by, samples, tested, codebook)
            tags = [each for each in tagged if each is not None]
            row: dict[str, Any] = {"tagger": name, "tested_on": ", ".join(dict.fromkeys(tested["file"]))}
            row |= {"n_train": round(np.mean([len(sample) for sample in samples])), "n_draws": len(tags)}
            row |= _macro(tested, tags, codebook)[0] | _rates(tested, tags) | _calibration(tested, tags, codebook)
            curve.append(row | {"reason": reason})
    return pd.DataFrame(curve)


def _samples(
    rows: pd.DataFrame, groups: pd.Series, sizes: pd.Series, size: float, draws: int
) -> Iterator[pd.DataFrame]:
    """Yield samples of whole groups in random order, until they have so many sentences; rows keep their order."""
    for seed in range(draws):
        order = sizes.sample(frac=1, random_state=seed)
        enough = order.cumsum().shift(fill_value=0) < size
        yield rows[groups.isin(order.index[enough])].reset_index(drop=True)


def _tagged(
    tag_by: TagBy, samples: Sequence[pd.DataFrame], tested: pd.DataFrame, codebook: Codebook
) -> tuple[list[pd.DataFrame | None], str]:
    """Return the tags of each sample's tagger, or None if the sample lacks an example of a label, and what it lacks."""
    tags: list[pd.DataFrame | None] = []
    reason = ""
    for sample in samples:
        try:
            tags.append(tag_by(sample, tested, codebook))
        except FrameError as error:
            tags.append(None)
            reason = str(error)
    return tags, reason


def _macro(tested: pd.DataFrame, tags: Sequence[pd.DataFrame], codebook: Codebook) -> tuple[dict[str, Any], str]:
    """Return the macro-F1 over the dimensions, with its interval and range over the draws, and why it is unknown."""
    truth, items = dimension_columns(tested["dimensions"], codebook), tested["item_id"].tolist()
    counts = [item_counts(truth, dimension_columns(each["dimensions"], codebook), items) for each in tags]
    n_items = tested["item_id"].nunique()
    shaped = np.array(counts, dtype=np.int64).reshape(len(counts), n_items, len(truth.columns), 3)
    f1 = macro_f1(shaped)
    each = [macro_f1(draw[None], n_resamples=1).value for draw in shaped] or [np.nan]
    row: dict[str, Any] = {"n_tested": len(tested), "n_items": n_items}
    return row | f1.columns("f1") | {"least": min(each), "greatest": max(each)}, f1.reason


def _rates(tested: pd.DataFrame, tags: Sequence[pd.DataFrame]) -> dict[str, Any]:
    """Return the shares of sentences with the right act, strength, and whole label."""
    row: dict[str, Any] = {}
    for column in ("act", "strength", "right"):
        known = tested[column] != "" if column in tested else pd.Series(True, index=tested.index)
        shares = [
            (_is_right(tested, tagged) if column == "right" else tagged[column] == tested[column])[known]
            for tagged in tags
            if column == "right" or column in tagged
        ]
        items = tested.loc[known, "item_id"].tolist() if shares else []
        row |= mean_over_items(np.mean(shares, axis=0) if shares else np.empty(0), items).columns(column)
    return row


def _calibration(tested: pd.DataFrame, tags: Sequence[pd.DataFrame], codebook: Codebook) -> dict[str, float]:
    """Return the mean Brier score of the dimensions, and error and bound of dimensions, acts and p_right."""
    every, has_act = pd.Series(True, index=tested.index), tested["act"] != ""
    dimensions = dimension_columns(tested["dimensions"], codebook)
    acts = pd.DataFrame({act: tested["act"] == act for act in ACTS})
    row: dict[str, float] = {}
    for name, kept in (("", every), ("act_", has_act), ("right_", every)):
        measured = []
        for each in tags:
            right = pd.DataFrame({"right": _is_right(tested, each)})
            truth = {"": dimensions, "act_": acts, "right_": right}[name]
            if kept.any() and set(truth.add_prefix("p_")) <= set(each):
                measured.append(_errors(truth[kept], each[kept]))
        known = [one for one in measured if not np.isnan(one[0])]
        brier, error, bound = np.mean(known, axis=0) if known else (np.nan, np.nan, np.nan)
        row |= ({} if name else {"brier": float(brier)}) | {f"{name}error": float(error), f"{name}bound": float(bound)}
    return row


def _is_right(tested: pd.DataFrame, tags: pd.DataFrame) -> pd.Series:
    """Return which tags have the right dimensions, strength and act, if it is known."""
    known = [name for name in ("dimensions", "strength", "act") if name in tags]
    return ((tags[known] == tested[known]) | (tested[known] == "").assign(dimensions=False)).all(axis=1)


def _errors(truth: pd.DataFrame, tags: pd.DataFrame) -> tuple[float, float, float]:
    """Return the means over labels of Brier score and calibration error, and the bound of the latter; or NaN."""
    shares = tags[truth.add_prefix("p_").columns].to_numpy(dtype=np.float64).T
    if np.isnan(shares).any():
        return np.nan, np.nan, np.nan
    is_so: npt.NDArray[np.bool_] = truth.to_numpy(dtype=bool).T
    brier = np.mean([((each - so) ** 2).mean() for each, so in zip(shares, is_so, strict=True)])
    error = np.mean([calibration_error(each, so) for each, so in zip(shares, is_so, strict=True)])
    return float(brier), float(error), calibrated_bound(shares, n_simulations=SIMULATIONS)
