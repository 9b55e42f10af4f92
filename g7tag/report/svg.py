"""Parts of the charts of a page: escaped elements, figures, legends and tables.

Charts are as wide as the page: horizontal places are percentages and vertical places are pixels, so text has the same
size on a phone and on a large screen.
"""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from g7tag.report.terminal import printable

Attributes = Mapping[str, object]
Link = Callable[[str], str]
"""Returns the address of a member or item on the page, for example "#DEU"."""
SHAPES = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z", "M-4-4h8v8h-8z", "M0-5L5 4H-5z", "M0-5.5L5.5 0L0 5.5L-5.5 0z",
    "M0 5L5-4H-5z", "M-1.7-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z", "M-5 0L4-5V5z", "M5 0L-4-5V5z",
)  # fmt: skip
"""Outlines of the marks of each series in turn, around the origin: circle, square, triangle, diamond and others."""
_CHILDLESS = frozenset({"circle", "line", "path", "rect", "use"})
LONGEST = 34  # characters of a name that fit beside other text at 390 pixels


def element(name: str, attributes: Attributes | None = None, /, *children: str) -> Markup:
    """Return an HTML or SVG element; attribute values and text are escaped, `Markup` is kept."""
    given = "".join(f' {key}="{escape(printable(value))}"' for key, value in (attributes or {}).items())
    inside = "".join(child if isinstance(child, Markup) else escape(printable(child)) for child in children)
    close = "/>" if name in _CHILDLESS and not children else f">{inside}</{name}>"
    return Markup(f"<{name}{given}{close}")  # noqa: S704 - names come from this package, all else is escaped


def figure(kind: str, title: str, notes: Sequence[str], /, *parts: Markup, name: str) -> Markup:
    """Return a figure with its caption above; `name` is the prefix of its ids."""
    heading = element("strong", {"id": f"{name}-title"}, title)
    caption = Markup(" ").join([heading, *(element("span", None, note) for note in notes)])
    return element("figure", {"class": f"chart chart-{kind}"}, element("figcaption", None, caption), *parts)


def empty_figure(kind: str, title: str, reason: str, /, *, name: str) -> Markup:
    """Return a figure that says why there is nothing to draw."""
    return figure(kind, title, (), element("p", {"class": "chart-empty"}, reason), name=name)


def drawing(name: str, height: float, /, *children: Markup) -> Markup:
    """Return a drawing of a height in pixels, named by the title of its figure."""
    size = {"width": "100%", "height": number(height)}
    return element("svg", size | {"role": "group", "aria-labelledby": f"{name}-title"}, *children)


def text(words: str, x: str, y: float, *, kind: str = "", anchor: str = "start") -> Markup:
    """Return text at a place; `kind` is a CSS class, `anchor` the part of the text at `x`."""
    given: dict[str, object] = {"x": x, "y": number(y)}
    given |= {} if anchor == "start" else {"text-anchor": anchor}
    return element("text", given | ({"class": kind} if kind else {}), words)


def line(x: str, top: float, bottom: float, *, kind: str) -> Markup:
    """Return a vertical line; decoration, so hidden from screen readers."""
    place = {"x1": x, "x2": x, "y1": number(top), "y2": number(bottom)}
    return element("line", {"class": kind} | place | {"aria-hidden": "true"})


def legend(entries: Sequence[tuple[Markup, str]]) -> Markup:
    """Return a list of marks with their meaning; each mark is drawn on 16 by 16 pixels."""
    rows = [
        element("li", None, element("svg", {"width": 16, "height": 16, "aria-hidden": "true"}, mark), words)
        for mark, words in entries
    ]
    return element("ul", {"class": "chart-legend"}, *rows)


def numbers_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, n_names: int = 1) -> Markup:
    """Return the numbers of a chart as a folded table; the first `n_names` columns name the rows."""
    body = [
        [
            *(element("th", {"scope": "row"}, cell) for cell in row[:n_names]),
            *(element("td", None, cell) for cell in row[n_names:]),
        ]
        for row in rows
    ]
    head = [element("th", {"scope": "col"}, heading) for heading in headings]
    return element("details", None, element("summary", None, "Numbers as a table"), table(head, body))


def table(head: Sequence[Markup], body: Sequence[Sequence[Markup]], attributes: Attributes | None = None) -> Markup:
    """Return a table from the cells of its heading and of its rows."""
    rows = [element("tr", None, *cells) for cells in body]
    return element(
        "table", attributes, element("thead", None, element("tr", None, *head)), element("tbody", None, *rows)
    )


def share(value: float) -> str:
    """Return a share as a percentage of the width."""
    return f"{number(100 * value)}%"


def number(value: float) -> str:
    """Return a number with at most two decimals."""
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown
