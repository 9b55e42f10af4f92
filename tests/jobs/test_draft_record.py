"""What the drafts of four reports find (dimensions, rules, period, members), as a record: no change may find less."""

from typing import Any

import pytest

import g7tag
from g7tag.jobs import DraftedCodebook
from g7tag.scoring import check_codebook

CONTRARY = (-1, "contradicted")
NOTHING, WEAK_IN_ONE = (-1, [0, 0], [0, 0]), (-1, [0, 0], [1, 1])
OF_THREE = [NOTHING, WEAK_IN_ONE, CONTRARY, (0, [1, 2], None), (0, [0, 0], [2, 3]), (1, [3, 3], None)]
OF_FOUR = [NOTHING, WEAK_IN_ONE, CONTRARY, (0, [1, 3], None), (1, [4, 4], None)]
APULIA = ("2024-06-15", "2025-05-15")
RECORD: dict[str, dict[str, Any]] = {
    "2024-apulia-19": {
        "dimensions": {
            "prevent": "Prevent", "counter": "Counter", "dismantle": "Dismantle networks",
            "disrupt": "Disrupt business models",
        },
        "exclusions": ["border"],
        "period": APULIA,
        "members": ["CAN", "FRA", "DEU", "ITA", "JPN", "GBR", "USA", "EUU"],
        "readings": {
            "scoring-table": [*OF_FOUR, (0, [0, 0], [3, 4])],
            "interpretive-guidelines": [*OF_FOUR, (0, [0, 0], [2, 4])],
        },
    },
    "2024-apulia-09": {
        "dimensions": {
            "structural-barriers": "Structural barriers", "food-systems": "Food systems",
            "right-adequate-food": "Right to adequate food",
        },
        "exclusions": [],
        "period": APULIA,
        "members": ["CAN", "DEU", "JPN", "EUU"],
        "readings": {"scoring-table": OF_THREE},
    },
    "2024-apulia-18": {
        "dimensions": {
            "border-management": "Border management", "visa-policies-processes": "Visa policies and processes",
            "limiting-networks": "Limiting networks",
        },
        "exclusions": [],
        "period": APULIA,
        "members": ["ITA", "GBR"],
        # at first the table's row for -1 was not read whole, so the guidelines were a reading of their own
        "readings": {"scoring-table": OF_THREE},
    },
    "2030-harbours": {
        "dimensions": {"dredge": "Dredge", "light": "Light", "insure": "Insure"},
        "exclusions": [],
        "period": ("2030-01-01", "2030-12-31"),
        "members": ["ARC", "BOR"],
        "readings": {"scoring-table": [(-1, [0, 0], None), CONTRARY, (0, [1, 2], None), (1, [3, 3], None)]},
    },
}  # fmt: skip


def outcome(draft: DraftedCodebook) -> dict[str, Any]:
    """What a draft found, without its wording; rules in any order."""
    rules = {
        reading.name: sorted(
            (
                (rule.score, "contradicted") if rule.contradicted else (rule.score, rule.strong, rule.weak)
                for rule in reading.rules
            ),
            key=str,
        )
        for reading in draft.readings
    }
    period = (draft.commitment.period_start, draft.commitment.period_end)
    return {
        "dimensions": {each.key: each.label for each in draft.dimensions},
        "exclusions": [each.key for each in draft.exclusions],
        "period": tuple(map(str, period)),
        "members": [each.code for each in draft.members],
        "readings": rules,
    }


@pytest.fixture(params=["food", "border", "harbours", pytest.param("chapter", marks=pytest.mark.chapter)])
def draft(request: pytest.FixtureRequest) -> DraftedCodebook:
    name = request.param
    path = request.getfixturevalue("chapter_path") if name == "chapter" else g7tag.example_path(f"{name}-report.txt")
    return g7tag.draft_codebook(path)


def test_a_draft_finds_what_it_found_before(draft: DraftedCodebook) -> None:
    expected = RECORD[draft.id]
    readings = {name: sorted(rules, key=str) for name, rules in expected["readings"].items()}
    assert outcome(draft) == expected | {"readings": readings}


def test_drafted_rules_give_the_scores_of_the_finished_codebook_in_every_state(draft: DraftedCodebook) -> None:
    harbours = g7tag.example_path("harbours.toml")
    finished = g7tag.open_codebook(harbours if draft.id == "2030-harbours" else draft.id)
    own = draft.commitment.model_copy(update={"draft": False, "taken_from": ""})
    assert (own.id, own.text, own.period_start) == (
        finished.commitment.id, finished.commitment.text, finished.commitment.period_start,
    )  # fmt: skip
    known = {reading.name: reading for reading in finished.readings}
    for reading in draft.readings:
        other = known.get(reading.name, finished.readings[0])
        assert not any(rule.dimensions for rule in (*reading.rules, *other.rules))  # so keys may differ
        both = [reading.model_copy(update={"name": "drafted", "label": "Drafted"}), other]
        problems = check_codebook(finished.model_copy(update={"readings": both}))["problem"]
        assert "readings disagree" not in set(problems)
