"""Writing workbooks (.xlsx): sheets to fill in, with lists to choose from, and sheets with numbers and days."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

_WIDTH, _NARROW = 14, 10  # characters; narrow: columns with a list to choose from
_MOST_CHARACTERS = 32_767  # of a cell
_MOST_OF_URL, _MOST_URLS = 2_079, 65_530
_MOST_OF_LIST, _MOST_OF_HINT, _MOST_OF_TITLE = 255, 255, 32
_NOT_XML = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_FIRST_DAY = pd.Timestamp(1900, 3, 1)  # spreadsheet programs do not agree on earlier days
_CREATED = datetime(2024, 6, 14)  # noqa: DTZ001 - a fixed day without a zone: the same content has the same bytes
_PLAIN = {"text_wrap": True, "valign": "top"}
_SIDES = ("left", "right", "bottom")
_LINES = {**dict.fromkeys(_SIDES, 1), **{f"{side}_color": "#D8D0B8" for side in _SIDES}}
_TO_FILL = {**_PLAIN, **_LINES, "bg_color": "#FFF8E1"}


class Choice(NamedTuple):
    """The values of a column to fill in, and a hint that is shown beside a cell."""

    values: Sequence[str]
    title: str = ""
    hint: str = ""


class Page(NamedTuple):
    """One sheet of a workbook: rows, lists to choose from, other columns to fill in, widths, links, number formats."""

    name: str
    rows: pd.DataFrame
    choices: Mapping[str, Choice] = {}
    to_fill: Collection[str] = ()
    widths: Mapping[str, int] = {}
    links: Collection[str] = ()
    formats: Mapping[str, str] = {}
    across: int = 1


def workbook_bytes(pages: Sequence[Page]) -> bytes:
    """Return sheets as an .xlsx workbook; the same sheets give the same bytes."""
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"created": _CREATED})
        heading = workbook.add_format({**_PLAIN, "bold": True, "bottom": 1})
        plain, to_fill = workbook.add_format(_PLAIN), workbook.add_format(_TO_FILL)
        for page in pages:
            sheet = workbook.add_worksheet(page.name)
            for at, name in enumerate(map(str, page.rows)):
                sheet.write_string(0, at, name, heading)
                column, number = page.rows[name], ""
                if is_datetime64_any_dtype(column.dtype):
                    number = "yyyy-mm-dd"
                elif _is_number(column):
                    number = page.formats.get(name, "General")
                style = to_fill if name in {*page.choices, *page.to_fill} else plain
                if number:
                    style = workbook.add_format({"align": "center", "valign": "top", "num_format": number})
                _write_column(sheet, at, page, style)
            _set_up(sheet, page)
    return buffer.getvalue()


def _is_number(column: pd.Series) -> bool:
    return is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype)


def _write_column(sheet: Worksheet, at: int, page: Page, style: Format) -> None:
    name = page.rows.columns[at]
    sheet.set_column(at, at, page.widths.get(name, _NARROW if name in page.choices else _WIDTH))
    for place, cell in enumerate(_cells(page.rows[name]), start=1):
        is_web = isinstance(cell, str) and cell.startswith(("http://", "https://")) and len(cell) < _MOST_OF_URL
        if is_web and name in page.links and place < _MOST_URLS:
            sheet.write_url(place, at, cell, style)
        else:
            sheet.write(place, at, cell, style)
    if name in page.choices and len(page.rows):
        sheet.data_validation(1, at, len(page.rows), at, _validation(page.choices[name]))


def _cells(column: pd.Series) -> list[Any]:
    """Return the cells of a column: numbers, days, or text; "" for missing values."""
    if _is_number(column):
        return ["" if pd.isna(cell) else cell if math.isfinite(cell) else str(cell) for cell in column.tolist()]
    if is_datetime64_any_dtype(column.dtype):
        return ["" if pd.isna(day) else day if day >= _FIRST_DAY else day.date().isoformat() for day in column]
    return [_NOT_XML.sub("?", text)[:_MOST_CHARACTERS] for text in column.fillna("").astype("str")]


def _set_up(sheet: Worksheet, page: Page) -> None:
    """Make a page easy to read on the screen and to print."""
    sheet.autofilter(0, 0, max(len(page.rows), 1), max(len(page.rows.columns) - 1, 0))
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(page.across, 0)
    sheet.repeat_rows(0)
    if page.across > 1:
        sheet.repeat_columns(0)


def _validation(choice: Choice) -> dict[str, Any]:
    """Return the rule of a column; a list that is too long for Excel is only a hint."""
    values = ", ".join(choice.values)
    rule = {"validate": "list", "source": list(choice.values)} if len(values) < _MOST_OF_LIST else {"validate": "any"}
    return {
        **rule, "input_title": choice.title[:_MOST_OF_TITLE], "input_message": choice.hint[:_MOST_OF_HINT],
        "error_title": "Not in the list", "error_message": f"Choose one of: {values}."[:_MOST_OF_HINT],
    }  # fmt: skip
