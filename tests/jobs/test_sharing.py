"""Labels made on several machines are joined in any order to the same bytes; nothing is lost, doubled or hidden."""

import json
import re
import shutil
from datetime import timedelta

import pytest
from people import AT, NAME, command, label, record

import g7tag
from g7tag import jobs
from g7tag.errors import InputError, RunError
from g7tag.jobs.sharing import read_cases, settle_case
from g7tag.store import label_id, read_labels


def label_files(run):
    return {file.name: file.read_bytes() for file in sorted(run.glob("labels/*.jsonl"))}


@pytest.fixture
def other(folder, tmp_path):
    """The same run on another machine."""
    return shutil.copytree(folder, tmp_path / "other")


@pytest.mark.slow
def test_two_people_on_two_machines_merge_to_the_same_bytes_in_both_orders_and_twice(folder, other, tmp_path):
    ids = g7tag.open_run(folder).tags[["sentence_id"]]
    for hours, (run, name, act) in enumerate(
        [(folder, "Ada", "done"), (other, "Bo", "planned"), (folder, "Ada", "background"), (other, "Ada", "not_done")]
    ):  # Ada also works on the second machine
        record(run, ids[hours : hours + 5].assign(act=act), name, at=AT + timedelta(hours=hours))
    merged = []
    for first, second in ((folder, other), (other, folder)):
        here = shutil.copytree(first, tmp_path / f"into {first.name}")
        g7tag.Run.at(here).merge_labels([second])
        merged.append(label_files(here))
        again = g7tag.Run.at(here).merge_labels([second / "labels", second, second / "labels/Ada.jsonl"])
        assert (label_files(here), again.added) == (merged[-1], {})
    assert merged[0] == merged[1]
    rows = read_labels(here)
    assert rows["annotation_id"].is_unique
    assert set(rows["annotation_id"]) == {*read_labels(folder)["annotation_id"], *read_labels(other)["annotation_id"]}
    assert rows["annotator"].value_counts().to_dict() == {"Ada": 15, "Bo": 5}


@pytest.mark.slow
def test_the_command_merges_says_what_is_new_and_names_disagreements(folder, other):
    record(folder, label(), "Ada")
    record(other, label(strength="weak"), "Bo")
    assert command("merge", folder, other).stderr.splitlines()[-3:] == [
        "Bo: 1 new label.",
        "Analysts disagree on 1 sentence; the tagger's label counts until they agree or an adjudicator decides:",
        f"  {NAME}: Ada: strong dismantle; Bo: weak dismantle",
    ]
    record(other, label(), "ada")
    again = command("merge", folder, other, code=4).stderr
    assert "'Ada' and 'ada' count as different people. If they are one person, use one name.\n" in again
    assert "No new labels." in command("merge", folder, other, code=4).stderr


@pytest.mark.slow
def test_plans_that_differ_stop_the_merge_and_a_missing_one_is_taken_over(folder, other):
    g7tag.Run.at(other).write_label_plan(["Ada", "Bo"], shared=1.0)
    record(other, label(), "Bo")
    g7tag.Run.at(folder).merge_labels([other])
    assert jobs.read_plan(folder) == jobs.read_plan(other)
    g7tag.Run.at(folder).write_label_plan(["Ada", "Bo"], coders=2)
    with pytest.raises(RunError, match=r"plan\.toml and .*plan\.toml differ\. Copy one to both places"):
        g7tag.Run.at(folder).merge_labels([other])
    (folder / "labels/plan.toml").write_text("annotators = 3", encoding="utf-8")
    with pytest.raises(RunError, match=r"plan\.toml: annotators: .* Correct it, or remove the file"):
        jobs.read_plan(folder)


