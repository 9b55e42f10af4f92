"""Tables and texts on an audit: summary, findings, ledger and final scores."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import pandas as pd

from g7tag.errors import InputError
from g7tag.frames import Frames, value_word
from g7tag.scoring import signed
from g7tag.text import counted, first_few, listed, shortened

_LONGEST = 160  # characters of a message among the first findings, and of a sentence of a proof
_MOST_PROOFS = 6  # sentences of a proof


def headline(findings: pd.DataFrame) -> str:
    """Return one line with the number of findings by severity, and the most severe finding."""
    if findings.empty:
        return "No findings."
    first = findings.iloc[0]
    return f"{severity_counts(findings)}. Most severe: {first['subject']}: {first['message']}"


def severity_counts(findings: pd.DataFrame) -> str:
    """Return the number of findings, and by severity."""
    counts = findings["severity"].value_counts(sort=False)
    parts = ", ".join(f"{n} {severity}" for severity, n in counts.items())
    return counted(len(findings), "finding") + (f" ({parts})" if parts else "")


def by_check(findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first finding of each check and severity, with the number `n` of such findings and their `members`.

    Findings on the codebook come after those on the report of the same severity.
    """
    rows = [
        {**group.iloc[0], "n": len(group), "members": list(filter(None, dict.fromkeys(group["member"])))}
        for _, group in findings.groupby(["severity", "check"], sort=False)
    ]
    order = {severity: place for place, severity in enumerate(dict.fromkeys(row["severity"] for row in rows))}
    return sorted(rows, key=lambda row: (order[row["severity"]], row["check"].startswith("rubric_")))


def first_findings(findings: pd.DataFrame, *, most: int = 9) -> list[str]:
    """Return a line for each of the most severe checks, with the members that they concern, and one on the rest."""
    if findings.empty:
        return ["No finding is open."]
    joined, lines = by_check(findings), []
    for row in joined[:most]:
        message = shortened(f"{row['subject'].partition('/')[2] or row['subject']}: {row['message']}", most=_LONGEST)
        of = f" on {first_few(row['members'])}" if row["members"] else ""
        also = f"; {row['n']} findings{of}" if row["n"] > 1 else ""
        lines.append(f"{value_word('severity', row['severity']).name}: {message} ({row['check']}{also})")
    left = {(row["severity"], row["check"]) for row in joined[most:]}
    rest = findings[[pair in left for pair in zip(findings["severity"], findings["check"], strict=True)]]
    return [*lines, *([f"Not shown: {severity_counts(rest)}."] if left else [])]


def findings_of_check(findings: pd.DataFrame, check: str) -> pd.DataFrame:
    """Return the findings of a check; an error names the nearest checks that found something, or all."""
    known = list(findings["check"].unique())
    if check not in known:
        near = get_close_matches(check, known)
        meant = f"Did you mean {listed(near)}?" if near else f"Expected one of {listed(known, most=60)}."
        msg = f"--check {check!r}: nothing was found by a check of this name. {meant}"
        raise InputError(msg)
    return findings[findings["check"] == check]


def proof_lines(finding: Mapping[Any, Any], sentences: pd.DataFrame) -> list[str]:
    """Return the proof of a finding: its sentences, the first sentence of each item, and the ids of the rest."""
    ids = dict.fromkeys(finding["proof"].split(";"))
    first = sentences["position"] == 1
    own = sentences[sentences["sentence_id"].isin(ids) | (sentences["item_id"].isin(ids) & first)].to_dict("records")
    lines = [f"{row['sentence_id']}: {shortened(row['text'], most=_LONGEST)}" for row in own[:_MOST_PROOFS]]
    rest = [counted(len(own) - _MOST_PROOFS, "more sentence")] if len(own) > _MOST_PROOFS else []
    shown = {id_ for row in own for id_ in (row["sentence_id"], row["item_id"])}
    others = [id_ for id_ in ids if id_ and id_ not in shown and id_ != finding["subject"]]
    return [*lines, *(f"and {n}" for n in rest), *([f"see {first_few(others, most=_MOST_PROOFS)}"] if others else [])]


def findings_tables(findings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the findings as tables with the raw names of the frame, one per severity, by heading."""
    return {
        f"{value_word('severity', str(severity)).name}: {len(group)}": group[["check", "subject", "message"]]
        for severity, group in findings.groupby("severity", sort=False)
    }


def audit_values(frames: Frames, notes: Sequence[str]) -> dict[str, Any]:
    """Return an audit as JSON values: numbers as numbers, null for missing values, days as ISO dates."""
    names = ("findings", "scores", "flips", "thresholds", "joint_actions", "equal_evidence")
    values: dict[str, Any] = {
        name: json.loads(frames[name].to_json(orient="records", date_format="iso", double_precision=15))
        for name in names
    }
    return values | {"ledger_notes": list(notes)}


def ledger_text(cells: pd.DataFrame, rows: pd.DataFrame, stale: frozenset[str]) -> str:
    """Return one line with the number of ledger rows by status, and the stale rows."""
    counts = rows["status"].value_counts()
    parts = ", ".join(f"{counts.get(status, 0)} {status}" for status in ("open", "decided", "dismissed"))
    old = f"; stale because the evidence changed: {', '.join(sorted(stale))}" if stale else ""
    return f"Ledger: {counted(len(cells), 'row')}, {parts}{old}."


def final_table(final: pd.DataFrame) -> pd.DataFrame:
    """Return the final scores as a table to print."""
    numbers = {
        name: final[name].map(signed, na_action=None) for name in ("published_score", "suggested", "final_score")
    }
    words = {basis: value_word("basis", basis).name for basis in final["basis"]}
    shown = final.assign(
        **numbers, basis=final["basis"].map(words), decided_by=final["decided_by"].replace("", "nobody")
    )[["member", "published_score", "suggested", "final_score", "basis", "decided_by", "why"]]
    return shown.set_axis(["Member", "Published", "Suggested", "Final", "Basis", "Decided by", "Why"], axis=1)
