"""Rows of an SQLite file that are only ever added, each with a hash of itself and of all before it."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from g7tag.errors import RunError

_WAIT = 30  # seconds for another process to finish writing
_HEADS = """
CREATE TABLE IF NOT EXISTS heads (name TEXT PRIMARY KEY, n_rows INTEGER NOT NULL, sha256 TEXT NOT NULL);
"""
_ADVICE = {
    sqlite3.SQLITE_FULL: "Make room and run again: what was kept before is whole.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable, and run again.",
    sqlite3.SQLITE_CANTOPEN: "Make its folder writable, and run again.",
    sqlite3.SQLITE_BUSY: "Another program has it open; close that, and run again.",
}


class Table(NamedTuple):
    """A table of rows that are never changed: how it is made, its columns of text, and which of them names a row."""

    name: str
    create: str
    columns: tuple[str, ...]
    label: str

    @property
    def select(self) -> str:
        """Reads the rows in the order in which they were added."""
        return f"SELECT {', '.join(self.columns)} FROM {self.name} ORDER BY rowid"  # noqa: S608 - our own names

    @property
    def select_hashed(self) -> str:
        """Reads the rows with their hashes."""
        return f"SELECT {', '.join(self.columns)}, sha256 FROM {self.name} ORDER BY rowid"  # noqa: S608

    @property
    def insert(self) -> str:
        """Adds a row with its hash."""
        places = ", ".join("?" * (len(self.columns) + 1))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}, sha256) VALUES ({places})"  # noqa: S608


class State(NamedTuple):
    """How many rows there are, and the hash of the last; it tells whether rows that were there still are."""

    n_rows: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.n_rows} {self.sha256}" if self.n_rows else ""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file; what SQLite says of it is worded. On a disk that cannot be written to it is opened for reading.

    Raises
    ------
    RunError
        The file is not an SQLite file, cannot be used, or has a row of the same key.
    """
    try:
        with closing(_connected(path)) as connection:
            yield connection
    except sqlite3.IntegrityError as error:
        msg = f"{path}: an annotation with one of these ids already exists ({error}). Read the file again, then add."
        raise RunError(msg) from error
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def read_rows(connection: sqlite3.Connection, path: Path, table: Table) -> list[tuple[str, ...]]:
    """Return the rows of a table without their hashes, in the order in which they were added.

    Raises
    ------
    RunError
        A row was changed or removed since g7tag wrote it; the message names it.
    """
    with _snapshot(connection):
        return _verified_rows(connection, path, table)


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """See the file as it is at one moment, whatever another process adds meanwhile."""
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
        raise _changed(path, f"the last rows of {table.name} are missing, {len(rows)} are left")
    return [tuple(cells) for *cells, _ in rows]


def states_of(rows: Iterable[Sequence[str]]) -> list[State]:
    """Return the state after each of some rows, as their file had it then."""
    states: list[State] = []
    before = ""
    for place, cells in enumerate(rows, start=1):
        before = _link(before, cells)
        states.append(State(place, before))
    return states


def make_table(connection: sqlite3.Connection, path: Path, table: Table) -> None:
    """Make a table where it is missing, and make it anew where an older g7tag wrote it without hashes.

    Raises
    ------
    RunError
        A row was changed: nothing is to be added behind it.
    """
    read_rows(connection, path, table)
    connection.executescript(table.create + _HEADS)
    if not _is_hashed(connection, table):
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if _is_hashed(connection, table):  # another process has done it meanwhile
                return
            rows = connection.execute(table.select).fetchall()
            connection.execute(f"DROP TABLE {table.name}")
            for statement in filter(str.strip, table.create.split("\n\n")):
                connection.execute(statement)
            _insert(connection, table, rows)


def add_rows(connection: sqlite3.Connection, table: Table, rows: Iterable[Sequence[str]]) -> None:
    """Add rows behind the last, all or none."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        _insert(connection, table, rows)


def unusable(path: Path, error: sqlite3.Error | str) -> RunError:
    """Return the error of a file that cannot be used, with what to do about it."""
    usual = "Expected the annotations that g7tag keeps; put back a copy of the file, or move it away to start without."
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # an extended code has the plain one in its lowest byte
    return RunError(f"{path}: cannot be used ({error}). {_ADVICE.get(code, usual)}")


def _insert(connection: sqlite3.Connection, table: Table, rows: Iterable[Sequence[str]]) -> None:
    n_rows, before = _head(connection, table)
    for cells in rows:
        before = _link(before, cells)
        connection.execute(table.insert, [*cells, before])
        n_rows += 1
    connection.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", [table.name, n_rows, before])


def can_write(path: Path) -> bool:
    """Return whether a file that exists can be changed where it is."""
    return os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)


def _connected(path: Path) -> sqlite3.Connection:
    if path.exists() and not path.is_file():
        raise unusable(path, "it is not a file")
    if can_write(path) or not path.exists():
        return sqlite3.connect(path, timeout=_WAIT)
    log = path.with_name(f"{path.name}-wal")
    kept = "" if log.exists() and log.stat().st_size else "&immutable=1"  # what is in the log would not be read
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{kept}", uri=True, timeout=_WAIT)


def _link(before: str, cells: Sequence[object]) -> str:
    """The hash of a row and of all before it; bytes in place of text give another."""
    told = json.dumps([before, *(cell if isinstance(cell, str) else repr(cell) for cell in cells)])
    return hashlib.sha256(told.encode("utf-8")).hexdigest()


def _head(connection: sqlite3.Connection, table: Table) -> State:
    found = connection.execute("SELECT n_rows, sha256 FROM heads WHERE name = ?", [table.name]).fetchone()
    return State(*found) if found else State(0, "")


def _is_hashed(connection: sqlite3.Connection, table: Table) -> bool:
    """Whether a table keeps hashes: one of an older g7tag has no other columns than those of its rows."""
    found = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", [table.name])}
    return found - {"place"} != {*table.columns}


def _changed(path: Path, what: str) -> RunError:
    return RunError(
        f"{path}: was changed since g7tag wrote it: {what}. Put back a copy of the file; to go on with what can be "
        "read, move it away and record the labels again."
    )
