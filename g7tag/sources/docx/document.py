"""Read a Word document (.docx) into blocks of text."""

from g7tag.errors import SourceError
from g7tag.sources.blocks import Block
from g7tag.sources.docx.elements import Element, child, is_on, kind, value, within
from g7tag.sources.docx.lines import plain
from g7tag.sources.docx.lists import Lists
from g7tag.sources.docx.notes import number_notes
from g7tag.sources.docx.parts import Parts, read_parts
from g7tag.sources.docx.styles import Styles, is_ground
from g7tag.sources.docx.text import Reader

_FOREIGN = {"w:altChunk", "w:subDoc"}
_PICTURES = {"w:drawing", "w:pict", "w:object"}


def read_docx(content: bytes) -> list[Block]:
    """Return the text of a Word document as blocks: paragraphs and rows of tables in order, then the notes by number.

    Tracked changes count as accepted: what was inserted or moved here is text, what was deleted is none. Results of
    fields are text, their codes are not. Numbers that Word sets before headings and lists are text, bullets are not.
    Headers, footers and comments are no text of the report. The text of a text box comes once, behind the paragraph
    that it hangs on. Marks of notes are superscript digits; `number_notes` says how they are counted. Pictures,
    charts and embedded files are not read.

    Parameters
    ----------
    content
        Bytes of the file. Files of Word 97 (.doc) and files locked by a password are none of these: they begin as OLE
        files do, which the caller sees.

    Returns
    -------
    list of Block
        At least one. Runs that nobody sees on the page (hidden by Word, white on white, smaller than 2 pt) say so.

    Raises
    ------
    SourceError
        The bytes are no Word document, a broken one or one made to harm; or it holds no text.
    """
    parts = read_parts(content)
    _check_body(parts.document)
    styles = Styles(parts.styles)
    lists = Lists(parts.numbering, styles.lists())
    notes = number_notes(parts)
    texts = [parts.document, *(note.element for note in notes.listed)]
    reader = Reader(styles, lists, notes, follow_fields=all(map(_fields_end, texts)))
    blocks = list(reader.blocks(parts.document, coloured=_page_is_coloured(parts)))
    if not any(plain(block.runs).strip() for block in blocks) and not notes.listed:
        raise _no_text(parts.document)
    return blocks + [reader.note(note) for note in notes.listed]


def _check_body(document: Element) -> None:
    """Refuse a document that shows text of files that lie beside it."""
    foreign = sorted({kind(each) for each in document.iter("*")} & _FOREIGN)
    if foreign:
        msg = (
            f"takes in text of another file ({foreign[0]}). Expected all text in the document itself; "
            "open it in Word and save it again."
        )
        raise SourceError(msg)


def _fields_end(text: Element) -> bool:
    """Whether each field that begins ends, and none ends before it began."""
    depth = 0
    for each in within(text, "w:fldChar"):
        turn = value(each, "fldCharType")
        depth += (turn == "begin") - (turn == "end")
        if depth < 0:
            return False
    return depth == 0


def _page_is_coloured(parts: Parts) -> bool:
    """Whether the page has a colour of its own that Word shows."""
    shown = is_on(child(parts.settings, "w:displayBackgroundShape"))
    return shown and is_ground(value(child(parts.document, "w:background"), "color"))


def _no_text(document: Element) -> SourceError:
    if {kind(each) for each in document.iter("*")} & _PICTURES:
        return SourceError(
            "holds pictures and no text, as a scan does. Expected text; export it as PDF, have the words read off it "
            "(OCR, for instance by OCRmyPDF or Tesseract) and give that file."
        )
    return SourceError("holds no text. Expected the text of a compliance report; is this the right file?")
