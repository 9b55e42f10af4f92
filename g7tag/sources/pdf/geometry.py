"""Boxes and rotations of a PDF's pages, in points."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
LARGEST = 1e9
"""Limit of coordinates; larger ones are clipped to it, which is off any page."""
_TURNS = {0: (1, 0, 0, 1), 90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}
_UPRIGHT = 0.01  # of a baseline's length: tolerated rise


def turned(points: Numbers, degrees: int) -> Numbers:
    """Return points (one per row) rotated clockwise around the origin by a multiple of 90 degrees."""
    a, b, c, d = _TURNS[degrees]
    x, y = points[:, 0], points[:, 1]
    return np.stack([a * x + c * y, b * x + d * y], axis=1)


def turned_boxes(boxes: Numbers, degrees: int) -> Numbers:
    """Return boxes (left, bottom, right, top; one per row) rotated like points."""
    one, other = turned(boxes[:, :2], degrees), turned(boxes[:, 2:], degrees)
    return np.hstack([np.minimum(one, other), np.maximum(one, other)])


def holds(box: Box, x: float, y: float) -> bool:
    """Return whether a point lies in a box."""
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def shared_area(first: Box, second: Box) -> float:
    """Return the area of the overlap of two boxes."""
    across = max(min(first[2], second[2]) - max(first[0], second[0]), 0)
    return across * max(min(first[3], second[3]) - max(first[1], second[1]), 0)


def area(box: Box) -> float:
    """Return the area of a box."""
    return shared_area(box, box)


def turn_of(a: float, b: float) -> int:
    """Return the clockwise angle in degrees of a baseline along (a, b), or -1 if it is not a multiple of 90."""
    length = max((a * a + b * b) ** 0.5, 1e-9)
    along = {0: a, 90: -b, 180: -a, 270: b}
    return next((turn for turn, part in along.items() if part > length * (1 - _UPRIGHT)), -1)
