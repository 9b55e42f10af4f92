"""The parts chained into whole jobs."""

from g7tag.steps.checking import Checked, audit_run, decide, decided_scores, verify_receipt
from g7tag.steps.jobs import read_reports, run_report, scratch_directory, working_copy
from g7tag.steps.labelling import record_labels, review_queue, score_run, write_review_sheet
from g7tag.steps.opening import DEFAULT_CODEBOOK, Run, codebook_file, example_path, open_codebook, open_run, read_run
from g7tag.steps.pages import sentences_behind, write_receipts
from g7tag.steps.parts import audit, ingest, score, score_labels, tag
from g7tag.steps.showing import show, show_preface, show_reasons, show_scores

__all__ = [
    "DEFAULT_CODEBOOK",
    "Checked",
    "Run",
    "audit",
    "audit_run",
    "codebook_file",
    "decide",
    "decided_scores",
    "example_path",
    "ingest",
    "open_codebook",
    "open_run",
    "read_reports",
    "read_run",
    "record_labels",
    "review_queue",
    "run_report",
    "score",
    "score_labels",
    "score_run",
    "scratch_directory",
    "sentences_behind",
    "show",
    "show_preface",
    "show_reasons",
    "show_scores",
    "tag",
    "verify_receipt",
    "working_copy",
    "write_receipts",
    "write_review_sheet",
]
