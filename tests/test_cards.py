"""The data card and the model card say what the files and the stored evaluation say."""

import json
import random
import re
import runpy
from pathlib import Path

import pandas as pd
import pytest

from g7tag.codebook import load_codebook
from g7tag.corpus import bundled_codebooks, bundled_corpus, read_corpus
from g7tag.evaluation.evaluate import FAST, G7TAG, SCHEMES
from g7tag.evaluation.measures import MACRO_OF_ACTS, compared, item_counts, macro_f1
from g7tag.tagger.training import about_corpus

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
CARD = (DATA / "models/README.md").read_text(encoding="utf-8")
DATA_CARD = (DATA / "README.md").read_text(encoding="utf-8")
EVALUATION = json.loads((DATA / "models/2024-apulia-19.evaluation.json").read_text(encoding="utf-8"))
CHAPTER = "apulia-2024.csv"
FILES = (CHAPTER, "earlier-actions.csv", "public-pages.csv")
MEASURE = "g7tag evaluate --test-part --json > data/models/2024-apulia-19.evaluation.json"
MAKE = runpy.run_path(str(ROOT / "tools/make_cards.py"))


@pytest.mark.slow
def test_tables_and_counts_are_those_of_the_stored_results_and_files():
    for card in (DATA_CARD, CARD):
        assert card.count("<!-- end -->") == 2
        assert MAKE["filled"](card) == card, "python tools/make_cards.py"
    stored = (DATA / "codings/label-counts.csv").read_text(encoding="utf-8")
    assert MAKE["counts"]().to_csv(index=False, lineterminator="\n") == stored, "python tools/make_cards.py"
    words = dict(zip(FILES, ("sentences of the chapter", "of the earlier actions", "of the public pages"), strict=True))
    for codebook_id in bundled_codebooks():
        for path in bundled_corpus(codebook_id):
            table = pd.read_csv(path, dtype="str", keep_default_na=False)
            line = next(line for line in DATA_CARD.splitlines() if f"corpus/{codebook_id}/{path.name}`" in line)
            assert re.search(rf"{len(table):,} .*sentences in {table['item_id'].nunique():,} ", line)
            if path.name in words:
                assert f"{(table['note'] != '').sum()} {words[path.name]}" in DATA_CARD


def require_rules(rows, codebook):
    """Labelled sentences follow their codebook, and end before the period of the chapter."""
    assert rows["sentence_id"].is_unique
    assert rows["date"].max() <= "2024-05-31"
    assert set(rows["exclusion"]) <= {"", *codebook.exclusion_keys}
    assert set(";".join(rows["dimensions"]).split(";")) == {"", *codebook.dimension_keys}
    has_one = rows["dimensions"] != ""
    assert (has_one == rows["strength"].isin(["strong", "weak"])).all()
    assert rows.loc[has_one, "act"].isin(["done", "planned"]).all()


def test_further_commitments_follow_their_codebooks_and_end_in_may_2024():
    listed = pd.read_csv(DATA / "breadth/commitments.csv")
    assert sorted(listed["id"]) == sorted(path.name for path in (DATA / "breadth").iterdir() if path.is_dir())
    for about in listed.to_dict("records"):
        folder = DATA / "breadth" / about["id"]
        book = load_codebook(folder / "codebook.toml")
        rows = pd.read_csv(folder / "sentences.csv", dtype="str", keep_default_na=False)
        assert (len(rows), rows["item_id"].nunique()) == (about["sentences"], about["items"])
        require_rules(rows, book)
    n, items = (f"{listed[name].sum():,}" for name in ("sentences", "items"))
    assert f"{n} labelled sentences in {items} items on {len(listed)} further" in DATA_CARD
    assert set(listed["id"][listed["part"] == "test"]) == set(random.Random(35).sample(sorted(listed["id"]), 6))


def test_the_further_sentences_keep_the_rules_and_are_in_no_other_file(codebook):
    rows = pd.read_csv(DATA / "further/2024-apulia-19.csv", dtype="str", keep_default_na=False)
    assert f"{len(rows):,} labelled sentences in {rows['item_id'].nunique()} further items" in DATA_CARD
    require_rules(rows, codebook)
    counts = {
        "dismantle without counter": rows["dimensions"].map(lambda keys: "dismantle" in keys and "counter" not in keys),
        "disrupt": rows["dimensions"].str.contains("disrupt"),
        "acts not done": rows["act"] == "not_done", "or reversed": rows["act"] == "reversed",
    }  # fmt: skip
    for words, own in counts.items():
        assert f"{words} ({own.sum()}" in DATA_CARD
    corpus = read_corpus(bundled_corpus(), codebook)
    assert set(rows["text"]).isdisjoint(corpus["text"])
    assert set(rows["url"]).isdisjoint(corpus["url"])


