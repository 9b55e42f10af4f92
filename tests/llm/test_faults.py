"""A faulty endpoint: the result of each fault, how many calls it costs, and that nothing is lost or asked twice."""

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from fault_server import FAST, N, Reply, error, good, on, outcomes, sentence_of, serving

from g7tag.errors import EndpointError
from g7tag.jobs import Review

HTML = b"<!doctype html><html><body>Sign in</body></html>"
ZIPPED = gzip.compress(b" " * 30_000_000, 1)
NEVER = [  # a fault, the calls after which the endpoint is left, and what is said of it
    (error(401, "bad key"), 1, "HTTP 401: bad key"),
    (error(400, "cannot"), 6, "HTTP 400: cannot"),  # two requests, each way to ask for the form
    (error(500), 2 + 2 + 3, "HTTP 500"),  # two tries for each way, the last has them all
    (error(429), 6, "HTTP 429"),  # twice the tries where it is asked too much
    (Reply(drop=0), 3, "Server disconnected without sending a response"),
]
SLOW = [
    (error(429, "pay first", code="insufficient_quota"), 1, "HTTP 429: pay first"),
    (error(429, headers={"Retry-After": "600"}), 1, "the endpoint asks to wait 600 s"),
    (Reply(b"", 307, {"Location": "https://elsewhere.example/v1"}), 1, "HTTP 307: the endpoint redirects"),
    (Reply(HTML, 200, {"Content-Type": "text/html"}), 3, "HTTP 200 without a completion: <!doctype html>"),
    (Reply(b" " * 5_000_000), 6, "the answer is longer than 1,000,000 bytes"),
    (Reply(ZIPPED, headers={"Content-Encoding": "gzip"}), 6, "answer is compressed"),
]
NIGHTLY = [
    (error(402), 1, "HTTP 402"),
    (error(403), 1, "HTTP 403"),
    (error(404, "no such model"), 1, "HTTP 404: no such model"),
    (error(400, "unknown model", code="model_not_found"), 1, "HTTP 400: unknown model"),
    (Reply(b"", 302, {"Location": "https://elsewhere.example/v1"}), 1, "HTTP 302: the endpoint redirects"),
    (error(422), 6, "HTTP 422"),
    (error(502), 7, "HTTP 502"),
    (error(503), 7, "HTTP 503"),
    (error(529), 7, "HTTP 529"),
    (error(408), 3, "HTTP 408"),
    (error(409), 3, "HTTP 409"),
    (error(429)._replace(headers={"Content-Encoding": "gzip", "Retry-After": "600"}), 1, "asks to wait 600 s"),
    (error(400)._replace(headers={"Content-Type": "application/json; charset=undefined"}), 3, "undefined encoding"),
    (error(429, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:00 +99999999999999999999"}), 6, "HTTP 429"),
    (Reply(b"", 200), 3, "HTTP 200 without a completion"),
    (Reply(b'{"error": {"message": "overloaded"}}'), 3, "HTTP 200 without a completion: overloaded"),
    (Reply(b"[1, 2]"), 3, "HTTP 200 without a completion"),
    (Reply(b"\xff\xfe"), 3, "HTTP 200 without a completion"),
    (Reply(b"x" * 500, drop=20), 3, "peer closed connection without sending complete message body"),
]


@pytest.mark.parametrize(
    ("fault", "calls", "said"),
    [
        *NEVER,
        *(pytest.param(*each, marks=pytest.mark.slow) for each in SLOW),
        *(pytest.param(*each, marks=pytest.mark.nightly) for each in NIGHTLY),
    ],
    ids=[said[:40] for _, _, said in NEVER + SLOW + NIGHTLY],
)
def test_an_endpoint_that_never_answers_is_left_after_a_few_calls(
    asked: Callable[..., Review], tmp_path: Path, fault: Reply, calls: int, said: str
) -> None:
    with serving(lambda body, number: fault) as server:
        with pytest.raises(EndpointError) as caught:
            asked(server)
        assert len(server.bodies) == calls
        assert said in str(caught.value)
        assert f"0 answers are kept, {N} requests have no answer" in str(caught.value)
        assert outcomes(tmp_path / "run")["waiting"] >= N - 1
        server.answer = good  # it is mended: all is asked, none of it twice
        assert asked(server).asked.answered == N
        assert len(server.bodies) == calls + N
    assert outcomes(tmp_path / "run") == {"ok": N}


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        (error(413), 1),
        pytest.param(error(500), 3, marks=pytest.mark.slow),
        pytest.param(Reply(drop=0), 3, marks=pytest.mark.slow),
        pytest.param(error(409), 3, marks=pytest.mark.nightly),
        pytest.param(error(400, "too long"), 1, marks=pytest.mark.nightly),
        pytest.param(Reply(HTML), 3, marks=pytest.mark.nightly),
        pytest.param(Reply(b"{}" * 1_000_000), 1, marks=pytest.mark.nightly),
        pytest.param(Reply(delay=4.0), 3, marks=pytest.mark.slow),
        pytest.param(Reply(json.dumps({"choices": []}).encode(), pause=0.3), 3, marks=pytest.mark.nightly),
    ],
    ids=["413", "500", "drop", "409", "400", "html", "large", "hang", "trickle"],
)
def test_a_request_that_fails_alone_is_asked_again_alone(
    asked: Callable[..., Review], tmp_path: Path, fault: Reply, calls: int
) -> None:
    short = FAST._replace(deadline=1.5)
    with serving(on("freezer", fault)) as server:
        done = asked(server, short)
        assert (done.asked.answered, done.asked.failed, len(server.bodies)) == (N - 1, 1, N - 1 + calls)
        server.answer = on("freezer", error(413, "second"))
        failed = asked(server, short).proposals.set_index("outcome").loc["failed"]
        assert failed["problem"] == "HTTP 413: second"  # the last failure is the one that is shown
        server.answer = good
        asked(server, short)
        assert len(server.bodies) == N + calls + 1
        assert "freezer" in sentence_of(server.bodies[-1])
        assert outcomes(tmp_path / "run") == {"ok": N}
        assert asked(server, short).asked.calls == 0  # a finished job asks nothing


