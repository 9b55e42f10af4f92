"""Scoring rules are read from tables and guidelines in many wordings; what cannot be read is named, never guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g7tag.codebook import Reading
from g7tag.evidence.guidelines import Scored, guideline_sentences, read_rules, stated_total, table_rows
from g7tag.scoring import LEVELS, apply_reading

TWO = {"plant": "Plant", "water": "Water trees"}
THREE = {"dredge": "Dredge", "light": "Light", "insure": "Insure"}
CONTRARY = "contradicted"
NOTHING, WEAK_IN_ONE = (-1, [0, 0], [0, 0]), (-1, [0, 0], [1, 1])


def read(text: str, labels: dict[str, str]) -> tuple[list[tuple[object, ...]], list[str]]:
    """The rules of guidelines or, if it has lines, of a table: score, strong, weak; and the rows that were not read."""
    rules, unread = read_rules(table_rows(text) if "\n" in text else guideline_sentences(text), labels)
    return [
        (rule.score, CONTRARY) if rule.contradicted else (rule.score, rule.strong, rule.weak) for rule in rules
    ], unread


WORDINGS = {
    "both, and the other": (
        TWO,
        "Full compliance, or a score of +1, will be assigned to members that take strong action in both dimensions. "
        "Partial compliance, or a score of 0, will be assigned to members that take strong action in one dimension "
        "and weak or no action in the other, or weak action in both. Non-compliance, or a score of −1, will be "
        "assigned to members that take weak action in only one dimension or no action in either.",
        [(1, [2, 2], None), (0, [1, 1], None), (0, [0, 0], [2, 2]), WEAK_IN_ONE, NOTHING],
    ),
    "at least two of the three": (
        THREE,
        "To achieve full compliance, or a score of +1, the G7 member must take strong action in at least two of the "
        "three dimensions. To receive a score of 0, the member must take strong action in one dimension or weak action "
        "in two or more. A score of -1 will be given to members that do not take strong action in any dimension and "
        "take weak action in fewer than two.",
        [(1, [2, 3], None), (0, [1, 1], None), (0, [0, 0], [2, 3]), (-1, [0, 0], [0, 1])],
    ),
    "strong in one and weak in another": (
        THREE,
        "A score of +1 is awarded to members that exemplify strong action in all three areas. A score of 0 is awarded "
        "to members that exemplify strong action in one area and weak action in another. A score of -1 is awarded to "
        "members that exemplify no action.",
        [(1, [3, 3], None), (0, [1, 1], [1, 1]), NOTHING],
    ),
    "a table that starts with +1, the score on its own line": (
        THREE,
        "+1\nThe G7 member takes strong action in two or three of the three components.\n0\nThe G7 member takes strong "
        "action in one component, or weak action in at least two components.\n-1\nThe G7 member takes weak action in "
        "one component or fails to take action.",
        [(1, [2, 3], None), (0, [1, 1], None), (0, [0, 0], [2, 3]), WEAK_IN_ONE, NOTHING],
    ),
    "dimensions by name": (
        TWO,
        "−1 The G7 member has not taken action to plant or water trees.\n0 The G7 member has taken strong action to "
        "plant OR water trees, but not both.\n+1 The G7 member has taken strong action to plant AND water trees.",
        [NOTHING, (0, [1, 1], None), (1, [2, 2], None)],
    ),
    "a table of a PDF, its scores beside the middle of the rows": (
        THREE,
        "1 The G7 member has not taken any action to dredge, light or insure\n-1 harbours, the member has taken "
        "only weak action in one dimension or the\nmember has taken action contradictory to the commitment.\nThe G7 "
        "member has taken strong action in between one and two of the three\n0 commitment dimensions: to dredge, to "
        "light, or to insure, as they relate to harbours and boats, or weak\naction in at least two.\nThe G7 member "
        "has strong action in all three\n+1 dimensions.",
        [NOTHING, WEAK_IN_ONE, (-1, CONTRARY), (0, [1, 2], None), (0, [0, 0], [2, 3]), (1, [3, 3], None)],
    ),
    "the score at the end": (
        THREE,
        "Members that take strong action in each of the three dimensions receive a score of +1. Members that take only "
        "weak action or no action receive a score of -1.",
        [(1, [3, 3], None), (-1, [0, 0], [1, 3]), NOTHING],
    ),
    "the score behind the row": (
        TWO, "Strong action in all areas. +1\nStrong action in one area. 0\nNo strong action. -1",
        [(1, [2, 2], None), (0, [1, 1], None), (-1, [0, 0], None)],
    ),
    "words for the scores, numbers as digits": (
        THREE,
        "Non-compliance: No action or only weak action.\nPartial compliance: Strong action in 1-2 dimensions.\nFull "
        "compliance: Strong action in 3 dimensions.",
        [NOTHING, (-1, [0, 0], [1, 3]), (0, [1, 2], None), (1, [3, 3], None)],
    ),
    "limits from above": (
        THREE,
        "Full compliance will be granted to members demonstrating strong action in a minimum of two dimensions. "
        "Non-compliance will be granted to members that demonstrate no strong action and weak action in at most one "
        "dimension, or whose actions run counter to the commitment.",
        [(1, [2, 3], None), (-1, [0, 0], [0, 1]), (-1, CONTRARY)],
    ),
    "a name with commas, capitals, and action in none": (
        {"rules": "Environmental, social and governance standards", "trade": "Trade"},
        "−1\tAction in NONE of the two areas OR action counter to the commitment.\n0\tStrong action on ONE of: "
        "environmental, social and governance standards, or trade.\n+1\tStrong action on BOTH.",
        [NOTHING, (-1, CONTRARY), (0, [1, 1], None), (1, [2, 2], None)],
    ),
    "a commitment of one dimension": (
        {"harbours": "Harbours"}, "-1 No action.\n0 Weak action.\n+1 Strong action.",
        [NOTHING, (0, [0, 0], [1, 1]), (1, [1, 1], None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("labels", "text", "expected"), WORDINGS.values(), ids=WORDINGS)
def test_guidelines_in_many_wordings_give_these_rules(labels, text, expected):
    assert read(text, labels) == (expected, [])


@pytest.mark.parametrize("text", [
    "A score of 0 is for strong action in most dimensions.", "A score of 0 is for members that take weak action.",
    "A score of 0 is for strong action in two countries.",
    "A score of 0 is for strong action in one dimension, weak action in two dimensions.",
    "A score of 0 is for strong action to dredge and weak action to insure.", "A score of 0 is not for any action.",
    "A score of 0 will not be given for weak action in at least one dimension.",
    "Full compliance, or a score of +1, needs new lamps.",
    "Full compliance is for strong action in all four dimensions.",
    "Full compliance is for strong action in all dimensions, including one new law.",
    "Full compliance is for strong action in all dimensions rather than weak action in one dimension.",
    "Full compliance is for strong action in all dimensions, and published a plan.",
    "Full compliance is for a member that has a plan and has taken strong action in all dimensions.",
    "Full compliance is for at least one strong action in each of the three dimensions.",
    "Full compliance, not partial compliance, is for strong action in all dimensions.",
    "Partial compliance is for members that take some action, but not strong action, in at least two areas.",
    "A score of +1 is for strong action in two dimensions and has spent money on the third, unless it has a debt.",
    "Non-compliance is for members that do not take action to dredge and light harbours.",
    "Non-compliance is for members that do not take strong action in all dimensions.",
    "Non-compliance is for members that fail to take strong action in two dimensions.",
    "Weak action in a single dimension is not enough for partial compliance.",
])  # fmt: skip
def test_a_sentence_that_is_not_clear_gives_no_rule_and_is_named(text):
    assert read(text, THREE) == ([], [text])


def test_a_row_that_is_read_in_part_gives_its_rule_and_is_named():
    row = "Strong action in one area, or weak action in most areas."
    assert read(f"0 {row}\n-1 No action.", THREE) == ([(0, [1, 1], None), NOTHING], [row])


def test_the_name_of_a_rule_says_what_it_counts():
    text = "0 Strong action in one or two areas, or weak action in all areas, or no action."
    rules, _ = read_rules(table_rows(text), THREE)
    assert [rule.name for rule in rules] == ["strong action in 1 to 2 of 3", "only weak action, in 3 of 3", "no action"]


def test_rows_whose_scores_cannot_be_told_apart_have_none():
    assert [row.score for row in table_rows("−1 No action.\n0 Some action.\n1 All action.")] == [-1, 0, 1]
    assert [row.score for row in table_rows("1 No action.\n0 Some action.")] == [None, 0]  # 1 may be -1
    assert [row.score for row in table_rows("+1 strong action in\n0 all areas.\nWeak action in one area.")] == [
        None
    ] * 2


def test_without_text_there_is_nothing():
    assert (guideline_sentences(""), table_rows(""), read_rules([], TWO)) == ([], [], ([], []))
    assert guideline_sentences("The commitment has two parts. Strong action includes laws.") == []


def test_the_number_of_dimensions_is_known_where_the_chapter_gives_one():
    assert stated_total("This commitment has four components. Strong action in one of the four dimensions.") == 4
    assert stated_total("Strong action in one of the three areas, or all four areas.") is None
    assert stated_total("Strong action in two areas.") is None


QUANTITIES = {
    "all dimensions": lambda counted, n: counted == n,
    "at least two dimensions": lambda counted, _: counted >= 2,
    "one dimension": lambda counted, _: counted == 1,
    "one or two dimensions": lambda counted, _: 1 <= counted <= 2,
    "fewer than two dimensions": lambda counted, _: counted < 2,
    "more than one dimension": lambda counted, _: counted > 1,
    "any dimension": lambda counted, _: counted > 0,
}


@settings(max_examples=50)
@given(
    st.sampled_from(["strong", "weak", "strong or weak"]), st.sampled_from(sorted(QUANTITIES)),
    st.sampled_from(["", "not"]), st.lists(st.sampled_from(LEVELS), min_size=3, max_size=3),
)  # fmt: skip
def test_a_rule_holds_where_its_words_hold(level, quantity, negation, levels):
    words = f"The member does {negation} take {level} action in {quantity}."
    rules, unread = read_rules([Scored(1, words)], THREE)
    if not rules:
        assert unread == [words]
        return
    reading = Reading(name="r", label="R", source="words", rules=rules)
    holds = apply_reading(dict(zip(THREE, levels, strict=True)), reading).score == 1
    counted = sum(each in level.split() for each in levels)
    alone = level == "strong" or "strong" not in levels  # weak action alone means no strong action
    assert holds is (alone and QUANTITIES[quantity](counted, 3) is not bool(negation))
