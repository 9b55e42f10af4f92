"""Requests to models and the labels that they propose, in an append-only SQLite file of a run directory."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd

from g7tag.errors import FrameError
from g7tag.frames import ANNOTATIONS, build, validate
from g7tag.store.chain import State, Table, add_rows, make_table, opened, read_rows, states_of, unusable

REVIEWS_FILE = "reviews.sqlite"
TABLE = Table(
    "annotations",
    """
CREATE TABLE IF NOT EXISTS annotations (annotation_id TEXT PRIMARY KEY, row TEXT NOT NULL, sha256 TEXT NOT NULL);

CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON annotations BEGIN SELECT RAISE(ABORT, 'append only'); END;

CREATE TRIGGER IF NOT EXISTS never_removed BEFORE DELETE ON annotations BEGIN SELECT RAISE(ABORT, 'append only'); END;
""",
    ("annotation_id", "row"),
    "annotation_id",
)


Kind = Literal["prompt", "request", "asked", "export", "answer", "rung", "verdict"]
"""System message, request, why a sentence was asked, batch, answer, schema support of an endpoint, verdict."""
_ONCE = ("prompt", "request", "asked")
_TABLE = Table(
    "requests",
    """
CREATE TABLE IF NOT EXISTS requests (
    place INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL,
    sha256 TEXT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS once ON requests (kind, key) WHERE kind IN ('prompt', 'request', 'asked');

CREATE TRIGGER IF NOT EXISTS request_kept BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'append only'); END;

CREATE TRIGGER IF NOT EXISTS request_stays BEFORE DELETE ON requests BEGIN SELECT RAISE(ABORT, 'append only'); END;
""",
    ("kind", "key", "row"),
    "key",
)


def read_reviews(path: Path) -> pd.DataFrame:
    """Return the annotations of a file in the order in which they were added; none if the file is missing."""
    return _annotations(path, _rows(path))


def reviews_states(path: Path) -> list[State]:
    """Return the state of a file after each of its annotations, latest last; none if the file is missing."""
    return states_of(_rows(path))


def add_reviews(path: Path, annotations: pd.DataFrame) -> None:
    """Append annotations to a file, all or none; the file is created if it is missing."""
    rows = [
        (row["annotation_id"], json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False))
        for row in validate(annotations, ANNOTATIONS, source="annotations").to_dict("records")
    ]
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        make_table(connection, path, TABLE)
        add_rows(connection, TABLE, rows)


def _rows(path: Path) -> list[tuple[str, ...]]:
    if not path.exists():
        return []
    with opened(path) as connection:
        return read_rows(connection, path, TABLE)


def _annotations(path: Path, rows: list[tuple[str, ...]]) -> pd.DataFrame:
    later = {"act": "", "blind": False, "occasion": "label"}  # columns that an older g7tag did not write
    try:
        parsed = [later | json.loads(row) for _, row in rows]
        return validate(build(ANNOTATIONS, parsed), ANNOTATIONS, source=str(path))
    except (ValueError, TypeError, FrameError, RecursionError) as error:
        raise unusable(path, str(error)) from error


def _plain(value: Any) -> object:
    """Return a value as a JSON value."""
    return None if pd.isna(value) else value


class RequestLog(NamedTuple):
    """The requests in an open file; see `request_log`."""

    path: Path
    connection: sqlite3.Connection

    def add(self, rows: Iterable[tuple[Kind, str, Mapping[str, Any]]]) -> None:
        """Add rows with their kinds and keys, all or none; existing prompt, request and asked rows are kept."""
        new = [(kind, key, json.dumps(row)) for kind, key, row in rows]
        try:
            add_rows(self.connection, _TABLE, self._missing(new))
        except sqlite3.Error as error:
            raise unusable(self.path, error) from error

    def _missing(self, rows: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
        """Yield rows, skipping existing rows of the kinds that are stored once; called while the file is locked."""
        exists = "SELECT 1 FROM requests WHERE kind = ? AND key = ? AND kind IN ('prompt', 'request', 'asked')"
        for kind, key, row in rows:
            if kind not in _ONCE or not self.connection.execute(exists, [kind, key]).fetchone():
                yield kind, key, row


@contextmanager
def request_log(path: Path) -> Iterator[RequestLog]:
    """Open the requests in a file; it is created if it is missing."""
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        make_table(connection, path, _TABLE)
        yield RequestLog(path, connection)


def read_requests(path: Path, kind: Kind) -> list[tuple[str, dict[str, Any]]]:
    """Return the keys and rows of a kind in the order in which they were added; none if the file is missing."""
    if not path.exists():
        return []
    with opened(path) as connection:
        rows = read_rows(connection, path, _TABLE)
    try:
        return [(key, dict(json.loads(row))) for found, key, row in rows if found == kind]
    except (ValueError, TypeError, RecursionError) as error:
        raise unusable(path, str(error)) from error
