"""The frames of a panel: averages with intervals, ranks, and what differs between chapters."""

import math
from typing import Any

import pandas as pd
import pytest

import g7tag
from g7tag.frames import PANEL, validate
from g7tag.jobs import Panel
from g7tag.panel import Chapter, PanelFrames, panel_frames
from g7tag.statistics import mean_interval


def chapter(panel_runs: Any, name: str, **changes: Any) -> Chapter:
    """A run as a chapter, with other frames or another codebook."""
    run = g7tag.open_run(panel_runs / name)
    frames = {key: changes.pop(key, frame) for key, frame in run.frames.items()}
    return Chapter(name, changes.pop("codebook", run.codebook), frames, run.final_scores())


def test_the_frames_keep_their_schemas_and_have_every_member_and_commitment(panel: Panel) -> None:
    names = ["panel_scores", "panel_averages", "panel_ranks", "panel_consistency", "shared_acts"]
    assert list(PANEL) == names
    for name, frame in zip(names, panel.frames, strict=True):
        validate(frame, PANEL[name])
    cells = panel.scores.drop_duplicates(["commitment_id", "member"])
    assert list(cells["commitment_id"].unique()) == ["2024-09", "2024-18", "2024-19"]
    assert set(cells["year"]) == {2024}
    canada = cells[cells["member"] == "Canada"]
    assert canada["commitment_id"].tolist() == ["2024-09", "2024-19"]
    assert len(panel.averages) == len(panel.ranks) == 2 * cells["member"].nunique()


def test_an_average_is_the_mean_of_the_scores_with_an_interval_over_commitments(panel: Panel) -> None:
    first = panel.scores.drop_duplicates(["commitment_id", "member"])
    averages = panel.averages.set_index(["member", "scores"])
    for member, own in first.groupby("member"):
        published = averages.loc[(member, "published")]
        assert published["n"] == own["published_score"].notna().sum()
        assert published["mean"] == pytest.approx(own["published_score"].mean())
        assert published["percent"] == pytest.approx(50 + 50 * published["mean"])
        if len(own) > 1 and len(set(own["published_score"])) > 1:
            low, high, _ = mean_interval(own["published_score"].astype(float).tolist(), own["commitment_id"].tolist())
            assert (published["low"], published["high"]) == pytest.approx((50 + 50 * low, 50 + 50 * high))
        else:
            assert math.isnan(published["low"])
            assert published["reason"] in {
                "only one commitment, so no interval",
                "all scores are equal, so no interval",
            }
        suggested = averages.loc[(member, "suggested")]
        given = own["p_minus1"] + own["p_0"] + own["p_plus1"]
        assert suggested["mean"] == pytest.approx(((own["p_plus1"] - own["p_minus1"]) / given).mean())


def test_a_member_without_scores_has_no_average_and_no_rank_and_a_reason(panel_runs: Any) -> None:
    run = g7tag.open_run(panel_runs / "invented")
    unknown = {"published_score": pd.array([None] * len(run.scores), "Int64"), "p_0": math.nan}
    found = panel_frames([chapter(panel_runs, "invented", scores=run.scores.assign(**unknown))], {})
    assert found.averages["mean"].isna().all()
    assert set(found.averages["reason"]) == {"no score"}
    assert found.ranks["best"].isna().all()
    assert set(found.ranks["reason"]) == {"no score"}


def test_a_member_is_known_by_its_code_and_has_its_first_name(panel_runs: Any, panel: Panel) -> None:
    run = g7tag.open_run(panel_runs / "invented")
    renamed = {
        name: run.frames[name].replace({"member": {"Japan": "Nippon"}}) for name in ("members", "items", "scores")
    }
    other = chapter(panel_runs, "invented", **renamed)
    other = other._replace(final=other.final.replace({"member": {"Japan": "Nippon"}}))
    found = panel_frames([chapter(panel_runs, "border"), chapter(panel_runs, "food"), other], {})
    assert "Nippon" not in set(found.scores["member"])
    assert len(found.scores) == len(panel.scores)


def differing(found: PanelFrames) -> dict[str, str]:
    return dict(zip(found.consistency["run"], found.consistency["differs"], strict=True))


def test_chapters_that_are_not_made_like_most_are_named(panel_runs: Any, panel: Panel) -> None:
    names = ("border", "food", "invented")
    assert len(set(panel.consistency["min_strong_items"])) == 1
    base = differing(panel.frames)
    base = {name.rpartition("/")[2]: parts for name, parts in base.items()}
    book = g7tag.open_codebook("2024-apulia-09").model_copy(update={"min_strong_items": 4})
    food = chapter(panel_runs, "food", codebook=book)
    border, invented = (chapter(panel_runs, name) for name in (names[0], names[2]))
    assert "min_strong_items" in differing(panel_frames([border, food, invented], {}))["food"]
    assert "min_strong_items" not in differing(panel_frames([border, food, invented], {}))["border"]
    both = differing(panel_frames([food, invented], {}))  # of two, neither is like most
    assert all("min_strong_items" in parts for parts in both.values())
    assert set(base) == set(names)


def test_labels_and_matches_are_counted(panel: Panel, panel_runs: Any) -> None:
    row = panel.consistency.set_index("commitment_id").loc["2024-19"]
    run = g7tag.open_run(panel_runs / "invented")
    with_dimension = run.labels[run.labels["dimensions"] != ""]
    assert row["n_labelled"] == len(with_dimension)
    assert row["share_strong"] == pytest.approx((with_dimension["strength"] == "strong").mean())
    assert row["low"] < row["share_strong"] < row["high"]
    verdicts = run.reconcile()["verdict"]
    assert (row["n_matched"], row["n_members"]) == ((verdicts == "agrees").sum(), len(verdicts))
    strong = run.labels.assign(strength=run.labels["strength"].replace("weak", "strong"))
    (alone,) = panel_frames([chapter(panel_runs, "invented", labels=strong)], {}).consistency.to_dict("records")
    assert (alone["share_strong"], alone["reason"]) == (1, "all strengths are equal, so no interval")
    assert math.isnan(alone["low"])
    nothing = run.labels.assign(strength="none", dimensions="")
    (alone,) = panel_frames([chapter(panel_runs, "invented", labels=nothing)], {}).consistency.to_dict("records")
    assert (alone["n_labelled"], alone["reason"]) == (0, "no sentence has a dimension")
    assert math.isnan(alone["share_strong"])
    bare = {name: run.frames[name].head(0) for name in ("items", "sentences", "labels", "tags", "citations")}
    other = chapter(panel_runs, "food")
    empty = panel_frames([other, chapter(panel_runs, "invented", **bare)], {})
    assert (empty.shared_acts.empty, len(empty.scores)) == (True, len(other.frames["scores"]) + len(run.scores))
    assert (row["n_people"], row["tagger"]) == (0, run.tags["tagger"].iloc[0])
