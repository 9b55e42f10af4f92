"""Tables as HTML: complete without a script, sortable and searchable with it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from importlib.resources import files

from g7tag.report.display.cells import Cell, one_line
from g7tag.report.headings import Heading

_LONG_WORD = 24
"""Number of characters of a word from which it may be broken anywhere."""
_EM = 0.56
"""Mean width of a character, in em."""
_SPACE = 1.2
"""Width of the space around a cell, in em."""
_SMALL = 0.85
"""Size of the text of a table that is not wide, as in table.css."""
_WORDS, _BROKEN = 16, 9
"""Minimum widths of columns of sentences, and of columns of words that may be broken, in em; as in table.css."""
_STEP = 8


@lru_cache(maxsize=2)
def read_asset(name: str) -> str:
    """Return the text of a file beside this module: `table.js` or `table.css`."""
    return files("g7tag.report.display").joinpath(name).read_text(encoding="utf-8")


def table_html(
    columns: Mapping[str, Sequence[Cell]], heads: Mapping[str, Heading], *, kinds: Mapping[str, str], n_last: int = 0
) -> str:
    """Return a table between its style and its script."""
    classes = {name: _class(cells, kinds.get(name, "")) for name, cells in columns.items()}
    head = "".join(
        f'<th scope="col"{_attribute("title", each.note)}>{escape(one_line(each.text))}</th>'
        for each in (heads[name] for name in columns)
    )
    rows = list(zip(*columns.values(), strict=True))
    texts = [heads[name].text for name in columns]
    lines = ["<tr>" + "".join(map(_cell, row, texts, classes.values())) + "</tr>" for row in rows]
    kept = len(lines) - n_last
    body = f"<tbody>\n{chr(10).join(lines[:kept])}\n</tbody>"
    foot = f"\n<tfoot>\n{chr(10).join(lines[kept:])}\n</tfoot>" if n_last else ""
    least = _least(columns, heads, classes)
    table = f'<table class="least-{least}" data-sortable><thead><tr>{head}</tr></thead>\n{body}{foot}</table>'
    return f"{_style(least)}\n{table}\n<script>\n{read_asset('table.js')}</script>"


def shown_html(body: str, caption: str) -> str:
    """Return what a notebook shows: HTML with the style of `show`, and a caption below it, "" for none."""
    style = "" if body.startswith("<style>") else f"{_style()}\n"
    below = f"\n<p>{escape(one_line(caption))}</p>" if caption else ""
    return f'<div class="g7tag-shown" data-lm-suppress-shortcuts="true">{style}{body}{below}</div>'


def _style(least: int = 0) -> str:
    """Return the style of `show`. Without a script, a table narrower than `least` em is shown as cards."""
    common, _, cards = read_asset("table.css").partition("/* CARDS */\n")
    measured, narrow = (cards.replace("CARDS", each) for each in (".cards", f".least-{least}:not([data-ready])"))
    return f"<style>\n{common}{measured}@container (max-width: {least}em) {{\n{narrow}}}\n</style>"


def _class(cells: Sequence[Cell], kind: str) -> str:
    """Return the class of a column; one with long words may be broken anywhere."""
    if kind == "words":
        return kind
    if _longest(cells) > _LONG_WORD:
        return "long"
    return kind if kind != "whole" or max((len(cell.text) for cell in cells), default=0) <= _LONG_WORD else ""


def _cell(cell: Cell, heading: str, kind: str) -> str:
    value = _attribute("data-value", cell.key)
    return f"<td{_attribute('class', kind)}{_attribute('data-label', one_line(heading))}{value}>{cell.html}</td>"


def _attribute(name: str, value: str) -> str:
    return f' {name}="{escape(one_line(value), quote=True)}"' if value else ""


def _longest(cells: Sequence[Cell]) -> int:
    return max((len(word) for cell in cells for word in cell.text.split()), default=0)


def _least(columns: Mapping[str, Sequence[Cell]], heads: Mapping[str, Heading], classes: Mapping[str, str]) -> int:
    """Return about how wide a table in small text must be to be readable, in em, rounded up to steps of `_STEP`."""
    total = 0.0
    for name, cells in columns.items():
        heading = max((len(word) for word in heads[name].text.split()), default=0)
        whole = classes[name] == "whole"
        cell = max((len(each.text) for each in cells), default=0) if whole else min(_longest(cells), _LONG_WORD)
        fixed = {"words": _WORDS, "long": _BROKEN}.get(classes[name])
        total += max(heading * _EM, cell * _EM if fixed is None else fixed) + _SPACE
    return int(-(-total * _SMALL // _STEP) * _STEP)
