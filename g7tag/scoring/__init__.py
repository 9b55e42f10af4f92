"""Scoring: from labels to the evidence matrix and suggested scores, and their comparison with published scores."""

from g7tag.scoring.distribution import CLEAR, P_COLUMNS, score_distribution, suggested_chances
from g7tag.scoring.effects import carrying_sentences, item_effects, shortfall
from g7tag.scoring.flips import find_flips
from g7tag.scoring.receipts import Receipt, make_receipts, read_receipt, receipt_differences
from g7tag.scoring.reconcile import (
    SCORE_ROW,
    add_sources,
    averages,
    compliance_percent,
    final_scores,
    reconcile,
    score_changes,
    score_row,
)  # fmt: skip
from g7tag.scoring.rubric import MOST_DIMENSIONS, PROBLEMS, check_codebook
from g7tag.scoring.rules import LEVELS, NO_RULE, apply_reading, scores_of, signed, states_of
from g7tag.scoring.scores import (
    Scored,
    in_period,
    item_levels,
    label_facts,
    score_members,
    threshold_scores,
    threshold_table,
)

__all__ = [
    "CLEAR", "LEVELS", "MOST_DIMENSIONS", "NO_RULE", "PROBLEMS", "P_COLUMNS", "SCORE_ROW", "Receipt", "Scored",
    "add_sources", "apply_reading", "averages", "carrying_sentences", "check_codebook", "compliance_percent",
    "final_scores", "find_flips", "in_period", "item_effects", "item_levels", "label_facts", "make_receipts",
    "read_receipt", "receipt_differences", "reconcile", "score_changes", "score_distribution", "score_members",
    "score_row", "scores_of", "shortfall", "signed", "states_of", "suggested_chances", "threshold_scores",
    "threshold_table",
]  # fmt: skip
