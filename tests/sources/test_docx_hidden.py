"""Hidden text of Word documents."""

import pytest
from word_package import cell, hidden, p, parts_of, r, table, word, zipped

WHITE, FILL = '<w:color w:val="FFFFFF"/>', '<w:shd w:val="clear" w:color="auto" w:fill="1F3864"/>'


def style(name, run, *, kind="character", more=""):
    """A style with run properties."""
    return f'<w:style w:type="{kind}" w:styleId="{name}">{more}<w:rPr>{run}</w:rPr></w:style>'


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ("<w:vanish/>", "hidden by Word"),
        ('<w:vanish w:val="true"/>', "hidden by Word"),
        (WHITE, "white text"),
        ('<w:color w:val="fefefe" w:themeColor="background1"/>', "white text"),
        (WHITE + '<w:shd w:val="clear" w:fill="FFFFFF"/>', "white text"),
        (WHITE + '<w:highlight w:val="none"/>', "white text"),
        ('<w:sz w:val="2"/>', "under 2 pt"),
    ],
    ids=["vanish", "vanish said twice", "white", "nearly white", "white on white", "no highlight", "tiny"],
)
def test_text_that_nobody_sees_is_kept_and_marked(properties, why):
    assert hidden(word(p(r("Seen. "), r("Unseen.", properties)))) == [("Unseen.", why)]


@pytest.mark.parametrize(
    "properties",
    [
        '<w:vanish w:val="0"/>', '<w:vanish w:val="false"/>', "<w:webHidden/>", WHITE + FILL,
        WHITE + '<w:highlight w:val="black"/>', WHITE + '<w:shd w:val="solid" w:color="000000"/>',
        '<w:color w:val="auto"/>', '<w:color w:val="C00000"/>', '<w:sz w:val="4"/>', '<w:sz w:val="tiny"/>',
    ],
    ids=["vanish 0", "vanish false", "web", "shaded", "highlight", "pattern", "auto", "red", "2 pt", "no size"],
)  # fmt: skip
def test_text_that_is_seen_is_not_marked(properties):
    assert hidden(word(p(r("Seen.", properties)))) == []


@pytest.mark.parametrize(
    ("styles", "paragraph", "run"),
    [
        (style("V", "<w:vanish/>"), "", '<w:rStyle w:val="V"/>'),
        (style("V", "<w:vanish/>", kind="paragraph"), '<w:pStyle w:val="V"/>', ""),
        (style("B", "<w:vanish/>") + style("V", "", more='<w:basedOn w:val="B"/>'), "", '<w:rStyle w:val="V"/>'),
        ('<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:rPr><w:vanish/></w:rPr></w:style>', "", ""),
        ("<w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault></w:docDefaults>", "", ""),
    ],
    ids=["of characters", "of paragraphs", "that another is based on", "usual", "defaults"],
)
def test_a_style_can_hide(styles, paragraph, run):
    assert hidden(word(p(r("Unseen.", run), properties=paragraph), styles=styles)) == [("Unseen.", "hidden by Word")]


def test_a_run_can_undo_what_its_style_hides():
    styles = style("V", "<w:vanish/>")
    assert hidden(word(p(r("Seen.", '<w:rStyle w:val="V"/><w:vanish w:val="0"/>')), styles=styles)) == []


def test_two_styles_that_hide_undo_each_other():
    styles = style("V", "<w:vanish/>") + style("P", "<w:vanish/>", kind="paragraph")
    body = p(r("Seen.", '<w:rStyle w:val="V"/>'), properties='<w:pStyle w:val="P"/>')
    assert hidden(word(body, styles=styles)) == []


def test_styles_that_are_based_on_each_other_end():
    styles = style("A", "", more='<w:basedOn w:val="B"/>') + style("B", WHITE, more='<w:basedOn w:val="A"/>')
    assert hidden(word(p(r("Unseen.", '<w:rStyle w:val="A"/>')), styles=styles)) == [("Unseen.", "white text")]


@pytest.mark.parametrize(
    ("body", "styles"),
    [
        (p(r("Seen.", WHITE), properties=FILL), ""),
        (p(r("Seen.", WHITE), properties='<w:pStyle w:val="P"/>'),
         style("P", "", kind="paragraph", more=f"<w:pPr>{FILL}</w:pPr>")),
        (table(cell(p(r("Seen.", WHITE)), properties=FILL) + cell("b")), ""),
        (table(cell(p(r("Seen.", WHITE))) + cell("b"), properties='<w:tblStyle w:val="T"/>'),
         style("T", "", kind="table", more=f'<w:tblStylePr w:type="firstRow"><w:tcPr>{FILL}</w:tcPr></w:tblStylePr>')),
    ],
    ids=["paragraph", "style of paragraphs", "cell", "style of tables"],
)  # fmt: skip
def test_white_text_is_seen_where_a_colour_lies_behind_it(body, styles):
    assert hidden(word(body, styles=styles)) == []


@pytest.mark.parametrize(("settings", "spans"), [("<w:displayBackgroundShape/>", []), ("", [("White.", "white text")])])
def test_white_text_is_seen_on_a_page_that_shows_a_colour(settings, spans):
    members = parts_of(p(r("White.", WHITE)), settings=settings)
    document = str(members["word/document.xml"])
    members["word/document.xml"] = document.replace("<w:body>", '<w:background w:color="1F3864"/><w:body>')
    assert hidden(zipped(members)) == spans


