"""Plots of frames. Each function draws a frame on an Axes and returns it, without changing global state."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from g7tag.audit import day, score_text
from g7tag.codebook import Codebook
from g7tag.frames import require_columns
from g7tag.report.agreement import BARS
from g7tag.report.tables import percent, score_shares, star
from g7tag.scoring import signed
from g7tag.text import counted, shortened

Link = Callable[[str], str]
"""Returns the address of a member or item, for example "#DEU"."""
IMAGE_TYPES = (".svg", ".png", ".pdf")
_LEVELS = {"none": ("#f7f7f7", "#222222"), "weak": ("#b5d0e3", "#222222"), "strong": ("#1f5d8c", "#ffffff")}
"""Color of the cell and of its text; from light to dark, so the order is visible in gray print."""
_SCORES = {
    -1: ("#b3560f", "#ffffff"), 0: ("#d9d9d9", "#222222"), 1: ("#1f5d8c", "#ffffff"), None: ("#ffffff", "#222222"),
}  # fmt: skip
"""Orange, gray and blue: distinct for color-blind people; in gray print, the text in the bars shows the score."""
_ACTS = {"same": ("#b5d0e3", "#222222"), "different": ("#1f5d8c", "#ffffff"), "named": ("#ffffff", "#222222")}
_SERIES = (
    ("#1f5d8c", "-", "o"), ("#b3560f", "--", "s"), ("#222222", "-.", "^"), ("#3f7a3e", ":", "D"),
    ("#7b4ea3", "-", "v"), ("#8f6a15", "--", "P"), ("#6b6b6b", "-.", "<"), ("#a33a4f", ":", ">"),
)  # fmt: skip
"""Color, line and marker of each series in turn; distinct in gray print."""
_MARGIN = pd.Timedelta(days=20)
_SIZE, _APART = 5, 5  # points of a mark of the timeline; days between two marks on one row
_SMALL = 8.5  # points: on the page 11 pixels
_OVER_LEGEND = 24  # points between the title and a plot with its legend above
_LONGEST = 24  # characters of a name
_WIDE_ENOUGH, _NAMED = 0.12, 0.25  # shares of a bar with enough space for a number, and for the score with it
LEAST = 0.00005  # shares below are not drawn; probabilities come from 10,000 draws
_OFFSET = 0.25  # between the marks of two files, as a share of a row
_METADATA = {"svg": ("Creator", "Date", "Format", "Type"), "pdf": ("CreationDate",), "png": ("Software",)}
"""Metadata of each format that would differ from day to day or from version to version."""
_PLAIN: Any = {
    "text.parse_math": False, "axes.titlelocation": "left", "axes.titlesize": 11, "legend.frameon": False,
    "legend.fontsize": _SMALL,
}  # fmt: skip
"""Style of all plots: dollar signs are text. Titles and ticks that an Axes already has are set one by one."""
_plain = mpl.rc_context(_PLAIN)


def figure_files(
    draw: Callable[[Axes], Axes], size: tuple[float, float], formats: Sequence[str], *, salt: str,
    style: Mapping[Any, Any] = {}, bare: bool = True, **saved: Any,
) -> dict[str, bytes]:  # fmt: skip
    """Return a plot in each format, the same bytes each time; if `bare`, without title and note."""
    files, figure = {}, Figure(figsize=size, layout="constrained")
    with mpl.rc_context(_PLAIN | {"svg.hashsalt": salt} | dict(style)), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a character that the font lacks is a box; a name may be too long to measure
        ax = draw(figure.subplots())
        if bare:
            ax.set_title("", loc="left")
            ax.set_xlabel("")
        for kind in formats:
            image = BytesIO()
            figure.savefig(image, format=kind, metadata=dict.fromkeys(_METADATA[kind]), **saved)
            files[kind] = image.getvalue()
    return files


@_plain
def plot_evidence(
    evidence_matrix: pd.DataFrame,
    codebook: Codebook,
    *,
    title: str = "Evidence by member and dimension",
    ax: Axes | None = None,
) -> Axes:
    """Draw members by dimensions, with the level as color and the numbers of strong and weak items as text."""
    keys = codebook.dimension_keys
    members = list(dict.fromkeys(evidence_matrix["member"]))
    ax = _new_axes(1.8 + 1.7 * len(keys), 1.4 + 0.45 * max(len(members), 1), ax)
    for row in evidence_matrix.to_dict("records"):
        words = f"{row['level']}\n{row['n_strong']} strong, {row['n_weak']} weak"
        _draw_cell(ax, keys.index(row["dimension"]), members.index(row["member"]), words, _LEVELS[row["level"]])
    _lay_grid(ax, [dimension.label for dimension in codebook.dimensions], members, title)
    return ax


@_plain
def plot_joint_actions(
    joint_actions: pd.DataFrame,
    codebook: Codebook,
    *,
    title: str = "Joint acts: which members have items, and whether the items have the same labels",
    ax: Axes | None = None,
) -> Axes:
    """Draw joint acts by members: a cell has the member's items on the act, or "named" if it has none but is named."""
    shared = joint_actions[joint_actions["members"].str.contains(";")].sort_values(["date", "joint_id"])
    codes = codebook.codes
    ax = _new_axes(2.6 + 0.9 * len(codes), 1.4 + 0.4 * max(len(shared), 1), ax)
    for y, act in enumerate(shared.to_dict("records")):
        items: dict[str, list[str]] = {}
        for item in act["item_ids"].split(";"):
            code, _, number = item.rpartition("/")[2].partition("-")
            items.setdefault(code, []).append(number)
        for x, (member, code) in enumerate(codes.items()):
            if code in items:
                colors = _ACTS["same" if act["alike"] else "different"]
                _draw_cell(ax, x, y, ", ".join(items[code]), colors, edge="#cccccc", width=1)
            elif member in act["named_only"].split(";"):
                _draw_cell(ax, x, y, "named", _ACTS["named"], edge="#cccccc", width=1)
    _lay_grid(ax, list(codes.values()), [day(date) for date in shared["date"]], title)
    ax.set_xlabel(
        "Numbers of the items; light: same labels, dark: different labels; named: only in another member's item",
        fontsize=_SMALL,
    )
    return ax


