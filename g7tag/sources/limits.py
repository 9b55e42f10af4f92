"""Read a document in a separate process with limits of memory, processor time and size."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from g7tag.errors import SourceError
from g7tag.process import LOOK, StoppedError, run_limited
from g7tag.sources.kinds import DOCX, HTML, PDF

SECONDS = 20.0
"""Maximum processor time in seconds of a page, or of a document without pages."""
EACH_PAGE = 0.5
"""Maximum average of a page; a usual page takes a tenth, a page with overlapping text may take more."""
MOST_CHARACTERS = 10_000_000
"""Limit of the characters of one document; a report of 700 pages has three million."""
MOST_STOPS = 3
"""Number of pages that may stop the process; after the last one, no page is read."""


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
    try:
        if kind == PDF:
            return Reading([], _read_pages(content, max_pages, progress))
        (message,) = run_limited(READERS[kind], content, seconds=SECONDS)
    except StoppedError as error:
        msg = f"{error}. Expected a readable report; get the file again, or print it to a new PDF."
        raise SourceError(msg) from error
    return Reading(message["blocks"], [], message["doubts"])


def _read_pages(content: bytes, max_pages: int, progress: Callable[[int, int], None]) -> list[dict[str, Any]]:
    """Read a PDF; a page that stops the process is named, and the next ones are read."""
    pages: list[dict[str, Any]] = []
    count, stopped = 0, ""
    for _ in range(MOST_STOPS):
        try:
            for message in run_limited(READERS[PDF], content, max_pages, len(pages), seconds=SECONDS, each=EACH_PAGE):
                if "pages" in message:
                    count = message["pages"]
                    continue
                pages.append(message)
                progress(len(pages), count)
            break
        except StoppedError as error:
            if not count:
                raise
            if len(pages) == count:
                break
            stopped = str(error)
            pages.append({"page": len(pages), "problem": stopped})
            progress(len(pages), count)
    rest = f"not read because {MOST_STOPS} earlier pages could not be read (the last: {stopped})"
    return pages + [{"page": number, "problem": rest} for number in range(len(pages), count)]


def read_pdf(content: bytes, max_pages: int, first: int) -> Iterator[dict[str, Any]]:
    """Yield the number of pages, then each page from `first` on with its lines or a `problem`."""
    from g7tag.sources.pdf.document import open_pdf, read_pages  # noqa: PLC0415

    pdf = open_pdf(content, max_pages)
    yield {"pages": len(pdf.pages) + bool(pdf.problem)}
    yield from read_pages(pdf, first)


def read_word(content: bytes) -> Iterator[dict[str, Any]]:
    """Yield the blocks of a Word document, and doubts about them."""
    from g7tag.sources.docx.document import read_word  # noqa: PLC0415

    yield read_word(content)._asdict()


def read_web(content: bytes) -> Iterator[dict[str, Any]]:
    """Yield the blocks of a web page, and doubts about them."""
    from g7tag.sources.html.document import read_page  # noqa: PLC0415

    yield read_page(content)._asdict()


READERS: dict[str, Callable[..., Iterator[dict[str, Any]]]] = {PDF: read_pdf, DOCX: read_word, HTML: read_web}
"""What reads each kind of document in its process."""
