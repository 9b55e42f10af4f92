"""What a page shows: its pieces of text where they stand, and why some of them are not seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from g7tag.sources.pdf.colours import WHITE, Colour, differs
from g7tag.sources.pdf.damage import is_spoilt
from g7tag.sources.pdf.faults import TooMuchContentError
from g7tag.sources.pdf.geometry import LARGEST, Box, area, holds, shared
from g7tag.sources.pdf.paths import Shape

UNPAINTED = (3, 7)
"""Text render modes that paint nothing."""
NOT_PAINTED = "not painted"
OFF_THE_PAGE = "off the page"
LEAST_SIZE = 2.0
"""Points: nobody reads smaller text."""
MOST_PIECES = 50_000
"""Pieces of text of one page; a dense page has some thousand."""
MOST_LETTERS = 500_000
"""Characters of one page; a dense page has some ten thousand."""
MOST_SHAPES = 20_000
"""Filled shapes of one page that are remembered; a chart has some hundred."""
_LONGEST = 1_000  # characters of a piece that others are added to
_WITHIN_WORD = 0.12  # of the size: letters nearer than this belong to one word
_COVERED = (0.1, 0.5)  # of the size above the baseline: what hides letters reaches from below the one above the other
_SCAN = 0.5  # of the page that a picture covers whose text was recognized
_STAMP = 0.2  # of such a page's characters that are painted on the picture
_DESCENT = 0.3  # of the size that letters reach below their baseline


class Piece(NamedTuple):
    """Text on one baseline, in points from the page's lower left corner.

    `hidden` says why nobody sees it, "" where it is seen; `turn` is the clockwise angle of its baseline in degrees, one
    of 0, 90, 180, 270, or -1 for another.
    """

    x0: float
    x1: float
    y: float
    size: float
    text: str
    hidden: str = ""
    turn: int = 0


class Ground(NamedTuple):
    """A shape that text may stand on, and its colour, None for one that is not known (a picture)."""

    shape: Shape
    colour: Colour | None


@dataclass
class Canvas:
    """Collects what a page shows; `box` is what of it is seen."""

    box: Box
    pieces: list[Piece] = field(default_factory=list)
    painted: list[Ground] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # what of it may be missing
    recognized: bool = False
    layers_off: frozenset[int] = frozenset()
    forms: int = 0
    letters: int = 0

    def paint(self, shapes: Iterable[Shape], colour: Colour | None, *, covers: bool) -> None:
        """Remember filled shapes: text of their colour is not seen on them, white text is, nor is text beneath them.

        Raises
        ------
        TooMuchContentError
            The page has more shapes than any page of a report.
        """
        for shape in shapes:
            self.painted.append(Ground(shape, colour))
            if covers and shape.exact:
                self._cover(shape.box)
        if len(self.painted) > MOST_SHAPES:
            msg = f"fills more than {MOST_SHAPES:,} shapes"
            raise TooMuchContentError(msg)

    def show_picture(self, box: Box) -> None:
        """Remember a picture: what is written on it may be seen, whatever its colour."""
        self.pictures.append(box)
        self.paint([Shape(box, exact=True)], None, covers=False)

    def note_spoilt(self, streams: Iterable[Any]) -> None:
        """Note where content is damaged: what stands behind the damage is not shown."""
        if any(is_spoilt(stream) for stream in streams):
            self.faults.append("its compressed content is damaged or cut off, text may be missing")

    def count(self, letters: int) -> None:
        """Count characters before they are looked up.

        Raises
        ------
        TooMuchContentError
            The page has more than any page of a report.
        """
        self.letters += letters
        if self.letters > MOST_LETTERS:
            msg = f"shows more than {MOST_LETTERS:,} characters"
            raise TooMuchContentError(msg)

    def write(self, piece: Piece) -> None:
        """Add a piece, to the one before it where it goes on without a gap.

        Raises
        ------
        TooMuchContentError
            The page has more pieces than any page of a report.
        """
        last = self.pieces[-1] if self.pieces else None
        if last is not None and (last.size, last.hidden, last.turn) == (piece.size, piece.hidden, 0):
            near = abs(piece.x0 - last.x1) < _WITHIN_WORD * piece.size and len(last.text) < _LONGEST
            if near and abs(piece.y - last.y) < 0.01 * piece.size:
                self.pieces[-1] = last._replace(x1=piece.x1, text=last.text + piece.text)
                return
        if len(self.pieces) >= MOST_PIECES:
            msg = f"shows more than {MOST_PIECES:,} pieces of text"
            raise TooMuchContentError(msg)
        self.pieces.append(piece)

    def is_picture(self) -> bool:
        """Return whether pictures, or the strips of one, cover most of the page."""
        return sum(area(shared(box, self.box)) for box in self.pictures) > _SCAN * area(self.box)

    def is_recognized(self) -> bool:
        """Return whether the page is a picture whose text was recognized: it stands on the picture, unpainted."""
        if not any(area(shared(box, self.box)) > _SCAN * area(self.box) for box in self.pictures):
            return False
        painted = sum(len(piece.text) for piece in self.pieces if not piece.hidden)
        return painted < _STAMP * sum(len(piece.text) for piece in self.pieces)

    def lay_out_recognized(self) -> None:
        """Let the unpainted text that stands on a picture be set in lines; that it is hidden is said of the page."""
        self.recognized = True
        for place, piece in enumerate(self.pieces):
            if piece.hidden == NOT_PAINTED and any(holds(box, *_middle(piece)) for box in self.pictures):
                self.pieces[place] = piece._replace(hidden="")

    def why_hidden(self, piece: Piece, *, inks: Sequence[Colour | None], clip: Box) -> str:
        """Return why nobody sees a piece painted in these colours (inside, outline), "" where it is seen."""
        if piece.size < LEAST_SIZE:
            return f"under {LEAST_SIZE:g} pt"
        if not _touches(piece, self.box):
            return OFF_THE_PAGE
        if not _touches(piece, clip):
            return "cut away"
        if any(self._is_told_apart(piece, ink) for ink in inks):
            return ""
        return "white on white" if set(inks) == {WHITE} else "in the colour of its ground"

    def _is_told_apart(self, piece: Piece, ink: Colour | None) -> bool:
        """Whether a piece differs from the topmost shape below it, or from one that may not reach there."""
        x, y = _middle(piece)
        for ground in reversed(self.painted):
            if holds(ground.shape.box, x, y):
                if differs(ink, ground.colour):
                    return True
                if ground.shape.exact:
                    return False
        return differs(ink, WHITE)

    def _cover(self, box: Box) -> None:
        for place, piece in enumerate(self.pieces):
            if not (piece.hidden or piece.turn) and holds(box, *_middle(piece)):
                left, right = min(piece.x0, piece.x1), max(piece.x0, piece.x1)
                across = box[0] <= left + piece.size and right - piece.size <= box[2]
                if (
                    across
                    and box[1] <= piece.y + _COVERED[0] * piece.size
                    and box[3] >= piece.y + _COVERED[1] * piece.size
                ):
                    self.pieces[place] = piece._replace(hidden="covered")


def is_on_paper(piece: Piece) -> bool:
    """Return whether a piece stands where anything can stand at all."""
    return abs(piece.x0) < LARGEST and abs(piece.x1) < LARGEST and abs(piece.y) < LARGEST and piece.size < LARGEST


def _middle(piece: Piece) -> tuple[float, float]:
    return (piece.x0 + piece.x1) / 2, piece.y + piece.size / 3


def _touches(piece: Piece, box: Box) -> bool:
    """Whether any of a piece may lie in a box; what does not run level may stand its size around its baseline."""
    left, right = min(piece.x0, piece.x1), max(piece.x0, piece.x1)
    below, above = (_DESCENT * piece.size, piece.size) if piece.turn == 0 else (piece.size, piece.size)
    return right > box[0] and left < box[2] and piece.y + above > box[1] and piece.y - below < box[3]
