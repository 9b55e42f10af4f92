"""Find the smallest flips: the fewest items whose labels must change for a member's score to change."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, Reading
from g7tag.frames import FLIPS, build
from g7tag.scoring.rules import LEVELS, apply_reading, reached_level
from g7tag.scoring.scores import in_period, label_facts

Profile = tuple[int, ...]
"""Levels of an item in each dimension: 0 none, 1 weak, 2 strong."""
Mix = tuple[int, ...]
"""How many items of each profile a set has."""
_LEAST_CHANCE = 1e-9  # minimum probability of a change: people may still label it so
_MOST_SETS = 20_000  # maximum number of sets compared; beyond it, only the best items of each profile
_MOST_COUNTED = 2**63 - 1  # largest number the frame can hold


class Chances(NamedTuple):
    """Probabilities that an item is strong, and that it has a label, in each dimension."""

    strong: Sequence[float]
    some: Sequence[float]


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


def find_flips(
    chances: pd.DataFrame,
    *,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    evidence_matrix: pd.DataFrame,
    labels: pd.DataFrame,
    codebook: Codebook,
) -> pd.DataFrame:
    """Return the smallest flip of each score, by member and reading, with probabilities from `label_chances`.

    The labels of an item may change in any way, independently in each dimension. The size is exact. All sets of that
    size that change the score are counted (up to 2**63 - 1), for any new score. The set shown is the most likely one.
    Its probability is a product over the dimensions that must change: the probabilities that the required number of its
    items are strong (or not strong, labelled, not labelled) there. Contradictory action is ignored. `size` is NA and
    `n_sets` is 0 if no change of labels changes the score.
    """
    keys = codebook.dimension_keys
    counted = items[in_period(items, codebook) & (items["commitment_id"] == codebook.commitment.id)]
    facts = label_facts(labels, sentences)
    strong = facts.loc[facts["strength"] == "strong", ["item_id", "dimension"]]
    strong_in = set(strong.itertuples(index=False, name=None))
    chances_of = _item_chances(chances, sentences, keys)
    rows = []
    for member, cells in evidence_matrix.groupby("member", sort=False):
        listed = {cell["dimension"]: set(cell["item_ids"].split(";")) for cell in cells.to_dict("records")}
        profile_of = {
            item: tuple(2 if (item, key) in strong_in else int(item in ids) for key, ids in listed.items())
            for item in counted.loc[counted["member"] == member, "item_id"]
        }
        evidence = _Evidence(profile_of, chances_of, keys, codebook.min_strong_items)
        for reading in codebook.readings:
            found = evidence.smallest_flip(reading)
            ids = sentences.loc[sentences["item_id"].isin(found["item_ids"].split(";")), "sentence_id"]
            names = {"commitment_id": codebook.commitment.id, "member": member, "reading": reading.name}
            rows.append(names | found | {"sentence_ids": ";".join(ids)})
    return build(FLIPS, rows)


def _item_chances(chances: pd.DataFrame, sentences: pd.DataFrame, keys: Sequence[str]) -> dict[str, Chances]:
    """The probabilities that each item is strong, and has a label, in each dimension, from independent sentences."""
    item_ids = chances["sentence_id"].map(sentences.set_index("sentence_id")["item_id"])
    some = chances[list(keys)]
    strong, some = (1 - (1 - shares).groupby(item_ids).prod() for shares in (some.mul(chances["strong"], axis=0), some))
    rows = zip(strong.index.astype("str"), strong.to_numpy().tolist(), some.to_numpy().tolist(), strict=True)
    return {item: Chances(strong_in, some_in) for item, strong_in, some_in in rows}


class _Evidence:
    """The items of a member, grouped by the profile of their labels."""

    def __init__(
        self, profile_of: Mapping[str, Profile], chances: Mapping[str, Chances], keys: Sequence[str], least: int
    ) -> None:
        self.keys, self.least, self.profile_of = keys, least, profile_of
        nothing = [0.0] * len(keys)
        self.chances = {item: chances.get(item, Chances(nothing, nothing)) for item in profile_of}
        self.of: dict[Profile, list[str]] = {}
        for item, profile in sorted(profile_of.items()):
            self.of.setdefault(profile, []).append(item)
        self.profiles = sorted(self.of)
        self.sizes = [len(self.of[profile]) for profile in self.profiles]
        levels = list(zip(*profile_of.values(), strict=True)) or [()] * len(keys)
        self.n_strong = [own.count(2) for own in levels]
        self.n_any = [len(own) - own.count(0) for own in levels]

    def smallest_flip(self, reading: Reading) -> dict[str, Any]:
        """Size, number of sets and most likely set under one reading."""
        targets = self._targets(reading)
        for size in range(1, len(self.profile_of) + 1):
            fitting = [(target, mix) for target in targets for mix in self._mixes(target.needs, size)]
            if fitting:
                mixes = {mix for _, mix in fitting}
                n_sets = sum(math.prod(map(math.comb, self.sizes, mix)) for mix in mixes)
                used = {profile for mix in mixes for profile, n in zip(self.profiles, mix, strict=True) if n}
                sets = ((*self._best_set(target, mix), target) for target, mix in fitting)
                weight, item_ids, target = max(sets, key=lambda best: best[0])
                moves = [f"{self.keys[need.place]} becomes {target.levels[need.place]}" for need in target.needs]
                return {
                    "size": size, "n_sets": min(n_sets, _MOST_COUNTED), "item_ids": ";".join(item_ids),
                    "candidate_ids": ";".join(item for item, profile in self.profile_of.items() if profile in used),
                    "change": ", ".join(moves), "to_score": target.score, "chance": min(math.exp(weight), 1.0),
                }  # fmt: skip
        return {"size": None, "n_sets": 0, "to_score": None} | dict.fromkeys(
            ("candidate_ids", "item_ids", "change"), ""
        )

    def _targets(self, reading: Reading) -> list[Target]:
        """Levels with a different score, each with its needs; the closest to the current levels come first."""
        now = [
            reached_level(strong, some - strong, min_strong_items=self.least)
            for strong, some in zip(self.n_strong, self.n_any, strict=True)
        ]
        score = apply_reading(dict(zip(self.keys, now, strict=True)), reading).score
        targets = []
        for levels in product(LEVELS, repeat=len(self.keys)):
            after = apply_reading(dict(zip(self.keys, levels, strict=True)), reading).score
            if after != score:
                moved = enumerate(zip(now, levels, strict=True))
                needs = tuple(self._need(place, one, other) for place, (one, other) in moved if one != other)
                steps = sum(
                    abs(LEVELS.index(one) - LEVELS.index(other)) for one, other in zip(now, levels, strict=True)
                )
                targets.append((steps, Target(levels, after, needs)))
        return [target for _, target in sorted(targets, key=lambda pair: pair[0])]

    def _need(self, place: int, before: str, after: str) -> Need:
        strong = self.n_strong[place]
        if after == "strong":
            least = self.least - strong
        elif after == "none":
            least = self.n_any[place]
        else:
            least = strong - self.least + 1 if before == "strong" else 1
        return Need(place, before, after, least)

    def _mixes(self, needs: Sequence[Need], size: int) -> Iterator[Mix]:
        """Possible numbers of items of each profile in sets of this size that meet all needs."""
        if any(need.least > size for need in needs):
            return
        serves = [[need.counts(profile) for need in needs] for profile in self.profiles]
        # number of items available from the profiles after each place, in total and for each need
        left = [sum(self.sizes[place:]) for place in range(len(self.sizes) + 1)]
        offers = [[n * is_so for is_so in row] for n, row in zip(self.sizes, serves, strict=True)]
        offered = [[sum(column[place:]) for column in zip(*offers, strict=True)] for place in range(len(offers) + 1)]

        def extend(place: int, room: int, owed: list[int], taken: Mix) -> Iterator[Mix]:
            short = any(debt > min(room, offer) for debt, offer in zip(owed, offered[place], strict=False))
            if room > left[place] or short:
                return
            if place == len(self.sizes):
                yield taken
                return
            for n in range(min(room, self.sizes[place]) + 1):
                rest = [debt - n * is_so for debt, is_so in zip(owed, serves[place], strict=True)]
                yield from extend(place + 1, room - n, rest, (*taken, n))

        yield from extend(0, size, [need.least for need in needs], ())

    def _best_set(self, target: Target, mix: Mix) -> tuple[float, list[str]]:
        """The most likely set of this mix, with the logarithm of its probability."""
        choices = [self._choices(target, profile, n) for profile, n in zip(self.profiles, mix, strict=True)]
        if math.prod(map(len, choices)) > _MOST_SETS:
            choices = [each[:1] for each in choices]
        sets = (sorted(item for part in parts for item in part) for parts in product(*choices))
        weighed = ((self._weight(items, target), items) for items in sets)
        return max(weighed, key=lambda pair: pair[0])

    def _choices(self, target: Target, profile: Profile, n: int) -> list[tuple[str, ...]]:
        """Sets of n items of one profile that include the most likely set; the best set for all needs is first."""
        needs = [need for need in target.needs if need.counts(profile)]
        items = self.of[profile]
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
