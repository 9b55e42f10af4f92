"""A report in any layout is read as its text is, or the gaps say that it was not; no count is wrong without a word."""

import json

import pytest
from layouts import PRINTS, SITES, recipes, report
from same_evidence import MARK, counted, said, written

from g7tag.errors import SourceError
from g7tag.evidence import Evidence, extract_evidence
from g7tag.frames import DOCUMENTS, GAPS, build
from g7tag.sources import gap_row, superscript
from g7tag.sources.blocks import set_blocks
from g7tag.sources.documents import read_text
from g7tag.sources.docx.document import read_docx
from g7tag.sources.html.document import read_html
from g7tag.sources.kinds import DOCX, HTML, PDF, kind_of
from g7tag.sources.pdf.document import open_pdf, read_pages
from g7tag.sources.pdf.flow import Page, flow_pages

pytestmark = pytest.mark.slow

SAID = {
    "pdf: LibreOffice, A4, two columns",  # cells of a score table wider than its column are read in the next one
    "print: encyclopedia",
    "docx: typed marks in brackets",
    "docx: typed raised marks, notes with full stops",
    "html: roman",
    "html: marks in brackets without links",
    "html: marks without links, list of notes",
    "html: roman without links",
    "txt: marks in brackets",
    "txt: notes with full stops at the end",
    "txt: notes with plain numbers at the end",
}
"""Layouts that are not read as their text: the gaps or a refusal say so."""
RECIPES = recipes()


def read(content: bytes, codebook) -> Evidence:
    """The evidence of a document, read in this process."""
    kind, doubt = kind_of(content), ""
    if kind == PDF:
        pages = [Page(page["lines"], page["aside"]) for page in read_pages(open_pdf(content, 500), 0)]
        blocks, doubt = flow_pages(pages)
        text, hidden = set_blocks(blocks)
    elif kind in {DOCX, HTML}:
        text, hidden = set_blocks(read_docx(content) if kind == DOCX else read_html(content))
    else:
        text, hidden = read_text(content), []
    row = {
        "document_id": "a", "name": "a", "media_type": kind, "sha256": "0" * 64, "pages": None, "text": text,
        "hidden": json.dumps(hidden), "status": "ok",
    }  # fmt: skip
    gaps = [gap_row("a", "notes", "unread", doubt)] if doubt else []
    return extract_evidence(build(DOCUMENTS, [row]), codebook, gaps=build(GAPS, gaps))


@pytest.fixture(scope="module")
def text_of_report(codebook):
    """Report -> what its text says, its notes at the end; None if the text is refused."""
    known: dict[str, dict | None] = {}

    def of(name: str) -> dict | None:
        if name not in known:
            manuscript = report(name)
            notes = [f"{superscript(str(number))} {note}" for number, note in manuscript.notes.items()]
            try:
                known[name] = said(read("\n\n".join([*manuscript.paragraphs, *notes]).encode(), codebook))
            except SourceError:
                known[name] = None
        return known[name]

    return of


def outcome(content: bytes, name: str, text_of_report, codebook) -> tuple[str, object]:
    """Return "same", "said" or "wrong" for a report in a layout, and what was found."""
    try:
        evidence = read(content, codebook)
    except SourceError as error:
        return "said", str(error)
    if counted(evidence) == written(report(name)) and said(evidence) == text_of_report(name):
        return ("same" if evidence.gaps.empty else "said"), evidence.gaps["reason"].tolist()
    return ("wrong" if evidence.gaps.empty else "said"), counted(evidence)


@pytest.mark.parametrize("layout", RECIPES)
def test_a_layout_is_read_as_its_text_or_said(layout, text_of_report, codebook):
    name, setter = RECIPES[layout]
    how, found = outcome(setter(report(name)), name, text_of_report, codebook)
    assert how == ("said" if layout in SAID else "same"), found


@pytest.mark.browser
@pytest.mark.parametrize("layout", [f"print: {name}" for name in PRINTS])
def test_what_a_browser_prints_is_read_as_its_text_or_said(layout, text_of_report, codebook, browser, tmp_path):
    site, style, paper, head = PRINTS[layout.removeprefix("print: ")]
    name, setter = SITES[site]
    path = tmp_path / "report.html"
    path.write_text(setter(report(name)).decode().replace("</head>", f"<style>{style}</style></head>"))
    page = browser.new_page()
    page.goto(path.as_uri())
    room = dict.fromkeys(("top", "bottom", "left", "right"), "0.5in")
    how, found = outcome(
        page.pdf(format=paper, display_header_footer=head, margin=room), name, text_of_report, codebook
    )
    page.close()
    assert how == ("said" if layout in SAID else "same"), found


@pytest.mark.parametrize("last", [5, 9, 31])
def test_notes_that_are_cut_off_are_said_and_not_exchanged(last, codebook):
    whole = report("short")
    notes = [f"{superscript(str(number))} {note}" for number, note in whole.notes.items() if number <= last]
    evidence = read("\n\n".join([*whole.paragraphs, *notes]).encode(), codebook)
    assert len(evidence.citations) == last
    assert not evidence.gaps.empty
    assert set(evidence.items["citations"]) <= {*written(whole)["cited"], ""}


def test_pages_that_end_behind_the_first_word_of_an_item_lose_no_item(text_of_report, codebook):
    whole = report("late short")
    notes = [f"{superscript(str(number))} {note}" for number, note in whole.notes.items()]
    items = [at for at, text in enumerate(whole.paragraphs) if text.startswith("On ")]
    blocks: list[str] = []
    for at, text in enumerate(whole.paragraphs):
        if at in items[1:8:2]:
            cited = len(MARK.findall(" ".join(whole.paragraphs[:at])))
            new = [note for note in notes[:cited] if note not in blocks]
            blocks += ["On", *new, text.removeprefix("On ")]
        else:
            blocks.append(text)
    blocks += [note for note in notes if note not in blocks]
    evidence = read("\n\n".join(blocks).encode(), codebook)
    assert counted(evidence) == written(whole)
    assert said(evidence) == text_of_report("late short")
