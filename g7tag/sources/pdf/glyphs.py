"""The characters and objects of a page, and their boxes and rotations in points, according to PDFium."""

import ctypes
import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from g7tag.sources.pdf.damage import TooMuchContentError

Numbers = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
LARGEST = 1e9
"""Limit of coordinates; larger ones are clipped to it, which is off any page."""
_TURNS = {0: (1, 0, 0, 1), 90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}
_UPRIGHT = 0.01  # of a baseline's length: tolerated rise
DEEPEST = 20
"""Limit of nested forms; deeper ones are skipped."""
_UNMOVED: Numbers = np.eye(3)
_CORNERS = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])  # of the unit square in which an image is drawn


OUTLINED = (1, 2, 5, 6)
"""Text render modes that draw an outline."""
UNREADABLE = "\ufffd"
"""Replaces a glyph without a character in the file."""
MOST_LETTERS = 500_000
"""Limit of the characters of one page; a dense page has about ten thousand."""
_HIGH_HALVES, _LOW_HALVES = (0xD800, 0xDBFF), (0xDC00, 0xDFFF)  # surrogates
_LINE_END_HYPHEN = 2  # PDFium's code for a hyphen at a line end


class Drawn(NamedTuple):
    """An object, whether it is text, and the box of an image in points of the unrotated page."""

    handle: Any
    is_text: bool
    picture: Box | None


def objects_of(page: Any) -> Iterator[Drawn]:
    """Yield the texts and images of a page in drawing order."""
    for place in range(pdfium.FPDFPage_CountObjects(page)):
        yield from _objects_in(pdfium.FPDFPage_GetObject(page, place), _UNMOVED, 0)


def show_own_text(handle: Any) -> None:
    """Remove replacement texts (`ActualText`) of a text object, so that its visible text is read."""
    for place in reversed(range(pdfium.FPDFPageObj_CountMarks(handle))):
        mark = pdfium.FPDFPageObj_GetMark(handle, place)
        if pdfium.FPDFPageObjMark_GetParamValueType(mark, b"ActualText") == pdfium.FPDF_OBJECT_STRING:
            pdfium.FPDFPageObj_RemoveMark(handle, mark)


def _objects_in(drawn: Any, matrix: Numbers, depth: int) -> Iterator[Drawn]:
    kind = pdfium.FPDFPageObj_GetType(drawn)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        yield Drawn(drawn, is_text=True, picture=None)
    elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
        corners = _CORNERS @ _placed(drawn, matrix)
        low, high = corners[:, :2].min(axis=0).tolist(), corners[:, :2].max(axis=0).tolist()
        yield Drawn(drawn, is_text=False, picture=(low[0], low[1], high[0], high[1]))
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < DEEPEST:
        placed = _placed(drawn, matrix)
        for place in range(pdfium.FPDFFormObj_CountObjects(drawn)):
            yield from _objects_in(pdfium.FPDFFormObj_GetObject(drawn, place), placed, depth + 1)


def _placed(drawn: Any, matrix: Numbers) -> Numbers:
    """Return the matrix that maps an object's points to the page."""
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(drawn, own)
    placed: Numbers = np.array([[own.a, own.b, 0], [own.c, own.d, 0], [own.e, own.f, 1]]) @ matrix
    return placed


class TextObject(NamedTuple):
    """Text drawn by one operator."""

    handle: Any
    size: float
    across: float
    mode: int
    turn: int
    outline: float


class Glyphs(NamedTuple):
    """The characters of a page, one per row, in points of the unrotated page."""

    texts: list[str]
    apart: list[bool]
    owners: list[int]
    origins: Numbers
    boxes: Numbers
    inks: Numbers
    objects: list[TextObject]
    copies: list[Any]


