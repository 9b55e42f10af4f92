"""Invented sentences with acts and parts, and the same taggers to compare with, regardless of installed packages."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.corpus import read_corpus
from g7tag.evaluation import peers
from g7tag.store import data_path


@pytest.fixture(scope="module")
def no_vectors() -> Iterator[None]:
    """Use the same peers regardless of installed packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "VECTORS", {})
        yield


@pytest.fixture(scope="session")
def alone(harbours: Codebook) -> Codebook:
    """The invented codebook; it borrows nothing."""
    return harbours.model_copy(update={"borrows": []})


@pytest.fixture(scope="session")
def corpus(harbours: Codebook) -> pd.DataFrame:
    """The 37 invented sentences, two or one to an item, half of them to train on, with acts."""
    rows = read_corpus([data_path("examples/harbours-labelled.csv")], harbours)
    numbers, strength = pd.Series(range(len(rows))), rows["strength"]
    items = "i" + (numbers // 3 * 2 + numbers % 3 // 2).astype("str")
    return rows.assign(
        item_id=items, part=["train" if int(item[1:]) % 2 else "dev" for item in items],
        act=np.select([strength == "weak", strength == "none"], ["planned", "background"], "done"),
    )  # fmt: skip
