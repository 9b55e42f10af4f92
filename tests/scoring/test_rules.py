"""The two printed readings of the guidelines, state by state."""

import itertools

import pytest

from g7tag.codebook import Codebook, Reading
from g7tag.scoring.rules import NO_RULE, apply_reading, score_if_contradicted


def levels(codebook: Codebook, n_strong: int, n_weak: int) -> dict[str, str]:
    states = ["strong"] * n_strong + ["weak"] * n_weak
    return dict(zip(codebook.dimension_keys, states + ["none"] * (4 - len(states)), strict=True))


def reading(codebook: Codebook, name: str) -> Reading:
    return next(each for each in codebook.readings if each.name == name)


# (strong dimensions, weak dimensions) -> (score by the table, score by the text), read off the chapter by hand
BY_HAND = {
    (4, 0): (1, 1),
    (3, 1): (0, 0),
    (1, 0): (0, 0),
    (1, 3): (0, 0),
    (0, 4): (0, 0),
    (0, 3): (0, 0),
    (0, 2): (None, 0),  # the table says three, the text two: the table leaves two without a row
    (0, 1): (-1, -1),
    (0, 0): (-1, -1),
}


@pytest.mark.parametrize(("state", "scores"), BY_HAND.items(), ids=str)
def test_a_state_scores_as_the_chapter_says(
    codebook: Codebook, state: tuple[int, int], scores: tuple[int | None, int]
) -> None:
    by_table = apply_reading(levels(codebook, *state), reading(codebook, "scoring-table"))
    by_text = apply_reading(levels(codebook, *state), reading(codebook, "interpretive-guidelines"))
    assert (by_table.score, by_text.score) == scores
    assert (by_table.rule == NO_RULE) == (scores[0] is None)


def test_no_state_is_covered_by_rules_of_different_scores(codebook: Codebook) -> None:
    for states in itertools.product(["strong", "weak", "none"], repeat=4):
        for each in codebook.readings:
            verdict = apply_reading(dict(zip(codebook.dimension_keys, states, strict=True)), each)
            assert not verdict.rule.startswith("rules overlap")


def test_overlapping_rules_give_no_score_and_name_each_other() -> None:
    rules = [{"name": "one", "score": 1, "strong": [1, 1]}, {"name": "any", "score": 0, "strong": [0, 1]}]
    both = Reading(name="odd", label="Odd", source="invented", rules=rules)
    assert apply_reading({"a": "strong"}, both) == (None, "rules overlap: one (+1); any (0)")
    assert apply_reading({"a": "weak"}, both) == (0, "any")


def test_a_rule_may_look_at_some_dimensions_alone() -> None:
    rules = [{"name": "only b", "score": 1, "dimensions": ["b"], "strong": [1, 1]}]
    one = Reading(name="odd", label="Odd", source="invented", rules=rules)
    assert apply_reading({"a": "none", "b": "strong"}, one).score == 1
    assert apply_reading({"a": "strong", "b": "none"}, one).score is None


def test_contradictory_action_changes_the_score_only_where_it_is_asked(codebook: Codebook) -> None:
    table = reading(codebook, "scoring-table")
    verdict = apply_reading(levels(codebook, 4, 0), table)
    assert verdict.score == 1
    assert score_if_contradicted(verdict, table, contradicted=True) == -1
    assert score_if_contradicted(verdict, table, contradicted=False) == 1
