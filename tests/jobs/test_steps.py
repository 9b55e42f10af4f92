"""Whole jobs: a run of the real chapter is repeated, killed and continued, in one command or in several."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from started import starting
from typer.testing import CliRunner

from g7tag.audit import Audited
from g7tag.cli import app
from g7tag.codebook import Codebook
from g7tag.errors import RunError, SourceError
from g7tag.jobs import RUN_FRAMES, example_path, open_run, read_reports, run_report

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")
READINGS = ["scoring-table", "interpretive-guidelines"]
KILLS = 6
REPORT = example_path("invented-report.txt")


def files(folder: Path) -> dict[str, bytes]:
    """What a run directory holds; what a killed write left beside it (.g7tag-….part) is no part of the run."""
    whole = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith(".g7tag-")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in whole}


def start(report: Path, output: Path) -> "subprocess.Popen[str]":
    command = [str(G7TAG), "run", str(report), "-o", str(output)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def command(*words: object) -> str:
    """Run a command that must succeed; what it printed on stdout."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def whole(chapter_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory of the real chapter, made by the command in a process of its own."""
    output = tmp_path_factory.mktemp("whole") / "run"
    with start(chapter_path, output) as process:
        assert process.wait(timeout=120) == 0
    return output


def killed_and_ended(report: Path, output: Path, n_files: int) -> dict[str, bytes]:
    """Files of a run that was killed as soon as it had written so many of them, and was then run again."""
    with starting("run", report, "-o", output) as process:
        while process.poll() is None and (n_files == 0 or len(list(output.rglob("*"))) < n_files):
            time.sleep(0.002)
            if n_files == 0 and output.exists():
                break
    assert process.returncode == -signal.SIGKILL
    run_report([report], output=output)
    return files(output)


@pytest.mark.chapter
def test_a_run_suggests_a_score_for_every_member_under_every_reading(whole: Path) -> None:
    scores = open_run(whole).scores
    assert scores["suggested_score"].notna().all()
    assert scores.groupby("member")["reading"].agg(list).tolist() == [READINGS] * 8
    published = scores.drop_duplicates("member").set_index("member")["published_score"]
    assert published[published == 1].index.tolist() == ["United Kingdom", "United States", "European Union"]
    assert published.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]


@pytest.mark.chapter
def test_a_run_writes_every_frame_receipts_a_manifest_and_a_page(whole: Path, codebook: Codebook) -> None:
    receipts = {f"receipts/2024-19-{code}.json" for code in codebook.codes.values()}
    frames = {f"{name}.parquet" for name in RUN_FRAMES}
    assert set(files(whole)) == frames | receipts | {"codebook.toml", "manifest.json", "report.html"}


@pytest.mark.chapter
def test_every_sentence_is_tagged_annotated_and_labelled_in_the_order_of_the_report(whole: Path) -> None:
    run = open_run(whole)
    ids = run.sentences["sentence_id"].tolist()
    assert len(ids) > 400
    assert run.tags["sentence_id"].tolist() == run.annotations["sentence_id"].tolist() == ids
    assert run.labels["sentence_id"].tolist() == ids


@pytest.mark.chapter
def test_two_runs_give_the_same_bytes(chapter_run: Path, whole: Path) -> None:
    assert files(chapter_run) == files(whole)


@pytest.mark.chapter
def test_a_run_in_memory_has_the_frames_of_one_in_a_directory(chapter_path: Path, whole: Path) -> None:
    run = run_report([chapter_path])
    for name, frame in open_run(whole).frames.items():
        pd.testing.assert_frame_equal(frame, getattr(run, name))


@pytest.mark.chapter
def test_a_second_run_into_a_directory_continues_it(chapter_path: Path, whole: Path) -> None:
    before = files(whole)
    written = {file.name: file.stat().st_mtime_ns for file in whole.glob("*.parquet")}
    run_report([chapter_path], output=whole)
    assert {file.name: file.stat().st_mtime_ns for file in whole.glob("*.parquet")} == written
    assert files(whole) == before


