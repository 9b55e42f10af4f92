"""Reasons name words that carry a label, with how much they count; marks are these words in the sentence."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from g7tag.frames import MARKS, validate
from g7tag.tagger import describe_tags, explain_tags, mark_words, supporting_words, tag_sentences, tag_table
from g7tag.tagger.explain import BASE, CUE, EARLIER, LEAST, REST, WORD, _marks
from g7tag.tagger.words import STOP_WORDS

TEXTS = [
    "The ministry paid for ships that dredged silt.", "It also bought forty lamps for beacons.",
    "The port signed an insurance and paid the premium.", "Officials hope for a lighthouse (and lamps)!",
    "For $5 (or $6.50) *each*,\nworkers\r\n\tdredged\nthe channel\\.", "The weather was fine.",
    "Ångström dredged 船 🚢.", "Dredging", "Silt",
]  # fmt: skip


def told(*texts):
    ids = [f"s{place}" for place in range(len(texts))]
    return pd.DataFrame({"sentence_id": ids, "item_id": "i", "text": texts}, dtype="str")


ROWS = told(*TEXTS).assign(item_id=list("aabcdefgg"))


@pytest.fixture(scope="module")
def why(small):
    return explain_tags(ROWS, small)


@pytest.mark.parametrize("most", [None, 3, 0])
def test_contributions_of_the_fast_tagger_add_up_to_the_log_odds(fast, most):
    found = explain_tags(ROWS, fast, most=most)
    sums = found.groupby(["sentence_id", "label"])["contribution"].sum().unstack()
    np.testing.assert_allclose(sums.loc[ROWS["sentence_id"], fast.labels], fast.odds(ROWS), atol=1e-9)
    assert found["sentence_id"].drop_duplicates().tolist() == ROWS["sentence_id"].tolist()
    for _, rows in found.groupby(["sentence_id", "label"]):
        assert rows["feature"].iloc[0] == BASE
        assert REST not in rows["feature"].iloc[:-1].tolist()
        listed = rows[~rows["feature"].isin([BASE, REST])]["contribution"].abs()
        assert most is None or len(listed) <= most
        assert listed.is_monotonic_decreasing


def test_a_contribution_is_how_much_the_log_odds_fall_without_the_word(why, small):
    """Each word is removed from the text in turns, and the item is tagged again."""
    assert set(why["kind"]) == {WORD}
    whole = pd.DataFrame(small.odds(ROWS), index=ROWS["sentence_id"], columns=small.labels)
    for (sentence_id, word), rows in why.groupby(["sentence_id", "feature"]):
        place, text = int(sentence_id[1:]), TEXTS[int(sentence_id[1:])]
        (found,) = re.finditer(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
        without = text[: found.start()] + text[found.end() :]
        shorter = ROWS.assign(text=ROWS["text"].mask(ROWS.index == place, without))
        falls = whole.loc[sentence_id] - pd.Series(small.odds(shorter)[place], index=small.labels)
        np.testing.assert_allclose(rows["contribution"], falls[rows["label"]], atol=1e-6)


def test_the_largest_contributions_come_first_and_the_asked_labels_alone(why, small):
    assert (
        why.groupby(["sentence_id", "label"])["contribution"].agg(lambda each: each.abs().is_monotonic_decreasing).all()
    )
    one = explain_tags(ROWS, small, labels=["dredge"], most=1)
    assert (set(one["label"]), one["sentence_id"].is_unique) == ({"dredge"}, True)


def test_a_cue_names_its_words_in_the_sentence_and_before_it(fast):
    every = replace(fast, heads=fast.heads._replace(weights=np.ones_like(fast.heads.weights)))  # all features count
    found = explain_tags(told("Silt was Dredged.", "It was reported."), every, most=None, labels=["dredge"])
    cues = found[found["feature"] == "dredge.words"]
    assert cues[["sentence_id", "kind", "found"]].to_numpy().tolist() == [
        ["s0", CUE, "silt;dredged"], ["s1", EARLIER, "silt;dredged"],
    ]  # fmt: skip


def test_why_tells_of_what_is_set_and_of_nothing_else(small, book):
    texts = ["Workers dredged the silt of the channel.", "The weather was fine on Sunday."]
    tags = tag_table(pd.DataFrame({"text": texts}), small, book, explain=True)
    first, second = tags["why"]
    assert [part.partition(":")[0] for part in first.split(" | ")] == ["dredge", "strong"]  # done is not explained
    assert re.match(r'dredge: "\w+" \+\d\.\d\d', first)
    assert second.startswith("background: ")
    assert " | " not in second


def test_why_names_the_words_that_support_a_dimension_and_not_those_against_it(why, small, book):
    tags = tag_sentences(ROWS, small, book)
    for sentence_id, joined, text in zip(
        ROWS["sentence_id"], tags["dimensions"], describe_tags(tags, why), strict=True
    ):
        named = dict(part.split(": ", 1) for part in text.split(" | ") if part)
        own = why[(why["sentence_id"] == sentence_id) & (why["contribution"] > 0)]
        for key in filter(None, joined.split(";")):
            assert re.findall(r'"([^"]+)"', named[key]) == own.loc[own["label"] == key, "feature"].tolist()


def test_meaningless_words_are_never_reasons(why, small, fast, book):
    named = [*why["feature"], *explain_tags(ROWS, fast).query("kind == 'word'")["feature"]]
    named += describe_tags(tag_sentences(ROWS, small, book), why).str.findall(r'"([^"]+)"').explode().dropna().to_list()
    assert len(named) > 100
    split = [re.findall(r"\w+", each.lower()) for each in named]
    assert [each for each in split if all(word in STOP_WORDS or word.isdigit() for word in each)] == []


def test_no_sentences_and_no_words_have_no_explanation(small, fast, book):
    for tagger in (small, fast):
        found = explain_tags(told(), tagger)
        assert list(found.columns) == ["sentence_id", "label", "kind", "feature", "found", "contribution"]
        assert (len(found), found["contribution"].dtype) == (0, "float64")
        for texts in (["\u200b"], ["", TEXTS[0]]):
            tags = tag_table(pd.DataFrame({"text": texts}), tagger, book, explain=True)
            assert tags["why"].iloc[0] == ""


@pytest.mark.parametrize("kind", ["small", "fast"])
def test_every_mark_is_a_place_of_its_sentence_and_of_a_dimension_of_its_tag(kind, labelled, book, request):
    tagger = request.getfixturevalue(kind)
    rows = pd.concat([labelled[["sentence_id", "item_id", "text"]], ROWS], ignore_index=True)
    tags = tag_sentences(rows, tagger, book)
    words = supporting_words(rows, tagger)
    marks = validate(mark_words(rows, tags, words), MARKS)
    texts = dict(zip(rows["sentence_id"], rows["text"], strict=True))
    dimensions = dict(zip(tags["sentence_id"], tags["dimensions"], strict=True))
    assert len(marks) > 30
    for mark in marks.to_dict("records"):
        assert texts[mark["sentence_id"]][mark["start"] : mark["end"]] == mark["words"]
        assert mark["dimension"] in dimensions[mark["sentence_id"]].split(";")
        assert mark["contribution"] >= LEAST
    order = {name: place for place, name in enumerate(texts)}
    assert marks["sentence_id"].map(order).is_monotonic_increasing
    for _, own in marks.groupby(["sentence_id", "dimension"]):
        assert (own["start"].iloc[1:].to_numpy() >= own["end"].iloc[:-1].to_numpy()).all()
    assert "dredged" in marks.loc[(marks["sentence_id"] == "s4") & (marks["dimension"] == "dredge"), "words"].to_list()
    one = mark_words(rows, tags.assign(dimensions=["insure", *[""] * (len(tags) - 1)]), words)
    assert set(one["dimension"]) <= {"insure"}
    none = mark_words(rows, tags.assign(dimensions=""), words)
    assert (len(none), list(none.columns)) == (0, list(marks.columns))


@pytest.mark.slow
def test_without_its_first_mark_a_dimension_is_less_likely_and_more_so_than_without_another_word(small, labelled, book):
    """Each word is removed from the text in turns, and the item is read again."""
    rows = labelled[["sentence_id", "item_id", "text"]]
    texts = dict(zip(rows["sentence_id"], rows["text"], strict=True))
    marks = mark_words(rows, tag_sentences(rows, small, book), supporting_words(rows, small))
    best = marks.sort_values("contribution", ascending=False).drop_duplicates(["sentence_id", "dimension"])
    marked, others = [], []
    for mark in best.to_dict("records"):
        text = texts[mark["sentence_id"]]
        words = [found for found in re.finditer(r"\w+", text) if found[0].lower() not in STOP_WORDS]
        shorter = [text] + [text[: found.start()] + text[found.end() :] for found in words]
        odds = small.odds(pd.DataFrame({"text": shorter, "item_id": range(len(shorter))}))
        falls = (odds[0] - odds[1:])[:, small.labels.index(mark["dimension"])]
        is_mark = np.array([found.start() == mark["start"] for found in words])
        marked += falls[is_mark].tolist()
        others.append(falls[~is_mark].mean())
    assert len(marked) > 20
    assert np.mean(np.array(marked) > 0) >= 0.9
    assert np.mean(marked) > 4 * np.mean(others)


@pytest.mark.parametrize(("text", "features", "expected"), [
    ("a raid, a raid", [("word", "raid", "", 0.5)], [(2, 6, "raid", 0.5), (10, 14, "raid", 0.5)]),
    ("raids raid", [("word", "raid", "", 0.5)], [(6, 10, "raid", 0.5)]),
    ("police arrested men", [("word", "arrested", "", 0.2), ("cue", "c.a", "police arrested", 0.4)],
     [(0, 15, "police arrested", 0.4)]),  # 0 to 15 covers 7 to 15; the greater contribution
    ("a b c", [("cue", "c.a", "a b", 0.2), ("cue", "c.b", "b c", 0.3)], [(0, 5, "a b c", 0.3)]),
    ("a b", [("cue", "c.a", "a;b", 0.2)], [(0, 1, "a", 0.2), (2, 3, "b", 0.2)]),
    ("froze a villa", [("word", "froze villa", "", 0.3)], [(0, 13, "froze a villa", 0.3)]),  # skips one letter
    ("U.S. police", [("cue", "c.a", "u.s. police", 0.3)], [(0, 11, "U.S. police", 0.3)]),
    ("no such thing", [("word", "raid", "", 0.5)], []), ("", [("cue", "c.a", "", 0.5)], []),
], ids=["twice", "whole words", "nested", "overlap", "several cues", "pair", "case and dots", "absent",
        "no text"])  # fmt: skip
def test_places_of_features(text, features, expected):
    rows = pd.DataFrame(features, columns=["kind", "feature", "found", "contribution"])
    assert [tuple(mark.values()) for mark in _marks(text, rows.to_dict("records"))] == expected
