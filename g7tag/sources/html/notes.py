"""Detect note marks, notes and back links among the links and superscripts of a page."""

import re
from itertools import islice
from typing import Any, NamedTuple

from lxml import etree

from g7tag.sources.html.pages import Element

_NUMBERS = re.compile(r"[\[(]?[0-9]{1,5}(?:[\s,;–()\[\]-]+[0-9]{1,5})*[\])]?")
_EXPONENT = re.compile(r"[+−–-][0-9]{1,3}")
_LONGEST_MARK = 80  # characters of a list of marks
_MOST_PIECES = 40  # pieces of text in a mark
_NOTE_NAME = re.compile(r"note|cite|ftn|edn|fn", re.I)
_MARK_CLASSES = frozenset({
    "footnote-ref", "footnoteref", "footnote-reference", "noteref", "note-ref", "endnote-ref", "reference",
    "msofootnotereference", "msoendnotereference", "sdfootnoteanc", "sdendnoteanc",
})  # fmt: skip
_MARK_ROLES = frozenset({"doc-noteref", "noteref"})
_BACK_CLASSES = frozenset({
    "footnote-back", "footnote-backref", "backref", "back-link", "backlink", "reversefootnote",
})  # fmt: skip
_BACK_ROLES = frozenset({"doc-backlink", "backlink"})
_NOTE_CLASSES = frozenset({
    "footnotes", "endnotes", "footnote", "endnote", "references", "footnote-list",
})  # fmt: skip
_NOTE_ROLES = frozenset({
    "doc-footnote", "doc-endnote", "doc-endnotes", "doc-footnotes", "footnote", "endnote", "footnotes", "endnotes",
    "rearnote", "rearnotes",
})  # fmt: skip
_ARROWS = re.compile(r"(?:[↩↑↵⏎⇑⇧⬆▲^]\ufe0e?\ufe0f?|back|return)", re.I)


class Notes(NamedTuple):
    """Number of each note by the link target of its mark."""

    numbers: dict[str, str]

    def number_at(self, element: Element) -> str:
        """Return the number of the note that starts at an element, or ""."""
        return next((self.numbers[name] for name in _anchors(element) if name in self.numbers), "")


def read_notes(root: Element) -> Notes:
    """Return the notes to which the marks of a page link; a mark is before its note, a back link after it."""
    places: dict[str, int] = {}
    marks: list[tuple[int, str, str]] = []
    for place, element in enumerate(root.iter(etree.Element)):
        for name in _anchors(element):
            places.setdefault(name, place)
        target = _target(element)
        if target and is_mark(element):
            digits = re.findall(r"[0-9]+", _short_text(element) or "")
            if len(digits) == 1:
                marks.append((place, target, digits[0]))
    numbers: dict[str, str] = {}
    for place, target, number in marks:
        if places.get(target, -1) > place:
            numbers.setdefault(target, number)
    return Notes(numbers)


def is_mark(element: Element, *, raised: bool = False) -> bool:
    """Return whether an element is a superscript number, or a link from or to a note."""
    raised = raised or element.tag == "sup"
    target = _target(element)
    named = _words(element, "class") & _MARK_CLASSES or _roles(element) & _MARK_ROLES
    if not (raised or target or named):
        return False
    text = _short_text(element)
    if text is None or not (_NUMBERS.fullmatch(text) or (raised and _EXPONENT.fullmatch(text))):
        return False
    return bool(raised or named or text[0] in "[(" or _NOTE_NAME.search(target) or _is_in_sup(element))


def is_link_back(element: Element) -> bool:
    """Return whether an element is a back link from a note to its mark, which is not part of the note's text."""
    if element.tag != "a" or not (element.get("href") or "").startswith("#"):
        return False
    text = _short_text(element)
    if text is None or re.match(r"[\[(]?[0-9]", text):
        return False
    named = _words(element, "class") & _BACK_CLASSES or _roles(element) & _BACK_ROLES
    return bool(named or _ARROWS.fullmatch(text))


def holds_notes(element: Element) -> bool:
    """Return whether an element is marked as a note or a list of notes."""
    return bool(_words(element, "class") & _NOTE_CLASSES or _roles(element) & _NOTE_ROLES)


def link_of(element: Element) -> str:
    """Return the target of a link, or "" if the element is not a link."""
    return (element.get("href") or "") if element.tag == "a" else ""


def _target(element: Element) -> str:
    """Return the fragment to which a link, or the link in a superscript number, points."""
    link = element.find("a") if element.tag == "sup" else element
    return link_of(link).partition("#")[2].lower() if link is not None else ""


def _anchors(element: Element) -> list[str]:
    """Return the names of an element to which a link may lead, in lower case."""
    return [name.lower() for name in (element.get("id"), element.get("name")) if name]


def _short_text(element: Element) -> str | None:
    """Return an element's text, or None if it is empty or too long for a mark."""
    pieces: list[Any] = list(islice(element.itertext(), _MOST_PIECES + 1))
    text = "".join(pieces).strip() if len(pieces) <= _MOST_PIECES else ""
    return text if 0 < len(text) <= _LONGEST_MARK else None


def _is_in_sup(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "sup"


def _words(element: Element, attribute: str) -> set[str]:
    return set((element.get(attribute) or "").lower().split())


def _roles(element: Element) -> set[str]:
    return _words(element, "role") | _words(element, "epub:type")
