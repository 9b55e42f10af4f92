"""Findings: rows with a check, a subject, a severity, a message and the ids that prove it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.scoring import signed
from g7tag.text import first_few

Row = dict[Any, Any]
HIGH, MEDIUM, LOW = "high", "medium", "low"
DISCREPANCIES = (
    "score_differs", "depends_on_reading", "rule_gap", "rule_overlap", "contradictory_action", "uncertain_score",
    "claim_without_evidence", "evidence_without_claim", "weak_called_strong", "strong_called_weak",
    "conflicting_conclusions", "claims_contradict_score", "outside_period", "member_not_named", "printed_scores",
    "printed_average", "printed_percentage", "summary_score", "summary_average", "summary_percentage",
)  # fmt: skip
"""Checks that compare scores and claims with the evidence."""
_MOST_NAMED = 6


def finding(
    check: str, severity: str, subject: str, message: str, *, member: str = "", proof: Iterable[str] = ()
) -> Row:
    """Return one row of the findings frame. Its id is check and subject, so it is stable over reruns."""
    return {
        "finding_id": f"{check}:{subject}", "check": check, "severity": severity, "member": member, "subject": subject,
        "message": message, "proof": ";".join(dict.fromkeys(proof)) or subject,
    }  # fmt: skip


def member_id(member: Row) -> str:
    """Return the id of a member in a commitment, from its row of the members frame."""
    return f"{member['commitment_id']}/{member['code']}"


def discrepancies(findings: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the findings in which scores or claims of conclusions differ from the evidence (`DISCREPANCIES`)."""
    excluded = [f"{key}_evidence" for key in codebook.exclusion_keys]
    return findings[findings["check"].isin([*DISCREPANCIES, *excluded])].reset_index(drop=True)


def findings_of(findings: pd.DataFrame, member: str, codebook: Codebook, *, items: pd.DataFrame) -> pd.DataFrame:
    """Return the findings that concern a member."""
    member = codebook.member_named(member)
    notes = {note for cited in items.loc[items["member"] == member, "citations"] for note in cited.split(";") if note}
    code = re.escape(codebook.codes[member])
    ids = [rf"/{code}(?:-|/|;|$)", *(rf"\bnote {note}(?:;|$)" for note in sorted(notes))]
    concerned = (
        (findings["member"] == member)
        | findings["proof"].str.contains("|".join(ids))
        | findings["message"].str.contains(member, regex=False)
        | (findings["subject"] == codebook.commitment.id)
    )
    return findings[concerned].reset_index(drop=True)


def named(ids: Iterable[str]) -> str:
    """Return ids without the commitment, joined by commas: the first few ids, then the number of the others."""
    return first_few([each.rpartition("/")[2] for each in ids], most=_MOST_NAMED)


def scores_text(scores: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """Return scores by reading as text, with one score if all readings agree."""
    readings_of: dict[str, list[str]] = {}
    for reading, score in scores.items():
        if before is None:
            readings_of.setdefault(score_text(score), []).append(reading)
        elif score_text(score) != score_text(before[reading]):
            readings_of.setdefault(f"from {score_text(before[reading])} to {score_text(score)}", []).append(reading)
    if len(readings_of) == 1 and len(*readings_of.values()) == len(scores):
        return next(iter(readings_of))
    return ", ".join(f"{text} ({' and '.join(readings)})" for text, readings in readings_of.items())


def score_text(score: Any) -> str:
    """Return a score as reports print it, or "no score" if it is missing."""
    return "no score" if score is None or pd.isna(score) else signed(score)


def day(date: pd.Timestamp) -> str:
    """Return a date as reports print it; NaT gives "an unread date"."""
    return "an unread date" if pd.isna(date) else f"{date.day} {date:%B %Y}"
