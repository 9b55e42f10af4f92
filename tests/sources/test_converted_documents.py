"""Documents of other formats: e-books (EPUB), and ODT and RTF files that LibreOffice converts."""

import os
import subprocess
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from manuscript import manuscript_of
from same_evidence import evidence_of, said
from set_docx import set_docx
from set_html import set_html

import g7tag
from g7tag.errors import SourceError
from g7tag.evidence import extract_evidence
from g7tag.sources import convert, epub, read_documents
from g7tag.sources.convert import convert_document, find_converter
from g7tag.sources.epub import pages_of_epub
from g7tag.sources.html.document import read_pages
from g7tag.sources.kinds import EPUB, ODT, RTF, kind_of

REPORT = g7tag.example_path("invented-report.txt").read_text()
CONTAINER = "<container><rootfiles><rootfile full-path='b/list.opf'/></rootfiles></container>"


@pytest.fixture(scope="module")
def libreoffice() -> str:
    """The path of LibreOffice, if this machine has it."""
    path = find_converter()
    if path is None:
        message = "LIBREOFFICE IS MISSING: install it (apt-get install libreoffice-writer-nogui)"
        pytest.fail(message) if os.environ.get("G7TAG_LIBREOFFICE") else pytest.skip(message)
    return path


def zipped(members: dict[str, str]) -> bytes:
    """A zip file; its first member, the type, is not compressed, as the formats require."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text, ZIP_STORED if name == "mimetype" else ZIP_DEFLATED)
    return content.getvalue()


def book(pages: dict[str, str], **others: str) -> bytes:
    """An e-book with these pages in order."""
    items = "".join(f"<item id='{name}' href='{name}'/>" for name in pages)
    spine = "".join(f"<itemref idref='{name}'/>" for name in pages)
    package = f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>"
    listed = {"mimetype": EPUB, "META-INF/container.xml": CONTAINER, "b/list.opf": package}
    return zipped(listed | {f"b/{name}": page for name, page in pages.items()} | others)


def page(body: str, head: str = "") -> str:
    space = "xmlns='http://www.w3.org/1999/xhtml' xmlns:epub='http://www.idpf.org/2007/ops'"
    return f"<?xml version='1.0'?><html lang='en' {space}><head>{head}</head><body>{body}</body></html>"


def texts(content: bytes) -> list[str]:
    return ["".join(run.text for run in block.runs) for block in read_pages(pages_of_epub(content)).blocks]


def test_the_pages_of_an_e_book_are_read_in_its_order_with_notes_on_another_page():
    item = (
        "<p>A law&nbsp;was passed.<a id='r7' href='notes.xhtml#n7' epub:type='noteref'>7</a><a id='x'/> It helped.</p>"
    )
    note = "<aside id='n7' epub:type='footnote'><p><a href='one.xhtml#r7'>7</a>. Law, Gazette (Rome) n.d.</p></aside>"
    pages = {"two.xhtml": page("<p>Before.</p>"), "one.xhtml": page(item), "notes.xhtml": page(note)}
    assert texts(book(pages)) == ["Before.", "A law\u00a0was passed.⁷ It helped.", "⁷ Law, Gazette (Rome) n.d."]


def test_style_sheets_of_an_e_book_hide_text():
    pages = {"one.xhtml": page("<p>Seen.</p><p class='no'>Unseen.</p>", "<link rel='stylesheet' href='../s.css'/>")}
    blocks = read_pages(pages_of_epub(book(pages, **{"s.css": ".no { display: none }"}))).blocks
    assert [(run.text, bool(run.hidden)) for block in blocks for run in block.runs] == [
        ("Seen.", False),
        ("Unseen.", True),
    ]


LINK = "<link rel='stylesheet' href='s.css'/>"


@pytest.mark.parametrize(
    ("head", "body", "sheet"),
    [
        ("<link rel='alternate stylesheet' href='s.css'/>", "<p class='no'>Text.</p>", ".no { display: none }"),
        ("<link rel='stylesheet' media='print' href='s.css'/>", "<p class='no'>Text.</p>", ".no { display: none }"),
        ("<link rel='stylesheet' href='none.css' title='a'/><link rel='stylesheet' href='s.css' title='b'/>",
         "<p class='no'>Text.</p>", ".no { display: none }"),
        ("<style>@import 's.css' print;</style>", "<p class='no'>Text.</p>", ".no { display: none }"),
        ("", "<p class='no'>Text.</p>", ".no { display: none }"),
    ],
    ids=["alternate", "print", "not the preferred", "import for print", "no link"],
)  # fmt: skip
def test_a_style_sheet_that_does_not_apply_hides_nothing(head, body, sheet):
    pages = pages_of_epub(book({"one.xhtml": page(body, head)}, **{"b/s.css": sheet}))
    assert [run.hidden for block in read_pages(pages).blocks for run in block.runs] == [""]


@pytest.mark.parametrize(
    ("head", "body", "sheet"),
    [
        ("<style>@import url(s.css);</style>", "<p class='no'>Text.</p>", ".no { display: none }"),
        ("<style>@import url('t.css') screen;</style>", "<p class='no'>Text.</p>", ".no { display: none }"),
        (LINK, "<p>Text.</p>", "body > p { display: none }"),
        (LINK, "<p id='x'>Text.</p>", "#x { display: none }"),
        (
            LINK,
            "<script>'&lt;/script>Gone.'</script><p>Text.</p>",
            "html[lang] body p { display: none }",
        ),
    ],
    ids=["import", "import of an import", "body", "id", "script"],
)
def test_a_style_sheet_of_an_e_book_hides_what_it_hides_on_its_page(head, body, sheet):
    others = {"b/s.css": sheet, "b/t.css": "@import 't.css'; @import 's.css';"}
    pages = pages_of_epub(book({"one.xhtml": page(body, head), "two.xhtml": page("<p>Seen.</p>")}, **others))
    assert [bool(run.hidden) for block in read_pages(pages).blocks for run in block.runs] == [True, False]


def test_the_style_sheet_of_a_page_does_not_apply_to_another_page():
    one = page("<p class='a'>One.</p><p class='b'>Two.</p>", "<style>.b { display: none }</style>")
    two = page("<p class='a'>Three.</p><p class='b'>Four.</p>", "<style>.a { display: none }</style>")
    blocks = read_pages(pages_of_epub(book({"one.xhtml": one, "two.xhtml": two}))).blocks
    assert [run.text for block in blocks for run in block.runs if not run.hidden] == ["One.", "Four."]


def test_style_sheets_that_import_each_other_many_times_are_refused(monkeypatch):
    monkeypatch.setattr(epub, "MOST_BYTES", 100_000)
    sheets = {f"b/{at}.css": f"@import '{at + 1}.css';" * 9 + "p { color: red }" for at in range(9)}
    pages = {"one.xhtml": page("<p>Text.</p>", "<link rel='stylesheet' href='0.css'/>")}
    with pytest.raises(SourceError, match=r"^has pages of more than 100,000 bytes"):
        pages_of_epub(book(pages, **sheets))


def test_an_e_book_gives_the_frames_of_its_text(tmp_path, codebook):
    html = set_html(manuscript_of(REPORT)).decode()
    body = html[html.index("<body") :]
    body = body[body.index(">") + 1 : body.index("</body>")].replace("<hr>", "<hr/>").replace("<br>", "<br/>")
    (tmp_path / "r.epub").write_bytes(book({"one.xhtml": page(body)}))
    read = read_documents([tmp_path / "r.epub"])
    assert read.documents["media_type"].tolist() == [EPUB]
    assert said(extract_evidence(read.documents, codebook)) == said(evidence_of(REPORT, codebook))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped({"mimetype": EPUB}), r"^does not contain its file 'META-INF/container\.xml'\. Expected an e-book"),
        (zipped({"mimetype": EPUB, "META-INF/container.xml": "<container/>"}), r"^does not name its list of pages\. "),
        (book({}), r"^lists no pages, or pages that it does not contain\. Expected an e-book"),
        (book({"one.xhtml": "<html><p>cut"}), r"^has a broken file 'b/one\.xhtml' \(.*\)\. Expected an e-book"),
        (book({"one.xhtml": page("<p>a</p>")}, **{
            "META-INF/encryption.xml": "<encryption><CipherReference URI='b/one.xhtml'/></encryption>"
        }), r"^is an encrypted e-book\. Expected an e-book without copy protection\."),
        (book({"one.xhtml": "x" * 20_000_000}), r"^contains 'b/one\.xhtml', which unpacks from .* to 20,000,000 bytes"),
        (book({"../one.xhtml": page("a")}), r"^contains files with unsafe names: 'b/\.\./one\.xhtml'"),
    ],
    ids=["no container", "no list", "no pages", "broken", "encrypted", "zip bomb", "outside"],
)  # fmt: skip
def test_an_e_book_that_cannot_be_read_is_refused(content, message):
    with pytest.raises(SourceError, match=message):
        pages_of_epub(content)


def test_entities_of_an_e_book_are_not_expanded():
    laughs = "<!DOCTYPE html [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"
    assert texts(book({"one.xhtml": laughs + page("&b;").removeprefix("<?xml version='1.0'?>")})) == ["&b;"]


def test_formats_are_known_by_their_content():
    assert kind_of(book({})) == EPUB
    assert kind_of(zipped({"mimetype": ODT, "content.xml": "<x/>"})) == ODT
    assert kind_of(b"{\\rtf1\\ansi Japan: 0}") == RTF


@pytest.mark.parametrize(("kind", "name"), [(ODT, r"an OpenDocument text \(ODT\)"), (RTF, r"a rich text file \(RTF\)")])
def test_without_libreoffice_the_message_says_what_to_install(monkeypatch, kind, name):
    monkeypatch.setattr(convert.shutil, "which", lambda _: None)
    with pytest.raises(SourceError, match=rf"^is {name}\. LibreOffice, .* not installed .* Install it, or"):
        convert_document(b"", kind)


def test_an_odt_that_is_a_zip_bomb_is_refused_before_it_is_converted(monkeypatch):
    monkeypatch.setattr(convert.shutil, "which", lambda _: "/bin/false")
    bomb = zipped({"mimetype": ODT, "content.xml": "x" * 20_000_000})
    with pytest.raises(SourceError, match=r"^contains 'content\.xml', which unpacks from .* to 20,000,000 bytes"):
        convert_document(bomb, ODT)


def test_a_document_that_libreoffice_does_not_convert_is_refused(monkeypatch):
    monkeypatch.setattr(convert.shutil, "which", lambda _: "/bin/false")
    with pytest.raises(SourceError, match=r"^is a rich text file \(RTF\) that LibreOffice cannot convert \(exit"):
        convert_document(b"{\\rtf1 x}", RTF)


@pytest.mark.nightly
@pytest.mark.parametrize(("kind", "name"), [(ODT, "odt"), (RTF, "rtf")])
def test_a_converted_document_gives_the_frames_of_its_text(libreoffice, tmp_path, codebook, kind, name):
    (tmp_path / "r.docx").write_bytes(set_docx(manuscript_of(REPORT)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [libreoffice, profile, "--headless", "--convert-to", name, "--outdir", tmp_path, tmp_path / "r.docx"]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    read = read_documents([tmp_path / f"r.{name}"])
    assert read.documents["media_type"].tolist() == [kind]
    assert [(row["part"], row["kind"]) for row in read.gaps.to_dict("records")] == [("format", "converted")]
    assert said(extract_evidence(read.documents, codebook)) == said(evidence_of(REPORT, codebook))


@pytest.mark.nightly
def test_hidden_text_of_a_converted_document_stays_hidden(libreoffice, tmp_path):
    (tmp_path / "a.rtf").write_bytes(rb"{\rtf1{\colortbl;\red255\green255\blue255;}Seen. {\v Gone. }{\cf1 White.}\par}")
    hidden = read_documents([tmp_path / "a.rtf"]).documents["hidden"][0]
    assert "hidden by Word" in hidden
    assert "white text" in hidden
