r"""Turn the runs of a paragraph or of cells into blocks; runs have tabs, and "\n" for line breaks."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from g7tag.sources.blocks import PARAGRAPH, ROW, Block, Run
from g7tag.sources.headings import CLOSING_LINE, ITEM_START, MEMBER_HEADING, SIGN
from g7tag.sources.marks import SUPERSCRIPTS

_BLANKS = re.compile(r"[ \t\n\r\f\v\x85\u2028\u2029]+")
_OPENING = re.compile(rf"{ITEM_START.pattern}|{CLOSING_LINE.pattern}")
"""Start of an item, of a section's last sentence or of its signature."""
_FINISHED = re.compile(rf"[.!?…]['\"”’)\]]*[{SUPERSCRIPTS}]*\s*$")
_LABEL = re.compile(r"\s*(?:\(?[A-Za-z0-9]{1,4}[.)]|[•‣▪◦–—-])\s*$")  # 19. or (a) or a bullet
_FIGURE = re.compile(rf"(?:{SIGN}?\d{{1,4}}(?:\.\d+)?\s*(?:\([\d.]+\s*%\)|%)?|[ivxlc]{{1,6}})$")
"""A score, a share or a page number: +1, 0.38 (69%), 12, iv."""
_LONGEST_CELL = 60
"""Characters of a cell in a tab-separated line, such as `No Compliance`; running text between tabs is longer."""


def set_lines(runs: Iterable[Run], kind: str = PARAGRAPH) -> list[Block]:
    """Return a paragraph as blocks; lines that are apart are blocks of their own."""
    return [_set_line(line, kind) for line in _part_lines(runs)]


def set_row(cells: Sequence[Iterable[Run]]) -> list[Block]:
    """Return the block of a table row; none if all cells are empty."""
    tidied = [tidy(cell) for cell in cells]
    placed = (run._replace(cell=place) for place, cell in enumerate(tidied) for run in cell or (Run(""),))
    return [Block(tuple(placed), ROW)] if any(tidied) else []


def join_runs(parts: Iterable[Iterable[Run]]) -> list[Run]:
    """Join lists of runs into one, with a space between them."""
    return [run for place, part in enumerate(parts) for run in ([Run(" ")] if place else []) + [*part]]


def tidy(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return runs with single spaces between words and none at the ends; join those of one look, but no marks."""
    tidied: list[Run] = []
    spaced = True
    for (hidden, notes), group in groupby(runs, key=lambda run: (run.hidden, run.notes)):
        texts = [run.text for run in group]
        for text in texts if notes else [_BLANKS.sub(" ", "".join(texts))]:
            rest = text.removeprefix(" ") if spaced else text
            if rest:
                tidied.append(Run(rest, hidden, notes))
                spaced = rest.endswith(" ")
    if tidied and spaced:
        last = tidied.pop()
        tidied += [last._replace(text=last.text[:-1])] if len(last.text) > 1 else []
    return tuple(tidied)


def _printed(runs: Iterable[Run]) -> str:
    """Return the text of runs, marks as superscripts."""
    return "".join(run.text for _, run in Block(tuple(runs)).printed())


def _split(runs: Iterable[Run], separator: str) -> list[list[Run]]:
    """Split runs at a separator; without runs, return one empty list."""
    parts: list[list[Run]] = [[]]
    for run in runs:
        for place, piece in enumerate(run.text.split(separator)):
            if place:
                parts.append([])
            if piece:
                parts[-1].append(run._replace(text=piece))
    return parts


def _part_lines(runs: Iterable[Run]) -> list[list[Run]]:
    """Split a paragraph into lines; join continued lines with a space."""
    parted: list[list[Run]] = []
    before: list[Run] = []
    for line in _split(runs, "\n"):
        if not _printed(line).strip():
            before = []
            continue
        if before and not _starts_block(before, line):
            parted[-1] += [Run(" "), *line]
        else:
            parted.append(list(line))
        before = line
    return parted


def _starts_block(before: Sequence[Run], line: Sequence[Run]) -> bool:
    """Whether a line does not continue the line before it."""
    alone = any(MEMBER_HEADING.match(_printed(each)) or _is_row(_cells(each)) for each in (before, line))
    return alone or bool(_FINISHED.search(_printed(before)) and _OPENING.match(_printed(line)))


def _set_line(runs: Sequence[Run], kind: str) -> Block:
    """Return one line as a block; tabs part the cells of a row and become spaces elsewhere."""
    cells = _cells(runs)
    return set_row(cells)[0] if _is_row(cells) else Block(tidy(runs), kind)


def _cells(runs: Sequence[Run]) -> list[list[Run]]:
    """Split runs at tabs; a label before the first tab belongs to the next cell."""
    cells = _split(runs, "\t")
    if len(cells) > 1 and _LABEL.match(_printed(cells[0])):
        cells[:2] = [[*cells[0], Run(" "), *cells[1]]]
    return cells


def _is_row(cells: Sequence[Sequence[Run]]) -> bool:
    """Whether a line is a table row: it ends or begins with a figure, or its cells are short."""
    texts = [_printed(cell).strip() for cell in cells]
    if sum(map(bool, texts)) < 2:
        return False
    return any(map(_FIGURE.match, (texts[0], texts[-1]))) or max(map(len, texts)) <= _LONGEST_CELL
