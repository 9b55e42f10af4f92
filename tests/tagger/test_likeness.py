"""Likeness to definitions: a block for each dimension, the topic last, and nothing from another item."""

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import Category, Codebook
from g7tag.tagger.likeness import MEASURES, MORE, TOPIC, Likeness, Meaning, make_likeness, wording_of
from g7tag.tagger.vectors import SIZE

N = 2 * len(MEASURES)
SOW = Category(
    key="sow", label="Sow", definition="Seeds are sown: fields, ploughs.", examples=["He sowed wheat."],
    cues={"words": ["sow*", "seed*"], "tools": ["plough*"]},
)  # fmt: skip
REAP = Category(key="reap", label="Reap", definition="Crops are cut.", cues={"words": ["cut", "reap*"]})
STORE = Category(key="store", label="Store", definition="Barns, sacks; a dry place for the crops")


def likeness_of(codebook: Codebook, *dimensions: Category) -> Likeness:
    likeness = make_likeness(codebook.model_copy(update={"dimensions": list(dimensions)}))
    assert likeness.fit(rows("It rained.")) is likeness
    return likeness


def rows(*texts: str, items: str = "") -> pd.DataFrame:
    """Sentences; `items` has a letter for each (default: all are of one item)."""
    return pd.DataFrame({"item_id": list(items or "a" * len(texts)), "text": list(texts)}, dtype="object")


def column(likeness: Likeness, name: str) -> int:
    return likeness.get_feature_names_out().tolist().index(name)


@pytest.mark.parametrize("dimensions", [[SOW], [SOW, REAP], [SOW, REAP, STORE]], ids=len)
def test_each_column_has_a_name_of_its_own(harbours: Codebook, dimensions: list[Category]) -> None:
    likeness = likeness_of(harbours, *dimensions)
    names = likeness.get_feature_names_out().tolist()
    matrix = likeness.transform(rows("He sowed.", "They cut it."))
    assert matrix.shape == (2, N * len(dimensions) + len(TOPIC)) == (2, len(names))
    assert len(set(names)) == len(names)
    assert names[:2] == ["sow: definition", "sow: parts of the definition"]
    assert names[len(MEASURES)] == f"sow: definition{MORE}"
    assert names[-len(TOPIC) :] == list(TOPIC)
    assert np.isfinite(matrix).all()


def test_no_sentences_give_no_rows(harbours: Codebook) -> None:
    likeness = likeness_of(harbours, SOW, REAP)
    assert likeness.transform(rows()).shape == (0, 2 * N + len(TOPIC))
    assert Meaning().fit(rows()).transform(rows()).shape == (0, SIZE)
    assert len(Meaning().get_feature_names_out()) == SIZE


def test_one_dimension_exceeds_no_others(harbours: Codebook) -> None:
    matrix = likeness_of(harbours, SOW).transform(rows("He sowed seeds.", "They met."))
    assert not matrix[:, len(MEASURES) : N].any()
    assert (matrix[:, -len(MEASURES) :] == matrix[:, : len(MEASURES)]).all()  # the greatest of one is its own


def test_more_than_the_others_is_the_difference_to_the_best_of_them(harbours: Codebook) -> None:
    matrix = likeness_of(harbours, SOW, REAP, STORE).transform(rows("He sowed seeds.", "Sacks in a barn."))
    own, more = (
        np.stack([matrix[:, N * place + start :][:, : len(MEASURES)] for place in range(3)], axis=1)
        for start in (0, len(MEASURES))
    )
    for place, others in enumerate(([1, 2], [0, 2], [0, 1])):
        np.testing.assert_allclose(more[:, place], own[:, place] - own[:, others].max(axis=1))
    np.testing.assert_allclose(matrix[:, -len(MEASURES) :], own.max(axis=1))


def test_dimensions_in_another_order_only_move_their_columns(harbours: Codebook) -> None:
    texts = rows("He sowed seeds.", "They cut the crops.", "Sacks in a barn.", items="aab")
    matrix = likeness_of(harbours, SOW, REAP, STORE).transform(texts)
    moved = likeness_of(harbours, STORE, SOW, REAP).transform(texts)
    blocks = [matrix[:, start : start + N] for start in (2 * N, 0, N)]
    np.testing.assert_array_equal(moved, np.column_stack([*blocks, matrix[:, 3 * N :]]))


