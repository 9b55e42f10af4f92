"""What is shown of a whole run: its score table, the same as JSON values, and its page."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from g7tag.audit import score_word
from g7tag.codebook import Codebook
from g7tag.report.page import report_page
from g7tag.report.reading import reading_words
from g7tag.report.reasons import member_reasons
from g7tag.report.reviews import labelled_words
from g7tag.report.tables import heading, score_table
from g7tag.scoring import averages, reconcile, threshold_table

Frames = Mapping[str, pd.DataFrame]


def run_table(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the score table of a run, all text."""
    scores = frames["scores"]
    return score_table(reconcile(scores), averages(scores), frames["evidence_matrix"], codebook)


def run_thresholds(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return each member's suggested score by the number of strong items asked for, all text.

    A score that is another than at the codebook's number has a star; the last rows count the published scores that come
    out under each reading.
    """
    thresholds = frames["thresholds"]
    if thresholds.empty:
        return pd.DataFrame({"Member": pd.Series(dtype="str")})
    shown = thresholds.assign(
        cell=thresholds["suggested_score"].map(score_word) + thresholds["changes"].map({True: "*", False: ""})
    )
    cells = shown.groupby(["member", "min_strong_items"], sort=False)["cell"].agg(
        lambda each: " or ".join(dict.fromkeys(each))
    )
    table = cells.unstack().reindex(thresholds["member"].drop_duplicates())
    counts = threshold_table(thresholds, frames["members"]).set_index("min_strong_items")
    for reading in codebook.readings:
        agreeing = counts[reading.name].astype("str") + " of " + counts["n"].astype("str")
        table.loc[f"Published scores that come out, {reading.label}"] = agreeing.reindex(table.columns)
    named = {least: f"{least} items".replace("1 items", "1 item") for least in table.columns}
    return table.rename(columns=named).rename_axis(index="Member", columns=None).reset_index()


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
        reasons=member_reasons(frames, codebook),
        behind=behind,
        findings=frames["findings"],
        tagged=sentences.merge(frames["tags"], on="sentence_id", validate="one_to_one")[columns],
        labelled=labelled_words(frames["labels"], frames["annotations"]),
        codebook=codebook,
        gaps=reading_words(frames["documents"].head(0), frames["gaps"]),
    )
