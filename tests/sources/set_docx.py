"""Set a manuscript as a Word document: real tables, headings, and footnotes numbered by Word."""

import re
from io import BytesIO
from itertools import groupby
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from manuscript import Manuscript

from g7tag.sources.marks import SUPERSCRIPTS, superscript_number

MARKS = re.compile(rf"([{SUPERSCRIPTS}]+)")
HEADINGS = {1: r"\d{1,3}\. \S", 2: r"[A-Z][A-Za-z ]+: [+−-]?[01]$"}
W = nsdecls("w")
NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
STYLE = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{place}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for place, kind in ((-1, "separator"), (0, "continuationSeparator"))
)


def set_docx(manuscript: Manuscript) -> bytes:
    """Return a manuscript as the bytes of a Word document; all rows of a table get the same number of cells.

    Word numbers the notes: the marks must count up from the first one, and each note must have a mark.
    """
    document = Document()
    document.styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER).font.superscript = True
    marks = list(dict.fromkeys(number for text in manuscript.paragraphs for number in marks_in(text, manuscript.notes)))
    assert marks == sorted(manuscript.notes) == list(range(min(marks, default=1), min(marks, default=1) + len(marks)))
    set_notes(document, {number: note_xml(number, manuscript.notes[number]) for number in marks})
    start_notes(document, min(marks, default=1))
    for is_row, group in groupby(manuscript.paragraphs, key=lambda text: "\t" in text):
        if is_row:
            set_table(document, [text.split("\t") for text in group])
        else:
            for text in group:
                set_paragraph(document, text, manuscript.notes)
    return saved(document)


def saved(document) -> bytes:
    """The bytes of a document."""
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def marks_in(text: str, notes: dict[int, str]) -> list[int]:
    """Return the note numbers for the superscript digits of a text; adjacent marks give several."""
    return [number for digits in MARKS.findall(text) for number in numbers_of(digits, notes)]


def numbers_of(digits: str, notes: dict[int, str]) -> list[int]:
    """Return the note numbers in digits, or none if the digits are an exponent."""
    if superscript_number(digits) in notes or not notes:
        return [superscript_number(digits)] if notes else []
    width = len(str(max(notes)))
    numbers = [superscript_number(digits[place : place + width]) for place in range(0, len(digits), width)]
    return numbers if all(number in notes for number in numbers) else []


def set_paragraph(document, text: str, notes: dict[int, str]) -> None:
    """Add a paragraph or a heading, its marks as footnotes."""
    level = next((level for level, pattern in HEADINGS.items() if re.match(pattern, text)), 0)
    paragraph = document.add_heading(level=level) if level else document.add_paragraph()
    for piece in MARKS.split(text):
        numbers = numbers_of(piece, notes) if MARKS.fullmatch(piece) else []
        if piece and not numbers:
            paragraph.add_run(piece)
        for number in numbers:
            paragraph._p.append(parse_xml(mark_xml(number)))


def set_table(document, rows: list[list[str]]) -> None:
    """Add a table."""
    table = document.add_table(len(rows), max(map(len, rows)))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text


def mark_xml(number: int) -> str:
    """A run with a note mark."""
    return f'<w:r {W}>{STYLE}<w:footnoteReference w:id="{number}"/></w:r>'


def note_xml(number: int, text: str) -> str:
    """A note, its own mark first."""
    return (
        f'<w:footnote w:id="{number}"><w:p><w:r>{STYLE}<w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {escape(text)}</w:t></w:r></w:p></w:footnote>'
    )


def set_notes(document, notes: dict[int, str]) -> None:
    """Add the part with a document's footnotes, given as XML."""
    content = f"<w:footnotes {W}>{SEPARATORS}{''.join(notes.values())}</w:footnotes>"
    part = Part(PackURI("/word/footnotes.xml"), NOTES_TYPE, content.encode(), document.part.package)
    document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")


def start_notes(document, first: int) -> None:
    """Set the first number, in the settings and in the section, as Word does."""
    xml = f'<w:footnotePr {W}><w:numStart w:val="{first}"/></w:footnotePr>'
    document.settings.element.find(qn("w:compat")).addprevious(parse_xml(xml))
    document.sections[0]._sectPr.insert(0, parse_xml(xml))
