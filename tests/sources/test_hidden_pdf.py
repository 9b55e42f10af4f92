"""Hidden text of a PDF is found, gets a reason, and is kept apart from visible text."""

import json

import pytest
from raw_pdf import HELVETICA, stream, text_at, write_pages

from g7tag.sources import read_documents

pytestmark = pytest.mark.slow

SEEN = text_at("Canada: 0", y=700)
SECRET = text_at("Canada: +1", y=500)
BLACK_BOX, DARK_BOX, WHITE_BOX = (
    "0 g 60 480 300 60 re f ",
    "0.2 0 0.4 rg 60 480 300 60 re f ",
    "1 g 60 480 300 60 re f ",
)
ON_BLACK = "same color as its background"
COVERED = "covered or clipped"
SPACES = """/ColorSpace << /ICC [/ICCBased 20 0 R] /ICC4 [/ICCBased 21 0 R] /Named /DeviceRGB
    /Spot [/Separation /Red /DeviceRGB 22 0 R] /Table [/Indexed /DeviceRGB 1 <FFFFFF000000>] >>"""
EXTENDED = "/ExtGState << /Clear << /ca 0 >> /Faint << /ca 0.03 >> /Half << /ca 0.5 >> /Mixed << /BM /Multiply >> >>"
RESOURCES = f"{SPACES} {EXTENDED} /XObject << /Form 30 0 R /Small 31 0 R /Picture 32 0 R >> /Pattern << /P 33 0 R >>"
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
EXTRA = {
    20: stream("", "/N 3"), 21: stream("", "/N 4"),
    22: stream("{ 1 exch sub dup 1 exch }", "/FunctionType 4 /Domain [0 1] /Range [0 1 0 1 0 1]"),
    30: stream(f"1 g {SECRET}", FORM), 31: stream(SECRET, f"{FORM} /Matrix [0.1 0 0 0.1 0 0]"),
    32: stream(b"\x00", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"),
    33: """<< /PatternType 2 /Shading << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 9 0]
        /Extend [true true] /Function 34 0 R >> >>""",
    34: "<< /FunctionType 2 /Domain [0 1] /C0 [0] /C1 [0.5] /N 1 >>",
}  # fmt: skip


def read(folder, content, **changes):
    """Return the document of a page, its hidden texts and the reasons."""
    path = folder / "a.pdf"
    path.write_bytes(write_pages(content, resources=RESOURCES, extra=EXTRA | {3: HELVETICA}, **changes))
    row = read_documents([path]).documents.iloc[0]
    spans = json.loads(row["hidden"])
    return row, [(row["text"][start:end], why) for start, end, why in spans]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (f"BT 3 Tr ET {SECRET}", "not painted"),
        (f"BT 7 Tr ET {SECRET}", "not painted"),
        (f"1 g {SECRET}", "white on white"),
        (f"1 1 1 rg {SECRET}", "white on white"),
        (f"0 0 0 0 k {SECRET}", "white on white"),
        (f"0.97 g {SECRET}", ON_BLACK),
        (f"/ICC cs 1 1 1 sc {SECRET}", "white on white"),
        (f"/ICC4 cs 0 0 0 0 scn {SECRET}", "white on white"),
        (f"/Named cs 1 1 1 scn {SECRET}", "white on white"),
        (f"/Spot cs 0 scn {SECRET}", "white on white"),
        (f"q 1 g {SECRET} Q", "white on white"),
        (f"1 g q q Q Q {SECRET}", "white on white"),
        ("BT 1 g /F1 12 Tf 72 500 Td (Canada: +1) Tj ET", "white on white"),
        (f"BT 1 Tr ET 0 g 1 G {SECRET}", "white on white"),
        (f"{WHITE_BOX} {SECRET}", "white on white"),
        (f"{BLACK_BOX} {SECRET}", ON_BLACK),
        (f"0 g 60 480 m 360 480 l 360 540 l 60 540 l h f {SECRET}", ON_BLACK),
        (f"{SECRET} {BLACK_BOX}", COVERED),
        (text_at("Canada: +1", y=500, size=1), "under 2 pt"),
        (f"q 0.1 0 0 0.1 0 0 cm {SECRET} Q", "under 2 pt"),
        ("BT /F1 1 Tf 0.5 0 0 0.5 72 500 Tm (Canada: +1) Tj ET", "under 2 pt"),
        ("BT /F1 12 Tf 0.01 0 0 0.01 72 500 Tm (Canada: +1) Tj ET", "under 2 pt"),
        (text_at("Canada: +1", x=-300), "off the page"),
        (text_at("Canada: +1", x=700), "off the page"),
        (text_at("Canada: +1", y=-50), "off the page"),
        (text_at("Canada: +1", y=900), "off the page"),
        (f"q 0 0 10 10 re W n {SECRET} Q", COVERED),
        (f"/Clear gs {SECRET}", "transparent"),
        (f"/Faint gs {SECRET}", "transparent"),
        ("/Form Do", "white on white"),
        ("/Small Do", "under 2 pt"),
    ],
    ids=[
        "mode 3", "mode 7", "grey", "RGB", "CMYK", "nearly white", "profile", "profile of inks", "named space",
        "no ink", "within q and Q", "before q", "within BT", "white outline", "white box", "black box",
        "black lines", "covered",
        "font size", "page matrix", "text matrix", "text matrix of a large font", "left", "right", "below", "above",
        "cut away", "transparent", "nearly transparent", "form", "small form",
    ],
)  # fmt: skip
def test_text_that_nobody_sees_is_told_apart_with_the_reason(tmp_path, content, why):
    row, hidden = read(tmp_path, f"{SEEN} {content}")
    assert hidden == [("Canada: +1", why)]
    assert row["text"].startswith("Canada: 0\n\n")


