"""Tag a table to a file: the same tags in parts, rejected rows, and no file if a job is interrupted."""

import csv
import os
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from g7tag.batch import TaggedFile, work
from g7tag.codebook import Codebook
from g7tag.errors import InputError, RunError
from g7tag.store import table_bytes
from g7tag.tagger import Tagger, default_model, load_tagger, tag_table
from g7tag.tagger.model import REVIEW_BELOW


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.fixture(scope="module")
def tagger(codebook: Codebook) -> Tagger:
    return load_tagger(default_model(codebook), codebook, fast=True)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "suffix", [".csv", *(pytest.param(each, marks=pytest.mark.slow) for each in (".parquet", ".jsonl"))]
)
def test_parts_give_the_tags_of_the_whole_table_in_its_order(
    tmp_path: Path, codebook: Codebook, tagger: Tagger, table: pd.DataFrame, tag: Any, suffix: str
) -> None:
    backwards = table.head(250).assign(position=[str(999 - row) for row in range(250)])
    (tmp_path / f"in{suffix}").write_bytes(table_bytes(backwards, suffix))
    done = tag(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}")
    tags = tag_table(backwards, tagger, codebook)
    if suffix == ".parquet":
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), tags)
    else:
        assert (tmp_path / f"out{suffix}").read_bytes() == table_bytes(tags, suffix)
    assert done == TaggedFile(250, 250, int(tags["needs_review"].sum()), tags["review_below"][0], 0, None, [])
    assert names(tmp_path) == [f"in{suffix}", f"out{suffix}"]


def test_a_file_of_one_part_starts_no_process(met: Path, tag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "Parallel", None)
    assert tag(met, met.with_name("out.csv"), processes=8).tagged == 1


@pytest.mark.parametrize(("suffix", "content"), [(".csv", b"sentence_id,text"), (".parquet", b"PAR1"), (".jsonl", b"")])
def test_a_table_without_rows_gives_one_without_rows(tmp_path: Path, tag: Any, suffix: str, content: bytes) -> None:
    (tmp_path / "in.csv").write_text("text\n")
    assert tag(tmp_path / "in.csv", tmp_path / f"out{suffix}") == TaggedFile(0, 0, 0, REVIEW_BELOW, 0, None, [])
    assert (tmp_path / f"out{suffix}").read_bytes().startswith(content)


BAD = {
    ".csv": b"sentence_id,text,item_id,position\na,One.,i,1\nb,Two.,i\na,Three.,i,2\nc,\xff,i,3\nd,Four.,j,x\n"
    b"e,Five.,j,1\nf,Six.,i,1\ng,,j,2\n",
    ".jsonl": b'{"sentence_id":"a","text":"One.","item_id":"i","position":1}\n{"text":\n'
    b'{"sentence_id":"a","text":"Three.","item_id":"i","position":2}\n'
    b'{"sentence_id":"c","text":"\xff","item_id":"i","position":3}\n'
    b'{"sentence_id":"d","text":"Four.","item_id":"j","position":"x"}\n'
    b'{"sentence_id":"e","text":"Five.","item_id":"j","position":1}\n'
    b'{"sentence_id":"f","text":"Six.","item_id":"i","position":1}\n'
    b'{"sentence_id":"g","text":null,"item_id":"j","position":2}\n',
}
REASONS = [
    ("3", "a", "sentence_id 'a' appears in an earlier row", "Three."),
    ("4", "c", "not valid UTF-8", "\ufffd"),
    ("5", "d", "position 'x' is not a number", "Four."),
    ("7", "f", "rows of item 'i' are not consecutive", "Six."),
]


@pytest.mark.parametrize("suffix", BAD)
def test_rows_that_cannot_be_used_are_named_and_the_others_tagged(tmp_path: Path, tag: Any, suffix: str) -> None:
    (tmp_path / f"in{suffix}").write_bytes(BAD[suffix])
    done = tag(tmp_path / f"in{suffix}", tmp_path / "out.parquet")
    tags = pd.read_parquet(tmp_path / "out.parquet")
    assert tags[["sentence_id", "status"]].to_numpy().tolist() == [["a", "ok"], ["e", "ok"], ["g", "empty"]]
    assert (done.rows, done.tagged, done.rejected) == (8, 3, 5)
    assert done.rejects == tmp_path / "out.rejects.csv"
    with done.rejects.open(encoding="utf-8", newline="") as file:
        header, *rejects = csv.reader(file)
    assert header == ["row", "sentence_id", "reason", "text"]
    unread = {".csv": ("2", "", "the row has 3 cells, the header has 4", "b,Two.,i")}.get(suffix, tuple(rejects[0]))
    assert [tuple(reject) for reject in rejects] == [unread, *REASONS]
    assert [(str(reject.row), reject.reason) for reject in done.first] == [(row[0], row[2]) for row in rejects]


def test_tags_go_to_an_open_file_as_csv_with_rejects_where_asked(tmp_path: Path, tag: Any) -> None:
    (tmp_path / "in.csv").write_bytes(BAD[".csv"])
    out = BytesIO()
    done = tag(tmp_path / "in.csv", out)
    assert [line.partition(b",")[0] for line in out.getvalue().splitlines()] == [b"sentence_id", b"a", b"e", b"g"]
    assert (done.rejected, done.rejects, names(tmp_path)) == (5, None, ["in.csv"])
    done = tag(tmp_path / "in.csv", BytesIO(), rejects=tmp_path / "r.csv")
    assert done.rejects == tmp_path / "r.csv"
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 6
    assert names(tmp_path) == ["in.csv", "r.csv"]


