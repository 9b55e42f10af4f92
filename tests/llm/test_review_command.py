"""The command `g7tag review`: messages before sending, with and without a key, and in a running event loop."""

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_server import completion, error, good, label, sentence_of, serving
from typer.testing import CliRunner, Result

import g7tag
from g7tag import jobs, llm
from g7tag.cli import app
from g7tag.codebook import load_codebook
from g7tag.errors import EndpointError, G7TagError, InputError, RunError
from g7tag.llm import Limits, Price

pytestmark = pytest.mark.slow

N = 9
FAST = Limits(concurrency=4, deadline=5.0, tries=2, first_wait=0.01)


def review(folder: Path, *words: object) -> Result:
    return CliRunner().invoke(app, ["review", str(folder), *map(str, words)])


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_key_one_sentence_says_what_is_missing(folder: Path) -> None:
    result = review(folder, "--model", "gpt-5-mini")
    assert isinstance(result.exception, EndpointError)
    assert result.exception.exit_code == 6
    assert str(result.exception) == (
        "no key for api.openai.com: the environment variable OPENAI_API_KEY is not set. "
        "Set it, or use a model on this machine with --base-url."
    )
    assert not (folder / "reviews.sqlite").exists()


def test_a_dry_run_prices_without_a_key_and_writes_nothing(folder: Path) -> None:
    before = sorted(file.name for file in folder.iterdir())
    result = review(folder, "--model", "gpt-5-mini", "--dry-run")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(
        "9 sentences selected: 4 doubtful, 7 flips.\n9 requests to gpt-5-mini at api.openai.com: "
    )
    quote = json.loads(review(folder, "--model", "gpt-5-mini", "--dry-run", "--json").stdout)
    assert (quote["n_questions"], quote["n_waiting"], quote["most_tokens_out"]) == (N, N, N * 600)
    assert quote["most_cost"] == pytest.approx((quote["tokens_in"] * 0.25 + quote["most_tokens_out"] * 2.0) / 1e6)
    assert f"{quote['n_bytes']:,} bytes, about {quote['tokens_in']:,} tokens" in result.stderr
    assert sorted(file.name for file in folder.iterdir()) == before


