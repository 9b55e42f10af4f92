"""Detect damage in a PDF that PDFium ignores; text may be missing."""

import logging
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pypdf import PageObject
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError
from pypdf.generic import ContentStream, DictionaryObject, StreamObject

MOST_FORMS = 2_000
"""Limit of the forms drawn on one page; a report's page has a handful."""
DEEPEST = 20
"""Limit of nested forms."""
LONGEST_STRING = 32_767
"""Limit of the characters shown by one operator; PDFium drops the rest."""
DAMAGED = "its compressed content is damaged or truncated; text may be missing"
ODD_WIDTHS = "the character widths of a font are damaged; spaces may be wrong"
_LOST = (
    "%(exception)", "Expected StreamObject", "Object %(idnum)d %(generation)d not defined", "Invalid stream (index",
    "Invalid object number", "Invalid /N (", "XRef object at", "Previous trailer", "Page contents are not",
)  # fmt: skip
"""Starts of the templates of pypdf's warnings about parts of the file that it leaves out."""
_STEP = 1_000_000  # bytes unpacked at a time
_MOST_STEPS = 100
_FLATE = ("/FlateDecode", "/Fl")
_SHOWING = (b"Tj", b"TJ", b"'", b'"')
_WIDEST = 100_000  # thousandths of a font's size