@_plain
def plot_timeline(
    levels: pd.DataFrame,
    codebook: Codebook,
    *,
    title: str = "When each member acted, and in which dimension",
    ax: Axes | None = None,
    link: Link | None = None,
) -> Axes:
    """Draw items by day in a lane for each member; marks that would overlap are on different rows."""
    members, keys = list(codebook.codes), list(codebook.dimension_keys)
    dated, tops = _lanes(levels, codebook)
    ax = _new_axes(9, timeline_height(levels, codebook), ax)
    legend = []
    for place, key in enumerate(keys):
        color, _, marker = _SERIES[place % len(_SERIES)]
        legend.append(_mark(marker, color, color, key))
        for strength, fill in (("strong", color), ("weak", "white")):
            drawn = dated[(dated["dimension"] == key) & (dated["strong"] == (strength == "strong"))]
            ax.scatter(
                drawn["x"], drawn["y"], s=_SIZE**2, marker=marker, facecolor=fill, edgecolor=color, linewidth=1,
                label=f"{key}, {strength}", urls=[link(each) for each in drawn["item_id"]] if link else None, zorder=3,
                clip_on=False,
            )  # fmt: skip
    outside = dated[~dated["in_period"]]
    ax.scatter(outside["x"], outside["y"], s=60, marker="x", color="#222222", linewidth=1, label="outside the period",
               clip_on=False, zorder=3)  # fmt: skip
    for edge in _places(_period(codebook)):
        ax.axvline(edge, color="#777777", linewidth=0.8, linestyle=":")
    for border in tops[1:-1]:
        ax.axhline(border, color="#dddddd", linewidth=0.6)
    middles = [(top + bottom) / 2 for top, bottom in pairwise(tops)]
    ax.set_yticks(middles, list(map(_named, members)), parse_math=False)
    ax.set_ylim(tops[-1], tops[0])
    ax.xaxis_date()
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_title(title, parse_math=False, pad=_OVER_LEGEND)
    ax.set_xlim(*_places(_period(codebook) + pd.Series([-1.5, 1.5]) * _MARGIN))
    n_outside, n_unread = outside["item_id"].nunique(), levels.loc[levels["date"].isna(), "item_id"].nunique()
    note = ["Day of the item; dotted lines: the period"]
    note += [f"crossed: {n_outside} outside the period"] if n_outside else []
    note += [f"not drawn: {counted(n_unread, 'item')} without a day"] if n_unread else []
    ax.set_xlabel("; ".join(note), fontsize=_SMALL)
    legend += [_mark("o", "#222222", fill, label) for fill, label in (("#222222", "strong"), ("white", "weak"))]
    ax.legend(handles=legend, ncols=len(legend), loc="lower left", bbox_to_anchor=(0, 1))
    return ax


