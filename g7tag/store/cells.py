"""The cells of a sheet (xlsx, ods or CSV) as text, and how spreadsheet programs save CSV files.

Workbooks are read in a process with limits, without pandas.
"""

import csv
import re
import zipfile
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineError, load_workbook

from g7tag.errors import InputError

WORKBOOKS = (".xlsx", ".ods")
_LIMITS = {
    "rows": 200_000, "columns": 1_000, "cells": 5_000_000, "characters": 50_000_000, "characters in a cell": 100_000,
}  # fmt: skip
"""A sheet of a report of 700 pages has a tenth of these; the item of a sentence is the longest text."""
DELIMITERS = (",", ";", "\t")
WINDOWS = "cp1252"
_SAMPLE = 2**20  # bytes of a file that are examined
_NAMED = re.compile(r"\ufeff?\"?sep=(?P<delimiter>[,;\t|])\"?\r?\n?\Z", re.IGNORECASE)
_NOT_WINDOWS = re.compile(rb"[\0\x81\x8d\x8f\x90\x9d\xfe\xff]|[A-Za-z][\x8a\x8e\x9a\x9e\x9f]")
"""Bytes that text in Windows-1252 does not have, and ä, é, ö, û and ü as a Macintosh wrote them."""
_QUOTED = re.compile(r'"(?:[^"]|"")*"?')
_FORMULA = r"[=+\-@\t\r\0\uff1d\uff0b\uff0d\uff20]"  # the last four are full-width characters
_RISKY = re.compile(rf"^(?=[\s\"';,]*{_FORMULA})|(?<=;)(?=[\s\"']*{_FORMULA})")
_GUARDED = re.compile(rf"^'(?=[\s\"';,]*{_FORMULA})|(?<=;)'(?=[\s\"']*{_FORMULA})")


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


class Dialect(NamedTuple):
    """The format of a CSV file: encoding, delimiter, and whether the first line names the delimiter (`sep=;`)."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    named: bool = False


def dialect_of(path: Path) -> Dialect:
    """Return the format of a CSV file; for a missing or empty file, the format that g7tag writes."""
    if not path.exists():
        return Dialect()
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    encoding = _encoding_of(sample)
    text = sample.decode(encoding, errors="replace")
    if named := _NAMED.match(text.partition("\n")[0]):
        return Dialect(encoding, named["delimiter"], named=True)
    return Dialect(encoding, max(DELIMITERS, key=_QUOTED.sub("", text).partition("\n")[0].count))


def _encoding_of(sample: bytes) -> str:
    """Return UTF-8, UTF-16 if a mark says so, or Windows-1252 if that is the only one that fits."""
    if sample.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    known = sample.decode("utf-8", errors="ignore")
    cut = 3 if len(sample) == _SAMPLE else 0  # bytes of a character that may be cut at the end of the sample
    is_utf8 = len(sample) - len(known.encode()) <= cut
    return "utf-8-sig" if is_utf8 or not known.isascii() or _NOT_WINDOWS.search(sample) else WINDOWS


def dialect_note(path: Path) -> str:
    """Return a note on a CSV file that is not UTF-8; "" for other files."""
    encoding = dialect_of(path).encoding if path.suffix.lower() == ".csv" and path.is_file() else "utf-8-sig"
    name = "Windows-1252" if encoding == WINDOWS else encoding.upper()
    return "" if encoding == "utf-8-sig" else f"{path}: is not UTF-8 and was read as {name}. Check words with accents."


def safe_cell(cell: object) -> object:
    """Return a cell that a spreadsheet does not run as a formula, or split into cells with a formula."""
    return _RISKY.sub("'", cell) if isinstance(cell, str) else cell


def plain_cell(cell: str) -> str:
    """Return a cell without the apostrophes of `safe_cell`, with uniform line ends."""
    return _GUARDED.sub("", cell.replace("\r\n", "\n").replace("\r", "\n"))
