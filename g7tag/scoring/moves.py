"""What it takes for a dimension to move from one level to another, and how likely items are to be labelled so."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from g7tag.scoring.scores import label_facts

Profile = tuple[int, ...]
"""Of an item: 0 none, 1 weak, 2 strong, in each dimension."""
_LEAST_CHANCE = 1e-9  # of a change that the probabilities rule out: it stays possible, as people may say so


class Chances(NamedTuple):
    """How likely an item is strong, and is labelled at all, in each dimension."""

    strong: list[float]
    some: list[float]


class Need(NamedTuple):
    """How one dimension must move, and how many items must be labelled otherwise for it."""

    place: int
    before: str
    after: str
    least: int

    def counts(self, profile: Profile) -> bool:
        """Whether an item can serve: one that has a label to lose, or that is not strong yet."""
        if self.after == "none":
            return profile[self.place] > 0
        return (profile[self.place] == 2) == (self.before == "strong")

    def weight(self, chances: Chances) -> float:
        """Logarithm of how likely an item is what the move asks for."""
        strong, some = chances.strong[self.place], chances.some[self.place]
        if self.after == "none":
            chance = 1 - some
        elif self.before == "strong":
            chance = 1 - strong
        else:
            chance = strong if self.after == "strong" else some
        return math.log(max(chance, _LEAST_CHANCE))


class Target(NamedTuple):
    """Levels that give another score, and what it takes to reach them."""

    levels: tuple[str, ...]
    score: int | None
    needs: tuple[Need, ...]


def item_chances(chances: pd.DataFrame, sentences: pd.DataFrame, keys: Sequence[str]) -> dict[str, Chances]:
    """Return how likely a sentence of each item is strong, and labelled, in each dimension, were they independent."""
    item_ids = chances["sentence_id"].map(sentences.set_index("sentence_id")["item_id"])
    some = chances[list(keys)]
    strong = some.mul(chances["strong"], axis=0)
    found = [1 - (1 - shares).groupby(item_ids).prod() for shares in (strong, some)]
    rows = zip(found[0].index.astype("str"), *(each.to_numpy().tolist() for each in found), strict=True)
    return {item: Chances(strong_in, some_in) for item, strong_in, some_in in rows}


def item_profiles(
    item_ids: Sequence[str], cells: pd.DataFrame, labels: pd.DataFrame, sentences: pd.DataFrame
) -> dict[str, Profile]:
    """Return the level of each item in each dimension, in the matrix's order."""
    facts = label_facts(labels, sentences)
    strong = facts.loc[facts["strength"] == "strong", ["item_id", "dimension"]]
    strong_in = set(strong.itertuples(index=False, name=None))
    listed = {cell["dimension"]: set(cell["item_ids"].split(";")) for cell in cells.to_dict("records")}
    return {
        item: tuple(2 if (item, key) in strong_in else int(item in its) for key, its in listed.items())
        for item in item_ids
    }
