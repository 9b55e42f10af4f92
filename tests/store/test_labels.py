"""People's labels are append-only files that can be carried and joined; nothing is lost, and changes are noticed."""

import json
import multiprocessing
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7tag.errors import InputError, RunError
from g7tag.frames import ANNOTATIONS, build
from g7tag.store import (
    add_labels,
    label_file,
    label_id,
    labels_locked,
    labels_state,
    read_label_rows,
    read_labels,
    write_label_rows,
)


def labels(*ids: str, annotator: str = "Ada", **changes: Any) -> pd.DataFrame:
    row = {
        "text_sha256": "h", "annotator": annotator, "kind": "analyst", "dimensions": "counter", "exclusion": "",
        "strength": "weak", "act": "done", "contradicts": False, "confidence": None, "note": "=1+1 «é»\nline",
        "blind": True, "occasion": "label", "codebook_version": "1", "at": "2026-01-01T00:00:00.000+00:00",
        "supersedes": "",
    }  # fmt: skip
    rows = [{"sentence_id": each, **row, **changes} for each in ids]
    return build(ANNOTATIONS, [{"annotation_id": label_id(row), **row} for row in rows])


def test_labels_are_read_as_they_were_added_in_the_order_of_their_times(tmp_path: Path) -> None:
    assert read_labels(tmp_path).empty
    assert labels_state(tmp_path) == ""
    assert not list(tmp_path.iterdir())
    later, first = labels("b", at="2026-01-02T00:00:00.000+00:00"), labels("a", "c", confidence=0.5)
    add_labels(tmp_path, later)
    add_labels(tmp_path, first)
    add_labels(tmp_path, labels("a", annotator="Bo"))
    found = read_labels(tmp_path)
    expected = pd.concat([first, labels("a", annotator="Bo"), later])
    expected = expected.sort_values(["at", "annotation_id"], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)
    assert sorted(file.name for file in tmp_path.glob("labels/*.jsonl")) == ["Ada.jsonl", "Bo.jsonl"]
    assert labels_state(tmp_path).startswith("4 ")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Ada Lovelace", "Ada Lovelace.jsonl"), ("Mün, Ö.", "Mün, Ö%2E.jsonl"), ("../x", "%2E.%2Fx.jsonl"),
        ("a:b*c?", "a%3Ab%2Ac%3F.jsonl"), ("100%", "100%25.jsonl"), ("山田", "山田.jsonl"),
        ("Con", "%43%6F%6E.jsonl"), ("nul.x", "%6E%75%6C.x.jsonl"), ("Connie", "Connie.jsonl"),
    ],
)  # fmt: skip
def test_a_file_has_the_name_of_its_annotator_and_never_leaves_the_folder(tmp_path: Path, name: str, file: str) -> None:
    assert label_file(tmp_path, name) == tmp_path / "labels" / file
    add_labels(tmp_path, labels("a", annotator=name))
    assert read_labels(tmp_path)["annotator"].tolist() == [name]


def test_the_same_labels_in_any_order_give_the_same_state_and_others_another(tmp_path: Path) -> None:
    one, two = labels("a"), labels("b", at="2026-01-02T00:00:00.000+00:00")
    for folder, order in {"x": (one, two), "y": (two, one)}.items():
        for each in order:
            add_labels(tmp_path / folder, each)
    add_labels(tmp_path / "z", one)
    states = [labels_state(tmp_path / folder) for folder in "xyz"]
    assert states[0] == states[1] != states[2]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda line: line.replace("weak", "strong"), r"Ada\.jsonl, line 2: the label of 's2' was changed since g7tag"),
        (lambda _: "<<<<<<< HEAD", r"line 2: found '<<<<<<< HEAD', a conflict left by Git\. Keep the lines of both"),
        (lambda _: "nonsense", r"line 2: found 'nonsense', expected a label that g7tag wrote\. Restore a copy"),
        (lambda _: "[1]", r"line 2: found '\[1\]', expected a label"),
        (lambda _: '{"annotation_id": "x"}', r"line 2: found .* expected a label"),
    ],
    ids=["changed", "conflict", "no JSON", "no object", "no columns"],
)
def test_a_line_that_is_not_as_g7tag_wrote_it_is_named(tmp_path: Path, change: Any, match: str) -> None:
    add_labels(tmp_path, labels("s1", "s2", "s3"))
    file = tmp_path / "labels/Ada.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[1] = change(lines[1])
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(RunError, match=match):
        read_labels(tmp_path)


