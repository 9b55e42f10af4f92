"""Two runs side by side, as tables for a terminal and as JSON values."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import TWO_COMMITMENTS, Comparison
from g7tag.audit.comparison import differently_labelled
from g7tag.frames import NO_LABELS, STRENGTHS, value_word
from g7tag.report.agreement import part_table
from g7tag.report.display import Shown, show_frame
from g7tag.report.display.cells import one_line, snippet
from g7tag.report.tables import percent
from g7tag.report.terminal import table_text
from g7tag.scoring import signed
from g7tag.text import counted

MOST = 20
"""Rows of a table of labels, findings or unmatched texts in a terminal; the page and JSON have all."""
BETWEEN = " / "
"""Between the values of the first and the second run, where they differ."""
_LONGEST = 90  # characters of a text in a table
_WORD = re.compile(r"[\w-]+")
SCORES = {"published": "Published", "suggested": "Suggested", "final": "Final"}


class Part(NamedTuple):
    """A part of the comparison: lines of text, then a table that may have no rows, then lines."""

    lines: list[str]
    table: pd.DataFrame
    closing: list[str]


def comparison_parts(
    found: Comparison, *, names: Sequence[str], labels: Mapping[str, str] = NO_LABELS, most: int = MOST
) -> dict[str, Part]:
    """Return what differs in two runs, as tables of text by heading; parts without differences have no table."""
    legend = "a / b: the first and the second run, where they differ."
    empty = pd.DataFrame()
    scores = found.scores
    reasons = [with_labels(line, labels) for line in score_reasons(scores)]
    levels = level_rows(found.levels).rename(columns=labels)
    parts = {
        "Two runs": Part([f"first: {names[0]}", f"second: {names[1]}", *found.notes["note"]], empty, []),
        "Scores": Part([legend], score_rows(scores), reasons),
        "Levels": Part([], levels, []),
        "Labels": Part([labels_line(found)], label_rows(found.labels, labels).head(most), _more(found.labels, most)),
        "Agreement of the labels": Part([], agreement_of_runs(found.agreement, labels), []),
        "Findings": _finding_part(found, most),
        "Numbers": Part([], average_rows(found.averages), []),
        "Matches": Part([], count_rows(found.counts), only_lines(found.only, labels=labels)),
        "How the runs were made": Part([], about_rows(found.about), []),
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


def _finding_part(found: Comparison, most: int) -> Part:
    """Return the findings that differ; if no item matches, only their numbers."""
    line = findings_line(found.findings)
    if found.counts.set_index("unit")["matched"]["items"] == 0:
        return Part([line], check_rows(found.findings), [])
    return Part([line], finding_rows(found.findings).head(most), _more(found.findings, most))


def check_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the number of findings of each check in two runs."""
    numbers = {
        heading: findings[findings[column] != ""].groupby("check", sort=False).size()
        for heading, column in (("First", "first_severity"), ("Second", "second_severity"))
    }
    table = pd.DataFrame(numbers).reindex(findings["check"].drop_duplicates()).fillna(0).astype("int64")
    names = [value_word("check", check).name for check in table.index]
    return pd.DataFrame({"Check": names, **{name: table[name].to_numpy() for name in numbers}}).astype("str")


