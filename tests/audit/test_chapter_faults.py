"""The audit finds every fault of the hand-made list in the real chapter and few other severe findings."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from g7tag.audit.evidence import mentioned_members
from g7tag.audit.joint import pair_items
from g7tag.audit.notes import named_notes, noted_items
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.jobs import open_run

pytestmark = [pytest.mark.slow, pytest.mark.chapter]
HERE = Path(__file__).parent
FAULTS = list(csv.DictReader((HERE / "chapter_faults.csv").read_text(encoding="utf-8").splitlines()))
LISTED = {f"{fault['check']}:{fault['subject']}" for fault in FAULTS}
PAIRS = HERE.parents[1] / "data" / "codings" / "joint-actions-2024.csv"


@pytest.fixture(scope="session")
def audited(chapter_run):
    return open_run(chapter_run)


@pytest.fixture(scope="session")
def settled(chapter_run, codebook, tmp_path_factory):
    """Return the audit of the chapter with the adjudicated labels of its sentences."""
    run = open_run(shutil.copytree(chapter_run, tmp_path_factory.mktemp("settled") / "run"))
    corpus = read_corpus([path for path in bundled_corpus() if path.name == "apulia-2024.csv"], codebook)
    labels = corpus[["sentence_id", "dimensions", "strength", "act", "exclusion"]]
    run.record_labels(labels, annotator="corpus", kind="adjudicator")
    return run.rescore()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['check']} {fault['subject']}")
def test_every_fault_of_the_hand_made_list_is_found_with_the_settled_labels(settled, fault):
    assert f"{fault['check']}:{fault['subject']}" in set(settled.findings["finding_id"]), fault["fault"]


def test_what_is_marked_high_is_on_the_list(settled):
    high = settled.findings.loc[settled.findings["severity"] == "high", "finding_id"]
    assert set(high) <= LISTED


def test_the_taggers_labels_alone_find_all_but_two_of_the_list(audited):
    found = set(audited.findings["finding_id"])
    assert sorted(LISTED - found) == [
        "weak_called_strong:2024-19/DEU/prevent", "weak_called_strong:2024-19/FRA/prevent",
    ]  # fmt: skip


def test_joint_acts_are_found_as_two_coders_found_them(audited, codebook):
    labelled = pd.read_csv(PAIRS)
    noted = noted_items(audited.items, named_notes(audited.citations))
    pairs = pair_items(audited.items, noted, mentioned_members(audited.items, codebook))
    found = set(pairs.loc[pairs["act"] == "same", ["item_1", "item_2"]].itertuples(index=False, name=None))
    across = labelled[labelled["item_1"].str[:11] != labelled["item_2"].str[:11]]
    matched = across[["item_1", "item_2"]].apply(tuple, axis=1).isin(found)
    same = across["label"] == "same"
    assert (matched & same).sum() / matched.sum() >= 0.9  # 62 of 68
    assert (matched & same).sum() / same.sum() >= 0.95  # 62 of 63
