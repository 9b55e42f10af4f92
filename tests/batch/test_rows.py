"""Reading a table row by row: the content of cells, rejected rows, and errors of a whole file."""

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from g7tag.batch.rejects import Reject
from g7tag.batch.rows import open_rows
from g7tag.errors import FrameError, InputError
from g7tag.store import table_bytes


def rows_of(path: Path, content: bytes | None = None, *, size: int = 2) -> list[tuple]:
    """All rows of a file as (row, sentence_id, text, item_id, position), or a reject as (row, reason, text)."""
    if content is not None:
        path.write_bytes(content)
    with open_rows(path, size=size) as rows:
        chunks = list(rows.chunks)
    assert all(len(chunk) <= size for chunk in chunks)
    return [
        (row.row, row.reason, row.text) if isinstance(row, Reject) else tuple(row) for chunk in chunks for row in chunk
    ]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_row_has_its_number_and_the_cells_that_are_needed(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame(
        {"more": [1, 2, 3], "text": ["They met.", "NA", "über, all"], "sentence_id": ["a", "b", "None"]}
    )
    (tmp_path / f"t{suffix}").write_bytes(table_bytes(table, suffix))
    assert rows_of(tmp_path / f"t{suffix}") == [
        (1, "a", "They met.", None, None),
        (2, "b", "NA", None, None),
        (3, "None", "über, all", None, None),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "t.csv", b"\xef\xbb\xbftext\nOne.\n") == [(1, None, "One.", None, None)]
    assert rows_of(tmp_path / "t.jsonl", b'\xef\xbb\xbf{"text": "One."}\n') == [(1, None, "One.", None, None)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'text,sentence_id\n"a\nb",1\n', [(1, "1", "a\nb", None, None)]),
        (b"text,sentence_id\r\na,1\r\n", [(1, "1", "a", None, None)]),
        (b"text,sentence_id\n\na,1\n", [(1, "", "", None, None), (2, "1", "a", None, None)]),
        (b"text,sentence_id\na\nb,2\n", [(1, "the row has 1 cells, the header has 2", "a"), (2, "2", "b", None, None)]),
        (b"text\na, b\nc\n", [(1, "the row has 2 cells, the header has 1", "a, b"), (2, None, "c", None, None)]),
        (b"text,more\na,\xff\nb,\n", [(1, "not valid UTF-8", "a"), (2, None, "b", None, None)]),
    ],
    ids=["line break", "crlf", "blank line", "too few", "too many", "bytes"],
)  # fmt: skip
def test_a_csv_row_is_read_or_passed_over(tmp_path: Path, content: bytes, found: list[tuple]) -> None:
    assert rows_of(tmp_path / "t.csv", content) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b'{"text": "a", "position": 3, "sentence_id": 7}', (2, "7", "a", None, "3")),
        (b'{"text": null}', (2, None, None, None, None)),
        (b'{"text":', (2, "not valid JSON (Expecting value at character 9)", '{"text":')),
        (b'["text"]', (2, "not a JSON object", '["text"]')),
        (b'{"words": "a"}', (2, "`text` is missing", '{"words": "a"}')),
        (b'{"text": ["a"]}', (2, "text has type list, expected text", "['a']")),
        (b'{"text": "a", "item_id": "i"}', (2, "column 'item_id' is not in the file's first rows", "a")),
        (b'{"text": "\xff"}', (2, "not valid UTF-8", "\udcff")),
        (b'{"text": "\\ud800"}', (2, "not valid UTF-8", "\ud800")),
    ],
    ids=["numbers", "null", "cut", "list", "no text", "list as text", "new column", "bytes", "half a pair"],
)
def test_a_line_of_json_is_read_or_passed_over(tmp_path: Path, line: bytes, found: tuple) -> None:
    first = b'{"text": "One.", "position": 1, "sentence_id": "x"}\n\n'  # and a blank line, which is no row
    content = first + line + b"\n" + b'{"text": "Last."}\n'
    read = rows_of(tmp_path / "t.jsonl", content, size=1)
    assert read[1] == found
    assert [read[0][2], read[2][2]] == ["One.", "Last."]


