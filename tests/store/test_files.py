"""Atomic writes, hashes, archives, and paths of bundled data."""

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from g7tag.errors import InputError
from g7tag.store import data_path, file_sha256, package_version, text_sha256, with_fixed_dates, write_atomic


def test_a_write_makes_or_replaces_the_file_with_exactly_the_bytes_and_leaves_nothing_else(tmp_path: Path) -> None:
    for content in (b"a longer first text\r\n", b"two\r\n"):
        write_atomic(tmp_path / "a.txt", content)
        assert (tmp_path / "a.txt").read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644  # as files of other programs


@pytest.mark.parametrize("before", [None, b"old"], ids=["first write", "replaced"])
def test_a_write_that_fails_leaves_the_old_file_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes | None
) -> None:
    if before:
        (tmp_path / "a.txt").write_bytes(before)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)  # the last step
    with pytest.raises(
        InputError, match=r"a\.txt: cannot write \(No space left on device\)\. Expected a writable folder"
    ):
        write_atomic(tmp_path / "a.txt", b"new")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == ({"a.txt": before} if before else {})


def test_a_missing_folder_is_not_made_and_a_folder_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone/a\.txt: cannot write \(No such file or directory\)"):
        write_atomic(tmp_path / "gone" / "a.txt", b"new")
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match=r"a: cannot write \(Is a directory\)"):
        write_atomic(tmp_path / "a", b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def test_a_text_and_a_file_of_it_have_one_hash(tmp_path: Path) -> None:
    content = "naïve – “quoted”\r\n".encode()
    (tmp_path / "a.txt").write_bytes(content)
    assert text_sha256(content.decode()) == file_sha256(tmp_path / "a.txt") == hashlib.sha256(content).hexdigest()


def test_bundled_data_is_where_the_package_looks() -> None:
    for name in ("codebooks/2024-apulia-19.toml", "models/2024-apulia-19.npz", "corpus"):
        assert data_path(name).exists()
    assert package_version().count(".") == 2


def archive(year: int) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in (("b.xml", "<b/>"), ("a.xml", "<a/>")):
            made.writestr(zipfile.ZipInfo(name, (year, 1, 2, 3, 4, 6)), text)
    return buffer.getvalue()


def test_archives_of_the_same_content_have_the_same_bytes_in_the_order_of_their_files() -> None:
    fixed = with_fixed_dates(archive(2024))
    assert archive(2024) != archive(2025)
    assert fixed == with_fixed_dates(archive(2025)) == with_fixed_dates(fixed)
    with zipfile.ZipFile(BytesIO(fixed)) as made:  # Word expects [Content_Types].xml first
        assert [(name, made.read(name)) for name in made.namelist()] == [("b.xml", b"<b/>"), ("a.xml", b"<a/>")]