@pytest.mark.chapter
def test_ingest_tag_and_score_give_the_bytes_of_a_run(chapter_path: Path, whole: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    command("ingest", chapter_path, "-o", output)
    command("tag", output)
    command("score", output)
    run = files(whole)
    parts = {name: content for name, content in files(output).items() if name != "manifest.json"}
    audited = {f"{name}.parquet" for name in Audited._fields}
    assert set(run) - set(parts) == audited | {"report.html", "manifest.json"}
    assert parts == {name: run[name] for name in parts}
    run_report([chapter_path], output=output)
    assert files(output) == run


@pytest.mark.chapter
def test_a_run_of_the_chapter_that_is_killed_half_way_ends_the_same_when_run_again(
    chapter_path: Path, whole: Path, tmp_path: Path
) -> None:
    assert killed_and_ended(chapter_path, tmp_path / "run", len(files(whole)) // 2) == files(whole)


@pytest.mark.parametrize("place", range(KILLS))
def test_a_run_killed_at_any_moment_ends_the_same_when_run_again(
    invented_run: Path, tmp_path: Path, place: int
) -> None:
    n_files = len(files(invented_run)) * place // KILLS
    assert killed_and_ended(REPORT, tmp_path / "run", n_files) == files(invented_run)


def test_an_interrupted_run_exits_with_130_and_is_continued(invented_run: Path, tmp_path: Path) -> None:
    with start(REPORT, tmp_path / "run") as process:
        while not (tmp_path / "run" / "manifest.json").exists() and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")
    run_report([REPORT], output=tmp_path / "run")
    assert files(tmp_path / "run") == files(invented_run)


def test_a_run_of_the_bundled_evidence_is_headed_as_ours(bundled_run: Path) -> None:
    ours = "the whole chapter, restated in our own words"
    assert open_run(bundled_run).documents["name"].tolist() == [ours]
    assert ours in (bundled_run / "report.html").read_text(encoding="utf-8")


def test_a_report_and_the_python_call_may_be_named_by_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Japan: 0\n\nOn 1 July 2024, they met.\n", encoding="utf-8")
    evidence = read_reports([str(tmp_path / "a.txt")], commitments=[19], year=2024)
    assert evidence.sentences[["sentence_id", "text"]].to_numpy().tolist() == [
        ["2024-19/JPN-01.1", "On 1 July 2024, they met."]
    ]


def test_there_is_no_bundled_evidence_for_another_codebook(codebook: Codebook) -> None:
    other = codebook.model_copy(update={"id": "2030-trees"})
    with pytest.raises(
        SourceError, match=r"codebook '2030-trees': g7tag has no bundled evidence for it\. Give a report"
    ):
        read_reports(codebook=other)


def test_a_run_is_not_opened_with_another_codebook(codebook: Codebook, invented_run: Path) -> None:
    with pytest.raises(
        RunError, match=r"has 2024-apulia-19 version \S+ \(sha256 \w{12}\), not version 9 .* Replace it and score again"
    ):
        open_run(invented_run, codebook.model_copy(update={"version": "9"}))


def test_a_half_done_run_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Japan: 0\n\nOn 1 July 2024, they met.\n", encoding="utf-8")
    command("ingest", tmp_path / "a.txt", "-o", tmp_path / "run", "--year", 2024, "--commitment", 19)
    with pytest.raises(RunError, match=r"no tags frame; it has documents, .*citations\. Run `g7tag tag"):
        open_run(tmp_path / "run")


def test_every_step_is_announced_as_it_begins() -> None:
    heard: list[str] = []
    run_report(announce=heard.append, fast=True)
    assert heard == [
        "reading the bundled evidence", "tagging sentences", "scoring members", "checking the report against itself",
        "checking scores, days and notes", "drawing equal evidence", "comparing items with one another",
        "writing findings",
    ]  # fmt: skip
