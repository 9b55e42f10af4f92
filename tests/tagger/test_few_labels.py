"""A tagger for few labels starts from definitions and what others lend, follows the labels, and says what it lacks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from g7tag.codebook import ACTS, Category, Codebook, load_codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.corpus.reading import FIRST, OPTIONAL, REQUIRED
from g7tag.errors import ModelError
from g7tag.frames import MARKS, tags_model, validate
from g7tag.store import data_path
from g7tag.tagger import (
    Tagger,
    default_model,
    describe_tags,
    explain_tags,
    load_tagger,
    mark_words,
    save_tagger,
    tag_sentences,
    train_tagger,
)
from g7tag.tagger.borrowing import LENT, N_DONE, Borrowed, _lender, lent_tagger, open_lenders
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
LABEL = {"text": TEXTS[0], "dimensions": "dredge", "strength": "strong", "act": "done"}
NONE = {"dimensions": "", "strength": "none", "act": "background"}


@pytest.fixture(scope="module")
def nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=[*REQUIRED, *OPTIONAL, "file"], dtype="str")


@pytest.fixture(scope="module")
def start(nothing: pd.DataFrame, harbours: Codebook, small_lenders: None) -> Tagger:
    """A tagger without any label."""
    return train_few_labels(nothing, harbours)


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


def shares_by(rows: pd.DataFrame, codebook: Codebook) -> pd.Series:
    """The probabilities of the first of `TEXTS` by a tagger that is trained on labelled rows."""
    return tag_sentences(rows_of(*TEXTS), train_few_labels(rows, codebook), codebook).filter(like="p_").iloc[0]


def test_without_labels_definitions_tell_the_dimensions_apart(start: Tagger, harbours: Codebook) -> None:
    tags = validate(tag_sentences(rows_of(*TEXTS), start, harbours), tags_model(harbours))
    shares = tags[[f"p_{key}" for key in KEYS]]
    assert shares.iloc[:3].idxmax(axis=1).tolist() == [f"p_{key}" for key in KEYS]
    assert (shares.iloc[3] < shares.iloc[:3].max(axis=1).min()).all()
    assert set(tags["review_reason"]) == {"few_labels"}
    assert (start.about["corpus_rows"], start.about["wanted_sentences"]) == (0, ENOUGH)
    assert start.about["wanted"] == dict.fromkeys(KEYS, ENOUGH_OF_EACH)
    assert start.about["borrowed"] == [*harbours.borrows, lent_tagger(FIRST).model_id]


@pytest.mark.slow
def test_the_same_labels_give_the_same_tagger(labelled: pd.DataFrame, harbours: Codebook, few: Tagger) -> None:
    before = labelled.copy()
    again = train_tagger(labelled.set_axis(range(7, 7 + len(labelled))), harbours)  # its index does not matter
    pd.testing.assert_frame_equal(labelled, before)
    assert (again.model_id, again.thresholds, again.right_scale) == (few.model_id, few.thresholds, few.right_scale)
    for name in (*KEYS, "strong", *ACTS):
        for part in ("coef_", "intercept_"):
            assert getattr(again.heads[name], part).tobytes() == getattr(few.heads[name], part).tobytes(), name


def test_wanted_goes_down_by_each_label_and_not_below_0(
    labelled: pd.DataFrame, harbours: Codebook, few: Tagger
) -> None:
    assert few.about["wanted"] == {"dredge": 40 - 12, "light": 40 - 12, "insure": 40 - 9}
    assert few.about["wanted_sentences"] == 200 - 37
    assert wanted(pd.concat([labelled] * 10), harbours) == dict.fromkeys(KEYS, 0)


@pytest.mark.parametrize(
    "labels",
    [[LABEL], [NONE] * 4, [LABEL | {"dimensions": ";".join(KEYS)}] * 4, [LABEL | {"act": ""}, NONE | {"act": ""}] * 2,
     [LABEL | {"strength": "weak", "act": "planned"}] * 4],
    ids=["one", "all of none", "all of all", "no acts", "weak alone"],
)  # fmt: skip
@pytest.mark.slow
def test_any_labels_give_a_tagger_that_can_be_saved(
    labels: list[dict[str, str]], harbours: Codebook, tmp_path: Path
) -> None:
    rows = labels_of(*(label | {"text": text} for text, label in zip(TEXTS, labels, strict=False)))
    trained = train_few_labels(rows, harbours)
    tags = tag_sentences(rows_of(*TEXTS), trained, harbours)
    assert tags.filter(like="p_").notna().all(axis=None)
    assert tags["needs_review"].all()
    np.testing.assert_allclose(tags[[f"p_{act}" for act in ACTS]].sum(axis=1), 1.0)
    save_tagger(trained, tmp_path / "m.skops")
    again = tag_sentences(rows_of(*TEXTS), load_tagger(tmp_path / "m.skops", harbours), harbours)
    pd.testing.assert_frame_equal(again, tags)


@pytest.mark.slow
def test_what_is_not_labelled_stays_as_it_was(start: Tagger, harbours: Codebook) -> None:
    before = tag_sentences(rows_of(*TEXTS), start, harbours).filter(like="p_").iloc[0]
    no_acts = shares_by(labels_of(LABEL | {"act": ""}), harbours)
    assert no_acts["p_dredge"] > before["p_dredge"]
    same = [f"p_{act}" for act in ACTS]
    pd.testing.assert_series_equal(no_acts[same], before[same])
    no_dimension = shares_by(labels_of(LABEL | {"dimensions": "", "strength": "none"}), harbours)
    assert no_dimension["p_strong"] == before["p_strong"]


@pytest.mark.slow
def test_labels_move_each_head_towards_them_and_more_labels_more(start: Tagger, harbours: Codebook) -> None:
    """The first of `TEXTS` is done, strong dredging: the labels say the opposite."""
    before = tag_sentences(rows_of(*TEXTS), start, harbours).iloc[0]
    against = LABEL | {"dimensions": "light;insure", "strength": "weak", "act": "planned"}
    found = [before, *(shares_by(labels_of(*[against] * n), harbours) for n in (1, 3, 12))]
    for key, up in {"dredge": False, "insure": True, "strong": False, "done": False, "planned": True}.items():
        values = [each[f"p_{key}"] for each in found]
        assert (np.diff(values) > 0).all() if up else (np.diff(values) < 0).all(), (key, values)
        assert bool(values[-1] > 0.5) == up
        assert abs(values[1] - values[0]) < 0.5  # one label does not decide


SINGING = [
    Category(key="choirs", label="Choirs", definition="Choirs sing, in halls and churches."),
    Category(key="bells", label="Bells", definition="Bells are cast and rung.", cues={"w": ["bell*"]}),
    Category(key="pipes", label="Pipes", definition="Organs: their pipes, bellows and players."),
    Category(key="drums", label="Drums", definition="Drums.", examples=["They beat the drum."]),
    Category(key="horns", label="Horns", definition="Horns are blown; hunters, postmen."),
]


@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.slow), 5])
def test_a_codebook_may_have_any_number_of_dimensions(n: int, harbours: Codebook) -> None:
    rule = harbours.readings[0].rules[0].model_copy(update={"strong": [1, n], "dimensions": []})
    reading = harbours.readings[0].model_copy(update={"rules": [rule]})
    book = harbours.model_copy(update={"id": "2030-any", "dimensions": SINGING[:n], "readings": [reading]})
    one = labels_of(LABEL | {"text": "A choir sang.", "dimensions": "choirs"})
    for rows in (one.head(0), one):
        tags = tag_sentences(rows_of(*(each.definition for each in SINGING[:n])), train_few_labels(rows, book), book)
        shares = tags[[f"p_{key}" for key in book.dimension_keys]].to_numpy()
        assert (shares.argmax(axis=1) == range(n)).all()  # each definition is most of all on its own dimension


TOY = {"text": "A toy harbour was sold to a child.", "dimensions": "", "strength": "none", "exclusion": "toys"}
RIVER = {"text": "Barges came up the river.", "dimensions": "", "strength": "none", "exclusion": "rivers"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "labels", [[LABEL], [TOY, RIVER], [TOY] * 20, [LABEL] * 20 + [TOY]], ids=["none", "one of each", "all", "few"]
)
def test_a_few_exclusions_exclude_little_else(labels: list[dict[str, str]], harbours: Codebook, tmp_path: Path) -> None:
    two = [Category(key=key, label=key, definition=f"{key}.") for key in ("rivers", "toys")]
    book = harbours.model_copy(update={"exclusions": two})
    save_tagger(train_few_labels(labels_of(*labels), book), tmp_path / "m.skops")
    loaded = load_tagger(tmp_path / "m.skops", book)
    tags = validate(tag_sentences(rows_of(*TEXTS, TOY["text"]), loaded, book), tags_model(book))
    others, toy = tags["p_excluded"].iloc[:4], tags["p_excluded"].iloc[4]
    if labels == [LABEL]:
        assert (tags["p_excluded"] < 1e-5).all()
        return
    assert (others < toy).all()
    assert (tags["exclusion"].iloc[:4] == "").all()
    assert labels != [TOY] * 20 or toy > 0.5
    sums = explain_tags(rows_of(*TEXTS), loaded).groupby(["sentence_id", "label"])["contribution"].sum().unstack()
    if "excluded" in sums:
        np.testing.assert_allclose(sums["excluded"], logit(others), atol=1e-6)


@pytest.mark.slow
def test_every_tag_needs_review_below_the_limits_and_not_above(many: pd.DataFrame, second: Codebook) -> None:
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


@pytest.mark.slow
def test_sentences_of_one_item_are_trained_on(many: pd.DataFrame, second: Codebook) -> None:
    """Then no items can be left out, and what is sure follows from other commitments alone."""
    tagger = train_few_labels(many.assign(item_id="food/CAN-01"), second)
    assert SURE <= tagger.review_below <= 1.0
    tags = tag_sentences(many, tagger, second)
    assert tags.loc[tags["p_right"] < SURE, "needs_review"].all()


@pytest.mark.parametrize("most", [None, 5])
def test_contributions_add_up_to_the_log_odds(
    most: int | None, few: Tagger, labelled: pd.DataFrame, harbours: Codebook
) -> None:
    why = explain_tags(labelled, few, most=most)
    sums = why.groupby(["sentence_id", "label"])["contribution"].sum().unstack().loc[labelled["sentence_id"]]
    tags = tag_sentences(labelled, few, harbours)
    for label in (*KEYS, "strong"):
        np.testing.assert_allclose(sums[label], logit(tags[f"p_{label}"]), atol=1e-6)
    acts = expit(sums[list(ACTS)].to_numpy())  # an act's share of the sum of the acts
    found = tags[[f"p_{act}" for act in ACTS]].to_numpy()
    np.testing.assert_allclose(acts / acts.sum(axis=1, keepdims=True), found, atol=1e-6)
    assert (why["feature"].isin([BASE]).groupby([why["sentence_id"], why["label"]]).sum() == 1).all()


def test_reasons_are_words_and_likeness_and_no_single_number_of_a_vector(few: Tagger, harbours: Codebook) -> None:
    rows = rows_of(*TEXTS)
    why, everything = explain_tags(rows, few), explain_tags(rows, few, most=None)
    assert set(why["kind"]) <= {WORD, LIKENESS, ELSEWHERE, ""}
    assert MEANING in set(everything["kind"])  # they count, in the rest
    assert REST not in set(everything["feature"])
    tags = tag_sentences(rows, few, harbours)
    assert not describe_tags(tags, why).str.contains("meaning").any()
    alike = everything[(everything["kind"] == LIKENESS) & everything["label"].isin(KEYS)]
    alike = alike[alike["contribution"] != 0]
    names = alike["feature"].str.partition(": ")[0]
    assert ((names == alike["label"]) | ~names.isin(KEYS)).all()  # to its own definition
    shared = everything[(everything["feature"] == "dredge: shared words") & (everything["label"] == "dredge")]
    assert shared["found"].iloc[0] == "ships;dug;channel;harbour"  # words of its definition
    marks = validate(mark_words(rows, tags, few), MARKS)
    for mark in marks.to_dict("records"):
        assert TEXTS[int(mark["sentence_id"][1:])][mark["start"] : mark["end"]] == mark["words"]
    assert "channel" in set(marks.loc[marks["dimension"] == "dredge", "words"].str.lower())


def borrowing_from(codebook: Codebook, *names: str) -> Codebook:
    return codebook.model_copy(update={"borrows": list(names)})


@pytest.mark.parametrize("name", ["2030-elsewhere", "../2024-apulia-19", "/etc/passwd", ""])
def test_nothing_is_borrowed_from_a_codebook_that_does_not_come_with_g7tag(harbours: Codebook, name: str) -> None:
    with pytest.raises(ModelError, match=rf"codebook '{name}': does not come with g7tag.*'2024-apulia-09', '2024"):
        open_lenders(borrowing_from(harbours, FIRST, name))
    with pytest.raises(ModelError, match=f"codebook '{name}': does not come with g7tag"):
        Borrowed(name, "x").transform(rows_of("They met."))


def test_a_codebook_that_borrows_itself_lends_sentences_once_and_no_tagger(harbours: Codebook) -> None:
    for names in ((FIRST, SECOND, FIRST), (SECOND, FIRST)):
        borrowed, lenders = open_lenders(borrowing_from(harbours, *names))
        assert (borrowed.codebook, borrowed.model) == (FIRST, lent_tagger(FIRST).model_id)
        assert [each.codebook.id for each in lenders] == list(dict.fromkeys(names))
        for each in lenders:
            assert len(each.rows) == len(each.likeness) == len(each.lent) > 0
    for names, found in (((SECOND,), "'2024-apulia-09'"), ((), "nothing")):
        with pytest.raises(ModelError, match=rf"borrows from {found}\. Expected at least one codebook that comes"):
            open_lenders(borrowing_from(harbours, *names))


def test_what_is_lent_is_what_the_tagger_says(codebook: Codebook) -> None:
    rows = rows_of("The ministry paid for two ships.", "It plans to buy a third.", "Ships are large.")
    tagger = lent_tagger(FIRST)
    borrowed = Borrowed(FIRST, tagger.model_id)
    lent = pd.DataFrame(borrowed.fit(rows).transform(rows), columns=LENT)
    tags = tag_sentences(rows, tagger, codebook)
    of_a_member = list(ACTS[:N_DONE])  # the others but background
    most = lent[of_a_member].idxmax(axis=1)
    assert most.tolist()[:2] == ["done", "planned"]
    assert most.tolist() == tags[[f"p_{act}" for act in of_a_member]].idxmax(axis=1).str.removeprefix("p_").tolist()
    np.testing.assert_array_equal(lent["strong"] > 0, tags["p_strong"] > 0.5)
    assert borrowed.transform(rows.head(0)).shape == (0, len(LENT))


@pytest.mark.slow
def test_the_tagger_that_is_lent_was_not_trained_on_the_sentences_that_are() -> None:
    assert set(_lender(FIRST, FIRST).rows["part"]) == {"test"}
    assert len(_lender(SECOND, FIRST).rows) == 478  # no tagger of it is used


@pytest.mark.parametrize("name", [SECOND, "2024-apulia-18"])
def test_a_bundled_tagger_was_trained_with_what_is_bundled_and_says_what_it_lacks(name: str) -> None:
    book = load_codebook(data_path(f"codebooks/{name}.toml"))
    tagger = load_tagger(default_model(book), book)
    assert tagger.about["borrowed"] == [*book.borrows, lent_tagger(FIRST).model_id], "train it again"
    assert tagger.about["codebook_sha256"] == book.sha256, "train it again"
    taught = read_corpus(bundled_corpus(name), book).query("part != 'test'")
    assert tagger.about["wanted"] == wanted(taught, book)
    assert (tagger.review_below == 1.0) == any(tagger.about["wanted"].values())
