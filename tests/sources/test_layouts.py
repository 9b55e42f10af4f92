"""A report in any layout is read as its text is, or the gaps say that it was not; no count is wrong without a word."""

from functools import cache
from random import Random

import pandas as pd
import pytest
from layouts import PRINTS, SITES, recipes, report, stored
from manuscript import MARKS, Manuscript, manuscript_of
from reading import read_here
from same_evidence import counted, said, written
from set_docx import set_docx
from set_html import set_html
from set_pdf import SERIF, Style, set_pdf
from word_package import cell, p, r, table, word

from g7tag.errors import SourceError
from g7tag.evidence import Evidence, extract_evidence
from g7tag.sources import superscript

SAID = {
    "pdf: LibreOffice, A4, two columns",  # cells of a score table wider than its column are read in the next one
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


FAST = {"pdf: indented", "docx: footnotes", "html: word processor", "html: roman without links", "txt: pages"}
"""Layouts that are also read by -m "not slow"."""


def read(content: bytes, codebook) -> Evidence:
    return extract_evidence(read_here(content), codebook)


def text_of(manuscript: Manuscript) -> str:
    """A report's text: its paragraphs, then its notes."""
    notes = [f"{superscript(str(number))} {note}" for number, note in manuscript.notes.items()]
    return "\n\n".join([*manuscript.paragraphs, *notes])


@pytest.fixture(scope="module")
def text_of_report(codebook):
    """Report -> what its text says, its notes at the end; None if the text is refused."""

    @cache
    def of(name: str) -> dict | None:
        try:
            return said(read(text_of(report(name)).encode(), codebook))
        except SourceError:
            return None

    return of


def outcome(content: bytes, whole: Manuscript, said_by_text: dict | None, codebook) -> tuple[str, object]:
    """Return "same", "said" or "wrong" for a report in a layout, and what was found."""
    try:
        evidence = read(content, codebook)
    except SourceError as error:
        return "said", str(error)
    if counted(evidence) == written(whole) and said(evidence) == said_by_text:
        return ("same" if evidence.gaps.empty else "said"), evidence.gaps["reason"].tolist()
    return ("wrong" if evidence.gaps.empty else "said"), counted(evidence)


@pytest.mark.parametrize(
    "layout", [pytest.param(each, marks=[] if each in FAST else pytest.mark.slow) for each in RECIPES]
)
def test_a_layout_is_read_as_its_text_or_said(layout, text_of_report, codebook):
    name, setter = RECIPES[layout]
    how, found = outcome(setter(report(name)), report(name), text_of_report(name), codebook)
    assert how == ("said" if layout in SAID else "same"), found


@pytest.mark.slow
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
    printed = page.pdf(format=paper, display_header_footer=head, margin=room)
    page.close()
    how, found = outcome(printed, report(name), text_of_report(name), codebook)
    assert how == ("said" if layout in SAID else "same"), found


def with_other_words(manuscript: Manuscript, seed: int) -> Manuscript:
    """Return a report with more words in its items and titles, so that lines and pages end elsewhere."""
    random = Random(seed)

    def longer(text: str, least: int) -> str:
        words = text.split(" ")
        for _ in range(random.choice([0, 0, 1, 3, 7])):
            words.insert(random.randrange(least, max(least + 1, len(words) - 1)), random.choice(MORE))
        return " ".join(words)

    paragraphs = [longer(text, 7) if text.startswith("On ") else text for text in manuscript.paragraphs]
    titles = {number: note.partition(", ") for number, note in manuscript.notes.items()}
    notes = {number: f"{longer(title, 1)}, {rest}" for number, (title, _, rest) in titles.items()}
    return Manuscript(paragraphs, notes)


MORE = ["new", "large", "regional", "jointly", "officially", "publicly", "in spring", "with several partners"]


@pytest.mark.nightly
@pytest.mark.parametrize("layout", [each for each in RECIPES if "LibreOffice" not in each])
@pytest.mark.parametrize("seed", range(5))
def test_a_layout_with_other_line_ends_is_read_as_its_text_or_said(seed, layout, codebook):
    name, setter = RECIPES[layout]
    whole = with_other_words(report(name), seed)
    how, found = outcome(setter(whole), whole, said(read(text_of(whole).encode(), codebook)), codebook)
    assert how != "wrong", found


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
            cited = len(MARKS.findall(" ".join(whole.paragraphs[:at])))
            new = [note for note in notes[:cited] if note not in blocks]
            blocks += ["On", *new, text.removeprefix("On ")]
        else:
            blocks.append(text)
    blocks += [note for note in notes if note not in blocks]
    evidence = read("\n\n".join(blocks).encode(), codebook)
    assert counted(evidence) == written(whole)
    assert said(evidence) == text_of_report("late short")


@pytest.mark.slow
def test_a_long_table_of_scores_is_no_text_in_two_columns(codebook):
    manuscript = stored("fourteen")
    pdf, html = (read(setter(manuscript), codebook).summary for setter in (set_pdf, set_html))
    pd.testing.assert_frame_equal(pdf, html)
    assert len(pdf) > 14 * 8


NARROW = Style(font=SERIF, size=12, note_size=9, columns=2, justified=True, gap=0)


@pytest.mark.slow
@pytest.mark.chapter
@pytest.mark.parametrize("setter", [
    set_docx, set_html, lambda manuscript: set_pdf(manuscript, NARROW),
], ids=["docx", "html", "pdf in two narrow columns"])  # fmt: skip
def test_the_real_chapter_gives_the_same_evidence_as_its_text(setter, chapter, chapter_path, codebook):
    found = read(setter(manuscript_of(chapter_path.read_text(encoding="utf-8"))), codebook)
    assert (len(found.items), len(found.sentences), len(found.citations)) == (200, 422, 228)
    assert said(found, spaced_urls=False) == said(chapter, spaced_urls=False)


FRONT = (
    "<html><body><h2>19. Migration and Refugees</h2><p>“We commit.”</p><h3>Assessment</h3><table><tr><td>Canada</td>"
    "<td>0</td></tr></table><h3>Canada: 0</h3><p>Canada has partially complied with its commitment to x.</p>"
)
END = "<p>Thus, Canada receives a score of 0.</p><p>Analyst: Nobody Real</p>"
NOTES = "".join(f"<p><sup>{n}</sup> A law, Gazette (Rome) n.d. https://a.it/{n}</p>" for n in (1, 2))
WORD_TABLE = p(r("19. Migration and Refugees")) + p(r("“We commit.”")) + p(r("Assessment"))
WORD_TABLE += table(cell("Canada") + cell("0"))
WORD_FRONT = WORD_TABLE + p(r("Canada: 0")) + p(r("Canada has partially complied with its commitment to x."))
WORD_END = p(r("Thus, Canada receives a score of 0.")) + p(r("Analyst: Nobody Real"))
RAISED = '<w:vertAlign w:val="superscript"/>'


def cited(page: str | bytes, codebook) -> list[tuple[str, str]]:
    """The items of a document with their notes."""
    items = read(page if isinstance(page, bytes) else page.encode(), codebook).items
    return list(items[["text", "citations"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("body", "found"), [
    ("<p>On 5 July 2024, Canada pledged to:</p><ul><li>prevent smuggling;<li>counter gangs.<sup>1</sup></ul>"
     f"{END}{NOTES}",
     [("On 5 July 2024, Canada pledged to: prevent smuggling; counter gangs.", "1")]),
    ("<table><tr><td>On 5 July 2024, it met.<sup>1</sup></td><td><sup>1</sup> A law, Gazette (Rome) n.d.</td></tr>"
     "<tr><td>On 6 July 2024, it met.<sup>2</sup></td><td><sup>2</sup> A law, Gazette (Rome) n.d.</td></tr></table>"
     f"{END}",
     [("On 5 July 2024, it met.", "1"), ("On 6 July 2024, it met.", "2")]),
    (f"<p>On 5 July 2024, it met.<sup><a href='#n'>1</a></sup> It left.<sup><a href='#n'>2</a></sup></p>{END}"
     f"<div id='n'><h3>Notes</h3>{NOTES}</div>", [("On 5 July 2024, it met. It left.", "1;2")]),
    (f"<table><tr><td>On 5 July 2024, it met.</td><td>In August 2024, it left.</td></tr></table>{END}",
     [("On 5 July 2024, it met.", ""), ("In August 2024, it left.", "")]),
    ("<p>On 5 July 2024, it met.<sup>1</sup></p><p><sup>1</sup> A law, Gazette (Rome) 1 May 2024. https://a.it<br>"
     f"Access Date: 5 July 2024.</p><p>On 6 July 2024, it left.</p>{END}",
     [("On 5 July 2024, it met.", "1"), ("On 6 July 2024, it left.", "")]),
], ids=["list in an item", "notes beside items", "marks lead to the list", "layout table",
    "access date in a line"])  # fmt: skip
def test_items_of_a_page_are_whole_and_parted_with_their_notes(body, found, codebook):
    assert cited(FRONT + body, codebook) == found


@pytest.mark.parametrize("lines", [
    ["On 5 July 2024, Canada pledged to:", "• prevent smuggling;", "• counter gangs."],
    ["On 5 July 2024, Canada raised the number of visas to", "15. The minister welcomed it."],
    ["On 5 July 2024, the minister told the assembly that", "Canada has fully complied with the protocol."],
    ["On 5 July 2024, after two years of talks,", "Canada joined Phase 1", "of Europe’s border project."],
], ids=["bullets", "number", "conclusion", "score"])  # fmt: skip
def test_a_soft_line_end_cuts_no_sentence(lines, codebook):
    runs = [run for place, line in enumerate(lines) for run in ([r("<w:br/>")] if place else []) + [r(line)]]
    note = p(r("7", RAISED), r(" A law, Gazette (Rome) n.d. https://a.it"))
    body = WORD_FRONT + p(*runs, r("7", RAISED)) + WORD_END + note
    assert cited(word(body), codebook) == [(" ".join(lines), "7")]


def test_rows_of_scores_open_no_sections_and_a_closing_of_two_lines_is_whole(codebook):
    rows, item = table(cell("Canada: 0") + cell("Japan: +1")), p(r("Canada: 0")) + p(r("On 5 July 2024, Canada met."))
    closing = p(r("Thus, since it took weak action"), r("<w:br/>"), r("Canada receives a score of 0."))
    found = read(word(WORD_TABLE + rows + item + closing + p(r("Analyst: Nobody Real"))), codebook)
    assert found.members[["member", "stated_score"]].to_numpy().tolist() == [["Canada", 0]]
    assert len(found.items) == 1
