"""What scores depend on: rules, readings, thresholds, single items, doubtful tags and the amount of evidence."""

import pytest

from g7tag.audit.outcomes import equal_evidence, outcome_findings, rubric_findings
from g7tag.frames import EQUAL_EVIDENCE, FLIPS, MEMBERS, SCORES_FRAME, THRESHOLDS, build

TABLE, TEXT = "scoring-table", "interpretive-guidelines"
ITALY = {"commitment_id": "2024-19", "member": "Italy"}
WEAK_IN_TWO = ("prevent;counter", "weak")  # a gap of the table; 0 by the guidelines


def scores(**changes):
    """Return a row of Italy's score by the table: 0 as published, for certain."""
    row = {"reading": TABLE, "suggested_score": 0, "rule": "r", "published_score": 0, "agrees": True}
    row |= {"score_all_dates": 0, "score_if_contradicted": 0, "p_minus1": 0.0, "p_0": 1.0, "p_plus1": 0.0}
    return ITALY | row | changes


def flip(**changes):
    row = {"reading": TABLE, "size": 1, "n_sets": 2, "item_ids": "2024-19/ITA-01", "candidate_ids": ""}
    row |= {"sentence_ids": "2024-19/ITA-01.1", "change": "prevent becomes weak", "to_score": -1, "chance": 0.1}
    return ITALY | row | changes


def draws(**changes):
    row = {"reading": TABLE, "n_items": 9, "n_drawn": 2, "draws": 1000, "kept": 0.49}
    return ITALY | row | {"p_minus1": 0.996, "p_0": 0.004, "p_plus1": 0.0} | changes


def found(report, *rows, seen=0, **tables):
    """Return severities and messages by finding_id, for rows of scores, flips, equal evidence and thresholds."""
    models = {"thresholds": THRESHOLDS, "flips": FLIPS, "equal": EQUAL_EVIDENCE}
    frames = [build(model, tables.get(name, [])) for name, model in models.items()]
    found = outcome_findings(build(SCORES_FRAME, rows), *frames, build(MEMBERS, report.members), report.codebook, seen)
    return {row["finding_id"].replace(":2024-19/", " "): (row["severity"], row["message"]) for row in found}


def test_a_certain_score_that_agrees_gives_no_finding_but_that_its_tagger_has_seen_it(report):
    assert found(report, scores(), flips=[flip(size=2)], equal=[draws(kept=0.5)]) == {}
    severity, message = found(report, seen=200)["seen_in_training:2024-19"]
    assert severity == "medium"
    assert message.startswith("the tagger was trained on restatements of 200 items of this commitment, so it makes")


MISSING = {"suggested_score": None, "agrees": None, "score_if_contradicted": None, "p_0": 0.0}
OTHER = {"reading": TEXT, "suggested_score": -1, "score_if_contradicted": -1, "agrees": False, "p_0": 0, "p_minus1": 1}
CONTRARY = (
    "some action is labelled as contrary to the commitment. Ignoring it gives {}; giving it precedence gives -1. The "
    "guidelines do not say which applies."
)
CLOSE = "the score is too close to call based on the tags' probabilities: {} (scoring-table)."


def shares(minus, zero, plus):
    return {"p_minus1": minus, "p_0": zero, "p_plus1": plus}


@pytest.mark.parametrize(("rows", "expected"), [
    ([{"published_score": 1, "agrees": False}], {"score_differs ITA": ("high", "published +1, suggested 0.")}),
    ([MISSING | {"rule": "no rule covers this"}], {
        "rule_gap ITA/scoring-table": ("high", "no score under scoring-table: no rule covers this.")}),
    ([MISSING | {"rule": "rules overlap: a (0); b (+1)"}], {
        "rule_overlap ITA/scoring-table": ("high", "no score under scoring-table: rules overlap: a (0); b (+1).")}),
    ([{}, OTHER], {
        "depends_on_reading ITA": (
            "high", "the suggested score depends on the reading: 0 (scoring-table), -1 (interpretive-guidelines)."),
        "score_differs ITA": ("high", "published 0, suggested 0 (scoring-table), -1 (interpretive-guidelines).")}),
    ([{"score_if_contradicted": -1}], {"contradictory_action ITA/scoring-table": ("high", CONTRARY.format("0"))}),
    ([MISSING | {"rule": "no rule covers this", "score_if_contradicted": -1}], {
        "rule_gap ITA/scoring-table": ("high", "no score under scoring-table: no rule covers this."),
        "contradictory_action ITA/scoring-table": ("high", CONTRARY.format("no score"))}),
    ([shares(0.20, 0.80, 0.0)], {}),
    ([shares(0.21, 0.79, 0.0)], {"uncertain_score ITA": ("medium", CLOSE.format("21% for -1, 79% for 0"))}),
    ([shares(0.49, 0.501, 0.005)], {  # no score: 0.4%
        "uncertain_score ITA": ("medium", CLOSE.format("49% for -1, 50% for 0, 0% for +1"))}),
    ([shares(0.0, 0.5, 0.0)], {"uncertain_score ITA": ("medium", CLOSE.format("50% for 0, 50% for no score"))}),
], ids=["differs", "gap", "overlap", "readings", "contrary action", "contrary action and no score", "four in five",
    "less than four in five", "two are even", "no score is even"])  # fmt: skip
