"""A report as written by its author: paragraphs with note marks, and notes; the tests set documents from it."""

import re
from itertools import pairwise
from typing import NamedTuple

from g7tag.evidence.passage import plain_letters
from g7tag.sources.blocks import NOTE, Block
from g7tag.sources.marks import SUPERSCRIPTS, superscript, superscript_number
from g7tag.sources.typed import find_blocks

MARKS = re.compile(f"[{SUPERSCRIPTS}]+")


class Manuscript(NamedTuple):
    """Paragraphs (tab-separated table cells, superscript digits as marks), and notes by number."""

    paragraphs: list[str]
    notes: dict[int, str]

    def numbers_of(self, text: str) -> list[int]:
        """Return the numbers of the notes marked in a text; adjacent marks give several, an exponent gives none."""
        numbers = []
        width = max((len(str(number)) for number in self.notes), default=1)
        for digits in MARKS.findall(text):
            whole = superscript_number(digits)
            parts = [superscript_number(digits[at : at + width]) for at in range(0, len(digits), width)]
            numbers += next((each for each in ([whole], parts) if set(each) <= self.notes.keys()), [])
        return numbers


def manuscript_of(text: str) -> Manuscript:
    """Return the manuscript of a report's text; move the notes out of the paragraphs that they interrupt."""
    blocks = find_blocks(text, [], None).blocks
    notes = {block.note: " ".join(" ".join(block.pieces()).split()) for block in blocks if block.kind == NOTE}
    return Manuscript([_with_marks(block) for block in blocks if block.kind != NOTE], notes)


def _with_marks(block: Block) -> str:
    """Return a paragraph's text with all its marks in superscript digits."""
    texts = ["".join(map(superscript, map(str, run.notes))) or plain_letters(run.text) for run in block.runs]
    if "\t" in texts[0]:
        return "".join(texts)  # a row keeps its empty cells
    parted = [" " if before.end < run.start else "" for before, run in pairwise(block.runs)]
    return " ".join("".join(map(str.__add__, ["", *parted], texts)).split())
