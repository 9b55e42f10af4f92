"""Interrupted jobs: nothing paid for is lost, nothing is asked twice, and the final result is the same."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fault_server import Answer, FaultServer, Reply, completion, good, label, sentence_of, serving
from started import Started, finished, starting

import g7tag
from g7tag import jobs, llm

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")
N = 9


def words(folder: Path, server: FaultServer, *more: object) -> list[str]:
    return [
        "review", str(folder), "--model", "m", "--base-url", server.url, "--price", "1,2",
        "--concurrency", "3", "--quiet", *map(str, more),
    ]  # fmt: skip


def started(folder: Path, server: FaultServer) -> AbstractContextManager[Started]:
    """A review under way, which ends with the test at the latest."""
    return starting(*words(folder, server))


def settled(folder: Path) -> pd.DataFrame:
    """What a job comes to, times and addresses aside, as scoring will read it."""
    proposals = llm.read_proposals(folder / "reviews.sqlite")
    return proposals.drop(columns=["seconds", "at", "endpoint"])


def slowly(body: dict[str, Any], number: int) -> Reply:
    return completion(label(sentence_of(body), confidence=len(sentence_of(body)) / 500))._replace(delay=0.06)


def held(until: threading.Event) -> Answer:
    """A model that answers the first request, and no other until a test lets it, however slow the machine is."""

    def answer(body: dict[str, Any], number: int) -> Reply:
        assert number == 1 or until.wait(60)
        return good(body, number)

    return answer


def seen(server: FaultServer, n: int) -> None:
    """Wait until the server was asked so often."""
    until = time.monotonic() + 30
    while len(server.bodies) < n and time.monotonic() < until:
        time.sleep(0.005)
    assert len(server.bodies) >= n


@pytest.fixture
def idle() -> Iterator[FaultServer]:
    with serving(slowly) as server:
        yield server


def test_ten_random_kills_cost_no_more_than_what_was_under_way(folder: Path, idle: FaultServer) -> None:
    whole = Path(shutil.copytree(folder, folder.parent / "whole"))
    assert finished(*words(whole, idle)).returncode == 0
    idle.bodies.clear()
    dice, under_way = random.Random(8), 0
    for _ in range(10):
        asked = len(idle.bodies)
        with started(folder, idle) as job:
            if dice.random() < 0.9:  # else it is killed before it asks
                until = time.monotonic() + 20
                while len(idle.bodies) == asked and job.poll() is None and time.monotonic() < until:
                    time.sleep(0.002)
                time.sleep(dice.random() * 0.1)
            else:
                time.sleep(dice.random())
        connection = sqlite3.connect(folder / "reviews.sqlite")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        has = connection.execute("SELECT name FROM sqlite_master WHERE name = 'requests'").fetchone()
        kept = connection.execute("SELECT count(*) FROM requests WHERE kind = 'answer'").fetchone()[0] if has else 0
        connection.close()
        under_way = len(idle.bodies) - kept
    assert finished(*words(folder, idle)).returncode == 0
    assert len(idle.bodies) == N + under_way
    assert under_way <= 10 * 3  # three at once, at each kill
    pd.testing.assert_frame_equal(settled(folder), settled(whole))
    frames = [jobs.score_run(place).annotations.drop(columns="at") for place in (folder, whole)]
    pd.testing.assert_frame_equal(*frames)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupt_waits_for_what_is_under_way_and_keeps_it(folder: Path, number: signal.Signals) -> None:
    go_on = threading.Event()
    with serving(held(go_on)) as server, started(folder, server) as job:
        seen(server, 3)
        job.send_signal(number)
        time.sleep(0.5)  # for the signal to be heard
        go_on.set()
        out, err = job.communicate(timeout=20)
        asked = len(server.bodies)
        assert job.returncode == 130, err
        assert "Interrupted; the answers are kept, run again to continue." in err
        assert "Traceback" not in err
        assert asked < N
        assert f"{asked} valid" in out
        assert finished(*words(folder, server)).returncode == 0
        assert len(server.bodies) == N


def test_a_second_interrupt_ends_at_once(folder: Path) -> None:
    with (
        serving(lambda body, n: good(body, n)._replace(delay=0.0 if n == 1 else 90.0)) as server,
        started(folder, server) as job,
    ):
        seen(server, 2)
        job.send_signal(signal.SIGINT)
        time.sleep(0.5)
        began = time.monotonic()
        job.send_signal(signal.SIGINT)
        _, err = job.communicate(timeout=15)
        assert job.returncode == 130
        assert time.monotonic() - began < 10  # the model is silent for longer
        assert "Traceback" not in err


def test_a_second_process_does_not_ask_while_the_first_does(folder: Path) -> None:
    go_on = threading.Event()
    with serving(held(go_on)) as server, started(folder, server) as first:
        seen(server, 2)
        second = finished(*words(folder, server))
        assert first.poll() is None  # it is still asking
        go_on.set()
        assert second.returncode == 3
        assert "another g7tag is asking a model there. Wait until it has finished" in second.stderr
        first.communicate(timeout=60)
        assert first.returncode == 0
        assert len(server.bodies) == N


def test_people_go_on_labelling_while_a_model_is_asked(folder: Path) -> None:
    with serving(lambda body, n: good(body, n)._replace(delay=0.2)) as server, started(folder, server) as job:
        seen(server, 2)
        run = g7tag.open_run(folder)
        row = run.label_queue().head(1).assign(dimensions="counter", strength="strong")
        assert len(jobs.record_labels(folder, row, annotator="Ada").annotations) == 1
        jobs.score_run(folder)
        assert job.communicate(timeout=60)[1].count("Traceback") == 0
        assert job.returncode == 0
    kinds = jobs.score_run(folder).annotations["kind"].value_counts()
    assert (kinds["analyst"], kinds["llm"]) == (1, N)


def test_answers_that_a_full_disk_does_not_take_are_put_elsewhere(folder: Path, tmp_path: Path) -> None:
    big = "x" * 60_000

    def long(body: dict[str, Any], _: int) -> Reply:
        return completion(label(sentence_of(body), reason=big))

    limited = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000)); "
    limited += "sys.argv = sys.argv[1:]; from g7tag.cli import main; main()"
    rescue = tmp_path / "elsewhere"
    rescue.mkdir()
    with serving(long) as server:
        done = subprocess.run(
            [sys.executable, "-c", limited, "g7tag", *words(folder, server, "--concurrency", 1)],
            capture_output=True, text=True, check=False, env=os.environ | {"TMPDIR": str(rescue)},
        )  # fmt: skip
        assert done.returncode == 3, done.stderr
        assert "reviews.sqlite: cannot be used" in done.stderr
        assert "Traceback" not in done.stderr
        (file,) = rescue.glob("g7tag-answers-*.jsonl")
        assert f"1 answers were saved to {file}. Import them with --import-batch." in done.stderr
        asked = len(server.bodies)
        imported = jobs.import_batch(folder, [file])
        assert (imported.taken, imported.unknown) == (1, 0)
        again = finished(*words(folder, server))
        assert again.returncode == 0, again.stderr
        assert len(server.bodies) == N  # none that was paid for is asked again
        assert asked < N


@pytest.mark.parametrize("harm", ["cut", "flip"])
def test_a_damaged_log_is_named_and_left(folder: Path, harm: str) -> None:
    file = folder / "reviews.sqlite"
    with serving() as server:
        assert finished(*words(folder, server)).returncode == 0
        content = bytearray(file.read_bytes())
        if harm == "cut":
            content = content[: len(content) // 2]
        else:
            content[100:4000] = os.urandom(3900)
        file.write_bytes(content)
        done = finished(*words(folder, server))
        assert done.returncode == 3
        assert "reviews.sqlite: cannot be used" in done.stderr
        assert len(server.bodies) == N
        assert file.read_bytes() == content


def test_the_log_holds_each_request_whole_and_the_prompt_once(folder: Path) -> None:
    with serving() as server:
        subprocess.run([str(G7TAG), *words(folder, server)], capture_output=True, check=True)
        connection = sqlite3.connect(folder / "reviews.sqlite")
        rows = {
            kind: [json.loads(row) for (row,) in connection.execute("SELECT row FROM requests WHERE kind = ?", [kind])]
            for kind in ("prompt", "request", "answer")
        }
        connection.close()
        assert [len(rows[kind]) for kind in ("prompt", "request", "answer")] == [1, N, N]
        sent = sorted(body["messages"][1]["content"] for body in server.bodies)
        assert sorted(row["user"] for row in rows["request"]) == sent
        assert {body["messages"][0]["content"] for body in server.bodies} == {rows["prompt"][0]["system"]}
