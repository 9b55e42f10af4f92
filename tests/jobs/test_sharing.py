"""Labels made on several machines are joined in any order to the same bytes; nothing is lost, doubled or hidden."""

import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.errors import InputError, RunError
from g7tag.store import label_id, read_labels

pytestmark = pytest.mark.slow

AT = datetime(2026, 1, 2, tzinfo=UTC)


def choices(ids: list[str], seed: int) -> pd.DataFrame:
    """Labels of one person, at random."""
    draw = random.Random(seed)
    rows = [
        {"sentence_id": name, "act": "done", **draw.choice([
            {"counter": "x", "strength": "strong"}, {"counter": "x", "strength": "weak"}, {"strength": "none"},
        ])}
        for name in ids
    ]  # fmt: skip
    return pd.DataFrame(rows).fillna("")


def files(run: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(run.glob("labels/*.jsonl"))}


@pytest.fixture(scope="module")
def chapter_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "run"
    g7tag.run_report(output=path, fast=True)
    return path


def test_two_people_on_two_machines_merge_to_the_same_bytes_in_both_orders_and_twice(
    chapter_run: Path, tmp_path: Path
) -> None:
    ids = g7tag.open_run(chapter_run).tags["sentence_id"].tolist()
    ids = [*ids, *ids[: 500 - len(ids)]]  # some are labelled twice
    machines = {name: tmp_path / name for name in ("one", "two")}
    for seed, (name, path) in enumerate(machines.items()):
        shutil.copytree(chapter_run, path)
        for part in range(5):  # in parts, on different days, each person on both halves
            own = choices(ids[part * 100 : (part + 1) * 100], 10 * part + seed).assign(note=str(part))
            at = AT + timedelta(hours=part, minutes=seed)
            jobs.record_labels(path, own, annotator={"one": "Ada", "two": "Bo"}[name], at=at)
    shared = choices(ids[50:100], 7).assign(note="second thoughts")  # Ada also works on the second machine
    jobs.record_labels(machines["two"], shared, annotator="Ada", at=AT + timedelta(days=1))
    merged = {}
    for first, second in (("one", "two"), ("two", "one")):
        here, there = tmp_path / f"{first}-{second}", machines[second]
        shutil.copytree(machines[first], here)
        jobs.merge_labels(here, [there])
        once = files(here)
        again = jobs.merge_labels(here, [there / "labels", there, there / "labels/Ada.jsonl"])
        assert files(here) == once
        assert again.added == {}
        merged[first] = once
    assert merged["one"] == merged["two"]
    rows = read_labels(tmp_path / "one-two")
    assert rows["annotation_id"].is_unique
    kept = {name for path in machines.values() for name in read_labels(path)["annotation_id"]}
    assert set(rows["annotation_id"]) == kept
    assert rows["annotator"].value_counts().to_dict() == {"Ada": 550, "Bo": 500}
    run = jobs.score_run(tmp_path / "one-two")
    disputed = int((run.labels["status"] == "conflict").sum())
    assert disputed == len(run.label_queue(select="disagreements")) > 100
    assert (run.findings["check"] == "analysts_disagree").sum() == disputed


