"""The page of two runs side by side."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import Comparison
from g7tag.frames import value_word
from g7tag.report.agreement import share_text
from g7tag.report.comparison import (
    BETWEEN,
    agreement_of_runs,
    average_rows,
    count_rows,
    findings_line,
    label_parts,
    label_words,
    labels_line,
    only_lines,
    with_labels,
)
from g7tag.report.rendering import render
from g7tag.report.tables import percent
from g7tag.scoring import signed
from g7tag.store import package_version

Row = Mapping[Any, Any]
RUNS = ("first", "second")
_SHORT_ID = re.compile(r"[A-Z]{3}-\d{2,}(?:\.\d+)?")
_COMMITMENT = re.compile(r"^\d{4}-\d{2,}/")


class Piece(NamedTuple):
    """A part of a text, and the id of the row that it links to ("" for no link)."""

    text: str
    target: str


def comparison_page(found: Comparison, *, names: Sequence[str], labels: Mapping[str, str]) -> str:
    """Return the comparison of two runs as an HTML page that needs no network."""
    agreement = agreement_of_runs(found.agreement, labels).rename(columns={"": "note"})
    shown = _label_rows(found.labels, labels)
    targets = {row["id"] for row in shown}
    return render(
        "comparison.html",
        title="Two runs side by side",
        names=list(names), version=package_version(), notes=found.notes["note"].tolist(),
        scores=_score_rows(found.scores, targets, labels),
        dimensions=[labels.get(key, key) for key in found.levels["dimension"].drop_duplicates()],
        levels=_level_rows(found.levels),
        changes=[_change(row, targets, labels) for row in found.levels.to_dict("records") if row["differs"]],
        labels_line=labels_line(found), labels=_by_member(shown), agreement=_table(agreement),
        findings_line=findings_line(found.findings), findings=_finding_rows(found.findings),
        averages=_table(average_rows(found.averages)), members=_member_rows(found.members),
        counts=_table(count_rows(found.counts)), only_lines=only_lines(found.only, labels=labels),
        only=found.only[found.only["text"] != ""].to_dict("records"),
        about=found.about.to_dict("records"),
    )  # fmt: skip


def _score_rows(scores: pd.DataFrame, targets: set[str], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of scores; a member, or a reason that all its readings share, is one cell of several rows."""
    rows = []
    for _, group in scores.groupby("code", sort=False):
        shared = len(set(group["why"])) == 1
        for place, row in enumerate(group.to_dict("records")):
            n_whys = (0 if place else len(group)) if shared else 1
            cells = _score_row(row, targets, labels)
            rows.append(cells | {"n_rows": 0 if place else len(group), "n_whys": n_whys})
    return rows


