"""What scores depend on: rules, readings, thresholds, single items and doubtful tags."""

from typing import Any

import pytest

from g7tag.audit.outcomes import outcome_findings, rubric_findings
from g7tag.codebook import Codebook
from g7tag.frames import EQUAL_EVIDENCE, SCORES_FRAME, build


def test_a_tagger_that_was_trained_on_the_commitment_is_named(report: Any) -> None:
    assert report.found("seen_in_training") == {}
    report.seen = 200
    (message,) = report.found("seen_in_training").values()
    assert message.startswith(
        "the tagger was trained on restatements of 200 items of this commitment, so it makes fewer "
    )


def test_the_rubric_is_audited_with_the_run(report: Any) -> None:
    assert sorted(report.found("rubric_gap", "rubric_overlap", "rubric_readings_differ", "rubric_not_monotonic")) == [
        "rubric_gap:2024-apulia-19/scoring-table",
        "rubric_overlap:2024-apulia-19/interpretive-guidelines",
        "rubric_overlap:2024-apulia-19/scoring-table",
        "rubric_readings_differ:2024-apulia-19/scoring-table+interpretive-guidelines",
    ]


def test_a_score_that_differs_from_the_published_one_is_grave(report: Any) -> None:
    report.members[0]["published_score"] = 1
    findings = report.audited().findings.set_index("check")
    assert findings.loc["score_differs", ["subject", "severity", "message"]].tolist() == [
        "2024-19/ITA", "high", "published +1, suggested 0.",
    ]  # fmt: skip


def test_a_state_that_no_rule_covers_is_a_rule_gap(report: Any) -> None:
    for item in ("2024-19/ITA-01", "2024-19/ITA-02"):
        report.labels[item] = ("prevent;counter", "weak", "")
    found = report.found("rule_gap", "depends_on_reading", "score_differs")
    assert found == {
        "rule_gap:2024-19/ITA/scoring-table": "no score under scoring-table: no rule covers this."
    }  # under the other reading 0, as published


def test_a_score_that_depends_on_the_reading_is_named(report: Any) -> None:
    scores = report.frames()["scores"]
    scores.loc[1, ["suggested_score", "agrees"]] = [-1, False]
    found = report.found("depends_on_reading", scores=build(SCORES_FRAME, scores.to_dict("records")))
    assert found == {
        "depends_on_reading:2024-19/ITA": "the suggested score depends on the reading: 0 (scoring-table), "
        "-1 (interpretive-guidelines)."
    }


def test_contradictory_action_is_shown_under_both_precedences(report: Any) -> None:
    scores = report.frames()["scores"]
    scores.loc[0, "score_if_contradicted"] = -1
    found = report.found("contradictory_action", scores=build(SCORES_FRAME, scores.to_dict("records")))
    assert found == {
        "contradictory_action:2024-19/ITA/scoring-table": "some action is labelled as contrary to the commitment. "
        "Ignoring it gives 0; giving it precedence gives -1. The guidelines do not say which applies."
    }


@pytest.mark.parametrize(("share", "found"), [(0.79, True), (0.8, False)])
def test_a_score_less_likely_than_four_in_five_is_too_close_to_call(report: Any, share: float, found: bool) -> None:
    scores = report.frames()["scores"].assign(p_minus1=1 - share, p_0=share, p_plus1=0.0)
    assert bool(report.found("uncertain_score", scores=scores)) is found


def test_a_score_that_falls_with_one_item_is_grave_and_one_that_would_rise_is_not(report: Any) -> None:
    findings = report.audited().findings.set_index("finding_id")
    assert findings.loc["depends_on_one_item:2024-19/ITA", ["severity", "message"]].tolist() == [
        "high",
        "relabelling a single item can change the score of 0. 2 items can do so; the most likely is ITA-01, which "
        "would make the score -1 (prevent becomes weak).",
    ]
    for item in ("2024-19/ITA-01", "2024-19/ITA-02"):
        report.labels[item] = ("", "none", "")
    after = report.audited().findings.set_index("finding_id")
    assert after.loc["depends_on_one_item:2024-19/ITA", "severity"] == "low"  # -1 could become 0 under one reading


