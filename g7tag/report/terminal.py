"""Tables and progress on a terminal, which no text of a report can drive."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import fill
from typing import TextIO

import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from g7tag.errors import Announce

WIDTH = 120
"""Columns of a table where stdout is no terminal."""
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: object) -> str:
    r"""Return text without control characters and changes of direction: each becomes a question mark.

    Examples
    --------
    >>> printable("red \x1b[31m alert")
    'red ?[31m alert'
    """
    return UNPRINTABLE.sub("?", str(text))


def print_table(table: pd.DataFrame) -> None:
    """Print a frame on stdout. Words are broken only where the terminal is too narrow for them."""
    _console(sys.stdout).print(_rich_table(table))


def table_text(table: pd.DataFrame) -> str:
    """Return a frame as text: a table if its columns have room side by side, else row by row with a line a cell."""
    console = _console(sys.stdout)
    cells = table.astype("str").map(printable)
    widths = [max([len(printable(name)), *cells[name].map(len)]) + 1 for name in cells.columns]
    if sum(widths) <= console.width:
        with console.capture() as capture:
            console.print(_rich_table(table))
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
    """Text as it is, without markup; where the file is no terminal, `WIDTH` columns."""
    console = Console(file=file, markup=False, highlight=False)
    return console if console.is_terminal else Console(file=file, markup=False, highlight=False, width=WIDTH)


def _rich_table(table: pd.DataFrame) -> Table:
    shown = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    cells = table.astype("str").map(printable)
    for name in table.columns:
        words = " ".join([printable(name), *cells[name]]).split()
        longest = min(max(map(len, words), default=1), WIDTH // 4)
        shown.add_column(Text(printable(name)), overflow="fold", min_width=longest)
    for row in cells.itertuples(index=False):
        shown.add_row(*(Text(cell) for cell in row))
    return shown


@contextmanager
def progress(*, quiet: bool) -> Iterator[Announce]:
    """Show on stderr which step is under way and its time; nothing where `quiet` or where stderr is no terminal.

    Yields a function to call with the name of each step as it begins.
    """
    console = Console(stderr=True, markup=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda step: progress.update(task, description=step)
