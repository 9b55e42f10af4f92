"""What is shown of a whole run: its score table, the same as JSON values, and its page."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.report.page import report_page
from g7tag.report.tables import heading, score_table
from g7tag.scoring import averages, reconcile, threshold_table

Frames = Mapping[str, pd.DataFrame]


def run_table(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the score table of a run, all text."""
    scores = frames["scores"]
    return score_table(reconcile(scores), averages(scores), frames["evidence_matrix"], codebook)


def run_thresholds(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return how many published scores come out by the number of strong items asked for, beside always 0, all text."""
    table = threshold_table(
        frames["labels"],
        sentences=frames["sentences"],
        items=frames["items"],
        members=frames["members"],
        codebook=codebook,
    )
    shown = {reading.label: table[reading.name] for reading in codebook.readings} | {"Always 0": table["always_0"]}
    counts = {name: column.astype("str") + " of " + table["n"].astype("str") for name, column in shown.items()}
    return pd.DataFrame({"Strong items asked for": table["min_strong_items"].astype("str"), **counts})


def run_values(frames: Frames, codebook: Codebook) -> dict[str, Any]:
    """Return the score table as JSON values: numbers as numbers, null where there is no score."""
    parts = {name: frames[name] for name in ("scores", "evidence_matrix")} | {"averages": averages(frames["scores"])}
    records = {name: json.loads(part.to_json(orient="records")) for name, part in parts.items()}
    return {"heading": heading(frames["documents"], codebook), **records}


def run_page(frames: Frames, behind: pd.DataFrame, codebook: Codebook) -> str:
    """Return the page of a run as HTML; `behind` are the sentences that carry the levels, with their sources."""
    columns = ["sentence_id", "text", "dimensions", "strength", "exclusion", "needs_review"]
    sentences = frames["sentences"][["sentence_id", "text"]]
    return report_page(
        title=heading(frames["documents"], codebook),
        scores=run_table(frames, codebook),
        rules=frames["scores"],
        behind=behind,
        findings=frames["findings"],
        tagged=sentences.merge(frames["tags"], on="sentence_id", validate="one_to_one")[columns],
        codebook=codebook,
    )
