"""Tables and progress on a terminal, without control characters from reports."""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from textwrap import fill, wrap
from typing import TextIO

import pandas as pd
from rich.box import SIMPLE
from rich.console import Console, Group
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from g7tag.errors import Announce
from g7tag.frames import NO_LABELS, value_word, value_words
from g7tag.report.headings import headings
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


def printable(text: object) -> str:
    """Return text with a question mark for each control character and each change of direction."""
    return UNPRINTABLE.sub("?", str(text))


def print_table(
    table: pd.DataFrame, *, frame: str = "", labels: Mapping[str, str] = NO_LABELS, apart: str = ""
) -> None:
    """Print a frame on stdout, in plain words."""
    console = _console(sys.stdout)
    place = list(table.columns).index(apart) if apart else 0
    console.print(_renderable(plain_table(signed_scores(table), frame, labels=labels), console.width, apart=place))


def plain_table(table: pd.DataFrame, frame: str = "", *, labels: Mapping[str, str] = NO_LABELS) -> pd.DataFrame:
    """Return a frame with plain names for its columns and for the values of closed sets."""
    shown = table.copy()
    for place, name in enumerate(table.columns):
        if value_words(str(name), frame):
            cells = table.iloc[:, place]
            shown.isetitem(
                place,
                [
                    value_word(str(name), cell, frame, labels=labels).name if isinstance(cell, str) else cell
                    for cell in cells
                ],
            )
    heads = headings([str(name) for name in table.columns], frame, labels=labels)
    return shown.set_axis([heads[str(name)].text for name in table.columns], axis=1)


def table_text(table: pd.DataFrame) -> str:
    """Return a frame as text: a table if it fits into the width of the terminal, otherwise one line per cell."""
    console = _console(sys.stdout)
    cells = table.astype("str").map(printable)
    widths = [max([len(printable(name)), *cells[name].map(len)]) + 1 for name in cells.columns]
    if sum(widths) <= console.width or _wrapped(table, console.width):
        with console.capture() as capture:
            console.print(_renderable(table, console.width))
        return capture.get()
    names = [printable(name) for name in cells.columns]
    indent = max(map(len, names)) + 2
    return "\n".join(
        "".join(
            fill(cell, console.width, initial_indent=name.ljust(indent), subsequent_indent=" " * indent) + "\n"
            for name, cell in zip(names, row, strict=True)
            if cell
        )
        for row in cells.itertuples(index=False, name=None)
    )


def _console(file: TextIO) -> Console:
    """Return a console without markup; its width is `WIDTH` if the file is not a terminal."""
    console = Console(file=file, markup=False, highlight=False)
    return console if console.is_terminal else Console(file=file, markup=False, highlight=False, width=WIDTH)


def signed_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with a sign on whole scores, in columns whose name ends in "_score": +1, 0, -1."""
    shown = table.copy()
    for place, name in enumerate(table.columns):
        if str(name).endswith("_score") and pd.api.types.is_integer_dtype(table.dtypes.iloc[place]):
            shown.isetitem(place, [signed(score) for score in table.iloc[:, place]])
    return shown


def _renderable(table: pd.DataFrame, width: int, *, apart: int = 0) -> Group:
    """Return a table to print, with wrapped cells between empty lines if it is too wide, or in several tables."""
    wrapped = _wrapped(table, width)
    if wrapped:
        return Group("", wrapped, "")
    return Group(*(_rich_table(part, width) for part in _parts(table, width, apart)))


def _parts(table: pd.DataFrame, width: int, apart: int) -> Iterator[pd.DataFrame]:
    """Yield the table, or parts with its first column whose words fit; a part starts at the place `apart`."""
    least = [least for _, least in _sizes(table, width)]
    if sum(least) + _between(len(least)) <= width:
        yield table
        return
    places = [0]
    for place in range(1, len(least)):
        wider = sum(least[each] for each in [*places, place]) + _between(len(places) + 1)
        if len(places) > 1 and (place == apart or wider > width):
            yield table.iloc[:, places]
            places = [0]
        places.append(place)
    yield table.iloc[:, places]


def _between(n_columns: int) -> int:
    """Return the number of characters beside the cells of a line."""
    return 2 * n_columns + 1


def _sizes(table: pd.DataFrame, width: int) -> list[tuple[int, int]]:
    """Return the full width of each column, and the width that its longest word needs."""
    longest = min(WIDTH // 4, (width - _between(2)) // 2)
    sizes = []
    for place, name in enumerate(table.columns):
        texts = [printable(name), *table.iloc[:, place].astype("str").map(printable)]
        word = max((len(word) for text in texts for word in text.split()), default=1)
        sizes.append((max(len(line) for text in texts for line in text.split("\n")), min(word, longest)))
    return sizes


def _wrapped(table: pd.DataFrame, width: int) -> Table | None:
    """Wrap the headings and cells of a table wider than `NARROW`; None for other tables or if it still does not fit."""
    cells = table.astype("str").map(printable)
    columns = [[printable(name), *cells.iloc[:, place]] for place, name in enumerate(table.columns)]
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
    texts = [[Text("\n".join(cell).replace("\u00a0", " ")) for cell in column] for column in lines]
    for heading, *_ in texts:
        shown.add_column(heading)
    for row in zip(*(column[1:] for column in texts), strict=True):
        shown.add_row(*row)
    return shown


def _rich_table(table: pd.DataFrame, width: int) -> Table:
    """Return a table whose columns have the width of their longest word, and a part of what is left."""
    shown = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    cells = table.astype("str").map(printable)
    sizes = _sizes(table, width)
    widths = [least for _, least in sizes]
    spare = width - _between(len(widths)) - sum(widths)
    needs = [full - least for full, least in sizes]
    order = [0, *sorted(range(1, len(widths)), key=needs.__getitem__)]  # names come first, and are wrapped last
    for left, place in zip(range(len(order), 0, -1), order, strict=True):
        more = min(needs[place], spare // (left if place else min(left, 2)))
        widths[place], spare = widths[place] + more, spare - more
    for name, size in zip(table.columns, widths, strict=True):
        shown.add_column(Text(printable(name)), overflow="fold", width=size)
    for row in cells.itertuples(index=False):
        shown.add_row(*(Text(cell) for cell in row))
    return shown


@contextmanager
def progress(*, quiet: bool) -> Iterator[Announce]:
    """Show the current step and its time on stderr; nothing if `quiet` or if stderr is not a terminal."""
    console = Console(stderr=True, markup=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda step: progress.update(task, description=step)
