"""Paths of a page: the shapes that they fill, and the box that they clip to."""

from collections.abc import Sequence
from typing import NamedTuple

from g7tag.sources.pdf.geometry import Box, Matrix, Point, area, box_around, moved, shared

_MOST_COMPARED = 200  # parts of one path that are compared each with each
_STRAIGHT = 0.01  # points that the side of an upright box may lean


class Shape(NamedTuple):
    """The box around a shape; `exact` if the shape fills it."""

    box: Box
    exact: bool


class Path:
    """The path that is being drawn, in points of the page."""

    def __init__(self) -> None:
        self.parts: list[list[Point]] = []
        self.clips = False

    def begin(self, matrix: Matrix, x: float, y: float) -> None:
        """Begin a part at a point."""
        self.parts.append([moved(matrix, x, y)])

    def extend(self, matrix: Matrix, points: Sequence[Point]) -> None:
        """Go on through points; without a part to go on with, nothing is drawn."""
        if self.parts:
            self.parts[-1] += [moved(matrix, x, y) for x, y in points]

    def add_box(self, matrix: Matrix, x: float, y: float, width: float, height: float) -> None:
        """Add a box as a part."""
        self.begin(matrix, x, y)
        self.extend(matrix, [(x + width, y), (x + width, y + height), (x, y + height)])

    def shapes(self) -> list[Shape]:
        """Return the shapes that a fill paints.

        Parts that lie on one another may be holes in one another: none of them is exact.
        """
        boxes = [box_around(part) for part in self.parts]
        if len(boxes) > _MOST_COMPARED:
            return [Shape(box, exact=False) for box in boxes]
        alone = [not any(other is not box and area(shared(box, other)) for other in boxes) for box in boxes]
        return [
            Shape(box, exact=single and _is_box(part))
            for part, box, single in zip(self.parts, boxes, alone, strict=True)
        ]

    def outline(self) -> Shape | None:
        """Return the shape that a clip leaves, None for a path without points."""
        if not self.parts:
            return None
        exact = len(self.parts) == 1 and _is_box(self.parts[0])
        return Shape(box_around(point for part in self.parts for point in part), exact)


def _is_box(points: Sequence[Point]) -> bool:
    """Whether points are the corners of an upright box, one after the other."""
    if len(points) == 5 and points[0] == points[4]:
        points = points[:4]
    if len(points) != 4:
        return False
    sides = [(points[place], points[(place + 1) % 4]) for place in range(4)]
    level = [abs(a[1] - b[1]) < _STRAIGHT for a, b in sides]
    upright = [abs(a[0] - b[0]) < _STRAIGHT for a, b in sides]
    first = level[0] and upright[1] and level[2] and upright[3]
    return first or (upright[0] and level[1] and upright[2] and level[3])
