"""The model card matches the stored evaluation, and the evaluation matches the corpus of the bundled tagger."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.evaluation import find_peers
from g7tag.evaluation.evaluate import SCHEMES
from g7tag.evaluation.measures import dimension_columns, overall
from g7tag.evaluation.peers import G7TAG
from g7tag.evaluation.quality import item_counts, macro_f1

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / "data" / "models"
CARD = (DATA / "README.md").read_text(encoding="utf-8")
EVALUATION = json.loads((DATA / "2024-apulia-19.evaluation.json").read_text(encoding="utf-8"))
CHAPTER, EARLIER = "apulia-2024.csv", "earlier-actions.csv"
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


def test_what_it_reaches_is_what_was_measured() -> None:
    """The figures in the card's text are from the same evaluation as its tables."""
    taggers, routing, calibration, confusion = (
        pd.DataFrame(EVALUATION[name]).set_index(["scheme", "tested_on"]).sort_index()
        for name in ("taggers", "routing", "calibration", "confusion")
    )
    ours = taggers[taggers["tagger"] == G7TAG]
    fixed = routing.loc[routing["replaced"] == 0.25, "most_doubtful"]
    member, file, test = ((scheme, CHAPTER) for scheme in SCHEMES)
    f1, strength = ours["macro_f1"].map("{:.2f}".format), ours["strength"].map("{:.2f}".format)
    within = {name: int(calibration.loc[(SCHEMES[0], name), "calibrated"].sum()) for name in (CHAPTER, EARLIER)}
    wrong = confusion[(confusion["of"] == "dimension") & (confusion["truth"] != confusion["found"])]
    added = wrong.loc[wrong["truth"] == "none", "n"].groupby(level=[0, 1]).sum()
    whole = wrong["n"].groupby(level=[0, 1]).sum()
    other = (SCHEMES[0], EARLIER)
    for text in (
        f"members left out | {f1[member]} |",
        f"| chapter {f1[file]}, earlier actions {f1[SCHEMES[1], EARLIER]} |",
        f"| chapter {strength[member]}; {strength[file]} |",
        f"chapter {fixed[member]:.2f}, its test part {fixed[test]:.2f}, earlier actions {fixed[other]:.2f} |",
        f"chapter {within[CHAPTER]} of 7, earlier actions {within[EARLIER]} of 7",
        f"({added[member]} of {whole[member]} in the chapter, {added[other]} of {whole[other]} in the earlier actions",
    ):
        assert text in CARD


def test_the_coders_reach_what_the_card_says(codebook: Codebook) -> None:
    reached = []
    for path in bundled_corpus():
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        first, second = (dimension_columns(table[f"c{coder}_dimensions"], codebook) for coder in (1, 2))
        reached.append(macro_f1(item_counts(first, second, table["item_id"].tolist())[None]).value)
    assert "macro-F1 of {:.2f} against each other on the chapter and {:.2f} on the earlier".format(*reached) in CARD


def test_the_evaluation_is_of_the_shipped_models_corpus_and_codebook() -> None:
    about = json.loads((DATA / "2024-apulia-19.skops.json").read_text(encoding="utf-8"))["about"]
    assert EVALUATION["about"] == {key: value for key, value in about.items() if key != "corpus"}, MEASURE
    assert {row["tagger"] for row in EVALUATION["taggers"]} >= {"static vectors", "MiniLM vectors"}
