"""Turn the text of a page into blocks: join lines to paragraphs and cells to rows, and attach note marks to words."""

import re
from collections.abc import Iterator
from itertools import islice

from g7tag.sources.blocks import Block, Run
from g7tag.sources.headings import CLOSING_LINE, CONCLUSION_START, HEADINGS, ITEM_START, MEMBER_HEADING, NAME, SCORE
from g7tag.sources.marks import SUPERSCRIPTS, superscript

_SPACES = re.compile(r"[ \t\n\r\f\x0b\x1c-\x1f\x85\u2028\u2029]+")
_SPACES_BUT_TABS = re.compile(r"[ \n\r\f\x0b\x1c-\x1f\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_RAISED = rf"[{SUPERSCRIPTS}]"
_SIGNS = str.maketrans({"-": "⁻", "−": "⁻", "–": "⁻", "+": "⁺"})
_NO_SPACE_BEFORE = frozenset(" .,:;)]\xa0" + SUPERSCRIPTS)
_ALONE = re.compile(
    rf"{NAME}:? *{SCORE}(?:\.0+)?|{MEMBER_HEADING.pattern}"
    rf"|(?i:{'|'.join(HEADINGS)}) *:?|{CLOSING_LINE.pattern}.*|.*\t.*"
)
"""Lines that are separate blocks: a member's heading or row, a heading of the chapter, a closing line."""
_OPENS = re.compile(rf"{ITEM_START.pattern}|{CONCLUSION_START.pattern}|{_RAISED}|\d{{1,3}}[.)] |[•·] ?")
"""Lines that start a block: an item, a note, a list item, a conclusion."""
_NO_CELL = re.compile(rf"{ITEM_START.pattern}|{MEMBER_HEADING.pattern}")
"""Lines that must be separate blocks even in a table: the start of an item, a member's heading."""


class Lines:
    """Collect the text of a page piece by piece; `blocks` are the finished blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._rows: list[list[list[Block]]] = []  # the cells of each open row, innermost last
        self._cells: list[list[Block]] = [self.blocks]  # targets for blocks: the page, then each open cell
        self._lines: list[list[Run]] = []
        self._line: list[Run] = []
        self._seen = ""  # the last visible character of the line
        self._has_text = False  # whether the line has text, visible or hidden
        self._number, self._is_note = "", False  # the number at the start of the next block

    def add(self, text: str, why: str, *, tabs: bool = False) -> None:
        """Add text to the line; white space is collapsed to single spaces."""
        text = (_SPACES_BUT_TABS if tabs else _SPACES).sub(" ", _CONTROLS.sub("", text))
        if text.startswith((" ", "\t")) and self._is_spaced(why):
            text = text.lstrip(" " if self._seen else " \t")
        if text and self._ends_number() and text[0] not in _NO_SPACE_BEFORE:
            text = " " + text
        self._append(text, why)

    def add_mark(self, text: str, why: str, *, apart: bool) -> None:
        """Add the digits of a mark after the last word, or at the start of a line as a note's number."""
        text = re.sub(
            r"(?<=\d)\s+(?=\d)", ", ", _SPACES.sub(" ", re.sub(r"[\[\]()]", "", _CONTROLS.sub("", text))).strip()
        )
        text = superscript(text.translate(_SIGNS) if re.fullmatch(r"[+−–-]\d+", text) else text)
        if not text:
            return
        spaced = self._strip_space()
        if text[0] in SUPERSCRIPTS and self._seen and self._seen in SUPERSCRIPTS and (apart or spaced):
            text = "," + text
        self._append(text, why)

    def end_line(self) -> None:
        """End a line; an empty one ends the block."""
        if self._has_text:
            self._lines.append(self._line)
        elif self._lines:
            self.end_block()
        self._start_line()

    def end_block(self) -> None:
        """End the block if it has text."""
        lines = [*self._lines, self._line] if self._has_text else self._lines
        if self._line:
            self._start_line()
        if not lines:
            return
        self._lines = []
        for runs in _paragraphs(lines):
            self._cells[-1].append(Block(tuple(_trimmed(self._numbered(runs)))))

    def number(self, number: str, *, is_note: bool) -> None:
        """Set the number at the start of the next block: of a note or of a list item."""
        if self._lines or self._has_text:
            return  # inside a block
        if is_note or not self._number:
            self._number, self._is_note = number, is_note
        elif not self._is_note:
            self._number = f"{self._number} {number}"

    def forget_number(self) -> None:
        """Remove the number, because its item has ended."""
        self._number = ""

    def open_row(self) -> None:
        self.end_block()
        self._rows.append([])

    def open_cell(self) -> None:
        self.end_block()
        self._cells.append([])

    def close_cell(self, *, in_row: bool) -> None:
        """End a cell; a cell outside a row is treated as part of the page."""
        self.end_block()
        cell = self._cells.pop()
        if in_row:
            self._rows[-1].append(cell)
        else:
            self._cells[-1].extend(cell)

    def close_row(self) -> None:
        """End a row; it becomes one block, unless its cells are used for layout and contain paragraphs."""
        self.end_block()
        cells = self._rows.pop()
        if len(cells) > 1 and not any(_is_layout(cell) for cell in cells):
            runs = [run for place, cell in enumerate(cells) for run in _cell_runs(cell, cells, place)]
            if any(run.text.strip() for run in runs):
                self._cells[-1].append(Block(tuple(_merged(runs))))
        else:
            for cell in cells:
                self._cells[-1].extend(cell)

    def _start_line(self) -> None:
        self._line, self._seen, self._has_text = [], "", False

    def _append(self, text: str, why: str) -> None:
        if text:
            self._line.append(Run(text, why))
            self._seen = self._seen if why else text[-1]
            self._has_text = self._has_text or bool(text.strip())

    def _is_spaced(self, why: str) -> bool:
        """Whether the line already ends with a space; a visible space replaces one in hidden text."""
        last = self._line[-1] if self._line else Run("")
        if why or not last.hidden:
            return not last.text or last.text[-1] in " \t"
        if self._seen in {"", " "}:
            return True
        self._line[-1] = last._replace(text=last.text.rstrip(" "))
        return False

    def _ends_number(self) -> bool:
        """Whether the line so far is a note's number."""
        return len(self._line) <= 2 and bool(re.fullmatch(rf"{_RAISED}+", "".join(run.text for run in self._line)))

    def _strip_space(self) -> bool:
        """Remove the space at the end of the line, and return whether there was one."""
        last = self._line[-1] if self._line else Run("")
        text = last.text.rstrip(" \xa0")
        if text == last.text:
            return False
        self._line[-1:] = [last._replace(text=text)] if text else []
        if not last.hidden:
            self._seen = text[-1:] or next((run.text[-1] for run in reversed(self._line) if not run.hidden), "")
        return True

    def _numbered(self, runs: list[Run]) -> list[Run]:
        """Add the pending number to the runs, unless they already start with it."""
        number, self._number = self._number, ""
        if not number:
            return runs
        first = runs[0]
        if not self._is_note:
            return [Run(f"{number} ", first.hidden), *runs]
        if re.match(rf"\s*{_RAISED}", first.text):
            return runs
        printed = re.match(rf"\s*[\[(]?{re.escape(number)}[\])]?[.:]?(?:\s+|$)", first.text)
        rest = first.text[printed.end() :] if printed else first.text
        return [Run(f"{superscript(number)} ", first.hidden), first._replace(text=rest), *runs[1:]]


def _paragraphs(lines: list[list[Run]]) -> Iterator[list[Run]]:
    """Join lines to paragraphs."""
    joined: list[Run] = []
    alone = False
    for line in lines:
        seen = "".join(run.text for run in line if not run.hidden).strip()
        is_alone = bool(_ALONE.fullmatch(seen.rstrip(SUPERSCRIPTS)))
        if joined and (alone or is_alone or _OPENS.match(seen)):
            yield _merged(joined)
            joined = []
        joined += [Run(" ")] if joined else []
        joined += _trimmed(line)
        alone = is_alone
    if joined:
        yield _merged(joined)


def _trimmed(runs: list[Run]) -> list[Run]:
    """Strip space at both ends, and merge adjacent runs with the same reason."""
    runs = _merged(runs)
    while runs and not runs[0].text.lstrip(" "):
        runs.pop(0)
    while runs and not runs[-1].text.rstrip(" \t"):
        runs.pop()
    if runs:
        runs[0] = runs[0]._replace(text=runs[0].text.lstrip(" "))
        runs[-1] = runs[-1]._replace(text=runs[-1].text.rstrip(" \t"))
    return runs


def _merged(runs: list[Run]) -> list[Run]:
    if len(runs) < 2:
        return list(runs)
    merged: list[list[str]] = []
    reasons: list[str] = []
    for text, hidden, *_ in runs:
        if reasons and reasons[-1] == hidden:
            merged[-1].append(text)
        elif text:
            merged.append([text])
            reasons.append(hidden)
    return [Run("".join(texts), hidden) for texts, hidden in zip(merged, reasons, strict=True)]


def _seen(block: Block) -> str:
    return "".join(run.text for run in block.runs if not run.hidden).strip()


def _is_layout(cell: list[Block]) -> bool:
    """Whether a cell contains more than a table cell does: paragraphs, or lines that must be separate blocks."""
    seen = list(islice(filter(None, map(_seen, cell)), 2))
    return len(seen) > 1 or any(_NO_CELL.match(text) for text in seen)


def _cell_runs(cell: list[Block], cells: list[list[Block]], place: int) -> Iterator[Run]:
    """Yield a separator (a tab, or a space after a note's number) and the runs of a cell."""
    if place:
        before = " ".join(map(_seen, cells[place - 1]))
        yield Run(" " if place == 1 and cell and re.fullmatch(rf"{_RAISED}+", before) else "\t")
    for position, block in enumerate(cell):
        yield from (Run(" "),) if position else ()
        yield from block.runs
