"""Precision, recall and F1 match scikit-learn; their intervals resample items."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from g7tag.evaluation.quality import MACRO, item_counts, label_quality, macro_f1

LABELS = ["prevent", "counter", "dismantle"]


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(1).random((120, 3)) < 0.4, columns=LABELS)


@pytest.fixture(scope="module")
def found(truth: pd.DataFrame) -> pd.DataFrame:
    return truth ^ (np.random.default_rng(2).random(truth.shape) < 0.2)


ITEMS = [f"item {place // 3}" for place in range(120)]


def test_rates_equal_those_of_scikit_learn(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    table = label_quality(truth, found, ITEMS).set_index("label")
    for label in LABELS:
        theirs = [measure(truth[label], found[label]) for measure in (precision_score, recall_score, f1_score)]
        assert table.loc[label, ["precision", "recall", "f1"]].tolist() == pytest.approx(theirs)
    assert table.loc[MACRO, "f1"] == pytest.approx(f1_score(truth, found, average="macro"))


def test_counts_are_of_sentences(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    table = label_quality(truth, found, ITEMS).set_index("label")
    assert table.loc[LABELS, "n"].tolist() == truth.sum().tolist()
    assert table.loc[LABELS, "found"].tolist() == found.sum().tolist()
    assert table.loc[MACRO, "n"] == truth.any(axis=1).sum()
    assert set(table["n_items"]) == {40}


def test_the_interval_holds_the_value_and_is_wider_over_items_than_over_sentences(
    truth: pd.DataFrame, found: pd.DataFrame
) -> None:
    alike = (
        truth.loc[truth.index.repeat(3)].reset_index(drop=True),
        found.loc[found.index.repeat(3)].reset_index(drop=True),
    )
    by_item = label_quality(*alike, [place // 3 for place in range(360)]).iloc[-1]
    by_sentence = label_quality(*alike, list(range(360))).iloc[-1]
    assert by_item["f1_low"] < by_item["f1"] < by_item["f1_high"]
    assert by_item["f1_high"] - by_item["f1_low"] > 1.4 * (by_sentence["f1_high"] - by_sentence["f1_low"])


def test_the_same_input_gives_the_same_interval(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(label_quality(truth, found, ITEMS), label_quality(truth, found, ITEMS))


def test_a_label_that_is_neither_there_nor_found_has_no_f1_and_neither_has_the_mean() -> None:
    truth = pd.DataFrame({"a": [True, False], "b": [False, False]})
    table = label_quality(truth, truth, ["one", "two"]).set_index("label")
    assert table.loc["a", "f1"] == 1
    assert math.isnan(table.loc["b", "f1"])
    assert math.isnan(table.loc[MACRO, "f1"])
    assert table.loc[MACRO, "reason"] == "a label has neither an example nor a tag"


def test_a_label_that_is_there_and_never_found_has_f1_0() -> None:
    truth, found = pd.DataFrame({"a": [True, True]}), pd.DataFrame({"a": [False, False]})
    row = label_quality(truth, found, ["one", "two"]).iloc[0]
    assert (row["recall"], row["f1"]) == (0, 0)
    assert math.isnan(row["precision"])


def test_resamples_without_a_label_are_counted() -> None:
    truth = pd.DataFrame({"a": [True, False, False, False]})
    found = pd.DataFrame({"a": [True, True, False, False]})
    one = macro_f1(item_counts(truth, found, list("1234"))[None])
    assert int(one.reason.split()[0]) == pytest.approx(2000 * 0.5**4, rel=0.2)  # neither of the two items is drawn


def test_one_item_gives_no_interval() -> None:
    truth = pd.DataFrame({"a": [True, True]})
    row = label_quality(truth, truth, ["one", "one"]).iloc[0]
    assert (row["f1"], row["reason"]) == (1, "one item: no interval")
    assert math.isnan(row["f1_low"])


def test_no_sentences_give_nan_with_a_reason() -> None:
    empty = pd.DataFrame({"a": np.zeros(0, dtype=bool)})
    table = label_quality(empty, empty, [])
    assert table["n"].tolist() == [0, 0]
    assert table["f1"].isna().all()
    assert set(table["reason"]) == {"nothing to measure"}


def test_draws_are_averaged(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    one, other = (item_counts(truth, tags, ITEMS) for tags in (found, truth))
    mean = macro_f1(np.stack([one, other]))
    assert mean.value == pytest.approx((macro_f1(one[None]).value + 1) / 2)
    assert mean.low < mean.value < mean.high


def test_an_interval_of_no_width_is_no_interval() -> None:
    truth, found = pd.DataFrame({"a": [True, False, True]}), pd.DataFrame({"a": [False, False, False]})
    row = label_quality(truth, found, ["one", "two", "three"]).iloc[0]
    assert (row["f1"], row["reason"]) == (0, "no spread over resamples")
    assert math.isnan(row["f1_low"])