def test_members_whose_score_depends_on_the_number_of_strong_items_are_named(report: Any) -> None:
    (message,) = report.found("depends_on_threshold").values()
    assert message.endswith(
        "The codebook uses 2. With 3: Italy -1, Japan -1. With 4: Italy -1, Japan -1. With 5: Italy -1, Japan -1."
    )


def test_a_score_that_would_rise_is_a_live_question_where_it_is_not_clear(report: Any) -> None:
    flips = report.frames()["flips"].assign(to_score=1)
    for share, severity in ((0.89, "medium"), (0.9, "low")):
        scores = report.frames()["scores"].assign(p_minus1=0.0, p_0=share, p_plus1=1 - share)
        found = report.audited(flips=flips, scores=scores).findings.set_index("finding_id")
        assert found.loc["depends_on_one_item:2024-19/ITA", "severity"] == severity


def test_members_in_a_state_that_the_rules_fail_are_named_with_the_rule(report: Any) -> None:
    (message,) = (text for name, text in report.found("rubric_gap").items() if "scoring-table" in name)
    assert message.endswith("No member is in such a state now.")
    for item in ("2024-19/ITA-01", "2024-19/ITA-02"):
        report.labels[item] = ("prevent;counter", "weak", "")
    found = report.found("rubric_gap", "rubric_readings_differ")
    assert [text.rpartition(": ")[2].rpartition(". ")[2] for text in found.values()] == [
        "Italy is in such a state now."
    ] * 2


def test_the_chance_that_counts_is_that_of_the_suggested_score(report: Any) -> None:
    scores = report.frames()["scores"].assign(p_minus1=0.96, p_0=0.04, p_plus1=0.0)  # suggested 0
    assert report.found("uncertain_score", scores=scores)["uncertain_score:2024-19/ITA"] == (
        "the score is too close to call based on the tags' probabilities: 96% for -1, 4% for 0 (scoring-table); "
        "96% for -1, 4% for 0 (interpretive-guidelines)."
    )


def test_no_score_is_clear_where_no_rule_covers_the_draws_either(report: Any) -> None:
    for item in ("2024-19/ITA-01", "2024-19/ITA-02"):
        report.labels[item] = ("prevent;counter", "weak", "")  # certain: a gap of the table in every draw
    assert report.found("uncertain_score") == {}


def test_contradictory_action_is_shown_where_no_rule_gives_a_score(report: Any) -> None:
    scores = report.frames()["scores"]
    scores.loc[0, "suggested_score"], scores.loc[0, "score_if_contradicted"] = None, -1
    found = report.found("contradictory_action", scores=build(SCORES_FRAME, scores.to_dict("records")))
    assert (
        "Ignoring it gives no score; giving it precedence gives -1."
        in found["contradictory_action:2024-19/ITA/scoring-table"]
    )


def test_of_two_readings_the_one_under_which_the_score_falls_is_told(report: Any) -> None:
    for item in ("2024-19/ITA-01", "2024-19/ITA-02"):
        report.labels[item] = ("prevent;counter" if item.endswith("1") else "prevent", "weak", "")
    findings = report.audited().findings.set_index("finding_id")
    severity, message = findings.loc["depends_on_one_item:2024-19/ITA", ["severity", "message"]]
    assert severity == "high"
    assert message.startswith("relabelling a single item can change the score of 0 under interpretive-guidelines. ")


