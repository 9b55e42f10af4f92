"""Read people's decisions from the rows of a sheet: what was decided, and which cells cannot be used."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import ACTS, NO_DIMENSION, RESERVED, Codebook
from g7tag.errors import InputError
from g7tag.frames import SOURCE_CHECKS, STRENGTHS, in_order, is_address
from g7tag.labels.annotations import CHECKED
from g7tag.store import LONGEST_NOTE, heading
from g7tag.text import listed

DECIDED = ("dimensions", "strength", "act", "exclusion", "contradicts", "unsure", "note", *CHECKED)
"""Columns of a decision; a sheet may lack the last two."""
_YES = {"x", "yes", "y", "true", "1", "✓", "✔", "☑", "wahr", "vrai", "vero", "ja", "oui", "sì", "si"}
_NO = {"", "no", "n", "false", "0", "-", "–", "☐", "falsch", "faux", "falso", "nein", "non"}
_OTHER_NAMES = {
    "sentence": "text", "comment": "note", "comments": "note", "notes": "note", "dimension": "dimensions",
    "status": "act", "strengths": "strength", "exclusions": "exclusion", "contradiction": "contradicts",
}  # fmt: skip
_OWN = {"sentence_id", "text", *DECIDED}
_BETWEEN = re.compile(r"[;,/|+&\n\t]|\band\b|\s-\s", re.IGNORECASE)


class Problem(NamedTuple):
    """A row that cannot be used: its place in the sheet, the column ("" if it is the whole row), and why."""

    row: Any
    column: str
    cause: str


class Decisions(NamedTuple):
    """The decided rows that can be used (sentence_id and `DECIDED`."""

    rows: pd.DataFrame
    problems: list[Problem]


def columns_to_fill(codebook: Codebook) -> list[str]:
    """Return the columns of a sheet that people fill in."""
    exclusion = ["exclusion"] if codebook.exclusions else []
    return [*codebook.dimension_keys, "strength", "act", *exclusion, "contradicts", "unsure", "note"]


def read_decisions(
    table: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook, *, is_file: bool = False
) -> Decisions:
    """Return the decisions in a table that people filled in; a row with a problem is not among them."""
    cells = _named(table, codebook)
    ticks = {f"#{key}" for key in codebook.dimension_keys}
    is_sheet = is_file and ("dimensions" not in cells or bool(ticks & {*cells}))
    missing = [each for each in columns_to_fill(codebook) if not {each, f"#{each}"} & {*cells}]
    if is_sheet and missing:
        msg = (
            f"no column {listed(missing)}, found {listed(table.columns, most=30)}. A sheet must have all "
            "columns that g7tag wrote, with their headings. Restore it with its cells, or fill in a new sheet."
        )
        raise InputError(msg)
    cells = cells.reindex(columns=list(dict.fromkeys([*cells, "text", *DECIDED])), fill_value="")
    texts = dict(zip(sentences["sentence_id"], sentences["text"], strict=True))
    problems: list[Problem] = []
    decided: list[dict[str, Any]] = []
    for place, row in zip(cells.index, cells.to_dict("records"), strict=True):
        found: list[Problem] = []

        def report(column: str, cause: str, *, place: Any = place, found: list[Problem] = found) -> None:
            found.append(Problem(place, column, cause if cause[-1] in ".?" else f"{cause}."))

        decision = _decision(row, codebook, report)
        if decision is None and not found:
            continue
        _check_sentence(row, texts, report)
        if decision is not None and not found:
            _check_rules(decision, report, needs_act=is_sheet)
        problems += found
        if decision is not None and not found:
            decided.append({"place": place, "sentence_id": row["sentence_id"], **decision})
    rows = pd.DataFrame(decided, columns=["place", "sentence_id", *DECIDED])
    rows, differing = _unique(rows)
    return Decisions(rows.set_index("place"), sorted(problems + differing, key=lambda each: str(each.row).zfill(9)))


def _named(table: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the cells as text, with the names of this module as headings; `#key` is the tick of a dimension."""
    given = {heading(str(name)) for name in table.columns}
    others = {name: own for name, own in _OTHER_NAMES.items() if own not in given}
    ticks = {heading(each.label): f"#{each.key}" for each in codebook.dimensions if heading(each.label) not in RESERVED}
    ticks |= {heading(each.key): f"#{each.key}" for each in codebook.dimensions}
    names = [heading(str(name)) for name in table.columns]
    names = [ticks.get(name, others.get(name, name)) for name in names]
    twice = {name.removeprefix("#") for name in names if names.count(name) > 1 and (name in _OWN or name[:1] == "#")}
    if twice:
        msg = f"column {listed(twice)} appears twice. Remove one of the columns."
        raise InputError(msg)
    if "sentence_id" not in names:
        msg = f"column 'sentence_id' is missing, found {listed(table.columns)}. Add it."
        raise InputError(msg)
    if not set(names) & {*ticks.values(), "dimensions", "strength", "act"}:
        msg = f"no column for labels, found {listed(table.columns)}. Expected strength, act and the dimensions."
        raise InputError(msg)
    wanted = [name for name in names if name in _OWN or name.startswith("#")]
    cells = table.set_axis(names, axis=1)[wanted].astype("object").fillna("").astype("str")
    return cells.map(str.strip)


Report = Callable[[str, str], None]


def _decision(row: Mapping[Any, str], codebook: Codebook, report: Report) -> dict[str, Any] | None:
    """Return the decision of a row, with a report of each cell that cannot be read; None if nothing is decided."""
    names = {
        "strength": {key: key for key in STRENGTHS} | _labels(codebook.strengths),
        "act": {act: act for act in ACTS} | _labels(codebook.acts),
        "exclusion": _labels(codebook.exclusions),
    }
    dimensions = _dimensions(row, codebook, report)
    label: dict[str, Any] = {column: _key(row[column], words, column, report) for column, words in names.items()}
    label["contradicts"] = _yes(row["contradicts"], "contradicts", report)
    unsure = _yes(row["unsure"], "unsure", report)
    checked = _key(row["source_check"], {key: key for key in SOURCE_CHECKS}, "source_check", report)
    if not any((row["dimensions"], dimensions, *label.values())):
        column = next((name for name in ("note", *CHECKED) if row[name]), "unsure" if unsure else "")
        if not column:
            return None
        report(column, "the row has no label; fill in strength or act, or empty it")
    if not dimensions:
        label["strength"] = label["strength"] or "none"
    joined, others = in_order(";".join(dimensions), codebook), {name: row[name] for name in ("note", "archived_url")}
    return {"dimensions": joined, **label, "unsure": unsure, "source_check": checked, **others}


def _dimensions(row: Mapping[Any, str], codebook: Codebook, report: Report) -> list[str]:
    ticked = [key for key in codebook.dimension_keys if _tick(row, key, report)]
    names = {"none": ""} | _labels(codebook.dimensions)
    words = row["dimensions"]
    parts = [words] if heading(words) in names else [part.strip() for part in _BETWEEN.split(words)]
    return [*ticked, *filter(None, (_key(part, names, "dimensions", report) for part in parts))]


def _tick(row: Mapping[Any, str], key: str, report: Report) -> bool:
    """Return whether a dimension is ticked; its own name is a tick, too."""
    cell = row.get(f"#{key}", "")
    return heading(cell) == heading(key) or _yes(cell, key, report)


def _labels(categories: Any) -> dict[str, str]:
    return {heading(name): each.key for each in categories for name in (each.label, each.key)}


def _key(cell: str, names: Mapping[str, str], column: str, report: Report) -> str:
    """Return the key that a cell names, in any case; "" if it is empty or unknown."""
    word = heading(cell)
    if not word or word in names:
        return names.get(word, "")
    near = get_close_matches(word, names, n=1, cutoff=0.7)
    keys = ", ".join(dict.fromkeys(filter(None, names.values())))
    hint = f" Did you mean {names[near[0]]!r}?" if near and names[near[0]] else ""
    report(column, f"{cell[:60]!r} is not one of {keys}.{hint}")
    return ""


def _yes(cell: str, column: str, report: Report) -> bool:
    word = cell.casefold()
    if word not in _YES | _NO:
        report(column, f"{cell[:60]!r} is not known. Enter x for yes, or leave the cell empty")
    return word in _YES


def _check_sentence(row: Mapping[Any, str], texts: Mapping[str, str], report: Report) -> None:
    name, text = row["sentence_id"], row["text"]
    if name not in texts:
        near = get_close_matches(name, texts, n=1, cutoff=0.9)
        hint = f" Did you mean {near[0]!r}?" if near else " Expected an id such as 2024-19/DEU-16.2."
        report("sentence_id", f"{name[:60]!r} is not a sentence of this run's commitment.{hint}")
    elif text and text.split() != texts[name].split():
        report("text", f"the text of {name!r} differs in this run; the sheet may be of another report")


def _check_rules(decision: Mapping[str, Any], report: Report, *, needs_act: bool) -> None:
    """Report what the codebook does not allow together."""
    dimensions, strength, act = (decision[name] for name in ("dimensions", "strength", "act"))
    if dimensions and strength not in STRENGTHS[:2]:
        found = "is 'none'" if strength else "is empty"
        report("strength", f"{found}, but there are dimensions ({dimensions}). Expected strong or weak")
    if not dimensions and strength != "none":
        report("strength", f"is {strength!r}, but no dimension is ticked. Tick one, or set it to none")
    if dimensions and decision["exclusion"]:
        report(
            "exclusion",
            f"is {decision['exclusion']!r}, but there are dimensions ({dimensions}). Empty this or the dimensions",
        )
    if dimensions and act in NO_DIMENSION:
        report("act", f"is {act!r}, but there are dimensions ({dimensions}). Only acts done or planned have them")
    if needs_act and not act:
        report("act", f"is empty. Expected one of {', '.join(ACTS)}")
    if len(decision["note"]) > LONGEST_NOTE:
        report("note", f"the comment has {len(decision['note']):,} characters, expected at most {LONGEST_NOTE:,}")
    if decision["archived_url"] and not is_address(decision["archived_url"]):
        report(
            "archived_url",
            f"{decision['archived_url'][:60]!r} is not a web address (https:// or http://, no spaces, quotes, < or >)",
        )
    if act == "planned" and strength == "strong":
        report("strength", "is 'strong', but the act is planned. A planned act is weak")


def _unique(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows with one for each sentence, and a problem for each sentence with different decisions."""
    kept = rows.drop_duplicates(["sentence_id", *DECIDED])
    different = kept[kept["sentence_id"].duplicated(keep=False)]
    places = different.groupby("sentence_id")["place"].agg(lambda rows: " and ".join(map(str, rows)))
    problems = [
        Problem(row["place"], "", f"{name!r} has different labels in rows {places[name]}.")
        for name, row in zip(different["sentence_id"], different.to_dict("records"), strict=True)
    ]
    return kept.drop(index=different.index), problems
