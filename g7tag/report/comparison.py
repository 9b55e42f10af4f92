"""Two runs side by side: as tables for a terminal, as JSON values, and as a page."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import TWO_COMMITMENTS, Comparison
from g7tag.audit.comparison import differently_labelled
from g7tag.frames import NO_LABELS, STRENGTHS, value_word
from g7tag.report.agreement import part_table, share_text
from g7tag.report.cells import one_line, snippet
from g7tag.report.display import Shown, show_frame
from g7tag.report.rendering import render
from g7tag.report.tables import percent
from g7tag.report.terminal import table_text
from g7tag.scoring import signed
from g7tag.store import package_version
from g7tag.text import counted, first_few, sentence_case

Row = Mapping[Any, Any]
MOST = 20
"""Rows of a table of labels, findings or unmatched texts in a terminal; the page and JSON have all."""
_BETWEEN = " / "  # between the values of the first and the second run, where they differ
_RUNS = ("first", "second")
_LONGEST = 90  # characters of a text in a table
_WORD = re.compile(r"[\w-]+")
_SHORT_ID = re.compile(r"[A-Z]{3}-\d{2,}(?:\.\d+)?")
_COMMITMENT = re.compile(r"^\d{4}-\d{2,}/")
_STATUS = {"unlabelled": "missing label", "conflict": "dispute"}
_FINDINGS = {
    "": "in both runs", "changed": "changed", "only first": "only in the first", "only second": "only in the second",
}  # fmt: skip


class Part(NamedTuple):
    """A part of the comparison: lines of text, then a table that may have no rows, then lines."""

    lines: list[str]
    table: pd.DataFrame
    closing: list[str]


class Piece(NamedTuple):
    """A part of a text, and the id of the row that it links to ("" for no link)."""

    text: str
    target: str


def comparison_parts(
    found: Comparison, *, names: Sequence[str], labels: Mapping[str, str] = NO_LABELS
) -> dict[str, Part]:
    """Return what differs in two runs, as tables of text by heading; parts without differences have no table."""
    legend = "a / b: the first and the second run, where they differ."
    empty = pd.DataFrame()
    reasons = [_with_labels(line, labels) for line in _score_reasons(found.scores)]
    findings = [findings_line(found.findings)]
    if found.counts.set_index("unit")["matched"]["items"] == 0:
        finding_part = Part(findings, _check_rows(found.findings), [])
    else:
        finding_part = Part(findings, _finding_rows(found.findings).head(MOST), _more(found.findings))
    parts = {
        "Two runs": Part([f"first: {names[0]}", f"second: {names[1]}", *found.notes["note"]], empty, []),
        "Scores": Part([legend], _score_rows(found.scores), reasons),
        "Levels": Part([], _level_rows(found.levels).rename(columns=labels), []),
        "Labels": Part([labels_line(found)], _label_rows(found.labels, labels).head(MOST), _more(found.labels)),
        "Agreement of the labels": Part([], _agreement_rows(found.agreement, labels), []),
        "Findings": finding_part,
        "Numbers": Part([], _average_rows(found.averages), []),
        "Matches": Part([], _count_rows(found.counts), _only_lines(found.only, labels)),
        "How the runs were made": Part([], _about_rows(found.about), []),
    }
    plain = {
        name: Part([*map(one_line, lines)], table, [*map(one_line, closing)])
        for name, (lines, table, closing) in parts.items()
    }
    return {name: part for name, part in plain.items() if part.lines or len(part.table) or part.closing}


def comparison_text(found: Comparison, *, names: Sequence[str], labels: Mapping[str, str] = NO_LABELS) -> str:
    """Return what `comparison_parts` has as one text."""
    texts = []
    for name, part in comparison_parts(found, names=names, labels=labels).items():
        table = [table_text(part.table).rstrip("\n")] if len(part.table) else []
        texts.append("\n".join([name, *part.lines, *table, *part.closing]))
    return "\n\n".join(texts)


def comparison_values(found: Comparison, *, names: Sequence[str]) -> dict[str, Any]:
    """Return the comparison as JSON values: all rows of all frames, null for missing values."""
    values: dict[str, Any] = {
        name: json.loads(frame.to_json(orient="records", double_precision=15))
        for name, frame in found._asdict().items()
    }
    return {"runs": list(names)} | values


def show_differences(name: str, frame: pd.DataFrame, *, most: int | None) -> Shown:
    """Return the rows of a frame of a comparison that differ as a table; all rows if it has no column `differs`."""
    if "differs" not in frame:
        return show_frame(frame, most=most)
    flags = frame["differs"]
    rows = frame[flags if name == "about" else flags != ""]
    shown = show_frame(rows, most=most)
    shown.caption = f"{shown.caption} {len(frame) - len(rows)} more are equal in both runs."
    return shown


def comparison_page(found: Comparison, *, names: Sequence[str], labels: Mapping[str, str]) -> str:
    """Return the comparison of two runs as an HTML page that needs no network."""
    agreement = _agreement_rows(found.agreement, labels).rename(columns={"": "note"})
    shown = _differing_labels(found.labels, labels)
    targets = {row["id"] for row in shown}
    return render(
        "comparison.html",
        title="Two runs side by side",
        names=list(names), version=package_version(), notes=found.notes["note"].tolist(),
        scores=_page_scores(found.scores, targets, labels),
        dimensions=[labels.get(key, key) for key in found.levels["dimension"].drop_duplicates()],
        levels=_heat_map(found.levels),
        changes=[_change(row, targets, labels) for row in found.levels.to_dict("records") if row["differs"]],
        labels_line=labels_line(found), labels=_by_member(shown), agreement=_table(agreement),
        findings_line=findings_line(found.findings), findings=_page_findings(found.findings),
        averages=_table(_average_rows(found.averages)), members=_member_rows(found.members),
        counts=_table(_count_rows(found.counts)), only_lines=_only_lines(found.only, labels),
        only=found.only[found.only["text"] != ""].to_dict("records"),
        about=found.about.to_dict("records"),
    )  # fmt: skip


def _both(one: str, other: str, differs: str = "") -> str:
    """Return the values of both runs as text: one if they are equal or only one run has it."""
    if differs.startswith("only"):
        return one if differs == "only first" else other
    return one if one == other else f"{one}{_BETWEEN}{other}"


def _check_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the number of findings of each check in two runs."""
    numbers = {
        run.capitalize(): findings[findings[f"{run}_severity"] != ""].groupby("check", sort=False).size()
        for run in _RUNS
    }
    table = pd.DataFrame(numbers).reindex(findings["check"].drop_duplicates()).fillna(0).astype("int64")
    names = [value_word("check", check).name for check in table.index]
    return table.reset_index(drop=True).astype("str").assign(Check=names)[["Check", *numbers]]


