"""Detect the hidden characters of a page: it looks the same without them."""

import ctypes
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from g7tag.sources.pdf.glyphs import Box, Glyphs, Numbers, TextObject

NOT_PAINTED = "not painted"
OFF_THE_PAGE = "off the page"
TRANSPARENT = "transparent"
WHITE_ON_WHITE = "white on white"
BACKGROUND_COLOR = "same color as its background"
HIDDEN_LAYER = "in a hidden layer"
COVERED = "covered or clipped"
NO_GLYPH = "in a font that is not embedded"
LEAST_SIZE = 2.0
"""Size in points; smaller text is unreadable."""
SMALL = f"under {LEAST_SIZE:g} pt"
_UNPAINTED, _OUTLINE_ONLY = (3, 7), (1, 5)  # text render modes
_INKLESS = "\u2800\u3164\u115f\u1160"  # letters without a visible shape
_LAST_LATIN = 0x24F
_COARSE, _FINE = 1.0, 4.0  # pixels per point: for the whole page, and for text that is not visible at first
_MOST_PIXELS = 4_000  # largest width or height of an image
_CONTRAST = 13  # of 255: smaller differences in brightness are not visible
_BRIGHTNESS = np.array([0.11, 0.59, 0.3, 0.0])  # weights of blue, green, red and the unused byte of a pixel
_CHANGED = 0x00F8F8F8  # the color bits of which one must differ for such a difference
_OPAQUE = 255
_PLAIN = 0.3  # of a letter's box that must look different without it if the letter is clearly visible
_READ = 0.6  # of a letter's ink, height and width that must be visible to read it
_MOST = 0.5  # of the letters of a text object
_BIG = 0.05  # of the page: text objects with a larger box, such as a watermark, are checked separately

Pixels = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
"""Boxes in pixels (left, top, right, bottom), one per row."""
Flags = npt.NDArray[np.bool_]


class View(NamedTuple):
    """The rendered part of a page: its position and its size, in pixels (`scale` pixels per point)."""

    left: int
    top: int
    width: int
    height: int
    scale: float


def page_box(page: Any) -> Box:
    """Return the visible box of a page, without its rotation."""
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    return box.left, box.bottom, box.right, box.top


def why_hidden(page: Any, glyphs: Glyphs) -> list[str]:
    """Return why each character is hidden, or "" if it is visible."""
    box = page_box(page)
    inked = np.array([_has_ink(text) for text in glyphs.texts], dtype=bool)
    left, bottom, right, top = glyphs.inks.T
    on_page = (right > box[0]) & (left < box[2]) & (top > box[1]) & (bottom < box[3])
    rows = np.flatnonzero(inked & on_page)
    reasons: dict[int, str] = {}
    if rows.size:
        owners = np.array(glyphs.owners)[rows]
        plain = _are_clearly_visible(page, box, glyphs, rows)
        for owner in np.unique(owners[~plain]).tolist():
            reasons |= _hidden_letters(page, box, glyphs, owner, rows[owners == owner])
    small = [size < LEAST_SIZE for size in _sizes(glyphs)]
    hidden: list[str] = []
    for row, owner in enumerate(glyphs.owners):
        if not inked[row]:
            hidden.append(hidden[-1] if row and owner == glyphs.owners[row - 1] else "")
        elif small[owner]:
            hidden.append(SMALL)
        else:
            hidden.append(reasons.get(row, "") if on_page[row] else OFF_THE_PAGE)
    return hidden


def show_marks(page: Any, glyphs: Glyphs) -> Flags:
    """Whether the drawn page has more than one color in the place of each letter, as where a scan shows the letter."""
    box = page_box(page)
    view, _ = _view_of(np.array([box]), box, _COARSE)
    whole = _picture(page, box, view)
    edges = np.zeros(whole.shape[:2], dtype=bool)
    edges[:, 1:] = _differs(whole[:, 1:], whole[:, :-1])
    edges[1:] |= _differs(whole[1:], whole[:-1])
    return _count_in(edges, _places_in(glyphs.inks, box, view)) > 0


def _has_ink(text: str) -> bool:
    return bool(text.strip()) and text not in _INKLESS and unicodedata.category(text) != "Cf"


def _are_clearly_visible(page: Any, box: Box, glyphs: Glyphs, rows: Places) -> Flags:
    """Whether the page looks different without each letter, in areas without other text objects."""
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
    """Return the text objects whose letters span much of the view, unless there is only one object."""
    found = np.unique(owners)
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], found)
    low = np.minimum.reduceat(places[order, :2], starts)
    high = np.maximum.reduceat(places[order, 2:], starts)
    areas = (high - low).prod(axis=1)
    big: list[int] = found[areas > _BIG * view.width * view.height].tolist()
    return big if len(found) > 1 else []


