"""Colors and helpers for plots; the colors can be distinguished in gray print and by color-blind people."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.patches import Rectangle

LEVEL_SHADES = {"none": "#f7f7f7", "weak": "#b5d0e3", "strong": "#1f5d8c"}
"""From light to dark, so the order is visible in gray print."""
LEVEL_INKS = {"none": "#222222", "weak": "#222222", "strong": "#ffffff"}
SCORE_SHADES = {-1: "#b3560f", 0: "#d9d9d9", 1: "#1f5d8c"}
"""Orange, gray and blue: distinct for color-blind people; in gray print, the text in the bars shows the score."""
SCORE_INKS = {-1: "#ffffff", 0: "#222222", 1: "#ffffff"}
NO_SCORE_SHADE, NO_SCORE_INK = "#ffffff", "#222222"
SERIES = (
    ("#1f5d8c", "-", "o"), ("#b3560f", "--", "s"), ("#222222", "-.", "^"), ("#5b8c5a", ":", "D"),
    ("#7b4ea3", "-", "v"), ("#c2912e", "--", "P"), ("#777777", "-.", "<"), ("#a33a4f", ":", ">"),
)  # fmt: skip
"""Color, line and marker of each series in turn; distinct in gray print."""
IMAGE_TYPES = (".svg", ".png", ".pdf")


def new_axes(width: float, height: float, ax: Axes | None) -> Axes:
    """Return the given Axes, or those of a new figure if it is None."""
    return plt.subplots(figsize=(width, height), layout="constrained")[1] if ax is None else ax


def draw_cell(
    ax: Axes, place: tuple[int, int], words: str, *, shade: str, ink: str, edge: str = "white", width: float = 2
) -> None:
    """Draw a cell of a grid at a column and row: a colored square with centered text."""
    x, y = place
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=shade, edgecolor=edge, linewidth=width))
    ax.text(x, y, words, ha="center", va="center", fontsize=8, color=ink, parse_math=False)


def lay_grid(ax: Axes, columns: list[str], rows: list[str], title: str) -> None:
    """Label the columns and rows of a grid of unit cells, with the first row at the top."""
    ax.set_xlim(-0.5, max(len(columns), 1) - 0.5)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xticks(range(len(columns)), columns, parse_math=False)
    ax.set_yticks(range(len(rows)), rows, parse_math=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title, loc="left", fontsize=11, parse_math=False)


def as_text(legend: Legend) -> None:
    """Show the labels of a legend as plain text, not as mathematical text."""
    for text in legend.get_texts():
        text.set_parse_math(False)
