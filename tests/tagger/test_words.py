"""Words: cues of a sentence and of earlier ones, TF-IDF, and similar labelled sentences."""

import math

import numpy as np
import pandas as pd
import pytest

from g7tag.tagger import Neighbours
from g7tag.tagger.words import ABOUT, MOST_CONTEXT, CueFinder, cue_matrix, vocabulary_of, word_matrix

CUES = {
    "a.arrests": ["arrest*", "took * into custody"],
    "a.money": ["bank"],
    "setting.topic.smuggling": ["smuggl*"],
    "setting.off_topic.drugs": ["cocaine"],
}
NAMES = [*CUES, *(f"earlier {group}" for group in CUES), *ABOUT]


def seen(*texts, items=""):
    """Cues of each sentence; `items` has a letter for each (default: all are of one item)."""
    rows = pd.DataFrame({"item_id": list(items or "a" * len(texts)), "text": list(texts)})
    return [{NAMES[place] for place in row.nonzero()[0]} for row in cue_matrix(rows, CUES).toarray()]


@pytest.mark.parametrize(("text", "groups"), [
    ("He TOOK\nher  into custody", {0}), ("took into custody", set()), ("rearrested", set()), ("arrested-bank", {0, 1}),
], ids=["case and space", "no word between", "inside a word", "beside a hyphen"])  # fmt: skip
def test_cues_are_found_whatever_stands_around_them(text, groups):
    assert CueFinder(CUES).groups(text) == groups


def test_a_cue_is_seen_in_its_sentence_and_by_the_later_ones_of_its_item():
    found = seen("An arrest.", "A bank.", "Rain.", items="iij")
    assert found == [{"a.arrests"}, {"a.money", "earlier a.arrests"}, set()]
    long = seen("An arrest.", *["Rain."] * (MOST_CONTEXT + 1))
    assert long[MOST_CONTEXT:] == [{"earlier a.arrests"}, set()]  # a long item is remembered for some sentences
    assert seen() == []


def test_word_features_are_tfidf_of_words_and_pairs():
    """Of 2 texts, 1 has "arrested" and both have "men": idf is ln(3 / 2) + 1, and 1."""
    terms, idf = vocabulary_of(["Árrested a men!", "Men, men."])
    assert terms == ["arrested", "arrested men", "men", "men men"]
    rare = math.log(3 / 2) + 1
    np.testing.assert_allclose(idf, [rare, rare, 1.0, rare])
    places = {term: place for place, term in enumerate(terms)}
    found = word_matrix(["unknown men, men", "none"], places, idf).toarray()
    men = 1 + math.log(2)  # twice in the text
    np.testing.assert_allclose(found, [[0, 0, men / math.hypot(men, rare), rare / math.hypot(men, rare)], [0] * 4])


TABLE = pd.DataFrame(
    [
        ("s1", "i1", "c1", "Nine smugglers were arrested."),
        ("s2", "i2", "", "Nine smugglers were arrested in May."),
        ("s3", "i3", "", "A queen visited."),
        ("s4", "i4", "c1", "Nine smugglers were charged."),
        ("s5", "i5", "", "A queen visited."),
    ],
    columns=["sentence_id", "item_id", "cluster", "text"],
)


NEAREST = [
    ("Nine smugglers were arrested.", "x", "", ["s1", "s2", "s4"]),
    ("Nine smugglers were arrested.", "i1", "", ["s2", "s4"]),  # not its own item
    ("Nine smugglers were arrested.", "x", "c1", ["s2"]),  # nor its own cluster
    ("Her queen", "x", "", ["s3", "s5"]),  # equally similar
    ("Zebras graze.", "x", "", []),
]


@pytest.mark.parametrize("times", [1, 120], ids=["few", "many"])
def test_neighbours_are_the_most_similar_sentences_of_other_items_and_clusters(times):
    texts, items, clusters, expected = map(list, zip(*NEAREST * times, strict=True))
    near = Neighbours(TABLE.set_axis(range(5, 10))).nearest(texts, items=items, clusters=clusters, most=3)
    assert [each["sentence_id"].tolist() for each in near] == expected
    (one,) = Neighbours(TABLE).nearest(texts[:1], items=items[:1], clusters=clusters[:1], most=1)
    assert one["sentence_id"].tolist() == ["s1"]
