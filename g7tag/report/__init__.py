"""Frames to tables, plots and pages. Nothing is decided here."""

from g7tag.report.audits import (
    audit_values,
    final_table,
    findings_tables,
    headline,
    ledger_words,
    rubric_lines,
)
from g7tag.report.evaluation import EVALUATION_HEADINGS, evaluation_table, evaluation_tables, quality_words
from g7tag.report.page import report_page
from g7tag.report.reading import reading_words
from g7tag.report.reasons import member_reasons, preface
from g7tag.report.reviews import (
    asked_words,
    changes_words,
    labelled_words,
    outcome_words,
    proposals_table,
    quote_words,
    selected_words,
)
from g7tag.report.tables import (
    codebook_tables,
    counted_words,
    heading,
    ingested_table,
    legend,
    reconciled_words,
    score_table,
    tagged_words,
    turning_words,
)
from g7tag.report.terminal import print_table, printable, progress
from g7tag.report.trials import trial_tables, trial_values, verdict_lines
from g7tag.report.views import run_page, run_table, run_thresholds, run_values

__all__ = [
    "EVALUATION_HEADINGS",
    "asked_words",
    "audit_values",
    "changes_words",
    "codebook_tables",
    "counted_words",
    "evaluation_table",
    "evaluation_tables",
    "final_table",
    "findings_tables",
    "heading",
    "headline",
    "ingested_table",
    "labelled_words",
    "ledger_words",
    "legend",
    "member_reasons",
    "outcome_words",
    "preface",
    "print_table",
    "printable",
    "progress",
    "proposals_table",
    "quality_words",
    "quote_words",
    "reading_words",
    "reconciled_words",
    "report_page",
    "rubric_lines",
    "run_page",
    "run_table",
    "run_thresholds",
    "run_values",
    "score_table",
    "selected_words",
    "tagged_words",
    "trial_tables",
    "trial_values",
    "turning_words",
    "verdict_lines",
]
