"""Plots on the tagger and on coders: learning curves, reliability of probabilities, agreement."""

from collections.abc import Sequence
from io import BytesIO

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from g7tag.frames import require_columns
from g7tag.report.agreement import BARS
from g7tag.report.plots.style import SERIES, as_text, new_axes

_OFFSET = 0.25  # between the marks of two files, as a share of a row


def plot_learning_curve(curve: pd.DataFrame, *, tested_on: str, ax: Axes | None = None) -> Axes:
    """Draw the macro-F1 by the number of training sentences, with a line for each training file or each tagger.

    Parameters
    ----------
    curve
        Result of `g7tag.learning_curve` or, with a line for each tagger, of `g7tag.few_labels_curve`.
    tested_on
        File, or all files, whose sentences were used for testing.
    ax
        Axes to draw on. Default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        For each training file, in the frame's order, a line with 95 % intervals over the tested items, and a band from
        the minimum to the maximum over draws of training sentences. Points without a value are skipped; the axes are
        empty without rows. A new figure has a legend and a label on its y axis.
    """
    alone = ax is None
    needed = ("tested_on", "n_train", "f1", "f1_low", "f1_high", "least", "greatest")
    require_columns(curve, needed, source="plot_learning_curve")
    ax = new_axes(6, 4, ax)
    rows = curve[(curve["tested_on"] == tested_on) & curve["f1"].notna()]
    by, named = ("tagger", "") if "tagger" in curve else ("trained_on", "trained on ")
    for place, source in enumerate(dict.fromkeys(curve[by])):  # a file keeps its style if it has no points
        points = rows[rows[by] == source]
        color, line, marker = SERIES[place % len(SERIES)]
        reach = [points["f1"] - points["f1_low"], points["f1_high"] - points["f1"]]
        ax.errorbar(
            points["n_train"], points["f1"], yerr=reach, label=f"{named}{source}", color=color,
            linestyle=line, marker=marker, markersize=4, capsize=2, elinewidth=0.8,
        )  # fmt: skip
        ax.fill_between(points["n_train"], points["least"], points["greatest"], color=color, alpha=0.15, linewidth=0)
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
    """Return the learning curves of all tested files, side by side, as an image."""
    names = list(dict.fromkeys(curve["tested_on"]))
    figure = Figure(figsize=(4.2 * len(names), 3.9), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for ax, name in zip(panels, names, strict=True):
        plot_learning_curve(curve, tested_on=name, ax=ax)
    _explain(panels[0])
    between = "\n" if len(names) == 1 else " "
    title = f"Macro-F1 by number of training sentences{between}(bars: 95 % intervals over tested items;{between}"
    figure.suptitle(f"{title}bands: draws of sentences)", x=0.01, ha="left", fontsize=10)
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
    ax = new_axes(4.6, 4.4, ax)
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=":", label="calibrated")
    rows = reliability[(reliability["scheme"] == scheme) & (reliability["tested_on"] == tested_on)]
    for place, name in enumerate(probabilities):
        points = rows[rows["probability"] == name]
        color, line, marker = SERIES[place % len(SERIES)]
        low, high = (points[end].fillna(points["share"]) for end in ("share_low", "share_high"))
        n = int(points["n"].median()) if len(points) else 0
        ax.errorbar(
            points["mean"], points["share"], yerr=[_up(points["share"] - low), _up(high - points["share"])],
            color=color, linestyle=line, marker=marker, markersize=4, capsize=2, elinewidth=0.8,
            label=f"{name} ({n} per bin)",
        )  # fmt: skip
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_aspect("equal")
    ax.set_xlabel("Mean probability in the bin")
    ax.set_ylabel("Observed share in the bin")
    ax.spines[["top", "right"]].set_visible(False)
    as_text(ax.legend(fontsize=8, loc="upper left", frameon=False))
    default = f"Reliability of probabilities: {tested_on}\n{scheme}; bars: 95 % intervals over items"
    ax.set_title(default if title is None else title, loc="left", fontsize=9, parse_math=False)
    return ax


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
    ax = new_axes(6.5, 1.4 + 0.45 * max(len(labels), 1), ax)
    for bar in BARS:
        ax.axvline(bar, color="#999999", linewidth=0.8, linestyle=":")
    for place, file in enumerate(files):
        rows = agreement[(agreement["file"] == file) & agreement["alpha"].notna()]
        color, _, marker = SERIES[place % len(SERIES)]
        low, high = (rows[end].fillna(rows["alpha"]) for end in ("low", "high"))
        lanes = [labels.index(label) + _OFFSET * (place - (len(files) - 1) / 2) for label in rows["label"]]
        ax.errorbar(
            rows["alpha"], lanes, xerr=[_up(rows["alpha"] - low), _up(high - rows["alpha"])], color=color,
            linestyle="", marker=marker, markersize=5, capsize=2, elinewidth=0.8, label=file,
        )  # fmt: skip
    ax.set_yticks(range(len(labels)), labels, parse_math=False)
    ax.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    ax.set_xlim(min([0.5, *agreement["low"].dropna()]), 1.02)
    ax.set_xlabel(
        "Krippendorff's alpha (1: perfect, 0: chance; dotted: 0.667 tentative, 0.8 reliable);\n"
        "bars: 95 % intervals over items",
        fontsize=8,
    )
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(title, loc="left", fontsize=11, parse_math=False)
    if files:
        as_text(ax.legend(fontsize=8, loc="lower left", frameon=False))
    return ax


def _up(reach: pd.Series) -> pd.Series:
    """Return the length of an interval to one side; rounding may make it negative."""
    return reach.clip(lower=0)
