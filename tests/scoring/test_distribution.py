"""Probabilities of the scores, computed from the probabilities of the labels."""

import pandas as pd
import pytest
from frame_rows import tags_of

from g7tag.codebook import ACTS
from g7tag.jobs import open_run
from g7tag.labels import label_chances
from g7tag.scoring import score_distribution
from g7tag.scoring.distribution import CORRELATION

P = ["p_minus1", "p_0", "p_plus1"]
STRONG = {"prevent": 1.0, "strong": 1.0}
DOUBTFUL = [[{"prevent": 0.5, "strong": 0.5}] * 2, [{"prevent": 0.5, "strong": 0.9}]]


@pytest.fixture
def spread(frames, codebook):
    def spread(chances, *, date="2024-07-01", step=1, book=codebook, **how):
        """Probabilities of -1, 0 and +1 by the scoring table, from those of sentences in each item of Italy."""
        made = frames([(f"2024-19/ITA-{n:02d}", date, [("", "none")] * len(its)) for n, its in enumerate(chances)])
        zero = dict.fromkeys([*codebook.dimension_keys, "strong"], 0.0)
        rows = pd.DataFrame([zero | shares for its in chances for shares in its], columns=list(zero))
        rows = rows.assign(sentence_id=made["sentences"]["sentence_id"])
        texts = {"sentences": made["sentences"][::step], "items": made["items"]}
        italy = made["members"].head(1)
        members = pd.concat([italy, italy.assign(commitment_id="2024-20", member="Atlantis")])
        table = score_distribution(rows, **texts, members=members, codebook=book, **how)
        rows = [["Italy", "scoring-table"], ["Italy", "interpretive-guidelines"]]  # none of another commitment
        assert table[["member", "reading"]].to_numpy().tolist() == rows
        return table.loc[0, P].tolist()

    return spread


def test_certain_labels_give_a_certain_score(spread, codebook):
    every = dict.fromkeys([*codebook.dimension_keys, "strong"], 1.0)
    assert spread([[STRONG], [STRONG]]) == [0, 1, 0]
    assert spread([[every], [every]]) == [0, 0, 1]
    assert spread([[STRONG]]) == [1, 0, 0]  # weak in one
    assert spread([[STRONG]], book=codebook.model_copy(update={"min_strong_items": 1})) == [0, 1, 0]
    assert spread([]) == [1, 0, 0]  # no action
    assert spread([[STRONG], [STRONG]], date="2024-06-14") == [1, 0, 0]  # the day before the period
    assert spread([[{"prevent": 1.0, "counter": 1.0}]]) == [0, 0, 0]  # weak in two dimensions: a gap of the table


def test_the_draws_are_the_same_every_time_whatever_the_order(spread):
    assert spread(DOUBTFUL) == spread(DOUBTFUL, correlation=0.5) == spread(DOUBTFUL, step=-1)


def test_two_doubtful_items_multiply(spread):
    shares = spread([[{"prevent": 1.0, "strong": 0.6}], [{"prevent": 0.5, "strong": 1.0}]])
    assert shares[1] == pytest.approx(0.6 * 0.5, abs=0.02)  # both must be strong


@pytest.mark.parametrize(("correlation", "expected"), [(0.0, 1 - 0.5 * 0.5), (1.0, 0.5)], ids=["none", "whole"])
def test_sentences_of_an_item_err_together_as_far_as_is_said(spread, correlation, expected):
    shares = spread([[STRONG], [{"prevent": 1.0, "strong": 0.5}] * 2], correlation=correlation)
    assert shares[1] == pytest.approx(expected, abs=0.02)  # one strong sentence makes the item strong


@pytest.mark.slow
@pytest.mark.chapter
def test_another_correlation_moves_no_chance_of_the_chapter_by_more_than_seven_points(chapter_run, codebook):
    run = open_run(chapter_run)
    frames = {name: getattr(run, name) for name in ("sentences", "items", "members")}
    chances = label_chances(run.labels, tags=run.tags, annotations=run.annotations, codebook=codebook)
    low, usual, high = (
        score_distribution(chances, **frames, codebook=codebook, correlation=correlation)[P]
        for correlation in (0.0, CORRELATION, 0.9)
    )
    assert (low - usual).abs().to_numpy().max() <= 0.07
    assert (high - usual).abs().to_numpy().max() <= 0.07


def test_what_the_tagger_could_not_judge_and_what_is_excluded_count_for_no_more_than_they_may(frames, codebook):
    made = frames([("2024-19/ITA-01", "2024-07-01", [("", "none")] * 4)])
    shares = {f"p_{key}": 0.6 for key in codebook.dimension_keys} | {f"p_{act}": None for act in ACTS}
    acts = {"p_done": 0.2, "p_planned": 0.3, "p_not_done": 0.1, "p_reversed": 0.1, "p_background": 0.3}
    tags = tags_of(codebook, [{}, {"status": "unknown_words"}, {"p_excluded": 0.7}, acts], **shares, p_strong=0.9)
    tags["sentence_id"] = made["labels"]["sentence_id"]
    chances = label_chances(made["labels"], tags=tags, annotations=made["annotations"], codebook=codebook)
    # not judged: none; excluded at 0.7: at most 0.3; done or planned at 0.5: at most 0.5
    assert chances["prevent"].round(6).tolist() == [0.6, 0.0, 0.3, 0.5]
