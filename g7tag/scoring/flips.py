"""Find the fewest items whose labels would have to change for a member's score to change."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, Reading
from g7tag.frames import EVIDENCE_MATRIX, FLIPS, ITEMS, SENTENCES, build, validate
from g7tag.scoring.rules import apply_reading, reached_level
from g7tag.scoring.scores import in_period, label_facts

_LEVELS = ("none", "weak", "strong")
_LEAST_CHANCE = 1e-9  # of a change that the probabilities rule out: it stays possible, as people may say so
Profile = tuple[int, ...]  # of an item: 0 none, 1 weak, 2 strong, in each dimension


class Need(NamedTuple):
    """What a set of items must hold so that one dimension can move.

    At least `least` of the items that are strong (`from_strong`), or are not; or all that are weak or strong (`empty`).
    """

    place: int
    least: int
    from_strong: bool
    empty: bool

    def counts(self, profile: Profile) -> bool:
        """Whether an item serves this need."""
        if self.empty:
            return profile[self.place] > 0
        return (profile[self.place] == 2) == self.from_strong


class Target(NamedTuple):
    """Levels that give another score, and what it takes to reach them."""

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
    """Return the smallest changes of labels that change a score, by member and reading.

    An item's labels may change in any way, in all dimensions at once: from strong to weak or none, and the reverse.
    The size is exact, and all sets of that size are counted. Shown is the set whose change is likeliest by the
    probabilities: the product, over its items and the dimensions that must move, of the probability that the item is
    (or is not) strong there. Contradictory action is left aside, as in the suggested score.

    Parameters
    ----------
    chances
        What `label_chances` gives.
    sentences, items, evidence_matrix, labels
        Frames of one run.
    codebook
        Dimensions, period and rules.

    Returns
    -------
    pandas.DataFrame
        The flips frame. `size` is NA and `n_sets` 0 where no change of labels changes the score: a member with fewer
        items than strong action asks for. No members give no rows.
    """
    for frame, model in ((sentences, SENTENCES), (items, ITEMS), (evidence_matrix, EVIDENCE_MATRIX)):
        validate(frame, model, source="flips")
    keys, least = codebook.dimension_keys, codebook.min_strong_items
    counted = items[in_period(items, codebook) & (items["commitment_id"] == codebook.commitment.id)]
    told = _item_chances(chances, sentences, keys)
    rows = []
    for member, cells in evidence_matrix.groupby("member", sort=False):
        its = counted.loc[counted["member"] == member, "item_id"].tolist()
        evidence = _Evidence(its, _profiles(its, cells, labels, sentences), told, keys, least)
        for reading in codebook.readings:
            names = {"commitment_id": codebook.commitment.id, "member": member, "reading": reading.name}
            rows.append(names | evidence.smallest_flip(reading, sentences))
    return build(FLIPS, rows)


class _Evidence:
    """The items of a member by the profile of their labels."""

    def __init__(
        self, item_ids: Sequence[str], profiles: Mapping[str, Profile], told: Mapping[str, list[float]],
        keys: Sequence[str], min_strong_items: int,
    ) -> None:  # fmt: skip
        self.keys, self.least, self.told = keys, min_strong_items, told
        self.of: dict[Profile, list[str]] = {}
        for item_id in item_ids:
            self.of.setdefault(profiles[item_id], []).append(item_id)
        self.profiles = sorted(self.of)
        places = range(len(keys))
        self.n_strong = [sum(len(ids) for kind, ids in self.of.items() if kind[place] == 2) for place in places]
        self.n_any = [sum(len(ids) for kind, ids in self.of.items() if kind[place]) for place in places]

    def smallest_flip(self, reading: Reading, sentences: pd.DataFrame) -> dict[str, Any]:
        """Size, number of sets, and the likeliest one, under one reading."""
        targets = self._targets(reading)
        for size in range(1, sum(map(len, self.of.values())) + 1):
            near = [target for target in targets if max((need.least for need in target.needs), default=0) <= size]
            fitting = {target: list(self._mixes(target.needs, size)) for target in near}
            mixes = {mix for found in fitting.values() for mix in found}
            if mixes:
                n_sets = sum(math.prod(map(math.comb, self._sizes(), mix)) for mix in mixes)
                best = max(
                    (self._likeliest(target, mix) for target, found in fitting.items() for mix in found),
                    key=lambda pair: pair[0],
                )
                chance = {"chance": min(math.exp(best[0]), 1.0)}
                return {"size": size, "n_sets": n_sets} | self._shown(best[2], best[1], sentences) | chance
        return {"size": None, "n_sets": 0, "item_ids": "", "sentence_ids": "", "change": "", "to_score": None}

    def _targets(self, reading: Reading) -> list[Target]:
        """Levels with another score, each with its needs; those nearest to the levels as they are come first."""
        pairs = zip(self.n_strong, self.n_any, strict=True)
        now = [reached_level(strong, some - strong, min_strong_items=self.least) for strong, some in pairs]
        score = apply_reading(dict(zip(self.keys, now, strict=True)), reading).score
        targets = []
        for levels in product(_LEVELS, repeat=len(self.keys)):
            after = apply_reading(dict(zip(self.keys, levels, strict=True)), reading).score
            if after != score:
                moved = ((place, one, other) for place, (one, other) in enumerate(zip(now, levels, strict=True)))
                needs = tuple(self._need(place, *ends) for place, *ends in moved if ends[0] != ends[1])
                targets.append(Target(levels, after, needs))
        return sorted(targets, key=lambda target: _distance(now, target.levels))

    def _need(self, place: int, before: str, after: str) -> Need:
        if after == "strong":
            return Need(place, self.least - self.n_strong[place], from_strong=False, empty=False)
        if after == "none":
            return Need(place, self.n_any[place], from_strong=False, empty=True)
        if before == "strong":
            return Need(place, self.n_strong[place] - self.least + 1, from_strong=True, empty=False)
        return Need(place, 1, from_strong=False, empty=False)

    def _sizes(self) -> list[int]:
        return [len(self.of[profile]) for profile in self.profiles]

    def _mixes(self, needs: tuple[Need, ...], size: int) -> Iterator[tuple[int, ...]]:
        """How many items of each profile a set of this size may hold so that all needs are met."""
        serves = [[need.counts(profile) for need in needs] for profile in self.profiles]
        sizes = self._sizes()
        # items that the profiles from each place on could still give, in all and for each need
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

    def _likeliest(self, target: Target, mix: tuple[int, ...]) -> tuple[float, Target, list[str]]:
        """The set of this mix whose change is likeliest, and the logarithm of how likely it is."""
        chosen: list[tuple[float, str]] = []
        for profile, n in zip(self.profiles, mix, strict=True):
            weighed = sorted((-self._weight(item, profile, target), item) for item in self.of[profile])
            chosen += weighed[:n]
        return -sum(weight for weight, _ in chosen), target, sorted(item for _, item in chosen)

    def _weight(self, item_id: str, profile: Profile, target: Target) -> float:
        chances = self.told.get(item_id, [0.0] * len(self.keys))
        weight = 0.0
        for need in target.needs:
            if need.counts(profile):
                lost = need.from_strong or need.empty
                chance = 1 - chances[need.place] if lost else chances[need.place]
                weight += math.log(max(chance, _LEAST_CHANCE))
        return weight

    def _shown(self, item_ids: list[str], target: Target, sentences: pd.DataFrame) -> dict[str, Any]:
        moves = [f"{self.keys[need.place]} becomes {target.levels[need.place]}" for need in target.needs]
        its = sentences.loc[sentences["item_id"].isin(item_ids), "sentence_id"]
        return {
            "item_ids": ";".join(item_ids), "sentence_ids": ";".join(its), "change": ", ".join(moves),
            "to_score": target.score,
        }  # fmt: skip


def _distance(levels: Sequence[str], others: Sequence[str]) -> int:
    """How many steps between none, weak and strong lie between two rows of levels."""
    pairs = zip(levels, others, strict=True)
    return sum(abs(_LEVELS.index(one) - _LEVELS.index(other)) for one, other in pairs)


def _item_chances(chances: pd.DataFrame, sentences: pd.DataFrame, keys: Sequence[str]) -> dict[str, list[float]]:
    """How likely each item is strong in each dimension: that one of its sentences is, were they independent."""
    item_ids = chances["sentence_id"].map(sentences.set_index("sentence_id")["item_id"])
    missed = 1 - chances[list(keys)].mul(chances["strong"], axis=0)
    chances_of = 1 - missed.groupby(item_ids).prod()
    return dict(zip(chances_of.index.astype("str"), chances_of.to_numpy().tolist(), strict=True))


def _profiles(
    item_ids: Sequence[str], cells: pd.DataFrame, labels: pd.DataFrame, sentences: pd.DataFrame
) -> dict[str, Profile]:
    """The level of each item in each dimension, in the matrix's order."""
    facts = label_facts(labels, sentences)
    strong = facts.loc[facts["strength"] == "strong", ["item_id", "dimension"]]
    strong_in = set(strong.itertuples(index=False, name=None))
    listed = {cell["dimension"]: set(cell["item_ids"].split(";")) for cell in cells.to_dict("records")}
    return {
        item: tuple(2 if (item, key) in strong_in else int(item in its) for key, its in listed.items())
        for item in item_ids
    }
