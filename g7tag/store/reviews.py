"""Requests to models and the labels that they propose: append-only tables in an SQLite file of a run directory.

Each row has a hash of itself and of all rows before it, so that a change of earlier rows is noticed.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd

from g7tag.errors import FrameError, RunError
from g7tag.frames import ANNOTATIONS, build, validate
from g7tag.store.labels import plain_row

REVIEWS_FILE = "reviews.sqlite"
Kind = Literal["prompt", "request", "asked", "export", "answer", "rung", "verdict"]
"""System message, request, why a sentence was asked, batch, answer, schema support of an endpoint, verdict."""
Cells = Sequence[Any]


class Table(NamedTuple):
    """An append-only table: its text columns, the column that names a row in messages, and its CREATE statements."""

    name: str
    columns: tuple[str, ...]
    label: str
    create: str


TABLE = Table(
    "annotations", ("annotation_id", "row"), "annotation_id",
    """
CREATE TABLE IF NOT EXISTS annotations (annotation_id TEXT PRIMARY KEY, row TEXT NOT NULL, sha256 TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON annotations BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS never_removed BEFORE DELETE ON annotations BEGIN SELECT RAISE(ABORT, 'append only'); END;
""",
)  # fmt: skip
_REQUESTS = Table(
    "requests", ("kind", "key", "row"), "key",
    """
CREATE TABLE IF NOT EXISTS requests (
    place INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS once ON requests (kind, key) WHERE kind IN ('prompt', 'request', 'asked');
CREATE TRIGGER IF NOT EXISTS request_kept BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS request_stays BEFORE DELETE ON requests BEGIN SELECT RAISE(ABORT, 'append only'); END;
""",
)  # fmt: skip
_HEADS = """
CREATE TABLE IF NOT EXISTS heads (name TEXT PRIMARY KEY, n_rows INTEGER NOT NULL, sha256 TEXT NOT NULL);
"""
_WAIT = 30  # seconds to wait for another process that is writing
_ADVICE = {
    sqlite3.SQLITE_FULL: "Free some space and run again: the rows written before are intact.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable and run again.",
    sqlite3.SQLITE_CANTOPEN: "Make its folder writable and run again.",
    sqlite3.SQLITE_BUSY: "Another program has it open; close that program and run again.",
}


def read_reviews(path: Path) -> pd.DataFrame:
    """Return the annotations of a file in the order in which they were added; none if the file is missing."""
    try:
        rows = [json.loads(row) for _, row in _rows(path, TABLE)]
        return validate(build(ANNOTATIONS, rows), ANNOTATIONS, source=str(path))
    except (ValueError, TypeError, FrameError, RecursionError) as error:
        raise unusable(path, str(error)) from error


def reviews_states(path: Path) -> list[str]:
    """Return the number of rows and the last hash of a file after each of its annotations, latest last."""
    hashes = _hashes(_rows(path, TABLE))
    return [f"{n_rows} {sha256}" for n_rows, sha256 in enumerate(hashes, start=1)]


def add_reviews(path: Path, annotations: pd.DataFrame) -> None:
    """Append annotations to a file, all or none; the file is created if it is missing."""
    rows = [
        (row["annotation_id"], json.dumps(plain_row(row), ensure_ascii=False))
        for row in validate(annotations, ANNOTATIONS, source="annotations").to_dict("records")
    ]
    with _opened(path) as connection:
        _make_table(connection, path, TABLE)
        add_rows(connection, TABLE, rows)


class RequestLog(NamedTuple):
    """The requests in an open file; see `request_log`."""

    path: Path
    connection: sqlite3.Connection

    def add(self, rows: Iterable[tuple[Kind, str, Mapping[str, Any]]]) -> None:
        """Add rows with their kinds and keys, all or none; existing prompt, request and asked rows are kept."""
        new = [(kind, key, json.dumps(row)) for kind, key, row in rows]
        try:
            add_rows(self.connection, _REQUESTS, (row for row in new if self._is_new(row)))
        except sqlite3.Error as error:
            raise unusable(self.path, error) from error

    def _is_new(self, row: tuple[str, str, str]) -> bool:
        """Return whether a row is not one of those that are stored once; called while the file is locked."""
        exists = "SELECT 1 FROM requests WHERE kind = ? AND key = ? AND kind IN ('prompt', 'request', 'asked')"
        return self.connection.execute(exists, row[:2]).fetchone() is None


@contextmanager
def request_log(path: Path) -> Iterator[RequestLog]:
    """Open the requests in a file; it is created if it is missing."""
    with _opened(path) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        _make_table(connection, path, _REQUESTS)
        yield RequestLog(path, connection)


def read_requests(path: Path, kind: Kind) -> list[tuple[str, dict[str, Any]]]:
    """Return the keys and rows of a kind in the order in which they were added; none if the file is missing."""
    try:
        return [(str(key), dict(json.loads(row))) for found, key, row in _rows(path, _REQUESTS) if found == kind]
    except (ValueError, TypeError, RecursionError) as error:
        raise unusable(path, str(error)) from error


def add_rows(connection: sqlite3.Connection, table: Table, rows: Iterable[Cells]) -> None:
    """Append rows, all or none."""
    places = ", ".join("?" * (len(table.columns) + 1))
    insert = f"INSERT INTO {table.name} ({', '.join(table.columns)}, sha256) VALUES ({places})"  # noqa: S608 - constants
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        n_rows, before = _head(connection, table)
        for cells in rows:
            before = _link(before, cells)
            connection.execute(insert, [*cells, before])
            n_rows += 1
        connection.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", [table.name, n_rows, before])


def can_write(path: Path) -> bool:
    """Return True if an existing file and its folder are writable."""
    return os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)


def unusable(path: Path, error: sqlite3.Error | str) -> RunError:
    """Return the error for a file that cannot be used, with advice."""
    usual = "Expected an annotations file of g7tag. Restore a copy of it, or move it away to start without annotations."
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the lowest byte of an extended error code is the primary code
    return RunError(f"{path}: cannot be used ({error}). {_ADVICE.get(code, usual)}")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an SQLite file, read-only if it is not writable; its errors become a `RunError`."""
    if path.exists() and not path.is_file():
        raise unusable(path, "it is not a file")
    name = path.resolve().as_uri()
    if path.exists() and not can_write(path):
        log = path.with_name(f"{path.name}-wal")
        kept = "" if log.exists() and log.stat().st_size else "&immutable=1"  # SQLite would ignore the log
        name = f"{name}?mode=ro{kept}"
    try:
        with closing(sqlite3.connect(name, uri=True, timeout=_WAIT)) as connection:
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


def _make_table(connection: sqlite3.Connection, path: Path, table: Table) -> None:
    """Create a table if it is missing, after checking the rows that it has."""
    connection.execute("PRAGMA journal_mode=WAL")
    _verified_rows(connection, path, table)
    connection.executescript(table.create + _HEADS)


def _rows(path: Path, table: Table) -> list[Cells]:
    if not path.exists():
        return []
    with _opened(path) as connection:
        return _verified_rows(connection, path, table)


def _verified_rows(connection: sqlite3.Connection, path: Path, table: Table) -> list[Cells]:
    """Return the rows of a table in the order in which they were added, as of one moment."""
    connection.execute("BEGIN")
    try:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        head = _head(connection, table) if "heads" in names else (0, "")
        if table.name not in names:
            if head[0]:
                raise _changed(path, f"the table {table.name!r} is missing")
            return []
        select = f"SELECT {', '.join(table.columns)}, sha256 FROM {table.name} ORDER BY rowid"  # noqa: S608 - constants
        found = connection.execute(select).fetchall()
    finally:
        connection.rollback()
    rows, hashes = [row[:-1] for row in found], [row[-1] for row in found]
    for place, (cells, expected, sha256) in enumerate(zip(rows, _hashes(rows), hashes, strict=True), start=1):
        if sha256 != expected:
            named = str(cells[table.columns.index(table.label)])[:80]
            raise _changed(path, f"row {place} of {table.name} ({named!r})")
    if head != (len(rows), (hashes or [""])[-1]):
        raise _changed(path, f"the last rows of {table.name} are missing; it has {len(rows)} now")
    return rows


def _head(connection: sqlite3.Connection, table: Table) -> tuple[int, str]:
    """Return the number of rows that a table must have, and the hash of the last one."""
    found = connection.execute("SELECT n_rows, sha256 FROM heads WHERE name = ?", [table.name]).fetchone()
    return found or (0, "")


def _hashes(rows: Iterable[Cells]) -> list[str]:
    return list(accumulate(rows, _link, initial=""))[1:]


def _link(before: str, cells: Cells) -> str:
    """Return the hash of a row and of all rows before it; bytes and text give different hashes."""
    content = json.dumps([before, *(cell if isinstance(cell, str) else repr(cell) for cell in cells)])
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def _changed(path: Path, what: str) -> RunError:
    return RunError(
        f"{path}: was changed since g7tag wrote it: {what}. Restore a copy of the file, or move it away and "
        "record the labels again."
    )