FAULTS = (
    PyPdfError, DependencyError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError,
    NotImplementedError, OSError, RuntimeError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
"""Errors on damaged content; MemoryError is not included because it affects the whole document."""


@contextmanager
def collect_damage() -> Iterator[list[str]]:
    """Collect the damage that pypdf reports inside the context."""
    listener, logger = _Listener(), logging.getLogger("pypdf")
    logger.addHandler(listener)
    try:
        yield listener.found
    finally:
        logger.removeHandler(listener)


def damage_of(page: PageObject) -> list[str]:
    """Return the damage in the content of a page and of the forms drawn on it; empty if there is none."""
    contents = page.get_contents()
    if contents is None:
        return []
    parts = page["/Contents"].get_object()
    streams = [part.get_object() for part in parts] if isinstance(parts, list) else [parts]
    content, damaged = _Content(page.pdf), any(map(is_damaged, streams))
    try:
        content.run(contents, page.get_inherited("/Resources", DictionaryObject()).get_object(), ())
    except PyPdfError:
        if not damaged:  # truncated content may end anywhere
            raise
    return list(dict.fromkeys([DAMAGED] * damaged + content.found))


class _Content:
    """Damage in content streams, each of which is read once, and the number of forms that each draws."""

    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf
        self.found: list[str] = []
        self.drawn: dict[int, int] = {}
        self.fonts: set[int] = set()

    def run(self, stream: Any, resources: Any, within: tuple[int, ...]) -> int:
        """Read a stream and the forms that it draws; return the number of forms."""
        resources = resources if isinstance(resources, DictionaryObject) else DictionaryObject()
        named, count = _entry(resources, "/XObject"), 0
        for operands, operator in ContentStream(stream, self.pdf, "bytes").operations:
            if operator in _SHOWING and any(_longest(operand) > LONGEST_STRING for operand in operands):
                msg = f"draws more than {LONGEST_STRING:,} characters at once"
                raise TooMuchContentError(msg)
            if operator == b"Tf" and operands:
                self.check_font(_entry(_entry(resources, "/Font"), operands[0]))
            form = _entry(named, operands[0]) if operator == b"Do" and operands else None
            if not isinstance(form, StreamObject) or form.get("/Subtype") == "/Image" or id(form) in within:
                continue
            if len(within) >= DEEPEST:
                self.refuse()
            if id(form) not in self.drawn:
                self.found += [DAMAGED] * is_damaged(form)
                own = _entry(form, "/Resources")
                self.drawn[id(form)] = self.run(form, resources if own is None else own, (*within, id(form)))
            count += 1 + self.drawn[id(form)]
            if count > MOST_FORMS:
                self.refuse()
        return count

    def check_font(self, font: Any) -> None:
        """Record a font with damaged widths."""
        if not isinstance(font, DictionaryObject) or id(font) in self.fonts:
            return
        self.fonts.add(id(font))
        below = _entry(font, "/DescendantFonts")
        composite = below[0].get_object() if isinstance(below, list) and below else None
        if not (_are_widths(_entry(font, "/Widths")) and _are_widths(_entry(composite, "/W"))):
            self.found.append(ODD_WIDTHS)

    @staticmethod
    def refuse() -> None:
        msg = f"draws more than {MOST_FORMS:,} forms, or nests them more than {DEEPEST} deep"
        raise TooMuchContentError(msg)


def fonts_of(page: PageObject) -> Iterator[DictionaryObject]:
    """Yield the fonts of a page and its forms, including the descendants of composite fonts."""
    waiting: list[Any] = [page.get_inherited("/Resources", DictionaryObject()).get_object()]
    met: set[int] = set()
    while waiting:
        resources = waiting.pop()
        if not isinstance(resources, DictionaryObject) or id(resources) in met:
            continue
        met.add(id(resources))
        waiting += [_entry(form.get_object(), "/Resources") for form in _values(_entry(resources, "/XObject"))]
        for font in (each.get_object() for each in _values(_entry(resources, "/Font"))):
            if isinstance(font, DictionaryObject):
                yield font
                below = _entry(font, "/DescendantFonts")
                yield from (each.get_object() for each in (below if isinstance(below, list) else []))


def is_damaged(stream: Any) -> bool:
    """Return whether a compressed stream is truncated or corrupt; PDFium reads as much of it as it can."""
    filters = stream.get("/Filter") if isinstance(stream, StreamObject) else None
    first = filters[0] if isinstance(filters, list) and filters else filters
    packed = getattr(stream, "_data", b"")
    if first not in _FLATE or not isinstance(packed, bytes):
        return False
    unpack = zlib.decompressobj()
    try:
        for _ in range(_MOST_STEPS):
            unpack.decompress(packed, _STEP)
            packed = unpack.unconsumed_tail
            if not packed:
                break
    except zlib.error:
        return True
    return not unpack.eof


def _entry(holder: Any, name: Any) -> Any:
    """Return an entry of a dictionary, or None if it is missing or the holder is not a dictionary."""
    found = holder.get(name) if isinstance(holder, Mapping) else None
    return found.get_object() if found is not None else None


def _longest(operand: Any) -> int:
    """Return the length of a string, or of the longest string of an array."""
    parts = operand if isinstance(operand, list) else [operand]
    return max((len(part) for part in parts if isinstance(part, (bytes, str))), default=0)


def _values(holder: Any) -> list[Any]:
    return list(holder.values()) if isinstance(holder, DictionaryObject) else []


def _are_widths(widths: Any) -> bool:
    """Whether an array of widths, or of glyph numbers and arrays of widths, contains only valid numbers."""
    if widths is None:
        return True
    if not isinstance(widths, list):
        return False
    parts = [part.get_object() for part in widths]
    inner = [each for part in parts if isinstance(part, list) for each in part]
    numbers = [part for part in [*parts, *inner] if not isinstance(part, list)]
    return all(isinstance(part, (int, float)) and abs(part) < _WIDEST for part in numbers)


class _Listener(logging.Handler):
    """Handler that collects pypdf's warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(_LOST):
            message = " ".join(record.getMessage().split())
            self.found.append(f"a part is damaged; text may be missing ({message[:100]})")


class TooMuchContentError(ValueError):
    """A page has more content than a page of a report can; the message says what."""


def describe_error(error: Exception) -> str:
    """Return a short description of an error; it may quote the file."""
    if isinstance(error, RecursionError):
        return "nests objects too deeply"
    if isinstance(error, TooMuchContentError):
        return str(error)
    text = " ".join(str(error).split())
    text = f"{text[:100]}..." if len(text) > 100 else text
    if isinstance(error, LimitReachedError):
        return f"contains more than a report can: {text.rstrip('.')}"
    if isinstance(error, (DependencyError, NotImplementedError)):
        return f"uses an unsupported feature: {text.rstrip('.')}"
    return f"is damaged ({type(error).__name__}{': ' if text else ''}{text})"
