"""Layouts that reports come in: an invented report of two members, of the older years or of the G20, set in each."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from manuscript import Manuscript
from set_docx import MARKS, set_docx
from set_html import set_html
from set_pdf import SERIF, Style, set_pdf
from set_text import set_text
from whole_report import Form, whole_report
from word_package import zipped

from g7tag.sources.marks import roman, superscript, superscript_number

A4, LETTER = (595.0, 842.0), (612.0, 792.0)
SMALL = Style(font=SERIF, size=10, note_size=8)
G8 = Form(
    title="2010 G8 Muskoka", members=("Canada", "Russia", "United Kingdom"),
    columns="Country\tLack of Compliance\tWork in Progress\tFull Compliance", average="Average Score", percent=False,
    assessment="Assessment:", background="Background:", promise="Commitment [2010-{}]:", lead="Team Leader",
    closing="Thus, {name} has been awarded a score of {score}.",
)  # fmt: skip
G20 = Form(
    title="2021 G20 Rome",
    members=(
        "Argentina", "Australia", "Brazil", "Canada", "China", "France", "Germany", "India", "Indonesia", "Italy",
        "Japan", "Korea", "Mexico", "Russia", "Saudi Arabia", "South Africa", "Turkey", "United Kingdom",
        "United States", "European Union",
    ),
)  # fmt: skip
G20_LATER = replace(
    G20, title="2023 G20 New Delhi", members=tuple("Türkiye" if each == "Turkey" else each for each in G20.members)
)
REPORTS = {
    "small": (Form(members=("Canada", "United Kingdom")), 1, 14, 2024, 1),
    "short": (Form(members=("Canada", "United Kingdom"), tables=False), 1, 11, 2024, 1),
    "late short": (Form(members=("Canada", "United Kingdom"), tables=False), 1, 11, 2024, 4414),
    "two": (Form(members=("Canada", "United Kingdom")), 2, 20, 2024, 1),
    "late notes": (Form(members=("Canada", "United Kingdom")), 2, 20, 2024, 4414),
    "early notes": (Form(members=("Canada", "United Kingdom")), 2, 20, 2024, 2001),
    "G8": (G8, 2, 18, 2010, 1),
    "G20": (G20, 1, 40, 2021, 1),
    "later G20": (G20_LATER, 1, 40, 2023, 1),
}
"""Form, commitments, items, year, and first note of each report; notes from 2001 on have the numbers of years."""


@cache
def report(name: str) -> Manuscript:
    """Return one of the invented reports; the dates are in its year and the next."""
    form, commitments, items, year, first = REPORTS[name]
    written = whole_report(commitments=commitments, items=items, form=form)
    paragraphs = [_in_year(text, year) for text in written.paragraphs]
    notes = {number: _in_year(note, year) for number, note in written.notes.items()}
    return _numbered_from(Manuscript(paragraphs, notes), first)


def _in_year(text: str, year: int) -> str:
    return re.sub(r"\b202[45]\b", lambda found: str(year + int(found[0]) - 2024), text)


def _numbered_from(manuscript: Manuscript, first: int) -> Manuscript:
    """Return a manuscript whose notes are numbered from another number on."""
    return Manuscript(
        [MARKS.sub(lambda mark: superscript(str(superscript_number(mark[0]) + first - 1)), text)
         for text in manuscript.paragraphs],
        {number + first - 1: note for number, note in manuscript.notes.items()},
    )  # fmt: skip


def typed_notes(
    manuscript: Manuscript, *, mark: str = "[{number}]", start: str = "[{number}] ", heading: str = "Notes"
):
    """Return a manuscript without notes: marks are typed letters, and the notes paragraphs at the end."""

    def put(form: str, number: int) -> str:
        return form.format(number=number, roman=roman(number))

    typed = [MARKS.sub(lambda found: put(mark, superscript_number(found[0])), text) for text in manuscript.paragraphs]
    notes = [f"{put(start, number)}{note}" for number, note in manuscript.notes.items()]
    return Manuscript([*typed, heading, *notes], {})


# --- PDF ------------------------------------------------------------------------------------------------------------

STYLES: dict[str, tuple[str, Style]] = {
    "letter": ("two", SMALL),
    "A4 justified": ("two", Style(font=SERIF, size=10, note_size=8, page=A4, justified=True)),
    "two columns": ("two", Style(font=SERIF, size=9, note_size=7, columns=2)),
    "two close columns": ("two", Style(font=SERIF, size=9, note_size=7, columns=2, gutter=7)),
    "two columns, A4, justified": (
        "two", Style(font=SERIF, size=9, note_size=7, page=A4, columns=2, gutter=14, justified=True)
    ),
    "two narrow columns, justified": (
        "two", Style(font=SERIF, size=10, note_size=8, columns=2, justified=True, gap=0)
    ),
    "large print": ("small", Style(font=SERIF, size=16, note_size=13, gap=9)),
    "large print, narrow margins": ("small", Style(font=SERIF, size=16, note_size=14, gap=9, margin=36, number_at=20)),
    "narrow margins": ("two", Style(font=SERIF, size=10, note_size=8, margin=36, number_at=18)),
    "page number close to the notes": ("two", Style(font=SERIF, size=10, note_size=8, number_at=63)),
    "page number closer than a line": ("two", Style(font=SERIF, size=10, note_size=8, number_at=66)),
    "page number in words close to the notes": (
        "two", Style(font=SERIF, size=10, note_size=8, number="Page {}", number_at=63)
    ),
    "page number closer than a line, in the size of the text": (
        "two", Style(font=SERIF, size=10, note_size=10, number_at=82, number_size=10, endnotes="Endnotes")
    ),
    "roman page numbers close to the text": (
        "two", Style(font=SERIF, size=10, note_size=10, number="{roman}", number_at=82, number_size=10,
                     endnotes="Endnotes")
    ),
    "page number of pages, close to the text": (
        "two", Style(font=SERIF, size=10, note_size=10, number="Page {} of 12", number_at=82, number_size=10,
                     endnotes="Endnotes")
    ),
    "two columns, page number close to the text": (
        "two", Style(font=SERIF, size=9, note_size=9, columns=2, number_at=82, number_size=9, endnotes="Endnotes")
    ),
    "page number close to endnotes": (
        "two", Style(font=SERIF, size=10, note_size=8, number_at=80, endnotes="Endnotes")
    ),
    "endnotes": ("two", Style(font=SERIF, size=10, note_size=8, endnotes="Endnotes")),
    "endnotes at body size": ("two", Style(font=SERIF, size=10, note_size=10, endnotes="Notes")),
    "endnotes with full stops": (
        "two", Style(font=SERIF, size=10, note_size=10, endnotes="Notes", note_start="{number}. ")
    ),
    "endnotes without raised numbers": (
        "two", Style(font=SERIF, size=10, note_size=8, endnotes="Endnotes", note_start="{number} ")
    ),
    "late endnotes without raised numbers": (
        "late notes", Style(font=SERIF, size=10, note_size=8, endnotes="Endnotes", note_start="{number} ")
    ),
    "late endnotes at body size without raised numbers": (
        "late notes", Style(font=SERIF, size=10, note_size=10, endnotes="Endnotes", note_start="{number} ")
    ),
    "late endnotes with full stops": (
        "late notes", Style(font=SERIF, size=10, note_size=10, endnotes="Endnotes", note_start="{number}. ")
    ),
    "roman notes": ("two", Style(font=SERIF, size=10, note_size=8, mark="roman")),
    "roman endnotes": ("two", Style(font=SERIF, size=10, note_size=8, mark="roman", endnotes="Endnotes")),
    "roman endnotes at body size": (
        "two", Style(font=SERIF, size=10, note_size=10, mark="roman", endnotes="Endnotes", note_start="{roman}. ")
    ),
    "plain digits at notes": ("two", Style(font=SERIF, size=10, note_size=8, note_start="{number} ")),
    "late notes of plain digits": ("late notes", Style(font=SERIF, size=10, note_size=8, note_start="{number} ")),
    "late notes of plain digits, two columns": (
        "late notes", Style(font=SERIF, size=9, note_size=7, columns=2, note_start="{number} ")
    ),
    "late notes of plain digits at body size": (
        "late notes", Style(font=SERIF, size=10, note_size=10, note_start="{number} ")
    ),
    "plain digits like years": ("early notes", Style(font=SERIF, size=10, note_size=8, note_start="{number} ")),
    "plain digits and full stops at notes": (
        "late notes", Style(font=SERIF, size=10, note_size=8, note_start="{number}. ")
    ),
    "marks in brackets": (
        "late notes", Style(font=SERIF, size=10, note_size=8, mark="brackets", note_start="[{number}] ")
    ),
    "marks in brackets, endnotes": (
        "late notes",
        Style(font=SERIF, size=10, note_size=10, mark="brackets", note_start="[{number}] ", endnotes="References"),
    ),
    "G8": ("G8", SMALL),
    "G8 in Times, close page numbers": ("G8", Style(size=11, note_size=9, number_at=63)),
    "G8 with endnotes": ("G8", Style(font=SERIF, size=10, note_size=10, endnotes="Endnotes")),
    "G20": ("G20", SMALL),
    "later G20": ("later G20", SMALL),
    "G20 in two columns": ("G20", Style(font=SERIF, size=9, note_size=7, columns=2)),
}  # fmt: skip


# --- Word -----------------------------------------------------------------------------------------------------------


def changed(content: bytes, *changes: tuple[str, str]) -> bytes:
    """Return a Word document with words of its parts, and of their names, replaced."""

    def change(text: str) -> str:
        for old, new in changes:
            text = text.replace(old, new)
        return text

    with ZipFile(BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped({
        change(name): change(part.decode()).encode() if name.endswith((".xml", ".rels")) else part
        for name, part in parts.items()
    })  # fmt: skip


ROMAN = ("<w:numStart ", '<w:numFmt w:val="lowerRoman"/><w:numStart ')
ENDNOTES = (("footnote", "endnote"), ("Footnote", "Endnote"))
TWO_COLUMNS = ('<w:cols w:space="720"/>', '<w:cols w:num="2" w:space="360"/>')
WORD: dict[str, tuple[str, Callable[[Manuscript], bytes]]] = {
    "footnotes": ("two", set_docx),
    "footnotes from 4414": ("late notes", set_docx),
    "roman footnotes": ("two", lambda report: changed(set_docx(report), ROMAN)),
    "endnotes": ("two", lambda report: changed(set_docx(report), *ENDNOTES)),
    "roman endnotes": ("two", lambda report: changed(set_docx(report), ROMAN, *ENDNOTES)),
    "two columns": ("two", lambda report: changed(set_docx(report), TWO_COLUMNS)),
    "typed marks in brackets": ("two", lambda report: set_docx(typed_notes(report))),
    "typed raised marks, notes with full stops": (
        "two", lambda report: set_docx(raised_and_listed(report, start="{number}. "))
    ),
    "G8": ("G8", set_docx),
    "G20": ("G20", set_docx),
}  # fmt: skip

EXPORTED = Path(__file__).parent / "exports"
EXPORTS: dict[str, tuple[str, Callable[[Manuscript], bytes], tuple[float, float], float]] = {
    "letter": ("short", set_docx, LETTER, 14),
    "A4, two columns": ("late short", lambda report: changed(set_docx(report), TWO_COLUMNS), A4, 36),
    "A4, roman notes": ("short", lambda report: changed(set_docx(report), ROMAN), A4, 36),
}
"""Word documents to export as PDF: report, setter, page size, and room between text and page number (points)."""

# --- web pages and text ---------------------------------------------------------------------------------------------

_LINK = re.compile(r'<sup><a href="#_ftn(\d+)"[^>]*>\d+</a></sup>')
_NOTE = re.compile(r'<div id="ftn(\d+)"><p><a [^>]*><sup>\d+</sup></a> (.*)</p></div>')


def set_site(manuscript: Manuscript, *, mark: str, note: str, start: str = "", end: str = "") -> bytes:
    """Return a web page with other forms of marks and notes, given as HTML; `start` and `end` enclose the notes."""
    page = set_html(manuscript).decode()

    def put(form: str, found: re.Match[str]) -> str:
        number = int(found[1])
        return form.format(number=number, roman=roman(number), note=found[2] if found.re is _NOTE else "")

    body, _, notes = page.partition("<hr>")
    body = _LINK.sub(lambda found: put(mark, found), body)
    return f"{body}<hr>{start}{_NOTE.sub(lambda found: put(note, found), notes)}".replace(
        "</body>", f"{end}</body>"
    ).encode()


SITES: dict[str, tuple[str, Callable[[Manuscript], bytes]]] = {
    "word processor": ("two", set_html),
    "roman": (
        "two",
        lambda report: set_site(
            report,
            mark='<sup><a href="#_edn{number}" name="_ednref{number}">{roman}</a></sup>',
            note='<div id="edn{number}"><p><a href="#_ednref{number}" name="_edn{number}"><sup>{roman}</sup></a> '
            "{note}</p></div>",
        ),
    ),
    "list of notes with links back": (
        "two",
        lambda report: set_site(
            report,
            mark='<a href="#fn{number}" class="footnote-ref" id="fnref{number}" role="doc-noteref">'
            "<sup>{number}</sup></a>",
            note='<li id="fn{number}"><p>{note}<a href="#fnref{number}" class="footnote-back" '
            'role="doc-backlink">↩︎</a></p></li>',
            start='<section id="footnotes" role="doc-endnotes"><ol>',
            end="</ol></section>",
        ),
    ),
    "encyclopedia": (
        "two",
        lambda report: set_site(
            report,
            mark='<sup id="ref{number}" class="reference"><a href="#note{number}"><span>[</span>{number}'
            "<span>]</span></a></sup>",
            note='<li id="note{number}"><span class="backlink"><b><a href="#ref{number}">^</a></b></span> '
            "<span>{note}</span></li>",
            start="<h2>References</h2><ol>",
            end="</ol>",
        ),
    ),
    "marks in brackets without links": (
        "two",
        lambda report: set_site(report, mark="[{number}]", note="<p>[{number}] {note}</p>", start="<h2>Notes</h2>"),
    ),
    "marks without links, list of notes": (
        "two",
        lambda report: set_site(
            report, mark="<sup>{number}</sup>", note="<li>{note}</li>", start="<h2>Notes</h2><ol>", end="</ol>"
        ),
    ),
    "roman without links": (
        "two",
        lambda report: set_site(
            report,
            mark="<sup>{roman}</sup>",
            note="<p><sup>{roman}</sup> {note}</p>",
            start="<h2>Endnotes</h2>",
        ),
    ),
    "G8": ("G8", set_html),
    "G20": ("G20", set_html),
}


def raised_and_listed(manuscript: Manuscript, *, start: str) -> Manuscript:
    """Return a manuscript whose marks are raised, and whose notes are paragraphs at the end."""
    return Manuscript(
        [*manuscript.paragraphs, *typed_notes(manuscript, start=start).paragraphs[-len(manuscript.notes) - 1 :]], {}
    )


TEXTS: dict[str, tuple[str, Callable[[Manuscript], bytes]]] = {
    "pages": ("two", set_text),
    "marks in brackets": ("two", lambda report: set_text(typed_notes(report))),
    "notes listed at the end": ("two", lambda report: set_text(report, room=10**9)),
    "notes with full stops at the end": ("two", lambda report: set_text(raised_and_listed(report, start="{number}. "))),
    "notes with plain numbers at the end": (
        "two",
        lambda report: set_text(raised_and_listed(report, start="{number} ")),
    ),
    "G8": ("G8", set_text),
    "G20": ("G20", set_text),
}  # fmt: skip


STYLE = "body{font:16px/1.5 sans-serif;max-width:44em;margin:auto} td{border:1px solid #999;padding:4px}"
PRINTS: dict[str, tuple[str, str, str, bool]] = {
    "letter": ("word processor", "", "Letter", True),
    "A4": ("word processor", "", "A4", True),
    "without head and foot": ("word processor", "", "A4", False),
    "site": ("list of notes with links back", STYLE, "Letter", True),
    "encyclopedia": ("encyclopedia", STYLE, "A4", True),
    "roman": ("roman", STYLE, "Letter", True),
    "marks in brackets": ("marks in brackets without links", "", "Letter", True),
    "G20": ("G20", STYLE, "A4", True),
}
"""Web pages that a browser prints: the site, a style sheet, the paper, and whether with a head and a foot."""


def recipes() -> dict[str, tuple[str, Callable[[Manuscript], bytes]]]:
    """Return the report and the setter of each layout, by format and name."""
    styles = {name: (of, lambda report, style=style: set_pdf(report, style)) for name, (of, style) in STYLES.items()}
    exports = {
        f"LibreOffice, {name}": (of, lambda _, name=name: (EXPORTED / f"{name}.pdf").read_bytes())
        for name, (of, *_) in EXPORTS.items()
    }
    kinds = {"pdf": styles | exports, "docx": WORD, "html": SITES, "txt": TEXTS}
    return {f"{kind}: {name}": recipe for kind, named in kinds.items() for name, recipe in named.items()}
