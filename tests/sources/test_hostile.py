"""Broken and malicious files are refused, or read without their bad parts, in little time."""

import re
import struct
import sys
import time
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from pypdf import PdfReader, PdfWriter
from raw_pdf import HELVETICA, flate, stream, text_at, write_pages, write_tree
from reading import blocks, read
from word_package import GOOD, NAMESPACES, p, parts_of, r, relations, table, zipped
from word_package import read as read_word

from g7tag.errors import SourceError
from g7tag.sources import read_documents

# Word documents

ENTRY = b"PK\x01\x02"
MAIN = "word/document.xml"
TEXT = parts_of(p(r("Canada: 0")))[MAIN]
ONE = zipped({MAIN: TEXT})


def patched(place: int, pattern: str, *values: int) -> bytes:
    """Replace numbers some bytes after the beginning of the last entry of a zip file."""
    changed = bytearray(ONE)
    struct.pack_into(pattern, changed, ONE.rindex(ENTRY) + place, *values)
    return bytes(changed)


def with_main(inner: str, prolog: str = "", code: str = "utf-8") -> bytes:
    return zipped(parts_of("") | {MAIN: f"{prolog}<w:document {NAMESPACES}>{inner}</w:document>".encode(code)})


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
TRUNCATED = r"is truncated or broken \(.*\)\. Expected a complete Word document"
PART = rf"has a broken part '{MAIN}' "
NOT_WORD = r"is a zip file but no Word document \(it contains {}\)\. Expected a \.docx; save the report as one"
BOOK = {"_rels/.rels": relations({"officeDocument": "xl/workbook.xml"}), "xl/workbook.xml": "<workbook/>"}
BAD = {
    "two bytes": (b"PK", TRUNCATED),
    "no members": (b"PK\x05\x06" + bytes(18), NOT_WORD.format("nothing")),
    "10,001 members": (zipped({f"{number}": "" for number in range(10_001)}), NOT_WORD.format(".* and 9996 more")),
    "workbook": (zipped(BOOK), NOT_WORD.format("'_rels/.rels', 'xl/workbook.xml'")),
    "zip in a zip": (zipped({"report.docx": GOOD, "notes.txt": "x"}), NOT_WORD.format("'notes.txt', 'report.docx'")),
    "encrypted": (patched(8, "<H", 1), rf"{PART}\(File '{MAIN}' is encrypted, password required"),
    "larger than declared": (patched(24, "<I", 50), PART),
    "other bytes": (ONE[:60] + bytes(byte ^ 255 for byte in ONE[60:65]) + ONE[65:], PART),
    "laughs": (with_main(p(r("&b;")), LAUGHS), rf"{PART}\(it has a DOCTYPE"),
    "laughs in UTF-16": (with_main(p(r("&b;")), LAUGHS, "utf-16"), rf"{PART}\(it has a DOCTYPE"),
    "file": (with_main(p(r("&b;")), '<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'), PART),
    "address": (with_main(p(r("&b;")), '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'), PART),
    "100,000 deep": (with_main("<w:r>" * 100_000 + "</w:r>" * 100_000), rf"{PART}\(Excessive depth"),
    "part of another file": (with_main("<w:altChunk/>"), r"includes text from another file\. Expected all text"),
    "no text": (with_main(p(r("  \t ")) + table()), r"contains no text\. .* scan, .*: ocrmypdf in\.pdf out"),
    "text boxes": (with_main(p(r(f"<w:pict><w:txbxContent>{p(r('x'))}</w:txbxContent></w:pict>"))),
                   "has no paragraphs with text: the text of 1 text boxes or drawings is not read"),
}  # fmt: skip


