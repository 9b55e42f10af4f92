"""Train a tagger on any number of labelled sentences, from none to thousands."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import CODERS, LABEL, without_rows
from g7tag.errors import Announce, FrameError
from g7tag.frames.labels import has_key, label_of_act
from g7tag.store import package_version, text_sha256
from g7tag.tagger.arrays import Floats
from g7tag.tagger.encoder import encoder_sha256, shared_arrays
from g7tag.tagger.heads import Heads, Places, choose_penalty, fit_heads, item_folds, no_heads
from g7tag.tagger.meaning import Meaning, wordings_of
from g7tag.tagger.model import N_ON, STRONG, Flags, Reader, Scale, Tagger, decide, log_odds
from g7tag.tagger.words import Words, codebook_cues

VOTE = 0.2
"""Share of each of the two coders' labels in what a tagger learns; the rest is the corpus's own label. A sentence on
which the coders differ so counts as a doubtful example."""
FEWEST = 20
"""Minimum number of left-out sentences with each dimension for choosing the threshold; fewer keep the shared one."""
FEWEST_ITEMS = 5
"""Minimum number of items for leaving some out; fewer labels move the heads by a penalty that suits few."""
FEW_PENALTY = 0.3
RIGHT_WEIGHT = 0.1
"""Weight of a left-out sentence when the scale of `p_right` is fitted: a hundred move it, forty hardly do. Labels from
the queue are the most doubtful ones, and say little of the others."""
LEAST_FAST, LEAST_FAST_OF_EACH = 200, 5
"""Labelled sentences, and sentences of each dimension, from which a fast tagger is trained too."""
THRESHOLDS = np.round(np.arange(0.25, 0.61, 0.025), 3)
SUSPECT = 0.03
"""A label is suspect if a tagger that did not learn from its item gives it a smaller probability."""
MADE_FROM = [
    "file", "sentence_id", "item_id", "member", "cluster", "part", "text", *LABEL,
    *(f"{coder}_{label}" for coder in CODERS for label in LABEL),
]  # fmt: skip
"""Columns of a corpus that a tagger or its evaluation depends on."""


class Trained(NamedTuple):
    """A tagger, and what its training found on sentences left out: see `train_with_report`."""

    tagger: Tagger
    left_out: pd.DataFrame
    before: pd.DataFrame
    after: pd.DataFrame
    suspects: pd.DataFrame


class _Fitted(NamedTuple):
    """Heads, threshold and scale of `p_right`, and the log-odds of the sentences that these were judged by."""

    heads: Heads
    threshold: float
    right_scale: Scale
    judged: Flags
    odds: Floats


def train_tagger(
    corpus: pd.DataFrame,
    codebook: Codebook,
    *,
    context: pd.DataFrame | None = None,
    corpus_name: str = "corpus",
    announce: Announce = lambda _: None,
) -> Tagger:
    """Return a tagger trained on a labelled corpus, of any size, for any codebook.

    Every label has a head: a logistic regression on the vector that the encoder gives a sentence in its item. It starts
    from log-odds that need no label of this codebook: for acts and strength, what the encoder learned from many
    commitments; for dimensions and exclusions, likeness to the label's definition, examples and cues. Labels move the
    heads from there. Their penalty, the threshold of the dimensions and the scale of `p_right` are chosen on the part
    dev or, without one, on items left out in turns.

    Parameters
    ----------
    corpus
        Labelled sentences, as returned by `read_corpus`; may be empty. An optional column `weight` (from 0 to 1) says
        how much a proposal of a language model counts; nothing is chosen on sentences that count less than 1.
    codebook
        Defines the labels.
    context
        Other sentences of the same items, which are read but not learned from: sentence_id, item_id, position, text.
    corpus_name
        Name of the corpus for the manifest.
    announce
        Called with the name of each step when it starts.

    Returns
    -------
    Tagger
        With a fast tagger as `fast` if there are at least `LEAST_FAST` sentences with an act, and
        `LEAST_FAST_OF_EACH` of each dimension. Without sentences, the tagger gives the start as it is.

    Raises
    ------
    FrameError
        No text has a word of two letters.
    """
    return train_with_report(corpus, codebook, context=context, corpus_name=corpus_name, announce=announce).tagger


def train_with_report(
    corpus: pd.DataFrame,
    codebook: Codebook,
    *,
    context: pd.DataFrame | None = None,
    corpus_name: str = "corpus",
    announce: Announce = lambda _: None,
) -> Trained:
    """Return a tagger with the labelled sentences left out, their tags before and after learning, and suspect labels.

    `before` are the tags without any label of this codebook, `after` those by heads that did not learn from the item.
    `suspects` has sentence_id, text, label, given (whether the label was given) and probability of what was given.
    """
    rows = corpus.reset_index(drop=True)
    if len(rows) and not rows["text"].str.contains(r"\w\w", regex=True).any():
        msg = "corpus: no text has a word of two letters. Expected sentences. Check the column 'text'."
        raise FrameError(msg)
    announce(f"reading {len(rows)} sentences")
    meaning = Meaning(wordings_of(codebook))
    about = about_corpus(rows, codebook) | {"corpus": corpus_name, "reader": encoder_sha256()}
    features, start = _read(meaning, rows, context)
    announce("fitting the heads")
    fitted = _fit(features, start, rows, codebook, meaning)
    fast = _train_fast(rows, context, codebook, about, announce)
    tagger = Tagger(meaning, fitted.heads, fitted.threshold, fitted.right_scale, about, fast)
    left_out = rows[fitted.judged]
    before, after = (
        decide(odds[fitted.judged], codebook, fitted.threshold).tags.set_index(left_out.index)
        for odds in (start, fitted.odds)
    )
    return Trained(tagger, left_out, before, after, _suspects(rows, fitted, codebook))


def _read(reader: Reader, rows: pd.DataFrame, context: pd.DataFrame | None) -> tuple[Any, Floats]:
    """Return features and start of rows, read with the other sentences of their items."""
    if context is None or rows.empty:
        return reader.read(rows)
    columns = ["sentence_id", "item_id", "position", "text"]
    others = context.loc[~context["sentence_id"].isin(rows["sentence_id"]), columns]
    both = pd.concat([rows[columns], others[others["item_id"].isin(rows["item_id"])]], ignore_index=True)
    items, positions = pd.factorize(both["item_id"])[0], pd.to_numeric(both["position"]).fillna(0).to_numpy()
    order = np.lexsort((np.arange(len(both)), positions, items))
    features, start = reader.read(both.iloc[order].reset_index(drop=True))
    places = np.argsort(order)[: len(rows)]
    return features[places], start[places]


def _train_fast(
    rows: pd.DataFrame, context: pd.DataFrame | None, codebook: Codebook, about: dict[str, Any], announce: Announce
) -> Tagger | None:
    """Return a tagger that reads words and cues alone, if there are enough labels."""
    counts = [int(has_key(rows["dimensions"], key).sum()) for key in codebook.dimension_keys]
    if (rows["act"] != "").sum() < LEAST_FAST or min(counts) < LEAST_FAST_OF_EACH:
        return None
    announce("training the fast tagger")
    n_labels = len(codebook.dimensions) + len(codebook.exclusions) + 1 + len(ACTS)
    words = Words.learned(rows, codebook_cues(codebook), n_labels)
    fitted = _fit(*_read(words, rows, context), rows, codebook, words)
    return Tagger(words, fitted.heads, fitted.threshold, fitted.right_scale, about | {"reader": "words"})


def _fit(features: Any, start: Floats, rows: pd.DataFrame, codebook: Codebook, reader: Reader) -> _Fitted:
    """Return heads, and what is chosen on sentences left out of training."""
    threshold, scale = shared_decision()
    judged = np.zeros(len(rows), dtype=bool)
    if rows.empty:
        return _Fitted(no_heads(reader.n_features, start.shape[1]), threshold, scale, judged, start)
    targets, weights = targets_of(rows, codebook), weights_of(rows)
    folds = [(train, by) for train, test in folds_of(rows) if len(by := test[weights[test] >= 1])]
    if not folds:
        heads = fit_heads(features, start, targets, weights, penalty=FEW_PENALTY)
        return _Fitted(heads, threshold, scale, judged, start)
    axes = None
    if not sparse.issparse(features):  # the search is shorter along the axes of the features; the heads are the same
        axes = np.linalg.eigh(features.T @ features)[1]
        features = features @ axes
    penalty, odds = choose_penalty(features, start, targets, weights, folds)
    judged[np.concatenate([test for _, test in folds])] = True
    truth = rows[judged]
    threshold = _best_threshold(odds[judged], truth, codebook, threshold)
    scale = _right_scale(odds[judged], truth, codebook, threshold, scale)
    heads = fit_heads(features, start, targets, weights, penalty=penalty)
    heads = heads if axes is None else heads._replace(weights=axes @ heads.weights)
    return _Fitted(heads, threshold, scale, judged, odds)


def shared_decision() -> tuple[float, Scale]:
    """Return the threshold and the scale of `p_right` that are good for commitments without labels."""
    threshold, slope, level = shared_arrays()["decision"].tolist()
    return threshold, (slope, level)


def folds_of(rows: pd.DataFrame) -> list[tuple[Places, Places]]:
    """Return places to learn from and to judge by: the part dev or, without one, clusters of items in turns.

    There are no folds if there are fewer than `FEWEST_ITEMS` of these.
    """
    dev = rows["part"] == "dev"
    if dev.any() and len(others := without_rows(rows, dev)):
        return [(others.index.to_numpy(), np.flatnonzero(dev))]
    groups = rows["cluster"].mask(rows["cluster"] == "", rows["item_id"])
    return item_folds(groups.tolist()) if groups.nunique() >= FEWEST_ITEMS else []


def weights_of(rows: pd.DataFrame) -> Floats:
    """Return how much each sentence counts: 1, or less for a proposal of a language model."""
    given = rows["weight"] if "weight" in rows else pd.Series("", index=rows.index)
    return pd.to_numeric(given.replace("", "1")).to_numpy(dtype=np.float64)


def targets_of(rows: pd.DataFrame, codebook: Codebook) -> Floats:
    """Return what heads learn, in the order of `Tagger.labels`; NaN for what a sentence does not tell."""
    own = _truth(rows, codebook)
    votes = []
    for coder in CODERS:
        coded = rows[[f"{coder}_{label}" for label in LABEL]].set_axis(LABEL, axis=1)
        theirs = _truth(label_of_act(coded), codebook)
        theirs[(coded["strength"] == "").to_numpy()] = np.nan
        votes.append(np.where(np.isnan(theirs), own, theirs))
    return np.asarray((1 - 2 * VOTE) * own + VOTE * votes[0] + VOTE * votes[1])


def _truth(labels: pd.DataFrame, codebook: Codebook) -> Floats:
    """Return labels as 0 and 1; strong is unknown without a dimension, acts where none is given.

    If none is given, a dimension still says that the act is done or planned, and strong action that it is done.
    """
    dimensions = [has_key(labels["dimensions"], key) for key in codebook.dimension_keys]
    exclusions = [labels["exclusion"] == key for key in codebook.exclusion_keys]
    tagged, strong = (labels["dimensions"] != "").to_numpy(), (labels["strength"] == STRONG).to_numpy()
    given = labels["act"].mask((labels["act"] == "") & strong & tagged, ACTS[0])
    acts = np.column_stack([given == act for act in ACTS]).astype(np.float64)
    untold = (given == "").to_numpy()
    acts[untold] = np.nan
    acts[untold & tagged, N_ON:] = 0.0
    return np.column_stack([*dimensions, *exclusions, np.where(tagged, strong, np.nan), acts]).astype(np.float64)


def is_right(tags: pd.DataFrame, labels: pd.DataFrame) -> Flags:
    """Return whether each tag has the right dimensions, strength and act, where it is known."""
    ours, theirs = (
        frame["dimensions"].map(lambda joined: ";".join(sorted(joined.split(";")))).to_numpy()
        for frame in (tags, labels)
    )
    act = (tags["act"].to_numpy() == labels["act"].to_numpy()) | (labels["act"] == "").to_numpy()
    return np.asarray((ours == theirs) & (tags["strength"].to_numpy() == labels["strength"].to_numpy()) & act)


def _best_threshold(odds: Floats, rows: pd.DataFrame, codebook: Codebook, shared: float) -> float:
    """Return the threshold with the greatest macro-F1, or the shared one if there are too few examples."""
    truth = _truth(rows, codebook)[:, : len(codebook.dimensions)] > 0
    if (truth.sum(axis=0) < FEWEST).any():
        return shared
    posterior = decide(odds, codebook, shared).shares[codebook.dimension_keys].to_numpy()
    scores = []
    for threshold in THRESHOLDS:
        found = posterior >= threshold
        scores.append((2 * (truth & found).sum(axis=0) / (truth.sum(axis=0) + found.sum(axis=0))).mean())
    best = THRESHOLDS[np.asarray(scores) >= max(scores) - 1e-9]
    return float(best[len(best) // 2])


def _right_scale(odds: Floats, rows: pd.DataFrame, codebook: Codebook, threshold: float, shared: Scale) -> Scale:
    """Return the scale of `p_right` that fits the left-out sentences; few of them keep it near the shared one."""
    decided = decide(odds, codebook, threshold)
    right = is_right(decided.tags, rows).astype(np.float64)[:, None]
    start = (shared[0] * log_odds(decided.right) + shared[1])[:, None]
    weights = np.full(len(rows), RIGHT_WEIGHT)
    fitted = fit_heads(np.zeros((len(rows), 0)), start, right, weights, penalty=0.0, wrong=0.0)
    scale, level = float(fitted.scale[0]), float(fitted.level[0])
    return (scale * shared[0], scale * shared[1] + level) if scale > 0 else shared


def _suspects(rows: pd.DataFrame, fitted: _Fitted, codebook: Codebook) -> pd.DataFrame:
    """Return labels that the other sentences contradict, least likely first."""
    names = [*codebook.dimension_keys, *codebook.exclusion_keys, STRONG, *ACTS]
    truth = _truth(rows, codebook)
    given = truth > 0
    shares = 1 / (1 + np.exp(-np.where(given, fitted.odds, -fitted.odds).clip(-30, 30)))
    places = np.argwhere((shares < SUSPECT) & ~np.isnan(truth) & fitted.judged[:, None])
    found = [
        {"sentence_id": rows["sentence_id"].iloc[row], "text": rows["text"].iloc[row], "label": names[column],
         "given": bool(given[row, column]), "probability": float(shares[row, column])}
        for row, column in places
    ]  # fmt: skip
    columns = ["sentence_id", "text", "label", "given", "probability"]
    return pd.DataFrame(found, columns=columns).sort_values("probability", kind="stable").reset_index(drop=True)


def about_corpus(corpus: pd.DataFrame, codebook: Codebook) -> dict[str, Any]:
    """Return the codebook, corpus and versions behind a model or its evaluation, as saved in a manifest."""
    labels = corpus.reindex(columns=MADE_FROM, fill_value="")
    items = corpus["item_id"].drop_duplicates()
    of = items.groupby(items.str.split("/").str[0])  # a commitment, or a collection
    return {
        "codebook": codebook.id,
        "codebook_version": codebook.version,
        "codebook_sha256": codebook.sha256,
        "dimensions": codebook.dimension_keys,
        "exclusions": codebook.exclusion_keys,
        "corpus_rows": len(corpus),
        "proposals": int((weights_of(corpus) < 1).sum()),
        "corpus_items": {str(name): int(n) for name, n in of.count().items()},
        "corpus_sha256": text_sha256(labels.to_json(orient="values")),
        "g7tag": package_version(),
    }
