"""Open a PDF and read its pages independently of each other."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any, NamedTuple

import pypdfium2 as pdfium
from pypdf import PageObject, PdfReader, PdfWriter, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError
from pypdf.generic import DictionaryObject

from g7tag.errors import SourceError
from g7tag.sources.marks import plain_roman
from g7tag.sources.pdf.damage import (
    FAULTS,
    ODD_WIDTHS,
    TooMuchContentError,
    collect_damage,
    damage_of,
    describe_error,
    fonts_of,
)
from g7tag.sources.pdf.glyphs import UNREADABLE
from g7tag.sources.pdf.lines import Piece, read_lines, second_column
from g7tag.sources.pdf.page import read_page
from g7tag.sources.pdf.recognized import level_sizes
from g7tag.sources.pdf.seen import NO_GLYPH

_SETTINGS: dict[str, Any] = {
    "stream_parsing_work_maximum_count": 500_000,  # parts of a page's content; a dense page has about ten thousand
    "jbig2dec_binary": None,  # do not run another program
    "disable_legacy_handling": True,
}
_LETTER = (612, 792)  # points: default page size
_SPARE_ENTRIES = 100  # of the page tree, in addition to two for each page
_MOST_UNREADABLE = 0.2  # of a page's characters
_LONGEST_LINE = 5_000  # characters; a line has about a hundred, even in a wide table
_MOST_PROBLEMS = 3  # problems reported for one page
_END = b"%%EOF"
_TAIL = 2048  # last bytes, which contain the end mark of a complete PDF
_AGAIN = "Expected a complete PDF; get the file again, or open it in a viewer and print it to a new PDF."


class Pdf(NamedTuple):
    """The pages of a PDF in pypdf and PDFium, and a problem of the file beyond its pages, or ""."""

    pages: list[PageObject]
    shown: pdfium.PdfDocument
    problem: str


def open_pdf(content: bytes, max_pages: int) -> Pdf:
    """Open a PDF."""
    entries = 2 * max_pages + _SPARE_ENTRIES
    try:
        with apply_configuration(**_SETTINGS, page_tree_maximum_entries=entries), collect_damage() as damage:
            reader = PdfReader(BytesIO(content))
            if reader.is_encrypted:
                _decrypt(reader)
            try:
                pages = list(reader.pages)
            except LimitReachedError as error:
                if "tree entry limit" not in str(error):
                    raise
                _refuse_pages(max(_declared_pages(reader), entries // 2 + 1), max_pages)
            lost = _declared_pages(reader) - len(pages)
            regular = _is_regular(reader.root_object.get("/Pages"), most=entries)
    except FAULTS as error:
        cut = _END not in content[-_TAIL:]
        found = (
            f"is truncated: its end ({_END.decode()}) is missing"
            if cut
            else f"cannot be read as PDF: it {describe_error(error)}"
        )
        msg = f"{found}. {_AGAIN}"
        raise SourceError(msg) from error
    if len(pages) > max_pages:
        _refuse_pages(len(pages), max_pages)
    if not pages:
        msg = f"is a PDF without pages{f': {damage[0]}' if damage else ''}. {_AGAIN}"
        raise SourceError(msg)
    if lost > 0:
        damage.insert(0, f"the file declares {len(pages) + lost:,} pages, but {lost:,} of them are missing")
    return Pdf(pages, _show(content, pages, regular=regular), "; ".join(dict.fromkeys(damage[:_MOST_PROBLEMS])))


def read_pages(pdf: Pdf, first: int) -> Iterator[dict[str, Any]]:
    """Yield what was read of each page from `first` on: its lines and texts aside, or its problem."""
    column: float | None = None
    for number in range(first, len(pdf.pages)):
        try:
            with apply_configuration(**_SETTINGS), collect_damage() as damage:
                page = _read(pdf, number, column)
        except FAULTS as error:
            yield {"page": number, "problem": describe_error(error)}
            continue
        column = second_column(page["lines"]) or column
        problems = dict.fromkeys([*page["problems"], *damage])
        yield {"page": number, **page, "problem": "; ".join(list(problems)[:_MOST_PROBLEMS])}
    if pdf.problem and first <= len(pdf.pages):
        yield {"page": len(pdf.pages), "problem": pdf.problem}


def _show(content: bytes, pages: Sequence[PageObject], *, regular: bool) -> pdfium.PdfDocument:
    """Open the document in PDFium; rewrite it first if PDFium might find other pages than pypdf."""
    try:
        if regular:
            shown = pdfium.PdfDocument(content)
            shown.init_forms()
            if len(shown) == len(pages):
                return shown
    except pdfium.PdfiumError:
        pass
    try:
        return _written(pages)
    except (*FAULTS, pdfium.PdfiumError) as error:
        msg = f"cannot be rendered: it {describe_error(error)}. {_AGAIN}"
        raise SourceError(msg) from error


def _written(pages: Iterable[PageObject]) -> pdfium.PdfDocument:
    """Write pages to a new document; pages that cannot be copied are blank."""
    writer, file = PdfWriter(), BytesIO()
    with apply_configuration(**_SETTINGS):
        for page in pages:
            try:
                writer.add_page(page)
            except FAULTS:
                writer.add_blank_page(*_LETTER)
        writer.write(file)
    shown = pdfium.PdfDocument(file.getvalue())
    shown.init_forms()
    return shown


def _is_regular(tree: Any, most: int) -> bool:
    """Whether a page tree is valid: each node counts its pages, and each of its kids is a node or a page."""
    counted: dict[int, int] = {}
    nodes: list[tuple[DictionaryObject, list[Any]]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if node is not None else None
        if not isinstance(node, DictionaryObject) or len(nodes) > most:
            return False
        kids = node.get("/Kids")
        kids = kids.get_object() if kids is not None else None
        if (node.get("/Type") == "/Page") != (kids is None) or not isinstance(kids, list | None):
            return False
        nodes.append((node, kids or []))
        waiting += kids or []
    for node, kids in reversed(nodes):
        pages = sum(counted.get(id(kid.get_object()), 0) for kid in kids) if "/Kids" in node else 1
        if "/Kids" in node and node.get("/Count") != pages:
            return False
        counted[id(node)] = pages
    return True


def _without_widths(page: PageObject) -> pdfium.PdfDocument:
    """Copy a page to a new document and remove the declared widths of its fonts, so the glyphs' own widths are used."""
    writer, file = PdfWriter(), BytesIO()
    copy = writer.add_page(page)
    for font in fonts_of(copy):
        for name in ("/Widths", "/W"):
            font.pop(name, None)
    writer.write(file)
    return pdfium.PdfDocument(file.getvalue())


