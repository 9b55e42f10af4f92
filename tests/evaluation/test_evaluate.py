"""Left-out rows are left out completely, the test part is not used, and the curve grows by whole clusters."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.corpus.agreement import coding_agreement
from g7tag.errors import FrameError
from g7tag.evaluation import curve, evaluate_tagger, learning_curve, measures, peers
from g7tag.evaluation.curve import DRAWS, SHARES
from g7tag.evaluation.evaluate import ALL_FILES, SCHEMES, Evaluation
from g7tag.evaluation.measures import MACRO_OF_ACTS
from g7tag.evaluation.peers import G7TAG, PRIOR, STATIC, WORDS, Encode, Vectors, find_peers
from g7tag.tagger import Tagger, train_tagger

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_vectors")]

DIMENSIONS = ["prevent", "counter", "dismantle", "disrupt"]


@pytest.fixture(scope="module")
def corpus(codebook: Codebook) -> pd.DataFrame:
    """Return sentences of three members in two files."""
    whole = read_corpus(bundled_corpus(), codebook)
    three = whole[whole["item_id"].str.startswith("2024-19/") & whole["member"].isin(["Italy", "Germany", "Canada"])]
    more = whole[whole["item_id"].str.startswith("2024-19/") & (whole["member"] == "United Kingdom")]
    both = pd.concat([three.assign(file="one.csv"), more.assign(file="two.csv")], ignore_index=True)
    return both.assign(part=both["part"].replace("test", "train"))


@pytest.fixture(scope="module")
def one(corpus: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences of the first file only."""
    return corpus[corpus["file"] == "one.csv"].reset_index(drop=True)


@pytest.fixture(scope="module")
def points(corpus: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """The curve from two draws of each share, to save time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curve, "DRAWS", 2)
        return learning_curve(corpus, codebook)


@pytest.fixture(scope="module")
def evaluation(corpus: pd.DataFrame, codebook: Codebook) -> Evaluation:
    return evaluate_tagger(corpus, codebook)


Trained = list[pd.DataFrame]


@pytest.fixture(scope="module")
def tagger(corpus: pd.DataFrame, codebook: Codebook) -> Tagger:
    """A tagger of the whole corpus."""
    return train_tagger(corpus, codebook)


@pytest.fixture
def trained(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> Trained:
    """Collect the rows of every training; to save time, each gives the same tagger."""
    seen: Trained = []

    def spy(rows: pd.DataFrame, codebook: Codebook, **options: object) -> Tagger:
        seen.append(rows)
        return tagger

    monkeypatch.setattr(peers, "train_tagger", spy)
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
    labels = [*DIMENSIONS, "macro", "strong", "weak", "none", "border", *ACTS, MACRO_OF_ACTS]
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
    names = [*(f"p_{key}" for key in DIMENSIONS), "p_strong", "p_excluded", "p_right", *(f"p_{act}" for act in ACTS)]
    assert table["probability"].tolist() == names * 6
    assert (table["calibrated"] == (table["error"] <= table["bound"])).all()
    assert table["brier"].between(0, 1).all()


def test_confusion_counts_every_sentence_and_each_dimension_that_is_right(
    evaluation: Evaluation, corpus: pd.DataFrame
) -> None:
    table = evaluation.confusion
    totals = table[table["of"] != "dimension"].groupby(["scheme", "of", "tested_on"])["n"].sum()
    assert set(totals.xs(ALL_FILES, level="tested_on")) == {len(corpus)}
    labels = evaluation.labels.set_index(["scheme", "tested_on", "label"]).sort_index()
    for (scheme, name), counts in table[table["truth"] == table["found"]].groupby(["scheme", "tested_on"]):
        hits = counts.set_index("truth")["n"]
        its = labels.loc[(scheme, name)]
        for label in (*DIMENSIONS, "strong", "weak"):
            assert hits[label] == pytest.approx(its.loc[label, "recall"] * its.loc[label, "n"])


def test_the_order_of_keys_in_a_corpus_does_not_matter(corpus: pd.DataFrame, codebook: Codebook) -> None:
    truth = corpus.head(2).assign(dimensions="counter;prevent", strength="strong")
    tags = truth.assign(dimensions="prevent;counter", **{f"p_{key}": 1.0 for key in DIMENSIONS})
    tags = tags.assign(p_strong=1.0, p_excluded=0.0, p_right=1.0, **{f"p_{act}": 1.0 for act in ACTS})
    assert measures.calibration(truth, tags, codebook).set_index("probability").loc["p_right", "error"] == 0
    assert measures.overall(truth, tags, codebook)["dimensions"].tolist() == [1.0]


def test_what_was_tagged_instead_is_told() -> None:
    assert list(measures._pairs("a;b", "b;c")) == [("b", "b"), ("a", "c")]
    assert list(measures._pairs("a", "a;c")) == [("a", "a"), ("none", "c")]
    assert list(measures._pairs("a", "")) == [("a", "none")]
    assert list(measures._pairs("", "")) == [("none", "none")]


def test_a_peer_on_vectors_is_trained_on_them_alone_and_encodes_each_text_once(
    corpus: pd.DataFrame, codebook: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Return vectors that equal the labels, so that a tagger on them is perfect."""
    encoded: list[str] = []
    told = dict(zip(corpus["text"], corpus["dimensions"] + ";" + corpus["act"], strict=True))

    def load() -> Encode:
        def encode(texts: Sequence[str]) -> Vectors:
            encoded.extend(texts)
            return np.array(
                [[key in told[text].split(";") for key in (*DIMENSIONS, *ACTS)] for text in texts], dtype=np.float64
            )

        return encode

    monkeypatch.setattr(peers, "VECTORS", {STATIC: (["pandas"], load)})
    table = evaluate_tagger(corpus, codebook).taggers
    assert table.loc[table["tagger"] == STATIC, "macro_f1"].min() > 0.99
    assert len(encoded) == len(set(encoded)) == corpus["text"].nunique()


def test_a_peer_without_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "VECTORS", {STATIC: (["pandas", "no-such-package"], lambda: pytest.fail("loaded"))})
    found = find_peers()
    assert list(found.taggers) == [G7TAG, PRIOR, WORDS]
    assert found.missing == {STATIC: ["no-such-package"]}


