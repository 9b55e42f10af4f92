"""What a member lacks for a higher score is the fewest further items, and they do give it."""

from itertools import product

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.scoring import apply_reading, shortfall
from g7tag.scoring.rules import reached_level


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
