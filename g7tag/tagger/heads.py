"""Heads: one logistic regression for each label, which starts from log-odds that were known before the labels.

Labels move a head from its start as far as they support it: its weights have a Gaussian prior around the start. The
loss is bounded, so that a few wrong labels cannot move it far.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit
from threadpoolctl import threadpool_limits

from g7tag.tagger.arrays import Floats

PENALTIES = (100.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01)
"""Penalties on weights to choose from, greatest first, for features whose squared lengths are 1 on average."""
WRONG = 0.02
"""Share of labels that is assumed to be wrong: it bounds the loss of a sentence."""
SCALE, LEVEL = 10.0, 2.0
"""Penalties on the scale of the start, around 1, and on the level, around 0."""
MOST_ODDS = 15.0
"""Log-odds beyond this count as this."""
FOLDS = 5
MOST_STEPS, TOLERANCE, BEND = 400, 1e-7, 0.1
"""Limits of the search, and how much the loss of a sentence usually bends: p (1 - p)."""
Places = npt.NDArray[np.intp]
Matrix = Any
"""A dense array or a sparse matrix of shape (n_sentences, n_features)."""


class Heads(NamedTuple):
    """Weights (n_features, n_labels), and for each label the scale of its start and its level."""

    weights: Floats
    scale: Floats
    level: Floats

    def odds(self, features: Matrix, start: Floats) -> Floats:
        """Return log-odds of shape (n_sentences, n_labels)."""
        return np.asarray(features @ self.weights + start * self.scale + self.level)


def no_heads(n_features: int, n_labels: int) -> Heads:
    """Return heads that give the start as it is."""
    return Heads(np.zeros((n_features, n_labels)), np.ones(n_labels), np.zeros(n_labels))


def fit_heads(
    features: Matrix,
    start: Floats,
    targets: Floats,
    weights: Floats,
    *,
    penalty: float,
    wrong: float = WRONG,
    near: Heads | None = None,
) -> Heads:
    """Return heads for targets from 0 to 1, of shape (n_sentences, n_labels); NaN is unknown.

    The search begins at the heads `near`, if they are given.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - a sixth of a second, and only training needs it

    n_features, n_labels = features.shape[1], targets.shape[1]
    first = np.vstack([*no_heads(n_features, n_labels)])
    begin = first if near is None else np.vstack([*near])
    is_sparse = sparse.issparse(features)
    transposed = features.T.tocsr() if is_sparse else features.T
    known, truth = np.where(np.isnan(targets), 0.0, weights[:, None]), np.nan_to_num(targets)
    squares = np.asarray((features.multiply(features) if is_sparse else features**2).sum(axis=0)).reshape(-1, 1)
    stiff = penalty * (squares.sum() / max(len(targets), 1) or 1.0)
    pulls = np.vstack([np.full((n_features, 1), stiff), [[SCALE]], [[LEVEL]]])
    bends = np.vstack([np.tile(squares, n_labels), (start**2).sum(axis=0), np.full(n_labels, len(targets))])
    steps = 1 / np.sqrt(BEND * bends + pulls)  # the search is shorter if the loss bends alike in all directions

    def loss(flat: Floats, block: npt.NDArray[np.intp]) -> tuple[float, Floats]:
        change = steps[:, block] * flat.reshape(-1, len(block))
        values, own, its = first[:, block] + change, known[:, block], truth[:, block]
        shares = expit((features @ values[:-2] + start[:, block] * values[-2] + values[-1]).clip(-MOST_ODDS, MOST_ODDS))
        bounded = wrong + (1 - 2 * wrong) * shares
        found = -(own * (its * np.log(bounded) + (1 - its) * np.log1p(-bounded))).sum()
        slope = own * (bounded - its) / (bounded * (1 - bounded)) * (1 - 2 * wrong) * shares * (1 - shares)
        gradient = np.vstack([transposed @ slope, (start[:, block] * slope).sum(axis=0), slope.sum(axis=0)])
        pull = pulls * change
        return float(found + 0.5 * (pull * change).sum()), (steps[:, block] * (gradient + pull)).ravel()

    best = np.empty_like(first)
    options = {"maxiter": MOST_STEPS, "ftol": TOLERANCE}
    # Labels do not depend on each other. Words are many: one label at a time stays in the cache, and ends on its own.
    with threadpool_limits(limits=1):  # several threads would mostly wait for each other
        for block in np.arange(n_labels)[:, None] if is_sparse else [np.arange(n_labels)]:
            at = ((begin - first) / steps)[:, block].ravel()
            found = minimize(loss, at, args=(block,), jac=True, method="L-BFGS-B", options=options).x
            best[:, block] = first[:, block] + steps[:, block] * found.reshape(-1, len(block))
    return Heads(best[:-2], best[-2], best[-1])


def choose_penalty(
    features: Matrix, start: Floats, targets: Floats, weights: Floats, folds: Sequence[tuple[Places, Places]]
) -> tuple[float, Floats]:
    """Return the penalty whose heads are best on sentences left out of training, and their log-odds (NaN if in none).

    `folds` has pairs of places to learn from and places to judge by.
    """
    best, least = (PENALTIES[0], np.full(targets.shape, np.nan)), np.inf
    near: list[Heads | None] = [None for _ in folds]
    for penalty in PENALTIES:
        odds = np.full(targets.shape, np.nan)
        for place, (train, test) in enumerate(folds):
            heads = fit_heads(
                features[train], start[train], targets[train], weights[train], penalty=penalty, near=near[place]
            )
            near[place], odds[test] = heads, heads.odds(features[test], start[test])
        bounded = WRONG + (1 - 2 * WRONG) * expit(odds)
        losses = -(targets * np.log(bounded) + (1 - targets) * np.log1p(-bounded))
        loss = np.nansum(losses * weights[:, None])
        if loss > least:
            break  # smaller penalties would only be worse
        best, least = (penalty, odds), loss
    return best


def item_folds(groups: Sequence[str]) -> list[tuple[Places, Places]]:
    """Return places to learn from and to judge by, in turns; a group is never in both."""
    names = list(dict.fromkeys(groups))
    order = np.random.default_rng(0).permutation(len(names))
    fold_of = {names[place]: number % FOLDS for number, place in enumerate(order)}
    folds = np.array([fold_of[name] for name in groups])
    return [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(min(FOLDS, len(names)))]
