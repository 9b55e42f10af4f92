"""Train taggers: the shipped ones come out again, scales and votes are right, and too few labels are refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from g7tag.codebook import ACTS, Category, Codebook, load_codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.corpus.reading import read_contrast
from g7tag.errors import FrameError
from g7tag.store import data_path
from g7tag.tagger import Tagger, default_model, load_tagger, tag_sentences, train_tagger
from g7tag.tagger.fitting import _fit_head, best_threshold, platt_scale, rescale_head
from g7tag.tagger.model import predict_shares, rescaled
from g7tag.tagger.training import train_with_encoder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["2024-apulia-19", "2024-apulia-09", "2024-apulia-18"])
def test_training_again_gives_the_predictions_of_the_shipped_model(name: str) -> None:
    book = load_codebook(data_path(f"codebooks/{name}.toml"))
    shipped = load_tagger(default_model(book), book, fast=True)
    corpus = read_corpus(bundled_corpus(name), book)
    taught = corpus[corpus["part"] != "test"].reset_index(drop=True)
    again = train_tagger(taught, book, corpus_name=shipped.about["corpus"])
    for key in ("corpus_sha256", "codebook_sha256"):
        assert again.about[key] == shipped.about[key], "train the shipped model again"
    assert (again.model_id, again.thresholds) == (shipped.model_id, shipped.thresholds)
    assert again.review_below == pytest.approx(shipped.review_below, abs=1e-4)
    before, fresh = (tag_sentences(corpus, each, book) for each in (shipped, again))
    pd.testing.assert_frame_equal(before, fresh, rtol=0, atol=1e-4)  # processors add in different orders
    tested = corpus["part"] == "test"
    right = (before["dimensions"] == corpus["dimensions"])[tested]
    doubtful = before["p_right"][tested] < before["p_right"][tested].median()
    assert right[~doubtful].mean() > right[doubtful].mean()


def test_a_small_tagger_learns_its_sentences(small: Tagger, labelled: pd.DataFrame, alone: Codebook) -> None:
    tags = tag_sentences(labelled, small, alone)
    for column in ("dimensions", "strength", "act"):
        assert (tags[column] == labelled[column]).mean() > 0.9
    found = predict_shares(small, labelled)
    for key in alone.dimension_keys:  # scaled probabilities are as high on the whole as the labels are frequent
        truth = labelled["dimensions"].str.split(";").map(lambda keys, key=key: key in keys)
        assert found[key].mean() == pytest.approx(truth.mean(), abs=0.12)


def test_the_same_labels_give_the_same_tagger(small: Tagger, labelled: pd.DataFrame, alone: Codebook) -> None:
    before = labelled.copy()
    again = train_tagger(labelled.set_axis(range(7, 7 + len(labelled))), alone)  # its index does not matter
    pd.testing.assert_frame_equal(labelled, before)
    assert (again.model_id, again.thresholds, again.right_scale) == (
        small.model_id, small.thresholds, small.right_scale,
    )  # fmt: skip
    pd.testing.assert_frame_equal(*(tag_sentences(labelled, each, alone) for each in (small, again)))
    assert train_tagger(labelled.head(30), alone).model_id != small.model_id


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dimensions": "", "strength": "none"}, "no sentence labelled 'dredge'"),
        ({"strength": "strong", "dimensions": "dredge;light;insure"}, "no sentence labelled 'strength weak'"),
        ({"item_id": "one"}, "all sentences are of one item"),
        ({"text": "1 2 3."}, "no text has a word of two letters"),
    ],
    ids=["no dimension", "no weak", "one item", "no words"],
)
def test_a_corpus_too_thin_to_train_on_is_refused(
    labelled: pd.DataFrame, alone: Codebook, change: dict[str, str], message: str
) -> None:
    with pytest.raises(FrameError, match=message):
        train_tagger(labelled.assign(**change), alone)


def test_acts_of_a_single_item_are_learned_though_folds_lack_them(labelled: pd.DataFrame, alone: Codebook) -> None:
    coded = labelled["member"] == "Boreas"
    rows = labelled.assign(
        act=labelled["act"].where(coded & (labelled["act"] != "background"), ""),
        item_id=labelled["item_id"].mask(coded, "coded"),
    )
    tags = tag_sentences(labelled, train_tagger(rows, alone), alone)
    assert set(tags["act"]) == {"done", "planned"}
    assert tags["p_right"].notna().all()


def test_a_coder_who_differs_counts_a_fifth() -> None:
    """Of ten sentences that look alike five have the label; a coder denies it of two: (5 - 2 * 0.2) / 10."""
    labels, every = pd.Series([True] * 5 + [False] * 5), np.ones(10, dtype=bool)
    denied = labels & ~labels.index.isin([0, 1])
    for voted, share in (([labels, labels], 0.5), ([labels, denied], 0.46), ([denied, denied], 0.42)):
        head = _fit_head(np.zeros((10, 1)), labels, voted, np.ones(10), every)
        assert head.predict_proba([[0.0]])[0, 1] == pytest.approx(share, abs=1e-4)
    known = np.array([True] * 4 + [False] * 2 + [True] * 4)  # one with the label and one without do not count
    head = _fit_head(np.zeros((10, 1)), labels, [denied], np.ones(10), known)
    assert head.predict_proba([[0.0]])[0, 1] == pytest.approx((4 - 2 * 0.2) / 8, abs=1e-4)


@pytest.mark.parametrize("voted", [False, True])
def test_an_exclusion_that_only_a_coder_names_is_learned_unscaled(
    labelled: pd.DataFrame, alone: Codebook, monkeypatch: pytest.MonkeyPatch, voted: bool
) -> None:
    scaled: list[object] = []
    monkeypatch.setattr("g7tag.tagger.fitting.rescale_head", lambda head, _: scaled.append(head))
    two = [Category(key=key, label=key, definition=f"{key}.") for key in ("rivers", "toys")]
    rows = labelled.assign(exclusion=(labelled["dimensions"] == "").map({True: "rivers", False: ""}))
    if voted:
        rows.loc[rows.index[rows["exclusion"] != ""][:3], ["c1_strength", "c1_exclusion"]] = ["none", "toys"]
    head = train_tagger(rows, alone.model_copy(update={"exclusions": two})).heads["exclusion"]
    assert head.classes_.tolist() == ["", "rivers", "toys"][: 3 if voted else 2]
    assert any(each is head for each in scaled) is not voted  # one slope and intercept scale two classes only


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
    assert platt_scale(shares, pd.Series([False] * 35 + [True] * 5), np.ones(40)) is not None
    assert platt_scale(shares, pd.Series([True] * 20 + [False] * 20), np.ones(40)) is None


def test_the_threshold_has_the_greatest_f1_or_is_the_middle_of_several() -> None:
    truth, weights = np.array([False, False, True, True, True]), np.ones(5)
    assert best_threshold(truth, np.array([0.1, 0.28, 0.33, 0.52, 0.9]), weights) == 0.3  # F1 1; lower 6/7, higher 4/5
    assert best_threshold(truth, np.array([0.1, 0.3, 0.33, 0.52, 0.9]), weights) == 0.25  # 6/7 at 0.20, 0.25 and 0.30


@pytest.mark.parametrize("part", ["", "dev"])
def test_an_encoder_needs_items_of_its_own(
    labelled: pd.DataFrame, alone: Codebook, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr("g7tag.tagger.training.require_training", lambda: None)
    rows = labelled.head(3).assign(part=part)
    with pytest.raises(FrameError, match=r"items to train an encoder on and \d+ \(part 'dev'\) to join it"):
        train_with_encoder(rows, alone, rows.head(0).assign(of=""), lambda _: None)


@pytest.mark.slow
def test_an_encoder_learns_the_labels_of_the_classifiers(
    corpus: pd.DataFrame, codebook: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked(Exception):  # noqa: N818
        pass

    def ask(sentences: pd.DataFrame, targets: pd.DataFrame, known: pd.DataFrame, *_: object) -> None:
        assert len(sentences) == len(targets) == len(known)
        raise Asked(targets.columns.tolist(), known.columns.tolist())

    monkeypatch.setattr("g7tag.tagger.training.require_training", lambda: None)
    monkeypatch.setattr("g7tag.tagger.training.train_encoder", ask)
    some = corpus[corpus["file"] == "apulia-2024.csv"].reset_index(drop=True)
    contrast = read_contrast(codebook, some)
    assert (contrast["act"] != "").all()
    plain = [*codebook.dimension_keys, "strong", "excluded"]
    for rows, labels in ((some, [*plain, *ACTS]), (some.assign(act="", c1_act="", c2_act=""), plain)):
        with pytest.raises(Asked) as asked:
            train_with_encoder(rows, codebook, contrast, lambda _: None)
        assert [sorted(names) for names in asked.value.args] == [sorted(labels)] * 2
