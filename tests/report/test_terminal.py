"""Tables in a terminal have plain names; what people paste stays raw."""

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.report import findings_tables, print_table


def test_findings_are_printed_with_the_plain_names_of_checks(
    capsys: pytest.CaptureFixture[str], codebook: Codebook
) -> None:
    exclusion = codebook.exclusions[0]
    findings = pd.DataFrame(
        {
            "check": ["depends_on_one_item", f"{exclusion.key}_evidence"],
            "severity": ["high", "high"],
            "subject": ["2024-19/CAN", "2024-19/CAN-01"],
            "message": ["one item decides", "is partly excluded"],
        }
    )
    (table,) = findings_tables(findings).values()
    print_table(table, frame="findings", labels=codebook.labels)
    printed = capsys.readouterr().out
    assert "Depends on one item" in printed
    assert f"Excluded evidence: {exclusion.label}" in printed
    assert "depends_on_one_item" not in printed
    assert [word for word in ("Check", "About", "Finding") if word not in printed] == []


def test_ids_and_own_headings_stay_and_scores_are_signed(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pd.DataFrame({"finding_id": ["cut_off:2030-03/ARC-04"], "Own": ["x_y"], "published_score": [1]}))
    printed = capsys.readouterr().out
    assert "cut_off:2030-03/ARC-04" in printed
    assert "x_y" in printed
    assert "+1" in printed
    assert "Published score" in printed


def test_parts_of_an_installation_are_not_audit_checks(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pd.DataFrame({"check": ["data_files"], "status": ["ok"], "found": ["here"]}), frame="installation")
    printed = capsys.readouterr().out
    assert "data_files" in printed
    assert "OK" in printed
