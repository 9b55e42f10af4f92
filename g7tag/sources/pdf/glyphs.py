"""The characters and images of a page, in points of the page before its rotation, as PDFium reads them."""

import ctypes
import math
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

UNREADABLE = "\ufffd"
"""Replaces a glyph without a character in the file."""
_LARGEST = 1e9  # coordinate; larger ones are off any page
_UPRIGHT = 0.01  # of a baseline's length: tolerated rise
_CORNERS = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])  # of the unit square in which an image is drawn
_LINE_END_HYPHEN = 2  # PDFium's code for a hyphen at a line end


class TextObject(NamedTuple):
    """Text drawn by one operator: its height and width (as font sizes), its rotation, and where it starts."""

    handle: Any
    size: float
    across: float
    turn: int
    start: tuple[float, float]


class Glyphs(NamedTuple):
    """The characters of a page, one per row; the text objects, and those that repeat the text of another."""

    texts: list[str]
    apart: Flags  # after a gap
    owners: Places
    boxes: Numbers  # with the room that a letter takes in its line
    inks: Numbers
    objects: list[TextObject]
    copies: list[Any]


def find_objects(page: Any) -> tuple[list[Any], Numbers]:
    """Return the text objects of a page and the boxes of its images, including those in forms."""
    objects = range(pdfium.FPDFPage_CountObjects(page))
    waiting = [(pdfium.FPDFPage_GetObject(page, place), np.eye(3)) for place in objects]
    texts: list[Any] = []
    boxes: list[Numbers] = []
    while waiting:
        handle, around = waiting.pop()
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            texts.append(handle)
            continue
        own = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(handle, own)
        matrix = np.array([[own.a, own.b, 0], [own.c, own.d, 0], [own.e, own.f, 1]]) @ around
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            corners = (_CORNERS @ matrix)[:, :2]
            boxes.append(np.concatenate([corners.min(axis=0), corners.max(axis=0)]))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            inner = range(pdfium.FPDFFormObj_CountObjects(handle))
            waiting += [(pdfium.FPDFFormObj_GetObject(handle, place), matrix) for place in inner]
    return texts, np.array(boxes).reshape(-1, 4).clip(-_LARGEST, _LARGEST)


def read_glyphs(page: Any, texts: Sequence[Any]) -> Glyphs:
    """Return the characters of a page, without those that PDFium generates; `texts` are its text objects."""
    for handle in texts:
        _show_own_text(handle)
    text_page = pdfium.FPDFText_LoadPage(page)
    try:
        return _read(text_page, texts)
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def _show_own_text(handle: Any) -> None:
    """Remove replacement texts (`ActualText`) of a text object, so that its visible text is read."""
    for place in reversed(range(pdfium.FPDFPageObj_CountMarks(handle))):
        mark = pdfium.FPDFPageObj_GetMark(handle, place)
        if pdfium.FPDFPageObjMark_GetParamValueType(mark, b"ActualText") == pdfium.FPDF_OBJECT_STRING:
            pdfium.FPDFPageObj_RemoveMark(handle, mark)


def _read(text_page: Any, handles: Sequence[Any]) -> Glyphs:
    places: list[int] = []
    texts: list[str] = []
    owners: list[int] = []
    numbers: list[tuple[float, ...]] = []
    objects: list[TextObject] = []
    place_of: dict[int, int] = {}
    known: dict[int, str] = {}
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    loose = pdfium.FS_RECTF()
    for at in range(pdfium.FPDFText_CountChars(text_page)):
        handle = pdfium.FPDFText_GetTextObject(text_page, at)
        if not handle:  # PDFium generated the character
            continue
        address = ctypes.addressof(handle.contents)
        if address not in place_of:
            place_of[address] = len(objects)
            objects.append(_object_of(text_page, at, handle))
        pdfium.FPDFText_GetCharBox(text_page, at, left, right, bottom, top)
        pdfium.FPDFText_GetLooseCharBox(text_page, at, loose)
        box = (loose.left, loose.bottom, loose.right, loose.top)
        numbers.append((*box, left.value, bottom.value, right.value, top.value))
        code = pdfium.FPDFText_GetUnicode(text_page, at)
        if code not in known:
            known[code] = "-" if code == _LINE_END_HYPHEN else _character(code)
        unknown = pdfium.FPDFText_HasUnicodeMapError(text_page, at) == 1
        texts.append(UNREADABLE if unknown else known[code])
        owners.append(place_of[address])
        places.append(at)
    table = np.nan_to_num(np.array(numbers).reshape(-1, 8)).clip(-_LARGEST, _LARGEST)
    apart = np.diff(places, prepend=-2) > 1
    copies = [handle for handle in handles if ctypes.addressof(handle.contents) not in place_of]
    return Glyphs(texts, apart, np.array(owners, dtype=np.int64), table[:, :4], table[:, 4:], objects, copies)


def _character(code: int) -> str:
    """Return the character of a code; white space becomes a space, and invalid codes become `UNREADABLE`."""
    if not 0 < code < 0x110000:
        return UNREADABLE
    character = chr(code)
    if character.isspace():
        return character if character == "\u00a0" else " "
    return UNREADABLE if unicodedata.category(character) in {"Cc", "Cn"} else character


def _object_of(text_page: Any, at: int, handle: Any) -> TextObject:
    matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetMatrix(text_page, at, matrix)
    pdfium.FPDFText_GetCharOrigin(text_page, at, x, y)
    size = pdfium.FPDFText_GetFontSize(text_page, at)
    across = math.hypot(matrix.a, matrix.b)
    height = abs(matrix.a * matrix.d - matrix.b * matrix.c) / max(across, 1e-9)
    turn = _turn_of(matrix.a, matrix.b)
    if size < 0 <= turn:
        turn = (turn + 180) % 360
    start = np.nan_to_num([x.value, y.value]).clip(-_LARGEST, _LARGEST).tolist()
    return TextObject(handle, abs(size) * height, abs(size) * across, turn, tuple(start))


def _turn_of(a: float, b: float) -> int:
    """Return the clockwise angle in degrees of a baseline along (a, b), or -1 if it is not a multiple of 90."""
    length = max(math.hypot(a, b), 1e-9)
    along = {0: a, 90: -b, 180: -a, 270: b}
    return next((turn for turn, part in along.items() if part > length * (1 - _UPRIGHT)), -1)
