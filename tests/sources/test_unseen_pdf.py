"""Hidden text of a PDF page that rules about its operators would miss."""

import json
from io import BytesIO

import pytest
from raw_pdf import HELVETICA, stream, text_at, write_pages
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from g7tag.sources import read_documents

pytestmark = pytest.mark.slow

SEEN = text_at("Canada: 0", y=700)
SECRET = text_at("Canada: +1", y=500)
BY_COLOUR = ("white on white", "same color as its background")
COVERED = ("covered or clipped",)
PICTURE = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
EXTRA = {
    3: HELVETICA,
    20: stream("{ pop 1 1 1 }", "/FunctionType 4 /Domain [0 1] /Range [0 1 0 1 0 1]"),
    21: "<< /PatternType 2 /Shading 22 0 R >>",
    22: "<< /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 612 0] /Extend [true true] /Function 23 0 R >>",
    23: "<< /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [1] /N 1 >>",
    24: stream("", f"{FORM} /Group << /S /Transparency /CS /DeviceGray >>"),
    25: stream(b"\xff", PICTURE), 26: stream(b"\x40", PICTURE),
    27: stream(SECRET, f"{FORM} /OC 40 0 R"),
    28: stream("1 g 0 0 300 60 re f", "/Type /XObject /Subtype /Form /BBox [0 0 300 60]"),
    29: "<< /Type /Annot /Subtype /Stamp /Rect [60 480 360 540] /F 4 /AP << /N 28 0 R >> >>",
    30: stream(
        "1 g 0 0 9 9 re f",
        "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << >>",
    ),
    31: """<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [60 480 360 540] /F 4 /AP << /N 28 0 R >> >>""",
    40: "<< /Type /OCG /Name (Off) >>", 41: "<< /Type /OCG /Name (Off too) >>",
    42: "<< /Type /OCMD /OCGs [40 0 R 41 0 R] /P /AllOff >>", 43: "<< /Type /OCG /Name (On) >>",
    44: "<< /Type /OCMD /OCGs [43 0 R] /P /AllOff >>",
}  # fmt: skip
RESOURCES = """/ColorSpace << /Table [/Indexed /DeviceRGB 1 <FFFFFF000000>] /Lab [/Lab << /WhitePoint [0.95 1 1.09] >>]
    /Tint [/Separation /Spot /DeviceRGB 20 0 R] >> /Pattern << /White 30 0 R /Shade 21 0 R >> /Shading << /Sh 22 0 R >>
    /ExtGState << /Masked << /SMask << /Type /Mask /S /Luminosity /G 24 0 R >> >> >>
    /XObject << /WhiteOne 25 0 R /GreyOne 26 0 R /Layered 27 0 R >> /Properties << /AllOff 44 0 R /Off 40 0 R >>"""
LAYERS = (
    "/AcroForm << /Fields [31 0 R] >> /OCProperties << /OCGs [40 0 R 41 0 R 43 0 R] /D << /OFF [40 0 R 41 0 R] >> >>"
)
PAGE = "/MediaBox [0 0 612 792]"
OVER = "q 300 0 0 60 60 480 cm /{} Do Q"
STRIPS = "".join(f"60 {480 + 3 * row} 300 3 re f " for row in range(20))


