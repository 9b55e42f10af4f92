"""What a page shows: its pieces of text where they stand, and why some of them are not seen."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pypdfium2.raw as pdfium

from g7tag.sources.pdf.faults import TooMuchContentError
from g7tag.sources.pdf.geometry import Box, Numbers, area, holds, shared_area, turned, turned_boxes
from g7tag.sources.pdf.glyphs import Glyphs, read_glyphs
from g7tag.sources.pdf.lines import Piece
from g7tag.sources.pdf.seen import COVERED, NOT_PAINTED, page_box, why_hidden

MOST_PIECES = 50_000
"""Pieces of text of one page; a dense page has some thousand."""
_LONGEST = 1_000  # characters of a piece that others are added to
_WITHIN_WORD = 0.12  # of the size: letters nearer than this belong to one word
_LEVEL = 0.01  # of the size that the letters of a piece may stand above one another
_SCAN = 0.5  # of the page that a picture covers whose text was recognized
_STAMP = 0.2  # of such a page's characters that are seen
_DEEPEST = 20  # forms within forms whose pictures are looked for
_MOST_PICTURES = 20_000  # of a page that are looked at
_UNMOVED = np.eye(3)
_UNIT_SQUARE = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])  # where a picture is drawn


class PageText(NamedTuple):
    """The pieces of a page, whether it is a picture, and whether its text was recognized on that."""

    pieces: list[Piece]
    picture: bool
    recognized: bool


def read_page(page: Any) -> PageText:
    """Return what a page shows; one without text has no pieces.

    Raises
    ------
    TooMuchContentError
        It shows more than a page of a report can.
    """
    glyphs = read_glyphs(page)
    hidden = why_hidden(page, glyphs)
    box, pictures = page_box(page), list(islice(_pictures(page), _MOST_PICTURES))
    recognized = _is_recognized(glyphs, hidden, box, pictures)
    if recognized:
        hidden = _without_recognized(glyphs, hidden, pictures)
    scanned = sum(shared_area(each, box) for each in pictures) > _SCAN * area(box)
    return PageText(_pieces(glyphs, hidden, pdfium.FPDFPage_GetRotation(page) * 90), scanned, recognized)


def _pieces(glyphs: Glyphs, hidden: Sequence[str], rotation: int) -> list[Piece]:
    """Characters that stand behind one another, put together."""
    turns = [each.turn for each in glyphs.objects]
    usual = _usual_turn(glyphs, turns, rotation)
    shown = (rotation - usual) % 360
    sizes = [round(each.size, 2) for each in glyphs.objects]
    turns = [(turn + shown) % 360 if turn >= 0 else turn for turn in turns]
    ends, levels = turned_boxes(glyphs.boxes, shown)[:, [0, 2]].tolist(), turned(glyphs.origins, shown)[:, 1].tolist()
    pieces: list[Piece] = []
    letters: list[str] = []  # of the piece that goes on
    x0 = x1 = y = 0.0
    owner, hidden_by = -1, ""
    rows = zip(glyphs.texts, glyphs.apart, glyphs.owners, hidden, ends, levels, strict=True)
    for text, apart, its_owner, why, (left, right), level in rows:
        same = its_owner == owner or (sizes[its_owner], turns[its_owner]) == (sizes[owner], turns[owner])
        goes_on = bool(letters) and same and why == hidden_by and len(letters) < _LONGEST
        if goes_on and (its_owner != owner or apart):  # it may follow without a gap
            near = abs(left - x1) < _WITHIN_WORD * sizes[owner] and abs(level - y) < _LEVEL * sizes[owner]
            goes_on = near and turns[owner] == 0
        if not goes_on:
            if letters:
                pieces.append(Piece(x0, x1, y, sizes[owner], "".join(letters), hidden_by, turns[owner]))
            letters, x0, x1, y, hidden_by = [], left, right, level, why
        letters.append(text)
        x1, owner = max(x1, right), its_owner
    if letters:
        pieces.append(Piece(x0, x1, y, sizes[owner], "".join(letters), hidden_by, turns[owner]))
    if len(pieces) > MOST_PIECES:
        msg = f"shows more than {MOST_PIECES:,} pieces of text"
        raise TooMuchContentError(msg)
    return pieces


def _usual_turn(glyphs: Glyphs, turns: Sequence[int], rotation: int) -> int:
    """The turn, on the page as it is shown, of most letters; of as many, the smallest."""
    inked = Counter(turns[owner] for text, owner in zip(glyphs.texts, glyphs.owners, strict=True) if text.strip())
    return max((0, 90, 180, 270), key=lambda turn: inked[(turn - rotation) % 360])


def _is_recognized(glyphs: Glyphs, hidden: Sequence[str], box: Box, pictures: Sequence[Box]) -> bool:
    """Whether a page is a picture whose text was recognized: it stands on or behind the picture and is not seen."""
    if not any(shared_area(each, box) > _SCAN * area(box) for each in pictures):
        return False
    told = [why for text, why in zip(glyphs.texts, hidden, strict=True) if text.strip()]
    return told.count("") < _STAMP * len(told)


def _without_recognized(glyphs: Glyphs, hidden: Sequence[str], pictures: Sequence[Box]) -> list[str]:
    """Why characters are hidden, without a reason for recognized ones: they are set in lines and the page says so."""
    found: list[str] = []
    for why, ink in zip(hidden, glyphs.inks.tolist(), strict=True):
        middle = (ink[0] + ink[2]) / 2, (ink[1] + ink[3]) / 2
        behind = why in {NOT_PAINTED, COVERED} and any(holds(each, *middle) for each in pictures)
        found.append("" if behind else why)
    return found


def _pictures(page: Any) -> Iterator[Box]:
    """The boxes of the pictures of a page, those in forms too, before it is turned."""
    for place in range(pdfium.FPDFPage_CountObjects(page)):
        yield from _pictures_of(pdfium.FPDFPage_GetObject(page, place), _UNMOVED, 0)


def _pictures_of(drawn: Any, matrix: Numbers, depth: int) -> Iterator[Box]:
    kind = pdfium.FPDFPageObj_GetType(drawn)
    if kind not in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM}:
        return
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(drawn, own)
    placed = np.array([[own.a, own.b, 0], [own.c, own.d, 0], [own.e, own.f, 1]]) @ matrix
    if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
        corners = _UNIT_SQUARE @ placed
        yield (*corners[:, :2].min(axis=0).tolist(), *corners[:, :2].max(axis=0).tolist())
    elif depth < _DEEPEST:
        for place in range(pdfium.FPDFFormObj_CountObjects(drawn)):
            yield from _pictures_of(pdfium.FPDFFormObj_GetObject(drawn, place), placed, depth + 1)
