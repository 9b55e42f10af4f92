"""Tell which characters of a page are seen: those without which it would look different."""

import ctypes
import unicodedata
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
NO_GLYPH = "in a font that is not in the file"
LEAST_SIZE = 2.0
"""Points: nobody reads smaller text."""
SMALL = f"under {LEAST_SIZE:g} pt"
_UNPAINTED, _OUTLINE_ALONE = (3, 7), (1, 5)  # text render modes
_INKLESS = "\u2800\u3164\u115f\u1160"  # letters that are drawn as nothing
_LAST_LATIN = 0x24F
_COARSE, _FINE = 1.0, 4.0  # pixels a point: all of a page is looked at, and what was not seen from nearby
_MOST_PIXELS = 4_000  # of a side of the picture
_CONTRAST = 13  # of 255, of brightness: less is not seen
_BRIGHTNESS = np.array([0.11, 0.59, 0.3, 0.0])  # what blue, green, red and the unused byte of a pixel add to it
_CHANGED = 0x00F8F8F8  # the bits of a pixel's colours by which one must differ to be as much brighter
_OPAQUE = 255
_PLAIN = 0.3  # of a letter's box that looks different without it, at least, where it is plain to see
_READ = 0.6  # of a letter's ink, and of its height and width, that must be seen to read it
_MOST = 0.5  # of the letters of a text object
_BIG = 0.05  # of the page: text objects whose box is larger, such as a watermark, are looked at by themselves

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
    """Return why nobody sees each character, "" where it is seen; one without ink is as hidden as the one before it.

    The page is drawn with its text and without: letters where the two differ enough are seen. Text objects with other
    letters are looked at from nearby: with the object, without it, and with it in a colour that its ground lacks. What
    then shows is its ink, of which enough must be seen without that colour, too. Where most letters of an object are
    not seen, none is.
    """
    box = page_box(page)
    inked = np.array([_has_ink(text) for text in glyphs.texts], dtype=bool)
    left, bottom, right, top = glyphs.inks.T
    on_page = (right > box[0]) & (left < box[2]) & (top > box[1]) & (bottom < box[3])
    rows = np.flatnonzero(inked & on_page)
    reasons: dict[int, str] = {}
    if rows.size:
        owners = np.array(glyphs.owners)[rows]
        plain = _plain_to_see(page, box, glyphs, rows)
        for owner in np.unique(owners[~plain]).tolist():
            reasons |= _look_at(page, box, glyphs, owner, rows[owners == owner])
    small = [size < LEAST_SIZE for size in _sizes(glyphs)]
    told: list[str] = []
    for row, owner in enumerate(glyphs.owners):
        if not inked[row]:
            told.append(told[-1] if row and owner == glyphs.owners[row - 1] else "")
        elif small[owner]:
            told.append(SMALL)
        else:
            told.append(reasons.get(row, "") if on_page[row] else OFF_THE_PAGE)
    return told


def _has_ink(text: str) -> bool:
    return bool(text.strip()) and text not in _INKLESS and unicodedata.category(text) != "Cf"


def _plain_to_see(page: Any, box: Box, glyphs: Glyphs, rows: Places) -> Flags:
    """Whether the page looks different without each letter, where no other text object reaches."""
    owners = np.array(glyphs.owners)[rows]
    outlines = np.array([each.outline for each in glyphs.objects])[owners]
    around = np.stack([-outlines, -outlines, outlines, outlines], axis=1)
    view, places = _view_of(glyphs.inks[rows], box, _COARSE)
    reaches = _places_in(glyphs.inks[rows] + around, box, view)
    big = np.isin(owners, _big_objects(reaches, owners, view))
    others = sorted(set(range(len(glyphs.objects))) - set(owners[big].tolist()))
    texts = [*(glyphs.objects[owner].handle for owner in others), *glyphs.copies]
    whole = _picture(page, box, view)
    _switch(texts, on=False)
    bare = _picture(page, box, view)
    _switch(texts, on=True)
    alone = _differs(whole, bare) & (_letters_on(reaches[~big], owners[~big], view) == 1)
    areas = (places[:, 2] - places[:, 0]) * (places[:, 3] - places[:, 1])
    return ~big & (_count_in(alone, places) >= _PLAIN * areas)


def _big_objects(places: Places, owners: Places, view: View) -> list[int]:
    """The text objects whose letters span much of the view, if there are others."""
    found = np.unique(owners)
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], found)
    low = np.minimum.reduceat(places[order, :2], starts)
    high = np.maximum.reduceat(places[order, 2:], starts)
    areas = (high - low).prod(axis=1)
    big: list[int] = found[areas > _BIG * view.width * view.height].tolist()
    return big if len(found) > 1 else []


