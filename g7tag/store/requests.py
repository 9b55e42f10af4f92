"""What was asked of models and what came back: rows that are only ever added, in the file of the annotations."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from g7tag.store.reviews import opened, unreadable

Kind = Literal["prompt", "request", "asked", "export", "answer", "rung", "verdict"]
"""System message, request, why a sentence was asked, batch, answer, how an endpoint takes a schema, verdict."""
_ONCE = ("prompt", "request", "asked")
_TABLE = """
CREATE TABLE IF NOT EXISTS requests (
    place INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS once ON requests (kind, key) WHERE kind IN ('prompt', 'request', 'asked');
CREATE INDEX IF NOT EXISTS by_kind ON requests (kind, key);
CREATE TRIGGER IF NOT EXISTS request_kept BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS request_stays BEFORE DELETE ON requests BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""


class RequestLog(NamedTuple):
    """The requests of an open file; see `request_log`."""

    path: Path
    connection: sqlite3.Connection

    def add(self, rows: Iterable[tuple[Kind, str, Mapping[str, Any]]]) -> None:
        """Add rows, each with its kind and key, all or none; a prompt, request or asked row that is there stays.

        Raises
        ------
        RunError
            The file cannot be written.
        """
        told = [(kind, key, json.dumps(row)) for kind, key, row in rows]
        try:
            with self.connection:
                for once, verb in ((True, "INSERT OR IGNORE"), (False, "INSERT")):
                    self.connection.executemany(
                        f"{verb} INTO requests (kind, key, row) VALUES (?, ?, ?)",
                        [row for row in told if (row[0] in _ONCE) is once],
                    )
        except sqlite3.Error as error:
            raise unreadable(self.path, str(error)) from error


@contextmanager
def request_log(path: Path) -> Iterator[RequestLog]:
    """Open the requests of a file, which is made where it is missing.

    What is added is on the disk before `add` returns, so that no answer that was paid for is lost with the process.

    Parameters
    ----------
    path
        `reviews.sqlite` of a directory.

    Raises
    ------
    RunError
        The file is no such file, or cannot be written.
    """
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_TABLE)
        yield RequestLog(path, connection)


def read_requests(path: Path, kind: Kind) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a kind with their keys, in the order in which they were added; a missing file has none.

    Raises
    ------
    RunError
        The file is no such file.
    """
    if not path.exists():
        return []
    with opened(path) as connection:
        known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return list(_rows(connection, path, kind)) if "requests" in known else []


def _rows(connection: sqlite3.Connection, path: Path, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        for key, row in connection.execute("SELECT key, row FROM requests WHERE kind = ? ORDER BY place", [kind]):
            yield str(key), dict(json.loads(row))
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise unreadable(path, str(error)) from error
