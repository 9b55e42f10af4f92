"""The tables of scores of a run, as text and as JSON values."""

import json
from typing import Any

import pandas as pd

from g7tag.audit import score_text
from g7tag.codebook import Codebook
from g7tag.frames import Frames
from g7tag.report.tables import heading, reading_headings, score_table
from g7tag.scoring import averages, reconcile, threshold_table
from g7tag.text import counted


def run_table(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the score table of a run as text."""
    scores = frames["scores"]
    return score_table(reconcile(scores), averages(scores), frames["evidence_matrix"], codebook)


def run_thresholds(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return each member's suggested score by the number of strong items required for a strong level, as text."""
    thresholds = frames["thresholds"]
    if thresholds.empty:
        return pd.DataFrame({"Member": pd.Series(dtype="str")})
    shown = thresholds.assign(
        cell=thresholds["suggested_score"].map(score_text) + thresholds["changes"].map({True: "*", False: ""})
    )
    cells = shown.groupby(["member", "min_strong_items"], sort=False)["cell"].agg(
        lambda each: " or ".join(dict.fromkeys(each))
    )
    table = cells.unstack().reindex(thresholds["member"].drop_duplicates())
    counts = threshold_table(thresholds, frames["members"]).set_index("min_strong_items")
    for name, label in reading_headings(codebook, before="Published scores matched").items():
        agreeing = counts[name].astype("str") + " of " + counts["n"].astype("str")
        table.loc[label] = agreeing.reindex(table.columns)
    named = {least: counted(int(least), "item") for least in table.columns}
    return table.rename(columns=named).rename_axis(index="Member", columns=None).reset_index()


def run_values(frames: Frames, codebook: Codebook) -> dict[str, Any]:
    """Return the score table as JSON values: numbers as numbers, null if there is no score."""
    parts = {name: frames[name] for name in ("scores", "evidence_matrix")} | {"averages": averages(frames["scores"])}
    records = {name: json.loads(part.to_json(orient="records")) for name, part in parts.items()}
    return {"heading": heading(frames["documents"], codebook), **records}
