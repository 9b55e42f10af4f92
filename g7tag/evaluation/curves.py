"""The learning curve: how good taggers are by the number of labels, asked for in the order of the queue."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import CODERS, LABEL
from g7tag.errors import Announce, FrameError
from g7tag.evaluation import measures
from g7tag.evaluation.evaluate import G7TAG, files_of, require_parts, without_clusters
from g7tag.evaluation.peers import PRIOR, tag_by_peers
from g7tag.tagger.encoder import open_encoder
from g7tag.tagger.heads import item_folds
from g7tag.tagger.model import Tagger
from g7tag.tagger.predict import tag_sentences
from g7tag.tagger.training import train_tagger

SIZES = (0, 20, 40, 100, 200)
BATCH = 20
"""Labels between two trainings."""
LABELS = [*LABEL, *(f"{coder}_{name}" for coder in CODERS for name in LABEL)]
Places = npt.NDArray[np.intp]


def learning_curve(
    corpus: pd.DataFrame,
    codebook: Codebook,
    announce: Announce = lambda _: None,
    *,
    sizes: Sequence[int] = SIZES,
    wrong: float = 0.0,
) -> pd.DataFrame:
    """Return how good taggers are, by the number of labelled sentences.

    It begins with the tagger without labels. Then labels are asked for as in the queue of a run: 20 at a time, of the
    sentences whose tag is least likely right (`p_right`). The sentences to label are those of the part train, and all
    of the part dev or, without one, of the part test are tested. A corpus without these parts is split into five folds
    of items: each is tested once, by taggers that may ask for the others.

    Parameters
    ----------
    corpus, codebook, announce
        As for `g7tag.evaluation.evaluate_tagger`.
    sizes
        Numbers of labels. More labels than there are sentences mean all sentences.
    wrong
        Share of the labels, from 0 to 1, that are replaced by the label of a sentence with another act or other
        dimensions, drawn with a seed.

    Returns
    -------
    pandas.DataFrame
        One row for each number of labels and tagger: g7tag and, with labels, simple ones (see `evaluate_tagger`).
        Columns: tagger, tested_on (file, or "all files"), n_train (labels), wrong, n_tested (sentences), n_items, f1,
        acts and exclusions (macro-F1), act, strength and right (share of sentences that have the right one, or
        everything right; of acts, only of sentences whose act is known), brier (mean over the dimensions), error and
        bound (mean calibration error of the dimensions, and what a calibrated tagger exceeds 1 time in 20), the same
        of the acts and of `p_right` (act_error, right_error, …) and reason. Rates have 95 % intervals over items, and
        are NaN where nothing can be measured.

    Raises
    ------
    FrameError
        The corpus has a part of another name, or all sentences are in one item or cluster.

    Examples
    --------
    >>> from g7tag.codebook import load_codebook
    >>> from g7tag.corpus import read_corpus
    >>> from g7tag.store import data_path
    >>> book = load_codebook(data_path("examples/harbours.toml"))
    >>> corpus = read_corpus([data_path("examples/harbours-labelled.csv")], book)
    >>> learning_curve(corpus, book, sizes=[0])[["tagger", "n_train", "n_tested"]].values.tolist()
    [['g7tag', 0, 37]]
    """
    rows = require_parts(corpus).reset_index(drop=True)
    rows = rows.assign(position=rows.index.astype("str"))
    folds, labelled = _folds(rows), _with_errors(rows, wrong)
    announce(f"reading {len(rows)} sentences")
    vectors = open_encoder().vectors(rows)
    least = min(len(pool) for pool, _ in folds)
    wanted = sorted({min(size, least) for size in sizes})
    tags: dict[tuple[int, str], list[pd.DataFrame]] = {}
    for number, (pool, test) in enumerate(folds, start=1):
        asked = rows.iloc[test]
        for told, tagger in _taught(rows.iloc[pool], labelled, codebook, wanted):
            announce(f"{len(told)} labels ({number} of {len(folds)})")
            found = {G7TAG: tag_sentences(asked, tagger, codebook).set_index(asked.index)}
            if len(told):
                peers = tag_by_peers(labelled.iloc[told], asked, (vectors[told], vectors[test]), codebook)
                found |= {name: tagged for name, tagged in peers.items() if name != PRIOR}
            for name, tagged in found.items():
                tags.setdefault((len(told), name), []).append(tagged)
    curve = []
    for (size, name), parts in sorted(tags.items(), key=lambda each: each[0][0]):
        tagged = pd.concat(parts).sort_index()
        tested = rows.loc[tagged.index]
        about = {"tagger": name, "tested_on": files_of(tested)[-1], "n_train": size, "wrong": wrong}
        curve.append(about | _measured(tested, tagged, codebook))
    return pd.DataFrame(curve)


def _folds(rows: pd.DataFrame) -> list[tuple[Places, Places]]:
    """Return places of sentences that may be labelled, and of those to test."""
    train, dev, test = (np.flatnonzero(rows["part"] == part) for part in ("train", "dev", "test"))
    tested = dev if len(dev) else test
    if len(train) and len(tested):
        return [(without_clusters(rows.iloc[tested], rows.iloc[train]).index.to_numpy(), tested)]
    folds = item_folds(rows["cluster"].mask(rows["cluster"] == "", rows["item_id"]).tolist())
    if len(folds) < 2:
        msg = "corpus: all sentences are in one item or cluster. Expected several, so that some can be left out."
        raise FrameError(msg)
    return folds


def _with_errors(rows: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return rows without parts, a share of them with the label of a sentence that has another one."""
    generator = np.random.default_rng(0)
    own = (rows["dimensions"] + ":" + rows["act"]).to_numpy()
    source = np.arange(len(rows))
    for place in np.flatnonzero(generator.random(len(rows)) < share):
        others = np.flatnonzero(own != own[place])
        source[place] = generator.choice(others) if len(others) else place
    return rows.assign(part="", **{name: rows[name].to_numpy()[source] for name in LABELS})


