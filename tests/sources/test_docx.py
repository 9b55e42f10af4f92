"""Visible text of a Word document."""

from pathlib import Path

import pytest
from docx import Document
from manuscript import Manuscript, manuscript_of
from same_evidence import evidence_of, said
from set_docx import saved, set_docx
from word_package import cell, p, parts_of, r, read, table, texts, word, zipped

from g7tag.errors import SourceError
from g7tag.sources import read_documents
from g7tag.sources.blocks import set_blocks
from g7tag.sources.docx.document import read_docx, read_word
from g7tag.sources.docx.lines import plain

EXAMPLE = Path(__file__).resolve().parents[2] / "data/examples/invented-report.txt"


def reread(text):
    """A report's text, set as a Word document and read back."""
    return set_blocks(read_docx(set_docx(manuscript_of(text))))[0]


def test_a_document_of_word_comes_back_word_for_word():
    paragraphs = [
        "Canada: 0",
        "On 9 July 2024, the Harbour Police met.⁴⁴¹⁴ They “talked” – briefly.",
        "Then <this> & that.",
    ]
    notes = {
        4414: "Police talk, Aurel Herald (Port Aurel) 9 July 2024. Access Date: 2 May 2025. https://a.example/?x=1&y=2"
    }
    assert texts(set_docx(Manuscript(paragraphs, notes))) == [*paragraphs, f"⁴⁴¹⁴ {notes[4414]}"]


def test_the_invented_report_gives_the_same_evidence_as_its_text(codebook):
    text = EXAMPLE.read_text(encoding="utf-8")
    assert said(evidence_of(reread(text), codebook)) == said(evidence_of(text, codebook))


@pytest.mark.chapter
def test_the_real_chapter_gives_the_same_evidence_as_its_text(chapter_path, codebook):
    text = chapter_path.read_text(encoding="utf-8")
    assert said(evidence_of(reread(text), codebook)) == said(evidence_of(text, codebook))


@pytest.mark.chapter
def test_the_real_chapter_comes_back_word_for_word(chapter_path):
    manuscript = manuscript_of(chapter_path.read_text(encoding="utf-8"))
    expected = [*manuscript.paragraphs, *(f"{number} {text}" for number, text in sorted(manuscript.notes.items()))]
    found = texts(set_docx(manuscript))
    assert [text.strip().split(" ", 1)[-1] for text in found] == [text.strip().split(" ", 1)[-1] for text in expected]


def test_a_document_in_the_strict_form_is_read():
    members = parts_of(p(r("Canada: 0")))
    strict = str(members["word/document.xml"]).replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert texts(zipped(members | {"word/document.xml": strict})) == ["Canada: 0"]


def test_the_main_part_may_have_any_name():
    members = parts_of(p(r("Canada: 0")))
    members["word/Main.xml"] = members.pop("word/document.xml")
    members["_rels/.rels"] = str(members["_rels/.rels"]).replace("word/document.xml", "/word/main.xml")
    assert texts(zipped(members)) == ["Canada: 0"]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([r("They "), r("met.")], "They met."),
        ([r("  They\n  met. ")], "They met."),
        ([r("Canada: 0\nThey met.")], "Canada: 0 They met."),
        ([r("2<!-- no text -->4<?no text?>0")], "240"),
        ([r("e"), r("<w:noBreakHyphen/>"), r("mail")], "e-mail"),
        ([r("traf"), r("<w:softHyphen/>"), r("fic")], "traf\u00adfic"),
        ([r("one"), r("<w:cr/>"), r("two")], "one two"),
        ([r("one"), r("<w:br/>"), r("two")], "one two"),
        ([r("EUR\u00a05")], "EUR\u00a05"),
        ([r('<w:sym w:font="Symbol" w:char="F02D"/>'), r("1")], "−1"),
        ([r('<w:sym w:font="Calibri" w:char="2192"/>')], "→"),
        ([r('<w:sym w:font="Wingdings" w:char="F0FC"/>')], "✓"),
        ([r('<w:sym w:font="Webdings" w:char="F041"/>')], "\ufffd"),
        ([r('<w:sym w:font="Symbol" w:char="zz"/>')], "\ufffd"),
        (["<w:hyperlink>", r("a link"), "</w:hyperlink>"], "a link"),
        (["<w:smartTag><w:sdt><w:sdtPr/><w:sdtContent>", r("Aurel"), "</w:sdtContent></w:sdt></w:smartTag>"], "Aurel"),
        (["<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"], "x=1"),
        ([r("a"), r("<w:object/>"), r("b")], "ab"),
        ([r("kept"), "<w:commentRangeStart/>", r("<w:commentReference/>")], "kept"),
    ],
    ids=[
        "runs", "blanks", "line ends of the XML",
        "XML's own comments", "hard hyphen", "soft hyphen", "return", "break", "no-break space",
        "minus of a font", "sign of Unicode", "sign of a font", "unknown sign", "broken sign", "link",
        "control", "formula", "object", "comment",
    ],
)  # fmt: skip
def test_characters_are_those_of_the_page(runs, text):
    assert read(p(*runs)) == [text]