def _score_row(row: Row, targets: set[str], labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the cells of a row of scores: each a pair, or one value if both runs have it."""
    reading = (
        row["reading"]
        if row["reading"] == row["second_reading"]
        else f"{row['reading']}{BETWEEN}{row['second_reading']}"
    )
    texts = {
        "Published": [signed(row[f"{run}_published"]) for run in RUNS],
        "Suggested": [signed(row[f"{run}_suggested"]) for run in RUNS],
        "Final": [_final(row, run) for run in RUNS],
        "Probability": [percent(row[f"{run}_chance"]) for run in RUNS],
    }
    return {
        "member": row["member"], "code": row["code"], "reading": reading, "differs": row["differs"],
        "cells": {name: _pair(first, second, row["differs"]) for name, (first, second) in texts.items()},
        "why": _pieces(row["why"][:1].upper() + row["why"][1:], targets, labels),
    }  # fmt: skip


def _final(row: Row, run: str) -> str:
    score = row[f"{run}_final"]
    return value_word("basis", row[f"{run}_basis"]).name or "none" if pd.isna(score) else signed(score)


def _pair(first: str, second: str, differs: str) -> list[str]:
    if differs.startswith("only"):
        return [first, "–"] if differs == "only first" else ["–", second]
    return [first] if first == second else [first, second]


def _pieces(text: str, targets: set[str], labels: Mapping[str, str]) -> list[Piece]:
    """Return a text in pieces, in which ids of listed sentences are links and keys of dimensions have their names."""
    pieces, end = [], 0
    for found in _SHORT_ID.finditer(text):
        pieces.append(Piece(with_labels(text[end : found.start()], labels), ""))
        pieces.append(Piece(found[0], found[0] if found[0] in targets else ""))
        end = found.end()
    return [piece for piece in [*pieces, Piece(with_labels(text[end:], labels), "")] if piece.text]


def _level_rows(levels: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the cells of the heat map by member; None where no run has the level."""
    dimensions = levels["dimension"].drop_duplicates().tolist()
    rows = []
    for (code, member), group in levels.groupby(["code", "member"], sort=False):
        cells = {row["dimension"]: row for row in group.to_dict("records")}
        rows.append({"code": code, "member": member, "cells": [_cell(cells.get(key)) for key in dimensions]})
    return rows


def _cell(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    runs = [
        {"level": row[f"{run}_level"] or "none", "numbers": f"{row[f'{run}_strong']} + {row[f'{run}_weak']}"}
        if row[f"{run}_level"]
        else {"level": "", "numbers": ""}
        for run in RUNS
    ]
    return {"id": f"{row['code']}.{row['dimension']}", "differs": row["differs"], "runs": runs}


def _change(row: Row, targets: set[str], labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": f"{row['code']}.{row['dimension']}", "member": row["member"],
        "dimension": labels.get(row["dimension"], row["dimension"]), "cell": _cell(row),
        "why": _pieces(row["why"] or row["differs"], targets, labels),
        "items": _pieces(row["changes"], targets, labels),
    }  # fmt: skip


def _label_rows(labels: pd.DataFrame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the labels that differ, in words."""
    rows = labels[labels["differs"] != ""].to_dict("records")
    return [
        {
            "id": row["sentence_id"].rpartition("/")[2], "second_id": row["second_id"].rpartition("/")[2],
            "member": row["member"], "text": row["text"], "second_text": row["second_text"],
            "first": label_words(row["first_label"], names), "second": label_words(row["second_label"], names),
            "first_by": _by(row["first_by"]), "second_by": _by(row["second_by"]),
            "differs": ", ".join(label_parts(row)),
        }
        for row in rows
    ]  # fmt: skip


def _by(name: str) -> str:
    """Return who gave a label; the id of the tagger is under how the runs were made."""
    return "the tagger" if name.startswith("tagger ") else name


def _by_member(rows: Sequence[Row]) -> list[dict[str, Any]]:
    members = dict.fromkeys(row["member"] for row in rows)
    return [{"member": member, "rows": [row for row in rows if row["member"] == member]} for member in members]


def _finding_rows(findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the findings that differ, with the plain names of their checks and severities."""
    rows = findings[findings["differs"] != ""].to_dict("records")
    return [
        {
            **{str(key): value for key, value in row.items()}, "name": value_word("check", row["check"]).name,
            "about": _COMMITMENT.sub("", row["subject"]),
            "changed": row["differs"].replace(";", " and ") if not row["differs"].startswith("only") else "",
            "severities": list(dict.fromkeys(each for each in (row["first_severity"], row["second_severity"]) if each)),
        }
        for row in rows
    ]  # fmt: skip


def _member_rows(members: pd.DataFrame) -> list[list[Any]]:
    """Return for each member the numbers of items and sentences, and the share that is strong, of both runs."""
    rows = []
    for row in members.to_dict("records"):
        cells = [row["member"]]
        for name in ("items", "sentences", "strong"):
            values = [row[f"{run}_{name}"] for run in RUNS]
            cells += ["–" if pd.isna(each) else share_text(each) if name == "strong" else str(each) for each in values]
        rows.append(cells)
    return rows


def _table(frame: pd.DataFrame) -> dict[str, Any]:
    return {"headings": [str(name) for name in frame.columns], "rows": frame.to_numpy().tolist()}
