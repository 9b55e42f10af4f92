"""Heads start from what is known, follow labels as far as these support it, and a few wrong labels hardly move them."""

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from g7tag.tagger.heads import LEVEL, PENALTIES, SCALE, choose_penalty, fit_heads, item_folds

RANDOM = np.random.default_rng(3)
FEATURES = RANDOM.normal(size=(60, 3))
START = RANDOM.normal(size=(60, 1))
TARGETS = (FEATURES[:, :1] + RANDOM.normal(size=(60, 1)) > 0).astype(np.float64)
WEIGHTS = RANDOM.uniform(0.5, 2, size=60)


@pytest.mark.parametrize("wrong", [0.0, 0.02])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_heads_have_the_least_penalized_loss(kind, wrong):
    """The loss is written here again, and minimized with gradients by finite differences."""
    stiff = 0.7 * (FEATURES**2).sum(axis=1).mean()

    def loss(values):
        shares = expit(FEATURES @ values[:3] + START[:, 0] * values[3] + values[4])
        given = np.where(TARGETS[:, 0] == 1, shares, 1 - shares)
        fit = -(WEIGHTS * np.log(wrong + (1 - 2 * wrong) * given)).sum()
        pull = stiff * (values[:3] ** 2).sum() + SCALE * (values[3] - 1) ** 2 + LEVEL * values[4] ** 2
        return float(fit + pull / 2)

    best = minimize(loss, np.array([0.0, 0.0, 0.0, 1.0, 0.0]), tol=1e-9).x
    found = fit_heads(kind(FEATURES), START, TARGETS, WEIGHTS, penalty=0.7, wrong=wrong)
    np.testing.assert_allclose([*found.weights[:, 0], found.scale[0], found.level[0]], best, atol=1e-3)


def test_a_few_wrong_labels_move_heads_little():
    """Two of 200 clear labels are wrong: the bounded loss gives them up, the usual one follows them."""
    features = np.linspace(-2, 2, 200)[:, None]
    right = (features > 0).astype(np.float64)
    wrong = right.copy()
    wrong[-2:] = 0
    zero, doubt = np.zeros((200, 1)), {}
    for share in (0.02, 0.0):
        heads = fit_heads(features, zero, wrong, np.ones(200), penalty=0.03, wrong=share)
        doubt[share] = np.abs(expit(heads.odds(features, zero)) - right).mean()
    assert doubt[0.02] < 0.05 < doubt[0.0] / 1.5


@pytest.mark.parametrize(("kind", "penalty"), [("noise", PENALTIES[0]), ("clear", PENALTIES[-1])])
def test_the_penalty_is_the_one_that_is_best_on_what_is_left_out(kind, penalty):
    targets = (FEATURES[:, :1] > 0).astype(np.float64) if kind == "clear" else (START > 0).astype(np.float64)
    start = np.zeros((60, 1)) if kind == "clear" else START * 8
    folds = item_folds([str(place) for place in range(60)])
    found, odds = choose_penalty(FEATURES, start, targets, np.ones(60), folds)
    assert found == penalty
    assert np.isfinite(odds).all()
    assert ((odds > 0) == (targets > 0)).mean() > 0.9
    untold = choose_penalty(FEATURES, start, targets, np.ones(60), folds[:1])[1]
    assert np.flatnonzero(np.isfinite(untold[:, 0])).tolist() == folds[0][1].tolist()
