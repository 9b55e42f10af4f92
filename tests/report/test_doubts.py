"""Doubt in words: one number and one limit, and a reason beside every flag."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import g7tag
from g7tag.batch import TaggedFile
from g7tag.codebook import Codebook
from g7tag.labels import open_doubts
from g7tag.report import counts_text, doubtful_text, doubts_of, right_text, tagged_lines


@pytest.mark.parametrize("limit", [0.44, 0.57, 0.8])
def test_what_is_shown_is_under_the_limit_if_and_only_if_the_number_is(limit: float) -> None:
    shares = np.concatenate([np.linspace(0.01, 0.995, 5000), [limit, np.nextafter(limit, 0)]])
    shown = [int(right_text(share).rstrip("%")) for share in shares]
    assert [each < round(100 * limit) for each in shown[:-1]] == (shares[:-1] < limit).tolist()


def test_every_reason_has_words_and_the_limit_is_one_of_them(codebook: Codebook) -> None:
    reasons = ["unlikely", "unlikely", "planned_cue", "", "reversed"]
    tags = pd.DataFrame({"sentence_id": list("abcde"), "review_reason": reasons, "review_below": 0.44})
    assert doubts_of(tags).to_dict() == {
        "a": "under 44% likely right", "b": "under 44% likely right", "c": "with words of plans", "d": "",
        "e": "tagged as reversed",
    }  # fmt: skip
    assert doubtful_text(tags) == ("4 doubtful: 2 under 44% likely right, 1 with words of plans, 1 tagged as reversed")
    assert doubtful_text(tags[tags["review_reason"] == ""]) == "0 doubtful: 0 under 44% likely right"
    unsure = tags.head(2).assign(review_reason="few_labels", review_below=1.0)
    assert doubtful_text(unsure) == "2 doubtful: 2 from too few labels"


def test_wherever_doubt_is_counted_the_limit_is_said(invented_run: Path, codebook: Codebook) -> None:
    run = g7tag.open_run(invented_run)
    words = doubtful_text(run.tags)
    assert "under 44% likely right" in words
    assert f"tagged ({words})" in counts_text(run.frames)
    page = (invented_run / "report.html").read_text(encoding="utf-8")
    assert words in page
    assert page.count(words.replace(" doubtful", " were doubtful")) == 2  # methods and limits
    tables = tagged_lines(TaggedFile(9, 9, 2, 0.44, 0, None, []))
    assert tables[-1] == ("9 sentences tagged, 2 of them doubtful (under 44% likely right, or another review_reason).")


def test_a_doubt_is_closed_where_the_label_that_counts_is_not_the_taggers(invented_run: Path) -> None:
    run = g7tag.open_run(invented_run)
    doubtful = run.tags.loc[run.tags["needs_review"], "sentence_id"].tolist()
    first = run.labels["sentence_id"] == doubtful[0]
    agreed = run.labels.assign(status=run.labels["status"].mask(first, "agreed"))
    assert open_doubts(run.tags, run.labels, run.annotations).equals(run.tags)
    left = open_doubts(run.tags, agreed, run.annotations)
    assert left.loc[left["needs_review"], "sentence_id"].tolist() == doubtful[1:]
    assert (left["needs_review"] == (left["review_reason"] != "")).all()
