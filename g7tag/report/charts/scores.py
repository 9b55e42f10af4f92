"""Charts of scores: their probabilities, and suggested scores by threshold."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from g7tag.audit import score_text
from g7tag.report.charts.parts import (
    LONGEST,
    Link,
    drawing,
    element,
    empty_figure,
    figure,
    legend,
    line,
    numbers_table,
    share,
    table,
    text,
)
from g7tag.report.tables import percent
from g7tag.scoring import CLEAR, P_COLUMNS, signed
from g7tag.text import counted, shortened

Row = dict[Any, Any]
KINDS = {-1: "minus", 0: "zero", 1: "plus"}
"""CSS class of each score."""
_ROW, _BAR_TOP, _BAR, _AXIS = 58, 20, 22, 24  # pixels: a member, its bar, and the axis below all
_NAMED, _NUMBERED = 0.2, 0.1  # shares of a bar with enough space for the score and number, and for the number alone
_LEAST = 0.00005  # shares below are not drawn; probabilities come from 10,000 draws


def scores_chart(scores: pd.DataFrame, *, reading: str, link: Link) -> Markup:
    """Return the probability of each score by member as stacked bars, with the published score marked."""
    rows = scores[scores["reading"] == reading].to_dict("records")
    title, name = "Probability of each score, by member", f"scores-{reading}"
    if not rows:
        return empty_figure("scores", title, f"Nothing to draw: no scores under the reading {reading}.", name=name)
    bars = [_member_bar(row, place, name=name, link=link) for place, row in enumerate(rows)]
    height = _ROW * len(rows)
    drawn = drawing(name, height + _AXIS, _hatch(name), *_axis(height), *bars)
    return figure("scores", title, _notes(rows, reading), drawn, _score_legend(rows, name), _table(rows), name=name)


def thresholds_chart(thresholds: pd.DataFrame, *, reading: str, own: int | None, link: Link) -> Markup:
    """Return suggested scores by member and by the number of strong items that make a level strong."""
    rows = thresholds[thresholds["reading"] == reading]
    title, name = "Suggested scores by the number of strong items for a strong level", f"thresholds-{reading}"
    if rows.empty:
        return empty_figure("thresholds", title, f"Nothing to draw: no scores under the reading {reading}.", name=name)
    numbers = sorted(set(rows["min_strong_items"].tolist()))
    head = [
        element("th", {"scope": "col"}, str(each), *([element("span", None, " codebook")] if each == own else []))
        for each in numbers
    ]
    body = []
    for member, its in rows.groupby("member", sort=False):
        cells = {cell["min_strong_items"]: cell for cell in its.to_dict("records")}
        named = element("th", {"scope": "row"}, element("a", {"href": link(str(member))}, str(member)))
        body.append([named, *(_threshold_cell(cells.get(each), each, own) for each in numbers)])
    corner = element("th", {"scope": "col"}, "Member")
    grid = table([corner, *head], body, {"aria-labelledby": f"{name}-title"})
    return figure("thresholds", title, _threshold_notes(rows, reading, own), grid, name=name)


def _member_bar(row: Row, place: int, *, name: str, link: Link) -> Markup:
    """Return the name, the bar and the published score of a member, as a link."""
    member, published = str(row["member"]), signed(row["published_score"])
    shares = _shares(row)
    words = [element("title", None, _described(row)), text(shortened(member, most=LONGEST), "0", 14, kind="name")]
    words.append(text(f"published {published}{_star(row)}", "100%", 14, anchor="end"))
    target = element("rect", {"class": "target", "x": 0, "y": 0, "width": "100%", "height": _ROW - 6})
    if shares is None:
        parts = [text("no probabilities", "0", _BAR_TOP + 16, kind="muted")]
    else:
        starts = {score: sum(list(shares.values())[:place]) for place, score in enumerate(shares)}
        parts = [part for score, one in shares.items() for part in _segment(score, starts[score], one, name)]
        parts += _published(row["published_score"], starts, shares)
    moved = {"transform": f"translate(0,{place * _ROW})"}
    return element("a", {"href": link(member)}, element("g", moved, target, *words, *parts))


def _segment(score: int | None, start: float, width: float, name: str) -> list[Markup]:
    """Return the part of a bar for a score, or for no score, with its numbers if there is enough space."""
    if width < _LEAST:
        return []
    kind = "no-score" if score is None else KINDS[score]
    place = {"x": share(start), "y": _BAR_TOP, "width": share(width), "height": _BAR}
    parts = [element("rect", {"class": f"bar {kind}"} | place)]
    if score == -1:
        parts.append(element("rect", place | {"fill": f"url(#{name}-hatch)"}))
    label = "no score" if score is None else signed(score)
    if width >= _NUMBERED:
        words = f"{label}: {percent(width)}" if width >= _NAMED else percent(width)
        parts.append(text(words, share(start + width / 2), _BAR_TOP + 15, kind=f"on-{kind}", anchor="middle"))
    return parts


def _published(score: Any, starts: Mapping[int | None, float], shares: Mapping[int | None, float]) -> list[Markup]:
    """Return a triangle below the middle of the published score's part of the bar."""
    if pd.isna(score):
        return []
    middle = starts[int(score)] + shares[int(score)] / 2
    mark = element("path", {"class": "published", "d": "M0 0L5 8H-5z"})
    return [element("svg", {"x": share(middle), "y": _BAR_TOP + _BAR + 1, "overflow": "visible"}, mark)]


