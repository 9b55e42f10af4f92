"""The ledger of a run directory, a sheet that people edit: reading it with its problems, and writing it."""

import codecs
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.errors import InputError
from g7tag.frames import LEDGER, LEDGER_STATUSES, build
from g7tag.store.cells import WORKBOOKS
from g7tag.store.dialects import DELIMITERS, dialect_of, safe_cell
from g7tag.store.files import inside, write_atomic
from g7tag.store.sheets import open_sheet, read_sheet
from g7tag.store.workbooks import Choice, Page, workbook_bytes
from g7tag.text import listed

LEDGER_FILE = "ledger.csv"
LEDGER_FILES = (LEDGER_FILE, "ledger.xlsx")
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
    found = [inside(directory, name) for name in LEDGER_FILES if inside(directory, name).exists()]
    if len(found) > 1:
        msg = f"{found[0]} and {found[1].name}: both exist. Keep the ledger that you edited, and move the other away."
        raise InputError(msg)
    return found[0] if found else directory / LEDGER_FILE


def read_ledger(path: Path) -> Ledger:
    """Read a ledger (.csv or .xlsx); a missing file gives an empty one."""
    if not path.exists():
        return empty_ledger()
    sheet = open_sheet(path, key="finding_id") if path.suffix in WORKBOOKS else read_sheet(path)
    cells = sheet.rows
    missing = [name for name in COLUMNS if name not in cells.columns]
    if missing:
        msg = (
            f"{path}: column {missing[0]!r} is missing, found {listed(cells.columns)}. "
            "Restore the column, or move the file away and run `g7tag audit` to create a new one."
        )
        raise InputError(msg)
    cells = cells.assign(finding_id=cells["finding_id"].str.strip(), status=cells["status"].str.strip().str.lower())
    problems, usable = [], []
    twice = set(cells.loc[cells["finding_id"].duplicated(), "finding_id"])
    for place, row in cells.to_dict("index").items():
        wrong = _wrong(row, twice)
        if wrong:
            problems.append(f"{sheet.cell(int(str(place)), '')} ({row['finding_id'] or 'no id'}): {wrong}; not used.")
        else:
            decision = _DECISIONS[row["decision"].strip()]
            usable.append({**{name: row[name] for name in COLUMNS}, "severity": "", "decision": decision})
    return Ledger(cells.reset_index(drop=True), build(LEDGER, usable), problems)


def write_ledger(path: Path, cells: pd.DataFrame) -> None:
    """Write a ledger atomically, with text that no spreadsheet runs as a formula."""
    if path.suffix in WORKBOOKS:
        now = cells.astype("str").map(str.strip)
        before = open_sheet(path, key="finding_id").rows.reset_index(drop=True) if path.exists() else None
        if before is None or list(before) != list(now) or not before.equals(now):  # formats that people added are kept
            write_atomic(path, workbook_bytes([_page(now)]))
        return
    dialect = dialect_of(path)
    safe = cells.map(lambda cell: cell if str(cell).strip() in _DECISIONS else safe_cell(cell))
    delimiter = dialect.delimiter if dialect.delimiter in DELIMITERS else ","
    content = safe.to_csv(index=False, lineterminator="\n", sep=delimiter).encode("utf-8")
    marked = path.exists() and (dialect.encoding != "utf-8-sig" or path.read_bytes()[:3] == codecs.BOM_UTF8)
    content = codecs.BOM_UTF8 + content if marked else content
    if not path.exists() or path.read_bytes() != content:
        write_atomic(path, content)


def _page(cells: pd.DataFrame) -> Page:
    choices = {"status": Choice(LEDGER_STATUSES, "Status"), "decision": Choice(["-1", "0", "+1"], "Final score")}
    widths = {"finding_id": 30, "message": 70, "note": 40}
    return Page("ledger", cells, choices=choices, to_fill=["owner", "note"], widths=widths)


def _wrong(row: dict[object, str], twice: set[str]) -> str:
    if not row["finding_id"]:
        return "finding_id is missing"
    if row["finding_id"] in twice:
        return "its finding_id appears twice"
    if row["status"] not in LEDGER_STATUSES:
        return f"status {row['status']!r} is unknown, expected one of {listed(LEDGER_STATUSES)}"
    if row["decision"].strip() not in _DECISIONS:
        return f"decision {row['decision']!r} is not a score, expected -1, 0, +1 or nothing"
    if row["status"] in {"decided", "dismissed"} and not row["owner"].strip():
        return f"status {row['status']!r} without an owner, expected the name of the person who decided"
    return ""
