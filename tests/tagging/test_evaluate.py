"""Members left out are left out whole, the test part is never looked at, and the curve grows by whole clusters."""

from collections.abc import Callable

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.errors import FrameError
from g7tag.tagging import bundled_corpus, evaluate, evaluate_tagger, learning_curve, read_corpus
from g7tag.tagging.evaluate import ALL_FILES, DRAWS, SHARES

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
def curve(corpus: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    return learning_curve(corpus, codebook)


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
    return seen


def test_each_member_is_tagged_by_the_others_and_the_test_part_never_seen(
    corpus: pd.DataFrame, codebook: Codebook, trained: Trained
) -> None:
    held = corpus.assign(part=corpus["part"].mask(corpus["cluster"].isin(["ita-01", "ita-02"]), "test"))
    steps: list[str] = []
    table = evaluate_tagger(held, codebook, steps.append)
    members = list(dict.fromkeys(held.loc[held["part"] != "test", "member"]))
    assert len(trained) == len(steps) == len(members) == 4
    for rows, member in zip(trained, members, strict=True):
        clusters = set(held.loc[held["member"] == member, "cluster"])
        assert member not in set(rows["member"])
        assert not clusters & set(rows["cluster"])
        assert "test" not in set(rows["part"])
    counted = table[(table["tested_on"] == ALL_FILES) & table["label"].isin(["strong", "weak", "none"])]
    assert counted["n"].sum() == (held["part"] != "test").sum()


def test_an_evaluation_has_every_label_for_each_file_and_for_all(corpus: pd.DataFrame, codebook: Codebook) -> None:
    table = evaluate_tagger(corpus, codebook)
    labels = [*DIMENSIONS, "macro", "strong", "weak", "none", "border"]
    assert table.groupby("tested_on", sort=False)["label"].agg(list).to_dict() == {
        "one.csv": labels, "two.csv": labels, ALL_FILES: labels,
    }  # fmt: skip
    sums = table[table["label"].isin(DIMENSIONS)].groupby("tested_on")["n"].sum()
    assert sums["one.csv"] + sums["two.csv"] == sums[ALL_FILES]


def test_labels_that_need_no_learning_are_found(corpus: pd.DataFrame, codebook: Codebook) -> None:
    """Each dimension gets a word of its own; tags that were put to the wrong rows would show here."""
    words = corpus["dimensions"].replace("", "nothing").str.replace(";", " and ")
    table = evaluate_tagger(corpus.assign(text="They did " + words + "."), codebook)
    macro = table[table["label"] == "macro"].set_index("tested_on")["f1"]
    assert macro[ALL_FILES] > 0.95


def test_one_member_cannot_be_left_out(corpus: pd.DataFrame, codebook: Codebook) -> None:
    with pytest.raises(
        FrameError, match=r"1 members outside the test part, 0 sentences without one\. Expected a column 'member'"
    ):
        evaluate_tagger(corpus[corpus["member"] == "Italy"], codebook)


def test_the_curve_has_a_point_for_each_share_of_each_file(curve: pd.DataFrame, corpus: pd.DataFrame) -> None:
    files = ["one.csv", "two.csv", ALL_FILES]
    assert list(dict.fromkeys(curve["trained_on"])) == list(dict.fromkeys(curve["tested_on"])) == files
    assert len(curve) == len(files) * len(SHARES) * len(files)
    train = corpus[corpus["part"] == "train"]
    most = curve.groupby("trained_on")["n_train"].max()
    assert most.to_dict() == {**train["file"].value_counts().to_dict(), ALL_FILES: len(train)}
    assert (curve.groupby(["trained_on", "tested_on"])["n_train"].diff().dropna() > 0).all()
    tested = corpus[corpus["part"] == "dev"]["file"].value_counts()
    assert curve.groupby("tested_on")["n_tested"].max().to_dict() == {**tested.to_dict(), ALL_FILES: tested.sum()}


def test_the_curves_values_lie_in_their_intervals(curve: pd.DataFrame) -> None:
    known = curve[curve["f1"].notna() & curve["f1_low"].notna()]
    assert len(known) > 10
    assert ((known["f1_low"] <= known["f1"]) & (known["f1"] <= known["f1_high"])).all()
    assert ((known["least"] <= known["f1"] + 1e-9) & (known["f1"] <= known["greatest"] + 1e-9)).all()
    assert curve.loc[curve["f1"].isna(), "reason"].ne("").all()


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


def test_the_same_corpus_gives_the_same_curve(curve: pd.DataFrame, corpus: pd.DataFrame, codebook: Codebook) -> None:
    pd.testing.assert_frame_equal(curve, learning_curve(corpus, codebook))


def test_a_share_that_lacks_a_label_is_a_point_without_a_value(corpus: pd.DataFrame, codebook: Codebook) -> None:
    train = corpus["part"] == "train"
    bare = corpus.assign(dimensions=corpus["dimensions"].mask(train & (corpus["dimensions"] != ""), "counter"))
    points = learning_curve(bare, codebook)
    assert set(points["n_draws"]) == {0}
    assert points["f1"].isna().all()
    assert points["reason"].str.startswith("corpus: no sentence labelled ").all()


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
