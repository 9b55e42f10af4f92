"""Tables on a terminal, in which a report's text cannot drive the terminal."""

import re
import sys

import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 110
"""Columns of a table where stdout is no terminal."""
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: object) -> str:
    r"""Return text without control characters and changes of direction: each becomes a question mark.

    Examples
    --------
    >>> printable("red \x1b[31m alert")
    'red ?[31m alert'
    """
    return _UNPRINTABLE.sub("?", str(text))


def print_table(table: pd.DataFrame) -> None:
    """Print a frame on stdout. Words are broken only where the terminal is too narrow for them."""
    console = Console(file=sys.stdout, markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, markup=False, highlight=False, width=WIDTH)
    shown = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    cells = table.astype("str").map(printable)
    for name in table.columns:
        words = " ".join([printable(name), *cells[name]]).split()
        longest = min(max(map(len, words), default=1), WIDTH // 4)
        shown.add_column(Text(printable(name)), overflow="fold", min_width=longest)
    for row in cells.itertuples(index=False):
        shown.add_row(*(Text(cell) for cell in row))
    console.print(shown)
