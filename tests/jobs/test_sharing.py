"""Labels made on several machines are joined in any order to the same bytes; nothing is lost, doubled or hidden."""

import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
import pytest
from people import AT, NAME, command, label, record

import g7tag
from g7tag import jobs
from g7tag.errors import InputError, RunError
from g7tag.store import label_id, read_labels


def choices(ids: list[str], seed: int) -> pd.DataFrame:
    """Labels of one person, at random."""
    draw = random.Random(seed)
    answers = (("counter", "strong"), ("counter", "weak"), ("", "none"))
    rows = [(name, "done", *draw.choice(answers)) for name in ids]
    return pd.DataFrame(rows, columns=["sentence_id", "act", "dimensions", "strength"])


def label_files(run: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(run.glob("labels/*.jsonl"))}


@pytest.fixture
def other(folder: Path, tmp_path: Path) -> Path:
    """The same run on another machine."""
    return shutil.copytree(folder, tmp_path / "other")


def test_two_people_on_two_machines_merge_to_the_same_bytes_in_both_orders_and_twice(
    folder: Path, tmp_path: Path
) -> None:
    ids = g7tag.open_run(folder).tags["sentence_id"].tolist()
    machines = {name: shutil.copytree(folder, tmp_path / name) for name in ("one", "two")}
    for seed, (name, path) in enumerate(machines.items()):
        for part in range(3):  # some sentences are labelled again, on another day
            own = choices(ids[part * 6 : part * 6 + 12], 10 * part + seed).assign(note=str(part))
            at = AT + timedelta(hours=part, minutes=seed)
            record(path, own, annotator={"one": "Ada", "two": "Bo"}[name], at=at)
    shared = choices(ids[5:10], 7).assign(note="second thoughts")  # Ada also works on the second machine
    record(machines["two"], shared, "Ada", at=AT + timedelta(days=1))
    merged = {}
    for first, second in (("one", "two"), ("two", "one")):
        here, there = tmp_path / f"{first}-{second}", machines[second]
        shutil.copytree(machines[first], here)
        g7tag.Run.at(here).merge_labels([there])
        merged[first] = label_files(here)
        again = g7tag.Run.at(here).merge_labels([there / "labels", there, there / "labels/Ada.jsonl"])
        assert (label_files(here), again.added) == (merged[first], {})
    assert merged["one"] == merged["two"]
    rows = read_labels(tmp_path / "one-two")
    assert rows["annotation_id"].is_unique
    assert set(rows["annotation_id"]) == {
        name for path in machines.values() for name in read_labels(path)["annotation_id"]
    }
    assert rows["annotator"].value_counts().to_dict() == {"Ada": 41, "Bo": 36}


@pytest.mark.slow
def test_the_command_merges_says_what_is_new_and_names_disagreements(folder: Path, other: Path) -> None:
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


def test_places_without_labels_or_of_another_report_are_refused_and_nothing_is_merged(
    folder: Path, other: Path
) -> None:
    with pytest.raises(InputError, match=r"nowhere: has no labels\. Expected a run directory, its folder `labels`"):
        g7tag.Run.at(folder).merge_labels([folder / "nowhere"])
    record(other, label(), "Ada")
    changed(other / "labels/Ada.jsonl", text_sha256="0" * 64)
    with pytest.raises(InputError, match=r"none of its 1 labels is on a sentence of .* Nothing was merged"):
        g7tag.Run.at(folder).merge_labels([other / "labels/Ada.jsonl"])
    assert label_files(folder) == {}


def changed(file: Path, **change: object) -> None:
    """Change the first row, with its hash, as somebody could who knows g7tag."""
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    row = json.loads(first) | change
    row["annotation_id"] = label_id(row)
    file.write_text("\n".join([json.dumps(row), *rest]) + "\n", encoding="utf-8")


