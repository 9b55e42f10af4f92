"""Write the page of a run, with what people decided."""

from pathlib import Path

import pandas as pd

from g7tag.audit import keep_ledger, ledger_rows
from g7tag.codebook import Codebook
from g7tag.jobs.steps import seen_setting
from g7tag.labels import open_doubts
from g7tag.report import About, Decided, own_frames, run_page
from g7tag.scoring import SCORE_ROW, add_sources, carrying_sentences, final_scores, make_receipts, score_row
from g7tag.store import PAGES, Frames, Ledger, RunDirectory, empty_ledger, ledger_path, package_version, read_ledger

RECEIPT_FRAMES = (
    "documents", "members", "items", "sentences", "annotations", "labels", "evidence_matrix", "scores",
)  # fmt: skip
"""Frames from which receipts and final scores are made."""


def write_page(frames: Frames, directory: RunDirectory, codebook: Codebook) -> Path:
    """Write the page of a run directory, and return its path."""
    return directory.write_file(PAGES[0], page_of(frames, directory, codebook).encode("utf-8"))


def page_of(frames: Frames, directory: RunDirectory | None, codebook: Codebook) -> str:
    """Return the page of a run as HTML, with the decisions in the ledger of its directory."""
    behind, decided = sentences_behind(frames, codebook), decisions_of(frames, directory, codebook)
    about = about_of(frames, directory, codebook, decided)
    return run_page(frames, codebook, behind=behind, decided=decided, about=about)


def about_of(frames: Frames, directory: RunDirectory | None, codebook: Codebook, decided: Decided) -> About:
    """Return what the frames of a run do not say about it; `decided` is the result of `decisions_of`."""
    if directory is None:
        return About(version=package_version())
    settled = decided.ledger.loc[decided.ledger["status"] != "open", "finding_id"]
    findings = own_frames(frames, codebook)["findings"]["finding_id"]
    return About(
        version=package_version(),
        policy=directory.setting("score", "policy", ""),
        seen_items=seen_setting(directory),
        keep_hidden=directory.setting("ingest", "keep_hidden", False),
        undecided=int((~findings.isin(settled)).sum()),
        undecided_scores=int(decided.final["basis"].isin(["open", "stale"]).sum()),
    )


def decisions_of(frames: Frames, directory: RunDirectory | None, codebook: Codebook) -> Decided:
    """Return what the ledger of a run directory decides; without a directory nobody has decided anything."""
    ledger = empty_ledger() if directory is None else read_ledger(ledger_path(directory.path))
    stale = keep_ledger(ledger, ledger_rows(frames, make_receipts(frames, codebook))).stale
    return Decided(final_of(frames, ledger, codebook), ledger.rows, stale)


def final_of(frames: Frames, ledger: Ledger, codebook: Codebook) -> pd.DataFrame:
    """Return the final scores of a run under a ledger; see `Run.final_scores`."""
    evidence = {score_row(receipt): receipt.evidence_sha256 for receipt in make_receipts(frames, codebook)}
    final = final_scores(frames["scores"], frames["members"], ledger.rows, evidence=evidence)
    unusable = set(ledger.cells["finding_id"]) - set(ledger.rows["finding_id"])
    codes = dict(zip(frames["members"]["member"], frames["members"]["code"], strict=True))
    rows = SCORE_ROW + final["commitment_id"] + "/" + final["member"].map(codes)
    wrong = rows.isin(unusable)
    return final.assign(
        final_score=final["final_score"].mask(wrong), basis=final["basis"].mask(wrong, "open"),
        why=final["why"].mask(wrong, rows.map(lambda row: _problem_of(row, ledger))),
    )  # fmt: skip


def _problem_of(finding_id: str, ledger: Ledger) -> str:
    """Return why a row of the ledger cannot be used; "" if it can."""
    return next((problem for problem in ledger.problems if f"({finding_id})" in problem), "")


def sentences_behind(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the sentences that carry each level, with their sources; see `Run.sentences_behind`."""
    sentences, items, tags = frames["sentences"], frames["items"], frames["tags"]
    tags = open_doubts(tags, frames["labels"], frames["annotations"])
    carrying = carrying_sentences(
        frames["labels"], sentences=sentences, items=items, evidence_matrix=frames["evidence_matrix"], codebook=codebook
    )
    return add_sources(carrying, sentences=sentences, items=items, tags=tags, citations=frames["citations"])
