"""Reading a table row by row: the content of cells, rejected rows, errors of a whole file, and partitions of rows."""

from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from g7tag.batch import rows as table_rows
from g7tag.batch.rows import Row, partitions_of, read_rows
from g7tag.errors import FrameError, InputError
from g7tag.store import table_bytes


def rows_of(path, content=None):
    """All rows of a file as (row, sentence_id, text, item_id, position), or a reject as (row, reason, text)."""
    if content is not None:
        path.write_bytes(content)
    return [(row.row, row.reason, row.text) if row.reason else tuple(row[:5]) for row in read_rows(path)]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_row_has_its_number_and_the_cells_that_are_needed(tmp_path, suffix):
    texts, ids = ["They met.", "NA", "über, all"], ["a", "", "None"]
    table = pd.DataFrame({"more": [1, 2, 3], "text": texts, "sentence_id": ids, "position": [1, 2, 3]})
    (tmp_path / f"t{suffix}").write_bytes(table_bytes(table, suffix))
    assert rows_of(tmp_path / f"t{suffix}") == [
        ("1", "a", "They met.", "a", "1"), ("2", "2", "NA", "2", "2"), ("3", "None", "über, all", "None", "3"),
    ]  # fmt: skip


def test_a_folder_is_read_as_one_table_whose_rows_have_the_name_of_their_file(tmp_path):
    for name, texts in {"b.PARQUET": ["Three."], "a.parquet": ["One.", "Two."], "_own.parquet": ["No."]}.items():
        pd.DataFrame({"text": texts}).to_parquet(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a table")
    assert [(row[0], row[2]) for row in rows_of(tmp_path)] == [
        ("1 of a.parquet", "One."), ("2 of a.parquet", "Two."), ("1 of b.PARQUET", "Three."),
    ]  # fmt: skip


@pytest.mark.parametrize(("content", "found"), [
    (b"\xef\xbb\xbftext\nOne.\n", [("1", "1", "One.", "1", None)]),
    (b'text,item_id\r\n"a\nb",1\r\n', [("1", "1", "a\nb", "1", None)]),
    (b"text,sentence_id\n\na,\n", [("1", "1", "", "1", None), ("2", "2", "a", "2", None)]),
    (b"text,more\na\nb,2\n", [("1", "the row has 1 cells, the header has 2", "a"), ("2", "2", "b", "2", None)]),
    (b"text\na, b\nc\n", [("1", "the row has 2 cells, the header has 1", "a, b"), ("2", "2", "c", "2", None)]),
    (b"text,item_id\na,\xff\nb,\n", [("1", "not valid UTF-8", "a"), ("2", "2", "b", "2", None)]),
    (b"text,item_id\na," + b"i" * 1001, [("1", "an id or a position has over 1,000 characters", "a")]),
    (b"text\n" + b"a" * 9000, [("1", "1", "a" * 5001, "1", None)]),
], ids=["mark", "line ends", "blank line", "too few", "too many", "bytes", "long id", "long text"])  # fmt: skip
def test_a_csv_row_is_read_or_passed_over(tmp_path, content, found):
    assert rows_of(tmp_path / "t.csv", content) == found


@pytest.mark.parametrize(("line", "found"), [
    (b'{"text": "a", "position": 3, "sentence_id": 7}', ("2", "7", "a", "7", "3")),
    (b'{"text": null, "position": null}', ("2", "2", "", "2", "")),
    (b'{"text":', ("2", "not valid JSON (Expecting value: line 1 column 9 (char 8))", '{"text":')),
    (b'["text"]', ("2", "not a JSON object with a `text`", '["text"]')),
    (b'{"words": "a"}', ("2", "not a JSON object with a `text`", '{"words": "a"}')),
    (b'{"text": ["a"]}', ("2", "not a JSON object with a `text` that is text", '{"text": ["a"]}')),
    (b'{"text": "\xff"}', ("2", "not valid UTF-8", "\udcff")),
    (b'{"text": "\\ud800"}', ("2", "not valid UTF-8", "\ud800")),
    (b"[" * 200_000, ("2", "not valid JSON (maximum recursion depth", "[" * 5001)),
], ids=["numbers", "null", "cut", "list", "no text", "list as text", "bytes", "half a pair", "deep"])  # fmt: skip
def test_a_line_of_json_is_read_or_passed_over(tmp_path, line, found):
    first = b'\xef\xbb\xbf{"text": "One."}\n\n'  # and a blank line, which is no row
    one, read, last = rows_of(tmp_path / "t.jsonl", first + line + b"\n" + b'{"text": "Last."}\n')
    assert (one, last) == (("1", "1", "One.", "1", None), ("3", "3", "Last.", "3", None))
    assert read[1].startswith(found[1])
    assert (read[0], *read[2:]) == (found[0], *found[2:])


def test_cells_of_a_parquet_file_become_text_and_a_repeated_one_is_held_once(tmp_path):
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 3_999 + [None]), ["x" * 2**20])  # unpacked, 4 GB
    table = pa.table({"text": texts, "sentence_id": range(4_000), "position": pa.array([0.5, None] * 2_000)})
    pq.write_table(table, tmp_path / "t.parquet")
    first, *_, last = rows_of(tmp_path / "t.parquet")
    assert (first, last) == (("1", "0", "x" * 5001, "0", "0.5"), ("4000", "3999", "", "3999", ""))


