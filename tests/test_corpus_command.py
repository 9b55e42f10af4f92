"""The command `g7tag corpus check`, and the policy that uses the corpus's own labels."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import g7tag
from g7tag.corpus import bundled_corpus
from g7tag.errors import InputError
from g7tag.labels import ADJUDICATED
from g7tag.scoring import threshold_table

Command = Callable[..., tuple[int, str, str]]
HARBOURS = ("--codebook", g7tag.example_path("harbours.toml"), "--quiet")


def test_faults_that_do_not_prevent_training_fail_where_they_are_asked_to(tmp_path: Path, command: Command) -> None:
    table = pd.read_csv(g7tag.example_path("harbours-labelled.csv"), dtype="str", keep_default_na=False)
    table = table.assign(date="2030-03-01", url="https://a.example/1")
    table.loc[2, "date"], table.loc[5, "url"] = "soon", "page 5"
    check = ("corpus", "check", tmp_path / "c.csv", *HARBOURS)
    table.to_csv(tmp_path / "c.csv", index=False)
    code, _, err = command(*check)
    assert err.splitlines()[:2] == [
        "c.csv, row 3: weakness: date is not a date: 'soon'. Write it as 2024-07-05.",
        "c.csv, row 6: weakness: url is not a URL. Enter the page's URL, or leave it empty.",
    ]
    assert "corpus: weakness: 19 sentences of Arcadia, expected at least 500. Add such sentences." in err
    assert (code, err.splitlines()[-1]) == (0, "Training accepts it. --strict makes the weaknesses above fail.")
    code, _, err = command(*check, "--strict")
    assert (code, err.splitlines()[-1]) == (4, "8 checks failed.")
    table.loc[2, "dimensions"] = "praise"
    table.to_csv(tmp_path / "c.csv", index=False)
    code, out, err = command(*check)
    assert (code, out, err.splitlines()[-1]) == (4, "", "1 check failed.")
    assert err.startswith("c.csv, row 3: dimension is not one of dredge, light, insure. Label")


@pytest.mark.slow
def test_the_adjudicated_labels_are_scored_by_a_policy_that_names_them(bundled_run: Path) -> None:
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


def test_a_report_has_no_adjudicated_labels() -> None:
    with pytest.raises(
        InputError, match=r"there are no adjudicated labels for .*Use it only with the bundled evidence"
    ):
        g7tag.run_report([g7tag.example_path("invented-report.txt")], policy=ADJUDICATED, fast=True)
