"""Marks are words of the sentence that support a dimension of its tag, and never stop words or numbers alone."""

import re

import pandas as pd
import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

import g7tag
from g7tag.codebook import Codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.frames import MARKS, validate
from g7tag.tagger import Tagger, default_model, load_tagger, mark_words, tag_sentences
from g7tag.tagger.explain import NEGATIONS
from g7tag.tagger.marks import LEAST, _marks

COLUMNS = ["sentence_id", "dimension", "start", "end", "words", "contribution"]


@pytest.fixture(scope="module")
def tagger(codebook: Codebook) -> Tagger:
    return load_tagger(default_model(codebook), codebook)


def told(*texts: str) -> pd.DataFrame:
    ids = [f"s{place}" for place in range(len(texts))]
    return pd.DataFrame({"sentence_id": ids, "item_id": ids, "text": texts}).astype("str")


def marked(tagger: Tagger, codebook: Codebook, *texts: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tags and the marks of sentences."""
    rows = told(*texts)
    tags = tag_sentences(rows, tagger, codebook)
    return tags, mark_words(rows, tags, tagger)


def by_hand(text: str, *features: tuple[str, str, str, float]) -> list[tuple[int, int, str, float]]:
    """The marks of features: kind, feature, found and contribution."""
    rows = pd.DataFrame(features, columns=["kind", "feature", "found", "contribution"])
    return [tuple(mark.values()) for mark in _marks(text, rows)]  # type: ignore[misc]


def test_every_mark_is_a_place_of_its_sentence_and_of_a_dimension_of_its_tag(
    tagger: Tagger, codebook: Codebook
) -> None:
    rows = read_corpus(bundled_corpus(), codebook).head(150)
    tags = tag_sentences(rows, tagger, codebook)
    marks = mark_words(rows, tags, tagger)
    validate(marks, MARKS, source="marks")
    texts, dimensions = (frame.set_index("sentence_id") for frame in (rows[["sentence_id", "text"]], tags))
    assert len(marks) > 100
    for mark in marks.to_dict("records"):
        assert texts.loc[mark["sentence_id"], "text"][mark["start"] : mark["end"]] == mark["words"]
        assert mark["dimension"] in dimensions.loc[mark["sentence_id"], "dimensions"].split(";")
        assert mark["contribution"] >= LEAST
    assert set(marks["sentence_id"]) <= set(tags.loc[tags["dimensions"] != "", "sentence_id"])
    order = {name: place for place, name in enumerate(rows["sentence_id"])}
    assert marks["sentence_id"].map(order).is_monotonic_increasing


def test_marks_of_one_dimension_do_not_overlap(tagger: Tagger, codebook: Codebook) -> None:
    rows = read_corpus(bundled_corpus(), codebook).head(150)
    marks = mark_words(rows, tag_sentences(rows, tagger, codebook), tagger)
    for _, own in marks.groupby(["sentence_id", "dimension"]):
        assert (own["start"].iloc[1:].to_numpy() >= own["end"].iloc[:-1].to_numpy()).all()


def test_stop_words_and_numbers_alone_are_not_marked(invented_run: object) -> None:
    empty = ENGLISH_STOP_WORDS - NEGATIONS
    marks = g7tag.open_run(invented_run).marks  # type: ignore[arg-type]
    words = [re.findall(r"\w+", each.lower()) for each in marks["words"]]
    assert [each for each in words if all(word in empty or word.isdigit() for word in each)] == []


def test_no_sentences_and_no_dimensions_give_no_marks(tagger: Tagger, codebook: Codebook) -> None:
    for texts in ([], ["He was born in the north."]):
        tags, marks = marked(tagger, codebook, *texts)
        assert tags["dimensions"].tolist() == [""] * len(texts)
        assert (len(marks), list(marks.columns)) == (0, COLUMNS)


def test_a_dollar_sign_and_line_breaks_move_no_mark(tagger: Tagger, codebook: Codebook) -> None:
    text = "For $5 (or $6.50) *each*,\npolice\r\n\tarrested nine\npeople smugglers\\."
    tags, marks = marked(tagger, codebook, text)
    assert "counter" in tags["dimensions"][0].split(";")
    words = marks.loc[marks["dimension"] == "counter", "words"]
    assert {"police", "arrested"} <= set(words.str.split().explode())
    assert [text[mark["start"] : mark["end"]] for mark in marks.to_dict("records")] == marks["words"].tolist()


def test_a_sentence_of_the_same_item_lends_no_words(tagger: Tagger, codebook: Codebook) -> None:
    rows = told("Police arrested nine smugglers.", "They were also charged in court.").assign(item_id="i")
    marks = mark_words(rows, tag_sentences(rows, tagger, codebook), tagger)
    second = marks.loc[marks["sentence_id"] == "s1", "words"].str.lower()
    assert set(second.str.split().explode()) <= {"they", "were", "also", "charged", "in", "court"}


def test_only_the_asked_dimensions_of_a_tag_are_marked(tagger: Tagger, codebook: Codebook) -> None:
    rows = told("Police arrested nine members of a gang and froze its accounts.")
    tags = tag_sentences(rows, tagger, codebook)
    (own,) = tags["dimensions"].str.split(";")
    assert len(own) > 1
    marks = mark_words(rows, tags.assign(dimensions=own[0]), tagger)
    assert set(marks["dimension"]) == {own[0]}


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
    assert by_hand(text, *features) == expected
