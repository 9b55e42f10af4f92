"""Labels made on several machines are joined in any order to the same bytes; nothing is lost, doubled or hidden."""

import json
import random
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
    with pytest.raises(RunError, match=r"breaks a rule: dimension is not one of prevent, .* Nothing was merged"):
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
        RunError, match=r"labels of people that this run was scored with are missing: found 1\. Expected"
    ):
        jobs.score_run(folder)
    (folder / "Bo.jsonl").rename(folder / "labels/Bo.jsonl")
    jobs.score_run(folder)


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