def test_json_nested_deeper_than_any_reader_goes_is_passed_over(tmp_path: Path) -> None:
    content = b'{"text": "One."}\n' + b"[" * 200_000 + b"\n"
    ((_, reason, _),) = rows_of(tmp_path / "t.jsonl", content)[1:]
    assert reason.startswith("not valid JSON (maximum recursion depth")


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_text_of_a_parquet_file_whose_bytes_are_not_utf8_is_passed_over(tmp_path: Path, kind: pa.DataType) -> None:
    values = pa.array([b"a", b"\xff", None])
    column = values.cast(pa.large_binary() if kind == pa.large_string() else pa.binary()).view(kind)
    pq.write_table(pa.table({"text": column}), tmp_path / "t.parquet")
    assert rows_of(tmp_path / "t.parquet", size=9) == [
        (1, None, "a", None, None), (2, "not valid UTF-8", "\udcff"), (3, None, None, None, None),
    ]  # fmt: skip


def test_numbers_of_a_parquet_file_become_words_and_missing_ones_stay_missing(tmp_path: Path) -> None:
    table = pd.DataFrame({"text": ["a", None], "sentence_id": [7, 8], "position": [1.5, float("nan")]})
    table.to_parquet(tmp_path / "t.parquet")
    assert rows_of(tmp_path / "t.parquet") == [(1, "7", "a", None, "1.5"), (2, "8", None, None, None)]


def test_a_cell_of_a_megabyte_is_read_and_the_limit_of_the_csv_module_is_as_before(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    ((_, _, text, _, _),) = rows_of(tmp_path / "t.csv", b"text\n" + b"a" * 2**20 + b"\n")
    assert len(text) == 2**20
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", r"not a readable \.csv table \(No columns to parse from file\)\. Save it again"),
        ("t.csv", b'text\nOne.\n"open\nTwo.\n', r"table \(EOF inside string starting at row 2\)\. Save it again"),
        ("t.csv", b'text\n"' + b"open\n" * 4_000_000, r"table \(field larger than field limit.*, from row 1 on\)"),
        ("t.csv", b"text\n" + b"a" * 17_000_000, r"table \(a line has more than 16,777,216 characters\)\. Save"),
        ("t.jsonl", b"[\n1\n]\n", r"table \(row 1: not valid JSON .*; expected a JSON object on each line\)\. Save"),
        ("t.parquet", b"", r"table \(Parquet file size is 0 bytes\)\. Save it again"),
        ("t.parquet", b"PAR1 no table PAR1", r"not a readable \.parquet table"),
        ("gone.parquet", None, r"cannot read the table \(No such file or directory\)\. Check the"),
        ("t.xlsx", b"", r"cannot read a table from a '\.xlsx' file\. Expected \.csv, \.parquet, \.jsonl"),
    ],
    ids=["empty", "open quote", "open quote of 20 MB", "no line break", "a list", "empty parquet",
         "no parquet", "gone", "another type"],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_as_a_whole(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    with pytest.raises(InputError, match=rf"{name}: .*{message}|{name}: {message}"):
        rows_of(tmp_path / name, content)


def test_a_parquet_file_that_is_damaged_within_is_refused_when_it_is_read_so_far(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    pd.DataFrame({"text": [f"Sentence {n}." for n in range(5_000)]}).to_parquet(file, compression="zstd")
    content = bytearray(file.read_bytes())
    content[200:2_000] = b"\xff" * 1_800
    with pytest.raises(InputError, match=r"t\.parquet: (not a readable \.parquet table|cannot read the table) \("):
        rows_of(file, bytes(content))


def test_a_column_that_is_needed_and_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FrameError, match=r"t\.csv: column 'item_id' appears twice\. Keep one column with that name"):
        rows_of(tmp_path / "t.csv", b"item_id,text,item_id\na,One.,b\n")


def test_a_day_beyond_all_calendars_is_told(tmp_path: Path) -> None:
    days = pa.array([2**30], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"text": ["They met."], "position": days}), tmp_path / "t.parquet")
    with (
        open_rows(tmp_path / "t.parquet", size=9) as rows,
        pytest.raises(InputError, match=r"t\.parquet: not a readable"),
    ):
        list(rows.chunks)


def test_chunks_are_small_where_any_cell_is_long(tmp_path: Path) -> None:
    lines = "".join(f"{'x' * 2**20}{number},They met.\n" for number in range(70))
    (tmp_path / "t.csv").write_text(f"sentence_id,text\n{lines}")
    with open_rows(tmp_path / "t.csv", size=9_999) as rows:
        assert max(len(chunk) for chunk in rows.chunks) <= 33
