"""Plots of evidence: members by dimension, joint acts, and items by day."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from g7tag.audit import day
from g7tag.codebook import Codebook
from g7tag.report.plots.style import LEVEL_INKS, LEVEL_SHADES, SERIES, as_text, draw_cell, lay_grid, new_axes
from g7tag.text import counted

_SHADES = {"same": "#b5d0e3", "different": "#1f5d8c", "named": "#ffffff"}
_INKS = {"same": "#222222", "different": "#ffffff", "named": "#222222"}
_MARGIN = pd.Timedelta(days=20)
_LANE = 0.8  # height of a member's lane, of 1


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
    title: str = "Joint acts: which members have items, and whether the items have the same labels",
    ax: Axes | None = None,
) -> Axes:
    """Draw joint acts by members: a cell has the member's items on the act, or "named" if it has none but is named."""
    shared = joint_actions[joint_actions["members"].str.contains(";")].sort_values(["date", "joint_id"])
    members = list(codebook.codes)
    ax = new_axes(2.6 + 0.9 * len(members), 1.4 + 0.4 * max(len(shared), 1), ax)
    for y, act in enumerate(shared.to_dict("records")):
        kind = "same" if act["alike"] else "different"
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
    ax.set_xlabel(
        "Numbers of the items; light: same labels, dark: different labels; named: only in another member's item",
        fontsize=8,
    )
    return ax


def plot_timeline(
    levels: pd.DataFrame,
    codebook: Codebook,
    *,
    title: str = "When each member acted, and in which dimension",
    ax: Axes | None = None,
) -> Axes:
    """Draw items by day in a lane for each member."""
    members, keys = list(codebook.codes), list(codebook.dimension_keys)
    ax = new_axes(9, 1.6 + 0.16 * len(members) * (len(keys) + 1), ax)
    first, last = pd.Timestamp(codebook.commitment.period_start), pd.Timestamp(codebook.commitment.period_end)
    edges = _places(pd.Series([first - _MARGIN, last + _MARGIN])).tolist()
    dated = levels[levels["date"].notna() & levels["member"].isin(members)]
    height = {key: _LANE * ((place + 0.5) / len(keys) - 0.5) for place, key in enumerate(keys)}
    for place, key in enumerate(keys):
        color, _, marker = SERIES[place % len(SERIES)]
        for strength, rows in (("strong", dated[dated["strong"]]), ("weak", dated[~dated["strong"]])):
            drawn = rows[rows["dimension"] == key]
            days = _places(drawn["date"]).clip(*edges).tolist()
            lanes = [members.index(member) + height[key] for member in drawn["member"]]
            fill = color if strength == "strong" else "white"
            ax.plot(
                days, lanes, linestyle="", marker=marker, markersize=5, markeredgewidth=1, color=color,
                markerfacecolor=fill, label=f"{key}, {strength}", zorder=3 if strength == "strong" else 2,
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
    """Return days since 1970, the unit of dates in matplotlib."""
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
    parts = ["Day of the item; dotted lines: the period"]
    parts += [f"crossed: {n_outside} outside the period"] if n_outside else []
    parts += [f"not drawn: {counted(n_unread, 'item')} without a day"] if n_unread else []
    return "; ".join(parts)


def _legend(ax: Axes, keys: list[str]) -> None:
    """Add a legend with the dimensions, and with filled and hollow marks."""
    entries = []
    for place, key in enumerate(keys):
        color, _, marker = SERIES[place % len(SERIES)]
        entries.append(Line2D([], [], linestyle="", color=color, marker=marker, label=key))
    for fill, label in (("#222222", "strong"), ("white", "weak")):
        entries.append(Line2D([], [], linestyle="", color="#222222", marker="o", markerfacecolor=fill, label=label))
    below = (0, -0.09)
    as_text(
        ax.legend(
            handles=entries, ncols=len(entries), fontsize=8, loc="upper left", bbox_to_anchor=below, frameon=False
        )
    )
