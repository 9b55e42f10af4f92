"""Tag a table file: the same tags in batches, rows that cannot be used, and jobs that were ended and go on."""

import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.errors import InputError, RunError
from g7tag.store import Unfinished, data_path, read_table, table_bytes, unfinished_path
from g7tag.tagging import TaggedFile, default_model, load_tagger, stream, tag_file, tag_table

pytestmark = pytest.mark.slow

CLI = "from g7tag.tagging import stream; stream.BATCH_ROWS = 100; from g7tag.cli import main; main()"
"""The command line with small batches."""


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """6,000 sentences in items of one to four, no two alike."""
    corpus = pd.concat([pd.read_csv(path, dtype="str") for path in sorted(data_path("corpus").glob("*.csv"))])
    rng = np.random.default_rng(7)
    texts = rng.choice(corpus["text"], 6_000)
    items = np.repeat(np.arange(6_000), rng.integers(1, 5, 6_000))[:6_000]
    return pd.DataFrame(
        {
            "sentence_id": [f"s{row}" for row in range(6_000)],
            "item_id": [f"i{item}" for item in items],
            "position": [str(row) for row in range(6_000)],
            "text": [f"{text} {row}" for row, text in enumerate(texts)],
        }
    )


@pytest.fixture(scope="module")
def tag(codebook: Codebook) -> Any:
    def tag(path: Path, output: Path | BytesIO, **options: Any) -> TaggedFile:
        return tag_file(path, output, codebook, default_model(codebook), **options)

    return tag


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 100 rows."""
    monkeypatch.setattr(stream, "BATCH_ROWS", 100)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_batches_give_the_tags_of_the_whole_table_in_its_order(
    tmp_path: Path, codebook: Codebook, table: pd.DataFrame, tag: Any, suffix: str
) -> None:
    backwards = table.head(350).assign(position=[str(999 - row) for row in range(350)])
    (tmp_path / f"in{suffix}").write_bytes(table_bytes(backwards, suffix))
    done = tag(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}")
    tags = tag_table(backwards, load_tagger(default_model(codebook), codebook), codebook)
    if suffix == ".parquet":
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet"), tags)
    else:
        assert (tmp_path / f"out{suffix}").read_bytes() == table_bytes(tags, suffix)
    assert done == TaggedFile(350, 350, int(tags["needs_review"].sum()), 0, None, [])
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"in{suffix}", f"out{suffix}"]


def test_a_file_of_one_batch_starts_no_process(tmp_path: Path, tag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing.get_context("spawn"), "Process", None)
    (tmp_path / "in.csv").write_text("text\nThey met.\n")
    assert tag(tmp_path / "in.csv", tmp_path / "out.csv", processes=8).tagged == 1


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_table_without_rows_gives_one_without_rows(tmp_path: Path, tag: Any, suffix: str) -> None:
    (tmp_path / "in.csv").write_text("text\n")
    assert tag(tmp_path / "in.csv", tmp_path / f"out{suffix}") == TaggedFile(0, 0, 0, 0, None, [])
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
    ("3", "a", "sentence_id 'a' stands in an earlier row", "Three."),
    ("4", "c", "bytes that are not UTF-8", "\ufffd"),
    ("5", "d", "position 'x' is not a number", "Four."),
    ("7", "f", "rows of item 'i' are apart, others stand between them", "Six."),
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
    unread = {".csv": ("2", "", "the row has 3 cells, the header 4", "b,Two.,i")}.get(suffix, tuple(rejects[0]))
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
    with pytest.raises(InputError, match=r"out\.rejects\.csv: is there already\. Name another file, or replace it"):
        tag(tmp_path / "in.csv", tmp_path / "out.csv")
    assert tag(tmp_path / "in.csv", tmp_path / "out.csv", force=True).rejects is None
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", "out.csv"]  # what it held is out of date


@pytest.mark.parametrize(
    ("rejects", "message"),
    [
        ("in.csv", r"in\.csv: is the table itself\. Name another file for the rejected rows"),
        ("out.csv", r"out\.csv: is the table itself\. Name another file for the rejected rows"),
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
        ("text,item_id\n" + "One.,a\n" * 5_001, r"row 5001: over 5,000 rows of item 'a'\. Expected the sentences of"),
        ("words\nOne.\n", r"in\.csv: column 'text' is missing, found 'words'\. Name the column"),
        ("text,text\nOne.,Two.\n", r"in\.csv: column 'text' stands twice\. Name the column of sentences 'text', and"),
        ("", r"in\.csv: not a readable \.csv table \(No columns to parse from file\)\. Write it again"),
    ],
    ids=["open quote at the end", "long item", "no text", "text twice", "empty"],
)
def test_a_file_that_cannot_be_used_leaves_nothing_behind(tmp_path: Path, tag: Any, content: str, message: str) -> None:
    (tmp_path / "in.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        tag(tmp_path / "in.csv", tmp_path / "out.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


class _EndedError(Exception):
    """Stands for whatever ends a job."""


def ended_after(batches: int) -> Any:
    """An `announce` that ends the job when so many batches are done."""
    told = iter(range(1, 1_000))

    def announce(step: str) -> None:
        if "rows done" in step and next(told) == batches:
            raise _EndedError("ended")  # noqa: EM101

    return announce


@pytest.mark.usefixtures("small")
def test_a_job_that_was_ended_goes_on_where_it_was(tmp_path: Path, table: pd.DataFrame, tag: Any) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(500), ".csv") + b"too,few\n")
    steps: list[str] = []
    whole = tag(tmp_path / "in.csv", tmp_path / "whole.csv", announce=steps.append)
    batches = len([step for step in steps if "rows done" in step])
    with pytest.raises(_EndedError, match=r"^ended$"):
        tag(tmp_path / "in.csv", tmp_path / "out.csv", announce=ended_after(3))
    folder = unfinished_path(tmp_path / "out.csv")
    assert len(list(folder.glob("*.shard"))) == 3
    assert not (tmp_path / "out.csv").exists()
    next(folder.glob("00000001-*.shard")).write_bytes(b"torn")
    steps.clear()
    done = tag(tmp_path / "in.csv", tmp_path / "out.csv", announce=steps.append)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert (tmp_path / "out.rejects.csv").read_bytes() == (tmp_path / "whole.rejects.csv").read_bytes()
    assert done == whole._replace(rejects=tmp_path / "out.rejects.csv")
    assert len([step for step in steps if "rows done" in step]) == batches - 1  # the first was done and whole
    assert not folder.exists()


@pytest.mark.usefixtures("small")
def test_a_job_that_was_ended_while_files_were_moved_goes_on(
    tmp_path: Path, table: pd.DataFrame, tag: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(150), ".csv") + b"too,few\n")

    def ended(*_: object) -> None:
        raise _EndedError("ended")  # noqa: EM101

    with monkeypatch.context() as patch:
        patch.setattr(stream, "move_whole", ended)
        with pytest.raises(_EndedError, match=r"^ended$"):
            tag(tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.rejects.csv").exists()  # moved, and not to be taken for a file of the user's
    assert tag(tmp_path / "in.csv", tmp_path / "out.csv").rejected == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", "out.csv", "out.rejects.csv"]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: None, r"was begun with another input: found '\w{64}', wanted '\w{64}'\. Finish it"),
        (lambda: setattr(stream, "BATCH_ROWS", 99), r"was begun with another batch size: found 100, wanted 99\."),
    ],
    ids=["input", "batch size"],
)
def test_a_job_that_was_begun_otherwise_is_refused_unless_forced(
    tmp_path: Path, table: pd.DataFrame, tag: Any, change: Any, message: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(table_bytes(table.head(250), ".csv"))
    with pytest.raises(_EndedError, match=r"^ended$"):
        tag(source, tmp_path / "out.csv", announce=ended_after(1))
    change()
    if "input" in message:
        source.write_bytes(table_bytes(table.head(260), ".csv"))
    with pytest.raises(RunError, match=message):
        tag(source, tmp_path / "out.csv")
    assert tag(source, tmp_path / "out.csv", force=True).tagged == (260 if "input" in message else 250)


def test_the_settings_of_a_job_are_all_that_its_bytes_depend_on(tmp_path: Path, codebook: Codebook, tag: Any) -> None:
    (tmp_path / "in.csv").write_text("text\nThey met.\n")
    with pytest.raises(_EndedError, match=r"^ended$"):
        tag(tmp_path / "in.csv", tmp_path / "out.jsonl", announce=ended_after(1))
    settings = json.loads((tmp_path / "out.jsonl.unfinished" / "settings.json").read_text())
    manifest = json.loads(Path(f"{default_model(codebook)}.json").read_text())
    assert settings["input"] == sha256(b"text\nThey met.\n").hexdigest()
    assert settings["model"] == manifest["sha256"]
    assert settings["codebook"] == codebook.sha256
    assert (settings["format"], settings["batch size"]) == (".jsonl", 8_192)


def test_a_second_job_at_one_output_is_refused(tmp_path: Path, tag: Any) -> None:
    (tmp_path / "in.csv").write_text("text\nThey met.\n")
    with (
        Unfinished(tmp_path / "out.csv", {}, force=False),
        pytest.raises(RunError, match=r"out\.csv\.unfinished: another g7tag is at work on this file\. Wait for it"),
    ):
        tag(tmp_path / "in.csv", tmp_path / "out.csv", force=True)


def test_a_file_that_another_job_finished_meanwhile_is_not_replaced(
    tmp_path: Path, tag: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.csv").write_text("text\nThey met.\n")

    def settings(task: object) -> dict[str, str]:
        (tmp_path / "out.csv").write_text("of the other job")
        return {}

    monkeypatch.setattr(stream, "task_settings", settings)
    with pytest.raises(InputError, match=r"out\.csv: is there already\. Name another file, or replace it with --force"):
        tag(tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "of the other job"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.usefixtures("small")
def test_a_process_that_dies_ends_the_job_which_can_go_on(tmp_path: Path, table: pd.DataFrame, tag: Any) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table.head(600), ".csv"))

    def kill(step: str) -> None:
        if "rows done" in step:
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)

    message = (
        r"in\.csv: the process at work on batch [2-4] \(to row \d+\) was killed by signal 9\. "
        r"Memory may have been short: try --processes 1\. With -o, running again continues\.$"
    )
    with pytest.raises(RunError, match=message):
        tag(tmp_path / "in.csv", tmp_path / "out.csv", processes=2, announce=kill)
    assert not (tmp_path / "out.csv").exists()
    assert tag(tmp_path / "in.csv", tmp_path / "out.csv").tagged == 600


ENDED = CLI.replace(
    "from g7tag.cli",
    """
