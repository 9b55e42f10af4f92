"""What sentences and items decide, and what evidence a member lacks for the next higher score."""

from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, Reading
from g7tag.scoring.rubric import MOST_DIMENSIONS
from g7tag.scoring.rules import LEVELS, apply_reading, reached_level, scores_of
from g7tag.scoring.scores import in_period, label_facts

_EFFECTS = ["item_id", "member", "dimension", "level", "level_without", "reading", "score", "score_without", "changes"]


class Shortfall(NamedTuple):
    """The fewest further items that give a higher score, (dimension, strength, number) each, and the number of ways."""

    score: int
    items: tuple[tuple[str, str, int], ...]
    n_ways: int = 1


def carrying_sentences(
    labels: pd.DataFrame,
    *,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    evidence_matrix: pd.DataFrame,
    codebook: Codebook,
) -> pd.DataFrame:
    """Return the sentences of each level; `decides` is what changes without the label: the score, the level or ""."""
    facts = label_facts(labels, sentences)
    facts = facts[facts["item_id"].isin(items.loc[in_period(items, codebook), "item_id"])]
    strong = facts["strength"].eq("strong").groupby([facts["item_id"], facts["dimension"]]).transform("any")
    cells = evidence_matrix[["member", "dimension", "n_strong", "n_weak", "level"]]
    joined = cells.merge(facts.assign(strong_item=strong), on=["member", "dimension"])
    levels = _levels_by_member(cells)
    decides = []
    for row in joined.to_dict("records"):
        before = levels[row["member"]]
        without = _level_without(row, strong=row["strong_item"], codebook=codebook)
        after = before | {row["dimension"]: without}
        if without == row["level"] or (row["strong_item"] and row["strength"] != "strong"):
            decides.append("")  # no other level, or another sentence of the item is strong
        else:
            same = scores_of(before, codebook.readings) == scores_of(after, codebook.readings)
            decides.append("level" if same else "score")
    columns = ["member", "dimension", "level", "strength", "decides", "sentence_id", "text"]
    joined = joined.assign(decides=decides)
    return joined.merge(sentences[["sentence_id", "text"]], on="sentence_id", how="left")[columns]


def item_effects(levels: pd.DataFrame, evidence_matrix: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return what would change if a counted item lost its label in a dimension: one row for each reading."""
    cells = evidence_matrix[["member", "dimension", "n_strong", "n_weak", "level"]]
    counted = levels[levels["in_period"].astype("bool")].merge(cells, on=["member", "dimension"])
    now = _levels_by_member(cells)
    rows = []
    for row in counted.to_dict("records"):
        without = _level_without(row, strong=row["strong"], codebook=codebook)
        if without != row["level"]:
            before = scores_of(now[row["member"]], codebook.readings)
            after = scores_of(now[row["member"]] | {row["dimension"]: without}, codebook.readings)
            item = (row["item_id"], row["member"], row["dimension"], row["level"], without)
            rows += [(*item, name, before[name], score, score != before[name]) for name, score in after.items()]
    return pd.DataFrame(rows, columns=_EFFECTS).astype({"score": "Int64", "score_without": "Int64", "changes": "bool"})


def shortfall(cells: pd.DataFrame, reading: Reading, codebook: Codebook) -> Shortfall | None:
    """Return the fewest further items with which a member would reach its next higher score."""
    rows = cells.set_index("dimension").loc[codebook.dimension_keys]
    levels = {str(key): str(level) for key, level in rows["level"].items()}
    now = apply_reading(levels, reading).score
    if now is None or len(levels) > MOST_DIMENSIONS:
        return None
    strong = {str(key): int(n) for key, n in rows["n_strong"].items()}
    order = {key: place for place, key in enumerate(levels)}
    ways: list[Shortfall] = []
    for state in product(*(LEVELS[LEVELS.index(level) :] for level in levels.values())):
        after = dict(zip(levels, state, strict=True))
        score = apply_reading(after, reading).score
        if score is not None and score > now:
            needed = tuple(
                (key, level, codebook.min_strong_items - strong[key] if level == "strong" else 1)
                for key, level in after.items()
                if level != levels[key]
            )
            ways.append(Shortfall(score, needed))
    if not ways:
        return None

    def cost(way: Shortfall) -> tuple[int, int, int]:
        return way.score, sum(n for _, _, n in way.items), len(way.items)

    best = min(ways, key=lambda way: (*cost(way), [order[dimension] for dimension, _, _ in way.items]))
    return best._replace(n_ways=sum(cost(way) == cost(best) for way in ways))


def _levels_by_member(cells: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {
        str(member): dict(zip(rows["dimension"], rows["level"], strict=True))
        for member, rows in cells.groupby("member")
    }


def _level_without(cell: Mapping[Any, Any], *, strong: bool, codebook: Codebook) -> str:
    """The level of a cell without one of its strong, or one of its weak, items."""
    n_strong, n_weak = cell["n_strong"] - strong, cell["n_weak"] - (not strong)
    return reached_level(n_strong, n_weak, min_strong_items=codebook.min_strong_items)
