"""Read one document in a separate process with limited memory and time; `limits` runs this module.

The document's bytes come from stdin. The output is one JSON object per line on stdout: `pages` (the page count of a
PDF), then for each page `page` with its lines or a `problem`; `blocks` for formats without pages, and `doubts` about
them; `refused` with a reason.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from g7tag.errors import SourceError
from g7tag.process import MEMORY, exit_with_parent, limit_process, send_message
from g7tag.sources.kinds import DOCX, HTML, PDF


def main() -> None:
    """Read the document from stdin."""
    kind, max_pages, first, size = sys.argv[1], *(int(argument) for argument in sys.argv[2:5])
    logging.getLogger().addHandler(logging.NullHandler())  # hide the messages of libraries
    limit_process()
    content = sys.stdin.buffer.read(size)
    threading.Thread(target=exit_with_parent, daemon=True).start()
    try:
        for message in _READERS[kind](content, max_pages, first):
            send_message(message)
    except SourceError as error:
        send_message({"refused": str(error)})
    except MemoryError:
        send_message({"stopped": f"needs more than {MEMORY / 1e9:g} GB of memory"})


def _read_pdf(content: bytes, max_pages: int, first: int) -> Iterator[dict[str, Any]]:
    from g7tag.sources.pdf.document import open_pdf, read_pages  # noqa: PLC0415

    pdf = open_pdf(content, max_pages)
    yield {"pages": len(pdf.pages) + bool(pdf.problem)}
    yield from read_pages(pdf, first)


def _read_word(content: bytes, *_: int) -> Iterator[dict[str, Any]]:
    from g7tag.sources.docx.document import read_word  # noqa: PLC0415

    yield read_word(content)._asdict()


def _read_web(content: bytes, *_: int) -> Iterator[dict[str, Any]]:
    from g7tag.sources.html.document import read_page  # noqa: PLC0415

    yield read_page(content)._asdict()


_READERS: dict[str, Callable[..., Iterator[dict[str, Any]]]] = {PDF: _read_pdf, DOCX: _read_word, HTML: _read_web}

if __name__ == "__main__":
    main()
