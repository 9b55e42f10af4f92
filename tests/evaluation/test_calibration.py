"""Calibration error and its bound, and probabilities scaled on sentences left out of training."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from g7tag.codebook import Codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.corpus.reading import file_weights
from g7tag.evaluation.measures import calibrated_bound, expected_calibration_error
from g7tag.tagger import train_tagger
from g7tag.tagger.fitting import platt_scale, rescale_head
from g7tag.tagger.model import Tagger, predict_shares, rescaled

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def corpus(codebook: Codebook) -> pd.DataFrame:
    whole = read_corpus(bundled_corpus(), codebook)
    return whole[whole["member"].isin(["Canada", "Germany", "United States"])].reset_index(drop=True)


@pytest.fixture(scope="module")
def tagger(corpus: pd.DataFrame, codebook: Codebook) -> Tagger:
    return train_tagger(corpus, codebook)


def test_the_error_is_that_of_bins_of_equally_many_sentences() -> None:
    shares = np.repeat(np.linspace(0.05, 0.95, 10), 20)
    truth = np.tile(np.arange(20) < 10, 10)
    assert expected_calibration_error(shares, truth) == pytest.approx(abs(np.linspace(0.05, 0.95, 10) - 0.5).mean())
    assert expected_calibration_error(shares[::-1], truth) == pytest.approx(
        abs(np.linspace(0.05, 0.95, 10) - 0.5).mean()
    )


def test_a_calibrated_model_stays_within_its_bound_and_a_boastful_one_does_not() -> None:
    generator = np.random.default_rng(5)
    shares = generator.random(800)
    within = [
        expected_calibration_error(shares, generator.random(800) < shares) <= calibrated_bound(shares)
        for _ in range(40)
    ]
    assert np.mean(within) > 0.8
    boastful = np.where(shares > 0.5, 0.98, 0.02)
    assert expected_calibration_error(boastful, generator.random(800) < shares) > calibrated_bound(boastful)


def test_the_bound_is_the_same_each_time() -> None:
    shares = np.random.default_rng(1).random(60)
    assert calibrated_bound(shares) == calibrated_bound(shares)


def test_no_sentences_have_neither_error_nor_bound() -> None:
    nothing = np.zeros(0)
    assert math.isnan(expected_calibration_error(nothing, nothing.astype(bool)))
    assert math.isnan(calibrated_bound(nothing))


def test_files_weigh_alike_whatever_their_size(corpus: pd.DataFrame) -> None:
    weights = pd.Series(file_weights(corpus)).groupby(corpus["file"]).sum()
    assert weights.to_numpy() == pytest.approx(len(corpus) / 3)
    assert file_weights(corpus.drop(columns="file")).tolist() == [1.0] * len(corpus)


def test_probabilities_are_as_high_on_the_whole_as_the_labels_are_frequent(
    tagger: Tagger, corpus: pd.DataFrame, codebook: Codebook
) -> None:
    """The mean scaled probability equals the label's share on the left-out sentences used for scaling.

    On the training sentences it is close. Unscaled or wrongly scaled probabilities are not.
    """
    shares = predict_shares(tagger, corpus)
    weights = file_weights(corpus) ** 0.5
    for key in codebook.dimension_keys:
        truth = corpus["dimensions"].str.split(";").map(lambda keys, key=key: key in keys)
        assert np.average(shares[key], weights=weights) == pytest.approx(np.average(truth, weights=weights), abs=0.08)
        assert shares.loc[truth, key].mean() > shares.loc[~truth, key].mean() + 0.2
    excluded = corpus["exclusion"] != ""
    assert shares.loc[excluded, "excluded"].mean() > shares.loc[~excluded, "excluded"].mean() + 0.2


@pytest.mark.parametrize(("absent", "present"), [(False, True), ("", "border")])
def test_a_scaled_classifier_gives_exactly_the_scaled_probabilities(absent: object, present: object) -> None:
    generator = np.random.default_rng(3)
    matrix = generator.normal(size=(200, 4))
    labels = np.where(matrix[:, 0] + generator.normal(size=200) > 0, present, absent)
    head = LogisticRegression().fit(matrix, labels)
    place = list(head.classes_).index(present)
    before = pd.Series(head.predict_proba(matrix)[:, place])
    rescale_head(head, (0.5, -0.7))
    assert head.predict_proba(matrix)[:, place] == pytest.approx(rescaled(before, (0.5, -0.7)))


def test_too_few_or_contrary_labels_are_not_scaled() -> None:
    shares = pd.Series(np.linspace(0.01, 0.99, 40))
    assert platt_scale(shares, pd.Series([False] * 36 + [True] * 4), np.ones(40)) is None
    assert platt_scale(shares, pd.Series([True] * 20 + [False] * 20), np.ones(40)) is None
