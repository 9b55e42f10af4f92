"""Partitions of whole items, and rows that conflict with earlier rows."""

import pandas as pd
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


@pytest.mark.parametrize("size", [1, 3, 100])
def test_what_is_usable_does_not_depend_on_the_size_of_a_partition(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "PARTITION_ROWS", size)
    rejects: list[Row] = []
    rows = (Row(str(number), name, "One.", item, position) for number, (name, item, position) in ROWS.items())
    found = list(partitions_of(rows, rejects.extend, source="t.csv"))
    kept = pd.concat(found)
    assert kept["sentence_id"].tolist() == ["a", "b", "d", "f", "8", "7"]
    assert {row.row: row.reason for row in rejects} == REASONS
    assert sum(part["item_id"].nunique() for part in found) == kept["item_id"].nunique()  # no item is in two
    assert len(found) == {1: 4, 3: 3, 100: 1}[size]


def test_without_positions_there_are_none_in_any_row() -> None:
    rejects: list[Row] = []
    rows = (Row(str(n), str(n), "One.", "i", position) for n, position in enumerate([None, "1", None]))
    (found,) = partitions_of(rows, rejects.extend, source="t.csv")
    assert (found["sentence_id"].tolist(), [row.row for row in rejects]) == (["0", "2"], ["1"])


def test_an_item_longer_than_any_paragraph_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "PARTITION_ROWS", 100)
    rows = [Row(str(n), str(n), "One.", "b", None) for n in range(5_001)]
    assert len(list(partitions_of(iter(rows[:-1]), print, source="t.csv"))) == 1
    message = r"t\.csv: item 'b' has over 5,000 rows\. Expected the sentences of one paragraph\. Give each"
    with pytest.raises(FrameError, match=message):
        list(partitions_of(iter([*rows, rows[0]]), print, source="t.csv"))
