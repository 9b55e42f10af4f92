"""The data card's counts, sizes and plot match the corpus."""

import json
import re
import runpy
from pathlib import Path

import pandas as pd
import pytest

from g7tag.codebook import load_codebook
from g7tag.corpus import bundled_corpus
from g7tag.corpus.datapackage import label_counts
from g7tag.store import data_path

DATA = Path(__file__).parents[1] / "data"
CARD = (DATA / "README.md").read_text(encoding="utf-8")
BOOKS = {path.stem: load_codebook(path) for path in sorted(data_path("codebooks").glob("*.toml"))}
PATHS = {path.name: path for book in BOOKS for path in bundled_corpus(book)}
FIRST = [path.name for path in bundled_corpus()]
SHOWN = [("apulia-2024.csv", "part")]
SHOWN += [(name, by) for name in ("food-security.csv", "border-management.csv") for by in ("part", "member")]
SHOWN += [
    (name, by)
    for name in ("earlier-actions.csv", "public-pages.csv")
    for by in ("part", "member", "year", "source_type")
]


def corpus(name: str) -> pd.DataFrame:
    table = pd.read_csv(PATHS[name], dtype="str", keep_default_na=False)
    return table.assign(year=table["date"].str[:4])


@pytest.mark.parametrize(("name", "by"), SHOWN)
def test_counts_are_those_of_the_file(name: str, by: str) -> None:
    book = BOOKS[PATHS[name].parent.name]
    for row in label_counts(corpus(name), book, by).astype("str").to_numpy():
        assert f"| {' | '.join(row)} |" in CARD


@pytest.mark.parametrize("name", PATHS)
def test_sizes_and_disagreements_are_those_of_the_file(name: str) -> None:
    table = corpus(name)
    line = next(line for line in CARD.splitlines() if f"corpus/{PATHS[name].parent.name}/{name}`" in line)
    assert re.search(rf"{len(table):,} .*sentences in {table['item_id'].nunique():,} ", line)
    if name not in FIRST:
        return
    differ = (table["note"] != "").sum()
    words = {"apulia-2024.csv": "sentences of the chapter", "earlier-actions.csv": "of the earlier actions"}
    words["public-pages.csv"] = "of the public pages"
    assert f"{differ} {words[name]}" in CARD


def test_the_plot_is_of_the_dev_parts_as_they_are() -> None:
    assert "](learning-curve.svg)" in CARD
    drawn = (DATA / "learning-curve.svg").read_text(encoding="utf-8")
    for name in FIRST:
        dev = corpus(name).query("part == 'dev'")
        assert f"Tested on {name}" in drawn
        assert f"{len(dev)} sentences in {dev['item_id'].nunique()} items" in drawn


@pytest.mark.parametrize("codebook_id", ["2024-apulia-09", "2024-apulia-18"])
def test_the_curves_are_the_stored_ones(codebook_id: str) -> None:
    with_curves = runpy.run_path(str(Path(__file__).with_name("make_model_card.py")))["with_curves"]
    assert with_curves(CARD) == CARD, "fill it again: python tests/make_model_card.py"
    stored = json.loads(data_path(f"models/{codebook_id}.learning-curve.json").read_text(encoding="utf-8"))
    rows = pd.DataFrame(stored["learning_curve"])
    (name,) = [name for name, path in PATHS.items() if path.parent.name == codebook_id]
    assert set(rows["n_tested"]) == {(corpus(name)["part"] == "test").sum()}
    ours = rows[rows["tagger"] == "g7tag"]
    for _, row in rows[rows["tagger"] != "g7tag"].iterrows():
        (same,) = ours.loc[ours["n_train"] == row["n_train"], "f1"]
        assert same > row["f1"]
