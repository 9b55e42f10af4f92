"""Blocks of a Word document: characters, tracked changes, lines, tables, numbers of lists, and notes."""

import pytest
from docx import Document
from manuscript import Manuscript
from reading import blocks
from reading import read as read_file
from set_docx import saved, set_docx
from word_package import cell, p, parts_of, r, read, table, word, zipped

from g7tag.errors import SourceError
from g7tag.sources.blocks import HEADING, NOTE, PARAGRAPH, ROW
from g7tag.sources.docx.document import read_word

TAB, LINE = r("<w:tab/>"), r("<w:br/>")


def test_a_document_of_word_comes_back_word_for_word():
    paragraphs = ["Canada: 0", "On 9 July 2024, the Police met.⁴⁴¹⁴ They “talked” – briefly.", "Then <this> & that."]
    notes = {4414: "Police talk, Aurel Herald (Aurel) 9 July 2024. Access Date: 2 May 2025. https://a.example/?x=1&y=2"}
    assert blocks(set_docx(Manuscript(paragraphs, notes))) == [*paragraphs, f"⁴⁴¹⁴ {notes[4414]}"]


def test_the_strict_form_and_a_main_part_of_any_name_are_read():
    members = parts_of(p(r("Canada: 0")))
    strict = str(members.pop("word/document.xml")).replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    members["_rels/.rels"] = str(members["_rels/.rels"]).replace("word/document.xml", "/word/main.xml")
    assert blocks(zipped(members | {"word/Main.xml": strict})) == ["Canada: 0"]


def test_headers_footers_and_comments_are_no_text():
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Running head"
    document.sections[0].footer.paragraphs[0].text = "Page"
    paragraph = document.add_paragraph("Canada: 0")
    document.add_comment(paragraph.runs, text="Is this so?", author="A", initials="A")
    assert blocks(saved(document)) == ["Canada: 0"]


def test_blocks_say_what_they_are_and_which_notes_they_cite():
    styles = (
        '<w:style w:type="paragraph" w:styleId="A"><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    )
    heads = [p(r(name), properties=f'<w:pStyle w:val="{name}"/>') for name in "ABT"]
    body = p(r("x"), mark(1), mark(2), r(" y")) + table(cell(p(r("a"), mark(2))) + cell("") + cell("0"))
    own = p(r("C"), properties='<w:outlineLvl w:val="0"/>') + p(r("d"), properties='<w:outlineLvl w:val="9"/>')
    found = read_word(word("".join(heads) + own + body, footnotes=AB, styles=styles)).blocks
    assert [(block.kind, block.note, "".join(run.text for run in block.runs)) for block in found] == [
        (HEADING, 0, "A"), (HEADING, 0, "B"), (HEADING, 0, "T"), (HEADING, 0, "C"), (PARAGRAPH, 0, "d"),
        (PARAGRAPH, 0, "x12 y"), (ROW, 0, "a20"), (NOTE, 1, "a"), (NOTE, 2, "b"),
    ]  # fmt: skip
    assert [(run.text, run.notes) for run in found[5].runs] == [("x", ()), ("1", (1,)), ("2", (2,)), (" y", ())]
    assert [(run.text, run.cell) for run in found[6].runs] == [("a", 0), ("2", 0), ("", 1), ("0", 2)]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([r("  They\n  "), r("met. ")], "They met."),
        ([r("2<!-- no text -->4<?no text?>0")], "240"),
        ([r("e"), r("<w:noBreakHyphen/>"), r("mail")], "e-mail"),
        ([r("EUR\u00a05")], "EUR\u00a05"),
        ([r('<w:sym w:font="Symbol" w:char="F02D"/>'), r("1")], "−1"),
        ([r('<w:sym w:font="Webdings" w:char="F041"/>')], "\ufffd"),
        (["<w:hyperlink>", r("a link"), "</w:hyperlink>"], "a link"),
        (["<w:smartTag><w:sdt><w:sdtPr/><w:sdtContent>", r("Aurel"), "</w:sdtContent></w:sdt></w:smartTag>"], "Aurel"),
        (["<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"], "x=1"),
        ([r("<mc:AlternateContent><mc:Choice><w:t>no</w:t></mc:Choice><mc:Fallback><w:t>☺</w:t></mc:Fallback>"
            "</mc:AlternateContent>")], "☺"),
    ],
    ids=["blanks", "comments", "hyphen", "no-break", "minus", "unknown sign", "link", "control", "formula", "emoji"],
)  # fmt: skip
def test_characters_are_those_of_the_page(runs, text):
    assert read(p(*runs)) == [text]


