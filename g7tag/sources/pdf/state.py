"""The graphics state of a page's content: what its operators set, `q` keeps and `Q` restores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pypdf.generic import DictionaryObject, IndirectObject

from g7tag.sources.pdf.colours import BLACK, GREY, LEAST_CONTRAST, MIXED_SPACES, Colour
from g7tag.sources.pdf.fonts import FontReader
from g7tag.sources.pdf.geometry import EVERYWHERE, Matrix, number
from g7tag.sources.pdf.paths import Shape

_OUTLINE, _OUTLINE_ALONE = (1, 2, 5, 6), (1, 5)  # text render modes that draw it
_SOLID = 1 - LEAST_CONTRAST
_ALL = Shape(EVERYWHERE, exact=True)


class Paint(NamedTuple):
    """A colour (None if it is not known), the colour space that its parts are of, and its opacity."""

    colour: Colour | None = BLACK
    space: str = GREY
    opacity: float = 1.0


_BLACK = Paint()


@dataclass(frozen=True)
class State:
    """What holds for the text and the shapes that come next."""

    matrix: Matrix
    clip: Shape = _ALL
    font: FontReader | None = None
    size: float = 0.0
    character_space: float = 0.0
    word_space: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: float = 0
    fill: Paint = _BLACK
    stroke: Paint = _BLACK
    blends: bool = False  # with what lies below, so that it hides nothing

    @property
    def inks(self) -> list[Colour | None]:
        """The colours that text is painted in and that let it be seen, none for text that is transparent."""
        paints = [self.fill] * (self.mode not in _OUTLINE_ALONE) + [self.stroke] * (self.mode in _OUTLINE)
        return [paint.colour for paint in paints if paint.opacity > LEAST_CONTRAST]

    @property
    def covers(self) -> bool:
        """Whether a fill hides what lies below."""
        return self.fill.opacity >= _SOLID and not self.blends and self.clip.exact


def extended(state: State, settings: DictionaryObject) -> dict[str, Any]:
    """Return what an extended graphics state changes."""
    changes: dict[str, Any] = {}
    for entry, name in (("/ca", "fill"), ("/CA", "stroke")):
        opacity = settings.get(entry)
        opacity = opacity.get_object() if opacity is not None else None
        if isinstance(opacity, (int, float)):
            changes[name] = getattr(state, name)._replace(opacity=number([opacity], 0))
    if "/BM" in settings:
        changes["blends"] = str(settings["/BM"]) not in {"/Normal", "/Compatible"}
    return changes


def paint_in(paint: Paint, spaces: Any, operands: Sequence[Any]) -> Paint:
    """Return a paint in the colour space that an operand names, itself or by the resources, in its first colour."""
    found: Any = operands[0] if operands else None
    named = spaces.get(found) if isinstance(spaces, Mapping) else None
    found = named.get_object() if named is not None else found
    found = found[0] if isinstance(found, list) and found else found
    kind = str(found.get_object() if isinstance(found, IndirectObject) else found)
    return paint._replace(colour=BLACK if kind in MIXED_SPACES else None, space=kind)
