"""Tell which characters of a page are seen: those without which it would look different."""

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from g7tag.sources.pdf.geometry import Box, Numbers
from g7tag.sources.pdf.glyphs import Glyphs, TextObject

NOT_PAINTED = "not painted"
OFF_THE_PAGE = "off the page"
TRANSPARENT = "transparent"
WHITE_ON_WHITE = "white on white"
ON_ITS_GROUND = "in the colour of its ground"
SWITCHED_OFF = "in a layer that is switched off"
COVERED = "covered or cut away"
LEAST_SIZE = 2.0
"""Points: nobody reads smaller text."""
SMALL = f"under {LEAST_SIZE:g} pt"
_UNPAINTED, _OUTLINE_ALONE = (3, 7), (1, 5)  # text render modes
_COARSE, _FINE = 1.0, 4.0  # pixels a point: a page is looked at, and again what was not seen
_MOST_PIXELS = 4_000  # of a side of the picture
_CONTRAST = 16  # of 255, of a colour's part: less is not seen
_APART = 0x00F0F0F0  # the bits of a pixel's parts that make up so much
_OPAQUE = 255

Pixels = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
"""Boxes in pixels (left, top, right, bottom), a row each."""
Flags = npt.NDArray[np.bool_]


class View(NamedTuple):
    """The part of a page that is looked at: its place on the whole page and its size, in pixels (`scale` a point)."""

    left: int
    top: int
    width: int
    height: int
    scale: float


def page_box(page: Any) -> Box:
    """Return what a viewer shows of a page, before it is turned."""
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    return box.left, box.bottom, box.right, box.top


def why_hidden(page: Any, glyphs: Glyphs) -> list[str]:
    """Return why nobody sees each character, "" where it is seen; a blank is as hidden as what stands before it.

    The page is drawn with its text and without. Where both look alike no text is seen; where they differ, and text
    objects lie on one another, it is drawn again without each of these. What is not seen is looked at from nearby, and
    painted in a colour that its ground lacks: if it is seen then, its own colour hid it.
    """
    box = page_box(page)
    drawn = np.array([bool(text.strip()) for text in glyphs.texts], dtype=bool)
    left, bottom, right, top = glyphs.inks.T
    on_page = (right > box[0]) & (left < box[2]) & (top > box[1]) & (bottom < box[3])
    looked = np.flatnonzero(drawn & on_page)
    reasons: dict[int, str] = {}
    if looked.size:
        reasons = _look(page, box, glyphs, looked, _COARSE)
    small = [size < LEAST_SIZE for size in _sizes(glyphs)]
    told: list[str] = []
    for row, owner in enumerate(glyphs.owners):
        if not drawn[row]:
            told.append(told[-1] if row and owner == glyphs.owners[row - 1] else "")
        elif small[owner]:
            told.append(SMALL)
        else:
            told.append(reasons.get(row, "") if on_page[row] else OFF_THE_PAGE)
    return told


