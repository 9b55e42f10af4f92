"""The ledger of a run directory, a sheet that people edit: reading it with its problems, and writing it."""

import codecs
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.errors import InputError
from g7tag.frames import LEDGER, LEDGER_STATUSES, build
from g7tag.store.cells import DELIMITERS, dialect_of, safe_cell
from g7tag.store.files import inside, write_atomic
from g7tag.store.sheets import open_sheet
from g7tag.store.workbooks import Choice, Page, workbook_bytes
from g7tag.text import listed

LEDGER_FILES = ("ledger.csv", "ledger.xlsx")
"""Names that a ledger may have; g7tag creates the first, and uses the second if somebody saved it as that."""
COLUMNS = list(LEDGER.columns)
_DECISIONS = {"": None, "-1": -1, "0": 0, "1": 1, "+1": 1, "−1": -1, "-1.0": -1, "0.0": 0, "1.0": 1}


class Ledger(NamedTuple):
    """All rows of the file as text, the valid rows, and the problems of the other rows."""

    cells: pd.DataFrame
    rows: pd.DataFrame
    problems: list[str]


def empty_ledger() -> Ledger:
    """Return a ledger without rows."""
    return Ledger(pd.DataFrame(columns=COLUMNS, dtype="str"), build(LEDGER, []), [])


def ledger_path(directory: Path) -> Path:
    """Return the path of the ledger of a run directory: `ledger.xlsx` if that exists, otherwise `ledger.csv`."""
    paths = [inside(directory, name) for name in LEDGER_FILES]
    found = [path for path in paths if path.exists()]
    if len(found) > 1:
        msg = f"{found[0]} and {found[1].name}: both exist. Keep the ledger that you edited, and move the other away."
        raise InputError(msg)
    return (found or paths)[0]


def read_ledger(path: Path) -> Ledger:
    """Read a ledger (.csv or .xlsx); a missing file gives an empty one."""
    if not path.exists():
        return empty_ledger()
    sheet = open_sheet(path, key="finding_id")
    missing = [name for name in COLUMNS if name not in sheet.rows]
    if missing:
        msg = (
            f"{path}: column {missing[0]!r} is missing, found {listed(sheet.rows)}. "
            "Restore the column, or move the file away and run `g7tag audit` to create a new one."
        )
        raise InputError(msg)
    if sheet.others:
        msg = f"{path}: has text above its headings or in another sheet, which g7tag would not keep. Move it away."
        raise InputError(msg)
    cells = sheet.rows.assign(status=sheet.rows["status"].str.lower())
    twice = set(cells.loc[cells["finding_id"].duplicated(), "finding_id"])
    wrong = [_wrong(row, twice) for row in cells.to_dict("records")]
    named = zip(cells.index, cells["finding_id"], wrong, strict=True)
    problems = [f"{sheet.cell(at, '')} ({name or 'no id'}): {why}; not used." for at, name, why in named if why]
    usable = cells[[not why for why in wrong]][COLUMNS]
    rows = usable.assign(severity="", decision=usable["decision"].map(_DECISIONS)).to_dict("records")
    return Ledger(cells.reset_index(drop=True), build(LEDGER, rows), problems)


def write_ledger(path: Path, cells: pd.DataFrame) -> None:
    """Write a ledger atomically, with text that no spreadsheet runs as a formula."""
    if path.suffix == ".csv":
        dialect = dialect_of(path)
        safe = cells.map(lambda cell: cell if str(cell).strip() in _DECISIONS else safe_cell(cell))
        delimiter = dialect.delimiter if dialect.delimiter in DELIMITERS else ","
        content = safe.to_csv(index=False, lineterminator="\n", sep=delimiter).encode("utf-8")
        if path.exists() and (dialect.encoding != "utf-8-sig" or path.read_bytes().startswith(codecs.BOM_UTF8)):
            content = codecs.BOM_UTF8 + content  # so that the spreadsheet that it comes from knows the encoding
        if path.exists() and path.read_bytes() == content:
            return
    else:
        now = cells.astype("str").map(str.strip)
        if path.exists() and open_sheet(path, key="finding_id").rows.reset_index(drop=True).equals(now):
            return  # formats that people added are kept
        choices = {"status": Choice(LEDGER_STATUSES, "Status"), "decision": Choice(["-1", "0", "+1"], "Final score")}
        widths = {"finding_id": 30, "message": 70, "note": 40}
        content = workbook_bytes([Page("ledger", now, choices=choices, to_fill=["owner", "note"], widths=widths)])
    write_atomic(path, content)


def _wrong(row: dict[object, str], twice: set[str]) -> str:
    if not row["finding_id"]:
        return "finding_id is missing"
    if row["finding_id"] in twice:
        return "its finding_id appears twice"
    if row["status"] not in LEDGER_STATUSES:
        return f"status {row['status']!r} is unknown, expected one of {listed(LEDGER_STATUSES)}"
    if row["decision"] not in _DECISIONS:
        return f"decision {row['decision']!r} is not a score, expected -1, 0, +1 or nothing"
    if row["status"] in {"decided", "dismissed"} and not row["owner"]:
        return f"status {row['status']!r} without an owner, expected the name of the person who decided"
    return ""
