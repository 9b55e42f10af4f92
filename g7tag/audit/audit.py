"""Run every check over the frames of a run."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from g7tag.audit.acts import act_findings
from g7tag.audit.conclusions import claim_findings
from g7tag.audit.dates import date_findings, period_findings
from g7tag.audit.equal_evidence import equal_evidence
from g7tag.audit.evidence import evidence_findings, text_findings
from g7tag.audit.findings import Row
from g7tag.audit.inputs import input_findings, known_labels
from g7tag.audit.joint import joint_actions, pair_items
from g7tag.audit.notes import named_notes, note_findings, noted_items
from g7tag.audit.outcomes import outcome_findings, rubric_findings
from g7tag.audit.printed import printed_findings, summary_findings
from g7tag.codebook import Codebook
from g7tag.errors import Announce
from g7tag.frames import FINDINGS, FIXED, SEVERITIES, build, validate
from g7tag.scoring import item_levels
from g7tag.sources import RECOGNIZED, blank_spans

INPUTS = (
    "documents", "commitments", "members", "summary", "conclusions", "claims", "items", "sentences", "citations",
    "annotations", "labels", "evidence_matrix", "scores", "thresholds", "flips",
)  # fmt: skip
"""Frames that an audit reads."""


class Audited(NamedTuple):
    """What an audit finds: the findings, gravest first; acts of several members; scores with equal evidence."""

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
    """Return what is wrong or doubtful in a run, each finding with its proof.

    Parameters
    ----------
    frames
        Those of `INPUTS`, of one run. Commitments without a codebook are checked for what they print, their notes,
        days, texts and joint acts alone.
    codebook
        Rules, period and members.
    seen
        Items of the commitment that the tagger was trained on.
    random_state
        Seed of the draws of `equal_evidence`.
    announce
        Called with the name of each part as it begins.

    Returns
    -------
    Audited
        Nothing wrong gives no findings; a part for which there is nothing to look at (no notes, no conclusions) gives
        none, and the rest is checked all the same.

    Raises
    ------
    FrameError
        A frame is missing or breaks its schema.
    """
    known = {name: validate(frames[name], FIXED[name], source="audit") for name in INPUTS}
    known["documents"] = _seen(known["documents"])
    items, sentences, members = (known[name] for name in ("items", "sentences", "members"))
    labels = known_labels(known["labels"], sentences, codebook)
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
        *claim_findings(known["claims"], known["conclusions"], members, known["evidence_matrix"], codebook),
        *printed_findings(known["documents"], known["commitments"], members),
        *summary_findings(known["summary"], members),
        *period_findings(items, known["scores"], codebook),
        *date_findings(noted, codebook),
        *act_findings(joint, pairs, items, noted, members, levels, codebook),
        *evidence_findings(labels, sentences, members, known["evidence_matrix"], levels, noted, codebook),
        *text_findings(items, codebook),
        *note_findings(known["documents"], items, citations, noted),
    ]
    return Audited(build(FINDINGS, _ordered(rows)), joint, equal)


def _seen(documents: pd.DataFrame) -> pd.DataFrame:
    """Documents with what nobody sees blanked; text recognized on a scanned page is what the page shows."""
    texts = [
        blank_spans(text, [(start, end) for start, end, why in json.loads(hidden) if why != RECOGNIZED])
        for text, hidden in zip(documents["text"], documents["hidden"], strict=True)
    ]
    return documents.assign(text=pd.Series(texts, index=documents.index, dtype="str"))


def _ordered(rows: Iterable[Row]) -> list[Row]:
    """Findings, gravest first; those of one check on one subject are one, as grave as the gravest."""
    found: dict[str, Row] = {}
    for row in rows:
        known = found.setdefault(row["finding_id"], row)
        if known is not row:
            messages = dict.fromkeys([known["message"], row["message"]])
            known["severity"] = min(known["severity"], row["severity"], key=SEVERITIES.index)
            known["message"] = " ".join(messages)
            known["proof"] = ";".join(dict.fromkeys([*known["proof"].split(";"), *row["proof"].split(";")]))
    return sorted(found.values(), key=lambda row: SEVERITIES.index(row["severity"]))
