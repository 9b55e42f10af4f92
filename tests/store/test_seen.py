"""Ids that stood before."""

import numpy as np

from g7tag.store.seen import Seen


def test_ids_that_were_added_are_known_and_no_others() -> None:
    rng = np.random.default_rng(7)
    ids = [f"2024-19/JPN-{number}" for number in rng.permutation(30_000)]
    seen = Seen()
    for start in range(0, 20_000, 300):
        seen.add(ids[start : start + 300])
    order = rng.permutation(30_000)
    assert np.array_equal(seen.holds([ids[place] for place in order]), order < 20_000 // 300 * 300 + 300)


def test_nothing_is_known_at_first_and_adding_nothing_changes_nothing() -> None:
    seen = Seen()
    seen.add([])
    assert seen.holds(["a", ""]).tolist() == [False, False]
    assert seen.holds([]).tolist() == []


def test_a_million_ids_take_eight_bytes_each_in_few_runs() -> None:
    seen = Seen()
    for start in range(0, 1_000_000, 10_000):
        seen.add([str(number) for number in range(start, start + 10_000)])
    assert sum(run.nbytes for run in seen._runs) == 8_000_000
    assert len(seen._runs) < 10
