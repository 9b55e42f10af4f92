"""Probabilities of the scores, computed from the probabilities of the labels."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, ITEMS, LABELS, MEMBERS, SENTENCES, build, tags_model
from g7tag.jobs import open_run
from g7tag.labels import label_chances
from g7tag.scoring import score_distribution
from g7tag.scoring.distribution import CORRELATION

pytestmark = pytest.mark.slow


def spread(
    codebook: Codebook,
    chances: list[list[dict[str, float]]],
    *,
    date: str = "2024-07-01",
    step: int = 1,
    **changes: Any,
) -> dict[str, float]:
    """Return probabilities under the scoring table, from a list of sentences for each item of Italy."""
    common = {"document_id": "d", "commitment_id": "2024-19", "member": "Italy"}
    sentences, items, rows = [], [], []
    for place, its in enumerate(chances, start=1):
        item = common | {"item_id": f"2024-19/ITA-{place:02d}", "position": place, "text": "x"}
        items.append(item | {"date": pd.Timestamp(date), "date_text": "", "citations": "", "pages": "", "status": "ok"})
        for number, shares in enumerate(its, start=1):
            sentence = f"{item['item_id']}.{number}"
            sentences.append(item | {"sentence_id": sentence, "position": number, "start": 0, "end": 1})
            rows.append({"sentence_id": sentence, **dict.fromkeys([*codebook.dimension_keys, "strong"], 0.0), **shares})
    member = {"commitment_id": "2024-19", "member": "Italy", "code": "ITA"}
    other = member | {"commitment_id": "2024-20"}  # whose members get no rows
    scores = dict.fromkeys(("table_score", "heading_score", "stated_score", "published_score"), 0)
    members = [member | scores, other | scores]
    table = score_distribution(
        pd.DataFrame(rows, columns=["sentence_id", *codebook.dimension_keys, "strong"]),
        sentences=build(SENTENCES, sentences[::step]), items=build(ITEMS, items), members=build(MEMBERS, members),
        codebook=codebook, **changes,
    )  # fmt: skip
    assert table["reading"].tolist() == ["scoring-table", "interpretive-guidelines"]
    return table.iloc[0][["p_minus1", "p_0", "p_plus1"]].to_dict()


def test_certain_labels_give_a_certain_score(codebook: Codebook) -> None:
    strong = {"prevent": 1.0, "strong": 1.0}
    assert spread(codebook, [[strong], [strong]]) == {"p_minus1": 0.0, "p_0": 1.0, "p_plus1": 0.0}
    assert spread(codebook, [[strong]]) == {"p_minus1": 1.0, "p_0": 0.0, "p_plus1": 0.0}  # weak in one


def test_the_codebook_says_how_many_strong_items_are_strong_action(codebook: Codebook) -> None:
    strong = {"prevent": 1.0, "strong": 1.0}
    one = codebook.model_copy(update={"min_strong_items": 1})
    assert spread(one, [[strong]]) == {"p_minus1": 0.0, "p_0": 1.0, "p_plus1": 0.0}


@pytest.mark.parametrize(
    ("date", "counted"),
    [("2024-06-14", False), ("2024-06-15", True), ("2025-05-15", True), ("2025-05-16", False)],
    ids=["the day before", "the first day", "the last day", "the day after"],
)
def test_items_outside_the_period_are_not_drawn(codebook: Codebook, date: str, counted: bool) -> None:
    strong = {"prevent": 1.0, "strong": 1.0}
    shares = spread(codebook, [[strong], [strong]], date=date)
    assert (shares["p_minus1"], shares["p_0"]) == ((0.0, 1.0) if counted else (1.0, 0.0))


def test_a_member_without_items_gets_what_no_action_gets(codebook: Codebook) -> None:
    assert spread(codebook, []) == {"p_minus1": 1.0, "p_0": 0.0, "p_plus1": 0.0}


def test_strong_action_in_every_dimension_is_certain_to_get_the_highest_score(codebook: Codebook) -> None:
    strong = dict.fromkeys([*codebook.dimension_keys, "strong"], 1.0)
    assert spread(codebook, [[strong], [strong]]) == {"p_minus1": 0.0, "p_0": 0.0, "p_plus1": 1.0}


def test_ten_thousand_draws_with_a_correlation_of_a_half_are_made_unless_others_are_asked_for(
    codebook: Codebook,
) -> None:
    doubtful = [[{"prevent": 0.5, "strong": 0.5}] * 2, [{"prevent": 0.5, "strong": 0.5}]]
    assert spread(codebook, doubtful) == spread(codebook, doubtful, draws=10_000, correlation=0.5)


@pytest.mark.parametrize("draws", [1, 499, 501])
def test_as_many_draws_are_made_as_are_asked_for(codebook: Codebook, draws: int) -> None:
    shares = spread(codebook, [[{"prevent": 0.5, "strong": 1.0}] * 2], draws=draws)
    assert shares["p_minus1"] == 1.0  # one strong item is weak action, and none no action
    shares = spread(codebook, [[{"prevent": 1.0, "strong": 1.0}], [{"prevent": 0.5, "strong": 1.0}]], draws=draws)
    assert shares["p_0"] * draws == pytest.approx(round(shares["p_0"] * draws), abs=1e-9)


def test_two_doubtful_items_multiply(codebook: Codebook) -> None:
    shares = spread(codebook, [[{"prevent": 1.0, "strong": 0.6}], [{"prevent": 0.5, "strong": 1.0}]])
    assert shares["p_0"] == pytest.approx(0.6 * 0.5, abs=0.02)  # both must be strong


@pytest.mark.parametrize(("correlation", "expected"), [(0.0, 1 - 0.5 * 0.5), (1.0, 0.5)], ids=["none", "whole"])
def test_sentences_of_an_item_err_together_as_far_as_is_said(
    codebook: Codebook, correlation: float, expected: float
) -> None:
    sure, doubtful = {"prevent": 1.0, "strong": 1.0}, {"prevent": 1.0, "strong": 0.5}
    shares = spread(codebook, [[sure], [doubtful, doubtful]], correlation=correlation)
    assert shares["p_0"] == pytest.approx(expected, abs=0.02)  # one strong sentence makes the item strong


def test_the_order_of_the_sentences_changes_no_draw(codebook: Codebook) -> None:
    doubtful = [[{"prevent": 0.5, "strong": 0.5}] * 2, [{"prevent": 0.5, "strong": 0.9}]]
    assert spread(codebook, doubtful, step=-1) == spread(codebook, doubtful)


def test_what_no_rule_covers_is_missing_from_the_sum(codebook: Codebook) -> None:
    weak = {"prevent": 1.0, "counter": 1.0}
    assert sum(spread(codebook, [[weak]]).values()) == 0.0  # weak in two dimensions: a gap of the table


def test_the_seed_decides_the_draws(codebook: Codebook) -> None:
    doubtful = [[{"prevent": 0.5, "strong": 0.5}], [{"prevent": 0.5, "strong": 0.5}]]
    assert spread(codebook, doubtful) == spread(codebook, doubtful)
    assert spread(codebook, doubtful) != spread(codebook, doubtful, random_state=1)


@pytest.mark.chapter
def test_another_correlation_moves_no_chance_of_the_chapter_by_more_than_seven_points(
    chapter_run: Path, codebook: Codebook
) -> None:
    run = open_run(chapter_run)
    frames = {name: getattr(run, name) for name in ("sentences", "items", "members")}
    chances = label_chances(run.labels, tags=run.tags, annotations=run.annotations, codebook=codebook)
    low, usual, high = (
        score_distribution(chances, **frames, codebook=codebook, correlation=correlation)[
            ["p_minus1", "p_0", "p_plus1"]
        ]
        for correlation in (0.0, CORRELATION, 0.9)
    )
    assert (low - usual).abs().to_numpy().max() <= 0.07
    assert (high - usual).abs().to_numpy().max() <= 0.07


def test_what_the_tagger_could_not_judge_and_what_is_excluded_count_for_no_more_than_they_may(
    codebook: Codebook,
) -> None:
    labels = {
        "dimensions": "",
        "strength": "none",
        "exclusion": "",
        "contradicts": False,
        "policy": "p",
        "status": "ok",
    }
    shares = dict.fromkeys((f"p_{key}" for key in codebook.dimension_keys), 0.6)
    tag = {
        **shares,
        "p_strong": 0.9,
        "p_excluded": 0.0,
        "dimensions": "",
        "strength": "none",
        "act": "",
        "exclusion": "",
    }
    tag |= {
        "p_right": 0.1,
        "review_below": 0.44,
        "margin": 0.1,
        "needs_review": True,
        "review_reason": "unlikely",
        "status": "ok",
        "tagger": "t",
    }
    acts = {"p_done": 0.2, "p_planned": 0.3, "p_not_done": 0.1, "p_reversed": 0.1, "p_background": 0.3}
    changes = {"a": {}, "b": {"status": "unknown_words"}, "c": {"p_excluded": 0.7}, "d": acts}
    blank = {"text_sha256": "", "annotator": "t", "kind": "classifier", "dimensions": "", "strength": "none"}
    blank |= {
        "act": "",
        "exclusion": "",
        "contradicts": False,
        "confidence": 0.1,
        "note": "",
        "blind": False,
        "occasion": "label",
        "codebook_version": "1",
        "at": "",
    }
    chances = label_chances(
        build(LABELS, [labels | {"sentence_id": each, "annotation_id": each} for each in changes]),
        tags=build(tags_model(codebook), [tag | change | {"sentence_id": each} for each, change in changes.items()]),
        annotations=build(
            ANNOTATIONS, [blank | {"sentence_id": each, "annotation_id": each, "supersedes": ""} for each in changes]
        ),
        codebook=codebook,
    )
    # not judged: none; excluded at 0.7: at most 0.3; done or planned at 0.5: at most 0.5
    assert chances["prevent"].round(6).tolist() == [0.6, 0.0, 0.3, 0.5]
