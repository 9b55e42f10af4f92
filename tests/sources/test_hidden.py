"""Text that nobody sees on the page is hidden text with its reason, and text that is seen is not."""

from html import escape
from io import BytesIO

import pytest
from PIL import Image, ImageChops
from raw_pdf import HELVETICA, stream, text_at, write_pages
from reading import read
from word_package import cell, p, parts_of, r, table, word, zipped

# PDF

SEEN, SECRET = text_at("Canada: 0", y=700), text_at("Canada: +1", y=500)
BOX = "60 480 300 60 re f"
WHITE, SAME, COVERED = "white on white", "same color as its background", "covered, clipped or in a hidden layer"
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
PICTURE = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
OVER = "q 300 0 0 60 60 480 cm /{} Do Q"
RESOURCES = """/ExtGState << /Clear << /ca 0 >> /Half << /ca 0.5 >> /Mixed << /BM /Multiply >>
    /Masked << /SMask << /Type /Mask /S /Luminosity /G 24 0 R >> >> >>
    /Pattern << /White 23 0 R >> /Properties << /Notes 40 0 R /Text 41 0 R >>
    /XObject << /Form 30 0 R /Small 31 0 R /Black 32 0 R /Grey 34 0 R >>"""
EXTRA = {
    3: HELVETICA,
    23: stream("1 g 0 0 9 9 re f",
               "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << >>"),
    24: stream("", f"{FORM} /Group << /S /Transparency /CS /DeviceGray >>"),
    28: stream("1 g 0 0 300 60 re f", "/Type /XObject /Subtype /Form /BBox [0 0 300 60]"),
    29: "<< /Type /Annot /Subtype /Stamp /Rect [60 480 360 540] /F 4 /AP << /N 28 0 R >> >>",
    30: stream(f"1 g {SECRET}", FORM), 31: stream(SECRET, f"{FORM} /Matrix [0.1 0 0 0.1 0 0]"),
    32: stream(b"\x00", PICTURE), 34: stream(b"\x40", PICTURE),
    35: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [60 480 360 540] /F 4 /AP << /N 28 0 R >> >>",
    40: "<< /Type /OCG /Name (Notes) >>", 41: "<< /Type /OCG /Name (Text) >>",
}  # fmt: skip
LAYERS = "/AcroForm << /Fields [35 0 R] >> /OCProperties << /OCGs [40 0 R 41 0 R] /D << /OFF [40 0 R] >> >>"


def read_pdf(content: str, *, annotations: str = ""):
    """A page with visible text and some content."""
    page = f"/MediaBox [0 0 612 792] /Annots [{annotations}]"
    settings = {"resources": RESOURCES, "extra": EXTRA, "page": page, "catalogue": LAYERS}
    return read(write_pages(f"{SEEN} {content}", **settings))


