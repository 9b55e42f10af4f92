"""Tables of users, however a spreadsheet saved them, and frames in Parquet files of limited size."""

import subprocess
import sys
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from g7tag.batch.rows import read_rows
from g7tag.errors import FrameError, InputError
from g7tag.frames import FINDINGS, build
from g7tag.store import (
    Page,
    dialect_note,
    parquet_bytes,
    read_frame,
    read_table,
    spreadsheet_safe,
    table_bytes,
    tables,
    workbook_bytes,
)
from g7tag.store.cells import Dialect, dialect_of, plain_cell, safe_cell

FINDING = {
    "finding_id": "average/2024-19", "check": "average", "severity": "low", "member": "Japan", "subject": "2024-19",
    "message": "printed +0.38", "proof": "",
}  # fmt: skip


def test_equal_frames_give_equal_parquet_bytes_which_are_read_back(tmp_path):
    frame = build(FINDINGS, [FINDING])
    content = parquet_bytes(frame)
    assert content == parquet_bytes(build(FINDINGS, [dict(FINDING)])) == parquet_bytes(frame.set_axis([7], axis=0))
    assert content != parquet_bytes(build(FINDINGS, [FINDING | {"proof": "x"}]))
    (tmp_path / "findings.parquet").write_bytes(content)
    pd.testing.assert_frame_equal(read_frame(tmp_path / "findings.parquet", FINDINGS), frame)


@pytest.mark.parametrize(("cell", "safe"), [
    *((cell, f"'{cell}") for cell in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", '"=1+1', "'=1+1")),
    *((cell, f"'{cell}") for cell in ("＝1+1", "＋1", "－1", " ＠x")),  # full-width
    (";=1+1", "';'=1+1"), ("a; =1+1", "a;' =1+1"), ("a;＝1;-2", "a;'＝1;'-2"), (",;@x", "',;'@x"),
    *((cell, cell) for cell in ("", "Police met.", "1+1=2", "a-b", "mail@x.it", "counter;dismantle", "a; b - c")),
])  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe_and_comes_back_without(cell, safe):
    frame = pd.DataFrame({"text": [cell]})
    assert spreadsheet_safe(frame)["text"].tolist() == [safe] == [safe_cell(cell)]
    assert frame["text"].tolist() == [cell]
    assert plain_cell(safe) == cell.replace("\r", "\n")


def test_csv_is_safe_with_numbers_as_numbers_and_json_lines_are_verbatim():
    frame = pd.DataFrame({"text": ["=1+1", "über"], "n": [-1, 2], "score": pd.array([-1, 1], "Int64"), "r": [-0.5, 1]})
    csv = "text,n,score,r\n'=1+1,-1,-1,-0.500000\nüber,2,1,1.000000\n"
    assert table_bytes(frame, ".csv").decode() == csv
    assert table_bytes(frame[["text", "n"]], ".jsonl").decode() == '{"text":"=1+1","n":-1}\n{"text":"über","n":2}\n'


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".xlsx"])
def test_a_table_that_was_written_is_read_back_with_words_as_words(tmp_path, suffix):
    texts = ["They met.", 'Line\nbreak, "quoted"', "NA", "None", "nan", "007", "2024-07-01", "=1+1"]
    frame = pd.DataFrame({"text": texts, "n": ["", "null", "1", "a", "b", "c", "d", "e"]}, dtype="str")
    content = workbook_bytes([Page("t", frame)]) if suffix == ".xlsx" else table_bytes(frame, suffix)
    (tmp_path / f"t{suffix}").write_bytes(content)
    pd.testing.assert_frame_equal(read_table(tmp_path / f"t{suffix}"), frame)


@pytest.mark.parametrize(("name", "content", "found"), [
    ("t.csv", b"", r"not a readable \.csv table \(No columns"),
    ("t.csv", b"text\n\xff\xfe\n", r"not a readable \.csv table \(.*can't decode byte 0xff.* Save it as UTF-8"),
    ("t.csv", b'text\n"open\n', r"not a readable \.csv table \(unexpected end of data"),
    ("t.jsonl", b'{"text": "a"}\n{"text":\n', r"not a readable \.jsonl table"),
    ("t.parquet", b"no parquet at all", r"not a readable \.parquet table"),
    ("t.docx", b"", r"cannot read a table from a '\.docx' file\. Expected \.csv, \.parquet, \.jsonl, \.xlsx, \.od"),
    *((f"gone{kind}", None, r"cannot read the table \(No such file or d") for kind in (".csv", ".jsonl", ".ods")),
])  # fmt: skip
def test_a_file_that_is_no_table_is_named_with_the_cause(tmp_path, name, content, found):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: {found}"):
        read_table(tmp_path / name)


ROWS = [["a", "Polizei räumt „Lager“; zwei Täter, drei Opfer."], ["b", "Die Behörde – sie prüft."]]


