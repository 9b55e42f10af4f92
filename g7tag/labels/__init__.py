"""Labels: annotations by the classifier, models and people, and the policies that choose among them."""

from g7tag.labels.annotations import PEOPLE, classifier_annotations, people_annotations
from g7tag.labels.chances import TrialChances, label_chances
from g7tag.labels.policies import (
    ADJUDICATED,
    COUNTING_MODELS,
    POLICIES,
    POLICY,
    choose_labels,
    disputed_sentences,
    label_changes,
    require_policy,
)
from g7tag.labels.selection import REASONS, select_sentences

__all__ = [
    "ADJUDICATED",
    "COUNTING_MODELS",
    "PEOPLE",
    "POLICIES",
    "POLICY",
    "REASONS",
    "TrialChances",
    "choose_labels",
    "classifier_annotations",
    "disputed_sentences",
    "label_chances",
    "label_changes",
    "people_annotations",
    "require_policy",
    "select_sentences",
]
