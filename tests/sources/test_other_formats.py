"""Documents of other formats: e-books (EPUB), files that LibreOffice converts, and scans that OCR recognizes."""

import importlib.util
import os
import random
import shutil
import subprocess
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pypdfium2
import pytest
from manuscript import manuscript_of
from PIL import Image
from reading import blocks, read, read_here
from same_evidence import evidence_of, said
from set_docx import set_docx
from set_html import set_html
from set_pdf import set_pdf

import g7tag
from g7tag.errors import SourceError, UsageError
from g7tag.evidence import extract_evidence
from g7tag.sources import DoubtfulWord, convert, read_documents
from g7tag.sources.kinds import EPUB, ODT, RTF
from g7tag.sources.ocr import recognize

REPORT = g7tag.example_path("invented-report.txt").read_text()
CONTAINER = "<container><rootfiles><rootfile full-path='b/list.opf'/></rootfiles></container>"


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
    """A page of an e-book."""
    space = "xmlns='http://www.w3.org/1999/xhtml' xmlns:epub='http://www.idpf.org/2007/ops'"
    return f"<?xml version='1.0'?><html lang='en' {space}><head>{head}</head><body>{body}</body></html>"


def test_the_pages_of_an_e_book_are_read_in_its_order_with_notes_on_another_page():
    item = "<p>A law&nbsp;was passed.<a id='r7' href='notes.xhtml#n7' epub:type='noteref'>7</a> It helped.</p>"
    note = "<aside id='n7' epub:type='footnote'><p><a href='one.xhtml#r7'>7</a>. Law, Gazette (Rome) n.d.</p></aside>"
    pages = {"two.xhtml": page("<p>Before.</p>"), "one.xhtml": page(item), "notes.xhtml": page(note)}
    assert blocks(book(pages)) == ["Before.", "A law\u00a0was passed.⁷ It helped.", "⁷ Law, Gazette (Rome) n.d."]


def test_a_style_sheet_of_an_e_book_is_a_gap():
    pages = {"one.xhtml": page("<p class='no'>Text.</p>", "<link rel='stylesheet' href='../s.css'/>")}
    found = read(book(pages, **{"s.css": ".no { display: none }"}))
    assert (found.blocks, [gap[0] for gap in found.gaps]) == (["Text."], ["styles"])


def test_an_e_book_gives_the_evidence_of_its_text(codebook):
    html = set_html(manuscript_of(REPORT)).decode()
    body = html[html.index("<body") :]
    body = body[body.index(">") + 1 : body.index("</body>")].replace("<hr>", "<hr/>").replace("<br>", "<br/>")
    found = read_here(book({"one.xhtml": page(body)}))
    assert said(extract_evidence(found.documents, codebook)) == said(evidence_of(REPORT, codebook))


LAUGHS = "<!DOCTYPE html [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped({"mimetype": EPUB}), r"does not contain its file 'META-INF/container\.xml'\. Expected an e-book"),
        (book({}), r"lists no pages, or pages that it does not contain\. Expected an e-book"),
        (book({"one.xhtml": "<html><p>cut"}), r"has a broken file 'b/one\.xhtml' \(.*\)\. Expected an e-book"),
        (book({"one.xhtml": page("<p>a</p>")}, **{
            "META-INF/encryption.xml": "<encryption><CipherReference URI='b/one.xhtml'/></encryption>"
        }), r"is an encrypted e-book\. Expected an e-book without copy protection\."),
        (book({"one.xhtml": "x" * 20_000_000}), r"contains 'b/one\.xhtml', which unpacks from .* to 20,000,000 bytes"),
    ],
    ids=["no container", "no pages", "broken", "encrypted", "zip bomb"],
)  # fmt: skip
def test_an_e_book_that_cannot_be_read_is_refused(content, message):
    with pytest.raises(SourceError, match=f"^{message}"):
        read(content)
    assert blocks(book({"one.xhtml": LAUGHS + page("&b;").removeprefix("<?xml version='1.0'?>")})) == ["&b;"]


@pytest.mark.parametrize(
    ("program", "content", "message"),
    [
        (None, b"{\\rtf1\\ansi x}", r"is a rich text file \(RTF\)\. LibreOffice, .* not installed .* Install it, or"),
        ("/bin/false", b"{\\rtf1\\ansi x}", r"is a rich text file \(RTF\) that LibreOffice cannot convert \(exit"),
        ("/bin/false", zipped({"mimetype": ODT, "content.xml": "x" * 20_000_000}),
         r"contains 'content\.xml', which unpacks from .* to 20,000,000 bytes"),
    ],
    ids=["no LibreOffice", "not converted", "zip bomb"],
)  # fmt: skip
def test_a_document_that_cannot_be_converted_is_refused(monkeypatch, program, content, message):
    monkeypatch.setattr(convert.shutil, "which", lambda _: program)
    with pytest.raises(SourceError, match=f"^{message}"):
        read(content)


