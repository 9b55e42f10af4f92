"""Claims of conclusions compared with the evidence, with each other and with the score."""

from typing import Any

import pytest

from g7tag.audit.conclusions import claim_findings


def found(report: Any, *checks: str) -> dict[str, str]:
    frames = report.frames()
    names = ("claims", "conclusions", "members", "evidence_matrix")
    return report.messages(claim_findings(*(frames[name] for name in names), report.codebook), *checks)


def claim(report: Any, dimension: str, claimed: str) -> None:
    """Change what Italy's conclusion claims."""
    for row in report.claims:
        if (row["member"], row["dimension"]) == ("Italy", dimension):
            row["claimed"] = claimed


def test_claims_that_fit_give_no_finding_and_what_is_not_said_is_unstated(report: Any) -> None:
    report.labels["2024-19/ITA-01"] = ("prevent;counter", "strong", "")  # not enough in counter may be weak action
    assert found(report) == {}
    report.claims = [row for row in report.claims if row["dimension"] != "disrupt"]
    assert found(report, "claims_contradict_score") == {}


def test_weak_evidence_called_strong_is_shown_with_the_claim_and_the_counts(report: Any) -> None:
    report.labels["2024-19/ITA-01"] = ("prevent", "weak", "")
    assert found(report, "weak_called_strong") == {
        "weak_called_strong:2024-19/ITA/prevent": "the conclusion claims strong action in prevent ('of prevent'). The "
        "evidence has 1 strong and 1 weak items (level weak). If the claim were right, the suggested score would "
        "change from -1 to 0."
    }


@pytest.mark.parametrize(
    ("claimed", "level", "expected"),
    [
        ("strong", "none", ("claim_without_evidence", "high")),
        ("strong", "weak", ("weak_called_strong", "medium")),
        ("weak", "none", ("claim_without_evidence", "medium")),
        ("weak", "strong", ("strong_called_weak", "medium")),
        ("not", "strong", ("evidence_without_claim", "medium")),
        ("not", "weak", None),
        ("unstated", "strong", None),
        ("strong", "strong", None),
    ],
)
def test_a_strong_claim_without_any_evidence_is_the_most_severe(
    report: Any, claimed: str, level: str, expected: tuple[str, str] | None
) -> None:
    frames = report.frames()
    claims = frames["claims"].query("member == 'Italy' and dimension == 'prevent'").assign(claimed=claimed)
    matrix = frames["evidence_matrix"]
    is_cell = (matrix["member"] == "Italy") & (matrix["dimension"] == "prevent")
    matrix = matrix.assign(level=matrix["level"].mask(is_cell, level))
    members = frames["members"].query("member == 'Italy'")
    rows = claim_findings(claims, frames["conclusions"], members, matrix, report.codebook)
    ours = [(row["check"], row["severity"]) for row in rows if row["subject"].endswith("/prevent")]
    assert ours == ([expected] if expected else [])


def test_two_conclusions_must_agree_but_one_may_be_silent(report: Any) -> None:
    second = [row | {"position": 2} for row in report.claims if row["member"] == "Italy"]
    report.claims += second
    assert found(report, "conflicting_conclusions") == {}
    second[0]["claimed"] = "unstated"
    assert found(report, "conflicting_conclusions") == {}
    second[0]["claimed"] = "weak"
    assert found(report, "conflicting_conclusions") == {
        "conflicting_conclusions:2024-19/ITA": "2 conclusions contradict each other. prevent: strong action and weak "
        "action. If only one of them counted, and insufficient action were no action: conclusion 1 gives 0, "
        "conclusion 2 gives -1."
    }
    second[1]["claimed"] = "weak"
    (message,) = found(report, "conflicting_conclusions").values()
    assert "prevent: strong action and weak action; counter: " in message


def test_a_score_must_follow_from_the_claims(report: Any) -> None:
    report.members[0]["published_score"] = 1  # claimed: strong in one dimension alone
    assert found(report, "claims_contradict_score") == {
        "claims_contradict_score:2024-19/ITA": "the claims of the conclusion do not lead to the published +1 under any "
        "reading."
    }


def test_a_score_that_depends_on_what_is_not_said_is_named(report: Any) -> None:
    report.members[0]["published_score"] = 1
    for dimension in ("counter", "dismantle", "disrupt"):
        claim(report, dimension, "strong")
    assert found(report, "claim_strength_unstated", "claims_contradict_score") == {}
    claim(report, "disrupt", "unstated")
    assert found(report, "claim_strength_unstated", "claims_contradict_score") == {
        "claim_strength_unstated:2024-19/ITA": "the published +1 does not follow from the conclusion alone, which does "
        "not say whether action in disrupt was strong or weak."
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Italy took strong action to counter crime, such as through meetings.", True),
        ("Italy took strong action to counter crime, including arrests.", False),
        ("Italy took action to counter crime, such as through meetings.", False),
        ("Italy held meetings. It took strong action.", False),
    ],
    ids=["weak example", "strong example", "not called strong", "another sentence"],
)
def test_strong_action_is_not_exemplified_by_talk(report: Any, text: str, named: bool) -> None:
    row = {"commitment_id": "2024-19", "member": "Italy", "position": 1, "place": "closing", "analysts": ""}
    for commitment, own in (("2024-19", True), ("2024-20", False)):
        report.conclusions = [row | {"text": text, "commitment_id": commitment}]
        assert bool(found(report, "strong_despite_weak_example")) is (named and own)
