"""Fixtures of the tests of jobs: a run with a person's labels, scored once, and a check of pages."""

import shutil
from pathlib import Path

import pytest
from people import AT, record

import g7tag


@pytest.fixture(scope="session")
def decided_run(invented_run, made_once):
    """The invented run scored with Ada's 13 decisions, which make Canada's score +1 instead of 0; not to be changed."""

    def decide(path):
        shutil.copytree(invented_run, path)
        record(path, g7tag.example_path("invented-decisions.csv"), "Ada", at=AT)
        g7tag.Run.at(path).rescore()

    return made_once("decided-run", decide)


@pytest.fixture
def decided(decided_run, tmp_path):
    """A copy of it for a test of its own."""
    return shutil.copytree(decided_run, tmp_path / "decided")


@pytest.fixture
def require_fits(browser):
    """Require that a page fits a screen of a width, that its script is allowed, and that axe finds no violation."""

    def check(file: Path, width: int) -> None:
        page = browser.new_page(viewport={"width": width, "height": 900})
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert problems == []
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        assert [each["id"] for each in axe.run(page).response["violations"]] == []
        page.close()

    return check
