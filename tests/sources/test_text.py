"""Files that are reports, and files that are not: names, formats, sizes, and the text of text files."""

import json

import pytest
from raw_pdf import text_at, write_pages
from reading import read, read_here

from g7tag.errors import SourceError
from g7tag.sources import documents, read_documents


def test_a_text_file_becomes_one_document_without_pages():
    row = read_here(b"a\r\n", "japan.txt").documents.iloc[0].to_dict()
    assert row.pop("pages") is not row  # NA
    assert row == {
        "document_id": "japan", "name": "japan.txt", "media_type": "text/plain", "text": "a\n", "hidden": "[]",
        "status": "ok",
        # printf 'a\r\n' | sha256sum: of the bytes on disk
        "sha256": "8e4621379786ef42a4fec155cd525c291dd7db3c1fde3478522f4f61c03fd1bd",
    }  # fmt: skip


READ = {
    "spaces and brackets": (b"Japan: 0", "Final Report_(2).TXT", "document_id", "final-report-2"),
    "letters with accents": (b"Japan: 0", "été.txt", "document_id", "été"),
    "nothing left": (b"Japan: 0", "--.txt", "document_id", "report"),
    "byte-order mark": (b"\xef\xbb\xbfJapan: 0\nNext.\n", "a", "text", "Japan: 0\nNext.\n"),
    "line ends": (b"Japan: 0\r\nNext.\r", "a", "text", "Japan: 0\nNext.\n"),
    "form feed": (b"one\n\ftwo", "a", "text", "one\n\ftwo"),
    "doctype": (b"<!DOCTYPE html><p>Japan: 0</p>", "a.docx", "media_type", "text/html"),
    "XHTML behind a byte-order mark":
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><html><p>Japan: 0</p></html>", "a", "media_type", "text/html"),
    "UTF-16": ("\ufeff<html><p>Japan: 0</p></html>".encode("utf-16-le"), "a.docx", "media_type", "text/html"),
    "signs in text": (b"a < b and <c>", "a.docx", "media_type", "text/plain"),
    "PDF": (write_pages(text_at("Japan: 0")), "a.docx", "media_type", "application/pdf"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "column", "value"), READ.values(), ids=READ)
def test_the_name_gives_the_id_and_the_content_the_text_and_the_type(content, name, column, value):
    assert read_here(content, name).documents[column].tolist() == [value]


def test_a_file_that_is_too_large_is_refused_and_one_of_the_largest_size_read(monkeypatch):
    monkeypatch.setattr(documents, "MOST_TEXT_BYTES", 1000)
    read(b"x" * 1000)
    with pytest.raises(SourceError, match=r"^has more than 1,000 bytes\. Expected a smaller report; split it"):
        read(b"x" * 1001)
    monkeypatch.setattr(documents, "MOST_CHARACTERS", 8)
    with pytest.raises(SourceError, match=r"^has more than 8 characters\. Expected a smaller report; split it"):
        read(write_pages(text_at("Canada: 0")))


def test_characters_without_width_are_hidden_text():
    content = "Japan: 0\n\nA\u200bb \u202eevil\u202c.".encode()
    spans = [[11, 12, "zero width"], [14, 15, "zero width"], [19, 20, "zero width"]]
    assert json.loads(read_here(content).documents["hidden"][0]) == spans


def test_files_keep_their_order_and_bad_ones_are_gaps_beside_good_ones(tmp_path):
    names = {"b.txt": b"Japan: 0", "bad.txt": b"", "a.txt": b"Canada: 0"}
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    said = []
    found = read_documents([tmp_path / name for name in (*names, "none.txt")], announce=said.append)
    assert found.documents["document_id"].tolist() == ["b", "a"]
    assert found.gaps[["name", "part", "kind"]].values.tolist() == [
        ["bad.txt", "document", "unread"], ["none.txt", "document", "unread"]
    ]  # fmt: skip
    assert found.gaps["reason"][0].startswith("the file is empty")
    assert found.gaps["reason"][1].startswith("cannot be read (No such file or director")
    assert said == [f"reading {name}" for name in (*names, "none.txt")]
    assert read_documents([]).documents.empty


def test_two_files_of_one_id_are_refused(tmp_path):
    paths = [tmp_path / "Japan 1.txt", tmp_path / "japan-1.txt"]
    for path in paths:
        path.write_text("Japan: 0")
    with pytest.raises(SourceError, match=r"Japan 1\.txt: two reports have the id 'japan-1'\. Expected unique names"):
        read_documents(paths)