def read_glyphs(page: Any, texts: Sequence[Any]) -> Glyphs:
    """Return the characters of a page, without those that PDFium generates; a page without text has none."""
    for handle in texts:
        show_own_text(handle)
    text_page = pdfium.FPDFText_LoadPage(page)
    try:
        count = pdfium.FPDFText_CountChars(text_page)
        if count > MOST_LETTERS:
            msg = f"has more than {MOST_LETTERS:,} characters"
            raise TooMuchContentError(msg)
        return _read(text_page, count, texts)
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def _read(text_page: Any, count: int, handles: Sequence[Any]) -> Glyphs:
    texts: list[str] = []
    apart: list[bool] = []
    owners: list[int] = []
    numbers: list[tuple[float, ...]] = []
    objects: dict[int, TextObject] = {}
    place_of: dict[int, int] = {}
    x, y, left, right, bottom, top = (ctypes.c_double() for _ in range(6))
    loose, gap = pdfium.FS_RECTF(), True
    known: dict[int, str] = {}
    halves = 0  # the first half of a surrogate pair
    for at in range(count):
        handle = pdfium.FPDFText_GetTextObject(text_page, at)
        if not handle or pdfium.FPDFText_IsGenerated(text_page, at) == 1:
            gap = True
            continue
        address = ctypes.addressof(handle.contents)
        if address not in objects:
            place_of[address] = len(objects)
            objects[address] = _object_of(text_page, at, handle)
        pdfium.FPDFText_GetCharOrigin(text_page, at, x, y)
        pdfium.FPDFText_GetCharBox(text_page, at, left, right, bottom, top)
        ink = (left.value, bottom.value, right.value, top.value)
        wide = pdfium.FPDFText_GetLooseCharBox(text_page, at, loose)
        box = (loose.left, loose.bottom, loose.right, loose.top) if wide else ink
        code = pdfium.FPDFText_GetUnicode(text_page, at)
        if code not in known:
            known[code] = _character(code)
        if _LOW_HALVES[0] <= code <= _LOW_HALVES[1] and not gap and halves:
            texts[-1] = chr(0x10000 + ((halves - _HIGH_HALVES[0]) << 10) + (code - _LOW_HALVES[0]))
            halves = 0
            continue
        halves = code if _HIGH_HALVES[0] <= code <= _HIGH_HALVES[1] else 0
        hyphen = code == _LINE_END_HYPHEN and pdfium.FPDFText_IsHyphen(text_page, at) == 1
        unknown = pdfium.FPDFText_HasUnicodeMapError(text_page, at) == 1
        texts.append("-" if hyphen else UNREADABLE if unknown else known[code])
        apart.append(gap)
        owners.append(place_of[address])
        numbers.append((x.value, y.value, *box, *ink))
        gap = False
    table = np.nan_to_num(np.array(numbers).reshape(-1, 10)).clip(-LARGEST, LARGEST)
    copies = [handle for handle in handles if ctypes.addressof(handle.contents) not in objects]
    return Glyphs(texts, apart, owners, table[:, :2], table[:, 2:6], table[:, 6:], list(objects.values()), copies)


def _character(code: int) -> str:
    """Return the character of a code; white space becomes a space, and invalid codes become `UNREADABLE`."""
    if not 0 < code < 0x110000:
        return UNREADABLE
    character = chr(code)
    if character.isspace():
        return character if character == "\u00a0" else " "
    return UNREADABLE if unicodedata.category(character) in {"Cc", "Cs", "Cn"} else character


def _object_of(text_page: Any, at: int, handle: Any) -> TextObject:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text_page, at, matrix)
    a, b, c, d = matrix.a, matrix.b, matrix.c, matrix.d
    size = pdfium.FPDFText_GetFontSize(text_page, at)
    turn = turn_of(a, b)
    mode = pdfium.FPDFTextObj_GetTextRenderMode(handle)
    if size < 0 <= turn:
        turn = (turn + 180) % 360
    across = math.hypot(a, b)
    width = ctypes.c_float()
    outlined = mode in OUTLINED and pdfium.FPDFPageObj_GetStrokeWidth(handle, width)
    height = abs(a * d - b * c) / max(across, 1e-9)
    return TextObject(
        handle, abs(size) * height, abs(size) * across, mode, turn, width.value * across if outlined else 0.0
    )


def turned(points: Numbers, degrees: int) -> Numbers:
    """Return points (one per row) rotated clockwise around the origin by a multiple of 90 degrees."""
    a, b, c, d = _TURNS[degrees]
    x, y = points[:, 0], points[:, 1]
    return np.stack([a * x + c * y, b * x + d * y], axis=1)


def turned_boxes(boxes: Numbers, degrees: int) -> Numbers:
    """Return boxes (left, bottom, right, top; one per row) rotated like points."""
    one, other = turned(boxes[:, :2], degrees), turned(boxes[:, 2:], degrees)
    return np.hstack([np.minimum(one, other), np.maximum(one, other)])


def holds(box: Box, x: float, y: float) -> bool:
    """Return whether a point lies in a box."""
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def shared_area(first: Box, second: Box) -> float:
    """Return the area of the overlap of two boxes."""
    across = max(min(first[2], second[2]) - max(first[0], second[0]), 0)
    return across * max(min(first[3], second[3]) - max(first[1], second[1]), 0)


def area(box: Box) -> float:
    """Return the area of a box."""
    return shared_area(box, box)


def turn_of(a: float, b: float) -> int:
    """Return the clockwise angle in degrees of a baseline along (a, b), or -1 if it is not a multiple of 90."""
    length = max((a * a + b * b) ** 0.5, 1e-9)
    along = {0: a, 90: -b, 180: -a, 270: b}
    return next((turn for turn, part in along.items() if part > length * (1 - _UPRIGHT)), -1)
