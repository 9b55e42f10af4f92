"""Charts for the page of a run: scores and their probabilities, scores by threshold, agreement of people.

Their styles are in `templates/charts.css`.
"""

import math
from typing import Any

import pandas as pd
from markupsafe import Markup

from g7tag.audit import score_text
from g7tag.report import svg
from g7tag.report.agreement import BARS
from g7tag.report.svg import element
from g7tag.report.tables import percent, score_shares, star
from g7tag.scoring import CLEAR, P_COLUMNS, signed
from g7tag.text import counted, shortened

Row = dict[Any, Any]
_KINDS = {-1: "minus", 0: "zero", 1: "plus", None: "no-score"}
"""CSS class of each score."""
_ROW, _BAR_TOP, _BAR, _AXIS = 58, 20, 22, 24  # pixels: a member, its bar, and the axis below all
_NAMED, _NUMBERED = 0.2, 0.1  # shares of a bar with enough space for the score and number, and for the number alone
_LEAST = 0.00005  # shares below are not drawn; probabilities come from 10,000 draws
_HEAD, _PART, _UNDEFINED, _SCALE = 18, 44, 40, 20  # pixels: the bars' names, a part, a part without alpha, the axis
_LEFT = 0.5  # left end of the axis of agreement, unless a value is lower


def scores_chart(scores: pd.DataFrame, *, reading: str, link: svg.Link) -> Markup:
    """Return the probability of each score by member as stacked bars, with the published score marked."""
    rows = scores[scores["reading"] == reading].to_dict("records")
    title, name = "Probability of each score, by member", f"scores-{reading}"
    if not rows:
        return svg.empty_figure("scores", title, f"Nothing to draw: no scores under the reading {reading}.", name=name)
    bars = [_member_bar(row, place, name=name, link=link) for place, row in enumerate(rows)]
    height = _ROW * len(rows)
    drawn = svg.drawing(name, height + _AXIS, _hatch(name), _percentages(height), *bars)
    known = [(score_shares(row), row["published_score"]) for row in rows if not pd.isna(row["published_score"])]
    likely = [max(shares, key=lambda score: shares[score]) == published for shares, published in known if shares]
    notes = [
        f"Reading {reading}. The bars show how likely each score is if the labels are as uncertain as the tagger says.",
        f"The published score is the most probable one for {sum(likely)} of {counted(len(likely), 'member')} with a "
        f"published score and probabilities. *: it is not, or no score reaches {CLEAR:.0%}.",
    ]
    return svg.figure("scores", title, notes, drawn, _score_legend(rows, name), _score_numbers(rows), name=name)


def thresholds_chart(thresholds: pd.DataFrame, *, reading: str, own: int, link: svg.Link) -> Markup:
    """Return suggested scores by member and by the number of strong items that make a level strong."""
    rows = thresholds[thresholds["reading"] == reading]
    title, name = "Suggested scores by the number of strong items for a strong level", f"thresholds-{reading}"
    if rows.empty:
        return svg.empty_figure(
            "thresholds", title, f"Nothing to draw: no scores under the reading {reading}.", name=name
        )
    numbers = sorted(set(rows["min_strong_items"].tolist()))
    codebook = {own: [element("span", None, " codebook")]}
    head = [element("th", {"scope": "col"}, str(each), *codebook.get(each, [])) for each in numbers]
    body = []
    for member, its in rows.groupby("member", sort=False):
        cells = {cell["min_strong_items"]: cell for cell in its.to_dict("records")}
        named = element("th", {"scope": "row"}, element("a", {"href": link(str(member))}, str(member)))
        body.append([named, *(_threshold_cell(cells[each], own=each == own) for each in numbers)])
    grid = svg.table([element("th", {"scope": "col"}, "Member"), *head], body, {"aria-labelledby": f"{name}-title"})
    changing = rows.groupby("member", sort=False)["changes"].any()
    notes = [
        f"Reading {reading}. Columns: number of strong items that make a level strong.",
        f"Framed: the codebook's number, {own}. *: differs from the score with it. The score is the same with every "
        f"number for {(~changing).sum()} of {counted(len(changing), 'member')}.",
    ]
    return svg.figure("thresholds", title, notes, grid, name=name)


