"""Atomic writes, hashes, and paths of bundled data."""

import hashlib
from pathlib import Path

import pytest

from g7tag.errors import InputError
from g7tag.store import data_path, file_sha256, package_version, text_sha256, write_atomic


def test_a_new_file_holds_exactly_the_bytes(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.txt", b"one\r\ntwo\n")
    assert (tmp_path / "a.txt").read_bytes() == b"one\r\ntwo\n"


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a much longer old text")
    write_atomic(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"new"


def test_nothing_but_the_file_is_left_in_the_folder(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.txt", b"one")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_the_file_can_be_read_by_others_as_files_of_other_programs_can(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.txt", b"one")
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last step of a write, giving the file its name, fails."""

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr("os.replace", refuse)
    monkeypatch.setattr("os.rename", refuse)


@pytest.mark.usefixtures("full_disk")
def test_a_write_that_fails_says_where_and_why(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"a\.txt: cannot write \(No space left on device\)\. Expected a writable folder"
    ):
        write_atomic(tmp_path / "a.txt", b"new")


@pytest.mark.usefixtures("full_disk")
def test_the_old_file_stays_when_a_write_fails(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    with pytest.raises(InputError, match="cannot write"):
        write_atomic(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.usefixtures("full_disk")
def test_no_part_is_left_when_a_first_write_fails(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        write_atomic(tmp_path / "a.txt", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_an_input_error_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone/a\.txt: cannot write \(No such file or directory\)"):
        write_atomic(tmp_path / "gone" / "a.txt", b"new")
    assert not (tmp_path / "gone").exists()


def test_a_directory_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match=r"a: cannot write \(Is a directory\)"):
        write_atomic(tmp_path / "a", b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("text", ["", "naïve – “quoted”", "line\r\nline\n"], ids=["empty", "not ascii", "line ends"])
def test_a_text_and_a_file_of_it_have_one_hash(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode("utf-8"))
    assert text_sha256(text) == file_sha256(tmp_path / "a.txt") == hashlib.sha256(text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize("name", ["codebooks/2024-apulia-19.toml", "models/2024-apulia-19.skops", "corpus"])
def test_bundled_data_is_where_the_package_looks(name: str) -> None:
    assert data_path(name).exists()


def test_the_version_is_the_installed_one() -> None:
    assert package_version().count(".") == 2
