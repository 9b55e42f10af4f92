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
from g7tag.store import read_table, table_bytes
from g7tag.tagger import default_model, load_tagger, tag_table

pytestmark = pytest.mark.slow

CLI = "from g7tag.batch import partitions; partitions.PARTITION_ROWS = 100; from g7tag.cli import main; main()"
"""The command line with small partitions."""


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_parts_give_the_tags_of_the_whole_table_in_its_order(
    tmp_path: Path, codebook: Codebook, table: pd.DataFrame, tag: Any, suffix: str
) -> None:
    backwards = table.head(350).assign(position=[str(999 - row) for row in range(350)])
    (tmp_path / f"in{suffix}").write_bytes(table_bytes(backwards, suffix))
    done = tag(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}")
    tags = tag_table(backwards, load_tagger(default_model(codebook), codebook, fast=True), codebook)
    if suffix == ".parquet":
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), tags)
    else:
        assert (tmp_path / f"out{suffix}").read_bytes() == table_bytes(tags, suffix)
    assert done == TaggedFile(350, 350, int(tags["needs_review"].sum()), tags["review_below"][0], 0, None, [])
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"in{suffix}", f"out{suffix}"]


def test_a_file_of_one_part_starts_no_process(tmp_path: Path, tag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "Parallel", None)
    (tmp_path / "in.csv").write_text("text\nThey met.\n")
    assert tag(tmp_path / "in.csv", tmp_path / "out.csv", processes=8).tagged == 1


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_table_without_rows_gives_one_without_rows(tmp_path: Path, tag: Any, suffix: str) -> None:
    (tmp_path / "in.csv").write_text("text\n")
    assert tag(tmp_path / "in.csv", tmp_path / f"out{suffix}") == TaggedFile(0, 0, 0, 0.4, 0, None, [])
    columns = [] if suffix == ".jsonl" else list(read_table(tmp_path / f"out{suffix}").columns)
    assert columns[:2] == ([] if suffix == ".jsonl" else ["sentence_id", "text"])


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
    assert (done.rejected, done.rejects) == (5, None)
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]
    done = tag(tmp_path / "in.csv", BytesIO(), rejects=tmp_path / "r.csv")
    assert done.rejects == tmp_path / "r.csv"
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 6
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", "r.csv"]


def test_rejects_are_not_written_over_a_file_unless_forced(tmp_path: Path, tag: Any) -> None:
    (tmp_path / "in.csv").write_text("text\nOne.\n")
    (tmp_path / "out.rejects.csv").write_text("mine")
    with pytest.raises(InputError, match=r"out\.rejects\.csv: already exists\. Choose another file, or replace it"):
        tag(tmp_path / "in.csv", tmp_path / "out.csv")
    assert tag(tmp_path / "in.csv", tmp_path / "out.csv", force=True).rejects is None
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", "out.csv"]  # what it held is out of date


