"""Untrusted manifests: nothing outside a run directory is read, written or removed, and sizes are limited."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from g7tag.errors import RunError
from g7tag.frames import FINDINGS, build
from g7tag.store import RunDirectory, inside, locked, reviewing
from g7tag.store.run import MOST_BYTES

HASH = "0" * 64


def write(run: Path, steps: Any) -> Path:
    run.mkdir(exist_ok=True)
    (run / "manifest.json").write_text(json.dumps({"format": 1, "steps": steps}))
    return run


def frames(name: str) -> dict[str, Any]:
    return {"score": {"settings": {}, "frames": {name: {"rows": 1, "sha256": HASH}}}}


def score(run: Path) -> None:
    """A step, made anew: what it made before is removed."""
    directory = RunDirectory(run, force=True)
    directory.step("score", {"policy": "p"}, {"findings": FINDINGS}, lambda: {"findings": build(FINDINGS, [])})


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    folder = tmp_path / "victim"
    folder.mkdir()
    for name in ("v.parquet", "v.json", "findings.parquet"):
        (folder / name).write_text("precious")
    return folder


@pytest.mark.parametrize(
    "name",
    ["../victim/v", "./../victim/v", "/{victim}/v", "receipts/../../victim/v", "..\\victim\\v", "victim\0v", "v\n",
     "", ".", "..", "findings.parquet", "Findings", "findings ", "reviews", "ledger", "ﬁndings", "tags/../tags"],
)  # fmt: skip
def test_a_frame_that_g7tag_does_not_have_is_refused_and_nothing_outside_is_touched(
    tmp_path: Path, victim: Path, name: str
) -> None:
    name = name.replace("/{victim}", str(victim))
    run = write(tmp_path / "run", frames(name))
    with pytest.raises(RunError, match=r"manifest\.json: lists frames that g7tag does not have: .*Move the directory"):
        score(run)
    assert {file.name: file.read_text() for file in victim.iterdir()} == dict.fromkeys(
        ("v.parquet", "v.json", "findings.parquet"), "precious"
    )


@pytest.mark.parametrize("name", ["findings.parquet", "receipts", "report.html"])
def test_a_link_that_leads_out_of_the_directory_is_refused_and_nothing_outside_is_touched(
    tmp_path: Path, victim: Path, name: str
) -> None:
    run = write(tmp_path / "run", frames("findings"))
    (run / name).symlink_to(victim if name == "receipts" else victim / "findings.parquet")
    with pytest.raises(
        RunError, match=rf"{name}: is a link\. Expected a file or folder of the run directory itself\. "
    ):
        score(run)
    assert [(victim / each).read_text() for each in ("v.json", "findings.parquet")] == ["precious"] * 2


@pytest.mark.parametrize("name", ["reviews.sqlite", ".g7tag-review.lock", "manifest.json"])
def test_a_link_in_place_of_what_g7tag_keeps_is_refused(tmp_path: Path, victim: Path, name: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(victim / "v.json")
    with pytest.raises(RunError, match=rf"{name}: is a link"):
        inside(tmp_path / "run", name)
    if name == "manifest.json":
        with pytest.raises(RunError, match="is a link"):
            RunDirectory(tmp_path / "run")
    if name == ".g7tag-review.lock":
        with pytest.raises(RunError, match="is a link"), reviewing(tmp_path / "run"):
            pass


def test_a_folder_in_place_of_a_file_is_named_before_anything_is_forgotten(tmp_path: Path) -> None:
    score(tmp_path)
    before = (tmp_path / "manifest.json").read_bytes()
    (tmp_path / "report.html").mkdir()
    with pytest.raises(RunError, match=r"report\.html: is a folder\. Expected a file of g7tag\. Move it away"):
        score(tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() == before
    (tmp_path / "receipts").write_text("x")
    with pytest.raises(RunError, match=r"receipts: cannot be created as a folder"):
        RunDirectory(tmp_path).write_file("receipts/a.json", b"{}")


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    run = write(tmp_path / "run", frames("findings"))
    (run / "receipts").symlink_to(run / "receipts")
    with pytest.raises(RunError, match="receipts: is a link"):
        score(run)


def test_a_directory_that_is_itself_a_link_is_used(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "run")
    score(tmp_path / "link")
    assert (tmp_path / "run" / "findings.parquet").is_file()


MANIFESTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "100,000 brackets": (lambda: b"[" * 100_000, "cannot be read (Invalid JSON: recursion limit exceeded"),
    "100,000 tables": (lambda: b'{"a":' * 100_000, "cannot be read (Invalid JSON: recursion limit exceeded"),
    "nested settings": (
        lambda: b'{"format": 1, "steps": {"a": {"frames": {}, "settings": {"x": ' + b"[" * 5000 + b"]" * 5000 + b"}}}}",
        "cannot be read (Invalid JSON: recursion limit exceeded",
    ),
    "200 MB": (lambda: b" " * 200_000_000 + b"{}", "has 200,000,002 bytes, expected at most 4,000,000."),
    "no UTF-8": (lambda: b'{"format": 1, "steps": {"\xff": 1}}', "cannot be read (Invalid JSON: "),
    "a number of 5,000 digits": (
        lambda: b'{"format": ' + b"9" * 5_000 + b', "steps": {}}',
        "cannot be read (Invalid JSON: number out of range",
    ),
    "a fraction": (lambda: b'{"format": 1.5, "steps": {}}', "cannot be read (format: Input should be a valid integer"),
    "rows below 0": (
        lambda: json.dumps(
            {"format": 1, "steps": {"a": {"settings": {}, "frames": {"tags": {"rows": -1, "sha256": HASH}}}}}
        ).encode(),
        "cannot be read (steps.a.frames.tags.rows: Input should be greater than or equal to 0",
    ),
    "no hash": (
        lambda: json.dumps(
            {"format": 1, "steps": {"a": {"settings": {}, "frames": {"tags": {"rows": 1, "sha256": "../x"}}}}}
        ).encode(),
        "cannot be read (steps.a.frames.tags.sha256: String should match pattern",
    ),
    "another key": (lambda: b'{"format": 1, "steps": {}, "x": 1}', "cannot be read (x: Extra inputs are not permitted"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_is_too_large_too_deep_or_of_other_parts_is_refused(tmp_path: Path, name: str) -> None:
    content, found = MANIFESTS[name]
    (tmp_path / "manifest.json").write_bytes(content())
    with pytest.raises(RunError) as refused:
        RunDirectory(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'manifest.json'}: {found}")
    assert str(refused.value).endswith("Move the directory away and run again.")


@pytest.mark.parametrize(
    "change", [('"policy": "p"', '"policy": "q"'), ('"rows": 0', '"rows": 1'), ('"score"', '"scare"')], ids=str
)
def test_a_manifest_that_was_edited_is_named(tmp_path: Path, change: tuple[str, str]) -> None:
    score(tmp_path)
    content = (tmp_path / "manifest.json").read_text()
    assert change[0] in content
    (tmp_path / "manifest.json").write_text(content.replace(*change))
    with pytest.raises(RunError, match=r"manifest\.json: was changed since g7tag wrote it\. Restore a copy"):
        RunDirectory(tmp_path)


def test_a_manifest_in_a_pipe_is_no_manifest(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(RunError, match=r"has 'manifest\.json' and no manifest"):
        RunDirectory(tmp_path)


def test_settings_that_would_make_a_manifest_too_large_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    settings = {"inputs": "x" * MOST_BYTES}
    with pytest.raises(RunError, match=r"manifest\.json: would have 4,000,\d\d\d bytes, expected at most 4,000,000"):
        RunDirectory(tmp_path).step("a", settings, {"findings": FINDINGS}, lambda: {"findings": build(FINDINGS, [])})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("found", ["x", 1.5, None, [], True], ids=str)
def test_a_setting_of_another_type_is_named(tmp_path: Path, found: object) -> None:
    write(tmp_path, {"tag": {"settings": {"seen": found}, "frames": {}}})
    with pytest.raises(RunError, match=r"setting 'seen' of step 'tag' is .*, expected int\. Restore the manifest"):
        RunDirectory(tmp_path).setting("tag", "seen", 0)


def test_a_directory_that_is_being_written_is_not_called_damaged(tmp_path: Path) -> None:
    run = write(tmp_path / "run", frames("findings"))
    late = RunDirectory(run)
    message = r"another g7tag is writing there\. Wait until it has finished, then run again\."
    with locked(run), pytest.raises(RunError, match=message):
        late.read({"findings": FINDINGS})
    score(run)
    with pytest.raises(RunError, match=r"another g7tag wrote there in the meantime\. Run again"):
        late.read({"findings": FINDINGS})