def _look_at(page: Any, box: Box, glyphs: Glyphs, owner: int, rows: Places) -> dict[int, str]:
    """Why those letters of a text object that are not seen are not."""
    text = glyphs.objects[owner]
    view, places = _view_of(glyphs.inks[rows], box, _FINE)
    whole, own_ink = _picture(page, box, view), _ink_of(text)
    _switch(glyphs.copies, on=False)
    areas = (places[:, 2] - places[:, 0]) * (places[:, 3] - places[:, 1])
    again = _differs(whole, _picture(page, box, view)) if glyphs.copies else np.zeros(whole.shape[:2], dtype=bool)
    _switch([text.handle], on=False)
    without = _picture(page, box, view)
    _switch([text.handle], on=True)
    _paint(text, _colour_apart_from(without, places))
    painted = _picture(page, box, view)
    _paint(text, own_ink)
    _switch(glyphs.copies, on=True)
    seen = _differs(whole, without)
    inks = _count_in(seen | _differs(painted, without), places)
    shares = _count_in(seen, places) / np.maximum(inks, 1)
    set_again = _count_in(again, places) >= _PLAIN * areas
    read = ((shares >= _READ) | set_again) & _are_spanned(seen, places)
    if read.all():
        return {}
    unknown = np.array([_may_lack_glyph(text, glyphs.texts[row]) for row in rows]) & (inks == 0)
    if not unknown.all():
        read &= read[~unknown].mean() >= _MOST
    hidden = ~read & ~unknown
    by_colour = bool(hidden.any() and np.median(inks[hidden]) > 0 and np.median(shares[hidden]) < _READ)
    reason = _reason(text, own_ink, _colour_in(without, places), by_colour=by_colour)
    return dict.fromkeys(rows[hidden].tolist(), reason) | dict.fromkeys(rows[unknown].tolist(), NO_GLYPH)


def _view_of(inks: Numbers, box: Box, scale: float) -> tuple[View, Places]:
    """The part of a page that holds letters, and their places in it."""
    low, high = np.maximum(inks[:, :2].min(axis=0), box[:2]), np.minimum(inks[:, 2:].max(axis=0), box[2:])
    scale = float(min(scale, _MOST_PIXELS / max(*(high - low), 1.0)))
    left, top = int((low[0] - box[0]) * scale), int((box[3] - high[1]) * scale)
    width, height = (int(size) + 2 for size in (high - low) * scale)
    view = View(left, top, width, height, scale)
    return view, _places_in(inks, box, view)


def _places_in(boxes: Numbers, box: Box, view: View) -> Places:
    """Boxes of a page in pixels of a view; each has at least one."""
    ends = np.stack([boxes[:, 0] - box[0], box[3] - boxes[:, 3], boxes[:, 2] - box[0], box[3] - boxes[:, 1]], axis=1)
    places: Places = np.rint(ends * view.scale).astype(np.int64) - np.array([view.left, view.top] * 2)
    places = places.clip(0, np.array([view.width, view.height] * 2))
    places[:, :2] = np.minimum(places[:, :2], [view.width - 1, view.height - 1])
    places[:, 2:] = np.maximum(places[:, 2:], places[:, :2] + 1)
    return places


def _picture(page: Any, box: Box, view: View) -> Pixels:
    """A part of a page as a viewer shows it, but not turned: blue, green, red and an unused byte for each pixel."""
    pixels = np.full((view.height, view.width, 4), _OPAQUE, dtype=np.uint8)
    buffer = pixels.ctypes.data_as(ctypes.c_void_p)
    bitmap = pdfium.FPDFBitmap_CreateEx(view.width, view.height, pdfium.FPDFBitmap_BGRx, buffer, view.width * 4)
    turned_back = (4 - pdfium.FPDFPage_GetRotation(page)) % 4
    size = (round((box[2] - box[0]) * view.scale), round((box[3] - box[1]) * view.scale))
    placed = (-view.left, -view.top, *size, turned_back, pdfium.FPDF_ANNOT)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, *placed)
    if page.formenv:  # fields of forms are drawn by it alone
        pdfium.FPDF_FFLDraw(page.formenv, bitmap, page, *placed)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return pixels


def _switch(handles: Iterable[Any], *, on: bool) -> None:
    for handle in handles:
        pdfium.FPDFPageObj_SetIsActive(handle, on)


