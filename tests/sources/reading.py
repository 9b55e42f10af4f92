"""What a reader says of a document, read in this process: its blocks, its hidden text and its gaps."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from g7tag.errors import SourceError
from g7tag.sources import Documents, limits, read_documents, worker


class Read(NamedTuple):
    """A document's blocks, its hidden texts with the reasons, its gaps (part, kind, reason) and its status."""

    blocks: list[str]
    hidden: list[tuple[str, str]]
    gaps: list[tuple[str, str, str]]
    status: str


def read_here(content: bytes, name: str = "report") -> Documents:
    """The frames of one document; the reader runs in this process, which saves a quarter of a second."""
    with tempfile.TemporaryDirectory() as folder, patch.object(limits, "read_messages", _messages):
        path = Path(folder, name)
        path.write_bytes(content)
        try:
            return read_documents([path])
        except SourceError as error:
            raise SourceError(str(error).removeprefix(f"{path}: ")) from error


def read(content: bytes) -> Read:
    """What is read of one document."""
    found = read_here(content)
    row = found.documents.iloc[0]
    hidden = [(row["text"][start:end], why) for start, end, why in json.loads(row["hidden"])]
    gaps = list(found.gaps[["part", "kind", "reason"]].itertuples(index=False, name=None))
    return Read(row["text"].split("\n\n"), hidden, gaps, row["status"])


def blocks(content: bytes) -> list[str]:
    """The texts of a document's blocks."""
    return read(content).blocks


def _messages(_: str, arguments: list[str], content: bytes, **__: object) -> Iterator[dict[str, Any]]:
    """Yield the messages of the process that reads a document."""
    kind, max_pages, first, _size = arguments
    try:
        for message in worker._READERS[kind](content, int(max_pages), int(first)):
            yield json.loads(json.dumps(message))
    except SourceError as error:
        yield {"refused": str(error)}
