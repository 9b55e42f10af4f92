"""Reading and writing tables and frames."""

from pathlib import Path

import pandas as pd
import pytest

from g7tag.errors import FrameError, InputError
from g7tag.frames import FINDINGS, build
from g7tag.store import check_output, parquet_bytes, read_frame, read_table, spreadsheet_safe, table_bytes
from g7tag.store.dialects import plain_cell, safe_cell

FINDING = {
    "finding_id": "average/2024-19", "check": "average", "severity": "low", "member": "Japan", "subject": "2024-19",
    "message": "printed +0.38", "proof": "",
}  # fmt: skip


def test_equal_frames_give_equal_parquet_bytes() -> None:
    assert parquet_bytes(build(FINDINGS, [FINDING])) == parquet_bytes(build(FINDINGS, [dict(FINDING)]))


def test_another_value_gives_other_parquet_bytes() -> None:
    assert parquet_bytes(build(FINDINGS, [FINDING])) != parquet_bytes(build(FINDINGS, [FINDING | {"proof": "x"}]))


def test_the_index_of_a_frame_does_not_reach_its_bytes() -> None:
    frame = build(FINDINGS, [FINDING])
    assert parquet_bytes(frame.set_axis([7], axis="index")) == parquet_bytes(frame)


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", '"=1+1', "'=1+1", "＝1+1", "＋1", " ＠x"],
    ids=[
        "equals",
        "plus",
        "minus",
        "at",
        "tab",
        "carriage return",
        "space",
        "quote",
        "apostrophe",
        "full-width equals",
        "full-width plus",
        "full-width at",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert spreadsheet_safe(pd.DataFrame({"text": [cell]}))["text"].tolist() == [f"'{cell}"]


@pytest.mark.parametrize(
    ("cell", "safe"), [(";=1+1", "';'=1+1"), ("a; =1+1", "a;' =1+1"), ("a;＝1;-2", "a;'＝1;'-2"), (",;@x", "',;'@x")]
)
def test_a_formula_behind_a_semicolon_is_no_cell_of_its_own_and_comes_back_as_it_was(cell: str, safe: str) -> None:
    assert safe_cell(cell) == safe
    assert plain_cell(safe) == cell


@pytest.mark.parametrize("cell", ["", "Police met.", "1+1=2", "a-b", "mail@x.it", "counter;dismantle", "a; b - c"])
def test_a_cell_that_no_spreadsheet_would_run_stays_as_it_is(cell: str) -> None:
    assert spreadsheet_safe(pd.DataFrame({"text": [cell]}))["text"].tolist() == [cell]


def test_numbers_stay_numbers() -> None:
    frame = pd.DataFrame({"whole": [-1], "real": [-0.5], "score": pd.array([-1], dtype="Int64")})
    assert table_bytes(frame, ".csv") == b"whole,real,score\n-1,-0.500000,-1\n"


def test_making_a_frame_safe_leaves_it_unchanged() -> None:
    frame = pd.DataFrame({"text": ["=1+1"]})
    spreadsheet_safe(frame)
    assert frame["text"].tolist() == ["=1+1"]


def test_csv_is_safe_for_spreadsheets_and_ends_with_a_newline() -> None:
    assert table_bytes(pd.DataFrame({"text": ["=1+1", "über"]}), ".csv") == "text\n'=1+1\nüber\n".encode()


def test_json_lines_hold_the_text_verbatim() -> None:
    table = table_bytes(pd.DataFrame({"text": ["=1+1", "über"], "n": [1, 2]}), ".jsonl")
    assert table == '{"text":"=1+1","n":1}\n{"text":"über","n":2}\n'.encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b"text,n\nNA,1\nNone,\nnan,null\n"),
        ("t.jsonl", b'{"text":"NA","n":"1"}\n{"text":"None","n":""}\n{"text":"nan","n":"null"}\n'),
    ],
    ids=["csv", "jsonl"],
)
def test_words_that_look_like_missing_values_stay_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    table = read_table(tmp_path / name)
    assert table["text"].tolist() == ["NA", "None", "nan"]
    assert table["n"].tolist() == ["1", "", "null"]


