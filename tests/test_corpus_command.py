"""The command `g7tag corpus check`, and the policy that uses the corpus's own labels."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import g7tag
from g7tag.corpus import bundled_corpus
from g7tag.errors import InputError
from g7tag.labels import ADJUDICATED
from g7tag.scoring import threshold_table

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")


def g7tag_(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([G7TAG, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_the_bundled_corpus_is_passed_and_its_agreement_printed() -> None:
    done = g7tag_("corpus", "check", "--quiet")
    (weakness,) = done.stderr.splitlines()[:-1]  # it has enough sentences of every kind, but source types tell labels
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "All checks passed.")
    assert "source type reaches the most (0.28)" in weakness
    for words in (
        "Sentences by part and label", "Sentences by member and label", "Sentences by year and label",
        "Sentences by source type and label", "Agreement of the two coders' original labels, apulia-2024.csv",
        "Agreement of the two coders' original labels, earlier-actions.csv", "publisher",
    ):  # fmt: skip
        assert words in done.stdout


def test_faults_that_do_not_prevent_training_fail_where_they_are_asked_to(tmp_path: Path) -> None:
    table = pd.read_csv(bundled_corpus()[0], dtype="str", keep_default_na=False)
    table.loc[2, "date"], table.loc[5, "url"] = "soon", "page 5"
    table.to_csv(tmp_path / "c.csv", index=False)
    done = g7tag_("corpus", "check", tmp_path / "c.csv", "--quiet")
    lines = done.stderr.splitlines()
    assert lines[:2] == [
        "c.csv, row 3: weakness: date is not a date: 'soon'. Write it as 2024-07-05.",
        "c.csv, row 6: weakness: url is not a URL. Enter the page's URL, or leave it empty.",
    ]
    assert (done.returncode, lines[-1]) == (0, "Training accepts it. --strict makes the weaknesses above fail.")
    assert g7tag_("corpus", "check", tmp_path / "c.csv", "--quiet", "--strict").returncode == 4
    table.loc[2, "dimensions"] = "praise"
    table.to_csv(tmp_path / "c.csv", index=False)
    done = g7tag_("corpus", "check", tmp_path / "c.csv", "--quiet")
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (4, "", "1 check failed.")
    assert done.stderr.startswith("c.csv, row 3: dimension is not one of prevent, counter, dismantle, disrupt. Label")


def test_a_weakness_fails_where_it_is_asked_to() -> None:
    chapter = bundled_corpus()[0]  # its publishers tell labels: police agencies report arrests, treasuries sanctions
    done = g7tag_("corpus", "check", chapter, "--quiet", "--strict")
    weakness, *few, failed = done.stderr.splitlines()
    assert (done.returncode, failed) == (4, "14 checks failed.")
    assert all("weakness: " in line and ", expected at least " in line for line in few)
    assert weakness.startswith(
        "corpus: weakness: member, month, publisher, source type, length alone reach macro-F1 0."
    )
    assert "publisher reaches the most" in weakness
    assert g7tag_("corpus", "check", chapter, "--quiet").returncode == 0


def test_the_adjudicated_labels_are_scored_by_a_policy_that_names_them() -> None:
    run = g7tag.run_report(policy=ADJUDICATED)
    corpus = pd.read_csv(bundled_corpus()[0], dtype="str", keep_default_na=False)
    assert run.labels["dimensions"].tolist() == corpus["dimensions"].tolist()
    assert set(run.labels["policy"]) == {ADJUDICATED}
    assert set(run.annotations["kind"]) == {"classifier", "adjudicator"}


def test_the_default_policy_does_not_look_at_them() -> None:
    assert set(g7tag.run_report().annotations["kind"]) == {"classifier"}


@pytest.mark.chapter
def test_a_report_has_no_adjudicated_labels(chapter_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"there are no adjudicated labels for .*Use it only with the bundled evidence"
    ):
        g7tag.run_report([chapter_path], policy=ADJUDICATED)


def test_the_threshold_table_counts_agreeing_members_beside_always_0() -> None:
    run = g7tag.run_report(policy=ADJUDICATED)
    table = threshold_table(run.thresholds, run.members)
    assert table["min_strong_items"].tolist() == [1, 2, 3, 4, 5]
    assert set(table["always_0"]) == {5}  # Canada, France, Germany, Italy, Japan
    at_two = g7tag.reconcile(run.scores)
    for reading in ("scoring-table", "interpretive-guidelines"):
        assert table.loc[1, reading] == (at_two[reading] == at_two["published_score"]).sum()
