"""A faulty endpoint: the result of each fault, how many calls it costs, and that nothing is lost or asked twice."""

import gzip
import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import NamedTuple

import pytest
from fault_server import FAST, N, Reply, completion, error, good, label, near, on, outcomes, sentence_of, serving

from g7tag.errors import EndpointError

HTML = b"<!doctype html><html><body>Sign in</body></html>"
ZIPPED = gzip.compress(b" " * 30_000_000, 1)
THERE = {"Location": "https://elsewhere.example/v1"}
NO_COMPLETION = "HTTP 200 without a completion"


class Fault(NamedTuple):
    """A fault, the calls after which an endpoint that always has it is left, and what is said of it.

    `alone`: calls of a request that alone has it; 0 if it stops the run.
    """

    reply: Reply
    calls: int
    said: str
    alone: int


OFTEN = {
    "401": Fault(error(401, "bad key"), 1, "HTTP 401: bad key", 0),
    "500": Fault(error(500), 9, "HTTP 500", 3),  # all tries in each form
    "drop": Fault(Reply(drop=0), 3, "Server disconnected without sending a response", 3),
}
SLOW = {
    "400": Fault(error(400, "cannot"), 6, "HTTP 400: cannot", 1),  # two requests, in each form
    "429": Fault(error(429), 6, "HTTP 429", 6),  # twice the tries
    "quota": Fault(error(429, "pay first", code="insufficient_quota"), 1, "HTTP 429: pay first", 0),
    "wait": Fault(error(429, headers={"Retry-After": "600"}), 1, "the endpoint asks to wait 600 s", 0),
    "307": Fault(Reply(b"", 307, THERE), 1, "HTTP 307: the endpoint redirects to another URL; use that one", 0),
    "html": Fault(Reply(HTML, 200, {"Content-Type": "text/html"}), 3, f"{NO_COMPLETION}: <!doctype html>", 3),
    "large": Fault(Reply(b" " * 5_000_000), 6, "the answer is longer than 1,000,000 bytes", 1),
    "zipped": Fault(Reply(ZIPPED, headers={"Content-Encoding": "gzip"}), 6, "answer is compressed", 1),
    "hang": Fault(Reply(delay=4.0), 3, "no answer within 1.5 s", 3),
}
NIGHTLY = {
    "402": Fault(error(402), 1, "HTTP 402", 0),
    "403": Fault(error(403), 1, "HTTP 403", 0),
    "404": Fault(error(404, "no such model"), 1, "HTTP 404: no such model", 0),
    "no model": Fault(error(400, "unknown model", code="model_not_found"), 1, "HTTP 400: unknown model", 0),
    "302": Fault(Reply(b"", 302, THERE), 1, "HTTP 302: the endpoint redirects", 0),
    "413": Fault(error(413, "too large"), 6, "HTTP 413: too large", 1),
    "422": Fault(error(422), 6, "HTTP 422", 1),
    "502": Fault(error(502), 9, "HTTP 502", 3),
    "503": Fault(error(503), 9, "HTTP 503", 3),
    "529": Fault(error(529), 9, "HTTP 529", 3),
    "408": Fault(error(408), 3, "HTTP 408", 3),
    "409": Fault(error(409), 3, "HTTP 409", 3),
    "425": Fault(error(425), 3, "HTTP 425", 3),
    "zipped 429": Fault(
        error(429)._replace(headers={"Content-Encoding": "gzip", "Retry-After": "600"}), 1, "asks to wait 600 s", 0
    ),
    "no charset": Fault(
        error(400)._replace(headers={"Content-Type": "application/json; charset=undefined"}),
        3, "undefined encoding", 3,
    ),
    "no date": Fault(
        error(429, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:00 +99999999999999999999"}), 6, "HTTP 429", 6
    ),
    "empty": Fault(Reply(b"", 200), 3, NO_COMPLETION, 3),
    "error in 200": Fault(Reply(b'{"error": {"message": "overloaded"}}'), 3, f"{NO_COMPLETION}: overloaded", 3),
    "list": Fault(Reply(b"[1, 2]"), 3, NO_COMPLETION, 3),
    "no text": Fault(Reply(b"\xff\xfe"), 3, NO_COMPLETION, 3),
    "cut": Fault(Reply(b"x" * 500, drop=20), 3, "peer closed connection without sending complete message body", 3),
    "trickle": Fault(Reply(json.dumps({"choices": []}).encode(), pause=0.3), 3, "no answer within 1.5 s", 3),
}  # fmt: skip
FAULTS = OFTEN | SLOW | NIGHTLY


def rows(names):
    """The names of faults, those that are rarely tried with their marks."""
    marks = {**dict.fromkeys(SLOW, (pytest.mark.slow,)), **dict.fromkeys(NIGHTLY, (pytest.mark.nightly,))}
    return [pytest.param(name, marks=marks.get(name, ())) for name in names]


@pytest.mark.parametrize("name", rows(FAULTS))
def test_an_endpoint_that_never_answers_is_left_after_a_few_calls(asked, run, name):
    fault, short = FAULTS[name], FAST._replace(deadline=1.5)
    with serving(lambda body, number: fault.reply) as server:
        with pytest.raises(EndpointError) as caught:
            asked(server, short)
        assert len(server.bodies) == fault.calls
        assert fault.said in str(caught.value)
        assert f"0 answers are kept, {N} requests have no answer" in str(caught.value)
        assert outcomes(run)["waiting"] >= N - 1
        server.answer = good  # it is mended: all is asked, none of it twice
        assert asked(server).asked.answered == N
        assert len(server.bodies) == fault.calls + N
    assert outcomes(run) == {"ok": N}


@pytest.mark.parametrize("name", rows(name for name, fault in FAULTS.items() if fault.alone))
def test_a_request_that_fails_alone_is_asked_again_alone(asked, run, name):
    fault, short = FAULTS[name], FAST._replace(deadline=1.5)
    with serving(on("freezer", fault.reply)) as server:
        done = asked(server, short)
        assert (done.asked.answered, done.asked.failed, len(server.bodies)) == (N - 1, 1, N - 1 + fault.alone)
        server.answer = on("freezer", error(413, "second"))
        failed = asked(server, short).proposals.set_index("outcome").loc["failed"]
        assert failed["problem"] == "HTTP 413: second"  # the last failure is the one that is shown
        server.answer = good
        asked(server, short)
        assert len(server.bodies) == N + fault.alone + 1
        assert "freezer" in sentence_of(server.bodies[-1])
        assert outcomes(run) == {"ok": N}
        assert asked(server, short).asked.calls == 0  # a finished job asks nothing


WAITS = {
    "1.5": lambda: {"Retry-After": "1.5"},
    "date": lambda: {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)},
    **{text: lambda text=text: {"Retry-After": text} for text in ("-5", "soon", "nan")},
}


