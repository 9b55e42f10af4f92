"""How far labels can be trusted: reliability of probabilities, and agreement of coders."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from g7tag.report.plots.style import SERIES, as_text, new_axes

BARS = (0.667, 0.8)
"""Alpha from which on conclusions may be tentative, and from which on data may be relied on (Krippendorff 2004)."""
_APART = 0.25  # of a row, between the marks of two files


def plot_reliability(
    reliability: pd.DataFrame,
    *,
    scheme: str,
    tested_on: str,
    probabilities: Sequence[str] = ("p_right",),
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often what a probability is of was so, beside the probability: on the diagonal it holds.

    Parameters
    ----------
    reliability
        The frame `reliability` of an evaluation.
    scheme, tested_on
        Which of its measurements to draw.
    probabilities
        Which probabilities, a line each.
    title
        What is seen; None says it of these.
    ax
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The diagonal, and for each probability a line through its bins of equally many sentences, each with its 95 %
        interval over items. No rows give the diagonal alone.
    """
    ax = new_axes(4.6, 4.4, ax)
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=":", label="holds")
    rows = reliability[(reliability["scheme"] == scheme) & (reliability["tested_on"] == tested_on)]
    for place, name in enumerate(probabilities):
        points = rows[rows["probability"] == name]
        colour, line, marker = SERIES[place % len(SERIES)]
        low, high = (points[end].fillna(points["share"]) for end in ("share_low", "share_high"))
        n = int(points["n"].median()) if len(points) else 0
        ax.errorbar(
            points["mean"], points["share"], yerr=[_up(points["share"] - low), _up(high - points["share"])],
            color=colour, linestyle=line, marker=marker, markersize=4, capsize=2, elinewidth=0.8,
            label=f"{name} ({n} a bin)",
        )  # fmt: skip
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_aspect("equal")
    ax.set_xlabel("Mean probability of a bin")
    ax.set_ylabel("Share of its sentences of which it was so")
    ax.spines[["top", "right"]].set_visible(False)
    as_text(ax.legend(fontsize=8, loc="upper left", frameon=False))
    said = f"Do probabilities hold? {tested_on}\n{scheme}; bars: 95 % intervals over items"
    ax.set_title(said if title is None else title, loc="left", fontsize=9, parse_math=False)
    return ax


def plot_agreement(
    agreement: pd.DataFrame, *, title: str = "How far the two coders agreed, label by label", ax: Axes | None = None
) -> Axes:
    """Draw Krippendorff's alpha of each label with its interval, a mark for each file.

    Parameters
    ----------
    agreement
        What `g7tag.coders_agreement` returns.
    title
        What is seen.
    ax
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        For each file a line of marks, a row for each label from the top, with 95 % intervals over items; labels without
        an alpha have no mark. Dotted lines stand at `BARS`. No rows give the lines alone.
    """
    labels, files = list(dict.fromkeys(agreement["label"])), list(dict.fromkeys(agreement["file"]))
    ax = new_axes(6.5, 1.4 + 0.45 * max(len(labels), 1), ax)
    for bar in BARS:
        ax.axvline(bar, color="#999999", linewidth=0.8, linestyle=":")
    for place, file in enumerate(files):
        rows = agreement[(agreement["file"] == file) & agreement["alpha"].notna()]
        colour, _, marker = SERIES[place % len(SERIES)]
        low, high = (rows[end].fillna(rows["alpha"]) for end in ("low", "high"))
        lanes = [labels.index(label) + _APART * (place - (len(files) - 1) / 2) for label in rows["label"]]
        ax.errorbar(
            rows["alpha"], lanes, xerr=[_up(rows["alpha"] - low), _up(high - rows["alpha"])], color=colour,
            linestyle="", marker=marker, markersize=5, capsize=2, elinewidth=0.8, label=file,
        )  # fmt: skip
    ax.set_yticks(range(len(labels)), labels, parse_math=False)
    ax.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    ax.set_xlim(min([0.5, *agreement["low"].dropna()]), 1.02)
    ax.set_xlabel(
        "Krippendorff's alpha (1: all alike, 0: as chance would; dotted: 0.667 tentative, 0.8 reliable);\n"
        "bars: 95 % intervals over items",
        fontsize=8,
    )
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(title, loc="left", fontsize=11, parse_math=False)
    if files:
        as_text(ax.legend(fontsize=8, loc="lower left", frameon=False))
    return ax


def _up(reach: pd.Series) -> pd.Series:
    """How far an interval reaches; an end may differ from the value by rounding alone."""
    return reach.clip(lower=0)
