"""Run every check over the frames of a run."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from g7tag.audit.acts import act_findings
from g7tag.audit.conclusions import claim_findings
from g7tag.audit.dates import date_findings, period_findings
from g7tag.audit.evidence import (
    evidence_findings,
    labelled_items,
    mentioned_members,
    source_findings,
    text_findings,
)
from g7tag.audit.findings import Row
from g7tag.audit.inputs import input_findings, known_labels
from g7tag.audit.joint import item_labels, joint_actions, pair_items
from g7tag.audit.notes import named_notes, note_findings, noted_items
from g7tag.audit.outcomes import equal_evidence, outcome_findings, rubric_findings
from g7tag.audit.printed import printed_findings, summary_findings
from g7tag.audit.tally import Tally
from g7tag.codebook import Codebook
from g7tag.errors import Announce
from g7tag.frames import FINDINGS, FIXED, SEVERITIES, build, validate
from g7tag.labels import source_checks
from g7tag.scoring import in_period, item_levels
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
    frames: Mapping[str, pd.DataFrame], codebook: Codebook, *, seen: int = 0, announce: Announce = lambda _: None
) -> Audited:
    """Return the errors and doubtful points of a run, each with its proof, from the frames named in `INPUTS`.

    Commitments without a codebook are checked only for printed scores, notes, dates, texts and joint acts. `seen` is
    the number of items of the commitment that the tagger was trained on.
    """
    known = {name: validate(frames[name], FIXED[name], source="audit") for name in INPUTS}
    documents = _visible(known["documents"])
    items, sentences, members, scores = (known[name] for name in ("items", "sentences", "members", "scores"))
    own = members[members["commitment_id"] == codebook.commitment.id]
    labels = known_labels(known["labels"], sentences, codebook)
    announce("checking scores, days and notes")
    citations = named_notes(known["citations"])
    noted = noted_items(items, citations)
    tally = Tally(item_levels(labels, sentences=sentences, items=items, codebook=codebook), items, codebook)
    announce("drawing equal evidence")
    equal = equal_evidence(tally, scores, codebook)
    announce("comparing items with one another")
    mentioned = mentioned_members(items, codebook)
    pairs = pair_items(items, noted, mentioned)
    joint = joint_actions(pairs, items, item_labels(sentences, labels), mentioned, codebook)
    announce("writing findings")
    checks = source_checks(known["annotations"], sentences)
    labelled = labelled_items(labels, known["annotations"], sentences)
    rows: list[Row] = [
        *input_findings(known, codebook),
        *outcome_findings(scores, known["thresholds"], known["flips"], equal, members, codebook, seen),
        *rubric_findings(codebook, scores),
        *claim_findings(known["claims"], known["conclusions"], own, known["evidence_matrix"], codebook),
        *printed_findings(documents, known["commitments"], members),
        *summary_findings(known["summary"], members),
        *period_findings(items, scores, codebook),
        *date_findings(noted, codebook),
        *act_findings(joint, pairs, items, noted, own, tally, codebook),
        *evidence_findings(labelled, own, noted, tally, codebook),
        *source_findings(checks, labelled, noted, items[in_period(items, codebook)]),
        *text_findings(items, mentioned, codebook),
        *note_findings(documents, items, citations, noted),
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