def test_a_sentence_is_most_like_the_definition_that_it_repeats(harbours: Codebook) -> None:
    likeness = likeness_of(harbours, SOW, REAP)
    matrix = likeness.transform(rows("Sow: Seeds are sown: fields, ploughs.", "He sowed wheat."))
    assert matrix[0, column(likeness, "sow: definition")] == pytest.approx(1.0)
    assert matrix[1, column(likeness, "sow: example")] == pytest.approx(1.0)
    assert matrix[0, column(likeness, "sow: definition")] > matrix[0, column(likeness, "reap: definition")]


def test_without_examples_the_definition_is_the_example(harbours: Codebook) -> None:
    likeness = likeness_of(harbours, SOW, REAP)
    matrix = likeness.transform(rows("He sowed wheat.", "They cut it."))
    examples, definitions = (column(likeness, f"reap: {name}") for name in ("example", "definition"))
    assert (matrix[:, examples] == matrix[:, definitions]).all()


@pytest.mark.parametrize("dimensions", [[STORE], [STORE, REAP]], ids=["of none", "of one"])
def test_without_cues_their_columns_are_0(harbours: Codebook, dimensions: list[Category]) -> None:
    likeness = likeness_of(harbours, *dimensions)
    matrix = likeness.transform(rows("Sacks were cut.", "Barns."))
    for name in ("cue", "cues", "earlier: cue"):
        assert matrix[:, column(likeness, f"store: {name}")].tolist() == [0.0, 0.0]


def test_cues_are_counted_each_once_up_to_four(harbours: Codebook) -> None:
    many = SOW.model_copy(update={"cues": {"words": ["one", "two", "three", "four", "five"]}})
    likeness = likeness_of(harbours, many, REAP)
    matrix = likeness.transform(rows("One one.", "One two three.", "One two three four five.", "None.", items="abcd"))
    assert matrix[:, column(likeness, "sow: cue")].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert matrix[:, column(likeness, "sow: cues")].tolist() == [0.5, 1.5, 2.0, 0.0]  # halves, at most 4


def test_what_is_earlier_ends_with_the_item(harbours: Codebook) -> None:
    likeness = likeness_of(harbours, SOW, REAP)
    texts = ["He sowed seeds in fields.", "It rained.", "They met.", "It rained."]
    matrix = likeness.transform(rows(*texts, items="aabb"))
    names = likeness.get_feature_names_out().tolist()
    earlier = [place for place, name in enumerate(names) if "earlier" in name]
    assert not matrix[0][earlier].any()
    assert not matrix[2][earlier].any()  # the first of its item
    for name in ("earlier: cue", "earlier: shared words", "earlier: definition", "earlier: parts of the definition"):
        assert matrix[1, column(likeness, f"sow: {name}")] > matrix[3, column(likeness, f"sow: {name}")], name
    own = [place for place in range(len(names)) if place not in earlier]
    np.testing.assert_array_equal(matrix[1][own], matrix[3][own])  # the same text
    apart = likeness.transform(rows(*texts[:2], items="ab"))
    assert not apart[1][earlier].any()


def test_later_sentences_do_not_matter(harbours: Codebook) -> None:
    likeness = likeness_of(harbours, SOW, REAP)
    first = likeness.transform(rows("It rained.", "He met them."))
    more = likeness.transform(rows("It rained.", "He met them.", "He sowed seeds."))
    np.testing.assert_array_equal(more[:2], first)


def test_shared_words_are_those_of_the_sentence(harbours: Codebook) -> None:
    likeness = likeness_of(harbours, SOW, REAP)
    texts = ["Fields of WHEAT are here.", "İİİ ploughs were sown.", "It rained."]
    found = list(likeness.words_of(texts))
    assert found[0]["sow: shared words"] == ["fields", "wheat"]  # "are" is in the definition, and means nothing
    assert found[0]["reap: shared words"] == []
    assert found[1]["sow: cue"] == ["ploughs", "sown"]  # lowering İ gives two characters
    assert "sow: cue" not in found[2]
    n = likeness.transform(rows(*texts, items="abc"))[:, column(likeness, "sow: shared words")]
    assert n[0] == pytest.approx(2 / 3)
    assert n[2] == 0.0


def test_parts_of_a_definition_are_what_commas_part() -> None:
    assert wording_of(STORE)[1] == ["Barns", "sacks", "a dry place for the crops"]
    assert wording_of(STORE.model_copy(update={"definition": "..."}))[1] == ["Store"]
    assert wording_of(SOW)[2] == ["He sowed wheat."]
