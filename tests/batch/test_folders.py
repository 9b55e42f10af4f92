"""Tag to a folder: finished parts are kept after any interruption, and joblib and Dask write the same bytes."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from g7tag.batch import partitions
from g7tag.errors import EndpointError, InputError, RunError
from g7tag.store import LOCK, locked, table_bytes

CLI = "from g7tag.batch import partitions; partitions.PARTITION_ROWS = 100; from g7tag.cli import main; main()"
WORDS = ["tag", "in.csv", "-o", "out", "--processes", "2", "--tagger", "fast"]
OURS = ["_SUCCESS", "_g7tag.json", "_rejects"]
REJECTED = "_rejects.csv"


def names(folder: Path) -> list[str]:
    """What a folder holds, but for the lock."""
    return sorted(file.name for file in folder.iterdir() if file.name != LOCK)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.parquet")}


def made_at(folder: Path) -> dict[str, tuple[int, int]]:
    """Part -> what tells one file from another that was written in its place."""
    found = {file.name: file.stat() for file in folder.glob("*.parquet")}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in found.items()}


@pytest.fixture
def tables(tmp_path: Path, table: pd.DataFrame) -> Path:
    """A folder of five tables, one with a row that cannot be used."""
    folder = tmp_path / "tables"
    folder.mkdir()
    for number in range(5):
        its = table.iloc[number * 40 : (number + 1) * 40].reset_index(drop=True)
        its = its.assign(item_id=[f"{number} {item}" for item in its["item_id"]])
        if number == 3:
            its.loc[7, "position"] = "first"
        its.to_parquet(folder / f"{'abcde'[number]}.parquet", index=False)
    (folder / "notes.txt").write_text("not a table")
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_a_table_becomes_a_folder_that_reads_as_its_tags(tmp_path: Path, table: pd.DataFrame, tag: Any) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(350), ".csv") + b"too,few\n")
    done = tag(tmp_path / "in.csv", tmp_path / "out")
    whole = tag(tmp_path / "in.csv", tmp_path / "whole.parquet")
    assert names(tmp_path / "out") == [*OURS, REJECTED, *(f"part-{number:05d}.parquet" for number in range(4))]
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out"), pd.read_parquet(tmp_path / "whole.parquet"))
    assert done == whole._replace(rejects=tmp_path / "out" / REJECTED)
    assert (tmp_path / "out" / REJECTED).read_bytes() == (tmp_path / "whole.rejects.csv").read_bytes()
    before = made_at(tmp_path / "out")
    (tmp_path / "out/part-00000.parquet").unlink()
    (tmp_path / "out/part-00002.parquet").write_bytes(b"torn")
    assert tag(tmp_path / "in.csv", tmp_path / "out") == done._replace(kept=2)
    changed = {name for name, made in made_at(tmp_path / "out").items() if made != before[name]}
    assert changed == {"part-00000.parquet", "part-00002.parquet"}


@pytest.mark.slow
def test_a_folder_killed_at_any_moment_does_nothing_again_and_ends_the_same(
    tmp_path: Path, table: pd.DataFrame, tag: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(3_000), ".csv"))
    job = [sys.executable, "-c", CLI, *WORDS, "--quiet"]
    kept: dict[str, tuple[int, int]] = {}
    for wanted in (5, 12):
        with subprocess.Popen(job, cwd=tmp_path, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            while process.poll() is None and len(list((tmp_path / "out").glob("*.parquet"))) < wanted:
                time.sleep(0.002)
            workers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.kill()
        assert psutil.wait_procs(workers, timeout=20)[1] == []  # they end with the process that started them
        now = made_at(tmp_path / "out")
        assert {name: now[name] for name in kept} == kept
        kept = now
        assert not (tmp_path / "out/_SUCCESS").exists()
    monkeypatch.setattr(partitions, "PARTITION_ROWS", 100)
    done = tag(tmp_path / "in.csv", tmp_path / "out")
    assert {name: made_at(tmp_path / "out")[name] for name in kept} == kept
    assert (done.tagged, done.kept) == (3_000, len(kept))
    tag(tmp_path / "in.csv", tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.slow
def test_an_interrupt_says_that_the_job_can_go_on(tmp_path: Path, table: pd.DataFrame) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table, ".csv"))
    job = [sys.executable, "-c", CLI, *WORDS]
    with subprocess.Popen(job, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while process.poll() is None and len(list((tmp_path / "out").glob("*.parquet"))) < 5:
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes get it
        _, said = process.communicate(timeout=60)
    said_last = "Interrupted. Finished parts are in out; run the same command to continue.\n"
    assert (process.returncode, said) == (130, said_last)


@pytest.mark.slow
def test_a_folder_of_tables_gives_a_file_for_each_and_makes_again_what_is_not_whole(tables: Path, tag: Any) -> None:
    out = tables.parent / "out"
    done = tag(tables, out)
    assert names(out) == [*OURS, REJECTED, *(f"{name}.parquet" for name in "abcde")]
    assert (done.rows, done.tagged, done.rejected, done.kept) == (200, 199, 1, 0)
    with (out / REJECTED).open(newline="") as file:
        assert list(csv.reader(file))[1][:4] == ["d.parquet", "8", "s127", "position 'first' is not a number"]
    assert done.first[0].reason == "position 'first' is not a number (in d.parquet)"
    before, whole = made_at(out), contents(out)
    (out / "a.parquet").unlink()
    pd.read_parquet(out / "b.parquet").head(3).to_parquet(out / "b.parquet")
    (out / "c.parquet").write_bytes(b"")
    assert tag(tables, out) == done._replace(kept=2)
    assert contents(out) == whole
    assert [made_at(out)[name] == before[name] for name in sorted(before)] == [False, False, False, True, True]


@pytest.mark.slow
def test_joblib_and_dask_workers_write_the_bytes_of_one_process(tables: Path, tag: Any) -> None:
    """With the encoder, whose sums could depend on what is tagged together."""
    folder = tables.parent
    settings = {"one": {}, "four": {"processes": 4}, "dask": {"processes": 2, "scheduler": "local"}}
    one, four, dask = (
        tag(tables, folder / name, fast=False, **options)._replace(rejects=None) for name, options in settings.items()
    )
    assert one == four == dask
    assert contents(folder / "one") == contents(folder / "four") == contents(folder / "dask")
    assert len({(folder / name / REJECTED).read_bytes() for name in settings}) == 1


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"processes": 2}, marks=pytest.mark.slow),
        pytest.param({"scheduler": "local"}, marks=pytest.mark.nightly),
    ],
    ids=["two", "dask"],
)
def test_an_error_of_a_worker_is_told_as_it_is(tables: Path, tag: Any, options: dict[str, Any]) -> None:
    pd.DataFrame({"sentence_id": ["x"], "words": ["One."]}).to_parquet(tables / "f.parquet", index=False)
    with pytest.raises(InputError, match=r"f\.parquet: column 'text' is missing, found 'sentence_id', 'words'"):
        tag(tables, tables.parent / "out", **options)
    assert not (tables.parent / "out/_SUCCESS").exists()


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_or_cannot_be_used_is_named(
    tables: Path, met: Path, tag: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tables.parent / "out"
    monkeypatch.setattr("g7tag.batch.work._CONNECTING", 1)
    with pytest.raises(EndpointError, match=r"^tcp://127\.0\.0\.1:9: no Dask scheduler answers"):
        tag(tables, out, scheduler="tcp://127.0.0.1:9")
    with pytest.raises(InputError, match=r"in\.csv: is a single file\. A scheduler tags a folder"):
        tag(met, out, scheduler="local")
    with pytest.raises(InputError, match="expected a folder"):
        tag(met, out.with_suffix(".csv"), scheduler="local")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"--scheduler: Dask is not installed\. Run `pip install '\.\[cluster\]'`"):
        tag(tables, out, scheduler="local")


def in_another_file(folder: Path, name: str = "z.parquet", **columns: list[Any]) -> None:
    pd.DataFrame(columns).to_parquet(folder / name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: in_another_file(folder, sentence_id=["s0"], text=[""]),
         r"z\.parquet: sentence_id 's0' also appears in an earlier file of the folder"),
        (lambda folder: in_another_file(folder, text=[""]), r"z\.parquet: column 'sentence_id' is missing"),
        (lambda folder: in_another_file(folder, sentence_id=["x", None], text=["", ""]),
         r"z\.parquet: a row has no sentence_id\. In a folder of tables, each row needs one"),
        (lambda folder: in_another_file(folder, "z.PARQUET", sentence_id=["x"], item_id=["0 i0"], text=[""]),
         r"z\.PARQUET: item_id '0 i0' also appears in an earlier file of the folder"),
        (lambda folder: (folder / "z.parquet").write_bytes(b"torn"), r"z\.parquet: not a readable \.parquet table"),
        (lambda folder: [file.unlink() for file in folder.glob("*.parquet")], r"tables: contains no \.parquet file"),
    ],
    ids=["id in two files", "no ids", "an empty id", "item in two files", "torn", "none"],
)  # fmt: skip
def test_a_folder_that_cannot_be_used_is_refused_before_anything_is_made(
    tables: Path, tag: Any, change: Any, message: str
) -> None:
    change(tables)
    with pytest.raises(InputError, match=message):
        tag(tables, tables.parent / "out")
    assert not (tables.parent / "out").exists()


@pytest.mark.slow
def test_a_folder_of_other_settings_is_refused_unless_forced(tables: Path, tag: Any) -> None:
    out = tables.parent / "out"
    tag(tables, out)
    (tables / "e.parquet").rename(tables / "g.parquet")
    with pytest.raises(RunError, match=r"out: was started with a different input\. Choose another folder"):
        tag(tables, out)
    (out / "_g7tag.json").write_text("[")
    with pytest.raises(RunError, match=r"was started with a different format|contains 'a\.parquet'"):
        tag(tables, out)
    (out / "_g7tag.json").write_text('{"files": ["a.parquet", "b.parquet", "c.parquet", "d.parquet", "e.parquet"]}')
    assert tag(tables, out, force=True).kept == 0
    assert sorted(contents(out)) == [f"{name}.parquet" for name in "abcdg"]


@pytest.mark.parametrize("name", ["mine.txt", "part-00000.parquet"])
def test_a_folder_with_files_of_others_is_refused_and_stays_as_it_was(met: Path, tag: Any, name: str) -> None:
    out = met.with_name("out")
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(RunError, match=rf"out: contains '{name}', so it is not a g7tag folder\. Choose another"):
        tag(met, out, force=True)
    assert (out / name).read_text() == "mine"


def test_a_second_job_in_one_folder_is_refused(met: Path, tag: Any) -> None:
    out = met.with_name("out")
    out.mkdir()
    with locked(out), pytest.raises(RunError, match=r"out: another g7tag is writing there\. Wait until it has"):
        tag(met, out)


@pytest.mark.parametrize("output", ["tables", "tables/out", "."])
def test_a_folder_is_not_tagged_into_itself(tables: Path, tag: Any, output: str) -> None:
    before = names(tables)
    with pytest.raises(InputError, match="is the input, or one contains the other"):
        tag(tables, tables.parent / output, force=True)
    assert names(tables) == before


def test_a_table_that_cannot_be_used_makes_no_folder_and_rejects_have_their_place(tmp_path: Path, tag: Any) -> None:
    (tmp_path / "in.csv").write_text("words\nThey met.\n")
    (tmp_path / "notes.csv").write_text("mine")
    for name, message, options in (
        ("in.csv", "column 'text' is missing", {}),
        ("no.csv", r"no\.csv: cannot read the table \(No such file or directory\)", {}),
        ("in.csv", r"notes\.csv: rejects of a folder are written to .*_rejects\.csv", {"rejects": "notes.csv"}),
    ):
        with pytest.raises(InputError, match=message):
            tag(tmp_path / name, tmp_path / "out", force=True, **{key: tmp_path / of for key, of in options.items()})
    assert names(tmp_path) == ["in.csv", "notes.csv"]
    assert (tmp_path / "notes.csv").read_text() == "mine"
