"""Evaluate the way the tagger is trained: on members left out, and by how much it is trained on."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import FrameError, listed
from g7tag.frames import STRENGTHS
from g7tag.tagging.corpus import PARTS, has_key, without_members
from g7tag.tagging.model import Tagger, train_tagger
from g7tag.tagging.predict import tag_sentences
from g7tag.tagging.quality import item_counts, label_quality, macro_f1

ALL_FILES = "all files"
SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
"""Of the training sentences, points of the learning curve."""
DRAWS = 5
"""Samples of the training sentences at each point but the last."""


def evaluate_tagger(
    corpus: pd.DataFrame, codebook: Codebook, announce: Callable[[str], None] = lambda _: None
) -> pd.DataFrame:
    """Return how well each member's sentences are tagged by a tagger trained on the other members'.

    Rows that share a cluster with one of the member's are left out of training too, and so is the test part, which is
    kept for a release's figures.

    Parameters
    ----------
    corpus
        Labelled sentences with their file, member, cluster and part, as `read_corpus` returns them.
    codebook
        Owns the labels.
    announce
        Called with the name of each step as it begins.

    Returns
    -------
    pandas.DataFrame
        For each file, and for all together where there are several, the rows of `label_quality` for the dimensions, and
        one for each strength and exclusion; the file is in the column tested_on.

    Raises
    ------
    FrameError
        The rows have no members, or those of the other members lack a label.
    """
    rows = _parted(corpus)
    rows = rows[rows["part"] != "test"].reset_index(drop=True)
    members = list(dict.fromkeys(rows["member"]))
    if "" in members or len(members) < 2:
        without = int((rows["member"] == "").sum())
        msg = (
            f"corpus: {len(members)} members outside the test part, {without} sentences without one. Expected a column "
            "'member' that names at least two, to leave out each in turn."
        )
        raise FrameError(msg)
    tags = []
    for place, member in enumerate(members, 1):
        announce(f"leaving out {member} ({place} of {len(members)})")
        tagger = _trained(without_members(rows, [member]), codebook, f"without {member}")
        theirs = rows[rows["member"] == member]
        tags.append(tag_sentences(theirs.reset_index(drop=True), tagger, codebook).set_index(theirs.index))
    found = pd.concat(tags).sort_index()
    labelled = rows.loc[found.index]
    return pd.concat([_measured(labelled, found, name, codebook) for name in _files(rows)], ignore_index=True)


def learning_curve(
    corpus: pd.DataFrame, codebook: Codebook, announce: Callable[[str], None] = lambda _: None
) -> pd.DataFrame:
    """Return how the macro-F1 over the dimensions, on the dev part, grows with the number of training sentences.

    Taggers are trained on a share of the train part of each file, and of all files together: whole clusters, drawn with
    a seed, `DRAWS` times at each of `SHARES` but the last, which is all there is.

    Parameters
    ----------
    corpus, codebook, announce
        As for `evaluate_tagger`.

    Returns
    -------
    pandas.DataFrame
        A row for each file trained on, number of training sentences and file tested on: trained_on, tested_on, n_train
        (mean over the draws), n_draws (those that could be trained on), n_tested (sentences), n_items, f1 (macro-F1,
        mean over the draws), f1_low and f1_high (its 95 % interval over the tested items), least and greatest (of the
        draws' macro-F1) and reason. Rows of a cluster that is also in the dev part are not trained on.

    Raises
    ------
    FrameError
        The corpus has no train part or no dev part.
    """
    train, dev = (_parted(corpus).query("part == @part").reset_index(drop=True) for part in ("train", "dev"))
    if train.empty or dev.empty:
        msg = (
            f"corpus: {len(train)} sentences of part train and {len(dev)} of part dev. Expected a column 'part' with "
            "some of each."
        )
        raise FrameError(msg)
    train = train[~train["cluster"].isin(set(dev["cluster"]) - {""})].reset_index(drop=True)
    points = [(source, share) for source in _files(train) for share in SHARES]
    rows = []
    for place, (source, share) in enumerate(points, 1):
        announce(f"training on {share:.0%} of {source} ({place} of {len(points)})")
        tagged, sizes, reason = [], [], ""
        for sample in _samples(_of_file(train, source), share):
            try:
                tagger = train_tagger(sample, codebook)
            except FrameError as error:
                reason = str(error)
                continue
            tagged.append(_keys(tag_sentences(dev, tagger, codebook)["dimensions"], codebook))
            sizes.append(len(sample))
        n_train = round(np.mean(sizes)) if sizes else round(share * len(_of_file(train, source)))
        rows += [
            {"trained_on": source, "tested_on": name, "n_train": n_train}
            | _curve_point(dev, tagged, name, codebook, reason)
            for name in _files(dev)
        ]
    return pd.DataFrame(rows)


def _parted(corpus: pd.DataFrame) -> pd.DataFrame:
    """The corpus, if its parts have the names that keep the test part apart."""
    unknown = set(corpus["part"]) - {"", *PARTS}
    if unknown:
        msg = f"corpus: unknown part {listed(unknown)}. Use {', '.join(PARTS)}, or leave the column out."
        raise FrameError(msg)
    return corpus


def _trained(rows: pd.DataFrame, codebook: Codebook, described: str) -> Tagger:
    try:
        return train_tagger(rows, codebook)
    except FrameError as error:
        msg = f"the corpus {described} cannot be trained on. {error}"
        raise FrameError(msg) from error


def _files(rows: pd.DataFrame) -> list[str]:
    names = list(dict.fromkeys(rows["file"]))
    return [*names, ALL_FILES] if len(names) > 1 else names


def _of_file(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return rows if name == ALL_FILES else rows[rows["file"] == name]


def _keys(joined: pd.Series, codebook: Codebook) -> pd.DataFrame:
    return pd.DataFrame({key: has_key(joined, key) for key in codebook.dimension_keys})


def _measured(labelled: pd.DataFrame, found: pd.DataFrame, name: str, codebook: Codebook) -> pd.DataFrame:
    rows = _of_file(labelled, name)
    tags, items = found.loc[rows.index], rows["item_id"].tolist()
    dimensions = label_quality(_keys(rows["dimensions"], codebook), _keys(tags["dimensions"], codebook), items)
    others = [("strength", key) for key in STRENGTHS] + [("exclusion", key) for key in codebook.exclusion_keys]
    each = [
        label_quality(pd.DataFrame({key: rows[column] == key}), pd.DataFrame({key: tags[column] == key}), items).head(1)
        for column, key in others
    ]
    measured = pd.concat([dimensions, *each], ignore_index=True)
    measured.insert(0, "tested_on", name)
    return measured


def _samples(rows: pd.DataFrame, share: float) -> Iterator[pd.DataFrame]:
    """Whole clusters, in a drawn order, until the share of the sentences is reached; rows keep their order."""
    clusters = rows["cluster"].mask(rows["cluster"] == "", rows["item_id"])
    sizes = clusters.value_counts().sort_index()
    for seed in range(DRAWS if share < 1 else 1):
        order = sizes.sample(frac=1, random_state=seed)
        enough = order.cumsum().shift(fill_value=0) < share * len(rows)
        yield rows[clusters.isin(order.index[enough])].reset_index(drop=True)


def _curve_point(
    dev: pd.DataFrame, tagged: list[pd.DataFrame], name: str, codebook: Codebook, reason: str
) -> dict[str, object]:
    rows = _of_file(dev, name)
    truth = _keys(rows["dimensions"], codebook)
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
