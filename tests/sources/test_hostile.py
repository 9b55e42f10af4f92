"""Broken and malicious files are refused, or read without their bad parts, in little time."""

import re
import struct
import time
import zlib
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from raw_pdf import HELVETICA, flate, stream, text_at, write_pages, write_tree
from reading import blocks, read
from word_package import GOOD, NAMESPACES, p, parts_of, r, relations, table, zipped
from word_package import read as read_word

from g7tag.errors import SourceError

# Zip files

ENTRY, LOCAL = b"PK\x01\x02", b"PK\x03\x04"
MAIN = "word/document.xml"
TEXT = f"<w:document {NAMESPACES}><w:body>{p(r('Canada: 0'))}</w:body></w:document>"


def patched(content: bytes, place: int, pattern: str, *values: int) -> bytes:
    """Replace numbers some bytes after the beginning of the last entry of a zip file."""
    changed = bytearray(content)
    struct.pack_into(pattern, changed, content.rindex(ENTRY) + place, *values)
    return bytes(changed)


ONE = zipped({MAIN: TEXT})
BROKEN_FILE = r"is truncated or broken \(.*\)\. Expected a complete file"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"PK", BROKEN_FILE),
        (b"PK\x05\x06" + bytes(18), BROKEN_FILE),
        (zipped({f"{number}": "" for number in range(10_001)}), r"contains 10,001 files\. Expected at most"),
        (patched(ONE, 8, "<H", 1), rf"is encrypted: '{MAIN}'\. Expected a file without a password"),
        (patched(ONE, 20, "<II", 90_000_000, 100_000_001), r"unpacks to 100,000,001 bytes of XML\. Expected at most"),
        (patched(zipped({MAIN: bytes(120_000_000)}), 24, "<I", 999), BROKEN_FILE),
        (patched(ONE, 24, "<I", 50), BROKEN_FILE),
        (patched(ONE, 20, "<I", 60), BROKEN_FILE),
        (patched(ONE, 10, "<H", 99), BROKEN_FILE),
        (ONE[:60] + bytes(byte ^ 255 for byte in ONE[60:65]) + ONE[65:], BROKEN_FILE),
        (LOCAL + ONE[100:], BROKEN_FILE),
    ],
    ids=[
        "two bytes", "no members", "10,001 members", "encrypted", "declared size", "bomb", "larger than declared",
        "packed bytes end early", "unknown method", "other bytes", "no beginning",
    ],
)  # fmt: skip
def test_a_bad_zip_file_is_refused(content, found):
    with pytest.raises(SourceError, match=rf"^{found}"):
        read(content)


def test_a_zip_file_is_read_whatever_its_other_members():
    others = {"../evil.xml": "x", "/etc/passwd": "x", "A.XML": "", "a.xml": "", "word/media/1.png": bytes(200_000_000)}
    assert blocks(zipped({MAIN: TEXT} | others)) == ["Canada: 0"]


def test_a_file_that_is_cut_off_is_refused_wherever_it_ends():
    for end in range(len(GOOD) // 30, len(GOOD), len(GOOD) // 30):
        with pytest.raises(SourceError, match=r"^is truncated or broken \("):
            read(GOOD[:end])


# Word


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"_rels/.rels": relations({"officeDocument": "xl/workbook.xml"}), "xl/workbook.xml": "<workbook/>"},
         r"has a main part 'xl/workbook\.xml' of type 'workbook'"),
        ({"report.docx": GOOD, "notes.txt": "x"},
         r"is a zip file without 'word/document\.xml' \(it contains 2 files, the first is 'report\.docx'\)"),
    ],
    ids=["workbook", "zip in a zip"],
)  # fmt: skip
def test_another_kind_of_zip_file_is_refused_with_what_it_holds(members, found):
    with pytest.raises(SourceError, match=rf"^{found}\. Expected a Word document \(\.docx\); save the report as"):
        read(zipped(members))


