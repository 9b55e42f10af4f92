"""People's labels are append-only files that can be carried and joined; nothing is lost, and changes are noticed."""

import json
import multiprocessing
import os
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7tag.codebook import Codebook
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
        path, other = Path(folder), Path(folder, "other")
        add_labels(path, labels("s1"))
        add_labels(other, labels("s2"))
        line = label_file(other, "Ada").read_bytes()
        with label_file(path, "Ada").open("ab") as opened:
            opened.write(line[: max(len(line) - cut, 0)])
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
    with pytest.raises(RunError, match="is a link"):
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


def written(folder: Path, frame: pd.DataFrame) -> Path:
    """A label file with rows and their hashes, as a stranger could make it."""
    (folder / "labels").mkdir(parents=True, exist_ok=True)
    rows = frame.drop(columns="annotation_id").astype({"confidence": "object"})
    rows = rows.assign(confidence=rows["confidence"].where(rows["confidence"].notna(), None)).to_dict("records")
    file = folder / "labels/x.jsonl"
    lines = [json.dumps({"annotation_id": label_id(row), **row}) for row in rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"at": "zzz"}, r"has the time 'zzz', expected one in UTC such as '2026-01-02T"),
        ({"at": "2026-01-02"}, "has the time '2026-01-02', expected"),
        ({"at": "2026-01-02T00:00:00.000"}, "has the time .* expected one in UTC"),
        ({"at": "2026-01-02T00:00:00.000+05:00"}, "has the time .* expected one in UTC"),
        ({"at": "0001-01-01T00:00:00.000+05:00"}, "has the time .* expected one in UTC"),
        ({"at": "9999-12-31T23:59:59.000+00:00"}, r"is of 9999-.* more than a day ahead of the clock of this computer"),
        ({"note": "x" * 5001}, r"has a comment of 5,001 characters, expected at most 5,000"),
    ],
    ids=str,
)  # fmt: skip
def test_times_and_comments_that_cannot_be_are_neither_read_nor_written(
    tmp_path: Path, change: dict[str, str], match: str
) -> None:
    row = labels("s1", **change)
    written(tmp_path, row)
    with pytest.raises(RunError, match=rf"x\.jsonl, line 1: the label of 's1' {match}"):
        read_labels(tmp_path)
    with pytest.raises(InputError, match=rf"the label of 's1' {match}.*Nothing was saved"):
        add_labels(tmp_path / "other", row)
    assert not (tmp_path / "other").exists()


def test_the_clock_of_another_machine_may_be_some_hours_ahead(tmp_path: Path) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=23)).isoformat(timespec="milliseconds")
    add_labels(tmp_path, labels("s1", at=ahead, note="x" * 5000))
    assert read_labels(tmp_path)["at"].tolist() == [ahead]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"dimensions": "nonsense"}, "dimension is not one of prevent, counter, dismantle, disrupt"),
        ({"strength": "mighty"}, "strength is not one of strong, weak, none"),
        ({"act": "dreamt"}, "act is not one of done, planned"),
        ({"dimensions": "", "strength": "none", "exclusion": "weather"}, "exclusion is not one of"),
        ({"act": "planned", "strength": "strong"}, "act is planned and strength is strong"),
        ({"dimensions": "counter;prevent"}, "dimensions are not in the order of the codebook"),
    ],
    ids=str,
)  # fmt: skip
def test_labels_are_checked_against_the_codebook_whenever_they_are_read(
    tmp_path: Path, codebook: Codebook, change: dict[str, str], rule: str
) -> None:
    good = labels("s1", "s2")
    file = written(tmp_path, pd.concat([good, good.iloc[:1].assign(sentence_id="s3", **change)]))
    for read in (lambda: read_labels(tmp_path, codebook), lambda: read_label_rows(file, codebook)):
        with pytest.raises(
            RunError, match=rf"x\.jsonl, line 3: the label of 's3' breaks a rule of the codebook: {rule}"
        ):
            read()


