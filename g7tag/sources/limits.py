"""Tell the format of a document by its content, and read it in a process with limits of memory, time and size."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from g7tag.errors import SourceError
from g7tag.process import LOOK, StoppedError, run_limited

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"
TEXT = "text/plain"
MAX_PAGES = 5_000
"""Default limit of the pages of a PDF; the longest report has about 900."""
OCR = "ocrmypdf in.pdf out.pdf"
"""The command that recognizes the text of a scan."""
_OFFICE = "soffice --headless --convert-to docx FILE"
CONVERTED = {
    b"{\\rtf": ("is a rich text file (RTF)", _OFFICE),
    b"mimetypeapplication/vnd.oasis.opendocument.text": ("is an OpenDocument text (ODT)", _OFFICE),
    b"mimetypeapplication/epub+zip": ("is an e-book (EPUB)", "pandoc FILE -o FILE.docx"),
}
"""First bytes of files that another program converts to Word (or the first name in a zip file), and its command."""
OTHERS = {
    b"\xd0\xcf\x11\xe0": "is an old Word file (DOC) or a password-protected Word file",
    b"\x89PNG": "is an image (PNG)",
    b"\xff\xd8\xff": "is an image (JPEG)",
    b"II*\x00": "is an image (TIFF)",
    b"MM\x00*": "is an image (TIFF)",
    b"\x1f\x8b": "is a compressed file (gzip)",
    b"7z\xbc\xaf": "is a compressed file (7-Zip)",
    b"Rar!": "is a compressed file (RAR)",
    b"%!PS": "is a PostScript file",
}
"""First bytes of unsupported files, and what the files are."""
_EXPECTED = "Expected a report as PDF, Word (DOCX), HTML or text"
_NAME = 30  # place of the first member's name in a zip file
_LEAD = 1024  # bytes within which a PDF header must appear
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|div|p|h[1-6]|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_WIDE_MARKUP = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def kind_of(content: bytes) -> str:
    """Return the media type of a document: PDF, Word (any zip file), HTML or plain text; refuse other formats."""
    for signature, (found, command) in CONVERTED.items():
        if content.startswith(signature, _NAME if content.startswith(b"PK") else 0):
            msg = f"{found}. {_EXPECTED}; convert it: {command}"
            raise SourceError(msg)
    for signature, found in OTHERS.items():
        if content.startswith(signature):
            msg = f"{found}. {_EXPECTED}; save it in one of these formats."
            raise SourceError(msg)
    if b"%PDF-" in content[:_LEAD]:
        return PDF
    if content.startswith(b"PK"):
        return DOCX
    order = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(content[:2])
    wide = order is not None and _WIDE_MARKUP.match(content[2:4000].decode(order, "replace"))
    return HTML if wide or _MARKUP.match(content[:4000]) else TEXT


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
