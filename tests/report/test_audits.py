"""Tables and texts about an audit."""

from pathlib import Path

import pandas as pd
import pytest

from g7tag import jobs
from g7tag.codebook import Codebook
from g7tag.report import findings_tables, headline, ledger_text, member_reasons, rubric_lines, run_thresholds
from g7tag.scoring import check_codebook

pytestmark = pytest.mark.slow

FINDING = {"finding_id": "a:b", "check": "a", "member": "", "subject": "b", "message": "m.", "proof": "b"}


@pytest.fixture(scope="module")
def run(bundled_run: Path) -> jobs.Run:
    return jobs.open_run(bundled_run)


def test_the_headline_counts_and_names_the_first() -> None:
    findings = pd.DataFrame([FINDING | {"severity": "high"}, FINDING | {"severity": "low", "subject": "c"}])
    assert headline(findings) == "2 findings (1 high, 1 low). Most severe: b: m."
    assert headline(findings.head(0)) == "No findings."
    assert list(findings_tables(findings)) == ["High: 1", "Low: 1"]


def test_reasons_name_the_strong_items_that_a_level_turns_on(run: jobs.Run, codebook: Codebook) -> None:
    lines = member_reasons(run.frames, codebook)["European Union: suggested +1, published +1"]
    assert "prevent (2 strong items, 4 weak items; strong: EUU-12, EUU-30)" in lines[0]
    assert lines[1] == "Rule: strong action in all four dimensions, so +1."
    assert "Score by the threshold of strong items (2 in the codebook): +1 with 1, 2; 0 with 3, 4, 5." in lines


def test_readings_that_differ_are_told_apart(run: jobs.Run, codebook: Codebook) -> None:
    frames = run.frames
    scores = frames["scores"].assign(suggested_score=[1, 0] * 8, rule=["one", "other"] * 8)
    reasons = member_reasons(frames | {"scores": scores}, codebook)
    assert "Canada: suggested +1 (scoring-table), 0 (interpretive-guidelines), published 0" in reasons
    lines = next(iter(reasons.values()))
    assert lines[1:3] == ["Rule: one, so +1 (scoring-table).", "Rule: other, so 0 (interpretive-guidelines)."]


def test_a_member_that_no_label_can_flip_is_told_so(run: jobs.Run, codebook: Codebook) -> None:
    frames = run.frames
    flips = frames["flips"].assign(size=None, n_sets=0, item_ids="", sentence_ids="", change="", to_score=None)
    lines = next(iter(member_reasons(frames | {"flips": flips}, codebook).values()))
    assert "Smallest flip: none. No change of its items' labels changes the score." in lines


def test_thresholds_stand_by_member_with_a_star_where_the_score_is_another(run: jobs.Run, codebook: Codebook) -> None:
    table = run_thresholds(run.frames, codebook).set_index("Member")
    assert table.columns.tolist() == ["1 item", "2 items", "3 items", "4 items", "5 items"]
    assert table.loc["European Union"].tolist() == ["+1", "+1", "0*", "0*", "0*"]
    assert table.loc["Published scores matched (table)", "2 items"] == "8 of 8"


def test_the_ledger_is_told_of_in_a_line() -> None:
    rows = pd.DataFrame({"status": ["open", "open", "decided"]})
    assert ledger_text(rows, rows, frozenset()) == "Ledger: 3 rows, 2 open, 1 decided, 0 dismissed."
    assert ledger_text(rows, rows, frozenset({"b", "a"})).endswith("; stale because the evidence changed: a, b.")


def test_the_linters_problems_take_three_lines_each(codebook: Codebook) -> None:
    found = check_codebook(codebook)
    lines = rubric_lines(found)
    assert len(lines) == 3 * len(found)
    assert lines[0] == "scoring-table: no rule covers the state"
    assert lines[1] == "  in 6 of 81 states: 0 strong and 2 weak"
    assert rubric_lines(found.head(0)) == []
