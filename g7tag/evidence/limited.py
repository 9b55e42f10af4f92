"""Read the evidence of a document in a separate process with limits on memory and CPU time."""

import json
from collections.abc import Collection
from datetime import date
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.parts import Part, Row
from g7tag.process import StoppedError, ask

WORKER = "g7tag.evidence.worker"
"""The module that reads the evidence of one document."""
SPARE = 30.0
"""Seconds of CPU time that any document may take."""
EACH_MILLION = 12.0
"""Additional seconds per million characters; a typical report takes 3."""
_DAYS = {"items": ("date",), "citations": ("published", "accessed")}
"""Columns that hold dates, by frame."""


def read_part_limited(
    document: Row,
    codebook: Codebook,
    taken: Collection[str],
    *,
    numbers: Collection[int] = (),
    keep_hidden: bool = False,
    year: str = "",
) -> Part:
    """Return the result of `read_part`, run in a process with limits; SourceError does not name the document."""
    pages = document["pages"]
    asked = {
        "document": document | {"pages": None if pd.isna(pages) else int(pages)},
        "codebook": codebook.model_dump_json(),
        "taken": sorted(taken),
        "options": {"numbers": sorted(numbers), "keep_hidden": keep_hidden, "year": year},
    }
    most = SPARE + EACH_MILLION * len(document["text"]) / 1_000_000
    try:
        part = ask(WORKER, [], json.dumps(asked).encode(), seconds=most, refused=SourceError)
    except StoppedError as error:
        msg = f"its evidence cannot be read: {error}. Expected a report; split it, or name the commitment you need."
        raise SourceError(msg) from error
    return _part(part, document)


def _part(answer: dict[str, Any], document: Row) -> Part:
    rows = {name: [_with_days(row, _DAYS.get(name, ())) for row in rows] for name, rows in answer["rows"].items()}
    return Part(document | {"status": answer["status"]}, rows, answer["gaps"], dict(answer["contents"]))


def _with_days(row: Row, days: Collection[str]) -> Row:
    return row | {name: date.fromisoformat(row[name]) for name in days if row[name] is not None}