def score_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of two runs as text: one value if they are equal, otherwise both."""
    names = scores["reading"].where(
        scores["reading"] == scores["second_reading"], scores["reading"] + BETWEEN + scores["second_reading"]
    )
    rows = scores.to_dict("records")
    cells = {
        heading: [_both(signed(row[f"first_{name}"]), signed(row[f"second_{name}"]), row["differs"]) for row in rows]
        for name, heading in SCORES.items()
    }
    cells["Final"] = [_both(_final(row, "first"), _final(row, "second"), row["differs"]) for row in rows]
    chances = [_both(percent(row["first_chance"]), percent(row["second_chance"]), row["differs"]) for row in rows]
    return pd.DataFrame({"Member": scores["member"], "Reading": names, **cells, "Probability": chances}, dtype="str")


def score_reasons(scores: pd.DataFrame) -> list[str]:
    """Return one line for each reason why scores or levels of a member differ, with the readings that share it."""
    rows = scores[scores["why"] != ""]
    lines = []
    for (member, why), group in rows.groupby(["member", "why"], sort=False):
        whole = len(group) == (scores["member"] == member).sum()
        readings = "" if whole else f" ({', '.join(group['reading'])})"
        lines.append(f"{member}{readings}: {why}.")
    return lines or ["No score and no level differs."]


def level_rows(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the levels of two runs: members by dimensions."""
    if levels.empty:
        return pd.DataFrame()
    cells = levels.assign(
        cell=[
            _both(row["first_level"] or "–", row["second_level"] or "–", row["differs"])
            for row in levels.to_dict("records")
        ]
    )
    table = cells.pivot(index="member", columns="dimension", values="cell")
    table = table.reindex(index=levels["member"].drop_duplicates(), columns=levels["dimension"].drop_duplicates())
    return table.fillna("–").rename_axis(index="Member", columns=None).reset_index().astype("str")


def with_labels(text: str, labels: Mapping[str, str]) -> str:
    """Return a text of g7tag with the labels of the codebook instead of its keys."""
    return _WORD.sub(lambda found: found[0] if found[0] in STRENGTHS else labels.get(found[0], found[0]), text)


