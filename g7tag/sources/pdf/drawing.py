"""Operators of a page's content that keep its state, set colours, and draw shapes; text is not among them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pypdf.generic import DictionaryObject

from g7tag.sources.pdf.canvas import Canvas
from g7tag.sources.pdf.colours import GREY, LEAST_CONTRAST, Colour, colour_of
from g7tag.sources.pdf.geometry import matrix_of, multiply, number, shared
from g7tag.sources.pdf.paths import Path, Shape
from g7tag.sources.pdf.state import State, extended, paint_in

Operands = Sequence[Any]


class Drawing:
    """The state while one content stream runs, and what it draws."""

    def __init__(self, canvas: Canvas, resources: Mapping[str, Any], state: State) -> None:
        self.canvas = canvas
        self.resources = resources
        self.state = state
        self.kept: list[State] = []
        self.path = Path()

    def change(self, **changes: Any) -> None:
        """Replace parts of the state."""
        self.state = replace(self.state, **changes)

    def resources_of(self, kind: str) -> Any:
        """Return the resources of a kind by name, None where there are none."""
        named = self.resources.get(kind)
        return named.get_object() if named is not None else None

    def resource(self, kind: str, operands: Operands) -> Any:
        """Return what the resources call so, None where there is none."""
        named = self.resources_of(kind)
        found = named.get(operands[0]) if isinstance(named, DictionaryObject) and operands else None
        return found.get_object() if found is not None else None

    def save(self, _: Operands) -> None:
        """Keep the state."""
        self.kept.append(self.state)

    def restore(self, _: Operands) -> None:
        """Go back to the state kept last; without one, nothing changes."""
        if self.kept:
            self.state = self.kept.pop()

    def transform(self, operands: Operands) -> None:
        """Move, turn or scale what comes."""
        self.change(matrix=multiply(matrix_of(operands), self.state.matrix))

    def set_extended(self, operands: Operands) -> None:
        """Set what the resources hold together."""
        settings = self.resource("/ExtGState", operands)
        if isinstance(settings, DictionaryObject):
            self.change(**extended(self.state, settings))

    def set_space(self, operands: Operands, *, of: str = "fill") -> None:
        """Set the colour space."""
        self.change(**{of: paint_in(getattr(self.state, of), self.resources_of("/ColorSpace"), operands)})

    def set_colour(self, operands: Operands, *, of: str = "fill") -> None:
        """Set the colour by its parts."""
        paint = getattr(self.state, of)
        self.change(**{of: paint._replace(colour=colour_of(operands, paint.space))})

    def set_device_colour(self, operands: Operands, *, of: str = "fill") -> None:
        """Set an amount of light (one part: grey, three: RGB) or ink (four)."""
        self.change(**{of: getattr(self.state, of)._replace(colour=colour_of(operands, GREY), space=GREY)})

    def begin_part(self, operands: Operands) -> None:
        """Begin a part of the path."""
        self.path.begin(self.state.matrix, number(operands, 0), number(operands, 1))

    def extend_part(self, operands: Operands) -> None:
        """Draw a line or a curve, of which the ends and the points that pull it are kept."""
        pairs = range(0, len(operands) - 1, 2)
        self.path.extend(self.state.matrix, [(number(operands, at), number(operands, at + 1)) for at in pairs])

    def add_box(self, operands: Operands) -> None:
        """Draw a box."""
        x, y, width, height = (number(operands, place) for place in range(4))
        self.path.add_box(self.state.matrix, x, y, width, height)

    def clip_path(self, _: Operands) -> None:
        """Have the path cut away what comes and lies outside it."""
        self.path.clips = True

    def fill_path(self, operands: Operands) -> None:
        """Paint what lies in the path."""
        if self.state.fill.opacity > LEAST_CONTRAST:
            self.paint(self.path.shapes(), self.state.fill.colour, covers=self.state.covers)
        self.end_path(operands)

    def fill_clip(self, _: Operands) -> None:
        """Paint a transition of colours everywhere."""
        self.paint([Shape(self.canvas.box, exact=True)], None, covers=False)

    def end_path(self, _: Operands) -> None:
        """End the path."""
        outline = self.path.outline() if self.path.clips else None
        if outline:
            clip = self.state.clip
            self.change(clip=Shape(shared(clip.box, outline.box), clip.exact and outline.exact))
        self.path = Path()

    def paint(self, shapes: Sequence[Shape], colour: Colour | None, *, covers: bool) -> None:
        """Paint what is not cut away of shapes."""
        clip = self.state.clip
        left = [Shape(shared(shape.box, clip.box), shape.exact and clip.exact) for shape in shapes]
        self.canvas.paint(left, colour, covers=covers)


def _stroked(act: Callable[..., None]) -> Callable[[Drawing, Operands], None]:
    return lambda drawing, operands: act(drawing, operands, of="stroke")


DRAWING: dict[bytes, Callable[[Drawing, Operands], None]] = {
    b"q": Drawing.save, b"Q": Drawing.restore, b"cm": Drawing.transform, b"gs": Drawing.set_extended,
    b"cs": Drawing.set_space, b"CS": _stroked(Drawing.set_space),
    **dict.fromkeys((b"sc", b"scn"), Drawing.set_colour),
    **dict.fromkeys((b"SC", b"SCN"), _stroked(Drawing.set_colour)),
    **dict.fromkeys((b"g", b"rg", b"k"), Drawing.set_device_colour),
    **dict.fromkeys((b"G", b"RG", b"K"), _stroked(Drawing.set_device_colour)),
    b"m": Drawing.begin_part, b"re": Drawing.add_box, **dict.fromkeys((b"l", b"c", b"v", b"y"), Drawing.extend_part),
    **dict.fromkeys((b"W", b"W*"), Drawing.clip_path), b"sh": Drawing.fill_clip,
    **dict.fromkeys((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"), Drawing.fill_path),
    **dict.fromkeys((b"n", b"S", b"s"), Drawing.end_path),
}  # fmt: skip
"""What each operator does."""
