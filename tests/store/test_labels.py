"""People's labels are append-only files that can be carried and joined; nothing is lost, and changes are noticed."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pandas as pd
import pytest

from g7tag.errors import InputError, RunError
from g7tag.store import (
    add_labels,
    label_file,
    label_id,
    labels_locked,
    labels_state,
    parquet_bytes,
    read_label_rows,
    read_labels,
    write_label_rows,
)

WRITTEN = (
    '{"annotation_id": "s1#Ada#5b22a8d18e0ccc12", "sentence_id": "s1", "text_sha256": "h", "annotator": "Ada", "kind": '
    '"analyst", "dimensions": "counter", "strength": "weak", "act": "done", "exclusion": "", "contradicts": false, '
    '"confidence": 0.5, "note": "=1+1 «é»\\nline", "blind": true, "occasion": "label", "codebook_version": "1", "at": '
    '"2026-01-01T00:00:00.000+00:00", "supersedes": ""}\n'
)


def test_labels_are_read_as_they_were_added_in_the_order_of_their_times(tmp_path, labels):
    assert read_labels(tmp_path).empty
    assert labels_state(tmp_path) == ""
    assert not list(tmp_path.iterdir())
    ahead = (datetime.now(UTC) + timedelta(hours=23)).isoformat(timespec="milliseconds")  # of another machine's clock
    added = [labels("b", at=ahead, note="x" * 5000), labels("a", "c", confidence=0.5), labels("a", annotator="Bo")]
    for rows in added:
        add_labels(tmp_path, rows)
    expected = pd.concat(added).sort_values(["at", "annotation_id"], ignore_index=True)
    pd.testing.assert_frame_equal(read_labels(tmp_path), expected)
    assert sorted(file.name for file in (tmp_path / "labels").iterdir()) == ["Ada.jsonl", "Bo.jsonl"]


def test_the_format_of_a_file_stays(tmp_path, labels):
    add_labels(tmp_path, labels("s1", confidence=0.5))
    assert (tmp_path / "labels/Ada.jsonl").read_text(encoding="utf-8") == WRITTEN


@pytest.mark.parametrize(("name", "file"), [
    ("Ada Lovelace", "Ada Lovelace.jsonl"), ("Mün, Ö.", "Mün, Ö%2E.jsonl"), ("../x", "%2E.%2Fx.jsonl"),
    ("a:b*c?", "a%3Ab%2Ac%3F.jsonl"), ("100%", "100%25.jsonl"), ("山田", "山田.jsonl"),
    ("Con", "%43%6F%6E.jsonl"), ("nul.x", "%6E%75%6C.x.jsonl"), ("Connie", "Connie.jsonl"),
])  # fmt: skip
def test_a_file_has_the_name_of_its_annotator_and_never_leaves_the_folder(tmp_path, name, file):
    assert label_file(tmp_path, name) == tmp_path / "labels" / file


@pytest.mark.parametrize("names", [("Ada", "Ada", "Bo"), ("Ada", "ada", "ADA")], ids=str)  # on some disks one file
def test_labels_joined_in_any_order_give_one_state_and_the_same_bytes(tmp_path, labels, names):
    parts = [labels(f"s{place}", annotator=name) for place, name in enumerate(names)]
    joined = set()
    for place, (first, *others) in enumerate(permutations(parts)):
        folder = tmp_path / str(place)
        add_labels(folder, first)
        for part in others:
            with labels_locked(folder):
                write_label_rows(folder, pd.concat([read_labels(folder), part]).to_dict("records"))
        joined.add((labels_state(folder), *((file.name, file.read_bytes()) for file in folder.glob("labels/*.jsonl"))))
    assert len(joined) == 1
    assert joined.pop()[0].startswith("3 ")
    assert labels_state(tmp_path / "0") != labels_state(tmp_path / "none") == ""


@pytest.mark.parametrize(("change", "match"), [
    (lambda line: line.replace("weak", "strong"), r"the label of 's2' was changed since g7tag"),
    (lambda _: "<<<<<<< HEAD", r"found '<<<<<<< HEAD', a conflict left by Git\. Keep the lines of both"),
    (lambda _: "nonsense", r"found 'nonsense', expected a label that g7tag wrote\. Restore a copy"),
    (lambda _: '{"annotation_id": "x"}', r"found .* expected a label"),
    (lambda _: "[" * 100_000, r"found .* expected a label"),
    (lambda line: line[:200], r"found .* expected a label"),  # only the last line may be cut off
], ids=["changed", "conflict", "no JSON", "no columns", "deep", "cut off"])  # fmt: skip
def test_a_line_that_is_not_as_g7tag_wrote_it_is_named(tmp_path, labels, change, match):
    add_labels(tmp_path, labels("s1", "s2", "s3"))
    file = tmp_path / "labels/Ada.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[1] = change(lines[1])
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(RunError, match=rf"Ada\.jsonl, line 2: {match}"):
        read_labels(tmp_path)


@pytest.mark.parametrize("changed", [
    lambda content: b"\xef\xbb\xbf" + content, lambda content: content.replace(b"\n", b"\r\n"),
    lambda content: content.replace(b"\n", b"\n\n"), lambda content: content.rstrip(b"\n"),
    lambda content: content * 2,
], ids=["byte-order mark", "CRLF", "empty lines", "no last line end", "twice"])  # fmt: skip
def test_what_editors_git_and_e_mail_do_to_a_file_changes_nothing(tmp_path, labels, changed):
    add_labels(tmp_path, labels("s1", "s2"))
    file, before = tmp_path / "labels/Ada.jsonl", read_labels(tmp_path)
    file.write_bytes(changed(file.read_bytes()))
    pd.testing.assert_frame_equal(read_labels(tmp_path), before)
    add_labels(tmp_path, labels("s3"))
    assert read_labels(tmp_path)["sentence_id"].tolist() == ["s1", "s2", "s3"]


@pytest.mark.parametrize("left", [-1, -2, 150, 30, 1])
def test_a_last_line_that_was_cut_off_was_never_saved_and_the_next_one_is(tmp_path, labels, left):
    add_labels(tmp_path, labels("s0"))
    with label_file(tmp_path, "Ada").open("ab") as opened:
        opened.write(WRITTEN.encode()[:left])
    whole = ["s0", "s1"] if left == -1 else ["s0"]  # only the line end is missing
    assert read_labels(tmp_path)["sentence_id"].tolist() == whole
    add_labels(tmp_path, labels("s3"))
    assert read_labels(tmp_path)["sentence_id"].tolist() == [*whole, "s3"]


def test_two_who_label_at_the_same_time_lose_nothing(tmp_path, labels):
    def label(name):
        for place in range(4):
            add_labels(tmp_path, labels(f"{name}{place}"))

    with ThreadPoolExecutor(2) as people:
        list(people.map(label, "ab"))
    assert len(read_labels(tmp_path)) == 8


def test_where_nothing_can_be_written_nothing_is_added(tmp_path, labels, monkeypatch):
    (tmp_path / "labels").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match=r"labels: is not writable"):
        add_labels(tmp_path, labels("s1"))
    (tmp_path / "run").mkdir()
    (tmp_path / "run/labels").symlink_to(tmp_path)
    with pytest.raises(RunError, match="is a link"):
        add_labels(tmp_path / "run", labels("s1"))
    add_labels(tmp_path / "full", labels("s1"))
    before = (tmp_path / "full/labels/Ada.jsonl").read_bytes()

    def full(_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"Ada\.jsonl: cannot be written \(No space left on device\).* No label was"):
        add_labels(tmp_path / "full", labels("s2"))
    assert (tmp_path / "full/labels/Ada.jsonl").read_bytes() == before


NO_LABEL = "found .*expected a label that g7tag wrote"
UNTIMELY = "the label of 's1' has the time .* expected one in UTC such as '2026-01-02T"
RULE = "the label of 's1' breaks a rule of the codebook: "
UNSAVED = [
    *(({"at": at}, UNTIMELY) for at in ("zzz", "2026-01-02T00:00:00.000", "0001-01-01T00:00:00.000+05:00")),
    ({"at": "9999-12-31T23:59:59.000+00:00"}, "is of 9999-.* more than a day ahead of the clock of this computer"),
    ({"kind": "classifier"}, "the label of 's1' is of kind 'classifier', expected analyst or adjudicator"),
    ({"note": "x" * 5001}, "has a comment of 5,001 characters, expected at most 5,000"),
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    *UNSAVED,
    *(
        (change, NO_LABEL)
        for change in (
            {"blind": "yes"}, {"contradicts": 1}, {"confidence": "high"}, {"confidence": 2.0}, {"note": ["x"]},
            {"confidence": float("nan")}, {"sentence_id": {"a": 1}}, {"note": "\ud800"}, {"annotator": ""},
            {"annotator": "x" * 300}, {"annotator": "a\x1b[31m"},
        )
    ),
    ({"dimensions": "nonsense"}, f"{RULE}dimension is not one of prevent, counter, dismantle, disrupt"),
    ({"dimensions": "counter;prevent"}, f"{RULE}dimensions are not in the order of the codebook"),
    ({"strength": "heavy"}, f"{RULE}strength is not one of"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "match"), REFUSED, ids=str)
def test_a_row_that_g7tag_would_not_write_is_refused_wherever_it_is_read(tmp_path, codebook, labels, change, match):
    good, row = ({**row, "confidence": None} for row in labels("s0", "s1").to_dict("records"))
    row |= change
    with suppress(TypeError, ValueError):  # no text, or half a character
        row["annotation_id"] = label_id(row)
    file = tmp_path / "labels/x.jsonl"
    file.parent.mkdir()
    file.write_text(f"{json.dumps(good)}\n{json.dumps(row)}\n", encoding="utf-8")
    with pytest.raises(RunError, match=rf"x\.jsonl, line 2: .*{match}"):
        read_labels(tmp_path, codebook)


def test_times_and_comments_that_cannot_be_are_not_written(tmp_path, labels):
    for change, match in UNSAVED:
        with pytest.raises(InputError, match=rf"{match}.*Nothing was saved"):
            add_labels(tmp_path / "run", labels("s1", **change))
        assert not (tmp_path / "run").exists()


def test_labels_that_a_run_was_scored_with_are_missed_until_they_are_back_or_given_up(tmp_path, labels):
    add_labels(tmp_path, labels("s1", "s2", "s3", "s4"))
    add_labels(tmp_path, labels("s1", annotator="Bo"))
    others = labels("s1", annotator="corpus", kind="adjudicator").assign(annotation_id="s1#corpus")  # of the corpus
    others = pd.concat([others, labels("s9", annotator="classifier", kind="classifier")])
    scored = tmp_path / "annotations.parquet"
    scored.write_bytes(parquet_bytes(pd.concat([read_labels(tmp_path), others])))
    file = tmp_path / "labels/Ada.jsonl"
    whole = file.read_bytes()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    lost = (
        r"labels: 2 labels that people saved in this run are missing \(Ada\.jsonl lacks 2\): 's3#Ada#.*Restore a copy"
    )
    for read in (read_labels, labels_state):
        with pytest.raises(RunError, match=lost):
            read(tmp_path)
    kept = [*read_label_rows(file).values(), *read_label_rows(tmp_path / "labels/Bo.jsonl").values()]
    with labels_locked(tmp_path), pytest.raises(RunError, match=lost):
        write_label_rows(tmp_path, kept)
    file.write_bytes(whole)
    add_labels(tmp_path, labels("s5"))
    assert len(read_labels(tmp_path)) == 6
    for each in (tmp_path / "labels").glob("*.jsonl"):
        each.unlink()
    with pytest.raises(RunError, match=r"5 labels .* \(Ada\.jsonl lacks 4, Bo\.jsonl lacks 1\).*delete .*annotations"):
        read_labels(tmp_path)
    scored.write_bytes(b"damaged")
    assert read_labels(tmp_path).empty
    scored.unlink()
    assert read_labels(tmp_path).empty


@pytest.mark.parametrize(
    "name", ["g7tag.py", "Ada.ipynb", "Ada.jsonl.bak", "__pycache__/", "Bo.jsonl/", "link.jsonl", "plan.toml"]
)
def test_the_folder_of_labels_holds_nothing_else(tmp_path, labels, name):
    add_labels(tmp_path, labels("s1"))
    for known in ("settled-cases.toml", ".DS_Store", "._Ada.jsonl", "Thumbs.db", "desktop.ini", ".g7tag-x.part"):
        (tmp_path / "labels" / known).write_text("x", encoding="utf-8")
    assert len(read_labels(tmp_path)) == 1
    path = tmp_path / "labels" / name
    if name.endswith("/"):
        path.mkdir()
    elif name in {"link.jsonl", "plan.toml"}:
        path.symlink_to(tmp_path / "labels/Ada.jsonl")
    else:
        path.write_text("", encoding="utf-8")
    with pytest.raises(RunError, match=rf"labels: has '{path.name}'\. Expected only label files .* Move the rest away"):
        read_labels(tmp_path)
