"""Items on one act in two chapters are found by day, source and words, and the data card says how well."""

import runpy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from g7tag.panel.acts import shared_acts

ROOT = Path(__file__).parents[2]
TEXT = "On 3 May 2024, Japan gave 40 boats to the coast guard of Fiji."


def item(number: int, commitment: str = "2024-19", **given: Any) -> dict[str, Any]:
    return {
        "item_id": f"{commitment}/JPN-{number:02}", "commitment_id": commitment, "member": "Japan",
        "date": pd.Timestamp("2024-05-03"), "text": TEXT, "url": "", "title": "", "label": "none", "strength": "none",
        "counts": False,
    } | given  # fmt: skip


def found(*items: dict[str, Any]) -> pd.DataFrame:
    return shared_acts(pd.DataFrame(items).astype({"date": "datetime64[us]"}))


def test_a_pair_is_of_one_member_in_two_chapters_and_at_most_a_day_apart() -> None:
    first = item(1)
    for other, n in (
        (item(1, "2024-18"), 1),
        (item(2), 0),
        (item(1, "2024-18", member="Canada"), 0),
        (item(1, "2024-18", date=pd.Timestamp("2024-05-04")), 1),
        (item(1, "2024-18", date=pd.Timestamp("2024-05-05")), 0),
        (item(1, "2024-18", date=pd.NaT), 0),
        (item(1, "2024-18", text="Parliament debates budgets."), 0),
        (item(1, "2024-18", text="Parliament sat.", url="https://example.org/a"), 0),
    ):
        assert len(found(first, other)) == n, other
        assert len(found(other, first)) == n, other


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"url": "https://www.example.org/a/"}, {"url": "http://example.org/a"}, True),
        ({"url": ""}, {"url": ""}, False),
        ({"title": "Japan gives boats to Fiji today"}, {"title": "Japan gives boats to Fiji, today"}, True),
        ({"title": "Boats for Fiji"}, {"title": "Boats for Fiji"}, False),  # too short to mean one source
    ],
)
def test_one_source_is_enough_even_without_words_in_common(
    one: dict[str, str], other: dict[str, str], same: bool
) -> None:
    pair = found(item(1, **one), item(1, "2024-18", text="Parliament debates budgets.", **other))
    assert pair["same_source"].tolist() == [True] * same
    assert pair["one_act"].tolist() == ["perhaps"] * same


def test_equal_texts_are_one_act_and_coding_and_counting_are_compared() -> None:
    weak, strong = {"label": "visa weak", "strength": "weak"}, {"label": "counter strong", "strength": "strong"}
    pairs = found(
        item(1, **strong, counts=True),
        item(2, **weak, text=f"{TEXT} They sail well."),
        item(1, "2024-18", **weak, text=f" {TEXT}\n", counts=True),
    )
    assert pairs.drop(columns=["similarity", "text_1", "text_2"]).to_dict("records") == [
        {
            "item_1": "2024-19/JPN-01", "item_2": "2024-18/JPN-01", "member": "Japan", "commitment_1": "2024-19",
            "commitment_2": "2024-18", "one_act": "yes", "same_source": False, "labels_1": "counter strong",
            "labels_2": "visa weak", "alike": False, "counted_twice": True,
        },
        {
            "item_1": "2024-19/JPN-02", "item_2": "2024-18/JPN-01", "member": "Japan", "commitment_1": "2024-19",
            "commitment_2": "2024-18", "one_act": "perhaps", "same_source": False, "labels_1": "visa weak",
            "labels_2": "visa weak", "alike": True, "counted_twice": False,
        },
    ]  # fmt: skip
    assert pairs["similarity"].iloc[0] == pytest.approx(1)


def test_pairs_to_read_first_come_first() -> None:
    near, source = f"{TEXT} They sail well.", "https://example.org/a"
    others = [
        item(1, "2024-18", text=near), item(2, "2024-18", text="In May 2024, Japan gave boats."), item(3, "2024-18"),
        item(4, "2024-18", text="Parliament debates budgets.", url=source),
    ]  # fmt: skip
    pairs = found(item(1, url=source), *others)
    assert pairs["item_2"].str[-2:].tolist() == ["03", "04", "01", "02"]


def test_the_card_says_how_well_the_planted_pairs_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "tools/benchmarks/shared_acts.py"), run_name="__main__")
    printed = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    card = (ROOT / "data/README.md").read_text(encoding="utf-8")
    for line in (
        "at most one day apart even 60 pairs, precision 36/46, recall 36/37, F1 0.87",
        "and a source or words in common (g7tag panel) odd 60 pairs, precision 22/41, recall 22/23, F1 0.69",
        "and a source or words in common (g7tag panel) even 60 pairs, precision 36/46, recall 36/37, F1 0.87",
        "and one source and similar wording (as in one chapter) even 60 pairs, precision 0/3, recall 0/37, F1 0.00",
    ):
        assert any(each.startswith(line) for each in lines), line
    (ends,) = (line.rpartition("F1 ")[2] for line in lines if "(g7tag panel)" in line and " even " in line)
    value, low, high = ends.replace("[", "").replace("]", "").replace(",", "").split()
    assert f"F1 {value} (95% interval {low} to {high})" in " ".join(card.split())
    for line in ("listed: precision 21/93, recall 21/21", "the 22 most similar: precision 20/22, recall 20/21"):
        assert f"corpus, 218 pairs, {line}" in lines
    assert "all 218 pairs of the corpus" in card
    assert "lists 93, among them all 21; of the 22 with most words in common, 20 are" in card
    assert "coder_1 and the plan: 1.00 over 120 pairs" in printed
