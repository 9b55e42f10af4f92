"""Read one document in a process of its own, whose memory and time are limited; run as a module by `limits`.

The document's bytes come on stdin. What was read goes to stdout, a JSON object a line: `pages` (how many a PDF has),
then for each page `page` with its lines, or a `problem`; `blocks` for formats without pages; `refused` with a reason.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

from g7tag.errors import SourceError
from g7tag.sources.kinds import DOCX, HTML, PDF

MEMORY = 1_500_000_000
"""Bytes that reading one document may take; a report of 700 pages takes a tenth."""
MOST_SECONDS = 3_600
"""Of processor time; `limits` stops a document before."""


def main() -> None:
    """Read the document on stdin.

    The arguments are its kind, the most pages, the first page wanted (from 0) and how many bytes it has.
    """
    kind, most_pages, first, size = sys.argv[1], *(int(argument) for argument in sys.argv[2:5])
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries say is not for the screen
    _limit_process()
    content = sys.stdin.buffer.read(size)
    threading.Thread(target=_end_when_left, daemon=True).start()
    try:
        for told in _READERS[kind](content, most_pages, first):
            _tell(told)
    except SourceError as error:
        _tell({"refused": str(error)})
    except MemoryError:
        _tell({"stopped": f"needs more than {MEMORY / 1e9:g} GB of memory"})


def _tell(told: dict[str, Any]) -> None:
    """Write a message as a whole: half of one could not be read."""
    message = json.dumps(told).encode() + b"\n"
    sys.stdout.buffer.write(message)
    sys.stdout.buffer.flush()


def _end_when_left() -> None:
    """End this process when the one that waits for it has ended: its end of the pipe is closed then."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _limit_process() -> None:
    """Limit memory and processor time, and forbid writing files; Windows has no such limits."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: MOST_SECONDS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))


def _read_pdf(content: bytes, most_pages: int, first: int) -> Iterator[dict[str, Any]]:
    from g7tag.sources.pdf.document import open_pdf, read_pages  # noqa: PLC0415

    pdf = open_pdf(content, most_pages)
    yield {"pages": len(pdf.pages) + bool(pdf.problem)}
    yield from read_pages(pdf, first)


def _read_blocks(content: bytes, kind: str) -> Iterator[dict[str, Any]]:
    if kind == HTML:
        from g7tag.sources.html.document import read_html as read  # noqa: PLC0415
    else:
        from g7tag.sources.docx.document import read_docx as read  # noqa: PLC0415
    yield {"blocks": read(content)}


_READERS = {
    PDF: _read_pdf,
    HTML: lambda content, *_: _read_blocks(content, HTML),
    DOCX: lambda content, *_: _read_blocks(content, DOCX),
}

if __name__ == "__main__":
    main()