def agreement_chart(parts: pd.DataFrame) -> Markup:
    """Return Krippendorff's alpha of each part of the label with its interval."""
    title, name = "Agreement of people by part of the label", "agreement"
    rows = parts.to_dict("records")
    if not any(row["n"] for row in rows):
        return svg.empty_figure(
            "agreement", title, "Nothing to draw: no sentence was labelled by two people.", name=name
        )
    least: float = min([_LEFT, *parts["alpha"].dropna(), *parts["low"].dropna()])
    left = math.floor(2 * least) / 2
    shown, y = [], float(_HEAD)
    for row in rows:
        shown.append(element("g", {"transform": f"translate(0,{svg.number(y)})"}, *_part(row, left)))
        y += _UNDEFINED if pd.isna(row["alpha"]) else _PART
    drawn = svg.drawing(name, y + _SCALE, _scale(left, y), *shown)
    known = parts["alpha"].dropna()
    notes = [
        f"Krippendorff's alpha (1: perfect, 0: chance) with its 95 % interval over items; n: sentences labelled by "
        f"two or more of {int(parts['n_annotators'].max())} people. Dotted lines: at least {BARS[0]} is enough for "
        f"tentative conclusions, at least {BARS[1]} is reliable (Krippendorff 2004).",
        f"Alpha is at least {BARS[1]} for {(known >= BARS[1]).sum()} and at least {BARS[0]} for "
        f"{(known >= BARS[0]).sum()} of {counted(len(known), 'part')} with an alpha; it is undefined for "
        f"{len(parts) - len(known)}.",
    ]
    words = {
        "reliable": f"filled: reliable, at least {BARS[1]}", "tentative": f"gray: tentative, at least {BARS[0]}",
        "low": f"hollow: below {BARS[0]}",
    }  # fmt: skip
    legend = svg.legend(
        [
            (element("circle", {"class": f"mark {kind}", "cx": 8, "cy": 8, "r": 5}), meaning)
            for kind, meaning in words.items()
        ]
    )
    return svg.figure("agreement", title, notes, drawn, legend, _agreement_numbers(rows), name=name)


def _member_bar(row: Row, place: int, *, name: str, link: svg.Link) -> Markup:
    """Return the name, the bar and the published score of a member, as a link."""
    member, published, shares = str(row["member"]), signed(row["published_score"]), score_shares(row)
    parts = [
        element("rect", {"class": "target", "x": 0, "y": 0, "width": "100%", "height": _ROW - 6}),
        element("title", None, _described(row)),
        svg.text(shortened(member, most=svg.LONGEST), "0", 14, kind="name"),
        svg.text(f"published {published}{star(row)}", "100%", 14, anchor="end"),
    ]
    if shares is None:
        parts.append(svg.text("no probabilities", "0", _BAR_TOP + 16, kind="muted"))
    else:
        start = 0.0
        for score, share in shares.items():
            parts += _segment(score, start, share, name)
            if not pd.isna(row["published_score"]) and score == row["published_score"]:
                middle = svg.share(start + share / 2)
            start += share
        if not pd.isna(row["published_score"]):
            mark = element("path", {"class": "published", "d": "M0 0L5 8H-5z"})
            parts.append(element("svg", {"x": middle, "y": _BAR_TOP + _BAR + 1, "overflow": "visible"}, mark))
    moved = {"transform": f"translate(0,{place * _ROW})"}
    return element("a", {"href": link(member)}, element("g", moved, *parts))


def _segment(score: int | None, start: float, width: float, name: str) -> list[Markup]:
    """Return the part of a bar for a score, or for no score, with its numbers if there is enough space."""
    if width < _LEAST:
        return []
    kind = _KINDS[score]
    place = {"x": svg.share(start), "y": _BAR_TOP, "width": svg.share(width), "height": _BAR}
    parts = [element("rect", {"class": f"bar {kind}"} | place)]
    if score == -1:
        parts.append(element("rect", place | {"fill": f"url(#{name}-hatch)"}))
    if width >= _NUMBERED:
        words = f"{score_text(score)}: {percent(width)}" if width >= _NAMED else percent(width)
        parts.append(svg.text(words, svg.share(start + width / 2), _BAR_TOP + 15, kind=f"on-{kind}", anchor="middle"))
    return parts


def _described(row: Row) -> str:
    """Return the member's numbers as one line."""
    published = f"published {signed(row['published_score'])}, suggested {signed(row['suggested_score'])}"
    shares = score_shares(row)
    if shares is None:
        return f"{row['member']}: no probabilities; {published}"
    parts = [f"{score_text(score)} {percent(share)}" for score, share in shares.items()]
    return f"{row['member']}: {', '.join(parts if shares[None] >= _LEAST else parts[:-1])}; {published}"


def _score_legend(rows: list[Row], name: str) -> Markup:
    square: dict[str, object] = {"x": 1, "y": 1, "width": 14, "height": 14}
    marks = {score: element("rect", {"class": f"bar {kind}"} | square) for score, kind in _KINDS.items()}
    marks[-1] += element("rect", square | {"fill": f"url(#{name}-hatch)"})
    if not any((score_shares(row) or {None: 0.0})[None] >= _LEAST for row in rows):
        del marks[None]
    triangle = element("path", {"class": "published", "d": "M8 4L13 12H3z"})
    return svg.legend([*((mark, score_text(score)) for score, mark in marks.items()), (triangle, "published score")])