def _score_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of two runs as text: one value if they are equal, otherwise both."""
    rows = []
    for row in scores.to_dict("records"):
        cells = {name: _both(*both, row["differs"]) for name, both in _score_texts(row, case=str.lower).items()}
        rows.append({"Member": row["member"], "Reading": _both(row["reading"], row["second_reading"]), **cells})
    return pd.DataFrame(rows, dtype="str")


def _score_texts(row: Row, *, case: Callable[[str], str] = str) -> dict[str, tuple[str, str]]:
    """Return the scores of a member in both runs; an undecided final score is its basis, in a letter case."""

    def final(run: str) -> str:
        basis, score = case(value_word("basis", row[f"{run}_basis"]).name), row[f"{run}_final"]
        return basis or "none" if pd.isna(score) else signed(score)

    return {
        "Published": (signed(row["first_published"]), signed(row["second_published"])),
        "Suggested": (signed(row["first_suggested"]), signed(row["second_suggested"])),
        "Final": (final("first"), final("second")),
        "Probability": (percent(row["first_chance"]), percent(row["second_chance"])),
    }


def _score_reasons(scores: pd.DataFrame) -> list[str]:
    """Return one line for each reason why scores or levels of a member differ, with the readings that share it."""
    rows = scores[scores["why"] != ""]
    lines = []
    for (member, why), group in rows.groupby(["member", "why"], sort=False):
        whole = len(group) == (scores["member"] == member).sum()
        readings = "" if whole else f" ({', '.join(group['reading'])})"
        lines.append(f"{member}{readings}: {why}.")
    return lines or ["No score and no level differs."]


def _level_rows(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the levels of two runs: members by dimensions."""
    if levels.empty:
        return pd.DataFrame()
    records = levels.replace({"first_level": {"": "–"}, "second_level": {"": "–"}}).to_dict("records")
    cells = levels.assign(cell=[_both(row["first_level"], row["second_level"], row["differs"]) for row in records])
    table = cells.pivot(index="member", columns="dimension", values="cell")
    table = table.reindex(index=levels["member"].drop_duplicates(), columns=levels["dimension"].drop_duplicates())
    return table.fillna("–").rename_axis(index="Member", columns=None).reset_index().astype("str")


def _with_labels(text: str, labels: Mapping[str, str]) -> str:
    """Return a text of g7tag with the labels of the codebook instead of its keys."""
    return _WORD.sub(lambda found: found[0] if found[0] in STRENGTHS else labels.get(found[0], found[0]), text)


