"""The key is read from the environment, sent to one endpoint only, and never written."""

import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_server import Reply, completion, error, label, sentence_of, serving

import g7tag
from g7tag import jobs, llm
from g7tag.errors import EndpointError
from g7tag.llm import Limits

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")
KEY = "sk-sentinel-0123456789"
FAST = Limits(concurrency=2, deadline=5.0, tries=2, first_wait=0.01)


def holds_key(folder: Path) -> list[str]:
    """Files below a folder that hold the key."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]


@pytest.mark.parametrize(
    "answer",
    [
        lambda body, n: completion(label(sentence_of(body), reason=f"Your key is {KEY}.")),
        lambda body, n: error(401, f"Incorrect key {KEY}."),
        lambda body, n: error(400, f"Incorrect key {KEY}."),
        lambda body, n: Reply(f"<html>{KEY}</html>".encode()),
    ],
    ids=["said by the model", "401", "400", "200"],
)
def test_the_key_is_sent_and_appears_nowhere(folder: Path, tmp_path: Path, answer: Callable[..., Reply]) -> None:
    with serving(answer) as server:
        done = subprocess.run(
            [
                G7TAG, "review", folder, "--model", "m", "--base-url", server.url, "--price", "1,2",
                "--key-variable", "MY_KEY",
            ],
            capture_output=True, text=True, check=False, env=os.environ | {"MY_KEY": KEY, "OPENAI_LOG": "debug"},
        )  # fmt: skip
        assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    assert KEY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert holds_key(tmp_path) == []


LONG = "sk-proj-" + "aB3_" * 39


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (LONG, f"Authentication failed. Incorrect API key provided: {LONG}. Find yours on a page."),
        ("sk-abc/def-12345", "Wrong: sk-abc\\/def-12345"),
        ("sk-abc/def-12345", "Wrong: \\u0073k-abc/def-12345"),
    ],
    ids=["long", "escaped", "spelled"],
)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_key_that_is_long_or_spelled_otherwise_is_taken_out_too(
    folder: Path, tmp_path: Path, planned: Callable[..., Any], monkeypatch: pytest.MonkeyPatch,
    key: str, said: str, status: int,
) -> None:  # fmt: skip
    def echo(body: dict[str, Any], _: int) -> Reply:
        if status == 200:
            inner = json.dumps(label(sentence_of(body), reason="R")).replace('"R"', f'"{said}"')
            return completion(inner)
        return Reply(f'{{"error": {{"message": "{said}"}}}}'.encode(), status)

    monkeypatch.setenv("MY_KEY", key)
    with serving(echo) as server:
        endpoint = g7tag.llm.open_endpoint("m", base_url=server.url, key_variable="MY_KEY")
        plan = planned(server)._replace(endpoint=endpoint)
        if status == 200:
            jobs.review_sentences(plan, limits=FAST)
            told = (
                llm.read_proposals(folder / "reviews.sqlite").to_json() + jobs.score_run(folder).annotations.to_json()
            )
            assert "[key]" in told
        else:
            with pytest.raises(EndpointError) as caught:
                jobs.review_sentences(plan, limits=FAST)
            told = str(caught.value)
    plain = [told, json.loads(json.dumps(told)), told.replace("\\/", "/")]
    assert not [text for text in plain if key in text or key[:20] in text]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]


@pytest.mark.parametrize("key", ["none", "0", "strong"])
def test_a_word_in_place_of_a_key_spoils_no_answer(
    planned: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("MY_KEY", key)
    with serving() as server:
        endpoint = g7tag.llm.open_endpoint("m", base_url=server.url, key_variable="MY_KEY")
        done = jobs.review_sentences(planned(server)._replace(endpoint=endpoint), limits=FAST)
    assert set(done.proposals["outcome"]) == {"ok"}


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "ftp://127.0.0.1"])
def test_a_proxy_that_cannot_be_used_is_named(
    planned: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving() as server:
        plan = planned(server)._replace(endpoint=g7tag.llm.open_endpoint("m", base_url="https://a.invalid/v1"))
    with pytest.raises(EndpointError, match=r"endpoint: cannot connect .* Check the proxy variables"):
        jobs.review_sentences(plan, limits=FAST)


def test_no_key_goes_to_an_endpoint_here_that_asks_for_none(
    asked: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Secret: {KEY}")
    with serving() as server:
        asked(server)
        assert not [headers for headers in server.headers if KEY in str(headers)]
        assert not [name for headers in server.headers for name in headers if name.startswith("openai-")]


def test_a_redirect_is_not_followed_with_the_key_or_the_text(
    asked: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as elsewhere:
        with (
            serving(
                lambda body, n: Reply(status=307, headers={"Location": f"{elsewhere.url}/chat/completions"})
            ) as server,
            pytest.raises(EndpointError, match="HTTP 307: the endpoint redirects to another URL; use that one"),
        ):
            asked(server)
        assert elsewhere.bodies == []


def test_neither_logs_nor_traces_nor_representations_hold_the_key(
    planned: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    with serving(lambda body, n: error(401, f"wrong {KEY}")) as server:
        plan = planned(server)
        plan = plan._replace(endpoint=g7tag.llm.open_endpoint("m", base_url=server.url, key_variable="MY_KEY"))
        assert KEY not in repr(plan) + str(plan.endpoint) + repr(plan.questions)
        with pytest.raises(EndpointError) as caught:
            jobs.review_sentences(plan, limits=FAST)
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert KEY not in told + caplog.text
    prompt = plan.questions[0].prompt
    assert prompt.sentence not in caplog.text