def agreement_of_runs(agreement: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return the agreement of the labels of two runs as text, with the names of dimensions and exclusions."""
    table = part_table(agreement)
    return table.assign(part=table["part"].map(lambda part: labels.get(part, part)).astype("str"))


def labels_line(found: Comparison) -> str:
    """Return how many labels differ, and in which parts; those that differ only in their status are counted apart."""
    n = len(found.labels)
    if not n:
        return "No sentence is in both runs, so no label is compared."
    rows = found.labels.assign(part=pd.Series(map(label_parts, found.labels.to_dict("records")), dtype="object"))
    different = rows[differently_labelled(rows)]
    parts = different["part"].explode().value_counts()
    named = f" ({', '.join(f'{part} in {count}' for part, count in parts.items())})" if len(parts) else ""
    others = rows.loc[(rows["differs"] != "") & ~differently_labelled(rows), "part"].explode().value_counts()
    rest = "".join(f"; {count} more only in {part}" for part, count in others.items())
    return f"{len(different)} of {counted(n, 'matched sentence')} labelled differently{named}{rest}."


def label_parts(row: Mapping[Any, Any]) -> list[str]:
    """Return the parts in which two labels of a sentence differ, in words; none if they are equal."""
    status = {row["first_status"], row["second_status"]}
    word = next((word for key, word in _STATUS.items() if key in status), "status")
    return [word if part == "status" else part for part in row["differs"].split(";") if part]


_STATUS = {"unlabelled": "missing label", "conflict": "dispute"}


def label_rows(labels: pd.DataFrame, names: Mapping[str, str] = NO_LABELS) -> pd.DataFrame:
    """Return the labels that differ, with who gave them and the start of the text."""
    rows = labels[labels["differs"] != ""]
    records = rows.to_dict("records")
    return pd.DataFrame(
        {
            "Sentence": [_id(row) for row in records],
            "First": _signed_label(rows, "first", names), "Second": _signed_label(rows, "second", names),
            "Differs": [", ".join(label_parts(row)) for row in records],
            "Text": [snippet(text, _LONGEST) for text in rows["text"]],
        },
        dtype="str",
    )  # fmt: skip


def findings_line(findings: pd.DataFrame) -> str:
    """Return how many findings only one run has, and how many changed."""
    n = (
        findings["differs"]
        .map(lambda differs: differs if differs.startswith("only") or not differs else "changed")
        .value_counts()
    )
    named = ", ".join(f"{n.get(key, 0)} {words}" for key, words in _FINDINGS.items())
    return f"{counted(len(findings), 'finding')}: {named}."


_FINDINGS = {
    "": "in both runs",
    "changed": "changed",
    "only first": "only in the first",
    "only second": "only in the second",
}


def finding_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the findings that differ, with both severities and the message of the run that has it."""
    rows = findings[findings["differs"] != ""].to_dict("records")
    return pd.DataFrame(
        {
            "Differs": [row["differs"].replace(";", ", ") for row in rows],
            "Severity": [
                _both(row["first_severity"] or "–", row["second_severity"] or "–", row["differs"]) for row in rows
            ],
            "Check": [value_word("check", row["check"]).name for row in rows],
            "About": [row["subject"].rpartition("/")[2] for row in rows],
            "Finding": [snippet(_both_messages(row), _LONGEST) for row in rows],
        },
        dtype="str",
    )


def average_rows(averages: pd.DataFrame) -> pd.DataFrame:
    """Return numbers of both runs and their difference as text; undefined numbers with the reason."""
    rows = averages.to_dict("records")
    return pd.DataFrame(
        {
            "Number": [row["measure"] for row in rows],
            "First": [_number(row["first"]) for row in rows],
            "Second": [_number(row["second"]) for row in rows],
            "Difference": [
                row["reason"] or f"{row['difference']:+.3g}".replace("+0", "0", row["difference"] == 0) for row in rows
            ],
        },
        dtype="str",
    )


def count_rows(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of matches as text."""
    headings = {
        "unit": "What", "first": "First", "second": "Second", "matched": "Matched", "only_first": "Only first",
        "only_second": "Only second", "differ": "Matched, but different",
    }  # fmt: skip
    return counts.astype("str").rename(columns=headings)


def label_words(words: str, labels: Mapping[str, str]) -> str:
    """Return a label of a comparison in words."""
    return ", ".join(with_labels(each, labels) for each in words.split(";"))


def only_lines(only: pd.DataFrame, *, labels: Mapping[str, str] = NO_LABELS, most: int = MOST) -> list[str]:
    """Return what only one run has: a line for each unit, run and reason."""
    lines = []
    for (unit, run, reason), rows in only.groupby(["unit", "run", "reason"], sort=False):
        ids = [each.rpartition("/")[2] for each in rows["id"].head(most)]
        ids = [labels.get(each, each) for each in ids] if unit == "dimension" else ids
        more = f" and {len(rows) - most} more" if len(rows) > most else ""
        named = "" if reason == TWO_COMMITMENTS else f": {', '.join(ids)}{more}"
        lines.append(f"{counted(len(rows), str(unit))} only in the {run} run ({reason}){named}.")
    return lines


def about_rows(about: pd.DataFrame) -> pd.DataFrame:
    """Return how the runs were made, where that differs."""
    rows = about[about["differs"]]
    return rows[["part", "first", "second"]].set_axis(["What", "First", "Second"], axis=1)


def _both(one: str, other: str, differs: str) -> str:
    if differs.startswith("only"):
        return one if differs == "only first" else other
    return one if one == other else f"{one}{BETWEEN}{other}"


def _final(row: Mapping[Any, Any], run: str) -> str:
    score, basis = row[f"{run}_final"], value_word("basis", row[f"{run}_basis"]).name.lower()
    return signed(score) if not pd.isna(score) else basis or "none"


def _both_messages(row: Mapping[Any, Any]) -> str:
    return _both(row["first_message"], row["second_message"], row["differs"])


def _id(row: Mapping[Any, Any]) -> str:
    return _both(row["sentence_id"].rpartition("/")[2], row["second_id"].rpartition("/")[2], "")


def _signed_label(rows: pd.DataFrame, run: str, names: Mapping[str, str]) -> list[str]:
    by = rows[f"{run}_by"].str.replace("^tagger .*", "tagger", regex=True)  # its id is under how the runs were made
    both = zip(rows[f"{run}_label"].map(lambda words: label_words(words, names)), by, strict=True)
    return [f"{label} ({by})" if by else label for label, by in both]


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.0f}" if float(value).is_integer() else f"{value:.3g}"


def _more(frame: pd.DataFrame, most: int) -> list[str]:
    n = int((frame["differs"] != "").sum()) - most
    return [f"and {n} more; the page (-o) and --json have all."] if n > 0 else []
