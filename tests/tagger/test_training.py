"""Training takes any number of labels for any codebook; labels move the tags, and wrong ones are found."""

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import ACTS, Category, load_codebook
from g7tag.corpus import bundled_codebooks, bundled_corpus, read_corpus
from g7tag.errors import FrameError
from g7tag.frames import tags_model, validate
from g7tag.store import data_path, file_sha256
from g7tag.tagger import default_model, load_tagger, tag_sentences, training
from g7tag.tagger.encoder import MODEL
from g7tag.tagger.training import about_corpus, targets_of, train_tagger, train_with_report

TEXTS = [
    "Two ships dug a deeper channel into the harbour.", "A lighthouse with new lamps was built on the pier.",
    "The ministry signed an insurance of all harbours and paid the premium.", "He was born in a village in the hills.",
]  # fmt: skip
DREDGED = {"text": TEXTS[0], "dimensions": "dredge", "strength": "strong", "act": "done"}
ALL = DREDGED | {"dimensions": "dredge;light;insure"}
WEAK = DREDGED | {"strength": "weak", "act": "planned"}
NONE = {"dimensions": "", "strength": "none", "act": "background"}
TOY = NONE | {"exclusion": "toys"}


SLOW = pytest.mark.slow


def told(*texts):
    ids = [f"s{place}" for place in range(len(texts))]
    return pd.DataFrame({"sentence_id": ids, "item_id": ids, "text": list(texts)}, dtype="str")


def labels_of(nothing, *labels):
    """Labelled sentences, each its own item; those without a text have one of `TEXTS`."""
    rows = [{"text": TEXTS[place % len(TEXTS)]} | label for place, label in enumerate(labels)]
    ids = [f"l{place}" for place in range(len(rows))]
    table = pd.DataFrame(rows).reindex(columns=nothing.columns, fill_value="").fillna("")
    return table.assign(sentence_id=ids, item_id=ids).astype("str")


ANY = {
    "none": [], "one": [DREDGED], "all of none": [NONE] * 4, "all of all": [ALL] * 4,
    "no acts": [DREDGED | {"act": ""}, NONE | {"act": ""}] * 2, "weak alone": [WEAK] * 5, "all excluded": [TOY] * 5,
    "many": [DREDGED, NONE, TOY] * 8,
}  # fmt: skip


@pytest.mark.parametrize("name", ["none", "one", *(pytest.param(each, marks=SLOW) for each in [*ANY][2:])])
def test_any_labels_give_a_tagger(name, nothing, book):
    labels = ANY[name]
    tagger = train_tagger(labels_of(nothing, *labels), book)
    tags = validate(tag_sentences(told(*TEXTS), tagger, book), tags_model(book))
    assert tags.filter(like="p_").notna().all(axis=None)
    assert tagger.about["corpus_rows"] == len(labels)


def test_labels_move_each_head_towards_them_and_more_labels_more(start, nothing, book):
    """The first of `TEXTS` is done, strong dredging: the labels say the opposite."""
    against = WEAK | {"dimensions": "light;insure"}
    trained = [start, *(train_tagger(labels_of(nothing, *[against] * n), book) for n in (1, 2, 4))]
    odds = pd.DataFrame([each.odds(told(TEXTS[0]))[0] for each in trained], columns=start.labels)
    for label, up in {"dredge": False, "insure": True, "strong": False, "done": False, "planned": True}.items():
        assert ((odds[label].diff().dropna() > 0) == up).all(), label
        assert (odds[label].iloc[-1] > 0) == up, label


@SLOW
def test_proposals_count_less_and_nothing_is_chosen_by_them(start, labelled, book):
    shared = (start.threshold, start.right_scale)
    odds = []
    for weight in ("0.2", "1"):
        trained = train_with_report(labelled.assign(item_id="one", weight=weight), book)
        odds.append(np.abs(trained.tagger.odds(labelled) - start.odds(labelled)).mean())
    assert odds[0] < odds[1]
    proposed = train_with_report(labelled.assign(weight="0.2"), book)
    assert (proposed.tagger.threshold, proposed.tagger.right_scale) == shared
    assert proposed.left_out.empty
    mixed = train_with_report(labelled.assign(weight=["1"] * 20 + ["0.2"] * 19), book)
    assert mixed.left_out.index.tolist() == list(range(20))
    assert mixed.tagger.about["proposals"] == 19


