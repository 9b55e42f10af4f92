"""Measures match scikit-learn and arithmetic; their intervals resample items; what cannot be measured says why."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from g7tag.codebook import ACTS
from g7tag.evaluation import measures
from g7tag.evaluation.measures import MACRO, calibration_error, label_quality

LABELS = ["prevent", "counter", "dismantle"]
TRUTH = pd.DataFrame(np.random.default_rng(1).random((120, 3)) < 0.4, columns=LABELS)
FOUND = TRUTH ^ (np.random.default_rng(2).random(TRUTH.shape) < 0.2)


def test_rates_equal_those_of_scikit_learn():
    table = label_quality(TRUTH, FOUND, [place // 3 for place in range(120)]).set_index("label")
    for label in LABELS:
        theirs = [measure(TRUTH[label], FOUND[label]) for measure in (precision_score, recall_score, f1_score)]
        assert table.loc[label, ["precision", "recall", "f1"]].tolist() == pytest.approx(theirs)
    assert table.loc[MACRO, "f1"] == pytest.approx(f1_score(TRUTH, FOUND, average="macro"))
    assert table.loc[MACRO, ["precision", "recall"]].isna().all()
    assert table["n"].tolist() == [*TRUTH.sum(), TRUTH.any(axis=1).sum()]
    assert table["found"].tolist() == [*FOUND.sum(), FOUND.any(axis=1).sum()]
    assert set(table["n_items"]) == {40}
    assert table["f1"].between(table["f1_low"], table["f1_high"]).all()


@pytest.mark.parametrize(("truth", "found", "items", "f1", "reason"), [
    ([1, 1], [0, 0], "ab", 0, "no spread over resamples"),
    ([0, 0], [0, 0], "ab", math.nan, "a label has neither an example nor a tag"),
    ([1, 1], [1, 1], "aa", 1, "no spread over resamples"),
    ([], [], "", math.nan, "nothing to measure"),
])  # fmt: skip
def test_what_has_no_value_or_interval_says_why(truth, found, items, f1, reason):
    frames = [pd.DataFrame({"a": np.array(values, dtype=bool)}) for values in (truth, found)]
    (row,) = label_quality(*frames, list(items)).tail(1).to_dict("records")
    assert [row["f1"], row["f1_low"], row["reason"]] == pytest.approx([f1, math.nan, reason], nan_ok=True)


def test_the_error_is_that_of_bins_of_equally_many_sentences():
    shares, truth = np.repeat(np.linspace(0.05, 0.95, 10), 20)[None], np.tile(np.arange(20) < 10, 10)[None]
    assert calibration_error(shares, truth)[0] == pytest.approx(abs(np.linspace(0.05, 0.95, 10) - 0.5).mean())
    assert all(map(math.isnan, calibration_error(shares[:, :0], truth[:, :0])))


def test_a_calibrated_model_stays_within_its_bound_and_a_boastful_one_does_not():
    generator = np.random.default_rng(5)
    shares = generator.random((1, 800))
    error, bound = calibration_error(shares, generator.random((1, 800)) < shares)
    assert error < bound
    error, bound = calibration_error(np.where(shares > 0.5, 0.98, 0.02), generator.random((1, 800)) < shares)
    assert error > bound


def tagged(rows, codebook):
    """Tags that repeat the labels."""
    shares = {f"p_{key}": 0.5 for key in (*codebook.dimension_keys, "strong", "excluded", *ACTS)}
    return rows[["dimensions", "strength", "act", "exclusion"]].assign(**shares, p_right=0.5, needs_review=False)


def test_a_whole_label_is_right_if_each_part_is_in_any_order(corpus, harbours):
    """Of four tags, one has a wrong dimension, one a wrong strength, and two another act, of which one is not known."""
    rows = corpus.head(4).assign(dimensions="light;dredge", strength="strong", act=["done", "done", "done", ""])
    tags = tagged(rows, harbours).assign(
        dimensions=["dredge", *["dredge;light"] * 3], strength=["strong", "weak", "strong", "strong"],
        act=["done", "done", "planned", "planned"], p_right=[0.0, 0.0, 0.0, 1.0],
    )  # fmt: skip
    row = measures.overall(rows, tags, harbours).iloc[0]
    assert row[["dimensions", "strength", "label", "whole"]].tolist() == [0.75, 0.75, 0.5, 0.25]
    calibrated = measures.calibration(rows, tags, harbours).set_index("probability")
    assert calibrated.loc["p_right", "error"] == 0.0


def test_what_was_tagged_instead_is_counted(corpus, harbours):
    rows = corpus.head(4).assign(dimensions=["dredge;light", "dredge", "dredge", ""])
    tags = tagged(rows, harbours).assign(dimensions=["light;insure", "dredge;light", "", ""])
    table = measures.confusion(rows, tags, harbours).query("of == 'dimension' and n > 0")
    pairs = ["dredge dredge", "dredge insure", "dredge none", "light light", "none light", "none none"]
    assert (table["truth"] + " " + table["found"]).tolist() == pairs


def test_acts_that_are_not_known_are_neither_right_nor_wrong(corpus, harbours):
    """Tags that repeat the labels are perfect, however many acts are blank."""
    tags, half = tagged(corpus, harbours), corpus.assign(act=corpus["act"].where(corpus.index % 2 == 0, ""))
    known = int((half["act"] != "").sum())
    labels = measures.by_label(half, tags, harbours).set_index("label")
    assert labels.loc[["done", "planned", "background"], ["precision", "f1"]].eq(1.0).all(axis=None)
    acts = measures.confusion(half, tags, harbours).query("of == 'act'")
    assert acts["n"].sum() == acts.loc[acts["truth"] == acts["found"], "n"].sum() == known
    judged = measures.calibration(half, tags, harbours).set_index("probability")["n"]
    assert judged[["p_done", "p_strong"]].tolist() == [known, (half["dimensions"] != "").sum()]
    assert "act" not in set(measures.confusion(corpus.assign(act=""), tags, harbours)["of"])


def test_acts_tagged_strong_without_review_are_counted(corpus, harbours):
    tags = tagged(corpus, harbours).assign(strength="strong")
    tags.loc[corpus.index[corpus["act"] == "planned"][:3], "needs_review"] = True
    planned = measures.by_act(corpus, tags, harbours).set_index("act").loc["planned"]
    shares = planned[["n", "tagged_strong", "strong_unflagged", "act_right", "all_right"]].tolist()
    assert shares == [12, 1.0, 9 / 12, 1.0, 0.0]  # their strength is weak


def test_people_who_correct_the_doubtful_tags_raise_the_score(corpus, harbours):
    """A quarter of the tags is wrong and has the lowest probability: correcting half makes all right."""
    wrong = corpus.index % 4 == 0
    tags = tagged(corpus, harbours).assign(p_right=np.where(wrong, 0.1, 0.9))
    tags["dimensions"] = tags["dimensions"].mask(wrong, "dredge;light;insure")
    table = measures.routing(corpus, tags, harbours).set_index("replaced")
    assert table[["most_doubtful", "random"]].apply(lambda column: column.is_monotonic_increasing).all()
    assert table.loc[0.5, "most_doubtful"] == 1.0 > table.loc[0.5, "random"]
