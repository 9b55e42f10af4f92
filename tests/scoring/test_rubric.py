"""The check of the scoring rules tries every state and reports the smallest witness."""

import itertools

import pytest

from g7tag.codebook import Codebook, Reading
from g7tag.errors import CodebookError
from g7tag.scoring import apply_reading, check_codebook
from g7tag.scoring.rubric import state_text

GAP, OVERLAP, LESS, DISAGREE = "gap", "overlap", "less for more", "readings disagree"


def with_rules(codebook: Codebook, *rules: dict[str, object]) -> Codebook:
    """Return the codebook with one reading of these rules."""
    reading = Reading(name="odd", label="Odd", source="invented", rules=list(rules))
    return codebook.model_copy(update={"readings": [reading]})


def test_the_chapters_two_texts_disagree_on_weak_action_in_two_dimensions(codebook: Codebook) -> None:
    found = check_codebook(codebook).set_index(["problem", "reading"])
    row = found.loc[DISAGREE, "scoring-table+interpretive-guidelines"]
    assert (row["n_states"], row["states"]) == (6, "0 strong and 2 weak")  # 4 choose 2
    assert row["witness"] == (
        "weak action in prevent and counter, none in dismantle and disrupt: scoring-table: none (no rule covers this); "
        "interpretive-guidelines: 0 (weak action in at least two dimensions)"
    ).replace("scoring-table: none", "scoring-table: no score")
    assert found.loc[GAP, "scoring-table"]["n_states"] == 6
    assert (GAP, "interpretive-guidelines") not in found.index


@pytest.mark.parametrize(("reading", "n_states"), [("scoring-table", 70), ("interpretive-guidelines", 76)])
def test_the_missing_precedence_of_contradictory_action_is_an_overlap(
    codebook: Codebook, reading: str, n_states: int
) -> None:
    row = check_codebook(codebook).set_index(["problem", "reading"]).loc[OVERLAP, reading]
    # 81 states: less no action and weak in one (4), which lose nothing; by the table less the 6 of weak in two, which
    # only the rule on contradictory action covers
    assert row["n_states"] == n_states == (81 - 1 - 4 - (6 if reading == "scoring-table" else 0))
    assert row["states"].startswith("with contradictory action: ")
    assert "and contradictory action: rules overlap: " in row["witness"]
    assert "action contradictory to the commitment (-1)" in row["witness"]


def test_counts_of_gaps_and_disagreement_are_those_of_a_count_by_hand(codebook: Codebook) -> None:
    table, guidelines = codebook.readings
    states = [
        dict(zip(codebook.dimension_keys, each, strict=True))
        for each in itertools.product(("none", "weak", "strong"), repeat=4)
    ]
    gaps = sum(apply_reading(state, table).score is None for state in states)
    differing = sum(apply_reading(state, table).score != apply_reading(state, guidelines).score for state in states)
    found = check_codebook(codebook).set_index("problem")["n_states"]
    assert (found[GAP], found[DISAGREE]) == (gaps, differing)


def test_more_action_that_scores_lower_is_found_with_both_states(codebook: Codebook) -> None:
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


def test_rules_that_overlap_without_contradiction_are_told_of_plain_states(codebook: Codebook) -> None:
    book = with_rules(
        codebook, {"name": "any", "score": 0, "strong": [0, 4]}, {"name": "all", "score": 1, "strong": [4, 4]}
    )
    found = check_codebook(book).set_index("problem")
    assert found.loc[OVERLAP, "n_states"] == 1
    assert found.loc[OVERLAP, "witness"] == (
        "strong action in prevent, counter, dismantle and disrupt: rules overlap: any (0); all (+1)"
    )


def test_rules_without_fault_give_no_rows(codebook: Codebook) -> None:
    book = with_rules(
        codebook, {"name": "some", "score": 0, "strong": [0, 3]}, {"name": "all", "score": 1, "strong": [4, 4]}
    )
    assert check_codebook(book).to_dict("records") == []


def test_too_many_dimensions_are_refused(codebook: Codebook) -> None:
    first = codebook.dimensions[0]
    many = [first.model_copy(update={"key": f"d{place}"}) for place in range(9)]
    with pytest.raises(CodebookError, match="9 dimensions, expected at most 8 to try all states"):
        check_codebook(codebook.model_copy(update={"dimensions": many}))


def test_a_state_is_worded_from_strong_to_none() -> None:
    assert state_text(["none", "weak", "strong", "strong"], ["a", "b", "c", "d"]) == (
        "strong action in c and d, weak action in b, none in a"
    )