def test_inserted_text_counts_and_deleted_text_does_not():
    changed = ["<w:ins>", r("eleven"), "</w:ins><w:del>", r("<w:delText>ten</w:delText>"), "</w:del>"]
    moved = ["<w:moveFrom>", r("early "), "</w:moveFrom><w:moveTo>", r(" late"), "</w:moveTo>"]
    assert read(p(r("They arrested "), *changed, *moved)) == ["They arrested eleven late"]


def test_a_paragraph_whose_end_was_deleted_goes_on_with_the_next():
    assert read(p(r("They "), properties="<w:rPr><w:del/></w:rPr>") + p(r("met."))) == ["They met."]


def test_a_paragraph_whose_end_was_deleted_comes_before_the_table_behind_it():
    deleted = p(r("They met."), properties="<w:rPr><w:del/></w:rPr>")
    assert read(deleted + table(cell("a") + cell("b"))) == ["They met.", "a\tb"]


def test_a_heading_set_into_the_first_line_belongs_to_its_paragraph():
    heading = p(r("Arrests. "), properties="<w:rPr><w:vanish/><w:specVanish/></w:rPr>")
    assert read(heading + p(r("Eleven people."))) == ["Arrests. Eleven people."]


def field(code, *result):
    """A field of a code and a result."""
    kinds = [r(f'<w:fldChar w:fldCharType="{turn}"/>') for turn in ("begin", "separate", "end")]
    return "".join([kinds[0], code, kinds[1], *result, kinds[2]])


def test_results_of_fields_count_and_their_codes_do_not():
    code = r("<w:instrText>PAGEREF x</w:instrText>")
    assert read(p(r("see page "), field(code, r("12")), r("."))) == ["see page 12."]


def test_a_field_within_the_code_of_a_field_is_code():
    code = r("<w:instrText>IF</w:instrText>") + field(r("<w:instrText>PAGE</w:instrText>"), r("7"))
    assert read(p(r("a "), field(code, r("b")))) == ["a b"]


def test_a_field_may_stretch_over_paragraphs():
    begin, separate, end = (r(f'<w:fldChar w:fldCharType="{turn}"/>') for turn in ("begin", "separate", "end"))
    assert read(p(begin, r("code")) + p(separate, r("First")) + p(r("Second"), end)) == ["First", "Second"]


def test_a_field_that_never_ends_takes_no_text_along():
    begin = r('<w:fldChar w:fldCharType="begin"/>')
    assert read(p(begin, r("Canada: 0")) + p(r("Next."))) == ["Canada: 0", "Next."]


def test_a_field_whose_end_was_deleted_takes_no_text_along():
    begin, end = (r(f'<w:fldChar w:fldCharType="{turn}"/>') for turn in ("begin", "end"))
    assert read(p(begin, "<w:del>", end, "</w:del>") + p(r("Next."))) == ["Next."]


