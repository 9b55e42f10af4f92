"""A report in any layout is read as its text is, or the gaps say that it was not; no count is wrong without a word."""

import random
from itertools import islice

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from layouts import PRINTS, SITES, recipes, report
from manuscript import Manuscript, manuscript_of
from reading import blocks, read_here
from same_evidence import MARK, counted, evidence_of, said, written
from set_docx import set_docx
from set_html import set_html
from set_pdf import SERIF, Style, set_pdf
from set_text import set_text
from whole_report import whole_report
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


FAST = {"pdf: A4 justified", "docx: footnotes", "html: word processor", "html: roman without links", "txt: pages"}
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
    known: dict[str, dict | None] = {}

    def of(name: str) -> dict | None:
        if name not in known:
            try:
                known[name] = said(read(text_of(report(name)).encode(), codebook))
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


@pytest.mark.parametrize(
    "layout", [pytest.param(each, marks=[] if each in FAST else pytest.mark.slow) for each in RECIPES]
)
def test_a_layout_is_read_as_its_text_or_said(layout, text_of_report, codebook):
    name, setter = RECIPES[layout]
    how, found = outcome(setter(report(name)), name, text_of_report, codebook)
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


# Reports in each format


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pdf", "docx", "text"])
def test_a_whole_report_says_the_same_in_every_format(kind, codebook):
    manuscript = whole_report(commitments=3, items=60)
    setter = {"pdf": set_pdf, "docx": set_docx, "text": set_text}[kind]
    found, html = (read(each(manuscript), codebook) for each in (setter, set_html))
    assert (len(found.items), found.gaps.empty) == (60, True)
    for frame in ("commitments", "members", "summary", "conclusions", "items", "sentences", "citations"):
        others = ["document_id", "start", "end", "pages", "url_status"]  # a URL split at a line end counts as repaired
        pair = (getattr(each, frame).drop(columns=others, errors="ignore") for each in (found, html))
        pd.testing.assert_frame_equal(*pair, obj=frame)


@pytest.mark.slow
def test_a_long_table_of_scores_is_no_text_in_two_columns(codebook):
    manuscript = whole_report(commitments=14, items=28)
    pdf, html = (read(setter(manuscript), codebook).summary for setter in (set_pdf, set_html))
    pd.testing.assert_frame_equal(pdf, html)
    assert len(pdf) > 14 * 8


NARROW = Style(font=SERIF, size=12, note_size=9, columns=2, justified=True, gap=0)
CUT = Style(font=SERIF, size=10, note_size=8, columns=2, justified=True, cuts=True)


@pytest.mark.slow
@pytest.mark.chapter
@pytest.mark.parametrize("setter", [
    set_docx, set_html, lambda manuscript: set_pdf(manuscript, NARROW),
], ids=["docx", "html", "pdf in two narrow columns"])  # fmt: skip
def test_the_real_chapter_gives_the_same_evidence_as_its_text(setter, chapter, chapter_path, codebook):
    found = read(setter(manuscript_of(chapter_path.read_text(encoding="utf-8"))), codebook)
    assert (len(found.items), len(found.sentences), len(found.citations)) == (200, 422, 228)
    assert said(found, spaced_urls=False) == said(chapter, spaced_urls=False)


@pytest.mark.nightly
@pytest.mark.chapter
def test_the_real_chapter_in_two_columns_of_cut_words_says_the_same_but_for_hyphens(chapter, chapter_path, codebook):
    # it is unknown whether a compound or a URL had a hyphen at a line end
    found = read(set_pdf(manuscript_of(chapter_path.read_text(encoding="utf-8")), CUT), codebook)
    for frame, column in (("items", "text"), ("sentences", "text"), ("conclusions", "text"), ("citations", "title")):
        texts = [getattr(each, frame)[column].str.replace("-", "").to_list() for each in (found, chapter)]
        assert texts[0] == texts[1]


def sentence(rng: random.Random, least: int, most: int) -> str:
    """Random words; the first with a capital, and a full stop after the last."""
    words = ("".join(rng.choices("aaabcdeeefghiiilmnooprsttuy", k=rng.randint(1, 10))) for _ in range(most))
    return " ".join(islice(words, rng.randint(least, most))).capitalize() + "."


STYLES = st.builds(
    Style, size=st.floats(10, 14), note_size=st.floats(7, 9), gap=st.floats(6, 14),
    indent=st.sampled_from([0.0, 14.0, 20.0]), columns=st.sampled_from([1, 2]), justified=st.booleans(),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.integers(0, 10**6), STYLES, st.integers(0, 8))
def test_words_and_notes_come_back_in_whatever_style_they_are_set(seed, style, count):
    rng = random.Random(seed)
    paragraphs = [sentence(rng, *length) for _ in range(20) for length in ((40, 70), (2, 8), (1, 70))]
    notes = {at: f"{paragraphs[-at]} Herald (Aurel) n.d. https://a.example/{at}" for at in range(1, count + 1)}
    marked = [f"{text}{superscript(str(at)) if at in notes else ''}" for at, text in enumerate(paragraphs, start=1)]
    found = blocks(set_pdf(Manuscript(marked, notes), style))
    body = found[: len(found) - count]
    assert " ".join(" ".join(body).split()) == " ".join(marked)
    assert found[len(body) :] == [f"{superscript(str(at))} {note}" for at, note in notes.items()]


def test_ligatures_are_their_letters_in_the_evidence(codebook):
    ligatures = [text.replace("ffi", "ﬃ").replace("fi", "ﬁ") for text in report("short").paragraphs]
    text = text_of(report("short"))
    assert "fi" in text
    assert said(evidence_of(text_of(report("short")._replace(paragraphs=ligatures)), codebook)) == said(
        evidence_of(text, codebook)
    )


# Lists, soft line ends, layout tables, notes in odd places

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
