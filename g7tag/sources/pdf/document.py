"""Open a PDF and read its pages independently of each other; say what is damaged, since PDFium skips it."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
import pypdfium2 as pdfium
from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, PyPdfError

from g7tag.errors import SourceError
from g7tag.sources.marks import plain_roman
from g7tag.sources.pdf.glyphs import (
    NO_GLYPH,
    UNREADABLE,
    are_recognized,
    find_objects,
    pieces_of,
    read_glyphs,
    why_hidden,
)
from g7tag.sources.pdf.lines import Piece, find_column, level_sizes, rows_of, set_rows
from g7tag.text import counted

_MOST_UNREADABLE = 0.2  # of a page's characters
_LONGEST_LINE = 5_000  # characters; a line has about a hundred, even in a wide table
_NARROWEST = 0.15  # of the size: least average width of letters
_SCAN = 0.5  # of the page: least area of the images of a scan
_END = b"%%EOF"
_TAIL = 2048  # last bytes, which contain the end mark of a complete PDF
_AGAIN = "Expected a complete PDF; get the file again, or open it in a viewer and print it to a new PDF."
_FAULTS = (
    PyPdfError, DependencyError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError,
    OSError, RuntimeError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
"""Errors of pypdf on damaged files."""


class Pdf(NamedTuple):
    """The pages of a PDF in pypdf, which tells damage, and PDFium, which reads them; a problem of the file, or ""."""

    pages: list[PageObject]
    shown: pdfium.PdfDocument
    problem: str


def open_pdf(content: bytes, max_pages: int) -> Pdf:
    """Open a PDF."""
    pages = _find_pages(content)
    if len(pages) > max_pages:
        expected = f"Expected at most {max_pages:,}; split it, for example with qpdf."
        msg = f"has {len(pages):,} pages. {expected}"
        raise SourceError(msg)
    if not pages:
        msg = f"is a PDF without pages. {_AGAIN}"
        raise SourceError(msg)
    try:
        shown = pdfium.PdfDocument(content)
        shown.init_forms()
    except pdfium.PdfiumError as error:
        msg = f"cannot be read as PDF: {error} {_AGAIN}"
        raise SourceError(msg) from error
    problem = ""
    if len(shown) != len(pages):
        problem = f"the file declares {counted(len(shown), 'page')} and contains {len(pages):,}; text may be missing"
    return Pdf(pages[: len(shown)], shown, problem)


def read_pages(pdf: Pdf, first: int) -> Iterator[dict[str, Any]]:
    """Yield what was read of each page from `first` on: its lines and texts aside, or its problem."""
    column: float | None = None
    for number in range(first, len(pdf.pages)):
        try:
            page = _read(pdf.shown[number], column)
        except pdfium.PdfiumError:
            yield {"page": number, "problem": "is damaged: PDFium cannot load it, and may pass over the last page"}
            continue
        column = page.pop("column") or column
        problems = [*page.pop("problems"), *_damage_of(pdf.pages[number])]
        yield {"page": number, **page, "problem": "; ".join(problems)}
    if pdf.problem and first <= len(pdf.pages):
        yield {"page": len(pdf.pages), "problem": pdf.problem}


def _find_pages(content: bytes) -> list[PageObject]:
    """Return the pages of a file that needs no password."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            msg = "needs a password. Expected an unprotected report; save it without a password."
            raise SourceError(msg)
        return list(reader.pages)
    except _FAULTS as error:
        found = f"cannot be read as PDF ({_shortened(error)})"
        if _END not in content[-_TAIL:]:
            found = f"is truncated: its end ({_END.decode()}) is missing"
        msg = f"{found}. {_AGAIN}"
        raise SourceError(msg) from error


