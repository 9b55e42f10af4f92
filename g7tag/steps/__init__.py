"""The parts chained into whole jobs."""

from g7tag.steps.checking import Checked, audit_run, decided_scores, verify_receipt
from g7tag.steps.jobs import read_reports, run_report
from g7tag.steps.opening import DEFAULT_CODEBOOK, Run, codebook_file, open_codebook, open_run, read_run
from g7tag.steps.pages import sentences_behind, write_receipts
from g7tag.steps.parts import audit, ingest, score, score_labels, tag
from g7tag.steps.showing import show

__all__ = [
    "DEFAULT_CODEBOOK",
    "Checked",
    "Run",
    "audit",
    "audit_run",
    "codebook_file",
    "decided_scores",
    "ingest",
    "open_codebook",
    "open_run",
    "read_reports",
    "read_run",
    "run_report",
    "score",
    "score_labels",
    "sentences_behind",
    "show",
    "tag",
    "verify_receipt",
    "write_receipts",
]
