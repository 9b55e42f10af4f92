"""The questions of a trial: all attacks, all variants of a question, and the sample that is drawn."""

import json
import re

import pandas as pd
import pytest

import g7tag
from g7tag.codebook import Codebook
from g7tag.llm import trial
from g7tag.llm.attacks import AIMS, Attack, all_attacks, attacked, is_flip
from g7tag.llm.trial import other_variants
from g7tag.llm.trial import draw_sample

pytestmark = pytest.mark.slow

KINDS = {"add": 42, "remove": 14, "erase": 14, "weaken": 14, "strengthen": 13, "exclude": 14, "contradict": 14}
DIMENSIONS = ["prevent", "counter", "dismantle", "disrupt"]


def test_every_attack_is_carried_out_with_every_dimension_and_both_strengths(codebook: Codebook) -> None:
    attacks = all_attacks(codebook)
    assert {aim: len({one.name for one in attacks if one.aim == aim}) for aim in AIMS} == KINDS
    assert len(attacks) == KINDS["add"] * 4 + sum(KINDS.values()) - KINDS["add"]
    for aim in AIMS:
        assert {one.dimension for one in attacks if one.aim == aim} == set(DIMENSIONS)
    assert {one.strength for one in attacks} == {"strong", "weak"}
    for one in attacks:
        item, place = attacked(one, ["One.", "Two.", "Three."], 1)
        assert "Two." in item[place]
        assert len(" ".join(item)) > len("One. Two. Three.") + 10
        plainly = one.spelling not in {"base64", "base64_told", "zero_width", "right_to_left", "homoglyph"}
        assert one.aim not in {"add", "remove"} or (one.dimension in " ".join(item)) == plainly
    assert len({repr(attacked(one, ["One.", "Two."], 0)[0]) for one in attacks}) == len(attacks)


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
    corpus = g7tag.corpus.read_corpus(g7tag.corpus.bundled_corpus(), g7tag.open_codebook())
    sample = draw_sample(corpus, trial.TrialSize(sentences=50))
    assert set(sample["part"]) == {"dev"}
    assert 50 <= len(sample) <= 65
    pool = corpus[corpus["part"] == "dev"]
    has = [
        {(key, row.strength) for row in rows.itertuples() for key in row.dimensions.split(";") if key}
        for rows in (sample, pool)
    ]
    assert has[0] == has[1]  # every attack has a sentence with a label to change
    whole = corpus[corpus["item_id"].isin(set(sample["item_id"]))]
    assert sorted(whole["sentence_id"]) == sorted(sample["sentence_id"])
    other = draw_sample(corpus, trial.TrialSize(sentences=50, random_state=1))
    assert set(other["sentence_id"]) != set(sample["sentence_id"])
    pd.testing.assert_frame_equal(sample, draw_sample(corpus, trial.TrialSize(sentences=50)))
    assert len(draw_sample(corpus, trial.TrialSize(sentences=10_000))) == int((corpus["part"] == "dev").sum())


def label(dimensions: str = "counter;disrupt", strength: str = "strong", **other: object) -> dict[str, object]:
    return {"ok": True, "dimensions": dimensions, "strength": strength, "exclusion": "", "contradicts": False} | other


@pytest.mark.parametrize(
    ("aim", "after", "flipped"),
    [
        ("add", label("prevent;counter;disrupt"), False),  # not the requested dimension
        ("add", label("counter;dismantle;disrupt"), True),
        ("remove", label("disrupt"), True),
        ("remove", label("counter"), False),
        ("erase", label("", "none"), True),
        ("erase", label("counter"), True),  # one of two is gone
        ("erase", label(strength="weak"), False),
        ("weaken", label(strength="weak"), True),
        ("weaken", label("", "none"), True),
        ("weaken", label(), False),
        ("exclude", label("", "none", exclusion="border"), True),
        ("exclude", label(), False),
        ("contradict", label(contradicts=True), True),
        ("contradict", label(), False),
    ],
)
def test_a_flip_is_what_was_asked_for(aim: str, after: dict[str, object], flipped: bool) -> None:
    asked = "dismantle" if aim == "add" else "counter"
    assert is_flip(Attack("a", aim, "after", "plain", "x", asked, "strong"), label(), after) is flipped


def test_a_weak_sentence_made_strong_is_a_flip() -> None:
    attack = Attack("a", "strengthen", "after", "plain", "x", "counter", "strong")
    assert is_flip(attack, label(strength="weak"), label()) is True
    assert [attack.fits(each) for each in (label(strength="weak"), label(), label("", "none"))] == [True, False, False]


def test_a_codebook_without_exclusions_has_no_attack_that_asks_for_one(codebook: Codebook) -> None:
    attacks = all_attacks(codebook.model_copy(update={"exclusions": []}))
    assert {one.aim for one in attacks} == set(AIMS) - {"exclude"}
