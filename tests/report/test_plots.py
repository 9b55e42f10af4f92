"""Plots show the content of the frames."""

from collections.abc import Iterator
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

TABLE = "scoring-table"
WHERE = {"scheme": "member left out", "tested_on": "apulia-2024.csv"}


@pytest.fixture(scope="module")
def levels(run: Run) -> pd.DataFrame:
    return scoring.item_levels(run.labels, sentences=run.sentences, items=run.items, codebook=run.codebook)


@pytest.fixture(scope="module")
def reliability(codebook: Codebook) -> pd.DataFrame:
    return g7tag.evaluation.stored_evaluation(codebook)["reliability"]


@pytest.fixture(autouse=True)
def _no_figure_is_left() -> Iterator[None]:
    yield
    plt.close("all")


def lines(axes: Axes) -> dict[Any, Any]:
    """The lines of a plot by their labels."""
    return {line.get_label(): line for line in axes.lines}


def test_a_bar_a_score_is_as_long_as_its_probability(run: Run) -> None:
    rows = run.scores[run.scores["reading"] == TABLE].reset_index(drop=True)
    axes = plots.plot_scores(run.scores, reading=TABLE)
    assert [patch.get_width() for patch in axes.patches] == pytest.approx(
        [*rows["p_minus1"], *rows["p_0"], *rows["p_plus1"]]
    )
    assert [patch.get_x() for patch in axes.patches][-len(rows) :] == pytest.approx(rows["p_minus1"] + rows["p_0"])
    likely = run.scores.assign(p_minus1=0.0, p_0=0.1, p_plus1=0.9)
    names = [label.get_text() for label in plots.plot_scores(likely, reading=TABLE).get_yticklabels()]
    assert names == ["Canada, published +1", "Japan, published 0 *"]
    unknown = run.scores.assign(**dict.fromkeys(["p_minus1", "p_0", "p_plus1"], float("nan")))
    assert {patch.get_width() for patch in plots.plot_scores(unknown, reading=TABLE).patches} == {0.0}


def test_a_cell_is_the_suggested_score_by_threshold_or_the_level_by_dimension(run: Run) -> None:
    rows = run.thresholds[run.thresholds["reading"] == TABLE]
    axes = plots.plot_thresholds(run.thresholds, reading=TABLE)
    assert len(axes.patches) == len(rows)
    shown = rows["suggested_score"].map({-1: "-1", 0: "0", 1: "+1"}).fillna("no score")
    assert [text.get_text() for text in axes.texts] == (shown + rows["changes"].map({True: "*", False: ""})).tolist()

    axes = plots.plot_evidence(run.evidence_matrix, run.codebook)
    assert len(axes.patches) == len(axes.texts) == len(run.evidence_matrix)
    first = run.evidence_matrix.iloc[0]
    assert axes.texts[0].get_text() == f"{first['level']}\n{first['n_strong']} strong, {first['n_weak']} weak"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Canada", "Japan"]


def test_an_act_has_a_cell_for_each_member_that_it_counts_for_or_names(codebook: Codebook) -> None:
    acts = [
        ("a", "2024-09-03", "Canada;Japan", "2024-19/CAN-02;2024-19/JPN-01;2024-19/JPN-03", "France", True),
        ("b", "2024-10-01", "Canada", "2024-19/CAN-04", "", True),  # not shared
    ]
    joint = pd.DataFrame(acts, columns=["joint_id", "date", "members", "item_ids", "named_only", "alike"])
    axes = plots.plot_joint_actions(joint.assign(date=pd.to_datetime(joint["date"])), codebook)
    assert [text.get_text() for text in axes.texts] == ["02", "named", "01, 03"]  # CAN, FRA, JPN
    assert [label.get_text() for label in axes.get_xticklabels()] == list(codebook.codes.values())
    assert [label.get_text() for label in axes.get_yticklabels()] == ["3 September 2024"]


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


def test_the_reliability_diagram_draws_the_bins_beside_the_diagonal(reliability: pd.DataFrame) -> None:
    axes = g7tag.plot_reliability(reliability, probabilities=["p_right", "p_counter"], **WHERE)
    assert [line.get_label() for line in axes.lines if line.get_linestyle() == ":"] == ["calibrated"]
    its = reliability[(reliability[list(WHERE)] == list(WHERE.values())).all(axis=1)]
    for container, name in zip(axes.containers, ["p_right", "p_counter"], strict=True):
        bins = its[its["probability"] == name]
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
    assert not plots.plot_evidence(run.evidence_matrix.head(0), codebook).patches
    empty = plots.plot_timeline(levels.head(0), codebook)
    assert not any(len(line.get_xdata()) for label, line in lines(empty).items() if ", " in label)
    assert len(empty.get_yticklabels()) == len(codebook.codes)
    assert [len(bar[0].get_xdata()) for bar in g7tag.plot_reliability(reliability.head(0), **WHERE).containers] == [0]


def test_dollars_are_text_on_axes_of_ones_own_too(run: Run, codebook: Codebook, reliability: pd.DataFrame) -> None:
    figure, (left, right) = plt.subplots(1, 2)
    assert plots.plot_thresholds(run.thresholds, reading=TABLE, ax=left, title="costs $5 and $6") is left
    assert plots.plot_evidence(run.evidence_matrix, codebook, ax=right, title="$5 and $6") is right
    figure.canvas.draw()  # two dollar signs in a title would be read as mathematics
    named = pd.DataFrame({"file": ["$a and $b"], "label": ["$x $y"], "alpha": [0.9], "low": [0.8], "high": [1.0]})
    g7tag.plot_agreement(named, title="$1 and $2").figure.canvas.draw()
    rows = reliability.assign(probability="$p and $q", tested_on="$f $g")
    where = {"scheme": "member left out", "tested_on": "$f $g"}
    g7tag.plot_reliability(rows, probabilities=["$p and $q"], **where).figure.canvas.draw()
