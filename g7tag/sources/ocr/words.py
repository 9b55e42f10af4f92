"""Read what Tesseract recognized on a page: words with their letters, in hOCR."""

import re
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

from lxml import etree

_LINES = frozenset({"ocr_line", "ocr_header", "ocr_textfloat", "ocr_caption"})
_LOW = frozenset("aceimnorsuvwxz")  # letters without ascender and descender
_HIGH = frozenset("ABCDEFGHIJKLMNOPRSTUVWXYZbdfhklt0123456789")  # letters as high as capitals
_FEWEST = 4  # low letters
_CAPITAL = 0.68  # height of a low letter, of a capital's
_NUMBERS = re.compile(r"\b(x_bboxes|bbox|x_wconf|scan_res) (-?\d+(?:\.\d+)?(?: -?\d+(?:\.\d+)?)*)")


class Box(NamedTuple):
    """A box in pixels from the upper left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float


class Word(NamedTuple):
    """A recognized word: its letters with their boxes, and Tesseract's confidence (0 to 100)."""

    letters: list[tuple[str, Box]]
    box: Box
    confidence: float

    @property
    def text(self) -> str:
        """The word's text."""
        return "".join(letter for letter, _ in self.letters)


class TextLine(NamedTuple):
    """A recognized line: its words, the height of a low letter such as x, and its baseline, in pixels from the top."""

    words: list[Word]
    height: float
    base: float
    measured: bool


class Recognized(NamedTuple):
    """A recognized page: its lines, its height in pixels, and its pixels per inch (0 if unknown)."""

    lines: list[TextLine]
    height: float
    resolution: float


def read_words(content: bytes) -> Recognized:
    """Read the lines of a page from hOCR with the boxes of letters; a page without text has no lines."""
    parser: Any = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=True)
    try:
        root: Any = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:  # nothing to parse
        root = None
    if root is None:
        return Recognized([], 0.0, 0.0)
    numbers = [_numbers(each) for each in root.iter() if each.get("class") == "ocr_page"]
    resolution = next((each["scan_res"][0] for each in numbers if "scan_res" in each), 0.0)
    height = next((each["bbox"][3] for each in numbers if len(each.get("bbox", ())) == 4), 0.0)
    lines = [list(_words(each)) for each in root.iter() if each.get("class") in _LINES]
    return Recognized([_measured(words) for words in lines if words], height, resolution)


def _words(line: Any) -> Iterator[Word]:
    for element in line.iter():
        if element.get("class") != "ocrx_word":
            continue
        letters = [
            (each.text or "", Box(*_numbers(each)["x_bboxes"][:4]))
            for each in element.iter()
            if each.get("class") == "ocrx_cinfo" and len(_numbers(each).get("x_bboxes", ())) >= 4
        ]
        own = _numbers(element)
        if letters and "bbox" in own and "".join(letter for letter, _ in letters).strip():
            yield Word(letters, Box(*own["bbox"][:4]), own.get("x_wconf", [0.0])[0])


def _numbers(element: Any) -> dict[str, list[float]]:
    """Return the numbers in the title of an element, by name."""
    found = _NUMBERS.findall(element.get("title") or "")
    return {name: [float(each) for each in numbers.split()] for name, numbers in found}


def _measured(words: list[Word]) -> TextLine:
    """Return a line with the height of its low letters and its baseline."""
    letters = [each for word in words for each in word.letters]
    low = [box.bottom - box.top for letter, box in letters if letter in _LOW]
    high = [box.bottom - box.top for letter, box in letters if letter in _HIGH]
    whole = median(box.bottom - box.top for _, box in letters)
    height = median(low) if low else _CAPITAL * median(high) if high else _CAPITAL * whole
    standing = [box.bottom for letter, box in letters if letter in _LOW or letter in _HIGH]
    base = median(standing or [box.bottom for _, box in letters])
    return TextLine(words, height, base, len(low) >= _FEWEST)