# Tracked changes and fields


def test_inserted_text_counts_and_deleted_text_does_not():
    changed = ["<w:ins>", r("eleven"), "</w:ins><w:del>", r("<w:delText>ten</w:delText>"), "</w:del>"]
    moved = ["<w:moveFrom>", r("early "), "</w:moveFrom><w:moveTo>", r(" late"), "</w:moveTo>"]
    assert read(p(r("They arrested "), *changed, *moved)) == ["They arrested eleven late"]


def test_a_paragraph_whose_end_was_deleted_goes_on_with_the_next():
    deleted = p(r("They "), properties="<w:rPr><w:del/></w:rPr>")
    assert read(deleted + p(r("met."))) == ["They met."]
    assert read(deleted + table(cell("a") + cell("b"))) == ["They", "a\tb"]


def test_deleted_rows_and_cells_are_left_out():
    rows = [
        "<w:trPr><w:del/></w:trPr>" + cell("gone") + cell("0"),
        cell("Japan") + cell("gone", properties="<w:cellDel/>") + cell("+1"),
    ]
    assert read(table(*rows)) == ["Japan\t+1"]


BEGIN, SEPARATE, END = (r(f'<w:fldChar w:fldCharType="{turn}"/>') for turn in ("begin", "separate", "end"))
CODE = r("<w:instrText>PAGEREF x</w:instrText>")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (p(r("see page "), BEGIN, CODE, SEPARATE, r("12"), END, r(".")), ["see page 12."]),
        (p(r("a "), BEGIN, CODE, BEGIN, CODE, SEPARATE, r("7"), END, SEPARATE, r("b"), END), ["a b"]),
        (p(BEGIN, CODE) + p(SEPARATE, r("First")) + p(r("Second"), END), ["First", "Second"]),
        (p(BEGIN, r("Canada: 0")) + p(r("Next.")), ["Canada: 0", "Next."]),
        (p(BEGIN, "<w:del>", END, "</w:del>") + p(r("Next.")), ["Next."]),
    ],
    ids=["result", "field in a code", "over paragraphs", "never ends", "end deleted"],
)
def test_results_of_fields_count_and_their_codes_do_not(body, found):
    assert read(body) == found


BOX = f"<w:txbxContent>{p(r('In a '), r('box.'))}</w:txbxContent>"
TWICE = f"<mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback></mc:AlternateContent>"


@pytest.mark.parametrize("box", [f"<w:drawing>{BOX}</w:drawing>", TWICE, "<w:drawing><a:t>In a box.</a:t></w:drawing>"])
def test_a_text_box_is_no_evidence_but_a_gap(box):
    empty = "<w:pict><w:txbxContent><w:p/></w:txbxContent></w:pict>"
    found = read_file(word(p(r("Before "), r(box), r(empty), r("after.")) + table(cell("a") + cell("b"))))
    assert found.blocks == ["Before after.", "a\tb"]
    assert found.gaps == [(
        "layout", "unread",
        "the text of text boxes and drawings is not read (1, the first with 'In a box.'). "
        "Move it into paragraphs if it is evidence.",
    )]  # fmt: skip


# Lines and tables


