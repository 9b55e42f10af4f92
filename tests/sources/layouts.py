"""Layouts that reports come in: an invented report of two members, of the older years or of the G20, set in each."""

import re
from collections.abc import Callable, Mapping
from functools import cache, reduce
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from manuscript import MARKS, Manuscript
from set_docx import set_docx
from set_html import set_html
from set_pdf import SERIF, Style, set_pdf
from set_text import set_text
from word_package import zipped

from g7tag.sources.marks import roman, superscript, superscript_number

A4, LETTER = (595.0, 842.0), (612.0, 792.0)
Setter = Callable[[Manuscript], bytes]
Recipe = tuple[str, Setter]
"""The name of a report, and what sets it."""
FIRSTS = {"": 1, "late": 4414, "early": 2001}
LATER = {"2022": "2024", "2021": "2023", "G20 Rome": "G20 New Delhi", "Rome G20": "New Delhi G20", "Turkey": "Türkiye"}


def stored(name: str, *, first: int = 1, words: Mapping[str, str] | None = None) -> Manuscript:
    """Return an invented report of reports/, its notes numbered from `first` on, and with other words."""
    text = Path(__file__).with_name("reports").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    for old, new in (words or {}).items():
        text = text.replace(old, new)
    text = MARKS.sub(lambda mark: superscript(str(superscript_number(mark[0]) + first - 1)), text)
    paragraphs, _, notes = text.partition("\n\n")
    rows = (line.split("\t", 1) for line in notes.splitlines())
    return Manuscript(paragraphs.split("\n"), {int(number) + first - 1: note for number, note in rows})


def repeated(name: str, times: int) -> Manuscript:
    """Return an invented report whose one chapter stands many times, under other numbers and with its own notes."""
    front, chapter = stored(name).paragraphs, []
    start = next(at for at, text in enumerate(front) if at and text.startswith("1. ") and "\t" not in text)
    whole, notes = front[:start], {}
    for number in range(1, times + 1):
        copy = stored(name, first=1 + (number - 1) * len(stored(name).notes))
        chapter = copy.paragraphs[start:]
        whole += [f"{number}{chapter[0][1:]}", *chapter[1:]]
        notes |= copy.notes
    return Manuscript(whole, notes)


@cache
def report(name: str) -> Manuscript:
    """Return one of the reports; notes from 2001 on have the numbers of years."""
    when, _, file = name.rpartition(" ")
    return stored(file, words=LATER) if when == "later" else stored(file, first=FIRSTS[when])


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


def serif(size: float = 10, note_size: float = 8, **others: Any) -> Style:
    return Style(font=SERIF, size=size, note_size=note_size, **others)


def columns(**others: Any) -> Style:
    return serif(9, 7, columns=2, **others)


CLOSE: dict[str, Any] = {"number_at": 82, "number_size": 10, "endnotes": "Endnotes"}
STYLES: dict[str, dict[str, Style]] = {
    "two": {"letter": serif(), "two columns": columns()},
    "short": {
        "A4 justified": serif(page=A4, justified=True),
        "two close columns": columns(gutter=7),
        "two columns, A4, justified": columns(page=A4, gutter=14, justified=True),
        "two narrow columns, justified": serif(columns=2, justified=True, gap=0),
        "narrow margins": serif(margin=36, number_at=18),
        "page number close to the notes": serif(number_at=63),
        "page number closer than a line, in the size of the text": serif(10, 10, **CLOSE),
        "roman page numbers close to the text": serif(10, 10, number="{roman}", **CLOSE),
        "endnotes": serif(endnotes="Endnotes"),
        "endnotes at body size": serif(10, 10, endnotes="Notes"),
        "endnotes with full stops": serif(10, 10, endnotes="Notes", note_start="{number}. "),
        "endnotes without raised numbers": serif(endnotes="Endnotes", note_start="{number} "),
        "roman notes": serif(mark="roman"),
        "roman endnotes": serif(mark="roman", endnotes="Endnotes"),
        "roman endnotes at body size": serif(10, 10, mark="roman", endnotes="Endnotes", note_start="{roman}. "),
        "plain digits at notes": serif(note_start="{number} "),
        "large print": serif(16, 13, gap=9),
        "large print, narrow margins": serif(16, 14, gap=9, margin=36, number_at=20),
    },
    "late short": {
        "late endnotes without raised numbers": serif(endnotes="Endnotes", note_start="{number} "),
        "late endnotes at body size without raised numbers": serif(10, 10, endnotes="Endnotes", note_start="{number} "),
        "late endnotes with full stops": serif(10, 10, endnotes="Endnotes", note_start="{number}. "),
        "late notes of plain digits": serif(note_start="{number} "),
        "late notes of plain digits, two columns": columns(note_start="{number} "),
        "plain digits and full stops at notes": serif(note_start="{number}. "),
        "marks in brackets": serif(mark="brackets", note_start="[{number}] "),
        "marks in brackets, endnotes": serif(10, 10, mark="brackets", note_start="[{number}] ", endnotes="References"),
        "cut words": serif(justified=True, cuts=True),
        "indented": serif(gap=0, indent=18),
        "superscript letters": serif(superscript_letters=True),
        "raised brackets": Style(size=10, note_size=10, mark="raised brackets"),
        "plain marks": Style(size=10, note_size=8, mark="digits", note_start="{number}. "),
    },
    "late two": {"late notes of plain digits at body size": serif(10, 10, note_start="{number} ")},
    "early short": {"plain digits like years": serif(note_start="{number} ")},
    "G8": {
        "G8 in Times, close page numbers": Style(size=11, note_size=9, number_at=63),
        "G8 with endnotes": serif(10, 10, endnotes="Endnotes"),
    },
    "G20": {"G20 in two columns": columns()},
    "later G20": {"later G20": serif()},
}
"""Styles by the report that is set in them."""

