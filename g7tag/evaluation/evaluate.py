"""Evaluate taggers on sentences left out of training, by number of labels too, and read stored evaluations."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import CODERS, LABEL, without_rows
from g7tag.errors import Announce, FrameError
from g7tag.evaluation import measures
from g7tag.evaluation.peers import PRIOR, tag_by_peers
from g7tag.store import data_path
from g7tag.tagger.encoder import open_encoder
from g7tag.tagger.heads import Places
from g7tag.tagger.model import Tagger
from g7tag.tagger.predict import tag_sentences
from g7tag.tagger.training import folds_of, train_tagger

ALL_FILES = "all files"
SCHEMES = ("member left out", "file left out", "test part")
G7TAG, FAST = "g7tag", "g7tag fast"
"""The tagger, and its fast one, in the table that compares taggers."""
BY_FAST = ", fast tagger"
"""Follows the scheme in the other tables, for the fast tagger."""
TAGGER_MEASURES = {
    "labels": measures.by_label,
    "acts": measures.by_act,
    "confusion": measures.confusion,
    "calibration": measures.calibration,
    "reliability": measures.reliability,
    "routing": measures.routing,
}
SIZES, BATCH = (0, 20, 40, 100, 200), 20
"""Numbers of labels of a learning curve, and labels between two trainings."""
_CURVE = ["tagger", "tested_on", "n_train", "n_tested", "n_items", "f1", "f1_low", "f1_high"]


def evaluate_tagger(
    corpus: pd.DataFrame,
    codebook: Codebook,
    announce: Announce = lambda _: None,
    *,
    test_part: bool = False,
    shipped: Tagger | None = None,
) -> dict[str, pd.DataFrame]:
    """Evaluate a tagger on each member left out of training, then on each file left out.

    Rows that share a cluster with a left-out row are also left out of training, and so is the test part. The encoder
    is not trained here; it was tuned on the train parts of the files of 2024 Apulia commitment 19.

    Parameters
    ----------
    corpus, codebook
        Labelled sentences, as returned by `read_corpus`, and what defines their labels.
    announce
        Called with the name of each step when it starts.
    test_part
        Also tag the test part, with a tagger trained on the other parts. It is reserved for the figures of a release;
        do not use it to choose between taggers.
    shipped
        A tagger that was trained without the test part, with its fast tagger. They tag the test part as they are.

    Returns
    -------
    dict of pandas.DataFrame
        Tables by name: labels (precision, recall, F1), taggers (beside simple ones on the same sentences), acts,
        confusion, calibration, reliability, and routing (macro-F1 after people correct the most doubtful sentences).
        Rates have 95 % intervals over items. Results of the fast tagger have ", fast tagger" after the scheme; there
        are none if it could not be trained.

    Raises
    ------
    FrameError
        The rows have no members, or there is no test part to tag.
    """
    rows = corpus.reset_index(drop=True)
    folds = list(_left_out(rows, test_part=test_part))
    announce(f"reading {len(rows)} sentences")
    vectors = open_encoder().vectors(rows)
    tags: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for scheme, name, train, test in folds:
        announce(f"{scheme}: {name}")
        as_it_is = shipped if scheme == SCHEMES[2] else None
        tagger = as_it_is or train_tagger(train, codebook)
        for by, each in ((G7TAG, tagger), (FAST, tagger.fast)):
            if each is not None:
                tags.setdefault((scheme, by), []).append(tag_sentences(test, each, codebook).set_index(test.index))
        for by, tagged in tag_by_peers(train, test, vectors, codebook).items():
            tags.setdefault((scheme, by), []).append(tagged)
    announce("measuring")
    measured: dict[str, list[pd.DataFrame]] = {name: [] for name in ("labels", "taggers", *TAGGER_MEASURES)}
    for (scheme, by), parts in tags.items():
        if len(parts) < len(tags[scheme, G7TAG]):
            continue  # the fast tagger could not always be trained
        found = pd.concat(parts).sort_index()
        tested = rows.loc[found.index]
        for file in _files_of(tested):
            truth = tested if file == ALL_FILES else tested[tested["file"] == file]
            its, where = found.loc[truth.index], {"scheme": scheme, "tested_on": file}
            measured["taggers"].append(_headed(measures.overall(truth, its, codebook), where | {"tagger": by}))
            where["scheme"] += BY_FAST if by == FAST else ""
            for kind, measure in TAGGER_MEASURES.items() if by in (G7TAG, FAST) else ():
                measured[kind].append(_headed(measure(truth, its, codebook), where))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in measured.items()}


def _left_out(rows: pd.DataFrame, *, test_part: bool) -> Iterator[tuple[str, str, pd.DataFrame, pd.DataFrame]]:
    """Yield the scheme, the name of what is left out, the rows to train on and the rows to tag."""
    is_test = rows["part"] == "test"
    known = rows[~is_test]
    if "" in set(known["member"]) or known["member"].nunique() < 2:
        without = int((known["member"] == "").sum())
        msg = (
            f"corpus: {known['member'].nunique()} members outside the test part, {without} sentences without one. "
            "Expected a column 'member' with at least two members and no empty cells."
        )
        raise FrameError(msg)
    if test_part and not is_test.any():
        msg = "corpus: no sentence of part 'test'. Expected a column 'part' with some."
        raise FrameError(msg)
    for scheme, column in zip(SCHEMES, ("member", "file"), strict=False):
        names = known[column].unique()
        for name in names if len(names) > 1 else ():
            theirs = known[column] == name
            yield scheme, str(name), without_rows(known, theirs), known[theirs]
    if test_part:
        yield SCHEMES[2], "test", without_rows(rows, is_test), rows[is_test]


def _files_of(rows: pd.DataFrame) -> list[str]:
    """Return the files of the rows, and `ALL_FILES` if there are several."""
    names = rows["file"].unique().tolist()
    return [*names, ALL_FILES] if len(names) > 1 else names


def _headed(measured: pd.DataFrame, where: dict[str, str]) -> pd.DataFrame:
    """Add these values as the first columns."""
    return pd.concat([pd.DataFrame(where, index=measured.index), measured], axis=1)


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
    sentences whose tag is least likely right. They are asked for in the part train, and the part dev or, without one,
    the part test is tested. A corpus without these parts is split into five folds of items, each tested once.

    Parameters
    ----------
    corpus, codebook, announce
        As for `g7tag.evaluation.evaluate_tagger`.
    sizes
        Numbers of labels. More labels than there are sentences mean all sentences.
    wrong
        Share of the labels, from 0 to 1, that are replaced by another one, drawn with a seed.

    Returns
    -------
    pandas.DataFrame
        One row for each number of labels (n_train) and tagger. f1, acts and exclusions are macro-F1; act, strength and
        right shares of sentences; error is the mean calibration error, and bound what a calibrated tagger exceeds 1
        time in 20. Rates have 95 % intervals over items, and are NaN where nothing can be measured.

    Raises
    ------
    FrameError
        There are fewer than five items or clusters.

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
    known = set(corpus["part"])
    tested_part = next((part for part in ("dev", "test") if {"train", part} <= known), "")
    rows = corpus[corpus["part"].isin(["train", tested_part])] if tested_part else corpus.assign(part="")
    rows = rows.assign(part=rows["part"].replace("test", "dev")).reset_index(drop=True)
    rows["position"] = rows.index.astype("str")
    folds, labelled = folds_of(rows), _with_errors(rows, wrong)
    if not folds:
        msg = "corpus: too few items or clusters to leave some out. Expected at least five."
        raise FrameError(msg)
    announce(f"reading {len(rows)} sentences")
    vectors = open_encoder().vectors(rows)
    wanted = sorted({min(size, *(len(pool) for pool, _ in folds)) for size in sizes})
    tags: dict[tuple[int, str], list[pd.DataFrame]] = {}
    for number, (pool, test) in enumerate(folds, start=1):
        test_rows = rows.iloc[test]
        for places, tagger in _taught(rows.iloc[pool], labelled, codebook, wanted):
            announce(f"{len(places)} labels ({number} of {len(folds)})")
            found = {G7TAG: tag_sentences(test_rows, tagger, codebook).set_index(test_rows.index)}
            if len(places):
                found |= tag_by_peers(labelled.iloc[places], test_rows, vectors, codebook)
            for name, tagged in found.items():
                tags.setdefault((len(places), name), []).append(tagged)
    curve = []
    for (size, name), parts in sorted(tags.items(), key=lambda each: each[0][0]):
        if name != PRIOR:
            tagged = pd.concat(parts).sort_index()
            tested = rows.loc[tagged.index]
            about = {"tagger": name, "tested_on": _files_of(tested)[-1], "n_train": size, "wrong": wrong}
            curve.append(about | _measured(tested, tagged, codebook))
    return pd.DataFrame(curve)


def _with_errors(rows: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return rows without parts, a share of them with the label of a sentence that has another one."""
    generator = np.random.default_rng(0)
    own = (rows["dimensions"] + ":" + rows["act"]).to_numpy()
    source = np.arange(len(rows))
    for place in np.flatnonzero(generator.random(len(rows)) < share):
        others = np.flatnonzero(own != own[place])
        source[place] = generator.choice(others) if len(others) else place
    names = [*LABEL, *(f"{coder}_{name}" for coder in CODERS for name in LABEL)]
    return rows.assign(part="", **{name: rows[name].to_numpy()[source] for name in names})


