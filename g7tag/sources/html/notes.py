"""Find the notes of a page, and set its text as paragraphs with the marks of notes behind words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import NamedTuple

from lxml import etree

from g7tag.sources.blocks import Run
from g7tag.sources.headings import CLOSING_LINE, HEADINGS, MEMBER_HEADING, NAME, OPENS, SCORE
from g7tag.sources.html.styles import Element, Styles
from g7tag.sources.marks import SUPERSCRIPTS, superscript

_NUMBERS = re.compile(r"[\[(]?[0-9]{1,5}(?:[\s,;–()\[\]-]+[0-9]{1,5})*[\])]?")
_EXPONENT = re.compile(r"[+−–-][0-9]{1,3}")
_LONGEST_MARK = 80  # characters of a list of marks, and pieces of text in it
_NAME = re.compile(r"note|cite|ftn|edn|fn", re.IGNORECASE)
"""Part of the target, class or role of a link that leads from or to a note."""
_RAISED = {"super", "text-top"}
_BACK = re.compile(r"\S{1,7}")
_ARROW = re.compile(r"[↩↑↵⏎⇑⇧⬆▲^]\ufe0e?\ufe0f?")
_SIGNS = str.maketrans({"-": "⁻", "−": "⁻", "–": "⁻", "+": "⁺"})
_ALONE = re.compile(
    rf"{NAME}:? *{SCORE}(?:\.0+)?|{MEMBER_HEADING.pattern}"
    rf"|(?i:{'|'.join(HEADINGS)}) *:?|{CLOSING_LINE.pattern}.*|.*\t.*"
)
"""Lines that are separate blocks: a member's heading or row, a heading of the chapter, a closing line."""
_STARTS = re.compile(rf"{OPENS.pattern}|[{SUPERSCRIPTS}]|\d{{1,3}}[.)] |[•·] ?")
"""Lines that start a block: an item, a note, a list item, a conclusion."""


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
        is_raised = any(self._styles.of[each].get("vertical-align") in _RAISED for each in near)
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
    """Return an element's text, cut where it is too long for a mark."""
    return "".join(islice(element.itertext(), _LONGEST_MARK)).strip()[: _LONGEST_MARK + 1]


class Piece(NamedTuple):
    """A piece of text in a line. A raised number has the target of its link, or "", and its note."""

    text: str
    hidden: str = ""
    mark: str | None = None
    note: int = 0


def paragraphs(lines: Iterable[Iterable[Piece]]) -> Iterator[list[Run]]:
    """Yield the paragraphs of a block; an empty line, or one that stands for itself, ends a paragraph."""
    joined: list[Run] = []
    alone = False
    for runs in map(_tidy, lines):
        seen = seen_in(runs)
        is_alone = bool(_ALONE.fullmatch(seen.rstrip(SUPERSCRIPTS)))
        if joined and (alone or is_alone or not runs or _STARTS.match(seen)):
            yield joined
            joined = []
        joined += [Run(" "), *runs] if joined else runs
        alone = is_alone
    if joined:
        yield joined


def seen_in(runs: Iterable[Run]) -> str:
    """Return the visible text of runs, without the numbers of notes."""
    return "".join(run.text for run in runs if not run.hidden and not run.notes).strip()


def _tidy(pieces: Iterable[Piece]) -> list[Run]:
    """Return the runs of a line, or [] if it is empty; visible text reads as if there were no hidden text."""
    runs: list[Run] = []
    last, space = -1, False  # the place of the last visible run, and whether there is space after it
    for (hidden, mark), group in groupby(pieces, lambda piece: (piece.hidden, piece.mark)):
        same = list(group)
        text = re.sub(" +", " ", "".join(piece.text for piece in same))
        text = text.lstrip("\t ") if last < 0 else text
        run = Run(text.strip(" "), hidden) if mark is None else _mark(text, hidden, same[0].note)
        if not run.text or hidden:
            space = space or (not hidden and mark is None and bool(text))
            runs.append(run)
            continue
        before = runs[last] if last >= 0 else Run("")
        if mark is None and before.text and (space or text[0] == " " or _is_number_of(before, last, run)):
            run = run._replace(text=f" {run.text}")
        elif mark is not None and _is_mark(before) and bool(before.notes) == bool(run.notes):
            run = run._replace(text=f"{before.text},{run.text}", notes=before.notes + run.notes)
            runs[last] = Run("")
        elif mark is not None and last >= 0:
            runs[last] = before._replace(text=before.text.rstrip("\xa0"))
        runs.append(run)
        last, space = len(runs) - 1, mark is None and text[-1] == " "
    runs[last:] = [run._replace(text=run.text.rstrip("\t")) for run in runs[last:]]
    return [run for run in runs if run.text] if any(run.text.strip() for run in runs) else []


def _mark(text: str, hidden: str, note: int) -> Run:
    """Return the run of a mark: the number of its note, or raised digits with commas between numbers."""
    if note and not hidden:
        return Run(str(note), notes=(note,))
    text = re.sub(r"(?<=\d) (?=\d)", ", ", re.sub(r"[\[\]()]", "", text).strip())
    is_exponent = re.fullmatch(r"[+−–-]\d+", text)
    return Run(superscript(text.translate(_SIGNS) if is_exponent else text.strip(" ,;–-")), hidden)


def _is_mark(run: Run) -> bool:
    return bool(run.notes) or (run.text != "" and run.text[-1] in SUPERSCRIPTS)


def _is_number_of(number: Run, place: int, run: Run) -> bool:
    """Whether the first run of a line is only a raised number, and a word follows."""
    return place == 0 and not number.text.strip(SUPERSCRIPTS) and run.text[0].isalnum()