def altered(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace('"done"', '"planned"'), encoding="utf-8")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "altered": (altered, r"Bo\.jsonl, line 1: the label of '2024-19/CAN-06\.1' was changed"),
    "dimension": (lambda file: changed(file, dimensions="x"), r"line 1: .* breaks a rule of the codebook: dimension"),
    "comment": (lambda file: changed(file, note="x" * 5001), "5,001 characters, expected at most 5,000"),
    "time": (lambda file: changed(file, at="zzz"), r"Bo\.jsonl, line 1: .* has the time 'zzz'"),
    "year 9999": (lambda file: changed(file, at="9999-01-01T00:00:00.000+00:00"), r"line 1: .* ahead of the clock"),
    "program": (lambda file: file.with_name("g7tag.py").write_text("1/0"), r"labels: has 'g7tag\.py'\. Expected only"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_stops_the_merge_before_anything_is_written(folder: Path, other: Path, how: str) -> None:
    record(other, label(), "Bo")
    damage, match = DAMAGE[how]
    damage(other / "labels/Bo.jsonl")
    with pytest.raises(RunError, match=match):
        g7tag.Run.at(folder).merge_labels([other])
    assert label_files(folder) == {}


@pytest.mark.slow
def test_plans_that_differ_stop_the_merge_and_a_missing_one_is_taken_over(folder: Path, other: Path) -> None:
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


def cut(file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: len(lines) // 2]))


@pytest.mark.slow
def test_labels_that_a_run_was_scored_with_cannot_vanish_unnoticed(decided: Path, tmp_path: Path) -> None:
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


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["label file", "plan", "folder"])
def test_links_among_labels_are_refused(folder: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    record(folder, label(), "Bo")
    (tmp_path / "Bo.jsonl").symlink_to(folder / "labels/Bo.jsonl")
    with pytest.raises(RunError, match=r"Bo\.jsonl: is a link or no file"):
        g7tag.Run.at(folder).merge_labels([tmp_path / "Bo.jsonl"])
    if kind == "folder":
        (folder / "labels").rename(target)
        (folder / "labels").symlink_to(target)
    else:
        target.write_text("", encoding="utf-8")
        (folder / "labels" / {"plan": "plan.toml", "label file": "Cy.jsonl"}[kind]).symlink_to(target)
    with pytest.raises(RunError, match=r"is a link|and no links"):
        g7tag.open_run(folder)


@pytest.mark.slow
@pytest.mark.parametrize("order", [("Ada", "ada", "ADA"), ("ADA", "Ada", "ada")], ids=str)
def test_a_merge_of_names_that_differ_in_case_gives_the_same_bytes_in_every_order(
    folder: Path, tmp_path: Path, order: tuple[str, ...]
) -> None:
    acts = {"ADA": "background", "Ada": "done", "ada": "planned"}
    machines = [shutil.copytree(folder, tmp_path / str(place)) for place in range(3)]
    for name, path in zip(order, machines, strict=True):
        record(path, pd.DataFrame({"sentence_id": [NAME], "act": acts[name]}), name, at=AT)
    for path in machines[1:]:
        g7tag.Run.at(machines[0]).merge_labels([path])
    ((name, content),) = label_files(machines[0]).items()
    rows = [json.loads(line) for line in content.splitlines()]
    assert (name, [(row["annotator"], row["act"]) for row in rows]) == ("ADA.jsonl", [*acts.items()])


@pytest.mark.slow
@pytest.mark.parametrize("how", ["frame", "sheet", "desk"])
def test_a_comment_has_a_limit_which_is_stated(folder: Path, tmp_path: Path, how: str) -> None:
    row, said = label(note="x" * 5001), "5,001 characters, expected at most 5,000"
    if how == "desk":
        session = jobs.desk_session(g7tag.Run.at(folder), annotator="Ada", select="all")
        session.write_note("x" * 5001)
        session.choose("act", "background")
        session.decide()
        assert session.view().message.is_error
        assert said in session.view().message.text
    else:
        row.to_csv(tmp_path / "sheet.csv", index=False)
        with pytest.raises(InputError, match=f"(?s)nothing was recorded.*the comment has {said}"):
            record(folder, row if how == "frame" else tmp_path / "sheet.csv", "Ada")
    assert label_files(folder) == {}


def save_labels(folder: Path, names: list[str], told: Connection) -> None:
    for name in names:
        record(folder, pd.DataFrame({"sentence_id": [name], "act": ["done"]}), "Ada")
        told.send(name)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the child only records labels
def test_twenty_kills_while_labels_are_saved_lose_nothing_that_was_confirmed(folder: Path) -> None:
    ids = g7tag.open_run(folder).tags["sentence_id"].tolist()
    confirmed: set[str] = set()
    pause, context = random.Random(20), multiprocessing.get_context("fork")
    for _ in range(20):
        hears, told = context.Pipe(duplex=False)
        left = [name for name in ids if name not in confirmed] or ids
        job = context.Process(target=save_labels, args=(folder, left, told))
        job.start()
        told.close()
        confirmed.add(hears.recv())
        time.sleep(pause.uniform(0, 0.1))
        assert job.pid is not None
        os.kill(job.pid, signal.SIGKILL)
        job.join()
        while hears.poll():
            try:
                confirmed.add(hears.recv())
            except EOFError:
                break
        assert confirmed <= set(read_labels(folder)["sentence_id"])
    assert len(confirmed) > 10