def test_the_test_part_is_tagged_only_when_asked_for_by_a_tagger_of_the_others(
    corpus: pd.DataFrame, codebook: Codebook, trained: Trained
) -> None:
    held = corpus.assign(part=corpus["part"].mask(corpus["cluster"].isin(["ita-01", "ita-02"]), "test"))
    found = evaluate_tagger(held, codebook, test_part=True)
    assert tuple(dict.fromkeys(found.labels["scheme"])) == SCHEMES
    its = found.taggers[found.taggers["scheme"] == "test part"]
    assert set(its["n"]) == {(held["part"] == "test").sum()}
    shared = set(held.loc[held["part"] == "test", "cluster"])
    for rows in trained:
        assert not shared & set(rows["cluster"])
    assert len(trained[-1]) == (held["part"] != "test").sum()


def test_a_corpus_without_a_test_part_has_none_to_tag(corpus: pd.DataFrame, codebook: Codebook) -> None:
    with pytest.raises(FrameError, match="no sentence of part 'test'"):
        evaluate_tagger(corpus, codebook, test_part=True)


def test_people_who_put_more_tags_right_raise_the_score(evaluation: Evaluation) -> None:
    for _, table in evaluation.routing.groupby(["scheme", "tested_on"]):
        assert table["replaced"].tolist() == [0.1, 0.25, 0.5]
        for column in ("most_doubtful", "random"):
            assert table[column].is_monotonic_increasing
    half = evaluation.routing.query("replaced == 0.5 and tested_on == @ALL_FILES and scheme == 'member left out'")
    assert (half["most_doubtful"] > half["random"]).all()


