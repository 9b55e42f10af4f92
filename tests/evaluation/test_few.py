"""The curve by number of labels starts from none, grows by whole items, and its figures are those of a recount."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from g7tag.codebook import Codebook, load_codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.errors import FrameError
from g7tag.evaluation import few, few_labels_curve
from g7tag.evaluation.peers import G7TAG, PRIOR, WORDS
from g7tag.evaluation.stored import stored_curve
from g7tag.store import data_path

pytestmark = pytest.mark.usefixtures("no_vectors")

COLUMNS = [
    "tagger", "tested_on", "n_train", "n_draws", "n_tested", "n_items", "f1", "f1_low", "f1_high", "least", "greatest",
    "act", "act_low", "act_high", "strength", "strength_low", "strength_high", "right", "right_low", "right_high",
    "brier", "error", "bound", "act_error", "act_bound", "right_error", "right_bound", "reason",
]  # fmt: skip
SIZES, DRAWS = (0, 3, 12), 2


@pytest.fixture(scope="module")
def corpus(harbours: Codebook) -> pd.DataFrame:
    """The invented sentences, two or one to an item, half of them to train on, with acts."""
    rows = read_corpus([data_path("examples/harbours-labelled.csv")], harbours)
    numbers = pd.Series(range(len(rows)))
    items = "i" + (numbers // 3 * 2 + numbers % 3 // 2).astype("str")
    return rows.assign(
        item_id=items, part=["train" if int(item[1:]) % 2 else "dev" for item in items],
        act=np.where(rows["strength"] == "weak", "planned", np.where(rows["strength"] == "none", "background", "done")),
    )  # fmt: skip


@pytest.fixture(scope="module")
def measured(
    corpus: pd.DataFrame, harbours: Codebook, small_lenders: None
) -> tuple[pd.DataFrame, list[tuple[str, pd.DataFrame, pd.DataFrame]], list[str]]:
    """The curve; which sentences each tagger was trained on and its tags; and what was announced."""
    made: list[tuple[str, pd.DataFrame, pd.DataFrame]] = []
    said: list[str] = []
    tag_by = few._tagged

    def spy(tag: object, samples: list[pd.DataFrame], *others: object) -> object:
        tags, reason = tag_by(tag, samples, *others)  # type: ignore[arg-type]
        if tag is few._tag_by_few_labels:
            made.extend((G7TAG, sample, each) for sample, each in zip(samples, tags, strict=True))
        return tags, reason

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(few, "SIZES", SIZES)
        patch.setattr(few, "DRAWS", DRAWS)
        patch.setattr(few, "_tagged", spy)
        table = few_labels_curve(corpus, harbours, said.append)
    return table, made, said


Measured = tuple[pd.DataFrame, list[tuple[str, pd.DataFrame, pd.DataFrame]], list[str]]


def test_each_tagger_has_a_row_for_each_number_and_g7tag_one_for_none(measured: Measured) -> None:
    table, _, said = measured
    assert list(table.columns) == COLUMNS
    assert table["tagger"].value_counts().to_dict() == {G7TAG: 3, PRIOR: 2, WORDS: 2}
    assert table.loc[table["n_train"] == 0, "tagger"].tolist() == [G7TAG]
    assert said[:2] == [f"{G7TAG} with 0 labels", f"{G7TAG} with 3 labels"]
    own = table[table["tagger"] == G7TAG]
    assert own["n_draws"].tolist() == [1, DRAWS, DRAWS]
    assert (own["reason"] == "").all()


def test_samples_are_whole_items_of_the_train_part_and_just_enough(measured: Measured, corpus: pd.DataFrame) -> None:
    table, made, _ = measured
    train = corpus[corpus["part"] == "train"]
    sizes = train.groupby("item_id").size()
    assert len(made) == 1 + 2 * DRAWS
    for (_, sample, _), size in zip(made, [0, 3, 3, 12, 12], strict=True):
        assert set(sample["part"]) <= {"train"}
        own = sample.groupby("item_id").size()
        assert own.equals(sizes[own.index])
        assert size <= len(sample) < size + sizes.max()
    first, second = (set(made[place][1]["item_id"]) for place in (1, 2))
    assert first != second  # the draws differ
    means = [0, *(np.mean([len(made[place][1]) for place in pair]) for pair in ((1, 2), (3, 4)))]
    assert table.loc[table["tagger"] == G7TAG, "n_train"].tolist() == [round(mean) for mean in means]
    tested = corpus[corpus["part"] == "dev"]
    assert set(table["n_tested"]) == {len(tested)}
    assert set(table["n_items"]) == {tested["item_id"].nunique()}


def flags(keys: pd.Series, codebook: Codebook) -> np.ndarray:
    return np.array([[key in each.split(";") for key in codebook.dimension_keys] for each in keys])


def test_figures_are_those_of_a_recount(measured: Measured, corpus: pd.DataFrame, harbours: Codebook) -> None:
    table, made, _ = measured
    tested = corpus[corpus["part"] == "dev"].reset_index(drop=True)
    truth = flags(tested["dimensions"], harbours)
    for row, draws in zip(
        table[table["tagger"] == G7TAG].to_dict("records"), (made[:1], made[1:3], made[3:]), strict=True
    ):
        tags = [each for _, _, each in draws]
        scores = [f1_score(truth, flags(each["dimensions"], harbours), average="macro") for each in tags]
        assert row["f1"] == pytest.approx(np.mean(scores))
        assert (row["least"], row["greatest"]) == pytest.approx((min(scores), max(scores)))
        assert row["f1_low"] <= row["f1"] <= row["f1_high"]
        for name in ("act", "strength"):
            assert row[name] == pytest.approx(np.mean([(each[name] == tested[name]).mean() for each in tags]))
        shares = [each[[f"p_{key}" for key in harbours.dimension_keys]].to_numpy() for each in tags]
        assert row["brier"] == pytest.approx(np.mean([(each - truth) ** 2 for each in shares]))
        assert 0 <= row["error"] <= 1
        assert row["bound"] > 0
        assert not np.isnan(row["act_error"])
        whole = [
            (each[["dimensions", "strength", "act"]] == tested[["dimensions", "strength", "act"]]).all(axis=1).mean()
            for each in tags
        ]
        assert row["right"] == pytest.approx(np.mean(whole))
    others = table[table["tagger"] != G7TAG]
    assert others[["act_error", "act_bound"]].isna().all(axis=None)  # they say nothing of acts


def test_the_class_prior_is_its_arithmetic(measured: Measured, corpus: pd.DataFrame, harbours: Codebook) -> None:
    """It always tags every dimension: precision is the share, recall 1, so F1 = 2 share / (1 + share)."""
    table, _, _ = measured
    shares = flags(corpus.loc[corpus["part"] == "dev", "dimensions"], harbours).mean(axis=0)
    prior = table[(table["tagger"] == PRIOR) & (table["n_draws"] > 0)]
    assert len(prior) > 0
    np.testing.assert_allclose(prior["f1"], (2 * shares / (1 + shares)).mean())


def test_a_number_too_small_to_train_others_is_a_row_without_figures(measured: Measured) -> None:
    table, _, _ = measured
    row = table[(table["tagger"] == WORDS) & (table["n_train"] < 5)].iloc[0]
    assert row["n_draws"] == 0
    assert np.isnan(row["f1"])
    assert np.isnan(row["error"])
    assert row["reason"].startswith("corpus: no sentence labelled ")


@pytest.mark.usefixtures("small_lenders")
def test_without_a_part_dev_it_is_tested_on_the_part_test(
    corpus: pd.DataFrame, harbours: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few, "SIZES", (0,))
    two = few_labels_curve(corpus.assign(part=corpus["part"].replace("dev", "test")), harbours)
    one = few_labels_curve(corpus, harbours)
    pd.testing.assert_frame_equal(two, one)
    some = corpus["part"].mask((corpus["part"] == "dev") & (corpus.index > 20), "test")
    assert (few_labels_curve(corpus.assign(part=some), harbours)["n_tested"] < one["n_tested"]).all()


@pytest.mark.parametrize(
    ("part", "found"),
    [("", "0 sentences of part train and 0 of"), ("train", "37 .* and 0 of"), ("dev", "0 .* and 37 of")],
)
def test_a_corpus_without_both_parts_has_no_curve(
    part: str, found: str, corpus: pd.DataFrame, harbours: Codebook
) -> None:
    with pytest.raises(FrameError, match=f"corpus: {found} part dev or test. Expected both"):
        few_labels_curve(corpus.assign(part=part), harbours)


@pytest.mark.usefixtures("small_lenders")
def test_acts_are_measured_only_where_they_are_known(
    corpus: pd.DataFrame, harbours: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few, "SIZES", (0, 12))
    monkeypatch.setattr(few, "DRAWS", 1)
    unknown = few_labels_curve(corpus.assign(act=""), harbours)
    assert unknown[["act", "act_low", "act_error", "act_bound"]].isna().all(axis=None)
    assert unknown["strength"].notna().all()
    monkeypatch.setattr(few, "SIZES", (0,))
    first = corpus["item_id"] == corpus.loc[corpus["part"] == "dev", "item_id"].iloc[0]
    one = few_labels_curve(corpus.assign(act=corpus["act"].where(first | (corpus["part"] == "train"), "")), harbours)
    whole = few_labels_curve(corpus, harbours)
    assert one["act"].iloc[0] in {0.0, 0.5, 1.0}  # of an item with two sentences
    assert one["f1"].equals(whole["f1"])
    assert one["n_tested"].equals(whole["n_tested"])


@pytest.mark.slow
def test_it_is_ahead_of_words_alone_as_the_stored_figures_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """One draw of fifty labels; the stored curves have the others."""
    monkeypatch.setattr(few, "SIZES", (50,))
    monkeypatch.setattr(few, "DRAWS", 1)
    book = load_codebook(data_path("codebooks/2024-apulia-18.toml"))
    table = few_labels_curve(read_corpus(bundled_corpus(book.id), book), book).set_index("tagger")
    stored = stored_curve(book)
    (known,) = stored.loc[(stored["tagger"] == G7TAG) & stored["n_train"].between(45, 55), "f1"]
    assert table.loc[G7TAG, "f1"] > table.loc[WORDS, "f1"]
    assert table.loc[G7TAG, "f1"] == pytest.approx(known, abs=0.05)


@pytest.mark.parametrize("name", ["2024-apulia-09", "2024-apulia-18"])
def test_the_stored_curves_are_ahead_and_calibrated_with_labels(name: str) -> None:
    table = stored_curve(load_codebook(data_path(f"codebooks/{name}.toml")))
    own = table[table["tagger"] == G7TAG].set_index("n_train")
    for _, other in table[table["tagger"] != G7TAG].iterrows():
        assert own.loc[other["n_train"], "f1"] > other["f1"]
    with_labels = own[own.index > 0]
    assert (with_labels["error"] <= with_labels["bound"]).all()
    assert own["error"].max() < 0.1  # definitions alone are not calibrated for every commitment