def test_the_command_merges_says_what_is_new_and_names_disagreements(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": ["dismantle"], "strength": ["strong"]})
    jobs.record_labels(folder, row, annotator="Ada")
    jobs.record_labels(other, row.assign(strength="weak"), annotator="Bo")
    result = CliRunner().invoke(app, ["merge", str(folder), str(other)])
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[-3:] == [
        "Bo: 1 new label.",
        "Analysts disagree on 1 sentence; the tagger's label counts until they agree or an adjudicator decides:",
        "  2024-19/CAN-06.1: Ada: strong dismantle; Bo: weak dismantle",
    ]
    assert "No new labels." in CliRunner().invoke(app, ["merge", str(folder), str(other)]).stderr


def test_labels_of_sentences_that_are_gone_are_kept_and_named(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    run = g7tag.open_run(folder)
    jobs.record_labels(other, run.label_queue(select="all").assign(act="done")[["sentence_id", "act"]], annotator="Bo")
    changed = tmp_path / "changed.txt"
    text = g7tag.example_path("invented-report.txt").read_text(encoding="utf-8")
    changed.write_text(text.replace("On 9 July 2024", "On 1 July 2024, it rained.\n\nOn 9 July 2024"), encoding="utf-8")
    g7tag.run_report([changed], output=folder, force=True)
    result = CliRunner().invoke(app, ["merge", str(folder), str(other)])
    assert result.exit_code == 4, result.output
    assert "labels do not count: the sentence is gone, or its text differs (2024-19/CAN-" in result.stderr
    assert len(read_labels(folder)) == len(run.tags)


def test_places_without_labels_or_of_another_report_are_refused_and_nothing_is_merged(
    folder: Path, chapter_run: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"nowhere: has no labels\. Expected a run directory, its folder `labels`"):
        jobs.merge_labels(folder, [tmp_path / "nowhere"])
    other = tmp_path / "other"
    shutil.copytree(chapter_run, other)
    ids = [name for name in g7tag.open_run(other).tags["sentence_id"] if "/JPN-" in name]
    jobs.record_labels(other, choices(ids[:3], 1), annotator="Ada")
    with pytest.raises(InputError, match=r"none of its 3 labels is on a sentence of .* Nothing was merged"):
        jobs.merge_labels(folder, [other])
    assert files(folder) == {}


def test_a_damaged_file_stops_the_merge_before_anything_is_written(folder: Path, tmp_path: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "act": ["done"]})
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    jobs.record_labels(other, row, annotator="Bo")
    (file,) = other.glob("labels/*.jsonl")
    file.write_text(file.read_text(encoding="utf-8").replace('"done"', '"planned"'), encoding="utf-8")
    with pytest.raises(RunError, match=r"Bo\.jsonl, line 1: the label of '2024-19/CAN-06\.1' was changed"):
        jobs.merge_labels(folder, [other])
    assert files(folder) == {}


def test_a_label_that_breaks_the_codebook_is_not_merged(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    jobs.record_labels(other, pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "act": ["done"]}), annotator="Bo")
    (row,) = read_labels(other).to_dict("records")
    row |= {"dimensions": "nonsense", "confidence": None}
    (file,) = other.glob("labels/*.jsonl")
    file.write_text(json.dumps({**row, "annotation_id": label_id(row)}) + "\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"Bo\.jsonl, line 1: .* breaks a rule of the codebook: dimension is not one of"):
        jobs.merge_labels(folder, [other])
    assert files(folder) == {}


def test_labels_are_merged_before_there_are_tags(tmp_path: Path) -> None:
    runs = [tmp_path / name for name in ("a", "b")]
    for run in runs:
        called = CliRunner().invoke(app, ["ingest", str(g7tag.example_path("invented-report.txt")), "-o", str(run)])
        assert called.exit_code == 0, called.output
    jobs.record_labels(runs[1], pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "act": ["done"]}), annotator="Bo")
    result = CliRunner().invoke(app, ["merge", *map(str, runs)])
    assert (result.exit_code, result.stderr) == (0, "Bo: 1 new label.\n")


def test_plans_that_differ_stop_the_merge_and_a_missing_one_is_taken_over(folder: Path, tmp_path: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "act": ["done"]})
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    jobs.write_plan(other, ["Ada", "Bo"], shared=1.0)
    jobs.record_labels(other, row, annotator="Bo")
    jobs.merge_labels(folder, [other])
    assert jobs.read_plan(folder) == jobs.read_plan(other)
    jobs.write_plan(folder, ["Ada", "Bo"], coders=2)
    with pytest.raises(RunError, match=r"plan\.toml and .*plan\.toml differ\. Copy one of them to both places"):
        jobs.merge_labels(folder, [other])
    (folder / "labels/plan.toml").write_text("annotators = 3", encoding="utf-8")
    with pytest.raises(RunError, match=r"plan\.toml: annotators: .* Correct it, or remove the file"):
        jobs.read_plan(folder)


def test_names_that_are_almost_the_same_are_named_after_a_merge(folder: Path, tmp_path: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "act": ["done"]})
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    jobs.record_labels(folder, row, annotator="Ada L.")
    jobs.record_labels(other, row, annotator="ada l")
    assert jobs.merge_labels(folder, [other]).notes == [
        "'Ada L.' and 'ada l' count as different people. If they are one person, use one name."
    ]


