"""Matrices and boxes of a PDF's pages, in points."""

from collections.abc import Iterable, Sequence
from typing import Any

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: (x, y) becomes (ax + cy + e, bx + dy + f)."""
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
Point = tuple[float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
QUARTER_TURNS: dict[int, Matrix] = {
    0: IDENTITY,
    90: (0.0, -1.0, 1.0, 0.0, 0.0, 0.0),
    180: (-1.0, 0.0, 0.0, -1.0, 0.0, 0.0),
    270: (0.0, 1.0, -1.0, 0.0, 0.0, 0.0),
}
"""Clockwise, by degrees."""
LARGEST = 1e9
"""Of any number: what is larger is taken for this, and stands off any page."""
EVERYWHERE: Box = (-LARGEST, -LARGEST, LARGEST, LARGEST)
_UPRIGHT = 0.01  # of a baseline's length that it may rise


def multiply(first: Matrix, then: Matrix) -> Matrix:
    """Return the matrix that does one after the other.

    Examples
    --------
    >>> multiply((2, 0, 0, 2, 0, 0), (1, 0, 0, 1, 10, 0))
    (2, 0, 0, 2, 10, 0)
    """
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def moved(matrix: Matrix, x: float, y: float) -> Point:
    """Return where a matrix moves a point."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def turned_box(matrix: Matrix, box: Box) -> Box:
    """Return the upright box around a box that a matrix moved.

    Examples
    --------
    >>> turned_box(QUARTER_TURNS[90], (0, 0, 3, 2))
    (0.0, -3.0, 2.0, 0.0)
    """
    return box_around(moved(matrix, x, y) for x in (box[0], box[2]) for y in (box[1], box[3]))


def box_around(points: Iterable[Point]) -> Box:
    """Return the upright box around points, of which there is at least one."""
    across, up = zip(*points, strict=True)
    return (min(across), min(up), max(across), max(up))


def holds(box: Box, x: float, y: float) -> bool:
    """Return whether a point lies in a box.

    Examples
    --------
    >>> holds((0, 0, 3, 2), 1, 1), holds((0, 0, 3, 2), 1, 3)
    (True, False)
    """
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def shared(first: Box, second: Box) -> Box:
    """Return what two boxes share; where they do not meet, its left is right of its right, or its bottom above its top.

    Examples
    --------
    >>> shared((0, 0, 3, 2), (1, 1, 9, 9))
    (1, 1, 3, 2)
    """
    left, bottom = max(first[0], second[0]), max(first[1], second[1])
    return (left, bottom, min(first[2], second[2]), min(first[3], second[3]))


def area(box: Box) -> float:
    """Return the area of a box, 0 for one that is none."""
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def finite(value: Any) -> float:
    """Return a number as one that can be reckoned with, 0 for what is none.

    Examples
    --------
    >>> finite(2), finite(float("nan")), finite(-(10**400)), finite("2")
    (2.0, 0.0, -1000000000.0, 0.0)
    """
    if not isinstance(value, (int, float)) or value != value:  # noqa: PLR0124 - not a number
        return 0.0
    return float(max(-LARGEST, min(value, LARGEST)))


def number(operands: Sequence[Any], place: int) -> float:
    """Return a number of an operator's operands, 0 where there is none."""
    return finite(operands[place]) if len(operands) > place else 0.0


def matrix_of(operands: Any) -> Matrix:
    """Return the matrix that six operands write; anything else moves nothing."""
    operands = operands.get_object() if hasattr(operands, "get_object") else operands
    if not isinstance(operands, (list, tuple)) or len(operands) != 6:
        return IDENTITY
    operands = [part.get_object() if hasattr(part, "get_object") else part for part in operands]
    if not all(isinstance(part, (int, float)) for part in operands):
        return IDENTITY
    a, b, c, d, e, f = (finite(part) for part in operands)
    return (a, b, c, d, e, f)


def box_of(operands: Any) -> Box | None:
    """Return the box that an array of two corners writes, None for what is none or has no area."""
    operands = operands.get_object() if hasattr(operands, "get_object") else operands
    if not isinstance(operands, list) or len(operands) < 4:
        return None
    parts = [part.get_object() if hasattr(part, "get_object") else part for part in operands[:4]]
    if not all(isinstance(part, (int, float)) for part in parts):
        return None
    x0, y0, x1, y1 = (finite(part) for part in parts)
    box = box_around(((x0, y0), (x1, y1)))
    return box if area(box) else None


def turn_of(matrix: Matrix) -> int:
    """Return the clockwise angle of a baseline in degrees, -1 where it is no quarter turn.

    Examples
    --------
    >>> turn_of(QUARTER_TURNS[90]), turn_of((1, 1, -1, 1, 0, 0))
    (90, -1)
    """
    a, b = matrix[:2]
    length = max((a * a + b * b) ** 0.5, 1e-9)
    along = {0: a, 90: -b, 180: -a, 270: b}
    return next((turn for turn, part in along.items() if part > length * (1 - _UPRIGHT)), -1)
