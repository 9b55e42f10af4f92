"""Fill the tables of data/models/README.md and data/README.md. Run by hand after a tagger or a corpus changed.

g7tag evaluate --test-part --json > data/models/2024-apulia-19.evaluation.json
g7tag evaluate --learning-curve --codebook 2024-apulia-09 --json > data/models/2024-apulia-09.learning-curve.json
(and the same for 2024-apulia-18)
python tests/make_model_card.py
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from g7tag.store import data_path, write_atomic

CARD = "models/README.md"
DATA_CARD = "README.md"
CURVE = re.compile(r"(<!-- curve ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""Markers of a table in the data card: the codebook whose learning curve it shows."""
CURVE_COLUMNS = ("tagger", "n_train", "f1", "act", "strength", "right", "error", "bound")
EVALUATION = "models/2024-apulia-19.evaluation.json"
FILLED = re.compile(r"(<!-- table (\w+), (\w+): ([\w, ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""Markers of a table in the card: frame of the evaluation, rows (all, or one value of the column `of`), and scheme."""


def filled(card: str, evaluation: dict[str, Any]) -> str:
    """Return the card with its tables filled from the evaluation."""
    return FILLED.sub(lambda found: found[1] + "\n" + _table(evaluation, *found.group(2, 3, 4)) + "\n" + found[5], card)


def with_curves(card: str) -> str:
    """Return the data card with the tables of the learning curves filled."""
    return CURVE.sub(lambda found: found[1] + "\n" + _curve(found[2]) + "\n" + found[3], card)


def _curve(codebook_id: str) -> str:
    stored = json.loads(data_path(f"models/{codebook_id}.learning-curve.json").read_text(encoding="utf-8"))
    rows = [list(CURVE_COLUMNS), ["---"] * len(CURVE_COLUMNS)]
    rows += [list(_cells(row, list(CURVE_COLUMNS))) for row in stored["learning_curve"]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


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
        elif value is None or pd.isna(value):
            yield ""
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
    path = data_path(DATA_CARD)
    write_atomic(path, with_curves(path.read_text(encoding="utf-8")).encode())
