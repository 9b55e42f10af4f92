"""The frames that the parts of g7tag exchange: their schemas, and the check of a frame against its schema."""

from g7tag.frames.checks import Frames, build, require_columns, require_related, validate
from g7tag.frames.labels import has_key, in_order, label_rules, label_words
from g7tag.frames.schemas import (
    ANNOTATIONS,
    CITATIONS,
    CLAIMED,
    CLAIMS,
    COMMITMENTS,
    CONCLUSIONS,
    DOCUMENTS,
    EQUAL_EVIDENCE,
    EVIDENCE_MATRIX,
    FINDINGS,
    FIXED,
    FLIPS,
    GAPS,
    ITEMS,
    JOINT_ACTIONS,
    LABELS,
    LEDGER,
    LEDGER_STATUSES,
    MARKS,
    MEMBERS,
    PROPOSALS,
    SCORES,
    SCORES_FRAME,
    SENTENCES,
    SEVERITIES,
    STRENGTHS,
    SUMMARY,
    THRESHOLDS,
    tags_model,
)
from g7tag.frames.words import (
    COLUMN_WORDS,
    FRAME_WORDS,
    NO_LABELS,
    VALUE_WORDS,
    Word,
    column_word,
    value_word,
    value_words,
)

__all__ = [
    "ANNOTATIONS", "CITATIONS", "CLAIMED", "CLAIMS", "COLUMN_WORDS", "COMMITMENTS", "CONCLUSIONS", "DOCUMENTS",
    "EQUAL_EVIDENCE", "EVIDENCE_MATRIX", "FINDINGS", "FIXED", "FLIPS", "FRAME_WORDS", "GAPS", "ITEMS", "JOINT_ACTIONS",
    "LABELS", "LEDGER", "LEDGER_STATUSES", "MARKS", "MEMBERS", "NO_LABELS", "PROPOSALS", "SCORES", "SCORES_FRAME",
    "SENTENCES", "SEVERITIES", "STRENGTHS", "SUMMARY", "THRESHOLDS", "VALUE_WORDS", "Frames", "Word", "build",
    "column_word", "has_key", "in_order", "label_rules", "label_words", "require_columns", "require_related",
    "tags_model", "validate", "value_word", "value_words",
]  # fmt: skip
