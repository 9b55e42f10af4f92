"""Run a page's content stream as a viewer would, to learn where its text stands, how large it is, and whether seen."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pypdf import PageObject
from pypdf.generic import ContentStream, DictionaryObject, StreamObject

from g7tag.sources.pdf.canvas import (
    NOT_PAINTED,
    OFF_THE_PAGE,
    UNPAINTED,
    Canvas,
    Piece,
    is_on_paper,
)
from g7tag.sources.pdf.drawing import DRAWING, Drawing, Operands
from g7tag.sources.pdf.faults import TooMuchContentError
from g7tag.sources.pdf.fonts import FontReader, Fonts
from g7tag.sources.pdf.geometry import (
    IDENTITY,
    QUARTER_TURNS,
    Box,
    Matrix,
    box_of,
    finite,
    matrix_of,
    multiply,
    number,
    shared,
    turn_of,
    turned_box,
)
from g7tag.sources.pdf.layers import SWITCHED_OFF, is_off, layer_of, layers_off
from g7tag.sources.pdf.paths import Shape
from g7tag.sources.pdf.state import State

MOST_FORMS = 2_000
"""Forms drawn on one page; a report's page has a handful."""
DEEPEST = 20
"""Forms within forms."""
LETTER: Box = (0.0, 0.0, 612.0, 792.0)
"""The page of a PDF that does not say how large its pages are."""
_UNIT: Box = (0.0, 0.0, 1.0, 1.0)  # where a picture is drawn


def read_page(page: PageObject, fonts: Fonts) -> Canvas:
    """Return what a page shows, turned so that most of its text runs from left to right.

    Raises
    ------
    TooMuchContentError
        It shows more than a page of a report can.
    """
    rotation = int(number([page.get("/Rotate", 0)], 0)) % 360
    canvas = _run_page(page, rotation, fonts)
    turns = [piece.turn for piece in canvas.pieces for _ in piece.text.strip()]
    usual = max(QUARTER_TURNS, key=turns.count)
    canvas = _run_page(page, (rotation - usual) % 360, fonts) if usual else canvas
    if canvas.is_recognized():
        canvas.lay_out_recognized()
    return canvas


def _run_page(page: PageObject, degrees: int, fonts: Fonts) -> Canvas:
    turn = QUARTER_TURNS.get(degrees, IDENTITY)
    canvas = Canvas(turned_box(turn, _page_box(page)), layers_off=layers_off(page.pdf))
    contents = page.get_contents()
    resources = page.get_inherited("/Resources", DictionaryObject()).get_object()
    if contents is not None:
        parts = page["/Contents"].get_object()
        canvas.note_spoilt([part.get_object() for part in parts] if isinstance(parts, list) else [parts])
        resources = resources if isinstance(resources, DictionaryObject) else {}
        _Interpreter(canvas, resources, State(turn), fonts=fonts, pdf=page.pdf).run(contents)
    return canvas


def _page_box(page: PageObject) -> Box:
    """What a viewer shows of a page."""
    media = box_of(page.get_inherited("/MediaBox")) or LETTER
    crop = box_of(page.get_inherited("/CropBox")) or media
    both = shared(media, crop)
    return both if both[0] < both[2] and both[1] < both[3] else media


