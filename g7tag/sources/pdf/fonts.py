"""The fonts of a PDF: codes of shown strings to characters and their widths."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pypdf.generic import DictionaryObject, NameObject
from pypdf.generic._font import Font  # its only reader of encodings, ToUnicode maps and widths

from g7tag.sources.pdf.faults import FAULTS
from g7tag.sources.pdf.geometry import box_of, finite, matrix_of

UNREADABLE = "\ufffd"
"""Stands for a glyph that the file gives no character for."""
_SPACE = 32  # the code of a simple font that word spacing widens
_MOST_FONTS = 64  # that are kept: a report has some ten
_MEASURES = ("/Widths", "/FontDescriptor", "/DescendantFonts")
_UNNAMED = ("/Identity-H", "/Identity-V")  # encodings whose codes are numbers of glyphs, not characters


class Glyph(NamedTuple):
    """What one code shows: its characters, its width (1 is the font's size), and whether it is a word space."""

    text: str
    width: float
    spaces: bool


class FontReader:
    """Reads the strings shown in one font; what a code stands for is looked up once.

    `scale` is how large its letters are for its size: 1 unless it draws them in units of its own. `fault` says what of
    it is broken: its widths, which are guessed then, or all of it, so that its characters are unreadable; else "".
    """

    def __init__(self, resource: DictionaryObject) -> None:
        self._font, self.fault = _read_font(resource)
        self.resource = resource
        self.scale, self._unit = _units(resource)
        self._numbered = resource.get("/Subtype") == "/Type0" and resource.get("/Encoding") in _UNNAMED
        self._known: dict[str, Glyph] = {}

    def glyphs(self, shown: bytes) -> Iterator[Glyph]:
        """Return what a shown string's codes stand for."""
        encoding = self._font.encoding if self._font else {}
        if isinstance(encoding, str):
            codes = shown.decode(encoding, "surrogatepass" if len(shown) % 2 == 0 else "replace")
            named: Mapping[int, str] = {}
        else:
            codes, named = shown.decode("latin-1"), encoding
        for code in codes:
            if code not in self._known:
                self._known[code] = self._glyph(code, named, simple=not isinstance(encoding, str))
            yield self._known[code]

    def _glyph(self, code: str, named: Mapping[int, str], *, simple: bool) -> Glyph:
        font = self._font
        if font is None:
            return Glyph(UNREADABLE, 0.5, spaces=False)
        otherwise = UNREADABLE if self._numbered else named.get(ord(code), code)
        text = font.character_map.get(code if self._numbered else otherwise, otherwise)
        width = font.space_width if code == font.space_char else font.get_text_width(code)
        text = "".join(_legible(each) for each in text) if font.interpretable else UNREADABLE
        return Glyph(text, finite(width) * self._unit, simple and ord(code) == _SPACE)


class Fonts:
    """The fonts of a document, each read when it is first used."""

    def __init__(self) -> None:
        self._read: dict[int, FontReader] = {}

    def find(self, named: Any, name: Any) -> FontReader:
        """Return the font that resources name so; one that they lack is set as viewers do, in Helvetica."""
        font = named.get(name) if isinstance(named, DictionaryObject) else None
        font = font.get_object() if font is not None else None
        resource = font if isinstance(font, DictionaryObject) else _LACKING
        if id(resource) not in self._read:
            if len(self._read) >= _MOST_FONTS:
                self._read.clear()
            self._read[id(resource)] = FontReader(resource)
        return self._read[id(resource)]


_LACKING = DictionaryObject({
    NameObject("/Subtype"): NameObject("/Type1"), NameObject("/BaseFont"): NameObject("/Helvetica"),
    NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
})  # fmt: skip


def _read_font(resource: DictionaryObject) -> tuple[Font | None, str]:
    """A font and what is broken of it; one whose widths are broken is read without them."""
    rest = DictionaryObject({name: value for name, value in resource.items() if name not in _MEASURES})
    for tried, fault in ((resource, ""), (rest, "the widths of a font are damaged, spaces may be wrong")):
        try:
            return Font.from_font_resource(tried), fault
        except FAULTS:
            continue
    return None, "a font is damaged"


def _legible(character: str) -> str:
    """A character as a reader sees it: kinds of white space are spaces, what stands for no letter is unreadable."""
    if character == "\x00":
        return ""
    if character.isspace() and character != "\u00a0":
        return " "
    return UNREADABLE if unicodedata.category(character) in {"Cc", "Cs"} else character


def _units(resource: DictionaryObject) -> tuple[float, float]:
    """How large letters are for a font's size, and the width of a unit: a Type 3 font has a matrix of its own."""
    matrix = resource.get("/FontMatrix")
    if resource.get("/Subtype") != "/Type3" or not isinstance(matrix, list):
        return 1.0, 0.001
    across, _, _, up, _, _ = matrix_of(matrix)
    box = box_of(resource.get("/FontBBox"))
    return abs(up) * (box[3] - box[1] if box else 1000.0), abs(across)
