"""An item's effect is the level and score without its label; what a member lacks is the fewest further items."""

from itertools import product

import pandas as pd
import pytest

from g7tag.codebook import Codebook, Reading
from g7tag.frames import EVIDENCE_MATRIX, build
from g7tag.scoring import apply_reading, item_effects, shortfall
from g7tag.scoring.rules import reached_level

TABLE = [
    {"name": "both", "score": 1, "strong": [2, 2]}, {"name": "one", "score": 0, "strong": [1, 1]},
    {"name": "no strong, some weak", "score": 0, "strong": [0, 0], "weak": [1, 2]},
    {"name": "nothing", "score": -1, "strong": [0, 0], "weak": [0, 0]},
]  # fmt: skip
GAP = [{"name": "both", "score": 1, "strong": [2, 2]}]
"""Rules that give a score for two strong dimensions only."""
Rows = list[tuple[str, str, bool]]


def book_of(codebook: Codebook, *, least: int, rules: tuple[list[dict[str, object]], ...] = (TABLE,)) -> Codebook:
    """A codebook with the dimensions a and b, and a reading for each list of rules."""
    dimensions = [codebook.dimensions[0].model_copy(update={"key": key}) for key in ("a", "b")]
    readings = [Reading(name=f"r{n}", label="R", source="invented", rules=each) for n, each in enumerate(rules)]
    return codebook.model_copy(update={"dimensions": dimensions, "readings": readings, "min_strong_items": least})


def effects(rows: Rows, book: Codebook, *, outside: Rows = ()) -> pd.DataFrame:  # type: ignore[assignment]
    """The effects of items (number, dimension, strong) of one member; those outside the period are not counted."""
    named = [(f"2024-19/ITA-{number}", key, strong, True) for number, key, strong in rows]
    named += [(f"2024-19/ITA-{number}", key, strong, False) for number, key, strong in outside]
    levels = pd.DataFrame(named, columns=["item_id", "dimension", "strong", "in_period"]).assign(member="Italy")
    cells = []
    for key in book.dimension_keys:
        own = levels[(levels["dimension"] == key) & levels["in_period"].astype("bool")]
        n_strong = int(own["strong"].sum())
        counts = {"n_strong": n_strong, "n_weak": len(own) - n_strong, "item_ids": ";".join(own["item_id"])}
        level = reached_level(n_strong, len(own) - n_strong, min_strong_items=book.min_strong_items)
        cells.append({"commitment_id": "2024-19", "member": "Italy", "dimension": key, "level": level} | counts)
    return item_effects(levels, build(EVIDENCE_MATRIX, cells), book)


