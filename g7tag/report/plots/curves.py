"""Learning curves: what more training sentences are worth."""

from io import BytesIO

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from g7tag.report.plots.style import SERIES, as_text, new_axes


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
