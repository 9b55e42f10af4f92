"""Taggers: the bundled one, a small one trained on invented sentences, and one for few labels; sentences to tag."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.store import data_path
from g7tag.tagger import Tagger, default_model, load_tagger, save_tagger, train_tagger


@pytest.fixture(scope="session")
def tagger(codebook: Codebook) -> Tagger:
    return load_tagger(default_model(codebook), codebook)


@pytest.fixture(scope="session")
def corpus(codebook: Codebook) -> pd.DataFrame:
    return read_corpus(bundled_corpus(), codebook)


@pytest.fixture(scope="session")
def alone(harbours: Codebook) -> Codebook:
    """The invented codebook; it borrows nothing."""
    return harbours.model_copy(update={"borrows": []})


@pytest.fixture(scope="session")
def labelled(harbours: Codebook) -> pd.DataFrame:
    """The 37 invented sentences, each its own item, with acts that follow from the strength."""
    rows = read_corpus([data_path("examples/harbours-labelled.csv")], harbours)
    strength = rows["strength"]
    return rows.assign(act=np.select([strength == "weak", strength == "none"], ["planned", "background"], "done"))


@pytest.fixture(scope="session")
def small(labelled: pd.DataFrame, alone: Codebook) -> Tagger:
    """A tagger trained on the invented sentences."""
    return train_tagger(labelled, alone)


@pytest.fixture(scope="module")
def few(made_once, labelled: pd.DataFrame, harbours: Codebook, small_lenders: None) -> Tagger:  # type: ignore[no-untyped-def]
    """A tagger for few labels, trained on the invented sentences, saved and loaded."""

    def make(folder: Path) -> None:
        folder.mkdir()
        save_tagger(train_tagger(labelled, harbours), folder / "m.skops")

    return load_tagger(made_once("few-labels", make) / "m.skops", harbours)
