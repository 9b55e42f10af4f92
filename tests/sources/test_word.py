"""Blocks of a Word document: characters, tracked changes, lines, tables, numbers of lists, and notes."""

import pytest
from docx import Document
from manuscript import Manuscript
from reading import blocks
from reading import read as read_file
from set_docx import saved, set_docx
from word_package import cell, p, parts_of, r, read, table, word, zipped

from g7tag.sources.blocks import HEADING, NOTE, PARAGRAPH, ROW
from g7tag.sources.docx.document import read_word

TAB, LINE, LAST = r("<w:tab/>"), r("<w:br/>"), p(r("Last."))
RAISED = '<w:vertAlign w:val="superscript"/>'


def test_a_document_of_word_comes_back_word_for_word_without_headers_footers_and_comments():
    paragraphs = ["Canada: 0", "On 9 July 2024, the Police met.⁴⁴¹⁴ They “talked” – briefly.", "Then <this> & that."]
    notes = {4414: "Police talk, Aurel Herald (Aurel) 9 July 2024. Access Date: 2 May 2025. https://a.example/?x=1&y=2"}
    assert blocks(set_docx(Manuscript(paragraphs, notes))) == [*paragraphs, f"⁴⁴¹⁴ {notes[4414]}"]
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Running head"
    document.sections[0].footer.paragraphs[0].text = "Page"
    document.add_comment(document.add_paragraph("Canada: 0").runs, text="Is this so?", author="A", initials="A")
    assert blocks(saved(document)) == ["Canada: 0"]


def test_the_strict_form_and_a_main_part_of_any_name_are_read():
    members = parts_of(p(r("Canada: 0")))
    usual, strict = "schemas.openxmlformats.org/wordprocessingml/2006", "purl.oclc.org/ooxml/wordprocessingml"
    text = str(members.pop("word/document.xml")).replace(usual, strict)
    members["_rels/.rels"] = str(members["_rels/.rels"]).replace("word/document.xml", "/word/main.xml")
    assert blocks(zipped(members | {"word/Main.xml": text})) == ["Canada: 0"]


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


BEGIN, SEPARATE, END = (r(f'<w:fldChar w:fldCharType="{turn}"/>') for turn in ("begin", "separate", "end"))
CODE = r("<w:instrText>PAGEREF x</w:instrText>")
CHOICE = "<mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>"
LONG_LINE = "early on a very cold morning, by the old harbour of Port Aurel."
STYLED = (
    f'<w:style w:type="character" w:styleId="Base"><w:rPr>{RAISED}</w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Mark"><w:basedOn w:val="Base"/></w:style>'
)
PARAGRAPHS = {
    "blanks": ([r("  They\n  "), r("met. ")], "They met."),
    "comments": ([r("2<!-- no text -->4<?no text?>0")], "240"),
    "hyphen": ([r("e"), r("<w:noBreakHyphen/>"), r("mail")], "e-mail"),
    "no-break space": ([r("EUR\u00a05")], "EUR\u00a05"),
    "minus": ([r('<w:sym w:font="Symbol" w:char="F02D"/>'), r("1")], "−1"),
    "unknown sign": ([r('<w:sym w:font="Webdings" w:char="F041"/>')], "\ufffd"),
    "link": (["<w:hyperlink>", r("a link"), "</w:hyperlink>"], "a link"),
    "control": (["<w:smartTag><w:sdt><w:sdtPr/><w:sdtContent>", r("A"), "</w:sdtContent></w:sdt></w:smartTag>"], "A"),
    "formula": (["<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"], "x=1"),
    "emoji": ([r(CHOICE.format("<w:t>no</w:t>", "<w:t>☺</w:t>"))], "☺"),
    "raised in two runs": ([r("crime."), r("44", RAISED), r("14", RAISED), r(" It")], "crime.⁴⁴¹⁴ It"),
    "raised by a style": ([r("crime."), r("12, 13", '<w:rStyle w:val="Mark"/>')], "crime.¹², ¹³"),
    "typed note": ([r("4414", RAISED), r(" A law.")], "⁴⁴¹⁴ A law."),
    "ordinal": ([r("the 9"), r("th", RAISED)], "the 9th"),
    "subscript": ([r("H"), r("2", '<w:vertAlign w:val="subscript"/>'), r("O")], "H2O"),
    "inserted and deleted": (
        [r("They arrested "), "<w:ins>", r("11"), "</w:ins><w:del>", r("<w:delText>ten</w:delText>"), "</w:del>"],
        "They arrested 11",
    ),
    "moved": (["<w:moveFrom>", r("early "), "</w:moveFrom><w:moveTo>", r("late"), "</w:moveTo>"], "late"),
    "field": ([r("see page "), BEGIN, CODE, SEPARATE, r("12"), END, r(".")], "see page 12."),
    "field in a code": ([r("a "), BEGIN, CODE, BEGIN, CODE, SEPARATE, r("7"), END, SEPARATE, r("b"), END], "a b"),
    "field that never ends": ([BEGIN, r("Canada: 0")], "Canada: 0"),
    "end of a field deleted": ([BEGIN, r("x"), "<w:del>", END, "</w:del>"], "x"),
    "score": ([r("Canada"), TAB, TAB, r("0")], "Canada\t\t0"),
    "empty last cell": ([r("Japan"), TAB, r("0"), TAB], "Japan\t0\t"),
    "rubric": ([r("-1"), TAB, r(LONG_LINE)], f"-1\t{LONG_LINE}"),
    "contents": ([r("19."), TAB, r("Migration"), TAB, r("xii")], "19. Migration\txii"),
    "label": ([r("(a)"), TAB, r("to prevent")], "(a) to prevent"),
    "tab in a sentence": ([r("They met,"), TAB, r(LONG_LINE)], f"They met, {LONG_LINE}"),
    "heading": ([r("Canada: 0"), LINE, r("Canada has partially complied.")],
                "Canada: 0", "Canada has partially complied."),
    "items": ([r("They met.¹⁰¹"), LINE, r("On 9 July 2024, they left.")], "They met.¹⁰¹", "On 9 July 2024, they left."),
    "empty line": ([r("They met."), LINE, LINE, r("They left.")], "They met.", "They left."),
    "new page": ([r("One"), r('<w:br w:type="page"/>'), r("sentence.")], "One sentence."),
}  # fmt: skip

