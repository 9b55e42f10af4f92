"""The evidence of members by dimension, as a grid."""

import pandas as pd
from matplotlib.axes import Axes

from g7tag.codebook import Codebook
from g7tag.report.plots.style import LEVEL_INKS, LEVEL_SHADES, draw_cell, lay_grid, new_axes


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