def parquet(text):
    pq.write_table(pa.table({"text": text}), buffer := BytesIO(), compression="zstd")
    return buffer.getvalue()


TEXTS = parquet([f"Sentence {n}." for n in range(5_000)])


@pytest.mark.parametrize(("name", "content", "message"), [
    ("t.csv", b"", r"not a readable \.csv table \(No columns to parse from file, after row 0\)\. Save it again"),
    ("t.csv", b'text\nOne.\n"open\nTwo.\n', r"table \(a quote is never closed, after row 1\)\. Save it again"),
    ("t.csv", b'text\n"' + b"open\n" * 40_000, r"table \(field larger than field limit.*, after row 0\)"),
    ("t.csv", b"text\n" + b"a" * 17_000_000, r"table \(a line has more than 16,777,216 characters, after row 0\)"),
    ("t.csv", b"item_id,text,item_id\na,One.,b\n", r"column 'item_id' appears twice\. Keep one column with that"),
    ("t.jsonl", b'{"words": "One."}', r"column 'text' is missing, found 'words'\. Name the column"),
    ("t.parquet", b"PAR1 no table PAR1", r"not a readable \.parquet table"),
    ("t.parquet", parquet(pa.array([["a"]])), r"column 'text' has type list<.*>\. Expected text"),
    ("t.parquet", parquet(pa.array([b"\xff"]).view(pa.string())), r"not a readable .* table \(Invalid UTF8"),
    ("t.parquet", TEXTS[:200] + b"\xff" * 1_800 + TEXTS[2_000:], r"(not a readable|cannot read the) .*table \("),
    ("gone.parquet", None, r"cannot read the table \(No such file or directory\)\. Check the"),
    ("t.xlsx", b"", r"cannot read a table from a '\.xlsx' file\. Expected \.csv, \.parquet, \.jsonl"),
])  # fmt: skip
def test_a_file_that_is_no_table_is_refused_as_a_whole(tmp_path, name, content, message):
    with pytest.raises(InputError, match=rf"{name}: .*{message}|{name}: {message}"):
        rows_of(tmp_path / name, content)


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


@pytest.mark.parametrize(("size", "n"), [(1, 4), (3, 3), (100, 1)])
def test_what_is_usable_does_not_depend_on_the_size_of_a_partition(size, n, monkeypatch):
    monkeypatch.setattr(table_rows, "PARTITION_ROWS", size)
    rows = [Row(str(number), name, "One.", item, position) for number, (name, item, position) in ROWS.items()]
    rejects = []
    found = list(partitions_of(iter(rows), rejects.extend, source="t.csv"))
    assert [row.sentence_id for part in found for row in part] == ["a", "b", "d", "f", "8", "7"]
    assert {row.row: row.reason for row in rejects} == REASONS
    assert sum(len({row.item_id for row in part}) for part in found) == 4  # no item is in two
    assert len(found) == n
    rows = [Row(str(n), str(n), "One.", "i", position) for n, position in enumerate([None, "1", None])]
    found = list(partitions_of(iter(rows), rejects.extend, source="t.csv"))  # without positions
    assert ([row.sentence_id for part in found for row in part], rejects[-1].row) == (["0", "2"], "1")


def test_an_item_longer_than_any_paragraph_is_refused(monkeypatch):
    monkeypatch.setattr(table_rows, "PARTITION_ROWS", 100)
    rows = [Row(str(n), str(n), "One.", "b", None) for n in range(5_002)]
    assert len(list(partitions_of(iter(rows[:5_000]), list, source="t.csv"))) == 1
    message = r"t\.csv: item 'b' has over 5,000 rows\. Expected the sentences of one paragraph\. Give each"
    with pytest.raises(FrameError, match=message):
        list(partitions_of(iter(rows), list, source="t.csv"))
