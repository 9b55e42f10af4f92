"""Writing workbooks (.xlsx) for people to fill in: text only, with lists to choose from."""

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
_MOST_OF_LIST, _MOST_OF_HINT, _MOST_OF_TITLE = 255, 255, 32
_CREATED = datetime(2024, 6, 14)  # noqa: DTZ001 - a fixed day without a zone: the same content has the same bytes


class Choice(NamedTuple):
    """The values of a column to fill in, and a hint that is shown beside a cell."""

    values: Sequence[str]
    title: str = ""
    hint: str = ""


class Page(NamedTuple):
    """One sheet of a workbook: rows (all text), lists to choose from, other columns to fill in, widths, and links."""

    name: str
    rows: pd.DataFrame
    choices: Mapping[str, Choice] = {}
    to_fill: Collection[str] = ()
    widths: Mapping[str, int] = {}
    links: Collection[str] = ()


def workbook_bytes(pages: Sequence[Page]) -> bytes:
    """Return sheets as an .xlsx workbook; the same sheets give the same bytes.

    Headings stay visible, every column has a filter, and long text is wrapped. All cells are text, so none is a
    formula. A link is a link only if it is a web address.
    """
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"created": _CREATED})
        heading = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        plain = workbook.add_format({"text_wrap": True, "valign": "top"})
        shade = {
            "bg_color": "#FFF8E1",
            "left": 1,
            "right": 1,
            "bottom": 1,
            "left_color": _LINE,
            "right_color": _LINE,
            "bottom_color": _LINE,
        }
        to_fill = workbook.add_format({"text_wrap": True, "valign": "top", **shade})
        for page in pages:
            filled = {*page.choices, *page.to_fill}
            styles = {str(name): to_fill if name in filled else plain for name in page.rows}
            _write_page(workbook.add_worksheet(page.name), page, heading, styles)
    return buffer.getvalue()


def _write_page(sheet: Worksheet, page: Page, heading: Format, styles: Mapping[str, Format]) -> None:
    n_rows = len(page.rows)
    for at, (name, style) in enumerate(styles.items()):
        sheet.write_string(0, at, name, heading)
        sheet.set_column(at, at, page.widths.get(name, _NARROW if name in page.choices else _WIDTH))
        for place, cell in enumerate(page.rows[name].astype("str"), start=1):
            _write_cell(sheet, (place, at), cell, style, is_link=name in page.links)
        if name in page.choices and n_rows:
            sheet.data_validation(1, at, n_rows, at, _validation(page.choices[name]))
    sheet.autofilter(0, 0, max(n_rows, 1), max(len(styles) - 1, 0))
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_cell(sheet: Worksheet, place: tuple[int, int], cell: str, style: Format, *, is_link: bool) -> None:
    text = cell.encode("utf-8", "replace").decode("utf-8")[:_MOST_CHARACTERS]
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
