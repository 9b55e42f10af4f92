"""Files that are reports, and files that are not."""

import pytest
from raw_pdf import text_at, write_pages

from g7tag.errors import SourceError
from g7tag.sources import documents, read_documents


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_text_file_becomes_one_document(tmp_path):
    path = write(tmp_path, "japan.txt", b"Japan: 0\n")
    row = read_documents([path]).documents.iloc[0]
    assert (row["document_id"], row["name"], row["media_type"]) == ("japan", "japan.txt", "text/plain")
    assert (row["text"], row["hidden"], row["status"]) == ("Japan: 0\n", "[]", "ok")


def test_a_text_file_has_no_pages(tmp_path):
    assert read_documents([write(tmp_path, "japan.txt", b"Japan: 0\n")]).documents["pages"].isna().all()


def test_the_checksum_is_of_the_bytes_as_they_lie_on_disk(tmp_path):
    # printf 'a\r\n' | sha256sum
    expected = "8e4621379786ef42a4fec155cd525c291dd7db3c1fde3478522f4f61c03fd1bd"
    assert read_documents([write(tmp_path, "a.txt", b"a\r\n")]).documents["sha256"].tolist() == [expected]


def test_documents_keep_the_order_given(tmp_path):
    paths = [write(tmp_path, name, b"Japan: 0") for name in ("b.txt", "a.txt", "c.txt")]
    assert read_documents(paths).documents["document_id"].tolist() == ["b", "a", "c"]


def test_no_files_give_an_empty_frame():
    assert read_documents([]).documents.empty


@pytest.mark.parametrize(
    ("name", "document_id"),
    [
        ("2024-apulia-19.txt", "2024-apulia-19"),
        ("Final Report (2).TXT", "final-report-2"),
        ("report_final.txt", "report-final"),
        ("été.txt", "été"),
        ("--.txt", "report"),
    ],
    ids=["plain", "spaces and brackets", "underscore", "letters with accents", "nothing left"],
)
def test_an_id_is_the_name_in_lower_case_with_hyphens(tmp_path, name, document_id):
    assert read_documents([write(tmp_path, name, b"Japan: 0")]).documents["document_id"].tolist() == [document_id]


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbfJapan: 0\nNext.\n", b"Japan: 0\r\nNext.\r\n", b"Japan: 0\rNext.\r"],
    ids=["byte-order mark", "Windows line ends", "old Mac line ends"],
)
def test_marks_of_the_system_that_wrote_the_file_are_no_text(tmp_path, content):
    assert read_documents([write(tmp_path, "a.txt", content)]).documents["text"].tolist() == ["Japan: 0\nNext.\n"]


def test_a_form_feed_is_text(tmp_path):
    assert read_documents([write(tmp_path, "a.txt", b"one\n\ftwo")]).documents["text"].tolist() == ["one\n\ftwo"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"none\.txt: cannot be read \(No such file or directory\).*check the path"):
        read_documents([tmp_path / "none.txt"])


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(SourceError, match=rf"{tmp_path.name}: is a directory\. Expected a report file"):
        read_documents([tmp_path])


@pytest.mark.parametrize("content", [b"", b" \n\n\t\n", b"\xef\xbb\xbf"], ids=["nothing", "blanks", "only a mark"])
def test_an_empty_file_is_refused(tmp_path, content):
    with pytest.raises(SourceError, match=r"a\.txt: the file is empty\. Expected the text of a compliance report"):
        read_documents([write(tmp_path, "a.txt", content)])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"caf\xe9 au lait", r"byte 3 is not UTF-8"),
        (b"\xff\xfeJ\x00a\x00", r"byte 0 is not UTF-8"),
        (b"Japan: 0\x00\x01", r"control character '\\x00'"),
        (b"Japan\x1b[31m: 0", r"control character '\\x1b'"),
    ],
    ids=["Latin-1", "UTF-16", "NUL", "escape"],
)
def test_a_binary_file_is_refused(tmp_path, content, found):
    with pytest.raises(SourceError, match=rf"a\.bin: is not a text file \({found}\)\. Expected the report as UTF-8"):
        read_documents([write(tmp_path, "a.bin", content)])


