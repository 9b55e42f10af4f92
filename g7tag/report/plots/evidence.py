"""Plots of evidence: members by dimension, acts of several members, and items by day."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from g7tag.audit import day
from g7tag.codebook import Codebook
from g7tag.report.plots.style import LEVEL_INKS, LEVEL_SHADES, SERIES, as_text, draw_cell, lay_grid, new_axes

_SHADES = {"alike": "#b5d0e3", "unlike": "#1f5d8c", "named": "#ffffff"}
_INKS = {"alike": "#222222", "unlike": "#ffffff", "named": "#222222"}
_MARGIN = pd.Timedelta(days=20)
_LANE = 0.8  # height of a member's lane, of 1


def plot_evidence(
    evidence_matrix: pd.DataFrame,
    codebook: Codebook,
    *,
    title: str = "Evidence by member and dimension",
    ax: Axes | None = None,
) -> Axes:
    """Draw members by dimensions: the shade is the level, the words are the numbers of strong and weak items.

    Parameters
    ----------
    evidence_matrix
        The evidence matrix frame.
    codebook
        Order and labels of the dimensions.
    title
        What is seen; say here if it is only a sample.
    ax
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        One patch and one text for each row of the frame, in its order. No rows give empty axes.
    """
    keys = codebook.dimension_keys
    members = list(dict.fromkeys(evidence_matrix["member"]))
    ax = new_axes(1.8 + 1.7 * len(keys), 1.4 + 0.45 * max(len(members), 1), ax)
    for row in evidence_matrix.to_dict("records"):
        place, level = (keys.index(row["dimension"]), members.index(row["member"])), str(row["level"])
        words = f"{level}\n{row['n_strong']} strong, {row['n_weak']} weak"
        draw_cell(ax, place, words, shade=LEVEL_SHADES[level], ink=LEVEL_INKS[level])
    lay_grid(ax, [dimension.label for dimension in codebook.dimensions], members, title)
    return ax


def plot_joint_actions(
    joint_actions: pd.DataFrame,
    codebook: Codebook,
    *,
    title: str = "Acts of several members: whose evidence they are, and whether they are labelled alike",
    ax: Axes | None = None,
) -> Axes:
    """Draw acts by members: a cell is the member's items on the act, or that it is named and has none.

    Parameters
    ----------
    joint_actions
        The joint_actions frame; acts that one member's item alone tells of are left out.
    codebook
        Names the members, and gives their codes.
    title
        What is seen.
    ax
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each act, by day; a patch and a text for each member that an act counts for ("alike" light, "unlike"
        dark, the numbers of its items), and for each that it names alone ("named", white). No acts give empty axes.
    """
    shared = joint_actions[joint_actions["members"].str.contains(";")].sort_values(["date", "joint_id"])
    members = list(codebook.codes)
    ax = new_axes(2.6 + 0.9 * len(members), 1.4 + 0.4 * max(len(shared), 1), ax)
    for y, act in enumerate(shared.to_dict("records")):
        kind = "alike" if act["alike"] else "unlike"
        items: dict[str, list[str]] = {}
        for item in act["item_ids"].split(";"):
            code, _, number = item.rpartition("/")[2].partition("-")
            items.setdefault(code, []).append(number)
        for member, code in codebook.codes.items():
            named = member in act["named_only"].split(";")
            if code in items or named:
                words, how = (", ".join(items[code]), kind) if code in items else ("named", "named")
                place = members.index(member), y
                draw_cell(ax, place, words, shade=_SHADES[how], ink=_INKS[how], edge="#cccccc", width=1)
    lay_grid(ax, [codebook.codes[member] for member in members], [day(date) for date in shared["date"]], title)
    ax.set_xlabel("Numbers of the items; light: labelled alike, dark: not; named: no item on it", fontsize=8)
    return ax


def plot_timeline(
    levels: pd.DataFrame,
    codebook: Codebook,
    *,
    title: str = "When each member acted, and in which dimension",
    ax: Axes | None = None,
) -> Axes:
    """Draw items by day in a lane for each member: colour and shape are the dimension, filled is strong, hollow weak.

    Parameters
    ----------
    levels
        What `g7tag.item_levels` returns.
    codebook
        Order of members and dimensions, and the period.
    title
        What is seen.
    ax
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        For each dimension a line of strong and one of weak items, labelled "counter, strong"; an item in several
        dimensions has a mark in each. Lanes stand in the codebook's order, dimensions within a lane from the top.
        Items outside the period are crossed out; those far from it stand at the edges, those whose day is unread are
        only counted. No rows give empty lanes.
    """
    members, keys = list(codebook.codes), list(codebook.dimension_keys)
    ax = new_axes(9, 1.6 + 0.16 * len(members) * (len(keys) + 1), ax)
    first, last = pd.Timestamp(codebook.commitment.period_start), pd.Timestamp(codebook.commitment.period_end)
    edges = _places(pd.Series([first - _MARGIN, last + _MARGIN])).tolist()
    dated = levels[levels["date"].notna() & levels["member"].isin(members)]
    height = {key: _LANE * ((place + 0.5) / len(keys) - 0.5) for place, key in enumerate(keys)}
    for place, key in enumerate(keys):
        colour, _, marker = SERIES[place % len(SERIES)]
        for strength, its in (("strong", dated[dated["strong"]]), ("weak", dated[~dated["strong"]])):
            drawn = its[its["dimension"] == key]
            days = _places(drawn["date"]).clip(*edges).tolist()
            lanes = [members.index(member) + height[key] for member in drawn["member"]]
            fill = colour if strength == "strong" else "white"
            ax.plot(
                days, lanes, linestyle="", marker=marker, markersize=5, markeredgewidth=1, color=colour,
                markerfacecolor=fill, label=f"{key}, {strength}",
            )  # fmt: skip
    outside = dated[~dated["in_period"]]
    far = _places(outside["date"]).clip(*edges).tolist()
    crossed = [members.index(row["member"]) + height[row["dimension"]] for row in outside.to_dict("records")]
    ax.plot(far, crossed, linestyle="", marker="x", markersize=9, color="#222222", label="outside the period")
    for edge in _places(pd.Series([first, last])):
        ax.axvline(edge, color="#999999", linewidth=0.8, linestyle=":")
    _lay_lanes(ax, members, title)
    ax.set_xlim(edges[0] - 10, edges[1] + 10)
    unread = levels.loc[levels["date"].isna(), "item_id"].nunique()
    ax.set_xlabel(_note(outside["item_id"].nunique(), unread), fontsize=8)
    _legend(ax, keys)
    return ax


def _places(dates: pd.Series) -> pd.Series:
    """Days since 1970, as matplotlib counts them."""
    return (dates - pd.Timestamp(0)) / pd.Timedelta(days=1)


def _lay_lanes(ax: Axes, members: list[str], title: str) -> None:
    ax.set_ylim(len(members) - 0.5, -0.5)
    ax.set_yticks(range(len(members)), members, parse_math=False)
    for border in range(1, len(members)):
        ax.axhline(border - 0.5, color="#dddddd", linewidth=0.6)
    ax.xaxis_date()
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_title(title, loc="left", fontsize=11, parse_math=False)


def _note(n_outside: int, n_unread: int) -> str:
    parts = ["Day of the item; dotted: the period"]
    parts += [f"crossed, if far at the edges: {n_outside} outside it"] if n_outside else []
    parts += [f"not drawn: {n_unread} items whose day is unread"] if n_unread else []
    return "; ".join(parts)


def _legend(ax: Axes, keys: list[str]) -> None:
    """Each dimension with its colour and shape, then what filled and hollow mean."""
    entries = []
    for place, key in enumerate(keys):
        colour, _, marker = SERIES[place % len(SERIES)]
        entries.append(Line2D([], [], linestyle="", color=colour, marker=marker, label=key))
    for fill, label in (("#222222", "strong"), ("white", "weak")):
        entries.append(Line2D([], [], linestyle="", color="#222222", marker="o", markerfacecolor=fill, label=label))
    below = (0, -0.09)
    as_text(
        ax.legend(
            handles=entries, ncols=len(entries), fontsize=8, loc="upper left", bbox_to_anchor=below, frameon=False
        )
    )