@pytest.mark.slow
@pytest.mark.parametrize("wait", ["1.5", "1500ms", "date"])
def test_all_wait_as_long_as_the_endpoint_asks(asked: Callable[..., Review], wait: str) -> None:
    told: list[float] = []

    def limited(body: dict[str, Any], number: int) -> Reply:
        if number != 4:
            return good(body, number)
        told.append(time.monotonic())
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
        headers = {"1.5": {"Retry-After": "1.5"}, "1500ms": {"retry-after-ms": "1500"}, "date": {"Retry-After": later}}
        return error(429, headers=headers[wait])

    with serving(limited) as server:
        done = asked(server)
        assert (done.asked.answered, len(server.bodies)) == (N, N + 1)
        least = 1.9 if wait == "date" else 1.5  # dates are of whole seconds
        assert not [at for at in server.times if told[0] + 0.7 < at < told[0] + least]


@pytest.mark.slow
@pytest.mark.parametrize("wait", ["-5", "soon", "nan"])
def test_a_wait_that_says_nothing_is_our_own(asked: Callable[..., Review], wait: str) -> None:
    with serving(lambda b, n: error(429, headers={"Retry-After": wait}) if n == 2 else good(b, n)) as server:
        began = time.monotonic()
        assert asked(server).asked.answered == N
        assert time.monotonic() - began < 5
        assert len(server.bodies) == N + 1


def test_five_failures_in_a_row_end_the_asking(asked: Callable[..., Review]) -> None:
    with serving(lambda b, n: good(b, n) if n == 1 else error(413, "too large")) as server:
        with pytest.raises(EndpointError, match="5 requests in a row failed; the last error: HTTP 413: too large"):
            asked(server, FAST._replace(concurrency=1))
        assert len(server.bodies) == 6


def test_a_closed_port_and_a_server_without_tls_are_named(asked: Callable[..., Review]) -> None:
    with serving() as server:
        with pytest.raises(EndpointError, match="ConnectError"):
            asked(server, base_url=server.url.replace("http:", "https:"))
        assert server.bodies == []
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1:\d+: ConnectError"):
        asked(server)


def test_an_endpoint_here_is_asked_past_all_proxies(
    asked: Callable[..., Review], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving() as server:
        assert asked(server).asked.answered == N