def document(inner: str, prolog: str = "") -> str:
    """A main part."""
    return f"{prolog}<w:document {NAMESPACES}><w:body>{inner}</w:body></w:document>"


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
DEEP = r"nests elements in 'word/document\.xml' more than 256 deep\. Expected a report"
BROKEN = r"has a broken part 'word/document\.xml' \(.*\)\. Expected a Word document \(\.docx\) as Word"


@pytest.mark.parametrize(
    ("xml", "found"),
    [
        *((document(p(r("&b;")), prolog).encode(code), r"has a DOCTYPE in its part 'word/document\.xml', which may")
          for prolog, code in (
              (LAUGHS, "utf-8"), (LAUGHS, "utf-16"),
              ('<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>', "utf-8"),
              ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', "utf-8"),
          )),
        (document("<w:tbl>" * 257 + "</w:tbl>" * 257), DEEP),
        (document("<w:r>" * 100_000 + "</w:r>" * 100_000), DEEP),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\xff\xfe</a>', BROKEN),
        ('<?xml version="1.0" encoding="klingon"?><a/>', BROKEN),
        ("<glossary/>", r"has a main part 'word/document\.xml' of type 'glossary'\. Expected a Word"),
        (document(p(r("x")) + "<w:altChunk/>"), r"includes text from another file \(w:altChunk\)\. Expected all text"),
        (document(p(r("  \t ")) + table()), r"contains no text\. Expected the text of a compliance report; check that"),
        (document(p(r("<w:drawing/>"))), r"contains images but no text, like a scan\. .* it: ocrmypdf in\.pdf out"),
        (document(" " * 100_000_000), r"unpacks to 100,\d\d\d,\d\d\d bytes of XML"),
        (document(p(r(f"<w:drawing><w:txbxContent>{p(r('x'))}</w:txbxContent></w:drawing>"))),
         "has no paragraphs with text: the text of text boxes and drawings is not read"),
    ],
    ids=[
        "laughs", "laughs in UTF-16", "a file", "an address", "257 deep", "100,000 deep", "bytes",
        "encoding", "glossary", "part of another file", "no text", "pictures", "bomb", "text boxes",
    ],
)  # fmt: skip
def test_a_bad_word_document_is_refused(xml, found):
    with pytest.raises(SourceError, match=rf"^{found}") as caught:
        read(zipped(parts_of("") | {MAIN: xml}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", ["footnotes", "styles", "numbering", "settings"])
def test_other_parts_of_a_word_document_are_read_as_strictly_and_none_from_outside(part):
    members = parts_of(p(r("x")), **{part: ""})
    name = f"word/{part}.xml"
    with pytest.raises(SourceError, match=rf"^has a DOCTYPE in its part '{name}'"):
        read(zipped(members | {name: "<!DOCTYPE x>" + str(members[name])}))
    relation = "word/_rels/document.xml.rels"
    outside = str(members[relation]).replace(f'"{part}.xml"', '"http://127.0.0.1:9/x.xml" TargetMode="External"')
    assert blocks(zipped(members | {relation: outside})) == ["x"]
    del members[name]
    with pytest.raises(
        SourceError, match=rf"^is missing its part '{name}'\. Expected a Word document .* save it again"
    ):
        read(zipped(members))


@pytest.mark.parametrize(
    ("begin", "end"),
    [("<w:sdt>", "</w:sdt>"), ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"), ("<w:p>", "</w:p>")],
    ids=["controls", "tables", "paragraphs"],
)
def test_elements_nested_as_deep_as_may_be_are_read(begin, end):
    times = 250 // begin.count("<")
    assert read_word(begin * times + p(r("Deep.")) + end * times) == ["Deep."]


@pytest.mark.parametrize("value", ['"99999999999999999999"', '"-5"', '"４"'], ids=["none", "below nothing", "script"])
def test_a_number_that_cannot_be_is_the_usual_one(value):
    note = f'<w:footnote w:id="1">{p(r("a"))}</w:footnote>'
    settings = f"<w:footnotePr><w:numStart w:val={value}/></w:footnotePr>"
    body = p(r("x"), r('<w:footnoteReference w:id="1"/>'))
    assert read_word(body, footnotes=note, settings=settings) == ["x¹", "¹ a"]


@pytest.mark.slow
def test_a_long_line_of_breaks_and_runs_takes_no_long_time():
    runs = r("<w:br/>") + r("a") + r("<w:tab/>") + r(" ") + r("b", "<w:vanish/>")
    assert len(read_word(p(runs * 10_000))) == 10_000


# Web pages


@pytest.mark.parametrize("tag", ["div", "b", "table", "sup", "svg"])
def test_a_page_nested_too_deep_is_refused_and_one_of_the_greatest_depth_read(tag):
    page = f"<p>Text{f'<{tag}>' * 2_000}deep{f'</{tag}>' * 2_000}<p>after"
    with pytest.raises(SourceError, match=r"^nests elements more than 2,000 deep.*save its text\.$"):
        read(page.encode())
    assert blocks(("<div>" * 1_990 + "deep" + "</div>" * 1_990 + "<p>after").encode()) == ["deep", "after"]


def test_entities_files_and_control_characters_do_not_reach_the_text():
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    page = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "ha">{laughs}]><html><body><p>Text &l9;</p></body></html>'
    assert blocks(page.encode()) == ["Text &l9;"]
    page = '<!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/hostname">]><base href="file:///"><p>Text &f;'
    assert blocks(page.encode()) == ["Text &f;"]
    (text,) = blocks(b"<p>a\x00b\x01\x0b\x0cc\x1b\x7f&#1;&#0;&#xd800;d")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


SHEET = b"<!DOCTYPE html><style>%s</style>" + b"<p class=a>x" * 2_000
PAGES = {
    "paragraphs": b"<p>x</p>" * 30_000,
    "hidden siblings": b"<p>x" + b"<i hidden>x </i> " * 25_000,
    "marks": b"<p>x" + b"<sup>1</sup> " * 15_000,
    "one long mark": b"<p>x<sup>" + b"1" * 1_000_000 + b"</sup>",
    "superscripts": b"<p>x" + "¹".encode() * 500_000 + b"y<br>z",
    "tables in tables": b"<table><tr><td>x<td>" * 600 + b"<p>y" * 10_000,
    "an attribute of 500 kB": b'<p style="' + b"color:red;" * 50_000 + b'" class="' + b"a " * 250_000 + b'">x',
    "escapes": b'<p style="' + b"\\" * 1_000_000 + b'">x',
    "braces": b"<!DOCTYPE html><style>" + b"@media(" * 20_000 + b"{" * 20_000 + b"</style><p>x",
    "children with numbers": SHEET % b"".join(b"p:nth-child(%dn+1 of .a){color:red}" % n for n in range(1_000)),
    "rules about descendants": SHEET % b"".join(b"p:has(.a .a:not(.b%d .c)){color:red}" % n for n in range(1_000)),
    "selectors in selectors": SHEET % (b":is(" * 5_000 + b"p" + b")" * 5_000 + b"{color:red}"),
    "properties that double": SHEET
    % (
        b"p{--a0:x;"
        + b"".join(b"--a%d:var(--a%d)var(--a%d);" % (n + 1, n, n) for n in range(60))
        + b"color:var(--a60)}"
    ),
    "angles": b"<p>x" + b"<" * 1_000_000,
    "a long front": b"<!-- -->" * 100_000 + b"<!DOCTYPE html [" + b"]" * 100_000 + b"<p>x",
    "targets": b"".join(b"<p>x<sup><a href=#n%d>1</a></sup>" % n for n in range(5_000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("content", PAGES.values(), ids=PAGES)
def test_a_hostile_page_is_read_in_little_time(content):
    start = time.process_time()
    assert blocks(content)
    assert time.process_time() - start < 4  # most take less than one


@pytest.mark.slow
def test_rules_beyond_the_limit_are_not_read_and_a_gap_says_so():
    rules = "".join(f"*{{color:#{n:06x}}}" for n in range(20_000))
    start = time.process_time()
    found = read(f"<html><style>{rules}</style>{'<p>x' * 5_000}".encode())
    assert [gap[0] for gap in found.gaps] == ["styles"]
    assert time.process_time() - start < 8


# PDF

CANADA = text_at("Canada: 0")
THREE = write_pages(CANADA, text_at("France: 0"), text_at("Japan: 0"))
BOX = "/MediaBox [0 0 612 792]"
PAGE = f"""<< /Type /Page /Parent 2 0 R {BOX} /Contents 1001 0 R /Resources << /Font << /F1 3 0 R >> >> >>"""
PICTURE = {20: stream(b"\x00", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8")}
SHOWN = "q 612 0 0 792 0 0 cm /X Do Q"
DRAWN = {"resources": "/XObject << /X 20 0 R >>"}
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792]"
AGAIN = r"\. Expected a complete PDF; get the file again, or open it in a viewer and print it to a new PDF"
CUT = rf"is truncated: its end \(%%EOF\) is missing{AGAIN}"


def encrypted(user: str) -> bytes:
    """A PDF with a password for those who read it."""
    writer, file = PdfWriter(clone_from=PdfReader(BytesIO(THREE))), BytesIO()
    writer.encrypt(user, "owner")
    writer.write(file)
    return file.getvalue()


def many_pages(count: int, group: int = 10_000) -> bytes:
    """A PDF that refers to one page many times."""
    groups = range(3_000, 3_000 + count // group)
    kids = dict.fromkeys(groups, f"<< /Type /Pages /Parent 2 0 R /Kids [{'1000 0 R ' * group}] /Count {group} >>")
    return write_tree(kids | {1000: PAGE}, kids=groups, count=count)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (encrypted("open sesame"), r"needs a password\. Expected an unprotected report; save it"),
        (b"%PDF-1.7\n", CUT),
        (THREE[: len(THREE) // 2], CUT),
        (THREE[:-30], CUT),
        (b"%PDF-1.7\nnothing\n%%EOF\n", rf"cannot be read as PDF: it is damaged \(PdfReadError: .*\){AGAIN}"),
        (THREE.replace(b"/Pages", b"/Pagan"), rf"cannot be read as PDF: it is damaged \(PdfReadError: .*\){AGAIN}"),
        (write_tree({}, kids=(), count=0), rf"is a PDF without pages{AGAIN}"),
        (write_tree({10: "<< /Type /Pages /Kids [2 0 R] /Count 3 >>"}, kids=[10]), r".*Detected cyclic page ref"),
        (write_pages(SHOWN, SHOWN, extra=PICTURE, **DRAWN),
         r"is a scan: its pages \(2\) contain images but no text\. Expected text; recognize it: ocrmypdf in"),
        (write_pages("", ""), r"has no text on its pages \(2\)\. Expected the text of a compliance report"),
        (many_pages(20_000), r"has 20,000 pages\. Expected at most 5,000; if it is a report, set --max-pages 20000"),
        (write_pages("[" * 100_000), r"none of its pages \(1\) can be read \(nests objects too deeply\)"),
    ],
    ids=[
        "password", "header", "cut in the middle", "cut before the end", "something else", "no page tree", "no pages",
        "page tree in a circle", "scan", "blank pages", "20,000 pages", "nested arrays",
    ],
)  # fmt: skip
def test_a_pdf_that_is_no_report_is_refused_with_the_reason(content, found):
    with pytest.raises(SourceError, match=rf"^{found}"):
        read(content)


def zeros(megabytes: int) -> bytes:
    """Compress zeros to a thousandth: the same packed million, repeated."""
    packer = zlib.compressobj(9)
    million = packer.compress(b"\x00" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return million + million[2:] * (megabytes - 1) + packer.flush()  # without the two header bytes


def laughs() -> dict[int, bytes]:
    """Forms that draw ten forms each, twelve deep."""
    resources = "/Resources << /XObject << /X {} 0 R >> >>"
    forms = {number: stream("/X Do " * 10, f"{FORM} {resources.format(number + 1)}") for number in range(20, 32)}
    return forms | {32: stream(text_at("ha"), FORM)}


def composite(entries: str = "", inner: str = "") -> str:
    """A font of numbered glyphs."""
    return f"""<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H {entries}
        /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 {inner} >>] >>"""


MAPS = b"".join(b"1 beginbfrange\n<0000> <ffff> <0041>\nendbfrange\n" for _ in range(1_000))
ROWS = (text_at(f"Row {n * n * 7919}", x=30 + n % 7 * 80, y=60 + n // 7 * 9, size=8) for n in range(500))
SPOILT = zlib.compress("".join(ROWS).encode())
UNKNOWN = "2 of its 2 characters have no Uni"


@pytest.mark.parametrize(
    ("page", "extra", "why"),
    [
        (flate(zeros(2_000)).replace(b"[/FlateDecode ]", b"[/FlateDecode /FlateDecode]"), {}, "contains more than"),
        pytest.param(flate(b"BT /F1 9 Tf " + b"(a) Tj 99 2 Td " * 60_000), {}, "has more than 50,000 pieces of text",
                     marks=pytest.mark.slow),
        (f"BT /F1 9 Tf 72 700 Td {('(' + 'a' * 30_000 + ') Tj ') * 20} ET", {}, "has more than 500,000 characters"),
        (f"BT /F1 9 Tf 72 700 Td ({'a' * 33_000}) Tj ET", {}, "draws more than 32,767 characters at once"),
        ("/X Do", laughs(), "draws more than 2,000 forms, or nests them more than 20 deep"),
        ("[" * 100_000, {}, "nests objects too deeply"),
        (text_at("abab"), {3: composite()}, UNKNOWN),
        (text_at("abab"), {3: composite("/ToUnicode 21 0 R"), 21: flate(MAPS)}, UNKNOWN),
        (text_at("abab"), {3: composite("", "/W [0 999999999 500]")}, "the character widths of a font are damaged"),
        (stream(SPOILT[:-900], "/Filter /FlateDecode"), {}, "compressed content is damaged"),
        (stream(SPOILT[:900] + b"?" + SPOILT[901:], "/Filter /FlateDecode"), {}, "compressed content is damaged"),
        (stream(b"?", "/Filter /JBIG2Decode"), {}, "uses an unsupported feature: jbig2dec binary"),
        ("(never ended", {}, "is damaged (PdfStreamError: Stream has ended unexpectedly)"),
        (f"{SHOWN} {text_at('Page 2', y=20)}", PICTURE, "is an image without text; if it shows text, recognize"),
    ],
    ids=[
        "2 GB in 3 kB", "too many pieces", "too many characters", "long string",
        "10^12 laughs", "nested arrays", "numbers of glyphs", "huge map of characters", "huge widths", "cut stream",
        "damaged stream", "filter that runs a program", "open string", "picture",
    ],
)  # fmt: skip
def test_a_bad_page_among_good_ones_is_a_gap_that_says_why(page, extra, why):
    content = write_pages(
        CANADA.replace("F1", "F2"), page, text_at("Japan: 0").replace("F1", "F2"),
        extra={4: HELVETICA} | extra, fonts="/F1 3 0 R /F2 4 0 R", **DRAWN,
    )  # fmt: skip
    found = read(content)
    ((part, kind, reason),) = found.gaps
    assert (found.status, part, kind) == ("partial", "page 2", "unread")
    assert why in reason
    text = "\n\n".join(found.blocks)
    assert text.startswith("Canada: 0")
    assert "\fJapan: 0" in text


ATTACHED = {
    20: "<< /Type /Filespec /F (a.exe) /EF << /F 21 0 R >> >>", 21: stream("MZ", "/Type /EmbeddedFile"),
    22: "<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
}  # fmt: skip
ACTIVE = """/OpenAction 22 0 R /Names << /EmbeddedFiles << /Names [(a.exe) 20 0 R] >>
    /JavaScript << /Names [(x) 22 0 R] >> >>"""


@pytest.mark.parametrize(
    "content",
    [
        encrypted(""),
        write_tree({1000: PAGE}, count="(many)"),
        write_tree({1000: PAGE.replace("1001 0 R", f"[{'1002 0 R ' * 9_000} 1001 0 R]"), 1002: stream("q Q")}),
        write_pages(CANADA, extra=ATTACHED, catalogue=ACTIVE, page=f"{BOX} /AA << /O << /S /Launch /F (cmd) >> >>"),
        write_pages("q " * 30_000 + CANADA),
        write_pages("Q " * 30_000 + CANADA),
        write_pages(f"/X Do {CANADA}", extra={20: stream("/X Do", FORM)}, **DRAWN),
        write_pages("BT /F9 12 Tf 72 700 Td (Canada: 0) Tj ET"),
        write_pages(flate(b"0 0 9 9 re " * 10_000 + b"f " + CANADA.encode())),
        write_pages(f"q BT /F1 1e999 Tf ET {'1000000 0 0 1000000 0 0 cm ' * 60} Q {CANADA}"),
        pytest.param(write_pages(CANADA + text_at("far", x=90_000, y=90_000), page="/MediaBox [0 0 99999 99999]"),
                     marks=pytest.mark.slow),
        *(write_pages(CANADA, page=page) for page in (
            "", "/MediaBox [0 0 0 0]", "/MediaBox [(a) (b) (c) (d)]", "/MediaBox [612 792 0 0]",
            f"{BOX} /CropBox [5000 5000 6000 6000]", f"{BOX} /Rotate 45", f"{BOX} /Rotate (x)", f"{BOX} /UserUnit (x)",
        )),
    ],
    ids=[
        "empty password", "count in words", "many streams", "scripts and attachments", "q 30,000 times",
        "Q 30,000 times", "form in itself", "unknown font", "many shapes", "numbers without end", "page of miles",
        "no box", "box without area", "box in words", "box turned over", "crop box elsewhere", "turned by 45",
        "turned by a word", "unit in words",
    ],
)  # fmt: skip
def test_a_page_that_a_viewer_shows_is_read(content):
    found = read(content)
    assert "Canada: 0" in found.blocks[0]
    assert found.gaps == []


def test_a_font_whose_widths_are_none_is_read_and_told():
    odd = HELVETICA.replace(">>", "/FirstChar 0 /Widths [(a) null /b] >>")
    found = read(write_pages(CANADA, extra={3: odd}))
    assert found.blocks == ["Canada: 0"]
    assert found.gaps == [("page 1", "unread", "the character widths of a font are damaged; spaces may be wrong")]


@pytest.mark.parametrize(
    ("count", "said"), [(3, "3 pages, but 2"), (2**40, "1,099,511,627,776 pages, but 1,099,511,627")]
)
def test_pages_that_the_file_counts_and_does_not_hold_are_a_gap(count, said):
    found = read(write_tree({1000: PAGE}, count=count))
    ((part, _, reason),) = found.gaps
    assert (found.blocks, found.status, part) == (["Canada: 0"], "partial", "page 2")
    assert f"the file declares {said}" in reason


@pytest.mark.parametrize("odd", ["null", "7", "1010 0 R"], ids=["null", "number", "nothing known"])
def test_an_odd_kid_of_the_page_tree_loses_and_swaps_no_page(odd):
    content = write_pages(CANADA, text_at("France: 0"), text_at("Japan: 0"), extra={1010: "<< /Foo 1 >>"})
    tree = re.search(rb"/Kids \[[^]]*\] /Count 3", content)[0]
    kids = f"/Kids [1000 0 R {odd} 1002 0 R 1004 0 R] /Count 3"
    assert " ".join(blocks(content.replace(tree, kids.encode()))).split()[::2] == ["Canada:", "France:", "Japan:"]


@pytest.mark.slow
def test_lines_of_thousands_of_characters_are_read():
    lines = "".join(text_at("word " * 900, x=30, y=780 - 7 * place, size=6) for place in range(8))
    found = read(write_pages(lines, lines, page="/MediaBox [0 0 14400 800]"))
    assert (found.status, found.gaps) == ("ok", [])
