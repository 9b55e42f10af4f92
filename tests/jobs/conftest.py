"""Fixtures of the tests of jobs: a run with a person's labels, scored once."""

import shutil
from pathlib import Path

import pytest
from people import AT, record

import g7tag


@pytest.fixture(scope="session")
def decided_run(invented_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented run scored with Ada's 13 decisions, which make Canada's score +1 instead of 0; not to be changed."""
    path = shutil.copytree(invented_run, tmp_path_factory.mktemp("decided") / "run")
    record(path, g7tag.example_path("invented-decisions.csv"), "Ada", at=AT)
    g7tag.Run.at(path).rescore()
    return path


@pytest.fixture
def decided(decided_run: Path, tmp_path: Path) -> Path:
    """A copy of it for a test of its own."""
    return shutil.copytree(decided_run, tmp_path / "decided")