def _taught(
    pool: pd.DataFrame, labelled: pd.DataFrame, codebook: Codebook, sizes: Sequence[int]
) -> Iterator[tuple[Places, Tagger]]:
    """Yield the places of the labels and the tagger at each size."""
    told = np.array([], dtype=np.intp)
    tagger = train_tagger(labelled.iloc[told], codebook)
    for size in sizes:
        while len(told) < size:
            right = tag_sentences(pool, tagger, codebook).set_index(pool.index)["p_right"].drop(told)
            first = right.sort_values(kind="stable").index[: min(BATCH, size - len(told))]
            told = np.sort(np.append(told, first))
            tagger = train_tagger(labelled.iloc[told], codebook, context=pool)
        yield told, tagger


def _measured(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> dict[str, Any]:
    """Return the figures of one tagger with one number of labels."""
    (whole,) = measures.overall(rows, tags, codebook).to_dict("records")
    found: dict[str, Any] = {"n_tested": len(rows), "n_items": whole["n_items"]}
    for name, source in (("f1", "macro_f1"), ("strength", "strength"), ("right", "whole")):
        found |= {f"{name}{end}": whole[f"{source}{end}"] for end in ("", "_low", "_high")}
    known = (rows["act"] != "").to_numpy()
    acts = (rows["act"] == tags["act"])[known], rows.loc[known, "item_id"].tolist()
    found |= measures.mean_over_items(*acts).columns("act")
    for name, of in (("acts", "act"), ("exclusions", "exclusion")):
        found |= measures.macro_of(rows, tags, codebook, of).columns(name)
    found["brier"] = whole["brier"]
    for name, keys in (("", codebook.dimension_keys), ("act_", ACTS), ("right_", ["right"])):
        error, bound = measures.mean_error(rows, tags, codebook, [f"p_{key}" for key in keys])
        found |= {f"{name}error": error, f"{name}bound": bound}
    return found | {"reason": whole["reason"]}
