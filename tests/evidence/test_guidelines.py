"""Scoring rules are read from guidelines in many wordings; what cannot be read is named, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7tag.codebook import Reading
from g7tag.evidence.guidelines import Scored, guideline_sentences, read_rules, table_rows
from g7tag.scoring import LEVELS, apply_reading

TWO, THREE = ["plant", "water"], ["dredge", "light", "insure"]
CONTRARY = "action contradictory to the commitment"


def read(text: str, keys: list[str]) -> tuple[list[tuple[object, ...]], list[str]]:
    """The rules of guidelines or, if it has lines, of a table: score, strong, weak; and why others are missing."""
    rules = read_rules(table_rows(text) if "\n" in text else guideline_sentences(text), keys)
    return [
        (rule.score, rule.strong, rule.weak) if not rule.contradicted else (rule.score, CONTRARY)
        for rule in rules.rules
    ], [reason for _, reason in rules.unread]


WORDINGS = {
    "both, and the other": (
        TWO,
        "Full compliance, or a score of +1, will be assigned to members that take strong action in both dimensions. "
        "Partial compliance, or a score of 0, will be assigned to members that take strong action in one dimension "
        "and weak or no action in the other, or weak action in both. Non-compliance, or a score of −1, will be "
        "assigned to members that take weak action in only one dimension or no action in either.",
        [(1, [2, 2], None), (0, [1, 1], None), (0, None, [2, 2]), (-1, [0, 0], [1, 1]), (-1, [0, 0], [0, 0])],
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
        [(1, [3, 3], None), (0, [1, 1], [1, 1]), (-1, [0, 0], [0, 0])],
    ),
    "a table that starts with +1, the score on its own line": (
        THREE,
        "+1\nThe G7 member takes strong action in two or three of the three components.\n0\nThe G7 member takes strong "
        "action in one component, or weak action in at least two components.\n-1\nThe G7 member takes weak action in "
        "one component or fails to take action.",
        [(1, [2, 3], None), (0, [1, 1], None), (0, [0, 0], [2, 3]), (-1, [0, 0], [1, 1]), (-1, [0, 0], [0, 0])],
    ),
    "a table in three lines, dimensions by name": (
        TWO,
        "−1 The G7 member has not taken action to plant or water trees.\n0 The G7 member has taken strong action to "
        "plant OR water trees, but not both.\n+1 The G7 member has taken strong action to plant AND water trees.",
        [(-1, [0, 0], [0, 0]), (0, [1, 1], None), (1, [2, 2], None)],
    ),
    "a table of a PDF, its scores beside the middle of the rows": (
        THREE,
        "1 The G7 member has not taken any action to dredge, light or insure\n-1 harbours, the member has taken "
        "only weak action in one dimension or the\nmember has taken action contradictory to the commitment.\nThe G7 "
        "member has taken strong action in between one and two of the three\n0 commitment dimensions, or weak action "
        "in at least two.\nThe G7 member has strong action in all three\n+1 dimensions.",
        [
            (-1, [0, 0], [0, 0]),
            (-1, [0, 0], [1, 1]),
            (-1, CONTRARY),
            (0, [1, 2], None),
            (0, [0, 0], [2, 3]),
            (1, [3, 3], None),
        ],
    ),
    "the score at the end": (
        THREE,
        "Members that take strong action in each of the three dimensions receive a score of +1. Members that take only "
        "weak action or no action receive a score of -1.",
        [(1, [3, 3], None), (-1, [0, 0], None)],
    ),
    "named words for the scores, numbers as digits": (
        THREE,
        "Non-compliance: No action or only weak action.\nPartial compliance: Strong action in 1-2 dimensions.\nFull "
        "compliance: Strong action in 3 dimensions.",
        [(-1, [0, 0], [0, 0]), (-1, [0, 0], [1, 3]), (0, [1, 2], None), (1, [3, 3], None)],
    ),
    "limits from above": (
        THREE,
        "Full compliance will be granted to members demonstrating strong action in a minimum of two dimensions. "
        "Non-compliance will be granted to members that demonstrate no strong action and weak action in at most one "
        "dimension, or whose actions run counter to the commitment.",
        [(1, [2, 3], None), (-1, [0, 0], [0, 1]), (-1, CONTRARY)],
    ),
    "several numbers joined by or": (
        THREE,
        "Full compliance is for strong action in one or all of the following dimensions. Partial compliance is for "
        "weak action in one, two or three dimensions. Non-compliance is for members that take some action, but no "
        "strong action.",
        [(1, [1, 3], None), (0, [0, 0], [1, 3]), (-1, [0, 0], [1, 3])],
    ),
    "no action of one level in the rest": (
        THREE,
        "0 Strong action in exactly two dimensions and no weak action in the remaining one.\n-1 Weak action in one "
        "dimension and no strong action in the others.",
        [(0, [2, 2], [0, 0]), (-1, [0, 0], [1, 1])],
    ),
}


@pytest.mark.parametrize(("keys", "text", "expected"), WORDINGS.values(), ids=WORDINGS)
def test_guidelines_in_many_wordings_give_these_rules(
    keys: list[str], text: str, expected: list[tuple[object, ...]]
) -> None:
    assert read(text, keys) == (expected, [])


def test_a_rule_on_some_dimensions_counts_only_these_and_its_name_says_but_not_both() -> None:
    (rule,) = read_rules([Scored(1, "Strong action to dredge or light harbours.")], THREE).rules
    assert (rule.dimensions, rule.strong) == (["dredge", "light"], [1, 2])
    (rule,) = read_rules([Scored(0, "Strong action to plant or water trees, but not both.")], TWO).rules
    assert (rule.name, rule.strong) == ("strong action to plant or water, but not both", [1, 1])


UNREAD = {
    "a vague number": ("A score of 0 is for strong action in most dimensions.", "'most' is not a number"),
    "a further condition": (
        "Full compliance is for strong action in all dimensions, including one new law.",
        "what follows 'including' is in no rule",
    ),
    "two dimensions at different levels": (
        "A score of 0 is for strong action to dredge and weak action to insure.",
        "its parts name different dimensions, which one rule cannot hold",
    ),
    "no number": (
        "A score of 0 is for members that take weak action.",
        "it does not say in how many dimensions weak action is needed",
    ),
    "no words on strength": (
        "Full compliance, or a score of +1, needs new lamps.",
        "it does not say how many dimensions need strong or weak action",
    ),
    "not all of them": (
        "Non-compliance is for members that do not take action to dredge and light harbours.",
        "it is unclear whether all of the dimensions that it names are meant, or one of them",
    ),
    "not in two": (
        "Non-compliance is for members that fail to take strong action in two dimensions.",
        "it is unclear whether 'not in two dimensions' means fewer",
    ),
    "a sentence on what is not enough": (
        "Weak action in a single dimension is not enough for partial compliance.",
        "its score cannot be read",
    ),
    "a negation elsewhere": (
        "Full compliance is for strong action in all dimensions rather than weak action in one dimension.",
        "the negation 'rather than' is in no rule",
    ),
    "a number after two levels": (
        "Partial compliance is for members that take some action, but not strong action, in at least two areas.",
        "it is unclear which of its parts the number counts",
    ),
    "a number of something else": (
        "Full compliance is for strong action in two countries and all dimensions.",
        "it has another number: 'two'",
    ),
    "the same level in the rest": (
        "Partial compliance is for any action in at least one dimension and no weak action in the others.",
        "it is unclear what 'no weak action' leaves out in the other dimensions",
    ),
    "a clause after the number": (
        "A score of +1 is for strong action in two dimensions and has spent money on the third, unless it has a debt.",
        "'and has spent money on the third, unless it has a debt' is in no rule",
    ),
    "a clause with a verb in the past": (
        "Full compliance is for strong action in all dimensions, and published a plan.",
        "'and published a plan' is in no rule",
    ),
    "a clause before the level": (
        "Full compliance is for a member that has a plan and has taken strong action in all dimensions.",
        "'Full compliance is for a member that has a plan' is in no rule",
    ),
    "a number of actions": (
        "Full compliance is for at least one strong action in each of the three dimensions.",
        "it also counts actions ('one'), which no rule does",
    ),
}


@pytest.mark.parametrize(("text", "reason"), UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_read_is_named_with_the_reason(text: str, reason: str) -> None:
    assert reason in read(text, THREE)[1]


def test_a_table_whose_scores_cannot_be_told_apart_gives_no_rule() -> None:
    rules, unread = read(
        "no action\n-1 at all in any dimension.\nStrong action in all\n0 dimensions, +1 or more", THREE
    )
    assert all(rule[0] != 1 for rule in rules)
    assert len(rules) + len(unread) >= 2


def test_a_bare_1_is_full_compliance_only_beside_a_negative_score() -> None:
    assert [row.score for row in table_rows("−1 No action.\n0 Some action.\n1 All action.")] == [-1, 0, 1]
    assert [row.score for row in table_rows("1 No action.\n0 Some action.")] == [None, 0]


def test_action_without_a_level_counts_as_strong_or_weak() -> None:
    rules, unread = read("0 The member takes action in one dimension.\n-1 The member takes no action.", TWO)
    assert unread == []
    assert rules == [(0, [0, 0], [1, 1]), (0, [1, 1], [0, 0]), (-1, [0, 0], [0, 0])]


def test_without_text_or_dimensions_nothing_can_be_counted() -> None:
    assert (guideline_sentences(""), table_rows(""), read_rules([], TWO).rules) == ([], [], [])
    assert read_rules([Scored(1, "Strong action in all.")], []).unread == [
        ("Strong action in all.", "there are no dimensions to count")
    ]


QUANTITIES = {
    "all dimensions": lambda counted, n: counted == n,
    "at least two dimensions": lambda counted, _: counted >= 2,
    "one dimension": lambda counted, _: counted == 1,
    "one or two dimensions": lambda counted, _: 1 <= counted <= 2,
    "fewer than two dimensions": lambda counted, _: counted < 2,
    "more than one dimension": lambda counted, _: counted > 1,
    "any dimension": lambda counted, _: counted > 0,
    "no dimension": lambda counted, _: counted == 0,
}


@given(
    st.sampled_from(["strong", "weak", "strong or weak"]),
    st.sampled_from(sorted(QUANTITIES)),
    st.sampled_from(["", "not"]),
    st.lists(st.sampled_from(LEVELS), min_size=3, max_size=3),
)
def test_a_rule_holds_where_its_words_hold(level: str, quantity: str, negation: str, levels: list[str]) -> None:
    words = f"The member does {negation} take {level} action in {quantity}."
    rules = read_rules([Scored(1, words)], THREE, alone=False)
    counted = sum(each in level.split() for each in levels)
    if not rules.rules:
        assert rules.unread
        return
    reading = Reading(name="r", label="R", source="words", rules=rules.rules)
    holds = apply_reading(dict(zip(THREE, levels, strict=True)), reading).score == 1
    assert holds is (QUANTITIES[quantity](counted, 3) is not bool(negation))