def test_what_is_said_before_sending_is_what_is_sent(folder: Path) -> None:
    with serving() as server:
        words = ["--model", "m", "--base-url", server.url, "--price", "1,2"]
        quote = json.loads(review(folder, *words, "--dry-run", "--json").stdout)
        assert server.bodies == []
        result = review(folder, *words)
        assert result.exit_code == 0, result.output
        assert f"{N} requests to m at {server.url[7:-3]}: {quote['n_bytes']:,} bytes" in result.stderr
        assert f"{N} answered; {N} calls, {quote['n_bytes']:,} bytes sent" in result.stderr
        sent = sum(int(headers["content-length"]) for headers in server.headers)
        assert sent == pytest.approx(quote["n_bytes"], rel=0.01)
        again = review(folder, *words)
        assert f"0 requests to m at {server.url[7:-3]} ({N} more already answered)" in again.stderr


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (
            ["--model", "m", "--base-url", "http://127.0.0.1:1/v1"],
            InputError,
            "price of 'm': not found. Give it with",
        ),
        (["--model", "m", "--price", "cheap", "--dry-run"], InputError, "--price: found 'cheap', expected two numbers"),
        (["--model", "gpt-5", "--select", "some", "--dry-run"], InputError, "select 'some': expected some of"),
        (["--model", "gpt-5", "--audit-share", "2", "--dry-run"], InputError, "audit share 2.0: expected a number"),
        (["--model", "gpt-5", "--base-url", "http://a.example/v1"], EndpointError, "http would send the key"),
        (["--model", "gpt-5", "--parameter", "api_key=x", "--dry-run"], InputError, "looks like a key"),
        (["--model", "gpt-5", "--corpus", "none.csv", "--dry-run"], InputError, "none.csv"),
        (["--model", "gpt-5", "--trial", "nowhere"], InputError, "nowhere: contains no verdict"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(
    folder: Path, words: list[str], error: type[G7TagError], said: str
) -> None:
    result = review(folder, *words)
    assert isinstance(result.exception, error), result.output
    assert said in str(result.exception)
    assert not (folder / "reviews.sqlite").exists()


def test_a_model_must_be_named_and_a_run_must_be_there(folder: Path, tmp_path: Path) -> None:
    result = review(folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "required. Give the name of the model: --model NAME." in result.stderr
    assert isinstance(review(tmp_path / "none", "--model", "gpt-5", "--dry-run").exception, RunError)
    assert not (tmp_path / "none").exists()


def test_proposals_are_printed_as_json(folder: Path) -> None:
    with serving() as server:
        result = review(folder, "--model", "m", "--base-url", server.url, "--price", "0,0", "--json")
    rows = json.loads(result.stdout)
    assert len(rows) == N
    assert {row["outcome"] for row in rows} == {"ok"}
    assert {row["cost"] for row in rows} == {0.0}


def test_nothing_to_ask_asks_nothing(folder: Path) -> None:
    run = g7tag.open_run(folder)
    every = run.sentences.assign(dimensions="", strength="none", text=run.sentences["text"])
    jobs.record_labels(folder, every[["sentence_id", "text", "dimensions", "strength"]], annotator="Ada")
    jobs.score_run(folder)
    with serving() as server:
        result = review(folder, "--model", "m", "--base-url", server.url, "--price", "0,0")
        assert (result.exit_code, server.bodies) == (0, [])
    assert "no sentences selected." in result.stderr


def test_text_of_models_and_endpoints_cannot_drive_a_terminal(folder: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[31m[/nope]"
    with serving(
        lambda b, n: completion(label(sentence_of(b), reason=evil), model=evil) if n % 2 else completion(evil)
    ) as server:
        result = review(folder, "--model", "m", "--base-url", server.url, "--price", "0,0")
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output


def test_in_a_loop_that_runs_a_review_is_awaited_or_waited_for(planned: Callable[..., Any]) -> None:
    async def cell() -> tuple[int, int]:
        with serving() as server:
            plan = planned(server)
            first = await jobs.areview_sentences(plan, limits=FAST._replace(max_requests=4))
            second = jobs.review_sentences(plan, limits=FAST)  # as a cell of a notebook would
            return first.asked.answered, second.asked.answered

    before = threading.active_count()  # other tests of this process may have left some
    assert asyncio.run(cell()) == (4, N - 4)
    assert threading.active_count() < before + 3


def test_an_interrupt_in_a_notebook_is_heard_at_once(planned: Callable[..., Any]) -> None:
    async def cell(plan: Any) -> Any:
        return jobs.review_sentences(plan, limits=FAST)  # waits in this very loop, as a cell does

    def answer(body: Any, n: int) -> Any:
        if n == 3:  # an interrupt once some are answered, however busy the machine is
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        return good(body, n) if n < 3 else error(429, headers={"Retry-After": "60"})

    with serving(answer) as server:
        plan, began = planned(server), time.monotonic()
        loop = asyncio.new_event_loop()  # without the handlers of asyncio.run, as in Jupyter
        done = loop.run_until_complete(cell(plan))
        loop.close()
        assert time.monotonic() - began < 10
        assert done.asked.stopped == "interrupted"
        assert done.asked.answered >= 1


def test_a_cancelled_review_keeps_what_was_under_way(planned: Callable[..., Any], folder: Path) -> None:
    async def cell(plan: Any) -> None:
        task = asyncio.ensure_future(jobs.areview_sentences(plan, limits=FAST))
        while len(server.bodies) < 2:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serving(lambda b, n: good(b, n)._replace(delay=0.2)) as server:
        asyncio.run(cell(planned(server)))
        outcomes = llm.read_proposals(folder / "reviews.sqlite")["outcome"].value_counts()
        assert 0 < outcomes["ok"] == len(server.bodies) < N
        assert outcomes["waiting"] == N - outcomes["ok"]


def test_another_codebook_asks_with_its_own_words_and_examples(tmp_path: Path) -> None:
    book = load_codebook(g7tag.example_path("harbours.toml"))
    corpus = g7tag.corpus.read_corpus([g7tag.example_path("harbours-labelled.csv")], book)
    folder = tmp_path / "run"
    report = g7tag.example_path("harbours-report.txt")
    g7tag.run_report([report], output=folder, codebook=book, model=g7tag.train_tagger(corpus, book))
    with serving(lambda b, n: completion(label(sentence_of(b), dimensions=["dredge"], strength="weak"))) as server:
        endpoint = g7tag.llm.open_endpoint("m", base_url=server.url)
        selection = jobs.Selection(["all"], corpus=[g7tag.example_path("harbours-labelled.csv")])
        plan = jobs.plan_review(folder, endpoint, codebook=book, price=Price(0, 0), selection=selection)
        done = jobs.review_sentences(plan, limits=FAST)
        alone = jobs.plan_review(folder, endpoint, codebook=book, price=Price(0, 0))
    assert set(done.proposals["outcome"]) == {"ok"}
    system, user = (message["content"] for message in server.bodies[0]["messages"])
    assert "prevent" not in system
    assert book.dimensions[0].definition in system
    assert json.loads(user)["neighbours"]
    assert all(
        json.loads(one.prompt.user)["neighbours"] == [] for one in alone.questions
    )  # none come with g7tag for it
