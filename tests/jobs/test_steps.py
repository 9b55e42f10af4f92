"""Whole jobs: a run of the real chapter is repeated, killed and continued, in one command or in several."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from g7tag.audit import Audited
from g7tag.cli import app
from g7tag.codebook import Codebook
from g7tag.errors import RunError, SourceError
from g7tag.jobs import RUN_FRAMES, open_run, read_reports, run_report

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")
READINGS = ["scoring-table", "interpretive-guidelines"]
KILLS = 6


def files(folder: Path) -> dict[str, bytes]:
    """What a run directory holds; what a killed write left beside it (.g7tag-….part) is no part of the run."""
    whole = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith(".g7tag-")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in whole}


def start(chapter_path: Path, output: Path) -> "subprocess.Popen[str]":
    command = [str(G7TAG), "run", str(chapter_path), "-o", str(output)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def command(*words: object) -> str:
    """Run a command that must succeed; what it printed on stdout."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def whole(chapter_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A run directory of the real chapter, and the seconds that the run took."""
    output = tmp_path_factory.mktemp("whole") / "run"
    began = time.monotonic()
    with start(chapter_path, output) as process:
        assert process.wait(timeout=120) == 0
    return output, time.monotonic() - began


@pytest.mark.chapter
def test_a_run_suggests_a_score_for_every_member_under_every_reading(whole: tuple[Path, float]) -> None:
    scores = open_run(whole[0]).scores
    assert scores["suggested_score"].notna().all()
    assert scores.groupby("member")["reading"].agg(list).tolist() == [READINGS] * 8
    published = scores.drop_duplicates("member").set_index("member")["published_score"]
    assert published[published == 1].index.tolist() == ["United Kingdom", "United States", "European Union"]
    assert published.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]


@pytest.mark.chapter
def test_a_run_writes_every_frame_receipts_a_manifest_and_a_page(whole: tuple[Path, float], codebook: Codebook) -> None:
    receipts = {f"receipts/2024-19-{code}.json" for code in codebook.codes.values()}
    frames = {f"{name}.parquet" for name in RUN_FRAMES}
    assert set(files(whole[0])) == frames | receipts | {"codebook.toml", "manifest.json", "report.html"}


@pytest.mark.chapter
def test_every_sentence_is_tagged_annotated_and_labelled_in_the_order_of_the_report(whole: tuple[Path, float]) -> None:
    run = open_run(whole[0])
    ids = run.sentences["sentence_id"].tolist()
    assert len(ids) > 400
    assert run.tags["sentence_id"].tolist() == run.annotations["sentence_id"].tolist() == ids
    assert run.labels["sentence_id"].tolist() == ids


@pytest.mark.chapter
def test_two_runs_give_the_same_bytes(chapter_path: Path, whole: tuple[Path, float], tmp_path: Path) -> None:
    run = run_report([chapter_path], output=tmp_path / "again")
    assert files(tmp_path / "again") == files(whole[0])
    for name, frame in open_run(whole[0]).frames.items():
        pd.testing.assert_frame_equal(frame, getattr(run, name))


@pytest.mark.chapter
def test_a_second_run_into_a_directory_continues_it(chapter_path: Path, whole: tuple[Path, float]) -> None:
    before = files(whole[0])
    written = {file.name: file.stat().st_mtime_ns for file in whole[0].glob("*.parquet")}
    run_report([chapter_path], output=whole[0])
    assert {file.name: file.stat().st_mtime_ns for file in whole[0].glob("*.parquet")} == written
    assert files(whole[0]) == before


@pytest.mark.chapter
def test_ingest_tag_and_score_give_the_bytes_of_a_run(
    chapter_path: Path, whole: tuple[Path, float], tmp_path: Path
) -> None:
    output = tmp_path / "run"
    command("ingest", chapter_path, "-o", output)
    command("tag", output)
    command("score", output)
    run = files(whole[0])
    parts = {name: content for name, content in files(output).items() if name != "manifest.json"}
    audited = {f"{name}.parquet" for name in Audited._fields}
    assert set(run) - set(parts) == audited | {"report.html", "manifest.json"}
    assert parts == {name: run[name] for name in parts}
    run_report([chapter_path], output=output)
    assert files(output) == run


@pytest.mark.chapter
def test_a_run_killed_at_any_moment_ends_the_same_when_run_again(
    chapter_path: Path, whole: tuple[Path, float], tmp_path: Path
) -> None:
    def kill(place: int) -> None:
        with start(chapter_path, tmp_path / str(place)) as process:
            time.sleep(whole[1] * (place + 1) / (KILLS + 1))
            process.kill()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(kill, range(KILLS)))
    for place in range(KILLS):
        run_report([chapter_path], output=tmp_path / str(place))
        assert files(tmp_path / str(place)) == files(whole[0])


@pytest.mark.chapter
def test_an_interrupted_run_exits_with_130_and_is_continued(
    chapter_path: Path, whole: tuple[Path, float], tmp_path: Path
) -> None:
    with start(chapter_path, tmp_path / "run") as process:
        while not (tmp_path / "run" / "manifest.json").exists() and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")
    run_report([chapter_path], output=tmp_path / "run")
    assert files(tmp_path / "run") == files(whole[0])


def test_a_run_of_the_bundled_evidence_is_headed_as_ours(tmp_path: Path) -> None:
    run = run_report(output=tmp_path / "run")
    assert run.documents["name"].tolist() == ["the whole chapter, restated in our own words"]
    assert "the whole chapter, restated in our own words" in (tmp_path / "run" / "report.html").read_text(
        encoding="utf-8"
    )


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


def test_a_run_is_not_opened_with_another_codebook(codebook: Codebook, tmp_path: Path) -> None:
    run_report(output=tmp_path / "run")
    with pytest.raises(
        RunError, match=r"has 2024-apulia-19 version \S+ \(sha256 \w{12}\), not version 9 .* Replace it and score again"
    ):
        open_run(tmp_path / "run", codebook.model_copy(update={"version": "9"}))


def test_a_half_done_run_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Japan: 0\n\nOn 1 July 2024, they met.\n", encoding="utf-8")
    command("ingest", tmp_path / "a.txt", "-o", tmp_path / "run", "--year", 2024, "--commitment", 19)
    with pytest.raises(RunError, match=r"no tags frame; it has documents, .*citations\. Run `g7tag tag"):
        open_run(tmp_path / "run")


def test_every_step_is_announced_as_it_begins() -> None:
    heard: list[str] = []
    run_report(announce=heard.append)
    assert heard == [
        "reading the bundled evidence", "tagging sentences", "scoring members", "checking the report against itself",
        "checking scores, days and notes", "drawing equal evidence", "comparing items with one another",
        "writing findings",
    ]  # fmt: skip
