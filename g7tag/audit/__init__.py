"""Audit of a run: findings of inconsistencies in a report and its scoring, each with its proof."""

from g7tag.audit.audit import INPUTS, Audited, audit_evidence
from g7tag.audit.comparison import Comparison, compare_frames
from g7tag.audit.findings import day, discrepancies, findings_of, score_text, scores_text
from g7tag.audit.joint import item_labels
from g7tag.audit.ledger import Kept, keep_ledger, ledger_rows
from g7tag.audit.notes import named_notes
from g7tag.audit.printed import summary_findings
from g7tag.audit.versions import explain_scores, match_versions, renamed

__all__ = [
    "INPUTS", "Audited", "Comparison", "Kept", "audit_evidence", "compare_frames", "day", "discrepancies",
    "explain_scores", "findings_of", "item_labels", "keep_ledger", "ledger_rows", "match_versions", "named_notes",
    "renamed", "score_text", "scores_text", "summary_findings",
]  # fmt: skip
