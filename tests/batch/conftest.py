"""Tables to tag, and tagging with the bundled model."""

import numpy as np
import pandas as pd
import pytest

from g7tag.batch import rows as table_rows
from g7tag.batch import tag_file
from g7tag.corpus import bundled_corpus
from g7tag.tagger import default_model


@pytest.fixture(scope="module")
def table():
    """6,000 sentences in items of one to four, all different."""
    corpus = pd.concat([pd.read_csv(path, dtype="str") for path in bundled_corpus()])
    rng = np.random.default_rng(7)
    texts = rng.choice(corpus["text"], 6_000)
    items = np.repeat(np.arange(6_000), rng.integers(1, 5, 6_000))[:6_000]
    rows = [str(row) for row in range(6_000)]
    return pd.DataFrame(
        {
            "sentence_id": [f"s{row}" for row in rows],
            "item_id": [f"i{item}" for item in items],
            "position": rows,
            "text": [f"{text} {row}" for row, text in zip(rows, texts, strict=True)],
        }
    )


@pytest.fixture(scope="module")
def tag(codebook):
    """Tag a table with the fast tagger: most of these tests are about files, not about tags."""

    def tag(path, output, *, fast=True, **options):
        return tag_file(path, output, codebook, default_model(codebook), fast=fast, **options)

    return tag


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(table_rows, "PARTITION_ROWS", 100)


@pytest.fixture
def met(tmp_path):
    (tmp_path / "in.csv").write_text("text\nThey met.\n")
    return tmp_path / "in.csv"
