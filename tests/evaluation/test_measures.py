"""Measures match scikit-learn and arithmetic; their intervals resample items; what cannot be measured says why."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from g7tag.codebook import ACTS, Codebook
from g7tag.evaluation import measures
from g7tag.evaluation.measures import (
    MACRO,
    calibrated_bound,
    calibration_error,
    item_counts,
    label_quality,
    macro_f1,
)

LABELS = ["prevent", "counter", "dismantle"]
ITEMS = [f"item {place // 3}" for place in range(120)]


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(1).random((120, 3)) < 0.4, columns=LABELS)


@pytest.fixture(scope="module")
def found(truth: pd.DataFrame) -> pd.DataFrame:
    return truth ^ (np.random.default_rng(2).random(truth.shape) < 0.2)


def test_rates_equal_those_of_scikit_learn(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    table = label_quality(truth, found, ITEMS).set_index("label")
    for label in LABELS:
        theirs = [measure(truth[label], found[label]) for measure in (precision_score, recall_score, f1_score)]
        assert table.loc[label, ["precision", "recall", "f1"]].tolist() == pytest.approx(theirs)
    assert table.loc[MACRO, "f1"] == pytest.approx(f1_score(truth, found, average="macro"))
    assert table.loc[LABELS, "n"].tolist() == truth.sum().tolist()
    assert table.loc[LABELS, "found"].tolist() == found.sum().tolist()
    assert table.loc[MACRO, "n"] == truth.any(axis=1).sum()
    assert set(table["n_items"]) == {40}
    pd.testing.assert_frame_equal(label_quality(truth, found, ITEMS).set_index("label"), table)  # the same intervals


def test_the_interval_holds_the_value_and_is_wider_over_items_than_over_sentences(
    truth: pd.DataFrame, found: pd.DataFrame
) -> None:
    alike = [frame.loc[frame.index.repeat(3)].reset_index(drop=True) for frame in (truth, found)]
    by_item = label_quality(*alike, [place // 3 for place in range(360)]).iloc[-1]
    by_sentence = label_quality(*alike, list(range(360))).iloc[-1]
    assert by_item["f1_low"] < by_item["f1"] < by_item["f1_high"]
    assert by_item["f1_high"] - by_item["f1_low"] > 1.4 * (by_sentence["f1_high"] - by_sentence["f1_low"])


@pytest.mark.parametrize(
    ("truth", "found", "items", "rates", "reason"),
    [
        ([1, 1], [0, 0], "ab", (math.nan, 0, 0), "no spread over resamples"),  # there, and never found
        ([0, 0], [1, 0], "ab", (0, math.nan, 0), "no spread over resamples"),
        ([0, 0], [0, 0], "ab", (math.nan,) * 3, "a label has neither an example nor a tag"),
        ([1, 1], [1, 1], "aa", (1, 1, 1), "one item: no interval"),
        ([], [], "", (math.nan,) * 3, "nothing to measure"),
    ],
    ids=["never found", "never there", "neither", "one item", "no sentences"],
)
def test_what_has_no_value_or_interval_says_why(
    truth: list[int], found: list[int], items: str, rates: tuple[float, ...], reason: str
) -> None:
    frames = [pd.DataFrame({"a": np.array(values, dtype=bool)}) for values in (truth, found)]
    table = label_quality(*frames, list(items)).set_index("label")
    assert table.loc["a", ["precision", "recall", "f1"]].tolist() == pytest.approx(rates, nan_ok=True)
    assert table.loc[MACRO, ["f1", "reason"]].tolist() == pytest.approx([rates[2], reason], nan_ok=True)
    assert math.isnan(table.loc["a", "f1_low"])


def test_resamples_without_a_label_are_counted() -> None:
    truth = pd.DataFrame({"a": [True, False, False, False]})
    found = pd.DataFrame({"a": [True, True, False, False]})
    one = macro_f1(item_counts(truth, found, list("1234"))[None])
    assert int(one.reason.split()[0]) == pytest.approx(2000 * 0.5**4, rel=0.2)  # neither of the two items is drawn


def test_draws_are_averaged(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    one, other = (item_counts(truth, tags, ITEMS) for tags in (found, truth))
    mean = macro_f1(np.stack([one, other]))
    assert mean.value == pytest.approx((macro_f1(one[None]).value + 1) / 2)
    assert mean.low < mean.value < mean.high


def test_the_error_is_that_of_bins_of_equally_many_sentences() -> None:
    shares = np.repeat(np.linspace(0.05, 0.95, 10), 20)
    truth = np.tile(np.arange(20) < 10, 10)
    for turned in (shares, shares[::-1]):
        assert calibration_error(turned, truth) == pytest.approx(abs(np.linspace(0.05, 0.95, 10) - 0.5).mean())
    assert math.isnan(calibration_error(shares[:0], truth[:0]))
    assert math.isnan(calibrated_bound(shares[None, :0]))


def test_a_calibrated_model_stays_within_its_bound_and_a_boastful_one_does_not() -> None:
    generator = np.random.default_rng(5)
    shares = generator.random(800)
    bound = calibrated_bound(shares[None])
    within = [calibration_error(shares, generator.random(800) < shares) <= bound for _ in range(40)]
    assert np.mean(within) > 0.8
    boastful = np.where(shares > 0.5, 0.98, 0.02)
    assert calibration_error(boastful, generator.random(800) < shares) > calibrated_bound(boastful[None])
    assert calibrated_bound(shares[None]) == bound


def tagged(rows: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Tags that repeat the labels."""
    shares = {f"p_{key}": 0.5 for key in (*codebook.dimension_keys, "strong", "excluded", *ACTS)}
    return rows[["dimensions", "strength", "act", "exclusion"]].assign(**shares, p_right=0.5, needs_review=False)