# --- Word -----------------------------------------------------------------------------------------------------------


def changed(content: bytes, *changes: tuple[str, str]) -> bytes:
    """Return a Word document with words of its parts, and of their names, replaced."""

    def change(text: str) -> str:
        return reduce(lambda text, each: text.replace(*each), changes, text)

    with ZipFile(BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped({change(name): change(part.decode()).encode() if name.endswith((".xml", ".rels")) else part
                   for name, part in parts.items()})  # fmt: skip


ROMAN = ("<w:numStart ", '<w:numFmt w:val="lowerRoman"/><w:numStart ')
ENDNOTES = (("footnote", "endnote"), ("Footnote", "Endnote"))
TWO_COLUMNS = ('<w:cols w:space="720"/>', '<w:cols w:num="2" w:space="360"/>')
WORD: dict[str, Recipe] = {
    "footnotes": ("two", set_docx),
    "footnotes from 4414": ("late two", set_docx),
    "roman footnotes": ("two", lambda report: changed(set_docx(report), ROMAN)),
    "endnotes": ("two", lambda report: changed(set_docx(report), *ENDNOTES)),
    "roman endnotes": ("two", lambda report: changed(set_docx(report), ROMAN, *ENDNOTES)),
    "two columns": ("two", lambda report: changed(set_docx(report), TWO_COLUMNS)),
    "typed marks in brackets": ("two", lambda report: set_docx(typed_notes(report))),
    "typed raised marks, notes with full stops": ("two", lambda report: set_docx(listed(report, "{number}. "))),
    "G8": ("G8", set_docx),
    "G20": ("G20", set_docx),
}

EXPORTED = Path(__file__).parent / "exports"
EXPORTS: dict[str, tuple[str, Setter, tuple[float, float], float]] = {
    "letter": ("short", set_docx, LETTER, 14),
    "A4, two columns": ("late short", lambda report: changed(set_docx(report), TWO_COLUMNS), A4, 36),
    "A4, roman notes": ("short", lambda report: changed(set_docx(report), ROMAN), A4, 36),
}
"""Word documents to export as PDF: report, setter, page size, and room between text and page number (points)."""

# --- web pages and text ---------------------------------------------------------------------------------------------

_LINK = re.compile(r'<sup><a href="#_ftn(\d+)"[^>]*>\d+</a></sup>')
_NOTE = re.compile(r'<div id="ftn(\d+)"><p><a [^>]*><sup>\d+</sup></a> (.*)</p></div>')


def set_site(manuscript: Manuscript, mark: str, note: str, start: str, end: str) -> bytes:
    """Return a web page with other forms of marks and notes, given as HTML; `start` and `end` enclose the notes."""

    def put(form: str, number: str, text: str = "") -> str:
        return form.format(n=number, roman=roman(int(number)), note=text)

    body, _, notes = set_html(manuscript).decode().partition("<hr>")
    body = _LINK.sub(lambda found: put(mark, found[1]), body)
    notes = _NOTE.sub(lambda found: put(note, found[1], found[2]), notes).replace("</body>", f"{end}</body>")
    return f"{body}<hr>{start}{notes}".encode()


FORMS = {
    "roman": ('<sup><a href="#_edn{n}" name="_ednref{n}">{roman}</a></sup>',
              '<div id="edn{n}"><p><a href="#_ednref{n}" name="_edn{n}"><sup>{roman}</sup></a> {note}</p></div>',
              "", ""),
    "list of notes with links back": (
        '<a href="#fn{n}" class="footnote-ref" id="fnref{n}" role="doc-noteref"><sup>{n}</sup></a>',
        '<li id="fn{n}"><p>{note}<a href="#fnref{n}" class="footnote-back" role="doc-backlink">↩︎</a></p></li>',
        '<section id="footnotes" role="doc-endnotes"><ol>', "</ol></section>"),
    "encyclopedia": (
        '<sup id="ref{n}" class="reference"><a href="#note{n}"><span>[</span>{n}<span>]</span></a></sup>',
        '<li id="note{n}"><span class="backlink"><b><a href="#ref{n}">^</a></b></span> <span>{note}</span></li>',
        "<h2>References</h2><ol>", "</ol>"),
    "marks in brackets without links": ("[{n}]", "<p>[{n}] {note}</p>", "<h2>Notes</h2>", ""),
    "marks without links, list of notes": ("<sup>{n}</sup>", "<li>{note}</li>", "<h2>Notes</h2><ol>", "</ol>"),
    "roman without links": ("<sup>{roman}</sup>", "<p><sup>{roman}</sup> {note}</p>", "<h2>Endnotes</h2>", ""),
}  # fmt: skip
"""Forms of a mark and of a note, and what stands before and behind the notes."""
SITES: dict[str, Recipe] = {
    "word processor": ("two", set_html), "G8": ("G8", set_html), "G20": ("G20", set_html),
    **{name: ("two", lambda report, form=form: set_site(report, *form)) for name, form in FORMS.items()},
}  # fmt: skip


def listed(manuscript: Manuscript, start: str) -> Manuscript:
    """Return a manuscript whose marks are raised, and whose notes are paragraphs at the end."""
    notes = typed_notes(manuscript, start=start).paragraphs[-len(manuscript.notes) - 1 :]
    return Manuscript([*manuscript.paragraphs, *notes], {})


TEXTS: dict[str, Recipe] = {
    "pages": ("two", set_text),
    "marks in brackets": ("two", lambda report: set_text(typed_notes(report))),
    "notes listed at the end": ("two", lambda report: set_text(report, room=10**9)),
    "notes with full stops at the end": ("two", lambda report: set_text(listed(report, "{number}. "))),
    "notes with plain numbers at the end": ("two", lambda report: set_text(listed(report, "{number} "))),
    "2005": ("2005", set_text),
    "G8": ("G8", set_text),
    "G20": ("G20", set_text),
}


STYLE = "body{font:16px/1.5 sans-serif;max-width:44em;margin:auto} td{border:1px solid #999;padding:4px}"
PRINTS: dict[str, tuple[str, str, str, bool]] = {
    "letter": ("word processor", "", "Letter", True),
    "without head and foot": ("word processor", "", "A4", False),
    "site": ("list of notes with links back", STYLE, "Letter", True),
    "encyclopedia": ("encyclopedia", STYLE, "A4", True),
    "marks in brackets": ("marks in brackets without links", "", "Letter", True),
    "G20": ("G20", STYLE, "A4", True),
}
"""Web pages that a browser prints: the site, a style sheet, the paper, and whether with a head and a foot."""


def recipes() -> dict[str, Recipe]:
    """Return the report and the setter of each layout, by format and name."""
    styles = {
        name: (of, lambda report, style=style: set_pdf(report, style))
        for of, named in STYLES.items()
        for name, style in named.items()
    }
    exports = {
        f"LibreOffice, {name}": (of, lambda _, name=name: (EXPORTED / f"{name}.pdf").read_bytes())
        for name, (of, *_) in EXPORTS.items()
    }
    kinds = {"pdf": styles | exports, "docx": WORD, "html": SITES, "txt": TEXTS}
    return {f"{kind}: {name}": recipe for kind, named in kinds.items() for name, recipe in named.items()}
