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
from manuscript import MARKS, Manuscript

HEADINGS = {1: r"\d{1,3}\. \S", 2: r"[A-Z][A-Za-z ]+: [+−-]?[01]$"}
W = nsdecls("w")
NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
NOTES_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
STYLE = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
MARK = f'<w:r {W}>{STYLE}<w:footnoteReference w:id="{{}}"/></w:r>'
NOTE = (
    f'<w:footnote w:id="{{}}"><w:p><w:r>{STYLE}<w:footnoteRef/></w:r>'
    '<w:r><w:t xml:space="preserve"> {}</w:t></w:r></w:p></w:footnote>'
)
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
    set_notes(document, manuscript)
    for is_row, group in groupby(manuscript.paragraphs, key=lambda text: "\t" in text):
        if is_row:
            set_table(document, [text.split("\t") for text in group])
        else:
            for text in group:
                set_paragraph(document, text, manuscript)
    return saved(document)


def saved(document) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def set_notes(document, manuscript: Manuscript) -> None:
    """Add the part with the footnotes, and their first number to the settings and to the section, as Word does."""
    marks = list(dict.fromkeys(number for text in manuscript.paragraphs for number in manuscript.numbers_of(text)))
    first = min(marks, default=1)
    assert marks == sorted(manuscript.notes) == list(range(first, first + len(marks)))
    notes = "".join(NOTE.format(number, escape(manuscript.notes[number])) for number in marks)
    content = f"<w:footnotes {W}>{SEPARATORS}{notes}</w:footnotes>".encode()
    part = Part(PackURI("/word/footnotes.xml"), NOTES_TYPE, content, document.part.package)
    document.part.relate_to(part, NOTES_RELATION)
    start = f'<w:footnotePr {W}><w:numStart w:val="{first}"/></w:footnotePr>'
    document.settings.element.find(qn("w:compat")).addprevious(parse_xml(start))
    document.sections[0]._sectPr.insert(0, parse_xml(start))


def set_paragraph(document, text: str, manuscript: Manuscript) -> None:
    """Add a paragraph or a heading, its marks as footnotes."""
    level = next((level for level, pattern in HEADINGS.items() if re.match(pattern, text)), 0)
    paragraph = document.add_heading(level=level) if level else document.add_paragraph()
    for piece in re.split(f"({MARKS.pattern})", text):
        numbers = manuscript.numbers_of(piece)
        if piece and not numbers:
            paragraph.add_run(piece)
        for number in numbers:
            paragraph._p.append(parse_xml(MARK.format(number)))


def set_table(document, rows: list[list[str]]) -> None:
    table = document.add_table(len(rows), max(map(len, rows)))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text