def test_what_no_label_says_stays_as_it_was(start, nothing, book):
    """Sentences without an act say nothing of acts; sentences without a dimension say nothing of strength."""
    tagger = train_tagger(labels_of(nothing, *[NONE | {"act": ""}] * 8), book)
    before, after = (pd.DataFrame(each.odds(told(*TEXTS)), columns=each.labels) for each in (start, tagger))
    same = [*ACTS, "strong"]
    pd.testing.assert_frame_equal(after[same], before[same])
    assert (after["dredge"] < before["dredge"]).all()


VAGUE = Category(key="vague", label="Vague", definition="The third part: other matters, as agreed.")
OWN = ["school", "classroom", "teacher", "pupil", "lesson", "textbook", "kindergarten", "university"]
OTHER = ["road", "bridge", "tunnel", "railway", "motorway", "canal", "airport", "pipeline"]


@pytest.fixture(scope="module")
def vague(book):
    """A codebook with a dimension whose definition says nothing."""
    return book.model_copy(update={"id": "2030-vague", "dimensions": [VAGUE, *book.dimensions]})


def taught(nothing, n):
    """Sentences on schools, which are of the vague dimension, and on roads, which are of none, in turns."""
    done = ["The ministry paid for a new {}.", "A {} was opened in the capital.", "Work on the {} was completed."]
    words = [word for pair in zip(OWN, OTHER, strict=True) for word in pair]
    texts = [form.format(word) for form in done for word in words][:n]
    kinds = (DREDGED | {"dimensions": "vague"}, NONE | {"act": "done"})
    return labels_of(nothing, *(kinds[place % 2] | {"text": text} for place, text in enumerate(texts)))


@SLOW
def test_a_dimension_that_its_definition_does_not_tell_is_learned_from_20_labels(nothing, vague):
    new = told("Two primary schools were built in the north.", "A ring road was built around the city.")
    before, after = (
        tag_sentences(new, train_tagger(taught(nothing, n), vague), vague)["p_vague"].tolist() for n in (0, 20)
    )
    assert max(before) < 0.5
    assert after[0] > 0.5
    assert after[1] < 0.3


@SLOW
def test_a_wrong_label_is_suspect_and_moves_others_little(nothing, vague):
    rows = taught(nothing, 48)
    place = rows.index[rows["dimensions"] == "vague"][5]
    wrong = rows.copy()
    wrong.loc[place, ["dimensions", "strength"]] = ["", "none"]
    right, moved = train_with_report(rows, vague), train_with_report(wrong, vague)
    suspects = [each.suspects.query("label == 'vague'") for each in (right, moved)]
    assert [each[["sentence_id", "given"]].to_numpy().tolist() for each in suspects] == [[], [[f"l{place}", False]]]
    assert suspects[1]["probability"].between(0, training.SUSPECT).all()
    before, after = (tag_sentences(rows.drop(index=place), each.tagger, vague)["p_vague"] for each in (right, moved))
    assert (before - after).abs().max() < 0.2


def test_a_small_tagger_learns_its_sentences(report, labelled, book):
    for tagger in (report.tagger, report.tagger.fast):
        tags = tag_sentences(labelled, tagger, book)
        for column in ("dimensions", "strength", "act"):
            assert (tags[column] == labelled[column]).mean() > 0.9
    before, after = ((each["dimensions"] == labelled["dimensions"]).mean() for each in (report.before, report.after))
    assert after > before  # on items that were left out


def test_the_same_labels_give_the_same_tagger(report, labelled, book):
    before = labelled.copy()
    again = train_tagger(labelled.set_axis(range(7, 7 + len(labelled))), book)  # its index does not matter
    pd.testing.assert_frame_equal(labelled, before)
    assert again.model_id == report.tagger.model_id
    assert again.fast is None  # it needs more labels
    pd.testing.assert_frame_equal(*(tag_sentences(labelled, each, book) for each in (report.tagger, again)))
    assert train_tagger(labelled.head(3), book).model_id != again.model_id