def _hidden_letters(page: Any, box: Box, glyphs: Glyphs, owner: int, rows: Places) -> dict[int, str]:
    """Return why letters of a text object are hidden, by row; visible letters have no entry."""
    text = glyphs.objects[owner]
    view, places = _view_of(glyphs.inks[rows], box, _FINE)
    whole, own_ink = _picture(page, box, view), _ink_of(text)
    _switch(glyphs.copies, on=False)
    areas = (places[:, 2] - places[:, 0]) * (places[:, 3] - places[:, 1])
    again = _differs(whole, _picture(page, box, view)) if glyphs.copies else np.zeros(whole.shape[:2], dtype=bool)
    _switch([text.handle], on=False)
    without = _picture(page, box, view)
    _switch([text.handle], on=True)
    _paint(text, _color_apart_from(without, places))
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
    by_color = bool(hidden.any() and np.median(inks[hidden]) > 0 and np.median(shares[hidden]) < _READ)
    reason = _reason(text, own_ink, _color_in(without, places), by_color=by_color)
    return dict.fromkeys(rows[hidden].tolist(), reason) | dict.fromkeys(rows[unknown].tolist(), NO_GLYPH)


def _view_of(inks: Numbers, box: Box, scale: float) -> tuple[View, Places]:
    """Return the part of a page that contains letters, and the positions of the letters in it."""
    low, high = np.maximum(inks[:, :2].min(axis=0), box[:2]), np.minimum(inks[:, 2:].max(axis=0), box[2:])
    scale = float(min(scale, _MOST_PIXELS / max(*(high - low), 1.0)))
    left, top = int((low[0] - box[0]) * scale), int((box[3] - high[1]) * scale)
    width, height = (int(size) + 2 for size in (high - low) * scale)
    view = View(left, top, width, height, scale)
    return view, _places_in(inks, box, view)


def _places_in(boxes: Numbers, box: Box, view: View) -> Places:
    """Convert boxes of a page to pixels of a view; each has at least one pixel."""
    ends = np.stack([boxes[:, 0] - box[0], box[3] - boxes[:, 3], boxes[:, 2] - box[0], box[3] - boxes[:, 1]], axis=1)
    places: Places = np.rint(ends * view.scale).astype(np.int64) - np.array([view.left, view.top] * 2)
    places = places.clip(0, np.array([view.width, view.height] * 2))
    places[:, :2] = np.minimum(places[:, :2], [view.width - 1, view.height - 1])
    places[:, 2:] = np.maximum(places[:, 2:], places[:, :2] + 1)
    return places


def _picture(page: Any, box: Box, view: View) -> Pixels:
    """Render a part of a page without its rotation: blue, green, red and an unused byte for each pixel."""
    pixels = np.full((view.height, view.width, 4), _OPAQUE, dtype=np.uint8)
    buffer = pixels.ctypes.data_as(ctypes.c_void_p)
    bitmap = pdfium.FPDFBitmap_CreateEx(view.width, view.height, pdfium.FPDFBitmap_BGRx, buffer, view.width * 4)
    turned_back = (4 - pdfium.FPDFPage_GetRotation(page)) % 4
    size = (round((box[2] - box[0]) * view.scale), round((box[3] - box[1]) * view.scale))
    placed = (-view.left, -view.top, *size, turned_back, pdfium.FPDF_ANNOT)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, *placed)
    if page.formenv:  # form fields are drawn separately
        pdfium.FPDF_FFLDraw(page.formenv, bitmap, page, *placed)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return pixels


def _switch(handles: Iterable[Any], *, on: bool) -> None:
    for handle in handles:
        pdfium.FPDFPageObj_SetIsActive(handle, on)


def _differs(first: Pixels, second: Pixels) -> Flags:
    """Whether each pixel is visibly brighter or darker."""
    apart: Pixels = np.maximum(first, second) - np.minimum(first, second)
    changed = np.flatnonzero(apart.view(np.uint32) & _CHANGED)  # only a few
    flags = np.zeros(apart.shape[0] * apart.shape[1], dtype=bool)
    flags[changed] = apart.reshape(-1, 4)[changed] @ _BRIGHTNESS >= _CONTRAST
    return flags.reshape(apart.shape[:2])


def _letters_on(places: Places, owners: Places, view: View) -> npt.NDArray[np.int32]:
    """Count the letters to which each pixel may belong; letters of one object at the same position count once."""
    steps = np.zeros((view.height + 1, view.width + 1), dtype=np.int32)
    _, x0, y0, x1, y1 = np.unique(np.column_stack([owners, places]), axis=0).T
    for x, y, step in ((x0, y0, 1), (x1, y0, -1), (x0, y1, -1), (x1, y1, 1)):
        np.add.at(steps, (y, x), step)
    return steps.cumsum(axis=0).cumsum(axis=1)[:-1, :-1]