@pytest.mark.parametrize("how", ["byte-order mark", "CRLF", "empty lines", "no last line end", "twice"])
def test_what_editors_git_and_e_mail_do_to_a_file_changes_nothing(tmp_path: Path, how: str) -> None:
    add_labels(tmp_path, labels("s1", "s2"))
    file, before = tmp_path / "labels/Ada.jsonl", read_labels(tmp_path)
    content = file.read_bytes()
    changed = {
        "byte-order mark": b"\xef\xbb\xbf" + content, "CRLF": content.replace(b"\n", b"\r\n"),
        "empty lines": content.replace(b"\n", b"\n\n"), "no last line end": content.rstrip(b"\n"), "twice": content * 2,
    }  # fmt: skip
    file.write_bytes(changed[how])
    pd.testing.assert_frame_equal(read_labels(tmp_path), before)
    add_labels(tmp_path, labels("s3"))
    assert read_labels(tmp_path)["sentence_id"].tolist() == ["s1", "s2", "s3"]


@given(cut=st.integers(1, 400))
def test_a_last_line_that_was_cut_off_was_never_saved_and_the_next_one_is(cut: int) -> None:

    with TemporaryDirectory() as folder:
        path = Path(folder)
        add_labels(path, labels("s1", "s2"))
        file = label_file(path, "Ada")
        line = len(file.read_bytes().splitlines(keepends=True)[-1])
        with file.open("r+b") as opened:
            opened.truncate(file.stat().st_size - min(cut, line))
        whole = ["s1", "s2"] if cut == 1 else ["s1"]  # only the line end is missing
        assert read_labels(path)["sentence_id"].tolist() == whole
        add_labels(path, labels("s3"))
        assert read_labels(path)["sentence_id"].tolist() == [*whole, "s3"]


def _label_in_a_process(path: Path, name: str) -> None:
    for place in range(20):
        add_labels(path, labels(f"{name}{place}"))


def test_processes_that_label_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_label_in_a_process, args=(tmp_path, name)) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(read_labels(tmp_path)) == 40


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_added(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match=r"labels: is not writable"):
        add_labels(tmp_path, labels("s1"))
    (tmp_path / "labels").unlink()
    (tmp_path / "labels/Ada.jsonl").mkdir(parents=True)
    with pytest.raises(InputError, match=r"Ada\.jsonl: cannot be written \(Is a directory\)\. .* No label was added"):
        add_labels(tmp_path, labels("s1"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_labels(tmp_path, labels("s1"))
    before = (tmp_path / "labels/Ada.jsonl").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        add_labels(tmp_path, labels("s2"))
    assert (tmp_path / "labels/Ada.jsonl").read_bytes() == before


def test_a_link_out_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run/labels").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="leads out of the run directory"):
        add_labels(tmp_path / "run", labels("s1"))


def test_rows_are_written_in_one_order_and_only_if_they_differ(tmp_path: Path) -> None:
    late, early = labels("a", at="2026-01-02T00:00:00.000+00:00"), labels("b")
    for folder, order in {"x": (late, early), "y": (early, late)}.items():
        for each in order:
            add_labels(tmp_path / folder, each)
        with labels_locked(tmp_path / folder):
            write_label_rows(tmp_path / folder, read_labels(tmp_path / folder).to_dict("records"))
    files = [tmp_path / folder / "labels/Ada.jsonl" for folder in "xy"]
    assert files[0].read_bytes() == files[1].read_bytes()
    at = files[0].stat().st_mtime_ns
    with labels_locked(tmp_path / "x"):
        write_label_rows(tmp_path / "x", read_label_rows(files[0]).values())
    assert files[0].stat().st_mtime_ns == at


def test_a_row_says_everything_in_plain_json(tmp_path: Path) -> None:
    add_labels(tmp_path, labels("s1"))
    (line,) = (tmp_path / "labels/Ada.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert list(row) == list(ANNOTATIONS.columns)
    assert (row["note"], row["confidence"], row["blind"]) == ("=1+1 «é»\nline", None, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("blind", "yes"), ("contradicts", 1), ("confidence", "high"), ("confidence", 2.0), ("sentence_id", {"a": 1}),
        ("note", ["x"]), ("note", "\ud800"), ("annotator", ""), ("annotator", "x" * 300), ("annotator", "a\x1b[31m"),
        ("kind", "classifier"), ("at", ""),
    ],
)  # fmt: skip
def test_a_row_that_g7tag_would_not_write_is_refused_even_with_its_hash(tmp_path: Path, name: str, value: Any) -> None:
    (row,) = labels("s1").to_dict("records")
    row |= {"confidence": None, name: value}
    try:
        row["annotation_id"] = label_id(row)
    except (TypeError, ValueError):
        row["annotation_id"] = "x"
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/x.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"x\.jsonl, line 1: "):
        read_labels(tmp_path)


def test_names_that_differ_in_case_share_a_file_when_they_are_written_together(tmp_path: Path) -> None:
    rows = pd.concat([labels("a", annotator="Ada"), labels("b", annotator="ada")])
    with labels_locked(tmp_path):
        write_label_rows(tmp_path, rows.to_dict("records"))
    assert [file.name for file in tmp_path.glob("labels/*.jsonl")] == ["Ada.jsonl"]
    assert len(read_labels(tmp_path)) == 2