DELETED = p(r("They "), properties="<w:rPr><w:del/></w:rPr>")
LONG = "The officers searched four houses by the harbour and found nothing but nets. " * 3
BODIES = {
    "field over paragraphs": (p(BEGIN, CODE) + p(SEPARATE, r("First")) + p(r("Second"), END), "First", "Second"),
    "end deleted": (DELETED + p(r("met.")), "They met."),
    "end before a table deleted": (DELETED + table(cell("a") + cell("b")), "They", "a\tb"),
    "row deleted": (table("<w:trPr><w:del/></w:trPr>" + cell("x"), cell("Japan") + cell("0")), "Japan\t0"),
    "cell deleted": (table(cell("Japan") + cell("x", properties="<w:cellDel/>") + cell("+1")), "Japan\t+1"),
    "empty cells": (table(cell("") + cell("No") + cell("Full"), cell("Canada") + cell("") + cell("+1")),
                    "\tNo\tFull", "Canada\t\t+1"),
    "wide cell": (table(cell("Average", properties='<w:gridSpan w:val="3"/>') + cell("0.38")), "Average\t\t\t0.38"),
    "column before": (table('<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell("a") + cell("b")), "\ta\tb"),
    "a billion columns": (table(cell("a", properties='<w:gridSpan w:val="999999999"/>') + cell("b")),
                          "a" + "\t" * 63 + "b"),
    "fewer than no columns": (table(cell("a", properties='<w:gridSpan w:val="-9"/>') + cell("b")), "a\tb"),
    "paragraphs of a cell": (table(cell("-1") + cell("No action", "or harm.")), "-1\tNo action or harm."),
    "long paragraphs": (table(cell(LONG, LONG) + cell("Aside.")), LONG.strip(), LONG.strip(), "Aside."),
    "table in a table": (table(cell(table(cell("a") + cell("b")), p()) + cell("c")), "a\tb", "c"),
    "sections side by side": (table(cell("Canada: 0", "It met.") + cell("Japan: 0", "It left.")),
                              "Canada: 0", "It met.", "Japan: 0", "It left."),
}  # fmt: skip

BOX = f"<w:txbxContent>{p(r('In a '), r('box.'))}</w:txbxContent>"


@pytest.mark.parametrize(
    "box", [f"<w:drawing>{BOX}</w:drawing>", CHOICE.format(BOX, BOX), "<w:drawing><a:t>In a box.</a:t></w:drawing>"]
)
def test_a_text_box_is_no_evidence_but_a_gap(box):
    empty = "<w:pict><w:txbxContent><w:p/></w:txbxContent></w:pict>"
    found = read_file(word(p(r("Before "), r(box), r(empty), r("after.")) + table(cell("a") + cell("b"))))
    assert found.blocks == ["Before after.", "a\tb"]
    ((part, kind, reason),) = found.gaps
    assert (part, kind) == ("layout", "unread")
    assert reason.startswith("the text of 1 text boxes or drawings is not read, such as 'In a box.'. Move it into")


def level(at: int, text: str, style: str = "decimal", more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/>{more}</w:lvl>'
    )


def in_list(at: int = 0, name: int = 1) -> str:
    return f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{name}"/></w:numPr>'


def lists(*levels: str) -> str:
    """Two lists that count together; the second begins with 19."""
    later = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="19"/></w:lvlOverride>'
    return f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>' + "".join(
        f'<w:num w:numId="{name}"><w:abstractNumId w:val="0"/>{more}</w:num>' for name, more in ((1, ""), (2, later))
    )


LETTERS = [level(0, "%1."), level(1, "%1.%2", "lowerLetter"), level(2, "(%3)", "upperRoman")]
LISTS = {
    "in order": (LETTERS, (0, 1, 1, 2, 0, 1), ["1. x", "1.a x", "1.b x", "(I) x", "2. x", "2.a x"]),
    "level passed over": (LETTERS, (0, 2, 1), ["1. x", "(I) x", "1.b x"]),
    "letters beyond z": ([level(0, "%1", "upperLetter")], (0,) * 28, [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "BB"]),
    "bullet": ([level(0, "\uf0b7", "bullet")], (0,), ["x"]),
    "word": ([level(0, "Annex", "none")], (0,), ["Annex x"]),
    "missing level": ([level(3, "%1")], (0,), ["x"]),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_the_numbers_that_word_prints(name):
    levels, places, found = LISTS[name]
    got = read("".join(p(r("x"), properties=in_list(at)) for at in places), numbering=lists(*levels))
    assert got == [text if text.endswith("x") else f"{text} x" for text in found]


@pytest.mark.parametrize("second", [
    level(1, "%1.%2", more="<w:isLgl/>"), level(1, "%2", more='<w:lvlRestart w:val="0"/>'), level(1, "%2", "ordinal"),
], ids=["legal", "never restarts", "ordinal"])  # fmt: skip
def test_rare_formats_of_lists_are_a_gap_where_they_are_used(second):
    numbering, first = lists(level(0, "%1."), second), p(r("x"), properties=in_list())
    assert read_file(word(first, numbering=numbering)).gaps == []
    ((part, _, reason),) = read_file(word(first + p(r("y"), properties=in_list(1)), numbering=numbering)).gaps
    assert part == "layout"
    assert reason.startswith("some formatting is not read and may hide text or number it otherwise, such as that of '1")


def test_a_heading_that_word_numbers_is_read_as_printed():
    styles = f'<w:style w:type="paragraph" w:styleId="H"><w:pPr>{in_list(name=2)}</w:pPr></w:style>'
    heading, taken_off = '<w:pStyle w:val="H"/>', '<w:numPr><w:numId w:val="0"/></w:numPr>'
    body = p(r("Migration"), properties=heading) + p(r("Health"), properties=heading)
    body += p(r("x"), properties=heading + taken_off)
    assert read(body, numbering=lists(level(0, "%1.")), styles=styles) == ["19. Migration", "20. Health", "x"]


def test_a_list_style_gives_its_numbers_to_a_list():
    linked = '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="L"/></w:abstractNum>'
    numbering = lists('<w:styleLink w:val="L"/>', LETTERS[0]).replace(
        '"1"><w:abstractNumId w:val="0"', '"1"><w:abstractNumId w:val="1"'
    )
    assert read(p(r("x"), properties=in_list()), numbering=linked + numbering) == ["1. x"]


def mark(name: int, *, kind: str = "footnote", typed: str = "") -> str:
    follows = f'w:customMarkFollows="1"/><w:t>{typed}</w:t>' if typed else "/>"
    return r(f'<w:{kind}Reference w:id="{name}" {follows}', RAISED)


def note(name: int, text: str, *, kind: str = "footnote", more: str = "") -> str:
    """A note, which shows its number."""
    return f'<w:{kind} w:id="{name}">{p(r(f"<w:{kind}Ref/>", RAISED), r(f" {text}"))}{more}</w:{kind}>'


def start(number: int, *, kind: str = "footnote") -> str:
    """Settings of notes in the document or a section."""
    return f'<w:{kind}Pr><w:numStart w:val="{number}"/></w:{kind}Pr>'


AB, END_C = note(1, "a") + note(2, "b"), note(1, "c", kind="endnote")
TYPED = f'<w:footnote w:id="1">{p(r("77", RAISED), r(" a"))}</w:footnote>' + note(2, "b")
SECTIONS = p(mark(1), properties=f"<w:sectPr>{start(10)}</w:sectPr>") + p(mark(2)) + f"<w:sectPr>{start(50)}</w:sectPr>"
NOTES = {
    "order of marks": (p(r("x"), mark(2)) + p(r("y"), mark(1)), {}, "x¹", "y²", "¹ b", "² a"),
    "first of the settings": (p(r("x"), mark(1), mark(2)), {"settings": start(4414)},
                              "x⁴⁴¹⁴⁴⁴¹⁵", "⁴⁴¹⁴ a", "⁴⁴¹⁵ b"),
    "first of the section": (p(r("x"), mark(1)) + f"<w:sectPr>{start(20)}</w:sectPr>", {"settings": start(10)},
                             "x²⁰", "²⁰ a"),
    "later section": (SECTIONS, {}, "¹⁰", "⁵⁰", "¹⁰ a", "⁵⁰ b"),
    "typed digits": (p(r("x"), mark(1, typed="77"), r(" y"), mark(2)), {"footnotes": TYPED}, "x⁷⁷ y¹", "¹ b", "⁷⁷ a"),
    "typed sign": (p(r("x"), mark(1, typed="*"), r(" y"), mark(2)), {}, "x²* y¹", "¹ b", "² a"),
    "never marked": (p(r("x"), mark(2)), {"settings": start(30)}, "x³⁰", "³⁰ b"),
    "mark deleted": (p(r("x"), "<w:del>", mark(1), "</w:del>", mark(2)), {}, "x¹", "¹ b"),
    "missing": (p(r("x"), mark(1), r(" y"), mark(7)), {}, "x¹ y²", "¹ a"),
    "paragraphs": (p(r("x"), mark(1)), {"footnotes": note(1, "a,", more=p(r("b")) + p(r("c")))}, "x¹", "¹ a, b c"),
    "endnotes": (p(r("x"), mark(1), mark(1, kind="endnote")),
                 {"endnotes": END_C, "settings": start(90, kind="endnote")}, "x¹⁹⁰", "¹ a", "⁹⁰ c"),
    "endnotes behind footnotes": (p(r("x"), mark(1)) + p(r("y"), mark(1, kind="endnote")) + p(r("z"), mark(2)),
                                  {"endnotes": END_C}, "x¹", "y³", "z²", "¹ a", "² b", "³ c"),
    "mark in a note": (p(r("x"), mark(1)),
                       {"footnotes": f'<w:footnote w:id="1">{p(r("a "), mark(2))}</w:footnote>' + note(2, "b")},
                       "x¹", "¹ a ²", "² b"),
    **{f"first number {number}": (p(r("x"), mark(1)), {"settings": start(number)}, "x¹", "¹ a")
       for number in ("9" * 20, "-5", "４")},
}  # fmt: skip


DOCUMENTS = {
    **{name: (p(*runs) + LAST, {"styles": STYLED}, *found, "Last.") for name, (runs, *found) in PARAGRAPHS.items()},
    **{name: (body, {}, *found) for name, (body, *found) in BODIES.items()},
    **{name: (body, {"footnotes": AB} | parts, *found) for name, (body, parts, *found) in NOTES.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paragraphs_changes_tables_and_numbers_of_notes_are_read_as_word_shows_them(name):
    body, parts, *found = DOCUMENTS[name]
    assert read(body, **parts) == found
