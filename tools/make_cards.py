"""Fill the tables of the data card and the model card, and write data/codings/label-counts.csv.

Run by hand after a tagger or a corpus changed:
g7tag evaluate --test-part --json > data/models/2024-apulia-19.evaluation.json
g7tag evaluate --learning-curve --codebook 2024-apulia-09 --json > data/models/2024-apulia-09.learning-curve.json
(and the same for 2024-apulia-18 and 2024-apulia-19)
python tools/make_cards.py
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import g7tag
from g7tag.codebook import ACTS
from g7tag.corpus import bundled_codebooks, bundled_corpus
from g7tag.corpus.reading import LABEL
from g7tag.frames import STRENGTHS
from g7tag.store import data_path, write_atomic

TABLE = re.compile(r"(<!-- (\w+): ([\w, ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""Markers of a table: its name and its scheme or file."""
COLUMNS = {
    "labels": ["label", "n", "found", "precision", "recall", "f1"],
    "taggers": ["tagger", "macro_f1", "brier", "strength", "dimensions", "label", "whole"],
    "acts": ["act", "n", "act_right", "all_right", "with_dimension", "tagged_strong", "strong_unflagged"],
}
CURVES = {"2024-apulia-09": "food security", "2024-apulia-18": "border management"}
BY = ("part", "member", "year", "source_type")


def filled(card: str) -> str:
    """Return a card with its tables filled."""
    return TABLE.sub(lambda found: f"{found[1]}\n{_table(found[2], found[3])}\n{found[4]}", card)


def counts() -> pd.DataFrame:
    """Return the numbers of items, sentences and labels of each corpus file, by part, member, year and source."""
    return pd.concat([_counts(path, book) for book in bundled_codebooks() for path in bundled_corpus(book)])


def _counts(path: Path, codebook_id: str) -> pd.DataFrame:
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    table, book = table.assign(year=table["date"].str[:4], file=path.stem), g7tag.open_codebook(codebook_id)
    order = [*book.dimension_keys, *STRENGTHS, *book.exclusion_keys, *ACTS]
    each = table.assign(label=table[LABEL].agg(";".join, axis=1).str.split(";")).explode("label")
    counted = []
    for by in ("file", *BY):
        sizes = table.groupby(by).agg(items=("item_id", "nunique"), sentences=("text", "size"))
        labels = pd.crosstab(each[by], each["label"]).reindex(columns=order, fill_value=0)
        wide = sizes.join(labels).rename_axis("value").reset_index().assign(by=by)
        counted.append(wide.melt(["by", "value"], var_name="label", value_name="n"))
    return pd.concat(counted).assign(file=path.stem)[["file", "by", "value", "label", "n"]]


def _table(name: str, about: str) -> str:
    if name == "files":
        return _lines(["file", *about.split(", ")], _file_rows(about.split(", ")))
    if name == "curves":
        return _curves()
    measured = pd.DataFrame(json.loads(data_path("models/2024-apulia-19.evaluation.json").read_text("utf-8"))[name])
    rows = measured[(measured["scheme"] == about) & (measured["tested_on"] == "all files")]
    return _lines(COLUMNS[name], [[_cell(row, column) for column in COLUMNS[name]] for row in rows.to_dict("records")])


def _file_rows(labels: Sequence[str]) -> Iterator[list[str]]:
    whole = counts().query("by == 'file'").pivot(index="file", columns="label", values="n").astype("float64")
    for codebook_id in bundled_codebooks():
        for path in bundled_corpus(codebook_id):
            yield [path.stem, *(f"{whole.loc[path.stem, label]:,.0f}" for label in labels)]


def _curves() -> str:
    rows = []
    for codebook_id, name in CURVES.items():
        stored = json.loads(data_path(f"models/{codebook_id}.learning-curve.json").read_text("utf-8"))
        curve = pd.DataFrame(stored["learning_curve"])
        sizes = sorted(curve["n_train"].unique())
        for tagger, its in curve.groupby("tagger", sort=False):
            own = {row["n_train"]: _cell(row, "f1") for row in its.to_dict("records")}
            rows.append([f"{name}: {tagger}", *(own.get(size, "") for size in sizes)])
    return _lines(["macro-F1 by number of labels", *map(str, sizes)], rows)


def _lines(names: Sequence[str], rows: Iterator[list[str]] | list[list[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in [names, ["---"] * len(names), *rows])


def _cell(row: dict[Any, Any], name: str) -> str:
    value, low, high = (row.get(name + end) for end in ("", "_low", "_high"))
    if value is None or pd.isna(value):
        return ""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.2f}" if low is None or pd.isna(low) else f"{value:.2f} [{low:.2f}, {high:.2f}]"


if __name__ == "__main__":
    for name in ("README.md", "models/README.md"):
        path = data_path(name)
        write_atomic(path, filled(path.read_text("utf-8")).encode())
    write_atomic(data_path("codings/label-counts.csv"), counts().to_csv(index=False, lineterminator="\n").encode())
