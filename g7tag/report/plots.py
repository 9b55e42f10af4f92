"""Plots of frames: each takes a frame, draws on an Axes and returns it; no global state is set."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from g7tag.codebook import Codebook

LEVEL_SHADES = {"none": "#f7f7f7", "weak": "#b5d0e3", "strong": "#1f5d8c"}
"""From light to dark, so that grey print keeps the order."""
LEVEL_INKS = {"none": "#222222", "weak": "#222222", "strong": "#ffffff"}


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
    if ax is None:
        height = 1.4 + 0.45 * max(len(members), 1)
        ax = plt.subplots(figsize=(1.8 + 1.7 * len(keys), height), layout="constrained")[1]
    for row in evidence_matrix.to_dict("records"):
        x, y, level = keys.index(row["dimension"]), members.index(row["member"]), str(row["level"])
        ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=LEVEL_SHADES[level], edgecolor="white", linewidth=2))
        words = f"{level}\n{row['n_strong']} strong, {row['n_weak']} weak"
        ax.text(x, y, words, ha="center", va="center", fontsize=8, color=LEVEL_INKS[level], parse_math=False)
    ax.set_xlim(-0.5, len(keys) - 0.5)
    ax.set_ylim(max(len(members), 1) - 0.5, -0.5)
    ax.set_xticks(range(len(keys)), [dimension.label for dimension in codebook.dimensions], parse_math=False)
    ax.set_yticks(range(len(members)), members, parse_math=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title, loc="left", fontsize=11, parse_math=False)
    return ax
