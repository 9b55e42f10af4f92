"""A finding: what was checked, about what, how grave, in which words, and the ids that prove it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError, listed
from g7tag.scoring import signed

Row = dict[Any, Any]
HIGH, MEDIUM, LOW = "high", "medium", "low"
DISCREPANCIES = (
    "score_differs", "depends_on_reading", "rule_gap", "rule_overlap", "contradictory_action", "uncertain_score",
    "claim_without_evidence", "evidence_without_claim", "weak_called_strong", "strong_called_weak",
    "conflicting_conclusions", "claims_contradict_score", "outside_period", "member_not_named", "printed_scores",
    "printed_average", "printed_percentage", "summary_score", "summary_average", "summary_percentage",
)  # fmt: skip
"""Checks on scores and claims beside the evidence."""
UNREAD_DAY = "a day that is not read"
_MOST_NAMED = 6


def finding(
    check: str, severity: str, subject: str, message: str, *, member: str = "", proof: Iterable[str] = ()
) -> Row:
    """Return one row of the findings frame; its id is check and subject, so that it stays the same over reruns.

    Parameters
    ----------
    check, severity, subject, message, member
        Columns of the frame. `high`: a score, or what decides one, is in doubt; `medium`: evidence is; `low`: a slip.
    proof
        Ids that prove it; none: the subject.

    Examples
    --------
    >>> finding("cut_off", LOW, "2024-19/GBR-05", "it stops.")["finding_id"]
    'cut_off:2024-19/GBR-05'
    """
    return {
        "finding_id": f"{check}:{subject}", "check": check, "severity": severity, "member": member, "subject": subject,
        "message": message, "proof": ";".join(dict.fromkeys(proof)) or subject,
    }  # fmt: skip


def discrepancies(findings: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the findings where scores, or what conclusions claim, part from the evidence: those of `DISCREPANCIES`.

    Parameters
    ----------
    findings
        The findings frame; no rows give no rows.
    codebook
        Its exclusions: evidence that is excluded, yet stands in the report, is among them.
    """
    excluded = [f"{key}_evidence" for key in codebook.exclusion_keys]
    return findings[findings["check"].isin([*DISCREPANCIES, *excluded])].reset_index(drop=True)


def findings_of(findings: pd.DataFrame, member: str, codebook: Codebook, *, items: pd.DataFrame) -> pd.DataFrame:
    """Return the findings that bear on a member.

    Its own; those with it, one of its items or a note of these among the proof; those that name it; and those on the
    whole commitment.

    Parameters
    ----------
    findings, items
        Frames of one run; no findings give no rows.
    member
        Its name.
    codebook
        Knows its code.

    Raises
    ------
    InputError
        The codebook has no such member.
    """
    if member not in codebook.codes:
        msg = f"member {member!r}: is none of the codebook's. Expected one of {listed(codebook.codes, most=20)}."
        raise InputError(msg)
    notes = {note for cited in items.loc[items["member"] == member, "citations"] for note in cited.split(";") if note}
    code = re.escape(codebook.codes[member])
    ids = [rf"/{code}(?:-|/|;|$)", *(rf"\bnote {note}(?:;|$)" for note in sorted(notes))]
    bears = (
        (findings["member"] == member)
        | findings["proof"].str.contains("|".join(ids))
        | findings["message"].str.contains(member, regex=False)
        | (findings["subject"] == codebook.commitment.id)
    )
    return findings[bears].reset_index(drop=True)


def named(ids: Iterable[str]) -> str:
    """Return ids in a row, the first few by name and the rest counted; the commitment's part is said once.

    Examples
    --------
    >>> named(["2024-19/GBR-05", "2024-19/GBR-06"])
    'GBR-05, GBR-06'
    """
    short = [each.rpartition("/")[2] for each in ids]
    rest = f" and {len(short) - _MOST_NAMED} more" if len(short) > _MOST_NAMED else ""
    return ", ".join(short[:_MOST_NAMED]) + rest


def counted(n: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "item"), counted(2, "item")
    ('1 item', '2 items')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def scores_worded(scores: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """Return scores by reading in words, one for readings that agree; with those before, only what becomes another.

    Examples
    --------
    >>> scores_worded({"table": 0, "guidelines": 0}), scores_worded({"table": None, "guidelines": 0})
    ('0', 'no score (table), 0 (guidelines)')
    >>> scores_worded({"table": 0}, before={"table": 1}), scores_worded({"table": 1}, before={"table": 1})
    ('+1 becomes 0', '')
    """
    said: dict[str, list[str]] = {}
    for reading, score in scores.items():
        if before is None:
            said.setdefault(score_word(score), []).append(reading)
        elif score_word(score) != score_word(before[reading]):
            said.setdefault(f"{score_word(before[reading])} becomes {score_word(score)}", []).append(reading)
    if len(said) == 1 and len(*said.values()) == len(scores):
        return next(iter(said))
    return ", ".join(f"{words} ({' and '.join(readings)})" for words, readings in said.items())


def score_word(score: Any) -> str:
    """Return a score as reports print it, "no score" where there is none."""
    return "no score" if score is None or pd.isna(score) else signed(score)


def day(date: pd.Timestamp) -> str:
    """Return a day as reports print it; NaT gives "a day that is not read".

    Examples
    --------
    >>> day(pd.Timestamp("2024-06-03")), day(pd.NaT)
    ('3 June 2024', 'a day that is not read')
    """
    return UNREAD_DAY if pd.isna(date) else f"{date.day} {date:%B %Y}"
