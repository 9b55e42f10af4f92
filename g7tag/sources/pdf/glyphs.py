"""The characters and images of a page as PDFium reads them; those without which it looks the same are hidden."""

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
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
NOT_PAINTED = "not painted"
OFF_THE_PAGE = "off the page"
TRANSPARENT = "transparent"
WHITE_ON_WHITE = "white on white"
BACKGROUND_COLOR = "same color as its background"
COVERED = "covered, clipped or in a hidden layer"
NO_GLYPH = "in a font that is not embedded"
LEAST_SIZE = 2.0
"""Size in points; smaller text is unreadable."""
SMALL = f"under {LEAST_SIZE:g} pt"
_UNPAINTED, _OUTLINE_ONLY = (3, 7), (1, 5)  # text render modes
_LAST_LATIN = 0x24F
_COARSE, _FINE = 1.0, 4.0  # pixels per point: for the whole page, and for text that is not clearly visible in it
_LARGE = 48  # pixels: largest width or height of a letter that is looked at in detail
_MOST_PIXELS = 4_000  # largest width or height of an image
_CONTRAST = 13  # of 255: smaller differences in brightness are not visible
_BRIGHTNESS = np.array([0.11, 0.59, 0.3, 0.0])  # weights of blue, green, red and the unused byte of a pixel
_GREEN = 1  # place of the channel that most of the brightness comes from
_CONTRAST_OF_GREEN = 23  # 0.59 of which are more than the contrast
_OPAQUE = 255
_STRIKING = (255, 0, 255, _OPAQUE)  # red, green, blue and opacity of a color that backgrounds rarely have
_PLAIN = 0.3  # of a letter's box that must look different without it if the letter is clearly visible
_READ = 0.6  # of a letter's ink and height that must be visible to read it
_MOST = 0.5  # of the letters of a recognized text object that must have marks of the scan in their place
_NEARBY = np.array([-1.0, -1.0, 1.0, 1.0])  # points around a recognized letter, since its place is not exact
_STAMP = 0.2  # of a scan's characters: largest share of visible ones
_BIG = 0.005  # of the page: larger letters, such as those of a watermark, are checked separately

Pixels = npt.NDArray[np.uint8]
"""Blue, green, red and an unused byte of each pixel, one pixel per row."""


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


class View(NamedTuple):
    """The rendered part of a page: its position and its size, in pixels (`scale` pixels per point)."""

    left: int
    top: int
    width: int
    height: int
    scale: float
    around: tuple[float, ...]  # points of the page left, below, right and above


class Spots(NamedTuple):
    """The pixels of letters: sizes of the letters' boxes in pixels, and for each pixel its letter and its place."""

    widths: Places
    heights: Places
    letters: Places
    places: Places

    def counts(self, flags: Flags) -> Places:
        """Return the number of flagged pixels of each letter."""
        return np.bincount(self.letters[flags], minlength=len(self.widths))

    def ranges(self, values: npt.NDArray[Any], flags: Flags) -> Numbers:
        """Return the largest difference of the values of flagged pixels of each letter; -inf if there are none."""
        low, high = np.full(len(self.widths), np.inf), np.full(len(self.widths), -np.inf)
        np.minimum.at(low, self.letters[flags], values[flags])
        np.maximum.at(high, self.letters[flags], values[flags])
        ranges: Numbers = high - low
        return ranges


def why_hidden(page: Any, glyphs: Glyphs) -> list[str]:
    """Return why each character is hidden, or "" if it is visible."""
    box, owners, inked = np.array(page.get_bbox()), glyphs.owners, glyphs.inked
    on_page = (glyphs.inks[:, :2] < box[2:]).all(axis=1) & (glyphs.inks[:, 2:] > box[:2]).all(axis=1)
    reasons = np.where(on_page, "", OFF_THE_PAGE).astype(object)
    rows = np.flatnonzero(inked & on_page)
    doubtful = rows[~_are_clearly_visible(page, glyphs, rows)] if rows.size else rows
    for owner in np.unique(owners[doubtful]).tolist():
        own = rows[owners[rows] == owner]
        reasons[own] = _why_hidden(page, glyphs, owner, own)
    reasons[_are_small(glyphs)] = SMALL
    last = np.maximum.accumulate(np.where(inked, np.arange(len(inked)), 0))  # a space is like the letter before it
    hidden: list[str] = reasons[last].tolist()
    return hidden