def _shares(row: Row) -> dict[int | None, float] | None:
    """Return the probability of each score and, under None, of no score; None if they are unknown."""
    known: dict[int | None, float] = {score: float(row[column]) for score, column in P_COLUMNS.items()}
    if any(pd.isna(one) for one in known.values()):
        return None
    return {**known, None: max(1 - sum(known.values()), 0.0)}


def _star(row: Row) -> str:
    """Return a star if the published score is not the most probable one, or if no score reaches `CLEAR`."""
    shares = _shares(row)
    if shares is None:
        return ""
    best = max(shares, key=lambda score: shares[score])
    differs: bool = not pd.isna(row["published_score"]) and row["published_score"] != best
    return " *" if differs or shares[best] < CLEAR else ""


def _described(row: Row) -> str:
    """Return the member's numbers as one line."""
    published = f"published {signed(row['published_score'])}, suggested {signed(row['suggested_score'])}"
    shares = _shares(row)
    if shares is None:
        return f"{row['member']}: no probabilities; {published}"
    return f"{row['member']}: {', '.join(_probabilities(shares))}; {published}"


def _probabilities(shares: Mapping[int | None, float]) -> list[str]:
    parts = [f"{signed(score)} {percent(shares[score])}" for score in P_COLUMNS]
    return parts + ([f"no score {percent(shares[None])}"] if shares[None] >= _LEAST else [])


def _notes(rows: list[Row], reading: str) -> list[str]:
    known = [row for row in rows if _shares(row) is not None and not pd.isna(row["published_score"])]
    return [
        f"Reading {reading}. The bars show how likely each score is if the labels are as uncertain as the tagger says.",
        f"The published score is the most probable one for {sum(_likely(row) for row in known)} of "
        f"{counted(len(known), 'member')} with a published score and probabilities. *: it is not, or no score "
        f"reaches {CLEAR:.0%}.",
    ]


def _likely(row: Row) -> bool:
    shares = _shares(row) or {}
    return bool(max(shares, key=lambda score: shares[score]) == row["published_score"])


def _score_legend(rows: list[Row], name: str) -> Markup:
    square: dict[str, object] = {"x": 1, "y": 1, "width": 14, "height": 14}
    marks = {score: [element("rect", {"class": f"bar {kind}"} | square)] for score, kind in KINDS.items()}
    marks[-1].append(element("rect", square | {"fill": f"url(#{name}-hatch)"}))
    entries = [(Markup("").join(parts), signed(score)) for score, parts in marks.items()]
    if any((_shares(row) or {None: 0.0})[None] >= _LEAST for row in rows):
        entries.append((element("rect", {"class": "bar no-score"} | square), "no score"))
    triangle = element("path", {"class": "published", "d": "M8 4L13 12H3z"})
    return legend([*entries, (triangle, "published score")])


def _table(rows: list[Row]) -> Markup:
    body = []
    for row in rows:
        shares = _shares(row)
        cells = ["none"] * 4 if shares is None else [percent(one) for one in shares.values()]
        cells[3] = "none" if shares is None or shares[None] < _LEAST else cells[3]
        scores = [f"{signed(row['published_score'])}{_star(row)}", signed(row["suggested_score"])]
        body.append([str(row["member"]), *scores, *cells])
    headings = ["Member", "Published", "Suggested", *map(signed, P_COLUMNS), "No score"]
    return numbers_table(headings, body)


def _hatch(name: str) -> Markup:
    """Return the pattern of the lowest score, which tells it from the highest in gray print."""
    size = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    stripe = element("rect", {"class": "hatch", "width": 2, "height": 6})
    return element("defs", None, element("pattern", {"id": f"{name}-hatch"} | size, stripe))


def _axis(height: float) -> list[Markup]:
    """Return the lines and labels of the axis from 0 to 100 %."""
    ends = {0.0: "start", 0.5: "middle", 1.0: "end"}
    lines = [line(share(at), _BAR_TOP, height, kind="grid") for at in ends]
    labels = [text(f"{at:.0%}", share(at), height + 14, kind="tick", anchor=anchor) for at, anchor in ends.items()]
    return [element("g", {"aria-hidden": "true"}, *lines, *labels)]


def _threshold_cell(cell: Row | None, number: int, own: int | None) -> Markup:
    mine = "own" if number == own else ""
    if cell is None:
        return element("td", {"class": mine} if mine else None, "")
    score = cell["suggested_score"]
    kind: str = "no-score" if pd.isna(score) else KINDS[int(score)]
    words = f"{score_text(score)}{'*' if cell['changes'] else ''}"
    return element("td", {"class": f"level {kind} {mine}".strip()}, words)


def _threshold_notes(rows: pd.DataFrame, reading: str, own: int | None) -> list[str]:
    changing = rows.groupby("member", sort=False)["changes"].any()
    n_same = int((~changing).sum())
    notes = [f"Reading {reading}. Columns: number of strong items that make a level strong."]
    if own is None:
        return notes
    return [
        *notes,
        f"Framed: the codebook's number, {own}. *: differs from the score with it. The score is the same with every "
        f"number for {n_same} of {counted(len(changing), 'member')}.",
    ]
