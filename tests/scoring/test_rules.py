"""The two printed readings of the guidelines, state by state, and the check of rules in every state."""

import pytest

from g7tag.codebook import Reading
from g7tag.errors import CodebookError
from g7tag.scoring import NO_RULE, apply_reading, check_codebook
from g7tag.scoring.rules import score_if_contradicted

GAP, OVERLAP, LESS, DISAGREE = "gap", "overlap", "less for more", "readings disagree"


def levels(codebook, n_strong, n_weak):
    states = ["strong"] * n_strong + ["weak"] * n_weak
    return dict(zip(codebook.dimension_keys, states + ["none"] * (4 - len(states)), strict=True))


def reading(codebook, name):
    return next(each for each in codebook.readings if each.name == name)


# (strong dimensions, weak dimensions) -> (score by the table, score by the text), read off the chapter by hand
BY_HAND = {
    (4, 0): (1, 1), (3, 1): (0, 0), (1, 0): (0, 0), (1, 3): (0, 0), (0, 4): (0, 0), (0, 3): (0, 0),
    (0, 2): (None, 0),  # the table says three, the text two: the table leaves two without a row
    (0, 1): (-1, -1), (0, 0): (-1, -1),
}  # fmt: skip


@pytest.mark.parametrize(("state", "scores"), BY_HAND.items(), ids=str)
def test_a_state_scores_as_the_chapter_says(codebook, state, scores):
    by_table = apply_reading(levels(codebook, *state), reading(codebook, "scoring-table"))
    by_text = apply_reading(levels(codebook, *state), reading(codebook, "interpretive-guidelines"))
    assert (by_table.score, by_text.score) == scores
    assert (by_table.rule == NO_RULE) == (scores[0] is None)


def test_overlapping_rules_give_no_score_and_a_rule_may_be_on_some_dimensions_alone():
    rules = [{"name": "one", "score": 1, "strong": [1, 1]}, {"name": "any", "score": 0, "strong": [0, 1]}]
    both = Reading(name="odd", label="Odd", source="invented", rules=rules)
    assert apply_reading({"a": "strong"}, both) == (None, "rules overlap: one (+1); any (0)")
    assert apply_reading({"a": "weak"}, both) == (0, "any")
    rules = [{"name": "only b", "score": 1, "dimensions": ["b"], "strong": [1, 1]}]
    one = Reading(name="odd", label="Odd", source="invented", rules=rules)
    assert apply_reading({"a": "none", "b": "strong"}, one).score == 1
    assert apply_reading({"a": "strong", "b": "none"}, one).score is None


def test_contradictory_action_changes_the_score_only_where_it_is_asked(codebook):
    table = reading(codebook, "scoring-table")
    verdict = apply_reading(levels(codebook, 4, 0), table)
    assert verdict.score == 1
    assert score_if_contradicted(verdict, table, contradicted=True) == -1
    assert score_if_contradicted(verdict, table, contradicted=False) == 1


def with_rules(codebook, *rules):
    """Return the codebook with one reading of these rules."""
    reading = Reading(name="odd", label="Odd", source="invented", rules=list(rules))
    return codebook.model_copy(update={"readings": [reading]})


def test_the_chapters_two_texts_disagree_on_weak_action_in_two_dimensions(codebook):
    found = check_codebook(codebook).set_index(["problem", "reading"])
    row = found.loc[DISAGREE, "scoring-table+interpretive-guidelines"]
    assert (row["n_states"], row["states"]) == (6, "0 strong and 2 weak")  # 4 choose 2
    assert row["witness"] == (
        "weak action in prevent and counter, none in dismantle and disrupt: scoring-table: no score (no rule covers "
        "this); interpretive-guidelines: 0 (weak action in at least two dimensions)"
    )
    assert found.loc[GAP, "scoring-table"]["n_states"] == 6
    assert (GAP, "interpretive-guidelines") not in found.index


@pytest.mark.parametrize(("reading", "weak_in_two"), [("scoring-table", 6), ("interpretive-guidelines", 0)])
def test_the_missing_precedence_of_contradictory_action_is_an_overlap(codebook, reading, weak_in_two):
    row = check_codebook(codebook).set_index(["problem", "reading"]).loc[OVERLAP, reading]
    # 81 states: less no action and weak in one (4), which lose nothing; by the table less the 6 of weak in two, which
    # only the rule on contradictory action covers
    assert row["n_states"] == 81 - 1 - 4 - weak_in_two
    assert row["states"].startswith("with contradictory action: ")
    assert "and contradictory action: rules overlap: " in row["witness"]


def test_more_action_that_scores_lower_is_found_with_both_states(codebook):
    book = with_rules(
        codebook,
        {"name": "none strong", "score": 0, "strong": [0, 0]},
        {"name": "some strong", "score": -1, "strong": [1, 4]},
    )
    (row,) = check_codebook(book).to_dict("records")
    assert (row["problem"], row["n_states"]) == (LESS, 15)  # 2 ** 4 states without strong, but for no action at all
    assert row["witness"] == (
        "weak action in prevent, none in counter, dismantle and disrupt: 0 for it, -1 for strong action in prevent, "
        "none in counter, dismantle and disrupt"
    )


def test_rules_that_overlap_without_contradiction_are_told_of_plain_states(codebook):
    book = with_rules(
        codebook, {"name": "any", "score": 0, "strong": [0, 4]}, {"name": "all", "score": 1, "strong": [4, 4]}
    )
    found = check_codebook(book).set_index("problem")
    assert found.loc[OVERLAP, "n_states"] == 1
    assert found.loc[OVERLAP, "witness"] == (
        "strong action in prevent, counter, dismantle and disrupt: rules overlap: any (0); all (+1)"
    )


def test_too_many_dimensions_are_refused(codebook):
    first = codebook.dimensions[0]
    many = [first.model_copy(update={"key": f"d{place}"}) for place in range(9)]
    with pytest.raises(CodebookError, match="9 dimensions, expected at most 8 to try all states"):
        check_codebook(codebook.model_copy(update={"dimensions": many}))
