"""An item's effect is the level and score without its label; what a member lacks is the fewest further items."""

from itertools import product

import pandas as pd
import pytest

from g7tag.codebook import Reading
from g7tag.frames import EVIDENCE_MATRIX, build
from g7tag.scoring import apply_reading, item_effects, shortfall
from g7tag.scoring.rules import reached_level

TABLE = [
    {"name": "both", "score": 1, "strong": [2, 2]}, {"name": "one", "score": 0, "strong": [1, 1]},
    {"name": "no strong, some weak", "score": 0, "strong": [0, 0], "weak": [1, 2]},
    {"name": "nothing", "score": -1, "strong": [0, 0], "weak": [0, 0]},
]  # fmt: skip
BOTH, NOTHING = TABLE[:1], TABLE[-1:]
"""Rules with a gap."""
EFFECTS = {
    # a: 2 strong of 2 needed, so each of them decides. b: 3 strong, one to spare. +1, or 0 with b alone
    "a strong level needs it": (
        2, [TABLE], "1a+ 2a+ 1b+ 2b+ 3b+",
        ["1 a strong-weak 1 0 True", "2 a strong-weak 1 0 True"],
    ),
    "the only item": (2, [TABLE], "1a-", ["1 a weak-none 0 -1 True"]),
    # 0 with one strong dimension, and 0 with one weak
    "the level alone changes": (
        1, [TABLE], "1a+ 2b-", ["1 a strong-none 0 0 False", "2 b weak-none 0 0 False"],
    ),
    "weak beside enough strong ones": (
        2, [TABLE], "1a+ 2a+ 3a-", ["1 a strong-weak 0 0 False", "2 a strong-weak 0 0 False"],
    ),
    "weak beside strong": (2, [TABLE], "1a+ 2a-", []),
    "a row for each reading": (
        1, [TABLE, BOTH], "1a+ 2b+",
        [f"{item} strong-none 1 {without} True" for item in ("1 a", "2 b") for without in ("0", "nan")],
    ),
    "no score before and after": (1, [BOTH], "1a+", ["1 a strong-none nan nan False"]),
    "no score before": (1, [NOTHING], "1a-", ["1 a weak-none nan -1 True"]),
    "items outside the period": (1, [TABLE], "1a+ 2a+! 3b-!", ["1 a strong-none 0 -1 True"]),
    "only items outside the period": (2, [TABLE], "1a+!", []),
    "no items": (2, [TABLE], "", []),
}  # fmt: skip
"""Strong items needed, rules of each reading, items (number, dimension, + strong, - weak, ! outside), and effects."""


@pytest.mark.parametrize(("least", "readings", "items", "expected"), EFFECTS.values(), ids=EFFECTS)
def test_an_effect_is_the_level_and_score_without_the_item(codebook, least, readings, items, expected):
    dimensions = [codebook.dimensions[0].model_copy(update={"key": key}) for key in ("a", "b")]
    rules = [Reading(name=f"r{n}", label="R", source="invented", rules=each) for n, each in enumerate(readings)]
    book = codebook.model_copy(update={"dimensions": dimensions, "readings": rules, "min_strong_items": least})
    rows = [(each[0], each[1], each[2] == "+", not each.endswith("!"), "Italy") for each in items.split()]
    levels = pd.DataFrame(rows, columns=["item_id", "dimension", "strong", "in_period", "member"])
    cells = []
    for key in book.dimension_keys:
        own = [(item, strong) for item, dimension, strong, counted, _ in rows if dimension == key and counted]
        n_strong = sum(strong for _, strong in own)
        level = reached_level(n_strong, len(own) - n_strong, min_strong_items=least)
        counts = {"n_strong": n_strong, "n_weak": len(own) - n_strong, "item_ids": ";".join(item for item, _ in own)}
        cells.append({"commitment_id": "2024-19", "member": "Italy", "dimension": key, "level": level} | counts)
    found = item_effects(levels, build(EVIDENCE_MATRIX, cells), book)
    shown = found.astype({"score": "str", "score_without": "str"})
    assert [
        f"{row.item_id} {row.dimension} {row.level}-{row.level_without} {row.score} {row.score_without} {row.changes}"
        for row in shown.itertuples()
    ] == expected


def cells_of(codebook, counts):
    """The evidence matrix of a member with these numbers of strong and weak items."""
    least = codebook.min_strong_items
    amounts = zip(codebook.dimension_keys, counts, strict=True)
    rows = [(key, n, reached_level(n, m, min_strong_items=least)) for key, (n, m) in amounts]
    return pd.DataFrame(rows, columns=["dimension", "n_strong", "level"])


def test_the_missing_items_give_the_next_higher_score(codebook):
    for counts in product([(0, 0), (0, 1), (1, 0), (2, 0)], repeat=4):
        cells = cells_of(codebook, list(counts))
        for reading in codebook.readings:
            found = shortfall(cells, reading, codebook)
            now = apply_reading(dict(zip(cells["dimension"], cells["level"], strict=True)), reading).score
            if found is None:
                assert now in {None, 1}
                continue
            amounts = dict(zip(codebook.dimension_keys, counts, strict=True))
            for key, strength, n in found.items:
                strong, weak = amounts[key]
                amounts[key] = (strong + n, weak) if strength == "strong" else (strong, weak + n)
            levels = cells_of(codebook, list(amounts.values())).set_index("dimension")["level"].to_dict()
            assert apply_reading(levels, reading).score == found.score
            assert now is not None
            assert found.score > now


@pytest.mark.parametrize(("counts", "reading", "expected"), [
    ([(1, 5), (8, 9), (3, 0), (1, 2)], 0, (1, (("prevent", "strong", 1), ("disrupt", "strong", 1)), 1)),
    ([(2, 0)] * 4, 0, None),
    ([(9, 9)] * 4, 0, None),
    ([(0, 0)] * 4, 0, (0, (("prevent", "strong", 2),), 4)),
    # two strong items in one of four dimensions, or a weak one in each of two: two items either way
    ([(0, 0)] * 4, 1, (0, (("prevent", "strong", 2),), 4)),
], ids=["one short in two", "the highest score", "more than enough", "first of equal ways",
    "fewer dimensions"])  # fmt: skip
def test_the_fewest_missing_items_are_named(codebook, counts, reading, expected):
    assert shortfall(cells_of(codebook, counts), codebook.readings[reading], codebook) == expected
