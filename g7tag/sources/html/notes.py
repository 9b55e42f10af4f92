"""Find the notes of a page: where links with raised or bracketed numbers lead to."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from g7tag.sources.html.pages import Element
from g7tag.sources.html.styles import Styles

_NUMBERS = re.compile(r"[\[(]?[0-9]{1,5}(?:[\s,;–()\[\]-]+[0-9]{1,5})*[\])]?")
_EXPONENT = re.compile(r"[+−–-][0-9]{1,3}")
_LONGEST_MARK = 80  # characters of a list of marks
_MOST_PIECES = 40  # pieces of text in a mark
_NAME = re.compile(r"note|cite|ftn|edn|fn", re.IGNORECASE)
"""Part of the target, class or role of a link that leads from or to a note."""
_RAISED = {"super", "text-top"}
_BACK = re.compile(r"\S{1,7}")
_ARROW = re.compile(r"[↩↑↵⏎⇑⇧⬆▲^]\ufe0e?\ufe0f?")


class Notes:
    """The notes of a page: `numbers` by the target of their marks, and `back`, to which links in notes lead."""

    def __init__(self, root: Element, styles: Styles) -> None:
        self._styles = styles
        places: dict[str, int] = {}
        marks: dict[str, list[tuple[int, Element]]] = defaultdict(list)
        for place, element in enumerate(root.iter(etree.Element)):
            for name in _anchors(element):
                places.setdefault(name, place)
            if target_of(element) and self.is_mark(element):
                marks[target_of(element)].append((place, element))
        self.numbers: dict[str, int] = {}
        self.back: set[str] = set()
        for target, found in marks.items():
            numbers = {"".join(element.itertext()).strip("[]() \n") for _, element in found}
            place, _ = found[0]
            if len(numbers) == 1 and next(iter(numbers)).isdecimal() and places.get(target, -1) > place:
                self.numbers[target] = int(numbers.pop())
                self.back.update(name for _, mark in found for each in _around(mark) for name in _anchors(each))

    def number_at(self, element: Element) -> int:
        """Return the number of the note that starts at an element, or 0."""
        return next((self.numbers[name] for name in _anchors(element) if name in self.numbers), 0)

    def is_mark(self, element: Element) -> bool:
        """Return whether an element is a raised number, or a link with the number of a note."""
        target, near = target_of(element), (element, element.getparent(), next(iter(element), None))
        is_raised = any(self._styles.of(each).get("vertical-align") in _RAISED for each in near)
        if not is_raised and not target:
            return False
        text = _short_text(element)
        if not _NUMBERS.fullmatch(text) and not (is_raised and _EXPONENT.fullmatch(text)):
            return False
        names = f"{target} {element.get('class')} {element.get('role')}"
        return is_raised or text[0] in "[(" or bool(_NAME.search(names))

    def leads_back(self, element: Element) -> bool:
        """Return whether an element is a link from a note to its mark, which is not part of the note's text."""
        target = target_of(element)
        back = _BACK if target in self.back else _ARROW
        return target != "" and back.fullmatch(_short_text(element)) is not None


def target_of(element: Element) -> str:
    """Return the place of a page to which a link leads, in lower case, or ""."""
    return (element.get("href") or "").partition("#")[2].lower() if element.tag == "a" else ""


def _anchors(element: Element) -> list[str]:
    """Return the names of an element to which a link may lead, in lower case."""
    return [name.lower() for name in (element.get("id"), element.get("name")) if name]


def _around(mark: Element) -> Iterator[Element]:
    """Yield a mark and the elements around it that may be the place to which its note leads back."""
    yield from mark.iter(etree.Element)
    before, above = mark.getprevious(), mark.getparent()
    yield from [before] if before is not None and before.tag == "a" else []
    yield from [above] if above is not None and above.tag in {"sup", "span"} else []


def _short_text(element: Element) -> str:
    """Return an element's text, or "" if it is too long for a mark."""
    text = "".join(islice(element.itertext(), _MOST_PIECES)).strip()
    return text if len(text) <= _LONGEST_MARK else ""
