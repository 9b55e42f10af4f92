"""What people do to a sheet never loses or bends a label: a sheet is read as a whole, or its rows are named."""

import zipfile
from collections.abc import Callable
from html import escape
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from xlsxwriter import Workbook

import g7tag
from g7tag.errors import InputError

pytestmark = pytest.mark.slow

FILLED = [
    {"counter": "x", "dismantle": "x", "strength": "strong", "act": "done"},
    {"act": "background"},
    {"prevent": "x", "strength": "weak", "act": "planned"},
]
Change = Callable[[Path, list[list[str]]], object]


def xlsx(path: Path, *, merged: str = "", **sheets: list[list[str]]) -> None:
    buffer = BytesIO()
    with Workbook(buffer, {"strings_to_urls": False}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
            if merged:
                page.merge_range(merged, "x")
    path.write_bytes(buffer.getvalue())


def ods(path: Path, rows: list[list[str]]) -> None:
    """Write a sheet in which the last cell of the second row is merged with the one below."""
    cells = [[f"<table:table-cell office:value-type='string'><text:p>{escape(cell)}</text:p></table:table-cell>"
              for cell in row] for row in rows]  # fmt: skip
    cells[1][-1] = cells[1][-1].replace("<table:table-cell", "<table:table-cell table:number-rows-spanned='2'")
    cells[2][-1] = "<table:covered-table-cell/>"
    table = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in cells)
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name='labels'>"
            f"{table}</table:table></office:spreadsheet></office:body></office:document-content>",
        )


def csv(path: Path, rows: list[list[str]]) -> None:
    pd.DataFrame(rows).to_csv(path, index=False, header=False)


def without(rows: list[list[str]], *names: str) -> list[list[str]]:
    kept = [at for at, name in enumerate(rows[0]) if name not in names]
    return [[row[at] for at in kept] for row in rows]


def renamed(rows: list[list[str]], name: str, other: str) -> list[list[str]]:
    return [[other if cell == name else cell for cell in rows[0]], *rows[1:]]


CHANGES: dict[str, tuple[str, Change, str]] = {
    "a column is deleted": ("q.csv", lambda path, rows: csv(path, without(rows, "counter")), "no column 'counter'"),
    "a column is renamed": (
        "q.xlsx", lambda path, rows: xlsx(path, labels=renamed(rows, "counter", "Counter (crime)")),
        r"no column 'counter', found .*'counter_\(crime\)'.*\. A sheet must have all columns",
    ),
    "a heading is deleted": ("q.csv", lambda path, rows: csv(path, renamed(rows, "act", "")), "no column 'act'"),
    "the acts are deleted": ("q.csv", lambda path, rows: csv(path, without(rows, "act")), "no column 'act'"),
    "text and dimensions are deleted": (
        "q.csv", lambda path, rows: csv(path, without(rows, "text", "counter", "prevent")),
        "no column 'counter', 'prevent', found",
    ),
    "a column is there twice": (
        "q.csv", lambda path, rows: csv(path, [[*row, row[rows[0].index("counter")]] for row in rows]),
        "heading 'counter' appears twice",
    ),
    "rows are on a second sheet": (
        "q.xlsx", lambda path, rows: xlsx(path, labels=rows[:2], more=[rows[0], *rows[2:]]),
        r"sheet 'more', row 1: has 'sentence_id', but only the rows below row 1 of sheet 'labels' are read",
    ),
    "rows are on a second sheet without headings": (
        "q.xlsx", lambda path, rows: xlsx(path, labels=rows[:2], more=rows[2:]), r"sheet 'more', row 1: has '2024-19/",
    ),
    "rows were sorted above the headings": (
        "q.csv", lambda path, rows: csv(path, [*rows[1:], rows[0]]), r"q\.csv, row 1: has '2024-19/",
    ),
    "cells are merged": (
        "q.xlsx", lambda path, rows: xlsx(path, merged="F2:F4", labels=rows),
        r"sheet 'labels': has merged cells \('F2'\), of which one alone has a value\. Unmerge them",
    ),
    "cells are merged in LibreOffice": ("q.ods", ods, r"sheet 'labels': has merged cells"),
    "a comma moves the cells": (
        "q.csv", lambda path, rows: path.write_text("\n".join(",".join(row[:1] + row[3:]) for row in rows) + ",x\n"),
        "has more cells than the header",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", CHANGES)
def test_a_sheet_that_would_lose_or_bend_a_label_is_refused_and_left(folder: Path, tmp_path: Path, how: str) -> None:
    run = g7tag.open_run(folder)
    blank = run.write_label_sheet(tmp_path / "new.csv", select="all").head(3)
    filled = blank.assign(
        **{name: [row.get(name, "") for row in FILLED] for name in {key for row in FILLED for key in row}}
    )
    name, change, cause = CHANGES[how]
    file = tmp_path / name
    change(file, [list(filled), *filled.to_numpy().tolist()])
    before = file.read_bytes()
    with pytest.raises(InputError, match=cause):
        run.record_labels(file, annotator="Ada")
    assert not list(folder.glob("labels/*.jsonl"))
    if file.suffix != ".ods":  # which is not written
        with pytest.raises(InputError):
            run.write_label_sheet(file)
    assert file.read_bytes() == before


def test_an_empty_act_is_named_and_the_other_rows_are_recorded(folder: Path, tmp_path: Path) -> None:
    run = g7tag.open_run(folder)
    sheet = run.write_label_sheet(tmp_path / "q.csv", select="all").head(2)
    sheet.assign(counter="x", strength="weak", act=["done", ""]).to_csv(tmp_path / "q.csv", index=False)
    recorded = run.record_labels(tmp_path / "q.csv", annotator="Ada")
    assert recorded.annotations["act"].tolist() == ["done"]
    assert recorded.problems == ["q.csv, J3: is empty. Expected one of done, planned, not_done, reversed, background."]
