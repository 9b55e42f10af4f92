"""HTML: cells of tables with all text escaped, marks on words, and pages of templates in which only our own code runs.

A page is one file that needs no network.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from g7tag.frames import Word
from g7tag.report.terminal import printable
from g7tag.text import counted, enumerated, first_few, sentence_case

LONG = 400
"""Number of characters of a text to show; the rest is folded."""
Spans = Sequence[tuple[int, int, str]]
"""Start, end and label of each mark of a text."""
_NOT_IN_URL = re.compile(r"[\s\x00-\x20\x7f\\]")
SHADES = ("#cfe3f3", "#f6d9bd", "#dcdcdc", "#d5e8d4", "#f3e3f3", "#f7f0c0")
LINES = ("solid", "dashed", "dotted", "double")
"""Colors and underlines of the marks by label. The first mark also names the label, so color is never the only cue."""

_STYLES, _SCRIPTS = ("page.css", "charts.css"), ("page.js", "table.js")
"""Files that are part of every page."""


class MarkedPart(NamedTuple):
    """Words of a text, the dimensions that they are marked for, and whether this is their first mark."""

    words: str
    dimensions: tuple[str, ...] = ()
    first: bool = False


class Cell(NamedTuple):
    """A cell as plain text, as HTML with all text escaped, and the value by which it is sorted ("" for its text)."""

    text: str
    html: str
    key: str = ""


def plain(value: Any) -> Cell:
    """Return the cell of a value: missing is empty, booleans yes or no, days ISO dates, numbers with three digits."""
    if not pd.api.types.is_scalar(value):
        return folded(str(value))
    if pd.isna(value):
        return Cell("", "")
    if isinstance(value, pd.Timestamp):
        return folded(value.date().isoformat() if value == value.normalize() else value.isoformat())
    if pd.api.types.is_bool(value):
        return folded("yes" if value else "no")
    if pd.api.types.is_float(value):
        number = float(value)
        text = str(int(number)) if number.is_integer() else f"{number:.3g}" if abs(number) < 1000 else f"{number:.1f}"
        return folded(text)._replace(key=repr(number))
    return folded(str(value))


def worded(word: Word, order: str) -> Cell:
    """Return the cell of a plain name, with its explanation as a tooltip."""
    shown = escape(one_line(word.name))
    note = escape(one_line(word.note), quote=True)
    return Cell(one_line(word.name), f'<span title="{note}">{shown}</span>' if note else shown, order)


def folded(text: str, render: Callable[[int, int], str] | None = None) -> Cell:
    """Return the cell of a text; after about `LONG` characters, the rest is folded."""
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
    """Return text that links to a URL; without a link if it is not a web URL."""
    shown = one_line(words)
    address = f'<a href="{escape(url, quote=True)}" target="_blank" rel="noopener noreferrer">{escape(shown)}</a>'
    return Cell(shown, address if is_web(url) else escape(shown))


def one_line(text: object) -> str:
    """Return text on one line, without control characters."""
    return printable(text).replace("\n", " ")


def snippet(text: object, most: int = 110) -> str:
    """Return the first words of a text, on one line."""
    line = one_line(text)
    if len(line) <= most:
        return line
    end = line.rfind(" ", 0, most - 1)
    return f"{line[: end if end > 0 else most - 2].rstrip()} …"


def is_web(url: object) -> bool:
    """Return True if a text is an http or https URL without invalid characters, and with a valid port if any."""
    text = str(url)
    try:
        parts, has_port = urlsplit(text), urlsplit(text).port != 0
    except ValueError:
        return False
    return has_port and parts.scheme in {"http", "https"} and bool(parts.netloc) and not _NOT_IN_URL.search(text)


def spans_of(marks: pd.DataFrame) -> dict[str, list[tuple[int, int, str]]]:
    """Return start, end and dimension of the marks of each sentence."""
    return {
        str(sentence_id): list(zip(rows["start"], rows["end"], rows["dimension"], strict=True))
        for sentence_id, rows in marks.groupby("sentence_id", sort=False)
    }


def marked_parts(text: str, marks: Spans, dimensions: Sequence[str]) -> list[MarkedPart]:
    """Return a text in parts, each with the dimensions that it is marked for."""
    kept = [(start, end, dimension) for start, end, dimension in marks if dimension in dimensions]
    edges = sorted({0, len(text), *(edge for start, end, _ in kept for edge in (start, end))})
    spans = [
        (text[start:end], tuple(each for each in dimensions if any(a <= start < b for a, b, of in kept if of == each)))
        for start, end in pairwise(edges)
    ]
    merged = [("".join(part for part, _ in same), names) for names, same in groupby(spans, key=lambda span: span[1])]
    firsts = {names: place for place, (_, names) in reversed([*enumerate(merged)]) if names}
    return [MarkedPart(words, names, firsts.get(names) == place) for place, (words, names) in enumerate(merged)]


def marked(text: str, spans: Spans, labels: Sequence[str]) -> Cell:
    """Return a text with marks on the words that support each label; the first mark of each is named."""
    shown = one_line(text)
    parts = marked_parts(shown, spans, labels)

    def render(start: int, end: int) -> str:
        html, place = "", 0
        for part in parts:
            words = escape(part.words[max(start - place, 0) : max(end - place, 0)])
            place += len(part.words)
            if words and part.dimensions:
                at, names = labels.index(part.dimensions[0]), escape(", ".join(part.dimensions), quote=True)
                look = f"background:{SHADES[at % len(SHADES)]};color:#222;border-bottom:2px {LINES[at % len(LINES)]}"
                words += f"<sub> {names}</sub>" if part.first else ""
                words = f'<mark style="{look}" title="{names}">{words}</mark>'
            html += words
        return html

    return folded(shown, render)


@cache
def read_asset(name: str) -> str:
    """Return the text of a file of the folder of templates, such as `table.js`."""
    return (files("g7tag.report") / "templates" / name).read_text(encoding="utf-8")


def render(template: str, **values: Any) -> str:
    """Return a page of a template."""
    style, script = ("\n".join(read_asset(name).strip() for name in own) for own in (_STYLES, _SCRIPTS))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    return _environment().get_template(template).render(
        **values, policy=policy, style=Markup(style), script=Markup(script)  # noqa: S704 - files of the package
    )  # fmt: skip


def fragment(template: str, **values: Any) -> str:
    """Return a part of a notebook; in the `html` of a cell, all text is escaped."""
    return _environment().get_template(template).render(values).strip()


def paragraphs(template: str, **values: Any) -> list[str]:
    """Return the paragraphs of a template of plain text; an empty line ends a paragraph."""
    text = _environment(plain=True).get_template(template).render(values)
    return [re.sub("[ \n]+", " ", part).strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def anchor(name: str) -> str:
    """Return the address of an element of the page by its id."""
    return f"#{quote(element_id(name), safe='/:.+')}"


def element_id(name: str) -> str:
    """Return a name as the id of an element, which has no spaces."""
    return "_".join(printable(name).split())


@cache
def _environment(*, plain: bool = False) -> Environment:
    environment = Environment(
        loader=PackageLoader("g7tag.report"), undefined=StrictUndefined, trim_blocks=True,
        autoescape=not plain,  # noqa: S701 - plain text is escaped where it is put on a page
        lstrip_blocks=True, keep_trailing_newline=True, finalize=one_line if plain else _shown,
    )  # fmt: skip
    environment.filters |= {
        "anchor": anchor, "element_id": element_id, "sentence": sentence_case, "counted": counted,
        "enumerated": enumerated, "first_few": first_few, "were": lambda n: f"{n} {'was' if n == 1 else 'were'}",
    }  # fmt: skip
    environment.tests["web"] = is_web
    return environment


def _shown(value: Any) -> Any:
    return type(value)(printable(value)) if isinstance(value, str) else value  # Markup stays Markup


def _hash(source: str) -> str:
    """Return the hash of an inline style or script as a content security policy names it."""
    return f"'sha256-{b64encode(hashlib.sha256(source.encode('utf-8')).digest()).decode('ascii')}'"
