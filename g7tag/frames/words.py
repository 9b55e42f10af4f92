"""Plain names and explanations of frames, columns, checks and values, for everything that people read.

Frames, JSON and ids keep the raw names. The report page, workbooks, notebooks, the terminal and the documentation take
their words from `words.csv` beside this file: `column` is the column whose value has the name, with its frame if the
name depends on it.
"""

import csv
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple


class Word(NamedTuple):
    """A plain name in sentence case, and a sentence that explains it ("" if there is none)."""

    name: str
    note: str


def _read() -> tuple[dict[str, Word], dict[str, Word], dict[str, dict[str, Word]]]:
    """Return the words of frames, of columns, and of values by column."""
    words: dict[str, dict[str, dict[str, Word]]] = {"frame": {}, "column": {}, "value": {}}
    table = files("g7tag.frames").joinpath("words.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines()):
        words[row["kind"]].setdefault(row["column"], {})[row["key"]] = Word(row["name"], row["note"])
    return words["frame"][""], words["column"][""], words["value"]


FRAME_WORDS, COLUMN_WORDS, VALUE_WORDS = _read()
VALUE_WORDS["installation.check"] = {}  # parts of an installation, not checks of the audit
_LABELLED = ("dimension", "dimensions", "strength", "level", "act", "exclusion", "label")
"""Columns whose values are keys of a codebook; so are columns with "proposed_" in front."""
NO_LABELS: Mapping[str, str] = MappingProxyType({})
"""No labels of a codebook: columns and values of dimensions are named by their keys."""


def column_word(column: str, frame: str = "", *, labels: Mapping[str, str] = NO_LABELS) -> Word:
    """Return the plain name of a column and what it means."""
    known = COLUMN_WORDS.get(f"{frame}.{column}") or COLUMN_WORDS.get(column)
    if known:
        return known
    if column in labels:
        return Word(labels[column], "")
    key = column.removeprefix("p_")
    if key != column and (frame == "tags" or key in labels):
        pattern = COLUMN_WORDS["p_{dimension}"]
        return pattern._replace(name=pattern.name.replace("{dimension}", labels.get(key) or _made_from(key)))
    return Word(_made_from(column), "")


def value_word(column: str, value: str, frame: str = "", *, labels: Mapping[str, str] = NO_LABELS) -> Word:
    """Return the plain name of a value and what it means."""
    column = column.removeprefix("proposed_")
    words = value_words(column, frame)
    if ";" in value and (words or column in _LABELLED):
        names = (value_word(column, each, frame, labels=labels).name for each in value.split(";"))
        return Word("; ".join(names), "")
    if value and value in labels and column in _LABELLED:
        return Word(labels[value], words[value].note if value in words else "")
    if not value or value in words or not words:
        return words.get(value, Word(value, ""))
    excluded = value.removesuffix("_evidence")
    if column == "check" and excluded != value:
        pattern = VALUE_WORDS["check"]["{exclusion}_evidence"]
        return pattern._replace(name=f"{pattern.name}: {labels.get(excluded) or _made_from(excluded)}")
    return Word(_made_from(value), "")


def value_words(column: str, frame: str = "") -> dict[str, Word]:
    """Return the values of a column with their words, in their order; none if any value is possible."""
    return VALUE_WORDS.get(f"{frame}.{column}", VALUE_WORDS.get(column, {}))


def _made_from(key: str) -> str:
    """Return a name made from a key: "GDP_per_head" gives "GDP per head"."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:] or key
