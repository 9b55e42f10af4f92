"""Labels are asked for as in the queue, only of sentences that are not tested; the figures are those of a recount."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from g7tag.errors import FrameError
from g7tag.evaluation import evaluate, learning_curve
from g7tag.tagger import tag_sentences, train_tagger


@pytest.mark.slow
def test_labels_are_asked_of_the_most_doubtful_sentences_and_the_figures_are_those_of_a_recount(
    corpus, harbours, monkeypatch
):
    """A curve up to 8 labels, asked for in fours, with the labels and the tagger of each training."""
    trained = []

    def spy(rows, codebook, **options):
        trained.append((rows, train_tagger(rows, codebook, **options)))
        return trained[-1][1]

    monkeypatch.setattr(evaluate, "train_tagger", spy)
    monkeypatch.setattr(evaluate, "BATCH", 4)
    table = learning_curve(corpus, harbours, sizes=(0, 8))
    pool = corpus[corpus["part"] == "train"]
    (start, first), (four, second), (eight, last) = trained
    assert start.empty
    one, two = (tag_sentences(pool, each, harbours).set_index("sentence_id")["p_right"] for each in (first, second))
    assert set(four["sentence_id"]) == set(one.nsmallest(4).index)
    assert set(eight["sentence_id"]) == {*four["sentence_id"], *two.drop(four["sentence_id"]).nsmallest(4).index}
    names = ("g7tag", "words alone", "encoder vectors")  # the simple ones need labels
    assert table[["tagger", "n_train"]].to_numpy().tolist() == [["g7tag", 0], *([name, 8] for name in names)]
    tested = corpus[corpus["part"] == "dev"].reset_index(drop=True)
    for row, tagger in zip(table.head(2).to_dict("records"), (first, last), strict=True):
        tags = tag_sentences(tested, tagger, harbours)
        truth, found = (
            np.array([[key in each.split(";") for key in harbours.dimension_keys] for each in frame["dimensions"]])
            for frame in (tested, tags)
        )
        right = [tags[name] == tested[name] for name in ("dimensions", "strength", "act")]
        shares = tags[[f"p_{key}" for key in harbours.dimension_keys]].to_numpy()
        recount = {
            "n_tested": len(tested), "n_items": tested["item_id"].nunique(), "wrong": 0,
            "f1": f1_score(truth, found, average="macro"), "strength": right[1].mean(), "act": right[2].mean(),
            "right": (right[0] & right[1] & right[2]).mean(), "brier": ((shares - truth) ** 2).mean(),
        }  # fmt: skip
        assert {name: row[name] for name in recount} == pytest.approx(recount)
        assert row["f1_low"] <= row["f1"] <= row["f1_high"]
        assert np.isnan(row["exclusions"])  # the codebook has none
        assert min(row[name] for name in ("error", "bound", "act_error", "act_bound", "right_error")) > 0


@pytest.fixture
def taught(monkeypatch, harbours, corpus):
    """Collect the labelled and the tested sentences of each fold; to save time, no tagger learns."""
    seen = []
    tagger = train_tagger(corpus.head(0), harbours)
    monkeypatch.setattr(evaluate, "train_tagger", lambda *_, **__: tagger)
    monkeypatch.setattr(evaluate, "tag_by_peers", lambda rows, tested, *_: seen.append([rows, tested]) or {})
    return seen


def test_without_parts_each_item_is_tested_once_by_labels_of_others(corpus, harbours, taught):
    rows = corpus.assign(part="", cluster="c" + (corpus["item_id"].str[1:].astype("int64") // 3).astype("str"))
    table = learning_curve(rows, harbours, sizes=(500,))
    assert table["n_train"].tolist() == [min(37 - len(tested) for _, tested in taught)]  # no more than there are
    assert sorted(name for _, tested in taught for name in tested["sentence_id"]) == sorted(rows["sentence_id"])
    assert all(set(labelled["cluster"]).isdisjoint(tested["cluster"]) for labelled, tested in taught)
    with pytest.raises(FrameError, match=r"too few items or clusters to leave some out\. Expected at least five"):
        learning_curve(corpus.assign(part="", cluster="c"), harbours)


def test_a_sentence_on_the_act_of_a_tested_one_is_not_labelled(corpus, harbours, taught):
    rows = corpus.assign(cluster=corpus["cluster"].mask(corpus["item_id"].isin(["i1", "i2"]), "one act"))
    for tested in ("dev", "test"):  # the part test is tested if there is no part dev
        learning_curve(rows.assign(part=rows["part"].replace("dev", tested)), harbours, sizes=(500,))
    pool = rows[(rows["part"] == "train") & (rows["item_id"] != "i1")]
    ids = [[frame["sentence_id"].tolist() for frame in fold] for fold in taught]
    assert ids[0] == ids[1] == [pool["sentence_id"].tolist(), rows.loc[rows["part"] == "dev", "sentence_id"].tolist()]


@pytest.mark.parametrize(("wrong", "least", "most"), [(0.0, 0.0, 0.0), (0.3, 0.1, 0.5), (1.0, 1.0, 1.0)])
def test_a_share_of_the_labels_is_wrong_and_the_tested_ones_are_not(corpus, harbours, taught, wrong, least, most):
    for _ in range(2):
        assert learning_curve(corpus, harbours, sizes=(500,), wrong=wrong)["wrong"].tolist() == [wrong]
    (labelled, tested), (again, _) = taught
    pd.testing.assert_frame_equal(again, labelled)
    whole = ["dimensions", "act", "strength"]
    true = corpus.set_index("sentence_id")[whole]
    differs = labelled.set_index("sentence_id")[whole[:2]] != true.loc[labelled["sentence_id"], whole[:2]]
    assert least <= differs.any(axis=1).mean() <= most
    assert len(labelled.merge(true.drop_duplicates(), on=whole)) == len(labelled)  # each is the label of a sentence
    assert tested.set_index("sentence_id")[whole].equals(true.loc[tested["sentence_id"]])
