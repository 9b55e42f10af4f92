"""Tallies: what each counted item adds to the levels of its member, and how scores change with other items."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.audit.findings import scores_text
from g7tag.codebook import Codebook
from g7tag.scoring import LEVELS, in_period, scores_of, states_of

Counts: TypeAlias = npt.NDArray[np.int64]
"""Numbers of strong items and of all items, by dimension; for one item 0 and 1."""
Scores: TypeAlias = Mapping[str, int | None]


class Tally:
    """The items of a commitment by member, the numbers that they add, and the scores of any numbers."""

    def __init__(self, levels: pd.DataFrame, items: pd.DataFrame, codebook: Codebook) -> None:
        own = items[items["commitment_id"] == codebook.commitment.id]
        counted = own[in_period(own, codebook)]
        self.keys = codebook.dimension_keys
        self.least = codebook.min_strong_items
        self.outside = set(own["item_id"]) - set(counted["item_id"])
        self.of: dict[str, list[str]] = {}
        for member, item in zip(counted["member"], counted["item_id"], strict=True):
            self.of.setdefault(member, []).append(item)
        self.counts: dict[str, Counts] = {item: self._nothing() for item in own["item_id"]}
        for item, key, strong in zip(levels["item_id"], levels["dimension"], levels["strong"], strict=True):
            self.counts[item][:, self.keys.index(key)] = (strong, 1)
        self.total = {
            member: sum((self.counts[item] for item in ids), self._nothing()) for member, ids in self.of.items()
        }

        @cache
        def scores_of_states(*states: int) -> Scores:
            levels = dict(zip(self.keys, (LEVELS[state] for state in states), strict=True))
            return scores_of(levels, codebook.readings)

        self._scores_of_states = scores_of_states

    def states(self, counts: Counts) -> Counts:
        """Return the levels of numbers of items, of shape (…, 2, n_dimensions), as places in `LEVELS`."""
        return states_of(counts[..., 0, :], counts[..., 1, :], self.least)

    def change(self, member: str, states: Counts) -> str:
        """Return how a member's scores change if these are its levels; "" if they do not."""
        before = self._scores_of_states(*self.states(self.total.get(member, self._nothing())).tolist())
        return scores_text(self._scores_of_states(*states.tolist()), before=before)

    def change_without(self, member: str, ids: Iterable[str]) -> str:
        """Return how a member's scores change without some of its items; "" if they do not."""
        lost = sum((self.counts[item] for item in set(ids) & set(self.of.get(member, []))), self._nothing())
        return self.change(member, self.states(self.total.get(member, lost) - lost))

    def change_as_one(self, member: str, one: str, other: str) -> str:
        """Return how a member's scores change if two items count as one with the labels of both; "" if they do not."""
        both = [self.counts[item] for item in (one, other) if item in self.of[member]]
        joined = np.maximum.reduce([*both, self._nothing()])
        return self.change(member, self.states(self.total[member] - sum(both, self._nothing()) + joined))

    def _nothing(self) -> Counts:
        return np.zeros((2, len(self.keys)), dtype=np.int64)
