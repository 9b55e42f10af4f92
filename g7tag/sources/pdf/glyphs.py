"""The characters and images of a page as PDFium reads them, and the pieces of text that the characters form."""

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from g7tag.sources.pdf.lines import Piece

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

UNREADABLE = "\ufffd"
"""Replaces a glyph without a character in the file."""
_LARGEST = 1e9  # coordinate; larger ones are off any page
_ASKEW = 8  # degrees: largest angle of an upright line, as on a scan
_WITHIN_WORD = 0.12  # of the size: letters closer than this belong to one word
_LEVEL = 0.01  # of the size: largest difference of the baselines in a piece
_INKLESS = "\u2800\u3164\u115f\u1160"  # letters without a visible shape
_LINE_END_HYPHEN = 2  # PDFium's code for a hyphen at a line end


class TextObject(NamedTuple):
    """Text drawn by one operator: height and width (as font sizes), counterclockwise angle or -1, and origin."""

    handle: Any
    size: float
    across: float
    turn: int
    start: tuple[float, float]


class Glyphs(NamedTuple):
    """The characters of a page, one per row; the text objects, and those that repeat the text of another."""

    texts: list[str]
    inked: Flags  # with a visible shape
    apart: Flags  # after a gap
    owners: Places
    boxes: Numbers  # left, bottom, right, top, with the room that a letter takes in its line
    inks: Numbers
    objects: list[TextObject]
    copies: list[Any]


def find_objects(page: Any) -> tuple[list[Any], Numbers]:
    """Return the text objects of a page and the boxes of its images, including those in forms."""
    texts: list[Any] = []
    boxes: list[tuple[float, ...]] = []
    for each in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_IMAGE)):
        if each.type == pdfium.FPDF_PAGEOBJ_TEXT:
            texts.append(each.raw)
            continue
        matrix, form = each.get_matrix(), each.container
        while form:
            matrix, form = matrix.multiply(form.get_matrix()), form.container
        boxes.append(matrix.on_rect(0, 0, 1, 1))  # an image is drawn in the unit square
    return texts, np.array(boxes).reshape(-1, 4).clip(-_LARGEST, _LARGEST)


def read_glyphs(page: Any, handles: Sequence[Any]) -> Glyphs:
    """Return the characters of a page, without those that PDFium generates; `handles` are its text objects."""
    for handle in handles:
        _show_own_text(handle)
    places: list[int] = []
    texts: list[str] = []
    owners: list[int] = []
    numbers: list[tuple[float, ...]] = []
    objects: list[TextObject] = []
    place_of: dict[int, int] = {}
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    loose = pdfium.FS_RECTF()
    text_page = pdfium.FPDFText_LoadPage(page)
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
        unknown = pdfium.FPDFText_HasUnicodeMapError(text_page, at) == 1
        texts.append(UNREADABLE if unknown else _character(pdfium.FPDFText_GetUnicode(text_page, at)))
        owners.append(place_of[address])
        places.append(at)
    pdfium.FPDFText_ClosePage(text_page)
    table = np.nan_to_num(np.array(numbers).reshape(-1, 8)).clip(-_LARGEST, _LARGEST)
    apart = np.diff(places, prepend=-2) > 1
    copies = [handle for handle in handles if ctypes.addressof(handle.contents) not in place_of]
    inked = np.array([_has_ink(text) for text in texts], dtype=bool)
    return Glyphs(texts, inked, apart, np.array(owners, dtype=np.int64), table[:, :4], table[:, 4:], objects, copies)


