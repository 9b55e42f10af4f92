"""Whole jobs: a run is repeated, killed and continued, in one command or in several."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from people import command
from started import starting

from g7tag.audit import Audited
from g7tag.jobs import RUN_FRAMES, example_path, open_run, run_report

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")
REPORT = example_path("invented-report.txt")


def files(folder):
    """What a run directory holds; what a killed write left beside it (.g7tag-….part) is no part of the run."""
    whole = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith(".g7tag-")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in whole}


def start(report, output):
    words = [str(G7TAG), "run", str(report), "-o", str(output), "--tagger", "fast"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_run_writes_every_frame_receipts_a_manifest_and_a_page(invented_run, bundled_run):
    frames = {f"{name}.parquet" for name in RUN_FRAMES}
    receipts = {f"receipts/2024-19-{code}.json" for code in ("CAN", "JPN")}
    assert set(files(invented_run)) == frames | receipts | {"codebook.toml", "manifest.json", "report.html"}
    ours = "the whole chapter, restated in our own words"
    assert open_run(bundled_run).documents["name"].tolist() == [ours]
    assert ours in (bundled_run / "report.html").read_text(encoding="utf-8")


def test_a_run_in_another_process_in_parts_or_in_memory_gives_the_same(invented_run, tmp_path):
    whole, output = files(invented_run), tmp_path / "parts"
    with start(REPORT, tmp_path / "other") as process:
        assert process.wait(timeout=120) == 0
    assert files(tmp_path / "other") == whole
    command("ingest", REPORT, "-o", output)
    command("tag", output, "--tagger", "fast")
    command("score", output)
    parts = {name: content for name, content in files(output).items() if name != "manifest.json"}
    assert set(whole) - set(parts) == {f"{name}.parquet" for name in Audited._fields} | {"report.html", "manifest.json"}
    assert parts == {name: whole[name] for name in parts}
    run = run_report([REPORT], output=output, fast=True)
    assert files(output) == whole
    written = {file.name: file.stat().st_mtime_ns for file in output.glob("*.parquet")}
    again = run_report([str(REPORT)], output=output, fast=True)  # continues it
    assert {file.name: file.stat().st_mtime_ns for file in output.glob("*.parquet")} == written
    assert files(output) == whole
    memory = run_report(REPORT, fast=True)
    for name, frame in open_run(invented_run).frames.items():
        for other in (run, again, memory):
            pd.testing.assert_frame_equal(getattr(other, name), frame)


@pytest.mark.parametrize("place", [2, 4, *(pytest.param(place, marks=pytest.mark.nightly) for place in (0, 1, 3, 5))])
def test_a_run_killed_at_any_moment_ends_the_same_when_run_again(invented_run, tmp_path, place):
    output, n_files = tmp_path / "run", len(files(invented_run)) * place // 6
    with starting("run", REPORT, "-o", output, "--tagger", "fast") as process:
        while process.poll() is None and (not output.exists() or len(list(output.rglob("*"))) < n_files):
            time.sleep(0.002)
    assert process.returncode == -signal.SIGKILL  # it had written so many files
    run_report([REPORT], output=output, fast=True)
    assert files(output) == files(invented_run)


def test_an_interrupted_run_exits_with_130_and_is_continued(invented_run, tmp_path):
    with start(REPORT, tmp_path / "run") as process:
        while not (tmp_path / "run" / "manifest.json").exists() and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")
    run_report([REPORT], output=tmp_path / "run", fast=True)
    assert files(tmp_path / "run") == files(invented_run)
