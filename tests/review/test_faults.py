"""A faulty endpoint: what each fault ends as, how many calls it costs, and that nothing is lost or asked twice."""

import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from fault_server import Answer, FaultServer, Reply, completion, error, good, label, sentence_of, serving
from typer.testing import CliRunner

import g7tag
from g7tag.cli import app
from g7tag.errors import EndpointError, G7TagError
from g7tag.review.asking import Limits
from g7tag.steps import Review

FAST = Limits(concurrency=4, deadline=5.0, tries=3, first_wait=0.01)
N = 11  # sentences of the invented report that are doubtful or part of a flip
HTML = b"<!doctype html><html><body>Sign in</body></html>"


class Ended(NamedTuple):
    """Exit code, stdout and all that was said on stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Run `g7tag review` on the folder, with short waits."""
    monkeypatch.setattr(
        "g7tag.cli.models._limits",
        lambda cost, calls, at_once, seconds: FAST._replace(
            max_cost=cost, max_requests=calls, concurrency=at_once, deadline=seconds
        ),
    )

    def run(server: FaultServer, *words: object) -> Ended:
        given = ["--model", "m", "--base-url", server.url, "--price", "1,2", *map(str, words)]
        result = CliRunner().invoke(app, ["review", str(folder), *given])
        if isinstance(result.exception, G7TagError):
            return Ended(result.exception.exit_code, result.stdout, f"{result.stderr}{result.exception}")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run


def outcomes(folder: Path) -> dict[str, int]:
    """How many sentences have which outcome; each sentence once."""
    proposals = g7tag.read_proposals(folder / "reviews.sqlite")
    assert not proposals["sentence_id"].duplicated().any()
    return dict(Counter(proposals["outcome"]))


def on(bad: str, fault: Reply, otherwise: Answer = good) -> Answer:
    """An endpoint that fails for the sentences with a word."""
    return lambda body, number: fault if bad in sentence_of(body) else otherwise(body, number)


def always(reply: Reply) -> Answer:
    return lambda body, number: reply


def no_usage(usage: object) -> Answer:
    return lambda body, number: completion(label(sentence_of(body)), usage=usage)