@pytest.mark.parametrize(
    ("content", "reasons", "page"),
    [
        ("BT /F1 12 Tf 4 Tz 72 500 Td (Canada: +1) Tj ET", ("under 2 pt",), PAGE),
        (f"q 0 0 612 792 re 10 10 592 772 re W* n {SECRET} Q", COVERED, PAGE),
        (f"q BT 7 Tr /F1 12 Tf 300 300 Td (x) Tj ET BT 0 Tr ET {SECRET} Q", COVERED, PAGE),
        (f"q /Masked gs {SECRET} Q", COVERED, PAGE),
        (f"/Table cs 0 scn {SECRET}", BY_COLOUR, PAGE),
        (f"/Lab cs 100 0 0 scn {SECRET}", BY_COLOUR, PAGE),
        (f"/Tint cs 1 scn {SECRET}", BY_COLOUR, PAGE),
        (f"/Pattern cs /White scn {SECRET}", BY_COLOUR, PAGE),
        (f"/Pattern cs /Shade scn {SECRET}", BY_COLOUR, PAGE),
        (f"{SECRET} q 60 480 300 60 re W n /Sh sh Q", COVERED, PAGE),
        (f"{SECRET} q 1 G 60 w 60 505 m 360 505 l S Q", COVERED, PAGE),
        (f"{SECRET} q 1 g {STRIPS} Q", COVERED, PAGE),
        (SECRET, COVERED, f"{PAGE} /Annots [29 0 R]"),
        (f"/OC /AllOff BDC {SECRET} EMC", ("in a hidden layer",), PAGE),
        (f"{SECRET} {OVER.format('GreyOne')}", COVERED, PAGE),
        (f"{OVER.format('WhiteOne')} 1 g {SECRET}", BY_COLOUR, PAGE),
        (f"{OVER.format('GreyOne')} 0.25 g {SECRET}", BY_COLOUR, PAGE),
        (f"0 g {SECRET} 0 g 60 480 300 60 re f", COVERED, PAGE),
        (f"{SECRET} 1 g 60 480 300 60 re f 0 g {text_at('Japan: 0', y=500)}", COVERED, PAGE),
        (f"1 g {SECRET} 0 g {text_at('Japan: no action', y=500)}", BY_COLOUR + COVERED, PAGE),
        (f"{text_at('Japan: no action was taken', y=500)} 1 g {text_at('Canada: +1', x=80, y=503)}", BY_COLOUR, PAGE),
        (f"0 G 1 w 60 504 m 300 504 l S 1 g {SECRET}", BY_COLOUR, PAGE),
        (f"BT 0.9 g 0.9 G 2 Tr 360 w /F1 12 Tf 250 450 Td (.) Tj ET BT 0 Tr ET 0.9 g {SECRET}", BY_COLOUR, PAGE),
        ("BT /F1 12 Tf 1 0 1 0.03 72 500 Tm (Canada: +1) Tj ET", ("under 2 pt",), PAGE),
        (f"q 0 501 612 0.4 re W n {SECRET} Q", COVERED, PAGE),
        (f"1 1 0.93 rg {SECRET}", BY_COLOUR, PAGE),
        (f"0 g 60 480 300 60 re f 0 0 0.07 rg {SECRET}", BY_COLOUR, PAGE),
        (SECRET, COVERED, f"{PAGE} /Annots [31 0 R]"),
    ],
    ids=[
        "squeezed", "clip by even and odd", "clipped to letters", "soft mask", "palette", "Lab", "tint",
        "white pattern", "white shading", "covered by a shading", "covered by a thick line", "covered by strips",
        "covered by an annotation", "layer of a policy", "covered by a picture", "white on a white picture",
        "grey on a grey picture", "black below black", "below other text", "white below other text",
        "white on other text", "white on a rule", "on a thick outline", "sheared flat", "cut to a hairline",
        "pale yellow",
        "dark blue on black", "covered by a form field",
    ],
)  # fmt: skip
def test_text_that_the_page_does_not_show_is_hidden(tmp_path, content, reasons, page):
    path = tmp_path / "a.pdf"
    path.write_bytes(write_pages(f"{SEEN} {content}", resources=RESOURCES, extra=EXTRA, page=page, catalogue=LAYERS))
    row = read_documents([path]).documents.iloc[0]
    hidden = {row["text"][start:end]: why for start, end, why in json.loads(row["hidden"])}
    assert hidden["Canada: +1"] in reasons


