"""Files that are not PDFs, broken PDFs and malicious PDFs are refused, or read without their bad pages."""

import re
import sys
import time
import zlib
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from raw_pdf import HELVETICA, flate, stream, text_at, write_pages, write_tree

from g7tag.errors import SourceError
from g7tag.sources import read_documents

pytestmark = pytest.mark.slow

CANADA = text_at("Canada: 0")
GOOD = write_pages(CANADA, text_at("France: 0"), text_at("Japan: 0"))
PAGE = """<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 1001 0 R
    /Resources << /Font << /F1 3 0 R >> >> >>"""
PICTURE = {20: stream(b"\x00", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8")}
SHOWN_PICTURE = "q 612 0 0 792 0 0 cm /X Do Q"
DRAWN = {"resources": "/XObject << /X 20 0 R >>"}
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792]"
AGAIN = r"\. Expected a complete PDF; get the file again, or open it in a viewer and print it to a new PDF"
SCAN = r"is a scan: its pages \(2\) contain images but no text\. Add --ocr to recognize it \(with OCRmyPDF"
TOO_MANY = r"has 200,000 pages\. Expected at most 5,000; if it is a report, set --max-pages 200000"
NESTED = (  # the recursion limit depends on the Python version
    "a part is damaged; text may be missing (PdfReadError('Error rea"
    if sys.version_info < (3, 12)
    else "is damaged (PdfStreamError: Stream has ended unexpectedly)"
)
SECONDS = 12  # usually one to five on an idle machine


def read(folder, content):
    """The document and its gaps, in time."""
    path = folder / "a.pdf"
    path.write_bytes(content)
    began = time.monotonic()
    try:
        found = read_documents([path])
    finally:
        assert time.monotonic() - began < SECONDS
    gaps = found.gaps[["part", "kind", "reason"]].to_numpy().tolist()
    return found.documents.iloc[0], gaps


def encrypted(user, owner):
    writer = PdfWriter(clone_from=PdfReader(BytesIO(GOOD)))
    writer.encrypt(user, owner)
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def zeros(megabytes):
    """Compress zeros to a thousandth: the same packed million, repeated."""
    packer = zlib.compressobj(9)
    million = packer.compress(b"\x00" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return million + million[2:] * (megabytes - 1) + packer.flush()  # without the two header bytes


def many_pages(count, group=10_000):
    groups = range(3_000, 3_000 + count // group)
    kids = dict.fromkeys(groups, f"<< /Type /Pages /Parent 2 0 R /Kids [{'1000 0 R ' * group}] /Count {group} >>")
    return write_tree(kids | {1000: PAGE}, kids=groups, count=count)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (encrypted("open sesame", "owner"), r"needs a password\. Expected an unprotected report; save it"),
        (b"", r"the file is empty\. Expected the text of a compliance report"),
        (b"%PDF-1.7\n", rf"is truncated: its end \(%%EOF\) is missing{AGAIN}"),
        (GOOD[:200], rf"is truncated: its end \(%%EOF\) is missing{AGAIN}"),
        (GOOD[: len(GOOD) // 2], rf"is truncated: its end \(%%EOF\) is missing{AGAIN}"),
        (GOOD[:-30], rf"is truncated: its end \(%%EOF\) is missing{AGAIN}"),
        (b"%PDF-1.7\nnothing\n%%EOF\n", rf"cannot be read as PDF: it is damaged \(PdfReadError: .*\){AGAIN}"),
        (GOOD.replace(b"/Pages", b"/Pagan"), rf"cannot be read as PDF: it is damaged \(PdfReadError: .*\){AGAIN}"),
        (write_tree({}, kids=(), count=0), rf"is a PDF without pages{AGAIN}"),
        (write_tree({}, kids=[1000]), rf"is a PDF without pages: a part is damaged; .*\(Object 1000 0.*{AGAIN}"),
        (write_tree({10: "<< /Type /Pages /Kids [10 0 R] /Count 3 >>"}, kids=[10]), r"Detected cyclic page references"),
        (write_tree({10: "<< /Type /Pages /Kids [2 0 R] /Count 3 >>"}, kids=[10]), r"Detected cyclic page references"),
        (write_pages(SHOWN_PICTURE, SHOWN_PICTURE, extra=PICTURE, **DRAWN), SCAN),
        (write_pages("", ""), r"has no text on its pages \(2\)\. Expected the text of a compliance report"),
        (many_pages(200_000), TOO_MANY),
        (write_pages("[" * 100_000), r"none of its pages \(1\) can be read \(nests objects too deeply\)"),
    ],
    ids=[
        "password", "empty", "header", "cut off early", "cut in the middle", "cut before the end", "something else",
        "no page tree", "no pages", "lost page", "page tree in itself", "page tree in a circle", "scan", "blank pages",
        "200,000 pages", "nested arrays",
    ],
)  # fmt: skip
def test_a_file_that_is_no_report_is_refused_with_the_reason(tmp_path, content, found):
    with pytest.raises(SourceError, match=rf"a\.pdf: .*{found}"):
        read(tmp_path, content)


def laughs():
    """Forms that draw ten forms each, twelve deep."""
    resources = "/Resources << /XObject << /X {} 0 R >> >>"
    forms = {number: stream("/X Do " * 10, f"{FORM} {resources.format(number + 1)}") for number in range(20, 32)}
    return forms | {32: stream(text_at("ha"), FORM)}


def composite(entries="", cid_entries=""):
    return f"""<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H {entries}
        /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 {cid_entries} >>] >>"""


MAPS = b"".join(b"1 beginbfrange\n<0000> <ffff> <0041>\nendbfrange\n" for _ in range(1_000))
TYPE_3 = """<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.1 0 0 0.1 0 0] /CharProcs << /sq 21 0 R >>
    /Encoding << /Differences [97 /sq /sr] >> /FirstChar 97 /LastChar 98 /Widths [9 9] >>"""
ROWS = (text_at(f"Row {n * n * 7919}", x=30 + n % 7 * 80, y=60 + n // 7 * 9, size=8) for n in range(500))
SPOILT = zlib.compress("".join(ROWS).encode())


@pytest.mark.parametrize(
    ("page", "extra", "why"),
    [
        (stream(zeros(2_000), "/Filter /FlateDecode"), {}, "contains more than a report can: Limit reached"),
        (flate(zeros(2_000)).replace(b"[/FlateDecode ]", b"[/FlateDecode /FlateDecode]"), {}, "contains more"),
        (flate(b"BT /F1 9 Tf " + b"(a) Tj " * 3_000_000), {}, "contains more than a report can: Reached"),
        (flate(b"BT /F1 9 Tf " + b"(a) Tj 99 2 Td " * 60_000), {}, "has more than 50,000 pieces of text"),
        (f"BT /F1 9 Tf 72 700 Td {('(' + 'a' * 30_000 + ') Tj ') * 20} ET", {}, "has more than 500,000 characters"),
        (f"BT /F1 9 Tf 72 700 Td ({'a' * 33_000}) Tj ET", {}, "draws more than 32,767 characters at once"),
        ("/X Do", laughs(), "draws more than 2,000 forms, or nests them more than 20 deep"),
        ("[" * 100_000, {}, "nests objects too deeply"),
        ("<< /a " * 5_000, {}, NESTED),
        (text_at("abab"), {3: composite()}, "2 of its 2 characters have no Unicode"),
        (text_at("abab"), {3: composite("/ToUnicode 21 0 R"), 21: flate(MAPS)}, "2 of its 2 characters have no Uni"),
        (text_at("abab"), {3: composite("", "/W [0 999999999 500]")}, "the character widths of a font are damaged"),
        (text_at("abab"), {3: TYPE_3, 21: stream("9 0 d0 0 0 9 9 re f")}, "4 of its 4 characters have no Unicode"),
        (stream(SPOILT[:-900], "/Filter /FlateDecode"), {}, "compressed content is damaged"),
        (stream(SPOILT[:900] + b"?" + SPOILT[901:], "/Filter /FlateDecode"), {}, "compressed content is damaged"),
        (stream(b"?", "/Filter /Odd"), {}, "uses an unsupported feature: Unsupported filter /Odd"),
        (stream(b"?", "/Filter /JBIG2Decode"), {}, "uses an unsupported feature: jbig2dec binary"),
        ("(never ended", {}, "is damaged (PdfStreamError: Stream has ended unexpectedly)"),
        ("9" * 5_000 + " w", {}, "contains more than a report can: Read stream length"),
        ("/X Do", {20: stream("(never ended", FORM)}, "is damaged (PdfStreamError: Stream has ended unexpectedly)"),
    ],
    ids=[
        "2 GB in 2 MB", "2 GB in 3 kB", "3 million operators", "too many pieces", "too many characters",
        "long string", "10^12 laughs", "nested arrays", "nested dictionaries", "numbers of glyphs",
        "huge map of characters", "huge widths", "drawn letters", "cut stream", "damaged stream", "unknown filter",
        "filter that runs a program", "open string", "huge number", "broken form",
    ],
)  # fmt: skip
def test_a_bad_page_among_good_ones_is_a_gap_that_says_why(tmp_path, page, extra, why):
    other = {4: HELVETICA}
    content = write_pages(
        CANADA.replace("F1", "F2"), page, text_at("Japan: 0").replace("F1", "F2"),
        extra=other | extra, fonts="/F1 3 0 R /F2 4 0 R", **DRAWN,
    )  # fmt: skip
    row, ((part, kind, reason),) = read(tmp_path, content)
    assert (row["status"], row["pages"], part, kind) == ("partial", 3, "page 2", "unread")
    assert why in reason
    assert row["text"].startswith("Canada: 0")
    assert row["text"].endswith("Japan: 0")


ATTACHED = {
    20: "<< /Type /Filespec /F (a.exe) /EF << /F 21 0 R >> >>", 21: stream("MZ", "/Type /EmbeddedFile"),
    22: "<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
}  # fmt: skip
ACTIVE = """/OpenAction 22 0 R /Names << /EmbeddedFiles << /Names [(a.exe) 20 0 R] >>
    /JavaScript << /Names [(x) 22 0 R] >> >>"""
BOX = "/MediaBox [0 0 612 792]"


@pytest.mark.parametrize(
    "content",
    [
        encrypted("", "owner"),
        write_tree({1000: PAGE}, count=-5),
        write_tree({1000: PAGE}, count="(many)"),
        write_pages(CANADA, extra=ATTACHED, catalogue=ACTIVE, page=f"{BOX} /AA << /O << /S /Launch /F (cmd) >> >>"),
        write_pages("q " * 100_000 + CANADA),
        write_pages("Q " * 100_000 + CANADA),
        write_pages(f"/X Do {CANADA}", extra={20: stream("/X Do", FORM)}, **DRAWN),
        write_pages("BT /F9 12 Tf 72 700 Td (Canada: 0) Tj ET"),
        write_tree({1000: f"<< /Type /Page /Parent 2 0 R {BOX} /Contents 1001 0 R >>"}),
        write_pages(CANADA, extra={3: "[1 2 3]"}),
        write_pages(flate(b"0 0 9 9 re " * 30_000 + b"f " + CANADA.encode())),
        write_pages(f"q BT /F1 1e999 Tf ET {'1000000 0 0 1000000 0 0 cm ' * 60} Q {CANADA}"),
        *(write_pages(CANADA, page=page) for page in (
            "", "/MediaBox [0 0 0 0]", "/MediaBox [(a) (b) (c) (d)]", "/MediaBox [0 0]", "/MediaBox /Letter",
            "/MediaBox [612 792 0 0]", "/MediaBox [0 0 9999999999 99999999999]",
            f"{BOX} /CropBox [5000 5000 6000 6000]",
            f"{BOX} /Rotate 45", f"{BOX} /Rotate 90", f"{BOX} /Rotate (x)", f"{BOX} /UserUnit (x)",
        )),
    ],
    ids=[
        "empty password", "negative count", "count in words", "scripts and attachments", "q 100,000 times",
        "Q 100,000 times", "form in itself", "unknown font", "no resources", "font that is none",
        "many shapes", "numbers without end", "no box", "box without area", "box in words", "short box", "named box",
        "box turned over", "box of miles", "crop box elsewhere", "turned by 45", "turned by 90", "turned by a word",
        "unit in words",
    ],
)  # fmt: skip
def test_a_page_that_a_viewer_shows_is_read(tmp_path, content):
    row, gaps = read(tmp_path, content)
    assert (row["text"][:9], row["status"], gaps) == ("Canada: 0", "ok", [])


@pytest.mark.parametrize("widths", ["(a) null /b", "-1 1000000000 0"], ids=["words", "numbers of miles"])
def test_a_font_whose_widths_are_none_is_read_and_told(tmp_path, widths):
    odd = HELVETICA.replace(">>", f"/FirstChar 0 /Widths [{widths}] >>")
    row, ((part, _, reason),) = read(tmp_path, write_pages(CANADA, extra={3: odd}))
    assert (row["text"], row["status"], part) == ("Canada: 0", "partial", "page 1")
    assert reason == "the character widths of a font are damaged; spaces may be wrong"


def test_many_streams_of_one_page_are_read_as_one(tmp_path):
    streams = {1000: PAGE.replace("1001 0 R", f"[{'1002 0 R ' * 9_000} 1001 0 R]"), 1002: stream("q Q")}
    assert read(tmp_path, write_tree(streams))[0]["text"] == "Canada: 0"


def test_more_streams_than_a_page_has_are_refused(tmp_path):
    streams = {1000: PAGE.replace("1001 0 R", f"[{'1001 0 R ' * 100_000}]")}
    with pytest.raises(SourceError, match=r"contains more than a report can: Array-based stream has 100000 > 10000"):
        read(tmp_path, write_tree(streams))


@pytest.mark.parametrize(
    ("count", "said"), [(3, "3 pages, but 2"), (2**40, "1,099,511,627,776 pages, but 1,099,511,627")]
)
def test_pages_that_the_file_counts_and_does_not_hold_are_a_gap(tmp_path, count, said):
    row, ((part, _, reason),) = read(tmp_path, write_tree({1000: PAGE}, count=count))
    assert (row["text"], row["status"], part) == ("Canada: 0", "partial", "page 2")
    assert f"the file declares {said}" in reason


TREES = {
    "null": ({}, "1000 0 R null 1002 0 R 1004 0 R"), "number": ({}, "1000 0 R 7 1002 0 R 1004 0 R"),
    "nothing known": ({1010: "<< /Foo 1 >>"}, "1000 0 R 1010 0 R 1002 0 R 1004 0 R"),
}  # fmt: skip


@pytest.mark.parametrize("odd", TREES)
def test_an_odd_kid_of_the_page_tree_loses_and_swaps_no_page(tmp_path, odd):
    extra, kids = TREES[odd]
    content = write_pages(CANADA, text_at("France: 0"), text_at("Japan: 0"), extra=extra)
    tree = re.search(rb"/Kids \[[^]]*\] /Count 3", content)[0]
    found = read_documents([write_to(tmp_path, content.replace(tree, f"/Kids [{kids}] /Count 3".encode()))])
    assert found.documents.iloc[0]["text"].split() == ["Canada:", "0", "France:", "0", "Japan:", "0"]


def write_to(folder, content):
    path = folder / "a.pdf"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("number", ["", text_at("Page 2", y=20)], ids=["alone", "with a page number"])
def test_a_page_that_is_a_picture_is_a_gap(tmp_path, number):
    row, gaps = read(tmp_path, write_pages(CANADA, f"{SHOWN_PICTURE} {number}", extra=PICTURE, **DRAWN))
    reason = "is an image without text; run OCR if it shows text"
    assert (row["status"], gaps) == ("partial", [["page 2", "unread", reason]])


@pytest.mark.parametrize(
    "words", ["word " * 900, "a" * 4_500, "https://" * 560], ids=["words", "a long word", "addresses"]
)
def test_lines_of_thousands_of_characters_are_read(tmp_path, words):
    lines = "".join(text_at(words, x=30, y=780 - 7 * place, size=6) for place in range(8))
    row, gaps = read(tmp_path, write_pages(lines, lines, page="/MediaBox [0 0 14400 800]"))
    assert (row["status"], gaps) == ("ok", [])
