"""A report set as a PDF in any style gives the same text."""

import random
from io import BytesIO
from itertools import islice

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from manuscript import Manuscript, manuscript_of
from pypdf import PdfReader, PdfWriter, Transformation
from reportlab.pdfgen.canvas import Canvas
from same_evidence import evidence_of, said
from set_pdf import SERIF, Style, set_pdf

from g7tag.evidence import extract_evidence
from g7tag.sources import read_documents, superscript
from g7tag.sources.blocks import set_blocks
from g7tag.sources.pdf.document import open_pdf, read_pages
from g7tag.sources.pdf.flow import Page, flow_pages

pytestmark = pytest.mark.slow

STYLES = {
    "plain": Style(font=SERIF, size=10, note_size=8),
    "justified": Style(font=SERIF, size=10, note_size=8, justified=True),
    "cut words": Style(font=SERIF, size=10, note_size=8, justified=True, cuts=True),
    "indented": Style(font=SERIF, size=10, note_size=8, justified=True, gap=0, indent=18),
    "two columns": Style(font=SERIF, size=10, note_size=8, columns=2),
    "two justified columns": Style(font=SERIF, size=10, note_size=8, columns=2, justified=True),
    "two narrow justified columns": Style(font=SERIF, size=12, note_size=9, columns=2, justified=True, gap=0),
}
MORE_STYLES = STYLES | {
    "two columns of Times": Style(size=10, note_size=8, columns=2),
    "two justified columns of Times": Style(size=10, note_size=8, columns=2, justified=True),
    "notes as large": Style(note_size=11),
    "superscript characters": Style(font=SERIF, size=10, note_size=8, superscript_letters=True),
    "large": Style(size=14, note_size=12),
    "indented, ragged": Style(gap=0, indent=14),
    "plain numbers of notes": Style(size=10, note_size=8, note_start="{number} "),
    "plain marks and numbers": Style(size=10, note_size=8, mark="digits", note_start="{number}. "),
    "raised brackets": Style(size=10, note_size=10, mark="raised brackets"),
    "Roman numerals": Style(size=10, note_size=8, mark="roman", note_start="{roman} "),
    "endnotes with marks as digits": Style(
        size=10, note_size=10, endnotes="Notes", mark="digits", note_start="{number} "
    ),
    "narrow gutter": Style(font=SERIF, size=10, note_size=8, columns=2, gutter=6, justified=True),
}
ACTS = (
    "opened three shelters in Port Aurel for people who had escaped from the traffickers of the Grey Heron ring",
    "signed an anti-trafficking treaty with Lyonesse, under which each side hands over its suspects in 60 days",
    "published figures on long-term visas, of which the office of the harbour had granted 240 (a third fewer)",
    "arrested eleven members of a ring that had hidden migrants in fish lorries; a judge froze their accounts",
    "paid CAD1.2 million to train prosecutors, of whom 40% work in the cross-border region around the Bay of Tarn",
)
REST = (
    "Officers found CAD240,000 in a freezer and took it away.",
    "Each of them has a lawyer, a teacher and a cook, and none asks where anybody came from or whither they will go.",
    "The first course has begun, and the second, which is for judges, will begin when the snow melts in the passes.",
)
VERDICT = "has complied with its commitment to act against the smuggling of migrants and trafficking in persons."


def invented_report():
    """A report of two members and fourteen items."""
    paragraphs = [
        "2024 G7 Apulia Summit Final Compliance Report", "19. Migration and Refugees: Preventing Migrant Smuggling",
        '"We will also strengthen our actions to prevent, counter, and dismantle organized criminal networks."',
        "Assessment", "\tNo Compliance\tPartial Compliance\tFull Compliance", "Canada\t\t\t+1", "Japan\t\t0\t",
        "Average\t\t+0.50 (75%)\t",
    ]  # fmt: skip
    notes = {}
    for member, score in (("Canada", "+1"), ("Japan", "0")):
        paragraphs += [f"{member}: {score}", f"{member} {VERDICT}"]
        for place in range(7):
            number = len(notes) + 101
            day = f"{place * 4 + 1} {('July', 'October', 'December', 'March')[place % 4]} 2024"
            act, rest = ACTS[place % 5], " ".join(REST[: place % 4])
            paragraphs.append(f"On {day}, {member} {act}.{superscript(str(number))} {rest}".strip())
            notes[number] = (
                f"What {member} did on that day, Aurel Herald (Port Aurel) {day}. Access Date: {place + 11} May 2025. "
                f"https://aurel-herald.example/news/2024/what-{member.lower()}-did_{number}/in-the-bay-of-tarn.html"
            )
        paragraphs += [f"{member} {VERDICT}", f"Thus, {member} receives a score of {score}.", "Analyst: Nobody Real"]
    return Manuscript(paragraphs, notes)


