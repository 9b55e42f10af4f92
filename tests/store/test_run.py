"""Run directories are continued, refused or replaced, and never half written."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from g7tag.errors import FrameError, RunError
from g7tag.frames import FINDINGS, LABELS, build
from g7tag.store import Frames, RunDirectory, locked, write_atomic

FINDING = {
    "finding_id": "a", "check": "average", "severity": "low", "member": "Japan", "subject": "2024-19",
    "message": "printed +0.38", "proof": "",
}  # fmt: skip
LABEL = {
    "sentence_id": "s.1", "dimensions": "", "strength": "none", "exclusion": "", "contradicts": False,
    "annotation_id": "", "policy": "p", "status": "ok",
}  # fmt: skip


def find(message: str = "printed +0.38") -> Callable[[], Frames]:
    return lambda: {"findings": build(FINDINGS, [FINDING | {"message": message}])}


def label() -> Frames:
    return {"labels": build(LABELS, [LABEL])}


def never() -> Frames:
    pytest.fail("a step that was done is computed again")


def first(path: Path, *, settings: dict[str, object] | None = None, force: bool = False, message: str = "x") -> Frames:
    """One step, named first, that makes the findings."""
    directory = RunDirectory(path, force=force)
    return directory.step("first", settings or {"report": "r 1"}, {"findings": FINDINGS}, find(message))


def both(path: Path) -> None:
    """Two steps: findings, then labels."""
    first(path)
    RunDirectory(path).step("second", {"policy": "p"}, {"labels": LABELS}, label)


def files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def test_a_step_writes_its_frames_and_a_manifest(tmp_path: Path) -> None:
    first(tmp_path / "run")
    assert list(files(tmp_path / "run")) == ["findings.parquet", "manifest.json"]


def test_the_directory_is_made_by_the_first_step_and_not_before(tmp_path: Path) -> None:
    RunDirectory(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_step_done_with_the_same_settings_is_read_and_not_computed(tmp_path: Path) -> None:
    done = first(tmp_path)
    again = RunDirectory(tmp_path).step("first", {"report": "r 1"}, {"findings": FINDINGS}, never)
    pd.testing.assert_frame_equal(again["findings"], done["findings"])


def test_continuing_changes_no_byte(tmp_path: Path) -> None:
    first(tmp_path)
    before = files(tmp_path)
    first(tmp_path)
    assert files(tmp_path) == before


def test_other_settings_are_refused_with_what_was_found_and_wanted(tmp_path: Path) -> None:
    first(tmp_path)
    before = files(tmp_path)
    with pytest.raises(
        RunError, match=r'with a different setting .report.: found "r 1", expected "r 2"\. Choose another'
    ):
        first(tmp_path, settings={"report": "r 2"})
    assert files(tmp_path) == before


def test_force_replaces_the_frames_and_drops_later_steps_and_pages(tmp_path: Path) -> None:
    both(tmp_path)
    (tmp_path / "report.html").write_text("old")
    first(tmp_path, settings={"report": "r 2"}, force=True, message="new")
    assert list(files(tmp_path)) == ["findings.parquet", "manifest.json"]
    assert RunDirectory(tmp_path).read({"findings": FINDINGS})["findings"]["message"].tolist() == ["new"]
    with pytest.raises(RunError, match="no labels frame; it has findings"):
        RunDirectory(tmp_path).read({"labels": LABELS})


def test_force_never_touches_what_people_wrote(tmp_path: Path) -> None:
    both(tmp_path)
    for name in ("reviews.sqlite", "ledger.csv"):
        (tmp_path / name).write_text("by hand")
    first(tmp_path, settings={"report": "r 2"}, force=True)
    assert (tmp_path / "reviews.sqlite").read_text() == (tmp_path / "ledger.csv").read_text() == "by hand"


@pytest.mark.parametrize("name", ["reviews.sqlite", "ledger.csv", ".g7tag-a1b2.part"])
def test_a_directory_of_peoples_work_or_of_a_killed_write_can_be_run_into(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("kept")
    first(tmp_path)
    assert (tmp_path / "findings.parquet").is_file()


@pytest.mark.parametrize(
    ("break_it", "what"),
    [
        (lambda file: file.write_bytes(file.read_bytes() + b"!"), "was changed"),
        (lambda file: file.unlink(), "is missing"),
    ],
    ids=["changed", "missing"],
)
def test_a_frame_file_that_is_not_as_written_is_named(
    tmp_path: Path, break_it: Callable[[Path], object], what: str
) -> None:
    first(tmp_path)
    break_it(tmp_path / "findings.parquet")
    for use in (lambda: first(tmp_path), lambda: RunDirectory(tmp_path).read({"findings": FINDINGS})):
        with pytest.raises(
            RunError,
            match=rf"findings\.parquet: {what}.* Expected 1 row with sha256 \w+\. Rerun the command that wrote it",
        ):
            use()


def test_force_mends_a_changed_frame_file(tmp_path: Path) -> None:
    first(tmp_path)
    before = files(tmp_path)
    (tmp_path / "findings.parquet").write_bytes(b"")
    first(tmp_path, force=True)
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("manifest", "found"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"format": 1}', "cannot be read"),
        ('{"format": 9, "steps": {}}', "has format 9, expected 1"),
        ('{"format": 1, "steps": [1]}', "cannot be read"),
        ('{"format": 1, "steps": {"first": {}}}', "cannot be read"),
        ('{"format": 1, "steps": {"first": 5}}', "cannot be read"),
        ('{"format": 1, "steps": {"first": {"settings": {}, "frames": {"findings": {}}}}}', "cannot be read"),
    ],
    ids=["empty", "cut off", "list", "no format", "no steps", "newer", "steps are a list", "no settings", "number",
         "no hash"],
)  # fmt: skip
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, manifest: str, found: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(RunError, match=rf"manifest\.json: {found}"):
        first(tmp_path, settings={})


def test_a_directory_with_files_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(
        RunError, match=r"has 'thesis\.docx' and no manifest\. Expected an empty directory or a run directory"
    ):
        RunDirectory(tmp_path, force=True)


def test_a_file_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    with pytest.raises(RunError, match=r"run: is a file\. Expected a directory for the run\. Choose another"):
        RunDirectory(tmp_path / "run")


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match=r"file/run: cannot create the directory \(Not a directory\)"):
        first(tmp_path / "file" / "run")


def test_reading_where_no_run_is_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no findings frame; it is not a run directory\. Run `g7tag run REPORT -o "):
        RunDirectory(tmp_path).read({"findings": FINDINGS})


def test_a_directory_that_is_missing_is_named_with_the_run_beside_it(tmp_path: Path) -> None:
    first(tmp_path / "run")
    with pytest.raises(RunError, match=r"rum: no such directory\. Did you mean '.*/run'\? Check the path, or make the"):
        RunDirectory(tmp_path / "rum").read({"findings": FINDINGS})
    with pytest.raises(RunError, match=r"/elsewhere: no such directory\. Check the path"):
        RunDirectory(tmp_path / "elsewhere").read({"findings": FINDINGS})


def test_a_computation_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        RunDirectory(tmp_path / "run").step("first", {}, {"findings": FINDINGS}, lambda: {"findings": 1 / 0})
    assert not (tmp_path / "run").exists()


def test_a_result_that_breaks_its_schema_leaves_the_earlier_run_as_it_was(tmp_path: Path) -> None:
    both(tmp_path)
    before = files(tmp_path)
    with pytest.raises(FrameError, match=r"first: not a valid findings frame\n  column 'proof' is missing"):
        RunDirectory(tmp_path, force=True).step(
            "first", {}, {"findings": FINDINGS}, lambda: {"findings": find()()["findings"].drop(columns="proof")}
        )
    assert files(tmp_path) == before


class Killed(BaseException):
    """Stands in for kill -9: nothing catches it."""


def dying(function: Callable[..., object], call: int) -> Callable[..., object]:
    """A function at whose `call`-th call the process dies."""
    calls = iter(range(1, 100))

    def dies(*args: object, **named: object) -> object:
        if next(calls) == call:
            msg = "kill -9"
            raise Killed(msg)
        return function(*args, **named)

    return dies


@pytest.mark.parametrize("call", range(1, 7))
def test_a_run_killed_at_any_write_is_continued_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    both(tmp_path / "whole")  # a step writes thrice: begun, the frame, done
    with monkeypatch.context() as patch:
        dies = dying(write_atomic, call)
        for module in ("run",):
            patch.setattr(f"g7tag.store.{module}.write_atomic", dies)
        with pytest.raises(Killed, match="kill -9"):
            both(tmp_path / "run")
    both(tmp_path / "run")
    assert files(tmp_path / "run") == files(tmp_path / "whole")


@pytest.mark.parametrize("call", [1, 2])
def test_a_forced_run_killed_while_it_removes_files_can_be_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    both(tmp_path)
    before = files(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", dying(Path.unlink, call))
        with pytest.raises(Killed, match="kill -9"):
            first(tmp_path, force=True)
    both(tmp_path)
    assert files(tmp_path) == before


def test_a_directory_that_another_writes_into_is_refused(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(RunError, match="another g7tag is writing there"):
        first(tmp_path, settings={"a": 1})
    first(tmp_path, settings={"a": 1})


def test_a_run_that_was_overtaken_is_refused(tmp_path: Path) -> None:
    late = RunDirectory(tmp_path / "run")
    first(tmp_path / "run", settings={"a": 1})
    with pytest.raises(RunError, match="another g7tag wrote there in the meantime"):
        late.step("first", {"a": 2}, {"findings": FINDINGS}, lambda: {"findings": build(FINDINGS, [])})


def test_pages_of_others_are_left_alone(tmp_path: Path) -> None:
    first(tmp_path / "run", settings={"a": 1})
    for name in ("notes.html", "report.html"):
        (tmp_path / "run" / name).write_text("x")
    RunDirectory(tmp_path / "run", force=True).step(
        "first", {"a": 2}, {"findings": FINDINGS}, lambda: {"findings": build(FINDINGS, [])}
    )
    assert [path.name for path in sorted((tmp_path / "run").glob("*.html"))] == ["notes.html"]
