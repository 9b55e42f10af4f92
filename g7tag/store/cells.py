"""The cells of a sheet (xlsx, ods or CSV) as text, for a process with limits, which `sheets` starts."""

import csv
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, load_workbook

from g7tag.errors import InputError
from g7tag.store.dialects import dialect_of, plain_cell

WORKBOOKS = (".xlsx", ".ods")
LARGEST = 200_000_000
"""Maximum bytes of a file, and of an unpacked workbook."""
LIMITS = {
    "rows": 200_000, "columns": 1_000, "cells": 5_000_000, "characters": 50_000_000, "characters in a cell": 100_000,
}  # fmt: skip
"""A sheet of a report of 700 pages has a tenth of these; the item of a sentence is the longest text."""


def column_letter(place: int) -> str:
    """Return the letter of a column, counted from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_cells(_: bytes, file: str) -> Iterator[dict[str, Any]]:
    """Yield the sheets of a file: `name` ("" for CSV), `rows` of text, and the places of `merged` cells."""
    path = Path(file)
    counts: Counter[str] = Counter()
    try:
        _require(path, "bytes", path.stat().st_size, LARGEST)
        yield from _of_workbook(path, counts) if path.suffix.lower() in WORKBOOKS else [_of_csv(path, counts)]
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or 'not a workbook'}). Check the path and the file."
        raise InputError(msg) from error
    except (CalamineError, zipfile.BadZipFile, csv.Error, ValueError) as error:
        advice = "Save it as UTF-8 (in Excel: CSV UTF-8)" if isinstance(error, UnicodeDecodeError) else "Save it again"
        kind = "table" if path.suffix.lower() == ".csv" else "file"
        msg = f"{path}: not a readable {path.suffix} {kind} ({str(error)[:120]}). {advice} and retry."
        raise InputError(msg) from error


def _of_csv(path: Path, counts: Counter[str]) -> dict[str, Any]:
    dialect = dialect_of(path)
    csv.field_size_limit(LIMITS["characters in a cell"])
    with path.open(encoding=dialect.encoding, newline="") as file:
        table = csv.reader(file, delimiter=dialect.delimiter, strict=True)
        rows = [list(map(plain_cell, row)) for row in _texts(path, table, counts)]
    if not rows:
        msg = "it is empty"
        raise ValueError(msg)
    return {"name": "", "rows": rows, "merged": []}


def _of_workbook(path: Path, counts: Counter[str]) -> list[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
        if size > LARGEST:
            msg = f"{path}: unpacks to {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f}. Save the sheet alone."
            raise InputError(msg)
        is_ods = "content.xml" in archive.namelist()
        tables = archive.read("content.xml").split(b"<table:table ")[1:] if is_ods else []
    with load_workbook(path) as workbook:
        sheets = []
        for place, name in enumerate(workbook.sheet_names):
            sheet = workbook.get_sheet_by_name(name)
            before = [""] * (sheet.start or (0, 0))[1]  # iter_rows leaves out empty columns at the start
            rows = list(_texts(f"{path}, sheet {name!r}", (before + row for row in sheet.iter_rows()), counts))
            corners = [f"{column_letter(corner[1])}{corner[0] + 1}" for corner, _ in sheet.merged_cell_ranges or ()]
            merged = ["somewhere"] if is_ods and b"<table:covered-table-cell" in tables[place] else corners
            sheets.append({"name": name, "rows": rows, "merged": merged})
    return sheets


def _texts(where: Path | str, rows: Iterable[Sequence[Any]], counts: Counter[str]) -> Iterator[list[str]]:
    """Yield rows as text up to the limits; `counts` has the cells and characters of the file."""
    for number, row in enumerate(rows, start=1):
        texts = list(map(_text, row))
        lengths = list(map(len, texts))
        counts.update({"cells": len(texts), "characters": sum(lengths)})
        own = {"rows": number, "columns": len(texts), "characters in a cell": max(lengths, default=0)}
        for what, found in {**own, **counts}.items():
            _require(where, what, found, LIMITS[what])
        yield texts


def _require(where: Path | str, what: str, found: int, most: int) -> None:
    if found > most:
        msg = f"{where}: has more than {most:,} {what}. Copy the cells with labels to a new file, and read that."
        raise InputError(msg)


def _text(cell: Any) -> str:
    """Return a cell as text; whole numbers have no decimals, yes and no are "true" and "false"."""
    match cell:
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell)
