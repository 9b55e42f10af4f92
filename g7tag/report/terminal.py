"""Tables and progress on a terminal, in plain words and without control characters from reports."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from textwrap import fill, wrap
from typing import TextIO

import pandas as pd
from rich.box import SIMPLE
from rich.console import Console, Group
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from g7tag.errors import Announce
from g7tag.frames import NO_LABELS, Word, column_word, value_word, value_words
from g7tag.scoring import signed

WIDTH = 120
"""Width of a table if stdout is not a terminal."""
NARROW = 110
"""Width above which a table of short cells is printed with wrapped headings and cells."""
_MOST_LINES = 3  # of a wrapped cell
# control characters, changes of direction, and what XML files cannot contain
UNPRINTABLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def headings(columns: Iterable[str], frame: str, *, labels: Mapping[str, str]) -> dict[str, Word]:
    """Return the heading of each column and its note: its plain name, or its raw name if two have the same."""
    words = {column: column_word(column, frame, labels=labels) for column in columns}
    names = [word.name for word in words.values()]
    return {
        column: Word(column, word.note)
        if word.name == column or names.count(word.name) > 1
        else Word(word.name, f"{word.note} Column: {column}".strip())
        for column, word in words.items()
    }


def printable(text: object) -> str:
    """Return text with a question mark for each control character and each change of direction."""
    return UNPRINTABLE.sub("?", str(text))


def print_table(
    table: pd.DataFrame, *, frame: str = "", labels: Mapping[str, str] = NO_LABELS, apart: str = ""
) -> None:
    """Print a frame on stdout, with plain names and signed scores; a table too wide may be cut before `apart`."""
    shown = table.copy()
    names = [str(name) for name in table.columns]
    for place, name in enumerate(names):
        cells = table.iloc[:, place]
        if name.endswith("_score") and pd.api.types.is_integer_dtype(cells.dtype):
            shown.isetitem(place, [signed(score) for score in cells])
        elif value_words(name, frame):
            words = [
                value_word(name, cell, frame, labels=labels).name if isinstance(cell, str) else cell for cell in cells
            ]
            shown.isetitem(place, words)
    heads = headings(names, frame, labels=labels)
    shown.columns = pd.Index([heads[name].name for name in names])
    console = _console(sys.stdout)
    console.print(_renderable(_columns(shown), console.width, apart=names.index(apart) if apart else 0))


def table_text(table: pd.DataFrame) -> str:
    """Return a frame as text: a table if it fits into the width of the terminal, otherwise one line per cell."""
    console, columns = _console(sys.stdout), _columns(table)
    if sum(max(map(len, column)) + 1 for column in columns) <= console.width or _wrapped(columns, console.width):
        with console.capture() as capture:
            console.print(_renderable(columns, console.width))
        return capture.get()
    indent = max(len(heading) for heading, *_ in columns) + 2
    names, *rows = zip(*columns, strict=True)
    return "\n".join(
        "".join(
            fill(cell, console.width, initial_indent=name.ljust(indent), subsequent_indent=" " * indent) + "\n"
            for name, cell in zip(names, row, strict=True)
            if cell
        )
        for row in rows
    )


def _console(file: TextIO) -> Console:
    """Return a console without markup; its width is `WIDTH` if the file is not a terminal."""
    console = Console(file=file, markup=False, highlight=False)
    return console if console.is_terminal else Console(file=file, markup=False, highlight=False, width=WIDTH)


def _columns(table: pd.DataFrame) -> list[list[str]]:
    """Return the heading and the cells of each column as text."""
    return [
        [printable(name), *table.iloc[:, place].astype("str").map(printable)]
        for place, name in enumerate(table.columns)
    ]


def _renderable(columns: list[list[str]], width: int, *, apart: int = 0) -> Group:
    """Return a table to print, with wrapped cells between empty lines if it is too wide, or in several tables."""
    wrapped = _wrapped(columns, width)
    if wrapped:
        return Group("", wrapped, "")
    return Group(*(_rich_table(part, width) for part in _parts(columns, width, apart)))


def _parts(columns: list[list[str]], width: int, apart: int) -> Iterator[list[list[str]]]:
    """Yield the table, or parts with its first column whose words fit; a part starts at the place `apart`."""
    least = [_sizes(column, width)[1] for column in columns]
    if sum(least) + _between(len(least)) <= width:
        yield columns
        return
    places = [0]
    for place in range(1, len(least)):
        wider = sum(least[each] for each in [*places, place]) + _between(len(places) + 1)
        if len(places) > 1 and (place == apart or wider > width):
            yield [columns[each] for each in places]
            places = [0]
        places.append(place)
    yield [columns[each] for each in places]


def _between(n_columns: int) -> int:
    """Return the number of characters beside the cells of a line."""
    return 2 * n_columns + 1


def _sizes(column: list[str], width: int) -> tuple[int, int]:
    """Return the full width of a column, and the width that its longest word needs."""
    longest = min(WIDTH // 4, (width - _between(2)) // 2)
    word = max((len(word) for text in column for word in text.split()), default=1)
    return max(len(line) for text in column for line in text.split("\n")), min(word, longest)


def _wrapped(columns: list[list[str]], width: int) -> Table | None:
    """Wrap the headings and cells of a table wider than `NARROW`; None for other tables or if it still does not fit."""
    full = [max(map(len, column)) for column in columns]
    if sum(full) + 2 * len(full) <= NARROW:
        return None
    least = [max(len(word) for text in column for word in re.split("[ \n]", text)) for column in columns]
    spare = min(NARROW, width) - sum(least) - len(least) + 1
    if spare < 0:
        return None
    widths = [min(full[0], least[0] + spare), *least[1:]]
    lines = [
        [wrap(text, max(size, 1), break_long_words=False, break_on_hyphens=False) for text in column]
        for column, size in zip(columns, widths, strict=True)
    ]
    if max(len(cell) for column in lines for cell in column) > _MOST_LINES:
        return None
    shown = Table(box=SIMPLE, show_edge=False, pad_edge=False, padding=0)
    return _filled(shown, [["\n".join(cell).replace("\u00a0", " ") for cell in column] for column in lines])


def _rich_table(columns: list[list[str]], width: int) -> Table:
    """Return a table whose columns have the width of their longest word, and a part of what is left."""
    sizes = [_sizes(column, width) for column in columns]
    widths = [least for _, least in sizes]
    spare = width - _between(len(widths)) - sum(widths)
    needs = [full - least for full, least in sizes]
    order = sorted(range(len(needs)), key=lambda place: (place > 0, needs[place]))  # names are wrapped last
    for left, place in zip(range(len(order), 0, -1), order, strict=True):
        more = min(needs[place], spare // (left if place else min(left, 2)))
        widths[place], spare = widths[place] + more, spare - more
    shown = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    return _filled(shown, columns, widths)


def _filled(table: Table, columns: list[list[str]], widths: Sequence[int | None] = ()) -> Table:
    """Return a table with columns of text; given widths fold the text."""
    for (heading, *_), size in zip_longest(columns, widths):
        table.add_column(Text(heading), overflow="fold" if size else "ellipsis", width=size)
    for row in zip(*(cells for _, *cells in columns), strict=True):
        table.add_row(*map(Text, row))
    return table


@contextmanager
def progress(*, quiet: bool) -> Iterator[Announce]:
    """Show the current step and its time on stderr; nothing if `quiet` or if stderr is not a terminal."""
    console = Console(stderr=True, markup=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda step: progress.update(task, description=step)