@pytest.mark.parametrize(
    ("runs", "found"),
    [
        ([r("Canada"), TAB, TAB, r("0")], ["Canada\t\t0"]),
        ([r("Japan"), TAB, r("0"), TAB], ["Japan\t0\t"]),
        ([r("-1"), TAB, r("The G7 member has taken no action at all against those who smuggle people for money.")],
         ["-1\tThe G7 member has taken no action at all against those who smuggle people for money."]),
        ([r("19."), TAB, r("Migration"), TAB, r("xii")], ["19. Migration\txii"]),
        ([r("(a)"), TAB, r("to prevent")], ["(a) to prevent"]),
        ([r("They met, the paper says,"), TAB, r("early on a very cold morning, by the old harbour of Port Aurel.")],
         ["They met, the paper says, early on a very cold morning, by the old harbour of Port Aurel."]),
        ([r("Canada: 0"), LINE, r("Canada has partially complied.")], ["Canada: 0", "Canada has partially complied."]),
        ([r("They met.¹⁰¹"), LINE, r("On 9 July 2024, they left.")], ["They met.¹⁰¹", "On 9 July 2024, they left."]),
        ([r("They met."), LINE, LINE, r("They left.")], ["They met.", "They left."]),
        ([r("One"), r('<w:br w:type="page"/>'), r("sentence.")], ["One sentence."]),
    ],
    ids=[
        "score", "empty last cell", "rubric", "contents", "list", "running text", "heading", "items", "empty line",
        "new page",
    ],
)  # fmt: skip
def test_tabs_and_lines_are_kept_where_they_part_something(runs, found):
    assert read(p(*runs) + p(r("Last."))) == [*found, "Last."]


LONG = "The officers searched four houses by the harbour and found nothing but nets. " * 3


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([cell("") + cell("No") + cell("Full"), cell("Canada") + cell("") + cell("+1")],
         ["\tNo\tFull", "Canada\t\t+1"]),
        ([cell("Average", properties='<w:gridSpan w:val="3"/>') + cell("0.38")], ["Average\t\t\t0.38"]),
        (['<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell("a") + cell("b")], ["\ta\tb"]),
        ([cell("a", properties='<w:gridSpan w:val="999999999"/>') + cell("b")], ["a" + "\t" * 63 + "b"]),
        ([cell("-1") + cell("No action", "or harm.")], ["-1\tNo action or harm."]),
        ([cell(LONG, LONG) + cell("Aside.")], [LONG.strip(), LONG.strip(), "Aside."]),
        ([cell(table(cell("a") + cell("b")), p()) + cell("c")], ["a\tb", "c"]),
        ([cell("Canada: 0", "It met.") + cell("Japan: 0", "It left.")],
         ["Canada: 0", "It met.", "Japan: 0", "It left."]),
    ],
    ids=[
        "empty cells", "several columns", "column before", "a billion columns", "paragraphs of a cell",
        "long paragraphs", "table in a table", "sections side by side",
    ],
)  # fmt: skip
def test_a_row_is_a_block_unless_the_table_only_sets_text_side_by_side(rows, found):
    assert read(table(*rows)) == found


def level(at: int, text: str, style: str = "decimal", more: str = "") -> str:
    """A level of a list."""
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/>{more}</w:lvl>'
    )


def in_list(at: int = 0, name: int = 1) -> str:
    """Properties of a paragraph of a list."""
    return f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{name}"/></w:numPr>'


def lists(*levels: str) -> str:
    """Two lists that count together; the second begins with 19."""
    later = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="19"/></w:lvlOverride>'
    return f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>' + "".join(
        f'<w:num w:numId="{name}"><w:abstractNumId w:val="0"/>{more}</w:num>' for name, more in ((1, ""), (2, later))
    )


