"""Scores with as many items as the member with the fewest items."""

from typing import Any

from g7tag.audit.equal_evidence import equal_evidence
from g7tag.scoring import item_levels


def drawn(report: Any, **changes: Any) -> dict[tuple[str, str], dict[str, Any]]:
    frames = report.frames()
    levels = item_levels(
        frames["labels"], sentences=frames["sentences"], items=frames["items"], codebook=report.codebook
    )
    table = equal_evidence(levels, frames["items"], frames["scores"], report.codebook, **changes)
    return {(row["member"], row["reading"]): row for row in table.to_dict("records")}


def test_equal_numbers_of_items_keep_every_score(report: Any) -> None:
    rows = drawn(report)
    assert {(row["n_items"], row["n_drawn"], row["kept"]) for row in rows.values()} == {(2, 2, 1.0)}


def test_a_score_that_rests_on_the_number_of_items_is_seldom_kept(report: Any) -> None:
    report.items = report.items[:3]  # Japan has one item, so Italy is drawn with one: never strong
    report.labels.pop("2024-19/JPN-02")
    rows = drawn(report)
    italy = rows["Italy", "scoring-table"]
    assert (italy["n_items"], italy["n_drawn"], italy["kept"], italy["p_minus1"]) == (2, 1, 0.0, 1.0)
    assert report.found("depends_on_amount_of_evidence") == {
        "depends_on_amount_of_evidence:2024-19/ITA": "has 2 items. In 1000 random draws of 1 item (the number "
        "Japan has), the score is -1 in 100% of draws."
    }


def test_the_same_seed_gives_the_same_draws(report: Any) -> None:
    report.items = report.items[:3]
    assert drawn(report, random_state=1) == drawn(report, random_state=1)


def test_members_without_items_are_left_out_and_set_no_number(report: Any) -> None:
    report.items = report.items[:2]
    assert {member for member, _ in drawn(report)} == {"Italy"}


def test_a_members_draws_do_not_depend_on_the_other_members(report: Any) -> None:
    report.items.append(report.items[0] | {"item_id": "2024-19/ITA-03", "position": 3})
    report.labels["2024-19/ITA-03"] = ("", "none", "")
    both = drawn(report)["Italy", "scoring-table"]["kept"]
    report.members.reverse()
    assert drawn(report)["Italy", "scoring-table"]["kept"] == both
    assert 0.2 < both < 0.5  # both of three items must be drawn, of two: 1 in 3