@pytest.mark.parametrize(
    ("rejects", "message"),
    [
        ("in.csv", r"in\.csv: is the input table, or is used twice\. Choose another file\."),
        ("out.csv", r"out\.csv: is the input table, or is used twice\. Choose another file\."),
        ("r.txt", r"r\.txt: cannot write a '\.txt' file\. Expected \.csv\."),
    ],
)
def test_a_file_of_rejects_that_cannot_be_is_refused(tmp_path: Path, tag: Any, rejects: str, message: str) -> None:
    (tmp_path / "in.csv").write_text("text\nOne.\n")
    with pytest.raises(InputError, match=message):
        tag(tmp_path / "in.csv", tmp_path / "out.csv", rejects=tmp_path / rejects, force=True)
    assert (tmp_path / "in.csv").read_text() == "text\nOne.\n"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\n" + "One.\n" * 300 + '"open\n', r"EOF inside string starting at row 301"),
        ("text,item_id\n" + "One.,a\n" * 5_001, r"row 5001: item 'a' has over 5,000 rows\. Expected the sentences of"),
        ("words\nOne.\n", r"in\.csv: column 'text' is missing, found 'words'\. Name the column"),
        ("text,text\nOne.,Two.\n", r"in\.csv: column 'text' appears twice\. Use this name only for"),
        ("", r"in\.csv: not a readable \.csv table \(No columns to parse from file\)\. Save it again"),
    ],
    ids=["open quote at the end", "long item", "no text", "text twice", "empty"],
)
def test_a_file_that_cannot_be_used_leaves_nothing_behind(tmp_path: Path, tag: Any, content: str, message: str) -> None:
    (tmp_path / "in.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        tag(tmp_path / "in.csv", tmp_path / "out.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


def test_several_processes_give_the_bytes_of_one(tmp_path: Path, table: pd.DataFrame, tag: Any, small: None) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(800), ".csv") + b"too,few\n")
    one = tag(tmp_path / "in.csv", tmp_path / "one.csv", fast=False)
    two = tag(tmp_path / "in.csv", tmp_path / "two.csv", fast=False, processes=2)
    assert two == one._replace(rejects=tmp_path / "two.rejects.csv")
    for name in ("csv", "rejects.csv"):
        assert (tmp_path / f"one.{name}").read_bytes() == (tmp_path / f"two.{name}").read_bytes()


def test_a_file_that_another_job_finished_meanwhile_is_not_replaced(tmp_path: Path, tag: Any) -> None:
    (tmp_path / "in.csv").write_text("text\nThey met.\n")

    def finish(step: str) -> None:
        if "rows done" in step:
            (tmp_path / "out.csv").write_text("of the other job")

    with pytest.raises(InputError, match=r"out\.csv: already exists\. Choose another file, or replace it with --force"):
        tag(tmp_path / "in.csv", tmp_path / "out.csv", announce=finish)
    assert (tmp_path / "out.csv").read_text() == "of the other job"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_a_process_that_dies_ends_the_job(tmp_path: Path, table: pd.DataFrame, tag: Any, small: None) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(1_500), ".csv"))

    def kill(step: str) -> None:
        if "rows done" in step:
            os.kill(psutil.Process().children(recursive=True)[-1].pid, signal.SIGKILL)

    message = r"in\.csv: a tagging process was terminated, perhaps because memory ran out\. Try --processes 1\."
    with pytest.raises(RunError, match=message):
        tag(tmp_path / "in.csv", tmp_path / "out.csv", processes=2, announce=kill)
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


ENDED = CLI.replace(
    "from g7tag.cli",
    """
import os, signal
from g7tag.batch import files
tag_to = files.write_tags
def ended(*words):
    announce, count = words[-1], 0
    def counted(step):
        nonlocal count
        count += 1
        announce(step)
        if count == 3:
            {end}
    return tag_to(*words[:-1], counted)
files.write_tags = ended
from g7tag.cli""",
)
"""The same, ended by itself once three parts are written."""


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
    done = subprocess.run(
        [sys.executable, "-c", ENDED.format(end=end), "tag", "in.csv", "-o", "out.csv", "--processes", "2"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert done.stderr == said or code < 0  # what watches over loky's processes says that it cleaned up
    assert not (tmp_path / "out.csv").exists()
    (tmp_path / "few.csv").write_text("text\nThey met.\n")
    tag(tmp_path / "few.csv", tmp_path / "out.csv")  # and what was left is removed
    assert sorted(file.name for file in tmp_path.iterdir()) == ["few.csv", "in.csv", "out.csv"]


@pytest.mark.parametrize(("table", "output"), [("a.csv", "a.csv"), ("a.rejects.csv", "a.csv")])
def test_a_table_is_not_replaced_by_its_tags(tmp_path: Path, tag: Any, table: str, output: str) -> None:
    (tmp_path / table).write_text("text\nThey met.\n")
    with pytest.raises(InputError, match=rf"{table}: is the input table, or is used twice"):
        tag(tmp_path / table, tmp_path / output, force=True)
    assert (tmp_path / table).read_text() == "text\nThey met.\n"
