"""The frames in which the parts meet: a schema each, and the check that words what breaks it."""

from g7tag.frames.checks import build, validate
from g7tag.frames.schemas import (
    ANNOTATIONS,
    CITATIONS,
    COMMITMENTS,
    CONCLUSIONS,
    DOCUMENTS,
    EVIDENCE_MATRIX,
    FINDINGS,
    FIXED,
    ITEMS,
    LABELS,
    MEMBERS,
    SCORES_FRAME,
    SENTENCES,
    STRENGTHS,
    tags_model,
)

__all__ = [
    "ANNOTATIONS",
    "CITATIONS",
    "COMMITMENTS",
    "CONCLUSIONS",
    "DOCUMENTS",
    "EVIDENCE_MATRIX",
    "FINDINGS",
    "FIXED",
    "ITEMS",
    "LABELS",
    "MEMBERS",
    "SCORES_FRAME",
    "SENTENCES",
    "STRENGTHS",
    "build",
    "tags_model",
    "validate",
]
