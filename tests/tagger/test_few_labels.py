"""A tagger for few labels starts from definitions, follows the labels, and says what it lacks."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from g7tag.codebook import ACTS, Category, Codebook, load_codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.corpus.reading import OPTIONAL, REQUIRED
from g7tag.frames import MARKS, tags_model, validate
from g7tag.store import data_path
from g7tag.tagger import (
    Tagger,
    describe_tags,
    explain_tags,
    load_tagger,
    mark_words,
    save_tagger,
    tag_sentences,
    train_tagger,
)
from g7tag.tagger.explain import BASE, ELSEWHERE, LIKENESS, MEANING, REST, WORD
from g7tag.tagger.few_labels import ENOUGH, ENOUGH_OF_EACH, SURE, train_few_labels, wanted

pytestmark = pytest.mark.usefixtures("small_lenders")

SECOND = "2024-apulia-09"
KEYS = ["dredge", "light", "insure"]
TEXTS = [
    "Two ships dug a deeper channel into the harbour.",
    "A lighthouse with new lamps was built on the pier.",
    "The ministry signed an insurance of all harbours and paid the premium.",
    "He was born in a village in the hills.",
]


@pytest.fixture(scope="module")
def labelled(harbours: Codebook) -> pd.DataFrame:
    return read_corpus([data_path("examples/harbours-labelled.csv")], harbours)


@pytest.fixture(scope="module")
def nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=[*REQUIRED, *OPTIONAL, "file"], dtype="str")


@pytest.fixture(scope="module")
def start(nothing: pd.DataFrame, harbours: Codebook, small_lenders: None) -> Tagger:
    """A tagger without any label."""
    return train_few_labels(nothing, harbours)


@pytest.fixture(scope="module")
def tagger(labelled: pd.DataFrame, harbours: Codebook, small_lenders: None) -> Tagger:
    return train_few_labels(labelled, harbours)


@pytest.fixture(scope="module")
def second() -> Codebook:
    return load_codebook(data_path(f"codebooks/{SECOND}.toml"))


@pytest.fixture(scope="module")
def many(second: Codebook) -> pd.DataFrame:
    """Enough labelled sentences of a real commitment."""
    rows = read_corpus(bundled_corpus(SECOND), second)
    return rows[rows["part"] == "train"].reset_index(drop=True)


def rows_of(*texts: str) -> pd.DataFrame:
    ids = [f"s{place}" for place in range(len(texts))]
    return pd.DataFrame({"sentence_id": ids, "item_id": ids, "text": list(texts)}, dtype="str")


def labels_of(*rows: dict[str, str]) -> pd.DataFrame:
    """Labelled sentences, each its own item."""
    table = pd.DataFrame(rows).reindex(columns=[*REQUIRED, *OPTIONAL, "file"], fill_value="").fillna("")
    ids = [f"l{place}" for place in range(len(table))]
    return table.assign(sentence_id=ids, item_id=ids, file="own.csv").astype("str")


def dug(**changes: str) -> dict[str, str]:
    """A label of the first of `TEXTS`."""
    return {"text": TEXTS[0], "dimensions": "dredge", "strength": "strong", "act": "done"} | changes


def tags_by(tagger: Tagger, codebook: Codebook, *texts: str) -> pd.DataFrame:
    return tag_sentences(rows_of(*texts), tagger, codebook)


def shares_by(rows: pd.DataFrame, codebook: Codebook) -> pd.Series:
    """The probabilities of the first of `TEXTS` by a tagger that is trained on labelled rows."""
    return tags_by(train_few_labels(rows, codebook), codebook, *TEXTS).filter(like="p_").iloc[0]


def test_without_labels_definitions_tell_the_dimensions_apart(start: Tagger, harbours: Codebook) -> None:
    tags = tags_by(start, harbours, *TEXTS)
    validate(tags, tags_model(harbours))
    shares = tags[[f"p_{key}" for key in KEYS]]
    assert shares.iloc[:3].idxmax(axis=1).tolist() == [f"p_{key}" for key in KEYS]
    assert (shares.iloc[3] < shares.iloc[:3].max(axis=1).min()).all()
    assert tags["needs_review"].all()
    assert set(tags["review_reason"]) == {"few_labels"}
    assert start.about["corpus_rows"] == 0
    assert start.about["wanted"] == dict.fromkeys(KEYS, ENOUGH_OF_EACH)
    assert start.about["wanted_sentences"] == ENOUGH
    assert start.about["borrowed"][:-1] == harbours.borrows
    assert start.about["borrowed"][-1].startswith("2024-apulia-19-")


def test_train_tagger_trains_it_for_a_codebook_that_borrows(
    labelled: pd.DataFrame, harbours: Codebook, tagger: Tagger, nothing: pd.DataFrame
) -> None:
    assert train_tagger(labelled, harbours).model_id == tagger.model_id
    assert train_tagger(nothing, harbours).about["corpus_rows"] == 0
    own = train_tagger(labelled, harbours.model_copy(update={"borrows": []}))
    assert "wanted" not in own.about


def test_wanted_goes_down_by_each_label_and_not_below_0(labelled: pd.DataFrame, harbours: Codebook) -> None:
    counts = labelled["dimensions"].str.split(";").explode().value_counts()
    assert wanted(labelled, harbours) == {key: ENOUGH_OF_EACH - counts[key] for key in KEYS}
    assert wanted(pd.concat([labelled] * 10), harbours) == dict.fromkeys(KEYS, 0)
    less = train_few_labels(labelled.head(3), harbours).about
    assert less["wanted"] == {"dredge": ENOUGH_OF_EACH - 3, "light": ENOUGH_OF_EACH, "insure": ENOUGH_OF_EACH}
    assert less["wanted_sentences"] == ENOUGH - 3


LABEL = {"dimensions": "dredge", "strength": "strong", "act": "done"}
NONE = {"dimensions": "", "strength": "none", "act": "background"}
ODD_LABELS = {
    "one": [LABEL],
    "one of none": [NONE],
    "all of one dimension": [LABEL] * 4,
    "all of none": [NONE] * 4,
    "all of all": [LABEL | {"dimensions": ";".join(KEYS)}] * 4,
    "no acts": [LABEL | {"act": ""}, NONE | {"act": ""}] * 2,
    "some acts": [LABEL, NONE | {"act": ""}] * 2,
    "weak alone": [LABEL | {"strength": "weak", "act": "planned"}] * 4,
}


@pytest.mark.parametrize("labels", ODD_LABELS.values(), ids=ODD_LABELS)
def test_any_labels_give_a_tagger_that_can_be_saved(
    labels: list[dict[str, str]], harbours: Codebook, tmp_path: Path
) -> None:
    rows = labels_of(*({"text": text} | label for text, label in zip(TEXTS, labels, strict=False)))
    trained = train_few_labels(rows, harbours)
    tags = tags_by(trained, harbours, *TEXTS)
    assert tags.filter(like="p_").notna().all(axis=None)
    assert tags["needs_review"].all()
    np.testing.assert_allclose(tags[[f"p_{act}" for act in ACTS]].sum(axis=1), 1.0)
    save_tagger(trained, tmp_path / "m.skops")
    again = tags_by(load_tagger(tmp_path / "m.skops", harbours), harbours, *TEXTS)
    pd.testing.assert_frame_equal(again, tags)


def test_what_is_not_labelled_stays_as_it_was(start: Tagger, harbours: Codebook) -> None:
    before = tags_by(start, harbours, *TEXTS).filter(like="p_").iloc[0]
    no_acts = shares_by(labels_of(dug(act="")), harbours)
    assert no_acts["p_dredge"] > before["p_dredge"]
    same = [f"p_{act}" for act in ACTS]
    pd.testing.assert_series_equal(no_acts[same], before[same])
    no_dimension = shares_by(labels_of(dug(dimensions="", strength="none")), harbours)
    assert no_dimension["p_strong"] == before["p_strong"]


@pytest.mark.parametrize("key", ["p_dredge", "p_insure", "p_strong", "p_planned", "p_background"])
def test_labels_move_each_head_towards_them_and_more_labels_more(key: str, start: Tagger, harbours: Codebook) -> None:
    """The first of `TEXTS` is done, strong dredging: the labels say the opposite, or more than that."""
    against: dict[str, dict[str, str]] = {
        "p_dredge": {"dimensions": "light"}, "p_insure": {"dimensions": "dredge;insure"},
        "p_strong": {"strength": "weak"}, "p_planned": {"strength": "weak", "act": "planned"},
        "p_background": NONE,
    }  # fmt: skip
    up = key in {"p_insure", "p_planned", "p_background"}
    before = tags_by(start, harbours, *TEXTS).iloc[0][key]
    found = [before] + [shares_by(labels_of(*[dug(**against[key])] * n), harbours)[key] for n in (1, 3, 12)]
    assert (np.diff(found) > 0).all() if up else (np.diff(found) < 0).all(), found
    assert bool(found[-1] > 0.5) == up
    assert abs(found[1] - before) < 0.5  # one label does not decide


def with_dimensions(codebook: Codebook, *dimensions: Category) -> Codebook:
    rule = codebook.readings[0].rules[0].model_copy(update={"strong": [1, len(dimensions)], "dimensions": []})
    reading = codebook.readings[0].model_copy(update={"rules": [rule]})
    return codebook.model_copy(update={"id": "2030-any", "dimensions": list(dimensions), "readings": [reading]})


SINGING = [
    Category(key="choirs", label="Choirs", definition="Choirs sing, in halls and churches."),
    Category(key="bells", label="Bells", definition="Bells are cast and rung.", cues={"w": ["bell*"]}),
    Category(key="pipes", label="Pipes", definition="Organs: their pipes, bellows and players."),
    Category(key="drums", label="Drums", definition="Drums.", examples=["They beat the drum."]),
    Category(key="horns", label="Horns", definition="Horns are blown; hunters, postmen."),
]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_codebook_may_have_any_number_of_dimensions(
    n: int, harbours: Codebook, nothing: pd.DataFrame, tmp_path: Path
) -> None:
    book = with_dimensions(harbours, *SINGING[:n])
    one = labels_of({"text": "A choir sang.", "dimensions": "choirs", "strength": "strong", "act": "done"})
    for rows in (nothing, one):
        trained = train_few_labels(rows, book)
        save_tagger(trained, tmp_path / "m.skops")
        tags = tags_by(load_tagger(tmp_path / "m.skops", book), book, *(each.definition for each in SINGING[:n]))
        assert len(trained.thresholds) == n
        shares = tags[[f"p_{key}" for key in book.dimension_keys]].to_numpy()
        assert (shares.argmax(axis=1) == range(n)).all()  # each definition is most of all on its own dimension


def test_dimensions_in_another_order_get_the_same_probabilities(harbours: Codebook, labelled: pd.DataFrame) -> None:
    turned = harbours.model_copy(update={"dimensions": harbours.dimensions[::-1]})
    tags, other = (tags_by(train_few_labels(labelled, book), book, *TEXTS) for book in (harbours, turned))
    names = [name for name in tags if name.startswith("p_")]
    pd.testing.assert_frame_equal(other[names], tags[names], atol=1e-5)


@pytest.fixture(scope="module")
def with_exclusions(harbours: Codebook) -> Codebook:
    two = [
        Category(key="rivers", label="Rivers", definition="Ports on rivers."),
        Category(key="toys", label="Toys", definition="Toy harbours."),
    ]
    return harbours.model_copy(update={"exclusions": two})


TOY = {"text": "A toy harbour was sold to a child.", "dimensions": "", "strength": "none", "exclusion": "toys"}
RIVER = {"text": "Barges came up the river.", "dimensions": "", "strength": "none", "exclusion": "rivers"}


@pytest.mark.parametrize(
    "labels",
    [[], [dug()], [TOY], [TOY, RIVER], [TOY] * 20, [dug(), TOY], [dug()] * 20 + [TOY, RIVER]],
    ids=["none", "no such label", "one", "one of each", "all", "half", "few"],
)
def test_a_few_exclusions_exclude_little_else(
    labels: list[dict[str, str]], with_exclusions: Codebook, tmp_path: Path
) -> None:
    trained = train_few_labels(labels_of(*labels), with_exclusions)
    save_tagger(trained, tmp_path / "m.skops")
    loaded = load_tagger(tmp_path / "m.skops", with_exclusions)
    tags = tags_by(loaded, with_exclusions, *TEXTS, TOY["text"])
    validate(tags, tags_model(with_exclusions))
    excluded = [label for label in labels if label.get("exclusion")]
    others, toy = tags["p_excluded"].iloc[:4], tags["p_excluded"].iloc[4]
    if not excluded:
        assert (tags["p_excluded"] < 1e-5).all()
        return
    assert (others < toy).all()
    assert (tags["exclusion"].iloc[:4] == "").all()
    if len(excluded) == 20:
        assert (toy > 0.5, tags["exclusion"].iloc[4]) == (True, "toys")
    sums = explain_tags(rows_of(*TEXTS), loaded).groupby(["sentence_id", "label"])["contribution"].sum().unstack()
    if "excluded" in sums:
        np.testing.assert_allclose(sums["excluded"], logit(others), atol=1e-6)


def test_every_tag_needs_review_below_the_limits_and_not_above(many: pd.DataFrame, second: Codebook) -> None:
    assert len(many) >= ENOUGH
    enough = train_few_labels(many, second)
    assert (set(enough.about["wanted"].values()), enough.about["wanted_sentences"]) == ({0}, 0)
    assert SURE <= enough.review_below < 1
    review = tag_sentences(many, enough, second)
    assert 0 < review["needs_review"].mean() < 1
    assert ((review["p_right"] < enough.review_limit) == (review["review_reason"] == "unlikely")).all()
    key = second.dimension_keys[0]
    has = many["dimensions"].str.split(";").map(lambda keys: key in keys)
    one_less = many.drop(index=many.index[has][ENOUGH_OF_EACH - 1 :])  # leaves 39 of one dimension
    for rows, short in ((many.head(ENOUGH - 1), 1), (one_less, max(ENOUGH - len(one_less), 0))):
        tagger = train_few_labels(rows.reset_index(drop=True), second)
        assert tagger.about["wanted_sentences"] == short
        assert tag_sentences(many, tagger, second)["needs_review"].all()
    assert tagger.about["wanted"] == dict.fromkeys(second.dimension_keys, 0) | {key: 1}


@pytest.mark.parametrize("n_items", [1, 4])
def test_sentences_of_very_few_items_are_trained_on(many: pd.DataFrame, second: Codebook, n_items: int) -> None:
    """Then no items can be left out, and what is sure follows from other commitments alone."""
    items = [f"food/CAN-{place % n_items:02}" for place in range(len(many))]
    rows = many.assign(item_id=sorted(items))
    tagger = train_few_labels(rows, second)
    assert SURE <= tagger.review_below <= 1.0
    tags = tag_sentences(many, tagger, second)
    assert tags.loc[tags["p_right"] < SURE, "needs_review"].all()


def test_the_same_labels_give_the_same_tagger(labelled: pd.DataFrame, harbours: Codebook, tagger: Tagger) -> None:
    before = labelled.copy()
    again = train_few_labels(labelled.set_axis(range(7, 7 + len(labelled))), harbours)  # its index does not matter
    pd.testing.assert_frame_equal(labelled, before)
    assert again.model_id == tagger.model_id
    assert (again.thresholds, again.right_scale) == (tagger.thresholds, tagger.right_scale)
    for name in (*KEYS, "strong", *ACTS):
        for part in ("coef_", "intercept_"):
            assert getattr(again.heads[name], part).tobytes() == getattr(tagger.heads[name], part).tobytes(), name
    one_more = pd.concat([labelled, labelled.tail(1).assign(sentence_id="more", item_id="more")], ignore_index=True)
    assert train_few_labels(one_more, harbours).model_id != tagger.model_id


def test_a_saved_tagger_says_the_same(
    tagger: Tagger, labelled: pd.DataFrame, harbours: Codebook, tmp_path: Path
) -> None:
    save_tagger(tagger, tmp_path / "m.skops")
    loaded = load_tagger(tmp_path / "m.skops", harbours)
    assert (loaded.model_id, loaded.about) == (tagger.model_id, tagger.about)
    assert (loaded.thresholds, loaded.review_below, loaded.right_scale) == (
        tagger.thresholds, tagger.review_below, tagger.right_scale,
    )  # fmt: skip
    pd.testing.assert_frame_equal(
        tag_sentences(labelled, loaded, harbours), tag_sentences(labelled, tagger, harbours), check_exact=True
    )
    pd.testing.assert_frame_equal(explain_tags(labelled, loaded), explain_tags(labelled, tagger), check_exact=True)


def explained(tagger: Tagger, rows: pd.DataFrame, **options: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    why = explain_tags(rows, tagger, **options)
    return why, why.groupby(["sentence_id", "label"])["contribution"].sum().unstack()


@pytest.mark.parametrize("most", [None, 5, 0])
@pytest.mark.parametrize("which", ["start", "tagger"])
def test_contributions_add_up_to_the_log_odds(
    which: str, most: int | None, labelled: pd.DataFrame, harbours: Codebook, request: pytest.FixtureRequest
) -> None:
    tagger = request.getfixturevalue(which)
    rows = pd.concat([labelled[["sentence_id", "item_id", "text"]], rows_of(*TEXTS)], ignore_index=True)
    why, sums = explained(tagger, rows, most=most)
    tags = tag_sentences(rows, tagger, harbours).set_index("sentence_id")
    for label in (*KEYS, "strong"):
        np.testing.assert_allclose(sums.loc[tags.index, label], logit(tags[f"p_{label}"]), atol=1e-6)
    acts = 1 / (1 + np.exp(-sums.loc[tags.index, list(ACTS)]))  # an act's share of the sum of the acts
    np.testing.assert_allclose(
        acts.div(acts.sum(axis=1), axis=0), tags[[f"p_{act}" for act in ACTS]].to_numpy(), atol=1e-6
    )
    assert (why["feature"].isin([BASE]).groupby([why["sentence_id"], why["label"]]).sum() == 1).all()


def test_no_single_number_of_a_vector_is_a_reason(tagger: Tagger, labelled: pd.DataFrame, harbours: Codebook) -> None:
    why, _ = explained(tagger, labelled)
    assert set(why["kind"]) <= {WORD, LIKENESS, ELSEWHERE, ""}
    assert not why["feature"].str.contains("meaning").any()
    everything, _ = explained(tagger, labelled.head(3), most=None)
    assert MEANING in set(everything["kind"])  # they count, in the rest
    assert REST not in set(everything["feature"])
    assert not describe_tags(tag_sentences(labelled, tagger, harbours), why).str.contains("meaning").any()


def test_a_dimension_is_explained_by_likeness_to_its_own_definition(tagger: Tagger) -> None:
    why, _ = explained(tagger, rows_of(*TEXTS), most=None)
    alike = why[(why["kind"] == LIKENESS) & why["label"].isin(KEYS) & (why["contribution"].abs() > 0)]
    names = alike["feature"].str.partition(": ")[0]
    assert ((names == alike["label"]) | ~names.isin(KEYS)).all()
    found = why[(why["feature"] == "dredge: shared words") & (why["label"] == "dredge")].set_index("sentence_id")
    assert found.loc["s0", "found"] == "ships;dug;channel;harbour"  # words of its definition


def test_marks_are_words_of_the_sentence(tagger: Tagger, labelled: pd.DataFrame, harbours: Codebook) -> None:
    rows = pd.concat([labelled[["sentence_id", "item_id", "text"]], rows_of(*TEXTS)], ignore_index=True)
    tags = tag_sentences(rows, tagger, harbours)
    marks = validate(mark_words(rows, tags, tagger), MARKS)
    texts = dict(zip(rows["sentence_id"], rows["text"], strict=True))
    keys = dict(zip(tags["sentence_id"], tags["dimensions"].str.split(";"), strict=True))
    assert len(marks) > 20
    for mark in marks.to_dict("records"):
        assert texts[mark["sentence_id"]][mark["start"] : mark["end"]] == mark["words"]
        assert mark["dimension"] in keys[mark["sentence_id"]]
    own = marks[(marks["sentence_id"] == "s0") & (marks["dimension"] == "dredge")]
    assert "channel" in set(own["words"].str.lower())
    assert len(mark_words(rows.head(0), tags.head(0), tagger)) == 0
