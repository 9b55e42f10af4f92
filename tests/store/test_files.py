"""Atomic writes, hashes, archives, and paths of bundled data."""

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from g7tag.errors import InputError
from g7tag.store import file_sha256, text_sha256, with_fixed_dates, write_atomic


def test_a_write_makes_or_replaces_the_file_with_exactly_the_bytes_and_leaves_nothing_else(tmp_path):
    for content in (b"a longer first text\r\n", "naïve – “two”\r\n".encode()):
        write_atomic(tmp_path / "a.txt", content)
        assert (tmp_path / "a.txt").read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644  # as files of other programs
    hashed = hashlib.sha256(content).hexdigest()
    assert text_sha256(content.decode()) == file_sha256(tmp_path / "a.txt") == hashed


@pytest.mark.parametrize("before", [{}, {"a.txt": b"old"}], ids=["first write", "replaced"])
def test_a_write_that_fails_leaves_the_old_file_or_none(tmp_path, monkeypatch, before):
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)  # the last step
    for path, why in ((tmp_path / "a.txt", "No space left on device"), (tmp_path / "gone/a.txt", "No such file.*")):
        with pytest.raises(InputError, match=rf"a\.txt: cannot write \({why}\)\. Expected a writable folder"):
            write_atomic(path, b"new")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def archive(year):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in (("b.xml", "<b/>"), ("a.xml", "<a/>")):
            made.writestr(zipfile.ZipInfo(name, (year, 1, 2, 3, 4, 6)), text)
    return buffer.getvalue()


def test_archives_of_the_same_content_have_the_same_bytes_in_the_order_of_their_files():
    fixed = with_fixed_dates(archive(2024))
    assert archive(2024) != archive(2025)
    assert fixed == with_fixed_dates(archive(2025)) == with_fixed_dates(fixed)
    with zipfile.ZipFile(BytesIO(fixed)) as made:  # Word expects [Content_Types].xml first
        assert [(name, made.read(name)) for name in made.namelist()] == [("b.xml", b"<b/>"), ("a.xml", b"<a/>")]