@pytest.mark.parametrize(("content", "why"), [
    (f"BT 3 Tr ET {SECRET}", "not painted"),
    (f"BT 7 Tr ET {SECRET}", "not painted"),
    (f"1 g {SECRET}", WHITE),
    (f"0.97 g {SECRET}", SAME),
    (f"1 1 0.93 rg {SECRET}", SAME),
    (f"/Pattern cs /White scn {SECRET}", SAME),
    (f"BT 1 Tr ET 0 g 1 G {SECRET}", WHITE),
    (f"0 g {BOX} {SECRET}", SAME),
    (f"{OVER.format('Grey')} 0.25 g {SECRET}", SAME),
    (f"{text_at('Japan: no action was taken', y=500)} 1 g {text_at('Canada: +1', x=80, y=503)}", WHITE),
    (f"{SECRET} 0 g {BOX}", COVERED),
    (f"{SECRET} {OVER.format('Grey')}", COVERED),
    (f"{SECRET} q 1 G 60 w 60 505 m 360 505 l S Q", COVERED),
    (f"{SECRET} 1 g {BOX} 0 g {text_at('Japan: 0', y=500)}", COVERED),
    (f"q 0 0 10 10 re W n {SECRET} Q", COVERED),
    (f"q 0 501 612 0.4 re W n {SECRET} Q", COVERED),
    (f"q /Masked gs {SECRET} Q", COVERED),
    (text_at("Canada: +1", y=500, size=1), "under 2 pt"),
    (f"q 0.1 0 0 0.1 0 0 cm {SECRET} Q", "under 2 pt"),
    ("BT /F1 12 Tf 0.01 0 0 0.01 72 500 Tm (Canada: +1) Tj ET", "under 2 pt"),
    ("BT /F1 12 Tf 4 Tz 72 500 Td (Canada: +1) Tj ET", "under 2 pt"),
    (text_at("Canada: +1", x=700), "off the page"),
    (f"/Clear gs {SECRET}", "transparent"),
    ("/Form Do", WHITE),
    ("/Small Do", "under 2 pt"),
    (f"/OC /Notes BDC {SECRET} EMC", COVERED),
], ids=["mode 3", "mode 7", "white", "nearly white", "pale yellow", "pattern", "white outline", "black box",
    "on a picture", "on other text", "box over it", "picture over it", "line over it", "other text over it", "cut away",
    "cut to a hairline", "mask", "font size", "page matrix", "text matrix", "squeezed", "right", "transparent", "form",
    "small form", "layer"])  # fmt: skip
def test_text_that_a_pdf_does_not_show_is_hidden_with_the_reason(content, why):
    found = read_pdf(content)
    assert found.blocks[0].startswith(("Canada: 0", "Japan"))
    assert found.hidden == [("Canada: +1", why)]


@pytest.mark.parametrize("annotation", ["29 0 R", "35 0 R"], ids=["stamp", "form field"])
def test_text_below_an_annotation_is_hidden(annotation):
    assert read_pdf(SECRET, annotations=annotation).hidden == [("Canada: +1", COVERED)]


@pytest.mark.parametrize("content", [
    f"0.2 0 0.4 rg {BOX} 1 g {SECRET}", f"{OVER.format('Black')} 1 g {SECRET}",
    f"q 3 Tr Q q /Clear gs Q q 0 0 10 10 re W n Q q 0.01 0 0 0.01 0 0 cm Q {SECRET}",
    f"BT 2 Tr ET 1 g 0 G {SECRET}", f"{SECRET} /Mixed gs 1 1 0 rg {BOX}", f"{SECRET} /Half gs 0 g {BOX}",
    f"q 0.9 g {SECRET} Q",
    text_at("Canada: +1", y=500, size=3), "BT /F1 1 Tf 12 0 0 12 72 500 Tm (Canada: +1) Tj ET",
    f"{SECRET}{text_at('Canada: +1', x=72.3, y=500)}", f"1 g {SECRET} 0 g {SECRET}",
    f"{SECRET} 1 g {BOX} 0 g {SECRET}", f"{SECRET} 0 g 60 503 300 1 re f",
    f"/Span << /ActualText (Japan: +1) >> BDC {SECRET} EMC",
    f"0.9 g BT /F1 90 Tf 0.7 0.7 -0.7 0.7 60 430 Tm (DRAFT) Tj ET 0 g {SECRET}", f"/OC /Text BDC {SECRET} EMC",
], ids=["white on a dark box", "white on a picture", "state restored", "outline", "marked with a pen",
    "under half a shade", "pale", "small", "small font made large", "set twice to look bold", "white, then black",
    "covered and set again", "struck out", "said to stand for another", "on a watermark", "another layer"])  # fmt: skip
def test_text_that_a_pdf_shows_is_text(content):
    found = read_pdf(content)
    assert found.hidden == []
    assert "Canada: +1" in " ".join(found.blocks)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("corner", ["0 0 612 792", "1.84623 4.23718 613.84621 796.23717"], ids=["whole", "fractions"])
def test_hidden_text_is_found_on_a_page_of_any_size_and_turn(corner, turn):
    found = read(write_pages(f"{SEEN} 1 g {SECRET}", page=f"/MediaBox [{corner}] /Rotate {turn}"))
    assert (found.blocks[0], found.hidden) == ("Canada: 0", [("Canada: +1", WHITE)])