@pytest.mark.parametrize(
    ("fault", "calls", "said"),
    [
        (error(401, "bad key"), 1, "HTTP 401: bad key"),
        (error(402), 1, "HTTP 402"),
        (error(403), 1, "HTTP 403"),
        (error(404, "no such model"), 1, "HTTP 404: no such model"),
        (error(400, "unknown model", code="model_not_found"), 1, "HTTP 400: unknown model"),
        (error(429, "pay first", code="insufficient_quota"), 1, "HTTP 429: pay first"),
        (error(429, headers={"Retry-After": "600"}), 1, "it asks to wait 600 s"),
        (Reply(b"", 302, {"Location": "https://elsewhere.example/v1"}), 1, "HTTP 302: it sends on to another address"),
        (Reply(b"", 307, {"Location": "https://elsewhere.example/v1"}), 1, "HTTP 307: it sends on to another address"),
        (error(400, "cannot"), 6, "HTTP 400: cannot"),  # two requests, each way to ask for the form
        (error(422), 6, "HTTP 422"),
        (error(500), 2 + 2 + 3, "HTTP 500"),  # two tries for each way, the last has them all
        (error(502), 7, "HTTP 502"),
        (error(503), 7, "HTTP 503"),
        (error(529), 7, "HTTP 529"),
        (error(408), 3, "HTTP 408"),
        (error(409), 3, "HTTP 409"),
        (error(429), 6, "HTTP 429"),  # twice the tries where it is asked too much
        (error(429)._replace(headers={"Content-Encoding": "gzip", "Retry-After": "600"}), 1, "asks to wait 600 s"),
        (error(400)._replace(headers={"Content-Type": "application/json; charset=undefined"}), 3, "undefined encoding"),
        (error(429, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:00 +99999999999999999999"}), 6, "HTTP 429"),
        (Reply(HTML, 200, {"Content-Type": "text/html"}), 3, "HTTP 200 without a completion: <!doctype html>"),
        (Reply(b"", 200), 3, "HTTP 200 without a completion"),
        (Reply(b'{"error": {"message": "overloaded"}}'), 3, "HTTP 200 without a completion: overloaded"),
        (Reply(b"[1, 2]"), 3, "HTTP 200 without a completion"),
        (Reply(b"\xff\xfe"), 3, "HTTP 200 without a completion"),
        (Reply(drop=0), 3, "Server disconnected without sending a response"),
        (Reply(b"x" * 500, drop=20), 3, "peer closed connection without sending complete message body"),
        (Reply(b" " * 50_000_000), 6, "the answer is longer than 1,000,000 bytes"),
        (Reply(gzip.compress(b" " * 300_000_000, 1), headers={"Content-Encoding": "gzip"}), 6, "the answer is packed"),
    ],
    ids=lambda value: None if isinstance(value, Reply) else str(value)[:40],
)
def test_an_endpoint_that_never_answers_is_left_after_a_few_calls(
    command: Callable[..., Ended], folder: Path, fault: Reply, calls: int, said: str
) -> None:
    with serving(always(fault)) as server:
        ended = command(server)
        assert len(server.bodies) == calls
        assert ended.code == 6
        assert said in ended.err
        assert f"0 answers are kept, {N} requests have none" in ended.err
        assert outcomes(folder)["waiting"] >= N - 1
        assert len(g7tag.open_run(folder).annotations.query("kind == 'llm'")) == 0
        server.answer = good  # it is mended: all is asked, none of it twice
        again = command(server)
        assert again.code == 0
        assert len(server.bodies) == calls + N
        assert outcomes(folder) == {"ok": N}


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        (error(500), 3),
        (error(409), 3),
        (error(400, "too long"), 1),
        (error(413), 1),
        (Reply(HTML), 3),
        (Reply(drop=0), 3),
        (Reply(b"{}" * 1_000_000), 1),
        (Reply(delay=2.0), 3),
        (Reply(json.dumps({"choices": []}).encode(), pause=0.1), 3),
    ],
    ids=["500", "409", "400", "413", "html", "drop", "large", "hang", "trickle"],
)
def test_a_request_that_fails_alone_is_asked_again_alone(
    command: Callable[..., Ended], folder: Path, fault: Reply, calls: int
) -> None:
    with serving(on("freezer", fault)) as server:
        ended = command(server, "--deadline", 0.5)
        assert (ended.code, len(server.bodies)) == (4, N - 1 + calls)
        assert f"{N - 1} answered, 1 without an answer (run again to ask them alone)" in ended.err
        assert outcomes(folder) == {"ok": N - 1, "failed": 1}
        server.answer = good
        assert command(server).code == 0
        assert len(server.bodies) == N + calls
        assert "freezer" in sentence_of(server.bodies[-1])
        assert outcomes(folder) == {"ok": N}
        assert command(server).code == 0
        assert len(server.bodies) == N + calls  # a finished job asks nothing


@pytest.mark.parametrize("wait", ["0.6", "600ms", "date"])
def test_all_wait_as_long_as_the_endpoint_asks(asked: Callable[..., Review], wait: str) -> None:
    told: list[float] = []

    def limited(body: dict[str, Any], number: int) -> Reply:
        if number != 4:
            return good(body, number)
        told.append(time.monotonic())
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        headers = {"0.6": {"Retry-After": "0.6"}, "600ms": {"retry-after-ms": "600"}, "date": {"Retry-After": later}}
        return error(429, headers=headers[wait])

    with serving(limited) as server:
        done = asked(server)
        assert (done.asked.answered, len(server.bodies)) == (N, N + 1)
        least = 0.9 if wait == "date" else 0.6
        assert not [at for at in server.times if told[0] + 0.1 < at < told[0] + least]


@pytest.mark.parametrize("wait", ["0", "-5", "soon", "", "nan"])
def test_a_wait_that_says_nothing_is_our_own(asked: Callable[..., Review], wait: str) -> None:
    with serving(lambda b, n: error(429, headers={"Retry-After": wait}) if n == 2 else good(b, n)) as server:
        began = time.monotonic()
        assert asked(server).asked.answered == N
        assert time.monotonic() - began < 2
        assert len(server.bodies) == N + 1