def short(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    columns = ["item_id", "dimension", "level", "level_without", "score", "score_without", "changes"]
    return [(row[0].rpartition("/")[2], *row[1:]) for row in frame[columns].itertuples(index=False)]


def test_a_strong_item_that_a_strong_level_needs(codebook: Codebook) -> None:
    # a: 2 strong of 2 needed, so each of them decides: without one, 1 strong is weak. b: 3 strong, one to spare.
    # Both strong gives +1; only b strong gives 0.
    rows = [("1", "a", True), ("2", "a", True), ("1", "b", True), ("2", "b", True), ("3", "b", True)]
    assert short(effects(rows, book_of(codebook, least=2))) == [
        ("ITA-1", "a", "strong", "weak", 1, 0, True), ("ITA-2", "a", "strong", "weak", 1, 0, True),
    ]  # fmt: skip


def test_the_only_item_of_a_dimension_takes_its_level_away(codebook: Codebook) -> None:
    # a: one weak item, so weak; without it none. No strong dimension and one weak give 0, no action gives -1.
    assert short(effects([("1", "a", False)], book_of(codebook, least=2))) == [
        ("ITA-1", "a", "weak", "none", 0, -1, True)
    ]


def test_a_level_may_change_and_the_score_may_not(codebook: Codebook) -> None:
    # One strong item suffices. a strong, b weak: 0. Without the weak item b is none, and one strong still gives 0.
    # Without the strong item a is none, b weak: 0 as well.
    found = effects([("1", "a", True), ("2", "b", False)], book_of(codebook, least=1))
    assert short(found) == [
        ("ITA-1", "a", "strong", "none", 0, 0, False), ("ITA-2", "b", "weak", "none", 0, 0, False),
    ]  # fmt: skip


def test_weak_items_beside_enough_strong_ones_change_nothing(codebook: Codebook) -> None:
    # 2 strong + 1 weak: without the weak item still strong. 1 weak beside 1 strong: weak with and without it.
    book = book_of(codebook, least=2)
    assert [row[0] for row in short(effects([("1", "a", True), ("2", "a", True), ("3", "a", False)], book))] == [
        "ITA-1", "ITA-2"
    ]  # fmt: skip
    assert short(effects([("1", "a", True), ("2", "a", False)], book)) == []


def test_there_is_a_row_for_each_reading(codebook: Codebook) -> None:
    # One strong item suffices. Both strong: +1 under both. Without the item of a: 0 by the table, and no score by the
    # rules with a gap, which is a change as well.
    book = book_of(codebook, least=1, rules=(TABLE, GAP))
    found = effects([("1", "a", True), ("2", "b", True)], book)
    first = found[found["item_id"] == "2024-19/ITA-1"]
    assert first["reading"].tolist() == ["r0", "r1"]
    assert first["score"].tolist() == [1, 1]
    assert first["score_without"].fillna(-9).tolist() == [0, -9]  # -9 stands for no score
    assert first["changes"].tolist() == [True, True]


def test_no_score_before_and_after_is_no_change(codebook: Codebook) -> None:
    # Only a is strong: no rule of the gap holds, with the item or without it.
    found = effects([("1", "a", True)], book_of(codebook, least=1, rules=(GAP,)))
    assert found["score"].isna().tolist() == found["score_without"].isna().tolist() == [True]
    assert found["changes"].tolist() == [False]


def test_no_score_before_and_a_score_after_is_a_change(codebook: Codebook) -> None:
    rules = [{"name": "nothing", "score": -1, "strong": [0, 0], "weak": [0, 0]}]
    found = effects([("1", "a", False)], book_of(codebook, least=1, rules=(rules,)))
    assert found["score"].isna().tolist() == [True]
    assert (found["score_without"].tolist(), found["changes"].tolist()) == ([-1], [True])


def test_items_outside_the_period_have_no_effect(codebook: Codebook) -> None:
    book = book_of(codebook, least=1)
    found = effects([("1", "a", True)], book, outside=[("2", "a", True), ("3", "b", False)])
    assert short(found) == [("ITA-1", "a", "strong", "none", 0, -1, True)]  # ITA-2 does not make up for it


@pytest.mark.parametrize("outside", [[], [("1", "a", True)]], ids=["no items", "only uncounted items"])
def test_nothing_counted_gives_no_rows(codebook: Codebook, outside: Rows) -> None:
    assert effects([], book_of(codebook, least=2), outside=outside).empty


def cells_of(codebook: Codebook, counts: list[tuple[int, int]]) -> pd.DataFrame:
    """The evidence matrix of a member with these numbers of strong and weak items."""
    least = codebook.min_strong_items
    amounts = zip(codebook.dimension_keys, counts, strict=True)
    rows = [(key, n, reached_level(n, m, min_strong_items=least)) for key, (n, m) in amounts]
    return pd.DataFrame(rows, columns=["dimension", "n_strong", "level"])


def test_the_missing_items_give_the_next_higher_score_and_no_fewer_do(codebook: Codebook) -> None:
    amounts = [(0, 0), (0, 1), (1, 0), (2, 0)]
    for counts in product(amounts, repeat=4):
        cells = cells_of(codebook, list(counts))
        for reading in codebook.readings:
            found = shortfall(cells, reading, codebook)
            now = apply_reading(dict(zip(cells["dimension"], cells["level"], strict=True)), reading).score
            if found is None:
                assert now in {None, 1}
                continue
            added = {dimension: (strength, n) for dimension, strength, n in found.items}
            after = [
                (n + (added[key][1] if added.get(key, ("",))[0] == "strong" else 0),
                 m + (added[key][1] if added.get(key, ("",))[0] == "weak" else 0))
                for key, (n, m) in zip(codebook.dimension_keys, counts, strict=True)
            ]  # fmt: skip
            levels = cells_of(codebook, after).set_index("dimension")["level"].to_dict()
            assert apply_reading(levels, reading).score == found.score
            assert now is not None
            assert found.score > now


def test_one_strong_item_short_in_two_dimensions(codebook: Codebook) -> None:
    found = shortfall(cells_of(codebook, [(1, 5), (8, 9), (3, 0), (1, 2)]), codebook.readings[0], codebook)
    assert found == (1, (("prevent", "strong", 1), ("disrupt", "strong", 1)), 1)


@pytest.mark.parametrize("counts", [[(2, 0)] * 4, [(9, 9)] * 4])
def test_the_highest_score_lacks_nothing(codebook: Codebook, counts: list[tuple[int, int]]) -> None:
    assert shortfall(cells_of(codebook, counts), codebook.readings[0], codebook) is None


def test_of_equal_ways_the_first_in_the_codebooks_order_is_named(codebook: Codebook) -> None:
    found = shortfall(cells_of(codebook, [(0, 0)] * 4), codebook.readings[0], codebook)
    assert found == (0, (("prevent", "strong", 2),), 4)


def test_of_ways_with_as_many_items_those_with_fewer_dimensions_count(codebook: Codebook) -> None:
    """Two strong items in one of four dimensions, or a weak one in each of two: two items either way."""
    found = shortfall(cells_of(codebook, [(0, 0)] * 4), codebook.readings[1], codebook)
    assert found == (0, (("prevent", "strong", 2),), 4)