class _Interpreter(Drawing):
    """Runs one content stream: the page's own, or that of a form drawn on it (`within` others)."""

    def __init__(
        self, canvas: Canvas, resources: Mapping[str, Any], state: State, *,
        fonts: Fonts, pdf: Any, within: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        super().__init__(canvas, resources, state)
        self.fonts = fonts
        self.pdf = pdf
        self.within = within
        self.marked: list[bool] = []  # for each piece of marked content that is open, whether its layer is off
        self.hiding = 0  # how many of them are, and layers that all of the stream stands in
        self.text: Matrix = IDENTITY
        self.line: Matrix = IDENTITY

    def run(self, stream: Any) -> None:
        """Run all operators; those that neither place, show nor hide text are passed over."""
        for operands, operator in ContentStream(stream, self.pdf, "bytes").operations:
            if operator in DRAWING:
                DRAWING[operator](self, operands)
            elif operator in _SETTINGS:
                name, factor = _SETTINGS[operator]
                self.change(**{name: number(operands, 0) * factor})
            elif operator in _ACTIONS:
                _ACTIONS[operator](self, operands)

    def open_marked(self, operands: Operands) -> None:
        layer = layer_of(self.resources_of("/Properties"), operands[-1]) if operands[:1] == ["/OC"] else None
        self.marked.append(is_off(layer, self.canvas.layers_off))
        self.hiding += self.marked[-1]

    def close_marked(self, _: Operands) -> None:
        if self.marked:
            self.hiding -= self.marked.pop()

    def begin_text(self, _: Operands) -> None:
        self.text = self.line = IDENTITY

    def set_font(self, operands: Operands) -> None:
        font = self.fonts.find(self.resources_of("/Font"), operands[0] if operands else None)
        self.change(font=font, size=number(operands, 1))
        if font.fault:
            self.canvas.faults.append(font.fault)

    def move(self, operands: Operands) -> None:
        self.line = self.text = multiply((1, 0, 0, 1, number(operands, 0), number(operands, 1)), self.line)

    def move_and_lead(self, operands: Operands) -> None:
        self.change(leading=-number(operands, 1))
        self.move(operands)

    def place(self, operands: Operands) -> None:
        self.line = self.text = matrix_of(operands)

    def next_line(self, _: Operands) -> None:
        self.move([0.0, -self.state.leading])

    def show(self, operands: Operands) -> None:
        self.show_all([operands[-1:]])

    def show_next(self, operands: Operands) -> None:
        self.next_line(operands)
        self.show(operands)

    def show_spaced(self, operands: Operands) -> None:
        self.change(word_space=number(operands, 0), character_space=number(operands, 1))
        self.show_next(operands)

    def show_all(self, operands: Operands) -> None:
        elements = operands[0] if operands and isinstance(operands[0], list) else ()
        font = self.state.font or self.fonts.find(None, None)
        for element in elements:
            if isinstance(element, (int, float)):
                self._advance(-finite(element) / 1000 * self.state.size * self.state.scale)
            elif isinstance(element, (bytes, str)):
                self._show(font, element.encode("latin-1", "replace") if isinstance(element, str) else element)

    def _show(self, font: FontReader, shown: bytes) -> None:
        state, start, characters, width = self.state, self._pen(), "", 0.0
        self.canvas.count(len(shown))
        for glyph in font.glyphs(shown):
            space = state.character_space + (state.word_space if glyph.spaces else 0.0)
            width += (glyph.width * state.size + space) * state.scale
            characters += glyph.text
        self.canvas.count(max(len(characters) - len(shown), 0))
        self._advance(width)
        if characters:
            end, size = self._pen(), abs(state.size) * font.scale * math.hypot(start[2], start[3])
            piece = Piece(start[4], end[4], start[5], round(size, 2), characters, turn=_turn(start, state.size))
            self.canvas.write(self._judged(piece))

    def _judged(self, piece: Piece) -> Piece:
        """A piece with why nobody sees it."""
        if not is_on_paper(piece):
            return Piece(0.0, 0.0, 0.0, 1.0, piece.text, OFF_THE_PAGE)
        if self.hiding:
            return piece._replace(hidden=SWITCHED_OFF)
        if self.state.mode in UNPAINTED:
            return piece._replace(hidden=NOT_PAINTED)
        inks = self.state.inks
        hidden = self.canvas.why_hidden(piece, inks=inks, clip=self.state.clip.box) if inks else "transparent"
        return piece._replace(hidden=hidden)

    def _pen(self) -> Matrix:
        return multiply(multiply((1, 0, 0, 1, 0, self.state.rise), self.text), self.state.matrix)

    def _advance(self, width: float) -> None:
        self.text = multiply((1, 0, 0, 1, width, 0), self.text)

    def draw(self, operands: Operands) -> None:
        drawn = self.resource("/XObject", operands)
        if not isinstance(drawn, StreamObject):
            return
        if drawn.get("/Subtype") == "/Image":
            self.draw_picture(operands)
        elif id(drawn) not in self.within:
            self._draw_form(drawn)

    def draw_picture(self, _: Operands) -> None:
        self.canvas.show_picture(shared(turned_box(self.state.matrix, _UNIT), self.state.clip.box))

    def _draw_form(self, form: StreamObject) -> None:
        self.canvas.forms += 1
        if self.canvas.forms > MOST_FORMS or len(self.within) >= DEEPEST:
            msg = f"draws more than {MOST_FORMS:,} forms, or {DEEPEST} in one another"
            raise TooMuchContentError(msg)
        self.canvas.note_spoilt([form])
        own = form.get("/Resources")
        own = own.get_object() if own is not None else None
        resources = own if isinstance(own, DictionaryObject) else self.resources
        matrix = multiply(matrix_of(form.get("/Matrix", IDENTITY)), self.state.matrix)
        state, box = replace(self.state, matrix=matrix), box_of(form.get("/BBox"))
        if box:
            clip = Shape(shared(state.clip.box, turned_box(matrix, box)), state.clip.exact)
            state = replace(state, clip=clip)
        within = (*self.within, id(form))
        drawn = _Interpreter(self.canvas, resources, state, fonts=self.fonts, pdf=self.pdf, within=within)
        layer = form.raw_get("/OC") if "/OC" in form else None
        drawn.hiding = self.hiding + is_off(layer, self.canvas.layers_off)
        drawn.run(form)


def _turn(pen: Matrix, size: float) -> int:
    """The angle of a baseline; a negative size turns letters over."""
    turn = turn_of(pen)
    return (turn + 180) % 360 if size < 0 <= turn else turn


_SETTINGS = {
    b"Tc": ("character_space", 1.0), b"Tw": ("word_space", 1.0), b"Tz": ("scale", 0.01), b"TL": ("leading", 1.0),
    b"Ts": ("rise", 1.0), b"Tr": ("mode", 1),
}  # fmt: skip
_ACTIONS: dict[bytes, Callable[[_Interpreter, Operands], None]] = {
    b"Do": _Interpreter.draw, b"INLINE IMAGE": _Interpreter.draw_picture,
    b"BMC": _Interpreter.open_marked, b"BDC": _Interpreter.open_marked, b"EMC": _Interpreter.close_marked,
    b"BT": _Interpreter.begin_text, b"Tf": _Interpreter.set_font,
    b"Td": _Interpreter.move, b"TD": _Interpreter.move_and_lead, b"Tm": _Interpreter.place,
    b"T*": _Interpreter.next_line, b"Tj": _Interpreter.show, b"'": _Interpreter.show_next,
    b'"': _Interpreter.show_spaced, b"TJ": _Interpreter.show_all,
}  # fmt: skip