def test_scores_that_differ_are_missing_or_uncertain_are_named(report, rows, expected):
    assert found(report, *(scores(**row) for row in rows)) == expected


@pytest.mark.parametrize(("to_score", "share", "severity", "effect"), [
    (-1, 1.0, "high", "make the score -1"), (1, 0.89, "medium", "make the score +1"),
    (1, 0.90, "low", "make the score +1"), (None, 0.9, "low", "leave no score"),
], ids=["falls", "may rise", "surely not", "no rule"])  # fmt: skip
def test_a_score_that_falls_with_one_item_is_grave_and_one_that_would_rise_where_it_is_not_clear(
    report, to_score, share, severity, effect
):
    row = scores(p_0=share, p_plus1=1 - share)
    assert found(report, row, flips=[flip(to_score=to_score)])["depends_on_one_item ITA"] == (
        severity,
        "relabelling a single item can change the score of 0. 2 items can do so; the most likely is ITA-01, which "
        f"would {effect} (prevent becomes weak).",
    )
    two = [row, row | {"reading": TEXT}]  # the reading under which it falls is told
    severity, message = found(report, *two, flips=[flip(to_score=1), flip(reading=TEXT)])["depends_on_one_item ITA"]
    assert severity == "high"
    assert message.startswith("relabelling a single item can change the score of 0 under interpretive-guidelines. ")


def test_members_whose_score_depends_on_the_number_of_strong_items_are_named(report):
    rows = [
        ITALY | {"reading": TABLE, "min_strong_items": least, "suggested_score": -1 if least > 3 else 0}
        | {"changes": least > 3}
        for least in (1, 2, 3, 4)
    ]  # fmt: skip
    assert found(report, thresholds=rows) == {
        "depends_on_threshold:2024-19": (
            "medium",
            "the guidelines do not say how many strong items make strong action. The codebook uses 2. With 4: Italy "
            "-1.",
        )
    }


def test_a_score_rests_on_the_number_of_items_where_most_equal_draws_lose_it(report):
    fewest = [draws(member=member, n_items=2, kept=1.0) for member in ("Japan", "Canada")]
    for others, text in ((fewest[:1], "Japan has"), (fewest, "Japan and Canada have")):
        rows = found(report, scores(), equal=[draws(), *others])
        assert rows == {
            "depends_on_amount_of_evidence ITA": (
                "medium",
                f"has 9 items. In 1000 random draws of 2 items (the number {text}), the score is -1 in 100%, 0 in <1% "
                "of draws.",
            )
        }


def test_the_rubric_is_audited_with_the_members_in_a_state_that_it_fails(report, codebook):
    def rows():
        found = rubric_findings(codebook, report.frames()["scores"])
        return {row["finding_id"]: (row["proof"], row["message"].rpartition(": ")[2]) for row in found}

    name = "2024-apulia-19"
    both, gap = f"rubric_readings_differ:{name}/{TABLE}+{TEXT}", f"rubric_gap:{name}/{TABLE}"
    assert list(rows()) == [gap, f"rubric_overlap:{name}/{TABLE}", f"rubric_overlap:{name}/{TEXT}", both]
    assert rows()[gap] == (f"{name}/{TABLE}", "no rule covers this. No member is in such a state now.")
    report.labels |= dict.fromkeys(("2024-19/ITA-01", "2024-19/ITA-02"), WEAK_IN_TWO)
    assert rows()[gap] == ("Italy", "no rule covers this. Italy is in such a state now.")
    assert rows()[both][0] == "Italy"
    many = [codebook.dimensions[0].model_copy(update={"key": f"d{place}"}) for place in range(9)]
    (row,) = rubric_findings(codebook.model_copy(update={"dimensions": many}), report.frames()["scores"])
    assert (row["check"], row["severity"]) == ("rubric_unchecked", "low")


def drawn(report):
    """Return equal evidence under the scoring table, by member."""
    table = equal_evidence(report.tally(), report.frames()["scores"], report.codebook)
    assert list(table["reading"].unique()) == [TABLE, TEXT]
    return table[table["reading"] == TABLE].set_index("member").to_dict("index")


def test_equal_numbers_of_items_keep_every_score_and_fewer_do_not(report):
    assert {(row["n_items"], row["n_drawn"], row["kept"]) for row in drawn(report).values()} == {(2, 2, 1.0)}
    items = list(report.items)
    report.items = report.items[:3]  # Japan has one item, so Italy is drawn with one: never strong
    italy = drawn(report)["Italy"]
    assert (italy["n_items"], italy["n_drawn"], italy["kept"], italy["p_minus1"]) == (2, 1, 0.0, 1.0)
    report.items = report.items[:2]  # members without items are left out and set no number
    assert list(drawn(report)) == ["Italy"]
    assert drawn(report)["Italy"]["kept"] == 1.0
    report.items = items  # draws of a member do not depend on the others
    report.add("ITA-03", "2024-09-01", "Italy met.", "", "none")
    both = drawn(report)["Italy"]["kept"]
    assert 0.2 < both < 0.5  # both of three items must be drawn, of two: 1 in 3
    report.members.reverse()
    assert drawn(report)["Italy"]["kept"] == both