def are_recognized(page: Any, glyphs: Glyphs, hidden: Sequence[str]) -> Flags:
    """Whether each character of a scan is recognized text: unseen, in a place where the scan shows something."""
    reasons = np.array(hidden, dtype=object)
    unseen: Flags = (reasons == NOT_PAINTED) | (reasons == COVERED)
    if (reasons[glyphs.inked] == "").sum() >= _STAMP * glyphs.inked.sum():
        return np.zeros(len(reasons), dtype=bool)
    view = _view_of(page, np.array(page.get_bbox())[None], _COARSE)
    spots = _spots_in(page, glyphs.inks + _NEARBY, view)
    brightness = (_draw(page, view) @ _BRIGHTNESS)[spots.places]
    marked = spots.ranges(brightness, np.ones(len(brightness), dtype=bool)) >= _CONTRAST
    inked = glyphs.owners[glyphs.inked], glyphs.owners[glyphs.inked & marked]
    counts, marks = (np.bincount(owners, minlength=len(glyphs.objects)) for owners in inked)
    return unseen & (marks > _MOST * counts)[glyphs.owners]


def _are_clearly_visible(page: Any, glyphs: Glyphs, rows: Places) -> Flags:
    """Whether the page looks different without each letter, in areas without other letters."""
    owners, inks, box = glyphs.owners[rows], glyphs.inks[rows], np.array(page.get_bbox())
    areas = (inks[:, 2:] - inks[:, :2]).prod(axis=1)
    big = np.isin(owners, owners[areas > _BIG * (box[2:] - box[:2]).prod()])
    owners, inks, kept = owners[~big], inks[~big], set(owners[big].tolist())
    view = _view_of(page, glyphs.inks[rows], _COARSE)
    spots = _spots_in(page, inks, view)
    whole = _draw(page, view)[:, _GREEN]
    texts = [each.handle for owner, each in enumerate(glyphs.objects) if owner not in kept] + glyphs.copies
    _switch(texts, on=False)
    bare = _draw(page, view)[:, _GREEN]
    _switch(texts, on=True)
    first = np.ones(len(inks), dtype=bool)  # the letters of a ligature have one place
    first[1:] = (inks[1:] != inks[:-1]).any(axis=1) | (owners[1:] != owners[:-1])
    letters_on = np.bincount(spots.places[first[spots.letters]], minlength=view.width * view.height)
    differs = np.maximum(whole, bare) - np.minimum(whole, bare) >= _CONTRAST_OF_GREEN
    alone = differs[spots.places] & (letters_on[spots.places] == 1)
    visible = np.zeros(len(rows), dtype=bool)
    visible[~big] = spots.counts(alone) >= _PLAIN * spots.widths * spots.heights
    return visible


