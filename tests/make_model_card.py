"""Fill the tables of data/models/README.md from an evaluation. Run by hand after the tagger or its corpus changed.

g7tag evaluate --test-part --json > data/models/2024-apulia-19.evaluation.json
python tests/make_model_card.py
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from g7tag.store import data_path, write_atomic

CARD = "models/README.md"
EVALUATION = "models/2024-apulia-19.evaluation.json"
FILLED = re.compile(r"(<!-- table (\w+), (\w+): ([\w, ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""Markers of a table in the card: frame of the evaluation, rows (all, or one value of the column `of`), and scheme."""


def filled(card: str, evaluation: dict[str, Any]) -> str:
    """Return the card with its tables filled from the evaluation."""
    return FILLED.sub(lambda found: found[1] + "\n" + _table(evaluation, *found.group(2, 3, 4)) + "\n" + found[5], card)


def _table(evaluation: dict[str, Any], name: str, kind: str, scheme: str) -> str:
    measured = pd.DataFrame(evaluation[name])
    together = measured["tested_on"] == "all files"  # the only rows of acts that have enough sentences of each
    measured = measured[(measured["scheme"] == scheme) & (together if name == "acts" else ~together)]
    if kind != "all":
        counts = measured[measured["of"] == kind]
        measured = counts.pivot_table(index=["tested_on", "truth"], columns="found", values="n", sort=False)
        measured = measured.astype("int64").add_prefix("tagged ").reset_index()
    ends = [column for column in measured if column.endswith(("_low", "_high"))]
    names = [column for column in measured if column not in {*ends, "scheme", "of", "reason"}]
    rows = [names, ["---"] * len(names), *(_cells(row, names) for row in measured.to_dict("records"))]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _cells(row: dict[str, Any], names: list[str]) -> Iterator[str]:
    for name in names:
        value, low, high = (row.get(name + end) for end in ("", "_low", "_high"))
        if isinstance(value, bool):
            yield "yes" if value else "no"
        elif isinstance(value, float):
            digits = 3 if name in {"error", "bound"} else 2
            shown = "" if pd.isna(value) else f"{value:.{digits}f}"
            yield shown if pd.isna(low) or low is None else f"{shown} [{low:.2f}, {high:.2f}]"
        else:
            yield str(value).removesuffix(".csv")


if __name__ == "__main__":
    path = data_path(CARD)
    measured = json.loads(data_path(EVALUATION).read_text(encoding="utf-8"))
    write_atomic(path, filled(path.read_text(encoding="utf-8"), measured).encode())