def timeline_height(levels: pd.DataFrame, codebook: Codebook) -> float:
    """Return the height of a timeline in inches."""
    return 1.2 + (_SIZE + 2) / 72 * _lanes(levels, codebook)[1][-1]


@_plain
def plot_scores(
    scores: pd.DataFrame,
    *,
    reading: str,
    title: str = "Probability of each score, from the labels' probabilities",
    ax: Axes | None = None,
    link: Link | None = None,
) -> Axes:
    """Draw the probability of each score by member, with the published score beside the member's name."""
    rows = scores[scores["reading"] == reading].to_dict("records")
    ax = _new_axes(7.5, 1.2 + 0.5 * max(len(rows), 1), ax)
    drawn = set()
    for y, row in enumerate(rows):
        name, shares, left = _named(row["member"]), score_shares(row), 0.0
        over: dict[str, Any] = {"fontsize": 9, "va": "bottom"}
        ax.text(0, y - 0.27, name, weight="bold", url=link(str(row["member"])) if link else None, **over)
        ax.text(1, y - 0.27, f"published {signed(row['published_score'])}{star(row)}", ha="right", **over)
        if shares is None:
            ax.text(0, y, "no probabilities", va="center", fontsize=_SMALL)
        for score, share in (shares or {}).items():
            if share < LEAST:
                continue
            drawn.add(score)
            shade, ink = _SCORES[score]
            ax.barh(y, share, left=left, height=0.48, color=shade, edgecolor="#777777", linewidth=0.6, clip_on=False)
            if share >= _WIDE_ENOUGH:
                words = f"{score_text(score)}: {percent(share)}" if share >= _NAMED else percent(share)
                ax.text(left + share / 2, y, words, ha="center", va="center", fontsize=_SMALL, color=ink)
            left += share
    _lay_grid(ax, [], [""] * len(rows), title, _OVER_LEGEND)
    ax.set_xlim(0, 1)
    ax.set_ylim(max(len(rows), 1) - 0.65, -0.65)
    ax.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    patches = [Patch(facecolor=_SCORES[score][0], edgecolor="#777777", linewidth=0.6, label=score_text(score))
               for score in _SCORES if score is not None or None in drawn]  # fmt: skip
    ax.legend(handles=patches, ncols=4, loc="lower left", bbox_to_anchor=(0, 1))
    return ax


