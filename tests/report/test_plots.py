"""Plots of scores, thresholds and joint acts draw what the frames say."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest

import g7tag
from g7tag.codebook import Codebook
from g7tag.steps import Run

TABLE = "scoring-table"


@pytest.fixture(scope="module")
def run() -> Run:
    return g7tag.run_report()


@pytest.fixture(autouse=True)
def _no_figure_is_left() -> Iterator[None]:
    yield
    plt.close("all")


def test_a_bar_a_score_is_as_long_as_its_probability(run: Run) -> None:
    rows = run.scores[run.scores["reading"] == TABLE].reset_index(drop=True)
    axes = g7tag.plot_scores(run.scores, reading=TABLE)
    widths = [patch.get_width() for patch in axes.patches]
    assert widths == pytest.approx([*rows["p_minus1"], *rows["p_0"], *rows["p_plus1"]])
    assert [patch.get_x() for patch in axes.patches][-len(rows) :] == pytest.approx(rows["p_minus1"] + rows["p_0"])
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[0] == "Canada, published 0"
    assert names[-1] == "European Union, published +1"


def test_a_published_score_that_is_not_the_likeliest_has_a_star(run: Run) -> None:
    scores = run.scores.assign(p_minus1=0.0, p_0=0.1, p_plus1=0.9)
    names = [label.get_text() for label in g7tag.plot_scores(scores, reading=TABLE).get_yticklabels()]
    assert names[0] == "Canada, published 0 *"
    assert names[-1] == "European Union, published +1"


def test_unknown_probabilities_give_no_bars(run: Run) -> None:
    scores = run.scores.assign(p_minus1=None, p_0=None, p_plus1=None).astype(
        dict.fromkeys(["p_minus1", "p_0", "p_plus1"], float)
    )
    assert {patch.get_width() for patch in g7tag.plot_scores(scores, reading=TABLE).patches} == {0.0}


def test_a_cell_a_threshold_is_the_suggested_score(run: Run) -> None:
    rows = run.thresholds[run.thresholds["reading"] == TABLE]
    axes = g7tag.plot_thresholds(run.thresholds, reading=TABLE)
    assert len(axes.patches) == len(axes.texts) == len(rows)
    words = [text.get_text() for text in axes.texts]
    shown = rows["suggested_score"].map({-1: "-1", 0: "0", 1: "+1"}).fillna("no score")
    assert words == (shown + rows["changes"].map({True: "*", False: ""})).tolist()


def test_an_act_has_a_cell_for_each_member_that_it_counts_for_or_names(run: Run, codebook: Codebook) -> None:
    shared = run.joint_actions[run.joint_actions["members"].str.contains(";")]
    axes = g7tag.plot_joint_actions(run.joint_actions, codebook)
    n_members = shared["members"].str.split(";").map(len).sum()
    n_named = shared["named_only"].map(lambda names: len([name for name in names.split(";") if name])).sum()
    assert len(axes.patches) == len(axes.texts) == n_members + n_named
    assert sum(text.get_text() == "named" for text in axes.texts) == n_named
    assert [label.get_text() for label in axes.get_xticklabels()] == list(codebook.codes.values())
    days = shared.sort_values(["date", "joint_id"])["date"]
    assert axes.get_yticklabels()[0].get_text() == f"{days.iloc[0].day} {days.iloc[0]:%B %Y}"


def test_no_rows_give_empty_axes(run: Run, codebook: Codebook) -> None:
    assert not g7tag.plot_scores(run.scores.head(0), reading=TABLE).patches
    assert not g7tag.plot_thresholds(run.thresholds.head(0), reading=TABLE).patches
    assert not g7tag.plot_joint_actions(run.joint_actions.head(0), codebook).patches


def test_a_plot_may_be_drawn_on_axes_of_ones_own(run: Run, codebook: Codebook) -> None:
    figure, panels = plt.subplots(1, 3)
    drawn = [
        g7tag.plot_scores(run.scores, reading=TABLE, ax=panels[0]),
        g7tag.plot_thresholds(run.thresholds, reading=TABLE, ax=panels[1], title="costs $5 and $6"),
        g7tag.plot_joint_actions(run.joint_actions, codebook, ax=panels[2]),
    ]
    assert drawn == list(panels)
    figure.canvas.draw()  # two dollar signs in a title would be read as mathematics