def test_labels_that_need_no_learning_are_found(corpus: pd.DataFrame, codebook: Codebook) -> None:
    """Each dimension gets its own word, so tags in the wrong rows would be visible."""
    words = corpus["dimensions"].replace("", "nothing").str.replace(";", " and ") + " " + corpus["act"]
    table = evaluate_tagger(corpus.assign(text="They did " + words + "."), codebook).taggers
    best = table.query("tested_on == 'one.csv' and tagger == @G7TAG")  # without two.csv few sentences disrupt
    assert best["scheme"].tolist() == ["member left out", "file left out"]
    assert (best[["macro_f1", "dimensions"]] > 0.95).all(axis=None)


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


def test_samples_are_whole_clusters_of_the_train_part_and_the_same_again(
    one: pd.DataFrame, codebook: Codebook, trained: Trained
) -> None:
    found = learning_curve(one, codebook)
    train = one[one["part"] == "train"]
    sizes = train.groupby("cluster").size()
    assert len(trained) == DRAWS * (len(SHARES) - 1) + 1
    for rows in trained:
        assert rows.groupby("cluster").size().equals(sizes[sizes.index.isin(rows["cluster"])])
    assert len({tuple(rows["sentence_id"]) for rows in trained[:DRAWS]}) == DRAWS  # the draws differ
    first = [tuple(rows["sentence_id"]) for rows in trained]
    trained.clear()
    pd.testing.assert_frame_equal(found, learning_curve(one, codebook))  # but are the same again
    assert [tuple(rows["sentence_id"]) for rows in trained] == first


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
    with pytest.raises(FrameError, match=r"cannot train on the corpus without Italy\. .*'prevent'"):
        evaluate_tagger(corpus.assign(dimensions=only), codebook)


def test_a_cluster_of_the_dev_part_is_not_trained_on(one: pd.DataFrame, codebook: Codebook, trained: Trained) -> None:
    shared = one.loc[one["part"] == "dev", "cluster"].iloc[0]
    leaking = one.assign(cluster=one["cluster"].mask(one.index == one.index[one["part"] == "train"][0], shared))
    learning_curve(leaking, codebook)
    assert all(shared not in set(rows["cluster"]) for rows in trained)


def test_acts_that_are_not_known_are_neither_right_nor_wrong(corpus: pd.DataFrame, codebook: Codebook) -> None:
    """Tags that repeat the labels are perfect, however many acts are blank."""
    shares = {f"p_{key}": 0.5 for key in (*codebook.dimension_keys, "strong", "excluded", *ACTS)}
    tags = corpus[["dimensions", "strength", "act", "exclusion"]].assign(**shares, p_right=0.5, needs_review=False)
    half = corpus.assign(act=corpus["act"].where(corpus.index % 2 == 0, ""))
    known = half[half["act"] != ""]
    labels = measures.by_label(half, tags, codebook).set_index("label")
    present = [act for act in ACTS if (known["act"] == act).any()]
    assert labels.loc[present, ["precision", "f1"]].to_numpy().tolist() == [[1.0, 1.0]] * len(present)
    acts = measures.confusion(half, tags, codebook).query("of == 'act'")
    assert acts["n"].sum() == acts.loc[acts["truth"] == acts["found"], "n"].sum() == len(known)
    calibrated = measures.calibration(half, tags, codebook).set_index("probability")
    assert calibrated.loc["p_done", "n"] == len(known)
    assert calibrated.loc["p_excluded", "n"] == len(corpus)
    none = corpus.assign(act="")
    assert "act" not in set(measures.confusion(none, tags, codebook)["of"])
    assert not set(ACTS) & set(measures.by_label(none, tags, codebook)["label"])


def test_coders_are_compared_on_the_acts_that_both_coded(corpus: pd.DataFrame, codebook: Codebook) -> None:
    half = corpus.assign(c1_act=corpus["c1_act"].where(corpus.index % 2 == 0, ""))
    agreement = coding_agreement(half, codebook).set_index("label")
    assert agreement.loc["done", "n"] == ((half["c1_act"] != "") & (half["c2_act"] != "")).sum()
    assert agreement.loc["counter", "n"] == len(corpus)
    assert "done" not in set(coding_agreement(half.assign(c1_act=""), codebook)["label"])
