"""Reading sheets that people filled in with a spreadsheet program: xlsx, ods and CSV of any kind."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from g7tag.errors import InputError
from g7tag.process import StoppedError, run_limited
from g7tag.store.cells import WORKBOOKS, Cells, read_cells
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
    others: bool
    """Whether there is text outside the table: above it, or in other sheets."""

    def cell(self, row: int, column: str) -> str:
        """Return the place of a cell for messages: the file, the sheet and, if the column is known, the cell."""
        where = _where(self.path.name, self.name)
        return f"{where}, {self.letters[column]}{row}" if column in self.letters else f"{where}, row {row}"


def open_sheet(path: Path, *, key: str, ids: Collection[str] = ()) -> Sheet:
    """Return the table of a file that has a column `key`, if no row of it is elsewhere in the file."""
    sheets = _cells_of(path)
    heads = ((each, at) for each in sheets for at, row in enumerate(each.rows[:_HEADING_ROWS]) if key in _headings(row))
    used, place = next(heads, (None, 0))
    if used is None:
        found = [cell for sheet in sheets for cell in (sheet.rows[0] if sheet.rows else []) if cell]
        msg = f"{path}: no column {key!r}, found {listed(found)}. Use a sheet that g7tag wrote, and keep its headings."
        raise InputError(msg)
    names = _headings(used.rows[place])
    rows = [list(map(str.strip, row)) for row in _table(used, place, names, path)]
    names = [name or (_unnamed(at) if any(row[at] for row in rows) else "") for at, name in enumerate(names)]
    letters = {name: xl_col_to_name(at) for at, name in enumerate(names) if name}
    numbers = pd.RangeIndex(place + 2, place + 2 + len(rows))
    frame = pd.DataFrame(rows, numbers, names, dtype="str")[list(letters)]
    known = {key, *_headings(ids), *_headings(frame[key])} - {""}
    read = f"the rows below row {place + 1}{f' of sheet {used.name!r}' if used.name else ''}"
    around = [(sheet, sheet.rows[:place] if sheet is used else sheet.rows) for sheet in sheets]
    outside = [(sheet.name, at, row) for sheet, rows in around for at, row in enumerate(rows, start=1)]
    for name, at, row in outside:
        if strays := [cell for cell in row if heading(cell) in known]:
            where = f"{_where(path, name)}, row {at}"
            msg = f"{where}: has {listed(strays)}, but only {read} are read. Move the row there, or delete it."
            raise InputError(msg)
    others = any(cell.strip() for *_, row in outside for cell in row)
    return Sheet(frame[(frame != "").any(axis=1)], letters, path, used.name, others)


def read_sheet(path: Path) -> pd.DataFrame:
    """Return the first sheet of a file as text, with its first row as headings."""
    sheet = _cells_of(path)[0]
    place = int(sheet.rows[:1] == [[]])  # a line that names the delimiter
    head = sheet.rows[place] if len(sheet.rows) > place else []
    names = [name or _unnamed(at) for at, name in enumerate(head)]
    return pd.DataFrame(_table(sheet, place, names, path), columns=names, dtype="str")


def heading(cell: str) -> str:
    """Return a heading in lower case, with "_" between its words."""
    return "_".join(cell.casefold().replace("_", " ").replace("-", " ").split())


def _headings(cells: Collection[str]) -> list[str]:
    return list(map(heading, cells))


def _unnamed(at: int) -> str:
    return f"column_{xl_col_to_name(at).lower()}"


def _cells_of(path: Path) -> list[Cells]:
    """Return the sheets of a file, of which workbooks are read in a process with limits."""
    suffix = path.suffix.lower()
    if suffix not in SHEET_TYPES:
        msg = f"{path}: cannot read a sheet from a {suffix or 'nameless'!r} file. Expected {', '.join(SHEET_TYPES)}."
        raise InputError(msg)
    if suffix not in WORKBOOKS:
        return list(read_cells(b"", str(path)))
    try:
        return [Cells(*each) for each in run_limited(read_cells, b"", str(path), seconds=SECONDS)]
    except StoppedError as error:
        msg = f"{path}: cannot be read: {error}. Copy the cells with labels to a new file, and read that."
        raise InputError(msg) from error


def _table(sheet: Cells, place: int, names: Sequence[str], path: Path) -> list[list[str]]:
    """Return the rows below the headings with a cell for each of them; a row of CSV may have fewer."""
    if sheet.merged:
        places = listed(xl_rowcol_to_cell(*corner) if corner[0] >= 0 else "somewhere" for corner in sheet.merged)
        msg = f"{_where(path, sheet.name)}: has merged cells ({places}), of which one alone has a value. Unmerge them."
        raise InputError(msg)
    twice = {each for each in names if each and names.count(each) > 1}
    if twice:
        msg = f"{path}: heading {listed(twice)} appears twice. Rename or remove one of the columns."
        raise InputError(msg)
    rows = sheet.rows[place + 1 :]
    longer = [row[0] for row in rows if len(row) > len(names)]
    if longer:
        msg = f"{path}: the row of {listed(longer)} has more cells than the header. Put text with delimiters in quotes."
        raise InputError(msg)
    return [row + [""] * (len(names) - len(row)) for row in rows]


def _where(path: Path | str, name: str) -> str:
    return f"{path}, sheet {name!r}" if name else str(path)
