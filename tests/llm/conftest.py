"""Fixtures: the plan of a review, which is made once, and functions that let an endpoint answer it."""

from typing import NamedTuple

import pytest
from fault_server import FAST
from typer.testing import CliRunner

import g7tag
from g7tag.cli import app
from g7tag.errors import G7TagError
from g7tag.llm import Price


class Ended(NamedTuple):
    """Exit code, stdout and all that was said on stderr."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    """No key or endpoint of the machine is used."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def plan(invented_run):
    """The plan of a review of the invented report: the sentences that are doubtful or part of a flip."""
    endpoint = g7tag.llm.open_endpoint("m", base_url="http://127.0.0.1:9/v1")
    return g7tag.open_run(invented_run).plan_review(endpoint, price=Price(1.0, 2.0))


@pytest.fixture
def run(tmp_path):
    """A run directory that has nothing but what models say."""
    (tmp_path / "asked").mkdir()
    return g7tag.Run.at(tmp_path / "asked", g7tag.open_codebook())


@pytest.fixture
def planned(plan):
    """Let a server's model answer the plan."""

    def direct(server, **endpoint):
        return plan._replace(endpoint=g7tag.llm.open_endpoint(**{"model": "m", "base_url": server.url} | endpoint))

    return direct


@pytest.fixture
def asked(run, planned):
    """Review with a server's model, without long waits."""

    def ask(server, limits=FAST, **endpoint):
        return run.review(planned(server, **endpoint), limits=limits)

    return ask


@pytest.fixture
def command(folder, monkeypatch):
    """Run `g7tag review` on a run directory, with short waits."""
    monkeypatch.setattr(
        "g7tag.cli.models.limits_of",
        lambda cost, calls, at_once, seconds: FAST._replace(
            max_cost=cost, max_requests=calls, concurrency=at_once, deadline=seconds
        ),
    )

    def review(*words, server=None):
        given = ["--model", "m", "--base-url", server.url, "--price", "1,2"] if server else []
        result = CliRunner().invoke(app, ["review", str(folder), *given, *map(str, words)])
        if isinstance(result.exception, G7TagError):
            return Ended(result.exception.exit_code, result.stdout, f"{result.stderr}{result.exception}")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return review
