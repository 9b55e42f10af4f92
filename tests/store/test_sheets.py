"""Sheets are read as people save them, and what cannot be read is named; workbooks keep the types of columns."""

import datetime
from io import BytesIO

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from g7tag.errors import InputError
from g7tag.store import Page, open_sheet, workbook_bytes


def workbook(path, **sheets):
    buffer = BytesIO()
    with Workbook(buffer) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    path.write_bytes(buffer.getvalue())
    return path


def test_a_workbook_is_read_as_text_with_the_number_of_each_row(tmp_path):
    rows = [
        ["My labels"], ["", "Sentence ID", "", "Strength", "counter", "n"],
        ["?", "a.1", "own", " weak ", True, 5], [], ["", "a.2", "", "", False, 2.5],
    ]  # fmt: skip
    sheet = open_sheet(workbook(tmp_path / "q.xlsx", notes=[["x"]], labels=rows), key="sentence_id")
    assert sheet.rows.to_dict("index") == {
        3: {"column_a": "?", "sentence_id": "a.1", "column_c": "own", "strength": "weak", "counter": "true", "n": "5"},
        5: {"column_a": "", "sentence_id": "a.2", "column_c": "", "strength": "", "counter": "false", "n": "2.5"},
    }
    assert sheet.cell(5, "strength") == "q.xlsx, sheet 'labels', D5"
    assert sheet.cell(5, "none") == "q.xlsx, sheet 'labels', row 5"
    empty_first = open_sheet(workbook(tmp_path / "q.xlsx", s=[["", "sentence_id"], ["", "a"]]), key="sentence_id")
    assert empty_first.cell(2, "sentence_id") == "q.xlsx, sheet 's', B2"


@pytest.mark.parametrize("head", ["", "sep=;\n"])  # test_tables.py has the other kinds of CSV
def test_rows_of_csv_have_the_numbers_that_a_spreadsheet_shows(tmp_path, head):
    path = tmp_path / "q.csv"
    path.write_bytes(f'{head}sentence_id;Strength;note\na.1;weak;"café;\nx"\na.2;none;\'=1+1\n'.encode("cp1252"))
    sheet = open_sheet(path, key="sentence_id")
    first = 3 if head else 2  # a line that names the delimiter is a row of the sheet
    assert sheet.rows.to_dict("index") == {
        first: {"sentence_id": "a.1", "strength": "weak", "note": "café;\nx"},
        first + 1: {"sentence_id": "a.2", "strength": "none", "note": "=1+1"},
    }
    assert sheet.cell(first, "strength") == f"q.csv, B{first}"


@pytest.mark.parametrize(("name", "content", "match"), [
    ("q.xls", b"", r"q\.xls: cannot read a sheet from a '\.xls' file\. Expected \.xlsx, \.ods, \.csv"),
    ("q.xlsx", b"no zip", r"q\.xlsx: not a readable \.xlsx file"),
    ("q.ods", b"PK\x05\x06" + b"\0" * 18, r"q\.ods: not a readable \.ods file"),
    ("q.csv", b"", r"q\.csv: not a readable \.csv table"),
    ("q.csv", b"a,b\n1,2\n", r"q\.csv: no column 'sentence_id', found 'a', 'b'\. Use a sheet that g7tag wrote"),
    ("q.csv", b"sentence_id,Act,act\n1,2,3\n", r"q\.csv: heading 'act' appears twice\. Rename or remove"),
    ("q.csv", b"sentence_id\na,b\n", r"q\.csv: the row of 'a' has more cells than the header"),
    ("gone.xlsx", None, r"gone\.xlsx: cannot read the table \(No such file"),
])  # fmt: skip
def test_a_file_that_is_no_sheet_is_named(tmp_path, name, content, match):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=match):
        open_sheet(tmp_path / name, key="sentence_id")


def test_cells_of_a_workbook_have_the_types_of_their_columns_or_are_text():
    frame = pd.DataFrame(
        {
            "id": ["a", "b"],
            "score": pd.array([-1, pd.NA], "Int64"),
            "share": [0.123456789012345, float("nan")],
            "day": pd.to_datetime(["2024-07-01", None]),
            "old": pd.Series(["1024-10-04", None], dtype="datetime64[us]"),  # no program shows this day
            "infinite": [float("inf"), 1.5],
            "text": ["=a\uffffb", None],  # XML forbids the character
        }
    )
    page = Page("page", frame, formats={"share": "0.0%"})
    book = CalamineWorkbook.from_filelike(BytesIO(workbook_bytes([page])))
    assert book.get_sheet_by_name("page").to_python(skip_empty_area=False)[1:] == [
        ["a", -1.0, 0.123456789012345, datetime.date(2024, 7, 1), "1024-10-04", "inf", "=a?b"],
        ["b", "", "", "", "", 1.5, ""],
    ]