def test_a_word_document_that_is_cut_off_is_refused_wherever_it_ends():
    for end in range(len(GOOD) // 30, len(GOOD), len(GOOD) // 30):
        with pytest.raises(SourceError, match=rf"^{TRUNCATED}"):
            read(GOOD[:end])


@pytest.mark.slow
def test_a_part_larger_than_the_memory_of_its_process_is_refused(tmp_path):
    path = tmp_path / "a.docx"
    with (
        ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(MAIN, "w", force_zip64=True) as member,
    ):
        for _ in range(160):
            member.write(bytes(10_000_000))
    with pytest.raises(SourceError, match=r"needs more than 1\.5 GB of memory\. Expected a readable report"):
        read_documents([path])


def test_a_zip_file_is_read_whatever_its_other_members():
    others = {"../evil.xml": "x", "/etc/passwd": "x", "A.XML": "", "a.xml": "", "word/media/1.png": bytes(20_000_000)}
    assert blocks(zipped({MAIN: TEXT} | others)) == ["Canada: 0"]


@pytest.mark.parametrize("part", ["footnotes", "styles", "numbering", "settings"])
def test_other_parts_of_a_word_document_are_read_as_strictly_and_none_from_outside(part):
    members, name, relation = parts_of(p(r("x")), **{part: ""}), f"word/{part}.xml", "word/_rels/document.xml.rels"
    with pytest.raises(SourceError, match=rf"^has a broken part '{name}' \(it has a DOCTYPE"):
        read(zipped(members | {name: "<!DOCTYPE x>" + str(members[name])}))
    outside = str(members[relation]).replace(f'"{part}.xml"', '"http://127.0.0.1:9/x.xml" TargetMode="External"')
    assert blocks(zipped(members | {relation: outside})) == ["x"]
    del members[name]
    with pytest.raises(SourceError, match=rf"^is missing its part '{name}'\. Expected a complete Word document"):
        read(zipped(members))


@pytest.mark.parametrize("tags", [["sdt"], ["tbl", "tr", "tc"], ["p"]], ids=["controls", "tables", "paragraphs"])
def test_elements_nested_as_deep_as_may_be_are_read(tags):
    begin, end = "".join(f"<w:{tag}>" for tag in tags), "".join(f"</w:{tag}>" for tag in reversed(tags))
    times = 250 // len(tags)
    assert read_word(begin * times + p(r("Deep.")) + end * times) == ["Deep."]


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
    assert blocks(page.encode())[-1] == "Text &l9;"
    page = '<!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/hostname">]><base href="file:///"><p>Text &f;'
    assert blocks(page.encode())[-1] == "Text &f;"
    (text,) = blocks(b"<p>a\x00b\x01\x0b\x0cc\x1b\x7f&#1;&#0;&#xd800;d")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


SHEET = b"<!DOCTYPE html><style>%s</style>" + b"<p class=a>x" * 2_000
PAGES = {
    "paragraphs": b"<p>x</p>" * 15_000,
    "marks": b"<p>x" + b"<sup>1</sup> " * 15_000,
    "tables in tables": b"<table><tr><td>x<td>" * 600 + b"<p>y" * 10_000,
    "an attribute of 500 kB": b'<p style="' + b"color:red;" * 50_000 + b'" class="' + b"a " * 250_000 + b'">x',
    "a long number": b'<style>p{margin:%s}</style><p style="margin:%s">x' % (b"1" * 5_000, b"1" * 5_000),
    "braces": b"<!DOCTYPE html><style>" + b"@media(" * 20_000 + b"{" * 20_000 + b"</style><p>x",
    "rules about descendants": SHEET % b"".join(b".a .a p:not(.b%d){color:red}" % n for n in range(500)),
    "selectors in selectors": SHEET % (b":is(" * 5_000 + b"p" + b")" * 5_000 + b"{color:red}"),
    "a long front": b"<!-- -->" * 100_000 + b"<!DOCTYPE html [" + b"]" * 100_000 + b"<p>x",
    "targets": b"".join(b"<p>x<sup><a href=#n%d>1</a></sup>" % n for n in range(5_000)),
    "breaks and runs of Word": zipped(parts_of(p(
        (r("<w:br/>") + r("a") + r("<w:tab/>") + r(" ") + r("b", "<w:vanish/>")) * 2_000))),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("content", PAGES.values(), ids=PAGES)
def test_a_hostile_page_is_read_in_little_time(content):
    start = time.process_time()
    assert sum(map(len, map(str, range(2_000_000)))) > 0  # a fifth of a second, more on a busy machine
    between = time.process_time()
    assert blocks(content)
    assert time.process_time() - between < 20 * (between - start)  # most take three times as long


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


BAD |= {
    "password": (encrypted("open sesame"), r"needs a password\. Expected an unprotected report; save it"),
    "header": (b"%PDF-1.7\n", CUT),
    "cut in the middle": (THREE[: len(THREE) // 2], CUT),
    "cut before the end": (THREE[:-30], CUT),
    "something else": (b"%PDF-1.7\nnothing\n%%EOF\n", rf"cannot be read as PDF \(PdfReadError: .*\){AGAIN}"),
    "no page tree": (THREE.replace(b"/Pages", b"/Pagan"), rf"cannot be read as PDF \(PdfReadError: .*\){AGAIN}"),
    "no pages": (write_tree({}, kids=(), count=0), rf"is a PDF without pages{AGAIN}"),
    "page tree in a circle": (write_tree({10: "<< /Type /Pages /Kids [2 0 R] /Count 3 >>"}, kids=[10]),
                              r".*Detected cyclic page ref"),
    "scan": (write_pages(SHOWN, SHOWN, extra=PICTURE, **DRAWN),
             r"is a scan: its pages \(2\) contain images but no text\. Expected text; recognize it: ocrmypdf in"),
    "blank pages": (write_pages("", ""), r"has no text on its pages \(2\)\. Expected the text of a compliance report"),
    "20,000 pages": (write_tree({1000: PAGE}, kids=[1000] * 20_000, count=20_000),
                     r"has 20,000 pages\. Expected at most 5,000; split it, for example with qpdf"),
}  # fmt: skip
CONVERT = r"is {}\. Expected a report as PDF, Word \(DOCX\), HTML or text; convert it: {}$"
OFFICE, PANDOC = "soffice --headless --convert-to docx FILE", r"pandoc FILE -o FILE\.docx"
BAD |= {
    "Latin-1": (b"caf\xe9 au lait", r"is not a text file \(byte 3 is not UTF-8\)\. Expected the report as UTF-8"),
    "escape": (b"Japan\x1b[31m: 0",
               r"is not a text file \(control character '\\x1b'\)\. Expected the report as UTF-8"),
    "DOC": (b"\xd0\xcf\x11\xe0",
            r"is an old Word file \(DOC\) or a password-protected Word file\. Expected a report as"),
    "PNG": (b"\x89PNG\r\n", r"is an image \(PNG\)\. Expected"),
    "7z": (b"7z\xbc\xaf", r"is a compressed file \(7-Zip\)\. Expected"),
    "empty": (b"\xef\xbb\xbf \n", r"the file is empty\. Expected the text of a compliance report"),
    "RTF": (b"{\\rtf1\\ansi x}", CONVERT.format(r"a rich text file \(RTF\)", OFFICE)),
    "ODT": (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}, ZIP_STORED),
            CONVERT.format(r"an OpenDocument text \(ODT\)", OFFICE)),
    "EPUB": (zipped({"mimetype": "application/epub+zip"}, ZIP_STORED), CONVERT.format(r"an e-book \(EPUB\)", PANDOC)),
    "script": (b"<html><script>text()</script>",
               r"contains no visible text\. .*saved from the browser as text or PDF"),
    "frames": (b"<html><frameset><frame src=a></frameset>", r"contains no visible text\. "),
    "blanks": (b"<p></p><br>&nbsp;", r"contains no visible text\. "),
}  # fmt: skip


@pytest.mark.parametrize(("content", "found"), [
    pytest.param(*each, marks=[pytest.mark.slow] * (name == "20,000 pages"), id=name) for name, each in BAD.items()
])  # fmt: skip
def test_a_bad_document_is_refused_with_the_reason(content, found):
    with pytest.raises(SourceError, match=rf"^{found}") as caught:
        read(content)
    assert "\n" not in str(caught.value)


def among_good_ones(*pages: bytes | str, extra: dict[int, bytes | str]) -> bytes:
    """A PDF with pages between two good ones."""
    first, last = (text_at(text).replace("F1", "F2") for text in ("Canada: 0", "Japan: 0"))
    fonts = {"extra": {4: HELVETICA} | extra, "fonts": "/F1 3 0 R /F2 4 0 R"}
    return write_pages(first, *pages, last, **fonts, resources="/XObject << /X 20 0 R /Y 40 0 R >>")


def zeros(megabytes: int) -> bytes:
    """Compress zeros to a thousandth: the same packed million, repeated."""
    packer = zlib.compressobj(9)
    million = packer.compress(b"\x00" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return million + million[2:] * (megabytes - 1) + packer.flush()  # without the two header bytes


def laughs() -> dict[int, bytes]:
    """Forms that draw ten forms each, twelve deep."""
    resources = "/Resources << /XObject << /X {} 0 R >> >>"
    forms = {number: stream("/X Do " * 10, f"{FORM} {resources.format(number + 1)}") for number in range(40, 52)}
    return forms | {52: stream(text_at("ha"), FORM)}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the process limits its memory on Linux alone")
def test_a_page_that_unpacks_to_far_too_much_ends_its_process_and_is_a_gap(tmp_path):
    packed = flate(zeros(2_000)).replace(b"/FlateDecode", b"[/FlateDecode /FlateDecode]")
    path = tmp_path / "bombs.pdf"
    path.write_bytes(among_good_ones(packed, "/Y Do", extra=laughs()))
    found = read_documents([path])
    assert found.documents["text"].item().split() == ["Canada:", "0", "Japan:", "0"]
    assert found.gaps["part"].tolist() == ["page 2", "page 3"]
    assert all(re.match(r"crashed the reading|needs more than 1\.5 GB", reason) for reason in found.gaps["reason"])


NUMBERED = """<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H
    /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 >>] >>"""
UNSPACED = HELVETICA.replace(">>", "/FirstChar 0 /Widths [(a) null /b] >>")
ROWS = (text_at(f"Row {n * n * 7919}", x=30 + n % 7 * 80, y=60 + n // 7 * 9, size=8) for n in range(500))
SPOILT = zlib.compress("".join(ROWS).encode())
DAMAGED = "its content is damaged or truncated; text may be missing"


@pytest.mark.parametrize(("page", "extra", "why"), [
    (text_at("abab"), {3: NUMBERED}, "2 of its 2 characters have no Unicode"),
    (CANADA, {3: UNSPACED}, "the widths of a font are dama"),
    (stream(SPOILT[:-900], "/Filter /FlateDecode"), {}, DAMAGED),
    (stream(SPOILT[:900] + b"?" + SPOILT[901:], "/Filter /FlateDecode"), {}, DAMAGED),
    pytest.param(flate(b" " * 80_000_000), {}, "its content cannot be unpacked (LimitReachedError: Limit reached",
                 marks=pytest.mark.slow),
    (stream(b"?", "/Filter /JBIG2Decode"), {}, "its content cannot be unpacked (DependencyError: jbig2dec"),
    (b"null", {}, DAMAGED),
    (f"{SHOWN} {text_at('Page 2', y=20)}", PICTURE, "is an image without text; if it shows text, recognize"),
], ids=["numbers of glyphs", "no widths", "cut stream", "damaged stream", "80 MB", "filter that runs a program",
    "no content", "picture"])  # fmt: skip
def test_a_bad_page_among_good_ones_is_a_gap_that_says_why(page, extra, why):
    found = read(among_good_ones(page, extra=extra))
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


@pytest.mark.parametrize("content", [
    encrypted(""),
    write_pages(CANADA, extra=ATTACHED, catalogue=ACTIVE, page=f"{BOX} /AA << /O << /S /Launch /F (cmd) >> >>"),
    write_pages(f"/X Do {CANADA}", extra={20: stream("/X Do", FORM)}, **DRAWN),
    write_pages(f"q BT /F1 1e999 Tf ET {'1000000 0 0 1000000 0 0 cm ' * 60} Q {CANADA}"),
    *(write_pages(CANADA, page=page) for page in (
        "/MediaBox [0 0 0 0]", "/MediaBox [612 792 0 0]", f"{BOX} /CropBox [5000 5000 6000 6000]",
    )),
], ids=["empty password", "scripts and attachments", "form in itself", "numbers without end", "box without area",
    "box turned over", "crop box elsewhere"])  # fmt: skip
def test_a_page_that_a_viewer_shows_is_read(content):
    found = read(content)
    assert "Canada: 0" in found.blocks[0]
    assert found.gaps == []


@pytest.mark.parametrize(("kids", "count", "part", "why"), [
    ([1000], 3, "page 2", "the file declares 3 pages and contains 1; text may be missing"),
    ([1000, 1000, 1000], 1, "page 2", "the file declares 1 page and contains 3; text may be missing"),
    ([1000, 1010, 1000], 2, "page 2", "is damaged: PDFium cannot load it, and may pass over the last page"),
], ids=["missing", "not counted", "none among them"])  # fmt: skip
def test_pages_that_are_not_read_are_a_gap(kids, count, part, why):
    found = read(write_tree({1000: PAGE, 1010: "null"}, kids=kids, count=count))
    assert (found.blocks, found.gaps) == (["Canada: 0"], [(part, "unread", why)])