def _score_numbers(rows: list[Row]) -> Markup:
    body = []
    for row in rows:
        shares = score_shares(row)
        cells = ["none"] * 4 if shares is None else [percent(one) for one in shares.values()]
        cells[3] = "none" if shares is None or shares[None] < _LEAST else cells[3]
        scores = [f"{signed(row['published_score'])}{star(row)}", signed(row["suggested_score"])]
        body.append([str(row["member"]), *scores, *cells])
    headings = ["Member", "Published", "Suggested", *map(signed, P_COLUMNS), "No score"]
    return svg.numbers_table(headings, body)


def _hatch(name: str) -> Markup:
    """Return the pattern of the lowest score, which tells it from the highest in gray print."""
    size = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    stripe = element("rect", {"class": "hatch", "width": 2, "height": 6})
    return element("defs", None, element("pattern", {"id": f"{name}-hatch"} | size, stripe))


def _percentages(height: float) -> Markup:
    """Return the lines and labels of the axis from 0 to 100 %."""
    ends = {0.0: "start", 0.5: "middle", 1.0: "end"}
    lines = [svg.line(svg.share(at), _BAR_TOP, height, kind="grid") for at in ends]
    labels = [
        svg.text(f"{at:.0%}", svg.share(at), height + 14, kind="tick", anchor=anchor) for at, anchor in ends.items()
    ]
    return element("g", {"aria-hidden": "true"}, *lines, *labels)


def _threshold_cell(cell: Row, *, own: bool) -> Markup:
    score: int | None = None if pd.isna(cell["suggested_score"]) else int(cell["suggested_score"])
    words = f"{score_text(score)}{'*' if cell['changes'] else ''}"
    return element("td", {"class": f"level {_KINDS[score]}{' own' if own else ''}"}, words)


def _part(row: Row, left: float) -> list[Markup]:
    """Return the name, the numbers and the mark of a part of the label."""
    name = svg.text(shortened(str(row["part"]), most=20), "0", 14, kind="name")
    if pd.isna(row["alpha"]):
        why = svg.text(shortened(f"undefined: {row['reason']}", most=54), "0", 30, kind="muted")
        return [name, svg.text(f"n = {row['n']}", "100%", 14, anchor="end"), why]
    interval = "(no interval)" if pd.isna(row["low"]) else f"[{row['low']:.2f}, {row['high']:.2f}]"
    numbers = svg.text(f"{row['alpha']:.2f} {interval}, n = {row['n']}", "100%", 14, anchor="end")
    kind = "reliable" if row["alpha"] >= BARS[1] else "tentative" if row["alpha"] >= BARS[0] else "low"
    alpha, low, high = (svg.share((row[column] - left) / (1 - left)) for column in ("alpha", "low", "high"))
    whisker = [
        element("line", {"class": "whisker", "x1": low, "x2": high, "y1": 28, "y2": 28}),
        *(svg.line(x, 24, 32, kind="whisker") for x in (low, high)),
    ]
    mark = element("circle", {"class": f"mark {kind}", "cx": alpha, "cy": 28, "r": 5})
    bars = [svg.line(svg.share((bar - left) / (1 - left)), 18, 38, kind="edge") for bar in BARS]
    return [name, numbers, *bars, *([] if pd.isna(row["low"]) else whisker), mark]


def _scale(left: float, height: float) -> Markup:
    """Return the values of the dotted lines above, and the numbers of the axis below."""
    n_steps = round((1 - left) / 0.5)
    ticks = [left + 0.5 * step for step in range(n_steps + 1)]
    above = [(bar, str(bar), 12, anchor) for bar, anchor in zip(BARS, ("end", "start"), strict=True)]
    anchors = ["start", *["middle"] * (n_steps - 1), "end"]
    below = [(tick, f"{tick:g}", height + 14, anchor) for tick, anchor in zip(ticks, anchors, strict=True)]
    texts = [
        svg.text(words, svg.share((value - left) / (1 - left)), y, kind="tick", anchor=anchor)
        for value, words, y, anchor in [*above, *below]
    ]
    return element("g", {"aria-hidden": "true"}, *texts)


def _agreement_numbers(rows: list[Row]) -> Markup:
    body = []
    for row in rows:
        alpha: str = "undefined" if pd.isna(row["alpha"]) else f"{row['alpha']:.2f}"
        agree: str = "undefined" if pd.isna(row["percent"]) else f"{row['percent']:.0f}%"
        ends: str = "none" if pd.isna(row["low"]) else f"{row['low']:.2f} to {row['high']:.2f}"
        body.append([str(row["part"]), str(row["n"]), agree, alpha, ends, str(row["reason"])])
    return svg.numbers_table(["Part", "Sentences", "Agree", "Alpha", "95 %", "Reason"], body)
