"""Cells of tables as plain text and as escaped HTML, with marks on the words that support a tag."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from g7tag.frames import Word
from g7tag.report.terminal import printable
from g7tag.tagger import CUE, WORD

LONG = 400
"""Number of characters of a text to show; the rest is folded."""
_WEB = ("http", "https")


Words = Mapping[str, Sequence[str]]
"""Patterns of the words that support each label."""
LEAST = 0.15
"""Minimum contribution to the log-odds of a marked word: about a sixth more odds."""
SHADES = ("#cfe3f3", "#f6d9bd", "#dcdcdc", "#d5e8d4", "#f3e3f3", "#f7f0c0")
LINES = ("solid", "dashed", "dotted", "double")
"""Colors and underlines of the marks by label. The first mark also names the label, so color is never the only cue."""


class Cell(NamedTuple):
    """A cell as plain text, as HTML with all text escaped, and the value by which it is sorted ("" for its text)."""

    text: str
    html: str
    key: str = ""


def plain(value: Any) -> Cell:
    """Return the cell of a value: missing values are empty, booleans yes or no, days ISO dates; long text is folded.

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
    if pd.api.types.is_float(value):
        return folded(_number(float(value)))._replace(key=repr(float(value)))
    return folded(str(value))


def worded(word: Word, order: str) -> Cell:
    """Return the cell of a plain name, with its explanation as a tooltip.

    Parameters
    ----------
    word
        Name and note.
    order
        By what the cell is sorted; "" for its name.

    Examples
    --------
    >>> worded(Word("Cut off", "The text breaks off."), "2")
    Cell(text='Cut off', html='<span title="The text breaks off.">Cut off</span>', key='2')
    """
    shown = escape(one_line(word.name))
    note = escape(one_line(word.note), quote=True)
    return Cell(one_line(word.name), f'<span title="{note}">{shown}</span>' if note else shown, order)


def _number(value: float) -> str:
    """Return a number with three digits, or one decimal if it is large; integers are unchanged."""
    if value.is_integer():
        return str(int(value))
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.1f}"


def folded(text: str, render: Callable[[int, int], str] | None = None) -> Cell:
    """Return the cell of a text; after about `LONG` characters, the rest is folded.

    Parameters
    ----------
    text
        Any text.
    render
        Function that returns the HTML of the characters from a start to an end. Default: escape them.
    """
    shown = one_line(text)
    html = render or (lambda start, end: escape(shown[start:end]))
    if len(shown) <= LONG:
        return Cell(shown, html(0, len(shown)))
    cut = max(shown.rfind(" ", LONG // 2, LONG), LONG // 2)
    return Cell(shown, f"<details><summary>{html(0, cut)} …</summary>{html(cut, len(shown))}</details>")


def fold(summary: str, cells: Iterable[Cell]) -> Cell:
    """Return cells as a list that is folded under a summary; the plain text is only the summary."""
    items = "".join(f"<li>{cell.html}</li>" for cell in cells)
    shown = one_line(summary)
    return Cell(shown, f"<details><summary>{escape(shown)}</summary><ul>{items}</ul></details>")


def joined(cells: Iterable[Cell], between: str = "; ") -> Cell:
    """Return non-empty cells joined into one cell."""
    parts = [cell for cell in cells if cell.text]
    return Cell(between.join(part.text for part in parts), escape(between).join(part.html for part in parts))


def link(url: str, words: str) -> Cell:
    """Return text that links to a URL; without a link if it is not a web URL.

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
    """Return text on one line, without control characters.

    Examples
    --------
    >>> one_line("fine" + chr(10) + "Japan +1")
    'fine Japan +1'
    """
    return printable(text).replace("\n", " ")


def is_web(url: object) -> bool:
    """Return True if a text is an http or https URL without invalid characters.

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
    """Return patterns of the words that support a label in a sentence, by sentence and label.

    Parameters
    ----------
    explanations
        Result of `g7tag.explain_tags`. Words and cues with a contribution of at least `LEAST` count; features of
        earlier sentences do not.
    """
    rows = explanations[(explanations["contribution"] >= LEAST) & explanations["kind"].isin([CUE, WORD])]
    patterns: dict[tuple[str, str], list[str]] = {}
    for row in rows.to_dict("records"):
        found = patterns.setdefault((str(row["sentence_id"]), str(row["label"])), [])
        found += (
            map(re.escape, filter(None, row["found"].split(";"))) if row["kind"] == CUE else [_ngram(row["feature"])]
        )
    return patterns


def _ngram(feature: str) -> str:
    """Return the pattern of a word or word pair; like the tagger, it skips a one-letter word in between."""
    return r"\W+(?:\w\W+)?".join(map(re.escape, feature.split()))


def marked(text: str, words: Words, labels: Sequence[str]) -> Cell:
    r"""Return a text with marks on the words that support each label.

    Parameters
    ----------
    text
        Any text.
    words
        Patterns of the words that support each label of the text.
    labels
        All labels; their order determines the colors.

    Examples
    --------
    >>> "two<sub> counter</sub></mark> men" in marked("He met two men.", {"counter": ["two"]}, ["counter"]).html
    True
    """
    shown = one_line(text)
    if not any(words.values()):
        return folded(shown)
    labels_at: list[tuple[str, ...]] = [()] * len(shown)
    for label in labels:
        for pattern in words.get(label, ()):
            for found in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", shown, re.IGNORECASE):
                for place in range(*found.span()):
                    labels_at[place] = labels_at[place] if label in labels_at[place] else (*labels_at[place], label)

    named: set[tuple[str, ...]] = set()

    def render(start: int, end: int) -> str:
        parts = []
        for group, places in groupby(range(start, end), key=lambda place: labels_at[place]):
            parts.append(_mark("".join(shown[place] for place in places), group, labels, named=group not in named))
            named.add(group)
        return "".join(parts)

    return folded(shown, render)


def _mark(words: str, marked_for: Sequence[str], labels: Sequence[str], *, named: bool) -> str:
    """Return words as HTML, marked with a color and an underline if they have labels, named if `named`."""
    if not marked_for:
        return escape(words)
    place = labels.index(marked_for[0])
    names = escape(", ".join(marked_for), quote=True)
    look = f"background:{SHADES[place % len(SHADES)]};color:#222;border-bottom:2px {LINES[place % len(LINES)]}"
    return f'<mark style="{look}" title="{names}">{escape(words)}{f"<sub> {names}</sub>" if named else ""}</mark>'
