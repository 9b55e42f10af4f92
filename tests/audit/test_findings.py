"""Findings are selected by member, and by whether scores or claims differ from the evidence."""

import pandas as pd
import pytest

from g7tag import audit
from g7tag.codebook import Codebook
from g7tag.errors import InputError

ITEMS = pd.DataFrame({"member": ["Japan", "Italy"], "citations": ["7;8", "9"]})


def findings(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["check", "member", "proof"])
    return frame.assign(subject=frame["check"], message="").astype("str")


def test_findings_of_a_member_are_all_that_bear_on_it(codebook: Codebook) -> None:
    rows = findings(
        ("own", "Japan", "x"), ("touched", "", "2024-19/CAN-01;2024-19/JPN-02.1"), ("whole", "", "2024-19/JPN"),
        ("level", "", "2024-19/JPN/counter"), ("note", "", "note 8"), ("2024-19", "", "2024-19"),
        ("another", "Canada", "2024-19/CAN-01"), ("alike", "", "2024-19/JPNX-01"), ("other note", "", "note 78;note 9"),
    )  # fmt: skip
    rows = pd.concat([rows, findings(("named", "", "y")).assign(message="With 3: Japan 0.")], ignore_index=True)
    bearing = ["own", "touched", "whole", "level", "note", "2024-19", "named"]
    assert audit.findings_of(rows, "Japan", codebook, items=ITEMS)["check"].tolist() == bearing
    assert audit.findings_of(rows.head(0), "Japan", codebook, items=ITEMS).empty
    with pytest.raises(InputError, match=r"member 'Atlantis': not in the codebook\. Expected one of 'Canada', "):
        audit.findings_of(rows, "Atlantis", codebook, items=ITEMS)


def test_discrepancies_are_those_of_scores_claims_and_excluded_evidence(codebook: Codebook) -> None:
    rows = findings(("score_differs", "", ""), ("border_evidence", "", ""), ("repeated_words", "", ""))
    assert audit.discrepancies(rows, codebook)["check"].tolist() == ["score_differs", "border_evidence"]
    assert audit.discrepancies(rows.head(0), codebook).empty