def test_five_failures_in_a_row_end_the_asking(asked: Callable[..., Review]) -> None:
    with serving(lambda b, n: good(b, n) if n == 1 else error(413, "too large")) as server:
        with pytest.raises(EndpointError, match="5 requests in a row had no answer; the last: HTTP 413: too large"):
            asked(server, FAST._replace(concurrency=1))
        assert len(server.bodies) == 6


def test_no_more_calls_are_under_way_than_asked_for(asked: Callable[..., Review]) -> None:
    with serving(lambda b, n: completion(label(sentence_of(b)))._replace(delay=0.05)) as server:
        asked(server, FAST._replace(concurrency=3))
        assert server.most == 3


def test_a_closed_port_and_an_unknown_host_are_named(planned: Callable[..., Any], folder: Path) -> None:
    with serving() as server:
        plan = planned(server)
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1:\d+: ConnectError"):
        g7tag.review_sentences(plan, limits=FAST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "k")
        far = plan._replace(endpoint=g7tag.open_endpoint("m", base_url="https://nowhere.invalid/v1"))
        with pytest.raises(EndpointError, match=r"nowhere\.invalid: ConnectError"):
            g7tag.review_sentences(far, limits=FAST)


def test_a_server_without_tls_is_no_https_endpoint(planned: Callable[..., Any]) -> None:
    with serving() as server:
        plan = planned(server)
        tls = plan._replace(endpoint=plan.endpoint._replace(base_url=server.url.replace("http:", "https:")))
        with pytest.raises(EndpointError, match="ConnectError"):
            g7tag.review_sentences(tls, limits=FAST)
        assert server.bodies == []


