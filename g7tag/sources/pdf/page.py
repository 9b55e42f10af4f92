"""Read a page's pieces of text, their positions, and the reasons why some are hidden."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pypdfium2.raw as pdfium

from g7tag.sources.pdf.glyphs import Flags, Glyphs, Numbers, Places, find_objects, read_glyphs
from g7tag.sources.pdf.lines import Piece
from g7tag.sources.pdf.seen import COVERED, NOT_PAINTED, have_marks, page_box, why_hidden

_WITHIN_WORD = 0.12  # of the size: letters closer than this belong to one word
_LEVEL = 0.01  # of the size: largest difference of the baselines in a piece
_SCAN = 0.5  # of the page: least area of the images of a scan
_STAMP = 0.2  # of a scan's characters: largest share of visible ones
_MARKED = 0.5  # of the letters of a text object that must have marks of the image in their place
_TURNS = {0: ((1, 0), (0, 1)), 90: ((0, -1), (1, 0)), 180: ((-1, 0), (0, -1)), 270: ((0, 1), (-1, 0))}
"""Clockwise angle -> the matrix that turns points."""


class PageText(NamedTuple):
    """The pieces of a page, whether it is an image, and whether its text was recognized by OCR."""

    pieces: list[Piece]
    picture: bool
    recognized: bool


def read_page(page: Any) -> PageText:
    """Read the text of a page; a page without text has no pieces."""
    texts, pictures = find_objects(page)
    glyphs = read_glyphs(page, texts)
    box = np.array(page_box(page))
    shared = np.minimum(pictures[:, 2:], box[2:]) - np.maximum(pictures[:, :2], box[:2])
    picture = bool(shared.clip(0).prod(axis=1).sum() > _SCAN * (box[2:] - box[:2]).prod())
    if not glyphs.texts:
        return PageText([], picture, recognized=False)
    hidden = why_hidden(page, glyphs)
    shown = [not why for text, why in zip(glyphs.texts, hidden, strict=True) if text.strip()]
    recognized = np.zeros(len(hidden), dtype=bool)
    if picture and sum(shown) < _STAMP * len(shown):
        recognized = _are_recognized(page, glyphs, hidden, pictures)
    hidden = ["" if read else why for why, read in zip(hidden, recognized.tolist(), strict=True)]
    pieces = _pieces(glyphs, hidden, pdfium.FPDFPage_GetRotation(page) * 90)
    return PageText(pieces, picture, bool(recognized.any()))


def _are_recognized(page: Any, glyphs: Glyphs, hidden: Sequence[str], pictures: Numbers) -> Flags:
    """Whether each character is where OCR programs place the text of a scan: unseen, on an image that shows it."""
    middles = (glyphs.inks[:, :2] + glyphs.inks[:, 2:]) / 2
    unseen = np.array([why in {NOT_PAINTED, COVERED} for why in hidden], dtype=bool)
    on_picture = np.zeros(len(hidden), dtype=bool)
    for box in pictures:
        on_picture |= ((box[:2] <= middles) & (middles <= box[2:])).all(axis=1)
    inked = np.array([bool(text.strip()) for text in glyphs.texts])
    marked = inked & have_marks(page, glyphs)
    counts, marks = (np.bincount(glyphs.owners[rows], minlength=len(glyphs.objects)) for rows in (inked, marked))
    mostly_marked = (marks > _MARKED * counts)[glyphs.owners]  # recognized places are not exact
    recognized: Flags = unseen & on_picture & mostly_marked
    return recognized


def _pieces(glyphs: Glyphs, hidden: Sequence[str], rotation: int) -> list[Piece]:
    """Join successive characters to pieces, turned so that most of them run from left to right."""
    usual = _usual_turn(glyphs, rotation)
    matrix = np.array(_TURNS[(rotation - usual) % 360])
    owners = glyphs.owners
    ends = np.sort(np.stack([(glyphs.boxes[:, :2] @ matrix)[:, 0], (glyphs.boxes[:, 2:] @ matrix)[:, 0]], axis=1))
    sizes = np.array([round(each.size, 2) for each in glyphs.objects])[owners]
    levels = (np.array([each.start for each in glyphs.objects]) @ matrix)[owners, 1]
    shown = [(each.turn + rotation - usual) % 360 if each.turn >= 0 else -1 for each in glyphs.objects]
    turns = np.array(shown)[owners]
    same = owners[1:] == owners[:-1]
    alike = same | ((sizes[1:] == sizes[:-1]) & (turns[1:] == turns[:-1]))
    near = np.abs(ends[1:, 0] - ends[:-1, 1]) < _WITHIN_WORD * sizes[:-1]
    near &= (np.abs(levels[1:] - levels[:-1]) < _LEVEL * sizes[:-1]) & (turns[:-1] == 0)
    apart = glyphs.apart[1:] | _gaps_within(owners, ends, sizes)
    reasons = np.array(hidden, dtype=object)
    joined = alike & (reasons[1:] == reasons[:-1]) & (near | (same & ~apart))
    starts = [0, *(np.flatnonzero(~joined) + 1).tolist(), len(owners)]
    return [
        Piece(
            float(ends[at, 0]), float(ends[at:end, 1].max()), float(levels[at]), float(sizes[at]),
            _whole("".join(glyphs.texts[at:end])), hidden[at], int(turns[at]),
        )
        for at, end in pairwise(starts)
    ]  # fmt: skip


def _whole(text: str) -> str:
    """Join surrogate pairs, which PDFium returns as two characters."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _gaps_within(owners: Places, ends: Numbers, sizes: Numbers) -> Flags:
    """Whether a gap separates each character from the one before it in its text object, considering letter spacing."""
    gaps, same = ends[1:, 0] - ends[:-1, 1], owners[1:] == owners[:-1]
    wide: Flags = same & (gaps > _WITHIN_WORD * sizes[1:])
    for owner in np.unique(owners[1:][wide]).tolist():
        rows = np.flatnonzero(same & (owners[1:] == owner))
        wide[rows] = gaps[rows] > np.median(gaps[rows]) + _WITHIN_WORD * sizes[rows]
    return wide


def _usual_turn(glyphs: Glyphs, rotation: int) -> int:
    """Return the most frequent rotation of letters on the displayed page; for ties, the smallest."""
    letters = np.bincount(glyphs.owners, [bool(text.strip()) for text in glyphs.texts], len(glyphs.objects)).tolist()
    counts: Counter[int] = Counter()
    for each, count in zip(glyphs.objects, letters, strict=True):
        counts[each.turn] += count
    return max((0, 90, 180, 270), key=lambda turn: counts[(turn - rotation) % 360])
