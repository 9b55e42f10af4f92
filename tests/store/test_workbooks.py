"""Cells of a workbook have the types of their columns."""

import datetime
from io import BytesIO

import pandas as pd
from python_calamine import CalamineWorkbook

from g7tag.store import Page, workbook_bytes


def cells(frame: pd.DataFrame, **settings: object) -> list[list[object]]:
    page = Page("page", frame, **settings)  # type: ignore[arg-type]
    book = CalamineWorkbook.from_filelike(BytesIO(workbook_bytes([page])))
    return book.get_sheet_by_name("page").to_python(skip_empty_area=False)[1:]


def test_numbers_and_days_keep_their_types_and_missing_values_are_empty() -> None:
    frame = pd.DataFrame(
        {
            "id": ["a", "b"],
            "score": pd.array([-1, pd.NA], "Int64"),
            "share": [0.123456789012345, float("nan")],
            "day": pd.to_datetime(["2024-07-01", None]),
            "text": ["-1", None],
        }
    )
    assert cells(frame, formats={"share": "0.0%"}) == [
        ["a", -1.0, 0.123456789012345, datetime.date(2024, 7, 1), "-1"],
        ["b", "", "", "", ""],
    ]


def test_a_day_that_spreadsheet_programs_cannot_show_is_text() -> None:
    assert cells(pd.DataFrame({"day": pd.Series(["1024-10-04"], dtype="datetime64[us]")})) == [["1024-10-04"]]


def test_an_infinite_number_is_text() -> None:
    assert cells(pd.DataFrame({"n": [float("inf"), 1.5]})) == [["inf"], [1.5]]


def test_characters_that_xml_forbids_become_question_marks() -> None:
    assert cells(pd.DataFrame({"text": ["a\uffffb"]})) == [["a?b"]]
