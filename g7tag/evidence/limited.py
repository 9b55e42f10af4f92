"""Have the evidence of a document read by a process of its own, within limits of memory and processor time."""

import json
from collections.abc import Collection
from datetime import date
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.parts import Part, Row
from g7tag.sources.limits import Clock, messages_of

WORKER = "g7tag.evidence.worker"
"""The module that reads the evidence of one document."""
SPARE = 30.0
"""Seconds of processor time that a document may take, however short."""
EACH_MILLION = 12.0
"""Seconds that a million characters add to that; those of a usual report take 3."""
_DAYS = {"items": ("date",), "citations": ("published", "accessed")}
"""Columns of rows that hold days."""


def read_part_limited(
    document: Row,
    codebook: Codebook,
    taken: Collection[str],
    *,
    numbers: Collection[int] = (),
    keep_hidden: bool = False,
    year: str = "",
) -> Part:
    """Return what `read_part` does, read by a process that may take 1.5 GB of memory and a limited time.

    Raises
    ------
    SourceError
        As for `read_part`, or the document took more; the message does not name it.
    """
    pages = document["pages"]
    asked = {
        "document": document | {"pages": None if pd.isna(pages) else int(pages)},
        "codebook": codebook.model_dump_json(),
        "taken": sorted(taken),
        "options": {"numbers": sorted(numbers), "keep_hidden": keep_hidden, "year": year},
    }
    content = json.dumps(asked).encode()
    clock = Clock()
    most = SPARE + EACH_MILLION * len(document["text"]) / 1_000_000
    stopped = "ended the process that read its evidence"
    for told in messages_of(
        WORKER, [str(len(content))], content, clock=clock, left=lambda: most - clock.seconds, step=most
    ):
        if "refused" in told:
            raise SourceError(told["refused"])
        if "part" in told:
            return _part(told["part"], document)
        stopped = told.get("stopped", stopped)
    msg = f"its evidence cannot be read: {stopped}. Expected a report; split it, or name the commitment you need."
    raise SourceError(msg)


def _part(told: dict[str, Any], document: Row) -> Part:
    rows = {name: [_with_days(row, _DAYS.get(name, ())) for row in rows] for name, rows in told["rows"].items()}
    return Part(document | {"status": told["status"]}, rows, told["gaps"], dict(told["contents"]))


def _with_days(row: Row, days: Collection[str]) -> Row:
    return row | {name: date.fromisoformat(row[name]) for name in days if row[name] is not None}