def test_a_heading_that_word_numbers_is_read_as_printed():
    styles = f'<w:style w:type="paragraph" w:styleId="H"><w:pPr>{in_list(name=2)}</w:pPr></w:style>'
    heading, taken_off = '<w:pStyle w:val="H"/>', '<w:numPr><w:numId w:val="0"/></w:numPr>'
    body = p(r("Migration"), properties=heading) + p(r("Health"), properties=heading)
    body += p(r("x"), properties=heading + taken_off)
    assert read(body, numbering=lists(level(0, "%1.")), styles=styles) == ["19. Migration", "20. Health", "x"]


LETTERS = [level(0, "%1."), level(1, "%1.%2", "lowerLetter"), level(2, "(%3)", "upperRoman")]


@pytest.mark.parametrize(
    ("levels", "places", "found"),
    [
        (LETTERS, (0, 1, 1, 2, 0, 1), ["1. x", "1.a x", "1.b x", "(I) x", "2. x", "2.a x"]),
        (LETTERS, (0, 2, 1), ["1. x", "(I) x", "1.b x"]),
        ([level(0, "%1.", "upperRoman"), level(1, "%1.%2", more="<w:isLgl/>")], (0, 1), ["I. x", "1.1 x"]),
        ([level(0, "%1."), level(1, "%2)", more='<w:lvlRestart w:val="0"/>')], (0, 1, 0, 1),
         ["1. x", "1) x", "2. x", "2) x"]),
        ([level(0, "\uf0b7", "bullet")], (0,), ["x"]),
        ([level(0, "Annex", "none")], (0,), ["Annex x"]),
        ([level(0, "%1)", more='<w:suff w:val="nothing"/>')], (0,), ["1)x"]),
        ([level(3, "%1")], (0,), ["x"]),
    ],
    ids=["in order", "level passed over", "legal", "never restarts", "bullet", "word", "no space", "missing level"],
)  # fmt: skip
def test_a_list_has_the_numbers_that_word_prints(levels, places, found):
    assert read("".join(p(r("x"), properties=in_list(at)) for at in places), numbering=lists(*levels)) == found


def test_a_list_style_gives_its_numbers_to_a_list():
    linked = '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="L"/></w:abstractNum>'
    numbering = lists('<w:styleLink w:val="L"/>', LETTERS[0]).replace(
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/>', '<w:num w:numId="1"><w:abstractNumId w:val="1"/>'
    )
    assert read(p(r("x"), properties=in_list()), numbering=linked + numbering) == ["1. x"]


# Notes

RAISED = '<w:vertAlign w:val="superscript"/>'


def mark(name: int, *, kind: str = "footnote", typed: str = "") -> str:
    """A run with a note mark."""
    follows = f'w:customMarkFollows="1"/><w:t>{typed}</w:t>' if typed else "/>"
    return r(f'<w:{kind}Reference w:id="{name}" {follows}', RAISED)


def note(name: int, text: str, *, kind: str = "footnote", more: str = "") -> str:
    """A note, which shows its number."""
    return f'<w:{kind} w:id="{name}">{p(r(f"<w:{kind}Ref/>", RAISED), r(f" {text}"))}{more}</w:{kind}>'


def start(number: int, *, kind: str = "footnote") -> str:
    """Settings of notes in the document or a section."""
    return f'<w:{kind}Pr><w:numStart w:val="{number}"/></w:{kind}Pr>'


AB = note(1, "a") + note(2, "b")