def test_labels_that_a_run_was_scored_with_cannot_vanish_unnoticed(folder: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "act": ["done"]})
    jobs.record_labels(folder, row, annotator="Ada")
    jobs.score_run(folder)
    jobs.record_labels(folder, row, annotator="Bo")
    jobs.score_run(folder)
    (folder / "labels/Bo.jsonl").rename(folder / "Bo.jsonl")
    with pytest.raises(
        RunError, match=r"1 label that people saved in this run is missing \(Bo\.jsonl lacks 1\): '2024"
    ):
        jobs.score_run(folder)
    (folder / "Bo.jsonl").rename(folder / "labels/Bo.jsonl")
    jobs.score_run(folder)


def disputed_run(folder: Path) -> Path:
    """A scored run in which Ada and Bo labelled every sentence, and differ on some; returns the file of Ada."""
    ids = g7tag.open_run(folder).tags["sentence_id"].tolist()
    for seed, name in enumerate(("Ada", "Bo")):
        jobs.record_labels(folder, choices(ids, seed), annotator=name, blind=True, at=AT)
    jobs.score_run(folder)
    return folder / "labels/Ada.jsonl"


def cut(file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: len(lines) // 2]))


def changed(file: Path, **change: object) -> None:
    """Change the first row, with its hash, as somebody could who knows g7tag."""
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    row = json.loads(first) | change
    row["annotation_id"] = label_id(row)
    file.write_text("\n".join([json.dumps(row), *rest]) + "\n", encoding="utf-8")


HARM = {
    "cut": (cut, r"12 labels that people saved in this run are missing \(Ada\.jsonl lacks 12\)"),
    "dimension": (
        lambda file: changed(file, dimensions="x", strength="weak"),
        r"Ada\.jsonl, line 1: .* breaks a rule of",
    ),
    "time": (lambda file: changed(file, at="zzz"), r"Ada\.jsonl, line 1: .* has the time 'zzz'"),
    "year 9999": (lambda file: changed(file, at="9999-01-01T00:00:00.000+00:00"), r"line 1: .* ahead of the clock"),
    "program": (lambda file: file.with_name("g7tag.py").write_text("1/0"), r"labels: has 'g7tag\.py'\. Expected only"),
}
"""What may happen to a label file, and what every command says then."""


@pytest.mark.parametrize("harm", HARM)
def test_every_command_that_uses_labels_names_what_is_wrong_with_them(folder: Path, tmp_path: Path, harm: str) -> None:
    file, other, book = disputed_run(folder), tmp_path / "other", g7tag.open_codebook()
    shutil.copytree(folder, other)
    change, match = HARM[harm]
    change(file)
    run, name = str(folder), ["--annotator", "Ada"]
    commands = [
        ["agreement", run], ["certify", run], ["desk", run, *name, "--no-browser"], ["label", run],
        ["label", run, str(g7tag.example_path("invented-decisions.csv")), *name], ["score", run],
        ["score", run, "--force"], ["score", run, "--final"], ["report", run], ["audit", run],
        ["compare", run, str(other)],
        ["merge", str(other), run], ["corpus", "add", run, "-o", str(tmp_path / "own.csv")],
        ["run", str(g7tag.example_path("invented-report.txt")), "-o", run],
    ]  # fmt: skip
    for words in commands:
        result = CliRunner().invoke(app, words)
        assert isinstance(result.exception, RunError), (words, result.output)
        assert re.search(match, str(result.exception)), (words, result.exception)
    for call in (g7tag.open_run, jobs.score_run, lambda path: jobs.agreement_of(path, book)):
        with pytest.raises(RunError, match=match):
            call(folder)


def test_what_is_missing_here_comes_back_by_a_merge(folder: Path, tmp_path: Path) -> None:
    file = disputed_run(folder)
    before, sent = file.read_bytes(), tmp_path / "sent by Ada.jsonl"
    sent.write_bytes(before)
    cut(file)
    with pytest.raises(RunError, match="12 labels that people saved in this run are missing"):
        jobs.merge_labels(folder, [folder / "labels/Bo.jsonl"])
    assert len(jobs.merge_labels(folder, [sent]).added) == 1
    assert sorted(file.read_bytes().splitlines()) == sorted(before.splitlines())


@pytest.mark.parametrize("kind", ["label file", "plan", "folder"])
def test_links_among_labels_are_refused(folder: Path, tmp_path: Path, kind: str) -> None:
    disputed_run(folder)
    target = tmp_path / "target"
    (tmp_path / "Bo.jsonl").symlink_to(folder / "labels/Bo.jsonl")
    with pytest.raises(RunError, match=r"Bo\.jsonl: is a link or no file"):
        jobs.merge_labels(folder, [tmp_path / "Bo.jsonl"])
    if kind == "folder":
        (folder / "labels").rename(target)
        (folder / "labels").symlink_to(target)
    else:
        target.write_text("", encoding="utf-8")
        (folder / "labels" / {"plan": "plan.toml", "label file": "Cy.jsonl"}[kind]).symlink_to(target)
    with pytest.raises(RunError, match=r"is a link|and no links"):
        g7tag.open_run(folder)


@pytest.mark.parametrize("order", [("Ada", "ada", "ADA"), ("ada", "ADA", "Ada"), ("ADA", "Ada", "ada")], ids=str)
def test_a_merge_of_names_that_differ_in_case_gives_the_same_bytes_in_every_order(
    folder: Path, tmp_path: Path, order: tuple[str, ...]
) -> None:
    machines = {name: tmp_path / str(place) for place, name in enumerate(order)}
    for name, path in machines.items():
        shutil.copytree(folder, path)
        act = {"Ada": "done", "ada": "planned", "ADA": "background"}[name]
        row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "act": [act]})
        jobs.record_labels(path, row, annotator=name, at=AT)
    first, *others = machines.values()
    for other in others:
        jobs.merge_labels(first, [other])
    assert list(files(first)) == ["ADA.jsonl"]
    rows = [json.loads(line) for line in files(first)["ADA.jsonl"].splitlines()]
    assert [(row["annotator"], row["act"]) for row in rows] == [
        ("ADA", "background"), ("Ada", "done"), ("ada", "planned"),
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["frame", "sheet", "desk", "merge"])
def test_a_comment_has_a_limit_which_is_stated(folder: Path, tmp_path: Path, how: str) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": "", "act": "done", "note": "x" * 5001})
    said = "5,001 characters, expected at most 5,000"
    if how == "desk":
        session = jobs.desk_session(folder, annotator="Ada", select="all")
        session.write_note("x" * 5001)
        session.choose("act", "background")
        session.decide()
        assert session.view().message.is_error
        assert said in session.view().message.text
    elif how == "merge":
        other = tmp_path / "other"
        shutil.copytree(folder, other)
        jobs.record_labels(other, row.assign(note=""), annotator="Bo")
        changed(other / "labels/Bo.jsonl", note="x" * 5001)
        with pytest.raises(RunError, match=said):
            jobs.merge_labels(folder, [other])
    else:
        row.to_csv(tmp_path / "sheet.csv", index=False)
        with pytest.raises(InputError, match=f"(?s)nothing was recorded.*the comment has {said}"):
            jobs.record_labels(folder, row if how == "frame" else tmp_path / "sheet.csv", annotator="Ada")
    assert files(folder) == {}


LABELLING = """
import sys
from pathlib import Path
import pandas as pd
from g7tag import jobs

for name in sys.argv[2:]:
    jobs.record_labels(Path(sys.argv[1]), pd.DataFrame({"sentence_id": [name], "act": ["done"]}), annotator="Ada")
    print(name, flush=True)
"""


def test_twenty_kills_while_labels_are_saved_lose_nothing_that_was_confirmed(folder: Path) -> None:
    ids = g7tag.open_run(folder).tags["sentence_id"].tolist()
    confirmed: list[str] = []
    pause = random.Random(20)
    for _ in range(20):
        left = [name for name in ids if name not in confirmed] or ids
        with subprocess.Popen(
            [sys.executable, "-c", LABELLING, str(folder), *left], stdout=subprocess.PIPE, text=True, encoding="utf-8"
        ) as job:
            assert job.stdout is not None
            first = job.stdout.readline()
            time.sleep(pause.uniform(0, 0.05))
            job.send_signal(signal.SIGKILL)
            confirmed += [first.strip(), *job.stdout.read().split()]
        saved = set(read_labels(folder)["sentence_id"])
        assert set(filter(None, confirmed)) <= saved
    assert len(set(confirmed)) > 10