import os, signal, threading, time
from g7tag.store import Unfinished
put, batches = Unfinished.put, []
def put_then_end(*each):
    put(*each)
    batches.append(each)
    if len(batches) == {after}:
        {end}
    if len(batches) == {after} + 4:
        time.sleep(60)  # never done before it is ended
Unfinished.put = put_then_end
from g7tag.cli""",
)
"""The same, ended by itself once some batches are kept: at a moment that no other process's speed decides."""


def run_until_ended(folder: Path, *words: str, after: int, end: str) -> tuple[int, str]:
    """The exit code and stderr of a job in a process group of its own."""
    command = [sys.executable, "-c", ENDED.format(after=after, end=end), "tag", *words]
    done = subprocess.run(
        command, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True, timeout=120, check=False
    )
    return done.returncode, done.stderr


def test_a_job_killed_at_any_moment_ends_with_the_same_bytes_by_any_number_of_processes(
    tmp_path: Path, table: pd.DataFrame, tag: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table, ".csv"))
    rng = np.random.default_rng(7)
    job = ["in.csv", "-o", "out.parquet", "--processes", "2"]
    for after in rng.integers(1, 25, 2):  # the second goes on where the first was killed; 60 in all
        kill = f"threading.Timer({rng.random() / 20}, os.kill, [os.getpid(), signal.SIGKILL]).start()"
        code, err = run_until_ended(tmp_path, *job, after=after, end=kill)
        assert (code, err) == (-signal.SIGKILL, "")  # the processes that tag leave without a word, too
        assert not (tmp_path / "out.parquet").exists()
        assert len(list((tmp_path / "out.parquet.unfinished").glob("*.shard"))) >= after
    monkeypatch.setattr(stream, "BATCH_ROWS", 100)
    done = tag(tmp_path / "in.csv", tmp_path / "out.parquet")  # by one process, after two at a time
    assert done == tag(tmp_path / "in.csv", tmp_path / "whole.parquet")
    assert done.tagged == 6_000
    assert (tmp_path / "out.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.csv", "out.parquet", "whole.parquet"]


def test_a_job_that_is_interrupted_says_that_it_can_go_on(tmp_path: Path, table: pd.DataFrame) -> None:
    (tmp_path / "in.csv").write_bytes(table_bytes(table, ".csv"))
    interrupt = "os.killpg(0, signal.SIGINT)"  # as a terminal does: all processes get it
    job = ["in.csv", "-o", "out.csv", "--processes", "2"]
    code, err = run_until_ended(tmp_path, *job, after=2, end=interrupt)
    assert code == 130
    assert err == "Interrupted. Running again continues: what is done is in out.csv.unfinished.\n"
    assert not (tmp_path / "out.csv").exists()
