"""The file of rejected rows."""

import csv
import errno
from pathlib import Path

import pytest

from g7tag.batch.rejects import Reject, RejectFile, move_whole
from g7tag.errors import InputError

FORMULA = Reject(2, "=1", "position '=2' is not a number", "=HYPERLINK()" + "a" * 300)


def test_rejects_are_written_in_order_shortened_and_safe_for_spreadsheets(tmp_path: Path) -> None:
    with RejectFile(tmp_path / "scratch") as rejects:
        rejects.add([FORMULA, Reject(3, "\ud800", "not valid UTF-8", "caf\udce9, ok 👍")])
        rejects.place(tmp_path / "r.csv")
    rows = list(csv.reader((tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()))
    assert rows == [
        ["row", "sentence_id", "reason", "text"],
        ["2", "'=1", "position '=2' is not a number", "'=HYPERLINK()" + "a" * 188],  # 200 characters after the mark
        ["3", "�", "not valid UTF-8", "caf�, ok 👍"],
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["r.csv"]


def test_all_are_counted_and_the_first_five_remembered() -> None:
    with RejectFile(None) as rejects:
        rejects.add([Reject(row, "", "why", "") for row in range(1, 5)])
        rejects.add([Reject(row, "", "why", "") for row in range(5, 9)])
    assert rejects.count == 8
    assert [reject.row for reject in rejects.first] == [1, 2, 3, 4, 5]


def test_a_job_without_a_reject_or_that_fails_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("of another run")
    with RejectFile(tmp_path / "scratch") as rejects:
        assert rejects.place(tmp_path / "r.csv") is None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(AttributeError, match="has no attribute 'row'"), RejectFile(tmp_path / "scratch") as rejects:
        rejects.add([FORMULA, None])
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_moved_to_another_disk_at_once_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made").write_bytes(b"whole")
    replace = Path.replace

    def replace_within_a_disk(self: Path, target: Path) -> Path:
        if self.name == "made":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", replace_within_a_disk)
    move_whole(tmp_path / "made", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"whole"
    assert not (tmp_path / ".target.part").exists()
    with pytest.raises(InputError, match=r"gone/target: cannot write \(No such file or directory\)\. Expected a wri"):
        move_whole(tmp_path / "target", tmp_path / "gone" / "target")
