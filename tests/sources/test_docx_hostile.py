"""Files that are not Word documents, broken documents, and malicious documents."""

import pytest
from word_package import GOOD, NAMESPACES, p, parts_of, r, read, relations, table, texts, word, zipped

from g7tag.errors import SourceError
from g7tag.sources.docx.document import read_docx, read_word

pytestmark = pytest.mark.slow


def with_document(xml):
    """A document with the given main part."""
    return zipped(parts_of("") | {"word/document.xml": xml})


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"_rels/.rels": relations({"officeDocument": "xl/workbook.xml"}), "xl/workbook.xml": "<workbook/>"},
         "an Excel workbook"),
        ({"_rels/.rels": relations({"officeDocument": "ppt/presentation.xml"}), "ppt/presentation.xml": "<p/>"},
         "a PowerPoint presentation"),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"},
         r"an OpenDocument text \(\.odt\)"),
        ({"mimetype": "application/epub+zip", "a.xhtml": "<x/>"}, r"an e-book \(\.epub\)"),
        ({"mimetype": "text/odd"}, "a file of type 'text/odd'"),
        ({"report.docx": GOOD, "notes.txt": "x"},
         r"a zip file without 'word/document\.xml' \(it contains 2 files, the first is 'report\.docx'\)"),
        ({"_rels/.rels": relations({"officeDocument": "word/other.xml"}), "word/document.xml": "<x/>"},
         r"a zip file without 'word/other\.xml' \(it contains 2 files, the first is '_rels/\.rels'\)"),
    ],
    ids=["xlsx", "pptx", "odt", "epub", "another type", "zip in a zip", "main part missing"],
)  # fmt: skip
def test_another_kind_of_zip_file_is_called_by_its_name(members, found):
    with pytest.raises(
        SourceError, match=rf"^is {found}\. Expected a Word document \(\.docx\); save the report as one"
    ):
        read_docx(zipped(members))


def test_a_main_part_that_is_no_document_is_refused():
    with pytest.raises(
        SourceError, match=r"^has a main part 'word/document\.xml' of type 'glossary'\. Expected a Word"
    ):
        read_docx(with_document("<glossary/>"))


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE x>",
    ],
    ids=["laughs", "file", "address", "empty"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused(prolog, encoding):
    document = f"{prolog}<w:document {NAMESPACES}><w:body>{p(r('&a;&b;&c;'))}</w:body></w:document>"
    with pytest.raises(SourceError, match=r"^has a DOCTYPE in its part 'word/document\.xml', which may be an attack"):
        read_docx(with_document(document.encode(encoding)))


@pytest.mark.parametrize("part", ["footnotes", "styles", "numbering", "settings"])
def test_a_doctype_in_any_part_is_refused(part):
    members = parts_of(p(r("x")), **{part: ""})
    members[f"word/{part}.xml"] = "<!DOCTYPE x>" + str(members[f"word/{part}.xml"])
    with pytest.raises(SourceError, match=rf"^has a DOCTYPE in its part 'word/{part}\.xml'"):
        read_docx(zipped(members))


@pytest.mark.parametrize("deep", [257, 100_000], ids=str)
@pytest.mark.parametrize("name", ["x", "w:sdt", "w:tbl", "w:r"])
def test_elements_nested_too_deep_are_refused(deep, name):
    body = f"<{name}>" * deep + f"</{name}>" * deep
    with pytest.raises(
        SourceError, match=r"^nests elements in 'word/document\.xml' more than 256 deep\. Expected a report"
    ):
        read(body)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("<w:sdt>", "</w:sdt>"),
        ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
        ("<mc:AlternateContent><mc:Choice>", "</mc:Choice></mc:AlternateContent>"),
        ("<w:p>", "</w:p>"),
    ],
    ids=["controls", "tables", "alternatives", "paragraphs"],
)
def test_elements_nested_as_deep_as_may_be_are_read(begin, end):
    times = 250 // begin.count("<")
    assert read(begin * times + p(r("Deep.")) + end * times) == ["Deep."]


