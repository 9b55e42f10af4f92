"""Labels: annotations by the classifier, models and people, and the policies that choose among them."""

from g7tag.labels.agreement import WHOLE, PeopleAgreement, independent_labels, people_agreement
from g7tag.labels.annotations import (
    UNSURE,
    Occasion,
    PersonKind,
    classifier_annotations,
    people_annotations,
    plain_name,
    require_annotator,
    same_label_as,
    standing,
    withdrawal,
)
from g7tag.labels.certify import Certificate, certify, random_order
from g7tag.labels.chances import TrialChances, label_chances
from g7tag.labels.decisions import DECIDED, Decisions, Problem, read_decisions
from g7tag.labels.plan import REPEATS, LabelPlan, assigned_items, make_plan, plan_problem, repeats_among
from g7tag.labels.policies import (
    ADJUDICATED,
    COUNTING_MODELS,
    POLICIES,
    POLICY,
    choose_labels,
    current_annotations,
    disputed_sentences,
    label_changes,
    require_policy,
)
from g7tag.labels.selection import AUDIT, REASONS, draw, select_sentences, within

__all__ = [
    "ADJUDICATED",
    "AUDIT",
    "COUNTING_MODELS",
    "DECIDED",
    "POLICIES",
    "POLICY",
    "REASONS",
    "REPEATS",
    "UNSURE",
    "WHOLE",
    "Certificate",
    "Decisions",
    "LabelPlan",
    "Occasion",
    "PeopleAgreement",
    "PersonKind",
    "Problem",
    "TrialChances",
    "assigned_items",
    "certify",
    "choose_labels",
    "classifier_annotations",
    "current_annotations",
    "disputed_sentences",
    "draw",
    "independent_labels",
    "label_chances",
    "label_changes",
    "make_plan",
    "people_agreement",
    "people_annotations",
    "plain_name",
    "plan_problem",
    "random_order",
    "read_decisions",
    "repeats_among",
    "require_annotator",
    "require_policy",
    "same_label_as",
    "select_sentences",
    "standing",
    "withdrawal",
    "within",
]
