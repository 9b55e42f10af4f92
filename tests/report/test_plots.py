"""Plots show the content of the frames."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import g7tag
from g7tag import scoring
from g7tag.report import plots

TABLE = "scoring-table"
WHERE = {"scheme": "member left out", "tested_on": "apulia-2024.csv"}


@pytest.fixture(scope="module")
def levels(run):
    return scoring.item_levels(run.labels, sentences=run.sentences, items=run.items, codebook=run.codebook)


@pytest.fixture(scope="module")
def reliability(codebook):
    return g7tag.evaluation.stored_evaluation(codebook)["reliability"]


@pytest.fixture(autouse=True)
def _no_figure_is_left():
    yield
    plt.close("all")


def test_a_bar_a_score_is_as_long_as_its_probability(run):
    known = run.scores.assign(p_minus1=0.125, p_0=0.5, p_plus1=0.25)  # 0.125 have no score
    bars = plots.plot_scores(known, reading=TABLE).patches
    members = [bars[:4], bars[4:]]
    for each in members:
        assert [bar.get_width() for bar in each] == [0.125, 0.5, 0.25, 0.125]
        assert [bar.get_x() for bar in each] == [0.0, 0.125, 0.625, 0.875]
    likely = run.scores.assign(p_minus1=0.0, p_0=0.1, p_plus1=0.9)
    names = [text.get_text() for text in plots.plot_scores(likely, reading=TABLE).texts]
    assert names == ["Canada", "published +1", "+1: 90%", "Japan", "published 0 *", "+1: 90%"]
    unknown = run.scores.assign(**dict.fromkeys(["p_minus1", "p_0", "p_plus1"], float("nan")))
    axes = plots.plot_scores(unknown, reading=TABLE)
    assert not axes.patches
    assert [text.get_text() for text in axes.texts].count("no probabilities") == 2


def test_a_cell_is_the_suggested_score_by_threshold_or_the_level_by_dimension(run):
    rows = run.thresholds[run.thresholds["reading"] == TABLE]
    axes = plots.plot_thresholds(run.thresholds, reading=TABLE)
    assert len(axes.patches) == len(rows)
    shown = rows["suggested_score"].map({-1: "-1", 0: "0", 1: "+1"}).fillna("no score")
    assert [text.get_text().replace("\n", " ") for text in axes.texts] == (
        shown + rows["changes"].map({True: "*", False: ""})
    ).tolist()

    axes = plots.plot_evidence(run.evidence_matrix, run.codebook)
    assert len(axes.patches) == len(axes.texts) == len(run.evidence_matrix)
    first = run.evidence_matrix.iloc[0]
    assert axes.texts[0].get_text() == f"{first['level']}\n{first['n_strong']} strong, {first['n_weak']} weak"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Canada", "Japan"]


def test_an_act_has_a_cell_for_each_member_that_it_counts_for_or_names(codebook):
    acts = [
        ("a", "2024-09-03", "Canada;Japan", "2024-19/CAN-02;2024-19/JPN-01;2024-19/JPN-03", "France", True),
        ("b", "2024-10-01", "Canada", "2024-19/CAN-04", "", True),  # not shared
    ]
    joint = pd.DataFrame(acts, columns=["joint_id", "date", "members", "item_ids", "named_only", "alike"])
    axes = plots.plot_joint_actions(joint.assign(date=pd.to_datetime(joint["date"])), codebook)
    assert [text.get_text() for text in axes.texts] == ["02", "named", "01, 03"]  # CAN, FRA, JPN
    assert [label.get_text() for label in axes.get_xticklabels()] == list(codebook.codes.values())
    assert [label.get_text() for label in axes.get_yticklabels()] == ["3 September 2024"]


def marks(axes):
    """The places of the marks of a timeline by their labels."""
    return {each.get_label(): each.get_offsets() for each in axes.collections}


def test_the_timeline_has_a_mark_for_each_item_and_dimension(levels, codebook):
    axes = plots.plot_timeline(levels, codebook)
    drawn = {each.get_label(): each for each in axes.collections}
    for key in codebook.dimension_keys:
        for strength, is_strong in (("strong", True), ("weak", False)):
            its = levels[(levels["dimension"] == key) & (levels["strong"] == is_strong)]
            assert len(marks(axes)[f"{key}, {strength}"]) == len(its)
            filled = drawn[f"{key}, {strength}"].get_facecolor()[0].tolist()
            assert (filled == [1, 1, 1, 1]) == (strength == "weak")
    strong = levels[(levels["dimension"] == "counter") & levels["strong"]].sort_values(["date", "item_id"])
    place = marks(axes)["counter, strong"][0]
    assert place[0] == (strong["date"].iloc[0] - pd.Timestamp("1970-01-01")).days
    lanes = dict(zip(axes.get_yticks(), (label.get_text() for label in axes.get_yticklabels()), strict=True))
    assert lanes[min(lanes, key=lambda y: abs(y - place[1]))] == strong["member"].iloc[0]


def test_marks_of_the_same_day_do_not_hide_each_other(levels, codebook):
    same = levels.assign(date=levels["date"].dropna().iloc[0])
    every = [tuple(place) for places in marks(plots.plot_timeline(same, codebook)).values() for place in places]
    assert len(set(every)) == len(same) > 5


def test_the_reliability_diagram_draws_the_bins_beside_the_diagonal(reliability):
    axes = g7tag.plot_reliability(reliability, probabilities=["p_right", "p_counter"], **WHERE)
    assert [line.get_label() for line in axes.lines if line.get_linestyle() == ":"] == ["calibrated"]
    its = reliability[(reliability[list(WHERE)] == list(WHERE.values())).all(axis=1)]
    for container, name in zip(axes.containers, ["p_right", "p_counter"], strict=True):
        bins = its[its["probability"] == name]
        assert container[0].get_xdata().tolist() == bins["mean"].tolist()
        assert container[0].get_ydata().tolist() == bins["share"].tolist()
        assert container.get_label() == f"{name} (33 per bin)"
    assert axes.get_title(loc="left").startswith("Reliability of probabilities: apulia-2024.csv")


def test_the_plot_of_agreement_has_a_mark_for_each_file_and_label_with_an_alpha():
    columns = ["file", "label", "alpha", "low", "high"]
    nan = float("nan")
    rows = [("a", "prevent", 0.9, 0.8, 0.95), ("a", "none", nan, nan, nan), ("b", "prevent", -0.2, -0.4, 0.1)]
    axes = g7tag.plot_agreement(pd.DataFrame(rows, columns=columns))
    assert [container.get_label() for container in axes.containers] == ["a", "b"]
    assert [container[0].get_xdata().tolist() for container in axes.containers] == [[0.9], [-0.2]]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["prevent", "none"]
    assert axes.get_xlim()[0] == -0.4
    assert not g7tag.plot_agreement(pd.DataFrame(columns=columns)).containers


def test_no_rows_give_empty_axes(run, codebook, levels, reliability):
    assert not plots.plot_scores(run.scores.head(0), reading=TABLE).patches
    assert not plots.plot_thresholds(run.thresholds.head(0), reading=TABLE).patches
    assert not plots.plot_joint_actions(run.joint_actions.head(0), codebook).patches
    assert not plots.plot_evidence(run.evidence_matrix.head(0), codebook).patches
    empty = plots.plot_timeline(levels.head(0), codebook)
    assert not any(map(len, marks(empty).values()))
    assert len(empty.get_yticklabels()) == len(codebook.codes)
    assert [len(bar[0].get_xdata()) for bar in g7tag.plot_reliability(reliability.head(0), **WHERE).containers] == [0]


def test_dollars_are_text_on_axes_of_ones_own_too(run, codebook, reliability):
    figure, (left, right) = plt.subplots(1, 2)
    assert plots.plot_thresholds(run.thresholds, reading=TABLE, ax=left, title="costs $5 and $6") is left
    assert plots.plot_evidence(run.evidence_matrix, codebook, ax=right, title="$5 and $6") is right
    figure.canvas.draw()  # two dollar signs in a title would be read as mathematics
    named = pd.DataFrame({"file": ["$a and $b"], "label": ["$x $y"], "alpha": [0.9], "low": [0.8], "high": [1.0]})
    g7tag.plot_agreement(named, title="$1 and $2").figure.canvas.draw()
    rows = reliability.assign(probability="$p and $q", tested_on="$f $g")
    where = {"scheme": "member left out", "tested_on": "$f $g"}
    g7tag.plot_reliability(rows, probabilities=["$p and $q"], **where).figure.canvas.draw()
