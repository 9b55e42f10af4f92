"""A report as written by its author: paragraphs with note marks, and notes; the tests set documents from it."""

from itertools import pairwise
from typing import NamedTuple

from g7tag.evidence.passage import plain_letters
from g7tag.sources.blocks import NOTE, Block
from g7tag.sources.marks import superscript
from g7tag.sources.typed import find_blocks


class Manuscript(NamedTuple):
    """Paragraphs (tab-separated table cells, superscript digits as marks), and notes by number."""

    paragraphs: list[str]
    notes: dict[int, str]


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
