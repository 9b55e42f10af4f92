"""Colours of a PDF as far as they tell whether text can be seen on its ground."""

from collections.abc import Callable, Sequence
from typing import Any

from g7tag.sources.pdf.geometry import finite

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)
WHITE: Colour = (1.0, 1.0, 1.0)
LEAST_CONTRAST = 0.06
"""Of a colour's part or an opacity, between 0 and 1: less is not seen."""
GREY = "/DeviceGray"
MIXED_SPACES = (GREY, "/DeviceRGB", "/DeviceCMYK", "/G", "/RGB", "/CMYK", "/CalGray", "/CalRGB", "/ICCBased")
"""Colour spaces whose parts are amounts of light or ink."""
_INKS = ("/Separation", "/DeviceN")  # whose parts are amounts of inks of any colour
_MIXES: dict[int, Callable[..., Colour]] = {
    1: lambda grey: (grey, grey, grey),
    3: lambda red, green, blue: (red, green, blue),
    4: lambda c, m, y, k: ((1 - c) * (1 - k), (1 - m) * (1 - k), (1 - y) * (1 - k)),
}


def colour_of(operands: Sequence[Any], space: str) -> Colour | None:
    """Return the colour that parts mix in a colour space, None where they do not say (a pattern, a palette, a tint).

    Examples
    --------
    >>> colour_of([1], "/DeviceGray"), colour_of([0, 0, 0, 1], "/DeviceCMYK"), colour_of(["/P1"], "/Pattern")
    ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), None)
    >>> colour_of([0], "/Separation"), colour_of([1], "/Separation")
    ((1.0, 1.0, 1.0), None)
    """
    if not all(isinstance(part, (int, float)) for part in operands):
        return None
    if space in _INKS:
        return None if any(operands) else WHITE
    parts = [max(0.0, min(finite(part), 1.0)) for part in operands]
    mix = _MIXES.get(len(parts)) if space in MIXED_SPACES else None
    return mix(*parts) if mix else None


def differs(first: Colour | None, second: Colour | None) -> bool:
    """Return whether one colour can be seen on the other; an unknown one can, and on an unknown one."""
    if first is None or second is None:
        return True
    return max(abs(a - b) for a, b in zip(first, second, strict=True)) >= LEAST_CONTRAST
