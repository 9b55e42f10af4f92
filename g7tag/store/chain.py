"""Append-only tables in an SQLite file; each row has a hash of itself and of all rows before it."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from g7tag.errors import RunError

_WAIT = 30  # seconds to wait for another process that is writing
_HEADS = """
CREATE TABLE IF NOT EXISTS heads (name TEXT PRIMARY KEY, n_rows INTEGER NOT NULL, sha256 TEXT NOT NULL);
"""
_ADVICE = {
    sqlite3.SQLITE_FULL: "Free some space and run again: the rows written before are intact.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable and run again.",
    sqlite3.SQLITE_CANTOPEN: "Make its folder writable and run again.",
    sqlite3.SQLITE_BUSY: "Another program has it open; close that program and run again.",
}


class Table(NamedTuple):
    """An append-only table: its CREATE statements, its text columns, and the column that names a row in messages."""

    name: str
    create: str
    columns: tuple[str, ...]
    label: str

    @property
    def select(self) -> str:
        """Query for the rows in the order in which they were added."""
        return f"SELECT {', '.join(self.columns)} FROM {self.name} ORDER BY rowid"  # noqa: S608 - names are constants

    @property
    def select_hashed(self) -> str:
        """Query for the rows with their hashes."""
        return f"SELECT {', '.join(self.columns)}, sha256 FROM {self.name} ORDER BY rowid"  # noqa: S608

    @property
    def insert(self) -> str:
        """Statement that adds a row with its hash."""
        places = ", ".join("?" * (len(self.columns) + 1))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}, sha256) VALUES ({places})"  # noqa: S608


class State(NamedTuple):
    """The number of rows and the hash of the last one; shows whether earlier rows are unchanged."""

    n_rows: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.n_rows} {self.sha256}" if self.n_rows else ""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an SQLite file, read-only if it is not writable; its errors become a `RunError`."""
    try:
        with closing(_connected(path)) as connection:
            yield connection
    except sqlite3.IntegrityError as error:
        msg = (
            f"{path}: an annotation with one of these ids already exists ({error}). "
            "Read the file again, then add the annotations."
        )
        raise RunError(msg) from error
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    except UnicodeDecodeError as error:  # the name of a table was damaged
        raise unusable(path, str(error)) from error


def read_rows(connection: sqlite3.Connection, path: Path, table: Table) -> list[tuple[str, ...]]:
    """Return the rows of a table, without their hashes, in the order in which they were added."""
    with _snapshot(connection):
        return _verified_rows(connection, path, table)


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Read the file as of one moment, even if another process adds rows in the meantime."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()


def _verified_rows(connection: sqlite3.Connection, path: Path, table: Table) -> list[tuple[str, ...]]:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if table.name not in names:
        if "heads" in names and _head(connection, table).n_rows:
            raise _changed(path, f"the table {table.name!r} is missing")
        return []
    if not _is_hashed(connection, table):
        return [tuple(row) for row in connection.execute(table.select)]
    rows = connection.execute(table.select_hashed).fetchall()
    before = ""
    for place, (*cells, found) in enumerate(rows, start=1):
        before = _link(before, cells)
        if before != found:
            named = str(cells[table.columns.index(table.label)])[:80]
            raise _changed(path, f"row {place} of {table.name} ({named!r})")
    if _head(connection, table) != State(len(rows), before):
        raise _changed(path, f"the last rows of {table.name} are missing; it has {len(rows)} now")
    return [tuple(cells) for *cells, _ in rows]


def states_of(rows: Iterable[Sequence[str]]) -> list[State]:
    """Return the state of a table after each of its rows was added."""
    states: list[State] = []
    before = ""
    for place, cells in enumerate(rows, start=1):
        before = _link(before, cells)
        states.append(State(place, before))
    return states


def make_table(connection: sqlite3.Connection, path: Path, table: Table) -> None:
    """Create a table if it is missing; create it again if an older g7tag wrote it without hashes."""
    read_rows(connection, path, table)
    connection.executescript(table.create + _HEADS)
    if not _is_hashed(connection, table):
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if _is_hashed(connection, table):  # another process did it in the meantime
                return
            rows = connection.execute(table.select).fetchall()
            connection.execute(f"DROP TABLE {table.name}")
            for statement in filter(str.strip, table.create.split("\n\n")):
                connection.execute(statement)
            _insert(connection, table, rows)


def add_rows(connection: sqlite3.Connection, table: Table, rows: Iterable[Sequence[str]]) -> None:
    """Append rows, all or none."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        _insert(connection, table, rows)


def unusable(path: Path, error: sqlite3.Error | str) -> RunError:
    """Return the error for a file that cannot be used, with advice."""
    usual = "Expected an annotations file of g7tag. Restore a copy of it, or move it away to start without annotations."
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the lowest byte of an extended error code is the primary code
    return RunError(f"{path}: cannot be used ({error}). {_ADVICE.get(code, usual)}")


def _insert(connection: sqlite3.Connection, table: Table, rows: Iterable[Sequence[str]]) -> None:
    n_rows, before = _head(connection, table)
    for cells in rows:
        before = _link(before, cells)
        connection.execute(table.insert, [*cells, before])
        n_rows += 1
    connection.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", [table.name, n_rows, before])


def can_write(path: Path) -> bool:
    """Return True if an existing file and its folder are writable."""
    return os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)


def _connected(path: Path) -> sqlite3.Connection:
    if path.exists() and not path.is_file():
        raise unusable(path, "it is not a file")
    if can_write(path) or not path.exists():
        return sqlite3.connect(path, timeout=_WAIT)
    log = path.with_name(f"{path.name}-wal")
    kept = "" if log.exists() and log.stat().st_size else "&immutable=1"  # SQLite would ignore the log
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{kept}", uri=True, timeout=_WAIT)


def _link(before: str, cells: Sequence[object]) -> str:
    """Return the hash of a row and of all rows before it; bytes and text give different hashes."""
    content = json.dumps([before, *(cell if isinstance(cell, str) else repr(cell) for cell in cells)])
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def _head(connection: sqlite3.Connection, table: Table) -> State:
    found = connection.execute("SELECT n_rows, sha256 FROM heads WHERE name = ?", [table.name]).fetchone()
    return State(*found) if found else State(0, "")


def _is_hashed(connection: sqlite3.Connection, table: Table) -> bool:
    """Return True if a table has hashes; a table of an older g7tag only has the columns of its rows."""
    found = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", [table.name])}
    return found - {"place"} != {*table.columns}


def _changed(path: Path, what: str) -> RunError:
    return RunError(
        f"{path}: was changed since g7tag wrote it: {what}. Restore a copy of the file, or move it away and "
        "record the labels again."
    )