def _taught(
    pool: pd.DataFrame, labelled: pd.DataFrame, codebook: Codebook, sizes: Sequence[int]
) -> Iterator[tuple[Places, Tagger]]:
    """Yield the places of the labels and the tagger at each size."""
    places = np.array([], dtype=np.intp)
    tagger = train_tagger(labelled.iloc[places], codebook)
    for size in sizes:
        while len(places) < size:
            right = tag_sentences(pool, tagger, codebook).set_index(pool.index)["p_right"].drop(places)
            first = right.sort_values(kind="stable").index[: min(BATCH, size - len(places))]
            places = np.sort(np.append(places, first))
            tagger = train_tagger(labelled.iloc[places], codebook, context=pool)
        yield places, tagger


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


def stored_evaluation(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return what comes with g7tag for a codebook: the tables of `evaluate_tagger`, and learning_curve (or no rows)."""
    found = {"learning_curve": pd.DataFrame(columns=_CURVE)}
    paths = [data_path(f"models/{codebook.id}.{kind}.json") for kind in ("evaluation", "learning-curve")]
    for path in (path for path in paths if path.is_file()):
        stored = json.loads(path.read_text(encoding="utf-8"))
        found |= {name: pd.DataFrame(rows) for name, rows in stored.items() if name != "about"}
    return found
