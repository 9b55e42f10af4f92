"""Run every check over the frames of a run."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from g7tag.audit.acts import act_findings
from g7tag.audit.conclusions import claim_findings
from g7tag.audit.dates import date_findings, period_findings
from g7tag.audit.evidence import act_status_findings, evidence_findings, text_findings
from g7tag.audit.findings import Row
from g7tag.audit.inputs import input_findings, known_labels
from g7tag.audit.joint import joint_actions, pair_items
from g7tag.audit.notes import named_notes, note_findings, noted_items
from g7tag.audit.outcomes import equal_evidence, outcome_findings, rubric_findings
from g7tag.audit.printed import printed_findings, summary_findings
from g7tag.codebook import Codebook
from g7tag.errors import Announce
from g7tag.frames import FINDINGS, FIXED, SEVERITIES, build, validate
from g7tag.scoring import item_levels
from g7tag.sources import blank_spans

INPUTS = (
    "documents", "commitments", "members", "summary", "conclusions", "claims", "items", "sentences", "citations",
    "annotations", "labels", "evidence_matrix", "scores", "thresholds", "flips",
)  # fmt: skip
"""Frames that an audit needs."""


class Audited(NamedTuple):
    """Results of an audit: findings (most severe first), acts of several members, and scores with equal evidence."""

    findings: pd.DataFrame
    joint_actions: pd.DataFrame
    equal_evidence: pd.DataFrame


def audit_evidence(
    frames: Mapping[str, pd.DataFrame],
    codebook: Codebook,
    *,
    seen: int = 0,
    random_state: int = 0,
    announce: Announce = lambda _: None,
) -> Audited:
    """Return the errors and doubtful points of a run, each with its proof.

    Parameters
    ----------
    frames
        The frames named in `INPUTS`, of one run. Commitments without a codebook are checked only for printed scores,
        notes, dates, texts and joint acts.
    codebook
        Rules, period and members.
    seen
        Number of items of the commitment that the tagger was trained on.
    random_state
        Seed of the draws of `equal_evidence`.
    announce
        Function called with the name of each step as it starts.

    Returns
    -------
    Audited
        A run without errors gives no findings. If a part of the report is missing (no notes, no conclusions), its
        checks give no findings and the other checks still run.

    Raises
    ------
    FrameError
        A frame is missing or does not match its schema.
    """
    known = {name: validate(frames[name], FIXED[name], source="audit") for name in INPUTS}
    known["documents"] = _visible(known["documents"])
    items, sentences, members = (known[name] for name in ("items", "sentences", "members"))
    own = members[members["commitment_id"] == codebook.commitment.id]
    matrix, labels = known["evidence_matrix"], known_labels(known["labels"], sentences, codebook)
    announce("checking scores, days and notes")
    citations = named_notes(known["citations"])
    noted = noted_items(items, citations)
    levels = item_levels(labels, sentences=sentences, items=items, codebook=codebook)
    announce("drawing equal evidence")
    equal = equal_evidence(levels, items, known["scores"], codebook, random_state=random_state)
    announce("comparing items with one another")
    pairs = pair_items(items, noted, codebook)
    joint = joint_actions(pairs, items, sentences, labels, codebook)
    announce("writing findings")
    rows: list[Row] = [
        *input_findings(known, codebook),
        *outcome_findings(known["scores"], known["thresholds"], known["flips"], equal, members, codebook, seen),
        *rubric_findings(codebook, known["scores"]),
        *claim_findings(known["claims"], known["conclusions"], own, matrix, codebook),
        *printed_findings(known["documents"], known["commitments"], members),
        *summary_findings(known["summary"], members),
        *period_findings(items, known["scores"], codebook),
        *date_findings(noted, codebook),
        *act_findings(joint, pairs, items, noted, own, levels, codebook),
        *evidence_findings(labels, sentences, own, matrix, levels, noted, codebook),
        *act_status_findings(labels, known["annotations"], sentences),
        *text_findings(items, codebook),
        *note_findings(known["documents"], items, citations, noted),
    ]
    return Audited(build(FINDINGS, merged_findings(rows)), joint, equal)


def _visible(documents: pd.DataFrame) -> pd.DataFrame:
    """Documents with hidden text blanked."""
    texts = [
        blank_spans(text, [(start, end) for start, end, _ in json.loads(hidden)])
        for text, hidden in zip(documents["text"], documents["hidden"], strict=True)
    ]
    return documents.assign(text=pd.Series(texts, index=documents.index, dtype="str"))


def merged_findings(rows: Iterable[Row]) -> list[Row]:
    """Return findings, the most severe first, of these printed scores; those with one id are merged."""
    found: dict[str, Row] = {}
    for row in rows:
        known = found.setdefault(row["finding_id"], row)
        if known is not row:
            known["severity"] = min(known["severity"], row["severity"], key=SEVERITIES.index)
            known["message"] = " ".join(dict.fromkeys([known["message"], row["message"]]))
            known["proof"] = ";".join(dict.fromkeys([*known["proof"].split(";"), *row["proof"].split(";")]))
    return sorted(found.values(), key=lambda row: (SEVERITIES.index(row["severity"]), row["check"] != "printed_scores"))
