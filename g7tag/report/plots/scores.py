"""Plots of scores: their probabilities, and suggested scores by threshold."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from g7tag.audit import score_text
from g7tag.report.plots.style import (
    NO_SCORE_INK,
    NO_SCORE_SHADE,
    SCORE_INKS,
    SCORE_SHADES,
    as_text,
    draw_cell,
    lay_grid,
    new_axes,
)
from g7tag.report.tables import percent
from g7tag.scoring import CLEAR, P_COLUMNS, signed

_WIDE_ENOUGH = 0.08  # share of a bar with enough space for a number


def plot_scores(
    scores: pd.DataFrame,
    *,
    reading: str,
    title: str = "Probability of each score, from the labels' probabilities",
    ax: Axes | None = None,
) -> Axes:
    """Draw the probability of each score by member, with the published score in the member's label."""
    rows = scores[scores["reading"] == reading].reset_index(drop=True)
    ax = new_axes(7.5, 1.6 + 0.4 * max(len(rows), 1), ax)
    left = [0.0] * len(rows)
    for score, column in P_COLUMNS.items():
        shares = rows[column].fillna(0.0).tolist()
        ax.barh(range(len(rows)), shares, left=left, height=0.7, color=SCORE_SHADES[score], edgecolor="white")
        for place, share in enumerate(shares):
            if share >= _WIDE_ENOUGH:
                middle, ink = left[place] + share / 2, SCORE_INKS[score]
                ax.text(middle, place, percent(share), ha="center", va="center", fontsize=8, color=ink)
        left = [start + share for start, share in zip(left, shares, strict=True)]
    names = [
        f"{row['member']}, published {signed(row['published_score'])}{_star(row)}" for row in rows.to_dict("records")
    ]
    lay_grid(ax, [], names, title)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    patches = [Patch(color=shade, label=signed(score)) for score, shade in SCORE_SHADES.items()]
    as_text(ax.legend(handles=patches, ncols=3, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.06), frameon=False))
    return ax


def plot_thresholds(
    thresholds: pd.DataFrame,
    *,
    reading: str,
    own: int | None = None,
    title: str = "Suggested scores by the number of strong items for a strong level",
    ax: Axes | None = None,
) -> Axes:
    """Draw suggested scores by member and by the number of strong items that make a level strong."""
    rows = thresholds[thresholds["reading"] == reading]
    members, numbers = list(dict.fromkeys(rows["member"])), sorted(set(rows["min_strong_items"]))
    ax = new_axes(2.4 + 0.9 * len(numbers), 1.4 + 0.4 * max(len(members), 1), ax)
    for row in rows.to_dict("records"):
        place, score = (numbers.index(row["min_strong_items"]), members.index(row["member"])), row["suggested_score"]
        known = not pd.isna(score)
        shade = SCORE_SHADES[int(score)] if known else NO_SCORE_SHADE
        ink = SCORE_INKS[int(score)] if known else NO_SCORE_INK
        draw_cell(ax, place, f"{score_text(score)}{'*' if row['changes'] else ''}", shade=shade, ink=ink)
    lay_grid(ax, [f"{number}\n(codebook)" if number == own else str(number) for number in numbers], members, title)
    ax.set_xlabel(
        "Strong items that make a level strong (*: differs from the score with the codebook's number)", fontsize=8
    )
    return ax


def _star(row: dict[Any, Any]) -> str:
    """Return a star if the published score is not the most likely one, or if no score reaches `CLEAR`."""
    shares = {score: float(row[column]) for score, column in P_COLUMNS.items()}
    best = max(shares, key=lambda score: shares[score])
    doubtful = shares[best] < CLEAR or (not pd.isna(row["published_score"]) and row["published_score"] != best)
    return " *" if doubtful else ""
