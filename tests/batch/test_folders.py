"""Tag to a folder: finished parts are kept after any interruption, and joblib and Dask write the same bytes."""

import subprocess
import sys
import time

import pandas as pd
import psutil
import pytest

from g7tag.batch import rows as table_rows
from g7tag.errors import EndpointError, InputError, RunError
from g7tag.store import LOCK, locked, table_bytes

CLI = "from g7tag.batch import rows; rows.PARTITION_ROWS = 100; from g7tag.cli import main; main()"


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != LOCK}


def made_at(folder):
    """Part -> what tells one file from another that was written in its place."""
    found = {file.name: file.stat() for file in folder.glob("*.parquet")}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in found.items()}


@pytest.fixture
def tables(tmp_path, table):
    """A folder of five tables, together 100 rows; one cannot be used."""
    (tmp_path / "tables").mkdir()
    rows = table.head(100).copy()
    rows.loc[67, "position"] = "first"
    for number, name in enumerate("abcde"):
        rows.iloc[number * 20 : (number + 1) * 20].to_parquet(tmp_path / f"tables/{name}.parquet", index=False)
    return tmp_path / "tables"


@pytest.mark.usefixtures("small")
def test_only_parts_that_are_missing_or_differ_are_made_again(tmp_path, table, tag):
    source, out = tmp_path / "in.csv", tmp_path / "out"
    content = table_bytes(table.head(350), ".csv") + b"too,few\n"
    source.write_bytes(content)
    done = tag(source, out)
    whole = tag(source, tmp_path / "whole.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(out), pd.read_parquet(tmp_path / "whole.parquet"))
    assert done == whole._replace(rejects=out / "_rejects.csv")
    assert (out / "_rejects.csv").read_bytes() == (tmp_path / "whole.rejects.csv").read_bytes()
    before, parts = contents(out), sorted(made_at(out))
    assert sorted(before) == ["_SUCCESS", "_rejects.csv", *parts]
    made = made_at(out)
    (out / "part-00001.parquet").unlink()
    assert tag(source, out) == done._replace(kept=len(parts) - 1)
    assert contents(out) == before
    assert [name for name in parts if made_at(out)[name] != made[name]] == ["part-00001.parquet"]
    source.write_bytes(content.replace(b" 349\n", b" 349 again\n").replace(b"too,few\n", b""))  # the last part
    with pytest.raises(RunError, match=r"out: has parts of another table, or made with another model, .* with --force"):
        tag(source, out)
    assert not (out / "_SUCCESS").exists()
    again = tag(source, out, force=True)
    assert (again.tagged, again.rejected, again.kept) == (350, 0, len(parts) - 1)
    assert sorted(contents(out)) == ["_SUCCESS", *parts]
    source.write_bytes(b"".join(content.splitlines(keepends=True)[: 1 + len(pd.read_parquet(out / parts[0]))]))
    with pytest.raises(RunError, match=r"out: has parts of another table"):
        tag(source, out)
    assert tag(source, out, force=True).kept == 1
    assert sorted(contents(out)) == ["_SUCCESS", parts[0]]  # and none of the longer table


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"explain": True}, {"fast": False}])
def test_parts_with_other_settings_are_not_kept(met, tag, settings):
    out = met.with_name("out")
    tag(met, out)
    with pytest.raises(RunError, match=r"out: has parts of another table, or made with another model"):
        tag(met, out, **settings)
    assert tag(met, out, force=True, **settings).kept == 0
    assert tag(met, out, **settings).kept == 1


@pytest.mark.slow
def test_a_folder_killed_at_any_moment_does_nothing_again_and_ends_the_same(tmp_path, table, tag, small):
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(2_000), ".csv"))
    job = [sys.executable, "-c", CLI, "tag", "in.csv", "-o", "out", "--tagger", "fast", "--processes", "2", "--quiet"]
    kept = {}
    for wanted in (4, 9):
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
    done = tag(tmp_path / "in.csv", tmp_path / "out")
    assert {name: made_at(tmp_path / "out")[name] for name in kept} == kept
    assert (done.tagged, done.kept) == (2_000, len(kept))
    tag(tmp_path / "in.csv", tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("output", "fast"), [pytest.param("tags", False, marks=pytest.mark.nightly), ("tags.csv", True)]
)
def test_joblib_and_dask_workers_write_the_bytes_of_one_process(tables, tag, output, fast, monkeypatch):
    """Also with the encoder, whose sums could depend on what is tagged together."""
    monkeypatch.setattr(table_rows, "PARTITION_ROWS", 20)
    settings = {"one": {}, "four": {"processes": 4}, "dask": {"processes": 2, "scheduler": "local"}}
    found = []
    for name, options in settings.items():
        (tables.parent / name).mkdir()
        done = tag(tables, tables.parent / name / output, fast=fast, **options)
        found.append((done._replace(rejects=None), contents(done.rejects.parent)))
    assert found[0] == found[1] == found[2]
    (done, written), (reject,) = found[0], found[0][0].first
    assert (done.tagged, done.rejected, len(written) >= 7) == (99, 1, not fast)  # with five parts
    assert (reject.row, reject.reason) == ("8 of d.parquet", "position 'first' is not a number")


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_or_cannot_be_used_is_named(met, tag, monkeypatch):
    monkeypatch.setattr("g7tag.batch.work._CONNECTING", 1)
    with pytest.raises(EndpointError, match=r"^tcp://127\.0\.0\.1:9: no Dask scheduler with a worker"):
        tag(met, met.with_name("out"), scheduler="tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"--scheduler: Dask is not installed\. Run `pip install '\.\[cluster\]'`"):
        tag(met, met.with_name("out"), scheduler="local")


@pytest.mark.parametrize("name", ["mine.txt", "part-00000.parquet"])
def test_a_folder_with_files_of_others_or_in_use_is_refused_and_stays_as_it_was(met, tag, name):
    out = met.with_name("out")
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(RunError, match=rf"out: contains '{name}', which is no whole part of g7tag's\. Remove it, or"):
        tag(met, out, force=True)
    with locked(out), pytest.raises(RunError, match=r"out: another g7tag is writing there\. Wait until it has"):
        tag(met, out)
    assert contents(out) == {name: b"mine"}


def test_a_folder_is_not_tagged_into_itself_and_each_of_its_tables_must_be_one(tables, tag):
    before = contents(tables)
    for output in (tables, tables.parent):
        with pytest.raises(InputError, match="is the input table, or contains it"):
            tag(tables, output, force=True)
    assert contents(tables) == before
    pd.DataFrame({"sentence_id": ["x"], "words": ["One."]}).to_parquet(tables / "f.parquet", index=False)
    with pytest.raises(InputError, match=r"f\.parquet: column 'text' is missing, found 'sentence_id', 'words'"):
        tag(tables, tables.parent / "unfinished")
    assert not (tables.parent / "unfinished/_SUCCESS").exists()
    for file in tables.iterdir():
        file.unlink()
    with pytest.raises(InputError, match=r"tables: contains no \.parquet file"):
        tag(tables, tables.parent / "out")
    assert not (tables.parent / "out").exists()