def _agreement_rows(agreement: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return the agreement of the labels of two runs as text, with the names of dimensions and exclusions."""
    table = part_table(agreement)
    return table.assign(part=[labels.get(part, part) for part in table["part"]])


def labels_line(found: Comparison) -> str:
    """Return how many labels differ, and in which parts; those that differ only in their status are counted apart."""
    n = len(found.labels)
    if not n:
        return "No sentence is in both runs, so no label is compared."
    rows = found.labels.assign(part=pd.Series(map(_label_parts, found.labels.to_dict("records")), dtype="object"))
    different = rows[differently_labelled(rows)]
    parts = different["part"].explode().value_counts()
    named = f" ({', '.join(f'{part} in {count}' for part, count in parts.items())})" if len(parts) else ""
    others = rows.loc[(rows["differs"] != "") & ~differently_labelled(rows), "part"].explode().value_counts()
    rest = "".join(f"; {count} more only in {part}" for part, count in others.items())
    return f"{len(different)} of {counted(n, 'matched sentence')} labelled differently{named}{rest}."


def _label_parts(row: Mapping[Any, Any]) -> list[str]:
    """Return the parts in which two labels of a sentence differ, in words; none if they are equal."""
    status = {row["first_status"], row["second_status"]}
    word = next((word for key, word in _STATUS.items() if key in status), "status")
    return [word if part == "status" else part for part in row["differs"].split(";") if part]


def _differing_labels(labels: pd.DataFrame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the labels that differ, in words."""
    rows = labels[labels["differs"] != ""].to_dict("records")
    return [
        {
            "id": row["sentence_id"].rpartition("/")[2], "second_id": row["second_id"].rpartition("/")[2],
            "member": row["member"], "text": row["text"], "second_text": row["second_text"],
            "differs": ", ".join(_label_parts(row)),
        } | {
            run: ", ".join(_with_labels(each, names) for each in row[f"{run}_label"].split(";")) for run in _RUNS
        } | {
            # the id of the tagger is under how the runs were made
            f"{run}_by": "the tagger" if row[f"{run}_by"].startswith("tagger ") else row[f"{run}_by"] for run in _RUNS
        }
        for row in rows
    ]  # fmt: skip


def _label_rows(labels: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the labels that differ as text, with who gave them and the start of the sentence."""
    rows = _differing_labels(labels, names)

    def signed_labels(run: str) -> list[str]:
        by = ["tagger" if row[f"{run}_by"] == "the tagger" else row[f"{run}_by"] for row in rows]
        return [f"{row[run]} ({name})" if name else row[run] for row, name in zip(rows, by, strict=True)]

    table = {
        "Sentence": [_both(row["id"], row["second_id"]) for row in rows], "First": signed_labels("first"),
        "Second": signed_labels("second"), "Differs": [row["differs"] for row in rows],
        "Text": [snippet(row["text"], _LONGEST) for row in rows],
    }  # fmt: skip
    return pd.DataFrame(table, dtype="str")


def findings_line(findings: pd.DataFrame) -> str:
    """Return how many findings only one run has, and how many changed."""
    n = findings["differs"].where(findings["differs"].isin(list(_FINDINGS)), "changed").value_counts()
    named = ", ".join(f"{n.get(key, 0)} {words}" for key, words in _FINDINGS.items())
    return f"{counted(len(findings), 'finding')}: {named}."


def _finding_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the findings that differ, with both severities and the message of the run that has it."""
    rows = findings[findings["differs"] != ""].to_dict("records")
    table = {
        "Differs": [row["differs"].replace(";", ", ") for row in rows],
        "Severity": [
            _both(row["first_severity"] or "–", row["second_severity"] or "–", row["differs"]) for row in rows
        ],
        "Check": [value_word("check", row["check"]).name for row in rows],
        "About": [row["subject"].rpartition("/")[2] for row in rows],
        "Finding": [
            snippet(_both(row["first_message"], row["second_message"], row["differs"]), _LONGEST) for row in rows
        ],
    }  # fmt: skip
    return pd.DataFrame(table, dtype="str")


def _average_rows(averages: pd.DataFrame) -> pd.DataFrame:
    """Return numbers of both runs and their difference as text; undefined numbers with the reason."""
    rows = averages.to_dict("records")
    table = {
        "Number": [row["measure"] for row in rows],
        "First": [_number(row["first"]) for row in rows],
        "Second": [_number(row["second"]) for row in rows],
        "Difference": [
            row["reason"] or f"{row['difference']:+.3g}".replace("+0", "0", row["difference"] == 0) for row in rows
        ],
    }  # fmt: skip
    return pd.DataFrame(table, dtype="str")


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.0f}" if float(value).is_integer() else f"{value:.3g}"


def _count_rows(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of matches as text."""
    headings = {
        "unit": "What", "first": "First", "second": "Second", "matched": "Matched", "only_first": "Only first",
        "only_second": "Only second", "differ": "Matched, but different",
    }  # fmt: skip
    return counts.astype("str").rename(columns=headings)


def _only_lines(only: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Return what only one run has: a line for each unit, run and reason."""
    lines = []
    for (unit, run, reason), rows in only.groupby(["unit", "run", "reason"], sort=False):
        ids = [each.rpartition("/")[2] for each in rows["id"]]
        ids = [labels.get(each, each) for each in ids] if unit == "dimension" else ids
        named = "" if reason == TWO_COMMITMENTS else f": {first_few(ids, most=MOST)}"
        lines.append(f"{counted(len(rows), str(unit))} only in the {run} run ({reason}){named}.")
    return lines


def _about_rows(about: pd.DataFrame) -> pd.DataFrame:
    """Return how the runs were made, where that differs."""
    rows = about[about["differs"]]
    return rows[["part", "first", "second"]].set_axis(["What", "First", "Second"], axis=1)


def _more(frame: pd.DataFrame) -> list[str]:
    n = int((frame["differs"] != "").sum()) - MOST
    return [f"and {n} more; the page (-o) and --json have all."] if n > 0 else []


def _page_scores(scores: pd.DataFrame, targets: set[str], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of scores; a member, or a reason that all its readings share, is one cell of several rows."""
    rows = []
    for _, group in scores.groupby("code", sort=False):
        shared = len(set(group["why"])) == 1
        for place, row in enumerate(group.to_dict("records")):
            rows.append(
                {
                    "member": row["member"], "reading": _both(row["reading"], row["second_reading"]),
                    "differs": row["differs"], "why": _pieces(sentence_case(row["why"]), targets, labels),
                    "cells": {name: _pair(*both, row["differs"]) for name, both in _score_texts(row).items()},
                    "n_rows": 0 if place else len(group),
                    "n_whys": (0 if place else len(group)) if shared else 1,
                }
            )  # fmt: skip
    return rows


def _pair(first: str, second: str, differs: str) -> list[str]:
    if differs.startswith("only"):
        return [first, "–"] if differs == "only first" else ["–", second]
    return [first] if first == second else [first, second]


def _pieces(text: str, targets: set[str], labels: Mapping[str, str]) -> list[Piece]:
    """Return a text in pieces, in which ids of listed sentences are links and keys of dimensions have their names."""
    pieces, end = [], 0
    for found in _SHORT_ID.finditer(text):
        pieces.append(Piece(_with_labels(text[end : found.start()], labels), ""))
        pieces.append(Piece(found[0], found[0] if found[0] in targets else ""))
        end = found.end()
    return [piece for piece in [*pieces, Piece(_with_labels(text[end:], labels), "")] if piece.text]


def _heat_map(levels: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the cells of the heat map by member; None where no run has the level."""
    dimensions = levels["dimension"].drop_duplicates().tolist()
    rows = []
    for member, group in levels.groupby(["code", "member"], sort=False):
        cells = {row["dimension"]: _cell(row) for row in group.to_dict("records")}
        rows.append({"member": member[1], "cells": [cells.get(key) for key in dimensions]})
    return rows


def _cell(row: Row) -> dict[str, Any]:
    runs = [
        {"level": row[f"{run}_level"], "numbers": f"{row[f'{run}_strong']} + {row[f'{run}_weak']}"}
        if row[f"{run}_level"]
        else {"level": "", "numbers": ""}
        for run in _RUNS
    ]
    return {"id": f"{row['code']}.{row['dimension']}", "differs": row["differs"], "runs": runs}


def _change(row: Row, targets: set[str], labels: Mapping[str, str]) -> dict[str, Any]:
    cell = _cell(row)
    return {
        "id": cell["id"], "member": row["member"], "dimension": labels.get(row["dimension"], row["dimension"]),
        "cell": cell, "why": _pieces(row["why"] or row["differs"], targets, labels),
        "items": _pieces(row["changes"], targets, labels),
    }  # fmt: skip


def _by_member(rows: Sequence[Row]) -> list[dict[str, Any]]:
    members = dict.fromkeys(row["member"] for row in rows)
    return [{"member": member, "rows": [row for row in rows if row["member"] == member]} for member in members]


def _page_findings(findings: pd.DataFrame) -> list[dict[str, Any]]:
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
            values = [row[f"{run}_{name}"] for run in _RUNS]
            cells += ["–" if pd.isna(each) else share_text(each) if name == "strong" else str(each) for each in values]
        rows.append(cells)
    return rows


def _table(frame: pd.DataFrame) -> dict[str, Any]:
    return {"headings": [str(name) for name in frame.columns], "rows": frame.to_numpy().tolist()}
