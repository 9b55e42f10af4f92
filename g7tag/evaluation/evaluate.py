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
from g7tag.frames.labels import has_key
from g7tag.store import data_path
from g7tag.tagger.arrays import Floats
from g7tag.tagger.encoder import open_encoder
from g7tag.tagger.heads import Places, fit_heads
from g7tag.tagger.model import STRONG, Tagger, decide, log_odds
from g7tag.tagger.predict import tag_sentences
from g7tag.tagger.training import folds_of, shared_decision, targets_of, train_tagger
from g7tag.tagger.words import vocabulary_of, word_matrix

ALL_FILES = "all files"
SCHEMES = ("member left out", "file left out", "test part")
G7TAG, FAST = "g7tag", "g7tag fast"
PRIOR, WORDS, VECTORS = "class prior", "words alone", "encoder vectors"
"""The tagger, its fast one, and simple ones trained on the same sentences, in the table that compares taggers."""
PENALTY = 0.1
"""Penalty of simple logistic regressions: C = 10 in scikit-learn, with which they find more than with 1."""
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
        Also tag the test part, with a tagger trained on the other parts. It is reserved for the figures of a release.
    shipped
        A tagger that was trained without the test part, with its fast tagger. They tag the test part as they are.

    Returns
    -------
    dict of pandas.DataFrame
        Tables by name: labels (precision, recall, F1), taggers (beside simple ones on the same sentences), acts,
        confusion, calibration, reliability, and routing (macro-F1 after people correct the most doubtful sentences).
        Rates have 95 % intervals over items. Results of the fast tagger, if it could be trained, have ", fast tagger"
        after the scheme.

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
        tagger = (shipped if scheme == SCHEMES[2] else None) or train_tagger(train, codebook)
        found = {
            by: tag_sentences(test, each, codebook).set_index(test.index)
            for by, each in ((G7TAG, tagger), (FAST, tagger.fast))
            if each is not None
        }
        for by, tagged in (found | tag_by_peers(train, test, vectors, codebook)).items():
            tags.setdefault((scheme, by), []).append(tagged)
    announce("measuring")
    measured: dict[str, list[pd.DataFrame]] = {name: [] for name in ("labels", "taggers", *TAGGER_MEASURES)}
    for (scheme, by), parts in tags.items():
        if len(parts) < len(tags[scheme, G7TAG]):
            continue  # the fast tagger could not always be trained
        every = pd.concat(parts).sort_index()
        tested = rows.loc[every.index]
        for file in _files_of(tested):
            truth = tested if file == ALL_FILES else tested[tested["file"] == file]
            its, where = every.loc[truth.index], {"scheme": scheme, "tested_on": file}
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
    sentences in the part train whose tag is least likely right. The part dev or, without one, the part test is tested.
    A corpus without these parts is split into five folds of items, each tested once.

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
    found |= measures.columns_of(
        act=measures.mean_over_items((rows["act"] == tags["act"])[known], rows.loc[known, "item_id"].tolist()),
        acts=measures.macro_of(rows, tags, codebook, "act"),
        exclusions=measures.macro_of(rows, tags, codebook, "exclusion"),
    )
    found["brier"] = whole["brier"]
    for name, keys in (("", codebook.dimension_keys), ("act_", ACTS), ("right_", ["right"])):
        error, bound = measures.mean_error(rows, tags, codebook, [f"p_{key}" for key in keys])
        found |= {f"{name}error": error, f"{name}bound": bound}
    return found | {"reason": whole["reason"]}


def tag_by_peers(
    train: pd.DataFrame, test: pd.DataFrame, vectors: Floats, codebook: Codebook
) -> dict[str, pd.DataFrame]:
    """Return the tags of each simple tagger; `vectors` are those of the encoder, for all rows.

    `PRIOR` gives each label its share in training as probability, and always tags every dimension, which maximizes F1.
    `WORDS` and `VECTORS` are logistic regressions on TF-IDF and on the vectors. They decide as g7tag does without
    labels.
    """
    shares = {f"p_{key}": has_key(train["dimensions"], key).mean() for key in codebook.dimension_keys}
    n_strong, n_tagged = (train["strength"] == STRONG).sum(), (train["dimensions"] != "").sum()
    strength = STRONG if 2 * n_strong >= n_tagged else "weak"
    always = {"dimensions": ";".join(codebook.dimension_keys), "strength": strength, "act": "done"}
    terms, idf = vocabulary_of(train["text"])
    places = {term: place for place, term in enumerate(terms)}
    seen, unseen = (word_matrix(rows["text"].tolist(), places, idf) for rows in (train, test))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return {
        PRIOR: pd.DataFrame({**shares, **always}, index=test.index),
        WORDS: _by_regressions(seen, unseen, train, test, codebook),
        VECTORS: _by_regressions(unit[train.index], unit[test.index], train, test, codebook),
    }


def _by_regressions(
    known: Any, asked: Any, train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return the tags by a regression for each label, which starts from the label's share in training."""
    targets = np.where(np.isnan(found := targets_of(train, codebook)), np.nan, found > 0.5)
    start = log_odds((np.nansum(targets, axis=0) + 0.5) / ((~np.isnan(targets)).sum(axis=0) + 1))
    before, after = (np.broadcast_to(start, (len(rows), len(start))) for rows in (train, test))
    heads = fit_heads(known, before, targets, np.ones(len(train)), penalty=PENALTY, wrong=0.0)
    decided = decide(heads.odds(asked, after), codebook, shared_decision()[0])
    shares = decided.shares.add_prefix("p_").assign(p_right=decided.right)
    return pd.concat([shares, decided.tags], axis=1).set_index(test.index)


def stored_evaluation(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return what comes with g7tag for a codebook: the tables of `evaluate_tagger`, and learning_curve (or no rows)."""
    found = {"learning_curve": pd.DataFrame(columns=_CURVE)}
    paths = [data_path(f"models/{codebook.id}.{kind}.json") for kind in ("evaluation", "learning-curve")]
    for path in (path for path in paths if path.is_file()):
        stored = json.loads(path.read_text(encoding="utf-8"))
        found |= {name: pd.DataFrame(rows) for name, rows in stored.items() if name != "about"}
    return found
