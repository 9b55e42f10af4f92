"""Claims of conclusions compared with the evidence, with each other and with the score."""

from typing import Any

import pytest

from g7tag.audit.conclusions import claim_findings

CHECKS = (
    "claim_without_evidence", "weak_called_strong", "evidence_without_claim", "strong_called_weak",
    "conflicting_conclusions",
    "claims_contradict_score", "claim_strength_unstated", "strong_despite_weak_example", "no_conclusion",
)  # fmt: skip
STRONG_IN_PREVENT = "2 strong and 0 weak items: level strong"


def claim(report: Any, dimension: str, claimed: str) -> None:
    """Change what Italy's conclusion claims."""
    for row in report.claims:
        if (row["member"], row["dimension"]) == ("Italy", dimension):
            row["claimed"] = claimed


def test_claims_that_fit_give_no_finding(report: Any) -> None:
    assert report.found(*CHECKS) == {}


@pytest.mark.parametrize(
    ("dimension", "claimed", "found"),
    [
        ("counter", "strong", "claim_without_evidence"),
        ("counter", "weak", "claim_without_evidence"),
        ("counter", "unstated", ""),
        ("prevent", "not", "evidence_without_claim"),
        ("prevent", "weak", "strong_called_weak"),
        ("prevent", "unstated", ""),
    ],
)
def test_each_claim_is_set_beside_its_level(report: Any, dimension: str, claimed: str, found: str) -> None:
    claim(report, dimension, claimed)
    checks = ("claim_without_evidence", "weak_called_strong", "evidence_without_claim", "strong_called_weak")
    assert list(report.found(*checks)) == ([f"{found}:2024-19/ITA/{dimension}"] if found else [])


def test_weak_evidence_called_strong_is_shown_with_the_claim_and_the_counts(report: Any) -> None:
    report.labels["2024-19/ITA-01"] = ("prevent", "weak", "")
    assert report.found("weak_called_strong") == {
        "weak_called_strong:2024-19/ITA/prevent": "the conclusion claims strong action in prevent ('of prevent'). The "
        "evidence has 1 strong and 1 weak items (level weak). If the claim were right, the suggested score would "
        "change from -1 to 0."
    }


@pytest.mark.parametrize(
    ("claimed", "level", "found"),
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
    report: Any, claimed: str, level: str, found: tuple[str, str] | None
) -> None:
    frames = report.frames()
    claims = frames["claims"].query("member == 'Italy' and dimension == 'prevent'").assign(claimed=claimed)
    matrix = frames["evidence_matrix"]
    is_cell = (matrix["member"] == "Italy") & (matrix["dimension"] == "prevent")
    matrix = matrix.assign(level=matrix["level"].mask(is_cell, level))
    members = frames["members"].query("member == 'Italy'")
    rows = claim_findings(claims, frames["conclusions"], members, matrix, report.codebook)
    ours = [(row["check"], row["severity"]) for row in rows if row["subject"].endswith("/prevent")]
    assert ours == ([found] if found else [])


def test_not_enough_may_be_weak_action(report: Any) -> None:
    report.labels["2024-19/ITA-01"] = ("prevent;counter", "strong", "")  # counter: one strong item of two needed
    assert report.found("evidence_without_claim", "claim_without_evidence") == {}


def test_two_conclusions_must_agree_but_one_may_be_silent(report: Any) -> None:
    second = [row | {"position": 2} for row in report.claims if row["member"] == "Italy"]
    report.claims += second
    assert report.found("conflicting_conclusions") == {}
    second[0]["claimed"] = "unstated"
    assert report.found("conflicting_conclusions") == {}
    second[0]["claimed"] = "weak"
    assert report.found("conflicting_conclusions") == {
        "conflicting_conclusions:2024-19/ITA": "2 conclusions contradict each other. prevent: strong action and weak "
        "action. If only one of them counted, and insufficient action were no action: conclusion 1 gives 0, "
        "conclusion 2 gives -1."
    }


def test_a_score_must_follow_from_the_claims(report: Any) -> None:
    report.members[0]["published_score"] = 1  # claimed: strong in one dimension alone
    assert report.found("claims_contradict_score") == {
        "claims_contradict_score:2024-19/ITA": "the claims of the conclusion do not lead to the published +1 under any "
        "reading."
    }


def test_a_score_that_depends_on_what_is_not_said_is_named(report: Any) -> None:
    report.members[0]["published_score"] = 1
    for dimension in ("counter", "dismantle", "disrupt"):
        claim(report, dimension, "strong")
    assert report.found("claim_strength_unstated", "claims_contradict_score") == {}
    claim(report, "disrupt", "unstated")
    assert report.found("claim_strength_unstated", "claims_contradict_score") == {
        "claim_strength_unstated:2024-19/ITA": "the published +1 does not follow from the conclusion alone, which does "
        "not say whether action in disrupt was strong or weak."
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Italy took strong action to counter crime, such as through meetings.", True),
        ("Italy took strong action to counter crime, including arrests.", False),
        ("Italy took action to counter crime, such as through meetings.", False),
        ("Italy held meetings. It took strong action.", False),
    ],
    ids=["weak example", "strong example", "not called strong", "another sentence"],
)
def test_strong_action_is_not_exemplified_by_talk(report: Any, text: str, found: bool) -> None:
    row = {"commitment_id": "2024-19", "member": "Italy", "position": 1, "place": "closing", "analysts": ""}
    report.conclusions = [row | {"text": text}]
    assert bool(report.found("strong_despite_weak_example")) is found


def test_members_without_a_conclusion_are_named_and_the_rest_is_checked(report: Any) -> None:
    report.claims = [row for row in report.claims if row["member"] == "Japan"]
    assert list(report.found(*CHECKS)) == ["no_conclusion:2024-19/ITA"]


def test_what_two_conclusions_do_wrong_is_one_finding_with_both(report: Any) -> None:
    report.members[0]["published_score"] = 1
    report.claims += [row | {"position": 2} for row in report.claims if row["member"] == "Italy"]
    (message,) = report.found("claims_contradict_score").values()
    assert "conclusion 1" in message
    assert "conclusion 2" in message


def test_conclusions_on_another_commitment_are_not_this_ones(report: Any) -> None:
    row = {"commitment_id": "2024-20", "member": "Italy", "position": 1, "place": "closing", "analysts": ""}
    report.conclusions = [row | {"text": "Italy took strong action on tax, such as through meetings."}]
    assert report.found("strong_despite_weak_example") == {}


def test_a_dimension_of_which_nothing_is_known_is_unstated(report: Any) -> None:
    report.claims = [row for row in report.claims if row["dimension"] != "disrupt"]
    assert report.found("claims_contradict_score") == {}
