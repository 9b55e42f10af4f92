"""Tag a table to a file: the same tags in parts, rejected rows, and no file if a job is interrupted."""

import csv
import os
import signal
import subprocess
import sys
from io import BytesIO

import pandas as pd
import psutil
import pytest

from g7tag.batch import TaggedFile, work
from g7tag.errors import InputError, RunError
from g7tag.store import table_bytes
from g7tag.tagger import default_model, load_tagger, tag_table
from g7tag.tagger.model import REVIEW_BELOW


def names(folder):
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "suffix", [".csv", *(pytest.param(each, marks=pytest.mark.slow) for each in (".parquet", ".jsonl"))]
)
def test_parts_give_the_tags_of_the_whole_table_in_its_order(tmp_path, codebook, table, tag, suffix):
    backwards = table.head(250).assign(position=[str(999 - row) for row in range(250)])
    (tmp_path / f"in{suffix}").write_bytes(table_bytes(backwards, suffix))
    done = tag(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}")
    tags = tag_table(backwards, load_tagger(default_model(codebook), codebook, fast=True), codebook)
    if suffix == ".parquet":
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), tags)
    else:
        assert (tmp_path / f"out{suffix}").read_bytes() == table_bytes(tags, suffix)
    assert done == TaggedFile(250, 250, int(tags["needs_review"].sum()), tags["review_below"][0], 0, None, [])
    assert names(tmp_path) == [f"in{suffix}", f"out{suffix}"]


def test_a_table_of_one_part_or_no_row_starts_no_process(met, tag, monkeypatch):
    monkeypatch.setattr(work, "ProcessPoolExecutor", None)
    assert tag(met, met.with_name("out.csv"), processes=8).tagged == 1
    met.write_text("text\n")
    for suffix, content in {".csv": b"sentence_id,text", ".parquet": b"PAR1", ".jsonl": b""}.items():
        out = met.with_name(f"none{suffix}")
        assert tag(met, out, processes=8) == TaggedFile(0, 0, 0, REVIEW_BELOW, 0, None, [])
        assert out.read_bytes().startswith(content)


BAD = (
    b"sentence_id,text,item_id,position\na,One.,i,1\nb,Two.,i\na,Three.,i,2\nc,\xff,i,3\n=1,=HYPERLINK(),j,=2\n"
    b"e,Five.,j,1\nf," + b"Six. " * 50 + b",i,1\ng,,j,2\n"
)
REJECTED = [
    ["row", "sentence_id", "reason", "text"],
    ["2", "", "the row has 3 cells, the header has 4", "b,Two.,i"],
    ["3", "a", "sentence_id 'a' appears in an earlier row", "Three."],
    ["4", "c", "not valid UTF-8", "?"],
    ["5", "'=1", "position '=2' is not a number", "'=HYPERLINK()"],  # a spreadsheet would run it
    ["7", "f", "rows of item 'i' are not consecutive", "Six. " * 40],
]


def test_rows_that_cannot_be_used_are_named_and_the_others_tagged(tmp_path, tag):
    (tmp_path / "in.csv").write_bytes(BAD)
    done = tag(tmp_path / "in.csv", tmp_path / "out.parquet")
    tags = pd.read_parquet(tmp_path / "out.parquet")
    assert tags[["sentence_id", "status"]].to_numpy().tolist() == [["a", "ok"], ["e", "ok"], ["g", "empty"]]
    assert (done.rows, done.tagged, done.rejected) == (8, 3, 5)
    assert done.rejects == tmp_path / "out.rejects.csv"
    assert list(csv.reader(done.rejects.read_text().splitlines())) == REJECTED
    assert [(reject.row, reject.reason) for reject in done.first] == [(row[0], row[2]) for row in REJECTED[1:]]
    out = BytesIO()
    done = tag(tmp_path / "in.csv", out)
    assert [line.partition(b",")[0] for line in out.getvalue().splitlines()] == [b"sentence_id", b"a", b"e", b"g"]
    assert (done.rejected, done.rejects) == (5, None)
    assert names(tmp_path) == ["in.csv", "out.parquet", "out.rejects.csv"]


@pytest.mark.parametrize(
    ("taken", "when"), [("out.csv", "reading"), ("out.rejects.csv", "reading"), ("out.csv", "rows done")]
)
def test_a_file_is_not_replaced_unless_forced(met, tag, taken, when):
    """Also if another job finished while this one was under way."""
    file = met.with_name(taken)

    def finish(step):
        if when in step:
            file.write_text("mine")

    if when == "reading":
        finish(when)
    with pytest.raises(InputError, match=rf"{taken}: already exists\. Choose another file, or replace it with --force"):
        tag(met, met.with_name("out.csv"), announce=finish)
    assert (file.read_text(), names(met.parent)) == ("mine", ["in.csv", taken])
    assert tag(met, met.with_name("out.csv"), force=True).rejects is None
    assert names(met.parent) == ["in.csv", "out.csv"]  # rejects of an earlier run are out of date


