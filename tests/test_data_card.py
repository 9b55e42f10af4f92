"""The data card's counts, sizes and plot match the corpus."""

import re
from pathlib import Path

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.corpus import bundled_corpus
from g7tag.corpus.datapackage import label_counts

DATA = Path(__file__).parents[1] / "data"
CARD = (DATA / "README.md").read_text(encoding="utf-8")
PATHS = {path.name: path for path in bundled_corpus()}
SHOWN = [("apulia-2024.csv", "part")]
SHOWN += [
    (name, by)
    for name in ("earlier-actions.csv", "public-pages.csv")
    for by in ("part", "member", "year", "source_type")
]


def corpus(name: str) -> pd.DataFrame:
    table = pd.read_csv(PATHS[name], dtype="str", keep_default_na=False)
    return table.assign(year=table["date"].str[:4])


@pytest.mark.parametrize(("name", "by"), SHOWN)
def test_counts_are_those_of_the_file(name: str, by: str, codebook: Codebook) -> None:
    for row in label_counts(corpus(name), codebook, by).astype("str").to_numpy():
        assert f"| {' | '.join(row)} |" in CARD


@pytest.mark.parametrize("name", PATHS)
def test_sizes_and_disagreements_are_those_of_the_file(name: str) -> None:
    table = corpus(name)
    line = next(line for line in CARD.splitlines() if f"corpus/{name}`" in line)
    assert re.search(rf"{len(table):,} .*sentences in {table['item_id'].nunique():,} ", line)
    differ = (table["note"] != "").sum()
    words = {"apulia-2024.csv": "sentences of the chapter", "earlier-actions.csv": "of the earlier actions"}
    words["public-pages.csv"] = "of the public pages"
    assert f"{differ} {words[name]}" in CARD


def test_the_plot_is_of_the_dev_parts_as_they_are() -> None:
    assert "](learning-curve.svg)" in CARD
    drawn = (DATA / "learning-curve.svg").read_text(encoding="utf-8")
    for name in PATHS:
        dev = corpus(name).query("part == 'dev'")
        assert f"Tested on {name}" in drawn
        assert f"{len(dev)} sentences in {dev['item_id'].nunique()} items" in drawn
