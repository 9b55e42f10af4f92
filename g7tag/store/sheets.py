"""Reading sheets that people filled in with a spreadsheet program: xlsx, ods and CSV of any kind."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from python_calamine import CalamineError, load_workbook

from g7tag.errors import InputError, listed
from g7tag.store.tables import dialect_of, read_sheet

WORKBOOKS = (".xlsx", ".ods")
SHEET_TYPES = (*WORKBOOKS, ".csv")
_LARGEST = 200_000_000  # bytes of an unpacked workbook
_HEADING_ROWS = 20  # rows in which headings are looked for; people add titles above them
_MOST_ROWS = 200_000


class Sheet(NamedTuple):
    """A sheet as text: its rows, by their number in the sheet, and the letter of each column.

    Headings are in lower case, with "_" between words. `name` is the name of the sheet in its workbook, "" for CSV.
    """

    rows: pd.DataFrame
    letters: dict[str, str]
    path: Path
    name: str

    def cell(self, row: int, column: str) -> str:
        """Return the place of a cell for messages: the file, the sheet and, if the column is known, the cell."""
        where = f"{self.path.name}, sheet {self.name!r}" if self.name else self.path.name
        return f"{where}, {self.letters[column]}{row}" if column in self.letters else f"{where}, row {row}"


def open_sheet(path: Path, *, key: str) -> Sheet:
    """Return the sheet of a file that has a column `key`.

    Parameters
    ----------
    path
        A .xlsx, .ods or .csv file. A CSV file may use commas, semicolons or tabs, and UTF-8, UTF-16 or Windows-1252.
        Other rows may precede the headings.
    key
        Heading of a column, in lower case with "_" between words.

    Raises
    ------
    InputError
        The file is missing, cannot be read, has no such column, or a heading appears twice.
    """
    if path.suffix.lower() not in SHEET_TYPES:
        msg = (
            f"{path}: cannot read a sheet from a {path.suffix or 'nameless'!r} file. Expected {', '.join(SHEET_TYPES)}."
        )
        raise InputError(msg)
    sheets = _of_workbook(path) if path.suffix.lower() in WORKBOOKS else {"": _of_csv(path)}
    for name, rows in sheets.items():
        for place, row in enumerate(rows[:_HEADING_ROWS]):
            if key in map(heading, row):
                return _sheet(rows, place, path, name)
    found = [cell for rows in sheets.values() for cell in (rows[0] if rows else []) if cell]
    msg = f"{path}: no column {key!r}, found {listed(found)}. Use a sheet that g7tag wrote, and keep its headings."
    raise InputError(msg)


def heading(cell: str) -> str:
    """Return a heading in lower case, with "_" between its words.

    Examples
    --------
    >>> heading(" Sentence ID ")
    'sentence_id'
    """
    return "_".join(cell.casefold().replace("_", " ").replace("-", " ").split())


def column_letter(place: int) -> str:
    """Return the letter of a column, counted from 0.

    Examples
    --------
    >>> [column_letter(place) for place in (0, 25, 26, 701)]
    ['A', 'Z', 'AA', 'ZZ']
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _sheet(rows: Sequence[Sequence[str]], place: int, path: Path, name: str) -> Sheet:
    names = [heading(cell) for cell in rows[place]]
    twice = {each for each in names if each and names.count(each) > 1}
    if twice:
        msg = f"{path}: heading {listed(twice)} appears twice. Rename or remove one of the columns."
        raise InputError(msg)
    kept = [at for at, each in enumerate(names) if each]
    cells = [[row[at].strip() if at < len(row) else "" for at in kept] for row in rows[place + 1 :]]
    frame = pd.DataFrame(cells, columns=[names[at] for at in kept], dtype="str")
    frame.index = pd.RangeIndex(place + 2, place + 2 + len(cells))
    frame = frame[(frame != "").any(axis=1)]
    return Sheet(frame, {names[at]: column_letter(at) for at in kept}, path, name)


def _of_csv(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file; an empty row stands for a first line that names the delimiter."""
    table = read_sheet(path)
    return [*([[""]] if dialect_of(path).named else []), list(map(str, table.columns)), *table.to_numpy().tolist()]


def _of_workbook(path: Path) -> dict[str, list[list[str]]]:
    try:
        _require_small(path)
        with load_workbook(path) as workbook:
            sheets = {name: workbook.get_sheet_by_name(name) for name in workbook.sheet_names}
            for name, sheet in sheets.items():
                _require_rows(path, name, sheet.total_height)
            found = {name: sheet.to_python(skip_empty_area=False) for name, sheet in sheets.items()}
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or 'not a workbook'}). Check the path and the file."
        raise InputError(msg) from error
    except (CalamineError, zipfile.BadZipFile) as error:
        msg = f"{path}: not a readable {path.suffix} file ({str(error)[:120]}). Save it again and retry."
        raise InputError(msg) from error
    return {name: [[_text(cell) for cell in row] for row in rows] for name, rows in found.items()}


def _require_small(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > _LARGEST:
        msg = f"{path}: unpacks to {size / 1e6:.0f} MB, more than {_LARGEST / 1e6:.0f}. Save the sheet alone."
        raise InputError(msg)


def _require_rows(path: Path, name: str, n_rows: int) -> None:
    if n_rows > _MOST_ROWS:
        msg = (
            f"{path}, sheet {name!r}: has {n_rows:,} rows, more than {_MOST_ROWS:,}. Delete the empty rows at its end."
        )
        raise InputError(msg)


def _text(cell: Any) -> str:
    """Return a cell as text; whole numbers have no decimals, yes and no are "true" and "false"."""
    match cell:
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case None:
            return ""
        case _:
            return str(cell)