def _look(page: Any, box: Box, glyphs: Glyphs, rows: Places, scale: float) -> dict[int, str]:
    """Why those of the characters that are not seen are not."""
    owners = np.array(glyphs.owners)[rows]
    handles = {owner: glyphs.objects[owner].handle for owner in np.unique(owners).tolist()}
    view, places = _view_of(glyphs.inks[rows], box, scale)
    whole = _picture(page, box, view)
    _switch(handles.values(), on=False)
    bare = _picture(page, box, view)
    _switch(handles.values(), on=True)
    differs = _differs(whole, bare)
    seen = _any_in(differs & (_objects_on(places, owners, view) == 1), places)
    rest = np.flatnonzero(~seen)
    unsure = rest[_any_in(differs, places[rest])]
    for owner in np.unique(owners[unsure]).tolist():
        its = unsure[owners[unsure] == owner]
        seen[its] = _look_without(page, box, view, handles[owner], whole, places[its])
    lost = np.flatnonzero(~seen)
    if not lost.size:
        return {}
    if scale < _FINE:
        return _look(page, box, glyphs, rows[lost], _FINE)
    its = {owner: lost[owners[lost] == owner] for owner in np.unique(owners[lost]).tolist()}
    inks = {owner: _ink_of(glyphs.objects[owner]) for owner in its}
    grounds = {owner: _colour_in(bare, places[own]) for owner, own in its.items()}
    for owner, ground in grounds.items():
        _paint(handles[owner], [_OPAQUE * (part < _OPAQUE // 2) for part in ground])
    painted = _differs(_picture(page, box, view), whole)
    reasons: dict[int, str] = {}
    for owner, own in its.items():
        by_colour = bool(_any_in(painted, places[own]).any())
        reason = _reason(glyphs.objects[owner], inks[owner], grounds[owner], by_colour=by_colour)
        reasons |= dict.fromkeys(rows[own].tolist(), reason)
    return reasons


def _look_without(page: Any, box: Box, view: View, handle: Any, whole: Pixels, places: Places) -> Flags:
    """Whether places of one text object look different without it."""
    left, top = places[:, :2].min(axis=0).tolist()
    right, bottom = places[:, 2:].max(axis=0).tolist()
    near = View(view.left + left, view.top + top, right - left, bottom - top, view.scale)
    _switch([handle], on=False)
    without = _picture(page, box, near)
    _switch([handle], on=True)
    return _any_in(_differs(whole[top:bottom, left:right], without), places - np.array([left, top, left, top]))


def _view_of(inks: Numbers, box: Box, scale: float) -> tuple[View, Places]:
    """The part of a page that holds letters, and their places in it; each has at least a pixel."""
    low, high = np.maximum(inks[:, :2].min(axis=0), box[:2]), np.minimum(inks[:, 2:].max(axis=0), box[2:])
    scale = float(min(scale, _MOST_PIXELS / max(*(high - low), 1.0)))
    ends = np.stack([inks[:, 0] - box[0], box[3] - inks[:, 3], inks[:, 2] - box[0], box[3] - inks[:, 1]], axis=1)
    left, top = int((low[0] - box[0]) * scale), int((box[3] - high[1]) * scale)
    width, height = (int(size) + 2 for size in (high - low) * scale)
    places: Places = np.rint(ends * scale).astype(np.int64) - np.array([left, top, left, top])
    places = places.clip(0, np.array([width, height, width, height]))
    places[:, :2] = np.minimum(places[:, :2], [width - 1, height - 1])
    places[:, 2:] = np.maximum(places[:, 2:], places[:, :2] + 1)
    return View(left, top, width, height, scale), places


def _picture(page: Any, box: Box, view: View) -> Pixels:
    """A part of a page as a viewer shows it, but not turned: blue, green, red and an unused byte for each pixel."""
    pixels = np.full((view.height, view.width, 4), _OPAQUE, dtype=np.uint8)
    buffer = pixels.ctypes.data_as(ctypes.c_void_p)
    bitmap = pdfium.FPDFBitmap_CreateEx(view.width, view.height, pdfium.FPDFBitmap_BGRx, buffer, view.width * 4)
    turned_back = (4 - pdfium.FPDFPage_GetRotation(page)) % 4
    size = (round((box[2] - box[0]) * view.scale), round((box[3] - box[1]) * view.scale))
    pdfium.FPDF_RenderPageBitmap(bitmap, page, -view.left, -view.top, *size, turned_back, pdfium.FPDF_ANNOT)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return pixels


def _switch(handles: Iterable[Any], *, on: bool) -> None:
    for handle in handles:
        pdfium.FPDFPageObj_SetIsActive(handle, on)


def _differs(first: Pixels, second: Pixels) -> Flags:
    apart: Pixels = np.maximum(first, second) - np.minimum(first, second)
    flags: Flags = (apart.view(np.uint32)[:, :, 0] & _APART) != 0
    return flags


def _objects_on(places: Places, owners: Places, view: View) -> npt.NDArray[np.uint16]:
    """How many text objects each pixel may belong to: it lies in the box around their letters."""
    objects = np.zeros((view.height, view.width), dtype=np.uint16)
    order = np.argsort(owners, kind="stable")
    starts = np.flatnonzero(np.diff(owners[order], prepend=-1))
    low = np.minimum.reduceat(places[order, :2], starts)
    high = np.maximum.reduceat(places[order, 2:], starts)
    for x0, y0, x1, y1 in np.hstack([low, high]).tolist():
        objects[y0:y1, x0:x1] += 1
    return objects


def _any_in(flags: Flags, places: Places) -> Flags:
    """Whether a flag is set in each of some places."""
    if not len(places):
        return np.zeros(0, dtype=bool)
    sums = np.zeros((flags.shape[0] + 1, flags.shape[1] + 1), dtype=np.int32)
    sums[1:, 1:] = flags.cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    x0, y0, x1, y1 = places.T
    flagged: Flags = (sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]) > 0
    return flagged


def _colour_in(picture: Pixels, places: Places) -> tuple[int, int, int]:
    """The usual red, green and blue of the places of a text object."""
    pixels = np.concatenate([picture[y0:y1, x0:x1, :3].reshape(-1, 3) for x0, y0, x1, y1 in places.tolist()])
    blue, green, red = np.median(pixels, axis=0).tolist()
    return int(red), int(green), int(blue)


def _sizes(glyphs: Glyphs) -> list[float]:
    """How large the letters of each object are; those of a tiny size may be drawn in units of their own."""
    sizes = [min(each.size, each.across) for each in glyphs.objects]
    heights = (glyphs.inks[:, 2:] - glyphs.inks[:, :2]).min(axis=1).tolist()
    for owner, height in zip(glyphs.owners, heights, strict=True):
        if glyphs.objects[owner].size < LEAST_SIZE:
            sizes[owner] = max(sizes[owner], height)
    return sizes


def _ink_of(text: TextObject) -> tuple[int, int, int, int]:
    """The red, green, blue and opacity of a text object: of its outline, if nothing else of it is painted."""
    read = pdfium.FPDFPageObj_GetStrokeColor if text.mode in _OUTLINE_ALONE else pdfium.FPDFPageObj_GetFillColor
    parts = [ctypes.c_uint() for _ in range(4)]
    read(text.handle, *parts)
    red, green, blue, opacity = (part.value for part in parts)
    return red, green, blue, opacity


def _paint(handle: Any, colour: Sequence[int]) -> None:
    """Paint a text object in an opaque colour."""
    pdfium.FPDFPageObj_SetFillColor(handle, *colour, _OPAQUE)
    pdfium.FPDFPageObj_SetStrokeColor(handle, *colour, _OPAQUE)


def _reason(text: TextObject, ink: Sequence[int], ground: Sequence[int], *, by_colour: bool) -> str:
    """Why a character on the page is not seen."""
    if text.mode in _UNPAINTED:
        return NOT_PAINTED
    if not by_colour:
        return SWITCHED_OFF if _is_in_layer(text.handle) else COVERED
    if ink[3] < _CONTRAST:
        return TRANSPARENT
    return WHITE_ON_WHITE if min(*ink[:3], *ground) == _OPAQUE else ON_ITS_GROUND


def _is_in_layer(handle: Any) -> bool:
    """Whether text stands in content marked as of a layer."""
    for place in range(pdfium.FPDFPageObj_CountMarks(handle)):
        name, length = (ctypes.c_ushort * 8)(), ctypes.c_ulong()
        mark = pdfium.FPDFPageObj_GetMark(handle, place)
        pdfium.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), length)
        if bytes(name)[: length.value].decode("utf-16-le").rstrip("\0") == "OC":
            return True
    return False