@pytest.mark.parametrize(("content", "output", "message"), [
    ("text\nOne.\n", "in.csv", r"in\.csv: is the input table, or contains it"),
    ("text\nOne.\n", "out.xlsx", r"out\.xlsx: cannot write a '\.xlsx' file"),
    ("text\nOne.\n", "gone/out.csv", r"gone/out\.csv: the folder .*gone does not exist"),
    ("text\n" + "One.\n" * 300 + '"open\n', "out.csv", r"a quote is never closed, after row 300"),
    ("words\nOne.\n", "out", r"in\.csv: column 'text' is missing"),
])  # fmt: skip
def test_a_job_that_cannot_be_done_leaves_nothing_behind(tmp_path, tag, small, content, output, message):
    (tmp_path / "in.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        tag(tmp_path / "in.csv", tmp_path / output, force=True)
    assert names(tmp_path) == ["in.csv"]
    assert (tmp_path / "in.csv").read_text() == content


@pytest.mark.slow
def test_a_process_that_dies_ends_the_job(tmp_path, table, tag, small):
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(1_500), ".csv"))

    def kill(step):
        if "rows done" in step:
            os.kill(psutil.Process().children(recursive=True)[-1].pid, signal.SIGKILL)

    message = r"in\.csv: a tagging process was terminated, perhaps because memory ran out\. Try --processes 1\."
    with pytest.raises(RunError, match=message):
        tag(tmp_path / "in.csv", tmp_path / "out.csv", processes=2, announce=kill)
    assert names(tmp_path) == ["in.csv"]


DIES_SENDING = """
import sys
from threading import Thread
import psutil
from g7tag.batch.work import Part, each

def long(number):
    return Part(number, bytes(120_000_000), 0, 0)

def kill(place):
    me, begun = psutil.Process(), psutil.Process().io_counters().read_chars
    while me.io_counters().read_chars < begun + 40_000_000:  # part of a result, but not all of it
        pass
    me.children()[place].kill()

if __name__ == "__main__":
    parts = each(long, range(9), processes=2, source="in.csv")
    Thread(target=kill, args=[int(sys.argv[1])], daemon=True).start()
    list(parts)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts what a process reads as Linux does")
@pytest.mark.parametrize("place", [-1, -2])  # one of two processes sends, and one waits
def test_a_process_that_dies_while_it_sends_ends_the_job(tmp_path, place):
    (tmp_path / "dies.py").write_text(DIES_SENDING)
    words = [sys.executable, "dies.py", str(place)]
    done = subprocess.run(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True, timeout=120, check=False)  # no hang
    assert "RunError: in.csv: a tagging process was terminated" in done.stderr


def same(value):
    return value


@pytest.mark.nightly
def test_a_job_that_ends_early_ends_its_processes_without_an_error_in_any_thread():
    for at in [9, 10, 11, 12] * 10:
        parts = work.each(same, (number // (at - number) for number in range(40)), processes=2, source="in.csv")
        with pytest.raises(ZeroDivisionError):
            list(parts)


ENDED = """
import os, signal
from g7tag.batch import files, rows
rows.PARTITION_ROWS = 100
read = files.partitions_of
def ended(*args, **options):
    for number, partition in enumerate(read(*args, **options)):
        if number == 9:
            os.killpg(0, signal.SIGINT)  # as a terminal does
        yield partition
files.partitions_of = ended
from g7tag.cli import main
main()
"""
"""The command line with small partitions, ended by itself while some of them are under way."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("output", "said"),
    [("out.csv", "Nothing was written."), ("out", "Finished parts are in out; run the same command to continue.")],
)
def test_a_job_that_is_interrupted_leaves_no_file_or_finished_parts(tmp_path, table, output, said):
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(1_500), ".csv"))
    words = ["tag", "in.csv", "-o", output, "--processes", "2", "--tagger", "fast"]
    done = subprocess.run(
        [sys.executable, "-c", ENDED, *words],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (130, f"Interrupted. {said}\n")
    assert names(tmp_path) == ["in.csv", *(["out"] if output == "out" else [])]
    assert bool(list(tmp_path.glob("out/part-*.parquet"))) == (output == "out")
