"""Annotations of people and models: rows that are only ever added, in one SQLite file of a run directory."""

import json
from pathlib import Path
from typing import Any

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


def read_reviews(path: Path) -> pd.DataFrame:
    """Return the annotations of a file in the order in which they were added; a missing file has none.

    Raises
    ------
    RunError
        The file cannot be used, a row was changed since g7tag wrote it, or the rows are not annotations.
    """
    return _annotations(path, _rows(path))


def reviews_states(path: Path) -> list[State]:
    """Return the state of a file after each of its annotations, the last one at the end; a missing file has none.

    Raises
    ------
    RunError
        As for `read_reviews`.
    """
    return states_of(_rows(path))


def add_reviews(path: Path, annotations: pd.DataFrame) -> None:
    """Add annotations to a file, all or none; it is made where it is missing.

    Raises
    ------
    RunError
        The file cannot be used or written, was changed, or has an annotation with one of these ids.
    """
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
    try:
        return validate(build(ANNOTATIONS, [json.loads(row) for _, row in rows]), ANNOTATIONS, source=str(path))
    except (ValueError, TypeError, FrameError, RecursionError) as error:
        raise unusable(path, str(error)) from error


def _plain(value: Any) -> object:
    """A value that JSON has."""
    return None if pd.isna(value) else value