def test_two_files_of_one_id_are_refused(tmp_path):
    paths = [write(tmp_path, name, b"Japan: 0") for name in ("Japan 1.txt", "japan-1.txt")]
    with pytest.raises(SourceError, match=r"Japan 1\.txt: two reports have the id 'japan-1'\. Expected unique names"):
        read_documents(paths)


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MOST_TEXT_BYTES", 1000)
    path = write(tmp_path, "a.txt", b"x" * 1001)
    with pytest.raises(SourceError, match=r"a\.txt: has more than 1,000 bytes\. Expected a smaller report; split it"):
        read_documents([path])


def test_a_file_of_the_largest_size_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MOST_TEXT_BYTES", 1000)
    assert len(read_documents([write(tmp_path, "a.txt", b"x" * 1000)]).documents) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{\\rtf1}", r"is a rich text file \(RTF\)"),
        (b"\xd0\xcf\x11\xe0", r"is an old Word file \(DOC\) or a password-protected Word file"),
        (b"\x89PNG\r\n", r"is an image \(PNG\)"),
        (b"7z\xbc\xaf", r"is a compressed file \(7-Zip\)"),
    ],
    ids=["RTF", "DOC", "PNG", "7z"],
)
def test_a_file_of_another_kind_is_called_by_its_name(tmp_path, content, kind):
    expected = rf"a\.txt: {kind}\. Expected a report as PDF, Word \(DOCX\), HTML or text; save it in one of"
    with pytest.raises(SourceError, match=expected):
        read_documents([write(tmp_path, "a.txt", content)])


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"<!DOCTYPE html><p>Japan: 0</p>", "text/html"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><html><p>Japan: 0</p></html>", "text/html"),
        ("\ufeff<html><p>Japan: 0</p></html>".encode("utf-16-le"), "text/html"),
        (b"<p>Japan: 0", "text/html"),
        (b"a < b and <c>", "text/plain"),
    ],
    ids=["doctype", "XHTML behind a byte-order mark", "UTF-16", "a fragment", "signs in text"],
)
def test_what_a_file_is_depends_on_its_content_and_not_on_its_name(tmp_path, content, media_type):
    assert read_documents([write(tmp_path, "a.pdf", content)]).documents["media_type"].tolist() == [media_type]


def test_a_pdf_named_as_a_text_is_read(tmp_path):
    row = read_documents([write(tmp_path, "a.txt", write_pages(text_at("Canada: 0")))]).documents.iloc[0]
    assert (row["media_type"], row["text"]) == ("application/pdf", "Canada: 0")


def test_bad_files_are_gaps_beside_good_ones(tmp_path):
    good, bad = write(tmp_path, "good.txt", b"Japan: 0"), write(tmp_path, "bad.pdf", b"%PDF-1.7\n")
    read = read_documents([bad, good, tmp_path / "none.txt"])
    assert read.documents["name"].tolist() == ["good.txt"]
    assert read.gaps[["name", "part", "kind"]].values.tolist() == [
        ["bad.pdf", "document", "unread"],
        ["none.txt", "document", "unread"],
    ]
    assert read.gaps["reason"].str[:40].tolist() == [
        "is truncated: its end (%%EOF) is missing",
        "cannot be read (No such file or director",
    ]


def test_where_no_file_can_be_read_each_is_named(tmp_path):
    paths = [write(tmp_path, "a.txt", b""), tmp_path / "b.txt"]
    expected = r"none of the 2 reports can be used:\n  .*a\.txt: the file is empty.*\n  .*b\.txt: cannot be read"
    with pytest.raises(SourceError, match=expected):
        read_documents(paths)


def test_characters_without_width_are_hidden_text(tmp_path):
    path = write(tmp_path, "a.txt", "Japan: 0\n\nA\u200bb \u202eevil\u202c.".encode())
    assert read_documents([path]).documents["hidden"].tolist() == [
        '[[11, 12, "zero width"], [14, 15, "zero width"], [19, 20, "zero width"]]'
    ]


def test_what_is_being_read_is_announced(tmp_path):
    said = []
    read_documents([write(tmp_path, "a.txt", b"Japan: 0")], announce=said.append)
    assert said == ["reading a.txt"]
