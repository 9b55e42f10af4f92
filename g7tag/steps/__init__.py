"""The parts chained into whole jobs."""

from g7tag.steps.batches import Imported, export_batch, import_batch
from g7tag.steps.checking import Checked, audit_run, decide, decided_scores, verify_receipt
from g7tag.steps.jobs import read_reports, run_report, scratch_directory, working_copy
from g7tag.steps.labelling import record_labels, review_queue, score_run, write_review_sheet
from g7tag.steps.opening import (
    DEFAULT_CODEBOOK,
    Run,
    codebook_file,
    example_path,
    open_codebook,
    open_run,
    read_run,
    scored_before,
)
from g7tag.steps.pages import sentences_behind, write_receipts
from g7tag.steps.parts import audit, ingest, score, score_labels, summary_words, tag
from g7tag.steps.planning import DEFAULT_SELECT, ReviewPlan, Selection, known_price, open_endpoint, plan_review
from g7tag.steps.reviewing import Review, areview_sentences, bars_of_counted, review_sentences, take_verdicts
from g7tag.steps.showing import show, show_preface, show_reasons, show_scores
from g7tag.steps.trying import Trial, TrialPlan, arun_trial, plan_trial, run_trial

__all__ = [
    "DEFAULT_CODEBOOK",
    "DEFAULT_SELECT",
    "Checked",
    "Imported",
    "Review",
    "ReviewPlan",
    "Run",
    "Selection",
    "Trial",
    "TrialPlan",
    "areview_sentences",
    "arun_trial",
    "audit",
    "audit_run",
    "bars_of_counted",
    "codebook_file",
    "decide",
    "decided_scores",
    "example_path",
    "export_batch",
    "import_batch",
    "ingest",
    "known_price",
    "open_codebook",
    "open_endpoint",
    "open_run",
    "plan_review",
    "plan_trial",
    "read_reports",
    "read_run",
    "record_labels",
    "review_queue",
    "review_sentences",
    "run_report",
    "run_trial",
    "score",
    "score_labels",
    "score_run",
    "scored_before",
    "scratch_directory",
    "sentences_behind",
    "show",
    "show_preface",
    "show_reasons",
    "show_scores",
    "summary_words",
    "tag",
    "take_verdicts",
    "verify_receipt",
    "working_copy",
    "write_receipts",
    "write_review_sheet",
]
