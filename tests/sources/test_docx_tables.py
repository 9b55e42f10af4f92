"""Tables of a Word document, and the numbers that Word puts before headings and lists."""

import pytest
from word_package import cell, p, parts_of, r, read, table, texts, word, zipped

TAB = r("<w:tab/>")


def test_a_row_is_a_block_and_its_empty_cells_are_kept():
    rows = [cell("") + cell("No Compliance") + cell("Full Compliance"), cell("Canada") + cell("") + cell("+1")]
    assert read(table(*rows)) == ["\tNo Compliance\tFull Compliance", "Canada\t\t+1"]


def test_a_row_without_text_is_none():
    assert read(table(cell("") + cell("")) + p(r("Next."))) == ["Next."]


def test_cells_over_several_columns_keep_them():
    rows = [
        cell("Average", properties='<w:gridSpan w:val="3"/>') + cell("0.38"),
        '<w:trPr><w:gridBefore w:val="1"/><w:gridAfter w:val="1"/></w:trPr>' + cell("a") + cell("b"),
    ]
    assert read(table(*rows)) == ["Average\t\t\t0.38", "\ta\tb\t"]


def test_a_cell_that_claims_a_billion_columns_gets_as_many_as_word_allows():
    assert read(table(cell("a", properties='<w:gridSpan w:val="999999999"/>') + cell("b"))) == ["a" + "\t" * 63 + "b"]


def test_paragraphs_of_a_cell_are_joined_by_a_space():
    assert read(table(cell("-1") + cell("No action", "or harm."))) == ["-1\tNo action or harm."]


def test_a_tab_within_a_cell_is_a_space():
    assert read(table(cell(p(r("a"), TAB, r("b"))) + cell("c"))) == ["a b\tc"]


LONG = "The officers searched four houses by the harbour and found nothing but nets. " * 3


@pytest.mark.parametrize(
    ("rows", "blocks"),
    [
        ([cell("Canada: 0", "Canada has partially complied.")], ["Canada: 0", "Canada has partially complied."]),
        ([cell(LONG, LONG) + cell("Aside.")], [LONG.strip(), LONG.strip(), "Aside."]),
        ([cell(table(cell("a") + cell("b")), p()) + cell("c")], ["a\tb", "c"]),
        (
            [cell("Canada: 0", "It met.") + cell("Japan: 0", "It left.")],
            ["Canada: 0", "It met.", "Japan: 0", "It left."],
        ),
    ],
    ids=["one cell", "long paragraphs", "table in a table", "sections side by side"],
)
def test_a_table_that_only_sets_text_side_by_side_is_no_table(rows, blocks):
    assert read(table(*rows)) == blocks


def test_deleted_rows_and_cells_are_left_out():
    rows = [
        "<w:trPr><w:del/></w:trPr>" + cell("gone") + cell("0"),
        cell("Japan") + cell("gone", properties="<w:cellDel/>") + cell("+1"),
    ]
    assert read(table(*rows)) == ["Japan\t+1"]


def level(at, text, style="decimal", more=""):
    """A level of a list."""
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/>{more}</w:lvl>'
    )


def in_list(at=0, name=1):
    """Properties of a paragraph of a list."""
    return f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{name}"/></w:numPr>'


def lists(*levels, more=""):
    """A numbering part of one list."""
    return (
        f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}'
    )


def test_a_heading_that_word_numbers_is_read_as_printed():
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="19"/></w:lvlOverride>'
    start = f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{override}</w:num>'
    styles = f'<w:style w:type="paragraph" w:styleId="H"><w:pPr>{in_list(name=2)}</w:pPr></w:style>'
    body = p(r("Migration"), properties='<w:pStyle w:val="H"/>') + p(r("Health"), properties='<w:pStyle w:val="H"/>')
    assert read(body, numbering=lists(level(0, "%1."), more=start), styles=styles) == ["19. Migration", "20. Health"]


def test_a_list_counts_its_levels_and_begins_anew_below_each():
    numbering = lists(level(0, "%1."), level(1, "%1.%2", "lowerLetter"), level(2, "(%3)", "upperRoman"))
    body = "".join(p(r("x"), properties=in_list(at)) for at in (0, 1, 1, 2, 0, 1))
    assert read(body, numbering=numbering) == ["1. x", "1.a x", "1.b x", "(I) x", "2. x", "2.a x"]


def test_a_level_that_was_passed_over_counts_as_begun():
    numbering = lists(level(0, "%1."), level(1, "%1.%2", "lowerLetter"), level(2, "(%3)", "lowerRoman"))
    body = "".join(p(r("x"), properties=in_list(at)) for at in (0, 2, 1))
    assert read(body, numbering=numbering) == ["1. x", "(i) x", "1.b x"]


@pytest.mark.parametrize(
    ("levels", "text"),
    [
        ([level(0, "\uf0b7", "bullet")], "x"),
        ([level(0, "Annex", "none")], "Annex x"),
        ([level(0, "%1)", more='<w:suff w:val="nothing"/>')], "1)x"),
        ([level(0, "%1", "decimalZero")], "01 x"),
        ([level(3, "%1")], "x"),
    ],
    ids=["bullet", "only a word", "no space", "leading zero", "level that is missing"],
)
def test_what_stands_before_a_paragraph_is_what_the_page_shows(levels, text):
    assert read(p(r("x"), properties=in_list()), numbering=lists(*levels)) == [text]


def test_a_list_without_a_name_numbers_nothing():
    numbering = f"<w:abstractNum>{level(0, '%1.')}</w:abstractNum><w:num><w:abstractNumId/></w:num>"
    assert read(p(r("x"), properties='<w:numPr><w:ilvl w:val="0"/></w:numPr>'), numbering=numbering) == ["x"]


def test_the_list_of_a_style_can_be_taken_off():
    styles = f'<w:style w:type="paragraph" w:styleId="H"><w:pPr>{in_list()}</w:pPr></w:style>'
    body = p(r("x"), properties='<w:pStyle w:val="H"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    assert read(body, numbering=lists(level(0, "%1.")), styles=styles) == ["x"]


def test_other_parts_are_not_unpacked():
    members = parts_of(p(r("Canada: 0"))) | {"word/media/image1.png": bytes(20_000_000), "docProps/core.xml": "<broken"}
    assert texts(zipped(members)) == ["Canada: 0"]


def test_a_note_in_a_table_is_numbered_in_its_place():
    mark = r('<w:footnoteReference w:id="5"/>')
    notes = f'<w:footnote w:id="5">{p(r("A law."))}</w:footnote>'
    content = word(table(cell(p(r("Law"), mark)) + cell("0")), footnotes=notes)
    assert texts(content) == ["Law¹\t0", "¹ A law."]
