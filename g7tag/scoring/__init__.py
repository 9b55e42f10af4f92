"""Annotations to labels, the evidence matrix, suggested scores, and how these meet the published ones."""

from g7tag.scoring.labels import POLICY, choose_labels
from g7tag.scoring.reconcile import averages, carrying_sentences, compliance_percent, reconcile, signed
from g7tag.scoring.scores import Scored, in_period, score_members

__all__ = [
    "POLICY",
    "Scored",
    "averages",
    "carrying_sentences",
    "choose_labels",
    "compliance_percent",
    "in_period",
    "reconcile",
    "score_members",
    "signed",
]