def _count_in(flags: Flags, places: Places) -> Places:
    """Count the flagged pixels of each place."""
    sums = np.zeros((flags.shape[0] + 1, flags.shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = flags.cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    x0, y0, x1, y1 = places.T
    counts: Places = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return counts


def _are_spanned(flags: Flags, places: Places) -> Flags:
    """Whether flagged pixels span enough of each place's height and width; a letter cut to a hairline is unreadable."""
    spanned = []
    for x0, y0, x1, y1 in places.tolist():
        reached = [np.flatnonzero(flags[y0:y1, x0:x1].any(axis=axis)) for axis in (1, 0)]
        sizes = (y1 - y0, x1 - x0)
        spanned.append(
            all(len(span) and span[-1] - span[0] + 1 >= _READ * size for span, size in zip(reached, sizes, strict=True))
        )
    return np.array(spanned, dtype=bool)


def _color_in(picture: Pixels, places: Places) -> tuple[int, int, int]:
    """Return the median red, green and blue of the places of a text object."""
    blue, green, red = np.median(_pixels_in(picture, places), axis=0).tolist()
    return int(red), int(green), int(blue)


def _color_apart_from(picture: Pixels, places: Places) -> tuple[int, int, int, int]:
    """Return opaque black, white or gray, the one that differs most from the picture in places."""
    brightness = _pixels_in(picture, places) @ _BRIGHTNESS[:3]
    least = {gray: np.minimum(np.abs(brightness - gray), _OPAQUE // 3).mean() for gray in (0, _OPAQUE // 2, _OPAQUE)}
    gray = max(least, key=lambda each: least[each])
    return gray, gray, gray, _OPAQUE


def _pixels_in(picture: Pixels, places: Places) -> Pixels:
    """Return the blue, green and red of the pixels in places, one pixel per row."""
    return np.concatenate([picture[y0:y1, x0:x1, :3].reshape(-1, 3) for x0, y0, x1, y1 in places.tolist()])


def _sizes(glyphs: Glyphs) -> list[float]:
    """Return the letter size of each object; for tiny font sizes, the drawn height counts."""
    sizes = [min(each.size, each.across) for each in glyphs.objects]
    heights = (glyphs.inks[:, 2:] - glyphs.inks[:, :2]).min(axis=1).tolist()
    for owner, height in zip(glyphs.owners, heights, strict=True):
        if glyphs.objects[owner].size < LEAST_SIZE:
            sizes[owner] = max(sizes[owner], height)
    return sizes


def _ink_of(text: TextObject) -> tuple[int, int, int, int]:
    """Return red, green, blue and opacity of a text object, or of its outline if only that is painted."""
    read = pdfium.FPDFPageObj_GetStrokeColor if text.mode in _OUTLINE_ONLY else pdfium.FPDFPageObj_GetFillColor
    parts = [ctypes.c_uint() for _ in range(4)]
    read(text.handle, *parts)
    red, green, blue, opacity = (part.value for part in parts)
    return red, green, blue, opacity


def _paint(text: TextObject, color: Sequence[int]) -> None:
    """Paint a text object, or its outline if only that is painted, in a color."""
    paint = pdfium.FPDFPageObj_SetStrokeColor if text.mode in _OUTLINE_ONLY else pdfium.FPDFPageObj_SetFillColor
    paint(text.handle, *color)


def _may_lack_glyph(text: TextObject, letter: str) -> bool:
    """Whether a letter may have no glyph: its font is not embedded, and substitute fonts have only Latin letters."""
    return ord(letter) > _LAST_LATIN and pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(text.handle)) == 0


def _reason(text: TextObject, ink: Sequence[int], background: Sequence[int], *, by_color: bool) -> str:
    """Return why letters on the page are hidden."""
    if text.mode in _UNPAINTED:
        return NOT_PAINTED
    if by_color and ink[3] < _CONTRAST:
        return TRANSPARENT
    if by_color:
        return WHITE_ON_WHITE if min(*ink[:3], *background) == _OPAQUE else BACKGROUND_COLOR
    return HIDDEN_LAYER if _is_in_layer(text.handle) else COVERED


def _is_in_layer(handle: Any) -> bool:
    """Whether text belongs to a layer."""
    for place in range(pdfium.FPDFPageObj_CountMarks(handle)):
        name, length = (ctypes.c_ushort * 8)(), ctypes.c_ulong()
        mark = pdfium.FPDFPageObj_GetMark(handle, place)
        pdfium.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), length)
        if bytes(name)[: length.value].decode("utf-16-le").rstrip("\0") == "OC":
            return True
    return False
