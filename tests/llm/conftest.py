"""Fixtures: a run to review, a local endpoint, and functions that ask it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asked import FAST, Ended
from fault_server import FaultServer
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.errors import G7TagError
from g7tag.jobs import Review, ReviewPlan
from g7tag.llm import Limits, Price


@pytest.fixture
def planned(folder: Path) -> Callable[..., ReviewPlan]:
    """Plan a review of the folder by a server's model."""

    def plan(server: FaultServer, *, model: str = "m", **selection: Any) -> ReviewPlan:
        endpoint = g7tag.llm.open_endpoint(model, base_url=server.url)
        return jobs.plan_review(folder, endpoint, price=Price(1.0, 2.0), selection=jobs.Selection(**selection))

    return plan


@pytest.fixture
def asked(planned: Callable[..., ReviewPlan]) -> Callable[..., Review]:
    """Review the folder by a server's model, without long waits."""

    def ask(server: FaultServer, limits: Limits = FAST, **selection: Any) -> Review:
        return jobs.review_sentences(planned(server, **selection), limits=limits)

    return ask


@pytest.fixture
def command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Run `g7tag review` on the folder, with short waits."""
    monkeypatch.setattr(
        "g7tag.cli.models.limits_of",
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