def test_the_card_says_how_often_a_check_has_the_label_of_both_coders():
    checks = pd.read_csv(DATA / "codings/further-checks.csv", dtype="str", keep_default_na=False)
    labels = ["dimensions", "strength", "act", "exclusion"]
    same = {"breadth": [], "further": []}
    for file, rows in checks.groupby("file"):
        checked = rows.set_index("sentence_id")[labels]
        coded = pd.read_csv(DATA / str(file), dtype="str", keep_default_na=False).set_index("sentence_id")
        first, second = (coded.loc[checked.index, [f"{one}_{name}" for name in labels]] for one in ("c1", "c2"))
        is_same = (first.to_numpy() == checked.to_numpy()) & (second.to_numpy() == checked.to_numpy())
        same[str(file).partition("/")[0]] += is_same.all(axis=1).tolist()
    breadth, further = same["breadth"], same["further"]
    assert f"{sum(breadth)} of {len(breadth)} have the whole label of both coders" in DATA_CARD
    assert f"Of {len(further)} sentences that an adjudicator labelled first, {sum(further)} have" in DATA_CARD


@pytest.mark.slow
def test_the_agreement_of_coders_is_the_stored_one():
    now = runpy.run_path(str(ROOT / "tools/coder_agreement.py"))["agreement"]()
    pd.testing.assert_frame_equal(now, pd.read_csv(DATA / "codings/agreement.csv"), atol=0.002)


def test_what_it_reaches_is_what_was_measured():
    """The figures in the card's text are from the same evaluation as its tables."""
    taggers, routing, labels, acts = (
        pd.DataFrame(EVALUATION[name]).set_index(["scheme", "tested_on"]).sort_index()
        for name in ("taggers", "routing", "labels", "acts")
    )
    ours, fast = (taggers[taggers["tagger"] == name] for name in (G7TAG, FAST))
    fixed = routing.loc[routing["replaced"] == 0.25, "most_doubtful"]
    of_acts = labels.loc[labels["label"] == MACRO_OF_ACTS, "f1"]
    background = acts.loc[acts["act"] == "background", "with_dimension"]
    member, file, test = SCHEMES
    every = "all files"
    both = [(test, every), (f"{test}, fast tagger", every)]
    left = [f"{ours.loc[(file, name), 'macro_f1']:.2f}, {ours.loc[(file, name), 'strength']:.2f}" for name in FILES]
    of_test = {name: (ours.loc[(test, every), name], fast.loc[(test, every), name]) for name in taggers}
    for text in (
        "macro-F1 0.75 | {:.2f}, fast {:.2f} |".format(*of_test["macro_f1"]),
        "strength right 0.82 | {:.2f}, fast {:.2f} |".format(*of_test["strength"]),
        "acts 0.70 | {:.2f}, fast {:.2f} |".format(*of_acts[both]),
        "strength right 0.75 | {:.2f}, fast {:.2f} |".format(*of_test["label"]),
        "a dimension | {:.0%}, fast {:.0%} |".format(*background[both]),
        "corrected | {:.2f}, fast {:.2f} |".format(*fixed[both]),
        f"right | {ours.loc[(member, CHAPTER), 'macro_f1']:.2f}, {ours.loc[(member, CHAPTER), 'strength']:.2f} |",
        "right | chapter {}; earlier actions {}; public pages {} |".format(*left),
    ):
        assert text in CARD
    rows = acts.loc[(test, every)].set_index("act")
    undone = rows.loc[["not_done", "reversed"]]
    strong, silent = ((undone[name] * undone["n"]).sum() for name in ("tagged_strong", "strong_unflagged"))
    assert f"Of the {undone['n'].sum()} sentences of the test part" in CARD
    assert f"it tags {strong:.0f} as strong action, and {silent:.0f} of these do not need review" in CARD
    assert f"{rows.loc['reversed', 'act_right'] * rows.loc['reversed', 'n']:.0f} of {rows.loc['reversed', 'n']}" in CARD


def test_the_coders_reach_what_the_card_says(codebook):
    reached = []
    for path in bundled_corpus():
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        first, second = (table.assign(dimensions=table[f"c{coder}_dimensions"]) for coder in (1, 2))
        reached.append(macro_f1(item_counts(*compared(first, second, codebook))).value)
    text = (
        "macro-F1 of {:.2f} against each other on the chapter, {:.2f} on the earlier actions and {:.2f} on the public"
    )
    assert text.format(*reached) in CARD


def test_the_evaluation_is_of_the_whole_corpus_and_the_shipped_codebook(codebook):
    about = json.loads((DATA / "models/2024-apulia-19.npz.json").read_text(encoding="utf-8"))["about"]
    whole = about_corpus(read_corpus(bundled_corpus(), codebook), codebook)
    assert EVALUATION["about"] == whole, MEASURE
    assert about["codebook_sha256"] == whole["codebook_sha256"], "train the shipped model again"
    assert {row["tagger"] for row in EVALUATION["taggers"]} >= {G7TAG, FAST, "words alone", "encoder vectors"}