def _damage_of(page: PageObject) -> list[str]:
    """Return what is damaged in the content of a page; PDFium reads as much of it as it can."""
    try:
        with apply_configuration(jbig2dec_binary=None):  # start no other program
            content = page.get_contents()  # all of it, unpacked
        if content is None:
            damaged = "/Contents" in page
        else:
            parts: Any = page["/Contents"].get_object()
            damaged = any(_is_cut(part.get_object()) for part in (parts if isinstance(parts, list) else [parts]))
    except _FAULTS as error:
        return [f"its content cannot be unpacked ({_shortened(error)}); text may be missing"]
    return ["its content is damaged or truncated; text may be missing"] * damaged


def _is_cut(stream: Any) -> bool:
    """Whether a compressed stream is corrupt or ends early."""
    filters = stream.get("/Filter")
    if (filters[0] if isinstance(filters, list) and filters else filters) != "/FlateDecode":
        return False
    unpack = zlib.decompressobj()
    try:
        unpack.decompress(stream._data)
    except zlib.error:
        return True
    return not unpack.eof


def _read(page: Any, column: float | None) -> dict[str, Any]:
    """Read a page; `column` is where the second column of the pages before starts."""
    texts, images = find_objects(page)
    box = np.array(page.get_bbox())
    shared = np.minimum(images[:, 2:], box[2:]) - np.maximum(images[:, :2], box[:2])
    picture = bool(shared.clip(0).prod(axis=1).sum() > _SCAN * (box[2:] - box[:2]).prod())
    glyphs = read_glyphs(page, texts)
    hidden = why_hidden(page, glyphs)
    recognized = are_recognized(page, glyphs, hidden) if picture else np.zeros(len(hidden), dtype=bool)
    pieces = pieces_of(glyphs, np.where(recognized, "", np.array(hidden, dtype=object)).tolist())
    upright = [piece for piece in pieces if not piece.hidden and piece.turn == 0]
    rows = rows_of(level_sizes(upright) if recognized.any() else upright)
    column = find_column(rows, column)
    lines = set_rows(rows, column)
    problems: list[str] = []
    if any(len(line.text) > _LONGEST_LINE for line in lines):
        lines, problems = [], [f"has a line of more than {_LONGEST_LINE:,} characters"]
    if any(_are_stacked(piece) for piece in pieces):
        problems.append("the widths of a font are damaged: letters are drawn on each other, and some may be missing")
    if NO_GLYPH in hidden:
        problems.append("has text in a font that is not embedded, so it cannot be drawn; embed its fonts")
    letters = "".join(glyphs.texts).replace(" ", "")
    unread = letters.count(UNREADABLE)
    if unread > _MOST_UNREADABLE * len(letters):
        problems.append(f"{unread:,} of its {len(letters):,} characters have no Unicode mapping in the file")
    return {
        "lines": lines, "aside": _texts_aside(pieces), "picture": picture, "recognized": bool(recognized.any()),
        "problems": problems, "column": column,
    }  # fmt: skip


def _are_stacked(piece: Piece) -> bool:
    """Whether the letters of visible text are too narrow to stand side by side."""
    narrow = piece.x1 - piece.x0 < _NARROWEST * piece.size * len(piece.text)
    return narrow and len(piece.text) > 3 and piece.turn == 0 and not piece.hidden


def _texts_aside(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    """Return texts that are not lines of the page: hidden ones with the reason, and those set at an angle."""
    hidden: dict[str, list[Piece]] = {}
    turned: dict[int, list[str]] = {}
    for piece in pieces:
        if piece.hidden and piece.text.strip(f"{UNREADABLE} "):
            hidden.setdefault(piece.hidden, []).append(piece)
        elif piece.turn and not piece.hidden:
            turned.setdefault(piece.turn, []).append(piece.text)
    lines = [(plain_roman(line.text), why) for why, group in hidden.items() for line in set_rows(rows_of(group))]
    texts = (" ".join(" ".join(group).split()) for group in turned.values())
    return [*lines, *((text, "") for text in texts if text.strip(f"{UNREADABLE} "))]


def _shortened(error: Exception) -> str:
    """Return the type of an error and the start of its message, which may quote the file."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:100]}"