def text_of(manuscript):
    """A report's text: its paragraphs, then its notes."""
    notes = [f"{superscript(str(number))} {note}" for number, note in manuscript.notes.items()]
    return "\n\n".join([*manuscript.paragraphs, *notes])


def reread(pdf):
    """The text of a PDF, read in this process."""
    read = read_pages(open_pdf(pdf, 500), 0)
    return set_blocks(flow_pages([Page(page["lines"], page["aside"]) for page in read]).blocks)[0]


@pytest.fixture(scope="module")
def written(codebook):
    return said(evidence_of(text_of(invented_report()), codebook))


@pytest.mark.parametrize("style", MORE_STYLES.values(), ids=MORE_STYLES)
def test_a_report_says_the_same_in_every_style(style, written, codebook):
    assert len(written["items"]["text"]) == 14
    assert said(evidence_of(reread(set_pdf(invented_report(), style)), codebook)) == written


@pytest.mark.parametrize("way", ["turned page", "turned text"])
def test_a_report_that_lies_on_its_side_says_the_same(way, written, codebook):
    writer = PdfWriter(clone_from=PdfReader(BytesIO(set_pdf(invented_report()))))
    for page in writer.pages:
        page.add_transformation(Transformation().rotate(90).translate(float(page.mediabox.height), 0))
        page.mediabox.upper_right = (float(page.mediabox.height), float(page.mediabox.width))
        if way == "turned page":
            page.rotate(90)
    file = BytesIO()
    writer.write(file)
    assert said(evidence_of(reread(file.getvalue()), codebook)) == written


def test_a_report_is_read_from_its_file(tmp_path, written, codebook):
    path = tmp_path / "report.pdf"
    path.write_bytes(set_pdf(invented_report(), STYLES["cut words"]))
    assert said(extract_evidence(read_documents([path]).documents, codebook)) == written


def test_ligatures_are_their_letters_in_the_evidence(codebook):
    report = invented_report()
    ligatures = [text.replace("ffi", "ﬃ").replace("fi", "ﬁ") for text in report.paragraphs]
    found = reread(set_pdf(report._replace(paragraphs=ligatures), STYLES["plain"]))
    assert "Officers" in found
    assert said(evidence_of(found, codebook)) == said(evidence_of(text_of(report), codebook))


def test_letters_set_one_by_one_are_words(codebook):
    file = BytesIO()
    canvas = Canvas(file, pagesize=(612, 792), invariant=True)
    for row, words in enumerate(("Eleven members were", "hidden in fish lorries,", "and nobody saw them.")):
        text = canvas.beginText(72, 700 - 14 * row)
        text.setFont("Times-Roman", 11)
        text.setCharSpace(0.4)
        for letter in words:
            text.textOut(letter)
        canvas.drawText(text)
    canvas.save()
    assert reread(file.getvalue()) == "Eleven members were hidden in fish lorries, and nobody saw them."


def thinned(manuscript):
    """A report with a fourth of its dated paragraphs, and the notes that are then cited."""
    dated = [place for place, text in enumerate(manuscript.paragraphs) if text.startswith("On ")]
    left_out = set(dated) - set(dated[::4])
    paragraphs = [text for place, text in enumerate(manuscript.paragraphs) if place not in left_out]
    cited = " ".join(paragraphs)
    return Manuscript(paragraphs, {n: text for n, text in manuscript.notes.items() if superscript(str(n)) in cited})


