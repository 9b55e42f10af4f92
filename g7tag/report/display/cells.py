"""Values as cells: words for a terminal, the same as escaped HTML, and the words that carried a tag marked."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from g7tag.report.terminal import printable
from g7tag.tagger import CUE, WORD

LONG = 400
"""Characters of a text that are shown before the rest is folded away."""
_WEB = ("http", "https")


Words = Mapping[str, Sequence[str]]
"""Label -> patterns of the words that spoke for it."""
LEAST = 0.25
"""Contribution to the log-odds from which on words are marked: a quarter more odds."""
SHADES = ("#cfe3f3", "#f6d9bd", "#dcdcdc", "#d5e8d4", "#f3e3f3", "#f7f0c0")
LINES = ("solid", "dashed", "dotted", "double")
"""Behind and under the marks of each label in turn, which is named at its first mark: none is told by colour alone."""


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


def carrying_words(explanations: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Return patterns of the words in a sentence that spoke for a label, by sentence and label.

    Parameters
    ----------
    explanations
        What `g7tag.explain_tags` returns: of its words and cues those with a contribution of at least `LEAST` count;
        what earlier sentences said does not.
    """
    told = explanations[(explanations["contribution"] >= LEAST) & explanations["kind"].isin([CUE, WORD])]
    patterns: dict[tuple[str, str], list[str]] = {}
    for row in told.to_dict("records"):
        its = patterns.setdefault((str(row["sentence_id"]), str(row["label"])), [])
        its += (
            map(re.escape, filter(None, row["found"].split(";"))) if row["kind"] == CUE else [_in_a_row(row["feature"])]
        )
    return patterns


def _in_a_row(feature: str) -> str:
    """The pattern of a word or a pair of words; a word of one letter between them does not count for the tagger."""
    return r"\W+(?:\w\W+)?".join(map(re.escape, feature.split()))


def marked(text: str, words: Words, labels: Sequence[str]) -> Cell:
    r"""Return a text with the words marked that carried each label.

    Parameters
    ----------
    text
        Any text.
    words
        Of each label that the text has, the patterns of its words.
    labels
        All labels in their order, which gives each its shade.

    Examples
    --------
    >>> "two<sub> counter</sub></mark> men" in marked("He met two men.", {"counter": ["two"]}, ["counter"]).html
    True
    """
    shown = one_line(text)
    if not any(words.values()):
        return folded(shown)
    having: list[tuple[str, ...]] = [()] * len(shown)
    for label in labels:
        for pattern in words.get(label, ()):
            for found in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", shown, re.IGNORECASE):
                for place in range(*found.span()):
                    having[place] = having[place] if label in having[place] else (*having[place], label)

    named: set[tuple[str, ...]] = set()

    def render(start: int, end: int) -> str:
        parts = []
        for its, places in groupby(range(start, end), key=lambda place: having[place]):
            parts.append(_mark("".join(shown[place] for place in places), its, labels, named=its not in named))
            named.add(its)
        return "".join(parts)

    return folded(shown, render)


def _mark(words: str, having: Sequence[str], labels: Sequence[str], *, named: bool) -> str:
    """Words as HTML, marked if they have labels: with a shade and a line, and once in a text with the labels' names."""
    if not having:
        return escape(words)
    place = labels.index(having[0])
    names = escape(", ".join(having), quote=True)
    look = f"background:{SHADES[place % len(SHADES)]};color:#222;border-bottom:2px {LINES[place % len(LINES)]}"
    return f'<mark style="{look}" title="{names}">{escape(words)}{f"<sub> {names}</sub>" if named else ""}</mark>'
