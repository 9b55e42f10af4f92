"""Runs that the tests of tables, pages and files share; none of them is changed."""

import shutil
from pathlib import Path

import pytest
from page_frames import review

import g7tag


@pytest.fixture(scope="session")
def run(invented_run):
    """The run of the invented report."""
    return g7tag.open_run(invented_run)


@pytest.fixture(scope="session")
def reviewed(invented_run, made_once):
    """The invented run with labels of people, an adjudicated label, and decisions; see `review`."""
    return g7tag.open_run(made_once("reviewed-run", lambda path: review(Path(shutil.copytree(invented_run, path)))))


@pytest.fixture(scope="session")
def harbours_run(tmp_path_factory):
    """The run of another codebook, with three dimensions and a tagger trained on few labels."""
    book = g7tag.open_codebook(g7tag.example_path("harbours.toml"))
    corpus = g7tag.corpus.read_corpus([g7tag.example_path("harbours-labelled.csv")], book)
    return g7tag.run_report(
        g7tag.example_path("harbours-report.txt"), codebook=book, model=g7tag.train_tagger(corpus, book),
        output=tmp_path_factory.mktemp("harbours") / "run",
    )  # fmt: skip
