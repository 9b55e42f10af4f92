"""Turn pieces of text into paragraphs: collapse spaces, attach note marks to words, and join or separate lines."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from g7tag.sources.blocks import Run
from g7tag.sources.headings import CLOSING_LINE, HEADINGS, MEMBER_HEADING, NAME, OPENS, SCORE
from g7tag.sources.marks import SUPERSCRIPTS, superscript

_SIGNS = str.maketrans({"-": "⁻", "−": "⁻", "–": "⁻", "+": "⁺"})
_ALONE = re.compile(
    rf"{NAME}:? *{SCORE}(?:\.0+)?|{MEMBER_HEADING.pattern}"
    rf"|(?i:{'|'.join(HEADINGS)}) *:?|{CLOSING_LINE.pattern}.*|.*\t.*"
)
"""Lines that are separate blocks: a member's heading or row, a heading of the chapter, a closing line."""
_STARTS = re.compile(rf"{OPENS.pattern}|[{SUPERSCRIPTS}]|\d{{1,3}}[.)] |[•·] ?")
"""Lines that start a block: an item, a note, a list item, a conclusion."""


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
