"""Plots of the tagger and its coders: learning curves, whether probabilities hold, agreement."""

from collections.abc import Sequence
from io import BytesIO

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from g7tag.report.plots.style import SERIES, as_text, new_axes

BARS = (0.667, 0.8)
"""Alpha from which on conclusions may be tentative, and from which on data may be relied on (Krippendorff 2004)."""
_APART = 0.25  # of a row, between the marks of two files


def plot_learning_curve(curve: pd.DataFrame, *, tested_on: str, ax: Axes | None = None) -> Axes:
    """Draw the macro-F1 on one file's dev part by the number of training sentences, a line for each file trained on.

    Parameters
    ----------
    curve
        What `g7tag.learning_curve` returns.
    tested_on
        The file, or all files, on whose dev part the taggers were tested.
    ax
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        For each file trained on, in the frame's order, a line with its 95 % intervals over the tested items, and a band
        from the least to the greatest of the draws of training sentences. Points without a value are left out; no rows
        give empty axes. A figure of its own has a legend and names its y axis.
    """
    alone = ax is None
    ax = new_axes(6, 4, ax)
    rows = curve[(curve["tested_on"] == tested_on) & curve["f1"].notna()]
    for place, source in enumerate(dict.fromkeys(curve["trained_on"])):  # a file keeps its style where it has no points
        points = rows[rows["trained_on"] == source]
        colour, line, marker = SERIES[place % len(SERIES)]
        reach = [points["f1"] - points["f1_low"], points["f1_high"] - points["f1"]]
        ax.errorbar(
            points["n_train"], points["f1"], yerr=reach, label=f"trained on {source}", color=colour,
            linestyle=line, marker=marker, markersize=4, capsize=2, elinewidth=0.8,
        )  # fmt: skip
        ax.fill_between(points["n_train"], points["least"], points["greatest"], color=colour, alpha=0.15, linewidth=0)
    if len(rows):
        n = rows.iloc[0]
        title = f"Tested on {tested_on}\n{n['n_tested']} sentences in {n['n_items']} items"
        ax.set_title(title, loc="left", fontsize=9, parse_math=False)
    ax.set_xlim(left=0)
    ax.set_ylim(0, 1)
    ax.set_xlabel("Training sentences")
    ax.grid(axis="y", color="#dddddd", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    if alone and len(rows):
        _explain(ax)
    return ax


def _explain(ax: Axes) -> None:
    ax.set_ylabel("Macro-F1 over the dimensions", fontsize=8)
    as_text(ax.legend(fontsize=7, loc="lower right", frameon=False))


def learning_curve_image(curve: pd.DataFrame, suffix: str) -> bytes:
    """Return the learning curves of all files tested on, side by side, as an image of a type of `IMAGE_TYPES`.

    Parameters
    ----------
    curve
        What `g7tag.learning_curve` returns; at least one row.
    suffix
        Such as ".svg". The same curve gives the same bytes.
    """
    names = list(dict.fromkeys(curve["tested_on"]))
    figure = Figure(figsize=(4.2 * len(names), 3.9), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for ax, name in zip(panels, names, strict=True):
        plot_learning_curve(curve, tested_on=name, ax=ax)
    _explain(panels[0])
    figure.suptitle(
        "What more training sentences are worth (bars: 95 % intervals over tested items; bands: draws of sentences)",
        x=0.01, ha="left", fontsize=10,
    )  # fmt: skip
    made = {".svg": "Date", ".pdf": "CreationDate"}.get(suffix)
    image = BytesIO()
    with plt.rc_context({"svg.hashsalt": "g7tag", "svg.fonttype": "none"}):
        figure.savefig(image, format=suffix.removeprefix("."), dpi=150, metadata={made: None} if made else {})
    return image.getvalue()


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