def test_hidden_text_of_a_table_and_a_note_is_marked():
    mark, note = (
        r('<w:footnoteReference w:id="1"/>'),
        f'<w:footnote w:id="1">{p(r("a "), r("ghost", WHITE))}</w:footnote>',
    )
    body = table(cell(p(r("x"), mark)) + cell(p(r("0", "<w:vanish/>"))))
    assert hidden(word(body, footnotes=note)) == [("0", "hidden by Word"), ("ghost", "white text")]


def test_the_number_of_a_list_is_as_hidden_as_its_paragraph():
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    properties = '<w:numPr><w:numId w:val="1"/></w:numPr><w:rPr><w:vanish/></w:rPr>'
    body = p(r("x", "<w:vanish/>"), properties=properties) + p(r("Seen."))
    assert hidden(word(body, numbering=numbering)) == [("0. x", "hidden by Word")]


# Color of the background

NAVY, TEXT = '<w:color w:val="1F3864"/>', "Same."
SAME = [(TEXT, "same color as its background")]
BLANK = '<w:shd w:val="clear" w:fill="FFFFFF"/>'


@pytest.mark.parametrize(
    ("body", "styles", "spans"),
    [
        (p(r(TEXT, NAVY + FILL)), "", SAME),
        (p(r(TEXT, NAVY + '<w:shd w:val="clear" w:fill="203965"/>')), "", SAME),
        (p(r(TEXT, NAVY + '<w:shd w:val="solid" w:color="1F3864"/>')), "", SAME),
        (p(r(TEXT, '<w:color w:val="FFFF00"/><w:highlight w:val="yellow"/>')), "", SAME),
        (p(r(TEXT, NAVY), properties=FILL), "", SAME),
        (
            p(r(TEXT, NAVY), properties='<w:pStyle w:val="P"/>'),
            style("P", "", kind="paragraph", more=f"<w:pPr>{FILL}</w:pPr>"),
            SAME,
        ),
        (table(cell(p(r(TEXT, NAVY)), properties=FILL) + cell("b")), "", SAME),
        (table(cell(p(r(TEXT, WHITE), properties=BLANK), properties=FILL) + cell("b")), "", [(TEXT, "white text")]),
        (p(r(TEXT, NAVY)), "", []),
        (p(r(TEXT, '<w:color w:val="C00000"/>' + FILL)), "", []),
        (p(r(TEXT, '<w:color w:val="auto"/>' + FILL)), "", []),
        (p(r(TEXT, NAVY + FILL + '<w:highlight w:val="yellow"/>')), "", []),
        (p(r(TEXT, NAVY + '<w:shd w:val="pct50" w:color="1F3864" w:fill="1F3864"/>')), "", []),
        (table(cell(p(r(TEXT, NAVY), properties=BLANK), properties=FILL) + cell("b")), "", []),
    ],
    ids=[
        "run", "nearly", "solid", "highlight", "paragraph", "style of paragraphs", "cell", "white in a white paragraph",
        "on white", "other color", "automatic", "highlight on it", "pattern", "white paragraph in the cell",
    ],
)  # fmt: skip
def test_text_of_the_color_behind_it_is_hidden(body, styles, spans):
    assert hidden(word(p(r("Seen.")) + body, styles=styles)) == spans


@pytest.mark.parametrize(
    ("fill", "spans"),
    [
        ("<w14:noFill/>", [(TEXT, "transparent text")]),
        (
            '<w14:solidFill><w14:srgbClr w14:val="000000"><w14:alpha w14:val="100000"/></w14:srgbClr></w14:solidFill>',
            [(TEXT, "transparent text")],
        ),
        ('<w14:solidFill><w14:srgbClr w14:val="FFFFFF"/></w14:solidFill>', [(TEXT, "white text")]),
        ('<w14:solidFill><w14:srgbClr w14:val="000000"/></w14:solidFill>', []),
    ],
    ids=["none", "transparent", "white", "black"],
)
def test_a_text_effect_can_hide(fill, spans):
    assert hidden(word(p(r("Seen. "), r(TEXT, f"<w14:textFill>{fill}</w14:textFill>")))) == spans


# Rows that are not shown


def test_a_row_that_is_not_shown_is_hidden():
    row = "<w:tr><w:trPr><w:hidden/></w:trPr>" + cell("a") + cell("b") + "</w:tr>"
    body = table(cell("x") + cell("y")).replace("</w:tbl>", f"{row}</w:tbl>")
    assert hidden(word(body)) == [("a", "hidden by Word"), ("b", "hidden by Word")]


# What docs/explanation/limits.md lists as not found


@pytest.mark.parametrize(
    ("body", "styles"),
    [
        (
            table(cell(p(r(TEXT, NAVY))) + cell("b"), properties='<w:tblStyle w:val="T"/>'),
            style("T", "", kind="table", more=f"<w:tcPr>{FILL}</w:tcPr>"),
        ),
        (p(r(TEXT, '<w:color w:val="FF0000"/><w:shd w:val="pct50" w:color="FF0000" w:fill="FF0000"/>')), ""),
        (p(r(TEXT), properties='<w:ind w:left="-30000"/>'), ""),
        (p(r(TEXT, '<w:w w:val="1"/>')), ""),
        (
            table(cell(TEXT) + cell("b")).replace(
                "<w:tr>", '<w:tr><w:trPr><w:trHeight w:hRule="exact" w:val="1"/></w:trPr>'
            ),
            "",
        ),
        (p(r('<v:rect style="position:absolute" fillcolor="white"/>'), r(TEXT)), ""),
    ],
    ids=["style of tables", "pattern", "off the page", "narrow", "flat row", "something in front"],
)
def test_what_is_listed_as_not_found_is_not_found(body, styles):
    assert hidden(word(p(r("Seen.")) + body, styles=styles)) == []
