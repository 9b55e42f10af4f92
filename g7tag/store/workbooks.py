"""Writing workbooks (.xlsx): sheets to fill in, with lists to choose from, and sheets with numbers and days."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

_WIDTH, _NARROW = 14, 10  # characters; narrow: columns with a list to choose from
_LINE = "#D8D0B8"
_MOST_CHARACTERS = 32_767  # of a cell
_MOST_OF_URL, _MOST_URLS = 2_079, 65_530
_NOT_XML = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_MOST_OF_LIST, _MOST_OF_HINT, _MOST_OF_TITLE = 255, 255, 32
_DAY = "yyyy-mm-dd"
_FIRST_DAY = pd.Timestamp(1900, 3, 1)  # spreadsheet programs do not agree on earlier days
_CREATED = datetime(2024, 6, 14)  # noqa: DTZ001 - a fixed day without a zone: the same content has the same bytes


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
        heading = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        plain = workbook.add_format({"text_wrap": True, "valign": "top"})
        to_fill = workbook.add_format({
            "text_wrap": True, "valign": "top", "bg_color": "#FFF8E1", "left": 1, "right": 1, "bottom": 1,
            "left_color": _LINE, "right_color": _LINE, "bottom_color": _LINE,
        })  # fmt: skip
        for page in pages:
            styles = dict.fromkeys(map(str, page.rows), plain)
            styles |= dict.fromkeys([name for name in (*page.choices, *page.to_fill) if name in styles], to_fill)
            for name, number in _number_formats(page).items():
                styles[name] = workbook.add_format({"align": "center", "valign": "top", "num_format": number})
            _write_page(workbook.add_worksheet(page.name), page, heading, styles)
    return buffer.getvalue()


def _number_formats(page: Page) -> dict[str, str]:
    """Return the number format of each column of numbers or days."""
    kinds = {str(name): kind for name, kind in page.rows.dtypes.items()}
    days = {name: _DAY for name, kind in kinds.items() if pd.api.types.is_datetime64_any_dtype(kind)}
    return days | {name: page.formats.get(name, "General") for name, kind in kinds.items() if _is_number(kind)}


def _is_number(kind: Any) -> bool:
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _write_page(sheet: Worksheet, page: Page, heading: Format, styles: Mapping[str, Format]) -> None:
    n_rows = len(page.rows)
    for at, (name, style) in enumerate(styles.items()):
        sheet.write_string(0, at, name, heading)
        sheet.set_column(at, at, page.widths.get(name, _NARROW if name in page.choices else _WIDTH))
        for place, cell in enumerate(_cells(page.rows[name]), start=1):
            _write_cell(sheet, (place, at), cell, style, is_link=name in page.links)
        if name in page.choices and n_rows:
            sheet.data_validation(1, at, n_rows, at, _validation(page.choices[name]))
    sheet.autofilter(0, 0, max(n_rows, 1), max(len(styles) - 1, 0))
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(page.across, 0)
    sheet.repeat_rows(0)
    if page.across > 1:
        sheet.repeat_columns(0)


def _cells(column: pd.Series) -> Sequence[float | datetime | str]:
    """Return the cells of a column: numbers, days, or text; "" for missing values."""
    if _is_number(column.dtype):
        return ["" if pd.isna(cell) else cell if math.isfinite(cell) else str(cell) for cell in column]
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return ["" if pd.isna(day) else day if day >= _FIRST_DAY else day.date().isoformat() for day in column]
    return column.fillna("").astype("str").tolist()


def _write_cell(
    sheet: Worksheet, place: tuple[int, int], cell: float | datetime | str, style: Format, *, is_link: bool
) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(*place, cell, style)
        return
    if not isinstance(cell, str):
        sheet.write_number(*place, cell, style)
        return
    text = _NOT_XML.sub("?", cell)[:_MOST_CHARACTERS]
    is_web = text.startswith(("http://", "https://")) and len(text) < _MOST_OF_URL and place[0] < _MOST_URLS
    if is_link and is_web:
        sheet.write_url(*place, text, style)
    elif text:
        sheet.write_string(*place, text, style)
    else:
        sheet.write_blank(*place, None, style)


def _validation(choice: Choice) -> dict[str, Any]:
    """Return the rule of a column; a list that is too long for Excel is only a hint."""
    values = ", ".join(choice.values)
    rule = {"validate": "list", "source": list(choice.values)} if len(values) < _MOST_OF_LIST else {"validate": "any"}
    return {
        **rule, "input_title": choice.title[:_MOST_OF_TITLE], "input_message": choice.hint[:_MOST_OF_HINT],
        "error_title": "Not in the list", "error_message": f"Choose one of: {values}."[:_MOST_OF_HINT],
    }  # fmt: skip
