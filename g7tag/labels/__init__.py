"""Labels: annotations by the classifier, models and people, and the policies that choose among them."""

from g7tag.labels.agreement import WHOLE, PeopleAgreement, agreement_by_part, independent_labels, people_agreement
from g7tag.labels.annotations import (
    CHECKED,
    UNSURE,
    Occasion,
    PersonKind,
    classifier_annotations,
    own_disagreements,
    people_annotations,
    plain_name,
    refuse_party,
    require_annotator,
    same_label_as,
    standing,
    with_checks,
    withdrawal,
)  # fmt: skip
from g7tag.labels.certify import Certificate, certify, random_order
from g7tag.labels.decisions import DECIDED, Decisions, Problem, columns_to_fill, read_decisions
from g7tag.labels.feedback import Feedback, feedback
from g7tag.labels.policies import (
    ADJUDICATED,
    COUNTING_MODELS,
    POLICIES,
    POLICY,
    TrialChances,
    choose_labels,
    current_annotations,
    disputed_sentences,
    label_authors,
    label_chances,
    label_changes,
    label_kinds,
    open_doubts,
    party_decisions,
    require_policy,
)  # fmt: skip
from g7tag.labels.selection import (
    AUDIT,
    REASONS,
    REPEATS,
    LabelPlan,
    assigned_items,
    draw,
    make_plan,
    plan_problem,
    repeats_among,
    select_sentences,
    within,
)  # fmt: skip
from g7tag.labels.sources import source_checks

__all__ = [
    "ADJUDICATED", "AUDIT", "CHECKED", "COUNTING_MODELS", "DECIDED", "POLICIES", "POLICY", "REASONS", "REPEATS",
    "UNSURE", "WHOLE", "Certificate", "Decisions", "Feedback", "LabelPlan", "Occasion", "PeopleAgreement",
    "PersonKind", "Problem", "TrialChances", "agreement_by_part", "assigned_items", "certify", "choose_labels",
    "classifier_annotations", "columns_to_fill", "current_annotations", "disputed_sentences", "draw", "feedback",
    "independent_labels", "label_authors", "label_chances", "label_changes", "label_kinds", "make_plan", "open_doubts",
    "own_disagreements", "party_decisions", "people_agreement", "people_annotations", "plain_name", "plan_problem",
    "random_order", "read_decisions", "refuse_party", "repeats_among", "require_annotator", "require_policy",
    "same_label_as", "select_sentences", "source_checks", "standing", "with_checks", "withdrawal", "within",
]  # fmt: skip