def test_a_word_hidden_within_a_line_is_taken_out_of_it():
    found = read_pdf("BT /F1 12 Tf 72 600 Td (Canada did ) Tj 1 g (not ) Tj 0 g (comply.) Tj ET")
    assert found.hidden == [("not", WHITE)]
    assert "not" not in found.blocks[0]


def test_hidden_text_parts_no_words_and_hidden_lines_keep_their_order():
    beside = text_at("out", x=700, y=700)
    found = read_pdf(f"{beside} 1 g {text_at('second', y=480)} {text_at('first', y=500)}")
    assert found.blocks[0] == "Canada: 0"
    assert [text for text, _ in found.hidden] == ["out", "first", "second"]


PAGE = "q 612 0 0 792 0 0 cm /Black Do Q"


LINES = stream(bytes([0, 255] * 60), PICTURE.replace("/Height 1", "/Height 120"))
"""A picture with something to see at each letter: the scan of a page."""


def read_scan(content: str, picture: bytes = LINES):
    return read(write_pages(content, resources=RESOURCES, extra=EXTRA | {32: picture}))


@pytest.mark.parametrize("content", [f"BT 3 Tr ET {SEEN} {SECRET} {PAGE}", f"{SEEN} {SECRET} {PAGE}"])
def test_text_that_a_program_recognized_on_a_picture_of_the_page_is_read_with_a_gap(content):
    # as OCR programs write it: text is not painted or behind the image, which shows it
    found = read_scan(content)
    assert (" ".join(found.blocks), found.hidden, found.status) == ("Canada: 0 Canada: +1", [], "recognized")
    ((part, kind, reason),) = found.gaps
    assert (part, kind) == ("scanned pages", "recognized")
    assert reason.startswith("a program recognized the text of 1 scanned page (OCR), perhaps wrongly. Items may be")


UNPAINTED = f"BT 3 Tr ET {SECRET}"


@pytest.mark.parametrize(("content", "picture"), [
    (f"{SEEN} {UNPAINTED}", LINES),
    (f"q 300 0 0 792 0 0 cm /Black Do Q {UNPAINTED}", LINES),
    (f"q 612 0 0 480 0 0 cm /Black Do Q {UNPAINTED}", LINES),
    (f"{PAGE} {UNPAINTED}", EXTRA[32]),
    (f"{PAGE} {SEEN} {UNPAINTED}", LINES),
], ids=["no picture", "picture of half the page", "beside the picture", "empty picture",
    "text in front of a picture"])  # fmt: skip
def test_text_that_is_not_painted_stays_hidden_where_no_picture_may_show_it(content, picture):
    found = read_scan(content, picture)
    assert found.hidden == [("Canada: +1", "not painted")]
    assert found.status != "recognized"


def test_text_in_the_color_of_its_background_stays_hidden_on_a_scan():
    white = stream(b"\xff", PICTURE)
    assert read_scan(f"{PAGE} 1 g {SECRET}", white).hidden == [("Canada: +1", WHITE)]


# Word

WHITE_INK, FILL = '<w:color w:val="FFFFFF"/>', '<w:shd w:val="clear" w:color="auto" w:fill="1F3864"/>'
NAVY, RED, TEXT = '<w:color w:val="1F3864"/>', '<w:color w:val="C00000"/>', "Secret."
VANISH, UNDONE, BY_WORD = "<w:vanish/>", '<w:vanish w:val="0"/>', "hidden by Word"


def style(name: str, run: str, *, kind: str = "character", more: str = "") -> str:
    return f'<w:style w:type="{kind}" w:styleId="{name}">{more}<w:rPr>{run}</w:rPr></w:style>'


def hidden_in(body: str, **parts: str) -> list[tuple[str, str]]:
    return read(word(p(r("Seen.")) + body, **parts)).hidden


