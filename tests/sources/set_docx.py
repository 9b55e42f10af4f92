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
NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}s+xml"
NOTES_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}s"
SEPARATORS = "".join(
    f'<w:{{0}} w:type="{kind}" w:id="{place}"><w:p><w:r><w:{kind}/></w:r></w:p></w:{{0}}>'
    for place, kind in ((-1, "separator"), (0, "continuationSeparator"))
)


def set_docx(manuscript: Manuscript) -> bytes:
    """Return a manuscript as the bytes of a Word document.

    A mark is a footnote numbered by Word if Word would give it the same number, otherwise a typed footnote. A note
    without a mark is a paragraph at the end. All rows of a table get the same number of cells.
    """
    document = Document()
    document.styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER).font.superscript = True
    marks = [number for text in manuscript.paragraphs for number in marks_in(text, manuscript.notes)]
    first = marks[0] if marks else 1
    numbered = count_up(marks, first)
    set_notes(
        document, {number: note_xml(number, manuscript.notes[number], typed=number not in numbered) for number in marks}
    )
    start_notes(document, first)
    for is_row, group in groupby(manuscript.paragraphs, key=lambda text: "\t" in text):
        if is_row:
            set_table(document, [text.split("\t") for text in group])
        else:
            for text in group:
                set_paragraph(document, text, manuscript.notes, numbered)
    for number in sorted(set(manuscript.notes) - set(marks)):
        paragraph = document.add_paragraph()
        paragraph.add_run(str(number)).font.superscript = True
        paragraph.add_run(f" {manuscript.notes[number]}")
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


def count_up(marks: list[int], first: int) -> set[int]:
    """Return the marks for which Word's own numbers can be used."""
    numbered: set[int] = set()
    for mark in marks:
        if mark == first + len(numbered):
            numbered.add(mark)
    return numbered


def set_paragraph(document, text: str, notes: dict[int, str], numbered: set[int]) -> None:
    """Add a paragraph or a heading, its marks as footnotes."""
    level = next((level for level, pattern in HEADINGS.items() if re.match(pattern, text)), 0)
    paragraph = document.add_heading(level=level) if level else document.add_paragraph()
    for piece in MARKS.split(text):
        numbers = numbers_of(piece, notes) if MARKS.fullmatch(piece) else []
        if piece and not numbers:
            paragraph.add_run(piece)
        for number in numbers:
            paragraph._p.append(parse_xml(mark_xml(number, typed=number not in numbered)))


def set_table(document, rows: list[list[str]]) -> None:
    """Add a table."""
    table = document.add_table(len(rows), max(map(len, rows)))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text


def mark_xml(number: int, *, typed: bool = False, kind: str = "footnote") -> str:
    """A run with a note mark."""
    follows = ' w:customMarkFollows="1"' if typed else ""
    text = f"<w:t>{number}</w:t>" if typed else ""
    return (
        f'<w:r {W}><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
        f'<w:{kind}Reference{follows} w:id="{number}"/>{text}</w:r>'
    )


def note_xml(number: int, text: str, *, typed: bool = False, kind: str = "footnote") -> str:
    """A note, its own mark first."""
    mark = f"<w:t>{number}</w:t>" if typed else f"<w:{kind}Ref/>"
    return (
        f'<w:{kind} w:id="{number}"><w:p><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>{mark}</w:r>'
        f'<w:r><w:t xml:space="preserve"> {escape(text)}</w:t></w:r></w:p></w:{kind}>'
    )


def set_notes(document, notes: dict[int, str], *, kind: str = "footnote") -> None:
    """Add the part with a document's footnotes or endnotes, given as XML."""
    content = f"<w:{kind}s {W}>{SEPARATORS.format(kind)}{''.join(notes.values())}</w:{kind}s>"
    name = PackURI(f"/word/{kind}s.xml")
    part = Part(name, NOTES_TYPE.format(kind), content.encode(), document.part.package)
    document.part.relate_to(part, NOTES_RELATION.format(kind))


def start_notes(document, first: int, *, kind: str = "footnote") -> None:
    """Set the first number, in the settings and in the section, as Word does."""
    xml = f'<w:{kind}Pr {W}><w:numStart w:val="{first}"/></w:{kind}Pr>'
    document.settings.element.find(qn("w:compat")).addprevious(parse_xml(xml))
    document.sections[0]._sectPr.insert(0, parse_xml(xml))
