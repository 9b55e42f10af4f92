"""Chart of the agreement of people by part of the label."""

import math
from typing import Any

import pandas as pd
from markupsafe import Markup

from g7tag.report.agreement import BARS
from g7tag.report.charts.parts import (
    drawing,
    element,
    empty_figure,
    figure,
    legend,
    line,
    number,
    numbers_table,
    share,
    text,
)
from g7tag.text import counted, shortened

_HEAD, _ROW, _UNDEFINED, _AXIS = 18, 44, 40, 20  # pixels: the bars' names, a part, a part without alpha, the axis
_LEAST = 0.5  # left end of the axis, unless a value is lower


def agreement_chart(parts: pd.DataFrame) -> Markup:
    """Return Krippendorff's alpha of each part of the label with its interval."""
    title, name = "Agreement of people by part of the label", "agreement"
    rows = parts.to_dict("records")
    if not any(row["n"] for row in rows):
        return empty_figure("agreement", title, "Nothing to draw: no sentence was labelled by two people.", name=name)
    low = _left_end(parts)
    shown, y = [], float(_HEAD)
    for row in rows:
        shown.append(element("g", {"transform": f"translate(0,{number(y)})"}, *_part(row, low)))
        y += _UNDEFINED if pd.isna(row["alpha"]) else _ROW
    svg = drawing(name, y + _AXIS, _axis(low, y), *shown)
    return figure("agreement", title, _notes(parts), svg, _legend(), _table(rows), name=name)


def _left_end(parts: pd.DataFrame) -> float:
    """Return the left end of the axis: a multiple of 0.5 below all values."""
    least: float = min([_LEAST, *parts["alpha"].dropna(), *parts["low"].dropna()])
    return math.floor(2 * least) / 2


def _part(row: dict[Any, Any], low: float) -> list[Markup]:
    """Return the name, the numbers and the mark of a part."""
    name = text(shortened(str(row["part"]), most=20), "0", 14, kind="name")
    if pd.isna(row["alpha"]):
        why = text(shortened(f"undefined: {row['reason']}", most=54), "0", 30, kind="muted")
        return [name, text(f"n = {row['n']}", "100%", 14, anchor="end"), why]
    numbers = text(f"{row['alpha']:.2f} {_interval(row)}, n = {row['n']}", "100%", 14, anchor="end")
    kind = "reliable" if row["alpha"] >= BARS[1] else "tentative" if row["alpha"] >= BARS[0] else "low"
    ends = [] if pd.isna(row["low"]) else _whisker(_at(row["low"], low), _at(row["high"], low))
    mark = element("circle", {"class": f"mark {kind}", "cx": _at(row["alpha"], low), "cy": 28, "r": 5})
    bars = [line(_at(bar, low), 18, 38, kind="edge") for bar in BARS]
    return [name, numbers, *bars, *ends, mark]


def _at(value: float, low: float) -> str:
    return share((value - low) / (1 - low))


def _whisker(start: str, end: str) -> list[Markup]:
    across = element("line", {"class": "whisker", "x1": start, "x2": end, "y1": 28, "y2": 28})
    return [across, *(line(x, 24, 32, kind="whisker") for x in (start, end))]


def _interval(row: dict[Any, Any]) -> str:
    return "(no interval)" if pd.isna(row["low"]) else f"[{row['low']:.2f}, {row['high']:.2f}]"


def _axis(low: float, height: float) -> Markup:
    """Return the values of the dotted lines above, and the numbers of the axis below."""
    anchor_of = dict(zip(BARS, ("end", "start"), strict=True))
    above = [text(f"{bar}", _at(bar, low), 12, kind="tick", anchor=anchor) for bar, anchor in anchor_of.items()]
    n_steps = round((1 - low) / 0.5)
    ticks = [low + 0.5 * step for step in range(n_steps + 1)]
    anchors = ["start", *["middle"] * (n_steps - 1), "end"]
    below = [
        text(f"{tick:g}", _at(tick, low), height + 14, kind="tick", anchor=anchor)
        for tick, anchor in zip(ticks, anchors, strict=True)
    ]
    return element("g", {"aria-hidden": "true"}, *above, *below)


def _notes(parts: pd.DataFrame) -> list[str]:
    known = parts["alpha"].dropna()
    return [
        f"Krippendorff's alpha (1: perfect, 0: chance) with its 95 % interval over items; n: sentences labelled by "
        f"two or more of {int(parts['n_annotators'].max())} people. Dotted lines: at least {BARS[0]} is enough for "
        f"tentative conclusions, at least {BARS[1]} is reliable (Krippendorff 2004).",
        f"Alpha is at least {BARS[1]} for {int((known >= BARS[1]).sum())} and at least {BARS[0]} for "
        f"{int((known >= BARS[0]).sum())} of {counted(len(known), 'part')} with an alpha; it is undefined for "
        f"{len(parts) - len(known)}.",
    ]


def _legend() -> Markup:
    words = {
        "reliable": f"filled: reliable, at least {BARS[1]}", "tentative": f"gray: tentative, at least {BARS[0]}",
        "low": f"hollow: below {BARS[0]}",
    }  # fmt: skip
    return legend(
        [
            (element("circle", {"class": f"mark {kind}", "cx": 8, "cy": 8, "r": 5}), meaning)
            for kind, meaning in words.items()
        ]
    )


def _table(rows: list[dict[Any, Any]]) -> Markup:
    body = []
    for row in rows:
        alpha = "undefined" if pd.isna(row["alpha"]) else f"{row['alpha']:.2f}"
        agree = "undefined" if pd.isna(row["percent"]) else f"{row['percent']:.0f}%"
        ends = "none" if pd.isna(row["low"]) else f"{row['low']:.2f} to {row['high']:.2f}"
        body.append([str(row["part"]), str(row["n"]), agree, alpha, ends, str(row["reason"])])
    return numbers_table(["Part", "Sentences", "Agree", "Alpha", "95 %", "Reason"], body)