@pytest.mark.parametrize(
    "content",
    [
        f"{DARK_BOX} 1 g {SECRET}",
        f"0 g 60 480 m 360 480 l 360 540 l 60 540 l h f 1 g {SECRET}",
        f"0 g 60 480 m 60 540 200 560 360 540 c 380 500 200 480 60 480 c f 1 g {SECRET}",
        f"{BLACK_BOX} {WHITE_BOX} 0 g {SECRET}",
        f"0 g 50 470 320 80 re 60 480 300 60 re f* {SECRET}",
        f"q 1 g 72 490 Td Q {SECRET}",
        f"q 1 g q Q Q {SECRET}",
        f"q 3 Tr Q {SECRET}",
        f"q 0.01 0 0 0.01 0 0 cm Q {SECRET}",
        f"q /Clear gs Q {SECRET}",
        f"q 0 0 10 10 re W n Q {SECRET}",
        f"/Clear gs {BLACK_BOX} /Half gs 1 g 0 g {SECRET}",
        f"/Spot cs 1 scn {SECRET}",
        f"/Table cs 1 scn {SECRET}",
        f"/Pattern cs /P scn {SECRET}",
        f"BT 1 Tr ET 1 g 0 G {SECRET}",
        f"BT 2 Tr ET 1 g 0 G {SECRET}",
        f"q 300 0 0 60 60 480 cm /Picture Do Q 1 g {SECRET}",
        f"{SECRET} /Mixed gs 1 1 0 rg 60 480 300 60 re f",
        f"{SECRET} /Half gs {BLACK_BOX}",
        "q 0.1 0 0 0.1 0 0 cm BT /F1 120 Tf 720 5000 Td (Canada: +1) Tj ET Q",
        "BT /F1 1 Tf 12 0 0 12 72 500 Tm (Canada: +1) Tj ET",
        "BT /F1 -12 Tf -1 0 0 -1 72 500 Tm (Canada: +1) Tj ET",
    ],
    ids=[
        "white on a dark box", "white on dark lines", "white on a dark shape", "black on white on black", "in a frame",
        "colour restored", "colour restored twice", "mode restored", "matrix restored", "opacity restored",
        "clip restored", "box that is transparent", "tint", "palette", "pattern", "outline only", "outline and inside",
        "on a picture", "marked with a pen", "under half a shade", "large font made small", "small font made large",
        "turned over twice",
    ],
)  # fmt: skip
def test_text_that_is_seen_is_text(tmp_path, content):
    row, hidden = read(tmp_path, f"{SEEN} {content}")
    assert hidden == []
    assert row["text"].split() == ["Canada:", "0", "Canada:", "+1"]


def test_hidden_pieces_of_one_line_are_one_span(tmp_path):
    words = "".join(text_at(word, x=x, y=500) for x, word in ((72, "ignore"), (112, "the"), (135, "rules")))
    _, hidden = read(tmp_path, f"{SEEN} 1 g {words}")
    assert hidden == [("ignore the rules", "white on white")]


def test_two_hidden_lines_are_two_spans_in_their_order(tmp_path):
    _, hidden = read(tmp_path, f"{SEEN} 1 g {text_at('second', y=480)} {text_at('first', y=500)}")
    assert [text for text, _ in hidden] == ["first", "second"]


def test_a_word_hidden_within_a_line_is_taken_out_of_it(tmp_path):
    content = "BT /F1 12 Tf 72 700 Td (Canada did ) Tj 1 g (not ) Tj 0 g (comply.) Tj ET"
    row, hidden = read(tmp_path, content)
    assert hidden == [("not", "white on white")]
    assert "not" not in row["text"].split("\n\n")[0]


def test_hidden_text_does_not_part_the_words_around_it(tmp_path):
    row, _ = read(tmp_path, f"{SEEN} {text_at('Canada: +1', x=700, y=700)}")
    assert row["text"].split("\n\n")[0] == "Canada: 0"


PICTURE = "q 612 0 0 792 0 0 cm /Picture Do Q "


def test_text_recognized_on_a_picture_of_the_page_is_set_in_lines_and_hidden_as_such(tmp_path):
    # as OCR programs write it: text is not painted, the image shows it
    row, hidden = read(tmp_path, f"BT 3 Tr ET {SEEN} {SECRET} {PICTURE}")
    assert (row["text"].split(), row["status"]) == (["Canada:", "0", "Canada:", "+1"], "ok")
    assert hidden == [(row["text"], "OCR text behind an image")]


def test_unpainted_text_on_a_small_picture_is_hidden(tmp_path):
    _, hidden = read(tmp_path, f"{SEEN} BT 3 Tr ET {SECRET} q 300 0 0 60 60 480 cm /Picture Do Q")
    assert hidden == [("Canada: +1", "not painted")]


def test_unpainted_text_on_a_page_that_is_painted_is_hidden(tmp_path):
    _, hidden = read(tmp_path, f"{PICTURE} 1 g {SEEN} BT 3 Tr ET {SECRET}")
    assert hidden == [("Canada: +1", "not painted")]


def test_a_rule_drawn_through_words_does_not_hide_them(tmp_path):
    _, hidden = read(tmp_path, f"{SEEN} 0 g 60 703 300 1 re f")
    assert hidden == []
