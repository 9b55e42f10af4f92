"""What evidence a member lacks for the next higher score."""

from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, Reading
from g7tag.scoring.rubric import MOST_DIMENSIONS
from g7tag.scoring.rules import LEVELS, apply_reading


class Shortfall(NamedTuple):
    """The fewest further items that give a higher score, (dimension, strength, number) each, and the number of ways."""

    score: int
    items: tuple[tuple[str, str, int], ...]
    n_ways: int = 1


def shortfall(cells: pd.DataFrame, reading: Reading, codebook: Codebook) -> Shortfall | None:
    """Return the fewest further items with which a member would reach its next higher score."""
    by_dimension = cells.set_index("dimension")
    levels = {key: str(by_dimension.loc[key, "level"]) for key in codebook.dimension_keys}
    now = apply_reading(levels, reading).score
    if now is None or len(levels) > MOST_DIMENSIONS:
        return None
    strong = dict(zip(cells["dimension"], cells["n_strong"].astype("int64"), strict=True))
    better = [LEVELS[LEVELS.index(level) :] for level in levels.values()]
    ways: list[Shortfall] = []
    for state in product(*better):
        score = apply_reading(dict(zip(levels, state, strict=True)), reading).score
        if score is not None and score > now:
            needed = _needed(levels, strong, dict(zip(levels, state, strict=True)), codebook.min_strong_items)
            ways.append(Shortfall(score, needed))
    if not ways:
        return None
    order = {key: place for place, key in enumerate(levels)}

    def cost(way: Shortfall) -> tuple[int, int, int]:
        return way.score, sum(n for _, _, n in way.items), len(way.items)

    best = min(ways, key=lambda way: (*cost(way), [order[dimension] for dimension, _, _ in way.items]))
    return best._replace(n_ways=sum(cost(way) == cost(best) for way in ways))


def _needed(
    levels: Mapping[str, str], strong: Mapping[str, int], state: Mapping[str, Any], threshold: int
) -> tuple[tuple[str, str, int], ...]:
    raised = [key for key in levels if state[key] != levels[key]]
    return tuple(
        (key, "strong", threshold - strong[key]) if state[key] == "strong" else (key, "weak", 1) for key in raised
    )