def _why_hidden(page: Any, glyphs: Glyphs, owner: int, rows: Places) -> list[str]:
    """Return why each letter of a text object is hidden, or ""."""
    text, inks = glyphs.objects[owner], glyphs.inks[rows]
    mode = pdfium.FPDFTextObj_GetTextRenderMode(text.handle)
    if mode in _UNPAINTED and not glyphs.copies:
        return [NOT_PAINTED] * len(rows)
    view = _view_of(page, inks, min(_FINE, _LARGE / max((inks[:, 2:] - inks[:, :2]).max(), 1)))
    spots = _spots_in(page, inks, view)
    color = _color_of(text, mode)
    whole = _draw(page, view)
    _switch([text.handle, *glyphs.copies], on=False)
    without = _draw(page, view)
    _switch([text.handle], on=True)
    paint = pdfium.FPDFPageObj_SetStrokeColor if mode in _OUTLINE_ONLY else pdfium.FPDFPageObj_SetFillColor
    paint(text.handle, *_STRIKING)
    painted = _draw(page, view)
    paint(text.handle, *color)
    _switch(glyphs.copies, on=True)
    seen = _differs(whole, without)[spots.places]
    counts = spots.counts(seen | _differs(painted, without)[spots.places])
    shares = spots.counts(seen) / np.maximum(counts, 1)
    read = (shares >= _READ) & (spots.ranges(spots.places // view.width, seen) + 1 >= _READ * spots.heights)
    unknown = np.array([_may_lack_glyph(text, glyphs.texts[row]) for row in rows]) & (counts == 0)
    hidden = ~read & ~unknown
    reason = COVERED
    if hidden.any() and np.median(counts[hidden]) > 0 and np.median(shares[hidden]) < _READ:  # hidden by its color
        background = np.median(without[spots.places], axis=0).tolist()[:3]
        reason = WHITE_ON_WHITE if min(*color[:3], *background) == _OPAQUE else BACKGROUND_COLOR
        reason = TRANSPARENT if color[3] < _CONTRAST else reason
    reasons: list[str] = np.where(hidden, reason, np.where(unknown, NO_GLYPH, "")).tolist()
    return reasons


def _view_of(page: Any, boxes: Numbers, scale: float) -> View:
    """Return the part of a page that contains letters."""
    box = np.array(page.get_bbox())
    low, high = np.maximum(boxes[:, :2].min(axis=0), box[:2]), np.minimum(boxes[:, 2:].max(axis=0), box[2:])
    scale = float(min(scale, _MOST_PIXELS / max(*(high - low), 1.0)))
    around = np.maximum(np.concatenate([low - box[:2], box[2:] - high]) - 2 / scale, 0)  # cut at whole pixels outside
    left, bottom, right, top = np.ceil(around * scale).astype(int).tolist()
    size = page.get_size()[:: -1 if page.get_rotation() % 180 else 1]  # PDFium's rounding differs from that of the box
    width, height = (math.ceil(length * scale) for length in size)
    return View(left, top, width - left - right, height - top - bottom, scale, tuple(around.tolist()))


def _spots_in(page: Any, inks: Numbers, view: View) -> Spots:
    """Return the pixels of letters in a view; each letter has at least one."""
    box = np.array(page.get_bbox())
    ends = np.stack([inks[:, 0] - box[0], box[3] - inks[:, 3], inks[:, 2] - box[0], box[3] - inks[:, 1]], axis=1)
    ends = np.rint(ends * view.scale).astype(np.int64) - np.array([view.left, view.top] * 2)
    ends = ends.clip(0, np.array([view.width, view.height] * 2))
    starts = np.minimum(ends[:, :2], [view.width - 1, view.height - 1])
    widths, heights = np.maximum(ends[:, 2:] - starts, 1).T
    areas = widths * heights
    letters = np.repeat(np.arange(len(inks)), areas)
    within = np.arange(len(letters)) - np.repeat(areas.cumsum() - areas, areas)  # the letter
    down, right = np.divmod(within, widths[letters])
    places = (starts[letters, 1] + down) * view.width + starts[letters, 0] + right
    return Spots(widths, heights, letters, places)


def _draw(page: Any, view: View) -> Pixels:
    """Render a part of a page without its rotation."""
    turned_back = -page.get_rotation() % 360
    image = page.render(scale=view.scale, rotation=turned_back, crop=view.around, prefer_bgrx=True)
    pixels: Pixels = image.to_numpy().reshape(-1, 4)
    return pixels


def _switch(handles: Iterable[Any], *, on: bool) -> None:
    for handle in handles:
        pdfium.FPDFPageObj_SetIsActive(handle, on)


def _differs(first: Pixels, second: Pixels) -> Flags:
    """Whether each pixel is visibly brighter or darker."""
    flags: Flags = (np.maximum(first, second) - np.minimum(first, second)) @ _BRIGHTNESS >= _CONTRAST
    return flags


def _are_small(glyphs: Glyphs) -> Flags:
    """Whether each letter is too small to read by its font size and as it is drawn."""
    sizes = np.array([min(each.size, each.across) for each in glyphs.objects])
    heights = (glyphs.inks[:, 2:] - glyphs.inks[:, :2]).min(axis=1)
    tallest = np.zeros(len(sizes))
    np.maximum.at(tallest, glyphs.owners, heights)
    small: Flags = (np.maximum(sizes, tallest) < LEAST_SIZE)[glyphs.owners]
    return small


def _color_of(text: TextObject, mode: int) -> tuple[int, ...]:
    """Return red, green, blue and opacity of a text object, or of its outline if only that is painted."""
    read = pdfium.FPDFPageObj_GetStrokeColor if mode in _OUTLINE_ONLY else pdfium.FPDFPageObj_GetFillColor
    parts = [ctypes.c_uint() for _ in range(4)]
    read(text.handle, *parts)
    return tuple(part.value for part in parts)


def _may_lack_glyph(text: TextObject, letter: str) -> bool:
    """Whether a letter may have no glyph: its font is not embedded, and substitute fonts have only Latin letters."""
    return ord(letter) > _LAST_LATIN and pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(text.handle)) == 0