@_plain
def plot_thresholds(
    thresholds: pd.DataFrame,
    *,
    reading: str,
    own: int | None = None,
    title: str = "Suggested scores by the number of strong items for a strong level",
    ax: Axes | None = None,
    link: Link | None = None,
) -> Axes:
    """Draw suggested scores by member and by the number of strong items that make a level strong."""
    rows = thresholds[thresholds["reading"] == reading]
    members, numbers = list(dict.fromkeys(rows["member"])), sorted(set(rows["min_strong_items"]))
    ax = _new_axes(2.4 + 0.9 * len(numbers), 1.4 + 0.4 * max(len(members), 1), ax)
    for row in rows.to_dict("records"):
        score = row["suggested_score"]
        colors = _SCORES[None if pd.isna(score) else int(score)]
        words = f"{score_text(score)}{'*' if row['changes'] else ''}".replace(" ", "\n")
        _draw_cell(ax, numbers.index(row["min_strong_items"]), members.index(row["member"]), words, colors)
    if own in numbers and members:
        corner = (numbers.index(own) - 0.5, -0.5)
        ax.add_artist(Rectangle(corner, 1, len(members), fill=False, edgecolor="#222222", linewidth=1.5, clip_on=False))
    _lay_grid(ax, [f"{number}\n(codebook)" if number == own else str(number) for number in numbers], members, title)
    if link:
        for label, member in zip(ax.get_yticklabels(), members, strict=True):
            label.set_url(link(member))
    ax.set_xlabel(
        "Strong items that make a level strong (*: differs from the score with the codebook's number)", fontsize=_SMALL
    )
    return ax


@_plain
def plot_ranks(
    ranks: pd.DataFrame, *, title: str = "Ranks of the members by their mean score", ax: Axes | None = None
) -> Axes:
    """Draw the best to the worst rank of each member: filled for published scores, open for suggested ones."""
    best = ranks[ranks["scores"] == "published"].sort_values(["best", "worst"], kind="stable", na_position="last")
    members = best["member"].tolist()
    ax = _new_axes(6.5, 1.4 + 0.45 * max(len(members), 1), ax)
    blue, orange = _SERIES[0][0], _SERIES[1][0]
    looks: dict[str, tuple[float, dict[str, Any]]] = {
        "published": (-0.18, {"facecolor": blue, "edgecolor": blue, "label": "published scores"}),
        "suggested": (0.18, {"facecolor": "#ffffff", "edgecolor": orange, "label": "suggested scores, 95% range"}),
    }
    for row in ranks[ranks["best"].notna()].to_dict("records"):
        above, look = looks[row["scores"]]
        left, width = row["best"] - 0.25, row["worst"] - row["best"] + 0.5
        ax.barh(members.index(row["member"]) + above, width, left=left, height=0.3, **look)
    places = range(1, len(members) + 1)
    _lay_grid(ax, [], members, title, 1.5 * _OVER_LEGEND)
    ax.set_xticks(places, list(map(str, places)))
    ax.set_xlim(0.5, max(len(members), 1) + 0.5)
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.legend(handles=[Patch(**look) for _, look in looks.values()], loc="lower left", bbox_to_anchor=(0, 1))
    return ax


