"""Text that a page of a PDF does not show, in ways that rules about its operators would miss."""

import json

import pytest
from raw_pdf import HELVETICA, stream, text_at, write_pages

from g7tag.sources import read_documents

pytestmark = pytest.mark.slow

SEEN = text_at("Canada: 0", y=700)
SECRET = text_at("Canada: +1", y=500)
BY_COLOUR = ("white on white", "in the colour of its ground")
COVERED = ("covered or cut away",)
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
    40: "<< /Type /OCG /Name (Off) >>", 41: "<< /Type /OCG /Name (Off too) >>",
    42: "<< /Type /OCMD /OCGs [40 0 R 41 0 R] /P /AllOff >>", 43: "<< /Type /OCG /Name (On) >>",
    44: "<< /Type /OCMD /OCGs [43 0 R] /P /AllOff >>",
}  # fmt: skip
RESOURCES = """/ColorSpace << /Table [/Indexed /DeviceRGB 1 <FFFFFF000000>] /Lab [/Lab << /WhitePoint [0.95 1 1.09] >>]
    /Tint [/Separation /Spot /DeviceRGB 20 0 R] >> /Pattern << /White 30 0 R /Shade 21 0 R >> /Shading << /Sh 22 0 R >>
    /ExtGState << /Masked << /SMask << /Type /Mask /S /Luminosity /G 24 0 R >> >> >>
    /XObject << /WhiteOne 25 0 R /GreyOne 26 0 R /Layered 27 0 R >> /Properties << /AllOff 44 0 R /Off 40 0 R >>"""
LAYERS = "/OCProperties << /OCGs [40 0 R 41 0 R 43 0 R] /D << /OFF [40 0 R 41 0 R] >> >>"
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
        (f"/OC /AllOff BDC {SECRET} EMC", ("in a layer that is switched off",), PAGE),
        (f"{SECRET} {OVER.format('GreyOne')}", COVERED, PAGE),
        (f"{OVER.format('WhiteOne')} 1 g {SECRET}", BY_COLOUR, PAGE),
        (f"{OVER.format('GreyOne')} 0.25 g {SECRET}", BY_COLOUR, PAGE),
        (f"0 g {SECRET} 0 g 60 480 300 60 re f", COVERED, PAGE),
        (f"{SECRET} 1 g 60 480 300 60 re f 0 g {text_at('Japan: 0', y=500)}", COVERED, PAGE),
        (f"1 g {SECRET} 0 g {text_at('Japan: no action', y=500)}", BY_COLOUR + COVERED, PAGE),
    ],
    ids=[
        "squeezed", "clip by even and odd", "clipped to letters", "soft mask", "palette", "Lab", "tint",
        "white pattern", "white shading", "covered by a shading", "covered by a thick line", "covered by strips",
        "covered by an annotation", "layer of a policy", "covered by a picture", "white on a white picture",
        "grey on a grey picture", "black below black", "below other text", "white below other text",
    ],
)  # fmt: skip
def test_text_that_the_page_does_not_show_is_hidden(tmp_path, content, reasons, page):
    path = tmp_path / "a.pdf"
    path.write_bytes(write_pages(f"{SEEN} {content}", resources=RESOURCES, extra=EXTRA, page=page, catalogue=LAYERS))
    row = read_documents([path]).documents.iloc[0]
    hidden = {row["text"][start:end]: why for start, end, why in json.loads(row["hidden"])}
    assert hidden["Canada: +1"] in reasons


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
        f"{SECRET}{text_at('Canada: +1', x=72.3, y=500)}",
    ],
    ids=[
        "within a clip", "grey", "pale", "white on a dark picture", "overlapping another line", "struck out", "small",
        "narrow", "black of a palette", "set twice to look bold",
    ],
)  # fmt: skip
def test_text_that_the_page_shows_is_not_hidden(tmp_path, content):
    path = tmp_path / "a.pdf"
    path.write_bytes(write_pages(f"{SEEN} {content}", resources=RESOURCES, extra=EXTRA))
    row = read_documents([path]).documents.iloc[0]
    assert json.loads(row["hidden"]) == []
    assert "Canada: +1" in row["text"]