@pytest.mark.parametrize(("change", "left_out"), [
    pytest.param({}, list(range(39)), marks=SLOW), ({"part": ["dev"] * 3 + ["train"] * 36}, [0, 1, 2]),
    ({"item_id": "one"}, []), ({"cluster": ["a", "b", "c", "d"] + ["a"] * 35}, []),
], ids=["items in turns", "the part dev", "one item", "four clusters"])  # fmt: skip
def test_what_is_chosen_is_chosen_on_items_left_out(labelled, book, start, change, left_out):
    trained = train_with_report(labelled.assign(**change), book)
    assert [each.index.tolist() for each in (trained.left_out, trained.before, trained.after)] == [left_out] * 3
    assert trained.tagger.threshold == start.threshold  # too few sentences of each dimension to choose another
    assert (trained.tagger.right_scale == start.right_scale) == (not left_out)


def test_a_threshold_has_the_greatest_f1(book):
    """Of 40 sentences 20 are on dredging, with probabilities of 0.45 and up; the others have up to 0.4."""
    one = book.model_copy(update={"dimensions": book.dimensions[:1], "exclusions": []})
    shares = np.r_[np.linspace(0.45, 0.9, 20), np.linspace(0.05, 0.4, 20)]
    odds = np.column_stack([np.log(shares / (1 - shares)), np.zeros(40), np.full(40, 15.0), *[np.full(40, -15.0)] * 4])
    rows = pd.DataFrame({"dimensions": ["dredge"] * 20 + [""] * 20, "strength": "weak", "act": "", "exclusion": ""})
    assert 0.4 < training._best_threshold(odds, rows, one, 0.3) <= 0.45
    assert training._best_threshold(odds[1:], rows[1:], one, 0.3) == 0.3  # 19 are too few


def test_a_coder_who_differs_counts_a_fifth(nothing, book):
    """0.6 for the label, 0.2 for each coder; a coder who gave none counts as the label does."""
    coded = DREDGED | {"c1_dimensions": "dredge", "c1_strength": "strong", "c1_act": "done", "c2_act": "planned"}
    differs = coded | {"c2_dimensions": "light", "c2_strength": "weak"}
    other = NONE | {"c2_dimensions": "dredge", "c2_strength": "weak", "c2_act": "done"}
    names = [*book.dimension_keys, *book.exclusion_keys, "strong", *ACTS]
    found = pd.DataFrame(targets_of(labels_of(nothing, differs, DREDGED, other), book), columns=names)
    assert found["dredge"].to_list() == pytest.approx([0.8, 1.0, 0.2])
    assert found["light"].to_list() == found["planned"].to_list() == pytest.approx([0.2, 0.0, 0.0])
    assert found["strong"].to_list() == pytest.approx([0.8, 1.0, np.nan], nan_ok=True)  # no dimension, no strength


def test_a_label_without_an_act_tells_what_follows_from_the_others(nothing, book):
    """Strong is done, weak is done or planned; without a dimension, any act may be."""
    found = targets_of(labels_of(nothing, *(label | {"act": ""} for label in (DREDGED, WEAK, NONE, TOY))), book)
    known = [[1, 0, 0, 0, 0], [np.nan, np.nan, 0, 0, 0], [np.nan] * 5, [np.nan] * 5]
    np.testing.assert_array_equal(found[:, -len(ACTS) :], known)


def test_sentences_without_words_are_refused(labelled, book):
    with pytest.raises(FrameError, match=r"no text has a word of two letters\. Expected sentences"):
        train_tagger(labelled.assign(text="1 2 3."), book)


def bundled(name):
    book = load_codebook(data_path(f"codebooks/{name}.toml"))
    return book, read_corpus(bundled_corpus(name), book).query("part != 'test'").reset_index(drop=True)


@pytest.mark.parametrize("name", bundled_codebooks())
def test_a_bundled_tagger_was_trained_on_what_is_bundled(name):
    book, rows = bundled(name)
    known = load_tagger(default_model(book), book).about
    own = about_corpus(rows, book) | {"reader": file_sha256(data_path(MODEL))}
    assert known == own | {"corpus": known["corpus"], "g7tag": known["g7tag"]}, "train it again"


@SLOW
def test_training_again_gives_the_tags_of_the_bundled_tagger():
    book, rows = bundled("2024-apulia-09")
    shipped = load_tagger(default_model(book), book)
    again = train_tagger(rows, book, corpus_name=shipped.about["corpus"])
    assert again.threshold == shipped.threshold
    ours, theirs = (tag_sentences(rows, each, book).filter(regex="^p_") for each in (again, shipped))
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=0.01)  # processors add in different orders
