"""Chart of items by day, in a lane for each member or, for one member, for each dimension."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pandas as pd
from markupsafe import Markup

from g7tag.audit import day
from g7tag.codebook import Codebook
from g7tag.report import svg
from g7tag.report.svg import element
from g7tag.text import counted, shortened

_MARGIN = pd.Timedelta(days=20)
"""Days beyond the period that are drawn; items that are further away are at the edge."""
_BESIDE = pd.Timedelta(days=10)
_MARK, _NARROW = 10, 340
"""Pixels of a mark, and of the narrowest chart: marks on the same row do not overlap at this width."""
_HEAD, _LABEL, _GAP, _AXIS = 18, 18, 6, 20  # pixels: the period, the name of a lane, the space below it, the months
_MOST_TICKS = 5


def timeline_chart(levels: pd.DataFrame, codebook: Codebook, *, member: str | None = None, link: svg.Link) -> Markup:
    """Return items by day in a lane for each member."""
    name = "days" if member is None else f"days-{codebook.codes.get(member, 'other')}"
    title = "When each member acted, and in which dimension" if member is None else f"When {member} acted"
    known = levels if member is None else levels[levels["member"] == member]
    drawn = known[known["date"].notna()]
    if drawn.empty:
        why = "no item has a dimension" if known.empty else "the days of all items could not be read"
        return svg.empty_figure("timeline", title, f"Nothing to draw: {why}.", name=name)
    labels = [dimension.label for dimension in codebook.dimensions]
    lanes, n_subs = (list(codebook.codes), len(labels)) if member is None else (labels, 1)
    marks = _marks(drawn, codebook, one_member=member is not None)
    tops, height = _tops(marks, len(lanes), n_subs)
    y = [tops[lane, sub] + _MARK * (row + 0.5) for lane, sub, row in marks[["lane", "sub", "row"]].to_numpy().tolist()]
    drawing = svg.drawing(
        name, height + _AXIS, _symbols(name, len(labels)), _axis(codebook, height),
        *_lanes(lanes, marks, [*(tops[lane, 0] for lane in range(len(lanes))), height], codebook),
        *_links(marks.assign(y=y), name, link),
    )  # fmt: skip
    numbers = _numbers(known, codebook, member)
    return svg.figure("timeline", title, _notes(known, codebook), drawing, _legend(name, codebook), numbers, name=name)


def _marks(drawn: pd.DataFrame, codebook: Codebook, *, one_member: bool) -> pd.DataFrame:
    """Return one row for each mark, in reading order: lane, sub (place in it), x (share of the width), row of the sub.

    Marks that would overlap on the narrowest chart are on different rows.
    """
    who = drawn["member"].map({name: place for place, name in enumerate(codebook.codes)})
    series = drawn["dimension"].map({key: place for place, key in enumerate(codebook.dimension_keys)})
    start, end = _period(codebook)
    edges = (start - _MARGIN, end + _MARGIN)
    marks = (
        drawn.assign(
            series=series, who=who, lane=series if one_member else who, sub=0 if one_member else series,
            x=_place(drawn["date"], codebook).clip(*(_place(each, codebook) for each in edges)),
        )
        .sort_values(["who", "date", "item_id", "series"], kind="stable")
        .reset_index(drop=True)
    )  # fmt: skip
    by_place = marks.sort_values("x", kind="stable").groupby(["lane", "sub"])["x"]
    return marks.assign(row=by_place.transform(_packed).astype("int64"))


def _packed(places: pd.Series) -> list[int]:
    """Return for each place, from left to right, the first row on which it does not overlap the one before."""
    ends: list[float] = []
    rows = []
    for place in places:
        row = next((row for row, end in enumerate(ends) if place - end >= _MARK / _NARROW), len(ends))
        ends[row : row + 1] = [place]
        rows.append(row)
    return rows


def _period(codebook: Codebook) -> tuple[pd.Timestamp, pd.Timestamp]:
    return pd.Timestamp(codebook.commitment.period_start), pd.Timestamp(codebook.commitment.period_end)


def _place(date: Any, codebook: Codebook) -> Any:
    """Return the place of a day, or of each of several, as a share of the width."""
    start, end = _period(codebook)
    first, last = start - _MARGIN - _BESIDE, end + _MARGIN + _BESIDE
    return (date - first) / (last - first)


def _tops(marks: pd.DataFrame, n_lanes: int, n_subs: int) -> tuple[dict[tuple[int, int], float], float]:
    """Return the top of each part of each lane, and the height of all lanes."""
    n_rows = (marks.groupby(["lane", "sub"])["row"].max() + 1).to_dict()
    tops: dict[tuple[int, int], float] = {}
    y = float(_HEAD)
    for lane in range(n_lanes):
        y += _LABEL
        for sub in range(n_subs):
            tops[lane, sub] = y
            y += _MARK * n_rows.get((lane, sub), 1)
        y += _GAP
    return tops, y


def _links(marks: pd.DataFrame, name: str, link: svg.Link) -> Iterator[Markup]:
    """Return a link for each item, with all of its marks."""
    for item, group in groupby(marks.to_dict("records"), key=lambda mark: str(mark["item_id"])):
        its = list(group)
        labels = "; ".join(f"{mark['dimension']}, {'strong' if mark['strong'] else 'weak'}" for mark in its)
        outside = "" if its[0]["in_period"] else ", outside the period"
        title = f"{item.rpartition('/')[2]}, {day(its[0]['date'])}, {labels}{outside}"
        uses = []
        for mark in its:
            place = {"x": svg.share(round(mark["x"], 3)), "y": svg.number(mark["y"])}
            uses.append(element("use", {"href": f"#{name}-{mark['series']}{'s' if mark['strong'] else 'w'}"} | place))
            uses += [] if mark["in_period"] else [element("use", {"href": f"#{name}-x"} | place)]
        yield element("a", {"href": link(item)}, element("title", None, title), *uses)


def _symbols(name: str, n_series: int) -> Markup:
    """Return the marks, which the items refer to: strong and weak for each dimension, and the cross."""
    n = len(svg.SHAPES)
    marks = [
        element(
            "path",
            {"id": f"{name}-{place}{kind[0]}", "class": f"mark series-{place % n} {kind}", "d": svg.SHAPES[place % n]},
        )
        for place in range(n_series)
        for kind in ("strong", "weak")
    ]
    cross = element("path", {"id": f"{name}-x", "class": "mark cross", "d": "M-6-6L6 6M-6 6L6-6"})
    return element("defs", None, *marks, cross)


def _axis(codebook: Codebook, height: float) -> Markup:
    """Return the days of the edges of the period above; below first days of months, few enough for a narrow chart."""
    start, end = _period(codebook)
    months = list(pd.date_range(start, end, freq="MS"))
    step = next(step for step in (1, 2, 3, 6, 12, 60, len(months) + 1) if len(months) <= step * _MOST_TICKS)
    parts = [
        svg.text(f"from {day(start)}", "0", 12, kind="tick"),
        svg.text(f"to {day(end)}", "100%", 12, kind="tick", anchor="end"),
    ]
    for month in months[::step]:
        x = svg.share(_place(month, codebook))
        parts.append(svg.line(x, height, height + 4, kind="grid"))
        parts.append(svg.text(f"{month:%b %Y}", x, height + 16, kind="tick", anchor="middle"))
    return element("g", {"aria-hidden": "true"}, *parts)


def _lanes(names: Sequence[str], marks: pd.DataFrame, tops: Sequence[float], codebook: Codebook) -> Iterator[Markup]:
    """Yield the line, the edges of the period, the name and the number of items of each lane.

    `tops` has the top of each lane, and the bottom of the last one.
    """
    n_items = marks.groupby("lane")["item_id"].nunique()
    for place, name in enumerate(names):
        top, y = tops[place], tops[place] - _LABEL
        bottom = tops[place + 1] - (_LABEL if place + 1 < len(names) else 0) - _GAP
        ends = {"x1": 0, "x2": "100%", "y1": svg.number(y), "y2": svg.number(y)}
        yield element("line", {"class": "lane"} | ends | {"aria-hidden": "true"})
        for edge in _period(codebook):
            yield svg.line(svg.share(_place(edge, codebook)), top, bottom, kind="edge")
        yield svg.text(shortened(name, most=svg.LONGEST), "0", y + 13, kind="name")
        yield svg.text(counted(int(n_items.get(place, 0)), "item"), "100%", y + 13, kind="tick", anchor="end")


def _notes(known: pd.DataFrame, codebook: Codebook) -> list[str]:
    n, n_outside, n_unread = (
        known.loc[rows, "item_id"].nunique()
        for rows in (known["date"].notna(), known["date"].notna() & ~known["in_period"], known["date"].isna())
    )
    start, end = map(day, _period(codebook))
    notes = [f"{counted(n, 'item')} with a dimension, by day. Dotted lines: the period, {start} to {end}."]
    notes += [f"Crossed: {n_outside} outside the period."] if n_outside else []
    return notes + ([f"Not drawn: {counted(n_unread, 'item')} without a day."] if n_unread else [])


def _legend(name: str, codebook: Codebook) -> Markup:
    def shown(mark: str) -> Markup:
        return element("use", {"href": f"#{name}-{mark}", "x": 8, "y": 8})

    round_mark = {"cx": 8, "cy": 8, "r": 4.5}
    dimensions = [(shown(f"{place}s"), key) for place, key in enumerate(codebook.dimension_keys)]
    strengths = [
        (element("circle", round_mark | {"class": f"mark series-ink {kind}"}), words)
        for kind, words in (("strong", "filled: strong"), ("weak", "hollow: weak"))
    ]
    return svg.legend([*dimensions, *strengths])


def _numbers(known: pd.DataFrame, codebook: Codebook, member: str | None) -> Markup:
    """Return the numbers of strong and weak items of each member in each dimension."""
    body = []
    for name in codebook.codes if member is None else [member]:
        for key in codebook.dimension_keys:
            its = known[(known["member"] == name) & (known["dimension"] == key)]
            dated = its[its["date"].notna()]
            n_strong = int(dated["strong"].sum())
            counts = [n_strong, len(dated) - n_strong, int((~dated["in_period"]).sum()), len(its) - len(dated)]
            body.append([*([name] if member is None else []), key, *map(str, counts)])
    names = ["Member", "Dimension"] if member is None else ["Dimension"]
    return svg.numbers_table([*names, "Strong", "Weak", "Of these outside", "Without a day"], body, n_names=len(names))