BOX = f"<w:txbxContent>{p(r('In a '), r('box.'))}</w:txbxContent>"
BOXES = {
    "drawn": f"<w:drawing><wp:inline><wps:wsp><wps:txbx>{BOX}</wps:txbx></wps:wsp></wp:inline></w:drawing>",
    "old": f'<w:pict><v:rect style="visibility:hidden"><v:textbox>{BOX}</v:textbox></v:rect></w:pict>',
    "both": f"<mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback></mc:AlternateContent>",
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_a_text_box_is_skipped_and_named_once(box):
    empty = "<w:pict><w:txbxContent><w:p/></w:txbxContent></w:pict>"
    blocks, doubts = read_word(word(p(r("Before "), r(box), r(empty), r("after.")) + table(cell("a") + cell("b"))))
    assert [plain(block.runs) for block in blocks] == ["Before after.", "a\tb"]
    assert doubts == [
        "the text of text boxes is not read (1, the first with 'In a box.'). Move it into paragraphs if it is evidence."
    ]


def test_a_document_of_text_boxes_alone_is_refused():
    with pytest.raises(SourceError, match=r"^has no paragraphs with text: the text of text boxes is not read \(2, the"):
        read(p(r(BOXES["drawn"])) + table(cell(p(r(BOXES["old"])))))


def test_a_text_box_in_a_report_is_a_gap_and_no_item(tmp_path):
    path = tmp_path / "report.docx"
    path.write_bytes(word(p(r("On 5 July 2024, they met."), r(BOXES["drawn"]))))
    documents, gaps, _ = read_documents([path])
    assert documents["text"].tolist() == ["On 5 July 2024, they met."]
    assert gaps[["part", "kind"]].to_numpy().tolist() == [["text boxes", "unread"]]


def test_of_alternatives_the_first_that_holds_text_is_read():
    choices = "<mc:Choice><wps:x/></mc:Choice><mc:Fallback><w:t>☺</w:t></mc:Fallback>"
    assert read(p(r(f"<mc:AlternateContent>{choices}</mc:AlternateContent>"))) == ["☺"]


def test_headers_footers_and_comments_are_no_text():
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Running head"
    document.sections[0].footer.paragraphs[0].text = "Page"
    paragraph = document.add_paragraph("Canada: 0")
    document.add_comment(paragraph.runs, text="Is this so?", author="A", initials="A")
    assert texts(saved(document)) == ["Canada: 0"]


TAB, LINE, PAGE = r("<w:tab/>"), r("<w:br/>"), r('<w:br w:type="page"/>')


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([r("Canada"), TAB, TAB, r("0")], "Canada\t\t0"),
        ([TAB, r("No Compliance"), TAB, r("Full Compliance")], "\tNo Compliance\tFull Compliance"),
        ([r("Average"), TAB, r("+0.50 (75%)")], "Average\t+0.50 (75%)"),
        ([r("Japan"), TAB, r("0"), TAB], "Japan\t0\t"),
        ([r("-1"), TAB, r("The G7 member has taken no action at all against those who smuggle people for money.")],
         "-1\tThe G7 member has taken no action at all against those who smuggle people for money."),
        ([r("1. Migration and Refugees: Preventing Migrant Smuggling and Trafficking in Persons"), TAB, r("12")],
         "1. Migration and Refugees: Preventing Migrant Smuggling and Trafficking in Persons\t12"),
        ([r("19."), TAB, r("Migration"), TAB, r("xii")], "19. Migration\txii"),
        ([r("19."), TAB, r("Migration and Refugees")], "19. Migration and Refugees"),
        ([r("(a)"), TAB, r("to prevent")], "(a) to prevent"),
        ([TAB, r("They met.")], "They met."),
        ([r("They met, the paper says,"), TAB, r("early on a very cold morning, by the old harbour of Port Aurel.")],
         "They met, the paper says, early on a very cold morning, by the old harbour of Port Aurel."),
    ],
    ids=[
        "score", "head of a table", "average", "empty last cell", "rubric", "contents", "contents with a number apart",
        "heading", "list", "indent", "running text",
    ],
)  # fmt: skip
def test_tabs_stay_in_lines_of_a_table_alone(runs, text):
    assert read(p(*runs)) == [text]


@pytest.mark.parametrize(
    ("runs", "blocks"),
    [
        ([r("Canada: 0"), LINE, r("Canada has partially complied.")], ["Canada: 0", "Canada has partially complied."]),
        ([r("Analyst: A B"), LINE, r("Japan: +1")], ["Analyst: A B", "Japan: +1"]),
        ([r("Canada"), TAB, r("0"), LINE, r("Japan"), TAB, r("+1")], ["Canada\t0", "Japan\t+1"]),
        ([r("They met.¹⁰¹"), LINE, r("On 9 July 2024, they left.")], ["They met.¹⁰¹", "On 9 July 2024, they left."]),
        ([r("They met"), LINE, r("On 9 July 2024 Street.")], ["They met On 9 July 2024 Street."]),
        ([r("They met."), LINE, LINE, r("They left.")], ["They met.", "They left."]),
        ([r("They met."), LINE, r("They left.")], ["They met. They left."]),
    ],
    ids=["heading first", "heading last", "rows", "items", "no item", "empty line", "running text"],
)
def test_lines_are_parted_where_the_page_parts_them(runs, blocks):
    assert read(p(*runs)) == blocks


@pytest.mark.parametrize(
    ("runs", "blocks"),
    [
        ([r("One."), PAGE], ["One.", "\f"]),
        ([PAGE, r("Two.")], ["\f", "Two."]),
        ([PAGE], ["\f"]),
        ([r("One"), PAGE, r("sentence.")], ["One sentence."]),
    ],
    ids=["at the end", "at the beginning", "alone", "within"],
)
def test_the_end_of_a_page_is_a_form_feed_between_paragraphs(runs, blocks):
    assert read(p(*runs) + p(r("Last."))) == [*blocks, "Last."]
