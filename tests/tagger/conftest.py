"""Taggers of an invented commitment: one without labels, and one trained on some sentences; and its codebook."""

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import STANDARD_ACTS, Category, load_codebook
from g7tag.corpus import read_corpus
from g7tag.corpus.reading import OPTIONAL, REQUIRED
from g7tag.store import data_path
from g7tag.tagger import training
from g7tag.tagger.training import train_tagger, train_with_report

CUES = {"planned": ["will", "plan*"], "not_done": ["did not"], "reversed": ["repeal*"]}
TOYS = Category(key="toys", label="Toys", definition="Toys: models of ships and harbours, and games of children.")
TOYS_LABELLED = ["A shop sold toy harbours to children.", "Children played with models of ships."]


@pytest.fixture(scope="session")
def book():
    """The codebook of harbours, with an exclusion, and cues of acts."""
    acts = [act.model_copy(update={"cues": {"words": CUES.get(act.key, [])}}) for act in STANDARD_ACTS]
    harbours = load_codebook(data_path("examples/harbours.toml"))
    return harbours.model_copy(update={"acts": acts, "exclusions": [TOYS]})


@pytest.fixture(scope="session")
def labelled(book):
    """The 37 labelled sentences of harbours and two of toys, each its own item, with acts that follow from strength."""
    rows = read_corpus([data_path("examples/harbours-labelled.csv")], book)
    toys = rows.tail(2).assign(text=TOYS_LABELLED, sentence_id=["T1", "T2"], item_id=["T1", "T2"], exclusion="toys")
    rows = pd.concat([rows, toys], ignore_index=True)
    strength = rows["strength"]
    return rows.assign(act=np.select([strength == "weak", strength == "none"], ["planned", "background"], "done"))


@pytest.fixture(scope="session")
def nothing():
    return pd.DataFrame(columns=[*REQUIRED, *OPTIONAL, "file"], dtype="str")


@pytest.fixture(scope="session")
def start(nothing, book):
    """A tagger without any label."""
    return train_tagger(nothing, book)


@pytest.fixture(scope="session")
def report(labelled, book):
    """A tagger trained on the labelled sentences, with a fast one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "LEAST_FAST", len(labelled))
        return train_with_report(labelled, book)


@pytest.fixture(scope="session")
def small(report):
    return report.tagger


@pytest.fixture(scope="session")
def fast(small):
    assert small.fast is not None
    return small.fast