@pytest.mark.slow
def test_who_is_not_blind_and_settled_cases_come_with_a_run_directory(folder, other):
    third, cases = shutil.copytree(other, other.with_name("third")), other / "labels/settled-cases.toml"
    for run, name in ((folder, "Ada"), (other, "Bo"), (third, "Cy")):
        record(run, label(), name)
        (run / "not-blind.txt").write_text(f"{name}\nDi\n", encoding="utf-8")
    settle_case(other, "A ring is gone", "Dismantle")
    merged = g7tag.Run.at(folder).merge_labels([other, third / "labels"])  # a folder of labels is no run directory
    assert (folder / "not-blind.txt").read_text(encoding="utf-8") == "Ada\nDi\nBo\n"
    assert (read_cases(folder), merged.notes) == (read_cases(other), [])
    settle_case(third, "A ring is gone", "Dismantle")
    settle_case(third, "A ring is gone", "Disrupt")
    own = (folder / "labels/settled-cases.toml").read_bytes()
    assert own == cases.read_bytes()
    for _ in range(2):
        (note,) = g7tag.Run.at(folder).merge_labels([other, third]).notes
        assert note.startswith(f"{third / 'labels/settled-cases.toml'}: has cases that are not in {folder}")
        assert (folder / "labels/settled-cases.toml").read_bytes() == own
    cases.write_text("notes = 3", encoding="utf-8")
    with pytest.raises(RunError, match="cannot be read as settled cases"):
        g7tag.Run.at(folder).merge_labels([other])


def changed(file, **change):
    """Change the only row, with its hash, as somebody could who knows g7tag."""
    row = json.loads(file.read_text(encoding="utf-8")) | change
    file.write_text(json.dumps(row | {"annotation_id": label_id(row)}) + "\n", encoding="utf-8")


UNFIT = {
    "no labels": (lambda file: file.unlink(), InputError, r"labels: has no labels\. Expected a run directory"),
    "other report": (
        lambda file: changed(file, text_sha256="0" * 64), InputError, r"none of its 1 labels .* Nothing was merged",
    ),
    "damaged": (lambda file: changed(file, dimensions="x"), RunError, r"line 1: .* breaks a rule of the codebook"),
    "link": (lambda file: file.symlink_to(file.rename(file.parents[1] / "x")), RunError, r"labels: has 'Bo\.jsonl'"),
}  # fmt: skip


@pytest.mark.parametrize("how", UNFIT)
def test_labels_that_do_not_fit_stop_the_merge_before_anything_is_written(folder, other, how):
    record(other, label(), "Bo")
    change, error, match = UNFIT[how]
    change(other / "labels/Bo.jsonl")
    with pytest.raises(error, match=match):
        g7tag.Run.at(folder).merge_labels([other / "labels" if how == "no labels" else other])
    assert label_files(folder) == {}


def cut(file):
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: len(lines) // 2]))


@pytest.mark.slow
def test_labels_that_a_run_was_scored_with_cannot_vanish_unnoticed(decided, tmp_path):
    file, sent = decided / "labels/Ada.jsonl", tmp_path / "sent by Ada.jsonl"
    record(decided, label(), "Bo")
    whole = shutil.copytree(decided, tmp_path / "whole")
    shutil.copy(file, sent)
    cut(file)
    run, name, report = decided, ["--annotator", "Ada"], g7tag.example_path("invented-report.txt")
    missing = r"7 labels that people saved in this run are missing \(Ada\.jsonl lacks 7\)"
    for words in (
        ["agreement", run], ["certify", run], ["desk", run, *name, "--no-browser"], ["label", run],
        ["label", run, g7tag.example_path("invented-decisions.csv"), *name], ["score", run], ["score", run, "--force"],
        ["score", run, "--final"], ["report", run], ["audit", run], ["compare", run, whole], ["merge", whole, run],
        ["corpus", "add", run, "-o", tmp_path / "own.csv"], ["run", report, "-o", run, "--tagger", "fast"],
    ):  # fmt: skip
        assert re.search(missing, str(command(*words, code=3).exception)), words
    with pytest.raises(RunError, match=missing):
        g7tag.Run.at(decided).merge_labels([decided / "labels/Bo.jsonl"])
    file.unlink()
    with pytest.raises(RunError, match=r"13 labels .* are missing \(Ada\.jsonl lacks 13\)"):
        g7tag.Run.at(decided).rescore()
    assert len(g7tag.Run.at(decided).merge_labels([sent]).added) == 1  # what is missing comes back by a merge
    assert sorted(file.read_bytes().splitlines()) == sorted(sent.read_bytes().splitlines())
    g7tag.open_run(decided)
