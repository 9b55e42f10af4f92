"""The cells of a sheet (xlsx, ods or CSV) as text. Workbooks are read in a process with limits, without pandas."""

import csv
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineError, load_workbook

from g7tag.errors import InputError
from g7tag.store.dialects import dialect_of, plain_cell

WORKBOOKS = (".xlsx", ".ods")
_LIMITS = {
    "rows": 200_000, "columns": 1_000, "cells": 5_000_000, "characters": 50_000_000, "characters in a cell": 100_000,
}  # fmt: skip
"""A sheet of a report of 700 pages has a tenth of these; the item of a sentence is the longest text."""


class Cells(NamedTuple):
    """A sheet of a file: its name ("" for CSV), its rows of text, and the places of merged cells (-1: unknown)."""

    name: str
    rows: list[list[str]]
    merged: list[tuple[int, int]]


def read_cells(_: bytes, file: str) -> Iterator[Cells]:
    """Yield the sheets of a file."""
    path = Path(file)
    try:
        yield from _of_workbook(path) if path.suffix.lower() in WORKBOOKS else [_of_csv(path)]
    except (OSError, CalamineError, zipfile.BadZipFile, csv.Error, ValueError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> InputError:
    """Return the error for a table that cannot be read, given an error of the library that read it."""
    if isinstance(error, OSError):
        return InputError(
            f"{path}: cannot read the table ({error.strerror or 'another format'}). Check the path and the file."
        )
    cause = str(error).replace(str(path), path.name).strip()[:160]
    advice = "Save it as UTF-8 (in Excel: CSV UTF-8)" if isinstance(error, UnicodeDecodeError) else "Save it again"
    kind = "file" if path.suffix.lower() in WORKBOOKS else "table"
    return InputError(f"{path}: not a readable {path.suffix} {kind} ({cause}). {advice} and retry.")


def _of_csv(path: Path) -> Cells:
    dialect = dialect_of(path)
    csv.field_size_limit(_LIMITS["characters in a cell"])
    with path.open(encoding=dialect.encoding, newline="") as file:
        table = csv.reader(file, delimiter=dialect.delimiter, strict=True)
        rows = [list(map(plain_cell, row)) for row in _texts(path, table, Counter())]
    if not rows:
        msg = "No columns: it is empty"
        raise ValueError(msg)
    return Cells("", [[], *rows[1:]] if dialect.named else rows, [])


def _of_workbook(path: Path) -> Iterator[Cells]:
    counts: Counter[str] = Counter()
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml") if "content.xml" in archive.namelist() else b""
    tables = content.split(b"<table:table ")[1:]  # of an .ods file, whose merged cells calamine does not tell
    with load_workbook(path) as workbook:
        for place, name in enumerate(workbook.sheet_names):
            sheet = workbook.get_sheet_by_name(name)
            before = [""] * (sheet.start or (0, 0))[1]  # iter_rows leaves out empty columns at the start
            rows = list(_texts(f"{path}, sheet {name!r}", (before + row for row in sheet.iter_rows()), counts))
            merged = [corner for corner, _ in sheet.merged_cell_ranges or ()]
            yield Cells(name, rows, [(-1, -1)] if tables and b"<table:covered-table-cell" in tables[place] else merged)


def _texts(where: Path | str, rows: Iterable[Sequence[Any]], counts: Counter[str]) -> Iterator[list[str]]:
    """Yield rows as text up to the limits; `counts` has the cells and characters of the file."""
    for number, row in enumerate(rows, start=1):
        texts = list(map(_text, row))
        lengths = list(map(len, texts))
        counts.update({"cells": len(texts), "characters": sum(lengths)})
        own = {"rows": number, "columns": len(texts), "characters in a cell": max(lengths, default=0)}
        for what, found in {**own, **counts}.items():
            if found > _LIMITS[what]:
                limit = f"{_LIMITS[what]:,} {what}"
                msg = f"{where}: has more than {limit}. Copy the cells with labels to a new file, and read that."
                raise InputError(msg)
        yield texts


def _text(cell: Any) -> str:
    """Return a cell as text; whole numbers have no decimals, yes and no are "true" and "false"."""
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