def test_the_order_of_keys_in_a_corpus_does_not_matter(corpus: pd.DataFrame, alone: Codebook) -> None:
    truth = corpus.head(2).assign(dimensions="light;dredge", strength="strong")
    tags = tagged(truth.assign(dimensions="dredge;light"), alone).assign(p_right=1.0)
    assert measures.calibration(truth, tags, alone).set_index("probability").loc["p_right", "error"] == 0
    assert measures.overall(truth, tags, alone)["dimensions"].tolist() == [1.0]


def test_what_was_tagged_instead_is_told() -> None:
    assert list(measures._pairs("a;b", "b;c")) == [("b", "b"), ("a", "c")]
    assert list(measures._pairs("a", "a;c")) == [("a", "a"), ("none", "c")]
    assert list(measures._pairs("a", "")) == [("a", "none")]
    assert list(measures._pairs("", "")) == [("none", "none")]


def test_acts_that_are_not_known_are_neither_right_nor_wrong(corpus: pd.DataFrame, alone: Codebook) -> None:
    """Tags that repeat the labels are perfect, however many acts are blank."""
    tags = tagged(corpus, alone)
    half = corpus.assign(act=corpus["act"].where(corpus.index % 2 == 0, ""))
    known = half[half["act"] != ""]
    labels = measures.by_label(half, tags, alone).set_index("label")
    assert labels.loc[["done", "planned", "background"], ["precision", "f1"]].eq(1.0).all(axis=None)
    acts = measures.confusion(half, tags, alone).query("of == 'act'")
    assert acts["n"].sum() == acts.loc[acts["truth"] == acts["found"], "n"].sum() == len(known)
    calibrated = measures.calibration(half, tags, alone).set_index("probability")
    assert (calibrated.loc["p_done", "n"], calibrated.loc["p_excluded", "n"]) == (len(known), len(corpus))
    none = corpus.assign(act="")
    assert "act" not in set(measures.confusion(none, tags, alone)["of"])
    assert not set(ACTS) & set(measures.by_label(none, tags, alone)["label"])


def test_acts_tagged_strong_without_review_are_counted(corpus: pd.DataFrame, alone: Codebook) -> None:
    tags = tagged(corpus, alone).assign(strength="strong")
    tags.loc[corpus.index[corpus["act"] == "planned"][:3], "needs_review"] = True
    planned = measures.by_act(corpus, tags, alone).set_index("act").loc["planned"]
    assert (planned["n"], planned["tagged_strong"], planned["act_right"]) == (12, 1.0, 1.0)
    assert planned["strong_unflagged"] == pytest.approx(9 / 12)
    assert planned["all_right"] == 0.0  # their strength is weak


def test_people_who_correct_the_doubtful_tags_raise_the_score(corpus: pd.DataFrame, alone: Codebook) -> None:
    """A quarter of the tags is wrong and has the lowest probability: correcting a quarter makes all right."""
    wrong = corpus.index % 4 == 0
    tags = tagged(corpus, alone).assign(p_right=np.where(wrong, 0.1, 0.9))
    tags["dimensions"] = tags["dimensions"].mask(wrong, "dredge;light;insure")
    table = measures.routing(corpus, tags, alone).set_index("replaced")
    assert table["most_doubtful"].is_monotonic_increasing
    assert table["random"].is_monotonic_increasing
    assert table.loc[0.5, "most_doubtful"] == 1.0 > table.loc[0.5, "random"]
