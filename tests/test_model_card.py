"""The model card's tables are those of the stored evaluation, and that is of the shipped model's corpus."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from g7tag.codebook import Codebook
from g7tag.tagging import bundled_corpus, find_peers, read_corpus
from g7tag.tagging.measures import overall
from g7tag.tagging.peers import G7TAG

DATA = Path(__file__).parents[1] / "data" / "models"
CARD = (DATA / "README.md").read_text(encoding="utf-8")
EVALUATION = json.loads((DATA / "2024-apulia-19.evaluation.json").read_text(encoding="utf-8"))
MEASURE = "g7tag evaluate --test-part --json > data/models/2024-apulia-19.evaluation.json"


@pytest.fixture(scope="module")
def filled() -> Callable[[str, dict[str, Any]], str]:
    script = Path(__file__).with_name("make_model_card.py")
    fill: Callable[[str, dict[str, Any]], str] = runpy.run_path(str(script))["filled"]
    return fill


def test_the_tables_are_those_of_the_evaluation(filled: Callable[[str, dict[str, Any]], str]) -> None:
    assert filled(CARD, EVALUATION) == CARD, "python tests/make_model_card.py"
    assert CARD.count("<!-- table ") == CARD.count("<!-- end -->") == 11


def test_a_table_shows_the_value_and_its_interval(filled: Callable[[str, dict[str, Any]], str]) -> None:
    row = {"scheme": "test part", "tested_on": "a.csv", "f1": 0.5, "f1_low": 0.25, "f1_high": 0.75, "reason": ""}
    others = {"scheme": "test part", "tested_on": "all files", "f1": 0.5}
    card = "<!-- table labels, all: test part -->\nold\n<!-- end -->\n"
    new = filled(card, {"labels": [row, others]})
    assert "| tested_on | f1 |\n| --- | --- |\n| a | 0.50 [0.25, 0.75] |\n" in new
    assert "old" not in new
    assert filled(new, {"labels": [row, others]}) == new


def test_the_test_part_measures_now_as_it_is_stored(codebook: Codebook) -> None:
    corpus = read_corpus(bundled_corpus(), codebook)
    held, rest = corpus[corpus["part"] == "test"], corpus[corpus["part"] != "test"]
    stored = next(
        row
        for row in EVALUATION["taggers"]
        if (row["scheme"], row["tested_on"], row["tagger"]) == ("test part", "all files", G7TAG)
    )
    now = overall(held, find_peers().taggers[G7TAG](rest, held, codebook), codebook).iloc[0]
    for name in ("n", "macro_f1", "brier", "strength", "dimensions"):
        assert now[name] == pytest.approx(stored[name], abs=0.005), MEASURE


def test_the_evaluation_is_of_the_shipped_models_corpus_and_codebook() -> None:
    about = json.loads((DATA / "2024-apulia-19.skops.json").read_text(encoding="utf-8"))["about"]
    assert EVALUATION["about"] == {key: value for key, value in about.items() if key != "corpus"}, MEASURE
    assert {row["tagger"] for row in EVALUATION["taggers"]} >= {"static vectors", "MiniLM vectors"}