def test_what_scores_rest_on_is_told_by_how_grave_it_is(report: Any) -> None:
    report.seen = 200
    report.members[1]["published_score"] = 1
    for item in ("2024-19/ITA-01", "2024-19/ITA-02"):
        report.labels[item] = ("prevent;counter", "weak", "")
    frames = report.frames()
    scores = frames["scores"].assign(p_minus1=0.3, p_0=0.7, p_plus1=0.0)
    scores.loc[scores["member"] == "Japan", "score_if_contradicted"] = -1
    thresholds = frames["thresholds"].assign(changes=True)
    findings = report.audited(scores=scores, thresholds=thresholds).findings
    found = findings.groupby("check")["severity"].agg(set)
    assert {check: found[check] for check in ("rule_gap", "score_differs", "contradictory_action")} == {
        "rule_gap": {"high"}, "score_differs": {"high"}, "contradictory_action": {"high"},
    }  # fmt: skip
    middle = (
        "seen_in_training",
        "rubric_gap",
        "rubric_overlap",
        "rubric_readings_differ",
        "uncertain_score",
        "depends_on_threshold",
    )
    assert {check: found[check] for check in middle} == {check: {"medium"} for check in middle}
    (gap,) = findings.loc[findings["finding_id"] == "rubric_gap:2024-apulia-19/scoring-table", "proof"]
    assert gap == "Italy"


@pytest.mark.parametrize(("kept", "reported"), [(0.49, True), (0.5, False)])
def test_a_score_rests_on_the_number_of_items_where_most_equal_draws_lose_it(
    report: Any, kept: float, reported: bool
) -> None:
    frames = report.frames()
    row = {"commitment_id": "2024-19", "member": "Italy", "reading": "scoring-table", "n_items": 9, "n_drawn": 2}
    row |= {"draws": 1000, "kept": kept, "p_minus1": 0.996, "p_0": 0.004, "p_plus1": 0.0}
    other = row | {"member": "Japan", "n_items": 2, "kept": 1.0}
    found = outcome_findings(
        frames["scores"], frames["thresholds"], frames["flips"], build(EQUAL_EVIDENCE, [row, other]),
        frames["members"], report.codebook, 0,
    )  # fmt: skip
    its = [(row["severity"], row["message"]) for row in found if row["check"] == "depends_on_amount_of_evidence"]
    message = (
        "has 9 items. In 1000 random draws of 2 items (the number Japan has), the score is -1 in 100%, 0 in <1% of "
        "draws."
    )
    assert its == ([("medium", message)] if reported else [])


def test_all_members_with_the_fewest_items_are_named_and_members_keep_their_order(report: Any) -> None:
    frames = report.frames()
    row = {"commitment_id": "2024-19", "member": "Italy", "reading": "scoring-table", "n_items": 9, "n_drawn": 2}
    row |= {"draws": 10, "kept": 0.0, "p_minus1": 1.0, "p_0": 0.0, "p_plus1": 0.0}
    fewest = [row | {"member": member, "n_items": 2, "kept": 1.0} for member in ("Japan", "Canada")]
    found = outcome_findings(
        frames["scores"].iloc[::-1], frames["thresholds"], frames["flips"], build(EQUAL_EVIDENCE, [row, *fewest]),
        frames["members"], report.codebook, 0,
    )  # fmt: skip
    (message,) = (row["message"] for row in found if row["check"] == "depends_on_amount_of_evidence")
    assert "(the number Japan and Canada have), the score is -1 in 100% of draws." in message
    assert list(dict.fromkeys(row["member"] for row in found if row["member"])) == ["Japan", "Italy"]


def test_shares_of_half_a_percent_are_told_and_less_is_not(report: Any) -> None:
    scores = report.frames()["scores"].assign(p_minus1=0.49, p_0=0.501, p_plus1=0.005)  # no score: 0.4%
    (message,) = (text for name, text in report.found("uncertain_score", scores=scores).items() if "ITA" in name)
    shares = "49% for -1, 50% for 0, 0% for +1 (scoring-table); "
    assert message.startswith(f"the score is too close to call based on the tags' probabilities: {shares}")


def test_a_codebook_of_many_dimensions_is_audited_without_its_rubric(codebook: Codebook, report: Any) -> None:
    first = codebook.dimensions[0]
    many = [*codebook.dimensions, *(first.model_copy(update={"key": f"d{place}"}) for place in range(5))]
    (row,) = rubric_findings(codebook.model_copy(update={"dimensions": many}), report.frames()["scores"])
    assert (row["check"], row["severity"]) == ("rubric_unchecked", "low")