@pytest.mark.chapter
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_part_of_the_real_chapter_says_the_same_in_every_style(style, chapter_path, codebook):
    report = thinned(manuscript_of(chapter_path.read_text(encoding="utf-8")))
    expected = said(evidence_of(text_of(report), codebook), spaced_urls=False)
    assert len(expected["items"]["text"]) > 20
    assert said(evidence_of(reread(set_pdf(report, style)), codebook), spaced_urls=False) == expected


@pytest.mark.chapter
@pytest.mark.parametrize("name", ["justified", "two justified columns", "two narrow justified columns"])
def test_the_real_chapter_says_the_same_in_a_column_and_in_two(name, chapter, chapter_path, codebook):
    style = STYLES[name]
    pdf = set_pdf(manuscript_of(chapter_path.read_text(encoding="utf-8")), style)
    found = evidence_of(reread(pdf), codebook)
    assert (len(found.items), len(found.sentences), len(found.citations)) == (200, 422, 228)
    assert said(found, spaced_urls=False) == said(chapter, spaced_urls=False)


@pytest.mark.chapter
def test_the_real_chapter_in_two_columns_of_cut_words_says_the_same_but_for_hyphens(chapter, chapter_path, codebook):
    # it is unknown whether a compound or a URL had a hyphen at a line end
    style = Style(font=SERIF, size=10, note_size=8, columns=2, justified=True, cuts=True)
    found = evidence_of(reread(set_pdf(manuscript_of(chapter_path.read_text(encoding="utf-8")), style)), codebook)
    assert (len(found.items), len(found.sentences), len(found.citations)) == (200, 422, 228)
    for frame, column in (("items", "text"), ("sentences", "text"), ("conclusions", "text"), ("citations", "title")):
        texts = [getattr(each, frame)[column].str.replace("-", "").to_list() for each in (found, chapter)]
        assert texts[0] == texts[1]


SEEDS = st.integers(0, 10**6)


def sentence(rng, least, most):
    """Random words; the first with a capital, and a full stop after the last."""
    words = ("".join(rng.choices("aaabcdeeefghiiilmnooprsttuy", k=rng.randint(1, 10))) for _ in range(most))
    return " ".join(islice(words, rng.randint(least, most))).capitalize() + "."


def prose(rng):
    """Paragraphs, a third of them of several lines."""
    return [sentence(rng, *length) for _ in range(20) for length in ((40, 70), (2, 8), (1, 70))]


ANY_STYLE = st.builds(
    Style,
    size=st.floats(10, 14),
    note_size=st.floats(7, 9),
    gap=st.floats(6, 14),
    indent=st.sampled_from([0.0, 14.0, 20.0]),
    columns=st.sampled_from([1, 2]),
    justified=st.booleans(),
)
SLOW = settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.generate))


@SLOW
@given(SEEDS, ANY_STYLE, st.integers(0, 8))
def test_words_and_notes_come_back_in_whatever_style_they_are_set(seed, style, count):
    paragraphs = prose(random.Random(seed))
    notes = {at: f"{paragraphs[-at]} Herald (Aurel) n.d. https://a.example/{at}" for at in range(1, count + 1)}
    marked = [f"{text}{superscript(str(at)) if at in notes else ''}" for at, text in enumerate(paragraphs, start=1)]
    found = reread(set_pdf(Manuscript(marked, notes), style)).split("\n\n")
    body = found[: len(found) - count]
    assert " ".join(" ".join(body).split()) == " ".join(marked)
    assert found[len(body) :] == [f"{superscript(str(at))} {note}" for at, note in notes.items()]


@SLOW
@given(SEEDS, ANY_STYLE.filter(lambda style: style.columns == 1))
def test_paragraphs_come_back_but_where_one_fills_the_last_line_of_a_page(seed, style):
    paragraphs = prose(random.Random(seed))
    found = reread(set_pdf(Manuscript(paragraphs, {}), style)).replace(".\f", ".\n\n").replace("\f", " ")
    assert [text.strip() for text in found.split("\n\n") if text.strip()] == paragraphs
