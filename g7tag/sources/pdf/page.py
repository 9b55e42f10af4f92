"""Read a page's pieces of text, their positions, and the reasons why some are hidden."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from g7tag.sources.pdf.damage import TooMuchContentError
from g7tag.sources.pdf.glyphs import (
    Box,
    Glyphs,
    Numbers,
    area,
    holds,
    objects_of,
    read_glyphs,
    shared_area,
    turned,
    turned_boxes,
)
from g7tag.sources.pdf.lines import Piece
from g7tag.sources.pdf.seen import COVERED, NOT_PAINTED, page_box, show_marks, why_hidden

MOST_PIECES = 50_000
"""Limit of the pieces of text of one page; a dense page has about a thousand."""
_LONGEST = 1_000  # characters of a piece; longer ones are not extended
_WITHIN_WORD = 0.12  # of the size: letters closer than this belong to one word
_LEVEL = 0.01  # of the size: largest difference of the baselines in a piece
_SCAN = 0.5  # of the page: least area of the image of a scan
_STAMP = 0.2  # of a scan's characters: largest share of visible ones
_MARKED = 0.5  # of the letters of a text object that must have marks of the image in their place
_MOST_PICTURES = 20_000  # images of a page that are checked


class PageText(NamedTuple):
    """The pieces of a page, whether it is an image, and whether its text was recognized by OCR."""

    pieces: list[Piece]
    picture: bool
    recognized: bool


def read_page(page: Any) -> PageText:
    """Read the text of a page; a page without text has no pieces."""
    objects = list(objects_of(page))
    glyphs = read_glyphs(page, [each.handle for each in objects if each.is_text])
    hidden = why_hidden(page, glyphs)
    box, pictures = page_box(page), [each.picture for each in objects if each.picture][:_MOST_PICTURES]
    recognized = False
    if _may_be_recognized(glyphs, hidden, box, pictures):
        behind = _is_behind(glyphs, hidden, pictures) & _by_object(glyphs, show_marks(page, glyphs))
        recognized = bool(behind.any())
        hidden = ["" if read else why for why, read in zip(hidden, behind.tolist(), strict=True)]
    scanned = sum(shared_area(each, box) for each in pictures) > _SCAN * area(box)
    return PageText(_pieces(glyphs, hidden, pdfium.FPDFPage_GetRotation(page) * 90), scanned, recognized)


def _pieces(glyphs: Glyphs, hidden: Sequence[str], rotation: int) -> list[Piece]:
    """Join successive characters to pieces."""
    turns = [each.turn for each in glyphs.objects]
    usual = _usual_turn(glyphs, turns, rotation)
    shown = (rotation - usual) % 360
    sizes = [round(each.size, 2) for each in glyphs.objects]
    turns = [(turn + shown) % 360 if turn >= 0 else turn for turn in turns]
    ends, levels = turned_boxes(glyphs.boxes, shown)[:, [0, 2]].tolist(), turned(glyphs.origins, shown)[:, 1].tolist()
    pieces: list[Piece] = []
    letters: list[str] = []  # of the current piece
    x0 = x1 = y = 0.0
    owner, hidden_by = -1, ""
    owners = np.array(glyphs.owners, dtype=np.int64)
    apart = np.array(glyphs.apart, dtype=bool) | _gaps_within(owners, np.array(ends).reshape(-1, 2), sizes)
    rows = zip(glyphs.texts, apart.tolist(), glyphs.owners, hidden, ends, levels, strict=True)
    for text, is_apart, new_owner, why, (left, right), level in rows:
        same = new_owner == owner or (sizes[new_owner], turns[new_owner]) == (sizes[owner], turns[owner])
        extends = bool(letters) and same and why == hidden_by and len(letters) < _LONGEST
        if extends and (new_owner != owner or is_apart):  # it may follow without a gap
            near = abs(left - x1) < _WITHIN_WORD * sizes[owner] and abs(level - y) < _LEVEL * sizes[owner]
            extends = near and turns[owner] == 0
        if not extends:
            if letters:
                pieces.append(Piece(x0, x1, y, sizes[owner], "".join(letters), hidden_by, turns[owner]))
            letters, x0, x1, y, hidden_by = [], left, right, level, why
        letters.append(text)
        x1, owner = max(x1, right), new_owner
    if letters:
        pieces.append(Piece(x0, x1, y, sizes[owner], "".join(letters), hidden_by, turns[owner]))
    if len(pieces) > MOST_PIECES:
        msg = f"has more than {MOST_PIECES:,} pieces of text"
        raise TooMuchContentError(msg)
    return pieces


def _gaps_within(owners: npt.NDArray[np.int64], ends: Numbers, sizes: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Whether a gap separates each character from the one before it in its text object, considering letter spacing."""
    wide = np.zeros(len(owners), dtype=bool)
    if len(owners) < 2:
        return wide
    gaps = ends[1:, 0] - ends[:-1, 1]
    size = np.array(sizes)[owners[1:]]
    wide[1:] = (owners[1:] == owners[:-1]) & (gaps > _WITHIN_WORD * size)
    for owner in np.unique(owners[wide]).tolist():
        rows = np.flatnonzero((owners[1:] == owner) & (owners[:-1] == owner))
        wide[rows + 1] = gaps[rows] > np.median(gaps[rows]) + _WITHIN_WORD * sizes[owner]
    return wide


def _usual_turn(glyphs: Glyphs, turns: Sequence[int], rotation: int) -> int:
    """Return the most frequent rotation of letters on the displayed page; for ties, the smallest."""
    inked = Counter(turns[owner] for text, owner in zip(glyphs.texts, glyphs.owners, strict=True) if text.strip())
    return max((0, 90, 180, 270), key=lambda turn: inked[(turn - rotation) % 360])


def _may_be_recognized(glyphs: Glyphs, hidden: Sequence[str], box: Box, pictures: Sequence[Box]) -> bool:
    """Whether a page is an image with almost only hidden text, like a scan with text that a program recognized."""
    if not any(shared_area(each, box) > _SCAN * area(box) for each in pictures):
        return False
    reasons = [why for text, why in zip(glyphs.texts, hidden, strict=True) if text.strip()]
    return reasons.count("") < _STAMP * len(reasons)


def _is_behind(glyphs: Glyphs, hidden: Sequence[str], pictures: Sequence[Box]) -> npt.NDArray[np.bool_]:
    """Whether each character is hidden on or behind an image, as OCR programs place the text of a scan."""
    found: list[bool] = []
    for why, ink in zip(hidden, glyphs.inks.tolist(), strict=True):
        middle = (ink[0] + ink[2]) / 2, (ink[1] + ink[3]) / 2
        found.append(why in {NOT_PAINTED, COVERED} and any(holds(each, *middle) for each in pictures))
    return np.array(found, dtype=bool)


def _by_object(glyphs: Glyphs, flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether most characters of the text object of each character are flagged; recognized places are not exact."""
    owners = np.array(glyphs.owners)
    inked = np.array([bool(text.strip()) for text in glyphs.texts])
    counts = np.bincount(owners[inked], minlength=len(glyphs.objects))
    flagged = np.bincount(owners[inked & flags], minlength=len(glyphs.objects))
    most: npt.NDArray[np.bool_] = (flagged > _MARKED * counts)[owners]
    return most
