"""What the drafts of four reports find (dimensions, period, members, rules), as a record: no change may find less."""

import pytest

import g7tag
from g7tag.jobs import DraftedCodebook
from g7tag.scoring import check_codebook

FOUND = {
    "2024-apulia-19": (
        ["Prevent", "Counter", "Dismantle networks", "Disrupt business models"], ["border"],
        "CAN FRA DEU ITA JPN GBR USA EUU", {"scoring-table": 6, "interpretive-guidelines": 6},
    ),
    "2024-apulia-09": (
        ["Structural barriers", "Food systems", "Right to adequate food"], [], "CAN DEU JPN EUU", {"scoring-table": 6},
    ),
    # at first the table's row for -1 was not read whole, so the guidelines were a reading of their own
    "2024-apulia-18": (
        ["Border management", "Visa policies and processes", "Limiting networks"], [], "ITA GBR", {"scoring-table": 6},
    ),
    "2030-harbours": (["Dredge", "Light", "Insure"], [], "ARC BOR", {"scoring-table": 4}),
}  # fmt: skip
"""Labels of the dimensions, exclusions, members, and the number of rules in each reading."""


@pytest.fixture(params=["food", "border", "harbours", pytest.param("chapter", marks=pytest.mark.chapter)])
def draft(request: pytest.FixtureRequest) -> DraftedCodebook:
    name = request.param
    path = request.getfixturevalue("chapter_path") if name == "chapter" else g7tag.example_path(f"{name}-report.txt")
    return g7tag.draft_codebook(path)


def test_a_draft_finds_what_it_found_before_and_scores_as_the_finished_codebook_in_every_state(
    draft: DraftedCodebook,
) -> None:
    assert FOUND[draft.id] == (
        [each.label for each in draft.dimensions], [each.key for each in draft.exclusions],
        " ".join(each.code for each in draft.members), {each.name: len(each.rules) for each in draft.readings},
    )  # fmt: skip
    harbours = g7tag.example_path("harbours.toml")
    finished = g7tag.open_codebook(harbours if draft.id == "2030-harbours" else draft.id)
    names = ("id", "text", "period_start", "period_end")
    assert [getattr(draft.commitment, each) for each in names] == [getattr(finished.commitment, each) for each in names]
    known = {reading.name: reading for reading in finished.readings}
    for reading in draft.readings:
        other = known.get(reading.name, finished.readings[0])
        assert not any(rule.dimensions for rule in (*reading.rules, *other.rules))  # so keys may differ
        both = [reading.model_copy(update={"name": "drafted", "label": "Drafted"}), other]
        problems = check_codebook(finished.model_copy(update={"readings": both}))["problem"]
        assert "readings disagree" not in set(problems)
