"""Requests to models and their answers: one append-only table in an SQLite file of a run directory.

Each row has a hash of itself and of all rows before it, so that a change of earlier rows is noticed.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from g7tag.errors import RunError

REVIEWS_FILE = "reviews.sqlite"
Kind = Literal["prompt", "request", "asked", "answer", "verdict"]
"""System message, request, why a sentence was asked about (each kept once); answer; verdict of a trial."""
_TABLE = """
CREATE TABLE IF NOT EXISTS requests (
    place INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS once ON requests (kind, key) WHERE kind IN ('prompt', 'request', 'asked');
CREATE TRIGGER IF NOT EXISTS request_kept BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS request_stays BEFORE DELETE ON requests BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""
_WAIT = 30  # seconds to wait for another process that is writing
_ADVICE = {
    sqlite3.SQLITE_FULL: "Free some space and run again: the rows written before are intact.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable and run again.",
    sqlite3.SQLITE_CANTOPEN: "Make its folder writable and run again.",
    sqlite3.SQLITE_BUSY: "Another program has it open; close that program and run again.",
}
_USUAL = "Expected a file of g7tag. Restore a copy of it, or move it away to start without proposals."


class Logged(NamedTuple):
    """Row of a log."""

    kind: str
    key: str
    row: dict[str, Any]


class RequestLog(NamedTuple):
    """The requests in an open file; see `request_log`."""

    path: Path
    connection: sqlite3.Connection

    def add(self, rows: Iterable[tuple[Kind, str, Mapping[str, Any]]]) -> None:
        """Append rows with their kinds and keys, all or none; existing prompt, request and asked rows are kept."""
        once = "SELECT 1 FROM requests WHERE kind = ? AND key = ? AND kind IN ('prompt', 'request', 'asked')"
        new = [(kind, key, json.dumps(row)) for kind, key, row in rows]
        query = self.connection.execute
        try:
            with self.connection:
                query("BEGIN IMMEDIATE")
                (before,) = query("SELECT sha256 FROM requests ORDER BY place DESC LIMIT 1").fetchone() or ("",)
                for cells in new:
                    if query(once, cells[:2]).fetchone() is None:
                        before = _link(before, *cells)
                        query("INSERT INTO requests (kind, key, row, sha256) VALUES (?, ?, ?, ?)", [*cells, before])
        except sqlite3.Error as error:
            raise unusable(self.path, error) from error


@contextmanager
def request_log(path: Path) -> Iterator[RequestLog]:
    """Open the requests in a file; it is created if it is missing."""
    with _opened(path) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        _verified(connection, path)
        connection.executescript(_TABLE)
        yield RequestLog(path, connection)


def read_requests(path: Path, *kinds: Kind) -> list[Logged]:
    """Return the rows of some kinds in the order in which they were added; none if the file is missing."""
    if not path.exists():
        return []
    with _opened(path) as connection:
        rows = [cells for cells in _verified(connection, path) if cells[0] in kinds]
    try:
        return [Logged(kind, key, dict(json.loads(row))) for kind, key, row in rows]
    except (ValueError, TypeError, RecursionError) as error:
        raise unusable(path, str(error)) from error


def unusable(path: Path, error: Exception | str) -> RunError:
    """Return the error for a file that cannot be used, with advice."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the lowest byte of an extended error code is the primary code
    return RunError(f"{path}: cannot be used ({error}). {_ADVICE.get(code, _USUAL)}")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an SQLite file; its errors become a `RunError`."""
    if path.exists() and not path.is_file():
        raise unusable(path, "it is not a file")
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT)) as connection:
            yield connection
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the second: the name of a table was damaged
        raise unusable(path, error) from error


def _verified(connection: sqlite3.Connection, path: Path) -> list[tuple[str, str, str]]:
    """Return kind, key and row of each row in the order in which they were added, as of one moment."""
    connection.execute("BEGIN")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found, last, before = [], None, ""
    if "requests" in names:
        found = connection.execute("SELECT place, kind, key, row, sha256 FROM requests ORDER BY place").fetchall()
        last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'requests'").fetchone()
    elif names:
        raise _changed(path, "the table of requests is missing")
    connection.rollback()
    for n_rows, (place, kind, key, row, sha256) in enumerate(found, start=1):
        before = _link(before, kind, key, row)
        if (place, sha256) != (n_rows, before):
            raise _changed(path, f"row {n_rows} ({kind} {str(key)[:80]!r})")
    if (last or (0,))[0] != len(found):  # SQLite itself counts the rows that were ever added
        raise _changed(path, f"the last rows are missing; it has {len(found)} now")
    return [cells[1:4] for cells in found]


def _link(before: str, *cells: object) -> str:
    """Return the hash of a row and of all rows before it; bytes and text give different hashes."""
    content = json.dumps([before, *(cell if isinstance(cell, str) else repr(cell) for cell in cells)])
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def _changed(path: Path, what: str) -> RunError:
    return RunError(
        f"{path}: was changed since g7tag wrote it: {what}. Restore a copy of the file, or move it away and ask again."
    )
