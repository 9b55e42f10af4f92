"""The command `g7tag corpus check`, and the policy that uses the corpus's own labels."""

import pandas as pd
import pytest

import g7tag
from g7tag.corpus import bundled_corpus
from g7tag.errors import InputError
from g7tag.labels import ADJUDICATED
from g7tag.scoring import threshold_table

HARBOURS, LABELLED = g7tag.example_path("harbours.toml"), g7tag.example_path("harbours-labelled.csv")


def test_a_file_that_cannot_be_trained_on_is_refused_and_what_flatters_a_tagger_is_named(tmp_path, command):
    table = pd.read_csv(LABELLED, dtype="str", keep_default_na=False)
    table = table.assign(**{f"{coder}_{name}": table[name] for coder in ("c1", "c2") for name in table.columns[-2:]})
    table = table.assign(c1_exclusion="", c2_exclusion="")
    table.loc[2, "c2_dimensions"], table.loc[5, "text"] = "", table.loc[4, "text"]
    table.loc[2, "c2_strength"] = "none"
    check = ("corpus", "check", tmp_path / "c.csv", "--codebook", HARBOURS, "--quiet")
    table.to_csv(tmp_path / "c.csv", index=False)
    code, out, err = command(*check)
    assert (code, "Agreement of the two coders' original labels, c.csv" in out) == (0, True)
    duplicate = f"c.csv: {table.loc[5, 'sentence_id']} is a duplicate. Remove one of the two."
    assert err.splitlines() == [duplicate, "Training accepts these files, but evaluation on them will flatter."]
    table.loc[2, "dimensions"] = "praise"
    table.to_csv(tmp_path / "c.csv", index=False)
    code, out, err = command(*check)
    assert (code, out) == (3, "")
    assert "row 3: dimension is not one of dredge, light, insure (1 row)" in err


@pytest.mark.slow
def test_the_adjudicated_labels_are_scored_by_a_policy_that_names_them(bundled_run):
    run = g7tag.run_report(policy=ADJUDICATED, fast=True)
    corpus = pd.read_csv(bundled_corpus()[0], dtype="str", keep_default_na=False)
    assert run.labels["dimensions"].tolist() == corpus["dimensions"].tolist()
    assert set(run.labels["policy"]) == {ADJUDICATED}
    assert set(run.annotations["kind"]) == {"classifier", "adjudicator"}
    assert set(g7tag.open_run(bundled_run).annotations["kind"]) == {"classifier"}  # the default does not look at them
    table = threshold_table(run.thresholds, run.members)
    assert table["min_strong_items"].tolist() == [1, 2, 3, 4, 5]
    assert set(table["always_0"]) == {5}  # Canada, France, Germany, Italy, Japan
    at_two = g7tag.reconcile(run.scores)
    for reading in ("scoring-table", "interpretive-guidelines"):
        assert table.loc[1, reading] == (at_two[reading] == at_two["published_score"]).sum()


def test_a_report_has_no_adjudicated_labels():
    with pytest.raises(InputError, match=r"there are adjudicated labels for the bundled evidence only\."):
        g7tag.run_report([g7tag.example_path("invented-report.txt")], policy=ADJUDICATED, fast=True)
