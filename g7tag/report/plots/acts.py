"""Acts of several members, as a grid: for whom each counts, and whether it is labelled alike."""

import pandas as pd
from matplotlib.axes import Axes

from g7tag.audit import day
from g7tag.codebook import Codebook
from g7tag.report.plots.style import draw_cell, lay_grid, new_axes

_SHADES = {"alike": "#b5d0e3", "unlike": "#1f5d8c", "named": "#ffffff"}
_INKS = {"alike": "#222222", "unlike": "#ffffff", "named": "#222222"}


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