def _decrypt(reader: PdfReader) -> None:
    """Decrypt a file that needs no password to be read."""
    try:
        if reader.decrypt(""):
            return
    except (DependencyError, NotImplementedError) as error:
        msg = f"uses unsupported encryption ({error}). Expected an unencrypted PDF; save it without encryption."
        raise SourceError(msg) from error
    msg = "needs a password. Expected an unprotected report; save it without a password."
    raise SourceError(msg)


def _refuse_pages(count: int, max_pages: int) -> None:
    expected = f"Expected at most {max_pages:,}; if it is a report, set --max-pages {count}."
    msg = f"has {count:,} pages. {expected}"
    raise SourceError(msg)


def _declared_pages(reader: Any) -> int:
    """Return the number of pages that a file declares, or 0."""
    try:
        count = reader.root_object["/Pages"]["/Count"]
    except FAULTS:
        return 0
    return int(count) if isinstance(count, int) else 0


def _read(pdf: Pdf, number: int, column: float | None) -> dict[str, Any]:
    """Read a page; `column` is where the second column of the pages before starts."""
    problems = damage_of(pdf.pages[number])
    shown = _without_widths(pdf.pages[number]) if ODD_WIDTHS in problems else pdf.shown
    page = shown[number if shown is pdf.shown else 0]
    text = read_page(page)
    lines = read_lines(level_sizes(text.pieces) if text.recognized else text.pieces, column)
    letters = "".join(piece.text for piece in text.pieces if piece.text.strip())
    if any(len(line.text) > _LONGEST_LINE for line in lines):
        msg = f"has a line of more than {_LONGEST_LINE:,} characters"
        raise TooMuchContentError(msg)
    if any(piece.hidden == NO_GLYPH for piece in text.pieces):
        problems.append("has text in a font that is not embedded, so it cannot be drawn; embed its fonts")
    unread = letters.count(UNREADABLE)
    if unread > _MOST_UNREADABLE * len(letters):
        problems.append(f"{unread:,} of its {len(letters):,} characters have no Unicode mapping in the file")
    return {
        "lines": lines, "aside": _texts_aside(text.pieces), "picture": text.picture, "recognized": text.recognized,
        "problems": problems,
    }  # fmt: skip


def _texts_aside(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    """Return texts that are not lines of the page: hidden ones with the reason, and those set at an angle."""
    pieces = [piece for piece in pieces if piece.text.strip(f"{UNREADABLE} ")]
    reasons = dict.fromkeys(piece.hidden for piece in pieces if piece.hidden)
    hidden = [
        (plain_roman(line.text), why)
        for why in reasons
        for line in read_lines([piece._replace(hidden="", turn=0) for piece in pieces if piece.hidden == why])
    ]
    turns = dict.fromkeys(piece.turn for piece in pieces if piece.turn and not piece.hidden)
    turned = [" ".join(piece.text for piece in pieces if piece.turn == turn and not piece.hidden) for turn in turns]
    return [*hidden, *((" ".join(text.split()), "") for text in turned if text.strip())]
