"""Contributions add up to the probability and name the words they come from; marks are these words in the sentence."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from g7tag.codebook import Codebook
from g7tag.frames import MARKS, validate
from g7tag.tagger import Tagger, describe_tags, explain_tags, mark_words, tag_sentences, tag_table
from g7tag.tagger.explain import BASE, EARLIER, LEAST, NEGATIONS, REST, TOPIC, _marks


@pytest.fixture(scope="module")
def sentences(corpus: pd.DataFrame) -> pd.DataFrame:
    return corpus.head(60)


@pytest.fixture(scope="module")
def tags(sentences: pd.DataFrame, tagger: Tagger, codebook: Codebook) -> pd.DataFrame:
    return tag_sentences(sentences, tagger, codebook)


@pytest.fixture(scope="module")
def marks(sentences: pd.DataFrame, tags: pd.DataFrame, tagger: Tagger) -> pd.DataFrame:
    return mark_words(sentences, tags, tagger)


def told(*texts: str) -> pd.DataFrame:
    ids = [f"s{place}" for place in range(len(texts))]
    return pd.DataFrame({"sentence_id": ids, "item_id": "i", "text": texts}, dtype="str")


@pytest.mark.parametrize("most", [None, 3, 0])
def test_contributions_add_up_to_the_log_odds_of_the_tags(
    sentences: pd.DataFrame, tags: pd.DataFrame, tagger: Tagger, codebook: Codebook, most: int | None
) -> None:
    why = explain_tags(sentences, tagger, most=most)
    sums = why.groupby(["sentence_id", "label"])["contribution"].sum().unstack()
    for label in (*codebook.dimension_keys, "strong", "excluded"):
        np.testing.assert_allclose(sums.loc[tags["sentence_id"], label], logit(tags[f"p_{label}"]), atol=1e-6)


def test_rows_are_in_order_base_first_then_the_largest_then_the_rest(sentences: pd.DataFrame, tagger: Tagger) -> None:
    why = explain_tags(sentences, tagger, most=3)
    assert why["sentence_id"].drop_duplicates().tolist() == sentences["sentence_id"].tolist()
    for _, rows in why.groupby(["sentence_id", "label"]):
        assert rows["feature"].iloc[0] == BASE
        assert rows["feature"].tolist().count(REST) <= 1
        listed = rows[~rows["feature"].isin([BASE, REST])]["contribution"].abs()
        assert len(listed) <= 3
        assert listed.is_monotonic_decreasing


def test_a_cue_names_its_words_in_the_sentence_and_before_it(tagger: Tagger) -> None:
    why = explain_tags(told("Smugglers were Arrested in a raid.", "It was reported."), tagger, most=None)
    why = why[why["label"] == "counter"]
    arrests = why[why["feature"] == "counter.arrests"]
    assert arrests[["sentence_id", "kind", "found"]].to_numpy().tolist() == [
        ["s0", "cue", "arrested;raid"], ["s1", EARLIER, "arrested;raid"],
    ]  # fmt: skip
    about = why.loc[why["kind"] == TOPIC, ["sentence_id", "feature"]]
    assert about.to_numpy().tolist() == [["s0", "on the topic"], ["s1", "on the topic"]]


def test_why_tells_of_what_is_set_and_of_nothing_else(tagger: Tagger, codebook: Codebook) -> None:
    texts = told("Police arrested nine members of a gang of people smugglers.", "He was born in the north.")
    texts["item_id"] = texts["sentence_id"]
    tags = tag_sentences(texts, tagger, codebook)
    first, second = describe_tags(tags, explain_tags(texts, tagger))
    said = [part.partition(":")[0] for part in first.split(" | ")]
    assert said == [*tags["dimensions"][0].split(";"), tags["strength"][0]]
    assert tags["act"].tolist() == ["done", "background"]  # an act that is done is not explained
    assert '"arrested" +' in first
    assert " -" not in first  # what spoke against it is left to explain_tags
    assert second.startswith("background: ")
    assert " | " not in second


def test_meaningless_words_are_never_reasons(sentences: pd.DataFrame, tags: pd.DataFrame, tagger: Tagger) -> None:
    why = explain_tags(sentences, tagger)
    words = why.loc[why["kind"] == "word", "feature"]
    empty = ENGLISH_STOP_WORDS - NEGATIONS
    for named in (words, describe_tags(tags, why).str.findall(r'"([^"]+)"').explode().dropna()):
        split = [re.findall(r"\w+", each.lower()) for each in named]
        assert [each for each in split if all(word in empty or word.isdigit() for word in each)] == []


def test_no_sentences_and_no_words_have_no_explanation(tagger: Tagger, codebook: Codebook) -> None:
    why = explain_tags(told(), tagger)
    assert list(why.columns) == ["sentence_id", "label", "kind", "feature", "found", "contribution"]
    assert (len(why), why["contribution"].dtype) == (0, "float64")
    for texts in (["\u200b"], ["", "Police arrested nine smugglers."]):
        tags = tag_table(pd.DataFrame({"text": texts}), tagger, codebook, explain=True)
        assert tags["why"].iloc[0] == ""


def test_every_mark_is_a_place_of_its_sentence_and_of_a_dimension_of_its_tag(
    marks: pd.DataFrame, sentences: pd.DataFrame, tags: pd.DataFrame
) -> None:
    validate(marks, MARKS)
    texts = dict(zip(sentences["sentence_id"], sentences["text"], strict=True))
    dimensions = dict(zip(tags["sentence_id"], tags["dimensions"], strict=True))
    assert len(marks) > 50
    for mark in marks.to_dict("records"):
        assert texts[mark["sentence_id"]][mark["start"] : mark["end"]] == mark["words"]
        assert mark["dimension"] in dimensions[mark["sentence_id"]].split(";")
        assert mark["contribution"] >= LEAST
    order = {name: place for place, name in enumerate(texts)}
    assert marks["sentence_id"].map(order).is_monotonic_increasing
    for _, own in marks.groupby(["sentence_id", "dimension"]):
        assert (own["start"].iloc[1:].to_numpy() >= own["end"].iloc[:-1].to_numpy()).all()


def test_marks_are_words_of_the_sentence_itself_for_the_asked_dimensions(tagger: Tagger, codebook: Codebook) -> None:
    text = "For $5 (or $6.50) *each*,\npolice\r\n\tarrested nine\npeople smugglers\\."
    rows = told(text, "They were also charged in court.")
    tags = tag_sentences(rows, tagger, codebook)
    marks = mark_words(rows, tags, tagger)
    own = marks[marks["sentence_id"] == "s0"]
    assert {"police", "arrested"} <= set(own.loc[own["dimension"] == "counter", "words"].str.split().explode())
    assert [text[mark["start"] : mark["end"]] for mark in own.to_dict("records")] == own["words"].tolist()
    second = marks.loc[marks["sentence_id"] == "s1", "words"].str.lower()
    assert set(second.str.split().explode()) <= {"they", "were", "also", "charged", "in", "court"}
    one = mark_words(rows, tags.assign(dimensions=["dismantle", ""]), tagger)
    assert set(one["dimension"]) <= {"dismantle"}
    none = mark_words(rows, tags.assign(dimensions=""), tagger)
    assert (len(none), list(none.columns)) == (0, list(marks.columns))


@pytest.mark.parametrize(
    ("text", "features", "expected"),
    [
        ("a raid, a raid", [("word", "raid", "", 0.5)], [(2, 6, "raid", 0.5), (10, 14, "raid", 0.5)]),
        ("raids raid", [("word", "raid", "", 0.5)], [(6, 10, "raid", 0.5)]),  # whole words
        ("police arrested men", [("word", "arrested", "", 0.2), ("cue", "c.a", "police arrested", 0.4)],
         [(0, 15, "police arrested", 0.4)]),  # 0 to 15 covers 7 to 15; the greater contribution
        ("a b c", [("cue", "c.a", "a b", 0.2), ("cue", "c.b", "b c", 0.3)], [(0, 5, "a b c", 0.3)]),  # they overlap
        ("a b", [("cue", "c.a", "a;b", 0.2)], [(0, 1, "a", 0.2), (2, 3, "b", 0.2)]),
        ("froze a villa", [("word", "froze villa", "", 0.3)], [(0, 13, "froze a villa", 0.3)]),  # skips one letter
        ("U.S. police", [("cue", "c.a", "u.s. police", 0.3)], [(0, 11, "U.S. police", 0.3)]),
        ("no such thing", [("word", "raid", "", 0.5)], []), ("", [("cue", "c.a", "", 0.5)], []),
    ],
    ids=["twice", "whole words", "nested", "overlap", "several cues", "pair", "case and dots", "absent", "no text"],
)  # fmt: skip
def test_places_of_features(
    text: str, features: list[tuple[str, str, str, float]], expected: list[tuple[int, int, str, float]]
) -> None:
    rows = pd.DataFrame(features, columns=["kind", "feature", "found", "contribution"])
    assert [tuple(mark.values()) for mark in _marks(text, rows)] == expected
