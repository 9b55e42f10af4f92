"""What is left out is left out whole, the test part is never looked at, and the curve grows by whole clusters."""

from collections.abc import Callable

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.errors import FrameError
from g7tag.tagging import bundled_corpus, curve, evaluate, evaluate_tagger, learning_curve, read_corpus
from g7tag.tagging.curve import DRAWS, SHARES
from g7tag.tagging.evaluate import ALL_FILES, G7TAG, PRIOR, WORDS, Evaluation

DIMENSIONS = ["prevent", "counter", "dismantle", "disrupt"]


@pytest.fixture(scope="module")
def corpus(codebook: Codebook) -> pd.DataFrame:
    """Three members' sentences, as if from two files."""
    whole = read_corpus(bundled_corpus(), codebook)
    three = whole[whole["item_id"].str.startswith("2024-19/") & whole["member"].isin(["Italy", "Germany", "Canada"])]
    more = whole[whole["item_id"].str.startswith("2024-19/") & (whole["member"] == "United Kingdom")]
    both = pd.concat([three.assign(file="one.csv"), more.assign(file="two.csv")], ignore_index=True)
    return both.assign(part=both["part"].replace("test", "train"))


@pytest.fixture(scope="module")
def points(corpus: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    return learning_curve(corpus, codebook)


@pytest.fixture(scope="module")
def evaluation(corpus: pd.DataFrame, codebook: Codebook) -> Evaluation:
    return evaluate_tagger(corpus, codebook)


Trained = list[pd.DataFrame]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Trained:
    """The rows of every training, as they happen."""
    seen: Trained = []
    train: Callable[..., object] = evaluate.train_tagger

    def spy(rows: pd.DataFrame, codebook: Codebook) -> object:
        seen.append(rows)
        return train(rows, codebook)

    monkeypatch.setattr(evaluate, "train_tagger", spy)
    monkeypatch.setattr(curve, "train_tagger", spy)
    return seen


def test_each_member_is_tagged_by_the_others_and_the_test_part_never_seen(
    corpus: pd.DataFrame, codebook: Codebook, trained: Trained
) -> None:
    held = corpus.assign(part=corpus["part"].mask(corpus["cluster"].isin(["ita-01", "ita-02"]), "test"))
    steps: list[str] = []
    found = evaluate_tagger(held, codebook, steps.append)
    outside = held[held["part"] != "test"]
    members, files = list(dict.fromkeys(outside["member"])), list(dict.fromkeys(outside["file"]))
    assert steps == [*(f"member left out: {m}" for m in members), *(f"file left out: {f}" for f in files), "measuring"]
    left_out = [("member", member) for member in members for _ in range(2)]  # two taggers are trained on each fold
    left_out += [("file", name) for name in files for _ in range(2)]
    assert len(trained) == len(left_out) == 12
    for rows, (column, value) in zip(trained, left_out, strict=True):
        clusters = set(held.loc[held[column] == value, "cluster"])
        assert value not in set(rows[column])
        assert not clusters & set(rows["cluster"])
        assert "test" not in set(rows["part"])
    counted = found.labels[
        (found.labels["tested_on"] == ALL_FILES) & found.labels["label"].isin(["strong", "weak", "none"])
    ]
    assert counted.groupby("scheme")["n"].sum().to_dict() == {
        "member left out": len(outside), "file left out": len(outside),
    }  # fmt: skip


def test_an_evaluation_has_every_label_for_each_file_and_for_all(evaluation: Evaluation) -> None:
    labels = [*DIMENSIONS, "macro", "strong", "weak", "none", "border"]
    for _, table in evaluation.labels.groupby("scheme"):
        assert table.groupby("tested_on", sort=False)["label"].agg(list).to_dict() == {
            "one.csv": labels, "two.csv": labels, ALL_FILES: labels,
        }  # fmt: skip
        sums = table[table["label"].isin(DIMENSIONS)].groupby("tested_on")["n"].sum()
        assert sums["one.csv"] + sums["two.csv"] == sums[ALL_FILES]


def test_simpler_taggers_stand_beside_it_on_the_same_sentences(evaluation: Evaluation, corpus: pd.DataFrame) -> None:
    table = evaluation.taggers.set_index(["scheme", "tested_on", "tagger"])
    assert set(table.index.get_level_values("tagger")) == {G7TAG, WORDS, PRIOR}
    assert table["n"].unstack().apply(set, axis=1).map(len).eq(1).all()
    prior = table.loc[("member left out", "one.csv", PRIOR)]
    one = corpus[corpus["file"] == "one.csv"]
    shares = one["dimensions"].str.split(";").explode().value_counts().reindex(DIMENSIONS) / len(one)
    assert prior["macro_f1"] == pytest.approx((2 * shares / (1 + shares)).mean())  # precision is the share, recall 1
    assert prior["strength"] == pytest.approx((one["strength"] == "strong").mean())
    assert table.loc[("member left out", ALL_FILES, G7TAG), "macro_f1"] > prior["macro_f1"]


def test_every_probability_is_held_against_its_bound(evaluation: Evaluation) -> None:
    table = evaluation.calibration
    names = [*(f"p_{key}" for key in DIMENSIONS), "p_strong", "p_excluded"]
    assert table["probability"].tolist() == names * 6
    assert (table["calibrated"] == (table["error"] <= table["bound"])).all()
    assert table["brier"].between(0, 1).all()


def test_people_who_put_more_tags_right_raise_the_score(evaluation: Evaluation) -> None:
    for _, table in evaluation.routing.groupby(["scheme", "tested_on"]):
        assert table["replaced"].tolist() == [0.1, 0.25, 0.5]
        for column in ("most_doubtful", "random"):
            assert table[column].is_monotonic_increasing
    half = evaluation.routing.query("replaced == 0.5 and tested_on == @ALL_FILES and scheme == 'member left out'")
    assert (half["most_doubtful"] > half["random"]).all()


def test_labels_that_need_no_learning_are_found(corpus: pd.DataFrame, codebook: Codebook) -> None:
    """Each dimension gets a word of its own; tags that were put to the wrong rows would show here."""
    words = corpus["dimensions"].replace("", "nothing").str.replace(";", " and ")
    table = evaluate_tagger(corpus.assign(text="They did " + words + "."), codebook).taggers
    best = table.query("scheme == 'member left out' and tested_on == @ALL_FILES and tagger == @G7TAG").iloc[0]
    assert best["macro_f1"] > 0.95
    assert best["dimensions"] > 0.95


def test_one_member_cannot_be_left_out(corpus: pd.DataFrame, codebook: Codebook) -> None:
    with pytest.raises(
        FrameError, match=r"1 members outside the test part, 0 sentences without one\. Expected a column 'member'"
    ):
        evaluate_tagger(corpus[corpus["member"] == "Italy"], codebook)


def test_the_curve_has_a_point_for_each_share_of_each_file(points: pd.DataFrame, corpus: pd.DataFrame) -> None:
    files = ["one.csv", "two.csv", ALL_FILES]
    assert list(dict.fromkeys(points["trained_on"])) == list(dict.fromkeys(points["tested_on"])) == files
    assert len(points) == len(files) * len(SHARES) * len(files)
    train = corpus[corpus["part"] == "train"]
    most = points.groupby("trained_on")["n_train"].max()
    assert most.to_dict() == {**train["file"].value_counts().to_dict(), ALL_FILES: len(train)}
    assert (points.groupby(["trained_on", "tested_on"])["n_train"].diff().dropna() > 0).all()
    tested = corpus[corpus["part"] == "dev"]["file"].value_counts()
    assert points.groupby("tested_on")["n_tested"].max().to_dict() == {**tested.to_dict(), ALL_FILES: tested.sum()}


def test_the_curves_values_lie_in_their_intervals(points: pd.DataFrame) -> None:
    known = points[points["f1"].notna() & points["f1_low"].notna()]
    assert len(known) > 10
    assert ((known["f1_low"] <= known["f1"]) & (known["f1"] <= known["f1_high"])).all()
    assert ((known["least"] <= known["f1"] + 1e-9) & (known["f1"] <= known["greatest"] + 1e-9)).all()
    assert points.loc[points["f1"].isna(), "reason"].ne("").all()


def test_samples_are_whole_clusters_of_the_train_part(
    corpus: pd.DataFrame, codebook: Codebook, trained: Trained
) -> None:
    one = corpus[corpus["file"] == "one.csv"]
    learning_curve(one, codebook)
    train = one[one["part"] == "train"]
    sizes = train.groupby("cluster").size()
    assert len(trained) == DRAWS * (len(SHARES) - 1) + 1
    for rows in trained:
        assert rows.groupby("cluster").size().equals(sizes[sizes.index.isin(rows["cluster"])])
    assert len({tuple(rows["sentence_id"]) for rows in trained[:DRAWS]}) == DRAWS  # the draws differ


def test_the_same_corpus_gives_the_same_curve(points: pd.DataFrame, corpus: pd.DataFrame, codebook: Codebook) -> None:
    pd.testing.assert_frame_equal(points, learning_curve(corpus, codebook))


def test_a_share_that_lacks_a_label_is_a_point_without_a_value(corpus: pd.DataFrame, codebook: Codebook) -> None:
    train = corpus["part"] == "train"
    bare = corpus.assign(dimensions=corpus["dimensions"].mask(train & (corpus["dimensions"] != ""), "counter"))
    lacking = learning_curve(bare, codebook)
    assert set(lacking["n_draws"]) == {0}
    assert lacking["f1"].isna().all()
    assert lacking["reason"].str.startswith("corpus: no sentence labelled ").all()


def test_a_corpus_without_parts_has_no_curve(corpus: pd.DataFrame, codebook: Codebook) -> None:
    with pytest.raises(FrameError, match="0 sentences of part train and 0 of part dev"):
        learning_curve(corpus.assign(part=""), codebook)


def test_a_misspelt_part_is_refused(corpus: pd.DataFrame, codebook: Codebook) -> None:
    for job in (evaluate_tagger, learning_curve):
        with pytest.raises(FrameError, match=r"unknown part 'Test'"):
            job(corpus.assign(part=corpus["part"].replace("train", "Test")), codebook)


def test_the_member_without_whom_a_label_is_lacking_is_named(corpus: pd.DataFrame, codebook: Codebook) -> None:
    only = corpus["dimensions"].where(
        corpus["member"] == "Italy", corpus["dimensions"].str.replace("prevent", "counter")
    )
    with pytest.raises(FrameError, match=r"the corpus without Italy cannot be trained on\. .*'prevent'"):
        evaluate_tagger(corpus.assign(dimensions=only), codebook)


def test_a_cluster_of_the_dev_part_is_not_trained_on(
    corpus: pd.DataFrame, codebook: Codebook, trained: Trained
) -> None:
    shared = corpus.loc[corpus["part"] == "dev", "cluster"].iloc[0]
    leaking = corpus.assign(
        cluster=corpus["cluster"].mask(corpus.index == corpus.index[corpus["part"] == "train"][0], shared)
    )
    learning_curve(leaking, codebook)
    assert all(shared not in set(rows["cluster"]) for rows in trained)
