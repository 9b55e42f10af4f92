"""Reading sheets that people filled in with a spreadsheet program: xlsx, ods and CSV of any kind."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.errors import InputError
from g7tag.process import StoppedError, run_limited
from g7tag.store.cells import WORKBOOKS, column_letter, read_cells
from g7tag.store.dialects import dialect_of
from g7tag.text import listed

SHEET_TYPES = (*WORKBOOKS, ".csv")
SECONDS = 30.0
"""Maximum processor time in seconds; a typical sheet takes a tenth of a second."""
_HEADING_ROWS = 20  # rows in which headings are looked for; people add titles above them


class Sheet(NamedTuple):
    """A sheet as text: its rows, by their number in the sheet, and the letter of each column."""

    rows: pd.DataFrame
    letters: dict[str, str]
    path: Path
    name: str

    def cell(self, row: int, column: str) -> str:
        """Return the place of a cell for messages: the file, the sheet and, if the column is known, the cell."""
        where = _where(self.path.name, self.name)
        return f"{where}, {self.letters[column]}{row}" if column in self.letters else f"{where}, row {row}"


class _Cells(NamedTuple):
    """A sheet of a file: its name ("" for CSV), its rows, and the places of merged cells."""

    name: str
    rows: list[list[str]]
    merged: list[str]


def open_sheet(path: Path, *, key: str, ids: Collection[str] = ()) -> Sheet:
    """Return the table of a file that has a column `key`, if no row of it is elsewhere in the file."""
    sheets = _read_cells(path)
    heads = [
        (sheet, place)
        for sheet in sheets
        for place, row in enumerate(sheet.rows[:_HEADING_ROWS])
        if key in map(heading, row)
    ]
    if not heads:
        found = [cell for sheet in sheets for cell in (sheet.rows[0] if sheet.rows else []) if cell]
        msg = f"{path}: no column {key!r}, found {listed(found)}. Use a sheet that g7tag wrote, and keep its headings."
        raise InputError(msg)
    used, place = heads[0]
    if used.merged:
        places = listed(used.merged)
        msg = f"{_where(path, used.name)}: has merged cells ({places}), of which one alone has a value. Unmerge them."
        raise InputError(msg)
    table = _table(used, place, path)
    known = {key, *map(heading, ids), *map(heading, table.rows[key])} - {""}
    read = f"the rows below row {place + 1}{f' of sheet {used.name!r}' if used.name else ''}"
    for sheet in sheets:
        for at, row in enumerate(sheet.rows[:place] if sheet is used else sheet.rows, start=1):
            strays = [cell for cell in row if heading(cell) in known]
            if strays:
                where = f"{_where(path, sheet.name)}, row {at}"
                msg = f"{where}: has {listed(strays)}, but only {read} are read. Move the row there, or delete it."
                raise InputError(msg)
    return table


def heading(cell: str) -> str:
    """Return a heading in lower case, with "_" between its words."""
    return "_".join(cell.casefold().replace("_", " ").replace("-", " ").split())


def read_sheet(path: Path) -> Sheet:
    """Return a CSV file that people may have edited in a spreadsheet, as text, with its headings as they are."""
    (sheet,) = _read_cells(path)
    place = int(dialect_of(path).named)  # a line that names the delimiter precedes the headings
    head = sheet.rows[place] if len(sheet.rows) > place else []
    head = [cell or f"Unnamed: {at}" for at, cell in enumerate(head)]
    _require_unique(head, path)
    return Sheet(_frame(_even(sheet.rows[place + 1 :], len(head), path), head, place), {}, path, "")


def _read_cells(path: Path) -> list[_Cells]:
    """Return the sheets of a file, read in a process with limits."""
    if path.suffix.lower() not in SHEET_TYPES:
        found = path.suffix or "nameless"
        msg = f"{path}: cannot read a sheet from a {found!r} file. Expected {', '.join(SHEET_TYPES)}."
        raise InputError(msg)
    try:
        return [_Cells(**each) for each in run_limited(read_cells, b"", str(path), seconds=SECONDS)]
    except StoppedError as error:
        msg = f"{path}: cannot be read: {error}. Copy the cells with labels to a new file, and read that."
        raise InputError(msg) from error


def _table(sheet: _Cells, place: int, path: Path) -> Sheet:
    names = [heading(cell) for cell in sheet.rows[place]]
    _require_unique(names, path)
    letters = {name: column_letter(at) for at, name in enumerate(names) if name}
    rows = [list(map(str.strip, row)) for row in _even(sheet.rows[place + 1 :], len(names), path)]
    frame = _frame(rows, names, place)[list(letters)]
    return Sheet(frame[(frame != "").any(axis=1)], letters, path, sheet.name)


def _frame(rows: Sequence[list[str]], names: list[str], place: int) -> pd.DataFrame:
    """Return rows below the headings in row `place`, by their number in the sheet."""
    return pd.DataFrame(rows, pd.RangeIndex(place + 2, place + 2 + len(rows)), names, dtype="str")


def _require_unique(names: Sequence[str], path: Path) -> None:
    twice = {each for each in names if each and names.count(each) > 1}
    if twice:
        msg = f"{path}: heading {listed(twice)} appears twice. Rename or remove one of the columns."
        raise InputError(msg)


def _even(rows: Sequence[list[str]], n: int, path: Path) -> list[list[str]]:
    """Return rows with a cell for each of `n` headings; a row of CSV may have fewer."""
    longer = [row[0] for row in rows if len(row) > n]
    if longer:
        msg = f"{path}: the row of {listed(longer)} has more cells than the header. Put text with delimiters in quotes."
        raise InputError(msg)
    return [row + [""] * (n - len(row)) for row in rows]


def _where(path: Path | str, name: str) -> str:
    return f"{path}, sheet {name!r}" if name else str(path)