def pieces_of(glyphs: Glyphs, hidden: Sequence[str]) -> list[Piece]:
    """Join successive characters to pieces, turned so that most of them run from left to right."""
    owners = glyphs.owners
    turns = np.array([each.turn for each in glyphs.objects], dtype=np.int64)[owners]
    counts = Counter(turns[glyphs.inked].tolist())
    usual = max((0, 90, 180, 270), key=lambda turn: counts[turn])
    turns = np.where(turns >= 0, (turns - usual) % 360, turns)
    cosine, sine = round(math.cos(math.radians(usual))), round(math.sin(math.radians(usual)))
    matrix = np.array([[cosine, -sine], [sine, cosine]])
    ends = np.sort(np.stack([glyphs.boxes[:, :2] @ matrix, glyphs.boxes[:, 2:] @ matrix])[:, :, 0].T, axis=1)
    levels = (np.array([each.start for each in glyphs.objects]).reshape(-1, 2) @ matrix)[owners, 1]
    sizes = np.array([round(each.size, 2) for each in glyphs.objects])[owners]
    same = owners[1:] == owners[:-1]
    gaps = ends[1:, 0] - ends[:-1, 1]
    near = (np.abs(gaps) < _WITHIN_WORD * sizes[:-1]) & (np.abs(levels[1:] - levels[:-1]) < _LEVEL * sizes[:-1])
    near &= (sizes[1:] == sizes[:-1]) & (turns[1:] == turns[:-1]) & (turns[:-1] == 0)
    within = same & ~glyphs.apart[1:] & ~_are_wide(gaps, same, owners[1:], sizes[1:])
    reasons = np.array(hidden, dtype=object)
    joined = (reasons[1:] == reasons[:-1]) & (near | within)
    starts = [0, *(np.flatnonzero(~joined) + 1).tolist(), len(owners)] if len(owners) else []
    return [
        Piece(
            float(ends[at, 0]), float(ends[at:end, 1].max()), float(levels[at]), float(sizes[at]),
            _whole("".join(glyphs.texts[at:end])), hidden[at], int(turns[at]),
        )
        for at, end in pairwise(starts)
    ]  # fmt: skip


def _show_own_text(handle: Any) -> None:
    """Remove replacement texts (`ActualText`) of a text object, so that its visible text is read."""
    for place in reversed(range(pdfium.FPDFPageObj_CountMarks(handle))):
        mark = pdfium.FPDFPageObj_GetMark(handle, place)
        if pdfium.FPDFPageObjMark_GetParamValueType(mark, b"ActualText") == pdfium.FPDF_OBJECT_STRING:
            pdfium.FPDFPageObj_RemoveMark(handle, mark)


@cache
def _character(code: int) -> str:
    """Return the character of a code; white space becomes a space, and invalid codes become `UNREADABLE`."""
    if code == _LINE_END_HYPHEN:
        return "-"
    if not 0 < code < 0x110000:
        return UNREADABLE
    character = chr(code)
    if character.isspace():
        return character if character == "\u00a0" else " "
    return UNREADABLE if unicodedata.category(character) in {"Cc", "Cn"} else character


@cache
def _has_ink(text: str) -> bool:
    return bool(text.strip()) and text not in _INKLESS and unicodedata.category(text) != "Cf"


def _object_of(text_page: Any, at: int, handle: Any) -> TextObject:
    matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetMatrix(text_page, at, matrix)
    pdfium.FPDFText_GetCharOrigin(text_page, at, x, y)
    size = pdfium.FPDFText_GetFontSize(text_page, at)
    across = math.hypot(matrix.a, matrix.b)
    height = abs(matrix.a * matrix.d - matrix.b * matrix.c) / max(across, 1e-9)
    angle = float(np.nan_to_num(math.degrees(math.atan2(size * matrix.b, size * matrix.a))))
    square = 90 * round(angle / 90)
    turn = square % 360 if abs(angle - square) < _ASKEW else -1
    start = np.nan_to_num([x.value, y.value]).clip(-_LARGEST, _LARGEST).tolist()
    return TextObject(handle, abs(size) * height, abs(size) * across, turn, tuple(start))


def _whole(text: str) -> str:
    """Join surrogate pairs, which PDFium returns as two characters."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _are_wide(gaps: Numbers, same: Flags, owners: Places, sizes: Numbers) -> Flags:
    """Whether the gap before each character separates words of its text object, considering letter spacing."""
    wide: Flags = same & (gaps > _WITHIN_WORD * sizes)
    for owner in np.unique(owners[wide]).tolist():
        rows = np.flatnonzero(same & (owners == owner))
        wide[rows] = gaps[rows] > np.median(gaps[rows]) + _WITHIN_WORD * sizes[rows]
    return wide
