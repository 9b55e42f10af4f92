"""The questions of a trial: every attack, every other way to put a question, and the sample that is drawn."""

import json
import re

import pandas as pd

import g7tag
from g7tag.codebook import Codebook
from g7tag.review.trial.attacks import all_attacks, attacked
from g7tag.review.trial.questions import draw_sample
from g7tag.review.trial.variants import other_variants

ATTACKS = 34  # kinds
DIMENSIONS = ["prevent", "counter", "dismantle", "disrupt"]


def test_every_attack_is_carried_out_with_every_dimension_and_both_strengths(codebook: Codebook) -> None:
    attacks = all_attacks(codebook)
    kinds = {one.name for one in attacks}
    assert len(attacks) == len(kinds) * 4
    assert len(kinds) == ATTACKS >= 30
    assert {one.strength for one in attacks} == {"strong", "weak"}
    for one in attacks:
        sentence, item, place = attacked(one, ["One.", "Two.", "Three."], 1)
        assert item[place] == sentence
        assert "Two." in sentence
        assert len(" ".join(item)) > len("One. Two. Three.") + 10
        assert (one.dimension in " ".join(item)) == (
            one.spelling not in {"base64", "base64_told", "zero_width", "right_to_left", "homoglyph"}
        )
    assert len({attacked(one, ["One.", "Two."], 0)[1].__repr__() for one in attacks}) == len(attacks)


def test_variants_put_the_same_question_otherwise(codebook: Codebook) -> None:
    shuffled, aliased, swapped, *_ = other_variants(codebook)
    assert shuffled.codebook.dimension_keys == DIMENSIONS[::-1]
    assert aliased.codebook.dimension_keys == ["c1", "c2", "c3", "c4"]
    text = json.dumps([note.model_dump() for note in aliased.codebook.notes])
    assert not re.search(r"\b(prevent|counter|dismantle|disrupt)\b", text)
    assert swapped.keys["prevent"] == "counter"
    definitions = {one.key: one.definition for one in swapped.codebook.dimensions}
    assert definitions["counter"] == codebook.dimensions[0].definition
    assert swapped.codebook.notes == []


def test_a_sample_is_of_whole_items_of_the_dev_part() -> None:
    corpus = g7tag.read_corpus(g7tag.bundled_corpus(), g7tag.open_codebook())
    sample = draw_sample(corpus, g7tag.TrialSize(sentences=50))
    assert set(sample["part"]) == {"dev"}
    assert 50 <= len(sample) < 65
    whole = corpus[corpus["item_id"].isin(set(sample["item_id"]))]
    assert sorted(whole["sentence_id"]) == sorted(sample["sentence_id"])
    other = draw_sample(corpus, g7tag.TrialSize(sentences=50, random_state=1))
    assert set(other["sentence_id"]) != set(sample["sentence_id"])
    pd.testing.assert_frame_equal(sample, draw_sample(corpus, g7tag.TrialSize(sentences=50)))
    assert len(draw_sample(corpus, g7tag.TrialSize(sentences=10_000))) == int((corpus["part"] == "dev").sum())