RUNS = {
    "vanish": (VANISH, BY_WORD),
    "white": (WHITE_INK, "white text"),
    "nearly white": ('<w:color w:val="fefefe" w:themeColor="background1"/>', "white text"),
    "tiny": ('<w:sz w:val="2"/>', "under 2 pt"),
    "its shade": (NAVY + FILL, SAME),
    "its highlight": ('<w:color w:val="FFFF00"/><w:highlight w:val="yellow"/>', SAME),
    "nearly its pattern": (NAVY + '<w:shd w:val="solid" w:color="203965"/>', SAME),
    "vanish off": (UNDONE, ""),
    "shaded": (WHITE_INK + FILL, ""),
    "highlighted": (WHITE_INK + '<w:highlight w:val="black"/>', ""),
    "on a pattern": (WHITE_INK + '<w:shd w:val="pct50" w:color="auto"/>', ""),
    "another color": (RED + FILL, ""),
    "automatic": ('<w:color w:val="auto"/>', ""),
    "highlight on the shade": (NAVY + FILL + '<w:highlight w:val="yellow"/>', ""),
    "2 pt": ('<w:sz w:val="4"/>', ""),
}
STYLED, OF_P = '<w:rStyle w:val="V"/>', '<w:pStyle w:val="P"/>'
BASED_ON = '<w:basedOn w:val="{}"/>'
BODIES = {name: (p(r("x "), r(TEXT, properties)), "", why) for name, (properties, why) in RUNS.items()} | {
    "of characters": (p(r(TEXT, STYLED)), style("B", VANISH) + style("V", "", more=BASED_ON.format("B")), BY_WORD),
    "of paragraphs": (p(r(TEXT), properties=OF_P), style("P", VANISH, kind="paragraph"), BY_WORD),
    "in a circle": (p(r(TEXT, STYLED)), style("V", "", more=BASED_ON.format("W"))
                    + style("W", WHITE_INK, more=BASED_ON.format("V")), "white text"),
    "paragraph": (p(r(TEXT, NAVY), properties=FILL), "", SAME),
    "paragraph style": (p(r(TEXT, NAVY), properties=OF_P),
                        style("P", "", kind="paragraph", more=f"<w:pPr>{FILL}</w:pPr>"), SAME),
    "cell": (table(cell(p(r(TEXT, NAVY)), properties=FILL) + cell("b")), "", SAME),
    "undone": (p(r(TEXT, STYLED + UNDONE)), style("V", VANISH), ""),
    "white in a cell": (table(cell(p(r(TEXT, WHITE_INK)), properties=FILL) + cell("b")), "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_what_word_does_not_show_is_hidden(name):
    body, styles, why = BODIES[name]
    assert hidden_in(body, styles=styles) == ([(TEXT, why)] if why else [])


@pytest.mark.parametrize("styles", [
    f'<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:rPr>{VANISH}</w:rPr></w:style>',
    f"<w:docDefaults><w:rPrDefault><w:rPr>{VANISH}</w:rPr></w:rPrDefault></w:docDefaults>",
], ids=["usual style", "defaults"])  # fmt: skip
def test_the_settings_of_a_document_can_hide_all_text_that_does_not_undo_them(styles):
    assert hidden_in(p(r("x"), r("Shown.", UNDONE)), styles=styles) == [("Seen.", BY_WORD), ("x", BY_WORD)]


IN_STYLE = f'<w:style w:type="table" w:styleId="T"><w:tblStylePr><w:tcPr>{FILL}</w:tcPr></w:tblStylePr></w:style>'
INKED = "<w14:textFill><w14:solidFill><w14:{}/></w14:solidFill></w14:textFill>"
ROW_OF = '<w:trHeight w:hRule="{}" w:val="20"/>'
FORMATTED = {
    "no fill": ("<w14:textFill><w14:noFill/></w14:textFill>", "", True),
    "white fill": (INKED.format('srgbClr w14:val="FFFFFF"'), "", True),
    "dark fill": (INKED.format('schemeClr w14:val="tx1"'), "", False),
    "narrow": ('<w:w w:val="1"/>', "", True),
    "a little narrower": ('<w:w w:val="95"/>', "", False),
    "hidden row": ("", "<w:hidden/>", True),
    "low row": ("", ROW_OF.format("exact"), True),
    "row that grows": ("", ROW_OF.format("atLeast"), False),
    "white in a style of tables": (WHITE_INK, "", True),
    "black in a style of tables": ('<w:color w:val="000000"/>', "", False),
}


@pytest.mark.parametrize("name", FORMATTED)
def test_text_that_rare_formatting_may_hide_is_read_with_one_gap(name):
    properties, row, may_hide = FORMATTED[name]
    spacer = table(f"<w:trPr>{ROW_OF.format('exact')}</w:trPr>" + cell(p()))
    rows = f"<w:trPr>{row}</w:trPr>" + cell(p(r(TEXT, properties))) + cell("b")
    found = read(word(spacer + table(rows, properties='<w:tblStyle w:val="T"/>'), styles=IN_STYLE))
    assert (found.blocks, found.hidden) == ([f"{TEXT}\tb"], [])
    assert [gap[:2] for gap in found.gaps] == [("layout", "unread")] * may_hide
    for _, _, reason in found.gaps:
        assert reason.startswith("some formatting is not read and may hide text or number it otherwise, such as that")
        assert reason.endswith("Convert the document to PDF to be sure: soffice --headless --convert-to pdf FILE")


@pytest.mark.parametrize(("ink", "may_hide"), [(WHITE_INK, True), (NAVY, True), (RED, False)])
def test_a_page_with_a_color_may_hide_text_in_its_color_or_in_white(ink, may_hide):
    members = parts_of(p(r("Text.", ink)))
    document = str(members["word/document.xml"])
    members["word/document.xml"] = document.replace("<w:body>", '<w:background w:color="1F3864"/><w:body>')
    found = read(zipped(members))
    assert (found.hidden, bool(found.gaps)) == ([], may_hide)


def test_hidden_text_of_cells_lists_and_notes_is_marked():
    rows = table(cell(p(r("x"), r('<w:footnoteReference w:id="1"/>'))) + cell(p(r("0", VANISH))))
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    listed = p(r("c", VANISH), properties=f'<w:numPr><w:numId w:val="1"/></w:numPr><w:rPr>{VANISH}</w:rPr>')
    note = f'<w:footnote w:id="1">{p(r("a "), r("ghost", WHITE_INK))}</w:footnote>'
    found = hidden_in(rows + listed, footnotes=note, numbering=numbering)
    assert found == [("0", BY_WORD), ("0. c", BY_WORD), ("ghost", "white text")]


# Web pages

X = "<p>Text. <i class='x z' id=y>{}</i>"


def styled(its: str) -> str:
    """A page with a styled word."""
    return f'<p>Text. <span style="{its}">{{}}</span>'


def sheet(rules: str) -> str:
    """A page with a style sheet and a word that it may hide."""
    return f"<style>{rules}</style>{X}"


HIDDEN = {
    styled("display:none"): "display:none",
    styled("visibility:hidden"): "visibility:hidden",
    styled("opacity:0"): "opacity 0",
    styled("font-size:0"): "under 2 pt",
    styled("font:0/0 a"): "under 2 pt",
    styled("color:rgb(255, 254, 250)"): "white text",
    styled("color:transparent"): "transparent text",
    styled("color:#123;background:#112233"): "same color as its background",
    styled("position:absolute;left:-9999px"): "off the page",
    styled("display:block;text-indent:100%;overflow:hidden"): "off the page",
    styled("margin: 0 0 0 -9999px"): "off the page",
    styled("position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip:rect(0,0,0,0)"): "zero size",
    "<p hidden>{}": "display:none",
    "<p>a<font color=#ffffff>{}</font>": "white text",
    "<dialog>{}</dialog>": "display:none",
    "<div style='display:none'><p style='display:block'>{}</div>": "display:none",
    sheet("body > p i.z#y{display:none}"): "display:none",
    sheet("a, .x , b{display:none}"): "display:none",
    sheet("p:has(i) .x{display:none}"): "display:none",
    sheet("@media screen and (min-width:600px){.x{display:none}}"): "display:none",
    sheet("#y.x{display:none} #y{display:inline}"): "display:none",
    "<details>{}<summary>More</summary></details>": "visibility:hidden",
    sheet("*{color:#000} .x{color:#fff}"): "white text",
}
"""Pages whose word nobody sees, and why."""
SHOWN = [
    styled("display:none;display:inline"),
    styled("color:white;background:black"),
    styled("opacity:.5;font-size:9px"),
    styled("display:block;text-indent:-36pt;margin-left:36pt"),
    styled("display:block;overflow:hidden;height:40px"),
    styled("color:#00000080;background:url(a.png) no-repeat;width:0"), "<p hidden style='display:block'>{}",
    "<p style='visibility:hidden'><b style='visibility:visible'>{}</b>",
    "<div style='font-size:0'><p style='font-size:12pt'>{}</div>",
    "<table bgcolor=#000080><tr><td><font color=white>{}</font></table>",
    "<p><font color=white style='color:inherit'>{}</font>", "<p style='color:white'><a href=x>{}</a>",
    "<p style='color:white'><mark>{}</mark>", "<style>table > tr{display:none}</style><table><tr><td>{}</table>",
    sheet(".x{display:block!important} .x{display:none}"),
    sheet("#y{display:inline} .x{display:none}"),
    sheet("@media print{.x{display:none}} @media (max-width:600px){.x{display:none}}"),
    sheet("div .x{display:none} .x:hover{display:none} .x::before{display:none} p:not(p) *{opacity:0}"),
    sheet(":where(#y.x){display:none} i{display:inline}"),
    "<noscript><style>i{display:none}</style></noscript><p>Text. <i>{}</i>", "<details><summary>{}</summary></details>",
    "<style media=print>p{display:none}</style><p>{}",
    "<style>i{display:none}</style><p>Text. <i style='display:inline'>{}</i>",
]  # fmt: skip
"""Pages whose word is seen."""
WORD = "Unseenword"


def written(page: str, word: str = WORD) -> str:
    return f"<!DOCTYPE html><html><body>{page.replace('{}', word)}<p>Seen."


@pytest.mark.parametrize(("page", "why"), [*HIDDEN.items(), ("<p aria-hidden=true>{}", "aria-hidden")])
def test_text_that_a_page_does_not_show_is_hidden(page, why):
    found = read(written(page).encode())
    assert (found.hidden, found.gaps) == ([(WORD, why)], [])


@pytest.mark.parametrize("page", SHOWN)
def test_text_that_a_page_shows_is_text(page):
    found = read(written(page).encode())
    assert (found.hidden, found.gaps) == ([], [])
    assert WORD in " ".join(found.blocks)


@pytest.mark.nightly
@pytest.mark.browser
def test_chromium_says_the_same(browser):
    """Each page is a frame of one picture; a word that is seen looks otherwise when its letters are turned round."""
    frame = 90  # pixels
    page = browser.new_page(viewport={"width": 1300, "height": 800})
    pictures = []
    for its in (WORD, WORD[::-1]):  # as wide
        frames = (
            f'<iframe width=1280 height={frame} scrolling=no srcdoc="{escape(written(each, its))}"></iframe>'
            for each in [*HIDDEN, *SHOWN]
        )
        page.set_content(
            f"<!DOCTYPE html><style>body{{margin:0}}iframe{{display:block;border:0}}</style>{''.join(frames)}"
        )
        pictures.append(Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB"))
    page.close()
    changed = ImageChops.difference(*pictures).convert("L").point(lambda gray: 255 * (gray > 16))
    boxes = [(0, at * frame, 1280, (at + 1) * frame) for at in range(len(HIDDEN) + len(SHOWN))]
    assert [changed.crop(box).getbbox() is not None for box in boxes] == [False] * len(HIDDEN) + [True] * len(SHOWN)


@pytest.mark.parametrize(("page", "seen"), [
    ("Seen<i hidden>un</i>seen", "Seenseen"),
    ("Seen <i hidden>un</i> text", "Seen text"),
    ("Seen<i hidden> un </i> text", "Seen text"),
    ("Seen text<br hidden>", "Seen text"),
])  # fmt: skip
def test_what_is_seen_reads_as_if_nothing_were_hidden(page, seen):
    found = read(f"<p>{page}</p>".encode())
    text = found.blocks[0]
    for words, _ in found.hidden:
        text = text.replace(words, "")
    assert text.strip() == seen


MAY_HIDE = [
    *(sheet(rules) for rules in (
        "..x{display:none}", "p{.x{display:none}}", ".x::first-line{opacity:0}", "@media (odd:1){.x{display:none}}",
        "@supports (odd:1){.x{opacity:0}}", "@scope (p){i{display:none}}", "@import 'a.css';",
        "@layer a{i{display:none!important}} .x{display:inline!important}",
        ":root{--d:none} .x{display:var(--d)}", ".x{display:none} .x:foo{display:inline}",
        ".x{display:none} @media (odd:1){.x{display:inline}}", ".x{display:none;display:odd}",
    )),
    *map(styled, (
        "color:var(--x)", "font-size:calc(1px - 1px)", "opacity:0%", "color:oklch(1 0 0)", "left:-99cqw",
        "position:absolute;clip:rect(0,0,0,0)", "filter:invert(1)", "display:block;scale:0", "all:unset",
        "transform:scale(0)", "mask:linear-gradient(transparent,transparent)", "background:var(--a)",
        "color:transparent;background:linear-gradient(red,red);background-clip:text", "opacity:0;animation:a 1s",
    )),
    "<style media='(odd:1)'>p{display:none}</style><p>{}", "<link rel=stylesheet href=a.css><p>{}",
]  # fmt: skip
"""Pages with rules that g7tag does not read, which may hide or show the word."""
USUAL = [
    "@font-face{font-family:A;src:url(a.woff)} @page{margin:0} @keyframes a{to{opacity:0}} @charset 'a';",
    "a:hover,a:focus-visible{color:white} .q{transform:scale(0)} @supports (a:b){.q{opacity:0}}",
    "i:foo{border:0;padding:var(--x);line-height:calc(1px)} .x{filter:none;animation:none;width:calc(1px)}",
    "@media print{.x{display:none}} @media (max-width:600px){.x{opacity:0}} @media (odd:1){.x{padding:0}}",
    "p,i{font:inherit;background:inherit;margin:0 auto} i{font-size:100%;color:unset;background-color:inherit}",
    ".x::before{opacity:0} ::selection{color:white} .x::-webkit-scrollbar{display:none} .x{color:windowtext}",
]
"""Rules of usual style sheets, which hide no text."""


@pytest.mark.parametrize("page", MAY_HIDE)
def test_what_may_hide_text_and_is_not_read_is_one_gap(page):
    found = read(written(page).encode())
    reason = (
        "The page's style sheet has rules that g7tag does not read, or is another file, so text that it hides may be "
        "read as visible. Print the page to PDF (chromium --headless --print-to-pdf=report.pdf page.html) to be sure."
    )
    kind = "assumed" if "href=a.css" in page or "@import" in page else "unread"
    assert found.gaps == [("styles", kind, reason)]
    assert WORD in " ".join(found.blocks)


@pytest.mark.parametrize("rules", USUAL)
def test_rules_that_hide_no_text_give_no_gap(rules):
    found = read(written(sheet(rules)).encode())
    assert (found.hidden, found.gaps) == ([], [])


def test_the_case_of_classes_counts_in_a_page_with_a_doctype_alone():
    page = "<html><style>.NO, #B{display:none}</style><p>Seen.<i class=No>a</i><i id=b>b</i>"
    assert read(page.encode()).hidden == [("ab", "display:none")]
    assert read(f"<!DOCTYPE html>{page}".encode()).hidden == []
