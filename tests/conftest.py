"""Fixtures of several tests: the bundled codebook, a run, and the real chapter if this machine has it."""

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

import pytest
from filelock import FileLock

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # before numpy: tests run side by side, a processor each
    os.environ.setdefault(name, "1")

import pandas as pd
from hypothesis import settings

import g7tag
from g7tag.cli import main
from g7tag.codebook import load_codebook
from g7tag.desk.server import DeskServer
from g7tag.evidence import extract_evidence
from g7tag.sources import read_documents
from g7tag.store import MANIFEST, data_path, file_sha256, parquet_bytes
from g7tag.store.run import read_manifest, write_manifest

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.load_profile("same")  # the same examples in every run; `--hypothesis-profile=default` draws others
CHAPTER = Path(__file__).resolve().parents[2] / "shared/reports/2024-apulia-commitment-19.txt"
LONG = ("test_notebooks", "test_trial", "test_evaluate", "test_kills", "test_jupyterlab", "test_steps", "test_layouts")
"""Files that take minutes: they begin first, so that no process is left alone with one at the end."""
SLOW_DOCTESTS = ("g7tag", "g7tag.jobs.reports.run_report", "g7tag.jobs.showing.compare_runs")
"""Examples of public functions that analyse all of the bundled evidence."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("nightly") or item.name in SLOW_DOCTESTS:
            item.add_marker("slow")  # also left out by -m "not slow"
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(scope="session")
def codebook():
    """The codebook that comes with the package."""
    return load_codebook(data_path("codebooks/2024-apulia-19.toml"))


@pytest.fixture(scope="session")
def command():
    """Run the command line in this process, in a folder. Returns exit code, stdout and stderr."""

    def run(*words: object, cwd: Path | str = ".") -> tuple[int, str, str]:
        out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        with chdir(cwd), redirect_stdout(out), redirect_stderr(err), patch("sys.argv", ["g7tag", *map(str, words)]):
            with pytest.raises(SystemExit) as ended:
                main()
            out.flush(), err.flush()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        return ended.value.code, out.buffer.getvalue().decode("utf-8"), err.buffer.getvalue().decode("utf-8")

    return run


@pytest.fixture(autouse=True)
def desk_ends_at_once(monkeypatch):
    """In the process of the tests, the command `desk` serves nothing and ends."""
    monkeypatch.setattr(DeskServer, "serve_forever", lambda _: None)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Return a directory that the first test process to need it makes, for all processes of a test run."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def find(name: str, make: Callable[[Path], object]) -> Path:
        path, begun = shared / name, shared / f"{name}.begun"
        with FileLock(shared / f"{name}.lock"):
            if not path.exists():
                shutil.rmtree(begun, ignore_errors=True)
                make(begun)
                begun.rename(path)
        return path

    return find


@pytest.fixture(scope="session")
def invented_run(made_once):
    """A run directory of the invented report, made with the fast tagger; not to be changed."""
    report = g7tag.example_path("invented-report.txt")
    return made_once("invented-run", lambda path: g7tag.run_report([report], output=path, fast=True))


@pytest.fixture(scope="session")
def panel_runs(made_once, invented_run):
    """A folder with runs of invented chapters on three commitments, made with fast taggers; not to be changed."""

    def make(folder: Path) -> None:
        shutil.copytree(invented_run, folder / "invented")
        for name, codebook in (("border", "2024-apulia-18"), ("food", "2024-apulia-09")):
            report = g7tag.example_path(f"{name}-report.txt")
            g7tag.run_report(report, output=folder / name, codebook=codebook, fast=True)

    return made_once("panel-runs", make)


@pytest.fixture(scope="session")
def bundled_run(made_once):
    """A run directory of the bundled evidence; not to be changed."""
    return made_once("bundled-run", lambda path: g7tag.run_report(output=path))


@pytest.fixture(scope="session")
def chapter_run(made_once, chapter_path):
    """A run directory of the real chapter; not to be changed."""
    return made_once("chapter-run", lambda path: g7tag.run_report([chapter_path], output=path))


@pytest.fixture
def folder(invented_run, tmp_path):
    """A run directory of a test's own."""
    return Path(shutil.copytree(invented_run, tmp_path / "run"))


@pytest.fixture(scope="session")
def replace_frame():
    """Put another frame into a run directory, as if g7tag had written it."""

    def replace(run: Path, name: str, rows: pd.DataFrame) -> None:
        file = run / f"{name}.parquet"
        file.write_bytes(parquet_bytes(rows))
        steps = read_manifest(run / MANIFEST)
        for step in steps.values():
            if name in step["frames"]:
                step["frames"][name]["sha256"] = file_sha256(file)
        write_manifest(run / MANIFEST, steps)

    return replace


@pytest.fixture(scope="session")
def chapter_path():
    """Path of the real chapter; its text is not part of the project."""
    if not CHAPTER.is_file():
        pytest.skip(f"THE REAL CHAPTER IS MISSING: put it at {CHAPTER} to run the tests that read it")
    return CHAPTER


@pytest.fixture(scope="session")
def chapter(chapter_path, codebook):
    """The evidence of the real chapter."""
    return extract_evidence(read_documents([chapter_path]), codebook)


@pytest.fixture(scope="session")
def harbours():
    """The invented codebook of harbours."""
    return load_codebook(data_path("examples/harbours.toml"))


REQUIRED = "G7TAG_BROWSER"
"""Set this variable to make a missing Chromium a failure."""


@pytest.fixture(scope="module")  # its event loop runs as long as it is there: no longer than it is needed
def browser():
    """A headless Chromium, if this machine has one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "CHROMIUM IS MISSING: install it (apt-get install chromium) to run the tests that look at pages"
        if os.environ.get(REQUIRED):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow to import, and few tests need it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