def test_an_endpoint_here_is_asked_past_all_proxies(
    asked: Callable[..., Review], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving() as server:
        assert asked(server).asked.answered == N


@pytest.mark.parametrize(
    ("refuses", "rungs"),
    [
        ([], ["json_schema"]),
        (["json_schema"], ["json_schema", "json_object"]),
        (["json_schema", "json_object"], ["json_schema", "json_object", None]),
    ],
    ids=["schema", "object", "text"],
)
@pytest.mark.parametrize("status", [400, 422, 500, 501])
def test_the_form_is_asked_for_as_the_endpoint_can_take_it_and_that_is_kept(
    asked: Callable[..., Review], refuses: list[str], rungs: list[str | None], status: int
) -> None:
    def picky(body: dict[str, Any], number: int) -> Reply:
        form = body.get("response_format", {}).get("type")
        return error(status) if form in refuses else good(body, number)

    with serving(picky) as server:
        assert asked(server, select=["doubtful"]).asked.answered == 10
        forms = [body.get("response_format", {}).get("type") for body in server.bodies]
        tries = 2 if status >= 500 else 1
        assert forms == [form for form in rungs[:-1] for _ in range(tries)] + rungs[-1:] * 10
        assert asked(server).asked.answered == 1  # the rest: without looking again how
        assert len(server.bodies) == len(forms) + 1


def test_a_sentence_that_an_endpoint_blocks_does_not_block_the_others(
    command: Callable[..., Ended], folder: Path
) -> None:
    with serving() as server:
        command(server, "--max-requests", 1)
        smallest = sentence_of(server.bodies[0])
    (folder / "reviews.sqlite").unlink()
    with serving(on(smallest, error(400, "filtered"))) as server:
        assert command(server).code == 4
        assert outcomes(folder) == {"ok": N - 1, "failed": 1}
        assert len(server.bodies) == 3 + 1 + (N - 2) + 1  # each way, another request, the others, the blocked one again


def test_a_server_that_takes_no_schema_any_longer_is_asked_in_another_way_next_time(
    command: Callable[..., Ended], folder: Path
) -> None:
    with serving() as server:
        assert command(server, "--max-requests", 2, "--concurrency", 1).code == 5
        server.answer = lambda b, n: error(400) if "response_format" in b else good(b, n)
        assert command(server, "--concurrency", 1).code == 6
        assert command(server).code == 0
        assert outcomes(folder) == {"ok": N}


def test_what_one_way_answered_is_not_asked_again_by_another(folder: Path, planned: Callable[..., Any]) -> None:
    with serving() as first, serving(lambda b, n: error(500) if "response_format" in b else good(b, n)) as second:
        g7tag.review_sentences(planned(first), limits=FAST._replace(max_requests=N - 1))
        plan = planned(second)
        assert plan.quote.n_waiting == 1
        done = g7tag.review_sentences(plan, limits=FAST)
        assert (done.asked.answered, done.asked.left, len(second.bodies)) == (1, 0, 2 + 2 + 1)
    assert outcomes(folder) == {"ok": N}


def test_an_answer_that_was_cut_off_is_asked_again_alone_where_more_tokens_are_allowed(
    command: Callable[..., Ended], folder: Path
) -> None:
    with serving(lambda b, n: completion(label(sentence_of(b)), finish="length" if n == 3 else "stop")) as server:
        assert command(server).code == 0
        assert outcomes(folder) == {"ok": N - 1, "truncated": 1}
        assert command(server).code == 0
        assert len(server.bodies) == N
        assert command(server, "--parameter", "max_tokens=900").code == 0
        assert (len(server.bodies), server.bodies[-1]["max_tokens"]) == (N + 1, 900)
        assert outcomes(folder) == {"ok": N}


def test_one_answer_with_halves_of_characters_spoils_no_other(command: Callable[..., Ended], folder: Path) -> None:
    def odd(body: dict[str, Any], number: int) -> Reply:
        if number == 4:
            return Reply(completion(label(sentence_of(body))).body.replace(b'"m"', b'"\\ud800"'))
        return error(400, "bad \ud800") if number == 6 else good(body, number)

    with serving(odd) as server:
        assert command(server).code == 4
        assert outcomes(folder) == {"ok": N - 1, "failed": 1}
        assert command(server).code == 0
    proposals = g7tag.read_proposals(folder / "reviews.sqlite")
    assert sorted(proposals["model_returned"]) == ["?", *["m"] * (N - 1)]
    assert (g7tag.score_run(folder).annotations["kind"] == "llm").sum() == N


def test_the_last_failure_is_the_one_that_is_shown(command: Callable[..., Ended], folder: Path) -> None:
    with serving(on("freezer", error(413, "first"))) as server:
        assert command(server).code == 4
        server.answer = on("freezer", error(413, "second"))
        assert command(server).code == 4
    proposals = g7tag.read_proposals(folder / "reviews.sqlite").set_index("outcome")
    assert proposals.loc["failed", "problem"] == "HTTP 413: second"


def test_bad_answers_are_outcomes_and_are_not_asked_again(command: Callable[..., Ended], folder: Path) -> None:
    replies = [
        lambda s: completion(label(s, dimensions=["counter"], strength="strong")),
        lambda s: completion("I'd rather not."),
        lambda s: completion(label(s), finish="length"),
        lambda s: completion(label(s), finish="content_filter"),
        lambda s: completion(label(s, dimensions=["praise"], strength="weak")),
        lambda s: completion("{}", choices=[]),
    ]  # fmt: skip
    with serving(lambda body, number: replies[(number - 1) % 6](sentence_of(body))) as server:
        ended = command(server)
        assert (ended.code, len(server.bodies)) == (0, N)
        assert outcomes(folder) == {"ok": 2, "invalid": 5, "truncated": 2, "refused": 2}
        assert "5 invalid, 2 " in ended.out
        llm = g7tag.score_run(folder).annotations.query("kind == 'llm'")
        assert llm["dimensions"].tolist() == ["counter", "counter"]
        assert command(server).code == 0
        assert len(server.bodies) == N


@pytest.mark.parametrize(
    "usage",
    [None, {"prompt_tokens": -5, "completion_tokens": 1}, {"prompt_tokens": 10**12, "completion_tokens": 1}, "much"],
    ids=["missing", "negative", "huge", "text"],
)
def test_without_a_usable_count_of_tokens_the_budget_holds_by_our_estimate(
    asked: Callable[..., Review], planned: Callable[..., Any], usage: object
) -> None:
    with serving(no_usage(usage)) as server:
        each = planned(server).quote.most_cost / N
        done = asked(server, FAST._replace(max_cost=4.5 * each, concurrency=1))
        assert (done.asked.stopped, len(server.bodies)) == ("budget", 4)
        assert done.asked.cost == pytest.approx(4 * each, rel=0.1)
        ok = done.proposals.query("outcome == 'ok'")
        assert not ok["counted"].any()
        assert (done.proposals["outcome"] == "waiting").sum() == N - 4


@pytest.mark.parametrize(
    ("words", "calls"), [(("--max-requests", 0), 0), (("--max-cost", 0), 0), (("--max-requests", 3), 3)]
)
def test_a_budget_ends_the_asking_and_a_rerun_goes_on(
    command: Callable[..., Ended], folder: Path, words: tuple[object, ...], calls: int
) -> None:
    with serving() as server:
        ended = command(server, *words)
        assert (ended.code, len(server.bodies)) == (5, calls)
        assert "Stopped at the budget; run again to go on." in ended.err
        assert command(server).code == 0
        assert len(server.bodies) == N
        assert outcomes(folder) == {"ok": N}


def test_a_budget_is_overshot_by_no_more_than_the_calls_under_way(
    asked: Callable[..., Review], planned: Callable[..., Any]
) -> None:
    dear = {"prompt_tokens": 9000, "completion_tokens": 600}  # more than estimated, and possible
    with serving(no_usage(dear)) as server:
        each = planned(server).quote.most_cost / N
        done = asked(server, FAST._replace(max_cost=5 * each))
        assert done.asked.stopped == "budget"
        paid = len(server.bodies) * (9000 * 1.0 + 600 * 2.0) / 1e6
        assert done.asked.cost == pytest.approx(paid)
        assert paid <= 5 * each + 4 * (9000 + 1200) / 1e6


def test_a_model_that_answers_under_another_name_is_recorded_and_shown(
    command: Callable[..., Ended], folder: Path
) -> None:
    with serving(lambda b, n: completion(label(sentence_of(b)), model="cheaper" if n == 5 else "m")) as server:
        ended = command(server)
        assert ended.code == 0
        assert "answered by" in ended.out
        assert "cheaper" in ended.out
        proposals = g7tag.read_proposals(folder / "reviews.sqlite")
        assert sorted(proposals["model_returned"]) == ["cheaper", *["m"] * (N - 1)]
        assert set(proposals["model"]) == {"m"}


def test_the_order_in_which_answers_come_changes_nothing(folder: Path, asked: Callable[..., Review]) -> None:
    dice = random.Random(3)

    def late(body: dict[str, Any], _: int) -> Reply:
        words = sentence_of(body).split()
        return completion(label(" ".join(words), quote=words[1], confidence=len(words) / 100))._replace(
            delay=dice.random() / 10
        )

    frames = []
    for concurrency in (1, 8):
        (folder / "reviews.sqlite").unlink(missing_ok=True)
        with serving(late) as server:
            done = asked(server, FAST._replace(concurrency=concurrency))
        llm = g7tag.score_run(folder).annotations.query("kind == 'llm'")
        frames.append((done.proposals.drop(columns=["seconds", "at", "endpoint"]), llm.drop(columns="at")))
    pd.testing.assert_frame_equal(frames[0][0], frames[1][0])
    pd.testing.assert_frame_equal(frames[0][1], frames[1][1])


def test_another_model_prompt_or_sentence_is_asked_anew_and_nothing_else(
    planned: Callable[..., Any], folder: Path
) -> None:
    with serving() as server:
        plan = planned(server)
        g7tag.review_sentences(plan, limits=FAST)
        assert len(server.bodies) == N
        other = plan.questions[0].prompt._replace(user=plan.questions[0].prompt.user.replace("ring", "gang"))
        changed = [plan.questions[0]._replace(prompt=other), *plan.questions[1:]]
        g7tag.review_sentences(plan._replace(questions=changed), limits=FAST)
        assert len(server.bodies) == N + 1
        g7tag.review_sentences(planned(server, model="n"), limits=FAST)
        assert len(server.bodies) == 2 * N + 1
