"""What each item's label in a dimension decides: the member's level and score without it."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.scoring.rules import reached_level, scores_of

COLUMNS = ["item_id", "member", "dimension", "level", "level_without", "reading", "score", "score_without", "changes"]


def item_effects(levels: pd.DataFrame, evidence_matrix: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return what would change if an item lost its label in a dimension."""
    rows = list(_rows(levels, evidence_matrix, codebook))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"score": "Int64", "score_without": "Int64", "changes": "bool"})


def _rows(levels: pd.DataFrame, evidence_matrix: pd.DataFrame, codebook: Codebook) -> Iterator[dict[str, Any]]:
    cells = {(row["member"], row["dimension"]): row for row in evidence_matrix.to_dict("records")}
    now = {
        member: dict(zip(rows["dimension"], rows["level"], strict=True))
        for member, rows in evidence_matrix.groupby("member")
    }
    counted = levels[levels["in_period"].astype("bool")]
    for row in counted.to_dict("records"):
        cell = cells.get((row["member"], row["dimension"]))
        if cell is None:
            continue
        n_strong, n_weak = cell["n_strong"] - row["strong"], cell["n_weak"] - (not row["strong"])
        without = reached_level(n_strong, n_weak, min_strong_items=codebook.min_strong_items)
        if without == cell["level"]:
            continue
        before = scores_of(now[row["member"]], codebook.readings)
        after = scores_of(now[row["member"]] | {row["dimension"]: without}, codebook.readings)
        named = {"item_id": row["item_id"], "member": row["member"], "dimension": row["dimension"]}
        for reading, score in after.items():
            changed = {
                "reading": reading,
                "score": before[reading],
                "score_without": score,
                "changes": score != before[reading],
            }
            yield named | {"level": cell["level"], "level_without": without} | changed
