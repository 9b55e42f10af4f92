"""Sheets are read as people save them: any program, any heading, any place; what cannot be read is named."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from g7tag.errors import InputError
from g7tag.store import open_sheet


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    buffer = BytesIO()
    with Workbook(buffer) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    path.write_bytes(buffer.getvalue())
    return path


def test_a_workbook_is_read_as_text_with_the_number_of_each_row(tmp_path: Path) -> None:
    rows = [["Sentence ID", "Strength", "counter", "n"], ["a.1", " weak ", True, 5], [], ["a.2", "", False, 2.5]]
    sheet = open_sheet(workbook(tmp_path / "q.xlsx", notes=[["x"]], labels=rows), key="sentence_id")
    assert sheet.rows.to_dict("index") == {
        2: {"sentence_id": "a.1", "strength": "weak", "counter": "true", "n": "5"},
        4: {"sentence_id": "a.2", "strength": "", "counter": "false", "n": "2.5"},
    }
    assert sheet.cell(4, "strength") == "q.xlsx, sheet 'labels', B4"
    assert sheet.cell(4, "none") == "q.xlsx, sheet 'labels', row 4"


def test_headings_may_follow_other_rows_and_columns_without_a_heading(tmp_path: Path) -> None:
    rows = [["My labels"], [], ["", "sentence_id", "", "strength"], ["?", "a.1", "note", "weak"]]
    sheet = open_sheet(workbook(tmp_path / "q.xlsx", s=rows), key="sentence_id")
    assert sheet.rows.to_dict("index") == {4: {"sentence_id": "a.1", "strength": "weak"}}
    assert sheet.cell(4, "strength").endswith("D4")


CSV = 'sentence_id{0}Strength{0}note\na.1{0}weak{0}"café{0}\nx"\n'


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_of_every_kind_is_read(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = tmp_path / "q.csv"
    path.write_bytes(CSV.format(delimiter).encode(encoding))
    sheet = open_sheet(path, key="sentence_id")
    assert sheet.rows.to_dict("index") == {2: {"sentence_id": "a.1", "strength": "weak", "note": f"café{delimiter}\nx"}}
    assert sheet.cell(2, "strength") == "q.csv, B2"


def test_a_first_line_that_names_the_delimiter_counts_as_a_row(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("sep=;\nsentence_id;strength\na.1;weak\n", encoding="utf-8")
    sheet = open_sheet(path, key="sentence_id")
    assert sheet.rows.index.tolist() == [3]
    assert sheet.cell(3, "strength") == "q.csv, B3"


def test_an_apostrophe_that_keeps_a_cell_from_being_a_formula_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("sentence_id,note\na.1,'=1+1\n", encoding="utf-8")
    assert open_sheet(path, key="sentence_id").rows["note"].tolist() == ["=1+1"]


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("q.xls", b"", r"q\.xls: cannot read a sheet from a '\.xls' file\. Expected \.xlsx, \.ods, \.csv"),
        ("q.xlsx", b"no zip", r"q\.xlsx: not a readable \.xlsx file"),
        ("q.ods", b"PK\x05\x06" + b"\0" * 18, r"q\.ods: not a readable \.ods file"),
        ("q.csv", b"", r"q\.csv: not a readable \.csv table"),
        ("q.csv", b"a,b\n1,2\n", r"q\.csv: no column 'sentence_id', found 'a', 'b'\. Use a sheet that g7tag wrote"),
        ("q.csv", b"sentence_id,Act,act\n1,2,3\n", r"q\.csv: heading 'act' appears twice\. Rename or remove"),
    ],
    ids=["old Excel", "no zip", "empty zip", "empty", "other table", "heading twice"],
)
def test_a_file_that_is_no_sheet_is_named(tmp_path: Path, name: str, content: bytes, match: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=match):
        open_sheet(tmp_path / name, key="sentence_id")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name in ("q.xlsx", "q.ods", "q.csv"):
        with pytest.raises(InputError, match=rf"{name}: cannot (be read|read the table) \(No such file"):
            open_sheet(tmp_path / name, key="sentence_id")


def test_a_workbook_that_unpacks_to_too_much_is_not_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "q.xlsx", s=[["sentence_id"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/big.xml", b"\0" * 201_000_000)
    with pytest.raises(InputError, match=r"q\.xlsx: unpacks to 201 MB, more than 200"):
        open_sheet(path, key="sentence_id")
