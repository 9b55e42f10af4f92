"""Learning curves grow by whole clusters or items of the train part, and their figures are those of a recount."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

import g7tag
from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import FrameError
from g7tag.evaluation import curves, few_labels_curve, learning_curve, stored_curve, stored_evaluation
from g7tag.evaluation.curves import DRAWS, SHARES
from g7tag.evaluation.evaluate import ALL_FILES
from g7tag.evaluation.peers import G7TAG, PRIOR, WORDS
from g7tag.store import data_path

pytestmark = pytest.mark.usefixtures("no_vectors")

COLUMNS = [
    "tagger", "tested_on", "n_train", "n_draws", "n_tested", "n_items", "f1", "f1_low", "f1_high", "least", "greatest",
    "act", "act_low", "act_high", "strength", "strength_low", "strength_high", "right", "right_low", "right_high",
    "brier", "error", "bound", "act_error", "act_bound", "right_error", "right_bound", "reason",
]  # fmt: skip


@pytest.fixture(scope="module")
def files(corpus: pd.DataFrame) -> pd.DataFrame:
    """The sentences in two files and in clusters of two items."""
    cluster = "c" + (corpus["item_id"].str[1:].astype("int64") // 4).astype("str") + corpus["part"]
    return corpus.assign(file=np.where(corpus.index % 4 < 2, "one.csv", "two.csv"), cluster=cluster)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[pd.DataFrame]:
    """Collect the rows of every training; to save time, tags are the labels."""
    seen: list[pd.DataFrame] = []

    def spy(rows: pd.DataFrame, test: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
        seen.append(rows)
        return test.assign(dimensions=test["dimensions"].mask(test.index % 3 == 0, ""))

    monkeypatch.setattr(curves, "tag_by_g7tag", spy)
    return seen


def test_the_curve_has_a_point_for_each_share_of_each_file(
    files: pd.DataFrame, alone: Codebook, trained: list[pd.DataFrame]
) -> None:
    points = learning_curve(files, alone)
    names = ["one.csv", "two.csv", ALL_FILES]
    assert set(points["trained_on"]) == set(points["tested_on"]) == set(names)
    assert len(points) == len(names) * len(SHARES) * len(names)
    train, tested = (files[files["part"] == part]["file"].value_counts() for part in ("train", "dev"))
    most = points.groupby("trained_on")["n_train"].max()
    assert most.to_dict() == {**train.to_dict(), ALL_FILES: train.sum()}
    assert (points.groupby(["trained_on", "tested_on"])["n_train"].diff().dropna() >= 0).all()
    assert points.groupby("tested_on")["n_tested"].max().to_dict() == {**tested.to_dict(), ALL_FILES: tested.sum()}
    assert points["f1"].between(points["f1_low"], points["f1_high"]).all()
    assert points["f1"].between(points["least"] - 1e-9, points["greatest"] + 1e-9).all()


def test_samples_are_whole_clusters_of_the_train_part_and_the_same_again(
    corpus: pd.DataFrame, files: pd.DataFrame, alone: Codebook, trained: list[pd.DataFrame]
) -> None:
    one = files.assign(file="one.csv")
    found = learning_curve(one, alone)
    sizes = one[one["part"] == "train"].groupby("cluster").size()
    assert len(trained) == DRAWS * (len(SHARES) - 1) + 1
    for rows in trained:
        assert rows.groupby("cluster").size().equals(sizes[sizes.index.isin(rows["cluster"])])
    first = [tuple(rows["sentence_id"]) for rows in trained]
    assert len(set(first[DRAWS : 2 * DRAWS])) == DRAWS  # the draws differ
    trained.clear()
    pd.testing.assert_frame_equal(found, learning_curve(one, alone))  # but are the same again
    assert [tuple(rows["sentence_id"]) for rows in trained] == first
    shared = one.loc[one["part"] == "dev", "cluster"].iloc[0]
    leaking = one.assign(cluster=one["cluster"].mask(one.index == one.index[one["part"] == "train"][0], shared))
    trained.clear()
    learning_curve(leaking, alone)
    assert all(shared not in set(rows["cluster"]) for rows in trained)


def test_a_share_that_lacks_a_label_is_a_point_without_a_value(corpus: pd.DataFrame, alone: Codebook) -> None:
    train = corpus["part"] == "train"
    bare = corpus.assign(dimensions=corpus["dimensions"].mask(train & (corpus["dimensions"] != ""), "dredge"))
    lacking = learning_curve(bare, alone)
    assert set(lacking["n_draws"]) == {0}
    assert lacking["f1"].isna().all()
    assert lacking["reason"].str.startswith("corpus: no sentence labelled ").all()


@pytest.mark.parametrize(
    ("part", "found"),
    [("", "0 sentences of part train and 0 of"), ("train", "37 .* and 0 of"), ("dev", "0 .* and 37 of")],
)
def test_a_corpus_without_both_parts_has_no_curve(part: str, found: str, corpus: pd.DataFrame, alone: Codebook) -> None:
    for curve, tested in ((few_labels_curve, r"dev or test\. Expected both"), (learning_curve, r"dev\. Expected a")):
        with pytest.raises(FrameError, match=f"corpus: {found} part {tested}"):
            curve(corpus.assign(part=part), alone)
        with pytest.raises(FrameError, match="unknown part 'Train'"):
            curve(corpus.assign(part="Train"), alone)


Measured = tuple[pd.DataFrame, list[tuple[pd.DataFrame, pd.DataFrame]], list[str]]


@pytest.fixture(scope="module")
def measured(corpus: pd.DataFrame, harbours: Codebook, small_lenders: None) -> Measured:
    """The curve; which sentences each tagger was trained on and its tags; and what was announced."""
    made: list[tuple[pd.DataFrame, pd.DataFrame]] = []
    said: list[str] = []
    tag_by = curves.tag_by_g7tag

    def spy(rows: pd.DataFrame, test: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
        made.append((rows, tag_by(rows, test, codebook)))
        return made[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves, "SIZES", (0, 3, 12))
        patch.setattr(curves, "FEW_DRAWS", 2)
        patch.setattr(curves, "tag_by_g7tag", spy)
        table = few_labels_curve(corpus, harbours, said.append)
    return table, made, said


@pytest.mark.slow
def test_each_tagger_has_a_row_for_each_number_and_g7tag_one_for_none(measured: Measured) -> None:
    table, _, said = measured
    assert list(table.columns) == COLUMNS
    assert table["tagger"].value_counts().to_dict() == {G7TAG: 3, PRIOR: 2, WORDS: 2}
    assert table.loc[table["n_train"] == 0, "tagger"].tolist() == [G7TAG]
    assert said[:2] == [f"{G7TAG} with 0 labels", f"{G7TAG} with 3 labels"]
    own, others = table[table["tagger"] == G7TAG], table[table["tagger"] != G7TAG]
    assert own["n_draws"].tolist() == [1, 2, 2]
    assert (own["reason"] == "").all()
    assert others[["act_error", "act_bound"]].isna().all(axis=None)  # they say nothing of acts
    row = table[(table["tagger"] == WORDS) & (table["n_train"] < 5)].iloc[0]  # too small to train it
    assert row["n_draws"] == 0
    assert np.isnan(row["f1"])
    assert row["reason"].startswith("corpus: no sentence labelled ")


@pytest.mark.slow
def test_samples_are_whole_items_of_the_train_part_and_just_enough(measured: Measured, corpus: pd.DataFrame) -> None:
    table, made, _ = measured
    sizes = corpus[corpus["part"] == "train"].groupby("item_id").size()
    for (sample, _), size in zip(made, [0, 3, 3, 12, 12], strict=True):
        own = sample.groupby("item_id").size()
        assert own.equals(sizes[own.index])
        assert size <= len(sample) < size + sizes.max()
    assert set(made[1][0]["item_id"]) != set(made[2][0]["item_id"])  # the draws differ
    tested = corpus[corpus["part"] == "dev"]
    assert set(table["n_tested"]) == {len(tested)}
    assert set(table["n_items"]) == {tested["item_id"].nunique()}


@pytest.mark.slow
def test_figures_are_those_of_a_recount(measured: Measured, corpus: pd.DataFrame, harbours: Codebook) -> None:
    def flags(keys: pd.Series) -> np.ndarray:
        return np.array([[key in each.split(";") for key in harbours.dimension_keys] for each in keys])

    table, made, _ = measured
    tested = corpus[corpus["part"] == "dev"].reset_index(drop=True)
    truth = flags(tested["dimensions"])
    own = table[table["tagger"] == G7TAG].to_dict("records")
    for row, draws in zip(own, (made[:1], made[1:3], made[3:]), strict=True):
        tags = [each for _, each in draws]
        assert row["n_train"] == round(np.mean([len(sample) for sample, _ in draws]))
        scores = [f1_score(truth, flags(each["dimensions"]), average="macro") for each in tags]
        assert row["f1"] == pytest.approx(np.mean(scores))
        assert (row["least"], row["greatest"]) == pytest.approx((min(scores), max(scores)))
        assert row["f1_low"] <= row["f1"] <= row["f1_high"]
        for name in ("act", "strength"):
            assert row[name] == pytest.approx(np.mean([(each[name] == tested[name]).mean() for each in tags]))
        label = ["dimensions", "strength", "act"]
        assert row["right"] == pytest.approx(np.mean([(each[label] == tested[label]).all(axis=1) for each in tags]))
        shares = [each[[f"p_{key}" for key in harbours.dimension_keys]].to_numpy() for each in tags]
        assert row["brier"] == pytest.approx(np.mean([(each - truth) ** 2 for each in shares]))
        assert 0 <= row["error"] <= 1
        assert row["bound"] > 0
    prior = table[(table["tagger"] == PRIOR) & (table["n_draws"] > 0)]
    held = truth.mean(axis=0)  # it always tags every dimension: precision is the share, recall 1
    np.testing.assert_allclose(prior["f1"], (2 * held / (1 + held)).mean())


@pytest.mark.slow
@pytest.mark.usefixtures("small_lenders")
def test_it_is_tested_on_the_part_test_without_dev_and_on_acts_that_are_known(
    corpus: pd.DataFrame, harbours: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "SIZES", (0,))
    whole = few_labels_curve(corpus, harbours)
    pd.testing.assert_frame_equal(few_labels_curve(corpus.replace({"part": {"dev": "test"}}), harbours), whole)
    unknown = few_labels_curve(corpus.assign(act=""), harbours)
    assert unknown[["act", "act_low", "act_error", "act_bound"]].isna().all(axis=None)
    first = corpus["item_id"] == corpus.loc[corpus["part"] == "dev", "item_id"].iloc[0]
    one = few_labels_curve(corpus.assign(act=corpus["act"].where(first, "")), harbours)
    assert one["act"].iloc[0] in {0.0, 0.5, 1.0}  # of an item with two sentences
    assert one[["f1", "n_tested"]].equals(whole[["f1", "n_tested"]])


@pytest.mark.parametrize("name", ["2024-apulia-09", "2024-apulia-18"])
def test_the_stored_curves_are_ahead_and_calibrated_with_labels(name: str) -> None:
    table = stored_curve(load_codebook(data_path(f"codebooks/{name}.toml")))
    own = table[table["tagger"] == G7TAG].set_index("n_train")
    for _, other in table[table["tagger"] != G7TAG].iterrows():
        assert own.loc[other["n_train"], "f1"] > other["f1"]
    with_labels = own[own.index > 0]
    assert (with_labels["error"] <= with_labels["bound"]).all()
    assert own["error"].max() < 0.1  # definitions alone are not calibrated for every commitment


def test_a_stored_curve_has_no_rows_for_a_codebook_without_one(codebook: Codebook, alone: Codebook) -> None:
    assert stored_curve(codebook).equals(stored_evaluation(codebook)["learning_curve"])
    axes = g7tag.plot_learning_curve(stored_curve(alone), tested_on="harbours-labelled.csv")
    assert (len(stored_curve(alone)), axes.lines[:]) == (0, [])
