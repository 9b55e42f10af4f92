"""The label sheet as an Excel workbook: cells to fill in with lists to choose from, and the codebook."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from g7tag.codebook import Category, Codebook

LABELS_SHEET, CODEBOOK_SHEET = "labels", "codebook"
_WIDTHS = {"item": 60, "text": 60, "note": 40, "source": 30, "url": 30, "analysts": 40, "models": 40}
_WIDTH = 13
_MOST_CHARACTERS = 32_767  # of a cell
_MOST_OF_URL, _MOST_URLS = 2_079, 65_530
_MOST_OF_HINT, _MOST_OF_TITLE = 255, 32
_LINK = ("http://", "https://")
_CREATED = datetime(2024, 6, 14, tzinfo=UTC)  # fixed, so that the same sheet has the same bytes


def label_workbook(sheet: pd.DataFrame, codebook: Codebook) -> bytes:
    """Return a label sheet as an .xlsx workbook.

    The first sheet has the rows, with lists to choose labels from; the second has the codebook. All text is stored as
    text, so no cell is a formula.

    Parameters
    ----------
    sheet
        One row per sentence, all text. Columns named like a dimension or a part of a label are to be filled in.
    codebook
        Codebook of the labels.
    """
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(buffer, options) as workbook:
        workbook.set_properties({"created": _CREATED.replace(tzinfo=None), "title": codebook.commitment.title})
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        to_fill = workbook.add_format(
            {"text_wrap": True, "valign": "top", "bg_color": "#FFF8E1", "border": 1, "border_color": "#D8D0B8"}
        )
        lists = _lists(codebook)
        page = workbook.add_worksheet(LABELS_SHEET)
        styles = {str(name): to_fill if name in {*lists, "note"} else wrapped for name in sheet}
        _write_rows(page, sheet, bold, styles)
        page.freeze_panes(1, 1)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        for name, validation in lists.items():
            if name in sheet and len(sheet):
                at = list(sheet).index(name)
                page.data_validation(1, at, len(sheet), at, validation)
        rows = codebook_rows(codebook)
        _write_rows(workbook.add_worksheet(CODEBOOK_SHEET), rows, bold, dict.fromkeys(map(str, rows), wrapped))
    return buffer.getvalue()


def codebook_rows(codebook: Codebook) -> pd.DataFrame:
    """Return the labels of a codebook as rows: what it is, key, label, definition, examples; then settled cases."""
    parts: Mapping[str, Sequence[Category]] = {
        "dimension": codebook.dimensions, "strength": codebook.strengths, "act": codebook.acts,
        "exclusion": codebook.exclusions,
    }  # fmt: skip
    rows = [
        {
            "kind": kind,
            "key": each.key,
            "label": each.label,
            "definition": each.definition,
            "examples": "\n".join(each.examples),
        }
        for kind, categories in parts.items()
        for each in categories
    ]
    cases = [
        {"kind": "settled case", "key": "", "label": note.case, "definition": note.decision, "examples": ""}
        for note in codebook.notes
    ]
    return pd.DataFrame([*rows, *cases], columns=["kind", "key", "label", "definition", "examples"], dtype="str")


def _write_rows(page: Worksheet, rows: pd.DataFrame, bold: Format, styles: Mapping[str, Format]) -> None:
    for at, name in enumerate(map(str, rows)):
        page.write_string(0, at, name, bold)
        width = _WIDTHS.get(name, 50 if name in {"definition", "examples", "label"} else _WIDTH)
        page.set_column(at, at, width)
        for place, cell in enumerate(rows[name].astype("str"), start=1):
            _write_cell(page, place, at, name, cell, styles[name])
    page.autofilter(0, 0, max(len(rows), 1), max(len(rows.columns) - 1, 0))
    page.freeze_panes(1, 0)


def _write_cell(page: Worksheet, row: int, column: int, name: str, cell: str, style: Format) -> None:
    text = cell.encode("utf-8", "replace").decode("utf-8")[:_MOST_CHARACTERS]
    if name == "url" and text.startswith(_LINK) and len(text) < _MOST_OF_URL and row < _MOST_URLS:
        page.write_url(row, column, text, style)
    elif text:
        page.write_string(row, column, text, style)
    else:
        page.write_blank(row, column, None, style)


def _lists(codebook: Codebook) -> dict[str, dict[str, Any]]:
    """Return the list of values of each column to fill in, with a hint."""
    ticks = {
        each.key: (["x"], each.label, f"x if the sentence is about this. {each.definition}")
        for each in codebook.dimensions
    }
    others = {
        "strength": (["strong", "weak", "none"], "Strength", _hint(codebook.strengths)),
        "act": ([each.key for each in codebook.acts], "Act", _hint(codebook.acts)),
        "exclusion": (codebook.exclusion_keys, "Exclusion", _hint(codebook.exclusions)),
        "contradicts": (["yes"], "Contradicts", "yes if the act is contrary to the commitment."),
        "unsure": (["yes"], "Unsure", "yes if another person should look at this."),
    }
    return {
        name: {
            "validate": "list", "source": values, "error_title": "Not in the list", "error_type": "stop",
            "error_message": f"Choose one of: {', '.join(values)}."[:_MOST_OF_HINT],
            "input_title": title[:_MOST_OF_TITLE], "input_message": hint[:_MOST_OF_HINT],
        }
        for name, (values, title, hint) in (ticks | others).items()
        if values
    }  # fmt: skip


def _hint(categories: Sequence[Category]) -> str:
    return " ".join(f"{each.key}: {each.definition.partition(':')[0].partition(';')[0]}." for each in categories)
