"""Names and values of the elements of a Word document, and which of them are visible."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_PREFIXES = {
    _WORD: "w",
    _STRICT: "w",  # a "Strict Open XML document" in Word
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp",
    "urn:schemas-microsoft-com:vml": "v",
}
_UNSEEN = {
    "w:del", "w:moveFrom", "w:delText", "w:instrText", "w:delInstrText", "w:pPr", "w:rPr", "w:tblPr", "w:tblPrEx",
    "w:tblGrid", "w:trPr", "w:tcPr", "w:sectPr", "w:sdtPr", "w:sdtEndPr", "w:rubyPr", "w:ffData",
}  # fmt: skip
"""Deleted text, field codes and properties. Insertions and moves are treated as accepted."""
_SHOWN = {"w:t", "w:sym", "w:tab", "w:br", "w:footnoteReference", "w:endnoteReference", "m:t", "a:t"}
_OFF = {"0", "false", "off"}
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")


@lru_cache(maxsize=4096)
def _short(tag: str) -> str:
    space, _, name = tag[1:].rpartition("}")
    return f"{_PREFIXES.get(space, '')}:{name}"


def kind(element: Element) -> str:
    """Return the element's name with the usual prefix, or without a prefix if the namespace is not used here."""
    return _short(str(element.tag))


def value(element: Element | None, name: str = "val") -> str:
    """Return a Word attribute, or "" if the element or the attribute is missing."""
    if element is None:
        return ""
    found = element.get(f"{{{_WORD}}}{name}")
    return (element.get(f"{{{_STRICT}}}{name}", "") if found is None else found).strip()


def number(text: str, default: int) -> int:
    """Return the integer in an attribute, or the default if it is not an integer."""
    return int(text) if _NUMBER.fullmatch(text) else default


def is_on(element: Element | None) -> bool:
    """Return whether a toggle property is on: it exists, and its value does not turn it off."""
    return element is not None and value(element).lower() not in _OFF


def child(element: Element | None, *path: str) -> Element | None:
    """Return the first child of a kind, or follow a path of kinds; None if there is none."""
    for name in path:
        element = next((found for found in element if kind(found) == name), None) if element is not None else None
    return element


def seen_children(element: Element) -> Iterator[Element]:
    """Yield the children that may be visible; of alternatives, the children of the first with text."""
    for each in element:
        name = kind(each)
        if name == "mc:AlternateContent":
            branch = next((branch for branch in each if _holds_text(branch)), None)
            if branch is not None:
                yield from seen_children(branch)
        elif name not in _UNSEEN:
            yield each


def within(element: Element, *names: str) -> Iterator[Element]:
    """Yield the outermost visible elements of some kinds, at any depth."""
    for each in seen_children(element):
        if kind(each) in names:
            yield each
        else:
            yield from within(each, *names)


def text_of(element: Element) -> str:
    """Return all text in an element."""
    return "".join(str(piece) for piece in element.itertext())


def _holds_text(element: Element) -> bool:
    return any(kind(each) in _SHOWN for each in element.iter("*"))
