"""Read a document in a separate process with limits of memory and time."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from g7tag.errors import SourceError
from g7tag.process import LOOK, Clock, read_messages

OPENING = 20.0
"""Maximum processor time in seconds before the first page of a document, and for each page."""
SPARE = 20.0
"""Maximum processor time in seconds for a document, in addition to `EACH_PAGE` for each page."""
EACH_PAGE = 0.5
"""Seconds that each page adds to `SPARE`; a usual page takes a tenth, a page with overlapping text may take more."""
MAX_PAGES = 5_000
"""Default limit of the pages of a PDF; the longest report has about 900."""
MOST_CHARACTERS = 10_000_000
"""Limit of the characters of one document; a report of 700 pages has three million."""
MOST_RESTARTS = 10
"""Number of pages that may crash the worker process; after the last one, no page is read."""
WORKER = "g7tag.sources.worker"
"""The module that reads one document."""


class Reading(NamedTuple):
    """What was read of a document: its blocks, or its pages in order; unread pages have a `problem`."""

    blocks: list[Any]
    pages: list[dict[str, Any]]
    doubts: Sequence[tuple[str, str]] = ()


def limits_note() -> str:
    """Return a note about limits that are not available on this system, or "" if all are."""
    system = {"win32": "Windows", "darwin": "macOS"}.get(sys.platform)
    if system is None:
        return ""
    return f"On {system}, the memory of a document is only measured, every {LOOK:g} s or so: read only trusted files."


def read_limited(
    content: bytes, kind: str, *, max_pages: int, progress: Callable[[int, int], None] = lambda *_: None
) -> Reading:
    """Read a document in a separate process."""
    clock = Clock()
    pages: list[dict[str, Any]] = []
    count, characters, stopped = 0, 0, ""

    def left() -> float:
        return SPARE + EACH_PAGE * count - clock.seconds

    for _ in range(MOST_RESTARTS + 1):
        stopped = "crashed the reading process"
        arguments = [kind, str(max_pages), str(len(pages)), str(len(content))]
        for message in read_messages(WORKER, arguments, content, clock=clock, left=left, step=OPENING):
            if "blocks" in message:
                return Reading(message["blocks"], [], message.get("doubts", ()))
            count, stopped = message.get("pages", count), message.get("stopped", stopped)
            if "page" in message:
                pages.append(message)
                progress(len(pages), count)
                characters += sum(len(line[-1]) for line in message.get("lines", ()))
                characters += sum(len(text) for text, _ in message.get("aside", ()))
            _refuse(message, characters)
        if count == len(pages) > 0:
            return Reading([], pages)
        if not count:
            msg = f"{stopped}. Expected a readable report; get the file again, or print it to a new PDF."
            raise SourceError(msg)
        if left() <= 0:
            stopped = f"not reached within {SPARE + EACH_PAGE * count:.0f} s of processor time"
            break
        pages.append({"page": len(pages), "problem": stopped})
        progress(len(pages), count)
    else:
        stopped = f"not read because {MOST_RESTARTS + 1} earlier pages could not be read (the last: {stopped})"
    rest = range(len(pages), count)
    return Reading([], pages + [{"page": number, "problem": stopped} for number in rest])


def _refuse(message: Mapping[str, Any], characters: int) -> None:
    """Raise SourceError if the process refused the document or if it has too many characters."""
    if "refused" in message:
        raise SourceError(message["refused"])
    if characters > MOST_CHARACTERS:
        msg = f"has more than {MOST_CHARACTERS:,} characters. Expected a smaller report; split it."
        raise SourceError(msg)
