"""Read a Word document (.docx) into blocks of text."""

from collections.abc import Sequence
from typing import NamedTuple

from g7tag.errors import SourceError
from g7tag.sources.blocks import Block
from g7tag.sources.docx.elements import Element, child, is_on, kind, value, within
from g7tag.sources.docx.lines import plain
from g7tag.sources.docx.lists import Lists
from g7tag.sources.docx.notes import number_notes
from g7tag.sources.docx.parts import Parts, read_parts
from g7tag.sources.docx.styles import Styles, shows_white_text
from g7tag.sources.docx.text import Reader
from g7tag.sources.kinds import OCR

_FOREIGN = {"w:altChunk", "w:subDoc"}
_PICTURES = {"w:drawing", "w:pict", "w:object"}
_LONGEST_SAMPLE = 40  # characters of a text box


class Word(NamedTuple):
    """The blocks of a document, and gaps (kind, reason): text that was skipped."""

    blocks: list[Block]
    doubts: list[tuple[str, str]]


def read_word(content: bytes) -> Word:
    """Read a Word document into blocks: paragraphs and table rows in order, then the notes by number."""
    parts = read_parts(content)
    _check_body(parts.document)
    styles = Styles(parts.styles)
    lists = Lists(parts.numbering, styles.lists())
    notes = number_notes(parts)
    texts = [parts.document, *(note.element for note in notes.listed)]
    reader = Reader(styles, lists, notes, follow_fields=all(map(_fields_end, texts)))
    blocks = list(reader.blocks(parts.document, paper=_paper(parts)))
    noted = [reader.note(note) for note in notes.listed]
    doubts = [
        ("unread", f"the text of text boxes is not read ({len(reader.boxes)}, the first with "
        f"{reader.boxes[0][:_LONGEST_SAMPLE]!r}). Move it into paragraphs if it is evidence.")
    ] if reader.boxes else []  # fmt: skip
    if not any(plain(block.runs).strip() for block in blocks) and not noted:
        raise _no_text(parts.document, doubts)
    return Word(blocks + noted, doubts)


def _check_body(document: Element) -> None:
    """Refuse a document that includes text from other files."""
    foreign = sorted({kind(each) for each in document.iter("*")} & _FOREIGN)
    if foreign:
        msg = (
            f"includes text from another file ({foreign[0]}). Expected all text in the document itself; "
            "open it in Word and save it again."
        )
        raise SourceError(msg)


def _fields_end(text: Element) -> bool:
    """Whether the begin and end marks of all fields match."""
    depth = 0
    for each in within(text, "w:fldChar"):
        turn = value(each, "fldCharType")
        depth += (turn == "begin") - (turn == "end")
        if depth < 0:
            return False
    return depth == 0


def _paper(parts: Parts) -> str:
    """Return the background color of the page if Word shows it, or "" for white."""
    shown = is_on(child(parts.settings, "w:displayBackgroundShape"))
    color = value(child(parts.document, "w:background"), "color")
    return color if shown and shows_white_text(color) else ""


def _no_text(document: Element, doubts: Sequence[tuple[str, str]]) -> SourceError:
    if doubts:
        return SourceError(f"has no paragraphs with text: {doubts[0][1]}")
    if {kind(each) for each in document.iter("*")} & _PICTURES:
        return SourceError(
            f"contains images but no text, like a scan. Expected text; export it as PDF, and recognize it: {OCR}"
        )
    return SourceError("contains no text. Expected the text of a compliance report; check that it is the right file.")
