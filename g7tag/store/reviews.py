"""Annotations of people and models: rows that are only ever added, in one SQLite file of a run directory."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.errors import FrameError, RunError
from g7tag.frames import ANNOTATIONS, build, validate
from g7tag.store.files import text_sha256

REVIEWS_FILE = "reviews.sqlite"
_WAIT = 30  # seconds for another process to finish writing
_TABLE = """
CREATE TABLE IF NOT EXISTS annotations (annotation_id TEXT PRIMARY KEY, row TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON annotations BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS never_removed BEFORE DELETE ON annotations BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""


def read_reviews(path: Path) -> pd.DataFrame:
    """Return the annotations of a file in the order in which they were added; a missing file has none.

    Raises
    ------
    RunError
        The file is no such file, or its rows are no annotations.
    """
    if not path.exists():
        return build(ANNOTATIONS, [])
    with opened(path) as connection:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'annotations'").fetchall()
        if not known:  # no annotation was added yet
            return build(ANNOTATIONS, [])
        rows = connection.execute("SELECT row FROM annotations ORDER BY rowid").fetchall()
    try:
        return validate(build(ANNOTATIONS, [json.loads(row) for (row,) in rows]), ANNOTATIONS, source=str(path))
    except (ValueError, TypeError, FrameError) as error:
        raise unreadable(path, str(error)) from error


def add_reviews(path: Path, annotations: pd.DataFrame) -> None:
    """Add annotations to a file, all or none; it is made where it is missing.

    Raises
    ------
    RunError
        The file is no such file, cannot be written, or holds an annotation of one of these ids.
    """
    rows = [
        (row["annotation_id"], json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False))
        for row in validate(annotations, ANNOTATIONS, source="annotations").to_dict("records")
    ]
    with opened(path) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(_TABLE)
        connection.executemany("INSERT INTO annotations VALUES (?, ?)", rows)


def reviews_sha256(annotations: pd.DataFrame) -> str:
    """Return what tells one state of the annotations from another: a hash of their rows, "" where there are none."""
    return text_sha256(annotations.to_json(orient="records")) if len(annotations) else ""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file of annotations; what SQLite says of it is worded.

    Raises
    ------
    RunError
        The file is no such file, or has a row of the same key.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT)) as connection:
            yield connection
    except sqlite3.IntegrityError as error:
        msg = f"{path}: an annotation with one of these ids is there already ({error}). Read the file again, then add."
        raise RunError(msg) from error
    except sqlite3.Error as error:
        raise unreadable(path, str(error)) from error


def unreadable(path: Path, cause: str) -> RunError:
    """Return the error of a file that cannot be used."""
    return RunError(
        f"{path}: cannot be used ({cause}). Expected the annotations that g7tag keeps; put back a copy of the file, "
        "or move it away to start without them."
    )


def _plain(value: Any) -> object:
    """A value that JSON has."""
    return None if pd.isna(value) else value