def test_a_page_of_miles_with_a_stray_word_is_read(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(
        write_pages(SEEN + SECRET + text_at("far", x=90_000, y=90_000), page="/MediaBox [0 0 99999 99999]")
    )
    row = read_documents([path]).documents.iloc[0]
    assert (row["text"].split(), row["hidden"]) == (["far", "Canada:", "0", "Canada:", "+1"], "[]")


def test_text_in_a_font_that_is_not_in_the_file_and_cannot_be_drawn_is_told(tmp_path):
    file = BytesIO()
    registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    canvas = Canvas(file, pagesize=(612, 792), invariant=True)
    canvas.setFont("HeiseiMin-W3", 12)
    canvas.drawString(72, 700, "日本は約束を守った Japan: 0")
    canvas.save()
    path = tmp_path / "a.pdf"
    path.write_bytes(file.getvalue())
    found = read_documents([path])
    row = found.documents.iloc[0]
    assert row["status"] == "partial"
    assert "in a font that is not embedded" in found.gaps.iloc[0]["reason"]
    assert row["text"].startswith("Japan: 0")


def test_letters_beyond_the_basic_plane_are_whole(tmp_path):
    named = "1 beginbfchar\n<78> <D835DC00>\nendbfchar\n"
    font = HELVETICA.replace(">>", "/ToUnicode 21 0 R >>")
    path = tmp_path / "a.pdf"
    path.write_bytes(write_pages(text_at("x Canada x"), extra={3: font, 21: stream(named)}))
    assert read_documents([path]).documents.iloc[0]["text"] == "\U0001d400 Canada \U0001d400"


@pytest.mark.parametrize(("gap", "words"), [(130, "with 0.5 gaps"), (60, "with0.5gaps")])
def test_a_gap_within_a_text_object_parts_words(tmp_path, gap, words):
    path = tmp_path / "a.pdf"
    path.write_bytes(write_pages(f"BT /F1 12 Tf 72 700 Td [(with) -{gap} (0.5) -{gap} (gaps)] TJ ET"))
    assert read_documents([path]).documents.iloc[0]["text"] == words


def test_text_without_width_is_no_text(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(write_pages(f"{SEEN} BT /F1 12 Tf 0 Tz 72 500 Td (Canada: +1) Tj ET"))
    assert read_documents([path]).documents.iloc[0]["text"] == "Canada: 0"


@pytest.mark.parametrize(
    "content",
    [
        f"q 60 480 300 60 re W n {SECRET} Q", f"q 0.4 g {SECRET} Q", f"q 0.9 g {SECRET} Q",
        f"{OVER.format('GreyOne')} 1 g {SECRET}", f"{SECRET} {text_at('Japan: no action', y=492)}",
        f"{SECRET} 0 G 0.5 w 60 504 m 360 504 l S", text_at("Canada: +1", y=500, size=3),
        "BT /F1 12 Tf 60 Tz 72 500 Td (Canada: +1) Tj ET", f"/Table cs 1 scn {SECRET}",
        f"{SECRET}{text_at('Canada: +1', x=72.3, y=500)}", f"1 g {SECRET} 0 g {SECRET}", SECRET * 7,
        f"q 1 G 3 w 1 Tr {SECRET} Q {SECRET}", f"{SECRET} 1 g 60 480 300 60 re f 0 g {SECRET}",
        f"BT 2 Tr 1 G 0.3 w ET {SECRET}", f"/Span << /ActualText (Japan: +1) >> BDC {SECRET} EMC",
        f"0.9 g BT /F1 90 Tf 0.7 0.7 -0.7 0.7 60 430 Tm (DRAFT) Tj ET 0 g {SECRET}",
    ],
    ids=[
        "within a clip", "grey", "pale", "white on a dark picture", "overlapping another line", "struck out", "small",
        "narrow", "black of a palette", "set twice to look bold", "white, then black", "set seven times",
        "with a halo", "covered and set again", "with a white outline", "said to stand for another", "on a watermark",
    ],
)  # fmt: skip
def test_text_that_the_page_shows_is_not_hidden(tmp_path, content):
    path = tmp_path / "a.pdf"
    path.write_bytes(write_pages(f"{SEEN} {content}", resources=RESOURCES, extra=EXTRA))
    row = read_documents([path]).documents.iloc[0]
    assert json.loads(row["hidden"]) == []
    assert "Canada: +1" in row["text"]
