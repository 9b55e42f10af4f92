"""Find the smallest flips: the fewest items whose labels must change for a member's score to change."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, Reading
from g7tag.frames import EVIDENCE_MATRIX, FLIPS, ITEMS, SENTENCES, build, validate
from g7tag.scoring.rules import LEVELS, apply_reading, reached_level
from g7tag.scoring.scores import in_period, label_facts

Profile = tuple[int, ...]
"""Levels of an item in each dimension: 0 none, 1 weak, 2 strong."""
_LEAST_CHANCE = 1e-9  # minimum probability of a change: people may still label it so


_MOST_SETS = 20_000  # maximum number of sets compared; beyond it, only the best items of each profile
_MOST_COUNTED = 2**63 - 1  # largest number the frame can hold


class Chances(NamedTuple):
    """Probabilities that an item is strong, and that it has a label, in each dimension."""

    strong: list[float]
    some: list[float]


class Need(NamedTuple):
    """A required change of level in one dimension and the number of items that must be relabelled for it."""

    place: int
    before: str
    after: str
    least: int

    def counts(self, profile: Profile) -> bool:
        """Whether relabelling an item can contribute to the change."""
        if self.after == "none":
            return profile[self.place] > 0
        return (profile[self.place] == 2) == (self.before == "strong")

    def weight(self, chances: Chances) -> float:
        """Logarithm of the probability that an item has the required label."""
        strong, some = chances.strong[self.place], chances.some[self.place]
        if self.after == "none":
            chance = 1 - some
        elif self.before == "strong":
            chance = 1 - strong
        else:
            chance = strong if self.after == "strong" else some
        return math.log(max(chance, _LEAST_CHANCE))


class Target(NamedTuple):
    """Levels with a different score, and the changes needed to reach them."""

    levels: tuple[str, ...]
    score: int | None
    needs: tuple[Need, ...]


def item_chances(chances: pd.DataFrame, sentences: pd.DataFrame, keys: Sequence[str]) -> dict[str, Chances]:
    """Return the probabilities that each item is strong, and has a label, in each dimension (independent sentences)."""
    item_ids = chances["sentence_id"].map(sentences.set_index("sentence_id")["item_id"])
    some = chances[list(keys)]
    strong = some.mul(chances["strong"], axis=0)
    found = [1 - (1 - shares).groupby(item_ids).prod() for shares in (strong, some)]
    rows = zip(found[0].index.astype("str"), *(each.to_numpy().tolist() for each in found), strict=True)
    return {item: Chances(strong_in, some_in) for item, strong_in, some_in in rows}


def item_profiles(
    item_ids: Sequence[str], cells: pd.DataFrame, labels: pd.DataFrame, sentences: pd.DataFrame
) -> dict[str, Profile]:
    """Return the level of each item in each dimension, in the order of the matrix."""
    facts = label_facts(labels, sentences)
    strong = facts.loc[facts["strength"] == "strong", ["item_id", "dimension"]]
    strong_in = set(strong.itertuples(index=False, name=None))
    listed = {cell["dimension"]: set(cell["item_ids"].split(";")) for cell in cells.to_dict("records")}
    return {
        item: tuple(2 if (item, key) in strong_in else int(item in ids) for key, ids in listed.items())
        for item in item_ids
    }


def find_flips(
    chances: pd.DataFrame,
    *,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    evidence_matrix: pd.DataFrame,
    labels: pd.DataFrame,
    codebook: Codebook,
) -> pd.DataFrame:
    """Return the smallest flip of each score, by member and reading.

    The labels of an item may change in any way, independently in each dimension: from strong to weak or none, and the
    reverse. The size is exact. All sets of that size that change the score are counted (up to 2**63 - 1), for any new
    score. The set shown is the most likely one. Its probability is a product over the dimensions that must change: the
    probabilities that the required number of its items are strong (or not strong, labelled, not labelled) there.
    Contradictory action is ignored, as in the suggested score. The running time grows with the number of distinct
    labellings of a member's items, to the power of `min_strong_items`.

    Parameters
    ----------
    chances
        Result of `label_chances`.
    sentences, items, evidence_matrix, labels
        Frames of one run.
    codebook
        Dimensions, period and rules.

    Returns
    -------
    pandas.DataFrame
        The flips frame. `size` is NA and `n_sets` is 0 if no change of labels changes the score, for example for a
        member with fewer items than strong action requires. No members give no rows.
    """
    for frame, model in ((sentences, SENTENCES), (items, ITEMS), (evidence_matrix, EVIDENCE_MATRIX)):
        validate(frame, model, source="flips")
    keys, least = codebook.dimension_keys, codebook.min_strong_items
    counted = items[in_period(items, codebook) & (items["commitment_id"] == codebook.commitment.id)]
    chances_of = item_chances(chances, sentences, keys)
    rows = []
    for member, cells in evidence_matrix.groupby("member", sort=False):
        ids = counted.loc[counted["member"] == member, "item_id"].tolist()
        evidence = _Evidence(ids, item_profiles(ids, cells, labels, sentences), chances_of, keys, least)
        for reading in codebook.readings:
            names = {"commitment_id": codebook.commitment.id, "member": member, "reading": reading.name}
            rows.append(names | evidence.smallest_flip(reading, sentences))
    return build(FLIPS, rows)


class _Evidence:
    """The items of a member, grouped by the profile of their labels."""

    def __init__(
        self, item_ids: Sequence[str], profiles: Mapping[str, Profile], chances: Mapping[str, Chances],
        keys: Sequence[str], min_strong_items: int,
    ) -> None:  # fmt: skip
        self.keys, self.least, self.profile_of = keys, min_strong_items, profiles
        zero = Chances([0.0] * len(keys), [0.0] * len(keys))
        self.chances = {item: chances.get(item, zero) for item in item_ids}
        self.of: dict[Profile, list[str]] = {}
        for item_id in item_ids:
            self.of.setdefault(profiles[item_id], []).append(item_id)
        self.profiles = sorted(self.of)
        places = range(len(keys))
        self.n_strong = [sum(len(ids) for kind, ids in self.of.items() if kind[place] == 2) for place in places]
        self.n_any = [sum(len(ids) for kind, ids in self.of.items() if kind[place]) for place in places]

    def smallest_flip(self, reading: Reading, sentences: pd.DataFrame) -> dict[str, Any]:
        """Size, number of sets and most likely set under one reading."""
        targets = self._targets(reading)
        for size in range(1, sum(map(len, self.of.values())) + 1):
            near = [target for target in targets if max((need.least for need in target.needs), default=0) <= size]
            fitting = {target: list(self._mixes(target.needs, size)) for target in near}
            mixes = {mix for found in fitting.values() for mix in found}
            if mixes:
                n_sets = sum(math.prod(map(math.comb, self._sizes(), mix)) for mix in mixes)
                best = max(
                    (self._best_set(target, mix) for target, found in fitting.items() for mix in found),
                    key=lambda pair: pair[0],
                )
                found = {"size": size, "n_sets": min(n_sets, _MOST_COUNTED), "candidate_ids": self._part_of(mixes)}
                return found | self._shown(best[2], best[1], sentences) | {"chance": min(math.exp(best[0]), 1.0)}
        empty = dict.fromkeys(("candidate_ids", "item_ids", "sentence_ids", "change"), "")
        return {"size": None, "n_sets": 0, "to_score": None} | empty

    def _part_of(self, mixes: Iterable[tuple[int, ...]]) -> str:
        """The items that belong to at least one of the sets."""
        used = {profile for mix in mixes for profile, n in zip(self.profiles, mix, strict=True) if n}
        return ";".join(item for item in self.chances if self.profile_of[item] in used)

    def _targets(self, reading: Reading) -> list[Target]:
        """Levels with a different score, each with its needs; the closest to the current levels come first."""
        pairs = zip(self.n_strong, self.n_any, strict=True)
        now = [reached_level(strong, some - strong, min_strong_items=self.least) for strong, some in pairs]
        score = apply_reading(dict(zip(self.keys, now, strict=True)), reading).score
        targets = []
        for levels in product(LEVELS, repeat=len(self.keys)):
            after = apply_reading(dict(zip(self.keys, levels, strict=True)), reading).score
            if after != score:
                moved = ((place, one, other) for place, (one, other) in enumerate(zip(now, levels, strict=True)))
                needs = tuple(self._need(place, *ends) for place, *ends in moved if ends[0] != ends[1])
                targets.append(Target(levels, after, needs))
        return sorted(targets, key=lambda target: _distance(now, target.levels))

    def _need(self, place: int, before: str, after: str) -> Need:
        strong = self.n_strong[place]
        if after == "strong":
            least = self.least - strong
        elif after == "none":
            least = self.n_any[place]
        else:
            least = strong - self.least + 1 if before == "strong" else 1
        return Need(place, before, after, least)

    def _sizes(self) -> list[int]:
        return [len(self.of[profile]) for profile in self.profiles]

    def _mixes(self, needs: tuple[Need, ...], size: int) -> Iterator[tuple[int, ...]]:
        """Possible numbers of items of each profile in sets of this size that meet all needs."""
        serves = [[need.counts(profile) for need in needs] for profile in self.profiles]
        sizes = self._sizes()
        # number of items available from the profiles after each place, in total and for each need
        left = [sum(sizes[place:]) for place in range(len(sizes) + 1)]
        offers = [[n * is_so for is_so in row] for n, row in zip(sizes, serves, strict=True)]
        offered = [[sum(column[place:]) for column in zip(*offers, strict=True)] for place in range(len(sizes) + 1)]

        def extend(place: int, room: int, owed: list[int], taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
            short = any(debt > min(room, offer) for debt, offer in zip(owed, offered[place], strict=False))
            if room > left[place] or short:
                return
            if place == len(sizes):
                yield taken
                return
            for n in range(min(room, sizes[place]) + 1):
                rest = [debt - n * is_so for debt, is_so in zip(owed, serves[place], strict=True)]
                yield from extend(place + 1, room - n, rest, (*taken, n))

        yield from extend(0, size, [need.least for need in needs], ())

    def _best_set(self, target: Target, mix: tuple[int, ...]) -> tuple[float, Target, list[str]]:
        """The most likely set of this mix, with the logarithm of its probability."""
        choices = [self._choices(target, profile, n) for profile, n in zip(self.profiles, mix, strict=True)]
        if math.prod(map(len, choices)) > _MOST_SETS:
            choices = [each[:1] for each in choices]
        sets = (sorted(item for part in parts for item in part) for parts in product(*choices))
        weighed = [(self._weight(items, target), items) for items in sets]
        weight, items = max(weighed, key=lambda pair: pair[0])
        return weight, target, items

    def _choices(self, target: Target, profile: Profile, n: int) -> list[tuple[str, ...]]:
        """Sets of n items of one profile that include the most likely set; the best set for all needs is first."""
        needs = [need for need in target.needs if need.counts(profile)]
        items = sorted(self.of[profile])
        weights = {item: [need.weight(self.chances[item]) for need in needs] for item in items}

        def best(places: Sequence[int]) -> list[str]:
            return sorted(items, key=lambda item: -sum(weights[item][place] for place in places))[:n]

        every = best(range(len(needs)))
        some = [best(each) for size in range(1, len(needs)) for each in combinations(range(len(needs)), size)]
        candidates = list(dict.fromkeys(item for ids in (every, *some) for item in ids))
        if math.comb(len(candidates), n) > _MOST_SETS:
            return [tuple(every)]
        return list(combinations(candidates, n))

    def _weight(self, items: Sequence[str], target: Target) -> float:
        """Logarithm of the probability of a change, from the most likely items for each need."""
        weight = 0.0
        for need in target.needs:
            serving = (need.weight(self.chances[item]) for item in items if need.counts(self.profile_of[item]))
            weight += sum(sorted(serving, reverse=True)[: need.least])
        return weight

    def _shown(self, item_ids: list[str], target: Target, sentences: pd.DataFrame) -> dict[str, Any]:
        moves = [f"{self.keys[need.place]} becomes {target.levels[need.place]}" for need in target.needs]
        sentence_ids = sentences.loc[sentences["item_id"].isin(item_ids), "sentence_id"]
        return {
            "item_ids": ";".join(item_ids), "sentence_ids": ";".join(sentence_ids), "change": ", ".join(moves),
            "to_score": target.score,
        }  # fmt: skip


def _distance(levels: Sequence[str], others: Sequence[str]) -> int:
    """Number of steps (none, weak, strong) between two rows of levels."""
    pairs = zip(levels, others, strict=True)
    return sum(abs(LEVELS.index(one) - LEVELS.index(other)) for one, other in pairs)
