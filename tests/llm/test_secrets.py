"""The key is read from the environment, sent to one endpoint only, and never written."""

import json
import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import pytest
from fault_server import Reply, completion, error, label, sentence_of, serving

import g7tag
from g7tag.errors import EndpointError

KEY = "sk-sentinel-0123456789"
LONG = "sk-proj-" + "aB3_" * 39


def holds(folder, key):
    """Files below a folder that hold a key."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]


@pytest.mark.slow
def test_the_key_is_sent_and_appears_nowhere(folder, tmp_path):
    with serving(lambda body, n: completion(label(sentence_of(body), reason=f"Your key is {KEY}."))) as server:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("g7tag"), "review", folder, "--model", "m", "--base-url", server.url,
                "--price", "1,2", "--key-variable", "MY_KEY",
            ],
            capture_output=True, text=True, check=False, env=os.environ | {"MY_KEY": KEY, "OPENAI_LOG": "debug"},
        )  # fmt: skip
        assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    assert KEY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert holds(tmp_path, KEY) == []


ESCAPED, SPELLED = "Wrong: sk-abc\\/def-12345", "Wrong: \\u0073k-abc/def-12345"
SAYS_LONG = f"Authentication failed. Incorrect API key provided: {LONG}. Find yours on a page."
ECHOES = [("sk-abc/def-12345", SPELLED, 200), (LONG, SAYS_LONG, 401)]
MORE = [
    (LONG, SAYS_LONG, 200), (LONG, SAYS_LONG, 400), ("sk-abc/def-12345", ESCAPED, 200),
    ("sk-abc/def-12345", ESCAPED, 400), ("sk-abc/def-12345", SPELLED, 401),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "said", "status"), [*ECHOES, *(pytest.param(*each, marks=pytest.mark.slow) for each in MORE)]
)
def test_a_key_that_an_endpoint_says_is_taken_out_however_it_is_spelled(
    tmp_path, asked, monkeypatch, key, said, status
):
    def echo(body, _):
        if status == 200:
            inner = json.dumps(label(sentence_of(body), reason="R")).replace('"R"', f'"{said}"')
            return completion(inner)
        return Reply(f'{{"error": {{"message": "{said}"}}}}'.encode(), status)

    monkeypatch.setenv("MY_KEY", key)
    with serving(echo) as server:
        if status == 200:
            told = asked(server, key_variable="MY_KEY").proposals.to_json()
            assert "[key]" in told
        else:
            with pytest.raises(EndpointError) as caught:
                asked(server, key_variable="MY_KEY")
            told = str(caught.value)
    plain = [told, json.loads(json.dumps(told)), told.replace("\\/", "/")]
    assert not [text for text in plain if key in text or key[:20] in text]
    assert holds(tmp_path, key) == []


@pytest.mark.slow
@pytest.mark.parametrize("key", ["none", "strong"])
def test_a_word_in_place_of_a_key_spoils_no_answer(asked, monkeypatch, key):
    monkeypatch.setenv("MY_KEY", key)
    with serving() as server:
        assert set(asked(server, key_variable="MY_KEY").proposals["outcome"]) == {"ok"}


@pytest.mark.slow
@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "ftp://127.0.0.1"])
def test_a_proxy_that_cannot_be_used_is_named(asked, monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(EndpointError, match=r"endpoint: cannot connect .* Check the proxy variables"):
        asked(SimpleNamespace(url="https://a.invalid/v1"))


def test_no_key_goes_to_an_endpoint_here_that_asks_for_none(asked, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Secret: {KEY}")
    with serving() as server:
        asked(server)
        assert not [headers for headers in server.headers if KEY in str(headers)]
        assert not [name for headers in server.headers for name in headers if name.startswith("openai-")]


def test_a_redirect_is_not_followed_with_the_key_or_the_text(asked):
    with serving() as elsewhere:
        there = {"Location": f"{elsewhere.url}/chat/completions"}
        with (
            serving(lambda body, n: Reply(status=307, headers=there)) as server,
            pytest.raises(EndpointError, match="HTTP 307: the endpoint redirects to another URL; use that one"),
        ):
            asked(server)
        assert elsewhere.bodies == []


def test_neither_logs_nor_traces_nor_representations_hold_the_key(folder, planned, monkeypatch, caplog):
    monkeypatch.setenv("MY_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    with serving(lambda body, n: error(401, f"wrong {KEY}")) as server:
        plan = planned(server, key_variable="MY_KEY")
        assert KEY not in repr(plan) + str(plan.endpoint)
        with pytest.raises(EndpointError) as caught:
            g7tag.open_run(folder).review(plan, limits=g7tag.llm.Limits(tries=1))
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert KEY not in told + caplog.text
    assert plan.prompts[0].sentence not in caplog.text