@pytest.mark.parametrize(
    ("body", "parts", "found"),
    [
        (p(r("x"), mark(8)) + p(r("y"), mark(3)), {"footnotes": note(3, "b") + note(8, "a")},
         ["x¹", "y²", "¹ a", "² b"]),
        (p(r("x"), mark(1), r(" y"), mark(2)), {"footnotes": AB, "settings": start(4414)},
         ["x⁴⁴¹⁴ y⁴⁴¹⁵", "⁴⁴¹⁴ a", "⁴⁴¹⁵ b"]),
        (p(r("x"), mark(1)) + f"<w:sectPr>{start(20)}</w:sectPr>", {"footnotes": note(1, "a"), "settings": start(10)},
         ["x²⁰", "²⁰ a"]),
        (p(mark(1), properties=f"<w:sectPr>{start(10)}</w:sectPr>") + p(mark(2)) + f"<w:sectPr>{start(50)}</w:sectPr>",
         {"footnotes": AB}, ["¹⁰", "⁵⁰", "¹⁰ a", "⁵⁰ b"]),
        (p(r("x"), mark(1, typed="77"), r(" y"), mark(2)),
         {"footnotes": f'<w:footnote w:id="1">{p(r("77", RAISED), r(" a"))}</w:footnote>' + note(2, "b")},
         ["x⁷⁷ y¹", "¹ b", "⁷⁷ a"]),
        (p(r("x"), mark(1, typed="*"), r(" y"), mark(2)), {"footnotes": AB}, ["x²* y¹", "¹ b", "² a"]),
        (p(r("x"), mark(2)), {"footnotes": AB, "settings": start(30)}, ["x³⁰", "³⁰ b"]),
        (p(r("x"), "<w:del>", mark(1), "</w:del>", mark(2)), {"footnotes": AB}, ["x¹", "¹ b"]),
        (p(r("x"), mark(1)), {"footnotes": note(1, "a,", more=p(r("b")) + p(r("c")))}, ["x¹", "¹ a, b c"]),
        (p(r("x"), mark(1), mark(1, kind="endnote")),
         {"footnotes": note(1, "a"), "endnotes": note(1, "b", kind="endnote"), "settings": start(90, kind="endnote")},
         ["x¹⁹⁰", "¹ a", "⁹⁰ b"]),
        (p(r("x"), mark(1)) + p(r("y"), mark(1, kind="endnote")) + p(r("z"), mark(2)),
         {"footnotes": AB, "endnotes": note(1, "c", kind="endnote")}, ["x¹", "y³", "z²", "¹ a", "² b", "³ c"]),
        (p(r("x"), mark(1)), {"footnotes": f'<w:footnote w:id="1">{p(r("a "), mark(2))}</w:footnote>' + note(2, "b")},
         ["x¹", "¹ a ²", "² b"]),
    ],
    ids=[
        "order of marks", "first of the settings", "first of the section", "later section", "typed digits",
        "typed sign", "never marked", "mark deleted", "paragraphs", "endnotes", "endnotes behind footnotes",
        "mark in a note",
    ],
)  # fmt: skip
def test_notes_have_the_numbers_that_word_prints_and_come_last(body, parts, found):
    assert read(body, **parts) == found


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([r("crime."), r("44", RAISED), r("14", RAISED), r(" It")], "crime.⁴⁴¹⁴ It"),
        ([r("crime."), r("12, 13", '<w:rStyle w:val="Mark"/>')], "crime.¹², ¹³"),
        ([r("4414", RAISED), r(" A law.")], "⁴⁴¹⁴ A law."),
        ([r("the 9"), r("th", RAISED)], "the 9th"),
        ([r("H"), r("2", '<w:vertAlign w:val="subscript"/>'), r("O")], "H2O"),
    ],
    ids=["two runs", "style", "typed note", "ordinal", "subscript"],
)
def test_raised_digits_that_stand_alone_are_marks(runs, text):
    styles = (
        f'<w:style w:type="character" w:styleId="Base"><w:rPr>{RAISED}</w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Mark"><w:basedOn w:val="Base"/></w:style>'
    )
    assert read(p(*runs), styles=styles) == [text]


@pytest.mark.parametrize(("kind", "count", "ids"), [("footnote", 2, "'1', '2'"), ("endnote", 1, "'7'")])
def test_marks_without_a_note_are_refused(kind, count, ids):
    marks = [mark(1), mark(2)] if kind == "footnote" else [mark(7, kind=kind)]
    found = rf"^refers to {count} missing {kind}s \(Word ids {ids}\)\. Expected the text of each;"
    with pytest.raises(SourceError, match=found):
        read(p(r("x"), *marks), endnotes=note(1, "a", kind="endnote"))
