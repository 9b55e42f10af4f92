"""The frames of a panel: averages with intervals, ranks, and what differs between chapters."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import g7tag
from g7tag import report
from g7tag.errors import InputError
from g7tag.frames import PANEL, validate
from g7tag.panel import Chapter, PanelFrames, panel_frames
from g7tag.statistics import mean_interval

Chapters = dict[str, Chapter]
NAMES = ("border", "food", "invented")


@pytest.fixture(scope="module")
def chapters(panel_runs: Path) -> Chapters:
    """The chapters of three commitments."""
    runs = {name: g7tag.open_run(panel_runs / name) for name in NAMES}
    return {
        name: Chapter(name, run.codebook, report.own_frames(run.frames, run.codebook), run.final_scores())
        for name, run in runs.items()
    }


@pytest.fixture(scope="module")
def found(chapters: Chapters) -> PanelFrames:
    return panel_frames([*chapters.values()], {})


def changed(chapter: Chapter, **frames: pd.DataFrame) -> Chapter:
    return chapter._replace(frames={**chapter.frames, **frames})


def differing(*chapters: Chapter) -> dict[str, str]:
    consistency = panel_frames(chapters, {}).consistency
    return dict(zip(consistency["run"], consistency["differs"], strict=True))


def test_the_frames_keep_their_schemas_and_have_members_in_the_order_of_codebooks(
    found: PanelFrames, chapters: Chapters
) -> None:
    for frame, schema in zip(found, PANEL.values(), strict=True):
        validate(frame, schema)
    cells = found.scores[found.scores["averaged"]]
    assert not cells.duplicated(["commitment_id", "member"]).any()
    assert set(cells["year"]) == {2024}
    order = [name for name in chapters["border"].codebook.codes if name in set(cells["member"])]
    assert found.standings["member"].tolist() == [name for name in order for _ in range(2)]


def test_an_average_is_the_mean_of_the_scores_with_an_interval_over_commitments(found: PanelFrames) -> None:
    cells, standings = found.scores[found.scores["averaged"]], found.standings.set_index(["member", "scores"])
    for member, own in cells.groupby("member"):
        published, suggested = standings.loc[(member, "published")], standings.loc[(member, "suggested")]
        scores = own["published_score"].astype(float)
        assert (published["n"], published["percent"]) == (len(own), pytest.approx(50 + 50 * scores.mean()))
        if len(set(scores)) > 1:
            low, high, _ = mean_interval(scores.tolist(), own["commitment_id"].tolist())
            assert (published["low"], published["high"]) == pytest.approx((50 + 50 * low, 50 + 50 * high))
        else:
            assert math.isnan(published["low"])
            assert published["reason"] == ("hardly any resample differs" if len(own) > 1 else "only 1 commitment")
        given = own["p_minus1"] + own["p_0"] + own["p_plus1"]
        expected = ((own["p_plus1"] - own["p_minus1"]) / given).mean()
        assert suggested["percent"] == pytest.approx(50 + 50 * expected)


@pytest.mark.parametrize("chance", [math.nan, 0.0])
def test_a_member_without_scores_has_no_average_and_no_rank_and_a_reason(chapters: Chapters, chance: float) -> None:
    scores = chapters["invented"].frames["scores"]
    unknown = {"published_score": pd.array([None] * len(scores), "Int64")}
    unknown |= dict.fromkeys(("p_minus1", "p_0", "p_plus1"), chance)
    frames = panel_frames([changed(chapters["invented"], scores=scores.assign(**unknown))], {})
    assert frames.standings[["percent", "low", "best", "worst"]].isna().all(axis=None)
    assert set(frames.standings["reason"]) == {"no score"}


def test_a_member_is_known_by_its_code_and_has_its_first_name(chapters: Chapters, found: PanelFrames) -> None:
    own = chapters["invented"]
    renamed = [each.model_copy(update={"name": each.name.replace("Japan", "Nippon")}) for each in own.codebook.members]
    names = {"member": {"Japan": "Nippon"}}
    frames = {name: own.frames[name].replace(names) for name in ("members", "items", "sentences", "scores")}
    other = changed(own, **frames)._replace(
        codebook=own.codebook.model_copy(update={"members": renamed}), final=own.final.replace(names)
    )
    again = panel_frames([chapters["border"], chapters["food"], other], {})
    pd.testing.assert_frame_equal(again.standings, found.standings)


def test_a_reading_is_chosen_by_its_name_and_an_unknown_one_is_refused(chapters: Chapters) -> None:
    own = chapters["invented"]
    for reading, counted in ((None, "scoring-table"), ("interpretive-guidelines", "interpretive-guidelines")):
        scores = panel_frames([own], {}, reading=reading).scores
        assert set(scores.loc[scores["averaged"], "reading"]) == {counted}
    with pytest.raises(InputError, match=r"food: no reading 'scoring-table', found 'pattern-of-commitment-19'\. Give"):
        panel_frames([chapters["food"], own], {}, reading="scoring-table")


def test_chapters_that_are_not_made_like_most_are_named(chapters: Chapters) -> None:
    border, food, invented = chapters.values()
    assert differing(border, food, invented) == {"border": "", "food": "", "invented": "readings"}
    strict = food._replace(codebook=food.codebook.model_copy(update={"min_strong_items": 4}))
    assert differing(border, strict, invented)["food"] == "min_strong_items"
    assert differing(strict, invented) == dict.fromkeys(("food", "invented"), "min_strong_items;readings")
    (reading,) = food.codebook.readings
    rules = [rule.model_copy(update={"score": 0}) for rule in reading.rules]
    book = food.codebook.model_copy(update={"readings": [reading.model_copy(update={"rules": rules})]})
    assert differing(border, food._replace(codebook=book)) == {"border": "rules", "food": "rules"}


def test_labels_and_matches_are_counted(chapters: Chapters, found: PanelFrames) -> None:
    own, row = chapters["invented"], found.consistency.set_index("commitment_id").loc["2024-19"]
    labels = own.frames["labels"]
    with_dimension = labels[labels["dimensions"] != ""]
    assert (row["n_labelled"], row["n_people"]) == (len(with_dimension), 0)
    assert row["share_strong"] == pytest.approx((with_dimension["strength"] == "strong").mean())
    assert row["low"] < row["share_strong"] < row["high"]
    assert row["tagger"] == own.frames["tags"]["tagger"].iloc[0]
    verdicts = g7tag.reconcile(own.frames["scores"])["verdict"]
    assert (row["n_matched"], row["n_members"]) == ((verdicts == "agrees").sum(), len(verdicts))


WITHOUT: list[tuple[Callable[[pd.DataFrame], pd.DataFrame], tuple[Any, ...]]] = [
    (lambda labels: labels.replace({"strength": {"weak": "strong"}}), (1, "hardly any resample differs")),
    (lambda labels: labels.assign(strength="none", dimensions=""), (None, "only 0 labelled items")),
    (lambda labels: labels.head(0), (None, "only 0 labelled items")),
]


@pytest.mark.parametrize(("change", "expected"), WITHOUT)
def test_a_share_without_doubt_or_labels_has_no_interval(chapters: Chapters, change: Any, expected: Any) -> None:
    own = chapters["invented"]
    (row,) = panel_frames([changed(own, labels=change(own.frames["labels"]))], {}).consistency.to_dict("records")
    assert (None if math.isnan(row["share_strong"]) else row["share_strong"], row["reason"]) == expected
    assert math.isnan(row["low"])