def test_rejects_are_not_written_over_a_file_unless_forced(met: Path, tag: Any) -> None:
    met.with_name("out.rejects.csv").write_text("mine")
    with pytest.raises(InputError, match=r"out\.rejects\.csv: already exists\. Choose another file, or replace it"):
        tag(met, met.with_name("out.csv"))
    assert tag(met, met.with_name("out.csv"), force=True).rejects is None
    assert names(met.parent) == ["in.csv", "out.csv"]  # what it held is out of date


@pytest.mark.parametrize(
    ("output", "rejects", "message"),
    [
        ("out.csv", "in.csv", r"in\.csv: is the input table, or is used twice\. Choose another file\."),
        ("out.csv", "out.csv", r"out\.csv: is the input table, or is used twice\. Choose another file\."),
        ("out.csv", "r.txt", r"r\.txt: cannot write a '\.txt' file\. Expected \.csv\."),
        ("in.csv", None, r"in\.csv: is the input table, or is used twice"),
        ("out.xlsx", None, r"out\.xlsx: cannot write a '\.xlsx' file"),
    ],
)
def test_a_table_is_not_replaced_by_its_tags_or_rejects(
    met: Path, tag: Any, output: str, rejects: str | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        tag(met, met.with_name(output), rejects=rejects and met.with_name(rejects), force=True)
    assert met.read_text() == "text\nThey met.\n"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\n" + "One.\n" * 300 + '"open\n', r"EOF inside string starting at row 301"),
        ("words\nOne.\n", r"in\.csv: column 'text' is missing, found 'words'\. Name the column"),
        ("text,text\nOne.,Two.\n", r"in\.csv: column 'text' appears twice\. Use this name only for"),
    ],
    ids=["open quote at the end", "no text", "text twice"],
)
def test_a_file_that_cannot_be_used_leaves_nothing_behind(tmp_path: Path, tag: Any, content: str, message: str) -> None:
    (tmp_path / "in.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        tag(tmp_path / "in.csv", tmp_path / "out.csv")
    assert names(tmp_path) == ["in.csv"]


@pytest.mark.slow
def test_several_processes_give_the_bytes_of_one(tmp_path: Path, table: pd.DataFrame, tag: Any, small: None) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(800), ".csv") + b"too,few\n")
    one = tag(tmp_path / "in.csv", tmp_path / "one.csv")
    two = tag(tmp_path / "in.csv", tmp_path / "two.csv", processes=2)
    assert two == one._replace(rejects=tmp_path / "two.rejects.csv")
    for name in ("csv", "rejects.csv"):
        assert (tmp_path / f"one.{name}").read_bytes() == (tmp_path / f"two.{name}").read_bytes()


def test_a_file_that_another_job_finished_meanwhile_is_not_replaced(met: Path, tag: Any) -> None:
    out = met.with_name("out.csv")

    def finish(step: str) -> None:
        if "rows done" in step:
            out.write_text("of the other job")

    with pytest.raises(InputError, match=r"out\.csv: already exists\. Choose another file, or replace it with --force"):
        tag(met, out, announce=finish)
    assert out.read_text() == "of the other job"
    assert names(met.parent) == ["in.csv", "out.csv"]


@pytest.mark.slow
def test_a_process_that_dies_ends_the_job(tmp_path: Path, table: pd.DataFrame, tag: Any, small: None) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(1_500), ".csv"))

    def kill(step: str) -> None:
        if "rows done" in step:
            os.kill(psutil.Process().children(recursive=True)[-1].pid, signal.SIGKILL)

    message = r"in\.csv: a tagging process was terminated, perhaps because memory ran out\. Try --processes 1\."
    with pytest.raises(RunError, match=message):
        tag(tmp_path / "in.csv", tmp_path / "out.csv", processes=2, announce=kill)
    assert names(tmp_path) == ["in.csv"]


ENDED = """
import os, signal
from g7tag.batch import partitions
partitions.PARTITION_ROWS = 100
progress, count = partitions.OpenTable.progress, 0
def counted(self, done):
    global count
    count += 1
    if count == 3:
        {end}
    return progress(self, done)
partitions.OpenTable.progress = counted
from g7tag.cli import main
main()
"""
"""The command line with small partitions, ended by itself once three of them are written."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        ("os.killpg(0, signal.SIGINT)", 130, "Interrupted. Nothing was written.\n"),  # as a terminal does
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
    ],
    ids=["interrupted", "killed"],
)
def test_a_job_that_is_ended_leaves_no_file_under_its_name(
    tmp_path: Path, table: pd.DataFrame, tag: Any, end: str, code: int, said: str
) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table, ".csv"))
    words = ["tag", "in.csv", "-o", "out.csv", "--processes", "2", "--tagger", "fast"]
    done = subprocess.run(
        [sys.executable, "-c", ENDED.format(end=end), *words],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert done.stderr == said or code < 0  # what watches over loky's processes says that it cleaned up
    assert not (tmp_path / "out.csv").exists()
    (tmp_path / "few.csv").write_text("text\nThey met.\n")
    tag(tmp_path / "few.csv", tmp_path / "out.csv")  # and what was left is removed
    assert names(tmp_path) == ["few.csv", "in.csv", "out.csv"]