@pytest.mark.slow
@pytest.mark.parametrize("wait", WAITS)
def test_all_wait_as_long_as_the_endpoint_asks(asked, wait):
    told = []

    def limited(body, number):
        if number != 4:
            return good(body, number)
        told.append(time.monotonic())
        return error(429, headers=WAITS[wait]())

    with serving(limited) as server:
        began = time.monotonic()
        assert asked(server).asked.answered == N
        assert len(server.bodies) == N + 1
        least = {"1.5": 1.5, "date": 1.9}.get(wait, 0.0)  # dates are of whole seconds
        assert not [at for at in server.times if told[0] + 0.7 < at < told[0] + least]
        assert least or time.monotonic() - began < 5  # a wait that says nothing is our own


BAD = [  # what else a model answers, and the outcome
    (lambda s: completion(label(s), model="cheaper"), "ok"),  # the model that answers is not the one asked
    (lambda s: Reply(completion(label(s)).body.replace(b'"m"', b'"\\ud800"')), "ok"),
    (lambda s: completion("I'd rather not."), "invalid"), (lambda s: completion("{}", choices=[]), "invalid"),
    (lambda s: completion(label(s), finish="length"), "truncated"),
    (lambda s: completion(label(s), finish="content_filter"), "refused"),
    (lambda s: completion(label(s, dimensions=["praise"], strength="weak")), "invalid"),
]  # fmt: skip


def test_bad_answers_are_outcomes_and_are_not_asked_again(asked, run):
    with near(lambda body, number: BAD[(number - 1) % len(BAD)][0](sentence_of(body))) as model:
        proposals = asked(model).proposals
        assert outcomes(run) == dict(Counter([outcome for _, outcome in BAD] * 2))
        assert {"cheaper", "?"} <= set(proposals["model_returned"])
        assert asked(model).asked.calls == 0
        assert len(model.bodies) == N == 2 * len(BAD)


def test_five_failures_in_a_row_end_the_asking_and_the_next_run_looks_for_another_form(asked, run):
    alone = FAST._replace(concurrency=1)
    with serving() as server:
        asked(server, alone._replace(max_requests=1))
        server.answer = lambda b, n: error(413, "too large") if "response_format" in b else good(b, n)
        with pytest.raises(EndpointError, match="5 requests in a row failed; the last error: HTTP 413: too large"):
            asked(server, alone)
        assert len(server.bodies) == 6
        asked(server)
    assert outcomes(run) == {"ok": N}


def test_a_closed_port_and_a_server_without_tls_are_named(asked):
    with serving() as server:
        with pytest.raises(EndpointError, match="ConnectError"):
            asked(server, base_url=server.url.replace("http:", "https:"))
        assert server.bodies == []
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1:\d+: ConnectError"):
        asked(server)


def test_an_endpoint_here_is_asked_past_all_proxies(asked, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving() as server:
        assert asked(server).asked.answered == N
