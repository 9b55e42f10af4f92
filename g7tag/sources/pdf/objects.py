"""The objects that a page of PDFium's draws: text, pictures, and those inside the forms that it draws."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pypdfium2.raw as pdfium

from g7tag.sources.pdf.geometry import Box, Numbers

DEEPEST = 20
"""Forms within forms that are looked into."""
_UNMOVED: Numbers = np.eye(3)
_CORNERS = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])  # of the square that a picture is drawn in


class Drawn(NamedTuple):
    """An object, whether it is text, and the box of a picture in points of the page before it is turned."""

    handle: Any
    is_text: bool
    picture: Box | None


def objects_of(page: Any) -> Iterator[Drawn]:
    """Return the texts and pictures of a page in the order in which they are drawn."""
    for place in range(pdfium.FPDFPage_CountObjects(page)):
        yield from _objects_in(pdfium.FPDFPage_GetObject(page, place), _UNMOVED, 0)


def show_own_text(handle: Any) -> None:
    """Have a text object read as the text that it shows, not as another that the file says it stands for."""
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
    """What moves the points of an object to their places on the page."""
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(drawn, own)
    placed: Numbers = np.array([[own.a, own.b, 0], [own.c, own.d, 0], [own.e, own.f, 1]]) @ matrix
    return placed
