"""Small sheets that would need all memory or time are refused by name."""

import zipfile
from io import BytesIO

import pytest
import xlsxwriter

from g7tag.errors import InputError
from g7tag.store import open_sheet, sheets

ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
    <table:table table:name="labels">{}</table:table></office:spreadsheet></office:body></office:document-content>"""
HEAD = '<row r="1"><c r="A1" t="str"><v>sentence_id</v></c>{}</row>'


def xlsx(path, rows, strings=""):
    """A workbook with other rows and one other text."""
    given, main = BytesIO(), 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with xlsxwriter.Workbook(given) as book:
        book.add_worksheet("labels").write("A1", "text")
    parts = {
        "xl/sharedStrings.xml": f"<sst {main}><si><t>{strings}</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(given) as whole, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in whole.namelist():
            archive.writestr(name, parts.get(name) or whole.read(name))


def ods(path, rows):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", ODS.format(rows))


def cell(place, text="x"):
    return f'<c r="{place}" t="str"><v>{text}</v></c>'


SHARED = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 20_000))
ODS_CELL = '<table:table-cell office:value-type="string"{}><text:p>x</text:p></table:table-cell>'
SHEETS = {
    "a cell in the last row and column": (
        "q.xlsx", lambda path: xlsx(path, HEAD.format("") + f'<row r="1048576">{cell("XFD1048576")}</row>'),
        r"cannot be read: .*needs more than 1\.5 GB of memory",
    ),
    "one long text in each row": (
        "q.xlsx", lambda path: xlsx(path, HEAD.format("") + SHARED, "a" * 90_000),
        r"cannot be read: .*needs more than 1\.5 GB of memory",
    ),
    "a million rows": (
        "q.xlsx", lambda path: xlsx(path, HEAD.format("") + f'<row r="1048576">{cell("A1048576")}</row>'),
        r"sheet 'labels': has more than 200,000 rows",
    ),
    "a cell of 60 MB": (
        "q.xlsx", lambda path: xlsx(path, HEAD.format(cell("B1", "a" * 60_000_000))), r"100,000 characters in a cell"
    ),
    "XML nested a million deep": (
        "q.xlsx", lambda path: xlsx(path, '<row r="1">' + "<c>" * 1_000_000), r"q\.xlsx: not a readable \.xlsx file"
    ),
    "four billion columns": (
        "q.ods",
        lambda path: ods(
            path, "<table:table-row>" + ODS_CELL.format(' table:number-columns-repeated="4000000000"')
            + "</table:table-row>",
        ),
        r"has more than 1,000 columns",
    ),
    "a billion cells": (
        "q.ods",
        lambda path: ods(
            path, '<table:table-row table:number-rows-repeated="1000000">'
            + ODS_CELL.format(' table:number-columns-repeated="1000000"') + "</table:table-row>",
        ),
        r"q\.ods: not a readable \.ods file \(Cell limit exceeded",
    ),
    "a cell of 2 MB": ("q.csv", lambda path: path.write_text("a" * 2_000_000), r"field larger than field limit"),
}  # fmt: skip


@pytest.mark.parametrize("how", SHEETS)
def test_a_sheet_that_would_need_too_much_is_refused_by_name(tmp_path, how):
    name, write, cause = SHEETS[how]
    write(tmp_path / name)
    with pytest.raises(InputError, match=cause) as raised:
        open_sheet(tmp_path / name, key="sentence_id")
    assert str(raised.value).startswith(str(tmp_path / name))


@pytest.mark.slow
def test_a_sheet_that_takes_too_long_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "SECONDS", 0.5)
    xlsx(tmp_path / "q.xlsx", HEAD.format("") + "<row/>" * 20_000_000)
    with pytest.raises(InputError, match=r"q\.xlsx: cannot be read: takes more than 0\.5 s of processor time\. Copy"):
        open_sheet(tmp_path / "q.xlsx", key="sentence_id")