@pytest.mark.nightly
@pytest.mark.parametrize(("kind", "name"), [(ODT, "odt"), (RTF, "rtf")])
def test_a_converted_document_gives_the_evidence_of_its_text(tmp_path, codebook, kind, name):
    program = convert.find_converter()
    if program is None:
        message = "LIBREOFFICE IS MISSING: install it (apt-get install libreoffice-writer-nogui)"
        pytest.fail(message) if os.environ.get("G7TAG_LIBREOFFICE") else pytest.skip(message)
    (tmp_path / "r.docx").write_bytes(set_docx(manuscript_of(REPORT)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", name, "--outdir", tmp_path, tmp_path / "r.docx"]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    found = read_documents([tmp_path / f"r.{name}"])
    assert found.documents["media_type"].tolist() == [kind]
    assert found.gaps[["part", "kind"]].to_numpy().tolist() == [["format", "converted"]]
    assert said(extract_evidence(found.documents, codebook)) == said(evidence_of(REPORT, codebook))
    (tmp_path / "a.rtf").write_bytes(rb"{\rtf1{\colortbl;\red255\green255\blue255;}Seen. {\v Gone. }{\cf1 White.}\par}")
    hidden = read_documents([tmp_path / "a.rtf"]).documents["hidden"][0]
    assert "hidden by Word" in hidden
    assert "white text" in hidden


def test_a_missing_program_for_scans_is_named_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(recognize.shutil, "which", lambda _: None)
    monkeypatch.setattr(recognize.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"^--ocr: OCRmyPDF and Tesseract are not installed\. Install both: pip insta"):
        read_documents([tmp_path / "a.pdf"], ocr=True)


def test_an_item_with_doubtful_words_is_a_gap(codebook):
    documents = evidence_of(REPORT, codebook).documents
    start = REPORT.index("freezer")
    words = {"a": [DoubtfulWord(start, start + len("freezer"), 31)]}
    (gap,) = extract_evidence(documents, codebook, doubtful=words).gaps.to_dict("records")
    assert (gap["part"], gap["kind"]) == ("item 2024-19/CAN-02", "recognized")
    assert "'freezer' (31)" in gap["reason"]


def scanned(pdf: bytes, *, dpi: int = 300, skew: float = 0.5, specks: int = 5) -> bytes:
    """The pages of a PDF as images, turned by degrees, with black dots on each page."""
    rng, pages = random.Random(0), []
    for each in pypdfium2.PdfDocument(pdf):
        image = each.render(scale=dpi / 72).to_pil().convert("L").rotate(skew, Image.Resampling.BICUBIC, fillcolor=255)
        for _ in range(specks):
            place = rng.randrange(image.width - 3), rng.randrange(image.height - 3)
            image.paste(60, (*place, place[0] + 3, place[1] + 3))
        pages.append(image)
    file = BytesIO()
    pages[0].save(file, "PDF", resolution=dpi, save_all=True, append_images=pages[1:])
    return file.getvalue()


@pytest.mark.nightly
def test_a_scan_of_300_dpi_gives_the_items_and_notes_of_its_text(tmp_path, codebook):
    if not (importlib.util.find_spec("ocrmypdf") and shutil.which("tesseract")):
        message = (
            "OCRMYPDF OR TESSERACT IS MISSING: install the extra ocr, and Tesseract (apt-get install tesseract-ocr)"
        )
        pytest.fail(message) if os.environ.get("G7TAG_OCR") else pytest.skip(message)
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned(set_pdf(manuscript_of(REPORT))))
    found = read_documents([path], ocr=True)
    true = evidence_of(REPORT, codebook)
    evidence = extract_evidence(found.documents, codebook, gaps=found.gaps, doubtful=found.doubtful)
    pairs = list(zip(evidence.items["text"].str.split(), true.items["text"].str.split(), strict=True))
    assert sum(len(set(one) ^ set(other)) <= 2 for one, other in pairs) >= 0.8 * len(pairs)
    for frame, columns in {"items": ["item_id", "date", "citations"], "citations": ["note"]}.items():
        assert {each: said(evidence)[frame][each] for each in columns} == {
            each: said(true)[frame][each] for each in columns
        }
    assert said(evidence)["members"] == said(true)["members"]
    assert found.documents["status"].tolist() == ["recognized"]
    row = evidence.gaps.iloc[0]
    assert (row["part"], row["kind"]) == ("scanned pages", "recognized")
    assert "with a confidence of 9" in row["reason"]
