"""Plots show the content of the frames."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes

import g7tag
from g7tag import scoring
from g7tag.codebook import Codebook
from g7tag.jobs import Run
from g7tag.report import plots

pytestmark = pytest.mark.slow

TABLE = "scoring-table"
WHERE = {"scheme": "member left out", "tested_on": "apulia-2024.csv"}


@pytest.fixture(scope="module")
def run(bundled_run: Path) -> Run:
    return g7tag.open_run(bundled_run)


@pytest.fixture(scope="module")
def levels(run: Run, codebook: Codebook) -> pd.DataFrame:
    return scoring.item_levels(run.labels, sentences=run.sentences, items=run.items, codebook=codebook)


@pytest.fixture(scope="module")
def reliability(codebook: Codebook) -> pd.DataFrame:
    return g7tag.evaluation.stored_evaluation(codebook)["reliability"]


def lines(axes: Axes) -> dict[Any, Any]:
    """The lines of a plot by their labels."""
    return {line.get_label(): line for line in axes.lines}


@pytest.fixture(autouse=True)
def _no_figure_is_left() -> Iterator[None]:
    yield
    plt.close("all")


def test_a_bar_a_score_is_as_long_as_its_probability(run: Run) -> None:
    rows = run.scores[run.scores["reading"] == TABLE].reset_index(drop=True)
    axes = plots.plot_scores(run.scores, reading=TABLE)
    widths = [patch.get_width() for patch in axes.patches]
    assert widths == pytest.approx([*rows["p_minus1"], *rows["p_0"], *rows["p_plus1"]])
    assert [patch.get_x() for patch in axes.patches][-len(rows) :] == pytest.approx(rows["p_minus1"] + rows["p_0"])
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[0] == "Canada, published 0"
    assert names[-1] == "European Union, published +1"


def test_a_published_score_that_is_not_the_likeliest_has_a_star(run: Run) -> None:
    scores = run.scores.assign(p_minus1=0.0, p_0=0.1, p_plus1=0.9)
    names = [label.get_text() for label in plots.plot_scores(scores, reading=TABLE).get_yticklabels()]
    assert names[0] == "Canada, published 0 *"
    assert names[-1] == "European Union, published +1"


def test_unknown_probabilities_give_no_bars(run: Run) -> None:
    scores = run.scores.assign(p_minus1=None, p_0=None, p_plus1=None).astype(
        dict.fromkeys(["p_minus1", "p_0", "p_plus1"], float)
    )
    assert {patch.get_width() for patch in plots.plot_scores(scores, reading=TABLE).patches} == {0.0}


def test_a_cell_a_threshold_is_the_suggested_score(run: Run) -> None:
    rows = run.thresholds[run.thresholds["reading"] == TABLE]
    axes = plots.plot_thresholds(run.thresholds, reading=TABLE)
    assert len(axes.patches) == len(axes.texts) == len(rows)
    words = [text.get_text() for text in axes.texts]
    shown = rows["suggested_score"].map({-1: "-1", 0: "0", 1: "+1"}).fillna("no score")
    assert words == (shown + rows["changes"].map({True: "*", False: ""})).tolist()


def test_an_act_has_a_cell_for_each_member_that_it_counts_for_or_names(run: Run, codebook: Codebook) -> None:
    shared = run.joint_actions[run.joint_actions["members"].str.contains(";")]
    axes = plots.plot_joint_actions(run.joint_actions, codebook)
    n_members = shared["members"].str.split(";").map(len).sum()
    n_named = shared["named_only"].map(lambda names: len([name for name in names.split(";") if name])).sum()
    assert len(axes.patches) == len(axes.texts) == n_members + n_named
    assert sum(text.get_text() == "named" for text in axes.texts) == n_named
    assert [label.get_text() for label in axes.get_xticklabels()] == list(codebook.codes.values())
    days = shared.sort_values(["date", "joint_id"])["date"]
    assert axes.get_yticklabels()[0].get_text() == f"{days.iloc[0].day} {days.iloc[0]:%B %Y}"


def test_the_timeline_has_a_mark_for_each_item_and_dimension(levels: pd.DataFrame, codebook: Codebook) -> None:
    axes = plots.plot_timeline(levels, codebook)
    drawn = lines(axes)
    for key in codebook.dimension_keys:
        for strength, is_strong in (("strong", True), ("weak", False)):
            its = levels[(levels["dimension"] == key) & (levels["strong"] == is_strong)]
            line = drawn[f"{key}, {strength}"]
            assert len(line.get_xdata()) == len(its)
            assert (line.get_markerfacecolor() == "white") == (strength == "weak")
    first = levels[(levels["dimension"] == "counter") & levels["strong"]].iloc[0]
    assert drawn["counter, strong"].get_xdata()[0] == (first["date"] - pd.Timestamp("1970-01-01")).days
    lane = drawn["counter, strong"].get_ydata()[0]
    assert axes.get_yticklabels()[round(lane)].get_text() == first["member"]
    assert len(drawn["outside the period"].get_xdata()) == (~levels["in_period"]).sum()


def test_the_timeline_crosses_out_what_is_outside_and_counts_what_has_no_day(codebook: Codebook) -> None:
    rows = [("a", "2010-01-01", False), ("b", None, True), ("c", "2025-01-01", True)]
    levels = pd.DataFrame(rows, columns=["item_id", "date", "in_period"]).assign(
        date=lambda frame: pd.to_datetime(frame["date"]), member="Japan", dimension="counter", strong=True
    )
    axes = plots.plot_timeline(levels, codebook, title="$5 and $6")
    drawn = lines(axes)
    assert len(drawn["counter, strong"].get_xdata()) == 2
    far = drawn["outside the period"].get_xdata()
    assert axes.get_xlim()[0] < far[0] < (pd.Timestamp("2024-06-15") - pd.Timestamp("1970-01-01")).days
    assert axes.get_xlabel().endswith("1 outside the period; not drawn: 1 item without a day")
    axes.figure.canvas.draw()


def test_the_reliability_diagram_draws_the_bins_beside_the_diagonal(reliability: pd.DataFrame) -> None:
    axes = g7tag.plot_reliability(reliability, probabilities=["p_right", "p_counter"], **WHERE)
    assert [line.get_label() for line in axes.lines if line.get_linestyle() == ":"] == ["calibrated"]
    its = reliability[(reliability[list(WHERE)] == list(WHERE.values())).all(axis=1)]
    for container, name in zip(axes.containers, ["p_right", "p_counter"], strict=True):
        bins = its[its["probability"] == name]
        assert len(bins) == 10
        assert container[0].get_xdata().tolist() == bins["mean"].tolist()
        assert container[0].get_ydata().tolist() == bins["share"].tolist()
        assert container.get_label() == f"{name} (33 per bin)"
    assert axes.get_title(loc="left").startswith("Reliability of probabilities: apulia-2024.csv")


def test_the_plot_of_agreement_has_a_mark_for_each_file_and_label_with_an_alpha() -> None:
    columns = ["file", "label", "alpha", "low", "high"]
    nan = float("nan")
    rows = [("a", "prevent", 0.9, 0.8, 0.95), ("a", "none", nan, nan, nan), ("b", "prevent", -0.2, -0.4, 0.1)]
    axes = g7tag.plot_agreement(pd.DataFrame(rows, columns=columns))
    assert [container.get_label() for container in axes.containers] == ["a", "b"]
    assert [container[0].get_xdata().tolist() for container in axes.containers] == [[0.9], [-0.2]]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["prevent", "none"]
    assert axes.get_xlim()[0] == -0.4
    assert not g7tag.plot_agreement(pd.DataFrame(columns=columns)).containers


def test_no_rows_give_empty_axes(run: Run, codebook: Codebook, levels: pd.DataFrame, reliability: pd.DataFrame) -> None:
    assert not plots.plot_scores(run.scores.head(0), reading=TABLE).patches
    assert not plots.plot_thresholds(run.thresholds.head(0), reading=TABLE).patches
    assert not plots.plot_joint_actions(run.joint_actions.head(0), codebook).patches
    empty = plots.plot_timeline(levels.head(0), codebook)
    assert not any(len(line.get_xdata()) for label, line in lines(empty).items() if ", " in label)
    assert len(empty.get_yticklabels()) == len(codebook.codes)
    assert [len(bar[0].get_xdata()) for bar in g7tag.plot_reliability(reliability.head(0), **WHERE).containers] == [0]


def test_a_plot_may_be_drawn_on_axes_of_ones_own(run: Run, codebook: Codebook) -> None:
    figure, panels = plt.subplots(1, 3)
    drawn = [
        plots.plot_scores(run.scores, reading=TABLE, ax=panels[0]),
        plots.plot_thresholds(run.thresholds, reading=TABLE, ax=panels[1], title="costs $5 and $6"),
        plots.plot_joint_actions(run.joint_actions, codebook, ax=panels[2]),
    ]
    assert drawn == list(panels)
    figure.canvas.draw()  # two dollar signs in a title would be read as mathematics


def test_dollars_in_a_legend_are_text(reliability: pd.DataFrame) -> None:
    named = pd.DataFrame({"file": ["$a and $b"], "label": ["$x $y"], "alpha": [0.9], "low": [0.8], "high": [1.0]})
    g7tag.plot_agreement(named, title="$1 and $2").figure.canvas.draw()
    rows = reliability.assign(probability="$p and $q", tested_on="$f $g")
    where = {"scheme": "member left out", "tested_on": "$f $g"}
    g7tag.plot_reliability(rows, probabilities=["$p and $q"], **where).figure.canvas.draw()
    legend = g7tag.plot_agreement(named).get_legend()
    assert legend is not None
    assert [text.get_parse_math() for text in legend.get_texts()] == [False]
