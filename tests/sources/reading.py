"""What a reader says of a document, read in this process: its blocks, its hidden text and its gaps."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from g7tag.errors import SourceError
from g7tag.sources import Documents, limits, read_documents


class Read(NamedTuple):
    """A document's blocks, its hidden texts with the reasons, its gaps (part, kind, reason) and its status."""

    blocks: list[str]
    hidden: list[tuple[str, str]]
    gaps: list[tuple[str, str, str]]
    status: str


def read_here(content: bytes, name: str = "report") -> Documents:
    """The frames of one document; the reader runs in this process, which saves a quarter of a second."""
    with tempfile.TemporaryDirectory() as folder, patch.object(limits, "run_limited", _run_here):
        path = Path(folder, name)
        path.write_bytes(content)
        try:
            return read_documents([path])
        except SourceError as error:
            raise SourceError(str(error).removeprefix(f"{path}: ")) from error


def read(content: bytes) -> Read:
    found = read_here(content)
    row = found.documents.iloc[0]
    hidden = [(row["text"][start:end], why) for start, end, why in json.loads(row["hidden"])]
    gaps = list(found.gaps[["part", "kind", "reason"]].itertuples(index=False, name=None))
    return Read(row["text"].split("\n\n"), hidden, gaps, row["status"])


def blocks(content: bytes) -> list[str]:
    return read(content).blocks


def _run_here(reader: Callable[..., Iterator[Any]], content: bytes, *arguments: Any, **_limits: float) -> Iterator[Any]:
    """Yield the messages of a reader as its process would send them."""
    for message in reader(content, *arguments):
        yield json.loads(json.dumps(message))
