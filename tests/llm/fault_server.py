"""A local endpoint that answers as a test specifies, correctly or with faults."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from g7tag import llm
from g7tag.llm import Limits
from g7tag.llm.client import Call

FAST = Limits(concurrency=4, deadline=5.0, tries=3, first_wait=0.01)
N = 14  # sentences of the invented report that are doubtful or part of a flip


class Reply(NamedTuple):
    """What the server sends: `delay` seconds before, `pause` between single bytes, `drop` in place of all after it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})
    delay: float = 0.0
    pause: float = 0.0
    drop: int | None = None


Answer = Callable[[dict[str, Any], int], Reply]


def sentence_of(body):
    """The sentence that a request asks about."""
    return str(json.loads(body["messages"][1]["content"])["sentence"])


def label(sentence, **changes):
    """A label that keeps all rules: no dimension, quoting the sentence's first three words."""
    fields = {
        "quote": " ".join(sentence.split()[:3]), "reason": "It says so.", "dimensions": [], "strength": "none",
        "act": "done" if changes.get("dimensions") else "background", "exclusion": "", "contradicts": False,
        "confidence": 0.5,
    }  # fmt: skip
    return fields | changes


def completion(content, *, finish="stop", usage="counted", **changes):
    """A chat completion; `content` that is no text is written as JSON."""
    text = content if isinstance(content, str) or content is None else json.dumps(content)
    counted = {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050}
    values = {
        "id": "1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
        "usage": counted if usage == "counted" else usage,
    }  # fmt: skip
    return Reply(json.dumps(values | changes).encode())


def good(body, _):
    """The answer of a model that labels nothing."""
    return completion(label(sentence_of(body)))


def error(status, message="no", *, code="", headers=None):
    """An error as endpoints word it."""
    return Reply(json.dumps({"error": {"message": message, "code": code}}).encode(), status, headers or {})


def on(word, fault, otherwise=good):
    """An endpoint that fails for the sentences with a word."""
    return lambda body, number: fault if word in sentence_of(body) else otherwise(body, number)


def outcomes(run):
    """How many sentences have which outcome; each sentence once."""
    proposals = llm.read_proposals(run.saved.path / "reviews.sqlite")
    assert not proposals["sentence_id"].duplicated().any()
    return dict(Counter(proposals["outcome"]))


class FaultServer(ThreadingHTTPServer):
    """Keeps what it is sent; `most` is the greatest number of requests under way at once."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.bodies = []
        self.headers = []
        self.times = []
        self.lock, self.under_way, self.most = threading.Lock(), 0, 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request, client_address):
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultServer

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.server.times.append(time.monotonic())
            number = len(self.server.bodies)
            self.server.under_way += 1
            self.server.most = max(self.server.most, self.server.under_way)
        try:
            self._send(self.server.answer(body, number))
        finally:
            with self.server.lock:
                self.server.under_way -= 1

    def _send(self, reply):
        time.sleep(reply.delay)
        if reply.drop == 0:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        for at in range(0, len(reply.body), 1 if reply.pause else len(reply.body)):
            self.wfile.write(reply.body[at : at + 1] if reply.pause else reply.body[: reply.drop])
            time.sleep(reply.pause)
        if reply.drop is not None:
            self.close_connection = True

    def log_message(self, *words):
        """Say nothing."""


@contextmanager
def serving(answer=good):
    """A server that runs until the end of the block."""
    with FaultServer(answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class NearModel:
    """A model that answers in this process, for tests of what is asked and judged, not of how it is sent."""

    url = "http://127.0.0.1:9/v1"

    def __init__(self, answer):
        self.answer = answer
        self.bodies = []

    async def call(self, body):
        """Answer a request at once."""
        self.bodies.append(body)
        reply = self.answer(body, len(self.bodies))
        assert (reply.status, reply.drop) == (200, None), "a NearModel has no faults of HTTP: use `serving`"
        return Call("answered", raw=reply.body.decode(), status=reply.status)


@contextmanager
def near(answer=good):
    """A model to which g7tag connects without HTTP until the end of the block, whatever endpoint it opens."""
    model = NearModel(answer)

    @asynccontextmanager
    async def connected(*_, **settings):
        yield model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("g7tag.llm.client.connected", connected)
        yield model