def test_rows_that_were_saved_and_are_gone_are_named_until_they_are_back_or_given_up(tmp_path: Path) -> None:
    add_labels(tmp_path, labels("s1", "s2", "s3", "s4"))
    add_labels(tmp_path, labels("s1", annotator="Bo"))
    file = tmp_path / "labels/Ada.jsonl"
    whole = file.read_bytes()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    lost = (
        r"labels: 2 labels that people saved in this run are missing \(Ada\.jsonl lacks 2\): 's3#Ada#.*Restore a copy"
    )
    for read in (read_labels, labels_state):
        with pytest.raises(RunError, match=lost):
            read(tmp_path)
    with labels_locked(tmp_path), pytest.raises(RunError, match=lost):
        write_label_rows(
            tmp_path, [*read_label_rows(file).values(), *read_label_rows(tmp_path / "labels/Bo.jsonl").values()]
        )
    file.write_bytes(whole)
    assert len(read_labels(tmp_path)) == 5
    for each in (tmp_path / "labels").glob("*.jsonl"):
        each.unlink()
    with pytest.raises(RunError, match=r"5 labels .* \(Ada\.jsonl lacks 4, Bo\.jsonl lacks 1\).*delete .*labels\.seen"):
        read_labels(tmp_path)
    (tmp_path / ".g7tag-labels.seen").unlink()
    assert read_labels(tmp_path).empty


def test_what_is_remembered_may_be_cut_off_or_joined_by_git(tmp_path: Path) -> None:
    add_labels(tmp_path, labels("s1"))
    with (tmp_path / ".g7tag-labels.seen").open("a", encoding="utf-8") as seen:
        seen.write("\n<<<<<<< HEAD\ns9#Ada#0123")
    add_labels(tmp_path, labels("s2"))
    assert len(read_labels(tmp_path)) == 2


@pytest.mark.parametrize(
    "name",
    [
        "g7tag.py", "anywidget.py", "Ada.ipynb", "Ada.jsonl.bak", "x.pth", "json/", "__pycache__/",
        ".ipynb_checkpoints/", "Bo.jsonl/", "link.jsonl", "plan.toml", ".hidden",
    ],
)  # fmt: skip
def test_the_folder_of_labels_holds_nothing_else(tmp_path: Path, name: str) -> None:
    add_labels(tmp_path, labels("s1"))
    path = tmp_path / "labels" / name
    if name.endswith("/"):
        path.mkdir()
    elif name in {"link.jsonl", "plan.toml", ".hidden"}:
        path.symlink_to(tmp_path / "labels/Ada.jsonl")
    else:
        path.write_text("", encoding="utf-8")
    expected = (
        rf"labels: has '{path.name}'\. Expected only label files .* Move the rest away or delete it, also notebooks"
    )
    with pytest.raises(RunError, match=expected):
        read_labels(tmp_path)


def test_what_systems_and_g7tag_leave_in_the_folder_does_not_matter(tmp_path: Path) -> None:
    add_labels(tmp_path, labels("s1"))
    names = ("plan.toml", "settled-cases.toml", ".DS_Store", "._Ada.jsonl", "Thumbs.db", "desktop.ini", ".g7tag-x.part")
    for name in names:
        (tmp_path / "labels" / name).write_text("x", encoding="utf-8")
    assert len(read_labels(tmp_path)) == 1


def test_names_that_differ_in_case_are_joined_to_the_same_bytes_in_every_order(tmp_path: Path) -> None:
    parts = [labels(name, annotator=who) for name, who in (("a", "Ada"), ("b", "ada"), ("c", "ADA"))]
    joined = set()
    for place, order in enumerate(permutations(parts)):
        folder = tmp_path / str(place)
        add_labels(folder, order[0])
        for part in order[1:]:
            rows = [*read_labels(folder).to_dict("records"), *part.to_dict("records")]
            with labels_locked(folder):
                write_label_rows(folder, rows)
        joined.add(tuple((file.name, file.read_bytes()) for file in sorted(folder.glob("labels/*.jsonl"))))
    ((only,),) = joined
    assert only[0] == "ADA.jsonl"
    assert only[1].count(b"\n") == 3
