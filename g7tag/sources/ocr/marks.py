"""Find the raised marks of notes on a scanned page, which OCR takes for other signs, and read their digits again."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from g7tag.sources.ocr.words import Box, TextLine, Word

Ink = npt.NDArray[np.bool_]
_DARK = 160  # of 255: darker pixels are ink
_RAISED = 0.4  # of a low letter's height: least distance of a mark's lower edge above the baseline
_TALL = 0.6  # of a low letter's height: a digit of a mark is taller, a quotation mark is not
_ABOVE, _BELOW = 1.9, 0.4  # times a low letter's height: how far a line reaches from its baseline
_SPECKS = 4  # pixels: less ink is dirt
_LETTERS = frozenset({"st", "nd", "rd", "th", "e", "er", "a", "o", "tm"})
"""Raised letters, such as in 5th."""
_SURE = 80  # of 100: a word with such a confidence is read correctly
_APART = 60  # pixels between marks on a sheet
_ENLARGED = (3, 4, 2)  # times: if one fails, the next is tried
_PARTED = 0.7  # of a low letter's height: a wider gap separates two numbers
_MOST_DIGITS = 5
MOST_ON_A_SHEET = 100
"""Marks that are read at a time; more would make the image too high for Tesseract."""


class Mark(NamedTuple):
    """A raised mark: the places of its line and word on the page, its box, and how many digits it has."""

    line: int
    word: int
    box: Box
    digits: int


def find_marks(lines: Sequence[TextLine], picture: Path) -> list[Mark]:
    """Return the raised marks at the ends of words, and words that are marks as a whole, in reading order."""
    if not lines:
        return []
    with Image.open(picture) as image:
        ink: Ink = np.asarray(image.convert("L")) < _DARK
    marks: list[Mark] = []
    for place, line in enumerate(lines):
        for at, word in enumerate(line.words):
            boxes = _raised(word, line, ink)
            if boxes and not _is_lettered(word, boxes[0].left):
                marks += [Mark(place, at, _around(group), len(group)) for group in _groups(boxes, line.height)]
    return [mark for mark in marks if mark.digits <= _MOST_DIGITS]


def without_mark(word: Word, marks: Sequence[Mark]) -> tuple[str, float]:
    """Return the text of a word before its marks, and where it ends."""
    end = min((mark.box.left for mark in marks), default=word.box.right)
    return "".join(letter for letter, box in word.letters if not marks or (box.left + box.right) / 2 < end), end


def read_marks(marks: Sequence[Mark], picture: Path, folder: Path, read: Callable[[Path], str]) -> list[int | None]:
    """Return the number of each mark, or None where it cannot be read."""
    numbers: list[int | None] = [None] * len(marks)
    tried: list[list[str]] = [[] for _ in marks]
    for times in _ENLARGED:
        left = [place for place, number in enumerate(numbers) if number is None]
        for start in range(0, len(left), MOST_ON_A_SHEET):
            places = left[start : start + MOST_ON_A_SHEET]
            sheet, ends = _sheet([marks[place] for place in places], picture, times)
            path = folder / "marks.png"
            sheet.save(path)
            for place, digits in zip(places, _by_row(read(path), ends), strict=True):
                fits = len(digits) == marks[place].digits
                again = digits in tried[place] and abs(len(digits) - marks[place].digits) <= 1
                numbers[place] = int(digits) if digits and (fits or again) else None
                tried[place].append(digits)
    return numbers


def settle_numbers(numbers: Sequence[int | None]) -> list[int | None]:
    """Return the numbers of successive marks, with those corrected that do not fit the numbers around them."""
    settled = list(numbers)
    for place in range(1, len(settled) - 1):
        before, after = settled[place - 1], settled[place + 1]
        if before is not None and after is not None and after - before == 2:
            settled[place] = before + 1
    last: int | None = None  # place of the last number
    for place, number in enumerate(settled):
        if number is None:
            continue
        first = settled[last] if last is not None else None
        if last is not None and first is not None and number - first == place - last:
            settled[last:place] = range(first, number)
        last = place
    return settled


def supply_numbers(numbers: Sequence[int | None], known: Collection[int]) -> list[int | None]:
    """Return the numbers of successive marks."""
    supplied = list(numbers)
    for step, places in ((1, range(1, len(supplied))), (-1, range(len(supplied) - 2, -1, -1))):
        for place in places:
            beside = supplied[place - step]
            if supplied[place] is None and beside is not None and beside + step in known:
                supplied[place] = beside + step
    return supplied


def _raised(word: Word, line: TextLine, ink: Ink) -> list[Box]:
    """Return the boxes of the raised glyphs at the end of a word, from the first that is as high as a digit."""
    top, bottom = max(0, round(line.base - _ABOVE * line.height)), round(line.base + _BELOW * line.height)
    left, right = max(0, round(word.box.left) - 1), round(word.box.right) + 2
    part = ink[top:bottom, left:right]
    raised: list[Box] = []
    for start, end in reversed(_runs(np.asarray(part.any(axis=0)))):
        rows = np.flatnonzero(part[:, start:end].any(axis=1))
        if int(part[:, start:end].sum()) < _SPECKS:
            continue
        if line.base - (top + int(rows[-1]) + 1) < _RAISED * line.height:
            break
        raised.insert(0, Box(left + start, top + int(rows[0]), left + end, top + int(rows[-1]) + 1))
    tall = [place for place, box in enumerate(raised) if box.bottom - box.top >= _TALL * line.height]
    return raised[tall[0] :] if tall else []  # quotation marks may come before the mark of a note


def _is_lettered(word: Word, left: float) -> bool:
    """Whether the raised end of a word is letters, such as in 5th."""
    text = "".join(letter for letter, box in word.letters if (box.left + box.right) / 2 >= left)
    return text.strip(".,;").lower() in _LETTERS and word.confidence >= _SURE


def _groups(boxes: Sequence[Box], height: float) -> list[list[Box]]:
    """Group the boxes of digits; a comma or a wide gap separates two numbers."""
    groups: list[list[Box]] = [[]]
    for box in boxes:
        low = box.bottom - box.top < _TALL * height
        if low or (groups[-1] and box.left - groups[-1][-1].right > _PARTED * height):
            groups.append([])
        if not low:
            groups[-1].append(box)
    return [group for group in groups if group]


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the start and the end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _sheet(marks: Sequence[Mark], picture: Path, times: int) -> tuple[Image.Image, list[int]]:
    """Return an image with one enlarged mark below the other, and the lower end of each mark's row."""
    with Image.open(picture) as image:
        page = image.convert("L")
    pieces: list[Image.Image] = []
    for mark in marks:
        left, top, right, bottom = (round(each) for each in mark.box)
        piece = page.crop((left - 1, max(0, top - 1), right + 1, bottom + 1))
        size = (piece.width * times, piece.height * times)
        pieces.append(piece.resize(size, Image.Resampling.LANCZOS))
    width = max(piece.width for piece in pieces) + 2 * _APART
    sheet = Image.new("L", (width, sum(piece.height + _APART for piece in pieces) + _APART), 255)
    ends, y = [], _APART
    for piece in pieces:
        sheet.paste(piece, (_APART, y))
        y += piece.height + _APART
        ends.append(y - _APART // 2)
    return sheet, ends


def _by_row(table: str, ends: Sequence[int]) -> list[str]:
    """Return the digits in each row of a sheet."""
    rows = [""] * len(ends)
    for line in table.splitlines()[1:]:
        fields = line.split("\t")
        if len(fields) < 12 or not fields[11].strip():
            continue
        middle = int(fields[7]) + int(fields[9]) // 2
        row = next((place for place, end in enumerate(ends) if middle < end), None)
        if row is not None:
            rows[row] += "".join(each for each in fields[11] if each.isdecimal())
    return rows
