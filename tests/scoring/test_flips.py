"""The smallest flips are the same as in a search that tries every set and every change."""

import itertools
import math
import random

import pandas as pd
import pytest

from g7tag.codebook import Reading
from g7tag.scoring import apply_reading, find_flips, score_members
from g7tag.scoring.rules import reached_level

LEVELS = ("none", "weak", "strong")
Profile = tuple[str, ...]


def small(codebook, keys, rules, least):
    """Return a codebook with few dimensions and one reading."""
    reading = Reading(name="odd", label="Odd", source="invented", rules=rules)
    dimensions = [codebook.dimensions[0].model_copy(update={"key": key}) for key in keys]
    update = {"dimensions": dimensions, "readings": [reading], "min_strong_items": least}
    return codebook.model_copy(update=update)


def score_of(profiles, book):
    levels = {}
    for place, key in enumerate(book.dimension_keys):
        n_strong = sum(profile[place] == "strong" for profile in profiles)
        n_weak = sum(profile[place] == "weak" for profile in profiles)
        levels[key] = reached_level(n_strong, n_weak, min_strong_items=book.min_strong_items)
    return apply_reading(levels, book.readings[0]).score


def by_search(profiles, book):
    """Return size, number and items of the smallest sets that change the score if relabelled."""
    now, changes = score_of(profiles, book), list(itertools.product(LEVELS, repeat=len(book.dimension_keys)))
    for size in range(1, len(profiles) + 1):
        sets = []
        for chosen in itertools.combinations(range(len(profiles)), size):
            rest = [profile for place, profile in enumerate(profiles) if place not in chosen]
            if any(
                score_of([*rest, *new], book) != now for new in itertools.combinations_with_replacement(changes, size)
            ):
                sets.append(chosen)
        if sets:
            return size, len(sets), [f"2024-19/ITA-{place + 1:02d}" for place in sorted(set().union(*sets))]
    return None, 0, []


@pytest.fixture
def by_flips(frames):
    def by_flips(profiles, book, chances=None, **changes):
        """The result of `find_flips` for items with these profiles, one sentence per level of an item."""
        keys, evidence, shares = book.dimension_keys, [], []
        for place, profile in enumerate(profiles):
            given = []
            for level in ("strong", "weak"):
                own = [key for key, its in zip(keys, profile, strict=True) if its == level]
                given.append((";".join(own), level if own else "none"))
                share = {key: float(key in own) for key in keys} | {"strong": float(level == "strong")}
                shares.append(share | (chances[place] if chances else {}))
            evidence.append((f"2024-19/ITA-{place + 1:02d}", "2024-07-01", given))
        made = frames(evidence)
        its = {name: made[name] for name in ("labels", "sentences", "items")}
        matrix = score_members(**its, members=made["members"].head(1), codebook=book).evidence_matrix
        rows = pd.DataFrame(shares, columns=[*keys, "strong"]).assign(sentence_id=made["sentences"]["sentence_id"])
        its["items"] = its["items"].assign(**changes)
        (row,) = find_flips(rows, **its, evidence_matrix=matrix, codebook=book).to_dict("records")
        return row

    return by_flips


RULES = {
    "table": [
        {"name": "all", "score": 1, "strong": [2, 2]}, {"name": "one", "score": 0, "strong": [1, 1]},
        {"name": "two weak", "score": 0, "strong": [0, 0], "weak": [2, 2]},
        {"name": "one weak", "score": -1, "strong": [0, 0], "weak": [1, 1]},
        {"name": "none", "score": -1, "strong": [0, 0], "weak": [0, 0]},
    ],
    "with a gap": [{"name": "all", "score": 1, "strong": [2, 2]}, {"name": "none", "score": -1, "weak": [0, 0]}],
    "one dimension": [{"name": "b", "score": 1, "dimensions": ["b"], "strong": [1, 1]}],
}  # fmt: skip

ANY = [{"name": "strong", "score": 1, "strong": [1, 1]}, {"name": "not", "score": 0, "strong": [0, 0]}]


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize("seed", range(8))
def test_size_and_number_are_those_of_a_search_of_every_set_and_change(by_flips, codebook, rules, seed):
    draw = random.Random(seed)
    book = small(codebook, ["a", "b"], rules, draw.choice([1, 2]))
    profiles = [tuple(draw.choices(LEVELS, weights=[3, 2, 3], k=2)) for _ in range(draw.randint(1, 4))]
    row = by_flips(profiles, book)
    found = None if pd.isna(row["size"]) else row["size"], row["n_sets"], str(row["candidate_ids"]).split(";")
    assert (*found[:2], [each for each in found[2] if each]) == by_search(profiles, book), profiles