def test_a_csv_cell_that_looks_like_a_number_or_a_date_stays_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"sentence_id,text\n007,2024-07-01\n")
    assert read_table(tmp_path / "t.csv").to_dict("records") == [{"sentence_id": "007", "text": "2024-07-01"}]


def test_the_byte_order_mark_of_a_spreadsheet_program_is_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbftext\nThey met.\n")
    assert list(read_table(tmp_path / "t.csv").columns) == ["text"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_table_that_was_written_is_read_back(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"text": ["They met.", 'Line\nbreak, "quoted"']}, dtype="str")
    (tmp_path / f"t{suffix}").write_bytes(table_bytes(frame, suffix))
    pd.testing.assert_frame_equal(read_table(tmp_path / f"t{suffix}"), frame)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("t.csv", b"", "No columns"),
        ("t.csv", b"text\n\xff\xfe\n", "can't decode byte 0xff"),
        ("t.csv", b'text\n"open\n', "EOF inside string"),
        ("t.csv", b"text\nHello, world\n", "not a readable"),
        ("t.csv", b"text\nOne.\nTwo, three.\n", "not a readable"),
        ("t.jsonl", b'{"text": "a"}\n{"text":\n', "not a readable"),
        ("t.parquet", b"", "size is 0 bytes"),
        ("t.parquet", b"no parquet at all", "not a readable"),
    ],
    ids=["empty csv", "no UTF-8", "open quote", "more cells than names", "a row too long", "cut off", "empty parquet",
         "no parquet"],
)  # fmt: skip
def test_a_file_that_is_no_table_is_named_with_the_cause(tmp_path: Path, name: str, content: bytes, found: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: not a readable .*") as raised:
        read_table(tmp_path / name)
    assert found in str(raised.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv: cannot read the table \(No such file or directory\)"):
        read_table(tmp_path / "gone.csv")


@pytest.mark.parametrize(("name", "found"), [("t.xlsx", "'.xlsx'"), ("table", "'nameless'")])
def test_a_table_of_another_type_is_refused_with_the_types_that_are_read(name: str, found: str) -> None:
    with pytest.raises(InputError, match=rf"cannot read a table from a {found} file\. Expected \.csv, \.parquet, \.js"):
        read_table(Path(name))


def test_a_table_is_not_written_over_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"text\n")
    with pytest.raises(InputError, match=r"t\.csv: already exists\. Choose another file, or replace it with --force"):
        check_output(tmp_path / "t.csv", force=False)
    check_output(tmp_path / "t.csv", force=True)


def test_a_table_of_another_type_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.xlsx: cannot write a '\.xlsx' file\. Expected \.csv, \.parquet, \.jsonl"):
        check_output(tmp_path / "t.xlsx", force=True)


def test_a_frame_that_was_written_is_read_back(tmp_path: Path) -> None:
    frame = build(FINDINGS, [FINDING])
    (tmp_path / "findings.parquet").write_bytes(parquet_bytes(frame))
    pd.testing.assert_frame_equal(read_frame(tmp_path / "findings.parquet", FINDINGS), frame)


def test_a_frame_file_that_breaks_its_schema_is_named(tmp_path: Path) -> None:
    (tmp_path / "findings.parquet").write_bytes(parquet_bytes(build(FINDINGS, [FINDING]).drop(columns="proof")))
    with pytest.raises(FrameError, match=r"findings\.parquet: not a valid findings frame\n  column 'proof' is missing"):
        read_frame(tmp_path / "findings.parquet", FINDINGS)


@pytest.mark.parametrize("content", [None, b"", b"words"], ids=["missing", "empty", "no parquet"])
def test_a_frame_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "findings.parquet").write_bytes(content)
    with pytest.raises(FrameError, match=r"findings\.parquet: cannot be read as Parquet \(.+\)\. Expected a findings"):
        read_frame(tmp_path / "findings.parquet", FINDINGS)
