"""Partitions of whole items, and rows that conflict with earlier rows."""

from pathlib import Path

import pandas as pd
import pytest

from g7tag.batch.partitions import Partitions, Seen
from g7tag.batch.rows import open_rows
from g7tag.errors import FrameError


def partitions_of(path: Path, *lines: str, size: int) -> tuple[list[pd.DataFrame], list[tuple], int]:
    """Sentences of each partition of a CSV file, rejects as (row, sentence_id, reason), and the number of rows."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    rejects: list = []
    with open_rows(path, size=size) as rows:
        partitions = Partitions(rows, size=size, refuse=rejects.extend, source="t.csv")
        found = list(partitions)
    assert [part.number for part in found] == list(range(len(found)))
    return [part.sentences for part in found], [reject[:3] for reject in rejects], partitions.rows


def test_a_partition_ends_between_items_and_the_last_item_is_held_over(tmp_path: Path) -> None:
    lines = ["text,item_id", "1,a", "2,b", "3,b", "4,b", "5,c", "6,c", "7,d"]
    found, rejects, rows = partitions_of(tmp_path / "t.csv", *lines, size=2)
    assert [list(part["text"]) for part in found] == [["1"], ["2", "3", "4"], ["5", "6", "7"]]
    assert [list(part["sentence_id"]) for part in found] == [["1"], ["2", "3", "4"], ["5", "6", "7"]]
    assert (rejects, rows) == ([], 7)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_what_is_usable_does_not_depend_on_the_size_of_a_partition(tmp_path: Path, size: int) -> None:
    lines = [
        "sentence_id,item_id,position,text",
        "a,x,1,One.",
        "b,y,2,Two.",
        "a,y,3,Again.",  # an id from row 1; item y continues after it
        "c,y,first,No number.",
        "d,y,4,Four.",
        "e,x,1,Apart.",
        "f,y,5,Goes on.",  # row 6 was rejected, so the rows are consecutive
        " ,,6,Own item.",
        "7,z,1,Id of a row number.",
        "8,z,1,Row 8 has this number for its id.",
        "g,y,1,Apart too.",
    ]
    found, rejects, rows = partitions_of(tmp_path / "t.csv", *lines, size=size)
    kept = pd.concat(found, ignore_index=True)
    assert kept["sentence_id"].tolist() == ["a", "b", "d", "f", "8", "7"]
    assert kept["item_id"].tolist() == ["x", "y", "y", "y", "8", "z"]
    assert rejects == [
        (3, "a", "sentence_id 'a' appears in an earlier row"),
        (4, "c", "position 'first' is not a number"),
        (6, "e", "rows of item 'x' are not consecutive"),
        (10, "8", "sentence_id '8' appears in an earlier row"),
        (11, "g", "rows of item 'y' are not consecutive"),
    ]
    assert rows == len(kept) + len(rejects) == 11


def test_without_a_column_of_items_or_positions_a_partition_has_none(tmp_path: Path) -> None:
    found, rejects, rows = partitions_of(tmp_path / "t.csv", "text", "One.", "a,b", "Two.", "Three.", size=2)
    assert [part.columns.tolist() for part in found] == [["sentence_id", "text"]]
    assert [list(part["sentence_id"]) for part in found] == [["1", "3", "4"]]
    assert (len(rejects), rows) == (1, 4)
    assert len(partitions_of(tmp_path / "t.csv", "text", *["One."] * 4, size=2)[0]) == 2
    assert partitions_of(tmp_path / "t.csv", "text", *["a,b"] * 5, size=2)[0] == []


def test_an_item_longer_than_any_paragraph_is_refused(tmp_path: Path) -> None:
    lines = ["text,item_id", "One.,a", *["Two.,b"] * 5_001]
    message = r"t\.csv: row 5002: item 'b' has over 5,000 rows\. Expected the sentences of one paragraph\. Give each"
    with pytest.raises(FrameError, match=message):
        partitions_of(tmp_path / "t.csv", *lines, size=100)
    assert len(partitions_of(tmp_path / "t.csv", *lines[:-1], size=100)[0]) == 2


def test_ids_that_were_added_are_known_whatever_was_added_between() -> None:
    seen = Seen()
    assert seen.holds(["a"]).tolist() == [False]
    for start in range(0, 1_000, 100):
        seen.add([f"id {number}" for number in range(start, start + 100)])
    assert seen.holds(["id 0", "id 555", "id 999", "id 1000", ""]).tolist() == [True, True, True, False, False]
    assert seen.holds([]).tolist() == []
