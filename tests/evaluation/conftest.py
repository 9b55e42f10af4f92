"""Invented sentences with acts and parts."""

import numpy as np
import pandas as pd
import pytest

from g7tag.corpus import read_corpus
from g7tag.store import data_path


@pytest.fixture(scope="session")
def corpus(harbours):
    """The 37 invented sentences, two or one to an item, half of them to train on, with acts."""
    rows = read_corpus([data_path("examples/harbours-labelled.csv")], harbours)
    number, strength = pd.Series(range(len(rows))), rows["strength"]
    item = number // 3 * 2 + number % 3 // 2
    acts = np.select([strength == "weak", strength == "none"], ["planned", "background"], "done")
    return rows.assign(item_id="i" + item.astype("str"), part=np.where(item % 2, "train", "dev"), act=acts)