def csv_of(delimiter):
    lines = [["sentence_id", "text"], *ROWS]
    return "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in lines) + "\r\n"


SAVED = {
    "comma, UTF-8": (csv_of(",").encode(), Dialect("utf-8-sig", ",")),
    "comma, UTF-8 with a mark": (csv_of(",").encode("utf-8-sig"), Dialect("utf-8-sig", ",")),
    "semicolon, Windows": (csv_of(";").encode("cp1252"), Dialect("cp1252", ";")),
    "tab, UTF-16": (csv_of("\t").encode("utf-16"), Dialect("utf-16", "\t")),
    "commas within quotes": (csv_of(";").replace("text", "text, with, commas").encode(), Dialect("utf-8-sig", ";")),
    "named in the first line": (("sep=;\r\n" + csv_of(";")).encode(), Dialect("utf-8-sig", ";", named=True)),
}


@pytest.mark.parametrize("how", SAVED)
def test_a_table_is_read_however_a_spreadsheet_saved_it(tmp_path, how):
    content, dialect = SAVED[how]
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert dialect_of(path) == dialect
    assert read_table(path).to_numpy().tolist() == ROWS
    if how != "commas within quotes":  # no column is named text
        assert [[row.sentence_id, row.text] for row in read_rows(path)] == ROWS
    note = dialect_note(path)
    assert note.startswith(f"{path}: is not UTF-8 and was read as ") == (dialect.encoding != "utf-8-sig")


@pytest.mark.parametrize(("content", "encoding"), [
    (b"text\ncaf\xff\x81\n", "utf-8-sig"),  # no letter of Windows
    ("text\nä\n".encode() + b"caf\xe9s\n", "utf-8-sig"),  # damaged: UTF-8 beside it
    ("text\nZürich, café\n".encode("mac_roman"), "utf-8-sig"),
    ("text\nZürich\n".encode("utf-16-le"), "utf-8-sig"),  # without a mark
    *((f"text\n{text}\n".encode("cp1252"), "cp1252") for text in ("5 € paid", "ÉTATS-UNIS", "À la fin", "£ 5")),
])  # fmt: skip
def test_a_damaged_file_is_not_taken_for_one_of_windows(tmp_path, content, encoding):
    (tmp_path / "t.csv").write_bytes(content)
    assert dialect_of(tmp_path / "t.csv").encoding == encoding


def repeated_text(path, rows):
    """A megabyte of text in each row, in a file of some kilobytes."""
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array(["x" * 2**20]))
    pq.write_table(pa.table({"text": text}), path, compression="zstd")
    return path


@pytest.mark.parametrize("kind", ["text", "rows"])
def test_a_frame_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(tables, "MOST_UNPACKED", 5_000_000)
    path = repeated_text(tmp_path / "t.parquet", rows=10)
    if kind == "rows":
        pq.write_table(pa.table({"n": np.zeros(1_000_000, dtype=np.int64)}), path, compression="zstd")
    assert path.stat().st_size < 20_000
    with pytest.raises(FrameError, match=r"as Parquet \(it would unpack to more than 5,000,000 bytes\)"):
        read_frame(path, FINDINGS)
    with pytest.raises(InputError, match=r"table \(it would unpack to more than 5,000,000 bytes\)"):
        read_table(path)


@pytest.mark.slow
def test_refusing_ten_gigabytes_takes_little_memory(tmp_path):
    path = repeated_text(tmp_path / "t.parquet", rows=10_000)
    code = (
        "import sys, resource, pathlib\n"
        "from g7tag.store import read_table\n"
        "from g7tag.errors import InputError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_table(pathlib.Path(sys.argv[1]))\n"
        "except InputError: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes of a unit of ru_maxrss
    assert int(done.stdout) * unit < 300_000_000


def parquet_of(table):
    buffer = BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("content", "found"), [
    *((content, r"cannot be read as Parquet \(.+\)\. Expected a findings") for content in (None, b"", b"words")),
    (parquet_of(pa.table({"finding_id": [["a"]]})), r"\(column 'finding_id' contains list<.*>, expected text, num"),
    (parquet_of(pa.table({"finding_id": [b"a"]})), r"\(column 'finding_id' contains binary, expected text, num"),
    (
        parquet_bytes(build(FINDINGS, [FINDING]).drop(columns="proof")),
        r"not a valid findings frame\n  column 'proof' is missing",
    ),
], ids=["missing", "empty", "no parquet", "lists", "bytes", "other columns"])  # fmt: skip
def test_a_frame_file_that_cannot_be_read_is_named(tmp_path, content, found):
    path = tmp_path / "findings.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FrameError, match=rf"findings\.parquet: .*{found}"):
        read_frame(path, FINDINGS)
