"""Comparison of two runs: scores, levels, labels and findings that differ, and why."""

from g7tag.audit.comparison.labels import differently_labelled
from g7tag.audit.comparison.matching import SIMILAR, SIMILAR_ON_ANOTHER_DAY, TWO_COMMITMENTS
from g7tag.audit.comparison.runs import Comparison, compare_frames

__all__ = [
    "SIMILAR",
    "SIMILAR_ON_ANOTHER_DAY",
    "TWO_COMMITMENTS",
    "Comparison",
    "compare_frames",
    "differently_labelled",
]
