"""The folder of a file that is not finished: kept, continued, refused, removed."""

import json
from pathlib import Path

import pytest

from g7tag.errors import RunError
from g7tag.store import Shard, Unfinished, unfinished_path, was_placing
from g7tag.store import shards as module

SETTINGS = {"input": "1f", "batch size": 2}
ONE = Shard(b"one", 2, 1)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A file whose folder holds one shard."""
    with Unfinished(tmp_path / "tags.csv", SETTINGS, force=False) as folder:
        folder.put(0, ONE)
    return tmp_path / "tags.csv"


def names(output: Path) -> list[str]:
    return sorted(file.name for file in unfinished_path(output).iterdir())


def test_a_folder_of_the_same_settings_is_continued(output: Path) -> None:
    assert unfinished_path(output).name == "tags.csv.unfinished"
    with Unfinished(output, SETTINGS, force=False) as folder:
        assert folder.get(0, 2) == ONE
        assert folder.get(1, 2) is None


def test_a_shard_of_another_number_of_rows_is_not_taken_for_done(output: Path) -> None:
    with Unfinished(output, SETTINGS, force=False) as folder:
        assert folder.get(0, 3) is None


@pytest.mark.parametrize("content", [b"", b"on", b"One"], ids=["empty", "cut", "changed"])
def test_a_shard_that_is_torn_or_changed_is_not_taken_for_done(output: Path, content: bytes) -> None:
    next(unfinished_path(output).glob("*.shard")).write_bytes(content)
    with Unfinished(output, SETTINGS, force=False) as folder:
        assert folder.get(0, 2) is None
        folder.put(0, ONE)
    with Unfinished(output, SETTINGS, force=False) as folder:
        assert folder.get(0, 2) == ONE


def test_parts_that_a_killed_writer_left_are_removed(output: Path) -> None:
    for name in (".g7tag-abc.part", "whole.part", "rejects.part"):
        (unfinished_path(output) / name).write_bytes(b"half")
    with Unfinished(output, SETTINGS, force=False):
        assert [name for name in names(output) if name.endswith(".part")] == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"input": "2f"}, r"unfinished: was begun with another input: found '1f', wanted '2f'\. Finish it as it was"),
        ({"batch size": 3}, r"was begun with another batch size: found 2, wanted 3\. Finish it as it was begun, name"),
    ],
    ids=["input", "batch"],
)
def test_a_folder_of_other_settings_is_refused_unless_forced(
    output: Path, changed: dict[str, object], message: str
) -> None:
    with pytest.raises(RunError, match=message), Unfinished(output, SETTINGS | changed, force=False):
        pass
    with Unfinished(output, SETTINGS, force=False) as folder:
        assert folder.get(0, 2) == ONE  # the refused one has changed nothing
    with Unfinished(output, SETTINGS | changed, force=True) as folder:
        assert folder.get(0, 2) is None
    with Unfinished(output, SETTINGS | changed, force=False):
        pass


@pytest.mark.parametrize("content", ["", "[]", "words", '{"format": 0}'])
def test_settings_that_cannot_be_read_are_other_settings(output: Path, content: str) -> None:
    (unfinished_path(output) / "settings.json").write_text(content)
    with pytest.raises(RunError, match=r"was begun with another format: found .*, wanted 1"):
        Unfinished(output, SETTINGS, force=False).__enter__()
    with Unfinished(output, SETTINGS, force=True) as folder:
        assert folder.get(0, 2) is None


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_with_files_of_others_is_refused_and_stays_as_it_was(tmp_path: Path, force: bool) -> None:
    thesis = tmp_path / "tags.csv.unfinished"
    thesis.mkdir()
    (thesis / "chapter.docx").write_bytes(b"mine")
    with (
        pytest.raises(RunError, match=r"holds 'chapter\.docx' and is no folder of g7tag's\. Move it away"),
        Unfinished(tmp_path / "tags.csv", SETTINGS, force=force),
    ):
        pass
    assert (thesis / "chapter.docx").read_bytes() == b"mine"
    assert not (thesis / "settings.json").exists()


def test_shards_without_settings_are_refused(output: Path) -> None:
    (unfinished_path(output) / "settings.json").unlink()
    with pytest.raises(RunError, match=r"holds '00000000-2-1-\w{16}\.shard' and is no folder"):
        Unfinished(output, SETTINGS, force=False).__enter__()


@pytest.mark.parametrize("locks", [True, False], ids=["flock", "no flock"])
def test_a_second_process_at_one_output_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    if not locks:
        monkeypatch.setattr(module, "fcntl", None)
    output = tmp_path / "tags.csv"
    with (
        Unfinished(output, SETTINGS, force=False),
        pytest.raises(RunError, match=r"another g7tag is at work on this file\. Wait for it, or name another file"),
        Unfinished(output, SETTINGS, force=True),
    ):
        pass
    with Unfinished(output, SETTINGS, force=False):
        pass


def test_a_lock_file_that_a_killed_process_left_is_named(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "fcntl", None)
    (unfinished_path(output) / "lock").touch()
    with pytest.raises(RunError, match=r"If none is, remove .*tags\.csv\.unfinished.lock\."):
        Unfinished(output, SETTINGS, force=False).__enter__()


def test_a_folder_that_is_removed_leaves_nothing(output: Path) -> None:
    with Unfinished(output, SETTINGS, force=False) as folder:
        folder.begin_placing()
        assert was_placing(output)
        folder.remove()
    assert not unfinished_path(output).exists()
    assert not was_placing(output)


def test_a_folder_that_another_job_makes_after_the_removal_is_left_alone(output: Path) -> None:
    with Unfinished(output, SETTINGS, force=False) as folder:
        folder.remove()
        with Unfinished(output, SETTINGS, force=False):
            (unfinished_path(output) / "whole.part").touch()
            folder.__exit__(None, None, None)
            assert names(output) == ["lock", "settings.json", "whole.part"]


def test_a_folder_that_somebody_else_put_a_file_into_stays(output: Path) -> None:
    with Unfinished(output, SETTINGS, force=False) as folder:
        (unfinished_path(output) / "mine.txt").touch()
        folder.remove()
    assert names(output) == ["mine.txt"]


def test_the_settings_are_in_plain_json(output: Path) -> None:
    settings = json.loads((unfinished_path(output) / "settings.json").read_text())
    assert settings == {"format": 1, "input": "1f", "batch size": 2}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "tags.csv.unfinished").write_text("a file")
    with pytest.raises(RunError, match=r"tags\.csv\.unfinished: cannot make the folder \(File exists\)\. Name a place"):
        Unfinished(tmp_path / "tags.csv", SETTINGS, force=False).__enter__()
