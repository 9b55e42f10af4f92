"""Run directories are continued, refused or replaced, never half written, and nothing outside them is touched."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from g7tag.errors import FrameError, RunError
from g7tag.frames import FINDINGS, LABELS, build
from g7tag.store import RunDirectory, inside, locked, reviewing, write_atomic
from g7tag.store.run import MOST_BYTES

FINDING = {
    "finding_id": "a", "check": "average", "severity": "low", "member": "Japan", "subject": "2024-19",
    "message": "printed +0.38", "proof": "",
}  # fmt: skip
LABEL = {
    "sentence_id": "s.1", "dimensions": "", "strength": "none", "exclusion": "", "contradicts": False,
    "annotation_id": "", "policy": "p", "status": "ok",
}  # fmt: skip
HASH = "0" * 64


def score(path, *, message="x", force=False, **settings):
    """One step that makes the findings."""
    return RunDirectory(path, force=force).step(
        "score", {"report": "r 1"} | settings, {"findings": FINDINGS},
        lambda: {"findings": build(FINDINGS, [FINDING | {"message": message}])},
    )  # fmt: skip


def both(path):
    """Two steps: findings, then labels."""
    score(path)
    labels = build(LABELS, [LABEL])
    RunDirectory(path).step("second", {"policy": "p"}, {"labels": LABELS}, lambda: {"labels": labels})


def files(path):
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def read(path):
    return RunDirectory(path).read({"findings": FINDINGS})


def test_a_step_makes_the_directory_writes_its_frames_and_is_not_computed_again(tmp_path):
    path = tmp_path / "run"
    RunDirectory(path)
    assert not path.exists()
    done = score(path)
    before = files(path)
    assert list(before) == ["findings.parquet", "manifest.json"]
    again = RunDirectory(path).step("score", {"report": "r 1"}, {"findings": FINDINGS}, lambda: pytest.fail("again"))
    pd.testing.assert_frame_equal(again["findings"], done["findings"])
    with pytest.raises(RunError, match=r"a different setting .report.: found \"r 1\", expected \"r 2\"\. Choose anoth"):
        score(path, report="r 2")
    assert files(path) == before


def test_a_step_runs_again_without_force_if_peoples_work_changed(tmp_path):
    for labels, message in (("1 a", "old"), ("2 b", "new")):
        frames = score(tmp_path, labels=labels, message=message)
        assert frames["findings"]["message"].tolist() == read(tmp_path)["findings"]["message"].tolist() == [message]


def test_force_replaces_frames_and_drops_later_steps_and_pages_but_nothing_of_people(tmp_path):
    kept = ("reviews.sqlite", "ledger.csv", ".g7tag-a1b2.part")
    for name in kept:  # people's work, and what a killed write left, may be there first
        (tmp_path / name).write_text(name)
    both(tmp_path)
    (tmp_path / "report.html").write_text("page")
    score(tmp_path, report="r 2", message="new", force=True)
    assert list(files(tmp_path)) == sorted(["findings.parquet", "manifest.json", *kept])
    assert all((tmp_path / name).read_text() == name for name in kept)
    assert read(tmp_path)["findings"]["message"].tolist() == ["new"]
    with pytest.raises(RunError, match="no labels frame; it has findings"):
        RunDirectory(tmp_path).read({"labels": LABELS})


def test_a_frame_file_that_is_not_as_written_is_named_and_mended_by_force(tmp_path):
    score(tmp_path)
    before, file = files(tmp_path), tmp_path / "findings.parquet"
    for content, what in ((before[file.name] + b"!", "was changed"), (None, "is missing")):
        file.unlink() if content is None else file.write_bytes(content)
        for use in (score, read):
            with pytest.raises(RunError, match=rf"findings\.parquet: {what}.* Expected 1 row with sha256 \w+\. Rerun"):
                use(tmp_path)
    score(tmp_path, force=True)
    assert files(tmp_path) == before


def test_places_that_are_no_run_directory_are_refused_with_advice(tmp_path):
    with pytest.raises(RunError, match=r"no findings frame; it is not a run directory\. Run `g7tag run REPORT -o "):
        read(tmp_path)
    with pytest.raises(RunError, match=r"/elsewhere: no such directory\. Check the path, or make the run: `g7tag run"):
        read(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match=r"file: is a file\. Expected a directory for the run\. Choose another"):
        RunDirectory(tmp_path / "file")
    with pytest.raises(RunError, match=r"file/run: cannot create the folder \(Not a directory\)"):
        score(tmp_path / "file" / "run")
    with pytest.raises(RunError, match=r"has 'file' and no manifest\. Expected an empty directory or a run directory"):
        RunDirectory(tmp_path, force=True)


def test_a_computation_that_fails_or_breaks_its_schema_leaves_everything_as_it_was(tmp_path):
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        RunDirectory(tmp_path / "run").step("score", {}, {"findings": FINDINGS}, lambda: {"findings": 1 / 0})
    assert not (tmp_path / "run").exists()
    both(tmp_path)
    before = files(tmp_path)
    wrong = build(FINDINGS, [FINDING]).drop(columns="proof")
    with pytest.raises(FrameError, match=r"score: not a valid findings frame\n  column 'proof' is missing"):
        RunDirectory(tmp_path, force=True).step("score", {}, {"findings": FINDINGS}, lambda: {"findings": wrong})
    assert files(tmp_path) == before


class Killed(BaseException):
    """Stands in for kill -9: nothing catches it."""


def dying(function, call):
    """A function at whose `call`-th call the process dies."""
    calls = iter(range(1, 100))

    def dies(*args, **named):
        if next(calls) == call:
            msg = "kill -9"
            raise Killed(msg)
        return function(*args, **named)

    return dies


@pytest.mark.parametrize("call", range(1, 7))
def test_a_run_killed_at_any_write_is_continued_to_the_same_bytes(tmp_path, monkeypatch, call):
    both(tmp_path / "whole")  # a step writes thrice: begun, the frame, done
    with monkeypatch.context() as patch:
        patch.setattr("g7tag.store.run.write_atomic", dying(write_atomic, call))
        with pytest.raises(Killed, match="kill -9"):
            both(tmp_path / "run")
    both(tmp_path / "run")
    assert files(tmp_path / "run") == files(tmp_path / "whole")


def test_a_forced_run_killed_while_it_removes_files_can_be_continued(tmp_path, monkeypatch):
    both(tmp_path)
    before = files(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", dying(Path.unlink, 2))
        with pytest.raises(Killed, match="kill -9"):
            score(tmp_path, force=True)
    both(tmp_path)
    assert files(tmp_path) == before


def test_a_directory_that_another_process_uses_or_used_is_refused_and_not_called_damaged(tmp_path):
    late = RunDirectory(tmp_path)
    with locked(tmp_path):
        for use in (score, read):
            with pytest.raises(RunError, match="another g7tag is writing there"):
                use(tmp_path)
    score(tmp_path)
    message = r"another g7tag wrote there in the meantime\. Run again"
    with pytest.raises(RunError, match=message):
        late.step("score", {}, {"findings": FINDINGS}, lambda: {"findings": build(FINDINGS, [])})
    with pytest.raises(RunError, match=message):
        late.read({"findings": FINDINGS})


def write(run, steps):
    run.mkdir(exist_ok=True)
    (run / "manifest.json").write_text(json.dumps({"format": 1, "steps": steps}))
    return run


def listing(name):
    return {"score": {"settings": {}, "frames": {name: {"rows": 1, "sha256": HASH}}}}


@pytest.fixture
def victim(tmp_path):
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim/v.parquet").write_text("precious")
    return tmp_path / "victim"


@pytest.mark.parametrize("name", ["../victim/v", "/{victim}/v", "receipts/../../victim/v", "", "ledger"])
def test_a_frame_that_g7tag_does_not_have_is_refused_and_nothing_outside_is_touched(tmp_path, victim, name):
    run = write(tmp_path / "run", listing(name.replace("/{victim}", str(victim))))
    with pytest.raises(RunError, match=r"manifest\.json: lists frames that g7tag does not have: .*move the directory"):
        score(run, force=True)
    assert files(victim) == {"v.parquet": b"precious"}


@pytest.mark.parametrize("name", ["findings.parquet", "receipts", "report.html", "manifest.json"])
def test_a_link_that_leads_out_of_the_directory_is_refused_and_nothing_outside_is_touched(tmp_path, victim, name):
    run = write(tmp_path / "run", listing("findings"))
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to(victim if name == "receipts" else victim / "v.parquet")
    with pytest.raises(RunError, match=rf"{name}: is a link\. Expected a file or folder of the run directory itself\."):
        score(run, force=True)
    assert files(victim) == {"v.parquet": b"precious"}


def test_other_links_are_refused_unless_they_are_the_directory(tmp_path, victim):
    (tmp_path / ".g7tag-review.lock").symlink_to(victim / "v.parquet")
    with pytest.raises(RunError, match=r"\.g7tag-review\.lock: is a link"), reviewing(tmp_path):
        pass
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(RunError, match="circle: is a link"):
        inside(tmp_path, "circle")
    (tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    score(tmp_path / "link")
    assert (tmp_path / "mine/findings.parquet").is_file()


def test_a_folder_in_place_of_a_file_or_the_reverse_is_named(tmp_path):
    score(tmp_path)
    before = files(tmp_path)
    (tmp_path / "report.html").mkdir()
    with pytest.raises(RunError, match=r"report\.html: cannot be removed \(.*\)\. Expected a file of g7tag\. Move it"):
        score(tmp_path, force=True)
    (tmp_path / "report.html").rmdir()
    score(tmp_path)
    assert files(tmp_path) == before
    (tmp_path / "receipts").write_text("x")
    with pytest.raises(RunError, match=r"receipts: cannot create the folder \(File exists\)"):
        RunDirectory(tmp_path).write_file("receipts/a.json", b"{}")


STEPS = '{"format": 1, "steps": '
MANIFESTS = {
    "": "cannot be read (Invalid JSON",
    STEPS + '{"a": {"frames": {}, "settings": {"x": ' + "[" * 5000 + "]" * 5000 + "}}}}":
        "cannot be read (Invalid JSON: recursion limit exceeded",
    '{"format": 9, "else": {}}': "cannot be read (format: Input should be 1)",
    STEPS + '{"a": {"settings": {}, "frames": {"tags": {"rows": 1, "sha256": "../x"}}}}}':
        "cannot be read (steps.a.frames.tags.sha256: String should match pattern",
    STEPS + '{}, "x": 1}': "cannot be read (x: Extra inputs are not permitted",
    STEPS + '{}, "sha256": "' + HASH + '"}': "was changed since g7tag wrote it.",
    " " * MOST_BYTES + "{}": "has 4,000,002 bytes, expected at most 4,000,000.",
}  # fmt: skip


@pytest.mark.parametrize(("content", "found"), MANIFESTS.items(), ids=[content[:20] for content in MANIFESTS])
def test_a_manifest_that_cannot_be_one_is_refused(tmp_path, content, found):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(RunError) as refused:
        RunDirectory(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'manifest.json'}: {found}")
    assert str(refused.value).endswith("Restore a copy of it, or move the directory away and run again.")


def test_a_manifest_that_was_edited_or_is_a_pipe_is_named(tmp_path):
    score(tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"r 1"', '"r 2"'))
    with pytest.raises(RunError, match=r"manifest\.json: was changed since g7tag wrote it\. Restore a copy"):
        RunDirectory(tmp_path)
    manifest.unlink()
    os.mkfifo(manifest)
    with pytest.raises(RunError, match=r"has 'findings\.parquet' and no manifest"):
        RunDirectory(tmp_path)


def test_settings_that_do_not_fit_are_named(tmp_path):
    with pytest.raises(RunError, match=r"manifest\.json: would have 4,000,\d\d\d bytes, expected at most 4,000,000"):
        score(tmp_path, report="x" * MOST_BYTES)
    assert not list(tmp_path.iterdir())
    for found in ("x", 1.5, None, True):
        run = RunDirectory(write(tmp_path, {"tag": {"settings": {"seen": found}, "frames": {}}}))
        with pytest.raises(RunError, match=r"setting 'seen' of step 'tag' is .*, expected int\. Restore the manifest"):
            run.setting("tag", "seen", 0)