def _differs(first: Pixels, second: Pixels) -> Flags:
    """Whether each pixel is brighter or darker, by as much as can be seen."""
    apart: Pixels = np.maximum(first, second) - np.minimum(first, second)
    changed = np.flatnonzero(apart.view(np.uint32) & _CHANGED)  # few are
    flags = np.zeros(apart.shape[0] * apart.shape[1], dtype=bool)
    flags[changed] = apart.reshape(-1, 4)[changed] @ _BRIGHTNESS >= _CONTRAST
    return flags.reshape(apart.shape[:2])


def _letters_on(places: Places, owners: Places, view: View) -> npt.NDArray[np.int32]:
    """How many letters each pixel may belong to; those of one object in one place, as of a ligature, are one."""
    steps = np.zeros((view.height + 1, view.width + 1), dtype=np.int32)
    _, x0, y0, x1, y1 = np.unique(np.column_stack([owners, places]), axis=0).T
    for x, y, step in ((x0, y0, 1), (x1, y0, -1), (x0, y1, -1), (x1, y1, 1)):
        np.add.at(steps, (y, x), step)
    return steps.cumsum(axis=0).cumsum(axis=1)[:-1, :-1]


def _count_in(flags: Flags, places: Places) -> Places:
    """How many pixels of each place are flagged."""
    sums = np.zeros((flags.shape[0] + 1, flags.shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = flags.cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    x0, y0, x1, y1 = places.T
    counts: Places = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return counts


def _are_spanned(flags: Flags, places: Places) -> Flags:
    """Whether flagged pixels reach across enough of each place, both ways: a letter cut to a hairline is not read."""
    spanned = []
    for x0, y0, x1, y1 in places.tolist():
        reached = [np.flatnonzero(flags[y0:y1, x0:x1].any(axis=axis)) for axis in (1, 0)]
        sizes = (y1 - y0, x1 - x0)
        spanned.append(
            all(len(its) and its[-1] - its[0] + 1 >= _READ * size for its, size in zip(reached, sizes, strict=True))
        )
    return np.array(spanned, dtype=bool)


def _colour_in(picture: Pixels, places: Places) -> tuple[int, int, int]:
    """The usual red, green and blue of the places of a text object."""
    blue, green, red = np.median(_pixels_in(picture, places), axis=0).tolist()
    return int(red), int(green), int(blue)


def _colour_apart_from(picture: Pixels, places: Places) -> tuple[int, int, int, int]:
    """Black, white or grey, opaque: whichever differs most from what is in places."""
    brightness = _pixels_in(picture, places) @ _BRIGHTNESS[:3]
    least = {grey: np.minimum(np.abs(brightness - grey), _OPAQUE // 3).mean() for grey in (0, _OPAQUE // 2, _OPAQUE)}
    grey = max(least, key=lambda each: least[each])
    return grey, grey, grey, _OPAQUE


def _pixels_in(picture: Pixels, places: Places) -> Pixels:
    """The blue, green and red of the pixels in places, a row each."""
    return np.concatenate([picture[y0:y1, x0:x1, :3].reshape(-1, 3) for x0, y0, x1, y1 in places.tolist()])


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


def _paint(text: TextObject, colour: Sequence[int]) -> None:
    """Paint a text object in a colour: its outline, if nothing else of it is painted."""
    paint = pdfium.FPDFPageObj_SetStrokeColor if text.mode in _OUTLINE_ALONE else pdfium.FPDFPageObj_SetFillColor
    paint(text.handle, *colour)


def _may_lack_glyph(text: TextObject, letter: str) -> bool:
    """Whether no font here may have a letter: its own is not in the file, and others have those of Latin."""
    return ord(letter) > _LAST_LATIN and pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(text.handle)) == 0


def _reason(text: TextObject, ink: Sequence[int], ground: Sequence[int], *, by_colour: bool) -> str:
    """Why letters on the page are not seen."""
    if text.mode in _UNPAINTED:
        return NOT_PAINTED
    if by_colour and ink[3] < _CONTRAST:
        return TRANSPARENT
    if by_colour:
        return WHITE_ON_WHITE if min(*ink[:3], *ground) == _OPAQUE else ON_ITS_GROUND
    return SWITCHED_OFF if _is_in_layer(text.handle) else COVERED


def _is_in_layer(handle: Any) -> bool:
    """Whether text stands in content marked as of a layer."""
    for place in range(pdfium.FPDFPageObj_CountMarks(handle)):
        name, length = (ctypes.c_ushort * 8)(), ctypes.c_ulong()
        mark = pdfium.FPDFPageObj_GetMark(handle, place)
        pdfium.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), length)
        if bytes(name)[: length.value].decode("utf-16-le").rstrip("\0") == "OC":
            return True
    return False
