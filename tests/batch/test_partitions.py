"""Partitions of whole items, and rows that conflict with earlier rows."""

import pytest

from g7tag.batch import partitions
from g7tag.batch.partitions import partitions_of
from g7tag.batch.rows import Row
from g7tag.errors import FrameError

ROWS = {
    1: ("a", "x", "1"),
    2: ("b", "y", "2"),
    3: ("a", "y", "3"),  # an id from row 1; item y continues after it
    4: ("c", "y", "first"),
    5: ("d", "y", "4"),
    6: ("e", "x", "1"),
    7: ("f", "y", "5"),  # row 6 was rejected, so the rows are consecutive
    8: ("8", "8", "6"),
    9: ("7", "z", "1"),
    10: ("8", "z", "1"),
    11: ("g", "y", ""),
    12: ("g", "y", "1"),
}
REASONS = {
    "3": "sentence_id 'a' appears in an earlier row",
    "4": "position 'first' is not a number",
    "6": "rows of item 'x' are not consecutive",
    "10": "sentence_id '8' appears in an earlier row",
    "11": "position '' is not a number",
    "12": "rows of item 'y' are not consecutive",
}


def partitions_and_rejects(rows: list[Row]) -> tuple[list[list[Row]], dict[str, str]]:
    rejects: list[Row] = []
    found = list(partitions_of(iter(rows), rejects.extend, source="t.csv"))
    return found, {row.row: row.reason for row in rejects}


@pytest.mark.parametrize(("size", "n"), [(1, 4), (3, 3), (100, 1)])
def test_what_is_usable_does_not_depend_on_the_size_of_a_partition(
    size: int, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "PARTITION_ROWS", size)
    rows = [Row(str(number), name, "One.", item, position) for number, (name, item, position) in ROWS.items()]
    found, rejects = partitions_and_rejects(rows)
    assert [row.sentence_id for part in found for row in part] == ["a", "b", "d", "f", "8", "7"]
    assert rejects == REASONS
    assert sum(len({row.item_id for row in part}) for part in found) == 4  # no item is in two
    assert len(found) == n


def test_without_positions_there_are_none_in_any_row() -> None:
    rows = [Row(str(n), str(n), "One.", "i", position) for n, position in enumerate([None, "1", None])]
    (found,), rejects = partitions_and_rejects(rows)
    assert ([row.sentence_id for row in found], list(rejects)) == (["0", "2"], ["1"])


def test_an_item_longer_than_any_paragraph_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "PARTITION_ROWS", 100)
    rows = [Row(str(n), str(n), "One.", "b", None) for n in range(5_001)]
    assert len(partitions_and_rejects(rows[:-1])[0]) == 1
    message = r"t\.csv: item 'b' has over 5,000 rows\. Expected the sentences of one paragraph\. Give each"
    with pytest.raises(FrameError, match=message):
        partitions_and_rejects([*rows, rows[0]])
