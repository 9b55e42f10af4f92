r"""Turn the runs of a paragraph or a table row into blocks, with tabs, line breaks ("\n") and page breaks ("\f")."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from g7tag.sources.blocks import Block, Run
from g7tag.sources.headings import CLOSING_LINE, ITEM_START, MEMBER_HEADING, SIGN
from g7tag.sources.marks import SUPERSCRIPTS

_BLANKS = re.compile(r"[ \t\n\r\f\v\x85\u2028\u2029]+")
_LONGEST_HEADING = 80  # characters, including surrounding blanks
_OPENING = re.compile(rf"{ITEM_START.pattern}|{CLOSING_LINE.pattern}")
"""Start of an item, of a section's last sentence or of its signature."""
_FINISHED = re.compile(rf"[.!?…]['\"”’)\]]*[{SUPERSCRIPTS}]*\s*$")
_LABEL = re.compile(r"\s*(?:\(?[A-Za-z0-9]{1,4}[.)]|[•‣▪◦–—-])\s*$")  # 19. or (a) or a bullet
_FIGURE = re.compile(rf"(?:{SIGN}?\d{{1,4}}(?:\.\d+)?\s*(?:\([\d.]+\s*%\)|%)?|[ivxlc]{{1,6}})$")
"""A score, a share or a page number: +1, 0.38 (69%), 12, iv."""
_LONGEST_CELL = 60
"""Characters of a cell in a tab-separated line, such as `No Compliance`; running text between tabs is longer."""


def plain(runs: Iterable[Run]) -> str:
    """Return the text of runs."""
    return "".join(run.text for run in runs)


def split_runs(runs: Iterable[Run], separator: str) -> list[list[Run]]:
    """Split runs at a separator; without runs, return one empty list."""
    parts: list[list[Run]] = [[]]
    for run in runs:
        for place, piece in enumerate(run.text.split(separator)):
            if place:
                parts.append([])
            if piece:
                parts[-1].append(run._replace(text=piece))
    return parts


def join_runs(parts: Iterable[Iterable[Run]], separator: str) -> list[Run]:
    """Join lists of runs into one, with a separator between them."""
    joined: list[Run] = []
    for place, part in enumerate(parts):
        joined += [Run(separator), *part] if place else part
    return joined


def tidy(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return runs with single spaces between words and none at the ends; merge runs with the same reason."""
    tidied: list[Run] = []
    spaced = True
    for hidden, group in groupby(runs, key=lambda run: run.hidden):
        text = _BLANKS.sub(" ", plain(group))
        text = text.removeprefix(" ") if spaced else text
        if text:
            tidied.append(Run(text, hidden))
            spaced = text.endswith(" ")
    if tidied and spaced:
        last = tidied.pop()
        tidied += [last._replace(text=last.text[:-1])] if len(last.text) > 1 else []
    return tuple(tidied)


def set_row(cells: Sequence[Iterable[Run]]) -> Block | None:
    """Return a table row as a block with tabs between its cells, or None if all cells are empty."""
    tidied = [tidy(cell) for cell in cells]
    return Block(tuple(join_runs(tidied, "\t"))) if any(tidied) else None


def set_lines(runs: Sequence[Run], *, prefix: str = "", prefix_hidden: str = "") -> list[Block]:
    """Return a paragraph as blocks."""
    pages = split_runs(runs, "\f")
    filled = [place for place, page in enumerate(pages) if plain(page).strip()] or ([0] if prefix.strip() else [])
    page_break = Block((Run("\f"),))
    if not filled:
        return [page_break] * (len(pages) - 1)
    lines = join_runs(pages[filled[0] : filled[-1] + 1], "\n")
    lines = [Run(prefix, prefix_hidden), *lines] if prefix else lines
    blocks = [set_line(line) for line in _part_lines(lines)]
    return [page_break] * filled[0] + blocks + [page_break] * (len(pages) - 1 - filled[-1])


def set_line(runs: Sequence[Run]) -> Block:
    """Return one line as a block; tabs are kept in a table row and become spaces elsewhere."""
    cells = _cells(runs)
    return Block(tuple(join_runs(map(tidy, cells), "\t"))) if _is_row(cells) else Block(tidy(runs))


def is_member_heading(text: str) -> bool:
    """Return whether a line is the heading of a member's section."""
    return len(text) <= _LONGEST_HEADING and bool(MEMBER_HEADING.match(text))


def _part_lines(runs: Sequence[Run]) -> list[list[Run]]:
    """Split a paragraph into lines; join continued lines with a space."""
    parted: list[list[Run]] = []
    before: list[Run] = []
    for line in split_runs(runs, "\n"):
        if not plain(line).strip():
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
    alone = any(is_member_heading(plain(each)) or _is_row(_cells(each)) for each in (before, line))
    return alone or bool(_FINISHED.search(plain(before)) and _OPENING.match(plain(line)))


def _cells(runs: Sequence[Run]) -> list[list[Run]]:
    """Split runs at tabs; a label before the first tab belongs to the next cell."""
    cells = split_runs(runs, "\t")
    if len(cells) > 1 and _LABEL.match(plain(cells[0])):
        cells[:2] = [[*cells[0], Run(" "), *cells[1]]]
    return cells


def _is_row(cells: Sequence[Sequence[Run]]) -> bool:
    """Whether a line is a table row."""
    texts = [plain(cell).strip() for cell in cells]
    if sum(map(bool, texts)) < 2:
        return False
    figures = any(_FIGURE.match(text) for text in (texts[0], texts[-1]))
    return figures or not texts[-1] or max(map(len, texts)) <= _LONGEST_CELL
