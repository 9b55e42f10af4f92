"""Interrupted jobs: nothing paid for is lost, nothing is asked twice, and the final result is the same."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pandas as pd
import pytest
from fault_server import N, completion, good, label, near, outcomes, sentence_of, serving
from started import finished, starting

import g7tag
from g7tag import Run, llm
from g7tag.errors import RunError
from g7tag.store import read_requests


def words(folder, server, *more):
    return [
        "review", str(folder), "--model", "m", "--base-url", server.url, "--price", "1,2",
        "--concurrency", "3", "--quiet", *map(str, more),
    ]  # fmt: skip


def slowly(body, number):
    return completion(label(sentence_of(body), confidence=len(sentence_of(body)) / 500))._replace(delay=0.06)


def held(until):
    """A model that answers the first request, and no other until a test lets it, however slow the machine is."""

    def answer(body, number):
        assert number == 1 or until.wait(60)
        return good(body, number)

    return answer


def seen(server, n):
    """Wait until the server was asked so often."""
    until = time.monotonic() + 30
    while len(server.bodies) < n and time.monotonic() < until:
        time.sleep(0.005)
    assert len(server.bodies) >= n


@pytest.mark.slow
@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.nightly)])
def test_kills_cost_no_more_than_what_was_under_way(folder, asked, kills):
    dice, under_way = random.Random(8), 0
    with serving(slowly) as server:
        whole = asked(server).proposals
        server.bodies.clear()
        for _ in range(kills):
            before = len(server.bodies)
            with starting(*words(folder, server)) as job:
                while len(server.bodies) == before and job.poll() is None:
                    time.sleep(0.002)
                time.sleep(dice.random() * 0.1)
            connection = sqlite3.connect(folder / "reviews.sqlite")
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = connection.execute("SELECT count(*) FROM requests WHERE kind = 'answer'").fetchone()[0]
            connection.close()
            under_way = len(server.bodies) - kept
        assert finished(*words(folder, server)).returncode == 0
        assert len(server.bodies) == N + under_way
    assert under_way <= kills * 3  # three at once, at each kill
    about = ["seconds", "at", "endpoint"]
    pd.testing.assert_frame_equal(
        llm.read_proposals(folder / "reviews.sqlite").drop(columns=about), whole.drop(columns=about)
    )
    assert len(llm.read_reviews(folder / "reviews.sqlite")) == N


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.nightly)], ids=["Ctrl-C", "SIGTERM"]
)
def test_an_interrupt_waits_for_what_is_under_way_and_keeps_it(folder, number):
    go_on = threading.Event()
    with serving(held(go_on)) as server, starting(*words(folder, server)) as job:
        seen(server, 3)
        job.send_signal(number)
        time.sleep(0.5)  # for the signal to be heard
        go_on.set()
        out, err = job.communicate(timeout=20)
        n = len(server.bodies)
        assert (job.returncode, n < N, f"{n} valid" in out) == (130, True, True), err
        assert "Interrupted; the answers are kept, run again to continue." in err
        assert "Traceback" not in err
        assert outcomes(Run.at(folder))["ok"] == n


@pytest.mark.slow
def test_a_second_interrupt_ends_at_once(folder):
    with (
        serving(lambda body, n: good(body, n)._replace(delay=0.0 if n == 1 else 90.0)) as server,
        starting(*words(folder, server)) as job,
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


@pytest.mark.slow
def test_people_go_on_labelling_while_a_model_is_asked_and_no_second_process_asks(folder, planned):
    run = g7tag.open_run(folder)
    row = run.label_queue().head(1).assign(dimensions="counter", strength="strong")

    def answer(body, number):
        if number == 2:
            assert len(run.record_labels(row, annotator="Ada").annotations) == 1
            with pytest.raises(RunError, match=r"another g7tag is asking a model there\. Wait until"):
                run.review(planned(server))
        return good(body, number)

    with serving(answer) as server:
        assert run.review(planned(server)).asked.answered == N
        assert len(server.bodies) == N
    kinds = run.rescore().annotations["kind"].value_counts()
    assert (kinds["analyst"], kinds["llm"]) == (1, N)


@pytest.mark.slow
def test_answers_that_a_full_disk_does_not_take_are_counted_and_asked_for_again(folder):
    def long(body, _):
        return completion(label(sentence_of(body), reason="x" * 60_000))

    limited = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000)); "
    limited += "sys.argv = sys.argv[1:]; from g7tag.cli import main; main()"
    with serving(long) as server:
        done = subprocess.run(
            [sys.executable, "-c", limited, "g7tag", *words(folder, server, "--concurrency", 1)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 3, done.stderr
        assert "reviews.sqlite: cannot be used" in done.stderr
        assert "1 answer could not be saved, and will be asked for again." in done.stderr
        assert "Traceback" not in done.stderr
        assert 1 < len(server.bodies) < N
        again = finished(*words(folder, server))
        assert again.returncode == 0, again.stderr
        assert len(server.bodies) == N + 1  # what was written before is not asked again
    assert outcomes(Run.at(folder)) == {"ok": N}


@pytest.mark.slow
def test_the_log_holds_each_request_whole_and_the_prompt_once_and_a_damaged_one_is_named_and_left(asked, run):
    file = run.saved.path / "reviews.sqlite"
    with near() as model:
        asked(model)
        kinds = ("prompt", "request", "answer")
        prompts, requests, answers = ([one.row for one in read_requests(file, kind)] for kind in kinds)
        assert [len(rows) for rows in (prompts, requests, answers)] == [1, N, N]
        system, user = zip(
            *([message["content"] for message in body["messages"]] for body in model.bodies), strict=True
        )
        assert sorted(row["user"] for row in requests) == sorted(user)
        assert set(system) == {prompts[0]["system"]}
        content = file.read_bytes()
        content = content[:100] + bytes(3900) + content[4000:]
        file.write_bytes(content)
        with pytest.raises(RunError, match=r"reviews\.sqlite: cannot be used"):
            asked(model)
        assert (len(model.bodies), file.read_bytes()) == (N, content)
