"""The learning curve: how quality grows with the number of training sentences, by file."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import Announce, FrameError
from g7tag.evaluation.evaluate import files_of, of_file, require_parts
from g7tag.evaluation.measures import dimension_columns
from g7tag.evaluation.quality import item_counts, macro_f1
from g7tag.tagger.predict import tag_sentences
from g7tag.tagger.training import train_tagger

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Shares of the training sentences: the points of the learning curve."""
DRAWS = 3
"""Number of samples of the training sentences at each point except the last."""


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
    rows = []
    for place, (source, share) in enumerate(points, 1):
        announce(f"training on {share:.0%} of {source} ({place} of {len(points)})")
        tagged, sizes, reason = [], [], ""
        for sample in _samples(of_file(train, source), share):
            try:
                tagger = train_tagger(sample, codebook)
            except FrameError as error:
                reason = str(error)
                continue
            tagged.append(dimension_columns(tag_sentences(dev, tagger, codebook)["dimensions"], codebook))
            sizes.append(len(sample))
        n_train = round(np.mean(sizes)) if sizes else round(share * len(of_file(train, source)))
        rows += [
            {"trained_on": source, "tested_on": name, "n_train": n_train}
            | _curve_point(dev, tagged, name, codebook, reason)
            for name in files_of(dev)
        ]
    return pd.DataFrame(rows)


def _samples(rows: pd.DataFrame, share: float) -> Iterator[pd.DataFrame]:
    """Yield samples of whole clusters in random order, up to the share of the sentences; rows keep their order."""
    clusters = rows["cluster"].mask(rows["cluster"] == "", rows["item_id"])
    sizes = clusters.value_counts().sort_index()
    for seed in range(DRAWS if share < 1 else 1):
        order = sizes.sample(frac=1, random_state=seed)
        enough = order.cumsum().shift(fill_value=0) < share * len(rows)
        yield rows[clusters.isin(order.index[enough])].reset_index(drop=True)


def _curve_point(
    dev: pd.DataFrame, tagged: list[pd.DataFrame], name: str, codebook: Codebook, reason: str
) -> dict[str, object]:
    rows = of_file(dev, name)
    truth = dimension_columns(rows["dimensions"], codebook)
    n_items = rows["item_id"].nunique()
    counts = [item_counts(truth, tags.loc[rows.index], rows["item_id"].tolist()) for tags in tagged]
    shaped = np.array(counts, dtype=np.int64).reshape(len(counts), n_items, len(truth.columns), 3)
    estimate = macro_f1(shaped)
    each = [macro_f1(draw[None], n_resamples=1).value for draw in shaped] or [np.nan]
    return {
        "n_draws": len(tagged), "n_tested": len(rows), "n_items": n_items, "f1": estimate.value,
        "f1_low": estimate.low, "f1_high": estimate.high, "least": min(each), "greatest": max(each),
        "reason": estimate.reason if tagged else reason,
    }  # fmt: skip
