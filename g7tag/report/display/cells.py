"""Values as cells: words for a terminal, and the same as escaped HTML."""

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from g7tag.report.terminal import printable

LONG = 400
"""Characters of a text that are shown before the rest is folded away."""
_WEB = ("http", "https")


class Cell(NamedTuple):
    """What a cell shows: as plain text, and as HTML in which all text is escaped."""

    text: str
    html: str


def plain(value: Any) -> Cell:
    """Return the cell of any value: nothing for a missing one, yes or no, days as ISO dates, long text folded.

    Examples
    --------
    >>> plain(None).text, plain(True).text, plain(0.91234).text, plain(pd.Timestamp("2024-07-01")).text
    ('', 'yes', '0.912', '2024-07-01')
    >>> plain("<b>").html
    '&lt;b&gt;'
    """
    if not pd.api.types.is_scalar(value):
        return folded(str(value))
    if pd.isna(value):
        return Cell("", "")
    if isinstance(value, pd.Timestamp):
        return folded(value.date().isoformat() if value == value.normalize() else value.isoformat())
    if pd.api.types.is_bool(value):
        return folded("yes" if value else "no")
    return folded(_number(float(value)) if pd.api.types.is_float(value) else str(value))


def _number(value: float) -> str:
    """Three digits of a small number, whole numbers as such."""
    if value.is_integer():
        return str(int(value))
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.1f}"


def folded(text: str, render: Callable[[int, int], str] | None = None) -> Cell:
    """Return the cell of a text; of one of more than `LONG` characters the rest is folded away.

    Parameters
    ----------
    text
        Any text.
    render
        Makes HTML of the printable text's characters from one place up to another; None escapes them.
    """
    shown = one_line(text)
    html = render or (lambda start, end: escape(shown[start:end]))
    if len(shown) <= LONG:
        return Cell(shown, html(0, len(shown)))
    cut = max(shown.rfind(" ", LONG // 2, LONG), LONG // 2)
    return Cell(shown, f"<details><summary>{html(0, cut)} …</summary>{html(cut, len(shown))}</details>")


def fold(summary: str, cells: Iterable[Cell]) -> Cell:
    """Return cells as a list that is folded away under a summary; in plain text the summary alone."""
    items = "".join(f"<li>{cell.html}</li>" for cell in cells)
    shown = one_line(summary)
    return Cell(shown, f"<details><summary>{escape(shown)}</summary><ul>{items}</ul></details>")


def joined(cells: Iterable[Cell], between: str = "; ") -> Cell:
    """Return cells in a row."""
    its = [cell for cell in cells if cell.text]
    return Cell(between.join(cell.text for cell in its), escape(between).join(cell.html for cell in its))


def link(url: str, words: str) -> Cell:
    """Return words that lead to a web address; an address of any other kind is no link.

    Examples
    --------
    >>> link("https://a.example/?x=1&y=2", "a & b").html
    '<a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">a &amp; b</a>'
    >>> link("javascript:alert(1)", "a").html
    'a'
    """
    shown = one_line(words)
    if not is_web(url):
        return Cell(shown, escape(shown))
    return Cell(
        shown, f'<a href="{escape(url, quote=True)}" target="_blank" rel="noopener noreferrer">{escape(shown)}</a>'
    )


def one_line(text: object) -> str:
    """Return text that neither drives a terminal nor looks like another line in one.

    Examples
    --------
    >>> one_line("fine" + chr(10) + "Japan +1")
    'fine Japan +1'
    """
    return printable(text).replace("\n", " ")


def is_web(url: object) -> bool:
    """Return whether a text is an address of a page in the web, with no character that has no place in one.

    Examples
    --------
    >>> is_web("https://a.example/b"), is_web("data:text/html,x"), is_web("https://"), is_web("http://a b")
    (True, False, False, False)
    """
    text = str(url)
    if re.search(r"[\s\x00-\x20\x7f\\]", text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme.lower() in _WEB and bool(parts.netloc)
