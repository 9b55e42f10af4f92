"""How good a tagger for a new commitment is by the number of its labels, next to simpler taggers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from g7tag.codebook import ACTS, Codebook
from g7tag.errors import Announce, FrameError
from g7tag.evaluation.evaluate import require_parts
from g7tag.evaluation.measures import dimension_columns, expected_calibration_error
from g7tag.evaluation.peers import G7TAG, MINILM, PRIOR, WORDS, TagBy, find_peers
from g7tag.evaluation.quality import item_counts, macro_f1, mean_over_items
from g7tag.frames.labels import has_key
from g7tag.tagger.few_labels import train_few_labels
from g7tag.tagger.predict import tag_sentences

SIZES = (0, 25, 50, 100, 200)
"""Numbers of labelled sentences."""
DRAWS = 5
"""Samples of labelled items for each number."""
SIMULATIONS = 200
COMPARED = (PRIOR, WORDS, MINILM)
"""Taggers to compare with, if their packages are installed."""


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
        of acts, only of sentences whose act is known),
        brier (mean over the dimensions),
        error and bound (mean calibration error of the dimensions, and the mean that a calibrated tagger exceeds 1 time
        in 20), the same of the acts and of p_right (act_error, right_error, …; g7tag alone) and reason. The other
        taggers have no row for 0 labels.

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
    peers = {name: tag for name, tag in find_peers().taggers.items() if name in COMPARED}
    rows = []
    taggers: dict[str, TagBy] = {G7TAG: _tag_by_few_labels} | peers
    for size in SIZES:
        samples = list(_samples(train, size))
        for name, tag_by in taggers.items():
            if not size and name != G7TAG:
                continue  # it needs labels
            announce(f"{name} with {size} labels")
            tags, reason = _tagged(tag_by, samples, tested, codebook)
            sizes = [len(sample) for sample in samples]
            row: dict[str, Any] = {"tagger": name, "tested_on": ", ".join(dict.fromkeys(tested["file"]))}
            row |= {"n_train": round(np.mean(sizes)), "n_draws": len(tags)}
            rows.append(row | _measured(tested, tags, codebook) | {"reason": reason})
    return pd.DataFrame(rows)


def _samples(train: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    """Yield whole items in random order, until they have so many sentences; none once."""
    sizes = train.groupby("item_id", sort=False).size()
    for seed in range(DRAWS if size else 1):
        order = sizes.sample(frac=1, random_state=seed)
        kept = order.index[order.cumsum().shift(fill_value=0) < size]
        yield train[train["item_id"].isin(kept)].reset_index(drop=True)


def _tag_by_few_labels(train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    return tag_sentences(test, train_few_labels(train, codebook), codebook)


def _tagged(
    tag_by: TagBy, samples: list[pd.DataFrame], tested: pd.DataFrame, codebook: Codebook
) -> tuple[list[pd.DataFrame], str]:
    """Return the tags of each sample's tagger, and why there are none for some."""
    tags, reason = [], ""
    for sample in samples:
        try:
            tags.append(tag_by(sample, tested, codebook).reset_index(drop=True))
        except FrameError as error:  # the sample lacks an example of a label
            reason = str(error)
    return tags, reason


def _measured(tested: pd.DataFrame, tags: list[pd.DataFrame], codebook: Codebook) -> dict[str, Any]:
    items = tested["item_id"].tolist()
    truth = dimension_columns(tested["dimensions"], codebook)
    counts = [item_counts(truth, dimension_columns(each["dimensions"], codebook), items) for each in tags]
    n_items = tested["item_id"].nunique()
    shaped = np.array(counts, dtype=np.int64).reshape(len(counts), n_items, len(truth.columns), 3)
    f1 = macro_f1(shaped)
    each = [macro_f1(draw[None], n_resamples=1).value for draw in shaped] or [np.nan]
    row: dict[str, Any] = {"n_tested": len(tested), "n_items": n_items}
    row |= {"f1": f1.value, "f1_low": f1.low, "f1_high": f1.high, "least": min(each), "greatest": max(each)}
    for column in ("act", "strength"):
        known = (tested[column] != "").to_numpy()
        shares = [(tagged[column] == tested[column]).to_numpy()[known] for tagged in tags if column in tagged]
        own = tested.loc[known, "item_id"].tolist() if shares else []
        rate = mean_over_items(np.mean(shares, axis=0) if shares else np.empty(0), own)
        row |= {column: rate.value, f"{column}_low": rate.low, f"{column}_high": rate.high}
    shares = [_is_right(tested, tagged).to_numpy() for tagged in tags]
    rate = mean_over_items(np.mean(shares, axis=0) if shares else np.empty(0), items if shares else [])
    row |= {"right": rate.value, "right_low": rate.low, "right_high": rate.high}
    return row | _calibrated(tested, tags, codebook)


def _calibrated(tested: pd.DataFrame, tags: list[pd.DataFrame], codebook: Codebook) -> dict[str, float]:
    """Return the mean Brier score of the dimensions, and error and bound of dimensions, acts and p_right."""
    dimensions = {key: has_key(tested["dimensions"], key).to_numpy(dtype=bool) for key in codebook.dimension_keys}
    has_act = (tested["act"] != "").to_numpy()
    acts = {act: (tested.loc[has_act, "act"] == act).to_numpy(dtype=bool) for act in ACTS}
    every = np.ones(len(tested), dtype=bool)
    rows_of = {"": every, "act_": has_act, "right_": every}
    truths = [(dimensions, acts, {"right": _is_right(tested, each).to_numpy()}) for each in tags]
    found: dict[str, float] = {}
    for place, (name, rows) in enumerate(rows_of.items()):
        measured = [_errors(truth[place], tagged[rows]) for truth, tagged in zip(truths, tags, strict=True)]
        known = [one for one in measured if one is not None]
        brier, error, bound = np.mean(known, axis=0) if known else (np.nan, np.nan, np.nan)
        found |= {} if name else {"brier": float(brier)}
        found |= {f"{name}error": float(error), f"{name}bound": float(bound)}
    return found


def _is_right(tested: pd.DataFrame, tags: pd.DataFrame) -> pd.Series:
    """Return which tags have the right dimensions, strength and act, if it is known."""
    known = [name for name in ("dimensions", "strength", "act") if name in tags]
    return ((tags[known] == tested[known]) | (tested[known] == "").assign(dimensions=False)).all(axis=1)


def _errors(truth: dict[str, Any], tags: pd.DataFrame) -> tuple[float, float, float] | None:
    """Return the means over labels of Brier score and calibration error, and the bound of the latter."""
    if tags.empty or any(f"p_{key}" not in tags or tags[f"p_{key}"].isna().any() for key in truth):
        return None
    shares = {key: tags[f"p_{key}"].to_numpy(dtype=np.float64) for key in truth}
    brier = np.mean([((shares[key] - is_so) ** 2).mean() for key, is_so in truth.items()])
    error = np.mean([expected_calibration_error(shares[key], is_so) for key, is_so in truth.items()])
    generator = np.random.default_rng(0)
    drawn = [
        np.mean([expected_calibration_error(each, generator.random(len(each)) < each) for each in shares.values()])
        for _ in range(SIMULATIONS)
    ]
    return float(brier), float(error), float(np.quantile(drawn, 0.95))