def test_text_boxes_nested_as_deep_as_may_be_are_skipped_and_named():
    begin, end = "<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>"
    blocks, doubts = read_word(word(p(r("Seen.")) + begin * 60 + p(r("Deep.")) + end * 60))
    assert [block.runs[0].text for block in blocks] == ["Seen."]
    assert "first with 'Deep.'" in doubts[0]


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        ("", "Document is empty"),
        ("<w:document", "Namespace prefix"),
        (f"<w:document {NAMESPACES}><w:body><w:p></w:body></w:document>", "mismatch"),
        (f"<w:document {NAMESPACES}>&unknown;</w:document>", "not defined"),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\xff\xfe</a>', "encod|UTF-8"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        ("<a>\x01</a>", "PCDATA|Char"),
    ],
    ids=["empty", "cut off", "tags", "entity", "bytes", "encoding", "control character"],
)
def test_broken_xml_says_which_part(xml, why):
    message = (
        rf"^has a broken part 'word/document\.xml' \(.*(?:{why}).*\)\. Expected a Word document \(\.docx\) as Word"
    )
    with pytest.raises(SourceError, match=message) as caught:
        read_docx(with_document(xml))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", ["footnotes", "endnotes", "styles", "numbering", "settings"])
def test_a_part_that_is_named_and_missing_is_refused(part):
    members = parts_of(p(r("x")), **{part: ""})
    del members[f"word/{part}.xml"]
    with pytest.raises(
        SourceError, match=rf"^is missing its part 'word/{part}\.xml'\. Expected a Word document .* save it again"
    ):
        read_docx(zipped(members))


def test_a_part_outside_the_file_is_not_asked_for():
    members = parts_of(p(r("x")), styles="")
    rows = str(members["word/_rels/document.xml.rels"])
    outside = rows.replace('"styles.xml"', '"http://127.0.0.1:9/styles.xml" TargetMode="External"')
    assert texts(zipped(members | {"word/_rels/document.xml.rels": outside})) == ["x"]


@pytest.mark.parametrize("name", ["altChunk", "subDoc"])
def test_text_that_lies_in_another_file_is_refused(name):
    with pytest.raises(
        SourceError, match=rf"^includes text from another file \(w:{name}\)\. Expected all text in the document"
    ):
        read(p(r("x")) + f"<w:{name}/>")


@pytest.mark.parametrize("body", ["", p(), p(r("  \t ")), p(r('<w:br w:type="page"/>')), table()])
def test_a_document_without_text_is_refused(body):
    with pytest.raises(
        SourceError, match=r"^contains no text\. Expected the text of a compliance report; check that it"
    ):
        read(body)


@pytest.mark.parametrize("picture", ["<w:drawing/>", "<w:pict/>", "<w:object/>"])
def test_a_document_of_pictures_alone_is_a_scan(picture):
    with pytest.raises(
        SourceError, match=r"^contains images but no text, like a scan\. Expected text; .*OCRmyPDF or Tess"
    ):
        read(p(r(picture)))


def test_a_bomb_as_main_part_is_refused():
    with pytest.raises(
        SourceError, match=r"^contains 'word/document\.xml', which unpacks from 2\d,\d\d\d to 2\d,\d\d\d,\d\d\d"
    ):
        read(" " * 25_000_000)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('<w:numStart w:val="99999999999999999999"/>', "numbers that are none"),
        ('<w:numStart w:val="-5"/>', "numbers below nothing"),
        ('<w:numStart w:val="４"/>', "digits of another script"),
        ("<w:numStart/>", "no number"),
    ],
    ids=lambda text: text if "<" not in text else "",
)
def test_a_number_that_cannot_be_is_the_usual_one(text, where):
    note = f'<w:footnote w:id="1">{p(r("a"))}</w:footnote>'
    body = p(r("x"), r('<w:footnoteReference w:id="1"/>'))
    found = read(body, footnotes=note, settings=f"<w:footnotePr>{text}</w:footnotePr>")
    assert found[0] in {"x¹", "x⁰"}, where


def test_a_long_line_of_breaks_and_runs_takes_no_long_time():
    runs = r("<w:br/>") + r("a") + r("<w:tab/>") + r(" ") + r("b", "<w:vanish/>")
    assert len(read(p(runs * 10_000))) == 10_000


def test_a_file_that_is_cut_off_is_refused_wherever_it_ends():
    for end in range(0, len(GOOD), len(GOOD) // 100):
        with pytest.raises(SourceError, match=r"^is (?:not a zip file|truncated or broken) \("):
            read_docx(GOOD[:end])