@_plain
def plot_learning_curve(curve: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the macro-F1 by the number of labels, with a line for each tagger.

    Parameters
    ----------
    curve
        Result of `g7tag.evaluation.learning_curve`.
    ax
        Axes to draw on. Default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        For each tagger, in the frame's order, a line with 95 % intervals over the tested items. Points without a value
        are skipped; the axes are empty without rows.
    """
    needed = ("tagger", "tested_on", "n_train", "n_tested", "n_items", "f1", "f1_low", "f1_high")
    require_columns(curve, needed, source="plot_learning_curve")
    ax = _new_axes(6, 4, ax)
    for place, (tagger, points) in enumerate(curve.dropna(subset="f1").groupby("tagger", sort=False)):
        _draw_series(ax, place, points["n_train"], points[["f1", "f1_low", "f1_high"]], label=tagger)
    if len(curve):
        n = curve.iloc[0]
        tested = f"Tested on {n['tested_on']}: {n['n_tested']} sentences in {n['n_items']} items"
        ax.set_title(f"{tested}\nBars: 95 % intervals over items", fontsize=9, parse_math=False)
        ax.legend(fontsize=7, loc="lower right")
    ax.set_xlim(left=0)
    ax.set_ylim(0, 1)
    ax.set_xlabel("Labelled sentences")
    ax.set_ylabel("Macro-F1 over the dimensions")
    ax.grid(axis="y", color="#dddddd", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def learning_curve_image(curve: pd.DataFrame, suffix: str) -> bytes:
    """Return the plot of a learning curve as an image."""
    kind, style = suffix.removeprefix("."), {"svg.fonttype": "none"}
    draw = partial(plot_learning_curve, curve)
    return figure_files(lambda ax: draw(ax=ax), (6, 4), [kind], salt="g7tag", style=style, bare=False, dpi=150)[kind]


@_plain
def plot_reliability(
    reliability: pd.DataFrame,
    *,
    scheme: str,
    tested_on: str,
    probabilities: Sequence[str] = ("p_right",),
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw observed frequencies by probability; points of calibrated probabilities are on the diagonal.

    Parameters
    ----------
    reliability
        The frame `reliability` of an evaluation.
    scheme, tested_on
        Select the results to draw.
    probabilities
        Names of the probabilities to draw, one line each.
    title
        Title of the plot. Default: a title with `tested_on` and `scheme`.
    ax
        Axes to draw on. Default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The diagonal, and for each probability a line through bins of equal numbers of sentences, with 95 % intervals
        over items. Without rows there is only the diagonal.
    """
    needed = ("scheme", "tested_on", "probability", "mean", "share", "share_low", "share_high", "n")
    require_columns(reliability, needed, source="plot_reliability")
    ax = _new_axes(4.6, 4.4, ax)
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=":", label="calibrated")
    rows = reliability[(reliability["scheme"] == scheme) & (reliability["tested_on"] == tested_on)]
    for place, name in enumerate(probabilities):
        points = rows[rows["probability"] == name]
        n = int(points["n"].median()) if len(points) else 0
        shares = points[["share", "share_low", "share_high"]]
        _draw_series(ax, place, points["mean"], shares, label=f"{name} ({n} per bin)")
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_aspect("equal")
    ax.set_xlabel("Mean probability in the bin")
    ax.set_ylabel("Observed share in the bin")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left")
    default = f"Reliability of probabilities: {tested_on}\n{scheme}; bars: 95 % intervals over items"
    ax.set_title(default if title is None else title, fontsize=9, parse_math=False)
    return ax


@_plain
def plot_agreement(
    agreement: pd.DataFrame, *, title: str = "Agreement of the two coders by label", ax: Axes | None = None
) -> Axes:
    """Draw Krippendorff's alpha of each label with its interval, a mark for each file.

    Parameters
    ----------
    agreement
        Result of `g7tag.corpus.coders_agreement`.
    title
        Title of the plot.
    ax
        Axes to draw on. Default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A mark for each file and label, with 95 % intervals over items; labels are rows, from the top. Labels without an
        alpha have no mark. There are dotted lines at `BARS`, without rows only these.
    """
    require_columns(agreement, ("label", "file", "alpha", "low", "high"), source="plot_agreement")
    labels, files = list(dict.fromkeys(agreement["label"])), list(dict.fromkeys(agreement["file"]))
    ax = _new_axes(6.5, 1.4 + 0.45 * max(len(labels), 1), ax)
    for bar in BARS:
        ax.axvline(bar, color="#999999", linewidth=0.8, linestyle=":")
    for place, file in enumerate(files):
        rows = agreement[(agreement["file"] == file) & agreement["alpha"].notna()]
        lanes = [labels.index(label) + _OFFSET * (place - (len(files) - 1) / 2) for label in rows["label"]]
        values = rows[["alpha", "low", "high"]]
        _draw_series(ax, place, lanes, values, across=True, linestyle="", markersize=5, label=file, clip_on=False)
    ax.set_yticks(range(len(labels)), list(map(_named, labels)), parse_math=False)
    ax.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    ax.set_xlim(min([0.5, *agreement["low"].dropna()]), 1.02)
    ax.set_xlabel(
        "Krippendorff's alpha (1: perfect, 0: chance; dotted: 0.667 tentative, 0.8 reliable);\n"
        "bars: 95 % intervals over items",
        fontsize=_SMALL,
    )
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(title, parse_math=False)
    if len(files) > 1:
        ax.legend(loc="lower left")
    return ax


