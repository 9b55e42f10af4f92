"""How plots look: colours that keep their order in grey print and for the colour-blind, and the start of an Axes."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.patches import Rectangle

LEVEL_SHADES = {"none": "#f7f7f7", "weak": "#b5d0e3", "strong": "#1f5d8c"}
"""From light to dark, so that grey print keeps the order."""
LEVEL_INKS = {"none": "#222222", "weak": "#222222", "strong": "#ffffff"}
SCORE_SHADES = {-1: "#b3560f", 0: "#d9d9d9", 1: "#1f5d8c"}
"""Orange, grey and blue: told apart by the colour-blind, and by their words in grey print."""
SCORE_INKS = {-1: "#ffffff", 0: "#222222", 1: "#ffffff"}
NO_SCORE_SHADE, NO_SCORE_INK = "#ffffff", "#222222"
SERIES = (
    ("#1f5d8c", "-", "o"), ("#b3560f", "--", "s"), ("#222222", "-.", "^"), ("#5b8c5a", ":", "D"),
    ("#7b4ea3", "-", "v"), ("#c2912e", "--", "P"), ("#777777", "-.", "<"), ("#a33a4f", ":", ">"),
)  # fmt: skip
"""Colour, line and marker of each series in turn: told apart in grey, too."""
IMAGE_TYPES = (".svg", ".png", ".pdf")


def new_axes(width: float, height: float, ax: Axes | None) -> Axes:
    """Return the Axes to draw on, a new figure's if there is none."""
    return plt.subplots(figsize=(width, height), layout="constrained")[1] if ax is None else ax


def draw_cell(
    ax: Axes, place: tuple[int, int], words: str, *, shade: str, ink: str, edge: str = "white", width: float = 2
) -> None:
    """Draw the cell of a grid at a column and row: its shade, and its words in the middle."""
    x, y = place
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=shade, edgecolor=edge, linewidth=width))
    ax.text(x, y, words, ha="center", va="center", fontsize=8, color=ink, parse_math=False)


def lay_grid(ax: Axes, columns: list[str], rows: list[str], title: str) -> None:
    """Name the columns and rows of a grid whose cells have a width and a height of one, the first row on top."""
    ax.set_xlim(-0.5, max(len(columns), 1) - 0.5)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xticks(range(len(columns)), columns, parse_math=False)
    ax.set_yticks(range(len(rows)), rows, parse_math=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title, loc="left", fontsize=11, parse_math=False)


def as_text(legend: Legend) -> None:
    """Show what the labels of a legend say as text, and not as mathematics."""
    for text in legend.get_texts():
        text.set_parse_math(False)