def test_a_member_without_items_cannot_be_flipped(by_flips, codebook):
    row = by_flips([], small(codebook, ["a", "b"], RULES["table"], 2))
    assert (pd.isna(row["size"]), row["n_sets"], row["item_ids"], row["change"]) == (True, 0, "", "")


def test_only_items_that_count_can_be_labelled_otherwise(by_flips, codebook):
    book = small(codebook, ["a"], ANY, 1)
    assert by_flips([("none",)], book, date=pd.NaT)["size"] == 1
    for change in ({"date": pd.Timestamp("2024-06-14")}, {"commitment_id": "2024-20"}):
        assert pd.isna(by_flips([("none",)], book, **change)["size"])


def test_the_likeliest_change_is_shown_with_its_sentences(by_flips, codebook):
    book = small(codebook, ["a", "b"], RULES["table"], 1)
    profiles = [("none", "strong"), ("strong", "none")]
    # +1 now; either item changes it by losing its strong label. The first is surely strong in b; the second is strong
    # in a with 1 - (1 - 0.6 * 0.7) ** 2 = 0.66
    doubtful = {"a": 0.6, "strong": 0.7}
    row = by_flips(profiles, book, [{"a": 0.1, "b": 1.0, "strong": 1.0}, doubtful | {"b": 0.4}])
    assert (row["item_ids"], row["sentence_ids"]) == ("2024-19/ITA-02", "2024-19/ITA-02.1;2024-19/ITA-02.2")
    assert (row["change"], row["to_score"]) == ("a becomes weak", 0)


def test_more_sets_than_the_frame_can_hold_are_counted_up_to_its_limit(by_flips, codebook):
    row = by_flips([("strong",)] * 70, small(codebook, ["a"], ANY, 36))
    assert math.comb(70, 35) > 2**63 - 1
    assert (row["size"], row["n_sets"], row["to_score"]) == (35, 2**63 - 1, 0)  # 70 - 36 + 1
    assert len(str(row["candidate_ids"]).split(";")) == 70


def test_to_lose_or_to_gain_any_label_is_not_to_lose_or_gain_strength(by_flips, codebook):
    rules = [{"name": "any", "score": 0, "weak": [1, 2]}]
    rules.append({"name": "none", "score": -1, "strong": [0, 0], "weak": [0, 0]})
    book = small(codebook, ["a", "b"], rules, 2)
    profiles = [("weak", "none"), ("none", "weak")]
    # 0 now, and -1 without both labels; the chance is that neither item is labelled at all, of any strength
    row = by_flips(profiles, book, [{"a": 0.99, "strong": 0.01}, {"b": 0.3, "strong": 0.9}])
    assert (row["size"], row["to_score"]) == (2, -1)
    assert row["chance"] == pytest.approx(0.01**2 * 0.7**2)  # two sentences an item
    # -1 now; the first label is as likely as an item is labelled at all
    row = by_flips([("none", "none")], book, [{"a": 0.3, "b": 0.1, "strong": 0.9}])
    assert (row["size"], row["change"], row["to_score"]) == (1, "a becomes weak", 0)
    assert row["chance"] == pytest.approx(1 - 0.7**2)


def test_items_are_chosen_by_the_moves_that_each_is_taken_for(by_flips, codebook):
    rules = [{"name": "both", "score": 1, "strong": [2, 2]}, {"name": "not", "score": 0, "strong": [0, 1]}]
    profiles = [("none", "none")] * 3 + [("none", "strong")]
    # a asks for two strong items and b for one more: the first serves both, and the second is likelier in a than the
    # third, which is likelier in both together
    shares = [{"a": 0.9, "b": 0.9}, {"a": 0.9, "b": 0.0001}, {"a": 0.01, "b": 0.02}, {"a": 0.000001}]
    row = by_flips(profiles, small(codebook, ["a", "b"], rules, 2), [each | {"strong": 1.0} for each in shares])
    assert (row["size"], row["item_ids"], row["to_score"]) == (2, "2024-19/ITA-01;2024-19/ITA-02", 1)
    assert row["chance"] == pytest.approx(0.99**3)


def test_only_as_many_items_move_as_it_takes(by_flips, codebook):
    book = small(codebook, ["a", "b"], RULES["table"], 2)
    profiles = [("strong", "none"), ("strong", "strong"), ("none", "none")]
    # +1 asks for one more strong item in b alone: the third or the first, and the first is likelier
    row = by_flips(profiles, book, [{"b": 0.5, "strong": 1.0}, {}, {"b": 0.1, "strong": 1.0}])
    assert (row["size"], row["item_ids"], row["change"]) == (1, "2024-19/ITA-01", "b becomes strong")
    assert row["chance"] == pytest.approx(1 - 0.5**2)
