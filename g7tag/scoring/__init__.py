"""Annotations to labels, the evidence matrix, suggested scores, and how these meet the published ones."""

from g7tag.scoring.labels import ADJUDICATED, POLICIES, POLICY, choose_labels
from g7tag.scoring.reconcile import averages, carrying_sentences, compliance_percent, reconcile, signed
from g7tag.scoring.scores import Scored, in_period, score_members
from g7tag.scoring.sources import add_sources
from g7tag.scoring.thresholds import threshold_table

__all__ = [
    "ADJUDICATED",
    "POLICIES",
    "POLICY",
    "Scored",
    "add_sources",
    "averages",
    "carrying_sentences",
    "choose_labels",
    "compliance_percent",
    "in_period",
    "reconcile",
    "score_members",
    "signed",
    "threshold_table",
]