def _period(codebook: Codebook) -> pd.Series:
    return pd.Series(pd.to_datetime([codebook.commitment.period_start, codebook.commitment.period_end]))


def _lanes(levels: pd.DataFrame, codebook: Codebook) -> tuple[pd.DataFrame, list[int]]:
    """Return the items with a day, with the places x and y of their marks, and the borders of the members' lanes."""
    first, last = _period(codebook)
    dated = levels[levels["date"].notna() & levels["member"].isin(list(codebook.codes))]
    dated = dated.assign(x=_places(dated["date"].clip(first - _MARGIN, last + _MARGIN)))
    dated = dated.sort_values(["x", "item_id"], kind="stable")
    ends: dict[tuple[str, str], list[float]] = {}  # the last mark of each row
    rows = []
    for *lane, x in dated[["member", "dimension", "x"]].itertuples(index=False):
        own = ends.setdefault(tuple(lane), [])
        row = next((row for row, end in enumerate(own) if x - end >= _APART), len(own))
        own[row : row + 1] = [x]
        rows.append(row)
    borders, starts = [0], {}
    for member in codebook.codes:
        top = borders[-1] + 1
        for key in codebook.dimension_keys:
            starts[member, key] = top
            top += max(len(ends.get((member, key), ())), 1)
        borders.append(top)
    lanes = zip(dated["member"], dated["dimension"], rows, strict=True)
    return dated.assign(y=[float(starts[member, key] + row) for member, key, row in lanes]), borders


def _named(name: object) -> str:
    return shortened(str(name), most=_LONGEST)


def _places(dates: pd.Series) -> pd.Series:
    """Return days since 1970, the unit of dates in matplotlib."""
    return (dates - pd.Timestamp(0)) / pd.Timedelta(days=1)


def _new_axes(width: float, height: float, ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt  # noqa: PLC0415 - the page needs only figures

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def _draw_cell(
    ax: Axes, x: int, y: int, words: str, colors: tuple[str, str], *, edge: str = "white", width: float = 2
) -> None:
    """Draw a cell of a grid: a square in the first color with text in the second."""
    square = Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colors[0], edgecolor=edge, linewidth=width, clip_on=False)
    ax.add_patch(square)
    ax.text(x, y, words, ha="center", va="center", fontsize=_SMALL, color=colors[1])


def _lay_grid(ax: Axes, columns: list[str], rows: list[str], title: str, pad: float = 6) -> None:
    """Label the columns and rows of a grid of unit cells, with the first row at the top."""
    ax.set_xlim(-0.5, max(len(columns), 1) - 0.5)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xticks(range(len(columns)), columns, parse_math=False)
    ax.set_yticks(range(len(rows)), list(map(_named, rows)), parse_math=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title, parse_math=False, pad=pad)


def _mark(marker: str, color: str, fill: str, label: str) -> Line2D:
    return Line2D([], [], linestyle="", color=color, marker=marker, markerfacecolor=fill, label=label)


def _draw_series(ax: Axes, place: int, at: Any, values: pd.DataFrame, *, across: bool = False, **given: Any) -> None:
    """Draw values with their intervals, 0 long where there is none; rounding may put an end on the wrong side."""
    value, low, high = (values.iloc[:, column] for column in range(3))
    ends = [end.clip(lower=0) for end in (value - low.fillna(value), high.fillna(value) - value)]
    color, line, marker = _SERIES[place % len(_SERIES)]
    look: dict[str, Any] = {
        "color": color,
        "linestyle": line,
        "marker": marker,
        "markersize": 4,
        "capsize": 2,
        "elinewidth": 0.8,
    }
    if across:
        ax.errorbar(value, at, xerr=ends, **look | given)
    else:
        ax.errorbar(at, value, yerr=ends, **look | given)
