"""Charts of the page of a run: the plots of `g7tag.report.plots` as SVG between a caption and its numbers.

Their colors in the dark are in `templates/charts.css`.
"""

import re
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from g7tag.audit import day, score_text
from g7tag.codebook import Codebook
from g7tag.report import plots
from g7tag.report.agreement import BARS, part_table
from g7tag.report.cells import paragraphs
from g7tag.report.tables import percent, score_shares
from g7tag.report.terminal import printable
from g7tag.scoring import CLEAR, signed

_NARROW, _WIDE = 3.5, 9.0  # inches: a phone, and the timeline
_KEPT = ("fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "text-anchor", "opacity")
"""Properties that are kept, as attributes: the policy of the page forbids styles of elements."""
_FIGURE = Markup(
    '<figure class="chart chart-{kind}"><figcaption><strong id="{kind}-title">{title}</strong> '
    '<span id="{kind}-notes">{notes}</span></figcaption>'
    "{body}</figure>"
)


def scores_chart(scores: pd.DataFrame, *, reading: str, link: plots.Link) -> Markup:
    """Return the probability of each score by member as stacked bars, with the published score marked."""
    rows = scores[scores["reading"] == reading].to_dict("records")
    known = [(score_shares(row), row["published_score"]) for row in rows if not pd.isna(row["published_score"])]
    likely = [max(shares, key=lambda score: shares[score]) == published for shares, published in known if shares]
    return _chart(
        lambda ax: plots.plot_scores(scores, reading=reading, ax=ax, link=link), "scores",
        (_NARROW, 0.6 + 0.5 * len(rows)), is_empty=not rows, reading=reading, n=sum(likely), of=len(likely),
        clear=f"{CLEAR:.0%}", links={link(str(row["member"])): _described(row) for row in rows},
    )  # fmt: skip


def thresholds_chart(thresholds: pd.DataFrame, *, reading: str, own: int, link: plots.Link) -> Markup:
    """Return suggested scores by member and by the number of strong items that make a level strong."""
    rows = thresholds[thresholds["reading"] == reading]
    changing = rows.groupby("member", sort=False)["changes"].any()
    return _chart(
        lambda ax: plots.plot_thresholds(thresholds, reading=reading, own=own, ax=ax, link=link), "thresholds",
        (_NARROW, 0.5 + 0.35 * len(changing)), is_empty=rows.empty, reading=reading, own=own, n=(~changing).sum(),
        of=len(changing), links={link(str(member)): str(member) for member in changing.index},
    )  # fmt: skip


def timeline_chart(levels: pd.DataFrame, codebook: Codebook, *, link: plots.Link) -> Markup:
    """Return items by day in a lane for each member."""
    drawn = levels[levels["date"].notna()]
    parts = {"drawn": drawn, "outside": drawn[~drawn["in_period"]], "unread": levels[levels["date"].isna()]}
    counts: dict[str, Any] = {name: rows["item_id"].nunique() for name, rows in parts.items()}
    it = codebook.commitment
    links = {}
    for item, group in groupby(
        drawn.sort_values("item_id", kind="stable").to_dict("records"), lambda row: row["item_id"]
    ):
        its = list(group)
        labels = "; ".join(f"{row['dimension']}, {'strong' if row['strong'] else 'weak'}" for row in its)
        outside = "" if its[0]["in_period"] else ", outside the period"
        links[link(item)] = f"{item.rpartition('/')[2]}, {day(its[0]['date'])}, {labels}{outside}"
    return _chart(
        lambda ax: plots.plot_timeline(levels, codebook, ax=ax, link=link), "timeline",
        (_WIDE, plots.timeline_height(levels, codebook)), is_empty=drawn.empty, links=links,
        start=day(pd.Timestamp(it.period_start)), end=day(pd.Timestamp(it.period_end)),
        **counts,
    )  # fmt: skip


def ranks_chart(ranks: pd.DataFrame) -> Markup:
    """Return the best and the worst rank of each member as bars."""
    known = ranks[(ranks["scores"] == "published") & ranks["best"].notna()]
    return _chart(
        lambda ax: plots.plot_ranks(ranks, ax=ax), "ranks", (_NARROW, 0.9 + 0.35 * ranks["member"].nunique()),
        is_empty=not ranks["best"].notna().any(), n=(known["best"] == known["worst"]).sum(), of=len(known),
    )  # fmt: skip


def agreement_chart(parts: pd.DataFrame) -> Markup:
    """Return Krippendorff's alpha of each part of the label with its interval."""
    known = parts["alpha"].dropna()
    drawn = parts.rename(columns={"part": "label"}).assign(file="people")
    numbers = part_table(parts).map(printable).rename(columns={"": "note"}).to_html(index=False, border=0)
    numbers = numbers.replace(' style="text-align: right;"', "")  # the policy of the page forbids it
    return _chart(
        lambda ax: plots.plot_agreement(drawn, ax=ax), "agreement", (_NARROW, 0.5 + 0.35 * len(parts)),
        is_empty=not parts["n"].any(), people=parts["n_annotators"].max(), bars=BARS, n=len(known),
        reliable=(known >= BARS[1]).sum(), tentative=(known >= BARS[0]).sum(), undefined=len(parts) - len(known),
        below=Markup(numbers),  # noqa: S704 - escaped
    )  # fmt: skip


def _described(row: Mapping[Any, Any]) -> str:
    """Return the member's numbers as one line."""
    published = f"published {signed(row['published_score'])}, suggested {signed(row['suggested_score'])}"
    shares = (score_shares(row) or {}).items()
    parts = [
        f"{score_text(score)} {percent(share)}" for score, share in shares if score is not None or share >= plots.LEAST
    ]
    return f"{row['member']}: {', '.join(parts) or 'no probabilities'}; {published}"


def _chart(
    draw: Callable[[Axes], Axes], kind: str, size: tuple[float, float], *, is_empty: bool,
    links: Mapping[str, str] | None = None, below: str = "", **facts: Any,
) -> Markup:  # fmt: skip
    """Return a plot with its title and note as a caption, or why there is nothing to draw; `links` are named."""
    title, why, notes = paragraphs("charts.txt", kind=kind, **facts)
    if is_empty:
        body = Markup("<p>Nothing to draw: {}.</p>").format(why)
        return _FIGURE.format(kind=kind, title=title, notes="", body=body)
    svg = plots.figure_files(draw, size, ["svg"], salt=kind, style={"svg.fonttype": "none"}, transparent=True)["svg"]
    drawing = _inline(printable(svg.decode("utf-8")), kind, links or {})
    body = Markup('<div class="scroll">{}</div>{}').format(drawing, below)
    return _FIGURE.format(kind=kind, title=title, notes=notes, body=body)


def _inline(svg: str, kind: str, links: Mapping[str, str]) -> Markup:
    """Return an SVG of matplotlib as part of a page: its own ids, attributes in place of styles, named links."""
    names = {printable(address): printable(name) for address, name in links.items()}
    root = ElementTree.fromstring(svg)  # noqa: S314 - drawn here
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', svg))
    for each in list(root.iter()):
        given, each.tag = dict(each.attrib), each.tag.rpartition("}")[2]
        each.attrib.clear()
        for whole, value in given.items():
            name = whole.rpartition("}")[2]
            if name == "href" and value in names:
                each.set("href", value)
                each.insert(0, ElementTree.Element("title"))
                each[0].text = names[value]
            elif name == "style" and given.get("id") not in used:  # copies have the style of their <use>
                pairs = (pair.partition(":") for pair in value.split(";"))
                each.attrib.update({key.strip(): kept.strip() for key, _, kept in pairs if key.strip() in _KEPT})
            elif name in {"href", "clip-path"}:
                each.set(name, value.replace("#", f"#{kind}-"))
            elif name == "id" and value in used:
                each.set("id", f"{kind}-{value}")
            elif name in {"d", "x", "y", "width", "height", "transform", "viewBox"} and "rotate(-0" not in value:
                each.set(name, re.sub(r"\d+\.\d\d+", lambda number: f"{float(number[0]):.1f}", value))
    for style in root.findall("defs"):
        root.remove(style)
    root.attrib.update(
        {"role": "group" if links else "img", "aria-labelledby": f"{kind}-title", "aria-describedby": f"{kind}-notes"}
    )
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 - escaped
